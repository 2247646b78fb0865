package cap

// A judgement is what an operation would do: the decision, and the change that goes with it. Judging changes no answer
// of the meter (it moves cursors), so that one judgement serves both doors: the light one carries the change out, the
// other one writes it into an event.

// change is what a judgement would do to the meter.
type change struct {
	kind  changeKind
	place int // of the entry, or where it goes
	was   int64
}

type changeKind uint8

const (
	unchanged changeKind = iota
	recording
	capturing
	reversing
)

// commit carries a change out.
func (m *Meter) commit(c change, a ask) {
	switch c.kind {
	case recording:
		m.record(a, c.place)
	case capturing:
		m.alter(c.place, captured|a.amount)
	case reversing:
		m.alter(c.place, reversed|m.at(c.place).b)
	case unchanged:
	}
}

// judgeSpend judges an authorisation, or a force-post.
func (m *Meter) judgeSpend(d *Decision, a ask, force bool) change {
	if !m.inOrder(a) {
		return m.judgeOther(d, a, force)
	}
	d.start(m, a.at, a.amount)
	m.tellNow(d, a.at)
	if !force && d.bind(a.amount) {
		return change{}
	}
	d.outcome = Approved
	m.add(d, a)
	return change{kind: recording, place: m.n}
}

// inOrder reports whether the spend is as nearly all are: well formed, and dated after every entry, so that it is neither
// there already nor late.
func (m *Meter) inOrder(a ask) bool {
	return a.at > m.newest() && a.at >= m.oldest && a.amount > 0 && a.amount <= MaxAmount && !m.overflows(a.amount)
}

// judgeOther is judgeSpend for a spend that is late, or there already, or cannot be.
func (m *Meter) judgeOther(d *Decision, a ask, force bool) change {
	d.start(m, a.at, a.amount)
	if a.amount <= 0 {
		m.tell(d, a.at)
		return d.refuse(AmountNotPositive)
	}
	place := m.upper(a.at)
	if p := m.find(a.at, a.hash, place); p >= 0 && a.at > m.floor() {
		m.tell(d, a.at)
		return d.again(m.at(p).b, a.amount)
	}
	old := a.at < m.oldest
	m.tell(d, a.at)
	switch {
	case old && (!force || a.at <= m.floor()):
		return d.refuse(TooLate)
	case a.amount > MaxAmount || m.overflows(a.amount):
		return d.refuse(Overflow)
	case !force && d.bind(a.amount):
		return change{}
	case old:
		m.tellLate(d, m.oldest, a)
	default:
		m.add(d, a)
	}
	d.outcome = Approved
	return change{kind: recording, place: place}
}

// judgeCapture judges a capture. When it changes something, the rows of d have yet to be told.
func (m *Meter) judgeCapture(d *Decision, a ask) change {
	d.start(m, a.at, a.amount)
	if a.amount <= 0 {
		m.tell(d, m.latest)
		return d.refuse(AmountNotPositive)
	}
	p := m.lookUp(a)
	if p < 0 {
		m.tell(d, m.latest)
		return d.refuse(NotFound)
	}
	b := m.at(p).b
	was := b & amountMask
	switch {
	case b < 0:
		m.tell(d, m.latest)
		return d.refuse(AlreadyReversed)
	case b&captured != 0 && was == a.amount:
		m.tell(d, m.latest)
		return d.repeat(AlreadyCaptured)
	case b&captured != 0:
		m.tell(d, m.latest)
		return d.refuse(CapturedWithDifferentAmount)
	case a.amount > MaxAmount || m.overflows(a.amount-was):
		m.tell(d, m.latest)
		return d.refuse(Overflow)
	}
	d.outcome = Approved
	return change{kind: capturing, place: p, was: was}
}

// judgeReverse judges a reversal. When it changes something, the rows of d have yet to be told.
func (m *Meter) judgeReverse(d *Decision, a ask) change {
	d.start(m, a.at, 0)
	p := m.lookUp(a)
	if p < 0 {
		m.tell(d, m.latest)
		return d.refuse(NotFound)
	}
	b := m.at(p).b
	d.amount = b & amountMask
	if b < 0 {
		m.tell(d, m.latest)
		return d.repeat(AlreadyReversed)
	}
	d.outcome = Approved
	return change{kind: reversing, place: p, was: d.amount}
}

// judgeSetPolicy judges a change of policy, whose currency is the meter's.
func (m *Meter) judgeSetPolicy(d *Decision, p *Policy) {
	d.start(m, -1, 0)
	if p.Equal(m.policy) {
		m.tell(d, m.latest)
		d.repeat(PolicyUnchanged)
		return
	}
	// The new windows need new cursors: judge on a copy, which costs what the change costs.
	next := m.clone()
	next.setPolicy(p)
	d.start(next, -1, 0)
	d.outcome = Approved
	next.tell(d, next.latest)
}

// lookUp returns the place of the entry that a speaks of, or -1.
func (m *Meter) lookUp(a ask) int {
	if a.at > m.newest() || a.at <= m.floor() {
		return -1
	}
	return m.find(a.at, a.hash, m.upper(a.at))
}

// start makes d a decision of m about an instant and an amount.
func (d *Decision) start(m *Meter, at, amount int64) {
	d.policy = m.policy
	d.currency = m.policy.currency
	d.at, d.amount = at, amount
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

// again answers a spend whose entry is there already, in state b. After a capture the amount first asked for is no
// longer known, so that any is taken for it.
func (d *Decision) again(b, amount int64) change {
	switch {
	case b&captured == 0 && b&amountMask != amount:
		return d.refuse(ExistsWithDifferentAmount)
	case b < 0:
		return d.refuse(AlreadyReversed)
	}
	return d.repeat(Exists)
}

// bind refuses the amount if a limit does not take it, and reports whether one did. The rows of d hold what is used.
func (d *Decision) bind(amount int64) bool {
	least, count := int64(0), 0
	for i := range d.policy.rules {
		r, row := &d.policy.rules[i], &d.rows[i]
		if left := r.max - row.used; amount > left && (d.binding == 0 || left < least) {
			d.binding, least = int8(i+1), left
		}
		if int64(row.count) >= r.maxCount && count == 0 {
			count = i + 1
		}
	}
	switch {
	case d.binding != 0:
		d.refuse(AmountLimitExceeded)
	case count != 0:
		d.binding = int8(count)
		d.refuse(CountLimitExceeded)
	}
	return d.binding != 0
}
