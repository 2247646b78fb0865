package bench_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/cap/bench"
)

// Those who are exact decide alike on every spend, whatever the windows and however the spends are spaced: so a table
// that compares what they cost compares the same work.
func TestExactOnesAgree(t *testing.T) {
	for _, impl := range impls {
		if !impl.exact {
			continue
		}
		t.Run("impl="+impl.name, func(t *testing.T) {
			if impl.server != "" {
				server(t, impl.server)
			}
			rapid.Check(t, func(r *rapid.T) {
				long := rapid.Int64Range(3, 50).Draw(r, "month")
				limits := []window{
					{"month", time.Duration(long) * time.Second, rapid.Int64Range(10, 100).Draw(r, "max of the month")},
					{"week", time.Duration(long-1) * time.Second, rapid.Int64Range(5, 60).Draw(r, "max of the week")},
					{"day", time.Second, rapid.Int64Range(1, 40).Draw(r, "max of the day")},
				}[:rapid.SampledFrom([]int{1, 3}).Draw(r, "windows")]
				close := testCleanup{TB: t}
				limiter := impl.open(&close, limits)
				defer close.run()
				var spent []entry
				at := epoch
				for i := range rapid.IntRange(1, 60).Draw(r, "spends") {
					at = at.Add(time.Duration(rapid.IntRange(0, 8).Draw(r, "half seconds")) * 500 * time.Millisecond)
					e := entry{at, rapid.Int64Range(1, 30).Draw(r, "amount")}
					got, err := limiter.Allow("a", fmt.Sprint("pay-", i), e.at, e.amount)
					if err != nil {
						r.Fatal(err)
					}
					want := fits(spent, limits, e)
					if got != want {
						r.Fatalf("spend %d of %d at %v: got %t, want %t; windows %v, spent %v", i, e.amount, e.at, got, want, limits, spent)
					}
					if want {
						spent = append(spent, e)
					}
				}
			})
		})
	}
}

// fits is what exact means: the spends dated in (t-span, t] and this one are no more than the maximum, in each window.
func fits(spent []entry, limits []window, e entry) bool {
	for _, w := range limits {
		sum := e.amount
		for _, s := range spent {
			if e.at.Sub(s.at) < w.span {
				sum += s.amount
			}
		}
		if sum > w.max {
			return false
		}
	}
	return true
}

// testCleanup is a test whose cleanups run early.
type testCleanup struct {
	testing.TB
	cleanups []func()
}

func (c *testCleanup) Cleanup(f func()) { c.cleanups = append(c.cleanups, f) }

func (c *testCleanup) run() {
	for _, f := range c.cleanups {
		f()
	}
}

// Two at once at the same account do not get more through than one: check and record are one step.
func TestExactOnesAreAtomic(t *testing.T) {
	for _, impl := range impls {
		if !impl.exact {
			continue
		}
		t.Run("impl="+impl.name, func(t *testing.T) {
			t.Parallel()
			limiter := impl.open(t, []window{{"month", 30 * day, 100}})
			var through atomic.Int64
			var wg sync.WaitGroup
			for racer := range 8 {
				wg.Go(func() {
					for i := range 50 {
						ok, err := limiter.Allow("a", fmt.Sprintf("pay-%d-%d", racer, i), epoch, 1)
						if err != nil {
							t.Error(err)
							return
						}
						if ok {
							through.Add(1)
						}
					}
				})
			}
			wg.Wait()
			if got := through.Load(); got != 100 {
				t.Errorf("got %d let through by eight at once, want 100", got)
			}
		})
	}
}

// An account that was loaded with a history decides as one that was asked for all of it.
func TestLoadIsAsAllow(t *testing.T) {
	history := make([]entry, 20)
	for i := range history {
		history[i] = entry{epoch.Add(time.Duration(i) * time.Hour), 10}
	}
	for _, impl := range impls {
		if !impl.keeps {
			continue
		}
		t.Run("impl="+impl.name, func(t *testing.T) {
			limiter := impl.open(t, []window{{"day", day, 210}})
			if err := load(limiter, "a", history, &impl, len(history)); err != nil {
				t.Fatal(err)
			}
			at := epoch.Add(day - time.Second)
			for i, want := range []bool{true, false} { // the whole history counts until a day has gone by
				if got, err := limiter.Allow("a", fmt.Sprint("pay-", i), at, 10); err != nil || got != want {
					t.Errorf("spend %d: got %t, %v, want %t", i, got, err, want)
				}
			}
			if got, err := limiter.Allow("a", "pay-2", epoch.Add(day), 10); err != nil || !got {
				t.Errorf("when the first has left: got %t, %v, want true", got, err)
			}
		})
	}
}

// A decision of package cap, with the look-up and the lock, allocates nothing once the account has grown, whether its
// limits are far away or used up.
func TestMetersDoNotAllocate(t *testing.T) {
	for _, open := range []func(testing.TB, []window) bench.Limiter{newMeters, newAuthorizingMeters, newLockedMeters} {
		wide := windows(3, scale)
		step := stepOf(wide, entries)
		for _, limits := range [][]window{wide, usedUp(wide, step, amount)} {
			limiter, at := open(t, limits), epoch
			decide := func() {
				at = at.Add(step)
				if ok, err := limiter.Allow("a", id, at, amount); err != nil || !ok {
					t.Fatal(at, ok, err)
				}
			}
			for range 2 * entries {
				decide()
			}
			if got := testing.AllocsPerRun(10*entries, decide); got != 0 {
				t.Errorf("%T, limits %v: got %v allocations a decision, want 0", limiter, limits, got)
			}
		}
	}
}

// Limits that are used up take everything that an account spends at its steps, and not a cent more.
func TestUsedUp(t *testing.T) {
	wide := windows(3, scale)
	step := stepOf(wide, entries)
	for i := range wide {
		limiter, at := newInt64s(t, usedUp(wide[i:i+1], step, amount)), epoch
		for range 3 * entries {
			at = at.Add(step)
			if ok, err := limiter.Allow("a", id, at, amount); err != nil || !ok {
				t.Fatalf("%s at %v: got %t, %v, want true", wide[i].name, at, ok, err)
			}
		}
		if ok, err := limiter.Allow("a", id, at, 1); err != nil || ok {
			t.Errorf("a cent more in a %s: got %t, %v, want false", wide[i].name, ok, err)
		}
	}
}
