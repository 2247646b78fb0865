package cap

import (
	"encoding/binary"
	"fmt"
	"hash/crc64"
)

// A snapshot is, in this order:
//
//	version      1 byte
//	shared       32 bytes, digest of the policy that the meter was made with
//	own policy   length and JSON of the policy that SetPolicy set; length 0: none
//	instants     latest+1, oldest, gone+1, final+1
//	books        for each group of the policy: sum, count and credited of everything; number of entries; for each entry
//	             instant less the one before, amount·1024 + state, 8 bytes of hash, or of number
//	places       1 byte: whether any entry of the first book has one; if so, for each 13 bytes
//	holds        number of those that have not ended; for each: end less the one before, instant, 8 bytes of hash
//	refunded     number; for each: instant less the one before, amount, 8 bytes of hash
//	windows      for each limit with a cursor, by books: sum and count at the latest instant
//	checksum     8 bytes, CRC-64 (ECMA) of all before
//
// Numbers are unsigned varints in their shortest form, those that may be negative with the sign as the lowest bit; fixed
// ones little-endian. The sums of windows can be recomputed from the entries; they are there to be compared. Meters that
// answer alike have the same bytes: entries that are gone are left out, and so is everything that only speeds up.
const snapshotVersion = 1

const (
	digestLen   = 32
	minSnapshot = 1 + digestLen + 1 + 4 + 4 + 3 + 8
	minEntry    = 1 + 1 + 8
	placeLen    = 8 + 2 + 2 + 1
)

func checksum(data []byte) uint64 { return crc64.Checksum(data, crc64.MakeTable(crc64.ECMA)) }

// MarshalBinary returns a snapshot of the meter: about 17 bytes an entry, and 13 more in an account where some spend names a
// merchant. It costs O(n) for n entries kept. It returns an error if the meter has no policy (ErrInvalid).
func (m *Meter) MarshalBinary() ([]byte, error) {
	if m.policy == nil {
		return nil, invalid("policy", "the meter has none")
	}
	m = m.as(m.latest)
	if m.final() > m.floor() {
		m = m.Clone()
		m.mergeAll()
	}
	w := snapshotWriter{out: make([]byte, 0, minSnapshot+64+18*m.n)}
	w.out = append(w.out, snapshotVersion)
	w.out = append(w.out, m.shared.digest[:]...)
	if m.policy == m.shared {
		w.out = append(w.out, 0)
	} else {
		w.number(int64(len(m.policy.json)))
		w.out = append(w.out, m.policy.json...)
	}
	w.number(m.latest + 1)
	w.number(m.oldest)
	w.number(m.floor() + 1)
	w.number(m.final() + 1)
	for k := range m.policy.groups {
		w.book(m.bookOf(k), m.floor())
	}
	w.places(&m.ring, m.upper(m.floor()))
	r := m.rare
	if r == nil {
		r = new(rare)
	}
	w.list(r.holds.list[r.holds.passed:])
	w.list(r.refunded[r.refundsAt(m.final()+1):])
	for k := range m.policy.groups {
		b := m.bookOf(k)
		for i := range b.group.rules {
			if r := &b.group.rules[i]; r.finite() {
				c := b.look(r, max(m.latest, 0))
				w.signed(c.sum)
				w.number(c.count)
			}
		}
	}
	return binary.LittleEndian.AppendUint64(w.out, checksum(w.out)), nil
}

// snapshotWriter writes the body of a snapshot.
type snapshotWriter struct{ out []byte }

func (w *snapshotWriter) number(n int64) { w.out = binary.AppendUvarint(w.out, uint64(n)) }

func (w *snapshotWriter) signed(n int64) { w.out = binary.AppendVarint(w.out, n) }

func (w *snapshotWriter) hash(h uint64) { w.out = binary.LittleEndian.AppendUint64(w.out, h) }

// book writes the entries of a book after an instant.
func (w *snapshotWriter) book(b *book, floor int64) {
	first := b.upper(floor)
	w.signed(b.sum)
	w.number(b.count)
	w.number(b.credited)
	w.number(int64(b.n - first))
	before := int64(0)
	for i := first; i < b.n; i++ {
		e := b.at(i)
		w.number(e.a - before)
		w.out = binary.AppendUvarint(w.out, uint64(e.b)<<10|uint64(e.b)>>54)
		w.hash(e.c)
		before = e.a
	}
}

// places writes where the spends from entry first on were made.
func (w *snapshotWriter) places(r *ring, first int) {
	any := false
	for i := first; i < r.n; i++ {
		any = any || r.placeOf(i) != place{}
	}
	if !any {
		w.out = append(w.out, 0)
		return
	}
	w.out = append(w.out, 1)
	for i := first; i < r.n; i++ {
		p := r.placeOf(i)
		w.hash(p.merchant)
		w.out = binary.LittleEndian.AppendUint16(w.out, uint16(p.mcc))
		w.out = binary.LittleEndian.AppendUint16(w.out, p.country)
		w.out = append(w.out, p.channel)
	}
}

// list writes slots in the order of their first field.
func (w *snapshotWriter) list(list []slot) {
	w.number(int64(len(list)))
	before := int64(0)
	for i := range list {
		w.number(list[i].a - before)
		w.number(list[i].b)
		w.hash(list[i].c)
		before = list[i].a
	}
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
