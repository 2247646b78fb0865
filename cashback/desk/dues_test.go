package desk_test

import (
	"testing"

	"github.com/payrules/payrules/cashback"
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
