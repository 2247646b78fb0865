package storage_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// chainRecords are of every shape that there is.
func chainRecords() []event.Record {
	at := time.Date(2026, 3, 29, 1, 59, 59, 999_999_000, time.UTC)
	return []event.Record{
		{
			Event:  event.Event{Type: "cap.authorized.v1", Data: []byte(`{"id":"pay-981"}`)},
			Stream: "cap/card-42", Version: 1, Position: 1, At: at,
			Key: "pay-981", Digest: [32]byte{0: 0xd1, 31: 0x9e},
		},
		{
			Event: event.Event{Type: "ledger.posted.v12", Data: []byte(`{}`),
				TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
			Stream: "ledger/Kontoführung", Version: 1 << 40, Position: 2, At: at.Add(time.Microsecond),
		},
	}
}

// TestChainGolden: the hashes are those that banks keep. They were computed by another program, from the form in
// the doc of Chain, and never change.
func TestChainGolden(t *testing.T) {
	var hash storage.Hash
	for i, want := range []string{
		"bd850f1b62aea0033e50c9de03c873ef919b5a262d2ff6682af2c502180e8f81",
		"c6a739f0ea49c57d38f3fd86e2978775172fc31a05d93e4287af674365c0a33d",
	} {
		hash = storage.Chain(hash, chainRecords()[i])
		if hash.String() != want {
			t.Errorf("record %d: got %s, want %s", i+1, hash, want)
		}
	}
	record := chainRecords()[1]
	record.At = record.At.In(time.FixedZone("", 3600)) // the same instant
	if got := storage.Chain(storage.Chain(storage.Hash{}, chainRecords()[0]), record); got != hash {
		t.Errorf("at another place on earth: got %s, want %s", got, hash)
	}
}

// alterations are the ways to change one field of a record.
var alterations = map[string]func(*event.Record){
	"position":            func(r *event.Record) { r.Position++ },
	"version":             func(r *event.Record) { r.Version++ },
	"at":                  func(r *event.Record) { r.At = r.At.Add(time.Microsecond) },
	"stream":              func(r *event.Record) { r.Stream += "0" },
	"type":                func(r *event.Record) { r.Type += "0" },
	"traceparent":         func(r *event.Record) { r.TraceParent += "0" },
	"key":                 func(r *event.Record) { r.Key += "0" },
	"digest":              func(r *event.Record) { r.Digest[17] ^= 1 },
	"data":                func(r *event.Record) { r.Data = append([]byte(" "), r.Data...) },
	"data's end":          func(r *event.Record) { r.Data = append(append([]byte(nil), r.Data...), ' ') },
	"from type to stream": func(r *event.Record) { r.Stream, r.Type = r.Stream+r.Type[:1], r.Type[1:] },
	"from key to traceparent": func(r *event.Record) {
		r.TraceParent, r.Key = r.TraceParent+r.Key, ""
		if r.TraceParent == "" {
			r.TraceParent = "x"
		}
	},
}

// TestChainEveryField: another field, hash before, or border between two fields is another hash.
func TestChainEveryField(t *testing.T) {
	for _, r := range chainRecords() {
		want := storage.Chain(storage.Hash{1}, r)
		if got := storage.Chain(storage.Hash{2}, r); got == want {
			t.Errorf("%s: the hash before does not matter", r.ID())
		}
		for name, change := range alterations {
			changed := r
			if change(&changed); name == "from key to traceparent" && r.Key == "" {
				continue
			}
			if got := storage.Chain(storage.Hash{1}, changed); got == want {
				t.Errorf("%s: %s does not matter", r.ID(), name)
			}
		}
	}
}

// TestChainUnambiguous: two records have the same hash only if they are equal, also of fields that flow over.
func TestChainUnambiguous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ab]{0,3}`)
		draw := func(label string) [5]string {
			var parts [5]string
			for i := range parts {
				parts[i] = text.Draw(t, label)
			}
			return parts
		}
		hash := func(p [5]string) storage.Hash {
			return storage.Chain(storage.Hash{}, event.Record{Stream: p[0], Key: p[1],
				Event: event.Event{Type: p[2], TraceParent: p[3], Data: []byte(p[4])}})
		}
		if a, b := draw("a"), draw("b"); (a == b) != (hash(a) == hash(b)) {
			t.Fatalf("%q and %q: equal is %v", a, b, hash(a) == hash(b))
		}
	})
}

func TestChainAllocatesNothing(t *testing.T) {
	r := chainRecords()[1]
	r.Stream, r.Key, r.Data = "t/"+strings.Repeat("s", event.MaxName-2), strings.Repeat("k", event.MaxName), make([]byte, 10_000)
	var hash storage.Hash
	if n := testing.AllocsPerRun(100, func() { hash = storage.Chain(hash, r) }); n != 0 {
		t.Errorf("got %v allocations", n)
	}
	r.Stream = strings.Repeat("s", 10_000) // of a broken store: no bound, but also no panic
	if storage.Chain(hash, r) == hash {
		t.Error("the same hash")
	}
}

func TestSealJSON(t *testing.T) {
	seal := storage.Seal{Position: 12, Hash: storage.Chain(storage.Hash{}, chainRecords()[0])}
	text, err := json.Marshal(seal)
	const want = `{"position":12,"hash":"bd850f1b62aea0033e50c9de03c873ef919b5a262d2ff6682af2c502180e8f81"}`
	if err != nil || string(text) != want {
		t.Fatalf("got %s, %v, want %s", text, err, want)
	}
	var got storage.Seal
	if err := json.Unmarshal(text, &got); err != nil || got != seal {
		t.Errorf("got %v, %v, want %v", got, err, seal)
	}
	for _, bad := range []string{"", "bd", strings.Repeat("b", 63), strings.Repeat("b", 65), strings.Repeat("g", 64), strings.Repeat("b", 66)} {
		if err := got.Hash.UnmarshalText([]byte(bad)); !errors.Is(err, storage.ErrInvalid) || got != seal {
			t.Errorf("%q: got %v, %v", bad, got, err)
		}
	}
}

func BenchmarkChain(b *testing.B) {
	var hash storage.Hash
	r := chainRecords()[0]
	b.ReportAllocs()
	for b.Loop() {
		hash = storage.Chain(hash, r)
	}
}
