package pebble

import (
	"fmt"

	cockroach "github.com/cockroachdb/pebble/v2"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// logReader finds records by their position. Positions that follow each other cost a scan.
type logReader struct {
	j     *Journal
	it    *cockroach.Iterator
	block block // what is left of the one that it stands on; none while its first is 0
	bytes int   // read so far
}

func (j *Journal) openLog() (*logReader, error) {
	it, err := j.db.NewIter(logBounds())
	if err != nil {
		return nil, j.readError(err)
	}
	return &logReader{j: j, it: it}, nil
}

func (l *logReader) close() error { return l.j.readError(l.it.Close()) }

// read is the record of a position that the journal holds, in memory of its own block.
func (l *logReader) read(position event.Position) (event.Record, error) {
	found, err := l.find(position)
	if err != nil {
		return event.Record{}, err
	}
	if !found {
		return event.Record{}, l.j.corrupt(logName(position), "is missing", nil)
	}
	raw, _, _, err := l.block.next()
	if err != nil {
		return event.Record{}, l.j.corrupt(logName(position), "cannot be read", err)
	}
	r, err := decodeRecord(raw, position)
	if err != nil {
		return event.Record{}, l.j.corrupt(logName(position), "cannot be read", err)
	}
	return r, nil
}

// find moves to a position: within the block, to the next one, or by a search.
func (l *logReader) find(position event.Position) (bool, error) {
	if l.block.first > 0 && position >= l.block.first {
		if found, err := l.seekBlock(position); found || err != nil {
			return found, err
		}
		if l.it.Next() {
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

// load takes a copy of the block that the iterator stands on, and goes to a position in it.
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
	l.block, err = openBlock(first, append([]byte(nil), value...))
	if err != nil {
		return false, l.j.corrupt(logName(first), "cannot be read", err)
	}
	return l.seekBlock(position)
}

func (l *logReader) seekBlock(position event.Position) (bool, error) {
	found, err := l.block.seek(position)
	if err != nil {
		return false, l.j.corrupt(logName(l.block.first), "cannot be read", err)
	}
	return found, nil
}

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
