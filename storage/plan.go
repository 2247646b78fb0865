package storage

import (
	"time"

	"github.com/payrules/payrules/event"
)

// Planner decides which batches of one call of Append hold, and gives their records a place: laws J2 to J4
// and J7, written once for every store. It keeps its buffers between calls; use one for each writer, from
// one goroutine at a time. The zero value is ready.
type Planner struct {
	heads    map[string]planned
	receipts []Receipt
	records  []event.Record
}

// planned is what Plan knows of a stream during one call.
type planned struct {
	version Version
	lost    bool // a lost batch wanted to write to it
}

// Plan is what a store has to do: store Records, in one commit, and answer Receipts.
// Both are good until the planner's next call.
type Plan struct {
	Records  []event.Record // in the order of their positions
	Receipts []Receipt      // one for each batch
}

// Plan decides the batches in order, on top of a journal whose last position is last. Head gives the
// current version of a stream, 0 for one that does not exist; it is asked at most once a stream. The records
// get the instant at, which the store has made by [NextAt].
//
// Returns an error if there are more than MaxBatches batches, or if head returns one.
func (p *Planner) Plan(batches []Batch, last Position, at time.Time, head func(stream string) (Version, error)) (Plan, error) {
	if len(batches) > MaxBatches {
		return Plan{}, tooManyBatches(len(batches))
	}
	p.reset()
	for i := range batches {
		err := batches[i].Validate()
		if err == nil {
			var conflict *ConflictError
			if conflict, err = p.check(batches[i].Writes, head); err != nil {
				return Plan{}, err
			} else if conflict != nil {
				err = conflict
			}
		}
		if err != nil {
			p.lose(batches[i].Writes)
			p.receipts = append(p.receipts, Receipt{Err: err})
			continue
		}
		first := last + 1
		last = p.place(&batches[i], first, at)
		p.receipts = append(p.receipts, Receipt{First: first, Last: last})
	}
	return Plan{Records: p.records, Receipts: p.receipts}, nil
}

// reset lets go of the call before, and of buffers that an unusually large one has left behind.
func (p *Planner) reset() {
	const most = 1 << 16
	if p.heads == nil || len(p.heads) > most {
		p.heads = make(map[string]planned)
	}
	clear(p.heads)
	if cap(p.records) > most {
		p.records = nil
	}
	clear(p.records)
	p.receipts, p.records = p.receipts[:0], p.records[:0]
}

// check returns the first write whose expectation does not hold, as a conflict, or nil. It loads the heads
// of all the streams on its way.
func (p *Planner) check(writes []Write, head func(string) (Version, error)) (*ConflictError, error) {
	var conflict *ConflictError
	for _, w := range writes {
		s, known := p.heads[w.Stream]
		if !known || s.version == Any {
			have, err := head(w.Stream)
			if err != nil {
				return nil, err
			}
			s.version = have
			p.heads[w.Stream] = s
		}
		if conflict == nil && w.Expect != Any && (s.lost || s.version != w.Expect) {
			conflict = &ConflictError{Stream: w.Stream, Want: w.Expect, Have: s.version, BuiltOnLost: s.lost}
		}
	}
	return conflict, nil
}

// lose marks the streams that a lost batch wanted to write to. Any stands for a version not asked for.
func (p *Planner) lose(writes []Write) {
	for _, w := range writes {
		if len(w.Events) == 0 {
			continue
		}
		s, known := p.heads[w.Stream]
		if !known {
			s.version = Any
		}
		s.lost = true
		p.heads[w.Stream] = s
	}
}

// place makes the records of a batch that holds, from position next on, and returns the last position.
func (p *Planner) place(b *Batch, next Position, at time.Time) Position {
	key, digest := b.Key, b.Digest
	for _, w := range b.Writes {
		s := p.heads[w.Stream]
		for _, e := range w.Events {
			s.version++
			p.records = append(p.records, event.Record{
				Event: e, Stream: w.Stream, Version: s.version, Position: next, At: at, Key: key, Digest: digest,
			})
			key, digest = "", [32]byte{} // with the first record only
			next++
		}
		p.heads[w.Stream] = s
	}
	return next - 1
}

// NextAt is the instant of the next commit: now in UTC microseconds, or a microsecond after the last one
// where the clock stands still or goes back (law J6).
func NextAt(now, last time.Time) time.Time {
	now = now.UTC().Truncate(time.Microsecond)
	if last.IsZero() || now.After(last) {
		return now
	}
	return last.Add(time.Microsecond)
}
