package cap

// tell fills the rows of d with how each limit stands at t, before anything is done. At an instant before the latest
// spend, the figures are of the fullest window that contains it (law L4). What is before m.oldest is told as of m.oldest:
// some of what its windows held may be gone.
func (m *Meter) tell(d *Decision, t int64) {
	if t < 0 { // nothing was ever recorded
		return
	}
	if t = max(t, m.oldest); t >= m.newest() {
		m.tellNow(d, t)
		return
	}
	m.move(t)
	m.tellLate(d, t, ask{})
}

// tellNow is tell for an instant that no entry is dated after. It moves the cursors as it goes.
func (m *Meter) tellNow(d *Decision, t int64) {
	back := t < m.sought
	m.sought = t
	d.over = 0
	rules := d.policy.rules
	for i := range rules {
		r, row := &rules[i], &d.rows[i%MaxLimits]
		switch {
		case r.finite():
			s := &m.slots[r.slot]
			after := m.after(r, t)
			if head := int(s.a); back || head < m.n && !m.at(head).within(after) {
				c := s.cursor()
				m.seek(&c, after, back)
				s.setCursor(c)
			}
			row.used, row.count = s.b, uint32(s.c)
			m.tellFree(r, row, s.cursor())
		case r.kind == lifetime:
			row.used, row.count = m.sum, uint32(m.count)
		}
		d.mark(i, r, row)
	}
}

// mark notes whether a limit is over.
func (d *Decision) mark(i int, r *rule, row *figures) {
	if row.used > r.max || int64(row.count) > r.maxCount {
		d.over |= 1 << i
	}
}

// tellFree fills in when the next room comes back, and how much, in a window c that ends with the last entry. The entry
// that it begins with is live, if there is one.
func (m *Meter) tellFree(r *rule, row *figures, c cursor) {
	row.freeAt, row.free, row.freeCount = 0, 0, 0
	if c.head >= m.n {
		return
	}
	e := m.at(c.head)
	switch r.kind {
	case rolling: // what leaves with it: the entries of the same instant
		row.freeAt = e.a + r.span
		row.free, row.freeCount = m.sumUp(c.head, e.a)
	case calendar: // all of them
		row.freeAt, row.free, row.freeCount = m.until(r, e.a), c.sum, uint32(c.count)
	case rollingHours, rollingDays, rollingMonths: // the entries of the same civil day
		memo, group := &m.slots[r.slot+2], &m.slots[r.slot+3]
		if e.a < memo.a || e.a >= memo.b {
			m.until(r, e.a)
			sum, count := m.sumUp(c.head, memo.b-1)
			*group = slot{a: sum, b: int64(count)}
		}
		row.freeAt, row.free, row.freeCount = int64(memo.c), group.a, uint32(group.b)
	case perTransaction, lifetime: // nothing leaves
	}
}

// regroup counts a change of the entries at an instant into what leaves first, which tellFree keeps for civil days.
func (m *Meter) regroup(r *rule, at, amount, count int64) {
	if memo := &m.slots[r.slot+2]; at >= memo.a && at < memo.b {
		group := &m.slots[r.slot+3]
		group.a += amount
		group.b += count
	}
}

// add makes the rows of d those after a spend was recorded, having been those before it at its own instant.
func (m *Meter) add(d *Decision, a ask) {
	for i := range m.policy.rules {
		r, row := &m.policy.rules[i], &d.rows[i]
		if r.kind == perTransaction {
			d.mark(i, r, &figures{used: a.amount})
			continue
		}
		row.used += a.amount
		row.count++
		d.mark(i, r, row)
		switch {
		case !r.finite():
		case r.kind.grouped() && row.freeAt != 0 && row.freeAt == int64(m.slots[r.slot+2].c): // the day that tellFree keeps
			memo := &m.slots[r.slot+2] // which may begin at the second of two days that leave together
			if a.at >= memo.a && a.at < memo.b || a.at < memo.a && r.window.until(a.at) == row.freeAt {
				row.joins(row.freeAt, a.amount)
			}
		case r.kind == calendar: // the period that tellFree asked for, if it did
			row.joins(m.until(r, a.at), a.amount)
		default:
			row.joins(r.window.until(a.at), a.amount)
		}
	}
}

// joins takes a spend into what leaves first, if it is among it.
func (f *figures) joins(until, amount int64) {
	switch {
	case f.freeAt == 0 || until < f.freeAt:
		f.freeAt, f.free, f.freeCount = until, amount, 1
	case until == f.freeAt:
		f.free += amount
		f.freeCount++
	}
}

// tellAltered fills the rows of d with how each limit stands at the latest spend, entry p having been altered.
func (m *Meter) tellAltered(d *Decision, p int) {
	m.tell(d, m.latest)
	for i := range m.policy.rules {
		if r := &m.policy.rules[i]; r.kind == perTransaction {
			amount, _ := m.at(p).counted()
			d.mark(i, r, &figures{used: amount})
		}
	}
}

// tellAsIf is tellAltered before the fact: it alters the entry, looks, and puts everything back.
func (m *Meter) tellAsIf(d *Decision, c change, a ask) {
	m.move(m.latest)
	var slots [4 * MaxLimits]slot
	copy(slots[:], m.slots[:m.base])
	old := m.at(c.place).b
	m.commit(c, a)
	m.tellAltered(d, c.place)
	m.alter(c.place, old)
	copy(m.slots[:m.base], slots[:])
}

// tellLate is tell for an instant t before the latest entry, to which the cursors were moved. With an amount in more,
// it tells how the limits stand once that spend is recorded too, which is dated at t or before it.
func (m *Meter) tellLate(d *Decision, t int64, more ask) {
	later := later{from: m.upper(t)}
	d.over = 0
	for i := range m.policy.rules {
		r, row := &m.policy.rules[i], &d.rows[i]
		*row = figures{}
		switch {
		case r.finite():
			m.tellLateLimit(r, row, t, more, &later)
		case r.kind == lifetime:
			row.used, row.count = m.sum+more.amount, uint32(m.count+min(more.amount, 1))
		case more.amount > 0: // perTransaction
			d.mark(i, r, &figures{used: more.amount})
		}
		d.mark(i, r, row)
	}
}

// later is what the entries dated after an instant amount to, summed up when it is first needed.
type later struct {
	from       int
	known      bool
	sum, count int64
}

func (l *later) without(m *Meter, c cursor) cursor {
	if !l.known {
		l.known = true
		for i := l.from; i < m.n; i++ {
			amount, count := m.at(i).counted()
			l.sum += amount
			l.count += count
		}
	}
	return cursor{c.head, c.sum - l.sum, c.count - l.count}
}

// tellLateLimit is tellLate for one limit with a cursor.
func (m *Meter) tellLateLimit(r *rule, row *figures, t int64, more ask, l *later) {
	c := m.slots[r.slot].cursor()
	if c.head < l.from { // else nothing is in the window at t itself
		from := m.at(c.head).a
		row.freeAt = r.window.until(from)
		row.free, row.freeCount = m.sumUp(c.head, min(t, r.window.lastWith(from)))
	}
	out := int64(-1) // when the further spend is out
	if more.amount > 0 {
		if out = r.window.until(more.at); out > t {
			row.joins(out, more.amount)
		} else {
			more.amount = 0
		}
	}
	last := m.newest()
	if last < r.window.until(t) && (more.amount == 0 || last < out) && (c.head == m.n || r.window.after(last) < m.at(c.head).a) {
		// Nothing leaves before the last entry has come in, so the last window is the fullest.
		row.used, row.count = c.sum+more.amount, uint32(c.count+min(more.amount, 1))
		return
	}
	sum, count := m.peak(r, l.without(m, c), t, l.from, out, more.amount)
	row.used, row.count = sum, uint32(count)
}

// peak returns the most that any window which contains t amounts to, and the most that one counts: at t itself, and at
// each entry dated after t and before until(t), since sums rise nowhere else. c is the window at t, without the entries
// from hi on. A further spend of an amount, unless that is zero, counts in the windows before out.
func (m *Meter) peak(r *rule, c cursor, t int64, hi int, out, amount int64) (sum, count int64) {
	c.sum += amount
	c.count += min(amount, 1)
	sum, count = c.sum, c.count
	s := step{r: r}
	until := r.window.until(t)
	for hi < m.n {
		e := m.at(hi)
		u := e.a
		if u >= until {
			break
		}
		if amount > 0 && u >= out {
			c.sum -= amount
			c.count--
			amount = 0
		}
		worth, one := e.counted()
		c.sum += worth
		c.count += one
		if hi++; hi < m.n && m.at(hi).a == u {
			continue // until all of an instant are in
		}
		for after := s.after(u); c.head < hi; c.head++ {
			if e = m.at(c.head); e.a > after {
				break
			}
			worth, one = e.counted()
			c.sum -= worth
			c.count -= one
		}
		sum, count = max(sum, c.sum), max(count, c.count)
	}
	return sum, count
}

// step is a window whose after is asked for instants that mostly follow on one another.
type step struct {
	r               *rule
	from, to, value int64
}

// after returns what Meter.after would.
func (s *step) after(t int64) int64 {
	if s.r.kind == rolling {
		return t - s.r.span
	}
	if t < s.from || t >= s.to {
		s.from, s.to, s.value = s.r.window.afterStep(t)
	}
	return s.value
}
