package pebble

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cockroach "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// readCheck is a change behind the journal's back, and what is said of it; "" where nobody can know.
type readCheck struct {
	name   string
	change func(t *testing.T, j *Journal, b *cockroach.Batch) error
	all    string // what All says
	stream string // what Stream says of t/key-0002
	open   string // what Open says
}

func readChecks() []readCheck {
	block := func(t *testing.T, j *Journal, first event.Position) []byte {
		t.Helper()
		value, ok, err := j.get(logKey(first))
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		return value
	}
	position := func(p event.Position) []byte { return binary.BigEndian.AppendUint64(nil, uint64(p)) }
	return []readCheck{
		{"a block is gone", func(_ *testing.T, _ *Journal, b *cockroach.Batch) error { return b.Delete(logKey(5), nil) },
			"record 5: is missing", "record 5: is missing", "record 5: is missing, and so are those up to 6"},
		{"the first block is gone", func(_ *testing.T, _ *Journal, b *cockroach.Batch) error { return b.Delete(logKey(1), nil) },
			"record 1: is missing", "", ""},
		{"a block stands in another's place", func(t *testing.T, j *Journal, b *cockroach.Batch) error {
			return b.Set(logKey(5), block(t, j, 3), nil)
		}, "record 5: cannot be read: not a record: checksum", "record 5: cannot be read", "record 5: cannot be read"},
		{"a bit of a block is flipped", func(t *testing.T, j *Journal, b *cockroach.Batch) error {
			value := block(t, j, 5)
			value[60] ^= 4
			return b.Set(logKey(5), value, nil)
		}, "record 5: cannot be read", "record 5: cannot be read", "record 5: cannot be read"},
		{"a block is cut", func(t *testing.T, j *Journal, b *cockroach.Batch) error {
			value := block(t, j, 5)
			return b.Set(logKey(5), value[:len(value)-1], nil)
		}, "record 6: cannot be read", "", "record 6: cannot be read"},
		{"a block is of another format", func(_ *testing.T, _ *Journal, b *cockroach.Batch) error {
			return b.Set(logKey(5), []byte{3, 0, 0}, nil)
		}, "block format 3, this version reads 1 and 2", "block format 3", "block format 3"},
		{"an entry of the index is gone", func(_ *testing.T, _ *Journal, b *cockroach.Batch) error {
			return b.Delete(appendIndexKey(nil, "t/key-0002", 1), nil)
		}, "", "t/key-0002@1: is not in the index", ""},
		{"an entry of the index points elsewhere", func(_ *testing.T, _ *Journal, b *cockroach.Batch) error {
			return b.Set(appendIndexKey(nil, "t/key-0002", 1), position(1), nil)
		}, "", "record 1: is t/key-0000@1, but t/key-0002@1 in the index", ""},
		{"an entry of the index is cut", func(_ *testing.T, _ *Journal, b *cockroach.Batch) error {
			return b.Set(appendIndexKey(nil, "t/key-0002", 1), []byte{1}, nil)
		}, "", "t/key-0002@1: is not in the index", ""},
		{"the last entry of the index is gone", func(_ *testing.T, _ *Journal, b *cockroach.Batch) error {
			return b.Delete(appendIndexKey(nil, "all/key-0003", 1), nil)
		}, "", "", "record 8: is not in the index"},
		{"the last block is gone", func(_ *testing.T, _ *Journal, b *cockroach.Batch) error { return b.Delete(logKey(7), nil) },
			"record 7: is missing", "", "says that records up to 8 were acknowledged, but the log ends at 6"},
	}
}

// TestReadChecks: what stands in the database, undamaged as far as it knows, but is not what was stored, is
// an error that names the place, to every reader that comes by, and on opening if it is near the end.
func TestReadChecks(t *testing.T) {
	for _, c := range readChecks() {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			disk := vfs.NewMem()
			j := mustOpen(t, disk)
			for i := range 4 { // a block each, at 1, 3, 5, 7
				key := fmt.Sprintf("key-%04d", i)
				if _, err := j.Append(ctx, pair(key, 0, 10), storage.Batch{Key: "second of it", Writes: []storage.Write{
					{Stream: "t/" + key, Expect: 99, Events: pair("x", 0, 1).Writes[0].Events},
				}}); err != nil {
					t.Fatal(err)
				}
			}
			// A second version, so that a hole in the index has something after it.
			b := j.db.NewBatch()
			if strings.Contains(c.name, "an entry of the index is gone") {
				if err := b.Set(appendIndexKey(nil, "t/key-0002", 2), binary.BigEndian.AppendUint64(nil, 6), nil); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(c.change(t, j, b), j.db.Apply(b, cockroach.Sync)); err != nil {
				t.Fatal(err)
			}
			check := func(what string, err error, want string) {
				t.Helper()
				if want == "" && err != nil {
					t.Errorf("%s: got %v", what, err)
				}
				if want != "" && (!errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "journal/")) {
					t.Errorf("%s: got %v, want ErrCorrupt with %q", what, err, want)
				}
			}
			check("all", drain(j.All(ctx, 0)), c.all)
			check("stream", drain(j.Stream(ctx, "t/key-0002", 0)), c.stream)
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			j, err := Open("journal", small(disk))
			check("open", err, c.open)
			if err == nil {
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func drain(seq func(func(event.Record, error) bool)) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestNewerFormat: a journal of a version to come is refused before anything in it is touched.
func TestNewerFormat(t *testing.T) {
	left, _ := place(t, 3, 10, 0, false, false)
	content := slices.Clone(left[markName])
	for slot := range 2 {
		b := content[slot*markStride:][:markSlot]
		b[8] = 2
		binary.LittleEndian.PutUint32(b[20:], markSum(b))
	}
	left = left.with(markName, content)
	j, err := Open("journal", small(left.disk(t)))
	if err == nil || errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), "is of format 2, this version reads 1") {
		t.Errorf("got %v, %v", j, err)
	}
}

// TestMarkTellsOfLoss: a mark that says more than the log holds is what tells that records are lost.
func TestMarkTellsOfLoss(t *testing.T) {
	left, _ := place(t, 3, 10, 0, false, false)
	content := slices.Clone(left[markName])
	encodeMark(content, 7)
	_, err := Open("journal", small(left.with(markName, content).disk(t)))
	if !errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), "up to 7 were acknowledged, but the log ends at 6") {
		t.Errorf("got %v", err)
	}
}

// TestReadFails: a disk that cannot be read for a while is an error of the call, and nothing more.
func TestReadFails(t *testing.T) {
	disk := newFaulty(vfs.NewMem())
	j := mustOpen(t, disk)
	keys := fill(t, j, 50, 100)
	if err := j.db.Flush(); err != nil {
		t.Fatal(err)
	}
	disk.before(func(op errorfs.Op) error {
		if strings.HasSuffix(op.Path, ".sst") && op.Kind.ReadOrWrite() == errorfs.OpIsRead {
			return errDisk
		}
		return nil
	})
	failed := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, errDisk) || errors.Is(err, storage.ErrCorrupt) || errors.Is(err, storage.ErrUnknownOutcome) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	failed("all", drain(j.All(ctx, 0)))
	failed("stream", drain(j.Stream(ctx, "t/"+keys[7], 0)))
	_, err := j.Append(ctx, pair("new", 0, 10), pair(keys[3], 0, 10))
	failed("append to a stream that has to be looked up", err)
	disk.hook.Store(nil)
	if _, err := j.Append(ctx, pair("new", 0, 10)); err != nil {
		t.Errorf("after: %v", err)
	}
	if got, err := keysOf(j); err != nil || len(got) != 51 {
		t.Errorf("after: got %d keys, %v, want 51", len(got), err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestLargeCalls: calls of more than a group's bytes are stored in parts, and each batch whole.
func TestLargeCalls(t *testing.T) {
	disk := vfs.NewMem()
	j := mustOpen(t, disk)
	var batches []storage.Batch
	for i := range 16 {
		batches = append(batches, pair(fmt.Sprintf("k-%02d", i), 0, 200_000+i*20_000))
	}
	receipts, err := j.Append(ctx, batches...)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range receipts {
		if r.Err != nil || r.First != event.Position(2*i+1) || r.Last != r.First+1 {
			t.Errorf("receipt %d: %+v", i, r)
		}
	}
	if keys, err := keysOf(j); err != nil || len(keys) != 16 {
		t.Errorf("got %d keys, %v", len(keys), err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = mustOpen(t, disk)
	if keys, err := keysOf(j); err != nil || len(keys) != 16 {
		t.Errorf("again: got %d keys, %v", len(keys), err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestManyCallersSmallCache: calls of one commit see each other's streams, also when the cache holds fewer.
func TestManyCallersSmallCache(t *testing.T) {
	j := mustOpen(t, vfs.NewMem()) // its cache holds 16 streams
	var wg sync.WaitGroup
	for caller := range 64 {
		wg.Go(func() {
			for v := range 30 {
				receipts, err := j.Append(ctx, storage.Batch{Key: fmt.Sprint(v), Writes: []storage.Write{{
					Stream: fmt.Sprintf("t/%d", caller), Expect: event.Version(v), Events: pair("x", 0, 10).Writes[0].Events,
				}}})
				if err != nil || receipts[0].Err != nil {
					t.Errorf("%v, %v", err, receipts)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestSnapshotAhead: a snapshot of what its stream has not reached counts as none, and so does a damaged one.
func TestSnapshotAhead(t *testing.T) {
	j := mustOpen(t, vfs.NewMem())
	fill(t, j, 1, 10)
	for version, want := range []bool{true, true, false, false} {
		s := storage.Snapshot{Stream: "t/key-0000", Version: event.Version(version), Data: []byte("x")}
		if err := j.SaveSnapshot(ctx, s); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := j.LoadSnapshot(ctx, s.Stream); ok != want || err != nil {
			t.Errorf("of version %d: got %v, %v, want %v", version, ok, err, want)
		}
	}
	good := encodeSnapshot(storage.Snapshot{Stream: "t/key-0000", Version: 1, Schema: "s", Data: []byte("data")})
	for i := range good {
		good[i] ^= 1
		if err := j.db.Set(snapshotKey("t/key-0000"), good, cockroach.NoSync); err != nil {
			t.Fatal(err)
		}
		if s, ok, err := j.LoadSnapshot(ctx, "t/key-0000"); ok || err != nil {
			t.Errorf("byte %d flipped: got %+v, %v", i, s, err)
		}
		good[i] ^= 1
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestCloseMeanwhile: readers and writers of every kind end with ErrClosed, soon, and without a panic.
func TestCloseMeanwhile(t *testing.T) {
	for range 5 {
		j := mustOpen(t, vfs.NewMem())
		fill(t, j, 200, 1000)
		var wg sync.WaitGroup
		loop := func(what string, fn func(i int) error) {
			wg.Go(func() {
				for i := 0; ; i++ {
					if err := fn(i); errors.Is(err, storage.ErrClosed) {
						return
					} else if err != nil {
						t.Errorf("%s: %v", what, err)
						return
					}
				}
			})
		}
		loop("all", func(int) error { return drain(j.All(ctx, 0)) })
		loop("verify", func(int) error { return j.Verify(ctx) })
		loop("stream", func(i int) error { return drain(j.Stream(ctx, fmt.Sprintf("t/key-%04d", i%200), 0)) })
		loop("streams", func(int) error {
			for _, err := range j.Streams(ctx, "t") {
				if err != nil {
					return err
				}
			}
			return nil
		})
		loop("head", func(int) error { _, err := j.Head(ctx); return err })
		loop("wait", func(int) error { return j.Wait(ctx, 1<<40) })
		loop("load", func(int) error { _, _, err := j.LoadSnapshot(ctx, "t/key-0001"); return err })
		loop("save", func(int) error { return j.SaveSnapshot(ctx, storage.Snapshot{Stream: "t/key-0001"}) })
		for caller := range 4 {
			loop("append", func(i int) error { _, err := j.Append(ctx, pair(fmt.Sprintf("%d-%d", caller, i), 0, 10)); return err })
		}
		within(t, "close", func() {
			time.Sleep(5 * time.Millisecond)
			if err := errors.Join(j.Close(), j.Close()); err != nil {
				t.Error(err)
			}
			wg.Wait()
		})
	}
}

// TestStoppedByContext: a reader stops at the record where its context is done.
func TestStoppedByContext(t *testing.T) {
	j := mustOpen(t, vfs.NewMem())
	fill(t, j, 10, 10)
	canceled, cancel := context.WithCancel(ctx)
	defer cancel()
	n := 0
	for _, err := range j.All(canceled, 0) {
		if n++; n == 3 {
			cancel()
		}
		if (n <= 3) != (err == nil) || n > 4 {
			t.Errorf("record %d: %v", n, err)
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}
