package engine

import (
	"bytes"
	"errors"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/payrules/payrules/event"
	"pgregory.net/rapid"
)

// TestKeyTable holds the table against a map, with hashes that meet on purpose.
func TestKeyTable(t *testing.T) {
	rapid.Check(t, checkKeyTable)
}

func FuzzKeyTable(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(checkKeyTable))
}

func checkKeyTable(t *rapid.T) {
	var table keyTable
	model := map[uint32][]event.Version{}
	hashes := rapid.SampledFrom([]uint32{0, 1, 7, 8, 15, 16, 1 << 31, math.MaxUint32})
	for v := event.Version(1); v <= event.Version(rapid.IntRange(0, 60).Draw(t, "n")); v++ {
		h := hashes.Draw(t, "hash")
		if err := table.add(h, v); err != nil {
			t.Fatal(err)
		}
		model[h] = append(model[h], v)
	}
	written := table.appendTo(nil)
	read, rest, ok := readKeyTable(append(written, 'x'), 60)
	if !ok || string(rest) != "x" || read.n != table.n {
		t.Fatalf("read back: got %d keys, rest %q, %v", read.n, rest, ok)
	}
	for _, table := range []keyTable{table, read} {
		for h := range maps.Keys(model) {
			got := slices.Sorted(table.versions(h))
			if !slices.Equal(got, model[h]) {
				t.Fatalf("hash %d: got %v, want %v", h, got, model[h])
			}
		}
		for v := range table.versions(12345) {
			t.Fatalf("a hash that was never added: got %d", v)
		}
	}
	if len(table.slots) > 8 && 3*len(table.slots) > 8*table.n {
		t.Fatalf("%d slots for %d keys", len(table.slots), table.n)
	}
}

func TestKeyTableIsBounded(t *testing.T) {
	var table keyTable
	if err := table.add(1, math.MaxUint32+1); !errors.Is(err, errStreamFull) {
		t.Errorf("got %v, want errStreamFull", err)
	}
}

// FuzzReadKeyTable reads anything: it never panics, takes no more memory than its input warrants, and what it
// takes it writes back.
func FuzzReadKeyTable(f *testing.F) {
	var table keyTable
	for v := range event.Version(9) {
		_ = table.add(uint32(v)*77, v+1)
	}
	f.Add(table.appendTo(nil))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		table, rest, ok := readKeyTable(bytes.Clone(data), 100)
		if !ok {
			return
		}
		if len(table.slots) > 8+len(data) {
			t.Fatalf("%d slots from %d bytes", len(table.slots), len(data))
		}
		again, _, ok := readKeyTable(table.appendTo(nil), 100)
		if !ok || again.n != table.n || len(rest) > len(data) {
			t.Fatalf("does not read what it wrote: %d and %d keys", again.n, table.n)
		}
	})
}
