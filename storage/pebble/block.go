package pebble

import (
	"encoding/binary"
	"fmt"

	"github.com/payrules/payrules/event"
)

// block is a value of the log: a format byte, and records whose positions follow each other.
type block struct {
	first event.Position // of the first record that rest starts with
	rest  []byte         // from that record on

	// Of a block in the hash chain; 0 and nil in one outside of it.
	since  event.Position // where the chain begins
	before []byte         // the hash of the record before rest
}

// openBlock reads the front of a value.
func openBlock(first event.Position, value []byte) (block, error) {
	if len(value) < 2 {
		return block{}, fmt.Errorf("%w: a block of %d bytes", errRecord, len(value))
	}
	switch value[0] {
	case blockFormat:
		return block{first: first, rest: value[1:]}, nil
	case chainFormat:
		if len(value) <= chainFront {
			return block{}, fmt.Errorf("%w: a block of %d bytes", errRecord, len(value))
		}
		since := event.Position(binary.BigEndian.Uint64(value[1:]))
		if since == 0 || since > first {
			return block{}, fmt.Errorf("%w: a chain that begins at %d", errRecord, since)
		}
		return block{first: first, rest: value[chainFront:], since: since, before: value[1+positionSize : chainFront]}, nil
	}
	return block{}, fmt.Errorf("%w: block format %d, this version reads %d and %d", errRecord, value[0], blockFormat, chainFormat)
}

// next takes the first record that is left; ok is false at the end.
func (b *block) next() (s stored, ok bool, err error) {
	s = stored{position: b.first, since: b.since, before: b.before}
	if len(b.rest) == 0 {
		return s, false, nil
	}
	header := recordHeader
	if b.since > 0 {
		header = chainHeader
	}
	if s.raw, b.rest, err = cutRecord(b.rest, header); err != nil {
		return s, false, err
	}
	if b.since > 0 {
		b.before = s.hash()
	}
	b.first++
	return s, true, nil
}

// seek goes forward to a position; ok is false when the block ends before it.
func (b *block) seek(to event.Position) (ok bool, err error) {
	for b.first < to {
		if _, ok, err = b.next(); err != nil || !ok {
			return false, err
		}
	}
	return b.first == to && len(b.rest) > 0, nil
}

// check reads all records of the block by themselves, and returns the last one.
func (b block) check() (last stored, wrong *breach) {
	var t trail
	for {
		s, ok, err := b.next()
		if err != nil {
			return s, unreadable(s.position, err)
		}
		if !ok {
			return last, nil
		}
		if s.since > 0 {
			_, wrong = t.take(s)
		} else if err := checkRecord(s.raw, s.position); err != nil {
			wrong = unreadable(s.position, err) // without the work of decoding it
		}
		if wrong != nil {
			return s, wrong
		}
		last = s
	}
}

// openBlock reads the front of a value of this journal.
func (s *store) openBlock(first event.Position, value []byte) (block, error) {
	b, err := openBlock(first, value)
	if err == nil {
		err = s.inPlace(b)
	}
	return b, err
}

// inPlace holds a block against where the hash chain begins: every block from there on is in it, and no other.
func (s *store) inPlace(b block) error {
	want := s.since
	if b.first < s.since {
		want = 0
	}
	switch {
	case b.since == want:
		return nil
	case b.since == 0:
		return fmt.Errorf("%w: it stands outside of the hash chain, which begins at %d", errRecord, want)
	case want == 0:
		return fmt.Errorf("%w: it says that the hash chain begins at %d, but it is not in one", errRecord, b.since)
	}
	return fmt.Errorf("%w: it says that the hash chain begins at %d, not at %d", errRecord, b.since, want)
}
