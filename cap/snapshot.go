package cap

import (
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"math"
)

// A snapshot is, in this order:
//
//	version      1 byte
//	shared       32 bytes, digest of the policy that the meter was made with
//	own policy   length and JSON of the policy that SetPolicy set; length 0: none
//	instants     latest+1, oldest, gone+1
//	everything   sum, count
//	entries      number of them; for each: instant less the one before, amount·4 + state, 8 bytes of hash
//	windows      for each limit with a cursor: sum and count at the latest instant
//	checksum     8 bytes, CRC-64 (ECMA) of all before
//
// Numbers are unsigned varints in their shortest form, fixed ones little-endian. The sums can be recomputed from the
// entries; they are there to be compared. Meters that answer alike have the same bytes: entries that are gone are left
// out, and so is everything that only speeds up.
const snapshotVersion = 1

const (
	digestLen   = 32
	minSnapshot = 1 + digestLen + 1 + 3 + 2 + 1 + 8
	minEntry    = 1 + 1 + 8
)

func checksum(data []byte) uint64 { return crc64.Checksum(data, crc64.MakeTable(crc64.ECMA)) }

// MarshalBinary returns a snapshot of the meter: about 14 bytes an entry. It costs O(n) for n entries kept. It returns an
// error if the meter has no policy (ErrInvalid).
func (m *Meter) MarshalBinary() ([]byte, error) {
	if m.policy == nil {
		return nil, invalid("policy", "the meter has none")
	}
	floor := m.floor()
	first := m.upper(floor)
	out := make([]byte, 0, minSnapshot+64+14*(m.n-first))
	out = append(out, snapshotVersion)
	out = append(out, m.shared.digest[:]...)
	if m.policy == m.shared {
		out = append(out, 0)
	} else {
		out = binary.AppendUvarint(out, uint64(len(m.policy.json)))
		out = append(out, m.policy.json...)
	}
	for _, n := range [...]int64{m.latest + 1, m.oldest, floor + 1, m.sum, m.count, int64(m.n - first)} {
		out = binary.AppendUvarint(out, uint64(n))
	}
	before := int64(0)
	for i := first; i < m.n; i++ {
		e := m.at(i)
		out = binary.AppendUvarint(out, uint64(e.a-before))
		out = binary.AppendUvarint(out, uint64(e.b)<<2|uint64(e.b)>>62)
		out = binary.LittleEndian.AppendUint64(out, e.c)
		before = e.a
	}
	for i := range m.policy.rules {
		if r := &m.policy.rules[i]; r.finite() {
			c := m.look(r, max(m.latest, 0))
			out = binary.AppendUvarint(out, uint64(c.sum))
			out = binary.AppendUvarint(out, uint64(c.count))
		}
	}
	return binary.LittleEndian.AppendUint64(out, checksum(out)), nil
}

// UnmarshalBinary makes m the meter that the snapshot was taken of. m comes from NewMeter with the same policy as that
// one did; a policy that SetPolicy set later is in the snapshot. The checksum is compared, the window sums are
// recomputed and compared, and every bound is checked. It costs O(n) for n entries.
//
// UnmarshalBinary returns an error, and leaves m as it was, if:
//   - m has no policy (ErrInvalid);
//   - the snapshot was made under another policy than m was (ErrPolicyMismatch);
//   - the snapshot is damaged, or of another version (ErrSnapshot).
func (m *Meter) UnmarshalBinary(data []byte) error {
	if m.shared == nil {
		return invalid("policy", "the meter has none")
	}
	if len(data) < minSnapshot {
		return fmt.Errorf("%w: %d bytes, want %d or more", ErrSnapshot, len(data), minSnapshot)
	}
	body := data[:len(data)-8]
	if binary.LittleEndian.Uint64(data[len(body):]) != checksum(body) {
		return fmt.Errorf("%w: the checksum differs", ErrSnapshot)
	}
	if body[0] != snapshotVersion {
		return fmt.Errorf("%w: version %d, want %d", ErrSnapshot, body[0], snapshotVersion)
	}
	if [digestLen]byte(body[1:]) != m.shared.digest {
		return ErrPolicyMismatch
	}
	r := snapshotReader{rest: body[1+digestLen:]}
	next := r.meter(m.shared)
	if r.what != "" {
		return fmt.Errorf("%w: %s", ErrSnapshot, r.what)
	}
	*m = *next
	return nil
}

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
		m.policy = own
		r.rest = r.rest[size:]
	}
	m.latest = r.number("latest", end) - 1
	m.oldest = r.number("oldest", end)
	m.gone = r.number("gone", end) - 1
	m.sum = r.number("sum", never)
	m.count = r.number("count", math.MaxUint32)
	n := r.number("entries", never)
	if r.what == "" && (m.gone != m.floor() || m.gone >= m.oldest || m.oldest > max(m.latest, 0) || m.oldest < m.latest-m.policy.lateness) {
		r.fail("instants")
	}
	if n > int64(len(r.rest))/minEntry {
		r.fail("entries")
	}
	if r.what == "" {
		r.entries(m, int(n))
	}
	if r.what == "" {
		r.windows(m)
	}
	return m
}

// entries reads the entries.
func (r *snapshotReader) entries(m *Meter, n int) {
	m.resize(m.policy.slots, roomFor(n+1))
	last := int64(0)
	sum, count := int64(0), int64(0)
	for range n {
		at := last + r.number("instant", end)
		b := r.varint("amount")
		if r.what != "" || len(r.rest) < 8 || at <= m.gone || at > m.latest || b>>2 == 0 {
			r.fail("entry")
			return
		}
		e := slot{at, int64(b>>2 | b<<62), binary.LittleEndian.Uint64(r.rest)}
		r.rest = r.rest[8:]
		m.slots[m.base+m.n] = e
		m.n++
		amount, one := e.counted()
		if amount > m.sum-sum {
			r.fail("sum")
			return
		}
		sum += amount
		count += one
		last = at
	}
	if m.newest() != m.latest || count > m.count {
		r.fail("latest or count")
	}
}

// windows compares the sums, and leaves the cursors at the latest instant.
func (r *snapshotReader) windows(m *Meter) {
	m.restart()
	m.move(max(m.latest, 0))
	for i := range m.policy.rules {
		rule := &m.policy.rules[i]
		if !rule.finite() {
			continue
		}
		c := m.slots[rule.slot].cursor()
		if sum := r.number("window", never); sum != c.sum {
			r.fail("window sum")
		}
		if count := r.number("window", never); count != c.count {
			r.fail("window count")
		}
	}
	if len(r.rest) > 0 {
		r.fail("what follows the end")
	}
}
