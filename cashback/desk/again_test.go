package desk_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/cashback/desk"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/memory"
)

// Who has no say in a reward is refused, and keeps nobody from confirming it who has.
func TestConfirmedByTheOther(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	w.program = partners(func(s *cashback.Spec) { s.Confirmation = cashback.Confirmation{By: cashback.ByMerchant} })
	h := open(t, j, w).publish()
	h.earn("anna", payment("p1", 100_00, day(3, 1)), 10_50)
	action := cashback.Confirm{At: day(3, 2), Purchase: "p1", By: cashback.ByAction}
	merchant := cashback.Confirm{At: day(3, 3), Purchase: "p1", By: cashback.ByMerchant}
	for range 2 {
		if d, err := h.Confirm(t.Context(), "anna", action); err != nil || d.Done || d.Reasons()[0] != cashback.ConfirmedOtherwise {
			t.Errorf("by an action: got %+v, %v", d, err)
		}
		if d, err := h.Confirm(t.Context(), "anna", merchant); err != nil || !d.Done || d.Amount != eur(10_50) {
			t.Errorf("by the merchant: got %+v, %v", d, err)
		}
	}
	if got := h.balance("anna", day(3, 4)); got.Payable != eur(10_50) {
		t.Errorf("got %+v", got)
	}
}

// A version that left a budget as it was is on record like any other: published again, it does not undo a later one.
func TestPublishedAgain(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w)
	total := func(version int, minor int64) *cashback.Program {
		return partners(func(s *cashback.Spec) { s.Version, s.Budgets[0].Total = version, eur(minor) })
	}
	versions := []*cashback.Program{total(1, 100_00), total(2, 100_00), total(3, 20_00), total(4, 20_00), total(5, 0), total(6, 0)}
	for i, p := range versions {
		for _, host := range []*house{h, open(t, j, w)} { // whose clock is behind
			if err := host.Publish(t.Context(), p, day(3, 9-i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	end := head(t, j)
	for _, p := range versions {
		if err := h.Publish(t.Context(), p, day(4, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if got := head(t, j); got != end {
		t.Errorf("%d records", got-end)
	}
	w.set(func(w *world) { w.program = versions[len(versions)-1] })
	h.earn("anna", payment("p1", 100_00, day(3, 10)), 50) // the campaign is over
	if err := h.Publish(t.Context(), total(6, 1), day(4, 1)); err == nil {
		t.Error("a version with two totals was published")
	}
}

// No groups are no groups, however they are written.
func TestNoGroups(t *testing.T) {
	h := open(t, memory.New(nil), newWorld()).publish()
	p := payment("p1", 100_00, day(3, 1))
	p.Purchase.Merchant = cashback.Merchant{}
	h.earn("anna", p, 10_50)
	p.Purchase.Merchant.Groups = []string{}
	h.earn("anna", p, 10_50)
}

// What was drawn on a budget goes back to it, though the program has none any more.
func TestGivenBackToABudgetOfBefore(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	for n := range 3 {
		h.earn("anna", payment(id("p", n), 100_00, day(3, 1)), 10_50)
	}
	w.set(func(w *world) {
		w.program = partners(func(s *cashback.Spec) { s.Version, s.Rules, s.Budgets = 2, s.Rules[:1], nil })
	})
	h.publish().earn("anna", payment("p9", 100_00, day(3, 2)), 50)
	if d, err := h.Refund(t.Context(), "anna", refund("r", "p-0", 0, day(3, 3))); err != nil || d.Amount != eur(10_50) {
		t.Error(d, err)
	}
	if d, err := open(t, j, w).Reject(t.Context(), "anna", cashback.Reject{At: day(3, 3), Purchase: "p-1", Why: "fraud"}); err != nil || d.Amount != eur(10_50) {
		t.Error(d, err)
	}
	h.wantUsed(10_00)
}

// page is a shop that lists the same for ever, with a cursor.
type page struct {
	returns []desk.Return
	next    string
	after   []string // what it was asked
}

func (p *page) Returned(_ context.Context, _, after string) ([]desk.Return, string, error) {
	p.after = append(p.after, after)
	return p.returns, p.next, nil
}

// told is what a check says of returns.
func told(t testing.TB, h *house, shop desk.ReturnLister, at time.Time) (all []string, c desk.Checks) {
	t.Helper()
	c, err := h.TakeReturns(t.Context(), "shoes", shop, at, func(c desk.Checked) {
		all = append(all, fmt.Sprint(c.Return.ID, " ", c.Found, " ", c.Customer, c.Decision.Reasons()))
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, c
}

// A shop that always lists all it knows of lists returns long after their purchases are forgotten: they were applied, and wait for nothing.
func TestReturnsOfForgottenPurchases(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	w.program = partners(func(s *cashback.Spec) { s.RefundDays = 30 })
	h := open(t, j, w).publish()
	shop := &page{}
	for n := range desk.MaxReturns {
		h.earn("anna", payment(id("p", n), 1_00, day(3, 1)), 11)
		shop.returns = append(shop.returns, ret(id("r", n), id("p", n), 0))
	}
	shop.returns[0].Amount = eur(2_00) // it is refused
	before, c := told(t, h, shop, day(3, 2))
	if c.Applied != desk.MaxReturns-1 || c.Refused != 1 {
		t.Fatalf("got %+v", c)
	}
	h.earn("anna", payment("late", 1_00, day(5, 1)), 11) // by now all are forgotten
	end := head(t, j)
	for _, h := range []*house{h, open(t, j, w)} {
		if after, c := told(t, h, shop, day(5, 2)); !slices.Equal(after, before) {
			t.Errorf("got %+v", c)
		}
	}
	if got := head(t, j); got != end {
		t.Errorf("%d records", got-end)
	}
	shop.returns = []desk.Return{ret("r-1", "p-1", 50), ret("new", "p-0", 0)}
	want := []string{"r-1 refused anna[exists_with_different_content]", "new refused anna[too_late]"}
	if got, _ := told(t, h, shop, day(5, 3)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A return that comes when its purchase is forgotten, by what is due before it, was not applied.
func TestReturnsThatAreTooLateByWhatIsDue(t *testing.T) {
	h := open(t, memory.New(nil), newWorld())
	h.w.program = partners(func(s *cashback.Spec) { s.RefundDays, s.Confirmation.Days = 30, 29 })
	h.publish().earn("anna", payment("p1", 100_00, day(3, 1)), 10_50)
	h.earn("anna", payment("p2", 100_00, day(3, 4)), 10_50)
	c := cashback.Reject{At: day(3, 4), Purchase: "p1", Why: "fraud"}
	if d, err := h.Reject(t.Context(), "anna", c); err != nil || !d.Done {
		t.Fatal(d, err)
	}
	shop := &page{returns: []desk.Return{ret("r1", "p1", 0)}}
	for n, want := range []string{"r1 unknown anna[]", ""} {
		got, c := told(t, h, shop, day(4, 5+n))
		if c.Applied != 0 || c.Unknown != 1 || len(got) > 0 && got[0] != want {
			t.Errorf("%d: got %q, %+v, want %q", n, got, c, want)
		}
	}
	if got, _ := told(t, h, shop, day(4, 5).AddDate(0, 0, desk.WaitDays)); !slices.Equal(got, []string{"r1 dropped anna[]"}) {
		t.Errorf("got %q", got)
	}
}

// Two returns of one id cannot both wait: the first does, and the other is told as refused.
func TestReturnsOfOneID(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	shop := &page{returns: []desk.Return{ret("r1", "p1", 40_00), ret("r1", "p1", 50_00), ret("r1", "p1", 40_00)}}
	const twice = "r1 refused [exists_with_different_content]"
	if got, _ := told(t, h, shop, day(3, 1)); !slices.Equal(got, []string{"r1 unknown []", twice, "r1 unknown []"}) {
		t.Errorf("got %q", got)
	}
	shop.returns = []desk.Return{ret("r1", "p2", 0)}
	if got, _ := told(t, open(t, j, w), shop, day(3, 2)); !slices.Equal(got, []string{twice}) {
		t.Errorf("got %q", got)
	}
	h.earn("anna", payment("p1", 100_00, day(3, 3)), 10_50)
	if got, _ := told(t, h, &page{}, day(3, 4)); !slices.Equal(got, []string{"r1 applied anna[]"}) {
		t.Errorf("got %q", got)
	}
	h.wantUsed(6_00)
}

// A shop's cursor comes back to it as it was, after a restart as well; and one that gives none any more is asked from the last one on.
func TestCursors(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	h.earn("anna", payment("p1", 100_00, day(3, 1)), 10_50)
	for _, next := range []string{"\xff", "a\x00", "\n"} {
		shop := &page{returns: []desk.Return{ret("r1", "p1", 0)}, next: next}
		if c, err := h.TakeReturns(t.Context(), "shoes", shop, day(3, 2), nil); !errors.Is(err, cashback.ErrInvalid) {
			t.Errorf("%q: got %+v, %v", next, c, err)
		}
	}
	h.wantUsed(10_00)
	shop := &page{returns: []desk.Return{ret("r1", "p1", 40_00)}, next: "<é>"}
	if _, c := told(t, h, shop, day(3, 2)); !c.More {
		t.Errorf("got %+v", c)
	}
	shop.next = ""
	for _, h := range []*house{h, open(t, j, w)} {
		if _, c := told(t, h, shop, day(3, 3)); c.More || c.Applied != 1 {
			t.Errorf("got %+v", c)
		}
	}
	if want := []string{"", "<é>", "<é>"}; !slices.Equal(shop.after, want) {
		t.Errorf("asked after %q, want %q", shop.after, want)
	}
}

// An instant that cannot be neither drops what waits, nor moves on from where purchases are asked about.
func TestReturnsAtNoInstant(t *testing.T) {
	j := memory.New(nil)
	h := open(t, j, newWorld()).publish()
	h.earn("anna", payment("p1", 100_00, day(3, 1)), 10_50)
	end := head(t, j)
	for _, at := range []time.Time{{}, time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)} {
		shop := &page{returns: []desk.Return{ret("r2", "p2", 0)}}
		if c, err := h.TakeReturns(t.Context(), "shoes", shop, at, nil); !errors.Is(err, cashback.ErrInvalid) {
			t.Errorf("%s: got %+v, %v", at, c, err)
		}
		if c, err := h.AskReturns(t.Context(), map[string]desk.ReturnAsker{"shoes": &oracle{}}, at, nil); !errors.Is(err, cashback.ErrInvalid) {
			t.Errorf("%s: got %+v, %v", at, c, err)
		}
	}
	if got := head(t, j); got != end {
		t.Errorf("%d records", got-end)
	}
}

// rolling is a shop that lists at most so many of the returns that it knows of so far, from its cursor on, which may be "" for ever.
type rolling struct {
	returns []desk.Return
	page    int
	always  bool // it lists the last ones, whatever the cursor
}

func (r *rolling) Returned(_ context.Context, _, after string) ([]desk.Return, string, error) {
	if r.always {
		return r.returns[max(0, len(r.returns)-r.page):], "", nil
	}
	from, _ := strconv.Atoi(after)
	until := min(from+r.page, len(r.returns))
	return r.returns[from:until], strconv.Itoa(until), nil
}

// Purchases and their returns come in any order, shops list in pages or always the same, two desks check at once over a journal that fails, and
// are killed: in the end each return has taken back once, none waits, and the budget has what customers have not.
func TestReturnsInAnyOrder(t *testing.T) {
	for seed := range uint64(campaign.Size(10, 300)) {
		rng := rand.New(rand.NewPCG(seed, 0))
		store, w := memory.New(nil), newWorld()
		calm := open(t, store, w).publish()
		failing := &faulty.Journal{Journal: store, Next: faulty.Sometimes(rng, 3, faulty.Refused, faulty.LostUnstored, faulty.LostStored)}
		desks := []*house{open(t, failing, w), open(t, failing, w)}
		const purchases = 12
		shop := &rolling{page: 2 + rng.IntN(3), always: seed%4 == 0}
		if shop.always {
			shop.page = 2 * purchases
		}
		var todo []int // purchase n, or a return of purchase n-purchases
		for n := range 2 * purchases {
			todo = append(todo, n%purchases, purchases+n%purchases)
		}
		rng.Shuffle(len(todo), func(i, k int) { todo[i], todo[k] = todo[k], todo[i] })
		count := map[string]int{}
		for step, n := range todo {
			at, h := day(3, 1).Add(time.Duration(step)*time.Hour), desks[rng.IntN(2)]
			if n < purchases {
				p := payment(id("p", n), 10_00, day(3, 1))
				w.set(func(w *world) { w.customers[p.Purchase.ID] = id("c", n%3) })
				for tries := 0; ; tries++ {
					d, err := h.Earn(t.Context(), id("c", n%3), p, at)
					if err == nil && d.Done {
						break
					} else if err == nil || tries > 100 {
						t.Fatal(d, err)
					}
				}
			} else {
				p := id("p", n-purchases)
				count[p]++
				shop.returns = append(shop.returns, ret(id("r", step), p, 3_00))
			}
			if rng.IntN(4) == 0 {
				desks[rng.IntN(2)] = open(t, failing, w)
			}
			for range rng.IntN(3) {
				_, _ = desks[rng.IntN(2)].TakeReturns(t.Context(), "shoes", shop, at, nil)
			}
		}
		var c desk.Checks
		for range 2 * len(shop.returns) {
			_, c = told(t, calm, shop, day(3, 20))
		}
		if c.Unknown+c.Refused+c.Dropped+c.Foreign != 0 || c.More {
			t.Errorf("seed %d: got %+v", seed, c)
		}
		left := int64(0)
		for n := range purchases {
			left += 10_00 - 3_00*int64(count[id("p", n)])
		}
		if got := calm.used(); got != eur(left/10) || got != eur(given(t, store)) {
			t.Errorf("seed %d: the budget gave %s, customers have %s, want %s", seed, got, eur(given(t, store)), eur(left/10))
		}
	}
}

// However many purchases have an id of others, that is one error of a shop.
func TestPurchasesOfManyCustomers(t *testing.T) {
	w := newWorld()
	w.program = partners(func(s *cashback.Spec) { s.Budgets[0].Total = eur(1_000_000_00) })
	h := open(t, memory.New(nil), w).publish()
	for n := range 300 {
		h.earn(id("c", n%3), payment(id("p", n/3), 1_00, day(3, 1)), 11)
	}
	c, err := h.AskReturns(t.Context(), map[string]desk.ReturnAsker{"shoes": &oracle{}}, day(3, 2), nil)
	if !errors.Is(err, cashback.ErrInvalid) || c.Asked != 0 || len(err.Error()) > 300 {
		t.Errorf("got %+v, %v", c, err)
	}
}

// What a service says that cannot be is its fault, and not the payment's: nothing is on record, and the payment earns when it is asked for again.
func TestServicesThatSayWhatCannotBe(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	end := head(t, j)
	for what, m := range map[string]cashback.Merchant{
		"no id":            {},
		"an id of a line":  {ID: "a\nb"},
		"an id too long":   {ID: strings.Repeat("x", desk.MaxMerchantID+1)},
		"no such category": {ID: "shoes", MCC: 60_000},
		"no such country":  {ID: "shoes", Country: "France"},
	} {
		w.set(func(w *world) { w.shops["T1"] = m })
		if d, err := h.Earn(t.Context(), "anna", payment("p1", 100_00, day(3, 1)), day(3, 1)); err == nil || errors.Is(err, cashback.ErrInvalid) {
			t.Errorf("%s: got %+v, %v", what, d, err)
		}
	}
	w.set(func(w *world) { w.shops["T1"] = cashback.Merchant{ID: "shoes"} })
	yen := payment("p1", 100_00, day(3, 1))
	yen.Purchase.Amount = money.New(10_000, money.JPY)
	if d, err := h.Earn(t.Context(), "anna", yen, day(3, 1)); err == nil || errors.Is(err, cashback.ErrInvalid) {
		t.Errorf("a rate of nothing: got %+v, %v", d, err)
	}
	if got := head(t, j); got != end {
		t.Errorf("%d records", got-end)
	}
	w.set(func(w *world) {
		w.shops["T1"] = cashback.Merchant{ID: strings.Repeat("x", desk.MaxMerchantID), Groups: []string{"partners"}}
	})
	h.earn("anna", payment("p1", 100_00, day(3, 1)), 10_50)
}
