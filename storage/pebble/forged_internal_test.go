package pebble

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	cockroach "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// forge writes the records from a position on anew, with the data of that one changed. Own makes the hash of
// the record right, and rest those of all after it.
func forge(t *testing.T, j *Journal, position event.Position, own, rest bool) {
	t.Helper()
	var before storage.Hash
	for first := event.Position(1); first <= j.head(); first += 3 {
		value, ok, err := j.get(logKey(first))
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		b, err := openBlock(first, value)
		if err != nil {
			t.Fatal(err)
		}
		out := bytes.Clone(value[:chainFront])
		if rest {
			out = appendFront(nil, b.since, before)
		}
		for {
			s, ok, err := b.next()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			r, err := decodeBody(s.raw[chainHeader:], s.position)
			if err != nil {
				t.Fatal(err)
			}
			was := s.before
			if r.Position == position {
				r.Data = append([]byte(`{"forged":true,`), r.Data[1:]...)
			}
			if rest && r.Position > position {
				was = before[:]
			}
			start := len(out)
			if out, before = appendChained(out, &r, storage.Hash(was)); !rest && (r.Position != position || !own) {
				copy(out[start+4+linkSize:], s.hash())
				before = storage.Hash(s.hash())
			}
		}
		set(t, j, logKey(first), out)
	}
}

// sealed is a journal of 12 records in 4 blocks, with the seal after each.
func sealed(t *testing.T) (j *Journal, disk *vfs.MemFS, seals []storage.Seal) {
	t.Helper()
	disk = vfs.NewMem()
	j = withChain(t, disk, true)
	for range 4 {
		triples(t, j, 1)
		seal, err := j.Seal(ctx)
		if err != nil {
			t.Fatal(err)
		}
		seals = append(seals, seal)
	}
	return j, disk, seals
}

// TestForged: an attacker who knows the format, and writes what the database takes for good.
func TestForged(t *testing.T) {
	for position := event.Position(1); position <= 12; position++ {
		for _, c := range []struct {
			story     string
			own, rest bool
			alone     event.Position // that Verify names without a seal, 0 for none
			withSeals event.Position // and with them
		}{
			{story: "another content", alone: position, withSeals: position},
			{story: "another content and its own hash", own: true, alone: position % 12, withSeals: position},
			{story: "another content and all hashes", own: true, rest: true, withSeals: (position-1)/3*3 + 1},
		} {
			j, disk, seals := sealed(t)
			forge(t, j, position, c.own, c.rest)
			if c.own && !c.rest && position%3 == 0 {
				c.withSeals = position - 2 // the seal at it comes before the record after it, and knows from where on
			}
			err := j.Verify(ctx)
			if c.alone == 0 && err != nil || c.alone != 0 && !blames(err, c.alone) {
				t.Errorf("record %d with %s: got %v, want record %d", position, c.story, err, c.alone)
			}
			slices.Reverse(seals)
			if err := j.Verify(ctx, seals...); !blames(err, c.withSeals) {
				t.Errorf("record %d with %s, with seals: got %v, want record %d", position, c.story, err, c.withSeals)
			}
			got, err := readAll(j)
			if c.alone == 0 && err != nil || c.alone != 0 && !blames(err, c.alone) {
				t.Errorf("record %d with %s: all: got %d records, %v, want record %d", position, c.story, len(got), err, c.alone)
			}
			closed(t, j)
			options := small(disk)
			options.Chain = true
			j, err = Open("journal", options)
			if c.alone == 0 && err != nil || c.alone != 0 && !blames(err, c.alone) {
				t.Errorf("record %d with %s: open: got %v, want record %d", position, c.story, err, c.alone)
			}
			if err == nil {
				closed(t, j)
			}
		}
	}
}

// TestForgedBlocks: whole blocks in other forms, and the index.
func TestForgedBlocks(t *testing.T) {
	plain := func(t *testing.T, j *Journal, first event.Position, n int) []byte {
		t.Helper()
		records, err := readAll(j)
		if err != nil {
			t.Fatal(err)
		}
		block := []byte{blockFormat}
		for _, r := range records[first-1:][:n] {
			block = appendRecord(block, &r)
		}
		return block
	}
	entry := func(stream string, version event.Version) []byte { return appendIndexKey(nil, stream, version) }
	remove := func(keys ...[]byte) func(*testing.T, *Journal) {
		return func(t *testing.T, j *Journal) {
			t.Helper()
			for _, key := range keys {
				if err := j.db.Delete(key, cockroach.NoSync); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	put := func(key []byte, position event.Position) func(*testing.T, *Journal) {
		return func(t *testing.T, j *Journal) { t.Helper(); set(t, j, key, positionValue(position)) }
	}
	for _, c := range []struct {
		story  string
		change func(*testing.T, *Journal)
		want   string
	}{
		{"a block out of the chain", func(t *testing.T, j *Journal) { set(t, j, logKey(4), plain(t, j, 4, 3)) },
			"record 4: cannot be read: not a record: it stands outside of the hash chain, which begins at 1"},
		{"a second block inside of another", func(t *testing.T, j *Journal) {
			records, err := readAll(j)
			if err != nil {
				t.Fatal(err)
			}
			set(t, j, logKey(5), chained(records[4:5], 1, storage.Chain(storage.Hash{}, records[3])))
		}, "record 5: is there twice"},
		{"time that goes back, with the right hashes", func(t *testing.T, j *Journal) {
			records, err := readAll(j)
			if err != nil {
				t.Fatal(err)
			}
			records[10].At = records[0].At
			set(t, j, logKey(10), chained(records[9:], 1, sealOf(t, j, 9).Hash))
		}, "before the record before it"},
		{"something before the first record", func(t *testing.T, j *Journal) {
			records, err := readAll(j)
			if err != nil {
				t.Fatal(err)
			}
			set(t, j, logKey(1), chained(records[:3], 1, storage.Hash{1}))
		}, "record 1: cannot be read: not a record: there is a hash before it"},
		{"a key that is none", func(t *testing.T, j *Journal) { set(t, j, append(logKey(4), 0), nil) }, "is not one of the log"},
		{"a block is gone", remove(logKey(7)), "record 7: is missing, and so are those up to 9"},
		{"the first block is gone", remove(logKey(1)), "record 1: is missing, and so are those up to 3"},
		{"the last block is gone", remove(logKey(10)), "record 10: is missing"},
		{"the first entry of a stream is gone", remove(entry("t/b", 1)), "t/b@1: is not in the index"},
		{"an entry amid a stream is gone", remove(entry("t/b", 3)), "t/b@3: is not in the index"},
		{"the last entry of a stream is gone", remove(entry("t/b", 4)), "record 11: is not in the index"},
		{"two last entries are gone", remove(entry("t/b", 4), entry("t/a", 4)), "record 10: is not in the index"},
		{"a whole stream is gone", remove(entry("u/c", 1), entry("u/c", 2), entry("u/c", 3), entry("u/c", 4)), "record 3: is not in the index"},
		{"an entry too many at the end of a stream", put(entry("t/a", 5), 12), "t/a@5: stands at 12 in the index, where the log has u/c@4"},
		{"an entry that points behind the end", put(entry("t/a", 5), 1<<40), "t/a@5: stands at 1099511627776 in the index, where the log has no record"},
		{"a stream too many", put(entry("t/z", 1), 2), "t/z@1: stands at 2 in the index, where the log has t/b@1"},
		{"an entry points elsewhere", put(entry("t/a", 4), 11), "record 10: stands at 11 in the index"},
		{"an entry points back", put(entry("t/a", 2), 1), "t/a@2: stands at 1 in the index, and the version before it at 1"},
		{"an entry that is none", func(t *testing.T, j *Journal) { set(t, j, []byte("it/a"), []byte("x")) }, "is not an entry of the index"},
	} {
		t.Run(strings.ReplaceAll(c.story, " ", "_"), func(t *testing.T) {
			j, _, _ := sealed(t)
			defer closed(t, j)
			c.change(t, j)
			if err := j.Verify(ctx); !errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestRewrittenWhole: only a seal kept elsewhere tells of a journal that was written anew, or cut back.
func TestRewrittenWhole(t *testing.T) {
	j, disk, seals := sealed(t)
	closed(t, j)
	other := vfs.NewMem()
	j = withChain(t, other, true)
	triples(t, j, 4) // at another time
	if err := j.Verify(ctx); err != nil {
		t.Error(err)
	}
	if err := j.Verify(ctx, seals[1]); !blames(err, 1) {
		t.Errorf("written anew: got %v", err)
	}
	if err := j.Verify(ctx, storage.Seal{}); err != nil {
		t.Errorf("the seal of an empty journal: got %v", err)
	}
	if err := j.Verify(ctx, storage.Seal{Hash: seals[0].Hash}); !errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("a seal that cannot be: got %v", err)
	}
	closed(t, j)

	j = withChain(t, disk, true)
	b := j.db.NewBatch()
	for _, stream := range []string{"t/a", "t/b", "u/c"} {
		if err := b.Delete(appendIndexKey(nil, stream, 4), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(b.Delete(logKey(10), nil), j.db.Apply(b, cockroach.Sync)); err != nil {
		t.Fatal(err)
	}
	closed(t, j)
	left := readFiles(t, disk, "journal")
	mark := slices.Clone(left[markName])
	encodeMark(mark, 9)
	encodeMark(mark[markStride:], 9)
	j = withChain(t, left.with(markName, mark).disk(t), true)
	defer closed(t, j)
	if err := j.Verify(ctx, seals[:3]...); err != nil {
		t.Errorf("cut back: got %v", err)
	}
	if err := j.Verify(ctx, seals...); !blames(err, 10) || !strings.Contains(err.Error(), "there is a seal at 12") {
		t.Errorf("cut back: got %v", err)
	}
}

// TestChainBeginsLater: a journal without the chain that is opened with it goes on in the chain, on top of what it
// held then; and whoever opens it without is told.
func TestChainBeginsLater(t *testing.T) {
	disk := vfs.NewMem()
	j := withChain(t, disk, false)
	triples(t, j, 2)
	if _, err := j.Seal(ctx); err == nil || !strings.Contains(err.Error(), "Options.Chain") {
		t.Errorf("seal without a chain: got %v", err)
	}
	closed(t, j)
	closed(t, withChain(t, disk, true))  // nothing is appended
	closed(t, withChain(t, disk, false)) // so nothing began

	j = withChain(t, disk, true)
	if seal, err := j.Seal(ctx); err != nil || seal != sealOf(t, j, 12) {
		t.Errorf("seal: got %v, %v, want %v", seal, err, sealOf(t, j, 12))
	}
	triples(t, j, 1)
	closed(t, j)
	before := readFiles(t, disk, "journal")
	_, err := Open("journal", small(disk))
	if err == nil || errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), "hash chain since record 7, and Options.Chain is not set") {
		t.Errorf("without the option: got %v", err)
	}
	if now := readFiles(t, disk, "journal"); !reflect.DeepEqual(now, before) {
		t.Error("without the option: the files changed")
	}

	j = withChain(t, disk, true)
	defer closed(t, j)
	triples(t, j, 1)
	seal, err := j.Seal(ctx)
	if err != nil || seal.Position != 12 || seal != sealOf(t, j, 12) {
		t.Errorf("seal: got %v, %v, want %v", seal, err, sealOf(t, j, 12))
	}
	if err := j.Verify(ctx, seal); err != nil {
		t.Error(err)
	}
	if value, ok, err := j.get(logKey(7)); !ok || err != nil || binary.BigEndian.Uint64(value[1:]) != 7 {
		t.Errorf("the block at 7: %x, %v, %v", value, ok, err)
	}

	records, err := readAll(j)
	if err != nil {
		t.Fatal(err)
	}
	records[4].Data = []byte(`{"n":1000}`)
	block := []byte{blockFormat}
	for _, r := range records[3:6] {
		block = appendRecord(block, &r)
	}
	set(t, j, logKey(4), block)
	for what, err := range map[string]error{"verify": j.Verify(ctx), "all": drain(j.All(ctx, 0))} {
		if !blames(err, 1) || !strings.Contains(err.Error(), "or one of those up to 6, is not what it was when the hash chain began") {
			t.Errorf("%s: an older record was changed: got %v", what, err)
		}
	}
}

// sealOf is the seal of a journal up to a position, by what it gives out.
func sealOf(t *testing.T, j *Journal, to storage.Position) (seal storage.Seal) {
	t.Helper()
	for r, err := range j.All(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Position <= to {
			seal = storage.Seal{Position: r.Position, Hash: storage.Chain(seal.Hash, r)}
		}
	}
	return seal
}

// TestVerifyMeanwhile: Verify finds nothing wrong in a journal that grows.
func TestVerifyMeanwhile(t *testing.T) {
	j := withChain(t, vfs.NewMem(), true)
	defer closed(t, j)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 300 {
			var batches []storage.Batch
			for k := range 20 {
				batches = append(batches, pair(fmt.Sprintf("%d-%d", i, k), 0, 10))
			}
			if _, err := j.Append(ctx, batches...); err != nil {
				t.Error(err)
			}
		}
	}()
	for n, growing := 0, true; growing; n++ {
		select {
		case <-done:
			growing = false
		default:
		}
		seal, err := j.Seal(ctx)
		if err := errors.Join(err, j.Verify(ctx, seal)); err != nil {
			t.Fatalf("after %d times: %v", n, err)
		}
	}
}
