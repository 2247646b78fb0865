package cap

// tell fills the rows of d with how each limit stands at t, which is no earlier than the latest recorded instant. It
// moves the cursors as it goes.
func (m *Meter) tell(d *Decision, t int64) {
	if t < 0 { // nothing was ever recorded
		return
	}
	for k := range d.policy.groups {
		b := m.bookOf(k)
		back := t < b.sought
		b.sought = t
		for i := range b.group.rules {
			m.tellRule(d, b, &b.group.rules[i], t, back)
		}
	}
}

// tellRule is tell for one limit.
func (m *Meter) tellRule(d *Decision, b *book, r *rule, t int64, back bool) {
	row := d.row(r.row)
	row.crossed = 0
	switch {
	case r.finite():
		s := &b.slots[r.slot]
		after := b.after(r, t)
		if head := int(s.a); back || head < b.n && !b.at(head).within(after) {
			c := s.cursor()
			b.seek(&c, after, back)
			s.setCursor(c)
		}
		row.used, row.count = s.b, uint32(s.c)
		if b.credits > 0 {
			b.tellAhead(r, row, t)
		}
		b.tellFree(r, row, s.cursor())
	case r.kind == lifetime:
		row.used, row.count = b.sum, uint32(b.count)
		row.freeAt = 0
	}
	if m.rare != nil {
		m.tellExpiry(b, r, row, t)
	}
	row.mark(r, t)
}

// mark notes whether a limit is over what holds for a spend dated t.
func (f *figures) mark(r *rule, t int64) {
	most, mostCount := r.max, r.maxCount
	if r.overrides != nil {
		f.override = r.overriding(t)
		most, mostCount = r.maxima(t)
	}
	f.over = f.used > most || int64(f.count) > mostCount
}

// tellAhead makes the row say what the fullest window from t on holds: a refund that leaves one before the spends do makes
// it fuller, and a spend that did not fit then must not be let through now.
func (b *book) tellAhead(r *rule, row *figures, t int64) {
	sum, _ := b.peak(r, b.slots[r.slot].cursor(), t, b.n)
	row.used = sum
}

// tellFree fills in when the next room comes back, and how much, in a window c that ends with the last entry. The entry
// that it begins with is live, if there is one.
func (b *book) tellFree(r *rule, row *figures, c cursor) {
	row.freeAt, row.free, row.freeCount = 0, 0, 0
	if c.head >= b.n {
		return
	}
	if b.credits > 0 {
		b.tellFreeOf(r, row, c.head, b.newest(), spending{})
		return
	}
	e := b.at(c.head)
	switch {
	case r.kind == rolling: // what leaves with it: the entries of the same instant, mostly none
		row.freeAt = e.a + r.span
		if next := c.head + 1; next < b.n && b.at(next).a == e.a {
			row.free, row.freeCount = b.sumUp(c.head, e.a)
			return
		}
		amount, one := e.counted()
		row.free, row.freeCount = amount, uint32(one)
	case r.kind.grouped(): // the entries of the same civil unit
		memo, group := &b.slots[r.slot+2], &b.slots[r.slot+3]
		if e.a < memo.a || e.a >= memo.b {
			b.until(r, e.a)
			sum, count := b.sumUp(c.head, memo.b-1)
			*group = slot{a: sum, b: int64(count)}
		}
		row.freeAt, row.free, row.freeCount = int64(memo.c), group.a, uint32(group.b)
	default: // all of them
		row.freeAt, row.free, row.freeCount = b.until(r, e.a), c.sum, uint32(c.count)
	}
}

// spending is a spend that is about to be recorded: when it leaves a window, and how much.
type spending struct{ until, amount int64 }

// tellFreeOf is tellFree for any window, and for readers: the one that begins with entry head and ends at an instant, and
// in which one more spend stands, unless it is zero.
func (b *book) tellFreeOf(r *rule, row *figures, head int, last int64, more spending) {
	row.freeAt, row.free, row.freeCount = 0, 0, 0
	l := leaving{b: b, r: r}
	for {
		for head < b.n && b.at(head).a <= last && !b.at(head).live() {
			head++
		}
		until := int64(never)
		if head < b.n && b.at(head).a <= last {
			until = l.at(b.at(head).a)
		}
		sum, count := int64(0), int64(0)
		if more.amount > 0 && more.until <= until {
			until, sum, count = more.until, more.amount, 1
			more.amount = 0
		}
		if until == never {
			return
		}
		for ; head < b.n && b.at(head).a <= last && l.at(b.at(head).a) == until; head++ {
			amount, one := b.at(head).counted()
			sum += amount
			count += one
		}
		if sum > 0 || count > 0 { // else refunds leave first, and take room with them
			row.freeAt, row.free, row.freeCount = until, max(0, sum), uint32(count)
			return
		}
	}
}

// tellExpiry takes into account that room comes back when holds end. It costs a step for each hold that ends before
// anything leaves the window.
func (m *Meter) tellExpiry(b *book, r *rule, row *figures, t int64) {
	h := &m.rare.holds
	if h.passed == len(h.list) || r.kind == perTransaction || b.group.counting.Expiry == Ignored {
		return
	}
	after := int64(-never)
	if r.finite() {
		after = b.afterAt(r, t)
	}
	for i := h.passed; i < len(h.list) && (row.freeAt == 0 || h.list[i].a <= row.freeAt); i++ {
		e := &h.list[i]
		amount, count := m.heldIn(b, r, e, after, t)
		switch {
		case amount == 0 && count == 0:
		case row.freeAt == e.a:
			row.free += amount
			row.freeCount += uint32(count)
		default:
			row.freeAt, row.free, row.freeCount = e.a, amount, uint32(count)
		}
	}
}

// heldIn returns what the end of a hold takes out of the window (after, t], that would not leave by itself before.
func (m *Meter) heldIn(b *book, r *rule, hold *slot, after, t int64) (amount, count int64) {
	a := ask{hash: hold.c, at: hold.b}
	p := m.find(a.at, a.hash, m.upper(a.at))
	if p < 0 {
		return 0, 0
	}
	if a.scattered = m.scatters(m.at(p).b); a.at <= after && !a.scattered {
		return 0, 0
	}
	b.eachPart(a, func(p int) {
		if e := b.at(p); e.a > after && e.a <= t && (!r.finite() || b.untilAt(r, e.a) > hold.a) {
			n, one := e.counted()
			amount += n
			count += one
		}
	})
	return amount, count
}

// add makes the rows of d, told at the spend's instant or the latest one, those after it was recorded in some groups.
// x may be nil.
func (m *Meter) add(d *Decision, a ask, x *particulars, in groups) {
	if m.tangled(in, a.at < m.latest) {
		m.tellAsIf(d, change{act: act{recording, in}, on: a.at}, &a, x, nil)
		return
	}
	ends := int64(never)
	if x != nil && x.expires != 0 {
		ends = x.expires
	}
	t := max(a.at, m.latest)
	for k, g := range m.policy.groups {
		if !in.has(k) {
			continue
		}
		b := m.bookOf(k)
		free := ends
		if g.counting.Expiry == Ignored {
			free = never
		}
		for i := range g.rules {
			m.addTo(d, b, &g.rules[i], a, t, free)
		}
	}
}

// addTo is add for one limit, and a spend whose room is back at an instant in any case.
func (m *Meter) addTo(d *Decision, b *book, r *rule, a ask, t, free int64) {
	row := d.row(r.row)
	if r.kind == perTransaction {
		each := figures{used: a.amount}
		each.mark(r, a.at)
		row.over = each.over
		row.cross(r, &figures{}, &each, a.at)
		return
	}
	until := int64(never)
	if r.finite() {
		switch {
		case r.kind == rolling:
			until = a.at + r.span
		case a.at < t || b.credits > 0:
			until = b.untilAt(r, a.at)
		case r.kind.grouped():
			until = b.leaves(r, a.at)
		default:
			until = b.until(r, a.at)
		}
		if until <= t {
			return // it is out by now
		}
	}
	before := *row
	row.used += a.amount
	row.count++
	row.mark(r, t)
	row.cross(r, &before, row, t)
	if b.credits > 0 && r.finite() { // it may be what makes more leave than comes back
		b.tellFreeOf(r, row, int(b.slots[r.slot].a), b.newest(), spending{until, a.amount})
		if m.rare != nil {
			m.tellExpiry(b, r, row, t)
		}
		if free >= until {
			return
		}
	}
	if free = min(free, until); free < never {
		row.joins(free, a.amount)
	}
}

// leaves returns until of a spend dated after all entries, in a window of civil units: never, if it stays longer than
// what leaves first, since then nobody asks how long.
func (b *book) leaves(r *rule, at int64) int64 {
	head, memo := int(b.slots[r.slot].a), &b.slots[r.slot+2]
	if head < b.n && b.at(head).a >= memo.a && b.at(head).a < memo.b && at >= memo.b {
		return never
	}
	return b.untilAt(r, at)
}

// tangled reports whether a spend does more to the rows than to be added to them: it is late, and leaves before a refund
// does; or a window opens with it, and takes late spends or refunds in.
func (m *Meter) tangled(in groups, late bool) bool {
	for k, g := range m.policy.groups {
		if !in.has(k) {
			continue
		}
		refunds := m.bookOf(k).credits > 0
		if late && refunds || g.openers > 0 && (late || refunds) {
			return true
		}
	}
	return false
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

// tellAfter fills the rows of d with how each limit stands, a change having been carried out; they held how it stood
// before. a is the spend that was changed, or the refund.
func (m *Meter) tellAfter(d *Decision, c change, a *ask) {
	if c.kind == attempting {
		m.tellAttempt(d, c, a)
		return
	}
	if !m.policy.watches {
		if t := max(m.latest, c.on); !m.tellInPlace(d, t) {
			m.tell(d, t)
		}
		return
	}
	before := d.Usage
	before.more = append([]figures(nil), d.more...)
	m.tell(d, max(m.latest, c.on))
	for k, g := range m.policy.groups {
		for i := range g.rules {
			r := &g.rules[i]
			row := d.row(r.row)
			if r.kind == perTransaction && c.in.has(k) && c.mode(&g.counting, a.amount) != Ignored {
				each := figures{used: a.amount}
				each.mark(r, a.at)
				row.over = each.over
				if c.kind == recording {
					row.cross(r, &figures{}, &each, a.at)
				}
			} else if r.alerts != nil && c.kind != reversing && c.kind != refunding {
				row.cross(r, before.row(r.row), row, max(m.latest, c.on))
			}
		}
	}
}

// tellAttempt is tellAfter for a refused spend that was counted. Where a limit has refused it, all are told as of its
// instant.
func (m *Meter) tellAttempt(d *Decision, c change, a *ask) {
	before := d.Usage
	before.more = append([]figures(nil), d.more...)
	t := max(a.at, m.latest)
	if d.binding > 0 && a.at < t {
		t = a.at
		m.tellPeaks(d, t)
	} else {
		m.tell(d, t)
	}
	for k, g := range m.policy.groups {
		for i := range g.rules {
			if r := &g.rules[i]; c.in.has(k) && r.kind != perTransaction {
				row := d.row(r.row)
				row.cross(r, before.row(r.row), row, t)
			}
		}
	}
}

// tellAsIf is commit and tellAfter without the change: it makes it, looks, and puts everything back; or works on a copy
// where more than one entry changes.
func (m *Meter) tellAsIf(d *Decision, c change, a *ask, x *particulars, of *ask) {
	if m.rare != nil || c.kind == refunding || c.kind == recording || c.kind == adjusting || a.scattered || c.on > m.latest {
		next := m.Clone()
		next.commit(c, a, x, of)
		next.tellAfter(d, c, a)
		return
	}
	m.move(max(m.latest, 0))
	var scratch [4 * 8]slot
	slots := append(scratch[:0], m.slots[:m.base]...)
	old, sum, count := m.at(c.entry).b, m.sum, m.count
	m.commit(c, a, x, of)
	m.tellAfter(d, c, a)
	if bs := m.blocks(); bs != nil {
		bs.add(m.physical(c.entry), m.at(c.entry), -1)
		bs.add(m.physical(c.entry), &slot{b: old}, 1)
	}
	m.at(c.entry).b = old
	m.sum, m.count = sum, count
	copy(m.slots[:m.base], slots)
}
