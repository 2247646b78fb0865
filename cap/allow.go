package cap

// Allow is [Meter.Authorize] for those who need to know only whether, and why not. It decides and records the same, in
// half the time, because it says nothing of the limits.
func (m *Meter) Allow(s Spend) (Outcome, Reason, error) { return m.allowSpend(&s, false) }

// allowSpend is Allow, which is inlined where it is called, so that a Spend is not copied. far says that the account is one
// of many, so that its entries are far away in memory.
func (m *Meter) allowSpend(s *Spend, far bool) (Outcome, Reason, error) {
	a, err := m.check(s.ID, s.At, s.Amount)
	if err != nil {
		return Refused, "", err
	}
	if s.plain() && (far && m.allowAsIs(a) || m.allow(a)) {
		return Approved, "", nil
	}
	x, err := s.particulars(a.at)
	if err != nil {
		return Refused, "", err
	}
	var d Decision
	m.settle(&d, m.judgeSpend(&d, a, &x, false), &a, &x)
	return d.outcome, d.Reason(), nil
}

// allow records a spend that is in order and has no particulars, in an account that has nothing rare, under a policy of
// rolling windows alone, if they all take it.
// In every other case it returns false, and nothing is decided. It is what judgeSpend and record do, in one function and
// on local copies: the cursors count the amount as they move, and give it back when a window does not take it.
func (m *Meter) allow(a ask) bool {
	if !m.policy.plain || m.rare != nil || a.amount <= 0 || a.amount > MaxAmount || m.overflows(a.amount) {
		return false
	}
	if a.at <= m.latest || a.at < m.sought {
		return m.allowLate(a)
	}
	if m.full() {
		m.forget(m.floor())
	}
	m.sought = a.at
	slots, n, start, base := m.slots, m.n, m.start, m.base
	rules := m.group.rules
	fits := true
	for i := range rules {
		r := &rules[i]
		s := &slots[i]
		head, sum, count := int(s.a), s.b, s.c
		p := start + head
		if p >= len(slots) {
			p -= len(slots) - base
		}
		for after := a.at - r.span; head < n && p < len(slots); head++ {
			e := &slots[p]
			if e.within(after) {
				break
			}
			amount, one := e.b, int64(1)
			if amount&^amountMask != 0 {
				amount, one = e.counted()
			}
			sum -= amount
			count -= uint64(one)
			if p++; p == len(slots) {
				p = base
			}
		}
		s.a, s.b, s.c = int64(head), sum+a.amount, count+1
		if a.amount > r.max-sum || int64(count) >= r.maxCount {
			fits = false
		}
	}
	if !fits {
		m.giveBack(a.amount)
		return false
	}
	p := start + n
	if p >= len(slots) {
		p -= len(slots) - base
	}
	slots[p] = slot{a.at, a.amount, a.hash}
	if m.side != nil { // of a place nothing is known
		if bs := m.blocks(); bs != nil {
			bs.add(p, &slots[p], 1)
		}
		m.setPlace(n, place{})
	}
	m.n = n + 1
	m.sum += a.amount
	m.count++
	m.latest = a.at
	m.oldest = max(m.oldest, a.at-m.policy.lateness)
	return true
}

// allowLate is allow for a spend that is not dated after all others: it is taken if more than any window could hold that
// contains it leaves room.
func (m *Meter) allowLate(a ask) bool {
	if a.at < m.oldest || a.at > m.latest {
		return false
	}
	p := m.upper(a.at)
	if m.find(a.at, a.hash, p) >= 0 {
		return false
	}
	m.move(m.latest)
	for i := range m.group.rules {
		if !m.surelyFits(&m.group.rules[i], a.at, a.amount, 1) {
			return false
		}
	}
	if m.full() {
		m.forget(m.floor())
		p = m.upper(a.at)
	}
	m.insert(slot{a.at, a.amount, a.hash}, p)
	return true
}

// giveBack undoes what the cursors counted too early.
func (m *Meter) giveBack(amount int64) {
	for i := range m.slots[:m.base] {
		s := &m.slots[i]
		s.b -= amount
		s.c--
	}
}

// tellAllowed fills d with how each limit stands once allow has recorded a. It is tell for cursors that are in place.
func (m *Meter) tellAllowed(d *Decision, a ask) {
	d.start(m, a.at, a.amount)
	d.outcome = Approved
	if a.at < m.latest {
		m.tell(d, m.latest)
		return
	}
	slots, n := m.slots, m.n
	rules := m.group.rules
	for i := range rules {
		s, row := &slots[i], d.row(i)
		row.used, row.count = s.b, uint32(s.c)
		head := int(s.a) // never the end: the spend itself is in the window
		e := m.at(head)
		if head+1 < n && m.at(head+1).a == e.a {
			m.tellFree(&rules[i], row, s.cursor())
			continue
		}
		amount, one := e.counted()
		row.freeAt, row.free, row.freeCount = e.a+rules[i].span, amount, uint32(one)
	}
}

// tellInPlace is tell for an account that has nothing rare, under a policy of rolling windows alone, if the cursors are in
// place. It reports whether they were; if not, it has told nothing that tell does not tell again.
func (m *Meter) tellInPlace(d *Decision, t int64) bool {
	if !m.policy.plain || m.rare != nil || m.sought != t {
		return false
	}
	rules := m.group.rules
	for i := range rules {
		r, s, row := &rules[i], &m.slots[i], d.row(i)
		head := int(s.a)
		if head < m.n && !m.at(head).within(t-r.span) { // it was reversed, or came late and is out
			return false
		}
		row.used, row.count = s.b, uint32(s.c)
		row.over = s.b > r.max || int64(s.c) > r.maxCount
		m.tellFree(r, row, s.cursor())
	}
	return true
}
