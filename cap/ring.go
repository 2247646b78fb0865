package cap

import (
	"math"
	"slices"
)

// slot is 24 bytes of a meter's memory. The first ones hold cursors and memos, as the policy lays them out; the others
// are the ring of entries, sorted by instant, ties in the order of arrival:
//
//	entry   instant          amount and state    hash of the id
//	cursor  head             sum                 count
//	memo    from             to                  value, for every instant in [from, to)
//	group   sum              count               of the entries that leave first
//
// One shape for all of them lets one account be one allocation.
type slot struct {
	a, b int64
	c    uint64
}

// An entry's b is its amount in minor units, with ten bits of state on top. The amount stays whatever becomes of the
// entry, so that the same id can be told from another amount.
const (
	void       = int64(math.MinInt64) // counts for nothing: reversed, expired, or a refund that no limit counts
	captured   = int64(1) << 62
	expired    = int64(1) << 61 // void because the hold has expired
	credit     = int64(1) << 60 // a refund: counts for less than nothing
	part       = int64(1) << 59 // of a spend that is counted already: the amount counts, the spend does not once more
	adjusted   = int64(1) << 58 // the amount is not the one first asked for
	merged     = int64(1) << 57 // several spends that are final: the hash is their number instead
	opens      = int64(1) << 54 // and the next two: opens the first, second or third window of its kind
	maxOpens   = 3
	amountMask = opens - 1
)

// counted returns what the entry adds to a sum, and to a count.
func (s *slot) counted() (amount, count int64) {
	gone := s.b >> 63       // all ones when void
	minus := s.b << 3 >> 63 // all ones for a credit
	amount = (s.b&amountMask&^gone ^ minus) - minus
	if s.b&merged != 0 {
		return amount, int64(s.c)
	}
	return amount, (1 + gone) &^ (s.b>>60 | s.b>>59) & 1
}

// live reports whether the entry counts.
func (s *slot) live() bool { return s.b >= 0 }

// within reports whether the entry is live and dated after an instant: where a window that begins there has its head.
func (s *slot) within(after int64) bool { return s.a > after && s.b >= 0 }

// cursor says where a window begins in the ring, and what the entries from there to the end amount to.
type cursor struct {
	head       int
	sum, count int64
}

func (s *slot) cursor() cursor { return cursor{int(s.a), s.b, int64(s.c)} }

func (s *slot) setCursor(c cursor) { s.a, s.b, s.c = int64(c.head), c.sum, uint64(c.count) }

// add counts an entry in.
func (c *cursor) add(e *slot) {
	amount, count := e.counted()
	c.sum += amount
	c.count += count
}

// drop counts the first entry out, and goes on to the next one.
func (c *cursor) drop(e *slot) {
	amount, count := e.counted()
	c.sum -= amount
	c.count -= count
	c.head++
}

// ring is the memory of one book. The entries are numbered from 0, the oldest, to n-1, wherever they lie.
type ring struct {
	slots []slot
	side  *side // nil for most
	base  int   // slots before the entries: the cursors and memos
	start int   // the slot of entry 0
	n     int
}

// side is what few rings have besides, slot by slot.
type side struct {
	where  []place // where the spend was made; nil as long as no spend said so
	blocks blocks  // nil until they are wanted
}

// where returns where spends were made, by slots; nil when none said so.
func (r *ring) where() []place {
	if r.side == nil {
		return nil
	}
	return r.side.where
}

// blocks returns the sums of the entries by blocks; nil when they are not made.
func (r *ring) blocks() blocks {
	if r.side == nil {
		return nil
	}
	return r.side.blocks
}

// theSide returns r.side, made if there is none yet.
func (r *ring) theSide() *side {
	if r.side == nil {
		r.side = &side{}
	}
	return r.side
}

// at returns entry i.
func (r *ring) at(i int) *slot { return &r.slots[r.physical(i)] }

// physical returns the slot of entry i.
func (r *ring) physical(i int) int {
	p := r.start + i
	if p >= len(r.slots) {
		p -= len(r.slots) - r.base
	}
	return p
}

// placeOf returns where the spend of entry i was made.
func (r *ring) placeOf(i int) place {
	if where := r.where(); where != nil {
		return where[r.physical(i)]
	}
	return place{}
}

// setPlace notes where the spend of entry i was made.
func (r *ring) setPlace(i int, p place) {
	where := r.where()
	if where == nil {
		if p == (place{}) {
			return
		}
		where = make([]place, len(r.slots))
		r.theSide().where = where
	}
	where[r.physical(i)] = p
}

// newest returns the instant of the last entry, or -1.
func (r *ring) newest() int64 {
	if r.n == 0 {
		return -1
	}
	return r.at(r.n - 1).a
}

// upper returns the number of entries dated at or before instant.
func (r *ring) upper(instant int64) int { return r.upperOf(instant, r.n) }

// upperOf is upper for the first so many entries.
func (r *ring) upperOf(instant int64, n int) int {
	piece, before := r.slots[r.start:], 0 // up to the end of the ring; the rest lies at its beginning
	if n > len(piece) && piece[len(piece)-1].a <= instant {
		piece, before = r.slots[r.base:], len(piece)
	}
	lo, hi := 0, min(n-before, len(piece))
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if piece[mid].a <= instant {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return before + lo
}

// find returns the number of the entry of that instant and hash, given upper of the instant; -1 when there is none. It
// costs a step for each tie.
func (r *ring) find(instant int64, hash uint64, upper int) int {
	for i := upper - 1; i >= 0; i-- {
		switch e := r.at(i); {
		case e.a != instant:
			return -1
		case e.c == hash && e.b&(part|merged) == 0:
			return i
		}
	}
	return -1
}

// sumUp returns what the entries from number lo on that are dated at or before an instant amount to, and count.
func (r *ring) sumUp(lo int, last int64) (sum int64, count uint32) {
	for ; lo < r.n; lo++ {
		e := r.at(lo)
		if e.a > last {
			break
		}
		amount, n := e.counted()
		sum += amount
		count += uint32(n)
	}
	return sum, count
}

// seek moves c to the window that begins after an instant. A window that moved on walks over what left it, one step an
// entry, and over the reversed entries behind; with back it is allowed to have moved back, too.
func (r *ring) seek(c *cursor, after int64, back bool) {
	if back {
		for c.head > 0 {
			e := r.at(c.head - 1)
			if e.a <= after {
				break
			}
			c.add(e)
			c.head--
		}
	}
	for c.head < r.n {
		e := r.at(c.head)
		if e.within(after) {
			break
		}
		c.drop(e)
	}
}

// shift moves entry p and those behind it one place on, over the last one.
func (r *ring) shift(p int) {
	where := r.where()
	for i := r.n - 1; i > p; {
		// Entry i-1 moves to where i goes, and as many before it as lie in one piece in both places.
		to := r.physical(i)
		if to == r.base { // the one before lies at the other end
			r.slots[to] = r.slots[len(r.slots)-1]
			if where != nil {
				where[to] = where[len(r.slots)-1]
			}
			i--
			continue
		}
		k := min(i-p, to-r.base)
		copy(r.slots[to-k+1:to+1], r.slots[to-k:to])
		if where != nil {
			copy(where[to-k+1:to+1], where[to-k:to])
		}
		i -= k
	}
}

// full reports whether no slot is free.
func (r *ring) full() bool { return r.base+r.n == len(r.slots) }

// drop forgets the first k entries. No cursor may stand before them.
func (r *ring) drop(k int) {
	if k == 0 {
		return
	}
	if r.start += k; r.start >= len(r.slots) {
		r.start -= len(r.slots) - r.base
	}
	r.n -= k
}

// resize moves everything but the blocks to new memory with room for so many entries, or a few more, and another number of cursors
// and memos, which it leaves zero when that number changes.
func (r *ring) resize(base, entries int) {
	slots := slices.Grow([]slot(nil), base+entries)
	slots = slots[:cap(slots)] // what the allocator rounds up to is room as well
	if base == r.base {
		copy(slots, r.slots[:base])
	}
	var where []place
	old := r.where()
	if old != nil {
		where = make([]place, len(slots))
	}
	if r.n > 0 {
		k := min(len(r.slots)-r.start, r.n) // up to the end; the rest lies at the beginning
		copy(slots[base:], r.slots[r.start:r.start+k])
		copy(slots[base+k:], r.slots[r.base:r.base+r.n-k])
		if where != nil {
			copy(where[base:], old[r.start:r.start+k])
			copy(where[base+k:], old[r.base:r.base+r.n-k])
		}
	}
	r.slots, r.base, r.start = slots, base, base
	if r.side != nil {
		r.side = nil
		if where != nil {
			r.side = &side{where: where}
		}
	}
}

// roomFor returns for how many entries to make room when there are n: an eighth more for a small account, a quarter
// for a large one.
func roomFor(n int) int {
	if n < 256 {
		return n + n/8 + 2
	}
	return n + n/4
}

// clone returns a ring that shares nothing with r. Blocks are not taken along.
func (r *ring) clone() ring {
	c := *r
	c.slots, c.side = slices.Clone(r.slots), nil
	if where := r.where(); where != nil {
		c.side = &side{where: slices.Clone(where)}
	}
	return c
}
