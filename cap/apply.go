package cap

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Apply replays a fact that was decided before, on this meter or another: it changes what the fact says was changed, and
// judges nothing (law L11). Under another policy than the one it was decided under, the same facts give that policy's
// usage: so a policy can be tried out on history. It costs what the decision cost.
//
// Apply returns an error, and changes nothing, if:
//   - d is not an event of this package (ErrInvalid);
//   - a field is out of its bounds, or in another currency than the policy's (ErrInvalid);
//   - the fact cannot follow those applied before: a spend that is there already, a reversal or capture of one that is
//     not, or of another amount (ErrHistory);
//   - the meter has no policy (ErrInvalid).
func (m *Meter) Apply(d event.Data) error {
	switch e := d.(type) {
	case Authorized:
		return m.applySpend(recording, Spend{ID: e.ID, At: e.At, Amount: e.Amount, Expires: e.Expires, Merchant: e.Merchant})
	case ForcePosted:
		return m.applySpend(forcing, Spend{ID: e.ID, At: e.At, Amount: e.Amount, Merchant: e.Merchant})
	case Adjusted:
		return m.applyChange(adjusting, Change{ID: e.ID, At: e.At, Amount: e.Amount, On: e.On}, e.Authorized)
	case Captured:
		return m.applyChange(capturing, Change{ID: e.ID, At: e.At, Amount: e.Amount, On: e.On}, e.Authorized)
	case Reversed:
		return m.applyReverse(e)
	case Refunded:
		return m.applyRefund(Refund{ID: e.ID, At: e.At, Amount: e.Amount, Of: e.Of, Merchant: e.Merchant})
	case PolicySet:
		if err := m.checkPolicy(e.Policy); err != nil {
			return err
		}
		m.setPolicy(e.Policy)
		return nil
	case Refusal:
		return m.applyRefusal(e)
	case Repeated: // nothing changed
		if m.policy == nil {
			return invalid("policy", "the meter has none")
		}
		return nil
	}
	return invalid("event", "%T is none of this package", d)
}

// checkFact makes the ask of a recorded fact.
func (m *Meter) checkFact(id string, at time.Time, amount money.Amount) (ask, error) {
	a, err := m.check(id, at, amount)
	if err == nil && (a.amount < 1 || a.amount > MaxAmount) {
		err = invalid("amount", "%s, want more than zero and at most 2^54-1 minor units", amount)
	}
	return a, err
}

func (m *Meter) applySpend(kind changeKind, s Spend) error {
	a, err := m.checkFact(s.ID, s.At, s.Amount)
	if err != nil {
		return err
	}
	x, err := s.particulars(a.at)
	if err != nil {
		return err
	}
	c := change{act: act{kind: kind}, on: a.at}
	c.in = m.policy.counting(m.policy.scoped(x.place), func(g *Counting) Mode {
		if kind == forcing {
			return g.ForcePost
		}
		return g.Authorize
	})
	if m.noRoom(a.amount, c.in) {
		return fmt.Errorf("%w: the sum of all spends overflows", ErrHistory)
	}
	if a.at <= m.floor() {
		// Under this policy it is gone at once, and counts only for what counts everything.
		m.countGone(c.in, a.amount)
		return nil
	}
	if a.at <= m.newest() && !m.isFinal(a.at) && m.find(a.at, a.hash, m.upper(a.at)) >= 0 {
		return fmt.Errorf("%w: the spend is recorded already", ErrHistory)
	}
	if x.expires != 0 && x.expires <= m.latest {
		return fmt.Errorf("%w: the hold ends before it begins", ErrHistory)
	}
	m.expire(max(a.at, m.latest))
	m.commit(c, &a, &x, nil)
	return nil
}

// countGone counts a spend that is gone at once in some books.
func (m *Meter) countGone(in groups, amount int64) {
	for k := range m.policy.groups {
		if in.has(k) {
			b := m.bookOf(k)
			b.sum += amount
			b.count++
		}
	}
}

// applyRefusal counts a refused spend for the limits that count attempts.
func (m *Meter) applyRefusal(e Refusal) error {
	if m.policy == nil {
		return invalid("policy", "the meter has none")
	}
	if !m.policy.attempts || e.Command != nameAuthorize || e.Reason.code() < amountExceeded {
		return nil
	}
	a, err := m.checkFact(e.ID, e.At, e.Amount)
	if err != nil {
		return err
	}
	x, err := (&Spend{Expires: e.Expires, Merchant: e.Merchant}).particulars(a.at)
	if err != nil {
		return err
	}
	c := m.attempt(a.at, x.place)
	switch {
	case c.kind == unchanged:
		return nil
	case m.noRoom(a.amount, c.in):
		return fmt.Errorf("%w: the sum of all attempts overflows", ErrHistory)
	case a.at <= m.floor():
		m.inOthers(c.in, func(_ *group, b *book) {
			b.sum += b.tried(a.amount)
			b.count++
		})
		return nil
	}
	m.expire(max(a.at, m.latest)) // there is something rare: books of other groups
	m.commit(c, &a, nil, nil)
	return nil
}

func (m *Meter) applyChange(kind changeKind, c Change, authorized money.Amount) error {
	a, err := m.checkFact(c.ID, c.At, c.Amount)
	if err != nil {
		return err
	}
	was, err := m.checkFact(c.ID, c.At, authorized)
	if err != nil {
		return err
	}
	on, err := m.on(&c, a.at)
	if err != nil {
		return err
	}
	m.expire(max(on, m.latest))
	p := m.lookUp(a)
	if p < 0 {
		if m.overflows(a.amount - was.amount) {
			return fmt.Errorf("%w: the sum of all spends overflows", ErrHistory)
		}
		return m.applyGone(a, a.amount-was.amount, 0, on)
	}
	b := m.at(p).b
	if b&(captured|credit) != 0 || b&void != 0 && (b&expired == 0 || kind == adjusting) || m.worth(p) != was.amount {
		return fmt.Errorf("%w: the spend is captured or reversed already, or of another amount", ErrHistory)
	}
	a.scattered = m.scatters(b)
	in := m.policy.scoped(m.placeOf(p))
	if m.noRoom(a.amount, in) {
		return fmt.Errorf("%w: the sum of all spends overflows", ErrHistory)
	}
	m.commit(change{act{kind, in}, p, was.amount, on}, &a, nil, nil)
	return nil
}

func (m *Meter) applyReverse(e Reversed) error {
	a, err := m.checkFact(e.ID, e.At, e.Amount)
	if err != nil {
		return err
	}
	m.expire(m.latest)
	p := m.lookUp(a)
	if p < 0 {
		return m.applyGone(a, -a.amount, -1, m.latest)
	}
	b := m.at(p).b
	if b < 0 || m.worth(p) != a.amount {
		return fmt.Errorf("%w: the spend is reversed already, or of another amount", ErrHistory)
	}
	a.scattered = m.scatters(b)
	m.commit(change{act{reversing, m.policy.scoped(m.placeOf(p))}, p, a.amount, m.latest}, &a, nil, nil)
	return nil
}

func (m *Meter) applyRefund(r Refund) error {
	a, err := m.checkFact(r.ID, r.At, r.Amount)
	if err != nil {
		return err
	}
	_, of, where, err := m.checkRefund(&r)
	if err != nil {
		return err
	}
	m.expire(max(a.at, m.latest))
	c := change{act: act{kind: refunding}, entry: -1, on: a.at}
	if of != nil {
		if c.entry = m.lookUp(*of); c.entry >= 0 {
			where = m.placeOf(c.entry)
			of.scattered = m.scatters(m.at(c.entry).b)
		} else if !m.isFinal(of.at) {
			return fmt.Errorf("%w: the spend was never recorded", ErrHistory)
		}
	}
	c.in = m.policy.scoped(where)
	switch {
	case m.noRoom(a.amount, c.in):
		return fmt.Errorf("%w: the sum of all spends overflows", ErrHistory)
	case a.at <= m.floor():
		for k, g := range m.policy.groups { // gone at once
			if b := m.bookOf(k); c.in.has(k) && g.counting.Refund == Now {
				b.sum -= a.amount
				b.credited += a.amount
			}
		}
		return nil
	case !m.isFinal(a.at) && m.find(a.at, a.creditHash(), m.upper(a.at)) >= 0:
		return fmt.Errorf("%w: the refund is recorded already", ErrHistory)
	}
	m.commit(c, &a, nil, of)
	return nil
}

// applyGone applies a fact about a spend that is gone under this policy, or final: it counts only for what counts
// everything.
func (m *Meter) applyGone(a ask, amount, count, on int64) error {
	if !m.isFinal(a.at) || m.sum+m.credited+amount < 0 || m.count+count < 0 {
		return fmt.Errorf("%w: the spend was never recorded", ErrHistory)
	}
	m.sum += amount
	m.count += count
	m.advance(on)
	return nil
}
