package pebble

import (
	"context"
	"errors"
	"fmt"
	"iter"

	cockroach "github.com/cockroachdb/pebble/v2"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// A reader takes a page at a time, and the database's iterator is closed before the page is given out. So a
// slow reader, or one that stops half-way, holds nothing back.
const (
	pageBytes   = 256 << 10 // of the log
	pageRecords = 256       // of a stream
	pageNames   = 256       // of streams
	pageFirst   = 2         // records of a reader's first page; each one after it may have twice as many
)

// yieldAll yields the pages that next gives, until one is empty. They begin small and grow, since many readers
// want a record or two.
func yieldAll[T any](ctx context.Context, yield func(T, error) bool, next func(most int) ([]T, error)) {
	var none T
	for most := pageFirst; ; most = min(2*most, 1<<20) {
		page, err := next(most)
		for _, item := range page {
			if err := ctx.Err(); err != nil {
				yield(none, err)
				return
			}
			if !yield(item, nil) {
				return
			}
		}
		if err != nil {
			yield(none, err)
			return
		}
		if len(page) == 0 {
			return
		}
	}
}

// All is storage.Journal's. It reads the journal as a scan, a page of about 256 KiB at a time.
//
// Returns an error, beside those of storage.Journal, if a record is missing or damaged (storage.ErrCorrupt);
// those before it are given first. Where there is a hash chain, it is verified from the first record of the page
// on, and from the first of all if after is 0.
func (j *Journal) All(ctx context.Context, after storage.Position) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		last := after
		t := &trail{known: after == 0 && j.since > 0}
		yieldAll(ctx, yield, func(most int) ([]event.Record, error) {
			page, err := j.logPage(ctx, last, most, t)
			last += storage.Position(len(page))
			return page, err
		})
	}
}

// logPage is the records after a position, up to the last durable one, the size of a page, or so many.
func (j *Journal) logPage(ctx context.Context, after storage.Position, most int, t *trail) (page []event.Record, err error) {
	if err := j.enter(ctx); err != nil {
		return nil, err
	}
	defer j.exit()
	head := j.head()
	if after >= head {
		return nil, nil
	}
	log := &logReader{j: j}
	defer func() { err = errors.Join(err, log.close()) }()
	for size := 0; after < head && size < pageBytes && len(page) < most; after++ {
		r, err := log.read(after+1, t)
		if err != nil {
			return page, err
		}
		size += len(r.Data) + event.MaxName
		page = append(page, r)
	}
	return page, nil
}

// Stream is storage.Journal's. It looks each record up, so it costs a few microseconds for each block of
// the log that the stream has a record in, and a search of the index alone where there is none. In a hash chain
// each record is verified on top of the one before it, as that one lies there.
//
// Returns an error, beside those of storage.Journal, if a record is missing or damaged (storage.ErrCorrupt).
func (j *Journal) Stream(ctx context.Context, id string, after storage.Version) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		last := after
		yieldAll(ctx, yield, func(most int) ([]event.Record, error) {
			page, err := j.streamPage(ctx, id, last, min(most, pageRecords))
			last += storage.Version(len(page))
			return page, err
		})
	}
}

// streamPage is the durable records of a stream after a version, up to the size of a page, or so many.
func (j *Journal) streamPage(ctx context.Context, id string, after storage.Version, most int) (page []event.Record, err error) {
	if err := j.enter(ctx); err != nil {
		return nil, err
	}
	defer j.exit()
	if event.ValidateStream(id) != nil || after == storage.Any {
		return nil, nil // nothing can be there
	}
	head := j.head()
	if after == 0 {
		reader := j.absent.look(id)
		nothing, err := j.isAbsent(id)
		j.absent.found(id, reader, nothing && err == nil)
		if nothing || err != nil {
			return nil, err
		}
	}
	index, err := j.openIndex(id, after+1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.readError(index.Close())) }()
	log := &logReader{j: j, apart: true}
	defer func() { err = errors.Join(err, log.close()) }()
	for ok := index.First(); ok && len(page) < most && log.bytes < 4*pageBytes; ok = index.Next() {
		after++
		_, version, position, err := parseIndex(index.Key(), index.Value())
		if err != nil || version != after {
			return page, j.corrupt(event.Record{Stream: id, Version: after}.ID(), "is not in the index", err)
		}
		if position > head {
			break
		}
		r, err := log.read(position, &trail{})
		if err == nil && (r.Stream != id || r.Version != version) {
			err = j.corrupt(logName(position), fmt.Sprintf("is %s, but %s@%d in the index", r.ID(), id, version), nil)
		}
		if err != nil {
			return page, err
		}
		page = append(page, r)
	}
	return page, j.readError(index.Error())
}

// isAbsent reports whether a stream has no entry at all, durable or not. So a stream whose first entry is missing in the index
// looks like one that is not there; Verify tells the two apart.
func (j *Journal) isAbsent(stream string) (_ bool, err error) {
	var l lookup
	defer func() { err = errors.Join(err, j.readError(l.close())) }()
	found, err := l.has(j, stream)
	return !found, err
}

func (j *Journal) openIndex(stream string, from event.Version) (*cockroach.Iterator, error) {
	lower, upper := indexBounds(stream, from)
	it, err := j.db.NewIter(&cockroach.IterOptions{LowerBound: lower, UpperBound: upper})
	return it, j.readError(err)
}

// Streams is storage.Journal's. The names come in alphabetical order; each costs about a microsecond.
func (j *Journal) Streams(ctx context.Context, kind string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		last := ""
		yieldAll(ctx, yield, func(most int) ([]string, error) {
			page, err := j.namePage(ctx, kind, last, min(most, pageNames))
			if len(page) > 0 {
				last = page[len(page)-1]
			}
			return page, err
		})
	}
}

// namePage is the streams of a kind that have a durable record, after the name last, up to so many.
func (j *Journal) namePage(ctx context.Context, kind, last string, most int) (page []string, err error) {
	if err := j.enter(ctx); err != nil {
		return nil, err
	}
	defer j.exit()
	if k, _ := event.SplitStream(event.Stream(kind, "")); k != kind {
		return nil, nil // a kind has no slash
	}
	head := j.head()
	prefix := append([]byte{indexSpace}, event.Stream(kind, "")...)
	upper := append([]byte{indexSpace}, kind...)
	it, err := j.db.NewIter(&cockroach.IterOptions{LowerBound: prefix, UpperBound: append(upper, '/'+1)})
	if err != nil {
		return nil, j.readError(err)
	}
	defer func() { err = errors.Join(err, j.readError(it.Close())) }()
	from := prefix
	if last != "" {
		_, from = indexBounds(last, 1)
	}
	for ok := it.SeekGE(from); ok && len(page) < most; ok = it.SeekGE(from) {
		stream, version, position, err := parseIndex(it.Key(), it.Value())
		if err != nil || version != 1 {
			return page, j.corrupt(fmt.Sprintf("key %q", it.Key()), "is not the first entry of a stream", err)
		}
		name := string(stream)
		if _, from = indexBounds(name, 1); position <= head {
			page = append(page, name)
		}
	}
	return page, j.readError(it.Error())
}
