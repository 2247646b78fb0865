package pebble_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/pebble"
)

// appendChild appends from a few goroutines, for ever, and prints what was acknowledged, a line each. Each
// batch is three events over two streams.
func appendChild(dir string) {
	j, err := pebble.Open(dir, killed(dir))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	head, err := j.Head(ctx)
	if err != nil {
		panic(err)
	}
	var mu sync.Mutex
	for caller := range 4 {
		go func() {
			for i := 0; ; i++ {
				var batches []storage.Batch
				for k := range 1 + i%5 {
					batches = append(batches, triple(fmt.Sprintf("%d-%d-%d-%d", head, caller, i, k)))
				}
				receipts, err := j.Append(ctx, batches...)
				if err != nil {
					panic(err)
				}
				line := &strings.Builder{}
				for k, r := range receipts {
					fmt.Fprintf(line, "%s %d %d %v\n", batches[k].Key, r.First, r.Last, r.Err)
				}
				mu.Lock()
				_, _ = os.Stdout.WriteString(line.String())
				mu.Unlock()
			}
		}()
	}
	select {}
}

// killed are the options for a directory; its name says whether it has the hash chain.
func killed(dir string) *pebble.Options {
	return &pebble.Options{MemTableBytes: 1 << 20, Chain: filepath.Base(dir) == "chain"}
}

func triple(key string) storage.Batch {
	e := event.Event{Type: "test.happened.v1", Data: fmt.Appendf(nil, `{"key":%q,"fill":"%0500d"}`, key, 0)}
	return storage.Batch{Key: key, Writes: []storage.Write{
		{Stream: "t/" + key, Events: []event.Event{e, e}},
		{Stream: "t/all", Expect: storage.Any, Events: []event.Event{e}},
	}}
}

// TestKill: a process is killed while it appends, again and again. What it was told is stored is there, where
// it was told; batches are whole; positions are dense.
func TestKill(t *testing.T) {
	for name, journals := range map[string]int{"plain": 10, "chain": 5} {
		for journal := range campaign.Size(1, journals) { // all of it is read again after each kill, so none grows for long
			t.Run(fmt.Sprint(name, journal), func(t *testing.T) { kill(t, filepath.Join(t.TempDir(), name), campaign.Size(3, 10)) })
		}
	}
}

func kill(t *testing.T, dir string, kills int) {
	t.Helper()
	acknowledged := map[string]storage.Position{}
	for range kills {
		cmd, out := child(t, "append", dir)
		time.AfterFunc(50*time.Millisecond+rand.N(250*time.Millisecond), func() { _ = cmd.Process.Kill() })
		for {
			line, err := out.ReadString('\n')
			if err != nil {
				break // also a line cut short
			}
			var key, refused string
			var first, last storage.Position
			if _, err := fmt.Sscan(line, &key, &first, &last, &refused); err != nil || refused != "<nil>" || last != first+2 {
				t.Fatalf("%q, %v", line, err)
			}
			acknowledged[key] = first
		}
		_ = cmd.Wait()
		checkKilled(t, dir, acknowledged)
	}
	if len(acknowledged) == 0 {
		t.Error("nothing was ever acknowledged")
	}
	t.Logf("%d batches acknowledged over %d kills", len(acknowledged), kills)
}

func checkKilled(t *testing.T, dir string, acknowledged map[string]storage.Position) {
	t.Helper()
	j, err := pebble.Open(dir, killed(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}()
	var key string
	next, hot := storage.Position(1), storage.Version(1)
	there := map[string]storage.Position{}
	for r, err := range j.All(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Position != next {
			t.Fatalf("position %d after %d", r.Position, next-1)
		}
		want := event.Record{Stream: "t/" + r.Key, Version: 1, Key: r.Key}
		switch next++; r.Position % 3 {
		case 1:
			key = r.Key
			there[key] = r.Position
		case 2:
			want = event.Record{Stream: "t/" + key, Version: 2}
		case 0:
			want = event.Record{Stream: "t/all", Version: hot}
			hot++
		}
		if r.Stream != want.Stream || r.Version != want.Version || r.Key != want.Key || want.Stream == "t/" {
			t.Fatalf("at %d: got %s with key %q, want %s with key %q", r.Position, r.ID(), r.Key, want.ID(), want.Key)
		}
	}
	if err := j.Verify(context.Background()); err != nil {
		t.Fatal(err)
	}
	if next%3 != 1 {
		t.Fatalf("the last batch ends at %d", next-1)
	}
	for key, first := range acknowledged {
		if there[key] != first {
			t.Fatalf("%s was acknowledged at %d, and is at %d", key, first, there[key])
		}
	}
}
