package cap

import "slices"

// commit carries a change out. x is of a spend, of is of a refund; either may be nil. a must be scattered if the spend is.
func (m *Meter) commit(c change, a *ask, x *particulars, of *ask) {
	if c.kind >= adjusting && c.kind <= reversing && m.amend(c, a) {
		return
	}
	switch c.kind {
	case recording, forcing:
		m.record(c, *a, x)
	case attempting:
		m.inOthers(c.in, func(_ *group, b *book) { m.put(b, slot{a.at, b.tried(a.amount), a.attemptHash()}) })
		m.advance(a.at)
	case adjusting, capturing:
		for k, g := range m.policy.groups {
			mode := c.mode(&g.counting, a.amount)
			if !c.in.has(k) || mode == Ignored {
				continue
			}
			from := a.at
			if mode == Now {
				from = c.on
			}
			worth := a.amount
			if g.counting.Refund == Original {
				worth -= m.refundedOf(*a)
			}
			if b := m.bookOf(k); mode == Original && c.kind == adjusting && a.amount < c.was {
				have, _ := b.counts(*a)
				b.take(*a, max(0, have-worth))
			} else {
				m.bring(b, *a, worth, from)
			}
		}
		state := adjusted
		if c.kind == capturing {
			state = captured
		}
		p := m.find(a.at, a.hash, m.upper(a.at))
		m.alter(p, m.at(p).b|state)
		if c.kind == capturing {
			m.letGo(*a) // from now on it may be final
		}
		m.advance(c.on)
	case reversing:
		for k, g := range m.policy.groups {
			if c.in.has(k) && g.counting.Reversal != Ignored {
				m.bookOf(k).release(*a)
			}
		}
		m.letGo(*a)
	case refunding:
		m.refund(c, *a, of)
	case unchanged:
	}
}

// amend carries out what takes something off a spend, if one entry is all that there is of it, and reports whether it was.
// It is what the rest of commit comes to then, and nearly always.
func (m *Meter) amend(c change, a *ask) bool {
	if m.rare != nil || a.scattered || m.at(c.entry).b < 0 {
		return false
	}
	b := m.at(c.entry).b
	switch {
	case c.kind == reversing:
		b |= void
	case c.kind == capturing && a.amount <= c.was:
		b = b&^amountMask | a.amount | captured
	case c.kind == adjusting && a.amount <= c.was:
		b = b&^amountMask | a.amount | adjusted
	default:
		return false
	}
	m.alter(c.entry, b)
	m.advance(c.on)
	return true
}

// letGo forgets that a spend may end by itself.
func (m *Meter) letGo(a ask) {
	if m.rare != nil {
		m.rare.holds.drop(a)
	}
}

// mode returns what a table says of a change to an amount.
func (c *change) mode(g *Counting, amount int64) Mode {
	switch {
	case c.kind == reversing || c.kind == refunding || c.kind == attempting: // no transaction
		return Ignored
	case c.kind == recording || c.kind == forcing: // c.in are those that count it
		return Now
	case c.kind == capturing:
		return g.Capture
	case amount > c.was:
		return g.Increment
	default:
		return g.PartialReversal
	}
}

// inOthers calls f for the books of a set of groups, but for the first one.
func (m *Meter) inOthers(in groups, f func(*group, *book)) {
	for k, g := range m.policy.groups[1:] {
		if in.has(k + 1) {
			f(g, &m.rare.books[k])
		}
	}
}

// record puts a spend in.
func (m *Meter) record(c change, a ask, x *particulars) {
	p := m.put(&m.book, slot{a.at, a.amount, a.hash})
	if x != nil {
		m.setPlace(p, x.place)
		if x.expires != 0 {
			m.theRare().holds.add(x.expires, a)
		}
	}
	m.inOthers(c.in, func(_ *group, b *book) { m.put(b, slot{a.at, a.amount, a.hash}) })
	m.advance(a.at)
}

// refund puts a refund in: into each book that counts it now as less than nothing, and into the first one, which counts
// none, to be known again. In a book that counts it at the original instant the spend becomes less.
func (m *Meter) refund(c change, a ask, of *ask) {
	e := slot{a.at, a.amount | credit, a.creditHash()}
	m.put(&m.book, slot{e.a, e.b | void, e.c})
	m.inOthers(c.in, func(g *group, b *book) {
		switch {
		case g.counting.Refund == Now:
			m.put(b, e)
		case g.counting.Refund == Original && of != nil:
			b.take(*of, a.amount)
		}
	})
	if of != nil {
		m.noteRefund(*of, a.amount)
	}
	m.advance(a.at)
}

// refundedOf returns how much of a spend was refunded.
func (m *Meter) refundedOf(a ask) int64 {
	if m.rare != nil {
		for i := m.rare.refundsAt(a.at); i < len(m.rare.refunded) && m.rare.refunded[i].a == a.at; i++ {
			if m.rare.refunded[i].c == a.hash {
				return m.rare.refunded[i].b
			}
		}
	}
	return 0
}

// refundsAt returns the place of the first spend dated at or after an instant among those that were refunded.
func (r *rare) refundsAt(at int64) int {
	i, _ := slices.BinarySearchFunc(r.refunded, at, func(s slot, at int64) int {
		if s.a < at {
			return -1
		}
		return 1
	})
	return i
}

// noteRefund notes that a spend was refunded, and forgets those that are gone.
func (m *Meter) noteRefund(a ask, amount int64) {
	r := m.theRare()
	r.refunded = slices.Delete(r.refunded, 0, r.refundsAt(m.final()+1))
	i := r.refundsAt(a.at)
	for ; i < len(r.refunded) && r.refunded[i].a == a.at; i++ {
		if r.refunded[i].c == a.hash {
			r.refunded[i].b += amount
			return
		}
	}
	r.refunded = slices.Insert(r.refunded, i, slot{a.at, amount, a.hash})
}

// setPolicy makes p rule from now on. What was spent stays spent, and what is gone stays gone.
func (m *Meter) setPolicy(p *Policy) {
	m.expire(m.latest)
	m.gone, m.closed = m.floor(), m.final()
	m.mergeAll()
	before := m.policy
	m.policy = p
	if p.Equal(m.shared) {
		m.policy = m.shared
	}
	m.oldest = max(m.oldest, m.latest-p.lateness)
	m.forget(m.gone) // now, since the new windows might reach further back
	was := func(g *group) int {
		return slices.IndexFunc(before.groups, func(o *group) bool { return o.key == g.key })
	}
	var books []book
	for _, g := range m.policy.groups[1:] {
		if i := was(g); i >= 0 {
			b := m.rare.books[i-1]
			b.forget(m.gone)
			b.adopt(g)
			books = append(books, b)
		} else {
			books = append(books, m.newBookOf(g))
		}
	}
	m.adopt(m.policy.groups[0])
	if books != nil || m.rare != nil {
		m.theRare().books = books
	}
}

// adopt makes the limits of a group those of the book. Where the same windows opened before, they opened.
func (b *book) adopt(g *group) {
	before := b.group
	b.group = g
	b.resize(g.slots, roomFor(b.n+1))
	b.reopen(before)
	b.restart()
}

// newBookOf returns the book of a group that is new to the meter, filled with what the first book counts of the spends in
// its scope.
func (m *Meter) newBookOf(g *group) book {
	b := book{group: &group{}}
	b.resize(g.slots, 1)
	for i := range m.n {
		e := *m.at(i)
		if e.b&credit != 0 || !g.scope.takes(m.placeOf(i)) {
			continue
		}
		if b.full() {
			b.resize(g.slots, roomFor(b.n+1))
		}
		e.b &= amountMask | void | expired | part | merged
		amount, count := e.counted()
		b.sum += amount
		b.count += count
		b.n++
		*b.at(b.n - 1) = e
	}
	b.adopt(g)
	return b
}
