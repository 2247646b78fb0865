package sepa_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/billing/sepa"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
)

// The closing days of some years, weekends aside, as the ECB has them.
func TestTargetClosingDays(t *testing.T) {
	for _, tc := range []struct{ year, closed string }{
		{"2019", "01-01 04-19 04-22 05-01 12-25 12-26"},
		{"2024", "01-01 03-29 04-01 05-01 12-25 12-26"},
		{"2025", "01-01 04-18 04-21 05-01 12-25 12-26"},
		{"2026", "01-01 04-03 04-06 05-01 12-25"}, // 26 December is a Saturday
		{"2027", "01-01 03-26 03-29"},             // 1 May is a Saturday, Christmas a weekend
		{"2028", "04-14 04-17 05-01 12-25 12-26"}, // 1 January is a Saturday
	} {
		var closed []string
		for d := day(tc.year + "-01-01"); d.String()[:4] == tc.year; d = d.AddDays(1) {
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if weekend && sepa.IsTargetDay(d) {
				t.Errorf("%s is a %s", d, d.Weekday())
			}
			if !weekend && !sepa.IsTargetDay(d) {
				closed = append(closed, d.String()[5:])
			}
		}
		if got := strings.Join(closed, " "); got != tc.closed {
			t.Errorf("%s: got %s, want %s", tc.year, got, tc.closed)
		}
	}
}

// gauss is Easter Sunday by the other way of computing it, as days after 21 March.
func gauss(year int) civil.Date {
	k := year / 100
	m := 15 + (3*k+3)/4 - (8*k+13)/25
	a := year % 19
	d := (19*a + m) % 30
	r := (d + a/11) / 29
	full := 21 + d - r // the full moon, in days of March
	s := 2 - (3*k+3)/4
	first := 7 - (year+year/4+s)%7 // a Sunday, in days of March
	days := full + 7 - ((full-first)%7+7)%7
	return day(fmt.Sprintf("%04d-03-01", year)).AddDays(days - 1)
}

// Good Friday and Easter Monday of every year to 9999 are those of another algorithm, and no other days of March and April are closed.
func TestEaster(t *testing.T) {
	for year := 1583; year <= 9999; year++ {
		easter := gauss(year)
		for d := day(fmt.Sprintf("%04d-03-01", year)); d.Month() <= time.April; d = d.AddDays(1) {
			weekday := d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
			want := weekday && d != easter.AddDays(-2) && d != easter.AddDays(1)
			if got := sepa.IsTargetDay(d); got != want {
				t.Fatalf("%s: got %v, want %v", d, got, want)
			}
		}
	}
}

func TestTargetDays(t *testing.T) {
	for _, tc := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-04-02", 1, "2026-04-07"},   // Maundy Thursday to Tuesday
		{"2026-04-07", -1, "2026-04-02"},  // and back
		{"2026-04-04", 0, "2026-04-04"},   // 0 is the day itself, whatever it is
		{"2026-04-04", 1, "2026-04-07"},   // the Saturday of Easter
		{"2026-12-24", 1, "2026-12-28"},   // Christmas, and a weekend
		{"2026-12-31", 1, "2027-01-04"},   // New Year, and a weekend
		{"2026-04-30", 1, "2026-05-04"},   // 1 May
		{"2026-11-23", 10, "2026-12-07"},  // two weeks
		{"2026-11-23", -10, "2026-11-09"}, // and back
	} {
		if got := sepa.AddTargetDays(day(tc.from), tc.n); got != day(tc.want) {
			t.Errorf("%s + %d: got %s, want %s", tc.from, tc.n, got, tc.want)
		}
	}
	if got := sepa.TargetDayFrom(day("2026-12-25")); got != day("2026-12-28") {
		t.Error(got)
	}
	if got := sepa.PreviousTargetDay(day("2026-12-28")); got != day("2026-12-24") {
		t.Error(got)
	}
	for _, d := range []civil.Date{0, day("9999-12-31"), day("9999-12-31") + 1} {
		if got := sepa.NextTargetDay(d); got.Valid() || sepa.IsTargetDay(0) || sepa.TargetDayFrom(0).Valid() {
			t.Errorf("after %d comes %s", d, got)
		}
	}
}

// The n-th TARGET day is one, n of them are passed on the way, and the way back leads to where it began.
func TestTargetDaysAreCounted(t *testing.T) {
	property(t, func(t *rapid.T) {
		from := day("2002-01-01").AddDays(rapid.IntRange(0, 200*366).Draw(t, "from"))
		n := rapid.IntRange(1, 300).Draw(t, "n")
		to := sepa.AddTargetDays(from, n)
		count := 0
		for d := from.AddDays(1); d <= to; d = d.AddDays(1) {
			if sepa.IsTargetDay(d) {
				count++
			}
		}
		if !sepa.IsTargetDay(to) || count != n {
			t.Fatalf("%s + %d is %s, after %d TARGET days", from, n, to, count)
		}
		if back := sepa.AddTargetDays(to, -n); sepa.IsTargetDay(from) && back != from {
			t.Fatalf("%s + %d - %d is %s", from, n, n, back)
		}
		if on := sepa.TargetDayFrom(from); on != sepa.NextTargetDay(from.AddDays(-1)) {
			t.Fatalf("%s: %s", from, on)
		}
	})
}

// A debtor has the notice that was agreed, and the bank its day.
func TestDueDate(t *testing.T) {
	for _, tc := range []struct {
		on, today  string
		days, lead int
		want       string
	}{
		{"2026-11-23", "2026-11-23", 0, 0, "2026-12-07"}, // 14 days
		{"2026-12-11", "2026-12-11", 0, 0, "2026-12-28"}, // Christmas Day, and the weekend after it
		{"2026-11-23", "2026-11-23", 1, 0, "2026-11-24"}, // a day's notice, and the bank's day
		{"2026-11-27", "2026-11-27", 1, 0, "2026-11-30"}, // Friday to Monday
		{"2026-11-27", "2026-11-28", 1, 0, "2026-12-01"}, // handed in on a Saturday is on Monday
		{"2026-11-02", "2026-11-23", 0, 0, "2026-11-24"}, // the notice is over
		{"2026-11-02", "2026-11-23", 0, 5, "2026-11-30"}, // a bank that wants five days
		{"2026-11-23", "2026-11-23", 366, 0, "2027-11-24"},
	} {
		got, err := sepa.DueDate(&sepa.Notice{On: day(tc.on), Today: day(tc.today), Days: tc.days, Lead: tc.lead})
		if got != day(tc.want) || err != nil {
			t.Errorf("%+v: got %s, %v", tc, got, err)
		}
	}
	for field, n := range map[string]*sepa.Notice{
		"on": {Today: day("2026-11-23")}, "today": {On: day("2026-11-23")},
		"days": {On: 1, Today: 1, Days: 367}, "days:": {On: 1, Today: 1, Days: -1},
		"lead": {On: 1, Today: 1, Lead: 15}, "lead:": {On: 1, Today: 1, Lead: -1},
		"due": {On: day("9999-12-30"), Today: day("9999-12-30")},
	} {
		if got, err := sepa.DueDate(n); !errors.Is(err, sepa.ErrInvalid) || !strings.Contains(err.Error(), " "+strings.TrimSuffix(field, ":")+":") || got != 0 {
			t.Errorf("%s: got %s, %v", field, got, err)
		}
	}
}

// The due date is the first day that keeps both rules: the notice, and the bank's days.
func TestDueDateIsTheFirst(t *testing.T) {
	property(t, func(t *rapid.T) {
		today := day("2026-01-01").AddDays(rapid.IntRange(0, 4000).Draw(t, "today"))
		n := &sepa.Notice{
			On: today.AddDays(rapid.IntRange(-40, 5).Draw(t, "on")), Today: today,
			Days: rapid.IntRange(1, 40).Draw(t, "days"), Lead: rapid.IntRange(1, 5).Draw(t, "lead"),
		}
		got, err := sepa.DueDate(n)
		if err != nil {
			t.Fatal(err)
		}
		keeps := func(d civil.Date) bool {
			return sepa.IsTargetDay(d) && d.Sub(n.On) >= n.Days && sepa.AddTargetDays(d, -n.Lead) >= n.Today
		}
		for d := min(n.On, today); d <= got; d = d.AddDays(1) {
			if keeps(d) != (d == got) {
				t.Fatalf("%+v: got %s, and %s: %v", *n, got, d, keeps(d))
			}
		}
	})
}

func TestDeadlines(t *testing.T) {
	core := sepa.Deadlines{Submit: day("2026-12-23"), Return: day("2027-01-04"), Refund: day("2027-02-18"), Claim: day("2028-01-24")}
	if got := sepa.DeadlinesOf(day("2026-12-24"), contract.Core); got != core {
		t.Errorf("got %+v", got)
	}
	b2b := sepa.Deadlines{Submit: day("2026-12-23"), Return: day("2026-12-30")}
	if got := sepa.DeadlinesOf(day("2026-12-24"), contract.B2B); got != b2b {
		t.Errorf("got %+v", got)
	}
	if sepa.DeadlinesOf(0, contract.Core) != (sepa.Deadlines{}) || sepa.DeadlinesOf(day("2026-12-24"), 0) != (sepa.Deadlines{}) {
		t.Error("deadlines of nothing")
	}
}
