package civil_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
)

var (
	first = civil.MustParseDate("0001-01-01")
	last  = civil.MustParseDate("9999-12-31")
)

// A whole cycle of the calendar, 400 years from 1800 on, and the ends of the range: every date is what package time says, and
// comes back from all of its forms.
func TestEveryDate(t *testing.T) {
	ranges := [][2]string{{"0001-01-01", "0005-01-01"}, {"1800-01-01", "2200-01-01"}, {"9996-01-01", "9999-12-31"}}
	days := 0
	for _, r := range ranges {
		for d := civil.MustParseDate(r[0]); d <= civil.MustParseDate(r[1]); d++ {
			days++
			want := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(d)-1)
			y, m, day := d.Date()
			if wy, wm, wd := want.Date(); y != wy || m != wm || day != wd || d.Year() != wy || d.Month() != wm || d.Day() != wd {
				t.Fatalf("%d: got %d-%d-%d, want %v", int(d), y, m, day, want)
			}
			if d.Weekday() != want.Weekday() {
				t.Fatalf("%v: a %v, want %v", d, d.Weekday(), want.Weekday())
			}
			if d.String() != want.Format(time.DateOnly) {
				t.Fatalf("%v is written %q", want, d.String())
			}
			if back, err := civil.ParseDate(d.String()); back != d || err != nil {
				t.Fatalf("%v is read back as %v, %v", d, back, err)
			}
			if back, err := civil.NewDate(y, m, day); back != d || err != nil {
				t.Fatalf("%v is made again as %v, %v", d, back, err)
			}
			if end := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC); d.EndOfMonth().String() != end.Format(time.DateOnly) {
				t.Fatalf("%v: the month ends on %v, want %v", d, d.EndOfMonth(), end)
			}
			if start := d.Start(nil); !start.Equal(want) || d > first && civil.DateOf(start, nil) != d ||
				civil.DateOf(want.Add(24*time.Hour-1), time.UTC) != d {
				t.Fatalf("%v starts at %v", d, start)
			}
		}
	}
	if days < 400*365 {
		t.Errorf("looked at %d days", days)
	}
}

func drawDate(t *rapid.T, name string) civil.Date {
	return civil.Date(rapid.Int32Range(int32(first), int32(last)).Draw(t, name))
}

func TestAddDays(t *testing.T) {
	if first.AddDays(-1) != 0 || last.AddDays(1) != 0 || first.AddDays(last.Sub(first)) != last || last.AddDays(first.Sub(last)) != first {
		t.Error("the ends of the range are wrong")
	}
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "date")
		n := rapid.OneOf(rapid.IntRange(-800, 800), rapid.Int()).Draw(t, "days")
		got := d.AddDays(n)
		if n < -4e6 || n > 4e6 {
			if got != 0 {
				t.Fatalf("%v and %d days: got %v", d, n, got)
			}
			return
		}
		want := d.Start(nil).AddDate(0, 0, n)
		if want.Year() < 1 || want.Year() > 9999 {
			if got != 0 {
				t.Fatalf("%v and %d days: got %v, want none", d, n, got)
			}
			return
		}
		if got.String() != want.Format(time.DateOnly) || got.Sub(d) != n || got.AddDays(-n) != d {
			t.Fatalf("%v and %d days: got %v, want %v", d, n, got, want)
		}
	})
}

// The oracle goes to the first of the month, and takes what package time would spill over into the next month back.
func TestAddMonths(t *testing.T) {
	law := func(t interface{ Fatalf(string, ...any) }, d civil.Date, n int) {
		got := d.AddMonths(n)
		want := ""
		if n > -200_000 && n < 200_000 {
			y, m, day := d.Date()
			there := time.Date(y, m+time.Month(n), day, 0, 0, 0, 0, time.UTC)
			if end := time.Date(y, m+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC); there.After(end) {
				there = end
			}
			if there.Year() >= 1 && there.Year() <= 9999 {
				want = there.Format(time.DateOnly)
			}
		}
		if got.String() != want {
			t.Fatalf("%v and %d months: got %v, want %v", d, n, got, want)
		}
	}
	for d := civil.MustParseDate("1999-12-01"); d.Year() < 2005; d++ {
		for n := -30; n <= 30; n++ {
			law(t, d, n)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		law(t, drawDate(t, "date"), rapid.OneOf(rapid.IntRange(-12*9999, 12*9999), rapid.Int()).Draw(t, "months"))
	})
}

func TestAddMonthsStory(t *testing.T) {
	for _, row := range []struct {
		from   string
		months int
		want   string
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2028-01-31", 1, "2028-02-29"},
		{"2026-01-31", 2, "2026-03-31"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", -12, "2023-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-11-21", 0, "2026-11-21"},
		{"9999-11-30", 1, "9999-12-30"},
		{"9999-12-31", 1, ""},
		{"0001-01-31", -1, ""},
		{"2026-11-21", math.MaxInt, ""},
		{"2026-11-21", math.MinInt, ""},
	} {
		if got := civil.MustParseDate(row.from).AddMonths(row.months); got.String() != row.want {
			t.Errorf("%s and %d months: got %q, want %q", row.from, row.months, got, row.want)
		}
	}
}

// What is no date stays none: nothing makes a date of it, and nothing panics.
func TestNoDate(t *testing.T) {
	for _, d := range []civil.Date{0, -1, last + 1, math.MinInt32, math.MaxInt32} {
		y, m, day := d.Date()
		if d.Valid() || y != 0 || m != 0 || day != 0 || d.String() != "" || d.AddDays(1) != 0 || d.AddMonths(1) != 0 ||
			d.EndOfMonth() != 0 || !d.Start(nil).IsZero() || d.Year() != 0 || d.Month() != 0 || d.Day() != 0 {
			t.Errorf("%d passes for a date", int(d))
		}
		if _, err := d.MarshalText(); !errors.Is(err, civil.ErrInvalid) {
			t.Errorf("%d is written as text: %v", int(d), err)
		}
		if w := d.Weekday(); w < time.Sunday || w > time.Saturday {
			t.Errorf("%d falls on %v", int(d), w)
		}
		if got, want := fmt.Sprintf("%#v", d), fmt.Sprintf("civil.Date(%d)", int(d)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, n := range [][3]int{{0, 1, 1}, {10000, 1, 1}, {2026, 0, 1}, {2026, 13, 1}, {2026, 2, 29}, {2100, 2, 29}, {2026, 4, 31},
		{2026, 1, 0}, {2026, 1, 32}, {math.MaxInt, 1, 1}, {math.MinInt, 1, 1}, {2026, math.MaxInt, 1}, {2026, 1, math.MinInt}} {
		if d, err := civil.NewDate(n[0], time.Month(n[1]), n[2]); d != 0 || !errors.Is(err, civil.ErrInvalid) {
			t.Errorf("%v: got %v, %v", n, d, err)
		}
	}
	west := time.FixedZone("", -3600)
	for _, at := range []time.Time{{}, time.Unix(1<<60, 0), last.Start(nil).AddDate(0, 0, 1), first.Start(nil).Add(-1), first.Start(nil).Add(1).In(west)} {
		if d := civil.DateOf(at, at.Location()); d != 0 {
			t.Errorf("%v falls on %v", at, d)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("MustParseDate does not panic")
		}
	}()
	civil.MustParseDate("2026-02-29")
}

func TestJSON(t *testing.T) {
	type loan struct {
		Paid    civil.Date         `json:"paid"`
		Matures civil.Date         `json:"matures,omitzero"`
		Rates   map[civil.Date]int `json:"rates,omitempty"`
	}
	d := civil.MustParseDate("2028-02-29")
	for _, row := range []struct {
		value loan
		text  string
	}{
		{loan{Paid: d}, `{"paid":"2028-02-29"}`},
		{loan{Paid: d, Matures: d + 1, Rates: map[civil.Date]int{d: 1, d + 1: 2}},
			`{"paid":"2028-02-29","matures":"2028-03-01","rates":{"2028-02-29":1,"2028-03-01":2}}`},
	} {
		text, err := json.Marshal(row.value)
		if err != nil || string(text) != row.text {
			t.Errorf("got %s, %v; want %s", text, err, row.text)
		}
		var back loan
		if err := json.Unmarshal(text, &back); err != nil || !cmp.Equal(back, row.value) {
			t.Errorf("read back: %v, %s", err, cmp.Diff(row.value, back))
		}
	}
	if text, err := json.Marshal(loan{}); !errors.Is(err, civil.ErrInvalid) {
		t.Errorf("a date that was forgotten is written as %s, %v", text, err)
	}
	was := loan{Paid: d}
	for _, text := range []string{`{"paid":""}`, `{"paid":"2027-02-29"}`, `{"paid":20280229}`, `{"paid":"2028-02-29T00:00:00Z"}`} {
		if err := json.Unmarshal([]byte(text), &was); err == nil || was.Paid != d {
			t.Errorf("%s: read as %v, %v", text, was.Paid, err)
		}
	}
}

// ParseDate takes what time.Parse takes in this form, years from 1 on, and nothing else, and writes it back the same.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"", "2026-11-21", "2024-02-29", "2023-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01",
		"2026-1-1", "2026-11-2१", "+026-11-21", "2026/11/21", "2026-00-10", "2026-13-10", "2026-10-00", "2026-11-21 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := civil.ParseDate(s)
		want, refused := time.Parse(time.DateOnly, s)
		if (err == nil) != (refused == nil && want.Year() >= 1) {
			t.Fatalf("%q: got %v, %v; package time says %v, %v", s, d, err, want, refused)
		}
		if err != nil {
			if d != 0 || !errors.Is(err, civil.ErrInvalid) {
				t.Fatalf("%q: got %v, %v", s, d, err)
			}
			return
		}
		if d.String() != s || civil.DateOf(want, nil) != d && d != first {
			t.Fatalf("%q: got %v", s, d)
		}
	})
}

func BenchmarkDate(b *testing.B) {
	d := civil.MustParseDate("2026-11-21")
	paris, _ := time.LoadLocation("Europe/Paris")
	b.Run("op=parse", func(b *testing.B) {
		for b.Loop() {
			_, _ = civil.ParseDate("2026-11-21")
		}
	})
	b.Run("op=months", func(b *testing.B) {
		for b.Loop() {
			_ = d.AddMonths(3)
		}
	})
	b.Run("op=start", func(b *testing.B) {
		for b.Loop() {
			_ = d.Start(paris)
		}
	})
}

// The latest date on earth begins at 10:00 UTC of the day before, on Kiritimati.
func TestLatestDate(t *testing.T) {
	first := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		at   time.Time
		want string
	}{{first, "2026-11-21"}, {first.Add(-time.Nanosecond), "2026-11-20"}, {first.In(time.FixedZone("", -11*3600)), "2026-11-21"}} {
		if got := civil.LatestDate(row.at); got.String() != row.want {
			t.Errorf("%s: got %s, want %s", row.at, got, row.want)
		}
	}
}
