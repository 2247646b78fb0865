package desk_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/cashback/desk"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// catalogue is a shop that lists its returns, some at a time. Its cursor is how many it has told.
type catalogue struct {
	returns []desk.Return
	page    int
	fail    int // fail the next calls
	calls   int
}

func (c *catalogue) Returned(_ context.Context, _, after string) ([]desk.Return, string, error) {
	c.calls++
	if c.fail > 0 {
		c.fail--
		return nil, "", errDown
	}
	from, _ := strconv.Atoi(after)
	until := min(from+c.page, len(c.returns))
	return c.returns[from:until], strconv.Itoa(until), nil
}

func ret(id, purchase string, minor int64) desk.Return {
	r := desk.Return{ID: id, Purchase: purchase}
	if minor > 0 {
		r.Amount = eur(minor)
	}
	return r
}

// A shop lists its returns. Those of purchases that have not come yet wait for them; those of purchases elsewhere do nothing.
func TestTakeReturns(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	h.earn("anna", payment("p1", 100_00, day(3, 1)), 10_50)
	h.earn("ben", payment("p2", 50_00, day(3, 1)), 5_25)
	elsewhere := payment("p3", 20_00, day(3, 1))
	elsewhere.Terminal = "T2"
	h.earn("ben", elsewhere, 2_10)
	shop := &catalogue{page: 2, returns: []desk.Return{
		ret("r1", "p1", 40_00), ret("r2", "p4", 0), ret("r3", "p3", 0), ret("r4", "p2", 60_00), ret("r5", "p2", 0),
	}}
	var told []string
	check := func(h *house, month int, want desk.Checks) {
		t.Helper()
		var sum desk.Checks
		for more := true; more; {
			c, err := h.TakeReturns(t.Context(), "shoes", shop, day(3, month), func(c desk.Checked) {
				told = append(told, fmt.Sprint(c.Return.ID, " ", c.Found, " ", c.Customer))
			})
			if err != nil {
				t.Fatal(err)
			}
			sum.Applied, sum.Refused, sum.Unknown = sum.Applied+c.Applied, sum.Refused+c.Refused, sum.Unknown+c.Unknown
			sum.Dropped, sum.Foreign, more = sum.Dropped+c.Dropped, sum.Foreign+c.Foreign, c.More
		}
		if sum != want {
			t.Errorf("got %+v, want %+v", sum, want)
		}
	}
	shop.fail = 1
	if _, err := h.TakeReturns(t.Context(), "shoes", shop, day(3, 2), nil); !errors.Is(err, errDown) {
		t.Errorf("got %v, want the shop's error", err)
	}
	check(h, 2, desk.Checks{Applied: 2, Unknown: 4, Foreign: 1, Refused: 1}) // r2 is tried again with each page
	want := []string{"r1 applied anna", "r2 unknown ", "r3 foreign ben", "r4 refused ben", "r5 applied ben"}
	if !slices.Equal(told, want) {
		t.Errorf("got %q, want %q", told, want)
	}
	h.wantUsed(6_00 + 2_00)

	// Elsewhere, and with nothing new, it goes on from where it was.
	end := head(t, j)
	other := open(t, j, w)
	check(other, 3, desk.Checks{Unknown: 1})
	if got := head(t, j); got != end {
		t.Errorf("%d records of nothing", got-end)
	}
	h.earn("carl", payment("p4", 100_00, day(3, 4)), 10_50)
	told = nil
	check(other, 5, desk.Checks{Applied: 1})
	check(other, 6, desk.Checks{})
	if want := []string{"r2 applied carl"}; !slices.Equal(told, want) {
		t.Errorf("got %q, want %q", told, want)
	}
	h.wantUsed(6_00 + 2_00)

	// A shop that says something else under an id that it has used does not stop its others.
	shop.returns = append(shop.returns, ret("r1", "p1", 30_00), ret("r6", "p1", 60_00))
	told = nil
	check(other, 7, desk.Checks{Applied: 1, Refused: 1})
	if want := []string{"r1 refused anna", "r6 applied anna"}; !slices.Equal(told, want) {
		t.Errorf("got %q, want %q", told, want)
	}
	h.wantUsed(2_00)
}

// What waits too long is told and dropped; a shop that says what it cannot mean is not followed.
func TestReturnsThatCannotBe(t *testing.T) {
	h := open(t, memory.New(nil), newWorld()).publish()
	shop := &catalogue{page: 10, returns: []desk.Return{ret("r1", "p1", 0)}}
	if c, err := h.TakeReturns(t.Context(), "shoes", shop, day(3, 1), nil); err != nil || c.Unknown != 1 {
		t.Error(c, err)
	}
	if c, err := h.TakeReturns(t.Context(), "shoes", shop, day(3, 1).AddDate(0, 0, desk.WaitDays), nil); err != nil || c.Dropped != 1 {
		t.Error(c, err)
	}
	for what, bad := range map[string][]desk.Return{
		"no id":       {ret("", "p1", 0)},
		"no purchase": {ret("r1", "", 0)},
		"negative":    {{ID: "r1", Purchase: "p1", Amount: eur(-1)}},
		"a long id":   {ret(fmt.Sprintf("%0121d", 1), "p1", 0)},
		"too many":    make([]desk.Return, desk.MaxReturns+1),
	} {
		shop := &catalogue{page: 1_000, returns: bad}
		if c, err := h.TakeReturns(t.Context(), "books", shop, day(3, 1), nil); !errors.Is(err, cashback.ErrInvalid) {
			t.Errorf("%s: got %+v, %v", what, c, err)
		}
	}
	many := &catalogue{page: desk.MaxReturns}
	for n := range desk.MaxWaiting + 1 {
		many.returns = append(many.returns, ret(id("r", n), id("p", n), 0))
	}
	for n := range 3 {
		c, err := h.TakeReturns(t.Context(), "books", many, day(3, 1), nil)
		if full := n == 2; (err != nil) != full {
			t.Errorf("%d: got %+v, %v", n, c, err)
		}
	}
	if desk.RefundID("a/1", "2") == desk.RefundID("a", "1/2") {
		t.Error("two shops share the ids of refunds")
	}
}

// oracle is a shop that says what was returned of what it is asked about.
type oracle struct {
	returned map[string]desk.Return // by purchase
	asked    [][]string
	fail     int // fail all calls but so many; 0 for none
	extra    []desk.Return
}

func (o *oracle) WereReturned(_ context.Context, _ string, purchases []string) (found []desk.Return, err error) {
	o.asked = append(o.asked, purchases)
	if o.fail > 0 && len(o.asked) >= o.fail {
		return nil, errDown
	}
	for _, p := range purchases {
		if r, is := o.returned[p]; is {
			found = append(found, r)
		}
	}
	return append(found, o.extra...), nil
}

// Shops are asked about every purchase there whose window is open, whenever it was made, and about no other.
func TestAskReturns(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	w.program = partners(func(s *cashback.Spec) { s.Budgets[0].Total = eur(1_000_000_00) })
	h := open(t, j, w).publish()
	for n := range 2*desk.MaxReturns + 10 {
		h.earn(id("c", n%100), payment(id("p", n), 10_00, day(3, 1).AddDate(0, 0, n/100)), 1_05)
	}
	elsewhere := payment("q1", 20_00, day(3, 1))
	elsewhere.Terminal = "T2"
	h.earn("ben", elsewhere, 2_10)
	shoes := &oracle{returned: map[string]desk.Return{"p-7": ret("a", "p-7", 5_00), "p-1009": ret("b", "p-1009", 0)}, extra: []desk.Return{ret("c", "q1", 0)}}
	books := &oracle{fail: 1}
	shops := map[string]desk.ReturnAsker{"shoes": shoes, "books": books}
	got, err := h.AskReturns(t.Context(), shops, day(6, 1), nil)
	if !errors.Is(err, errDown) || got != (desk.Checks{Asked: 1010, Applied: 2, Foreign: 3}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if len(shoes.asked) != 3 || len(shoes.asked[0]) != desk.MaxReturns || len(shoes.asked[2]) != 10 {
		t.Errorf("asked %d times", len(shoes.asked))
	}
	used := h.used()

	// Again, elsewhere: nothing is given back twice. Later, what is over is not asked about, and not read.
	books.fail = 0
	books.returned = map[string]desk.Return{"q1": ret("c", "q1", 0)}
	if got, err := open(t, j, w).AskReturns(t.Context(), shops, day(6, 2), nil); err != nil || got != (desk.Checks{Asked: 1011, Applied: 3, Foreign: 3}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got := h.used(); got != eur(used.Minor()-2_00) {
		t.Errorf("got %s", got)
	}
	// Those of 1 to 4 March are over on 1 September: 180 days.
	if got, err := h.AskReturns(t.Context(), shops, day(9, 1), nil); err != nil || got.Asked != 1010-4*100 {
		t.Errorf("got %+v, %v", got, err)
	}
	counting := &counting{Journal: j}
	if got, err := open(t, counting, w).AskReturns(t.Context(), shops, day(10, 1), nil); err != nil || got.Asked != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := h.AskReturns(t.Context(), map[string]desk.ReturnAsker{"shoes": nil}, day(10, 1), nil); !errors.Is(err, cashback.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if counting.after == 0 {
		t.Error("it has read from the beginning")
	}
}

// A shop that fails is not asked again in the same check. Two purchases of one id are not asked about.
func TestAskReturnsOfAShopThatFails(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	for n := range desk.MaxReturns + 1 {
		h.earn("anna", payment(id("p", n), 1_00, day(3, 1)), 11)
	}
	shoes := &oracle{fail: 1}
	for range 2 {
		if got, err := h.AskReturns(t.Context(), map[string]desk.ReturnAsker{"shoes": shoes}, day(3, 2), nil); !errors.Is(err, errDown) || got.Asked != 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if len(shoes.asked) != 2 {
		t.Errorf("asked %d times, want once in each check", len(shoes.asked))
	}
	shoes.fail = 0
	h.earn("ben", payment("p-500", 1_00, day(3, 1)), 11)
	shoes.returned = map[string]desk.Return{"p-500": ret("r", "p-500", 0)}
	if got, err := h.AskReturns(t.Context(), map[string]desk.ReturnAsker{"shoes": shoes}, day(3, 2), nil); !errors.Is(err, cashback.ErrInvalid) || got != (desk.Checks{Asked: desk.MaxReturns}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// meeting is a shop that is asked by another desk meanwhile.
type meeting struct {
	desk.ReturnLister
	other func()
}

func (m *meeting) Returned(ctx context.Context, merchant, after string) ([]desk.Return, string, error) {
	r, next, err := m.ReturnLister.Returned(ctx, merchant, after)
	if m.other != nil {
		other := m.other
		m.other = nil
		other()
	}
	return r, next, err
}

// Two desks read the same page at once: its returns are taken once, and the cursor moves once.
func TestTakeReturnsAtOnce(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h, other := open(t, j, w).publish(), open(t, j, w)
	h.earn("anna", payment("p1", 100_00, day(3, 1)), 10_50)
	h.earn("anna", payment("p2", 100_00, day(3, 1)), 10_50)
	shop := &catalogue{page: 1, returns: []desk.Return{ret("r1", "p1", 0), ret("r2", "p2", 0)}}
	met := &meeting{ReturnLister: shop, other: func() {
		for range 3 { // to the end
			if _, err := other.TakeReturns(t.Context(), "shoes", shop, day(3, 2), nil); err != nil {
				t.Error(err)
			}
		}
	}}
	for more := true; more; {
		c, err := h.TakeReturns(t.Context(), "shoes", met, day(3, 2), nil)
		if err != nil {
			t.Fatal(err)
		}
		more = c.More
	}
	h.wantUsed(0)
	if c, err := h.TakeReturns(t.Context(), "shoes", shop, day(3, 3), nil); err != nil || c != (desk.Checks{}) {
		t.Errorf("got %+v, %v", c, err)
	}
}

// counting is a journal that knows from where it was read.
type counting struct {
	storage.Journal
	after storage.Position
}

func (c *counting) All(ctx context.Context, after storage.Position) iter.Seq2[event.Record, error] {
	c.after = after
	return c.Journal.All(ctx, after)
}

// Whatever fails, a shop's returns end as they do without a fault, and each takes back once.
func TestReturnsUnderFaults(t *testing.T) {
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 0))
		store, w := memory.New(nil), newWorld()
		h := open(t, store, w).publish()
		shop, want := &catalogue{page: 3}, int64(0)
		for n := range 20 {
			h.earn("anna", payment(id("p", n), 10_00, day(3, 1)), 1_05)
			if n%2 == 0 {
				shop.returns = append(shop.returns, ret(id("r", n), id("p", n), 4_00))
				want += 40
			}
		}
		failing := &faulty.Journal{Journal: store, Next: faulty.Sometimes(rng, 2, faulty.Refused, faulty.LostUnstored, faulty.LostStored)}
		f := open(t, failing, w)
		for more := true; more; {
			c, err := f.TakeReturns(t.Context(), "shoes", shop, day(3, 2).AddDate(0, 0, shop.calls), nil)
			if err != nil {
				f = open(t, failing, w)
				continue
			}
			more = c.More
		}
		if got := h.used(); got != eur(20_00-want) {
			t.Errorf("seed %d: the budget gave %s, want %s", seed, got, eur(20_00-want))
		}
	}
}
