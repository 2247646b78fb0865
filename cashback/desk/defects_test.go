package desk_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/cashback/desk"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/storage/memory"
)

// The six defects of a students' bank that was read before this package was written. Each is a story that must not be told again.

// A purchase was returned and its cashback deleted; then all payments were published again, and it was credited again.
func TestDefect1ReturnedPurchaseIsCreditedAgain(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	p := payment("p1", 100_00, day(3, 1))
	h.earn("anna", p, 10_50)
	if d, err := h.Refund(t.Context(), "anna", refund("r1", "p1", 0, day(3, 5))); err != nil || !d.Done || d.Amount != eur(10_50) {
		t.Fatal(d, err)
	}
	h.wantUsed(0)
	for _, again := range []*house{h, open(t, j, w)} {
		end := head(t, j)
		again.earn("anna", p, 10_50)                                                                        // the answer of then
		if d, err := again.Earn(t.Context(), "anna", p, day(12, 1)); err != nil || d.Amount != eur(10_50) { // even after all is forgotten
			t.Error(d, err)
		}
		if got := again.balance("anna", day(3, 6)); got.Pending != eur(0) || got.Earned != eur(10_50) || got.ClawedBack != eur(10_50) {
			t.Errorf("got %+v, want nothing left, and a trail of it", got)
		}
		if got := head(t, j); got != end {
			t.Errorf("%d records more", got-end)
		}
	}
	h.wantUsed(0)
}

// A message was delivered twice, and credited twice: only if the sender had said that it was the second time was it not.
func TestDefect2RedeliveryIsCreditedTwice(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	p := payment("p1", 100_00, day(3, 1))
	first := h.earn("anna", p, 10_50)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if d, err := h.Earn(context.Background(), "anna", p, day(3, 2)); err != nil || d.Amount != first.Amount || !d.Earned.At.Equal(first.At) {
				t.Errorf("got %+v, %v, want the first answer", d, err)
			}
		})
	}
	wg.Wait()
	// Nor when the program, the shop and the clock are others by then, and the shops' service is down.
	w.set(func(w *world) {
		w.program = partners(func(s *cashback.Spec) { s.Version = 2; s.Rules = s.Rules[:1]; s.Budgets = nil })
		w.shops = nil
	})
	h.earn("anna", p, 10_50)
	w.set(func(w *world) { w.down = true })
	open(t, j, w).earn("anna", p, 10_50)
	h.wantUsed(10_00)
	if got := h.balance("anna", day(3, 3)); got.Pending != eur(10_50) {
		t.Errorf("got %+v", got)
	}
	other := p
	other.Purchase.Amount = eur(99_00)
	if d, err := h.Earn(t.Context(), "anna", other, day(3, 2)); !errors.Is(err, engine.ErrKeyReused) {
		t.Errorf("another payment of the same id: got %+v, %v", d, err)
	}
}

// The shops' service was down: the rate was taken for 0, and the message acknowledged.
func TestDefect3ShopsServiceIsDown(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	end := head(t, j)
	w.set(func(w *world) { w.down = true })
	p := payment("p1", 100_00, day(3, 1))
	if d, err := h.Earn(t.Context(), "anna", p, day(3, 1)); !errors.Is(err, errDown) {
		t.Errorf("got %+v, %v, want the service's error", d, err)
	}
	if got := head(t, j); got != end {
		t.Errorf("%d records", got-end)
	}
	w.set(func(w *world) { w.down = false })
	h.earn("anna", p, 10_50)
	stranger := payment("p2", 100_00, day(3, 1))
	stranger.Terminal = "T9"
	h.earn("anna", stranger, 50) // known to be no partner's: it earns what everything does

	// Nor does a program that is not there, or a budget that nobody has opened, let anybody earn nothing in silence.
	w.set(func(w *world) { w.program = nil })
	if d, err := h.Earn(t.Context(), "anna", payment("p3", 100_00, day(3, 1)), day(3, 1)); err == nil {
		t.Errorf("without a program: got %+v", d)
	}
	w.set(func(w *world) {
		w.program = partners(func(s *cashback.Spec) { s.Version = 2; s.Budgets[0].ID = "other"; s.Rules[1].Budget = "other" })
	})
	if d, err := h.Earn(t.Context(), "anna", payment("p3", 100_00, day(3, 1)), day(3, 1)); !errors.Is(err, desk.ErrNoBudget) {
		t.Errorf("without its budget: got %+v, %v", d, err)
	}
	h.publish()
	h.earn("anna", payment("p3", 100_00, day(3, 1)), 10_50)
}

// The database was written, and then the queue: whatever failed between lost one of them. Here the reward and the budget are one append,
// and whoever follows the journal sees all of it or nothing.
func TestDefect4TwoWrites(t *testing.T) {
	for _, fault := range []faulty.Fault{faulty.Refused, faulty.LostUnstored, faulty.LostStored} {
		store, w := memory.New(nil), newWorld()
		open(t, store, w).publish()
		failing := fault
		h := open(t, &faulty.Journal{Journal: store, Next: func() faulty.Fault { f := failing; failing = faulty.None; return f }}, w)
		p := payment("p1", 100_00, day(3, 1))
		if d, err := h.Earn(t.Context(), "anna", p, day(3, 1)); err != nil && !errors.Is(err, faulty.ErrRefused) {
			t.Fatal(d, err)
		}
		fresh := open(t, store, w)
		if got := given(t, store); fresh.used() != eur(got) {
			t.Errorf("fault %d: customers have %s, the budget gave %s", fault, eur(got), fresh.used())
		}
		h.earn("anna", p, 10_50)
		fresh.wantUsed(10_00)
		if got := given(t, store); got != 10_00 {
			t.Errorf("fault %d: got %s", fault, eur(got))
		}
	}
}

// Debits waited in a queue for 21 minutes, in which the same money could be spent again. What is paid out here is gone for whoever asks
// next, on whatever engine.
func TestDefect5SpentAgainMeanwhile(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	w.program = partners(func(s *cashback.Spec) { s.Confirmation.Days = 0 })
	h, other := open(t, j, w).publish(), open(t, j, w)
	h.earn("anna", payment("p1", 100_00, day(3, 1)), 10_50)
	paid := 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			at := []*house{h, other}[n%2]
			c := cashback.PayOut{At: day(3, 2), ID: id("payout", n)}
			d, err := engine.Do(context.Background(), at.rewards, "anna", c.ID, c)
			if err != nil || d.Done && d.Amount != eur(10_50) {
				t.Error(d, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if d.Done {
				paid++
			}
		})
	}
	wg.Wait()
	if got := h.balance("anna", day(3, 2)); paid != 1 || got.PaidOut != eur(10_50) || got.Payable != eur(0) {
		t.Errorf("paid %d times: %+v", paid, got)
	}
}

// A return was all or nothing, was never seen after a month, and sums were doubles.
func TestDefect6PartialAndLateReturns(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	h := open(t, j, w).publish()
	h.earn("anna", payment("p1", 13_80, day(3, 1)), 1_45)
	for n := range 12 {
		d, err := h.Refund(t.Context(), "anna", refund(id("r", n), "p1", 1_15, day(3, 10).AddDate(0, 0, n*13))) // the last one is after five months
		if err != nil || !d.Done {
			t.Fatal(n, d, err)
		}
		if got := given(t, j); h.used() != eur(got) {
			t.Errorf("after %d: customers have %s of the budget, it gave %s", n+1, eur(got), h.used())
		}
	}
	got := h.balance("anna", day(8, 20))
	if got.Earned != eur(1_45) || got.ClawedBack != eur(1_45) || got.Pending != eur(0) || got.Confirmed != eur(0) || got.Payable != eur(0) {
		t.Errorf("got %+v, want all of it taken back to the cent", got)
	}
	h.wantUsed(0)
	if d, err := h.Refund(t.Context(), "anna", refund("r13", "p1", 1, day(8, 21))); err != nil || d.Done || d.Reasons()[0] != cashback.RefundExceedsPurchase {
		t.Errorf("more than was bought: got %+v, %v", d, err)
	}
}
