package interest_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger/interest"
)

var periods = [...]interest.Period{interest.Daily, interest.Monthly, interest.Quarterly, interest.HalfYearly, interest.Yearly}

func TestPeriodEnd(t *testing.T) {
	for _, row := range []struct {
		in   string
		ends [5]string // of each period
	}{
		{"2028-01-01", [5]string{"2028-01-01", "2028-01-31", "2028-03-31", "2028-06-30", "2028-12-31"}},
		{"2028-02-29", [5]string{"2028-02-29", "2028-02-29", "2028-03-31", "2028-06-30", "2028-12-31"}},
		{"2027-02-05", [5]string{"2027-02-05", "2027-02-28", "2027-03-31", "2027-06-30", "2027-12-31"}},
		{"2027-03-31", [5]string{"2027-03-31", "2027-03-31", "2027-03-31", "2027-06-30", "2027-12-31"}},
		{"2027-04-01", [5]string{"2027-04-01", "2027-04-30", "2027-06-30", "2027-06-30", "2027-12-31"}},
		{"2027-06-30", [5]string{"2027-06-30", "2027-06-30", "2027-06-30", "2027-06-30", "2027-12-31"}},
		{"2027-07-01", [5]string{"2027-07-01", "2027-07-31", "2027-09-30", "2027-12-31", "2027-12-31"}},
		{"2027-11-30", [5]string{"2027-11-30", "2027-11-30", "2027-12-31", "2027-12-31", "2027-12-31"}},
		{"9999-12-31", [5]string{"9999-12-31", "9999-12-31", "9999-12-31", "9999-12-31", "9999-12-31"}},
	} {
		for i, p := range periods {
			if got := p.End(day(row.in)); got.String() != row.ends[i] {
				t.Errorf("%v: %s is in the period until %v, want %s", p, row.in, got, row.ends[i])
			}
		}
	}
}

// The parts join, are all of the days, are cut only where a period ends, and there are no other ends between.
func TestPeriods(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(periods[:]).Draw(t, "period")
		from := civil.Date(rapid.Int32Range(1, 3652059-5000).Draw(t, "from"))
		to := from + civil.Date(rapid.Int32Range(-10, 2000).Draw(t, "days"))
		at := from
		for a, b := range p.Periods(from, to) {
			if a != at || b <= a || b > to {
				t.Fatalf("%v: %v to %v after %v", p, a, b, at)
			}
			for d := a; d < b; d++ {
				if end := p.End(d) == d; end && d != b-1 || !end && d == b-1 && b != to {
					t.Fatalf("%v: %v to %v is cut wrongly at %v", p, a, b, d)
				}
			}
			at = b
		}
		if at != max(from, to) && to > from || to <= from && at != from {
			t.Fatalf("%v: %v to %v ends at %v", p, from, to, at)
		}
	})
	for range interest.Daily.Periods(1, 10) {
		break // an iterator may be left
	}
}

func TestPeriodNames(t *testing.T) {
	for i, name := range []string{"daily", "monthly", "quarterly", "half_yearly", "yearly"} {
		text, err := periods[i].MarshalText()
		back, parseErr := interest.ParsePeriod(name)
		if string(text) != name || err != nil || back != periods[i] || parseErr != nil || !back.Valid() {
			t.Errorf("%s: got %s, %v; %v, %v", name, text, err, back, parseErr)
		}
	}
	for _, none := range []interest.Period{0, 6, 255} {
		if _, err := none.MarshalText(); !errors.Is(err, interest.ErrInvalid) || none.Valid() || none.String() != "invalid" || none.End(1) != 0 {
			t.Errorf("%d passes for a period: %v", none, err)
		}
		for a, b := range none.Periods(1, 10) {
			t.Errorf("%d gives %v to %v", none, a, b)
		}
	}
	if interest.Monthly.End(0) != 0 {
		t.Error("no date has a period")
	}
	was := interest.Yearly
	if err := was.UnmarshalText([]byte("weekly")); !errors.Is(err, interest.ErrInvalid) || was != interest.Yearly {
		t.Errorf("weekly: got %v, %v", was, err)
	}
}
