package event_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/payrules/payrules/event"
)

func records(stream string, from, to event.Version) (all []event.Record) {
	for v := from; v <= to; v++ {
		all = append(all, event.Record{Stream: stream, Version: v})
	}
	return all
}

func ids(all []event.Record) (ids []string) {
	for _, r := range all {
		ids = append(ids, r.ID())
	}
	return ids
}

func TestMemoryKeepsTheOrderOfArrival(t *testing.T) {
	var m event.Memory
	ctx := context.Background()
	for _, call := range [][]event.Record{records("t/a", 1, 2), nil, records("t/b", 1, 1), records("t/a", 3, 3)} {
		if err := m.Publish(ctx, call...); err != nil {
			t.Fatal(err)
		}
	}
	want := "[t/a@1 t/a@2 t/b@1 t/a@3]"
	copied := m.Records()
	if got := fmt.Sprint(ids(copied)); got != want {
		t.Errorf("records: got %s, want %s", got, want)
	}
	copied[0].Stream = "changed"
	if got := fmt.Sprint(ids(m.Take())); got != want {
		t.Errorf("take: got %s, want %s", got, want)
	}
	if got := m.Records(); len(got) != 0 {
		t.Errorf("after take: got %d records", len(got))
	}
	if err := m.Publish(ctx, records("t/a", 4, 4)...); err != nil || fmt.Sprint(ids(m.Take())) != "[t/a@4]" {
		t.Errorf("after take, again: %v", err)
	}
}

func TestMemoryLimit(t *testing.T) {
	m := event.Memory{MaxRecords: 3}
	ctx := context.Background()
	for _, row := range []struct {
		story string
		give  []event.Record
		want  error
		kept  int
	}{
		{"fits", records("t/a", 1, 2), nil, 2},
		{"two more do not, not even one of them", records("t/a", 3, 4), event.ErrFull, 2},
		{"one does", records("t/a", 3, 3), nil, 3},
		{"none always does", nil, nil, 3},
		{"no more", records("t/a", 4, 4), event.ErrFull, 3},
	} {
		if err := m.Publish(ctx, row.give...); !errors.Is(err, row.want) {
			t.Errorf("%s: got error %v, want %v", row.story, err, row.want)
		}
		if got := len(m.Records()); got != row.kept {
			t.Errorf("%s: got %d records, want %d", row.story, got, row.kept)
		}
	}
	m.Take()
	if err := m.Publish(ctx, records("t/a", 1, 3)...); err != nil {
		t.Errorf("after take: %v", err)
	}
}

func TestMemoryContext(t *testing.T) {
	var m event.Memory
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := m.Publish(ctx, records("t/a", 1, 1)...); !errors.Is(err, context.Canceled) || len(m.Records()) != 0 {
		t.Errorf("a context that is done: got error %v and %d records", err, len(m.Records()))
	}
}

// TestMemoryConcurrent: calls do not mix, none is lost, and each stream stays in its order.
func TestMemoryConcurrent(t *testing.T) {
	var m event.Memory
	const publishers, calls, size = 8, 50, 3
	var taken []event.Record
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() {
			for c := range event.Version(calls) {
				if err := m.Publish(context.Background(), records(fmt.Sprint("t/", p), c*size+1, c*size+size)...); err != nil {
					t.Errorf("publish: %v", err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		default:
		}
		taken = append(taken, m.Take()...)
	}
	last := make(map[string]event.Version)
	for i, r := range taken {
		if r.Version != last[r.Stream]+1 {
			t.Fatalf("got %s after version %d", r.ID(), last[r.Stream])
		}
		if r.Version%size != 1 && taken[i-1].Stream != r.Stream {
			t.Fatalf("another call came between %s and the one before", r.ID())
		}
		last[r.Stream] = r.Version
	}
	if len(taken) != publishers*calls*size {
		t.Errorf("got %d records, want %d", len(taken), publishers*calls*size)
	}
}
