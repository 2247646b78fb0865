package pebble

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

var ctx = context.Background()

// small makes everything happen soon: a table is full after about a megabyte.
func small(fs vfs.FS) *Options {
	return &Options{MemTableBytes: minMemTable, CacheBytes: 1 << 20, CachedStreams: 16, fs: fs}
}

func mustOpen(t testing.TB, fs vfs.FS) *Journal {
	t.Helper()
	j, err := Open("journal", small(fs))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// pair is a batch that has to stay together: one event for each of two streams, with the key in both.
func pair(key string, version storage.Version, size int) storage.Batch {
	data := fmt.Appendf(nil, `{"key":%q,"fill":"%0*d"}`, key, size, 0)
	e := []event.Event{{Type: "test.happened.v1", Data: data}}
	return storage.Batch{Key: key, Digest: [32]byte{7}, Writes: []storage.Write{
		{Stream: "t/" + key, Expect: version, Events: e},
		{Stream: "all/" + key, Expect: storage.Any, Events: e},
	}}
}

// fill appends n pairs, some in a call of their own, and returns their keys.
func fill(t testing.TB, j *Journal, n, size int) []string {
	t.Helper()
	var keys []string
	for len(keys) < n {
		var batches []storage.Batch
		for range min(1+len(keys)%7, n-len(keys)) {
			key := fmt.Sprintf("key-%04d", len(keys))
			keys = append(keys, key)
			batches = append(batches, pair(key, 0, size))
		}
		receipts, err := j.Append(ctx, batches...)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range receipts {
			if r.Err != nil {
				t.Fatal(r.Err)
			}
		}
	}
	return keys
}

// keysOf reads everything, and returns the keys in order. Positions must be dense, batches whole, and the
// streams must say the same as the log.
func keysOf(j *Journal) ([]string, error) {
	var keys []string
	var last event.Record
	for r, err := range j.All(ctx, 0) {
		if err != nil {
			return keys, err
		}
		if r.Position != last.Position+1 || r.At.Before(last.At) {
			return nil, fmt.Errorf("wrong: %d at %v after %d at %v", r.Position, r.At, last.Position, last.At)
		}
		if last = r; r.Position%2 == 1 {
			keys = append(keys, r.Key)
		} else if r.Key != "" || r.Stream != "all/"+keys[len(keys)-1] {
			return nil, fmt.Errorf("wrong: %d is %+v", r.Position, r)
		}
	}
	if last.Position%2 != 0 {
		return nil, fmt.Errorf("wrong: half a batch at %d", last.Position)
	}
	for _, key := range keys {
		n := 0
		for r, err := range j.Stream(ctx, "t/"+key, 0) {
			if err != nil {
				return keys, err
			}
			if n++; r.Key != key {
				return nil, fmt.Errorf("wrong: stream t/%s has %+v", key, r)
			}
		}
		if n != 1 {
			return nil, fmt.Errorf("wrong: stream t/%s has %d records", key, n)
		}
	}
	names := 0
	for _, err := range j.Streams(ctx, "t") {
		if err != nil {
			return keys, err
		}
		names++
	}
	if names != len(keys) {
		return nil, fmt.Errorf("wrong: %d streams for %d keys", names, len(keys))
	}
	return keys, j.Verify(ctx)
}

// within fails the test if fn takes longer than a hang would be excused for.
func within(t testing.TB, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s hangs", what)
	}
}

// files is what a directory holds.
type files map[string][]byte

func readFiles(t testing.TB, fs vfs.FS, dir string) files {
	t.Helper()
	names, err := fs.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := files{}
	for _, name := range names {
		f, err := fs.Open(fs.PathJoin(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		out[name] = content
	}
	return out
}

func (f files) names() []string { return slices.Sorted(maps.Keys(f)) }

// with is a copy with one file changed, or without it if content is nil.
func (f files) with(name string, content []byte) files {
	out := maps.Clone(f)
	if out[name] = content; content == nil {
		delete(out, name)
	}
	return out
}

func (f files) disk(t testing.TB) *vfs.MemFS {
	t.Helper()
	fs := vfs.NewMem()
	if err := fs.MkdirAll("journal", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range f {
		file, err := fs.Create(path.Join("journal", name), vfs.WriteCategoryUnspecified)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(slices.Clone(content)); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return fs
}
