package cap

import (
	"slices"
	"testing"

	"github.com/payrules/payrules/event"
	"pgregory.net/rapid"
)

// The hashes stand in snapshots: they may never change.
func TestHashGolden(t *testing.T) {
	for id, want := range map[string]uint64{
		"a":                0xd73950a45dd3a1c2,
		"ab":               0x92b29a14313b5f95,
		"abc":              0x6434c7ea370aa985,
		"abcd":             0x6b0440c876ae174d,
		"abcdefg":          0x740085d26596bd8d,
		"abcdefgh":         0x91b614a656a806ec,
		"abcdefghi":        0xb6a4fa1efee218bf,
		"0123456789abcdef": 0xc42c534b83e8c7c2,
		"pay-981":          0xffe68db1b1020309,
		"é":                0xd51255b232ed0d23,
		"a rather longer id, of the kind that card schemes hand out": 0x886ef267f57d6b65,
	} {
		if got, err := hashID(id); err != nil || got != want {
			t.Errorf("%q: got %#x %v, want %#x", id, got, err, want)
		}
	}
}

// The hash takes exactly the ids that event.ValidateKey takes.
func TestHashValidates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(rapid.String(), rapid.StringN(0, 300, 300), rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(b []byte) string {
			return string(b)
		})).Draw(t, "id")
		_, err := hashID(id)
		if want := event.ValidateKey(id); (err == nil) != (want == nil) {
			t.Fatalf("%q: got %v, want %v", id, err, want)
		}
	})
	for c := range 256 { // each byte in each place of a word
		for n := range 20 {
			id := []byte("abcdefghijklmnopqrst")
			id[n] = byte(c)
			_, err := hashID(string(id))
			if want := event.ValidateKey(string(id)); (err == nil) != (want == nil) {
				t.Fatalf("%q: got %v, want %v", id, err, want)
			}
		}
	}
}

// Ids that differ in one bit, or in length alone, have different hashes.
func TestHashTellsApart(t *testing.T) {
	seen := map[uint64]string{}
	note := func(id string) {
		h, err := hashID(id)
		if err != nil {
			return
		}
		if other, ok := seen[h]; ok && other != id {
			t.Fatalf("%q and %q have the same hash", id, other)
		}
		seen[h] = id
	}
	for n := 1; n <= 40; n++ {
		id := make([]byte, n)
		for i := range id {
			id[i] = '0'
		}
		note(string(id))
		for bit := range 8 * n {
			id[bit/8] ^= 1 << (bit % 8)
			note(string(id))
			id[bit/8] ^= 1 << (bit % 8)
		}
	}
}

// The ring keeps what a slice would keep, wherever it starts and however it grows.
func TestRing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.IntRange(0, 4).Draw(t, "base")
		r := ring{}
		r.resize(base, 1)
		var want []slot
		for i := range rapid.IntRange(0, 60).Draw(t, "steps") {
			switch {
			case r.n > 0 && rapid.IntRange(0, 2).Draw(t, "what") == 0:
				k := rapid.IntRange(0, r.n).Draw(t, "drop")
				r.drop(k)
				want = want[k:]
			case r.full():
				r.resize(base, roomFor(r.n+1))
			default:
				p := rapid.IntRange(0, r.n).Draw(t, "place")
				e := slot{a: int64(i)}
				want = slices.Insert(slices.Clone(want), p, e)
				r.n++
				r.shift(p)
				*r.at(p) = e
			}
			if r.n != len(want) {
				t.Fatalf("got %d entries, want %d", r.n, len(want))
			}
			for i := range want {
				if *r.at(i) != want[i] {
					t.Fatalf("entry %d: got %v, want %v", i, *r.at(i), want[i])
				}
			}
		}
	})
}

// What an entry counts for in each state.
func TestCounted(t *testing.T) {
	for _, amount := range []int64{0, 1, 7, MaxAmount} {
		for _, opened := range []int64{0, opens, maskOpens} {
			for _, row := range []struct{ state, amount, count int64 }{
				{0, amount, 1}, {captured, amount, 1}, {part, amount, 0}, {credit, -amount, 0},
				{void, 0, 0}, {void | captured, 0, 0}, {void | expired, 0, 0}, {void | credit, 0, 0}, {void | part, 0, 0},
			} {
				e := slot{b: amount | row.state | opened}
				if a, n := e.counted(); a != row.amount || n != row.count || e.live() != (row.state&void == 0) || e.b&amountMask != amount {
					t.Errorf("%d in state %#x: got %d, %d", amount, uint64(row.state), a, n)
				}
			}
		}
	}
}
