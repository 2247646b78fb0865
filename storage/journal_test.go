package storage_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// one is a batch of one event.
func one(stream string, expect storage.Version) storage.Batch {
	e := event.Event{Type: "test.happened.v1", Data: []byte("{}")}
	return storage.Batch{Key: "key", Writes: []storage.Write{{Stream: stream, Expect: expect, Events: []event.Event{e}}}}
}

func TestBatchValidate(t *testing.T) {
	fact := event.Event{Type: "test.happened.v1", Data: []byte("{}")}
	large := event.Event{Type: "test.happened.v1", Data: make([]byte, event.MaxData)}
	many := func(e event.Event, n int) (events []event.Event) {
		for range n {
			events = append(events, e)
		}
		return events
	}
	wide := func(n int) func(*storage.Batch) {
		return func(b *storage.Batch) {
			for i := 1; i < n; i++ {
				b.Writes = append(b.Writes, storage.Write{Stream: fmt.Sprint("t/", i)})
			}
		}
	}
	add := func(w storage.Write) func(*storage.Batch) {
		return func(b *storage.Batch) { b.Writes = append(b.Writes, w) }
	}
	for _, row := range []struct {
		story  string
		change func(*storage.Batch)
		want   string // "" if it is valid
	}{
		{"as it should be", func(*storage.Batch) {}, ""},
		{"no write", func(b *storage.Batch) { b.Writes = nil }, "0 writes, want 1 to 256"},
		{"writes at the bound", wide(storage.MaxWrites), ""},
		{"a write over", wide(storage.MaxWrites + 1), "257 writes"},
		{"no key", func(b *storage.Batch) { b.Key = "" }, "key"},
		{"a key at the bound", func(b *storage.Batch) { b.Key = strings.Repeat("k", event.MaxName) }, ""},
		{"a key over the bound", func(b *storage.Batch) { b.Key = strings.Repeat("k", event.MaxName+1) }, "key"},
		{"home expects Any", func(b *storage.Batch) { b.Writes[0].Expect = storage.Any }, "its home"},
		{"home is a guard", func(b *storage.Batch) { b.Writes[0].Events = nil }, "its home"},
		{"home says nothing", func(b *storage.Batch) { b.Writes[0] = storage.Write{Stream: "t/a", Expect: storage.Any} }, "neither"},
		{"a guard", add(storage.Write{Stream: "t/b", Expect: 7}), ""},
		{"a guard that nothing is there", add(storage.Write{Stream: "t/b", Expect: 0}), ""},
		{"anywhere", add(storage.Write{Stream: "t/b", Expect: storage.Any, Events: many(fact, 1)}), ""},
		{"neither", add(storage.Write{Stream: "t/b", Expect: storage.Any}), "neither an event nor an expectation"},
		{"a stream twice", add(storage.Write{Stream: "t/a", Expect: 1}), "named twice"},
		{"a stream without a kind", add(storage.Write{Stream: "b"}), `stream "b"`},
		{"an event without a type", add(storage.Write{Stream: "t/b", Events: []event.Event{{Data: []byte("{}")}}}), "type"},
		{"an event without data", add(storage.Write{Stream: "t/b", Events: []event.Event{{Type: "a.v1"}}}), "data of a.v1"},
		{"events at the bound", add(storage.Write{Stream: "t/b", Events: many(fact, storage.MaxEvents-1)}), ""},
		{"an event over", add(storage.Write{Stream: "t/b", Events: many(fact, storage.MaxEvents)}), "4097 events"},
		{"data at the bound", func(b *storage.Batch) { b.Writes[0].Events = many(large, 8) }, ""},
		{"two bytes over", add(storage.Write{Stream: "t/b", Events: many(large, 8)}), "8388610 bytes"},
	} {
		b := one("t/a", 0)
		row.change(&b)
		err := b.Validate()
		switch {
		case row.want == "" && err != nil:
			t.Errorf("%s: got error %v, want none", row.story, err)
		case row.want != "" && (!errors.Is(err, storage.ErrInvalid) || !strings.Contains(err.Error(), row.want)):
			t.Errorf("%s: got error %v, want ErrInvalid with %q", row.story, err, row.want)
		}
	}
}

// A message must stay short whatever was given.
func TestMessagesAreShort(t *testing.T) {
	huge := strings.Repeat("x/", 1<<20)
	for _, change := range []func(*storage.Batch){
		func(b *storage.Batch) { b.Key = huge },
		func(b *storage.Batch) { b.Writes[0].Stream = huge },
		func(b *storage.Batch) { b.Writes[0] = storage.Write{Stream: huge, Expect: storage.Any} },
		func(b *storage.Batch) { b.Writes[0].Events[0].Type = huge },
		func(b *storage.Batch) { b.Writes[0].Events[0].TraceParent = huge },
	} {
		b := one("t/a", 0)
		change(&b)
		if err := b.Validate(); err == nil || len(err.Error()) > 1000 {
			t.Errorf("got an error of %d bytes", len(fmt.Sprint(err)))
		}
	}
}

func TestSnapshotValidate(t *testing.T) {
	for _, row := range []struct {
		story string
		s     storage.Snapshot
		ok    bool
	}{
		{"as it should be", storage.Snapshot{Stream: "t/a", Version: 1, Schema: "s", Data: []byte("x")}, true},
		{"empty", storage.Snapshot{Stream: "t/a"}, true},
		{"at the bounds", storage.Snapshot{Stream: "t/a", Schema: strings.Repeat("s", event.MaxName), Data: make([]byte, storage.MaxBatchBytes)}, true},
		{"no stream", storage.Snapshot{}, false},
		{"schema over", storage.Snapshot{Stream: "t/a", Schema: strings.Repeat("s", event.MaxName+1)}, false},
		{"data over", storage.Snapshot{Stream: "t/a", Data: make([]byte, storage.MaxBatchBytes+1)}, false},
	} {
		if err := row.s.Validate(); (err == nil) != row.ok || (err != nil && !errors.Is(err, storage.ErrInvalid)) {
			t.Errorf("%s: got error %v", row.story, err)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, row := range []struct {
		err  error
		is   error
		want string
	}{
		{&storage.ConflictError{Stream: "t/a", Want: 3, Have: 5}, storage.ErrConflict, `storage: conflict: stream "t/a" is at version 5, expected 3`},
		{&storage.ConflictError{Stream: "t/a", Want: 3, Have: 3, BuiltOnLost: true}, storage.ErrConflict, `storage: conflict: stream "t/a": built on a batch that was not stored`},
		{&storage.CorruptError{Name: "000007.log", Reason: "bad checksum"}, storage.ErrCorrupt, "storage: corrupt: 000007.log: bad checksum"},
		{&storage.CorruptError{Name: "x", Reason: "cut off", Err: io.ErrUnexpectedEOF}, io.ErrUnexpectedEOF, "storage: corrupt: x: cut off: unexpected EOF"},
	} {
		wrapped := fmt.Errorf("engine: %w", row.err)
		if !errors.Is(wrapped, row.is) || row.err.Error() != row.want {
			t.Errorf("got %q (is %v: %v), want %q", row.err, row.is, errors.Is(wrapped, row.is), row.want)
		}
		if errors.Is(wrapped, storage.ErrInvalid) {
			t.Errorf("%v is ErrInvalid as well", row.err)
		}
	}
}
