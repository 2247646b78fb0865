package cap

import (
	"slices"
	"time"
)

// Authorize decides whether the spend fits every limit, and records it if so: all limits, or nothing (law L3). A spend
// dated before the latest one must fit every window that contains it (law L4).
//
// The same id at the same instant again is approved as having Existed, and counted once (law L6).
//
// It costs O(w) amortised for w windows and spends in order; for a late one, a step for each entry dated after it, for each window. It
// does not allocate, but when the account has to grow.
//
// Authorize returns an error, and nothing is decided, if:
//   - the id is malformed, or the instant is out of range (ErrInvalid);
//   - the amount is not in the policy's currency (money.ErrCurrencyMismatch);
//   - the meter has no policy (ErrInvalid).
func (m *Meter) Authorize(s Spend) (d Decision, err error) {
	a, err := m.check(s.ID, s.At, s.Amount)
	if err != nil {
		return Decision{}, err
	}
	if m.allow(a) {
		m.tellAllowed(&d, a)
		return d, nil
	}
	m.commit(m.judgeSpend(&d, a, false), a)
	return d, nil
}

// ForcePost records a spend that happened whatever the limits say: what a merchant clears without having asked. The
// decision says which limits it has left Over. It is refused only when it is malformed, known already, or older than what
// any window reaches. It costs and returns the errors of [Meter.Authorize].
func (m *Meter) ForcePost(s Spend) (d Decision, err error) {
	a, err := m.check(s.ID, s.At, s.Amount)
	if err != nil {
		return Decision{}, err
	}
	m.commit(m.judgeSpend(&d, a, true), a)
	return d, nil
}

// Capture makes s.Amount the final amount of the spend that was recorded with that id at that instant. Less gives the
// rest back at the original instant (law L7). More is recorded as a force-post would be, and the decision says which
// limits that leaves Over. A spend is captured once.
//
// It costs O(w + log n) for w windows and n entries kept, and a step for each spend of the same instant. It returns the
// errors of [Meter.Authorize].
func (m *Meter) Capture(s Spend) (d Decision, err error) {
	a, err := m.check(s.ID, s.At, s.Amount)
	if err != nil {
		return Decision{}, err
	}
	if c := m.judgeCapture(&d, a); c.kind != unchanged {
		m.commit(c, a)
		m.tellAltered(&d, c.place)
	}
	return d, nil
}

// Reverse takes back the spend that was recorded with that id at that instant, whole, captured or not: its room is back
// at the original instant (law L7). A second time is approved as having Existed, and changes nothing. It costs what
// [Meter.Capture] costs.
//
// Reverse returns an error if the id is malformed, the instant is out of range, or the meter has no policy (ErrInvalid).
func (m *Meter) Reverse(id string, at time.Time) (d Decision, err error) {
	a, err := m.checkRef(id, at)
	if err != nil {
		return Decision{}, err
	}
	if c := m.judgeReverse(&d, a); c.kind != unchanged {
		m.commit(c, a)
		m.tellAltered(&d, c.place)
	}
	return d, nil
}

// SetPolicy makes p rule from now on. What was spent stays spent (law L8): a limit that was lowered below its usage is
// Over, and takes nothing until enough has left. A window that reaches further back than those before sees only what was
// not gone at the change. It costs O(n) for n entries kept.
//
// SetPolicy returns an error if p is nil or the meter has no policy (ErrInvalid), or the currency differs
// (money.ErrCurrencyMismatch).
func (m *Meter) SetPolicy(p *Policy) (d Decision, err error) {
	if err := m.checkPolicy(p); err != nil {
		return Decision{}, err
	}
	m.judgeSetPolicy(&d, p)
	if !d.existed {
		m.setPolicy(p)
	}
	return d, nil
}

func (m *Meter) checkPolicy(p *Policy) error {
	switch {
	case m.policy == nil:
		return invalid("policy", "the meter has none")
	case p == nil || p.json == nil:
		return invalid("policy", "none given")
	case p.currency != m.policy.currency:
		return badCurrency(p.currency, m.policy.currency)
	}
	return nil
}

// clone returns a meter that shares nothing with m but the policies.
func (m *Meter) clone() *Meter {
	c := *m
	c.slots = slices.Clone(m.slots)
	return &c
}
