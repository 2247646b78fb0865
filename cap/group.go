package cap

import (
	"math"
	"math/bits"
	"slices"
)

// group is the limits of a policy that count the same: those of one scope and one counting. A meter keeps one book for
// each. The first group has no scope and the usual counting: so its book holds every spend for what it is worth, and
// knows the spends for all the others. It may have no limits.
type group struct {
	key      string // JSON of scope and counting: groups of different policies that have the same one count the same
	scope    scope
	counting Counting // ready
	rules    []rule
	slots    int   // how many slots of a book its cursors and memos take
	openers  int   // how many windows are opened by first use
	reach    int64 // how far before an instant the rolling windows at it begin, at least 1
	stepped  []Window
	instant  bool // some window does not move in steps of civil units
}

// rule is a limit made ready for a book.
type rule struct {
	kind      kind
	row       int   // the place of the limit in the policy
	slot      int   // of the cursor; what a window keeps besides stands behind it
	opens     int64 // of a window opened by first use: the bit of the entries that open one
	span      int64 // of a rolling window, or one opened by first use, in microseconds
	max       int64 // never, when there is no limit of amount
	maxCount  int64 // never, when there is no limit of count
	window    Window
	overrides []override
	alerts    []int
}

// override is an Override made ready: what it does not replace stands in it as the limit has it.
type override struct{ from, until, max, maxCount int64 }

// finite reports whether spends ever leave the window, so that it has a cursor.
func (r *rule) finite() bool { return r.slot >= 0 }

// maxima returns the limits of amount and count that hold for a spend dated t.
func (r *rule) maxima(t int64) (amount, count int64) {
	if r.overrides == nil {
		return r.max, r.maxCount
	}
	return r.overridden(t)
}

func (r *rule) overridden(t int64) (amount, count int64) {
	if i := r.overriding(t); i > 0 {
		return r.overrides[i-1].max, r.overrides[i-1].maxCount
	}
	return r.max, r.maxCount
}

// overriding returns which override holds for a spend dated t, from 1; 0 when none does.
func (r *rule) overriding(t int64) uint8 {
	for i := range r.overrides {
		if o := &r.overrides[i]; t >= o.from && t < o.until {
			return uint8(i + 1)
		}
	}
	return 0
}

// cross notes which alerts lie between what was used before and what is used after, for a spend dated t.
func (f *figures) cross(r *rule, before, after *figures, t int64) {
	f.crossed = 0
	for i, percent := range r.alerts {
		if !before.reaches(r, percent, t) && after.reaches(r, percent, t) {
			f.crossed |= 1 << i
		}
	}
}

// reaches reports whether what is used is at least so much percent of what holds for a spend dated t, of amount or count.
func (f *figures) reaches(r *rule, percent int, t int64) bool {
	most, mostCount := r.maxima(t)
	return most != math.MaxInt64 && reaches(max(0, f.used), most, percent) || mostCount != math.MaxInt64 && reaches(int64(f.count), mostCount, percent)
}

// reaches reports whether part is at least so much percent of whole, exactly.
func reaches(part, whole int64, percent int) bool {
	hi, lo := bits.Mul64(uint64(part), 100)
	hi2, lo2 := bits.Mul64(uint64(whole), uint64(percent))
	return hi > hi2 || hi == hi2 && lo >= lo2
}

// turn returns the first instant after t at which the maxima may be others.
func (r *rule) turn(t int64) int64 {
	for i := range r.overrides {
		for _, at := range [...]int64{r.overrides[i].from, r.overrides[i].until} {
			if at > t {
				return at
			}
		}
	}
	return never
}

// arrange sorts the limits into groups. It returns the limit that there is no place for, or -1.
func (p *Policy) arrange() int {
	p.groups = []*group{newGroup(&Limit{})}
	for i := range p.limits {
		if !p.groupOf(&p.limits[i]).add(i, &p.limits[i]) {
			return i
		}
	}
	first := p.groups[0]
	p.captures = slices.ContainsFunc(p.groups, func(g *group) bool { return g.counting.Capture == Now })
	p.attempts = slices.ContainsFunc(p.groups, func(g *group) bool { return g.counting.Refusal == Now })
	p.watches = slices.ContainsFunc(p.limits, func(l Limit) bool { return l.Alerts != nil || l.Window.kind == perTransaction })
	for _, g := range p.groups[1:] { // what any book counts, the first one must know
		first.reach = max(first.reach, g.reach)
		first.stepped = append(first.stepped, g.stepped...)
		first.instant = first.instant || g.instant
	}
	p.plain = len(p.groups) == 1 && !slices.ContainsFunc(first.rules, func(r rule) bool {
		return r.kind != rolling || r.overrides != nil || r.alerts != nil
	})
	return -1
}

func newGroup(l *Limit) *group {
	g := &group{key: l.countsLike(), reach: 1}
	g.scope, _, _ = l.Scope.ready()
	g.counting, _, _ = l.Counting.ready()
	return g
}

// groupOf returns the group of a limit, and makes it if there is none yet.
func (p *Policy) groupOf(l *Limit) *group {
	key := l.countsLike()
	i := slices.IndexFunc(p.groups, func(g *group) bool { return g.key == key })
	if i < 0 {
		i = len(p.groups)
		p.groups = append(p.groups, newGroup(l))
	}
	return p.groups[i]
}

// add makes the rule of limit i of the policy. It returns false when there is no bit left for its window.
func (g *group) add(i int, l *Limit) bool {
	r := rule{kind: l.Window.kind, row: i, slot: -1, span: l.Window.n, max: math.MaxInt64, maxCount: math.MaxInt64, window: l.Window, alerts: l.Alerts}
	if l.Max.Valid() {
		r.max = l.Max.Minor()
	}
	if l.MaxCount > 0 {
		r.maxCount = l.MaxCount
	}
	for _, o := range l.Overrides {
		from, _ := instantOf(o.From)
		until, _ := instantOf(o.Until)
		other := override{from, until, r.max, r.maxCount}
		if o.Max.Valid() {
			other.max = o.Max.Minor()
		}
		if o.MaxCount > 0 {
			other.maxCount = o.MaxCount
		}
		r.overrides = append(r.overrides, other)
	}
	slots := 0
	switch {
	case r.kind == rolling:
		slots = 1
		g.instant = true
		g.reach = max(g.reach, r.span)
	case r.kind == openedByFirstUse: // and the latest window
		if g.openers == maxOpens {
			return false
		}
		slots = 2
		g.instant = true
		r.opens = opens << g.openers
		g.openers++
		g.reach = max(g.reach, 3*r.span) // see book.windowOf
	case r.kind == calendar: // and the memos of after and until
		slots = 3
		g.stepped = append(g.stepped, r.window)
	case r.kind.grouped(): // and what leaves first
		slots = 4
		g.stepped = append(g.stepped, r.window)
	}
	if slots > 0 {
		r.slot = g.slots
		g.slots += slots
	}
	g.rules = append(g.rules, r)
	return true
}

// horizon returns the latest instant that no window reaches from oldest or after it. It is before oldest, so that every
// spend that may still be sent again is found.
func (g *group) horizon(oldest int64) int64 {
	h := oldest - g.reach
	for _, w := range g.stepped {
		h = min(h, w.after(oldest))
	}
	return h
}

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

// noRoom reports whether the sums of some book have no room for one more amount.
func (m *Meter) noRoom(amount int64, in groups) bool {
	for k := range m.policy.groups {
		if in.has(k) && m.bookOf(k).overflows(amount) {
			return true
		}
	}
	return false
}
