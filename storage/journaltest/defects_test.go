package journaltest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// lostWrite acknowledges every tenth call of a batch that holds, and does not store it.
func lostWrite(b *broken) {
	calls := 0
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		if calls++; calls%10 != 0 || len(batches) != 1 {
			return b.handle.Append(ctx, batches...)
		}
		head, err := b.handle.Head(ctx)
		events := storage.Position(0)
		for _, w := range batches[0].Writes {
			events += storage.Position(len(w.Events))
		}
		return []storage.Receipt{{First: head + 1, Last: head + events}}, err
	}
}

// lostUpdate looks at the version first, and writes then, with room for another writer between.
func lostUpdate(b *broken) {
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		mine := batches[0]
		if head := b.version(mine.Writes[0].Stream); head != mine.Writes[0].Expect {
			return b.handle.Append(ctx, batches...)
		}
		time.Sleep(20 * time.Microsecond)
		for {
			receipts, err := b.handle.Append(ctx, mine)
			var conflict *storage.ConflictError
			if err != nil || !errors.As(receipts[0].Err, &conflict) {
				return receipts, err
			}
			w := mine.Writes[0]
			w.Expect = conflict.Have
			mine.Writes = []storage.Write{w}
		}
	}
}

func (b *broken) version(stream string) storage.Version {
	v := storage.Version(0)
	for r := range b.handle.Stream(context.Background(), stream, 0) {
		v = r.Version
	}
	return v
}

// skippedPosition burns a position when a batch loses, as a sequence does when its transaction rolls back.
func skippedPosition(b *broken) {
	burnt := func(p storage.Position) storage.Position {
		if p > 10 {
			return p + 1
		}
		return p
	}
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		receipts, err := b.handle.Append(ctx, batches...)
		for i := range receipts {
			receipts[i].First, receipts[i].Last = burnt(receipts[i].First), burnt(receipts[i].Last)
		}
		return receipts, err
	}
	b.record = func(r *event.Record) bool { r.Position = burnt(r.Position); return true }
	b.head = func(ctx context.Context) (storage.Position, error) {
		p, err := b.handle.Head(ctx)
		return burnt(p), err
	}
}

func versionGap(b *broken) {
	b.record = func(r *event.Record) bool {
		if r.Version > 20 {
			r.Version++
		}
		return true
	}
}

// outOfOrder shows some positions late, and those behind them at once, as a table does whose positions are
// handed out before the commit.
func outOfOrder(b *broken) {
	var mu sync.Mutex
	late := make(map[storage.Position]bool)
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		mu.Lock()
		receipts, err := b.handle.Append(ctx, batches...)
		if err != nil || receipts[0].First%4 != 0 {
			mu.Unlock()
			return receipts, err
		}
		first := receipts[0].First
		late[first] = true
		mu.Unlock()
		time.Sleep(100 * time.Microsecond)
		mu.Lock()
		delete(late, first)
		mu.Unlock()
		return receipts, err
	}
	b.record = func(r *event.Record) bool {
		mu.Lock()
		defer mu.Unlock()
		return !late[r.Position]
	}
}

// failsNeighbours stores nothing of a call in which one batch loses.
func failsNeighbours(b *broken) {
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		head := func(stream string) (storage.Version, error) { return b.version(stream), nil }
		plan, err := new(storage.Planner).Plan(batches, 0, time.Time{}, head)
		if err != nil {
			return nil, err
		}
		for _, r := range plan.Receipts {
			if r.Err != nil {
				all := make([]storage.Receipt, len(batches))
				for i := range all {
					all[i].Err = r.Err
				}
				return all, nil
			}
		}
		return b.handle.Append(ctx, batches...)
	}
}

func invalidFailsCall(b *broken) {
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		for _, one := range batches {
			if err := one.Validate(); err != nil {
				return nil, err
			}
		}
		return b.handle.Append(ctx, batches...)
	}
}

// oneByOne forgets from batch to batch what was lost.
func oneByOne(b *broken) {
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		var all []storage.Receipt
		for _, one := range batches {
			receipts, err := b.handle.Append(ctx, one)
			if err != nil {
				return nil, err
			}
			all = append(all, receipts...)
		}
		return all, nil
	}
}

// grudge decides a call as if it were one with the call before, as a group commit may that merges them.
func grudge(b *broken) {
	lost := make(map[string]bool)
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		for _, one := range batches {
			for _, w := range one.Writes {
				if lost[w.Stream] && w.Expect != storage.Any {
					err := &storage.ConflictError{Stream: w.Stream, Want: w.Expect, Have: w.Expect, BuiltOnLost: true}
					return []storage.Receipt{{Err: err}, {Err: err}}[:len(batches)], nil
				}
			}
		}
		receipts, err := b.handle.Append(ctx, batches...)
		for i := range receipts {
			for _, w := range batches[i].Writes {
				lost[w.Stream] = lost[w.Stream] || receipts[i].Err != nil
			}
		}
		return receipts, err
	}
}

// tornBatch stores the home before it looks at the other writes.
func tornBatch(b *broken) {
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		receipts, err := b.handle.Append(ctx, batches...)
		for i := range receipts {
			var conflict *storage.ConflictError
			if errors.As(receipts[i].Err, &conflict) && conflict.Stream != batches[i].Writes[0].Stream {
				home := batches[i]
				home.Writes = home.Writes[:1]
				if _, err := b.handle.Append(ctx, home); err != nil {
					return nil, err
				}
			}
		}
		return receipts, err
	}
}

// hideLast hides the last n records that are there when the journal is opened.
func (b *broken) hideLast(n storage.Position, when bool) {
	last, err := b.disk.memory.Head(context.Background())
	if err != nil || !when || last < n {
		return
	}
	b.record = func(r *event.Record) bool { return r.Position <= last-n || r.Position > last }
}

// storedButRefused answers that the context is done, when the batches are stored already.
func storedButRefused(b *broken) {
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		receipts, err := b.handle.Append(ctx, batches...)
		if err != nil {
			return nil, err
		}
		time.Sleep(200 * time.Microsecond)
		return receipts, ctx.Err()
	}
}

func noGuards(b *broken) {
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		var without []storage.Batch
		for _, one := range batches {
			var writes []storage.Write
			for _, w := range one.Writes {
				if len(w.Events) > 0 {
					writes = append(writes, w)
				}
			}
			one.Writes = writes
			without = append(without, one)
		}
		return b.handle.Append(ctx, without...)
	}
}

func keyForgottenLater(b *broken) {
	if b.opens > 1 {
		b.record = func(r *event.Record) bool { r.Key, r.Digest = "", [32]byte{}; return true }
	}
}

// ownClock makes At by next, which sees the clock and the At before it, of this handle.
func (b *broken) ownClock(next func(now, last time.Time) time.Time) {
	var mu sync.Mutex
	var last time.Time
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		mu.Lock()
		defer mu.Unlock()
		receipts, err := b.handle.Append(ctx, batches...)
		last = next(b.disk.now(), last)
		for _, r := range receipts {
			for p := r.First; p <= r.Last; p++ {
				b.disk.at[p] = last
			}
		}
		return receipts, err
	}
	b.record = func(r *event.Record) bool {
		mu.Lock()
		defer mu.Unlock()
		r.At = b.disk.at[r.Position]
		return true
	}
}

// sharedData keeps the slices that it was given.
func sharedData(b *broken) {
	data := make(map[storage.Position][]byte)
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		receipts, err := b.handle.Append(ctx, batches...)
		for i, r := range receipts {
			p := r.First
			for _, w := range batches[i].Writes {
				for _, e := range w.Events {
					data[p] = e.Data
					p++
				}
			}
		}
		return receipts, err
	}
	b.record = func(r *event.Record) bool { r.Data = data[r.Position]; return true }
}

func sharedReceipts(b *broken) {
	buffer := make([]storage.Receipt, storage.MaxBatches)
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		receipts, err := b.handle.Append(ctx, batches...)
		return buffer[:copy(buffer, receipts)], err
	}
}

func compactJSON(b *broken) {
	b.record = func(r *event.Record) bool {
		var out bytes.Buffer
		if json.Compact(&out, r.Data) == nil {
			r.Data = out.Bytes()
		}
		return true
	}
}

func lowerCase(b *broken) {
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		for i := range batches {
			for k := range batches[i].Writes {
				batches[i].Writes[k].Stream = strings.ToLower(batches[i].Writes[k].Stream)
			}
		}
		return b.handle.Append(ctx, batches...)
	}
}

func kindByPrefix(b *broken) {
	b.kind = func(ctx context.Context, kind string) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for r, err := range b.handle.All(ctx, 0) {
				if strings.HasPrefix(r.Stream, kind) && r.Version == 1 && !yield(r.Stream, err) {
					return
				}
			}
		}
	}
}

func noBound(b *broken) {
	b.append = func(ctx context.Context, batches []storage.Batch) ([]storage.Receipt, error) {
		most := min(len(batches), storage.MaxBatches)
		receipts, err := b.handle.Append(ctx, batches[:most]...)
		if err != nil || most == len(batches) {
			return receipts, err
		}
		rest, err := b.handle.Append(ctx, batches[most:]...)
		return append(receipts, rest...), err
	}
}

func laggingHead(b *broken) {
	var shown, next storage.Position
	b.head = func(ctx context.Context) (storage.Position, error) {
		head, err := b.handle.Head(ctx)
		shown, next = next, head
		return shown, err
	}
}

// fixedEnd reads a journal as it was when the reader began.
func fixedEnd(b *broken) {
	b.all = func(ctx context.Context, after storage.Position) iter.Seq2[event.Record, error] {
		return func(yield func(event.Record, error) bool) {
			head, _ := b.handle.Head(ctx)
			for r, err := range b.handle.All(ctx, after) {
				if r.Position > head || !yield(r, err) {
					return
				}
			}
		}
	}
}

func sharedSnapshot(b *broken) {
	kept := make(map[string]storage.Snapshot)
	b.save = func(s storage.Snapshot) error { kept[s.Stream] = s; return nil }
	b.load = func(stream string) (storage.Snapshot, bool, error) { s, ok := kept[stream]; return s, ok, nil }
}
