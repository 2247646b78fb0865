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
	m.seek(&c, r.window.after(t), true)
	return c
}

// peakAt returns what a limit with a cursor has in use for a spend dated t: in the fullest window that contains t.
func (m *Meter) peakAt(r *rule, t int64) (sum, count int64) {
	c := m.look(r, t)
	if t >= m.newest() {
		return c.sum, c.count
	}
	sum, n := m.sumUp(c.head, t)
	return m.peak(r, cursor{c.head, sum, int64(n)}, t, max(c.head, m.upper(t)), -1, 0)
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
				row.free, row.freeCount = m.sumUp(c.head, min(t, r.window.lastWith(m.at(c.head).a)))
			}
		}
		d.mark(i, r, row)
	}
	return d.Usage, nil
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
