package bench_test

import (
	"context"
	"testing"
	"time"

	"github.com/RussellLuo/slidingwindow"
	seth "github.com/sethvargo/go-limiter"
	"github.com/sethvargo/go-limiter/memorystore"
	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"
	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/store/memory"
	"golang.org/x/time/rate"

	"github.com/payrules/payrules/cap/bench"
)

// bucket is a token bucket of x/time/rate for a window: it holds the maximum and refills it in the length of the window.
type bucket struct{ accounts *keyed[rate.Limiter] }

// buckets are three of them, asked one after another: what the first gave is gone when the second refuses, since a
// cancelled Reservation gives back only about what it took.
type buckets struct{ accounts *keyed[[3]*rate.Limiter] }

func newXTimeRate(_ testing.TB, windows []window) bench.Limiter {
	of := func(w window) *rate.Limiter {
		return rate.NewLimiter(rate.Limit(float64(w.max)/w.span.Seconds()), int(w.max))
	}
	if len(windows) == 1 {
		return bucket{newKeyed(func() *rate.Limiter { return of(windows[0]) })}
	}
	return buckets{newKeyed(func() *[3]*rate.Limiter {
		return &[3]*rate.Limiter{of(windows[0]), of(windows[1]), of(windows[2])}
	})}
}

func (b bucket) Allow(account, _ string, at time.Time, amount int64) (bool, error) {
	return b.accounts.get(account).AllowN(at, int(amount)), nil
}

func (b buckets) Allow(account, _ string, at time.Time, amount int64) (bool, error) {
	for _, limiter := range b.accounts.get(account) {
		if !limiter.AllowN(at, int(amount)) {
			return false, nil
		}
	}
	return true, nil
}

// weighted is slidingwindow's pair of fixed windows: the one before counts for as much of it as is still in sight.
type weighted struct {
	accounts *keyed[slidingwindow.Limiter]
}

// weighteds are three of them, asked one after another.
type weighteds struct {
	accounts *keyed[[3]*slidingwindow.Limiter]
}

func newSlidingWindow(_ testing.TB, windows []window) bench.Limiter {
	of := func(w window) *slidingwindow.Limiter {
		limiter, _ := slidingwindow.NewLimiter(w.span, w.max, func() (slidingwindow.Window, slidingwindow.StopFunc) {
			return slidingwindow.NewLocalWindow()
		})
		return limiter
	}
	if len(windows) == 1 {
		return weighted{newKeyed(func() *slidingwindow.Limiter { return of(windows[0]) })}
	}
	return weighteds{newKeyed(func() *[3]*slidingwindow.Limiter {
		return &[3]*slidingwindow.Limiter{of(windows[0]), of(windows[1]), of(windows[2])}
	})}
}

func (w weighted) Allow(account, _ string, at time.Time, amount int64) (bool, error) {
	return w.accounts.get(account).AllowN(at, amount), nil
}

func (w weighteds) Allow(account, _ string, at time.Time, amount int64) (bool, error) {
	for _, limiter := range w.accounts.get(account) {
		if !limiter.AllowN(at, amount) {
			return false, nil
		}
	}
	return true, nil
}

// gcra is throttled's generic cell rate algorithm over its store in memory, a store for each window.
type gcra []*throttled.GCRARateLimiterCtx

func newThrottled(tb testing.TB, windows []window) bench.Limiter {
	var g gcra
	for _, w := range windows {
		store, err := memstore.NewCtx(0)
		if err != nil {
			tb.Fatal(err)
		}
		limiter, err := throttled.NewGCRARateLimiterCtx(store, throttled.RateQuota{
			MaxRate:  throttled.PerDuration(int(w.max), w.span),
			MaxBurst: int(w.max) - 1,
		})
		if err != nil {
			tb.Fatal(err)
		}
		// By default it gives up with an error when two cores have met ten times over one account. Then it would do less.
		limiter.SetMaxCASAttemptsLimit(1 << 30)
		g = append(g, limiter)
	}
	return g
}

func (g gcra) Allow(account, _ string, _ time.Time, amount int64) (bool, error) {
	for _, limiter := range g {
		limited, _, err := limiter.RateLimitCtx(context.Background(), account, int(amount))
		if limited || err != nil {
			return false, err
		}
	}
	return true, nil
}

// tokens is go-limiter's store in memory. It takes one token a call and knows no amounts, so it counts purchases.
type tokens struct{ store seth.Store }

// purchase is what one token stands for when the customer of the exactness test pays.
const purchase = 10_00

func newSethVargo(tb testing.TB, windows []window) bench.Limiter {
	w := windows[0]
	store, err := memorystore.New(&memorystore.Config{Tokens: uint64(w.max / purchase), Interval: w.span})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return tokens{store}
}

func (t tokens) Allow(account, _ string, _ time.Time, _ int64) (bool, error) {
	_, _, _, ok, err := t.store.Take(context.Background(), account)
	return ok, err
}

// fixed is ulule's window that begins with the first spend after the last one ended, a store for each window. It cleans up
// as it does by default.
type fixed []*limiter.Limiter

func newUlule(_ testing.TB, windows []window) bench.Limiter {
	var f fixed
	for _, w := range windows {
		store := memory.NewStoreWithOptions(limiter.StoreOptions{
			Prefix:          limiter.DefaultPrefix,
			CleanUpInterval: limiter.DefaultCleanUpInterval,
		})
		f = append(f, limiter.New(store, limiter.Rate{Period: w.span, Limit: w.max}))
	}
	return f
}

func (f fixed) Allow(account, _ string, _ time.Time, amount int64) (bool, error) {
	for _, window := range f {
		state, err := window.Increment(context.Background(), account, amount)
		if state.Reached || err != nil {
			return false, err
		}
	}
	return true, nil
}
