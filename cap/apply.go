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
		return m.applySpend(e.ID, e.At, e.Amount)
	case ForcePosted:
		return m.applySpend(e.ID, e.At, e.Amount)
	case Captured:
		return m.applyCapture(e)
	case Reversed:
		return m.applyReverse(e)
	case PolicySet:
		if err := m.checkPolicy(e.Policy); err != nil {
			return err
		}
		m.setPolicy(e.Policy)
		return nil
	case Refusal, Repeated: // nothing changed
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
		err = invalid("amount", "%s, want more than zero and at most 2^62-1 minor units", amount)
	}
	return a, err
}

func (m *Meter) applySpend(id string, at time.Time, amount money.Amount) error {
	a, err := m.checkFact(id, at, amount)
	if err != nil {
		return err
	}
	if m.overflows(a.amount) {
		return fmt.Errorf("%w: the sum of all spends overflows", ErrHistory)
	}
	if a.at <= m.floor() {
		// Under this policy it is gone at once, and counts only for what counts everything.
		m.sum += a.amount
		m.count++
		return nil
	}
	place := m.n
	if a.at <= m.newest() {
		place = m.upper(a.at)
		if m.find(a.at, a.hash, place) >= 0 {
			return fmt.Errorf("%w: the spend is recorded already", ErrHistory)
		}
	}
	m.record(a, place)
	return nil
}

func (m *Meter) applyCapture(e Captured) error {
	a, err := m.checkFact(e.ID, e.At, e.Amount)
	if err != nil {
		return err
	}
	was, err := m.checkFact(e.ID, e.At, e.Authorized)
	if err != nil {
		return err
	}
	if m.overflows(a.amount - was.amount) {
		return fmt.Errorf("%w: the sum of all spends overflows", ErrHistory)
	}
	p := m.lookUp(a)
	if p < 0 {
		return m.applyGone(a, a.amount-was.amount, 0)
	}
	if m.at(p).b != was.amount {
		return fmt.Errorf("%w: the spend is captured or reversed already, or of another amount", ErrHistory)
	}
	m.alter(p, captured|a.amount)
	return nil
}

func (m *Meter) applyReverse(e Reversed) error {
	a, err := m.checkFact(e.ID, e.At, e.Amount)
	if err != nil {
		return err
	}
	p := m.lookUp(a)
	if p < 0 {
		return m.applyGone(a, -a.amount, -1)
	}
	b := m.at(p).b
	if b < 0 || b&amountMask != a.amount {
		return fmt.Errorf("%w: the spend is reversed already, or of another amount", ErrHistory)
	}
	m.alter(p, reversed|b)
	return nil
}

// applyGone applies a fact about a spend that is gone under this policy, and counts only for what counts everything.
func (m *Meter) applyGone(a ask, amount, count int64) error {
	if a.at > m.floor() || m.sum+amount < 0 || m.count+count < 0 {
		return fmt.Errorf("%w: the spend was never recorded", ErrHistory)
	}
	m.sum += amount
	m.count += count
	return nil
}
