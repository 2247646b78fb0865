package backtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
)

// tries is a policy of which one limit counts attempts.
func tries() *cap.Policy {
	return policy(2*day,
		cap.Limit{Name: "day", Max: eur(100), Window: cap.Rolling(day)},
		cap.Limit{Name: "tries", Max: eur(1000), MaxCount: 3, Window: cap.Rolling(day), Counting: cap.Counting{Refusal: cap.Now}},
	)
}

// asked is what a card was asked: the second spend does not fit, the fourth is one too many.
func asked() []backtest.Attempt {
	return []backtest.Attempt{pay("a", "1", 0, 60), pay("a", "2", 1, 50), pay("a", "3", 2, 10), pay("a", "4", 3, 10), pay("a", "5", 26, 10)}
}

// Law B1: Run counts an attempt once where a limit counts attempts, and what it takes the limit up to is a peak.
func TestRunCountsAttemptsOnce(t *testing.T) {
	r, err := backtest.Run(context.Background(), stream(asked()...), []backtest.Candidate{{Policy: tries()}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Candidates[0].Command("authorize")
	if c.Accepted.Count != 3 || c.Refused.Count != 2 || len(c.Refusals) != 2 || c.Refusals[0].Limit != "day" || c.Refusals[1].Limit != "tries" {
		t.Errorf("got %+v", c)
	}
	if l := r.Candidates[0].Limits[1]; l.MostCount.Count != 4 || l.MostCount.Position != 4 || l.Most.Used != eur(130) || l.Most.Position != 4 {
		t.Errorf("got %+v", l)
	}
}

// Law B4: however a shadow hears of an attempt that the live meter refuses, it counts it as the live one does; and counts
// once what it would have refused itself.
func TestShadowCountsAttemptsOnce(t *testing.T) {
	live, strict := cap.NewMeter(tries()), policy(2*day,
		cap.Limit{Name: "each", Max: eur(55), Window: cap.PerTransaction()},
		cap.Limit{Name: "tries", MaxCount: 2, Window: cap.Rolling(day), Counting: cap.Counting{Refusal: cap.Now}},
	)
	same, other := backtest.NewShadow(tries()), backtest.NewShadow(strict)
	want := []string{
		"refused amount_limit_exceeded by each", "approved", "refused count_limit_exceeded by tries",
		"refused count_limit_exceeded by tries", "approved",
	}
	for i, a := range asked() {
		beside := live.Clone()
		d, o, err := same.Authorize(live, a.Spend)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, o, d)
		if _, o, err = other.Authorize(beside, a.Spend); err != nil || o.Shadow.String() != want[i] {
			t.Errorf("%d: got %s %v, want %s", i, o.Shadow, err, want[i])
		}
	}
	meter := cap.NewMeter(tries())
	observer := backtest.NewShadow(strict)
	for i, a := range asked() {
		_, decided := answer(t, meter, a)
		if o := observer.Observe(decided[0]); o.Shadow.String() != want[i] {
			t.Errorf("observed %d: got %s, want %s", i, o.Shadow, want[i])
		}
	}
}

// Law B6: a course rises with an attempt that the limit counts, and the clock goes on with it.
func TestCourseOfAttempts(t *testing.T) {
	c, err := backtest.Trace(tries(), "tries", asked(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for hour, want := range map[int]int64{0: 1, 1: 2, 2: 3, 3: 4, 23: 4, 24: 3, 25: 2, 26: 2} {
		if p, ok := c.At(hours(hour).Add(time.Minute)); !ok || p.Count != want {
			t.Errorf("%d h: got %d %v, want %d", hour, p.Count, ok, want)
		}
	}
	if len(c.Refusals) != 2 {
		t.Errorf("got %v", c.Refusals)
	}
}
