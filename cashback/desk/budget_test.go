package desk_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// lastTen is the program when its campaign has 10.00 left, and nothing else.
func lastTen(s *cashback.Spec) {
	s.Rules, s.Groups = s.Rules[1:], s.Groups[1:]
	s.Budgets[0].Total = eur(10_00)
}

// 64 purchases at once, on two engines, draw on the last 10.00 of a budget: it is not exceeded, and what is left is less than what a
// purchase would get. The same purchases one after the other, in the order in which they were committed, get the same.
func TestLastOfABudget(t *testing.T) {
	for round := range campaign.Size(3, 50) {
		j, w := memory.New(nil), newWorld()
		w.program = partners(lastTen)
		desks := []*house{open(t, j, w).publish(), open(t, j, w)}
		const least = 37 // minor units of the smallest reward
		var wg sync.WaitGroup
		for n := range 64 {
			wg.Go(func() {
				p := payment(id("p", n), 10*(least+int64(n%5)), day(3, 1))
				if d, err := desks[n%2].Earn(context.Background(), id("c", n%48), p, day(3, 1)); err != nil || !d.Done {
					t.Error(d, err)
				}
			})
		}
		wg.Wait()
		used := desks[0].used().Minor()
		if used > 10_00 || used <= 10_00-least || used != given(t, j) {
			t.Errorf("round %d: the budget gave %d, customers have %d", round, used, given(t, j))
		}
		alone := replayed(t, j)
		if !slices.Equal(granted(t, alone), granted(t, j)) {
			t.Errorf("round %d: one after the other: got %v, want %v", round, granted(t, alone), granted(t, j))
		}
	}
}

// granted is what each purchase got, in the order of the journal.
func granted(t testing.TB, j storage.Journal) (got []string) {
	t.Helper()
	for _, e := range earned(t, j) {
		got = append(got, e.Purchase.ID+" "+e.Reward.String())
	}
	return got
}

// earned is all that was earned, in the order of the journal.
func earned(t testing.TB, j storage.Journal) (got []cashback.Earned) {
	t.Helper()
	codec := cashback.Codec()
	for r, err := range j.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Type != (cashback.Earned{}).EventType() {
			continue
		}
		d, err := codec.Decode(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.(cashback.Earned))
	}
	return got
}

// replayed is a journal in which the purchases of another one are earned one after the other.
func replayed(t testing.TB, j storage.Journal) storage.Journal {
	t.Helper()
	alone, w := memory.New(nil), newWorld()
	w.program = partners(lastTen)
	h := open(t, alone, w).publish()
	customers := map[string]string{}
	for r, err := range j.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if kind, customer := event.SplitStream(r.Stream); kind == "rewards" && r.Key != "" {
			customers[r.Key] = customer
		}
	}
	for _, e := range earned(t, j) {
		p := payment(e.Purchase.ID, e.Purchase.Amount.Minor(), e.Purchase.At)
		if d, err := h.Earn(t.Context(), customers["earn/"+e.Purchase.ID], p, e.At); err != nil || !d.Done {
			t.Fatal(d, err)
		}
	}
	return alone
}

// step is one thing that happens to a customer.
type step func(h *house) (cashback.Decision, error)

// story draws what happens to some customers: purchases, refunds before and after them, rejections.
func story(rng *rand.Rand) (steps []step) {
	for n := range 60 {
		customer, purchase := id("c", rng.IntN(5)), id("p", rng.IntN(25))
		customer += "-" + purchase // each purchase is of one customer
		at := day(3, 1).AddDate(0, 0, n/4)
		switch rng.IntN(6) {
		case 0, 1, 2:
			p := payment(purchase, 100*(50+int64(len(purchase))), day(3, 1)) // the same for each id
			customer = "c-" + purchase
			steps = append(steps, func(h *house) (cashback.Decision, error) { return h.Earn(context.Background(), customer, p, at) })
		case 3, 4:
			c := refund(id("r", n), purchase, int64(rng.IntN(30_00)), at)
			customer = "c-" + purchase
			steps = append(steps, func(h *house) (cashback.Decision, error) { return h.Refund(context.Background(), customer, c) })
		case 5:
			c := cashback.Reject{At: at, Purchase: purchase, Why: "fraud"}
			customer = "c-" + purchase
			steps = append(steps, func(h *house) (cashback.Decision, error) { return h.Reject(context.Background(), customer, c) })
		}
	}
	return steps
}

// Whatever append fails, however: asked again until it is answered, a story ends with the same balances and budgets as without a fault,
// and no answer but the first is ever given.
func TestFaults(t *testing.T) {
	for seed := range uint64(campaign.Size(12, 100)) {
		steps := story(rand.New(rand.NewPCG(seed, 0)))
		calm := memory.New(nil)
		h := open(t, calm, newWorld()).publish()
		var want []cashback.Decision
		for i, s := range steps {
			d, err := s(h)
			if err != nil {
				t.Fatal(seed, i, err)
			}
			want = append(want, d)
		}
		store, rng := memory.New(nil), rand.New(rand.NewPCG(seed, 1))
		open(t, store, newWorld()).publish()
		failing := &faulty.Journal{Journal: store, Next: faulty.Sometimes(rng, 1+rng.IntN(4), faulty.Refused, faulty.LostUnstored, faulty.LostStored)}
		f := open(t, failing, newWorld())
		for i, s := range steps {
			d, err := s(f)
			for tries := 0; err != nil && tries < 1_000; tries++ {
				if rng.IntN(3) == 0 {
					f = open(t, failing, newWorld()) // it was killed
				}
				d, err = s(f)
			}
			if err != nil {
				t.Fatal(seed, i, err)
			}
			same(t, d, want[i])
			again, err := s(open(t, store, newWorld()))
			if err != nil {
				t.Fatal(err)
			}
			same(t, again, want[i])
		}
		if got, want := f.used(), h.used(); got != want || got != eur(given(t, store)) {
			t.Errorf("seed %d: the budget gave %s, want %s; customers have %s", seed, got, want, eur(given(t, store)))
		}
		for n := range 25 {
			customer := "c-" + id("p", n)
			if got, want := f.balance(customer, day(5, 1)), h.balance(customer, day(5, 1)); got != want {
				t.Errorf("seed %d: %s has %+v, want %+v", seed, customer, got, want)
			}
		}
	}
}

// same compares decisions in what does not depend on when they are asked for.
func same(t testing.TB, got, want cashback.Decision) {
	t.Helper()
	if got.ID != want.ID || got.Done != want.Done || got.Kept != want.Kept || got.Amount != want.Amount || !slices.Equal(got.Reasons(), want.Reasons()) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Refunds that came before their purchase give back to the budget what the purchase takes, in its own transaction; and a rejection gives back
// what refunds have left.
func TestGivenBack(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	if d, err := h.Refund(t.Context(), "anna", refund("r1", "p1", 40_00, day(3, 1))); err != nil || !d.Kept {
		t.Fatal(d, err)
	}
	h.earn("anna", payment("p1", 100_00, day(3, 1)), 10_50)
	h.wantUsed(6_00)
	if d, err := h.Reject(t.Context(), "anna", cashback.Reject{At: day(3, 3), Purchase: "p1", Why: "fraud"}); err != nil || d.Amount != eur(6_30) {
		t.Fatal(d, err)
	}
	h.wantUsed(0)

	// A process that has not seen the purchase yet finds its budget when it decides.
	other := open(t, j, w)
	if err := other.look("anna"); err != nil {
		t.Fatal(err)
	}
	h.earn("anna", payment("p2", 100_00, day(3, 4)), 10_50)
	if d, err := other.Refund(t.Context(), "anna", refund("r2", "p2", 0, day(3, 5))); err != nil || d.Amount != eur(10_50) {
		t.Fatal(d, err)
	}
	h.wantUsed(0)
}

// look has a desk load a customer's rewards.
func (h *house) look(customer string) error {
	_, err := h.Confirm(context.Background(), customer, cashback.Confirm{At: day(3, 3), Purchase: "none", By: cashback.ByAction})
	return err
}

// What is refused for a reason that passes is not on record, and done when it can be.
func TestPassingRefusals(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	w.program = partners(func(s *cashback.Spec) { s.Confirmation = cashback.Confirmation{By: cashback.ByMerchant} })
	h := open(t, j, w).publish()
	confirm := cashback.Confirm{At: day(3, 2), Purchase: "p1", By: cashback.ByMerchant}
	end := head(t, j)
	if d, err := h.Confirm(t.Context(), "anna", confirm); err != nil || d.Done || d.Reasons()[0] != cashback.PurchaseNotFound {
		t.Errorf("got %+v, %v", d, err)
	}
	soon := payment("p1", 100_00, day(3, 1))
	if d, err := h.Earn(t.Context(), "anna", soon, day(2, 1)); err != nil || d.Done || d.Reasons()[0] != cashback.PurchaseInFuture {
		t.Errorf("got %+v, %v", d, err)
	}
	if got := head(t, j); got != end {
		t.Errorf("%d records", got-end)
	}
	h.earn("anna", soon, 10_50)
	other := partners(func(s *cashback.Spec) { s.ID = "other" })
	w.set(func(w *world) { w.program = other })
	h.publish()
	if d, err := h.Earn(t.Context(), "anna", payment("p2", 100_00, day(3, 1)), day(3, 1)); err != nil || d.Done || d.Reasons()[0] != cashback.ProgramMismatch {
		t.Errorf("got %+v, %v", d, err)
	}
	w.set(func(w *world) { w.program = partners(nil) })
	h.wantUsed(10_00)
	for range 2 {
		if d, err := h.Confirm(t.Context(), "anna", confirm); err != nil || !d.Done || d.Amount != eur(10_50) {
			t.Errorf("got %+v, %v", d, err)
		}
		confirm.At = day(3, 7) // no other question
	}
}

// A purchase in another currency keeps the rate that was found for it; without one it is not decided.
func TestRates(t *testing.T) {
	h := open(t, memory.New(nil), newWorld()).publish()
	p := payment("p1", 0, day(3, 1))
	p.Purchase.Amount = money.New(100_00, money.USD)
	h.earn("anna", p, 9_45)
	p.Purchase.ID, p.Purchase.Amount = "p2", money.New(100_00, money.GBP)
	if d, err := h.Earn(t.Context(), "anna", p, day(3, 1)); err == nil {
		t.Errorf("got %+v", d)
	}
	p.Purchase.Rate = money.MustParseRate("1.2")
	h.earn("anna", p, 12_60)
	h.wantUsed(9_00 + 12_00)
}

// Budgets are published in the order of the versions, and what was given stays given.
func TestPublish(t *testing.T) {
	h := open(t, memory.New(nil), newWorld()).publish()
	total := func(version int, minor int64) *cashback.Program {
		return partners(func(s *cashback.Spec) { s.Version, s.Budgets[0].Total = version, eur(minor) })
	}
	h.earn("anna", payment("p1", 800_00, day(3, 1)), 84_00)
	for _, p := range []*cashback.Program{total(2, 85_00), total(1, 100_00), total(2, 85_00)} {
		if err := h.Publish(t.Context(), p, day(3, 2)); err != nil {
			t.Fatal(err)
		}
	}
	h.earn("anna", payment("p2", 100_00, day(3, 3)), 5_50) // 5.00 is left
	if err := h.Publish(t.Context(), total(2, 86_00), day(3, 4)); err == nil {
		t.Error("a version with two totals was published")
	}
	if err := h.Publish(t.Context(), total(3, 20_00), day(3, 4)); err != nil {
		t.Fatal(err)
	}
	h.earn("anna", payment("p3", 100_00, day(3, 5)), 50) // nothing is left
	if err := h.Publish(t.Context(), nil, day(3, 4)); err == nil {
		t.Error("no program was published")
	}

	// Another program has a budget of its own, whatever it is called, in whatever currency.
	h.w.program = partners(func(s *cashback.Spec) {
		s.ID, s.Currency, s.PayoutThreshold, s.Budgets[0].Total = "dollars", money.USD, money.New(0, money.USD), money.New(1_00, money.USD)
	})
	h.publish()
	p := payment("p4", 0, day(3, 5))
	p.Purchase.Amount = money.New(100_00, money.USD)
	if d, err := h.Earn(t.Context(), "ben", p, day(3, 5)); err != nil || d.Amount != money.New(1_50, money.USD) {
		t.Errorf("got %+v, %v", d, err)
	}
}
