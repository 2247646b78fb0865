package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/purse"
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

// list is a state that holds all of its events.
type list struct{ all []byte }

func (l *list) Apply(d event.Data) error {
	l.all = fmt.Appendf(l.all, "%+v\n", d)
	return nil
}

func (l *list) MarshalBinary() ([]byte, error)    { return l.all, nil }
func (l *list) UnmarshalBinary(data []byte) error { l.all = slices.Clone(data); return nil }

// note is a command that adds an event to a list.
type note struct{ ID string }

func (n note) Decide(*list) ([]event.Data, error) { return []event.Data{purse.Changed{ID: n.ID}}, nil }
func (note) Result([]event.Data) struct{}         { return struct{}{} }

// weighing sums what is stored.
type weighing struct {
	*counting
	snapshots, events int
}

func (w *weighing) SaveSnapshot(ctx context.Context, s storage.Snapshot) error {
	w.snapshots += len(s.Data)
	return w.counting.SaveSnapshot(ctx, s)
}

func (w *weighing) Append(ctx context.Context, batches ...storage.Batch) ([]storage.Receipt, error) {
	for _, b := range batches {
		for _, write := range b.Writes {
			for _, e := range write.Events {
				w.events += len(e.Data)
			}
		}
	}
	return w.counting.Append(ctx, batches...)
}

// TestSnapshotsOfWhatGrows writes many events to a state that holds them all: its snapshots together are no larger than about its
// events, and it is opened again by reading few of them.
func TestSnapshotsOfWhatGrows(t *testing.T) {
	const n, every = 20_000, 10
	j := &weighing{counting: &counting{Journal: memory.New(nil)}}
	kind := engine.Kind[*list]{Name: "list", Codec: purse.Codec(), New: func(string) *list { return &list{} }}
	e, _ := openEngine(t, j, nil, nil)
	repo, err := engine.NewRepository(e, kind, &engine.RepositoryOptions{SnapshotEvery: every})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if _, err := engine.Do(t.Context(), repo, "a", fmt.Sprint(i), note{fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if j.snapshots > 3*j.events || j.snapshots < j.events/2 {
		t.Errorf("%d bytes of snapshots, of %d bytes of events", j.snapshots, j.events)
	}
	j.read = 0
	e, _ = openEngine(t, j, nil, nil)
	again, err := engine.NewRepository(e, kind, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.View(t.Context(), again, "a", func(l *list) error {
		if got := bytes.Count(l.all, []byte("\n")); got != n {
			t.Errorf("got %d events, want %d", got, n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if j.read > n*2/3 {
		t.Errorf("read %d of %d events", j.read, n)
	}
}
