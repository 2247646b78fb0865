package journaltest_test

import (
	"context"
	"iter"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/journaltest"
	"github.com/payrules/payrules/storage/memory"
)

// disk is a place that keeps the journal of package memory beyond Close: what a file is to a real store. So
// the laws about opening again have somebody who keeps them, and who breaks them.
type disk struct {
	mu      sync.RWMutex // held for reading by appends, for writing by open, Close and crash
	memory  *memory.Journal
	now     func() time.Time
	live    *handle // the one that is open, or nil
	opens   int
	crashes int
	at      map[storage.Position]time.Time // for broken journals that make their own
}

func newDisk() *disk {
	d := &disk{at: make(map[storage.Position]time.Time)}
	d.memory = memory.New(&memory.Options{Now: func() time.Time { return d.now() }})
	return d
}

func (d *disk) open(now func() time.Time) (*handle, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.live != nil {
		return nil, storage.ErrInUse
	}
	d.now = now
	d.opens++
	d.live = &handle{disk: d, opens: d.opens, crashes: d.crashes}
	d.live.life, d.live.end = context.WithCancel(context.Background())
	return d.live, nil
}

func (d *disk) crash() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.crashes++
	d.live.end()
	d.live = nil
	return nil
}

// handle is a journal that was opened on a disk. It keeps every law; the broken ones are made from it.
type handle struct {
	disk           *disk
	opens, crashes int             // of the disk so far
	life           context.Context // ends at Close, or at a crash
	end            context.CancelFunc
}

// check returns ErrClosed once the handle is closed, or its disk has crashed.
func (h *handle) check() error {
	if h.life.Err() != nil {
		return storage.ErrClosed
	}
	return nil
}

func (h *handle) Append(ctx context.Context, batches ...storage.Batch) ([]storage.Receipt, error) {
	h.disk.mu.RLock()
	defer h.disk.mu.RUnlock()
	if err := h.check(); err != nil {
		return nil, err
	}
	return h.disk.memory.Append(ctx, batches...)
}

func (h *handle) Stream(ctx context.Context, id string, after storage.Version) iter.Seq2[event.Record, error] {
	return guard(h, h.disk.memory.Stream(ctx, id, after))
}

func (h *handle) All(ctx context.Context, after storage.Position) iter.Seq2[event.Record, error] {
	return guard(h, h.disk.memory.All(ctx, after))
}

func (h *handle) Streams(ctx context.Context, kind string) iter.Seq2[string, error] {
	return guard(h, h.disk.memory.Streams(ctx, kind))
}

// guard is seq while the handle lives.
func guard[T any](h *handle, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err := h.check(); err != nil {
			yield(none, err)
			return
		}
		for v, err := range seq {
			if closed := h.check(); closed != nil {
				yield(none, closed)
				return
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

func (h *handle) Head(ctx context.Context) (storage.Position, error) {
	if err := h.check(); err != nil {
		return 0, err
	}
	return h.disk.memory.Head(ctx)
}

func (h *handle) Wait(ctx context.Context, after storage.Position) error {
	if err := h.check(); err != nil {
		return err
	}
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(h.life, func() { cancel(storage.ErrClosed) })()
	if err := h.disk.memory.Wait(inner, after); err != nil {
		return context.Cause(inner)
	}
	return nil
}

func (h *handle) SaveSnapshot(ctx context.Context, s storage.Snapshot) error {
	if err := h.check(); err != nil {
		return err
	}
	return h.disk.memory.SaveSnapshot(ctx, s)
}

func (h *handle) LoadSnapshot(ctx context.Context, stream string) (storage.Snapshot, bool, error) {
	if err := h.check(); err != nil {
		return storage.Snapshot{}, false, err
	}
	return h.disk.memory.LoadSnapshot(ctx, stream)
}

// Close waits for the appends under way.
func (h *handle) Close() error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	h.end()
	if h.disk.live == h {
		h.disk.live = nil
	}
	return nil
}

// storeOf makes stores on new disks, whose handles wrap turns into something else.
func storeOf(wrap func(*handle) storage.Journal) func(testing.TB) journaltest.Store {
	return func(testing.TB) journaltest.Store {
		d := newDisk()
		return journaltest.Store{
			Crash: d.crash,
			Open: func(now func() time.Time) (storage.Journal, error) {
				h, err := d.open(now)
				if err != nil {
					return nil, err
				}
				return wrap(h), nil
			},
		}
	}
}

func honest(h *handle) storage.Journal { return h }

// TestHonest: what the broken journals are made from passes, so that each fails for its own defect. None of the
// laws is left out.
func TestHonest(t *testing.T) { journaltest.Run(t, storeOf(honest)) }

func TestHonestHistory(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		err := journaltest.History(storeOf(honest)(t), func(n int) int { return rapid.IntRange(0, n-1).Draw(r, "draw") })
		if err != nil {
			r.Fatal(err)
		}
	})
}
