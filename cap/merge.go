package cap

// What is final has no identity any more. Where all the windows of a book move in steps of civil units, spends that are
// final and leave every window together are one entry then: so a book takes a slot for each unit that its windows hold,
// and not for each spend. The entry stands at the instant of the last of them, and counts them.

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
		m.bookOf(k).merge(final)
	}
}

// merge merges the entries dated at or before final, and lets go of those among them that are void.
func (b *book) merge(final int64) {
	if !b.group.merges() {
		return
	}
	var heads [MaxLimits]int // of the cursors, after the merge
	for i := range b.group.rules {
		if r := &b.group.rules[i]; r.finite() {
			heads[i] = int(b.slots[r.slot].a)
		}
	}
	last := -1 // the entry that the next one may join
	var until [MaxLimits]untilMemo
	kept := 0
	for i := range b.n {
		e, where := *b.at(i), b.placeOf(i)
		isFinal := e.a <= final
		if isFinal && e.b < 0 || isFinal && last >= 0 && where == b.placeOf(last) && b.leaveTogether(b.at(last).a, e.a, &until) && b.at(last).join(&e) {
			for k := range heads {
				heads[k] = dropped(heads[k], kept)
			}
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
	if kept == b.n {
		return
	}
	b.n = kept
	for i := range b.group.rules {
		if r := &b.group.rules[i]; r.finite() {
			b.slots[r.slot].a = int64(heads[i])
		}
	}
	if b.side != nil {
		b.side.blocks = nil
	}
}

// dropped returns where a cursor points that pointed to entry head, when the entry that would have been number kept is no
// more.
func dropped(head, kept int) int {
	if head > kept {
		return head - 1
	}
	return head
}

// untilMemo is the step of a window's until that was last asked for.
type untilMemo struct{ from, to, until int64 }

func (u *untilMemo) at(w *Window, e int64) int64 {
	if e < u.from || e >= u.to {
		u.from, u.to, u.until = w.untilStep(e)
	}
	return u.until
}

// leaveTogether reports whether spends of two instants leave every window over the book together.
func (b *book) leaveTogether(x, y int64, memos *[MaxLimits]untilMemo) bool {
	for i := range b.group.stepped {
		if w := &b.group.stepped[i]; memos[i].at(w, x) != memos[i].at(w, y) {
			return false
		}
	}
	return true
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
