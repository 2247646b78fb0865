package bench_test

import (
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/bench"
	"github.com/payrules/payrules/money"
)

// meters is package cap, asked for yes or no.
type meters struct{ *cap.Meters[string] }

// authorizing is package cap, asked for the whole Decision, with every limit's figures.
type authorizing struct{ *cap.Meters[string] }

// lockedMeters is what one would build of package cap by hand: a Meter an account, each under a lock, in the same map as
// the others.
type lockedMeters struct{ accounts *keyed[lockedMeter] }

type lockedMeter struct {
	sync.Mutex
	cap.Meter
}

func newMeters(tb testing.TB, windows []window) bench.Limiter { return meters{openMeters(tb, windows)} }

func newAuthorizingMeters(tb testing.TB, windows []window) bench.Limiter {
	return authorizing{openMeters(tb, windows)}
}

func newLockedMeters(tb testing.TB, windows []window) bench.Limiter {
	policy := policyOf(tb, windows)
	return lockedMeters{newKeyed(func() *lockedMeter { return &lockedMeter{Meter: *cap.NewMeter(policy)} })}
}

func openMeters(tb testing.TB, windows []window) *cap.Meters[string] {
	meters, err := cap.NewMeters[string](policyOf(tb, windows), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return meters
}

func policyOf(tb testing.TB, windows []window) *cap.Policy {
	limits := make([]cap.Limit, len(windows))
	for i, w := range windows {
		limits[i] = cap.Limit{Name: w.name, Max: money.New(w.max, money.EUR), Window: cap.Rolling(w.span)}
	}
	// A day late at most where the window is a month, as by default, on whatever scale the windows are.
	lateness := (windows[0].span / 30).Truncate(time.Microsecond)
	policy, err := cap.NewPolicy(money.EUR, limits, &cap.PolicyOptions{Lateness: lateness})
	if err != nil {
		tb.Fatal(err)
	}
	return policy
}

func (m meters) Allow(account, id string, at time.Time, amount int64) (bool, error) {
	outcome, _, err := m.Meters.Allow(account, cap.Spend{ID: id, At: at, Amount: money.New(amount, money.EUR)})
	return outcome == cap.Approved, err
}

func (m authorizing) Allow(account, id string, at time.Time, amount int64) (bool, error) {
	d, err := m.Authorize(account, cap.Spend{ID: id, At: at, Amount: money.New(amount, money.EUR)})
	return d.Approved(), err
}

func (m lockedMeters) Allow(account, id string, at time.Time, amount int64) (bool, error) {
	a := m.accounts.get(account)
	a.Lock()
	outcome, _, err := a.Meter.Allow(cap.Spend{ID: id, At: at, Amount: money.New(amount, money.EUR)})
	a.Unlock()
	return outcome == cap.Approved, err
}
