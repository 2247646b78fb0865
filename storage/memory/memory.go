package memory

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// ErrFull is wrapped when what should be stored does not fit into Options.MaxBytes. Nothing of the call is stored.
var ErrFull = errors.New("memory: full")

const (
	defaultMaxBytes = 1 << 30
	recordBytes     = 256 // what a record takes beside its data and names, rounded up
	page            = 256 // records that a reader takes at a time
)

// Options are what New may be told; nil and the zero value stand for the defaults.
type Options struct {
	// Now is the clock that At comes from; nil stands for time.Now. It may stand still or go back. It is
	// called with the journal locked, so it must not call the journal.
	Now func() time.Time

	// MaxBytes is how many bytes the journal holds at the most, in data, names and 256 for each record; 0 or
	// less stands for 1 GiB. Snapshots have as much again for themselves.
	MaxBytes int64
}

// Journal is a storage.Journal in memory, a storage.Waiter, and keeps storage.Snapshots. Make it with [New].
// It is safe for concurrent use.
type Journal struct {
	now      func() time.Time
	maxBytes int64

	// Records and positions are only ever appended to, and never changed. So a reader takes a slice of them
	// under the lock and reads on without it.
	mu      sync.RWMutex
	records []event.Record                // the record of position p is at p-1
	streams map[string][]storage.Position // of the records of each stream: version v is at v-1
	kinds   map[string][]string           // the streams of each kind
	planner storage.Planner
	bytes   int64
	last    time.Time     // At of the last record
	grown   chan struct{} // closed at the next append or Close; nil while nobody waits
	closed  bool

	snapshots     map[string]storage.Snapshot
	snapshotBytes int64
}

var (
	_ storage.Journal   = (*Journal)(nil)
	_ storage.Waiter    = (*Journal)(nil)
	_ storage.Snapshots = (*Journal)(nil)
)

// New makes an empty journal.
func New(options *Options) *Journal {
	j := &Journal{
		now:       time.Now,
		maxBytes:  defaultMaxBytes,
		streams:   make(map[string][]storage.Position),
		kinds:     make(map[string][]string),
		snapshots: make(map[string]storage.Snapshot),
	}
	if options != nil && options.Now != nil {
		j.now = options.Now
	}
	if options != nil && options.MaxBytes > 0 {
		j.maxBytes = options.MaxBytes
	}
	return j
}

// Append is storage.Journal's. It never answers storage.ErrUnknownOutcome; a call that does not fit is
// refused with ErrFull.
func (j *Journal) Append(ctx context.Context, batches ...storage.Batch) ([]storage.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, storage.ErrClosed
	}
	at := storage.NextAt(j.now(), j.last)
	plan, err := j.planner.Plan(batches, storage.Position(len(j.records)), at, j.head)
	if err != nil {
		return nil, err
	}
	receipts := append([]storage.Receipt(nil), plan.Receipts...)
	if len(plan.Records) == 0 {
		return receipts, nil
	}
	size := sizeOf(plan.Records)
	if size > j.maxBytes-j.bytes {
		return nil, fmt.Errorf("%w: %d bytes to store, %d of %d are left", ErrFull, size, j.maxBytes-j.bytes, j.maxBytes)
	}
	j.bytes += size
	j.last = at
	j.store(plan.Records)
	j.wake()
	return receipts, nil
}

// head is the version of a stream. It requires that j.mu is held.
func (j *Journal) head(stream string) (storage.Version, error) {
	return storage.Version(len(j.streams[stream])), nil
}

// store adds the records, with copies of their data. It requires that j.mu is held.
func (j *Journal) store(records []event.Record) {
	total := 0
	for _, r := range records {
		total += len(r.Data)
	}
	data := make([]byte, 0, total) // one allocation for the whole call
	for _, r := range records {
		start := len(data)
		data = append(data, r.Data...)
		r.Data = data[start:len(data):len(data)]
		positions, known := j.streams[r.Stream]
		if !known {
			kind, _ := event.SplitStream(r.Stream)
			j.kinds[kind] = append(j.kinds[kind], r.Stream)
		}
		j.streams[r.Stream] = append(positions, r.Position)
		j.records = append(j.records, r)
	}
}

func sizeOf(records []event.Record) int64 {
	size := int64(0)
	for _, r := range records {
		size += recordBytes + int64(len(r.Data)+len(r.Type)+len(r.TraceParent)+len(r.Stream)+len(r.Key))
	}
	return size
}

// Stream is storage.Journal's.
func (j *Journal) Stream(ctx context.Context, id string, after storage.Version) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for next := after; ; {
			records, positions, err := j.streamPage(ctx, id, next)
			if err != nil {
				yield(event.Record{}, err)
				return
			}
			if len(positions) == 0 {
				return
			}
			for _, p := range positions {
				if !yieldOne(ctx, records[p-1], yield) {
					return
				}
			}
			next += storage.Version(len(positions))
		}
	}
}

// streamPage is where the next records of a stream stand, and what they stand in.
func (j *Journal) streamPage(ctx context.Context, id string, after storage.Version) ([]event.Record, []storage.Position, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.closed {
		return nil, nil, storage.ErrClosed
	}
	return j.records, pageOf(j.streams[id], uint64(after)), nil
}

// All is storage.Journal's.
func (j *Journal) All(ctx context.Context, after storage.Position) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for next := after; ; {
			records, err := j.allPage(ctx, next)
			if err != nil {
				yield(event.Record{}, err)
				return
			}
			if len(records) == 0 {
				return
			}
			for _, r := range records {
				if !yieldOne(ctx, r, yield) {
					return
				}
			}
			next += storage.Position(len(records))
		}
	}
}

func (j *Journal) allPage(ctx context.Context, after storage.Position) ([]event.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.closed {
		return nil, storage.ErrClosed
	}
	return pageOf(j.records, uint64(after)), nil
}

// pageOf is at most a page of s, from index after on.
func pageOf[T any](s []T, after uint64) []T {
	if after >= uint64(len(s)) {
		return nil
	}
	return s[after:min(after+page, uint64(len(s)))]
}

// yieldOne yields r, or the error of a context that is done, and says whether to go on.
func yieldOne(ctx context.Context, r event.Record, yield func(event.Record, error) bool) bool {
	if err := ctx.Err(); err != nil {
		yield(event.Record{}, err)
		return false
	}
	return yield(r, nil)
}

// Streams is storage.Journal's. The names come in the order of the streams' first records.
func (j *Journal) Streams(ctx context.Context, kind string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		j.mu.RLock()
		names, closed := j.kinds[kind], j.closed
		j.mu.RUnlock()
		if closed {
			yield("", storage.ErrClosed)
			return
		}
		for i := 0; ; i++ {
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			if i == len(names) || !yield(names[i], nil) {
				return
			}
		}
	}
}

// Head is storage.Journal's.
func (j *Journal) Head(ctx context.Context) (storage.Position, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.closed {
		return 0, storage.ErrClosed
	}
	return storage.Position(len(j.records)), nil
}

// Wait is storage.Waiter's.
func (j *Journal) Wait(ctx context.Context, after storage.Position) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		grown, err := j.waitOn(after)
		if grown == nil {
			return err
		}
		select {
		case <-grown:
		case <-ctx.Done():
		}
	}
}

// waitOn returns the channel to wait on, or nil when there is nothing to wait for.
func (j *Journal) waitOn(after storage.Position) (<-chan struct{}, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, storage.ErrClosed
	}
	if storage.Position(len(j.records)) > after {
		return nil, nil
	}
	if j.grown == nil {
		j.grown = make(chan struct{})
	}
	return j.grown, nil
}

// wake ends all waits. It requires that j.mu is held.
func (j *Journal) wake() {
	if j.grown != nil {
		close(j.grown)
		j.grown = nil
	}
}

// Close forgets everything and ends all waits. It always returns nil.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	j.records, j.streams, j.kinds, j.snapshots = nil, nil, nil, nil
	j.planner = storage.Planner{}
	j.wake()
	return nil
}
