package cap

// What is asked about what is recorded already: captures, adjustments, reversals and refunds.

// judgeCapture judges a capture. When it changes something, the rows of d have yet to be told.
func (m *Meter) judgeCapture(d *Decision, a *ask, on int64) change {
	return m.told(d, m.judgeCapturing(d, a, on), on)
}

// told fills the rows of d if a judgement changes nothing, and leaves them as they are if it does.
func (m *Meter) told(d *Decision, c change, on int64) change {
	if c.kind == unchanged {
		m.tell(d, max(on, m.latest))
	}
	return c
}

func (m *Meter) judgeCapturing(d *Decision, a *ask, on int64) change {
	c, b, refused := m.judgeChange(d, a, on, capturing)
	switch {
	case refused:
		return change{}
	case b&captured != 0 && c.was == a.amount:
		return d.repeat(AlreadyCaptured)
	case b&captured != 0:
		return d.refuse(CapturedWithDifferentAmount)
	case a.amount < m.refundedOf(*a):
		return d.refuse(RefundExceedsSpend)
	}
	return m.judgeRoom(d, a, c)
}

// judgeAdjust judges an adjustment. When it changes something, the rows of d have yet to be told.
func (m *Meter) judgeAdjust(d *Decision, a *ask, on int64) change {
	c, b, refused := m.judgeChange(d, a, on, adjusting)
	switch {
	case refused:
		return change{}
	case b&captured != 0:
		return d.refuse(AlreadyCaptured)
	case b&expired != 0:
		return d.refuse(AlreadyExpired)
	case c.was == a.amount:
		return d.repeat(AmountUnchanged)
	case m.refundedOf(*a) > 0:
		return d.refuse(AlreadyRefunded)
	}
	if c = m.judgeRoom(d, a, c); c.kind != unchanged && a.amount > c.was && m.bindIncrement(d, a, c) {
		return change{}
	}
	return c
}

// judgeChange judges what adjustments and captures have in common. It returns the state of the spend.
func (m *Meter) judgeChange(d *Decision, a *ask, on int64, kind changeKind) (c change, b int64, refused bool) {
	m.expire(max(on, m.latest))
	d.start(m, a.at, a.amount)
	if kind == adjusting || m.policy.watches {
		m.tell(d, max(on, m.latest))
	}
	if a.amount <= 0 {
		d.refuse(AmountNotPositive)
		return c, 0, true
	}
	p := m.lookUp(*a)
	if p < 0 {
		d.refuse(NotFound)
		return c, 0, true
	}
	b = m.at(p).b
	if b&void != 0 && b&expired == 0 {
		d.refuse(AlreadyReversed)
		return c, 0, true
	}
	a.scattered = m.scatters(b)
	return change{act{kind, m.policy.scoped(m.placeOf(p))}, p, m.worth(p), on}, b, false
}

// judgeRoom judges what is left to judge of a change that may be: whether it happens in time, and the sums have room for it.
func (m *Meter) judgeRoom(d *Decision, a *ask, c change) change {
	switch {
	case c.on < m.oldest:
		return d.refuse(TooLate)
	case a.amount > MaxAmount || m.noRoom(a.amount, c.in):
		return d.refuse(Overflow)
	}
	d.outcome = Approved
	return c
}

// bindIncrement refuses an increment if a limit does not take it, and reports whether one did.
func (m *Meter) bindIncrement(d *Decision, a *ask, c change) bool {
	for k, g := range m.policy.groups {
		if c.in.has(k) && g.counting.Increment == Original && a.at < m.oldest {
			d.refuse(TooLate)
			return true
		}
	}
	d.outcome = Refused
	bound := false
	for k, g := range m.policy.groups {
		mode := g.counting.Increment
		if !c.in.has(k) || mode == Ignored {
			continue
		}
		have, is := m.bookOf(k).counts(*a)
		at, count := a.at, int64(1)
		if mode == Now {
			at = c.on
		}
		if is {
			count = 0
		}
		if more := a.amount - have; more > 0 && !m.fitsGroup(k, at, more, count, a.amount) {
			m.tellPeaksOf(d, k, at)
			bound = d.bindGroup(g, at, more, count, a.amount) || bound
		}
	}
	if !bound {
		d.outcome = Approved
	}
	return bound
}

// judgeReverse judges a reversal. When it changes something, the rows of d have yet to be told.
func (m *Meter) judgeReverse(d *Decision, a *ask) change {
	return m.told(d, m.judgeReversal(d, a), m.latest)
}

func (m *Meter) judgeReversal(d *Decision, a *ask) change {
	m.expire(m.latest)
	d.start(m, a.at, 0)
	p := m.lookUp(*a)
	if p < 0 {
		return d.refuse(NotFound)
	}
	b := m.at(p).b
	a.scattered = m.scatters(b)
	d.amount = m.worth(p)
	switch {
	case b&expired != 0:
		return d.repeat(AlreadyExpired)
	case b < 0:
		return d.repeat(AlreadyReversed)
	case m.refundedOf(*a) > 0:
		return d.refuse(AlreadyRefunded)
	}
	d.outcome = Approved
	return change{act{reversing, m.policy.scoped(m.placeOf(p))}, p, d.amount, m.latest}
}

// judgeRefund judges a refund of a spend, or of none that is known: then of is nil, and where says for which limits. When
// it changes something, the rows of d have yet to be told.
func (m *Meter) judgeRefund(d *Decision, a ask, of *ask, where place) change {
	m.expire(max(a.at, m.latest))
	d.start(m, a.at, a.amount)
	m.tell(d, max(a.at, m.latest))
	if a.amount <= 0 {
		return d.refuse(AmountNotPositive)
	}
	if p := m.find(a.at, a.creditHash(), m.upper(a.at)); p >= 0 && !m.isFinal(a.at) {
		if m.at(p).b&amountMask != a.amount {
			return d.refuse(ExistsWithDifferentAmount)
		}
		return d.repeat(Exists)
	}
	c := change{act: act{kind: refunding}, entry: -1, on: a.at}
	if of != nil {
		if c.entry = m.lookUp(*of); c.entry < 0 {
			return d.refuse(NotFound)
		}
		e := m.at(c.entry)
		of.scattered = m.scatters(e.b)
		switch left := m.worth(c.entry) - m.refundedOf(*of); {
		case e.b&expired != 0:
			return d.refuse(AlreadyExpired)
		case e.b < 0:
			return d.refuse(AlreadyReversed)
		case m.isOpen(*of):
			return d.refuse(NotCaptured)
		case a.amount > left:
			return d.refuse(RefundExceedsSpend)
		}
		where = m.placeOf(c.entry)
	}
	c.in = m.policy.scoped(where)
	return m.judgeRoom(d, &a, c)
}

// lookUp returns the number of the entry that a speaks of, or -1.
func (m *Meter) lookUp(a ask) int {
	if a.at > m.newest() || m.isFinal(a.at) {
		return -1
	}
	return m.find(a.at, a.hash, m.upper(a.at))
}
