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

// groups is a set of a policy's groups: a bit for each, of which there are at most MaxLimits and the first.
type groups uint32

func (g groups) has(k int) bool { return g&(1<<k) != 0 }

// scoped returns the groups whose scope takes a place. The first one takes all.
func (p *Policy) scoped(where place) groups {
	in := groups(1)
	for k := 1; k < len(p.groups); k++ {
		if p.groups[k].scope.takes(where) {
			in |= 1 << k
		}
	}
	return in
}

// counting returns those of the groups that do not ignore an event.
func (p *Policy) counting(in groups, mode func(*Counting) Mode) groups {
	for k := 1; k < len(p.groups); k++ {
		if mode(&p.groups[k].counting) == Ignored {
			in &^= 1 << k
		}
	}
	return in
}

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

// noRoom reports whether the sums of some book have no room for one more amount.
func (m *Meter) noRoom(amount int64, in groups) bool {
	for k := range m.policy.groups {
		if in.has(k) && m.bookOf(k).overflows(amount) {
			return true
		}
	}
	return false
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
	return m.judgeWorth(d, a, c)
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
	if c = m.judgeWorth(d, a, c); c.kind != unchanged && a.amount > c.was && m.bindIncrement(d, a, c) {
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

// judgeWorth judges that a spend gets another amount.
func (m *Meter) judgeWorth(d *Decision, a *ask, c change) change {
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
	switch {
	case a.at < m.oldest:
		return d.refuse(TooLate)
	case a.amount > MaxAmount || m.noRoom(a.amount, c.in):
		return d.refuse(Overflow)
	}
	d.outcome = Approved
	return c
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

// lookUp returns the number of the entry that a speaks of, or -1.
func (m *Meter) lookUp(a ask) int {
	if a.at > m.newest() || m.isFinal(a.at) {
		return -1
	}
	return m.find(a.at, a.hash, m.upper(a.at))
}

// start makes d a decision of m about an instant and an amount.
func (d *Decision) start(m *Meter, at, amount int64) {
	d.policy = m.policy
	d.at, d.amount, d.currency = at, amount, m.policy.currency
	if n := len(m.policy.limits); n > len(d.rows) && len(d.more) != n-len(d.rows) {
		d.more = make([]figures, n-len(d.rows))
	}
}

// refuse makes d a refusal.
func (d *Decision) refuse(why Reason) change {
	d.outcome, d.reason = Refused, why.code()
	return change{}
}

// repeat makes d an approval of what was done before.
func (d *Decision) repeat(why Reason) change {
	d.outcome, d.reason, d.existed = Approved, why.code(), true
	return change{}
}

// again answers a spend whose entry is there already, in state b. After a capture or an adjustment the amount first asked
// for is no longer known, so that any is taken for it.
func (d *Decision) again(b, amount int64) change {
	switch {
	case b&(captured|adjusted) == 0 && b&amountMask != amount:
		return d.refuse(ExistsWithDifferentAmount)
	case b&expired != 0:
		return d.refuse(AlreadyExpired)
	case b < 0:
		return d.refuse(AlreadyReversed)
	}
	return d.repeat(Exists)
}

// bind refuses an amount and a count if a limit of some group does not take them, and reports whether one did. The rows
// of d hold what is used.
func (d *Decision) bind(in groups, amount, count int64) (bound bool) {
	for k, g := range d.policy.groups {
		if in.has(k) {
			bound = d.bindGroup(g, d.at, amount, count, amount) || bound
		}
	}
	return bound
}

// bindGroup is bind for the limits of one group, for a spend dated at that is then worth so much. Of all limits that do
// not take the amount, the one is told that would have taken least; else the first whose count is used up.
func (d *Decision) bindGroup(g *group, at, amount, count, worth int64) bool {
	for i := range g.rules {
		r := &g.rules[i]
		most, mostCount := r.maxima(at)
		row := d.row(r.row)
		used, asked := max(0, row.used), amount
		if r.kind == perTransaction {
			used, asked = 0, worth
		}
		switch left := most - used; {
		case asked > left && (d.binding == 0 || d.reason != amountExceeded || left < d.least || left == d.least && r.row < int(d.binding)-1):
			d.binding, d.least = int8(r.row+1), left
			d.refuse(AmountLimitExceeded)
		case asked <= left && count > mostCount-int64(row.count) && d.reason != amountExceeded && (d.binding == 0 || r.row < int(d.binding)-1):
			d.binding = int8(r.row + 1)
			d.refuse(CountLimitExceeded)
		}
	}
	return d.binding != 0
}
