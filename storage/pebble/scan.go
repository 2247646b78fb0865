package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/payrules/payrules/event"
)

// scanner reads the whole log, from the first record up to a head, block by block, and computes the hash chain
// over all of it, whether it is kept in the journal or not. Unlike a reader that asks for positions, it takes
// no block for granted that overlaps another, or is of no use to anyone.
type scanner struct {
	s     *store
	head  event.Position
	trail *trail
	last  event.Position // read so far
	block event.Position // the key of the block that it is in
	at    time.Time      // of the last record
}

func newScanner(s *store, head event.Position) *scanner {
	return &scanner{s: s, head: head, trail: &trail{known: true}}
}

func (c *scanner) done() bool { return c.last >= c.head }

// page reads the next blocks, of about a page's bytes, and gives each record to fn, if there is one. When fn is
// called, trail has the record's hash.
func (c *scanner) page(fn func(event.Record) error) (err error) {
	it, err := c.s.db.NewIter(logBounds())
	if err != nil {
		return c.s.readError(err)
	}
	defer func() { err = errors.Join(err, c.s.readError(it.Close())) }()
	ok := it.First()
	if c.block > 0 { // on from the block read last
		ok = it.SeekGE(logKey(c.block)) && bytes.Equal(it.Key(), logKey(c.block)) && it.Next()
	}
	for size := 0; size < pageBytes && !c.done(); ok = it.Next() {
		if !ok {
			return errors.Join(c.s.readError(it.Error()), c.s.corrupt(logName(c.last+1), "is missing", nil))
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return c.s.readError(err)
		}
		if err := c.read(it.Key(), value, fn); err != nil {
			return err
		}
		size += len(value)
	}
	return nil
}

// read reads the block under a key, which must be the next one.
func (c *scanner) read(key, value []byte, fn func(event.Record) error) error {
	first, ok := parseLogKey(key)
	switch {
	case !ok:
		return c.s.corrupt(fmt.Sprintf("key %x", key), "is not one of the log", nil)
	case first > c.last+1:
		return c.s.corrupt(logName(c.last+1), fmt.Sprintf("is missing, and so are those up to %d", first-1), nil)
	case first <= c.last:
		return c.s.corrupt(logName(first), "is there twice, in two blocks", nil)
	}
	b, err := c.s.openBlock(first, value)
	if err != nil {
		return c.s.broken(unreadable(first, err))
	}
	for c.block = first; ; {
		s, ok, err := b.next()
		if err != nil {
			return c.s.broken(unreadable(s.position, err))
		}
		if !ok {
			return nil
		}
		r, wrong := c.trail.take(s)
		if wrong != nil {
			return c.s.broken(wrong)
		}
		if r.At.Before(c.at) {
			return c.s.corrupt(logName(r.Position), fmt.Sprintf("is of %v, before the record before it", r.At), nil)
		}
		c.last, c.at = s.position, r.At
		if fn == nil {
			continue
		}
		if err := fn(r); err != nil {
			return err
		}
	}
}
