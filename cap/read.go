package cap

import (
	"fmt"
	"math"
	"time"

	"github.com/payrules/payrules/money"
)

// look returns a copy of the cursor of a limit, moved to t. It writes nothing, unlike move.
func (m *Meter) look(r *rule, t int64) cursor {
	c := m.slots[r.slot].cursor()
	m.seek(&c, max(r.window.after(t), m.gone), true)
	return c
}

// sumUp returns what the entries from lo on, dated at or before t, amount to.
func (m *Meter) sumUp(lo int, t int64) (sum, count int64) {
	for ; lo < m.n; lo++ {
		e := m.at(lo)
		if e.a > t {
			break
		}
		amount, n := e.counted()
		sum += amount
		count += n
	}
	return sum, count
}

// peakAt returns what a limit with a cursor has in use for a spend dated t: in the fullest window that contains t.
func (m *Meter) peakAt(r *rule, t int64) (sum, count int64) {
	c := m.look(r, t)
	if t >= m.newest() {
		return c.sum, c.count
	}
	at := cursor{head: c.head}
	at.sum, at.count = m.sumUp(c.head, t)
	return m.peak(r, at, t, max(c.head, m.upper(t)), -1, 0)
}

// readable returns the instant of a reader's argument.
func (m *Meter) readable(at time.Time) (int64, error) {
	if m.policy == nil {
		return 0, invalid("policy", "the meter has none")
	}
	t, err := instantOf(at)
	if err != nil {
		return 0, err
	}
	if t < m.oldest {
		return 0, fmt.Errorf("%w: at is before %s, the oldest instant that can be read", ErrForgotten, m.Oldest().Format(time.RFC3339Nano))
	}
	return t, nil
}

// named returns the rule of the limit of that name.
func (m *Meter) named(limit string, at time.Time) (*rule, int64, error) {
	t, err := m.readable(at)
	if err != nil {
		return nil, 0, err
	}
	i, ok := m.policy.index(limit)
	if !ok {
		return nil, 0, fmt.Errorf("%w %q", ErrUnknownLimit, clip(limit))
	}
	return &m.policy.rules[i], t, nil
}

// Usage returns what every limit has to say at an instant, as a decision about a spend dated then would before it
// recorded the spend. It costs O(n) at the most, for n entries kept, and little close to the latest decision.
//
// Usage returns an error if:
//   - the instant is out of range, or the meter has no policy (ErrInvalid);
//   - the instant is before Oldest (ErrForgotten).
func (m *Meter) Usage(at time.Time) (Usage, error) {
	t, err := m.readable(at)
	if err != nil {
		return Usage{}, err
	}
	// As tell does, but on copies of the cursors, so that readers may run together.
	var d Decision
	d.start(m, t, 0)
	hi := m.upper(t)
	for i := range m.policy.rules {
		r, row := &m.policy.rules[i], &d.rows[i]
		switch {
		case r.kind == lifetime:
			row.used, row.count = m.sum, uint32(m.count)
		case r.finite():
			sum, count := m.peakAt(r, t)
			row.used, row.count = sum, uint32(count)
			c := m.look(r, t)
			for c.head < hi && !m.at(c.head).live() {
				c.head++
			}
			if c.head < hi {
				row.freeAt = r.window.until(m.at(c.head).a)
				sum, count = m.sumWhile(c.head, hi, r, row.freeAt)
				row.free, row.freeCount = sum, uint32(count)
			}
		}
		d.mark(i, r, row)
	}
	return d.Usage, nil
}

// sumWhile returns what the entries from lo on amount to that leave the window of r at an instant.
func (m *Meter) sumWhile(lo, hi int, r *rule, until int64) (sum, count int64) {
	// Not one by one: until is dear for civil days. The last that leaves then is found by halving.
	first := lo
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if r.window.until(m.at(mid).a) <= until {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for ; first < lo; first++ {
		amount, n := m.at(first).counted()
		sum += amount
		count += n
	}
	return sum, count
}

// Used returns how much the spends in a limit's window at an instant amount to. For a PerTransaction limit that is zero.
// It costs what [Meter.Usage] costs for one limit.
//
// Used returns an error if:
//   - the policy has no limit of that name (ErrUnknownLimit);
//   - the instant is out of range, or the meter has no policy (ErrInvalid);
//   - the instant is before Oldest (ErrForgotten).
func (m *Meter) Used(limit string, at time.Time) (money.Amount, error) {
	r, t, err := m.named(limit, at)
	if err != nil {
		return money.Amount{}, err
	}
	sum := int64(0)
	switch {
	case r.kind == lifetime:
		sum = m.sum
	case r.finite():
		sum, _ = m.sumUp(m.look(r, t).head, t)
	}
	return money.New(sum, m.policy.currency), nil
}

// Remaining returns how much more a limit would take from spends dated at an instant: never below zero, and the zero
// Amount when the limit has no amount. It costs and returns the errors of [Meter.Used].
func (m *Meter) Remaining(limit string, at time.Time) (money.Amount, error) {
	r, t, err := m.named(limit, at)
	if err != nil || r.max == math.MaxInt64 {
		return money.Amount{}, err
	}
	return money.New(m.left(r, t), m.policy.currency), nil
}

// left returns how much more a limit would take at t, whatever its count says.
func (m *Meter) left(r *rule, t int64) int64 {
	used := int64(0)
	switch {
	case r.kind == lifetime:
		used = m.sum
	case r.finite():
		used, _ = m.peakAt(r, t)
	}
	return max(0, r.max-used)
}

// MaxNow returns the largest amount that would be approved at an instant, for a partial approval; zero when nothing
// would. It costs and returns the errors of [Meter.Usage].
func (m *Meter) MaxNow(at time.Time) (money.Amount, error) {
	t, err := m.readable(at)
	if err != nil {
		return money.Amount{}, err
	}
	most := min(int64(MaxAmount), math.MaxInt64-m.sum)
	for i := range m.policy.rules {
		r := &m.policy.rules[i]
		count := int64(0)
		switch {
		case r.maxCount == math.MaxInt64:
		case r.kind == lifetime:
			count = m.count
		case r.finite():
			_, count = m.peakAt(r, t)
		}
		if count >= r.maxCount {
			most = 0
		}
		most = min(most, m.left(r, t))
	}
	return money.New(most, m.policy.currency), nil
}
