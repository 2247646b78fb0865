package cap

import "math/bits"

// A window opened by first use is not given by time alone: it opens with a spend that no window holds, and lasts for its
// span. The entry that opened it says so by a bit, which stays whatever becomes of the spend: a reversal gives room back,
// but does not close the window, since what came later was decided in it.
//
// A spend that comes late and lies in no window is counted in the next one, if that opened less than a span later: so
// spends sent in the reverse order cannot open a window each. Otherwise it opens one of its own. So two windows never open
// within less than a span, and each spend is in exactly one of them.

// noOpening stands for the latest opening where there is none.
const noOpening = -never

// windowOf returns the window that an instant is in, or would be in: it holds what is dated in [from, to). ok is false
// when a spend then would open one. It costs a step for each entry between the instant and the next opening, and none
// for an instant after the latest.
//
// It looks no further than three spans back: at the window before the one before the instant, which both may reach.
func (b *book) windowOf(r *rule, t int64) (from, to int64, ok bool) {
	latest := &b.slots[r.slot+1]
	open, before := latest.a, latest.b // and the end of the window before that
	if open == noOpening {
		return 0, 0, false
	}
	if t < open {
		i := b.upper(t)
		j := b.openingBefore(r, i)
		if j >= 0 && t < b.at(j).a+r.span {
			open, before = b.at(j).a, noOpening
			if k := b.openingBefore(r, j); k >= 0 {
				before = b.at(k).a + r.span
			}
		} else {
			for i < b.n && b.at(i).b&r.opens == 0 {
				i++
			}
			if i == b.n { // cannot be: the latest opening is there as long as anything can reach it
				return 0, 0, false
			}
			open, before = b.at(i).a, noOpening
			if j >= 0 {
				before = b.at(j).a + r.span
			}
		}
	}
	from, to = max(before, open-r.span+1), open+r.span
	return from, to, t >= from && t < to
}

// openingBefore returns the last entry before entry i that opened a window of r, or -1.
func (b *book) openingBefore(r *rule, i int) int {
	for i--; i >= 0 && b.at(i).b&r.opens == 0; {
		i--
	}
	return i
}

// open returns the bits of the windows that a spend dated at opens, and notes that it does.
func (b *book) open(at int64) (opened int64) {
	for i := range b.group.rules {
		r := &b.group.rules[i]
		if r.kind != openedByFirstUse {
			continue
		}
		if _, _, ok := b.windowOf(r, at); ok {
			continue
		}
		opened |= r.opens
		if b.credits > 0 {
			b.sought = never // a refund that no window held may be in this one
		}
		latest := &b.slots[r.slot+1]
		switch {
		case latest.a == noOpening:
			latest.a, latest.b = at, noOpening
		case at > latest.a:
			latest.a, latest.b = at, latest.a+r.span
		default:
			latest.b = max(latest.b, at+r.span)
			b.sought = never // what was counted in a later window may be in this one
		}
	}
	return opened
}

// findOpening notes the latest opening of a window of r, and the end of the window before it.
func (b *book) findOpening(r *rule) {
	latest := &b.slots[r.slot+1]
	latest.a, latest.b = noOpening, noOpening
	if i := b.openingBefore(r, b.n); i >= 0 {
		latest.a = b.at(i).a
		if j := b.openingBefore(r, i); j >= 0 {
			latest.b = b.at(j).a + r.span
		}
	}
}

// reopen gives the entries of the book the openings of its policy, which is new to it: those of a window that was known
// before stay, others open in the order of time.
func (b *book) reopen(before *group) {
	var known [maxOpens]int64 // for each bit, the bit that the window had before
	for i := range b.group.rules {
		r := &b.group.rules[i]
		for j := range before.rules {
			if o := &before.rules[j]; r.opens != 0 && o.opens != 0 && o.window.Equal(r.window) {
				known[r.opener()] = o.opens
			}
		}
	}
	var end [maxOpens]int64
	for i := range b.n {
		e := b.at(i)
		opened := int64(0)
		for j := range b.group.rules {
			r := &b.group.rules[j]
			if r.opens == 0 || e.b&credit != 0 {
				continue
			}
			k := r.opener()
			if known[k] != 0 && e.b&known[k] != 0 || known[k] == 0 && e.a >= end[k] {
				opened |= r.opens
				end[k] = e.a + r.span
			}
		}
		e.b = e.b&^maskOpens | opened
	}
}

// opener returns which of the bits is r's.
func (r *rule) opener() int { return bits.TrailingZeros64(uint64(r.opens / opens)) }
