package cap

import (
	"time"

	"github.com/payrules/payrules/money"
)

// Room is the answer of [Meter.RoomFor].
type Room struct {
	_ struct{} // disallow positional literals

	// At is the first instant at which the amount fits, as long as nothing else happens; the zero time: never.
	At time.Time

	// Reason is why never, "" otherwise: what Authorize would go on refusing the amount for.
	Reason Reason

	// Limit is the limit that Reason speaks of, "" when it speaks of none.
	Limit string
}

// Fits reports whether the amount fits one day.
func (r Room) Fits() bool { return r.Reason == "" }

// RoomFor returns the first instant at or after at, and not before Oldest, at which the amount would be approved, as
// long as nothing else happens. It costs a step for each entry that has to leave, for each window; and for an instant
// before the latest spend, one for each entry dated since.
//
// RoomFor returns an error if:
//   - the instant is out of range, or the meter has no policy (ErrInvalid);
//   - the amount is not in the policy's currency (money.ErrCurrencyMismatch).
func (m *Meter) RoomFor(amount money.Amount, at time.Time) (Room, error) {
	if m.policy == nil {
		return Room{}, invalid("policy", "the meter has none")
	}
	t, err := instantOf(at)
	if err != nil {
		return Room{}, err
	}
	if amount.Currency() != m.policy.currency {
		return Room{}, badCurrency(amount.Currency(), m.policy.currency)
	}
	minor := amount.Minor()
	if room, ok := m.neverFits(minor); ok {
		return room, nil
	}
	t = max(t, m.oldest)
	// Each limit moves t on, past where the amount does not fit it, until all of them let it stay.
	for moved := true; moved; {
		moved = false
		for i := range m.policy.rules {
			r := &m.policy.rules[i]
			if !r.finite() {
				continue
			}
			for {
				next := m.nextFit(r, minor, t)
				if next == t {
					break
				}
				if next >= end {
					return m.endless(minor, t), nil
				}
				t, moved = next, true
			}
		}
	}
	return Room{At: timeOf(t)}, nil
}

// endless is the answer for an amount that does not fit at t, nor before the end of time.
func (m *Meter) endless(minor, t int64) Room {
	probe := m.clone()
	var d Decision
	probe.judgeSpend(&d, ask{at: t, amount: minor}, false)
	room := Room{Reason: d.Reason()}
	if l, ok := d.Binding(); ok {
		room.Limit = l.Name
	}
	return room
}

// neverFits tells an amount that no wait makes fit.
func (m *Meter) neverFits(minor int64) (Room, bool) {
	switch {
	case minor <= 0:
		return Room{Reason: AmountNotPositive}, true
	case minor > MaxAmount || m.overflows(minor):
		return Room{Reason: Overflow}, true
	}
	for i := range m.policy.rules {
		r := &m.policy.rules[i]
		if minor > r.max || r.kind == lifetime && minor > r.max-m.sum {
			return m.never(i, r, minor), true
		}
	}
	for i := range m.policy.rules {
		if r := &m.policy.rules[i]; r.kind == lifetime && m.count >= r.maxCount {
			return m.never(i, r, minor), true
		}
	}
	return Room{}, false
}

// never says that limit i will not take the amount.
func (m *Meter) never(i int, r *rule, minor int64) Room {
	why := AmountLimitExceeded
	if r.kind == lifetime && minor <= r.max-m.sum {
		why = CountLimitExceeded
	}
	return Room{Reason: why, Limit: m.policy.limits[i].Name}
}

// nextFit returns t when the amount, which is within the limit's maximum, fits every window that contains t. Otherwise
// it returns a later instant, before which it does not fit.
func (m *Meter) nextFit(r *rule, minor, t int64) int64 {
	c := m.look(r, t)
	hi := max(c.head, m.upper(t))
	if hi < m.n {
		sum, count := m.sumUp(c.head, t)
		c.sum, c.count = sum, int64(count)
	}
	next := m.leave(r, c, hi, minor, t)
	until := r.window.until(t)
	for hi < m.n && m.at(hi).a < until {
		u := m.at(hi).a
		for ; hi < m.n && m.at(hi).a == u; hi++ {
			amount, n := m.at(hi).counted()
			c.sum += amount
			c.count += n
		}
		for after := r.window.after(u); c.head < hi && m.at(c.head).a <= after; c.head++ {
			amount, n := m.at(c.head).counted()
			c.sum -= amount
			c.count -= n
		}
		// A window that is too full later keeps t out as well, up to where that one has emptied.
		if free := m.leave(r, c, hi, minor, u); free > u {
			next = free
		}
	}
	return next
}

// leave returns when so much has left the window c at t, which ends before entry hi, that the amount fits; t when it
// fits at once.
func (m *Meter) leave(r *rule, c cursor, hi int, minor, t int64) int64 {
	last := int64(-1)
	for c.head < hi && (minor > r.max-c.sum || c.count >= r.maxCount) {
		e := m.at(c.head)
		amount, n := e.counted()
		c.sum -= amount
		c.count -= n
		c.head++
		last = e.a
	}
	if last < 0 {
		return t
	}
	return r.window.until(last)
}
