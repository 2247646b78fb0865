package pebble

import (
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/payrules/payrules/storage"
)

// A call that waits behind one that fills a commit alone, as the snapshot of a large aggregate does, has its turn in the next.
func TestFullGroup(t *testing.T) {
	j := mustOpen(t, vfs.NewMem())
	defer j.Close()
	fill(t, j, 1, 10)
	large, after := newRequest().(*request), newRequest().(*request)
	large.snapshot = &storage.Snapshot{Stream: "t/key-0000", Version: 1, Schema: "1", Data: make([]byte, groupBytes)}
	after.batches = []storage.Batch{pair("after", 0, 10)}
	j.writing.Lock() // the committer takes up nothing until both are there
	j.queue <- large
	j.queue <- after
	j.writing.Unlock()
	for _, row := range []struct {
		what string
		r    *request
	}{{"the large call", large}, {"the one after it", after}} {
		select {
		case <-row.r.done:
			if row.r.err != nil {
				t.Errorf("%s: %v", row.what, row.r.err)
			}
		case <-time.After(10 * time.Second): // it takes milliseconds, or for ever
			t.Fatalf("%s is never answered", row.what)
		}
	}
	if receipts := after.receipts; len(receipts) != 1 || receipts[0].Err != nil {
		t.Errorf("got %+v", receipts)
	}
}
