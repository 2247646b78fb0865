package backtest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"pgregory.net/rapid"
)

// Law B6: between two attempts, the course is what a meter says that knows the attempts up to then.
func TestCourseEqualsMeter(t *testing.T) {
	property(t, func(t *rapid.T) {
		p := anyPolicy(t, "policy")
		limits := p.Limits()
		row := rapid.IntRange(0, len(limits)-1).Draw(t, "limit")
		history := anyHistory(t, 30, 1, false)
		if limits[row].Window.Equal(cap.PerTransaction()) {
			return
		}
		last := hours(1000)
		c, err := backtest.Trace(p, limits[row].Name, history, &backtest.TraceOptions{From: hours(-200), Until: last})
		if err != nil {
			t.Fatal(err)
		}
		m, clock, refused := cap.NewMeter(p), hours(-200), 0
		look := func(until time.Time) {
			for _, at := range []time.Time{clock, clock.Add(time.Duration(rapid.Int64Range(0, max(0, int64(until.Sub(clock))-1000)).Draw(t, "look")))} {
				if !at.Before(until) {
					continue
				}
				u, err := m.Usage(at)
				if err != nil {
					t.Fatal(err)
				}
				want := u.Limit(row)
				got, ok := c.At(at)
				if !ok || got.Used != want.Used || got.Count != want.Count || got.Max != want.Max || got.MaxCount != want.MaxCount {
					t.Fatalf("at %s: got %+v, want %+v", at, got, want)
				}
			}
		}
		for _, a := range history {
			next := m.Clone()
			d, _ := answer(t, next, a)
			if !d.Approved() {
				refused++
				if snapshot(t, next) == snapshot(t, m) { // no limit has counted the attempt
					continue
				}
			}
			moved := later(clock, next.Latest())
			look(moved)
			m, clock = next, moved
		}
		look(last)
		if len(c.Refusals) != refused {
			t.Fatalf("%d refusals, want %d", len(c.Refusals), refused)
		}
		if u, _ := m.Usage(last); u.Limit(row).Used != c.Points[len(c.Points)-1].Used {
			t.Fatal("the end is another one")
		}
	})
}

// Whatever part of a course is looked at is the same as in the whole of it.
func TestCourseInParts(t *testing.T) {
	property(t, func(t *rapid.T) {
		p := policies[rapid.IntRange(0, 2).Draw(t, "policy")]
		name, history := p.Limits()[0].Name, anyHistory(t, 30, 1, false)
		whole, err := backtest.Trace(p, name, history, &backtest.TraceOptions{From: hours(-200), Until: hours(1000)})
		if err != nil {
			t.Fatal(err)
		}
		from := rapid.IntRange(-150, 400).Draw(t, "from")
		until := from + rapid.IntRange(0, 100).Draw(t, "span")
		part, err := backtest.Trace(p, name, history, &backtest.TraceOptions{From: hours(from), Until: hours(until)})
		if err != nil {
			t.Fatal(err)
		}
		if !part.Points[0].At.Equal(hours(from)) || !part.From.Equal(hours(from)) || !part.Until.Equal(hours(until)) {
			t.Fatalf("%+v", part)
		}
		for h := from - 1; h <= until+1; h++ {
			want, _ := whole.At(hours(h))
			got, covered := part.At(hours(h))
			if covered != (h >= from && h <= until) {
				t.Fatalf("hour %d of %d to %d is covered: %v", h, from, until, covered)
			}
			got.At, want.At = time.Time{}, time.Time{}
			if covered && got != want {
				t.Fatalf("hour %d: got %+v, want %+v", h, got, want)
			}
		}
		for _, r := range part.Refusals {
			if r.At.Before(part.From) || r.At.After(part.Until) {
				t.Fatalf("a refusal at %s", r.At)
			}
		}
	})
}

// By itself, a course begins with the first attempt and ends when the last room is back.
func TestCourseEnds(t *testing.T) {
	history := []backtest.Attempt{pay("", "late for anything", -1, 500), pay("", "1", 0, 150), pay("", "2", 30, 100)}
	c, err := backtest.Trace(policies[0], "day", history, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.Points {
		got = append(got, p.At.Format("02 15h ")+p.Used.Number())
	}
	want := "16 08h 0.00, 16 09h 0.00, 16 09h 1.50, 17 09h 0.00, 17 15h 1.00, 18 15h 0.00"
	if got := strings.Join(got, ", "); got != want || !c.From.Equal(hours(-1)) || !c.Until.Equal(hours(54)) || len(c.Refusals) != 1 {
		t.Errorf("got %s, %s to %s, %d refused\nwant %s", got, c.From, c.Until, len(c.Refusals), want)
	}
}

// A repetition changes nothing, so no time passes with it: what comes late then is told where the account's clock stands.
func TestCourseOfRepetitions(t *testing.T) {
	history := []backtest.Attempt{
		pay("", "1", 0, 10),
		{Command: cap.Adjust{ID: "1", At: hours(0), Amount: eur(10), On: hours(5)}},
		pay("", "2", 0, 20),
	}
	c, err := backtest.Trace(policies[0], "day", history, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := c.At(hours(1)); got.Used != eur(30) {
		t.Errorf("%s is used, want %s", got.Used, eur(30))
	}
}

// A course follows the policies that were set, and an override raises the limit while it lasts.
func TestCourseOfChangingLimits(t *testing.T) {
	p := policies[3]
	history := []backtest.Attempt{pay("", "1", 20, 10), pay("", "2", 61, 10)}
	c, err := backtest.Trace(p, "raised", history, &backtest.TraceOptions{From: hours(0), Until: hours(70)})
	if err != nil {
		t.Fatal(err)
	}
	for hour, want := range map[int]int64{0: 150, 29: 150, 30: 400, 59: 400, 60: 150, 70: 150} {
		if got, _ := c.At(hours(hour)); got.Max != eur(want) {
			t.Errorf("hour %d: at most %s, want %s", hour, got.Max, eur(want))
		}
	}
	lower := policy(day, cap.Limit{Name: "day", Max: eur(50), Window: cap.Rolling(day)})
	history = []backtest.Attempt{pay("", "1", 0, 150), {Command: cap.SetPolicy{Policy: lower}}, {Command: cap.SetPolicy{}}, pay("", "2", 30, 10)}
	c, err = backtest.Trace(policies[0], "day", history, nil)
	if err != nil {
		t.Fatal(err)
	}
	if first, last := c.Points[1], c.Points[len(c.Points)-1]; first.Max != eur(200) || last.Max != eur(50) || c.Limit.Max != eur(50) {
		t.Errorf("%+v", c)
	}
	history[1].Command = cap.SetPolicy{Policy: policies[5]}
	if _, err := backtest.Trace(policies[0], "day", history, nil); !errors.Is(err, backtest.ErrInvalid) || !strings.Contains(err.Error(), "attempt 2") {
		t.Error(err)
	}
}

func TestTraceErrors(t *testing.T) {
	ok := []backtest.Attempt{pay("", "1", 0, 1)}
	between := func(from, until int) *backtest.TraceOptions {
		return &backtest.TraceOptions{From: hours(from), Until: hours(until)}
	}
	var many []backtest.Attempt
	for range backtest.MaxPoints + 1 {
		many = append(many, pay("", "x", 0, 0))
	}
	for name, c := range map[string]struct {
		policy  *cap.Policy
		limit   string
		history []backtest.Attempt
		options *backtest.TraceOptions
		want    error
		text    string
	}{
		"no policy":       {nil, "day", ok, nil, backtest.ErrInvalid, "policy"},
		"no such limit":   {policies[0], "week", ok, nil, backtest.ErrInvalid, "week"},
		"per transaction": {policies[3], "each", ok, nil, backtest.ErrInvalid, "each transaction"},
		"nothing":         {policies[0], "day", nil, nil, backtest.ErrInvalid, "no attempt"},
		"nothing, from":   {policies[0], "day", nil, &backtest.TraceOptions{From: monday}, backtest.ErrInvalid, "no attempt"},
		"backwards":       {policies[0], "day", ok, between(5, 4), backtest.ErrInvalid, "until"},
		"too early":       {policies[0], "day", nil, &backtest.TraceOptions{From: time.Unix(-1, 0), Until: monday}, cap.ErrInvalid, "1969"},
		"malformed":       {policies[0], "day", append(ok, pay("", "", 1, 1)), nil, cap.ErrInvalid, "attempt 2"},
		"many":            {policies[0], "day", many, nil, backtest.ErrInvalid, "more than 100000"},
	} {
		got, err := backtest.Trace(c.policy, c.limit, c.history, c.options)
		if got != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v, want %v with %q", name, err, c.want, c.text)
		}
	}
	if c, err := backtest.Trace(policies[0], "day", nil, between(0, 9)); err != nil || len(c.Points) != 1 {
		t.Errorf("of nothing: %+v, %v", c, err)
	}
}

// Overrides come and go also before an account has begun, and when it never does.
func TestCourseBeforeTheAccount(t *testing.T) {
	p := policies[3] // raised, from hour 30 to hour 60
	for name, row := range map[string]struct {
		history []backtest.Attempt
		from    int
		want    string
	}{
		"never":          {nil, 0, "0:1.50 30:4.00 60:1.50"},
		"within":         {[]backtest.Attempt{pay("k", "1", 50, 1)}, 0, "0:1.50 30:4.00 60:1.50"},
		"at the turn":    {[]backtest.Attempt{pay("k", "1", 30, 1)}, 0, "0:1.50 30:4.00 60:1.50"},
		"after":          {[]backtest.Attempt{pay("k", "1", 70, 1)}, 0, "0:1.50 30:4.00 60:1.50"},
		"from the turn":  {[]backtest.Attempt{pay("k", "1", 70, 1)}, 30, "30:4.00 60:1.50"},
		"from after it":  {nil, 60, "60:1.50"},
		"from before it": {[]backtest.Attempt{pay("k", "1", 20, 1)}, 25, "25:1.50 30:4.00 60:1.50"},
	} {
		c, err := backtest.Trace(p, "raised", row.history, &backtest.TraceOptions{From: hours(row.from), Until: hours(100)})
		if err != nil {
			t.Fatal(err)
		}
		got, last := "", ""
		for _, q := range c.Points {
			if most := strings.TrimSuffix(q.Max.String(), " EUR"); most != last {
				got, last = got+fmt.Sprintf(" %g:%s", q.At.Sub(hours(0)).Hours(), most), most
			}
		}
		if strings.TrimSpace(got) != row.want {
			t.Errorf("%s: got %s, want %s", name, got, row.want)
		}
	}
}
