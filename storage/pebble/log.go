package pebble

import (
	"bytes"
	"fmt"

	cockroach "github.com/cockroachdb/pebble/v2"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// logReader finds records by their position. Positions that follow each other cost a scan.
type logReader struct {
	j     *Journal
	apart bool                // few records of a block are read: each is copied, and not the block
	it    *cockroach.Iterator // nil until it is needed
	whole block               // the one that it stands on
	block block               // what is left of it; none while its first is 0
	bytes int                 // read so far
}

func (l *logReader) close() error {
	if l.it == nil {
		return nil
	}
	return l.j.readError(l.it.Close())
}

// read is the record of a position that the journal holds, in memory of its own block, or its own alone. The trail is that of
// the records read before, if they were all.
func (l *logReader) read(position event.Position, t *trail) (event.Record, error) {
	found, err := l.find(position)
	if err != nil {
		return event.Record{}, err
	}
	if !found {
		return event.Record{}, l.j.corrupt(logName(position), "is missing", nil)
	}
	s, _, err := l.block.next()
	if err != nil {
		return event.Record{}, l.broken(unreadable(position, err), t)
	}
	if l.apart {
		s.raw = bytes.Clone(s.raw)
	}
	r, wrong := t.take(s)
	if wrong != nil {
		return event.Record{}, l.broken(wrong, t)
	}
	return r, nil
}

// broken is the error of a breach. Without a trail, the one at fault may be an earlier record of the block.
func (l *logReader) broken(wrong *breach, t *trail) error {
	if l.whole.since > 0 && !t.known {
		if _, first := l.whole.check(); first != nil {
			wrong = first
		}
	}
	return l.j.broken(wrong)
}

// find moves to a position: within the block, to the next one, or by a search.
func (l *logReader) find(position event.Position) (_ bool, err error) {
	if l.it == nil {
		if l.it, err = l.j.db.NewIter(logBounds()); err != nil {
			return false, l.j.readError(err)
		}
	}
	if l.block.first > 0 && position >= l.block.first {
		if found, err := l.seekBlock(position); found || err != nil {
			return found, err
		}
		if l.block.first == position && l.it.Next() {
			if first, ok := parseLogKey(l.it.Key()); ok && first == position {
				return l.load(position)
			}
		}
	}
	if !l.it.SeekLT(logKey(position + 1)) {
		return false, l.j.readError(l.it.Error())
	}
	return l.load(position)
}

// load takes the block that the iterator stands on, or a copy of it that outlives that, and goes to a position in it.
func (l *logReader) load(position event.Position) (bool, error) {
	first, ok := parseLogKey(l.it.Key())
	if !ok {
		return false, l.j.corrupt(fmt.Sprintf("key %x", l.it.Key()), "is not one of the log", nil)
	}
	value, err := l.it.ValueAndErr()
	if err != nil {
		return false, l.j.readError(err)
	}
	l.bytes += len(value)
	if !l.apart {
		value = bytes.Clone(value)
	}
	l.whole, err = l.j.openBlock(first, value)
	if err != nil {
		return false, l.j.broken(unreadable(first, err))
	}
	l.block = l.whole
	return l.seekBlock(position)
}

func (l *logReader) seekBlock(position event.Position) (bool, error) {
	found, err := l.block.seek(position)
	if err != nil {
		return false, l.broken(unreadable(l.block.first, err), &trail{})
	}
	return found, nil
}

// broken is the error of a breach.
func (s *store) broken(b *breach) error { return s.corrupt(logName(b.position), b.reason, b.err) }

// readError gives an error of the database's reading its form: damage names the file.
func (s *store) readError(err error) error {
	if err == nil {
		return nil
	}
	if !cockroach.IsCorruptionError(err) {
		return fmt.Errorf("pebble: read %s: %w", s.dir, err)
	}
	name := s.dir
	if info := cockroach.ExtractDataCorruptionInfo(err); info != nil {
		name = info.Path
	}
	return &storage.CorruptError{Name: name, Reason: "cannot be read", Err: err}
}
