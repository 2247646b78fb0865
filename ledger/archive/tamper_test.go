package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/archive"
	"github.com/payrules/payrules/money"
)

// records are n records of an account's stream, from a version on.
func records(account string, first event.Version, n int) []event.Record {
	var all []event.Record
	for v := first; v < first+event.Version(n); v++ {
		r := event.Record{
			Event:  event.Event{Type: "account.entry_booked.v1", Data: fmt.Appendf(nil, `{"transfer":"pay-%d","amount":{"amount":"12.34","currency":"EUR"}}`, v)},
			Stream: event.Stream("account", account), Version: v, Position: 100 * event.Position(v), At: money.FromUnixMicro(1_772_366_400_000_000 + 1_000_003*int64(v)),
		}
		if v%2 == 1 {
			r.Key, r.Digest, r.TraceParent = fmt.Sprint("pay ", v), [32]byte{0xab, 31: byte(v)}, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
		}
		all = append(all, r)
	}
	return all
}

// segmentOf is what describes them, as if none was an entry.
func segmentOf(account string, all []event.Record) ledger.Segment {
	balance, last := money.New(0, money.EUR), all[len(all)-1]
	return ledger.Segment{
		Account: account, First: all[0].Version, Last: last.Version, LastAt: last.Position, Opening: balance, Closing: balance,
	}
}

// each yields what a slice holds.
func each(all []event.Record) func(func(event.Record, error) bool) {
	return func(yield func(event.Record, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// bank is an archive in a new folder with so many segments of an account, of 5 records each.
func bank(t testing.TB, account string, n int) (dir string, f *archive.Folder, segments []ledger.Segment) {
	dir = filepath.Join(t.TempDir(), "archive")
	f, err := archive.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir, f, add(t, f, account, n)
}

func add(t testing.TB, f *archive.Folder, account string, n int) (segments []ledger.Segment) {
	for i := range n {
		all := records(account, event.Version(5*i+1), 5)
		s, err := f.Put(t.Context(), segmentOf(account, all), each(all))
		if err != nil {
			t.Fatal(err)
		}
		segments = append(segments, s)
	}
	return segments
}

// list is the segments of an account, up to an error.
func list(f *archive.Folder, account string) (all []ledger.Segment, err error) {
	for s, err := range f.Segments(context.Background(), account) {
		if err != nil {
			return all, err
		}
		all = append(all, s)
	}
	return all, nil
}

// read is the records of a segment, up to an error.
func read(f *archive.Folder, s ledger.Segment) (all []event.Record, err error) {
	for r, err := range f.Records(context.Background(), s) {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

// wantCorrupt wants an error of damage that names the file.
func wantCorrupt(t testing.TB, story string, err error, file string) {
	t.Helper()
	if !errors.Is(err, ledger.ErrCorrupt) || errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), file) {
		t.Errorf("%s: got %v, want ErrCorrupt alone, with %s", story, err, file)
	}
}

// TestTamper changes every byte of a file, in several ways. It is noticed before the first record comes, or changes nothing. (In
// gzip some bits mean nothing: those that fill up the last byte, say.)
func TestTamper(t *testing.T) {
	dir, f, segments := bank(t, "savings-7", 2)
	name := archive.Path(dir, segments[0])
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := records("savings-7", 1, 5)
	header := bytes.Index(good, []byte("}\n\x1f\x8b")) + 2
	flips := []byte{1, 0x80, 0xff}
	if campaign.Long() {
		flips = []byte{1, 2, 4, 8, 16, 32, 64, 128, 0x55, 0xff}
	}
	harmless := 0
	try := func(story string, at int, bad []byte) {
		t.Helper()
		if err := rewrite(name, func([]byte) []byte { return bad }); err != nil {
			t.Fatal(err)
		}
		got, err := read(f, segments[0])
		if err == nil {
			harmless++
			if diff := cmp.Diff(want, got); diff != "" || at < header+10 {
				t.Fatalf("%s: it was not noticed:\n%s", story, diff)
			}
			return
		}
		wantCorrupt(t, story, err, name)
		if len(got) > 0 {
			t.Errorf("%s: %d records before the error", story, len(got))
		}
		if _, err := list(f, "savings-7"); at < header {
			wantCorrupt(t, story+": segments", err, name)
		} else if err != nil {
			t.Errorf("%s: segments: got %v, though the header is what it was", story, err)
		}
		if s, err := f.Put(t.Context(), segments[0], each(want)); err == nil { // it would drop the records
			t.Errorf("%s: put again is called done: %+v", story, s)
		}
	}
	for i := range good {
		for _, flip := range flips {
			bad := slices.Clone(good)
			bad[i] ^= flip
			try(fmt.Sprintf("byte %d of %d ^ %#x", i, len(good), flip), i, bad)
		}
		try(fmt.Sprintf("byte %d of %d gone", i, len(good)), i, slices.Delete(slices.Clone(good), i, i+1))
		try(fmt.Sprintf("a byte more at %d of %d", i, len(good)), i, slices.Insert(slices.Clone(good), i, good[i]+1))
		try(fmt.Sprintf("cut off at %d of %d", i, len(good)), i, good[:i])
	}
	for _, more := range [][]byte{{0}, {'\n'}, good[header:], good} {
		try("something behind the end", len(good), slices.Concat(good, more))
	}
	if harmless > 40*len(flips) {
		t.Errorf("%d changes went unnoticed", harmless)
	}
	t.Logf("%d bytes, header %d: %d changes changed nothing", len(good), header, harmless)
	try("as it was", len(good), good)
}

// TestSwapped: whole files in the place of others.
func TestSwapped(t *testing.T) {
	dir, f, mine := bank(t, "savings-7", 3)
	other := add(t, f, "savings-8", 3)
	wholly := func(s ledger.Segment) []byte {
		b, err := os.ReadFile(archive.Path(dir, s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	otherBank, f2, _ := bank(t, "savings-6", 1)
	changed := records("savings-7", 6, 5)
	changed[2].Data = []byte(`{"amount":{"amount":"0.01","currency":"EUR"}}`)
	before := records("savings-7", 1, 5)
	if _, err := f2.Put(t.Context(), segmentOf("savings-7", before), each(before)); err != nil {
		t.Fatal(err)
	}
	forged, err := f2.Put(t.Context(), segmentOf("savings-7", changed), each(changed))
	if err != nil {
		t.Fatal(err)
	}
	forgery, err := os.ReadFile(archive.Path(otherBank, forged))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		story    string
		place    ledger.Segment
		with     []byte
		segments string // the file that Segments names
	}{
		{"another account's", mine[1], wholly(other[1]), archive.Path(dir, mine[1])},
		{"an earlier one", mine[1], wholly(mine[0]), archive.Path(dir, mine[1])},
		{"a later one", mine[1], wholly(mine[2]), archive.Path(dir, mine[1])},
		{"a forgery, whole in itself", mine[1], forgery, archive.Path(dir, mine[2])}, // seen by the one behind
		{"an empty one", mine[1], nil, archive.Path(dir, mine[1])},
		{"no archive file", mine[1], bytes.Repeat([]byte("x"), 10_000), archive.Path(dir, mine[1])},
		{"another version of the format", mine[1], bytes.Replace(wholly(mine[1]), []byte("archive 1\n"), []byte("archive 2\n"), 1), archive.Path(dir, mine[1])},
	} {
		good := wholly(row.place)
		name := archive.Path(dir, row.place)
		if err := rewrite(name, func([]byte) []byte { return row.with }); err != nil {
			t.Fatal(err)
		}
		_, err := list(f, "savings-7")
		wantCorrupt(t, row.story+": segments", err, row.segments)
		got, err := read(f, row.place)
		wantCorrupt(t, row.story+": records", err, name)
		if len(got) > 0 {
			t.Errorf("%s: %d records before the error", row.story, len(got))
		}
		if err := rewrite(name, func([]byte) []byte { return good }); err != nil {
			t.Fatal(err)
		}
	}
	// Records that were altered and compressed again pass gzip's own check, and not the sum.
	name := archive.Path(dir, mine[1])
	good := wholly(mine[1])
	altered, err := archive.Repack(good, func(b []byte) []byte { return bytes.Replace(b, []byte("12.34"), []byte("92.34"), 1) })
	if err != nil || bytes.Equal(altered, good) {
		t.Fatal("not altered", err)
	}
	if err := rewrite(name, func([]byte) []byte { return altered }); err != nil {
		t.Fatal(err)
	}
	got, err := read(f, mine[1])
	if wantCorrupt(t, "altered, compressed again", err, name); len(got) > 0 {
		t.Errorf("altered, compressed again: %d records before the error", len(got))
	}
	if err := rewrite(name, func([]byte) []byte { return good }); err != nil {
		t.Fatal(err)
	}
	// Nothing is put behind a file that is not its own.
	if err := rewrite(archive.Path(dir, mine[2]), func([]byte) []byte { return wholly(other[2]) }); err != nil {
		t.Fatal(err)
	}
	next := records("savings-7", 16, 5)
	_, err = f.Put(t.Context(), segmentOf("savings-7", next), each(next))
	wantCorrupt(t, "put behind another account's", err, archive.Path(dir, mine[2]))
	// A missing one is named, and so is what cannot be put behind it.
	if err := os.Remove(archive.Path(dir, mine[1])); err != nil {
		t.Fatal(err)
	}
	_, err = list(f, "savings-7")
	wantCorrupt(t, "missing: segments", err, archive.Path(dir, mine[1]))
	_, err = read(f, mine[1])
	wantCorrupt(t, "missing: records", err, archive.Path(dir, mine[1]))
	middle := records("savings-7", 6, 5)
	_, err = f.Put(t.Context(), segmentOf("savings-7", middle), each(middle))
	wantCorrupt(t, "missing: put", err, archive.Path(dir, mine[1]))
}
