package cap

import (
	"cmp"
	"slices"
)

// holds are the spends of a meter that end by themselves, in the order in which they do. Nothing has to sweep them: an
// operation first moves past those that have ended by its own instant, as cursors move past spends that are too old, and
// back again when it is dated earlier.
type holds struct {
	list   []slot // end, instant and hash of each
	passed int    // how many of them have ended, as far as the books know
}

// add puts a hold in that ends after all that have passed.
func (h *holds) add(end int64, a ask) {
	i, _ := slices.BinarySearchFunc(h.list, end, func(s slot, end int64) int {
		return cmp.Or(cmp.Compare(s.a, end), -1) // after those of the same instant
	})
	h.list = slices.Insert(h.list, i, slot{end, a.at, a.hash})
}

// shed forgets the holds that have ended for good: an account's clock does not go back. All of them must have passed.
func (h *holds) shed(latest int64) {
	k := 0
	for k < h.passed && h.list[k].a <= latest {
		k++
	}
	h.list = h.list[k:]
	h.passed -= k
}

// firstOpen returns the instant of the first spend with a hold that has not ended at an instant; never, when there is none.
func (h *holds) firstOpen(t int64) int64 {
	first := int64(never)
	for i := len(h.list) - 1; i >= 0 && h.list[i].a > t; i-- {
		first = min(first, h.list[i].b)
	}
	return first
}

// find returns the place of the hold of a spend, or -1. It costs a step for each hold.
func (h *holds) find(a ask) int {
	return slices.IndexFunc(h.list, func(s slot) bool { return s.b == a.at && s.c == a.hash })
}

// drop forgets the hold of a spend that was captured or reversed.
func (h *holds) drop(a ask) {
	if i := h.find(a); i >= 0 {
		h.list = slices.Delete(h.list, i, i+1)
		if i < h.passed {
			h.passed--
		}
	}
}

// next returns when the next hold ends; never, when there is none.
func (h *holds) next() int64 {
	if h.passed < len(h.list) {
		return h.list[h.passed].a
	}
	return never
}

// current reports whether the books know exactly the holds that have ended at t.
func (h *holds) current(t int64) bool {
	return h.next() > t && (h.passed == 0 || h.list[h.passed-1].a <= t)
}

// expire makes the books know exactly the holds that have ended at t.
func (m *Meter) expire(t int64) {
	if m.rare != nil {
		m.expireHolds(t)
	}
}

func (m *Meter) expireHolds(t int64) {
	h := &m.rare.holds
	for h.next() <= t {
		e := &h.list[h.passed]
		m.setExpired(ask{hash: e.c, at: e.b}, true)
		h.passed++
	}
	for h.passed > 0 && h.list[h.passed-1].a > t {
		h.passed--
		e := &h.list[h.passed]
		m.setExpired(ask{hash: e.c, at: e.b}, false)
	}
}

// isOpen reports whether a spend is a hold that may still end by itself.
func (m *Meter) isOpen(a ask) bool { return m.rare != nil && m.rare.holds.find(a) >= 0 }

// setExpired makes a hold end, or begin again, in every book that counts its end.
func (m *Meter) setExpired(a ask, ended bool) {
	p := m.find(a.at, a.hash, m.upper(a.at))
	if p < 0 {
		return // a policy set later has forgotten it
	}
	switch b := m.at(p).b; {
	case ended && b&(void|captured) == 0:
	case !ended && b&expired != 0:
	default:
		return
	}
	a.scattered = m.scatters(m.at(p).b)
	for k, g := range m.policy.groups {
		if g.counting.Expiry == Ignored {
			continue
		}
		b := m.bookOf(k)
		b.eachPart(a, func(p int) {
			switch e := b.at(p); {
			case ended && e.b >= 0:
				b.alter(p, e.b|void|expired)
			case !ended && e.b&expired != 0:
				b.alter(p, e.b&^(void|expired))
			}
		})
	}
}

// as returns the meter as it is at t or its latest instant, whichever is later: m itself, or a copy in which other holds
// have ended.
func (m *Meter) as(t int64) *Meter {
	if t = max(t, m.latest); m.rare == nil || m.rare.current(t) {
		return m
	}
	c := m.Clone()
	c.expire(t)
	return c
}
