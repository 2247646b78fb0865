package memory_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

func batch(stream string, expect storage.Version, data ...string) storage.Batch {
	w := storage.Write{Stream: stream, Expect: expect}
	for _, d := range data {
		w.Events = append(w.Events, event.Event{Type: "test.happened.v1", Data: []byte(d)})
	}
	return storage.Batch{Key: fmt.Sprintf("%s-%d", stream, expect), Writes: []storage.Write{w}}
}

func TestLimitRefusesTheWholeCallAndForgetsNothing(t *testing.T) {
	j := memory.New(&memory.Options{MaxBytes: 4 << 10})
	ctx := context.Background()
	if _, err := j.Append(ctx, batch("t/a", 0, strings.Repeat("1", 3<<10))); err != nil {
		t.Fatalf("an append that fits: %v", err)
	}
	receipts, err := j.Append(ctx, batch("t/b", 0, "1"), batch("t/c", 0, strings.Repeat("1", 1<<10)))
	if !errors.Is(err, memory.ErrFull) || receipts != nil {
		t.Fatalf("an append that does not fit: got %v, %v, want ErrFull", receipts, err)
	}
	if _, err := j.Append(ctx, batch("t/b", 0, "1")); err != nil {
		t.Fatalf("a smaller one after it: %v", err)
	}
	if head, err := j.Head(ctx); head != 2 || err != nil {
		t.Errorf("head: got %d, %v, want 2", head, err)
	}
}

func TestSnapshotsPushOutOthersAndNoRecords(t *testing.T) {
	j := memory.New(&memory.Options{MaxBytes: 8 << 10})
	ctx := context.Background()
	if _, err := j.Append(ctx, batch("t/a", 0, "1")); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		s := storage.Snapshot{Stream: fmt.Sprintf("t/%d", i), Version: 1, Data: make([]byte, 1<<10)}
		if err := j.SaveSnapshot(ctx, s); err != nil {
			t.Fatalf("snapshot %d: %v", i, err)
		}
	}
	kept := 0
	for i := range 20 {
		if _, ok, err := j.LoadSnapshot(ctx, fmt.Sprintf("t/%d", i)); err != nil {
			t.Fatal(err)
		} else if ok {
			kept++
		}
	}
	if kept < 4 || kept > 8 {
		t.Errorf("kept %d snapshots of 1 KiB in 8 KiB", kept)
	}
	if _, ok, _ := j.LoadSnapshot(ctx, "t/19"); !ok {
		t.Error("the last snapshot saved is not there")
	}
	if err := j.SaveSnapshot(ctx, storage.Snapshot{Stream: "t/big", Data: make([]byte, 9<<10)}); !errors.Is(err, memory.ErrFull) {
		t.Errorf("a snapshot larger than the limit: got %v, want ErrFull", err)
	}
	if head, err := j.Head(ctx); head != 1 || err != nil {
		t.Errorf("head: got %d, %v, want 1", head, err)
	}
}

// A reader that stops in the middle and thinks must not keep a writer waiting.
func TestSlowReaderHoldsUpNoWriter(t *testing.T) {
	j := memory.New(nil)
	ctx := context.Background()
	for i := range 1000 {
		if _, err := j.Append(ctx, batch("t/a", storage.Version(i), "1")); err != nil {
			t.Fatal(err)
		}
	}
	next := storage.Version(1000)
	for r, err := range j.All(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Position == 500 || r.Position == 1 {
			if _, err := j.Append(ctx, batch("t/a", next, "1")); err != nil { // would lock up
				t.Fatal(err)
			}
			next++
		}
		if r.Position == 1002 {
			return
		}
	}
	t.Error("All ended before what was appended on its way")
}

// TestRace is there for the race detector: every method at once, and Close in the middle.
func TestRace(t *testing.T) {
	j := memory.New(nil)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 4 {
		stream := fmt.Sprintf("t/%d", i)
		wg.Go(func() {
			for v := storage.Version(0); ; v++ {
				if _, err := j.Append(ctx, batch(stream, v, "1")); errors.Is(err, storage.ErrClosed) {
					return
				} else if err != nil {
					t.Errorf("append: %v", err)
					return
				}
			}
		})
		wg.Go(func() {
			for at := storage.Position(0); j.Wait(ctx, at) == nil; {
				for r, err := range j.All(ctx, at) {
					if err != nil {
						return
					}
					at = r.Position
				}
				for range j.Stream(ctx, stream, 0) {
					break
				}
				for range j.Streams(ctx, "t") {
					break
				}
				_ = j.SaveSnapshot(ctx, storage.Snapshot{Stream: stream})
				_, _, _ = j.LoadSnapshot(ctx, stream)
			}
		})
	}
	if err := j.Wait(ctx, 5000); err != nil {
		t.Errorf("wait: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	wg.Wait()
	if ctx.Err() != nil {
		t.Error("something did not end after Close")
	}
}
