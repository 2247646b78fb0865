package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/cashback/desk"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/storage/memory"
)

// lines reads all lines of a statement, without the versions: they say what is on record.
func lines(t testing.TB, s *desk.Statement) (all []desk.Line) {
	t.Helper()
	for l, err := range s.Lines(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		l.Version = 0
		all = append(all, l)
	}
	if len(all) != s.Count {
		t.Errorf("%d lines, want %d", len(all), s.Count)
	}
	return all
}

// lively is a program in which much happens by itself.
func lively(s *cashback.Spec) {
	s.Confirmation.Days, s.ExpiryMonths, s.PayoutThreshold = 5, 1, eur(20_00)
}

// live lets a customer buy and give back for some months.
func live(t testing.TB, h *house, rng *rand.Rand, until time.Time) {
	t.Helper()
	n := 0
	for at := day(1, 1); at.Before(until); at = at.Add(time.Duration(rng.IntN(5*24*60)) * time.Minute) {
		n++
		if d, err := h.Earn(t.Context(), "anna", payment(id("p", n), int64(1_00+rng.IntN(60_00)), at), at); err != nil || !d.Done {
			t.Fatal(d, err)
		}
		if rng.IntN(3) == 0 {
			if _, err := h.Refund(t.Context(), "anna", refund(id("r", n), id("p", 1+rng.IntN(n)), int64(rng.IntN(40_00)), at)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Statements of periods that touch go on from each other and end with the balance; and each is the same whether what has happened by itself
// is on record or not, and whatever came after.
func TestStatements(t *testing.T) {
	for seed := range uint64(campaign.Size(10, 50)) {
		j, w := memory.New(nil), newWorld()
		w.program = partners(lively)
		h := open(t, j, w).publish()
		live(t, h, rand.New(rand.NewPCG(seed, 0)), day(6, 10))
		months := []time.Time{day(1, 1).AddDate(0, 0, -1), day(2, 1), day(3, 1), day(5, 31), day(6, 11), day(9, 1)}
		type kept struct {
			s     *desk.Statement
			lines []desk.Line
		}
		var first []kept
		before := cashback.Balance{}
		for i, until := range months[1:] {
			s, err := h.Statement(t.Context(), "anna", months[i], until)
			if err != nil {
				t.Fatal(err)
			}
			if s.Opening != before {
				t.Errorf("seed %d: opens with %+v, want %+v", seed, s.Opening, before)
			}
			before = s.Closing
			all := lines(t, s)
			first = append(first, kept{s, all})
			if n := len(all); n > 0 && all[n-1].Balance != s.Closing {
				t.Errorf("seed %d: ends with %+v, want %+v", seed, all[n-1].Balance, s.Closing)
			}
			for _, l := range all {
				if l.At.Before(s.From) || !l.At.Before(s.Until) {
					t.Errorf("seed %d: a line of %s", seed, l.At)
				}
			}
		}
		if got := h.balance("anna", day(9, 1)); got != before {
			t.Errorf("seed %d: ends with %+v, want %+v", seed, before, got)
		}
		end := head(t, j)
		if sweep(t, h.NewSweeper(), day(9, 2)) == 0 || head(t, j) == end {
			t.Errorf("seed %d: nothing was swept", seed)
		}
		for _, was := range first {
			s, err := open(t, j, w).Statement(t.Context(), "anna", was.s.From, was.s.Until)
			if err != nil {
				t.Fatal(err)
			}
			if s.Opening != was.s.Opening || s.Closing != was.s.Closing || !slices.Equal(lines(t, s), was.lines) || !slices.Equal(lines(t, was.s), was.lines) {
				t.Errorf("seed %d: after the sweep: %s: got %+v, want %+v", seed, s.From, s, was.s)
			}
		}
	}
}

// Who has bought nothing has an empty statement, and a period has to be one.
func TestStatementOfNothing(t *testing.T) {
	h := open(t, memory.New(nil), newWorld()).publish()
	s, err := h.Statement(t.Context(), "nobody", day(1, 1), day(2, 1))
	if err != nil || s.Opening != (cashback.Balance{}) || s.Closing != s.Opening || len(lines(t, s)) != 0 {
		t.Errorf("got %+v, %v", s, err)
	}
	for _, period := range [][2]time.Time{{day(2, 1), day(2, 1)}, {day(2, 1), day(1, 1)}, {{}, day(1, 1)}, {day(1, 1), day(1, 1).AddDate(300, 0, 0)}} {
		if s, err := h.Statement(t.Context(), "anna", period[0], period[1]); !errors.Is(err, cashback.ErrInvalid) {
			t.Errorf("%s: got %+v, %v", period, s, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	h.earn("anna", payment("p1", 10_00, day(1, 5)), 1_05)
	s, err = h.Statement(t.Context(), "anna", day(1, 1), day(2, 1))
	if err != nil {
		t.Fatal(err)
	}
	stop()
	for _, err := range s.Lines(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

// A due that comes of what was decided after the period is none of it, even if nothing has moved since: a version with a lower threshold
// came with a purchase that earned nothing.
func TestStatementBeforeALowerThreshold(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	w.program = partners(lively)
	h := open(t, j, w).publish()
	h.earn("anna", payment("p1", 50_00, day(3, 1)), 5_25)
	sweep(t, h.NewSweeper(), day(3, 7))
	w.program = partners(func(s *cashback.Spec) { lively(s); s.Version, s.PayoutThreshold = 2, eur(1_00) })
	tiny := payment("p2", 1, day(3, 20))
	h.earn("anna", tiny, 0)
	for until, want := range map[time.Time]int64{day(3, 15): 0, day(3, 20): 0, day(3, 20).Add(time.Microsecond): 5_25} {
		s, err := h.Statement(t.Context(), "anna", day(3, 1), until)
		if err != nil || s.Closing.Payable != eur(want) || s.Count != 2+min(1, int(want)) || len(lines(t, s)) != s.Count {
			t.Errorf("until %s: got %+v, %v", until, s, err)
		}
	}
	// What expires at the instant at which the period ends is of the next one.
	ends := h.earn("ben", payment("p3", 50_00, day(4, 1)), 5_25).Earned.ConfirmAt
	for until, want := range map[time.Time]int64{ends: 5_25, ends.Add(time.Microsecond): 0} {
		if s, err := h.Statement(t.Context(), "ben", day(4, 1), until); err != nil || s.Closing.Pending != eur(want) {
			t.Errorf("until %s: got %+v, %v", until, s, err)
		}
	}
}

// What somebody confirms becomes payable with the next sweep.
func TestSweepAfterConfirm(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	w.program = partners(func(s *cashback.Spec) { s.Confirmation = cashback.Confirmation{By: cashback.ByAction} })
	h := open(t, j, w).publish()
	s := h.NewSweeper()
	h.earn("anna", payment("p1", 50_00, day(3, 1)), 5_25)
	if n := sweep(t, s, day(3, 2)); n != 0 {
		t.Errorf("swept %d", n)
	}
	if d, err := h.Confirm(t.Context(), "anna", cashback.Confirm{At: day(3, 3), Purchase: "p1", By: cashback.ByAction}); err != nil || !d.Done {
		t.Fatal(d, err)
	}
	if n := sweep(t, s, day(3, 3)); n != 1 {
		t.Errorf("swept %d, want what is payable", n)
	}
	if n, err := h.Mature(t.Context(), "anna", day(3, 4)); n != 0 || err != nil {
		t.Errorf("matured %d, %v", n, err)
	}
}

func sweep(t testing.TB, s *desk.Sweeper, at time.Time) int {
	t.Helper()
	n, err := s.Sweep(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A sweeper puts on record what is due of all customers, once, and goes on from where it was; one that is lost begins anew.
func TestSweeper(t *testing.T) {
	j, w := memory.New(nil), newWorld()
	w.program = partners(lively)
	h := open(t, j, w).publish()
	s := h.NewSweeper()
	for n := range 10 {
		h.earn(id("c", n), payment(id("p", n), 100_00, day(3, 1).AddDate(0, 0, n)), 10_50)
	}
	h.earn("anna", payment("q1", 300_00, day(3, 1)), 5_00+1_50-5_00+0) // the budget is spent
	if n := sweep(t, s, day(3, 5)); n != 0 {
		t.Errorf("swept %d before anything is due", n)
	}
	if n := sweep(t, s, day(3, 10)); n != 6 { // of c-0 to c-4, and anna's
		t.Errorf("swept %d, want 6", n)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, j, w)
	again := other.NewSweeper()
	if err := json.Unmarshal(text, again); err != nil {
		t.Fatal(err)
	}
	if n := sweep(t, again, day(3, 10)); n != 0 {
		t.Errorf("swept %d twice", n)
	}
	if n := sweep(t, again, day(5, 20)); n != 5+11 { // five are confirmed, and all expire
		t.Errorf("swept %d, want 16", n)
	}
	if n := sweep(t, other.NewSweeper(), day(5, 20)) + sweep(t, s, day(5, 20)); n != 0 {
		t.Errorf("swept %d again", n)
	}
	if got := h.balance("c-3", day(5, 20)); got.Expired != eur(10_50) {
		t.Errorf("got %+v", got)
	}

	// What a confirmation makes payable is on record with the next sweep, and so is a lower threshold.
	h.earn("anna", payment("q2", 1_000_00, day(5, 21)), 5_00)
	w.program = partners(func(s *cashback.Spec) { lively(s); s.Version, s.PayoutThreshold = 2, eur(1_00) })
	h.publish()
	if n := sweep(t, again, day(5, 27)); n != 1 {
		t.Errorf("swept %d, want the confirmation", n)
	}
	if n := sweep(t, again, day(5, 27)); n != 0 { // it has read what it has recorded by itself
		t.Errorf("swept %d", n)
	}
	h.earn("anna", payment("q3", 10_00, day(5, 28)), 5)
	if n := sweep(t, again, day(5, 28)); n != 1 {
		t.Errorf("swept %d, want what is payable", n)
	}
	for _, bad := range []string{`{}x`, `{"position":1,"looks":[{"customer":"","at":"2026-01-01T00:00:00Z"}]}`, `{"position":1,"looks":[{"customer":"a"}]}`, `[]`} {
		if err := json.Unmarshal([]byte(bad), again); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
