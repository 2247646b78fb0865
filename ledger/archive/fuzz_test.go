package archive_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/archive"
)

// FuzzFile puts any bytes in the place of a file. Whatever they are, there is an error, or a segment whose records can be put
// elsewhere and get the same Sum there. Where the sums do not fit they are made to, so that the fuzzer comes past them.
func FuzzFile(f *testing.F) {
	dir, a, segments := bank(f, "a", 2)
	name := archive.Path(dir, segments[0])
	good, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, false)
	f.Add(good[:len(good)/2], true)
	f.Add([]byte("payrules ledger archive 1\n"), false)
	f.Add([]byte{}, false)
	f.Add(bytes.Replace(good, []byte(`"last":5`), []byte(`"last":6`), 1), true)
	f.Add(bytes.Replace(good, []byte(`"first":1`), []byte(`"first":0`), 1), true)
	line, err := archive.Pack("a", []byte("1 1 1 1048576 account a.v1 - - \n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line, false)
	f.Fuzz(func(t *testing.T, b []byte, fit bool) {
		if fit {
			b = refit(b)
		}
		if err := rewrite(name, func([]byte) []byte { return b }); err != nil {
			t.Fatal(err)
		}
		all, _ := list(a, "a")
		if len(all) == 0 {
			return
		}
		first := all[0]
		var got []event.Record
		before := allocated()
		got, err := read(a, first)
		if more := allocated() - before; more > 4<<20+8*uint64(len(b))+payload(got) {
			t.Errorf("%d bytes took %d bytes of memory", len(b), more)
		}
		if err != nil {
			return
		}
		other, err := archive.Open(filepath.Join(t.TempDir(), "other"), nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := other.Put(t.Context(), first, each(got))
		if err != nil {
			t.Fatalf("what was read cannot be put: %v", err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("put again (-was +is):\n%s", diff)
		}
	})
}

// TestBomb: a small file that becomes a large one costs time and no memory, also where all of its sums are right.
func TestBomb(t *testing.T) {
	dir, f, segments := bank(t, "a", 1)
	const mebi = 1 << 20
	for story, content := range map[string][]byte{
		"a line without an end":       bytes.Repeat([]byte("0"), 8*mebi),
		"empty lines":                 bytes.Repeat([]byte("\n"), 8*mebi),
		"data that is not there":      []byte("1 1 1 1048576 account a.v1 - - \n"),
		"more data than there may be": slices.Concat([]byte("1 1 1 4194304 account a.v1 - - \n"), make([]byte, 4*mebi), []byte("\n")),
		"a negative length":           []byte("1 1 1 -1 account a.v1 - - \nx\n"),
		"a length of 64 bits":         []byte("1 1 1 18446744073709551615 account a.v1 - - \nx\n"),
	} {
		b, err := archive.Pack("a", content)
		if err != nil {
			t.Fatal(err)
		}
		if err := rewrite(archive.Path(dir, segments[0]), func([]byte) []byte { return b }); err != nil {
			t.Fatal(err)
		}
		all, err := list(f, "a")
		if err != nil {
			t.Fatalf("%s: the header was to be right: %v", story, err)
		}
		before := allocated()
		got, err := read(f, all[0])
		more := allocated() - before
		wantCorrupt(t, story, err, archive.Path(dir, segments[0]))
		if len(got) > 0 || more > 2*mebi {
			t.Errorf("%s: %d bytes: %d records, %d bytes of memory", story, len(b), len(got), more)
		}
	}
	// One that says how little it holds is not read further than that.
	b, err := archive.Pack("a", bytes.Repeat([]byte("0"), 8*mebi))
	if err != nil {
		t.Fatal(err)
	}
	b = refit(bytes.Replace(b, fmt.Appendf(nil, " %020d\n", 8*mebi), fmt.Appendf(nil, " %020d\n", 8*event.MaxData-1), 1))
	if err := rewrite(archive.Path(dir, segments[0]), func([]byte) []byte { return b }); err != nil {
		t.Fatal(err)
	}
	all, err := list(f, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(f, all[0]); err == nil || !strings.Contains(err.Error(), "more than its header says") {
		t.Errorf("a byte more than the header says: got %v", err)
	}
}

// refit writes the sum of the header anew.
func refit(b []byte) []byte {
	lines := bytes.SplitAfterN(b, []byte("\n"), 5)
	if len(lines) < 5 {
		return b
	}
	sum := sha256.Sum256(bytes.Join([][]byte{lines[0], lines[2], lines[3]}, nil))
	lines[1] = fmt.Appendf(nil, "sum %s\n", ledger.Sum(sum))
	return bytes.Join(lines, nil)
}

// payload is what records hold.
func payload(all []event.Record) uint64 {
	n := 0
	for _, r := range all {
		n += 1024 + 2*len(r.Data)
	}
	return uint64(n)
}

// allocated is how many bytes were ever asked for.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
