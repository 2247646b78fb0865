package cap

import "math"

// A late spend must fit every window that contains it (law L4). Sums rise where something comes in, which is at entries,
// and where a refund leaves; so those are the instants to look at.

// fits reports whether an amount and a count, dated at, fit every limit of some groups.
func (m *Meter) fits(at, amount, count int64, in groups) bool {
	for k := range m.policy.groups {
		if in.has(k) && !m.fitsGroup(k, at, amount, count, amount) {
			return false
		}
	}
	return true
}

// fitsGroup is fits for the limits of one group, and a spend that is then worth so much.
func (m *Meter) fitsGroup(k int, at, amount, count, worth int64) bool {
	b := m.bookOf(k)
	for i := range b.group.rules {
		r := &b.group.rules[i]
		most, mostCount := r.maxima(at)
		sum, n := int64(0), int64(0)
		switch {
		case r.kind == perTransaction:
			if worth > most {
				return false
			}
			continue
		case r.kind == lifetime:
			sum, n = b.sum, b.count
		case b.credits == 0 && r.overrides == nil && b.surelyFits(r, at, amount, count):
			continue
		default:
			sum, n = b.peakAt(r, at)
		}
		if amount > most-max(0, sum) || count > mostCount-n {
			return false
		}
	}
	return true
}

// peakAt returns what a limit with a cursor has in use for a spend dated t: in the fullest window that contains t. Where
// the maximum changes meanwhile, what is used is told so that the maximum at t leaves what there is. It writes nothing.
func (b *book) peakAt(r *rule, t int64) (sum, count int64) {
	c := b.look(r, t)
	if t >= b.newest() {
		if b.credits == 0 {
			return c.sum, c.count
		}
		return b.peak(r, c, t, b.n)
	}
	sum, n := b.sumUp(c.head, t)
	return b.peak(r, cursor{c.head, sum, int64(n)}, t, max(c.head, b.upper(t)))
}

// peak returns the most that any window which contains t amounts to, and the most that one counts. c is the window at t,
// which ends before entry hi.
func (b *book) peak(r *rule, c cursor, t int64, hi int) (sum, count int64) {
	sum, count = c.sum, c.count
	w := b.walk(r, c, t, hi)
	for w.next() {
		sum, count = max(sum, w.c.sum+w.more), max(count, w.c.count+w.moreCount)
	}
	return sum, count
}

// walk is a walk over the windows that contain an instant, from one where something comes in, or leaves, to the next.
// Where nothing that leaves makes a window fuller, it stops only where something comes in.
type walk struct {
	step
	leaving         leaving
	u               int64  // where it is
	c               cursor // the window there
	hi              int    // which ends before this entry
	until           int64  // where the first instant is out
	most, mostCount int64  // maxima at the first instant
	more, moreCount int64  // by which they were lower when the latest spend came in
}

// walk returns a walk from t on, where c is the window at t, which ends before entry hi.
func (b *book) walk(r *rule, c cursor, t int64, hi int) walk {
	most, mostCount := r.maxima(t)
	return walk{step: step{b: b, r: r}, leaving: leaving{b: b, r: r}, u: t, c: c, hi: hi, until: b.untilAt(r, t), most: most, mostCount: mostCount}
}

// event returns where something comes in or leaves next; never, when nothing does.
func (w *walk) event() int64 {
	u := int64(never)
	if w.hi < w.step.b.n {
		u = w.step.b.at(w.hi).a
	}
	if w.step.b.credits > 0 {
		for w.c.head < w.hi && !w.step.b.at(w.c.head).live() {
			w.c.head++
		}
		if w.c.head < w.hi {
			u = min(u, w.leaving.at(w.step.b.at(w.c.head).a))
		}
	}
	return u
}

// next goes on, and returns false where the windows no longer contain the first instant.
func (w *walk) next() bool {
	b := w.step.b
	if w.u = w.event(); w.u >= w.until {
		return false
	}
	for ; w.hi < b.n && b.at(w.hi).a == w.u; w.hi++ { // all of an instant come in
		amount, one := b.at(w.hi).counted()
		if w.step.r.overrides != nil && (amount > 0 || one > 0) {
			a, n := w.step.r.maxima(w.u)
			w.more, w.moreCount = w.most-a, w.mostCount-n
		}
		w.c.sum += amount
		w.c.count += one
	}
	for after := w.after(w.u); w.c.head < w.hi && b.at(w.c.head).a <= after; {
		w.c.drop(b.at(w.c.head))
	}
	return true
}

// memo is the step of a step function that was last asked for: its value for every instant in [from, to).
type memo struct{ from, to, value int64 }

func (m *memo) holds(t int64) bool { return t >= m.from && t < m.to }

// step is a window whose after is asked for instants that mostly follow on one another.
type step struct {
	b *book
	r *rule
	memo
}

// after returns what book.afterAt would.
func (s *step) after(t int64) int64 {
	if s.r.kind == rolling {
		return t - s.r.span
	}
	if s.holds(t) {
		return s.value
	}
	if s.r.kind != openedByFirstUse {
		s.from, s.to, s.value = s.r.window.afterStep(t)
		return s.value
	}
	from, to, ok := s.b.windowOf(s.r, t)
	if !ok {
		return t - 1
	}
	s.from, s.to, s.value = from, to, from-1
	return s.value
}

// leaving is a window whose until is asked for entries that mostly follow on one another.
type leaving struct {
	b *book
	r *rule
	memo
}

// at returns what book.untilAt would.
func (l *leaving) at(e int64) int64 {
	if l.r.kind == rolling {
		return e + l.r.span
	}
	if l.holds(e) {
		return l.value
	}
	if l.r.kind != openedByFirstUse {
		l.from, l.to, l.value = l.r.window.untilStep(e)
		return l.value
	}
	from, to, ok := l.b.windowOf(l.r, e)
	if !ok {
		return e + l.r.span
	}
	l.from, l.to, l.value = from, to, to
	return l.value
}

// tellPeaks fills the rows of d with how each limit stands for a spend dated t, which may lie before the latest one: what
// the fullest window that contains t holds, and what leaves the one at t. It writes nothing but d.
func (m *Meter) tellPeaks(d *Decision, t int64) {
	for k := range m.policy.groups {
		m.tellPeaksOf(d, k, t)
	}
}

// tellPeaksOf is tellPeaks for the limits of one group.
func (m *Meter) tellPeaksOf(d *Decision, k int, t int64) {
	b := m.bookOf(k)
	for i := range b.group.rules {
		r := &b.group.rules[i]
		row := d.row(r.row)
		*row = figures{}
		switch {
		case r.finite():
			sum, count := b.peakAt(r, t)
			row.used, row.count = sum, uint32(max(0, min(count, math.MaxUint32)))
			b.tellFreeOf(r, row, b.look(r, t).head, t, spending{})
		case r.kind == lifetime:
			row.used, row.count = b.sum, uint32(b.count)
		}
		if m.rare != nil {
			m.tellExpiry(b, r, row, t)
		}
		row.mark(r, t)
	}
}
