package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	cockroach "github.com/cockroachdb/pebble/v2"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// tip is the end of the log.
type tip struct {
	last  event.Record   // the zero one in an empty journal
	since event.Position // where the hash chain begins; 0 without one
	hash  storage.Hash   // of last; zero without a chain
}

// readTip reads the last record of the log, and checks that it is not before what was acknowledged, that the
// index knows it, and that the last bytes of the log, as many as given, have neither gap nor damage. It finds
// out where the hash chain begins.
func (s *store) readTip(acknowledged event.Position, most int64) (end tip, err error) {
	it, err := s.db.NewIter(logBounds())
	if err != nil {
		return tip{}, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	var next block // the one read before
	for ok := it.Last(); ok; ok = it.Prev() {
		b, record, err := s.checkBlock(it, next)
		if err != nil {
			return tip{}, err
		}
		if next.first == 0 {
			end = record
		}
		next = b
		if most -= int64(len(it.Value())); most < 0 {
			break
		}
	}
	if err := it.Error(); err != nil {
		return tip{}, err
	}
	if end.last.Position < acknowledged {
		return tip{}, s.corrupt(markName, fmt.Sprintf("says that records up to %d were acknowledged, but the log ends at %d: "+
			"a part of it is missing or damaged", acknowledged, end.last.Position), nil)
	}
	if end.last.Position == 0 {
		return end, nil
	}
	return end, s.checkIndex(end.last)
}

// checkBlock checks the block that it stands on against the one after it, if there is one. Otherwise it is the
// last one, and its last record the tip.
func (s *store) checkBlock(it *cockroach.Iterator, next block) (b block, end tip, err error) {
	value, err := it.ValueAndErr()
	if err != nil {
		return b, end, err
	}
	first, ok := parseLogKey(it.Key())
	if !ok {
		return b, end, s.corrupt(fmt.Sprintf("key %x", it.Key()), "is not one of the log", nil)
	}
	b, err = openBlock(first, value)
	if err == nil && next.first == 0 {
		s.since = b.since
	}
	if err == nil {
		err = s.inPlace(b)
	}
	if err != nil {
		return b, end, s.broken(unreadable(first, err))
	}
	record, wrong := b.check()
	if wrong != nil {
		return b, end, s.broken(wrong)
	}
	if next.first != 0 && record.position+1 != next.first {
		return b, end, s.corrupt(logName(record.position+1), fmt.Sprintf("is missing, and so are those up to %d", next.first-1), nil)
	}
	if b.since > 0 && next.first != 0 && !bytes.Equal(record.hash(), next.before) {
		return b, end, s.broken(stored{position: next.first, since: next.since}.replaced())
	}
	b.rest, b.before = nil, bytes.Clone(b.before) // the value is gone when the iterator moves on
	if next.first != 0 {
		return b, end, nil
	}
	record.raw, end.since = bytes.Clone(record.raw), b.since
	if b.since > 0 {
		end.hash = storage.Hash(record.hash())
	}
	end.last, err = record.decode()
	return b, end, err
}

// checkIndex looks the last record up in the index.
func (s *store) checkIndex(last event.Record) error {
	value, closer, err := s.db.Get(appendIndexKey(nil, last.Stream, last.Version))
	if errors.Is(err, cockroach.ErrNotFound) {
		return s.corrupt(logName(last.Position), "is not in the index", nil)
	}
	if err != nil {
		return s.readError(err)
	}
	defer func(c io.Closer) { _ = c.Close() }(closer)
	if _, _, position, err := parseIndex(appendIndexKey(nil, last.Stream, last.Version), value); err != nil || position != last.Position {
		return s.corrupt(logName(last.Position), fmt.Sprintf("stands at %d in the index", position), err)
	}
	return nil
}

// chain holds what the log says of the hash chain against the option, and begins one on top of all records
// where there is none yet and one is wanted.
func (s *store) chain(end tip) (tip, error) {
	switch {
	case end.since > 0 && !s.options.Chain:
		return tip{}, fmt.Errorf("%w: the journal has a hash chain since record %d, and Options.Chain is not set", errOption, end.since)
	case end.since > 0 || !s.options.Chain:
		return end, nil
	}
	log := newScanner(s, end.last.Position)
	for !log.done() {
		if err := log.page(nil); err != nil {
			return tip{}, err
		}
	}
	end.since, end.hash = end.last.Position+1, log.trail.hash
	return end, nil
}
