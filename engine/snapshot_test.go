package engine_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// counting counts the records that are read from streams.
type counting struct {
	*memory.Journal
	read int
}

func (c *counting) Stream(ctx context.Context, id string, after storage.Version) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for r, err := range c.Journal.Stream(ctx, id, after) {
			c.read++
			if !yield(r, err) {
				return
			}
		}
	}
}

// TestSnapshotsSaveReading fills a purse, and opens it again with its snapshot whole, spoilt in every way, and
// gone: what it holds is the same, what is read differs.
func TestSnapshotsSaveReading(t *testing.T) {
	const n, every = 250, 100
	j := &counting{Journal: memory.New(nil)}
	repo := open(t, j, nil, memoryOptions(every))
	for i := range n {
		do(t, repo, "anna", fmt.Sprint(i), 1)
	}
	whole, ok, err := j.LoadSnapshot(t.Context(), "purse/anna")
	if err != nil || !ok || whole.Version != 200 {
		t.Fatalf("got a snapshot of version %d, %v, %v, want 200", whole.Version, ok, err)
	}
	for _, row := range []struct {
		name  string
		spoil func(s *storage.Snapshot)
		read  int
	}{
		{"whole", func(*storage.Snapshot) {}, n - 200 + 1}, // and the record that it ends at
		{"another schema", func(s *storage.Snapshot) { s.Schema += "x" }, n},
		{"cut short", func(s *storage.Snapshot) { s.Data = s.Data[:len(s.Data)-1] }, n},
		{"too long", func(s *storage.Snapshot) { s.Data = append(s.Data[:len(s.Data):len(s.Data)], 0) }, n},
		{"no keys", func(s *storage.Snapshot) { s.Data = s.Data[:10] }, n},
		{"empty", func(s *storage.Snapshot) { s.Data = nil }, n},
		{"of events that are not there", func(s *storage.Snapshot) { s.Version = n + 1 }, n},
		{"version zero", func(s *storage.Snapshot) { s.Version = 0 }, n},
	} {
		s := whole
		row.spoil(&s)
		if err := j.SaveSnapshot(t.Context(), s); err != nil && s.Version != 0 && s.Data != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		again := open(t, j, nil, memoryOptions(every))
		j.read = 0
		if got := balance(t, again, "anna"); got != n {
			t.Errorf("%s: got balance %d, want %d", row.name, got, n)
		}
		if row.read != j.read && s.Version != 0 && s.Data != nil {
			t.Errorf("%s: read %d records, want %d", row.name, j.read, row.read)
		}
		for _, i := range []int{0, 99, 199, 200, n - 1} { // keys on both sides of the snapshot
			if got := do(t, again, "anna", fmt.Sprint(i), 1); got.Balance != int64(i+1) {
				t.Errorf("%s: key %d: got %+v, want the first answer, %d", row.name, i, got, i+1)
			}
		}
	}
}

// TestCacheIsBounded goes over many purses with room for two, and finds each as it was.
func TestCacheIsBounded(t *testing.T) {
	j := &counting{Journal: memory.New(nil)}
	ro := memoryOptions(0)
	ro.CachedAggregates = 2
	repo := open(t, j, nil, ro)
	for round := range 3 {
		for id := range 10 {
			if got := do(t, repo, fmt.Sprint(id), fmt.Sprint(round), 1); got.Balance != int64(round+1) {
				t.Errorf("round %d, purse %d: got %+v", round, id, got)
			}
		}
	}
	if want := 10 + 20; j.read != want { // each was loaded in the second and the third round
		t.Errorf("read %d records, want %d", j.read, want)
	}
	j.read = 0
	for range 5 {
		balance(t, repo, "9")
		balance(t, repo, "8")
	}
	if j.read != 0 {
		t.Errorf("read %d records of purses that are in the cache", j.read)
	}
}
