package cap

// What is final has no identity any more. Where all the windows of a book move in steps of civil units, spends that are
// final, leave every window of the book together, and are gone together are one entry then: so a book takes a slot for each
// unit that its windows hold, and not for each spend. The entry stands at the instant of the last of them, and counts them.

// final returns the instant at and before which spends do not change any more: those that are gone, and those that the
// policy says are final, but for holds that have not ended.
func (m *Meter) final() int64 {
	f := m.finalBut()
	if m.rare != nil {
		f = min(f, m.rare.firstOpen(m.latest)-1)
	}
	return f
}

// isFinal reports whether an instant is at or before final, mostly without a look at the holds.
func (m *Meter) isFinal(t int64) bool {
	return t <= m.finalBut() && t <= m.final()
}

// finalBut is final for what holds nothing. It is before oldest, so that no new spend is final.
func (m *Meter) finalBut() int64 {
	f := max(m.gone, m.closed, m.group.horizon(m.oldest))
	if m.policy.finalAfter > 0 {
		f = max(f, min(m.latest-m.policy.finalAfter, m.oldest-1))
	}
	return f
}

// merges reports whether the windows over a book let entries be merged.
func (g *group) merges() bool { return !g.instant && len(g.stepped) > 0 }

// mergeAll merges what is final in every book.
func (m *Meter) mergeAll() {
	final := m.final()
	if final <= m.floor() {
		return
	}
	for k := range m.policy.groups {
		m.bookOf(k).merge(m.group, final)
	}
}

// merge merges the entries dated at or before final, and lets go of those among them that are void. all is the group
// that knows the windows of all books.
func (b *book) merge(all *group, final int64) {
	if !b.group.merges() {
		return
	}
	last := -1 // the entry that the next one may join
	leave, gone := untilMemos{windows: b.group.stepped}, untilMemos{windows: all.stepped}
	kept := 0
	for i := range b.n {
		e, where := *b.at(i), b.placeOf(i)
		isFinal := e.a <= final
		isVoid := isFinal && e.b < 0
		joins := isFinal && !isVoid && last >= 0 && where == b.placeOf(last) &&
			leave.together(b.at(last).a, e.a) && gone.last(b.at(last).a, all.reach) == gone.last(e.a, all.reach) && b.at(last).join(&e)
		if isVoid || joins {
			continue
		}
		if kept != i {
			*b.at(kept) = e
			b.setPlace(kept, where)
		}
		last = -1
		if isFinal && e.b&credit == 0 {
			last = kept
		}
		kept++
	}
	if kept < b.n {
		b.n = kept
		b.restart() // a cursor that was not moved lately may have stood between two that are one now
	}
}

// untilMemos are windows that move in steps, and for each the step of its until that was last asked for.
type untilMemos struct {
	windows []Window
	memos   [MaxLimits]memo
}

func (u *untilMemos) at(i int, e int64) int64 {
	m := &u.memos[i]
	if !m.holds(e) {
		m.from, m.to, m.value = u.windows[i].untilStep(e)
	}
	return m.value
}

// together reports whether spends of two instants leave every one of the windows together.
func (u *untilMemos) together(x, y int64) bool {
	for i := range u.windows {
		if u.at(i, x) != u.at(i, y) {
			return false
		}
	}
	return true
}

// last returns the first instant at which a spend dated e is out of all the windows, and of one that reaches so far back.
func (u *untilMemos) last(e, reach int64) int64 {
	last := e + reach
	for i := range u.windows {
		last = max(last, u.at(i, e))
	}
	return last
}

// join takes another entry, which is not void, into s, and reports whether it did: not a refund, and not more than an
// entry can hold.
func (s *slot) join(e *slot) bool {
	amount, count := s.counted()
	more, one := e.counted()
	if e.b&credit != 0 || amount > MaxAmount-more {
		return false
	}
	*s = slot{e.a, merged | amount + more, uint64(count + one)}
	return true
}
