package pebble

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// How a block and its records are written down in the hash chain. A record has its own hash in its header, so
// that it can be named, and a piece of the hash before it, so that it can be said which of two that do not
// fit together was changed: the one that has a wrong hash, or the one before it, that got another one.
const (
	hashSize    = len(storage.Hash{})
	chainFront  = 1 + positionSize + hashSize // of a block: format, beginning of the chain, hash before
	linkSize    = 4
	chainHeader = 4 + linkSize + hashSize // of a record: length, piece of the hash before, hash
)

// appendFront writes what stands before the first record of a block, in a chain that begins at since, or outside
// of one.
func appendFront(dst []byte, since event.Position, before storage.Hash) []byte {
	if since == 0 {
		return append(dst, blockFormat)
	}
	dst = binary.BigEndian.AppendUint64(append(dst, chainFormat), uint64(since))
	return append(dst, before[:]...)
}

// appendChained writes r at the end of dst, on top of the hash before it, and returns its own as well.
func appendChained(dst []byte, r *event.Record, before storage.Hash) ([]byte, storage.Hash) {
	start := len(dst)
	hash := storage.Chain(before, *r)
	dst = append(dst, 0, 0, 0, 0)
	dst = append(dst, before[:linkSize]...)
	dst = appendBody(append(dst, hash[:]...), r)
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start-chainHeader))
	return dst, hash
}

// stored is a record as it lies in a block, with its header.
type stored struct {
	position event.Position
	raw      []byte
	since    event.Position // where the chain begins; 0 outside of it
	before   []byte         // in the chain, the hash before it as it lies there
}

// hash is that of a record in the chain, as it lies there.
func (s stored) hash() []byte { return s.raw[4+linkSize : chainHeader] }

// errLink is wrapped when neither the hash of a record nor its piece of the hash before it fits what stands
// before it. So it is that which does not belong there.
var errLink = errors.New("not chained to the record before it")

// decode reads the record and checks it against its checksum, or its hash and the one before it. The record's
// data shares memory with its block.
func (s stored) decode() (event.Record, error) {
	if s.since == 0 {
		return decodeRecord(s.raw, s.position)
	}
	r, err := decodeBody(s.raw[chainHeader:], s.position)
	if err != nil {
		return event.Record{}, err
	}
	want := storage.Chain(storage.Hash(s.before), r)
	own, link := bytes.Equal(want[:], s.hash()), bytes.Equal(s.raw[4:4+linkSize], s.before[:linkSize])
	switch {
	case own && link:
		return r, nil
	case own || link:
		return event.Record{}, fmt.Errorf("%w: hash %.8x, want %.8x after %.8x", errRecord, s.hash(), want, s.before)
	}
	return event.Record{}, fmt.Errorf("%w: hash %.8x, want %.8x: %w", errRecord, s.hash(), want, errLink)
}

// breach is what is wrong with a record, by its position.
type breach struct {
	position event.Position
	reason   string
	err      error // what the decoder said, or nil
}

// unreadable is the breach of a record that the decoder refuses.
func unreadable(position event.Position, err error) *breach {
	return &breach{position, "cannot be read", err}
}

// trail follows the chain over records that are read in order. The zero value knows nothing yet of what stands
// before the first.
type trail struct {
	known bool
	hash  storage.Hash // of the record read last
}

// take reads the record after the one taken last. The breach names the record that was changed, and that can
// be the one before: if s and its piece of the hash before agree, s is as it was, and what stands before is not.
func (t *trail) take(s stored) (event.Record, *breach) {
	r, err := s.decode()
	if s.since == 0 {
		if err != nil {
			return r, unreadable(s.position, err)
		}
		if t.known {
			t.hash = storage.Chain(t.hash, r)
		}
		return r, nil
	}
	follows := !t.known || bytes.Equal(t.hash[:], s.before)
	switch {
	case err == nil && follows:
		t.known, t.hash = true, storage.Hash(s.hash())
		return r, nil
	case err == nil && s.position == 1:
		return r, unreadable(1, fmt.Errorf("%w: there is a hash before it", errRecord))
	case err == nil, t.known && follows && errors.Is(err, errLink):
		return r, s.replaced()
	}
	return r, unreadable(s.position, err)
}

// replaced is the breach of what stands before a record that is as it was.
func (s stored) replaced() *breach {
	if s.position == s.since {
		return &breach{1, fmt.Sprintf("or one of those up to %d, is not what it was when the hash chain began after them", s.position-1), nil}
	}
	return &breach{s.position - 1, fmt.Sprintf("is not what record %d was chained to", s.position), nil}
}
