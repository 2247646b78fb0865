package bench_test

import (
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/payrules/payrules/cap/bench"
)

// decimals is what one writes first: a slice of spends in decimals for each account, under a lock, and a sum over each
// window for each decision. It is exact, for spends that come in order.
type decimals struct {
	accounts *keyed[decimalHistory]
	windows  []window
	max      []decimal.Decimal
}

type decimalHistory struct {
	sync.Mutex
	spends []decimalSpend
}

type decimalSpend struct {
	at     time.Time
	amount decimal.Decimal
}

func newDecimals(_ testing.TB, windows []window) bench.Limiter {
	d := &decimals{accounts: newKeyed(func() *decimalHistory { return new(decimalHistory) }), windows: windows}
	for _, w := range windows {
		d.max = append(d.max, decimal.New(w.max, -2))
	}
	return d
}

func (d *decimals) Allow(account, _ string, at time.Time, minor int64) (bool, error) {
	amount := decimal.New(minor, -2)
	h := d.accounts.get(account)
	h.Lock()
	defer h.Unlock()
	for len(h.spends) > 0 && !h.spends[0].at.After(at.Add(-d.windows[0].span)) {
		h.spends = h.spends[1:]
	}
	for i, w := range d.windows {
		sum, after := amount, at.Add(-w.span)
		for j := len(h.spends) - 1; j >= 0 && h.spends[j].at.After(after); j-- {
			sum = sum.Add(h.spends[j].amount)
		}
		if sum.GreaterThan(d.max[i]) {
			return false, nil
		}
	}
	h.spends = append(h.spends, decimalSpend{at, amount})
	return true, nil
}

// load makes the slice twice as long as the history: so it is for ever after, since append doubles what has slid to its
// end.
func (d *decimals) load(account string, history []entry) error {
	h := d.accounts.get(account)
	h.spends = make([]decimalSpend, 0, 2*len(history))
	for _, e := range history {
		h.spends = append(h.spends, decimalSpend{e.at, decimal.New(e.amount, -2)})
	}
	return nil
}

// int64s is the same in integers: minor units, and instants in microseconds.
type int64s struct {
	accounts *keyed[int64History]
	windows  []window
}

type int64History struct {
	sync.Mutex
	spends []int64Spend
}

type int64Spend struct{ at, amount int64 }

func newInt64s(_ testing.TB, windows []window) bench.Limiter {
	return &int64s{newKeyed(func() *int64History { return new(int64History) }), windows}
}

func (n *int64s) Allow(account, _ string, at time.Time, amount int64) (bool, error) {
	now := at.UnixMicro()
	h := n.accounts.get(account)
	h.Lock()
	defer h.Unlock()
	for len(h.spends) > 0 && h.spends[0].at <= now-n.windows[0].span.Microseconds() {
		h.spends = h.spends[1:]
	}
	for i := range n.windows {
		w := &n.windows[i]
		sum, after := amount, now-w.span.Microseconds()
		for j := len(h.spends) - 1; j >= 0 && h.spends[j].at > after; j-- {
			sum += h.spends[j].amount
		}
		if sum > w.max {
			return false, nil
		}
	}
	h.spends = append(h.spends, int64Spend{now, amount})
	return true, nil
}

func (n *int64s) load(account string, history []entry) error {
	h := n.accounts.get(account)
	h.spends = make([]int64Spend, 0, 2*len(history))
	for _, e := range history {
		h.spends = append(h.spends, int64Spend{e.at.UnixMicro(), e.amount})
	}
	return nil
}
