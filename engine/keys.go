package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"iter"
	"math"

	"github.com/payrules/payrules/event"
)

// keyTable remembers the keys of an aggregate: for each, 32 bits of its hash and the version of the record
// that carries it, 8 bytes in all. A hit is only a hint: the record itself says whether the key is the same.
// The hash is SHA-256, so that nobody can aim many keys at one place. The zero value is empty and ready.
//
// It is an open-addressed table with linear probing, at most 3/4 full; nothing is ever removed.
type keyTable struct {
	slots []uint64 // hash<<32 | version; 0 is free, since versions start at 1
	n     int
}

var errStreamFull = errors.New("engine: stream has too many events")

func keyHash(key string) uint32 {
	sum := sha256.Sum256([]byte(key))
	return binary.BigEndian.Uint32(sum[:])
}

// add remembers a key's hash and its version. It returns an error if the version does not fit 32 bits.
func (t *keyTable) add(hash uint32, v event.Version) error {
	if v > math.MaxUint32 {
		return errStreamFull
	}
	if 4*(t.n+1) > 3*len(t.slots) {
		t.grow()
	}
	t.insert(uint64(hash)<<32 | uint64(v))
	t.n++
	return nil
}

func (t *keyTable) grow() {
	old := t.slots
	t.slots = make([]uint64, max(8, 2*len(old)))
	for _, slot := range old {
		if slot != 0 {
			t.insert(slot)
		}
	}
}

func (t *keyTable) insert(slot uint64) {
	mask := len(t.slots) - 1
	i := int(slot>>32) & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = slot
}

// versions yields where the keys with a hash stand.
func (t *keyTable) versions(hash uint32) iter.Seq[event.Version] {
	return func(yield func(event.Version) bool) {
		if len(t.slots) == 0 {
			return
		}
		mask := len(t.slots) - 1
		for i := int(hash) & mask; t.slots[i] != 0; i = (i + 1) & mask {
			if uint32(t.slots[i]>>32) == hash && !yield(event.Version(t.slots[i]&math.MaxUint32)) {
				return
			}
		}
	}
}

// appendTo writes the table: the number of keys, then each slot.
func (t *keyTable) appendTo(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(t.n))
	for _, slot := range t.slots {
		if slot != 0 {
			dst = binary.BigEndian.AppendUint64(dst, slot)
		}
	}
	return dst
}

// readKeyTable reads what appendTo wrote, and returns what follows. Slots must be of versions up to last.
func readKeyTable(src []byte, last event.Version) (t keyTable, rest []byte, ok bool) {
	n, size := binary.Uvarint(src)
	if size <= 0 || n > uint64(len(src)-size)/8 {
		return keyTable{}, nil, false
	}
	src = src[size:]
	t.slots = make([]uint64, tableSize(int(n)))
	for range n {
		slot := binary.BigEndian.Uint64(src)
		src = src[8:]
		if v := slot & math.MaxUint32; v == 0 || event.Version(v) > last {
			return keyTable{}, nil, false
		}
		t.insert(slot)
		t.n++
	}
	return t, src, true
}

// tableSize is the number of slots for n keys: a power of two that they fill to 3/4 at the most.
func tableSize(n int) int {
	size := 8
	for 4*n > 3*size {
		size *= 2
	}
	return size
}
