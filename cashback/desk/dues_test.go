package desk_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/cashback/desk"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// More becomes due of a customer, while nobody looks, than one batch can hold: whatever is asked next is decided all the same.
func TestMoreIsDueThanABatchHolds(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	w.program = partners(func(s *cashback.Spec) { s.PayoutThreshold = eur(1_000_000_00) })
	h := open(t, j, w).publish()
	for n := range storage.MaxEvents + 10 { // each is confirmed by itself
		h.earn("anna", payment(id("p", n), 10, day(3, 1)), 1)
	}
	at := day(4, 20)
	s, err := h.Statement(t.Context(), "anna", day(1, 1), at)
	if err != nil {
		t.Fatal(err)
	}
	want, count := s.Closing, s.Count
	if d, err := h.Refund(t.Context(), "anna", refund("r1", "p-0", 0, at)); err != nil || !d.Done || d.Amount != eur(1) {
		t.Errorf("refund: got %+v, %v", d, err)
	}
	if d, err := h.Confirm(t.Context(), "anna", cashback.Confirm{At: at, Purchase: "p-1", By: cashback.ByAction}); err != nil || d.Done {
		t.Errorf("confirm: got %+v, %v", d, err)
	}
	h.earn("anna", payment("late", 10, at), 1)
	if n, err := h.Mature(t.Context(), "anna", at); n != 0 || err != nil {
		t.Errorf("matured %d, %v", n, err)
	}
	if s, err := h.Statement(t.Context(), "anna", day(1, 1), at); err != nil || s.Closing != want || s.Count != count {
		t.Errorf("got %+v, %v, want %+v", s, err, want)
	}
}

// What is dated far ahead of the clock is refused before anything is looked at: it would confirm, expire and forget for good.
func TestFarAhead(t *testing.T) {
	w := newWorld()
	h := open(t, memory.New(nil), w)
	now := day(3, 1)
	e, err := engine.New(memory.New(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	rewards, err := engine.NewRepository(e, desk.RewardsKind(), nil)
	if err != nil {
		t.Fatal(err)
	}
	budgets, err := engine.NewRepository(e, desk.BudgetKind(), nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := desk.New(e, rewards, budgets, &desk.Options{
		Resolver: w, Program: func(context.Context, string, time.Time) (*cashback.Program, error) { return h.w.program, nil },
		Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	p := desk.Payment{Terminal: "T1", Purchase: cashback.Purchase{ID: "p", At: now, Amount: eur(10_00)}}
	if err := d.Publish(ctx, w.program, now); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Earn(ctx, "c", p, now.Add(time.Hour)); err != nil || !got.Done {
		t.Fatal(got, err)
	}
	late := now.Add(time.Hour + time.Microsecond)
	for name, err := range map[string]error{
		"publish": d.Publish(ctx, w.program, late),
		"earn":    second(d.Earn(ctx, "c", p, late)),
		"refund":  second(d.Refund(ctx, "c", cashback.Refund{At: late, ID: "r", Purchase: "p"})),
		"reject":  second(d.Reject(ctx, "c", cashback.Reject{At: late, Purchase: "p", Why: "so"})),
		"confirm": second(d.Confirm(ctx, "c", cashback.Confirm{At: late, Purchase: "p", By: cashback.ByAction})),
		"mature":  second(d.Mature(ctx, "c", late)),
		"ask":     second(d.AskReturns(ctx, nil, late, nil)),
	} {
		if !errors.Is(err, cashback.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
