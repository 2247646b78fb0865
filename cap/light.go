package cap

import "time"

// Authorize decides whether the spend fits every limit, and records it if so: all limits, or nothing (law L3). A spend
// dated before the latest one must fit every window that contains it (law L4).
//
// The same id at the same instant again is approved as having Existed, and counted once (law L6).
//
// A spend that Expires is a hold: at that instant it ends by itself, unless it is captured before, and its room is back at
// the original instant (law L7). Nothing has to be done for it.
//
// It costs O(w) amortised for w windows and spends in order, and does not allocate, but to grow. A late spend costs more: see
// Complexity in the package doc.
//
// Authorize returns an error, and nothing is decided, if:
//   - the id or the merchant is malformed, or an instant is out of range (ErrInvalid);
//   - the amount is not in the policy's currency (money.ErrCurrencyMismatch);
//   - the meter has no policy (ErrInvalid).
func (m *Meter) Authorize(s Spend) (d Decision, err error) {
	err = m.authorize(&d, &s)
	return d, err
}

// authorize is Authorize, which is inlined where it is called, so that neither a Spend nor a Decision is copied.
func (m *Meter) authorize(d *Decision, s *Spend) error {
	a, err := m.check(s.ID, s.At, s.Amount)
	if err != nil {
		return err
	}
	if s.plain() {
		if m.allow(a) {
			m.tellAllowed(d, a)
			return nil
		}
		m.settle(d, m.judgeSpend(d, a, nil, false), &a, nil)
		return nil
	}
	x, err := s.particulars(a.at)
	if err != nil {
		return err
	}
	m.settle(d, m.judgeSpend(d, a, &x, false), &a, &x)
	return nil
}

// settle commits what was judged of a spend. d says how the limits stand then, but for a refused one that some count.
func (m *Meter) settle(d *Decision, c change, a *ask, x *particulars) {
	m.commit(c, a, x, nil)
	if c.kind == attempting {
		m.tellAfter(d, c, a)
	}
}

// ForcePost records a spend that happened whatever the limits say: what a merchant clears without having asked. The
// decision says which limits it has left Over. It is refused only when it is malformed, known already, or older than what
// any window reaches. It costs and returns the errors of [Meter.Authorize], and ErrInvalid for a spend that expires.
func (m *Meter) ForcePost(s Spend) (d Decision, err error) {
	a, x, err := m.checkForced(&s)
	if err != nil {
		return Decision{}, err
	}
	m.commit(m.judgeSpend(&d, a, &x, true), &a, &x, nil)
	return d, nil
}

// checkForced makes the ask of a force-post.
func (m *Meter) checkForced(s *Spend) (a ask, x particulars, err error) {
	if a, err = m.check(s.ID, s.At, s.Amount); err != nil {
		return a, x, err
	}
	if !s.Expires.IsZero() {
		return a, x, invalid("expires", "a force-post has none")
	}
	x, err = s.particulars(a.at)
	return a, x, err
}

// checkChange makes the ask of a change.
func (m *Meter) checkChange(c *Change) (a ask, on int64, err error) {
	if a, err = m.check(c.ID, c.At, c.Amount); err != nil {
		return a, 0, err
	}
	on, err = m.on(c, a.at)
	return a, on, err
}

// Adjust makes c.Amount what the spend is worth that was recorded with that id at that instant, before it is captured.
// More is an increment: it is decided as a spend of the difference would be, at the original instant. Less is a partial
// reversal, and gives room back there (law L7). The Counting of a limit may say otherwise. The same again is approved as
// having Existed.
//
// It costs O(w + log n) for w windows and n entries kept; an increment, what a late spend costs. It returns the errors of
// [Meter.Authorize], and ErrInvalid if On is before At.
func (m *Meter) Adjust(c Change) (d Decision, err error) {
	err = m.adjust(&d, &c)
	return d, err
}

func (m *Meter) adjust(d *Decision, c *Change) error {
	a, on, err := m.checkChange(c)
	if err != nil {
		return err
	}
	change := m.judgeAdjust(d, &a, on)
	m.carryOut(d, change, &a, nil)
	return nil
}

// Capture makes c.Amount the final amount of the spend that was recorded with that id at that instant. Less gives the
// rest back at the original instant (law L7). More, and the capture of a hold that has expired, are recorded as a
// force-post would be, and the decision says which limits that leaves Over. The Counting of a limit may say otherwise. A
// spend is captured once.
//
// It costs O(w + log n) for w windows and n entries kept, and a step for each spend of the same instant. It returns the
// errors of [Meter.Adjust].
func (m *Meter) Capture(c Change) (d Decision, err error) {
	err = m.capture(&d, &c)
	return d, err
}

func (m *Meter) capture(d *Decision, c *Change) error {
	a, on, err := m.checkChange(c)
	if err != nil {
		return err
	}
	change := m.judgeCapture(d, &a, on)
	m.carryOut(d, change, &a, nil)
	return nil
}

// carryOut commits a change, and tells how the limits stand then.
func (m *Meter) carryOut(d *Decision, c change, a, of *ask) {
	if c.kind != unchanged {
		m.commit(c, a, nil, of)
		m.tellAfter(d, c, a)
	}
}

// Reverse takes back the spend that was recorded with that id at that instant, whole, captured or not: its room is back
// at the original instant (law L7). A second time is approved as having Existed, and changes nothing. It costs what
// [Meter.Capture] costs.
//
// Reverse returns an error if the id is malformed, the instant is out of range, or the meter has no policy (ErrInvalid).
func (m *Meter) Reverse(id string, at time.Time) (d Decision, err error) {
	err = m.reverse(&d, id, at)
	return d, err
}

func (m *Meter) reverse(d *Decision, id string, at time.Time) error {
	a, err := m.checkRef(id, at)
	if err != nil {
		return err
	}
	change := m.judgeReverse(d, &a)
	m.carryOut(d, change, &a, nil)
	return nil
}

// Refund records that money of a spend came back, or of none that is known. What that gives back, if anything, is for the
// Counting of each limit to say. The refunds of a spend may not amount to more than it does. The same again is approved as
// having Existed.
//
// It costs O(w + log n) for w windows and n entries kept. It returns the errors of [Meter.Authorize], and ErrInvalid if it
// names a spend dated after it, or a merchant beside a spend.
func (m *Meter) Refund(r Refund) (d Decision, err error) {
	err = m.refundSpend(&d, &r)
	return d, err
}

func (m *Meter) refundSpend(d *Decision, r *Refund) error {
	a, of, where, err := m.checkRefund(r)
	if err != nil {
		return err
	}
	m.carryOut(d, m.judgeRefund(d, a, of, where), &a, of)
	return nil
}

// checkRefund makes the ask of a refund, and the one of its spend, or else its place.
func (m *Meter) checkRefund(r *Refund) (a ask, of *ask, where place, err error) {
	if a, err = m.check(r.ID, r.At, r.Amount); err != nil {
		return a, nil, where, err
	}
	if r.Of == nil {
		if r.Merchant != nil {
			where, err = r.Merchant.place()
		}
		return a, nil, where, err
	}
	spend, err := m.checkRef(r.Of.ID, r.Of.At)
	switch {
	case err != nil:
		return a, nil, where, invalidWith(err, "of")
	case spend.at > a.at:
		return a, nil, where, invalid("of.at", "after at")
	case r.Merchant != nil:
		return a, nil, where, invalid("merchant", "given beside of: it is the one of the spend")
	}
	return a, &spend, where, nil
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
