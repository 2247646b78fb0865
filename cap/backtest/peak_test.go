package backtest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"github.com/payrules/payrules/event"
	"pgregory.net/rapid"
)

// Law B1, for the peaks: a run looks at the limits only when one may be higher than ever, and misses none. Here are many
// small spends under limits that are seldom reached, which is where it looks least.
func TestNoPeakIsMissed(t *testing.T) {
	raised := cap.Limit{Name: "raised", Max: eur(150), Window: cap.Rolling(20 * time.Hour)}
	raised.Overrides = []cap.Override{{From: hours(40), Until: hours(90), Max: eur(600), MaxCount: 0}}
	fewer := cap.Limit{Name: "fewer", MaxCount: 9, Window: cap.Rolling(10 * time.Hour)}
	fewer.Overrides = []cap.Override{{From: hours(60), Until: hours(80), MaxCount: 20}}
	now := cap.Limit{Name: "now", Max: eur(2000), Window: cap.Rolling(day)}
	now.Counting = cap.Counting{Increment: cap.Now, Capture: cap.Now, Refund: cap.Now}
	first := cap.Limit{Name: "first", Max: eur(2000), MaxCount: 60, Window: cap.OpenedByFirstUse(9 * time.Hour)}
	first.Counting.Refund = cap.Now
	tried := []*cap.Policy{
		policy(2*day, cap.Limit{Name: "day", Max: eur(2000), MaxCount: 50, Window: cap.Rolling(day)}),
		policy(2*day, cap.Limit{Name: "hours", Max: eur(2000), Window: cap.Rolling(5 * time.Hour)}, cap.Limit{Name: "days", MaxCount: 90, Window: cap.RollingDays(2, berlin)}),
		policy(day, raised, fewer),
		policy(day, raised),
		policy(day, fewer),
		policy(day, first),
		policy(day, now),
	}
	property(t, func(t *rapid.T) {
		p := rapid.SampledFrom(tried).Draw(t, "policy")
		rare := rapid.IntRange(0, 2).Draw(t, "others than spends") // none, few, many
		var attempts []backtest.Attempt
		m, hour := newModelReport(), 0
		for i := range rapid.IntRange(1, 120).Draw(t, "attempts") {
			hour += rapid.SampledFrom([]int{0, 1, 1, 2, 6}).Draw(t, "passed")
			a := pay(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "account"), fmt.Sprint(i), hour, rapid.Int64Range(1, 90).Draw(t, "minor"))
			if i > 0 && rapid.IntRange(0, 9).Draw(t, "what") < 2*rare {
				of := rapid.IntRange(max(0, i-15), i-1).Draw(t, "of")
				at, _ := spentAt(attempts[of])
				change := cap.Change{ID: fmt.Sprint(of), At: at, Amount: a.Spend.Amount}
				if rapid.Bool().Draw(t, "on") && !at.After(a.Spend.At) {
					change.On = a.Spend.At
				}
				a.Account = attempts[of].Account
				switch rapid.IntRange(0, 5).Draw(t, "command") {
				case 0:
					a.Command = cap.Capture(change)
				case 1:
					a.Command = cap.Adjust(change)
				case 2:
					a.Command = cap.Reverse{ID: change.ID, At: change.At}
				case 3:
					a.Command = cap.ForcePost(a.Spend)
				case 4:
					a.Command = cap.Refund{ID: fmt.Sprint(i), At: a.Spend.At, Amount: a.Spend.Amount}
				case 5:
					a.Spend.At = a.Spend.At.Add(-time.Duration(rapid.IntRange(1, 20).Draw(t, "late")) * time.Hour)
				}
			}
			attempts = append(attempts, a)
			m.put(t, p, a, i+1)
		}
		report, err := backtest.Run(context.Background(), backtest.Stream(slices.Values(attempts)), []backtest.Candidate{{Policy: p}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, peaks, where := found(t, &report.Candidates[0]); fmt.Sprint(peaks, where) != fmt.Sprint(m.peaks, m.where) {
			t.Fatalf("got %v at %v, want %v at %v", peaks, where, m.peaks, m.where)
		}
	})
}

// posted is a command that the package has never heard of: a force-post of 10 at an hour.
type posted int

func (h posted) Decide(*cap.Meter) ([]event.Data, error) {
	return []event.Data{cap.ForcePosted{ID: "posted", At: hours(int(h)), Amount: eur(10)}}, nil
}

func (posted) Result(decided []event.Data) cap.Decision { return cap.ForcePost{}.Result(decided) }

// After a command of which nobody knows the instant, any spend may be a late one: the window that it fills may not be the
// latest.
func TestPeakBehindAnUnknownInstant(t *testing.T) {
	p := policy(2*day, cap.Limit{Name: "day", Max: eur(1000), Window: cap.Rolling(day)})
	attempts := []backtest.Attempt{pay("a", "1", 0, 50), {Account: "a", Command: posted(30)}, pay("a", "2", 5, 30)}
	report, err := backtest.Run(context.Background(), backtest.Stream(slices.Values(attempts)), []backtest.Candidate{{Policy: p}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if most := report.Candidates[0].Limits[0].Most; most.Used != eur(80) || most.Position != 3 {
		t.Errorf("got %+v, want 80 at 3", most)
	}
}

// The highest peak is the maximum itself, when that is reached.
func TestPeakAtTheMaximum(t *testing.T) {
	p := policy(day, cap.Limit{Name: "day", MaxCount: 3, Window: cap.Rolling(day)})
	var attempts []backtest.Attempt
	for i := range 5 {
		attempts = append(attempts, pay("a", fmt.Sprint(i), i, 10))
	}
	report, err := backtest.Run(context.Background(), backtest.Stream(slices.Values(attempts)), []backtest.Candidate{{Policy: p}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := report.Candidates[0].Limits[0]
	if l.MostCount.Count != 3 || l.MostCount.Position != 3 {
		t.Errorf("got %+v, want 3 at 3", l.MostCount)
	}
}
