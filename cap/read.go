package cap

import (
	"fmt"
	"math"
	"time"

	"github.com/payrules/payrules/money"
)

// readable returns the instant of a reader's argument, and the meter as it is then.
func (m *Meter) readable(at time.Time) (*Meter, int64, error) {
	if m.policy == nil {
		return m, 0, invalid("policy", "the meter has none")
	}
	t, err := instantOf(at)
	if err != nil {
		return m, 0, err
	}
	if t < m.oldest {
		return m, 0, fmt.Errorf("%w: at is before %s, the oldest instant that can be read", ErrForgotten, m.Oldest().Format(time.RFC3339Nano))
	}
	return m.as(t), t, nil
}

// Usage returns what every limit has to say at an instant, as a decision about a spend dated then would before it
// recorded the spend. It costs O(n) at the most, for n entries kept, and little close to the latest decision.
//
// Usage returns an error if:
//   - the instant is out of range, or the meter has no policy (ErrInvalid);
//   - the instant is before Oldest (ErrForgotten).
func (m *Meter) Usage(at time.Time) (Usage, error) {
	m, t, err := m.readable(at)
	if err != nil {
		return Usage{}, err
	}
	var d Decision
	d.start(m, t, 0)
	m.tellPeaks(&d, t)
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
	m, t, err := m.readable(at)
	if err != nil {
		return money.Amount{}, err
	}
	i, ok := m.policy.index(limit)
	if !ok {
		return money.Amount{}, fmt.Errorf("%w %q", ErrUnknownLimit, clip(limit))
	}
	r, k := m.policy.ruleOf(i)
	b, sum := m.bookOf(k), int64(0)
	switch {
	case r.kind == lifetime:
		sum = b.sum
	case r.finite():
		sum, _ = b.sumUp(b.look(r, t).head, t)
	}
	return money.New(max(0, sum), m.policy.currency), nil
}

// Remaining returns how much more a limit would take from spends dated at an instant: never below zero, and the zero
// Amount when the limit has no amount. It costs and returns the errors of [Meter.Used].
func (m *Meter) Remaining(limit string, at time.Time) (money.Amount, error) {
	m, t, err := m.readable(at)
	if err != nil {
		return money.Amount{}, err
	}
	i, ok := m.policy.index(limit)
	if !ok {
		return money.Amount{}, fmt.Errorf("%w %q", ErrUnknownLimit, clip(limit))
	}
	r, k := m.policy.ruleOf(i)
	if r.max == math.MaxInt64 {
		return money.Amount{}, nil
	}
	left, _ := m.bookOf(k).left(r, t)
	return money.New(left, m.policy.currency), nil
}

// left returns how much more, and how many more, a limit would take at t, each whatever the other says.
func (b *book) left(r *rule, t int64) (amount, count int64) {
	used, n := int64(0), int64(0)
	switch {
	case r.kind == lifetime:
		used, n = b.sum, b.count
	case r.finite():
		used, n = b.peakAt(r, t)
	}
	most, mostCount := r.maxima(t)
	return max(0, most-max(0, used)), max(0, mostCount-n)
}

// MaxNow returns the largest amount that would be approved at an instant and a merchant, for a partial approval; zero
// when nothing would. A nil merchant stands for an unknown one. It costs and returns the errors of [Meter.Usage], and
// ErrInvalid if the merchant is malformed.
func (m *Meter) MaxNow(at time.Time, merchant *Merchant) (money.Amount, error) {
	m, t, err := m.readable(at)
	if err != nil {
		return money.Amount{}, err
	}
	in, err := m.asked(merchant)
	if err != nil {
		return money.Amount{}, err
	}
	most := MaxAmount
	for k, g := range m.policy.groups {
		if !in.has(k) {
			continue
		}
		b := m.bookOf(k)
		most = min(most, math.MaxInt64-b.sum-2*b.credited)
		for i := range g.rules {
			left, count := b.left(&g.rules[i], t)
			if count == 0 {
				left = 0
			}
			most = min(most, left)
		}
		if b.count >= math.MaxUint32 {
			most = 0
		}
	}
	return money.New(most, m.policy.currency), nil
}

// asked returns the groups that count an authorisation at a merchant.
func (m *Meter) asked(merchant *Merchant) (groups, error) {
	where := place{}
	if merchant != nil {
		var err error
		if where, err = merchant.place(); err != nil {
			return 0, err
		}
	}
	return m.policy.counting(m.policy.scoped(where), func(c *Counting) Mode { return c.Authorize }), nil
}
