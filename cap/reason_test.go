package cap_test

import (
	"math"
	"regexp"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// at returns an instant, in hours after a Monday morning.
func at(hours float64) time.Time {
	return time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC).Add(time.Duration(hours * float64(time.Hour)))
}

func eur(minor int64) money.Amount { return money.New(minor, money.EUR) }

func pay(id string, hours float64, minor int64) cap.Spend {
	return cap.Spend{ID: id, At: at(hours), Amount: eur(minor)}
}

// change is what becomes of what pay pays.
func change(id string, hours float64, minor int64) cap.Change {
	return cap.Change{ID: id, At: at(hours), Amount: eur(minor)}
}

// Every reason, in order of precedence, each in the row that produces it.
func TestReasons(t *testing.T) {
	policy := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "week", Max: eur(300_00), MaxCount: 3, Window: cap.Rolling(7 * 24 * time.Hour)},
	}, nil)
	force := func(id string, hours float64, minor int64) func(*cap.Meter) (cap.Decision, error) {
		return func(m *cap.Meter) (cap.Decision, error) { return m.ForcePost(pay(id, hours, minor)) }
	}
	authorize := func(id string, hours float64, minor int64) func(*cap.Meter) (cap.Decision, error) {
		return func(m *cap.Meter) (cap.Decision, error) { return m.Authorize(pay(id, hours, minor)) }
	}
	hold := func(id string, hours float64, minor int64, until float64) func(*cap.Meter) (cap.Decision, error) {
		s := pay(id, hours, minor)
		s.Expires = at(until)
		return func(m *cap.Meter) (cap.Decision, error) { return m.Authorize(s) }
	}
	capture := func(id string, hours float64, minor int64) func(*cap.Meter) (cap.Decision, error) {
		return func(m *cap.Meter) (cap.Decision, error) { return m.Capture(change(id, hours, minor)) }
	}
	reverse := func(id string, hours float64) func(*cap.Meter) (cap.Decision, error) {
		return func(m *cap.Meter) (cap.Decision, error) { return m.Reverse(id, at(hours)) }
	}
	rows := []struct {
		reason  cap.Reason
		outcome cap.Outcome
		existed bool
		do      func(*cap.Meter) (cap.Decision, error)
	}{
		{cap.AmountNotPositive, cap.Refused, false, authorize("shoes", 0, 0)},         // also the wrong amount for shoes
		{cap.ExistsWithDifferentAmount, cap.Refused, false, authorize("gone", 30, 1)}, // and reversed
		{cap.NotFound, cap.Refused, false, reverse("shoes", 1)},
		{cap.AlreadyReversed, cap.Approved, true, reverse("gone", 30)},
		{cap.AlreadyCaptured, cap.Approved, true, capture("final", 30, 90_00)},
		{cap.CapturedWithDifferentAmount, cap.Refused, false, capture("final", 30, 80_00)},
		{cap.AlreadyExpired, cap.Approved, true, reverse("held", 29)},
		{cap.Exists, cap.Approved, true, authorize("shoes", 0, 100_00)},
		{cap.AmountUnchanged, cap.Approved, true, func(m *cap.Meter) (cap.Decision, error) { return m.Adjust(change("shoes", 0, 100_00)) }},
		{cap.NotCaptured, cap.Refused, false, func(m *cap.Meter) (cap.Decision, error) {
			if d, err := hold("open", 30, 5, 40)(m); err != nil || !d.Approved() {
				t.Fatal(d, err)
			}
			return m.Refund(cap.Refund{ID: "back", At: at(30), Amount: eur(1), Of: &cap.Ref{ID: "open", At: at(30)}})
		}},
		{cap.AlreadyRefunded, cap.Refused, false, func(m *cap.Meter) (cap.Decision, error) {
			if d, err := m.Refund(cap.Refund{ID: "back", At: at(30), Amount: eur(1), Of: &cap.Ref{ID: "shoes", At: at(0)}}); err != nil || !d.Approved() {
				t.Fatal(d, err)
			}
			return m.Reverse("shoes", at(0))
		}},
		{cap.RefundExceedsSpend, cap.Refused, false, func(m *cap.Meter) (cap.Decision, error) {
			return m.Refund(cap.Refund{ID: "back", At: at(1), Amount: eur(100_01), Of: &cap.Ref{ID: "shoes", At: at(0)}}) // also too late
		}},
		{cap.PolicyUnchanged, cap.Approved, true, func(m *cap.Meter) (cap.Decision, error) { return m.SetPolicy(policy) }},
		{cap.TooLate, cap.Refused, false, authorize("late", 5, math.MaxInt64)}, // also too much
		{cap.Overflow, cap.Refused, false, authorize("huge", 30, math.MaxInt64)},
		{cap.AmountLimitExceeded, cap.Refused, false, authorize("dear", 30, 110_01)},
		{cap.CountLimitExceeded, cap.Refused, false, func(m *cap.Meter) (cap.Decision, error) {
			if d, err := force("third", 30, 1)(m); err != nil || !d.Approved() {
				t.Fatalf("third: %v %v", d, err)
			}
			return authorize("fourth", 30, 1)(m)
		}},
	}
	shape := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	seen := map[cap.Reason]bool{}
	for i, r := range cap.Reasons() {
		if seen[r] || !shape.MatchString(string(r)) || !r.Valid() {
			t.Errorf("reason %q: given twice, or malformed", r)
		}
		seen[r] = true
		if i >= len(rows) || rows[i].reason != r {
			t.Fatalf("row %d: want one for %s", i, r)
		}
		m := cap.NewMeter(policy)
		for _, step := range []func(*cap.Meter) (cap.Decision, error){
			authorize("shoes", 0, 100_00), hold("held", 29, 5, 29.5), authorize("gone", 30, 7), authorize("final", 30, 95_00),
			reverse("gone", 30), capture("final", 30, 90_00),
		} {
			if d, err := step(m); err != nil || !d.Approved() {
				t.Fatalf("%s: before: %v %v", r, d, err)
			}
		}
		d, err := rows[i].do(m)
		if err != nil || d.Reason() != r || d.Outcome() != rows[i].outcome || d.Existed() != rows[i].existed {
			t.Errorf("%s: got %v existed=%v %v", r, d, d.Existed(), err)
		}
		if by, ok := d.Binding(); ok != (r == cap.AmountLimitExceeded || r == cap.CountLimitExceeded) || ok && by.Name != "week" {
			t.Errorf("%s: got binding %q %v", r, by.Name, ok)
		}
	}
	if len(rows) != len(seen) {
		t.Errorf("got %d rows for %d reasons", len(rows), len(seen))
	}
	if cap.Reason("nonsense").Valid() || !cap.Reason("").Valid() {
		t.Error("Valid: nonsense is none, and no reason is one")
	}
}
