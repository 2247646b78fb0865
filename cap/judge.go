package cap

// A judgement is what an operation would do: the decision, and the change that goes with it. Judging changes no answer
// of the meter (it moves cursors), so that one judgement serves both doors: the light one carries the change out, the
// other one writes it into an event.

// change is what a judgement would do to the meter. It has four fields, two of them in one, because the compiler keeps no
// more in registers.
type change struct {
	act
	entry int   // its number in the first book
	was   int64 // what the spend was worth
	on    int64 // when it happens
}

type act struct {
	kind changeKind
	in   groups // that look at the spend
}

type changeKind uint8

const (
	unchanged changeKind = iota
	recording
	forcing
	attempting // to record what is refused
	adjusting
	capturing
	reversing
	refunding
)

// judgeSpend judges an authorisation, or a force-post. x may be nil.
func (m *Meter) judgeSpend(d *Decision, a ask, x *particulars, force bool) change {
	m.expire(max(a.at, m.latest))
	d.start(m, a.at, a.amount)
	c := change{act: act{recording, 1}, entry: m.n, on: a.at}
	if force {
		c.kind = forcing
	}
	if len(m.policy.groups) > 1 {
		c.in = m.policy.scoped(x.where())
		c.in = m.policy.counting(c.in, func(g *Counting) Mode {
			if force {
				return g.ForcePost
			}
			return g.Authorize
		})
	}
	if a.at <= m.newest() || a.at < m.latest || a.at < m.oldest || a.amount <= 0 || a.amount > MaxAmount || m.noRoom(a.amount, c.in) {
		return m.judgeOther(d, a, x, c)
	}
	m.tell(d, a.at)
	if !force && d.bind(c.in, a.amount, 1) {
		return m.attempt(a.at, x.where())
	}
	d.outcome = Approved
	m.add(d, a, x, c.in)
	return c
}

// where returns the place of a spend.
func (x *particulars) where() place {
	if x == nil {
		return place{}
	}
	return x.place
}

// judgeOther is judgeSpend for a spend that is late, or there already, or cannot be.
func (m *Meter) judgeOther(d *Decision, a ask, x *particulars, c change) change {
	m.tell(d, max(a.at, m.latest))
	if a.amount <= 0 {
		return d.refuse(AmountNotPositive)
	}
	c.entry = m.upper(a.at)
	if p := m.find(a.at, a.hash, c.entry); p >= 0 && !m.isFinal(a.at) {
		return d.again(m.at(p).b, a.amount)
	}
	force := c.kind == forcing
	old := a.at < m.oldest
	switch {
	case x != nil && x.expires != 0 && x.expires <= m.latest:
		return d.refuse(AlreadyExpired)
	case old && (!force || m.isFinal(a.at)):
		return d.refuse(TooLate)
	case a.amount > MaxAmount || m.noRoom(a.amount, c.in):
		return d.refuse(Overflow)
	case !force && !m.fits(a.at, a.amount, 1, c.in):
		m.tellPeaks(d, a.at)
		if d.bind(c.in, a.amount, 1) {
			return m.attempt(a.at, x.where())
		}
	}
	d.outcome = Approved
	m.add(d, a, x, c.in)
	return c
}

// attempt returns what a spend changes that some limit has refused: those that count attempts count it. There is room for it
// in their books, since they were asked whether they take it.
func (m *Meter) attempt(at int64, where place) change {
	if !m.policy.attempts {
		return change{}
	}
	in := m.policy.counting(m.policy.scoped(where), func(g *Counting) Mode { return g.Refusal }) &^ 1 // the first book never does
	if in == 0 {
		return change{}
	}
	return change{act: act{attempting, in}, entry: -1, on: at}
}

// judgeSetPolicy judges a change of policy, whose currency is the meter's.
func (m *Meter) judgeSetPolicy(d *Decision, p *Policy) {
	m.expire(m.latest)
	d.start(m, -1, 0)
	if p.Equal(m.policy) {
		m.tell(d, m.latest)
		d.repeat(PolicyUnchanged)
		return
	}
	// The new windows need new cursors: judge on a copy, which costs what the change costs.
	next := m.Clone()
	next.setPolicy(p)
	d.start(next, -1, 0)
	d.outcome = Approved
	next.tell(d, next.latest)
}
