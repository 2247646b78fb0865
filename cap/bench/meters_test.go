package bench_test

import (
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/bench"
	"github.com/payrules/payrules/money"
)

// meters is package cap: a meter an account, each under a lock, in the same map as the others. This file is the one
// place to change when the package brings a concurrent map of meters: newMeters and the two Allow would call it, and
// account would go.
type meters struct{ accounts *keyed[account] }

// authorizingMeters asks for the whole Decision, with every limit's figures, and not only for yes or no.
type authorizingMeters struct{ meters }

type account struct {
	sync.Mutex
	cap.Meter
}

func newMeters(tb testing.TB, windows []window) bench.Limiter { return openMeters(tb, windows) }

func newAuthorizingMeters(tb testing.TB, windows []window) bench.Limiter {
	return authorizingMeters{openMeters(tb, windows)}
}

func openMeters(tb testing.TB, windows []window) meters {
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
	return meters{newKeyed(func() *account { return &account{Meter: *cap.NewMeter(policy)} })}
}

func (m meters) Allow(account, id string, at time.Time, amount int64) (bool, error) {
	a := m.accounts.get(account)
	a.Lock()
	outcome, _, err := a.Meter.Allow(cap.Spend{ID: id, At: at, Amount: money.New(amount, money.EUR)})
	a.Unlock()
	return outcome == cap.Approved, err
}

func (m authorizingMeters) Allow(account, id string, at time.Time, amount int64) (bool, error) {
	a := m.accounts.get(account)
	a.Lock()
	d, err := a.Authorize(cap.Spend{ID: id, At: at, Amount: money.New(amount, money.EUR)})
	a.Unlock()
	return d.Approved(), err
}
