package storage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// tampered is a journal that somebody changes behind its back: what All gives, what is in its seals, and the head
// if it is not 0.
type tampered struct {
	storage.Journal
	head  storage.Position
	all   func([]event.Record) []event.Record
	seals func(*event.Record, *storage.Sealed)
}

func (j tampered) Head(ctx context.Context) (storage.Position, error) {
	if j.head > 0 {
		return j.head, nil
	}
	return j.Journal.Head(ctx)
}

func (j tampered) All(ctx context.Context, after storage.Position) iter.Seq2[event.Record, error] {
	if j.all == nil {
		return j.Journal.All(ctx, after)
	}
	return func(yield func(event.Record, error) bool) {
		var records []event.Record
		for r, err := range j.Journal.All(ctx, 0) {
			if err != nil {
				yield(r, err)
				return
			}
			records = append(records, r)
		}
		for i, r := range j.all(records) {
			if i >= int(after) && !yield(r, nil) {
				return
			}
		}
	}
}

func (j tampered) Stream(ctx context.Context, id string, after storage.Version) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for r, err := range j.Journal.Stream(ctx, id, after) {
			if err == nil && j.seals != nil && id == storage.SealStream {
				var s storage.Sealed
				err = json.Unmarshal(r.Data, &s)
				s.Records = slices.Clone(s.Records)
				r.Data = slices.Clone(r.Data)
				before := string(r.Data)
				if j.seals(&r, &s); string(r.Data) == before {
					r.Data, _ = json.Marshal(s)
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// twelve is a journal with the records 1 to 4, a seal, 6 to 9, a seal, and 11 to 12 without one.
func twelve(t *testing.T) storage.Journal {
	t.Helper()
	j := newMemory()
	for range 2 {
		add(t, j, 2)
		seal(t, j)
	}
	add(t, j, 1)
	return j
}

func blames(err error, name, reason string) bool {
	var corrupt *storage.CorruptError
	return errors.As(err, &corrupt) && corrupt.Name == name && strings.Contains(corrupt.Reason, reason)
}

// TestTamperedRecords: every field of every record, records that swap places, go, or come: the first that is not
// what it was is named, and not given out.
func TestTamperedRecords(t *testing.T) {
	j := twelve(t)
	last, first := chainOf(t, j, 12), chainOf(t, j, 4)
	for at := range 12 {
		name := fmt.Sprint("record ", at+1)
		renumber := func(records []event.Record) []event.Record {
			for i := range records {
				records[i].Position = storage.Position(i + 1)
			}
			return records
		}
		changes := map[string]func([]event.Record) []event.Record{
			"goes": func(r []event.Record) []event.Record { return slices.Delete(r, at, at+1) },
			"goes, and the others close up": func(r []event.Record) []event.Record {
				return renumber(slices.Delete(r, at, at+1))
			},
			"comes, and others move": func(r []event.Record) []event.Record { return renumber(slices.Insert(r, at, r[(at+3)%12])) },
			"and all after it go":    func(r []event.Record) []event.Record { return r[:at] },
		}
		for field, change := range alterations {
			changes["with another "+field] = func(r []event.Record) []event.Record { change(&r[at]); return r }
		}
		if at > 0 {
			changes["is the one before it again"] = func(r []event.Record) []event.Record { return slices.Insert(r, at, r[at-1]) }
		}
		if at < 11 {
			changes["swaps with the next"] = func(r []event.Record) []event.Record { r[at], r[at+1] = r[at+1], r[at]; return r }
			changes["swaps with the next, but for the position"] = func(r []event.Record) []event.Record {
				r[at], r[at+1] = r[at+1], r[at]
				return renumber(r)
			}
		}
		for story, change := range changes {
			bad := tampered{Journal: j, all: change}
			n, _, err := verify(bad, last, first)
			want := name
			switch { // of those behind the last seal only the head and the kept seals know, and those say from where on
			case at >= 9 && blames(err, "record 12", "is missing"):
				want = "record 12"
			case at >= 9 && !blames(err, name, "is missing"):
				want = "record 5"
			}
			if n > 11 || !blames(err, want, "") {
				t.Errorf("record %d %s: got %d records, %v, want %s", at+1, story, n, err, want)
			}
			if at < 9 && n != at {
				t.Errorf("record %d %s: %d records were given out before %v", at+1, story, n, err)
			}
		}
	}
	short := tampered{Journal: j, head: 7, all: func(r []event.Record) []event.Record { return r[:7] }}
	if n, reached, err := verify(short); n != 7 || reached.Position != 4 || !blames(err, "record 8", "is missing") {
		t.Errorf("ended within a seal: got %d records up to %v, %v", n, reached, err)
	}
	if n, reached, err := verify(j, last, first); n != 12 || reached.Position != 9 || err != nil {
		t.Errorf("as it was: got %d records up to %v, %v", n, reached, err)
	}
}

// TestTamperedSeals: the seals themselves.
func TestTamperedSeals(t *testing.T) {
	j := twelve(t)
	for _, c := range []struct {
		story        string
		change       func(*event.Record, *storage.Sealed)
		name, reason string
	}{
		{"another hash", func(_ *event.Record, s *storage.Sealed) { s.Hash[9] ^= 1 }, "seal/journal@1", "another hash for record 4"},
		{"another piece", func(_ *event.Record, s *storage.Sealed) { s.Records[17] ^= 1 }, "record 3", "is not what seal/journal@1 sealed"},
		{"a piece less", func(_ *event.Record, s *storage.Sealed) { s.Records = s.Records[8:] }, "seal/journal@1", "with 24 bytes"},
		{"another start", func(_ *event.Record, s *storage.Sealed) { s.From++ }, "seal/journal@1", "seals 2 to 4"},
		{"another end", func(_ *event.Record, s *storage.Sealed) { s.To-- }, "seal/journal@1", "seals 1 to 3"},
		{"an end before its start", func(_ *event.Record, s *storage.Sealed) { s.To = 0 }, "seal/journal@1", "seals 1 to 0"},
		{"an end without end", func(_ *event.Record, s *storage.Sealed) { s.To = 1<<64 - 1 }, "seal/journal@1", "seals 1 to 18446744073709551615"},
		{"itself", func(_ *event.Record, s *storage.Sealed) { s.To, s.Records = 5, make([]byte, 40) }, "seal/journal@1", "seals 1 to 5"},
		{"another type", func(r *event.Record, _ *storage.Sealed) { r.Type = "test.happened.v1" }, "seal/journal@1", "is not a seal"},
		{"no JSON", func(r *event.Record, _ *storage.Sealed) { r.Data = []byte("{") }, "seal/journal@1", "is not a seal"},
		{"a field too many", func(r *event.Record, _ *storage.Sealed) { r.Data = append([]byte(`{"x":1,`), r.Data[1:]...) }, "seal/journal@1", "is not a seal"},
	} {
		bad := tampered{Journal: j, seals: c.change}
		if n, reached, err := verify(bad); n > 4 || reached.Position != 0 || !blames(err, c.name, c.reason) {
			t.Errorf("%s: got %d records up to %v, %v, want %s: %s", c.story, n, reached, err, c.name, c.reason)
		}
		if c.name != "seal/journal@1" || c.story == "another hash" {
			continue // a sealer reads the form alone
		}
		if _, err := storage.NewSealer(bad).Seal(ctx); !blames(err, c.name, c.reason) {
			t.Errorf("%s: the sealer says %v", c.story, err)
		}
	}
}

// TestKeptSeals: a journal that was written anew has good seals, and only one that was kept elsewhere tells.
func TestKeptSeals(t *testing.T) {
	j := twelve(t)
	kept := []storage.Seal{chainOf(t, j, 10), chainOf(t, j, 4), {}}
	other := newMemory()
	add(t, other, 1)
	seal(t, other)
	add(t, other, 5)
	last := seal(t, other)
	if n, reached, err := verify(other); n != 14 || reached != last || err != nil {
		t.Errorf("by itself: got %d records up to %v, %v", n, reached, err)
	}
	if n, _, err := verify(other, kept...); n != 3 || !blames(err, "record 1", "or one of those up to 4, is not what was sealed") {
		t.Errorf("with the kept ones: got %d records, %v", n, err)
	}
	if _, _, err := verify(j, append(kept, storage.Seal{Position: 20})...); !blames(err, "record 13", "there is a seal at 20") {
		t.Errorf("cut back: got %v", err)
	}
	if n, _, err := verify(newMemory(), storage.Seal{Hash: last.Hash}); n != 0 || !errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("a seal that cannot be: got %v", err)
	}
}

// TestVerifySealsStops: at the caller's wish, and with the context.
func TestVerifySealsStops(t *testing.T) {
	records, reached := storage.VerifySeals(ctx, twelve(t))
	for r := range records {
		if r.Position == 5 {
			break
		}
	}
	if got := reached().Position; got != 4 {
		t.Errorf("reached %d", got)
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	records, _ = storage.VerifySeals(canceled, twelve(t))
	for _, err := range records {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := storage.NewSealer(twelve(t)).Seal(canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("sealer: got %v", err)
	}
}
