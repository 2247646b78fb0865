package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"reflect"
	"strings"
	"testing"

	cockroach "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/storage"
)

// withChain opens the journal of a disk with the hash chain.
func withChain(t testing.TB, disk vfs.FS, chain bool) *Journal {
	t.Helper()
	options := small(disk)
	options.Chain = chain
	j, err := Open("journal", options)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// triples appends n calls of three records each, over three streams: a block each, at 1, 4, 7...
func triples(t testing.TB, j *Journal, n int) {
	t.Helper()
	for i := range n {
		e := event.Event{Type: "test.happened.v1", Data: fmt.Appendf(nil, `{"n":%d}`, i),
			TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
		version := lastVersion(t, j, "t/a")
		receipts, err := j.Append(ctx, storage.Batch{Key: fmt.Sprint("key-", version), Digest: [32]byte{byte(i), 1}, Writes: []storage.Write{
			{Stream: "t/a", Expect: version, Events: []event.Event{e}},
			{Stream: "t/b", Expect: storage.Any, Events: []event.Event{e}},
			{Stream: "u/c", Expect: storage.Any, Events: []event.Event{{Type: e.Type, Data: e.Data}}},
		}})
		if err != nil || receipts[0].Err != nil {
			t.Fatal(err, receipts)
		}
	}
}

func lastVersion(t testing.TB, j *Journal, stream string) (last storage.Version) {
	t.Helper()
	for r, err := range j.Stream(ctx, stream, 0) {
		if err != nil {
			t.Fatal(err)
		}
		last = r.Version
	}
	return last
}

// readAll is all that All gives, until its error.
func readAll(j *Journal) (records []event.Record, err error) {
	for r, err := range j.All(ctx, 0) {
		if err != nil {
			return records, err
		}
		records = append(records, r)
	}
	return records, nil
}

func closed(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// everyByte opens a journal with one bit of one file changed. It must be noticed with a name, or be the same
// journal as before; and whatever is given out is what was stored.
func everyByte(t *testing.T, changed files, want []event.Record) (noticed bool, err error) {
	t.Helper()
	options := small(changed.disk(t))
	options.Chain = true
	j, err := Open("journal", options)
	if err != nil {
		return true, named(err)
	}
	defer closed(t, j)
	got, readErr := readAll(j)
	if len(got) > len(want) || !reflect.DeepEqual(got, want[:len(got)]) {
		return false, fmt.Errorf("got other records: %v", got)
	}
	verifyErr := j.Verify(ctx)
	switch {
	case verifyErr != nil:
		if !errors.Is(verifyErr, storage.ErrCorrupt) {
			return true, fmt.Errorf("not ErrCorrupt: %w", verifyErr)
		}
		return true, errors.Join(named(verifyErr))
	case readErr != nil:
		return true, fmt.Errorf("Verify is content, All is not: %w", readErr)
	case len(got) != len(want):
		return false, fmt.Errorf("got %d records, want %d", len(got), len(want))
	}
	for _, stream := range []string{"t/a", "t/b", "u/c"} {
		if last := lastVersion(t, j, stream); int(last) != len(want)/3 {
			return false, fmt.Errorf("%s has %d records and no error", stream, last)
		}
	}
	return false, nil
}

// TestEveryByte changes every byte of every file that holds records, one after the other.
func TestEveryByte(t *testing.T) {
	for _, state := range []string{"log", "table"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			disk := vfs.NewMem()
			j := withChain(t, disk, true)
			triples(t, j, 4)
			want, err := readAll(j)
			if err != nil || len(want) != 12 {
				t.Fatal(err, len(want))
			}
			if state == "table" {
				if err := j.db.Flush(); err != nil {
					t.Fatal(err)
				}
			}
			closed(t, j)
			left := readFiles(t, disk, "journal")
			tried, harmless := map[string]int{}, map[string]int{}
			for _, name := range left.names() {
				content, step := left[name], 1
				if holds := map[string]string{"log": ".log", "table": ".sst"}[state]; coarse || path.Ext(name) != holds {
					step = 1 + len(content)/campaign.Size(40, 200) // TestDamage looks after them
				}
				for at := 0; at < len(content); at += step {
					flipped := bytes.Clone(content)
					flipped[at] ^= 1 << (at % 8)
					noticed, err := everyByte(t, left.with(name, flipped), want)
					if err != nil {
						t.Errorf("byte %d of %s, %d long: %v", at, name, len(content), err)
					}
					if tried[name]++; !noticed {
						harmless[name]++
					}
				}
			}
			t.Logf("changes %v, harmless %v", tried, harmless)
		})
	}
}

// owner is the record that a byte of a block in the chain belongs to.
func owner(t *testing.T, first event.Position, value []byte, at int) event.Position {
	t.Helper()
	b, err := openBlock(first, value)
	if err != nil {
		t.Fatal(err)
	}
	for end := chainFront; ; {
		s, ok, err := b.next()
		if !ok || err != nil {
			t.Fatal(at, ok, err)
		}
		if end += len(s.raw); at < end {
			return s.position
		}
	}
}

// blames says whether an error is about a record.
func blames(err error, position event.Position) bool {
	return errors.Is(err, storage.ErrCorrupt) && strings.Contains(err.Error(), fmt.Sprintf("journal/record %d: ", position))
}

// TestChangedLog: whoever changes a bit behind the database's checksums is noticed, and the record that it
// belongs to is named, by Verify, by All, and by Stream.
func TestChangedLog(t *testing.T) {
	j := withChain(t, vfs.NewMem(), true)
	defer closed(t, j)
	triples(t, j, 4)
	for first := event.Position(1); first <= 12; first += 3 {
		good, ok, err := j.get(logKey(first))
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		step := campaign.Size(3, 1) // of each byte two bits or three
		if coarse {
			step = 29
		}
		for i := 0; i < 8*len(good); i += step {
			value := bytes.Clone(good)
			value[i/8] ^= 1 << (i % 8)
			set(t, j, logKey(first), value)
			who := owner(t, first, good, i/8)
			if err := j.Verify(ctx); !blames(err, who) {
				t.Fatalf("bit %d of byte %d of the block at %d: verify: got %v, want record %d", i%8, i/8, first, err, who)
			}
			if got, err := readAll(j); !blames(err, who) || len(got) >= int(who) {
				t.Fatalf("bit %d of byte %d of the block at %d: all: got %d records, %v, want record %d", i%8, i/8, first, len(got), err, who)
			}
			for k, stream := range []string{"t/a", "t/b", "u/c"} { // those of other records may need it or not
				if err := drain(j.Stream(ctx, stream, 0)); !blames(err, who) && (err != nil || k == int(who-1)%3) {
					t.Fatalf("byte %d of the block at %d: stream %s: got %v, want record %d", i/8, first, stream, err, who)
				}
			}
		}
		set(t, j, logKey(first), good)
	}
	if err := j.Verify(ctx); err != nil {
		t.Error(err)
	}
}

func set(t testing.TB, j *Journal, key, value []byte) {
	t.Helper()
	if err := j.db.Set(key, value, cockroach.NoSync); err != nil {
		t.Fatal(err)
	}
}

// TestChangedIndex: the same for the entries of the index, key and value.
func TestChangedIndex(t *testing.T) {
	j := withChain(t, vfs.NewMem(), true)
	defer closed(t, j)
	triples(t, j, 4)
	records, err := readAll(j)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		key := appendIndexKey(nil, r.Stream, r.Version)
		entry := append(bytes.Clone(key), positionValue(r.Position)...)
		for i := 8; i < 8*len(entry); i += campaign.Size(3, 1) { // the first byte is that of the space
			changed := bytes.Clone(entry)
			changed[i/8] ^= 1 << (i % 8)
			if err := j.db.Delete(key, cockroach.NoSync); err != nil {
				t.Fatal(err)
			}
			set(t, j, changed[:len(key)], changed[len(key):])
			if err := j.Verify(ctx); !errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), "journal/") {
				t.Fatalf("bit %d of the entry of %s: got %v", i, r.ID(), err)
			}
			if err := j.db.Delete(changed[:len(key)], cockroach.NoSync); err != nil {
				t.Fatal(err)
			}
			for _, r := range records { // it may have been on top of another one
				set(t, j, appendIndexKey(nil, r.Stream, r.Version), positionValue(r.Position))
			}
		}
	}
	if err := j.Verify(ctx); err != nil {
		t.Error(err)
	}
}
