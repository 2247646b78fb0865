package pebble

import (
	"fmt"

	"github.com/payrules/payrules/event"
)

// block is a value of the log: a format byte, and records whose positions follow each other.
type block struct {
	first event.Position // of the first record that rest starts with
	rest  []byte         // from that record on
}

// openBlock reads the front of a value.
func openBlock(first event.Position, value []byte) (block, error) {
	if len(value) < 2 {
		return block{}, fmt.Errorf("%w: a block of %d bytes", errRecord, len(value))
	}
	if value[0] != blockFormat {
		return block{}, fmt.Errorf("%w: block format %d, this version reads %d", errRecord, value[0], blockFormat)
	}
	return block{first: first, rest: value[1:]}, nil
}

// next takes the first record that is left; ok is false at the end.
func (b *block) next() (record []byte, position event.Position, ok bool, err error) {
	if len(b.rest) == 0 {
		return nil, 0, false, nil
	}
	position = b.first
	if record, b.rest, err = cutRecord(b.rest); err != nil {
		return nil, position, false, err
	}
	b.first++
	return record, position, true, nil
}

// seek goes forward to a position; ok is false when the block ends before it.
func (b *block) seek(to event.Position) (ok bool, err error) {
	for b.first < to {
		if _, _, ok, err = b.next(); err != nil || !ok {
			return false, err
		}
	}
	return b.first == to && len(b.rest) > 0, nil
}

// check reads all records of the block, and returns the last position, or the one that err is about.
func (b block) check() (last event.Position, err error) {
	for {
		record, position, ok, err := b.next()
		if err != nil {
			return position, err
		}
		if !ok {
			return b.first - 1, nil
		}
		if err := checkRecord(record, position); err != nil {
			return position, err
		}
	}
}
