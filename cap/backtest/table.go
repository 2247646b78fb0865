package backtest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// table is the accounts that hold something, numbered from 0. When it is full, it lets go of those that are idle, and
// their numbers are given to others.
type table struct {
	candidates []candidate
	most       int   // how many accounts may hold something
	late       int64 // how far before the newest attempt others may be dated

	numbers  map[string]int
	accounts []account
	meters   []metered // those of account i stand from i·len(candidates) on
	free     []int     // numbers that were given back

	newest int64 // instant of the latest attempt
	from   int64 // what is dated from here on finds nothing of the accounts that were let go
	before int64 // no account that was let go had more asked
	met    int64 // how many accounts were taken in
	gone   int64 // how many were let go
}

// account is one account, without its meters.
type account struct {
	key   string
	from  int64 // an attempt dated before it might have to do with what was let go
	last  int64 // instant of the latest attempt
	until int64 // when its last hold expires
	asked int64 // at least twice what any policy ever recorded or counted, and 2^31 for each time
	keep  bool  // never to be let go
	past  *past // nil, unless hindsight is wanted
}

// metered is an account under one policy.
type metered struct {
	meter *cap.Meter
	room  int64 // so much more leaves every limit below its peak
	count int64 // and so many more spends
}

// manyAsked is what an account is kept with, since a meter refuses what would make the sum of everything overflow: so no
// account comes near to that without its meter.
const manyAsked = math.MaxInt64 / 2

// number returns the number of an account, which is taken in if need be.
func (t *table) number(key string) (int, error) {
	if i, ok := t.numbers[key]; ok {
		return i, nil
	}
	if err := event.ValidateKey(key); err != nil {
		return 0, fmt.Errorf("%w account: %w", ErrInvalid, err)
	}
	if len(t.numbers) >= t.most+t.most/16 { // a sixteenth more, so that a sweep is worth its while
		if err := t.sweep(); err != nil {
			return 0, err
		}
	}
	key = strings.Clone(key) // it may be a part of something long
	a := account{key: key, from: t.from, last: -1, asked: t.before}
	i := len(t.accounts)
	if n := len(t.free); n > 0 {
		i = t.free[n-1]
		t.free = t.free[:n-1]
		t.accounts[i] = a
	} else {
		t.accounts = append(t.accounts, a)
		t.meters = append(t.meters, make([]metered, len(t.candidates))...)
	}
	for c := range t.candidates {
		c := &t.candidates[c]
		t.metersOf(i)[c.number] = metered{cap.NewMeter(c.Policy), c.room, c.count}
	}
	t.numbers[key] = i
	t.met++
	return i, nil
}

// metersOf returns the meters of account i, one for each candidate.
func (t *table) metersOf(i int) []metered {
	n := len(t.candidates)
	return t.meters[i*n : (i+1)*n]
}

// add counts what was recorded on account a. It returns an error if the sum of everything might overflow together with
// what a meter that was let go knew of.
func (t *table) add(a *account, minor int64) error {
	sum := a.asked + 2*minor + 1<<31
	if sum < 0 {
		sum = math.MaxInt64
		if a.from > 0 {
			return fmt.Errorf("%w: the sum of everything that the account ever spent might overflow", ErrLetGo)
		}
	}
	a.asked = sum
	return nil
}

// sweep lets go of every account that is idle: nothing that its meters hold matters to attempts dated t.late before the
// newest one or later. It returns an error if more are left than there may be.
func (t *table) sweep() error {
	from := t.newest - t.late
	horizons := make([]int64, len(t.candidates))
	for c := range horizons {
		h, err := horizon(t.candidates[c].probes, from)
		if err != nil {
			return err
		}
		horizons[c] = h
	}
	for i := range t.accounts {
		if a := &t.accounts[i]; a.key != "" && t.idle(i, from, horizons) {
			t.from = from
			t.before = max(t.before, a.asked)
			t.gone++
			delete(t.numbers, a.key)
			*a = account{}
			clear(t.metersOf(i))
			t.free = append(t.free, i)
		}
	}
	if len(t.numbers) > t.most {
		return fmt.Errorf("%w: more than %d", ErrTooManyAccounts, t.most)
	}
	return nil
}

// idle reports whether account i may be let go.
func (t *table) idle(i int, from int64, horizons []int64) bool {
	a := &t.accounts[i]
	if a.keep || a.last >= from || a.until > from || a.asked > manyAsked {
		return false
	}
	for c, m := range t.metersOf(i) {
		if latest := m.meter.Latest(); !latest.IsZero() && latest.UnixMicro() > horizons[c] {
			return false
		}
	}
	return true
}

// A probe tells when a window lets go of a spend, by asking a meter that has no other limit.
type probe struct{ policy *cap.Policy }

// newProbes returns a probe for each limit of a policy.
func newProbes(p *cap.Policy) ([]probe, error) {
	var out []probe
	for _, l := range p.Limits() {
		only := []cap.Limit{{Name: l.Name, Max: money.New(1, p.Currency()), Window: l.Window}}
		q, err := cap.NewPolicy(p.Currency(), only, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, probe{q})
	}
	return out, nil
}

// holds reports whether the window at an instant holds a spend dated at another, not later one.
func (p probe) holds(spend, at int64) (bool, error) {
	m := cap.NewMeter(p.policy)
	one := money.New(1, p.policy.Currency())
	if _, err := m.ForcePost(cap.Spend{ID: "probe", At: time.UnixMicro(spend), Amount: one}); err != nil {
		return false, err
	}
	used, err := m.Used(p.policy.Limits()[0].Name, time.UnixMicro(at))
	return used.Minor() > 0, err
}

// horizon returns the latest instant before another of which no window at that other one, or later, holds anything; -1 when
// there is none. Windows never go back, so that it is found by halving.
func horizon(probes []probe, at int64) (int64, error) {
	h := at - 1
	for _, p := range probes {
		out, in := int64(-1), max(h+1, 0) // out is out, or before all; from in on, it does not matter
		for out+1 < in {
			half := out + (in-out)/2
			holds, err := p.holds(half, at)
			if err != nil {
				return 0, err
			}
			if holds {
				in = half
			} else {
				out = half
			}
		}
		h = min(h, out)
	}
	return h, nil
}
