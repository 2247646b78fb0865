package cap

// A book counts a spend by its parts: one at the instant of the spend, as a rule, and where a limit counts increments or
// captures now, one for each of those at its own instant. The latter are found by a hash of the spend's whole identity,
// since other spends of the same id may lie between them; and are looked for only where the first book says that the
// spend was adjusted, or where captures make them.

// partHash returns what the parts of a spend are found by, but for the one at its own instant.
func (a *ask) partHash() uint64 { return fold(a.hash^uint64(a.at)*k0, k1) ^ a.hash }

// scatters reports whether a spend in that state may have parts elsewhere than at its own instant.
func (m *Meter) scatters(state int64) bool {
	return state&adjusted != 0 || state&captured != 0 && m.policy.captures
}

// creditHash returns what a refund is found by: its id may be that of a spend.
func (a *ask) creditHash() uint64 { return a.hash ^ k2 }

// attemptHash returns what stands for the id of a refused spend, so that it is never taken for the spend: the same id may be
// approved later.
func (a *ask) attemptHash() uint64 { return a.hash ^ k0 }

// eachPart calls f with the place of every part of a spend, the latest one first. It costs O(log n), and where parts may
// lie elsewhere a step for each entry since the spend.
func (b *book) eachPart(a ask, f func(p int)) {
	upper := b.upper(a.at)
	if a.scattered {
		hash := a.partHash()
		for p := b.n - 1; p >= 0 && b.at(p).a >= a.at; p-- {
			if e := b.at(p); e.c == hash && e.b&merged == 0 {
				f(p)
			}
		}
	}
	if p := b.find(a.at, a.hash, upper); p >= 0 {
		f(p)
	}
}

// counts returns what the book counts of a spend, and whether it counts it at all.
func (b *book) counts(a ask) (amount int64, is bool) {
	b.eachPart(a, func(p int) {
		n, _ := b.at(p).counted()
		amount += n
		is = is || b.at(p).live()
	})
	return amount, is
}

// take takes an amount off the parts of a spend, the latest one first, as far as they go.
func (b *book) take(a ask, amount int64) {
	b.eachPart(a, func(p int) {
		e := b.at(p)
		n, _ := e.counted()
		n = min(n, amount)
		switch left := e.b - n; {
		case n == 0:
		case left&(amountMask|part) == part: // nothing is left of it, not even a count
			b.alter(p, left|void)
		default:
			b.alter(p, left)
		}
		amount -= n
	})
}

// bring makes the book count so much of a spend. What is more counts from an instant on. The sums must have room for it.
func (m *Meter) bring(b *book, a ask, worth, from int64) {
	have, is := b.counts(a)
	if worth <= have {
		b.take(a, have-worth)
		return
	}
	more := worth - have
	where := place{}
	if p := m.find(a.at, a.hash, m.upper(a.at)); p >= 0 {
		where = m.placeOf(p)
	}
	if from == a.at {
		if p := b.find(a.at, a.hash, b.upper(a.at)); p >= 0 {
			e := b.at(p)
			if e.b < 0 { // expired, and now captured after all
				b.alter(p, e.b&adjusted|more)
			} else {
				b.alter(p, e.b+more)
			}
			return
		}
	}
	if m.isFinal(from) {
		return // no window of the book reaches it
	}
	e := slot{from, more, a.hash}
	if is {
		e.b |= part
	}
	if is || from != a.at {
		e.c = a.partHash()
	}
	p := m.put(b, e)
	if b == &m.book {
		m.setPlace(p, where)
	}
}

// release makes the book count nothing of a spend.
func (b *book) release(a ask) {
	b.eachPart(a, func(p int) {
		if e := b.at(p); e.b >= 0 {
			b.alter(p, e.b|void)
		}
	})
}

// worth returns what a spend is worth whose entry in the first book is p, or was before it was reversed or expired.
func (m *Meter) worth(p int) int64 {
	e := m.at(p)
	worth := e.b & amountMask
	if e.b&adjusted == 0 {
		return worth
	}
	a := ask{hash: e.c, at: e.a}
	hash := a.partHash()
	for i := m.n - 1; i > p; i-- {
		if o := m.at(i); o.c == hash && o.b&merged == 0 && o.b&(void|expired) == e.b&(void|expired) {
			worth += o.b & amountMask
		}
	}
	return worth
}
