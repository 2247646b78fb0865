package cap

import "math"

// book is what a meter keeps for one group of limits: the spends that they count, each for as much as they count of it,
// and where the window of each limit begins. Its methods here count, and know nothing of identity or holds; those of parts.go
// find a spend by its identity.
type book struct {
	ring
	group      *group
	sum, count int64 // of everything counted, also of what is gone
	credited   int64 // what refunds take off that sum
	credits    int   // how many of the entries are refunds that count
	sought     int64 // instant that the cursors were last moved to; never: unknown
}

// overflows reports whether one more amount could take some sum of the book beyond an int64, or the number of spends
// beyond a uint32.
func (b *book) overflows(amount int64) bool {
	return amount > math.MaxInt64-b.sum-2*b.credited || b.count >= math.MaxUint32
}

// tried returns how much of a refused amount the book counts: all of it, until attempts have taken half of what the sum
// has room for, and next to nothing then. Nobody may use up the room of an account by asking for what is refused.
func (b *book) tried(amount int64) int64 {
	return max(1, min(amount, math.MaxInt64/2-b.sum-2*b.credited))
}

// move moves every cursor to the windows at t.
func (b *book) move(t int64) {
	back := t < b.sought
	for i := range b.group.rules {
		r := &b.group.rules[i]
		if !r.finite() {
			continue
		}
		s := &b.slots[r.slot]
		c := s.cursor()
		b.seek(&c, b.after(r, t), back)
		s.setCursor(c)
	}
	b.sought = t
}

// after returns the latest instant before the window at t.
func (b *book) after(r *rule, t int64) int64 {
	switch r.kind {
	case rolling:
		return t - r.span
	case openedByFirstUse:
		return b.afterAt(r, t)
	default:
		memo := &b.slots[r.slot+1]
		if t < memo.a || t >= memo.b {
			from, to, after := r.window.afterStep(t)
			*memo = slot{from, to, uint64(after)}
		}
		return int64(memo.c)
	}
}

// until returns the first instant at which a spend dated e is out of the window.
func (b *book) until(r *rule, e int64) int64 {
	switch r.kind {
	case rolling:
		return e + r.span
	case openedByFirstUse:
		return b.untilAt(r, e)
	default:
		memo := &b.slots[r.slot+2]
		if e < memo.a || e >= memo.b {
			from, to, until := r.window.untilStep(e)
			*memo = slot{from, to, uint64(until)}
		}
		return int64(memo.c)
	}
}

// afterAt is after for readers: it writes nothing.
func (b *book) afterAt(r *rule, t int64) int64 {
	if r.kind != openedByFirstUse {
		return r.window.after(t)
	}
	if from, _, ok := b.windowOf(r, t); ok {
		return from - 1
	}
	return t - 1 // a spend now would open the next one
}

// untilAt is until for readers: it writes nothing.
func (b *book) untilAt(r *rule, e int64) int64 {
	if r.kind != openedByFirstUse {
		return r.window.until(e)
	}
	if _, to, ok := b.windowOf(r, e); ok {
		return to
	}
	return e + r.span
}

// restart gives the limits' windows new cursors, each over all the entries, for the next seek to move.
func (b *book) restart() {
	clear(b.slots[:b.base])
	if b.side != nil {
		b.side.blocks = nil
	}
	all := cursor{}
	for i := range b.n {
		all.add(b.at(i))
	}
	for i := range b.group.rules {
		r := &b.group.rules[i]
		if !r.finite() {
			continue
		}
		b.slots[r.slot].setCursor(all)
		if r.kind == openedByFirstUse {
			b.findOpening(r)
		}
	}
	b.sought = never
}

// insert puts an entry in, whose place is the number of entries dated at or before it. A slot must be free, and the sums
// must have room for it.
func (b *book) insert(e slot, p int) {
	amount, count := e.counted()
	b.sum += amount
	b.count += count
	b.credit(e.b, 1)
	if b.group.openers > 0 && e.b&credit == 0 {
		e.b |= b.open(e.a)
	}
	for i := range b.group.rules {
		r := &b.group.rules[i]
		if !r.finite() {
			continue
		}
		if r.kind.grouped() {
			b.regroup(r, e.a, amount, count)
		}
		if s := &b.slots[r.slot]; p >= int(s.a) {
			s.b += amount
			s.c += uint64(count)
		} else {
			// Behind the head there may be void entries that a seek has passed over, although the window holds them.
			// So look in both directions the next time.
			s.a++
			b.sought = never
		}
	}
	if b.n++; p < b.n-1 {
		b.shift(p)
	}
	*b.at(p) = e
	if bs := b.blocks(); bs != nil {
		b.shifted(bs, p)
	}
	b.setPlace(p, place{})
}

// forget drops the entries dated at or before floor, and sees that some slots are free afterwards.
func (b *book) forget(floor int64) {
	k := 0 // walked over and not searched for, since that reads far memory in the order in which it comes near
	for k < b.n && b.at(k).a <= floor {
		k++
	}
	for i := range b.group.rules {
		r := &b.group.rules[i]
		if !r.finite() {
			continue
		}
		s := &b.slots[r.slot]
		c := s.cursor()
		for c.head < k {
			c.drop(b.at(c.head))
		}
		c.head -= k
		s.setCursor(c)
	}
	bs := b.blocks()
	for i := 0; (b.credits > 0 || bs != nil) && i < k; i++ {
		p := b.physical(i)
		if creditOf(b.slots[p].b) > 0 {
			b.credits--
		}
		if bs != nil {
			bs.add(p, &b.slots[p], -1)
		}
	}
	b.drop(k)
	// Not at every record: a twenty-fourth at least must come free, and at most four times the room wanted is kept.
	want, have := roomFor(b.n+1), len(b.slots)-b.base
	if have-b.n <= b.n/24 || have/4 > want {
		b.resize(b.base, want)
	}
}

// alter changes the amount and state of entry p. Which windows it has opened stays as it was. The sums must have room.
func (b *book) alter(p int, amountAndState int64) {
	e := b.at(p)
	oldAmount, oldCount := e.counted()
	b.credit(e.b, -1)
	b.credit(amountAndState, 1)
	e.b = amountAndState&^(maskOpens) | e.b&maskOpens
	amount, count := e.counted()
	amount, count = amount-oldAmount, count-oldCount
	b.sum += amount
	b.count += count
	if bs := b.blocks(); bs != nil {
		block := &bs[b.physical(p)>>blockBits]
		block.sum += amount
		block.count += count
	}
	for i := range b.group.rules {
		r := &b.group.rules[i]
		if !r.finite() {
			continue
		}
		if r.kind.grouped() {
			b.regroup(r, e.a, amount, count)
		}
		if s := &b.slots[r.slot]; p >= int(s.a) {
			s.b += amount
			s.c += uint64(count)
		} else if amount > 0 || count > 0 {
			b.sought = never // what was void may be what the window begins with
		}
	}
}

// maskOpens is the bits that say which windows an entry has opened.
const maskOpens = opens * (1<<maxOpens - 1)

// creditOf returns what an entry in that state takes off a sum.
func creditOf(b int64) int64 {
	if b >= 0 && b&credit != 0 {
		return b & amountMask
	}
	return 0
}

// credit counts an entry in that state in, or out, if it is a refund that counts.
func (b *book) credit(state int64, sign int) {
	if amount := creditOf(state); amount > 0 {
		b.credited += int64(sign) * amount
		b.credits += sign
	}
}

// look returns a copy of the cursor of a limit, moved to t. It writes nothing, unlike move.
func (b *book) look(r *rule, t int64) cursor {
	c := b.slots[r.slot].cursor()
	b.seek(&c, b.afterAt(r, t), true)
	return c
}

// regroup counts a change of the entries at an instant into what leaves first, which tellFree keeps for civil units.
func (b *book) regroup(r *rule, at, amount, count int64) {
	if memo := &b.slots[r.slot+2]; at >= memo.a && at < memo.b {
		group := &b.slots[r.slot+3]
		group.a += amount
		group.b += count
	}
}
