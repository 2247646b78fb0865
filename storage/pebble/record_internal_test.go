package pebble

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

var update = flag.Bool("update", false, "write the golden files")

// records are of every shape that there is.
func records() []event.Record {
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

// TestGolden: the bytes are those of the journals that banks keep. They never change; a new format gets a
// new number.
func TestGolden(t *testing.T) {
	block := []byte{blockFormat}
	for _, r := range records() {
		block = appendRecord(block, &r)
	}
	markBytes := make([]byte, markSlot)
	encodeMark(markBytes, 1_000_000)
	got := &strings.Builder{}
	for _, part := range []struct {
		name string
		data []byte
	}{
		{"log key of 258", logKey(258)},
		{"block", block},
		{"block in the hash chain", chained(records(), 1, storage.Hash{0: 0xbe, 31: 0xf0})},
		{"index key", appendIndexKey(nil, "cap/card-42", 258)},
		{"snapshot key", snapshotKey("cap/card-42")},
		{"snapshot", encodeSnapshot(storage.Snapshot{Stream: "cap/card-42", Version: 7, Schema: "meter/1", Data: []byte(`{"sum":1}`)})},
		{"mark", markBytes},
	} {
		fmt.Fprintf(got, "# %s\n%s", part.name, hex.Dump(part.data))
	}
	const file = "testdata/record.golden"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// chained is a block of the records in a hash chain.
func chained(records []event.Record, since event.Position, before storage.Hash) []byte {
	block := appendFront(nil, since, before)
	for _, r := range records {
		block, before = appendChained(block, &r, before)
	}
	return block
}

// TestRecordRoundTrip: what is written is read, and no other byte would be.
func TestRecordRoundTrip(t *testing.T) {
	for _, want := range records() {
		b := appendRecord(nil, &want)
		if len(b) != recordSize(&want) {
			t.Errorf("%s: size %d, want %d", want.ID(), recordSize(&want), len(b))
		}
		raw, rest, err := cutRecord(b, recordHeader)
		if err != nil || len(rest) != 0 {
			t.Fatalf("%s: %v, %d bytes left", want.ID(), err, len(rest))
		}
		got, err := decodeRecord(raw, want.Position)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		if _, err := decodeRecord(raw, want.Position+1); !errors.Is(err, errRecord) {
			t.Errorf("%s in another's place: got %v", want.ID(), err)
		}
		for i := range b {
			b[i] ^= 0x10
			if raw, _, err := cutRecord(b, recordHeader); err == nil {
				if r, err := decodeRecord(raw, want.Position); err == nil {
					t.Errorf("byte %d flipped: got %+v", i, r)
				}
			}
			b[i] ^= 0x10
		}
	}
}

// FuzzRecord: the decoder never panics, and what it takes, it would have written. The checksum is set right,
// so that the fuzzer gets behind it.
func FuzzRecord(f *testing.F) {
	for _, r := range records() {
		f.Add(appendRecord(nil, &r)[recordHeader:], uint64(r.Position))
	}
	f.Add([]byte{}, uint64(1))
	f.Fuzz(func(t *testing.T, body []byte, position uint64) {
		b := make([]byte, recordHeader, recordHeader+len(body))
		binary.LittleEndian.PutUint32(b, uint32(len(body)))
		binary.LittleEndian.PutUint32(b[4:], checksum(event.Position(position), body))
		b = append(b, body...)
		raw, rest, err := cutRecord(append(b, 0xff), recordHeader)
		if err != nil {
			if len(body) <= maxRecord {
				t.Errorf("%d bytes: %v", len(body), err)
			}
			return
		}
		if !bytes.Equal(raw, b) || !bytes.Equal(rest, []byte{0xff}) {
			t.Fatalf("cut into %x and %x", raw, rest)
		}
		r, err := decodeRecord(raw, event.Position(position))
		if err != nil {
			if !errors.Is(err, errRecord) {
				t.Errorf("error %v", err)
			}
			return
		}
		if again := appendRecord(nil, &r); !bytes.Equal(again, b) {
			t.Errorf("got %x, want %x", again, b)
		}
	})
}

// FuzzBlock: any value of the log is read to its end or refused, in memory of its own size.
func FuzzBlock(f *testing.F) {
	block := []byte{blockFormat}
	for _, r := range records() {
		block = appendRecord(block, &r)
	}
	f.Add(block, uint64(1), uint64(2))
	f.Add(chained(records(), 1, storage.Hash{}), uint64(1), uint64(2))
	f.Add([]byte{blockFormat, 0, 0, 0, 0, 0, 0, 0, 0}, uint64(1), uint64(1))
	f.Fuzz(func(t *testing.T, value []byte, first, to uint64) {
		b, err := openBlock(event.Position(first), value)
		if err != nil {
			return
		}
		last, wrong := b.check()
		scan := b
		for {
			s, ok, err := scan.next()
			if err != nil || !ok {
				break
			}
			if s.position == last.position {
				if _, err = s.decode(); err == nil && wrong != nil {
					t.Errorf("%d is read, and fails its check: %v", s.position, wrong)
				}
				break
			}
		}
		seek := b
		if found, err := seek.seek(event.Position(to)); found && (err != nil || seek.first != event.Position(to)) {
			t.Errorf("found %d at %d: %v", to, seek.first, err)
		}
	})
}

// FuzzIndex: an entry of the index is what was written, or none.
func FuzzIndex(f *testing.F) {
	f.Add(appendIndexKey(nil, "cap/card-42", 7), []byte{0, 0, 0, 0, 0, 0, 0, 9})
	f.Add([]byte("i"), []byte{})
	f.Fuzz(func(t *testing.T, key, value []byte) {
		stream, version, position, err := parseIndex(key, value)
		if err != nil {
			return
		}
		if again := appendIndexKey(nil, string(stream), version); !bytes.Equal(again, key) || position == 0 {
			t.Errorf("got %x at %d, want %x", again, position, key)
		}
	})
}

// FuzzSnapshot: a snapshot is what was written, or none.
func FuzzSnapshot(f *testing.F) {
	f.Add(encodeSnapshot(storage.Snapshot{Stream: "t/a", Version: 7, Schema: "s", Data: []byte("{}")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= 5 {
			binary.LittleEndian.PutUint32(b[1:], snapshotChecksum("t/a", b[5:]))
		}
		s, ok := decodeSnapshot("t/a", b)
		if ok && !bytes.Equal(encodeSnapshot(s), b) {
			t.Errorf("got %x, want %x", encodeSnapshot(s), b)
		}
	})
}

// FuzzMark: a slot is what was written, or none.
func FuzzMark(f *testing.F) {
	slot := make([]byte, markSlot)
	encodeMark(slot, 12)
	f.Add(slot)
	f.Fuzz(func(t *testing.T, b []byte) {
		format, position, ok := decodeMark(b)
		if !ok || format != markFormat {
			return
		}
		again := make([]byte, markSlot)
		if encodeMark(again, position); !bytes.Equal(again, b) {
			t.Errorf("got %x, want %x", again, b)
		}
	})
}

// TestHeads: against a map that forgets nothing, the cache knows the truth or nothing, and never more than
// its size.
func TestHeads(t *testing.T) {
	for _, size := range []int{0, 1, 2, 7, 200} {
		h, all := newHeads(size), map[string]event.Version{}
		for i := range 5000 {
			stream := fmt.Sprintf("t/%d", (i*i+i/7)%53)
			if v, ok := h.get(stream); ok && v != all[stream] {
				t.Fatalf("size %d: %s is at %d, want %d", size, stream, v, all[stream])
			}
			if i%3 != 0 {
				all[stream]++
				h.put(stream, all[stream])
				if v, ok := h.get(stream); !ok || v != all[stream] {
					t.Fatalf("size %d: %s is at %d, %v just after %d was put", size, stream, v, ok, all[stream])
				}
			}
			if n := len(h.young.versions) + len(h.old.versions); n > max(size, 2) {
				t.Fatalf("size %d: holds %d", size, n)
			}
		}
		if size/2 >= len(all) {
			for stream, want := range all {
				if v, ok := h.get(stream); !ok || v != want {
					t.Errorf("%s is at %d, %v, want %d: all fit", stream, v, ok, want)
				}
			}
		}
	}
}
