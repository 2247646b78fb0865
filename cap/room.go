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

// Fits reports whether the amount ever fits.
func (r Room) Fits() bool { return r.Reason == "" }

// RoomFor returns the first instant at or after at, and not before Oldest, at which the amount would be approved at a
// merchant, as long as nothing else happens. A nil merchant stands for an unknown one. It costs a step for each entry that
// has to leave, for each window; as much again for each hold that ends meanwhile; and for an instant before the latest
// spend, a step for each entry dated since.
//
// RoomFor returns an error if:
//   - the instant is out of range, the merchant is malformed, or the meter has no policy (ErrInvalid);
//   - the amount is not in the policy's currency (money.ErrCurrencyMismatch).
func (m *Meter) RoomFor(amount money.Amount, at time.Time, merchant *Merchant) (Room, error) {
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
	in, err := m.asked(merchant)
	if err != nil {
		return Room{}, err
	}
	minor := amount.Minor()
	switch {
	case minor <= 0:
		return Room{Reason: AmountNotPositive}, nil
	case minor > MaxAmount || m.noRoom(minor, in):
		return Room{Reason: Overflow}, nil
	}
	t = max(t, m.oldest)
	m = m.as(t)
	copied := false
	for {
		next, ok := m.roomAt(in, minor, t)
		ends := int64(never)
		if m.rare != nil {
			ends = m.rare.next()
		}
		switch {
		case ends < end && (ends < next || !ok): // look again as it is then
			if !copied {
				m, copied = m.Clone(), true
			}
			m.expire(ends)
			t = max(t, ends)
		case ok:
			return Room{At: timeOf(next)}, nil
		default:
			return m.endless(in, minor), nil
		}
	}
}

// roomAt returns the first instant from t on at which the amount fits every limit of some groups, if no hold ends; and
// whether there is one.
func (m *Meter) roomAt(in groups, minor, t int64) (_ int64, ok bool) {
	// Each limit moves t on, past where the amount does not fit it, until all of them let it stay.
	for moved := true; moved; {
		moved = false
		for k, g := range m.policy.groups {
			if !in.has(k) {
				continue
			}
			b := m.bookOf(k)
			for i := range g.rules {
				for {
					next := b.nextFit(&g.rules[i], minor, t)
					if next == t {
						break
					}
					if next >= end {
						return t, false
					}
					t, moved = next, true
				}
			}
		}
	}
	return t, true
}

// endless says why an amount never fits: what refuses it still when all that can leave has left.
func (m *Meter) endless(in groups, minor int64) Room {
	m = m.as(end - 1)
	var d Decision
	d.start(m, end-1, minor)
	m.tellPeaks(&d, end-1)
	d.bind(in, minor, 1)
	room := Room{Reason: d.Reason()}
	if l, ok := d.Binding(); ok {
		room.Limit = l.Name
	}
	return room
}

// nextFit returns t when the amount fits every window of a limit that contains t. Otherwise it returns a later instant,
// before which it does not fit.
func (b *book) nextFit(r *rule, minor, t int64) int64 {
	most, mostCount := r.maxima(t)
	switch {
	case minor > most:
		return r.turn(t)
	case r.kind == perTransaction:
		return t
	case !r.finite() && (minor > most-max(0, b.sum) || b.count >= mostCount):
		return r.turn(t)
	case !r.finite():
		return t
	}
	c := b.look(r, t)
	hi := max(c.head, b.upper(t))
	if hi < b.n {
		sum, count := b.sumUp(c.head, t)
		c.sum, c.count = sum, int64(count)
	}
	if b.credits > 0 {
		return b.nextFitAmongRefunds(r, c, hi, minor, t)
	}
	next := b.leave(r, c, hi, minor, t)
	until, s := b.untilAt(r, t), step{b: b, r: r}
	for hi < b.n && b.at(hi).a < until {
		u, live := b.at(hi).a, false
		for ; hi < b.n && b.at(hi).a == u; hi++ {
			c.add(b.at(hi))
			live = live || b.at(hi).live()
		}
		for after := s.after(u); c.head < hi && b.at(c.head).a <= after; {
			c.drop(b.at(c.head))
		}
		// A window that is too full later keeps t out as well, up to where that one has emptied.
		if most, _ := r.maxima(u); !live {
			continue
		} else if minor > most {
			next = u
		} else if free := b.leave(r, c, hi, minor, u); free > u {
			next = free
		}
	}
	if next > t {
		next = min(next, r.turn(t))
	}
	return next
}

// leave returns when so much has left the window c at t, which ends before entry hi, that the amount fits; t when it fits
// at once.
func (b *book) leave(r *rule, c cursor, hi int, minor, t int64) int64 {
	most, mostCount := r.maxima(t)
	last := int64(-1)
	for c.head < hi && (minor > most-c.sum || c.count >= mostCount) {
		e := b.at(c.head)
		c.drop(e)
		last = e.a
	}
	if last < 0 {
		return t
	}
	return b.untilAt(r, last)
}

// nextFitAmongRefunds is nextFit where refunds leave, and make windows fuller by that: it looks at each instant at which
// anything changes.
func (b *book) nextFitAmongRefunds(r *rule, c cursor, hi int, minor, t int64) int64 {
	w := b.walk(r, c, t, hi)
	next := t
	for {
		if minor > w.most-max(0, w.c.sum+w.more) || w.c.count >= w.mostCount-w.moreCount {
			next = w.event() // it stays as full until then, and so keeps out all from t on
		}
		if !w.next() {
			break
		}
	}
	if next > t {
		next = min(next, r.turn(t))
	}
	return next
}
