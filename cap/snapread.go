package cap

import (
	"encoding/binary"
	"math"
)

// snapshotReader reads the body of a snapshot, and keeps the first thing that is wrong with it.
type snapshotReader struct {
	rest []byte
	what string
}

func (r *snapshotReader) fail(what string) {
	if r.what == "" {
		r.what = what
	}
	r.rest = nil
}

// varint reads an unsigned number in its shortest form; 0 after a failure.
func (r *snapshotReader) varint(what string) uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || size > 1 && r.rest[size-1] == 0 {
		r.fail(what)
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// number reads a number of at most most; 0 after a failure.
func (r *snapshotReader) number(what string, most int64) int64 {
	n := r.varint(what)
	if n > uint64(most) {
		r.fail(what)
		return 0
	}
	return int64(n)
}

// signed reads a number that may be negative; 0 after a failure.
func (r *snapshotReader) signed(what string) int64 {
	n := r.varint(what)
	return int64(n>>1) ^ -int64(n&1)
}

// bytes reads n bytes; nil after a failure.
func (r *snapshotReader) bytes(what string, n int) []byte {
	if len(r.rest) < n {
		r.fail(what)
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *snapshotReader) hash(what string) uint64 {
	if b := r.bytes(what, 8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// meter reads all there is.
func (r *snapshotReader) meter(shared *Policy) *Meter {
	m := NewMeter(shared)
	if size := r.number("policy", MaxPolicy); size > int64(len(r.rest)) {
		r.fail("policy")
	} else if size > 0 {
		own, err := ParsePolicy(r.rest[:size])
		if err != nil || own.Equal(shared) || own.currency != shared.currency || string(own.json) != string(r.rest[:size]) {
			r.fail("policy")
			return nil
		}
		m = NewMeter(own)
		m.shared = shared
		r.rest = r.rest[size:]
	}
	m.latest = r.number("latest", end) - 1
	m.oldest = r.number("oldest", end)
	m.gone = r.number("gone", end) - 1
	m.closed = r.number("final", end) - 1
	if r.what == "" && (m.gone > m.closed || m.closed >= m.oldest || m.oldest > max(m.latest, 0) || m.oldest < m.latest-m.policy.lateness) {
		r.fail("instants")
	}
	for k := range m.policy.groups {
		r.book(m, m.bookOf(k))
	}
	r.places(m)
	r.rare(m)
	if r.what == "" && (m.gone != m.floor() || m.closed != m.final()) {
		r.fail("gone")
	}
	if r.what == "" {
		r.windows(m)
	}
	return m
}

// book reads one book.
func (r *snapshotReader) book(m *Meter, b *book) {
	b.sum = r.signed("sum")
	b.count = r.number("count", math.MaxUint32)
	credited := r.number("credited", never)
	n := r.number("entries", never)
	if n > int64(len(r.rest))/minEntry {
		r.fail("entries")
	}
	if r.what != "" {
		return
	}
	b.resize(b.group.slots, roomFor(int(n)+1))
	before := int64(0)
	var plus, minus, sum, count int64 // what the entries add and take off, and add without those that are final
	for range n {
		at := before + r.number("instant", end)
		packed := r.varint("amount")
		e := slot{at, int64(packed>>10 | packed<<54), r.hash("entry")}
		if r.what != "" || !m.mayHold(b, &e) {
			r.fail("entry")
			return
		}
		b.slots[b.base+b.n] = e
		b.n++
		b.credit(e.b, 1)
		amount, one := e.counted()
		if amount > math.MaxInt64-plus || -amount > math.MaxInt64-minus {
			r.fail("amounts")
			return
		}
		plus, minus = plus+max(0, amount), minus+max(0, -amount)
		if at > m.closed { // what is final may be taken back in the sums alone: see applyGone
			sum, count = sum+max(0, amount), count+one
		}
		before = at
	}
	b.credited = credited
	// What was counted in all is sum and credited together: it must be at least what the entries say, and have room.
	if minus > credited || count > b.count || b.sum < -credited || b.sum > math.MaxInt64-credited || b.sum+credited > math.MaxInt64-credited ||
		sum > b.sum+credited {
		r.fail("sum or count")
	}
}

// mayHold reports whether an entry may stand in a book of m.
func (m *Meter) mayHold(b *book, e *slot) bool {
	if e.a <= m.gone || e.a > m.latest {
		return false
	}
	amount, state := e.b&amountMask, e.b&^amountMask&^maskOpens
	if opened := e.b & maskOpens; opened>>54 >= 1<<b.group.openers || opened != 0 && state&credit != 0 {
		return false
	}
	first := b == &m.book
	switch {
	case state&merged != 0: // of at least two, or a part and another part
		return state == merged && amount >= 0 && e.c <= math.MaxUint32 && e.a <= m.closed
	case state&credit != 0:
		return amount > 0 && state&(captured|expired|part|adjusted) == 0 && first == (state&void != 0) && (first || b.group.counting.Refund == Now)
	case state&expired != 0 && state&void == 0, amount == 0 && first && state != part|void:
		return false
	case first:
		return (state&part == 0 || state&captured == 0) && state&(captured|expired) != captured|expired
	}
	return state&(captured|adjusted) == 0
}

// places reads where spends were made.
func (r *snapshotReader) places(m *Meter) {
	flag := r.bytes("places", 1)
	if flag == nil || flag[0] == 0 {
		return
	}
	any := false
	for i := range m.n {
		b := r.bytes("place", placeLen)
		if b == nil {
			return
		}
		p := place{
			merchant: binary.LittleEndian.Uint64(b), mcc: MCC(binary.LittleEndian.Uint16(b[8:])),
			country: binary.LittleEndian.Uint16(b[10:]), channel: b[12],
		}
		if p.mcc > maxMCC || int(p.channel) > len(Channels()) || p.country != 0 && !Country([]byte{b[11], b[10]}).Valid() {
			r.fail("place")
			return
		}
		any = any || p != place{}
		m.setPlace(i, p)
	}
	if flag[0] != 1 || !any {
		r.fail("places")
	}
}

// rare reads the holds and refunds.
func (r *snapshotReader) rare(m *Meter) {
	holds, refunded := r.list("holds"), r.list("refunded")
	if len(holds)+len(refunded) == 0 {
		return
	}
	for i := range holds {
		e := &holds[i]
		if e.a <= m.latest || e.b > m.latest || e.a > e.b+MaxRolling.Microseconds() || m.find(e.b, e.c, m.upper(e.b)) < 0 {
			r.fail("hold")
		}
	}
	for i := range refunded {
		if e := &refunded[i]; e.a <= m.gone || e.b < 1 || e.b > MaxAmount || m.find(e.a, e.c, m.upper(e.a)) < 0 {
			r.fail("refunded")
		}
	}
	m.theRare().holds.list = holds
	m.rare.refunded = refunded
}

// list reads slots in the order of their first field.
func (r *snapshotReader) list(what string) []slot {
	n := r.number(what, never)
	if n > int64(len(r.rest))/minEntry {
		r.fail(what)
	}
	var list []slot
	before := int64(0)
	for range n {
		if r.what != "" {
			return nil
		}
		e := slot{a: before + r.number(what, end), b: r.number(what, never)}
		e.c = r.hash(what)
		list = append(list, e)
		before = e.a
	}
	return list
}

// windows compares the sums, and leaves the cursors at the latest instant.
func (r *snapshotReader) windows(m *Meter) {
	for k := range m.policy.groups {
		b := m.bookOf(k)
		b.restart()
		b.move(max(m.latest, 0))
		for i := range b.group.rules {
			rule := &b.group.rules[i]
			if !rule.finite() {
				continue
			}
			c := b.slots[rule.slot].cursor()
			if sum := r.signed("window"); sum != c.sum {
				r.fail("window sum")
			}
			if count := r.number("window", never); count != c.count {
				r.fail("window count")
			}
		}
	}
	if len(r.rest) > 0 {
		r.fail("what follows the end")
	}
}
