package storage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

var ctx = context.Background()

// clock makes journals whose records are the same each time.
func clock() time.Time { return time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC) }

func newMemory() *memory.Journal { return memory.New(&memory.Options{Now: clock}) }

// add appends n batches of two records each.
func add(t testing.TB, j storage.Journal, n int) {
	t.Helper()
	for range n {
		head, err := j.Head(ctx)
		if err != nil {
			t.Fatal(err)
		}
		e := []event.Event{{Type: "test.happened.v1", Data: fmt.Appendf(nil, `{"at":%d}`, head)}}
		stream := fmt.Sprintf("t/%d", head)
		receipts, err := j.Append(ctx, storage.Batch{Key: "key", Digest: [32]byte{1}, Writes: []storage.Write{
			{Stream: stream, Events: e}, {Stream: "all/t", Expect: storage.Any, Events: e},
		}})
		if err != nil || receipts[0].Err != nil {
			t.Fatal(err, receipts)
		}
	}
}

// seal runs a sealer of its own, and returns where it got to.
func seal(t testing.TB, j storage.Journal) storage.Seal {
	t.Helper()
	got, err := storage.NewSealer(j).Seal(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// chainOf is the seal of what a journal gives out up to a position.
func chainOf(t testing.TB, j storage.Journal, to storage.Position) (s storage.Seal) {
	t.Helper()
	for r, err := range j.All(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Position <= to {
			s = storage.Seal{Position: r.Position, Hash: storage.Chain(s.Hash, r)}
		}
	}
	return s
}

// verify reads all, and returns how many records it got, how far the seals reached, and the error.
func verify(j storage.Journal, kept ...storage.Seal) (n int, reached storage.Seal, err error) {
	records, reach := storage.VerifySeals(ctx, j, kept...)
	for _, err := range records {
		if err != nil {
			return n, reach(), err
		}
		n++
	}
	return n, reach(), nil
}

// TestSealerGolden: seals are stored events, and never change.
func TestSealerGolden(t *testing.T) {
	j := newMemory()
	add(t, j, 2)
	seal(t, j)
	for r, err := range j.Stream(ctx, storage.SealStream, 0) {
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("testdata/storage.sealed.v1.json")
		if err != nil || r.Type != "storage.sealed.v1" || string(r.Data)+"\n" != string(want) {
			t.Errorf("got %s %s\nwant %s%v", r.Type, r.Data, want, err)
		}
	}
}

// TestSealer: a seal covers what is new and the seals before, none is written for seals alone, and whoever goes on
// goes on where the last one ended.
func TestSealer(t *testing.T) {
	j := newMemory()
	s := storage.NewSealer(j)
	for _, step := range []struct {
		add     int
		fresh   bool // a sealer that knows nothing yet
		to, end storage.Position
	}{
		{add: 0, to: 0, end: 0},
		{add: 2, to: 4, end: 5},
		{add: 0, to: 4, end: 5},
		{add: 0, fresh: true, to: 4, end: 5},
		{add: 1, fresh: true, to: 7, end: 8},
		{add: 0, to: 7, end: 8}, // by the one that was behind
		{add: 3000, to: 6008, end: 6010},
		{add: 0, to: 6008, end: 6010},
		{add: 1, to: 6012, end: 6013},
	} {
		add(t, j, step.add)
		if step.fresh {
			s = storage.NewSealer(j)
		}
		got, err := s.Seal(ctx)
		if want := chainOf(t, j, step.to); err != nil || got != want {
			t.Fatalf("%+v: got %v, %v, want %v", step, got, err, want)
		}
		if head, _ := j.Head(ctx); head != step.end {
			t.Fatalf("%+v: the journal ends at %d", step, head)
		}
		if n, reached, err := verify(j, got); err != nil || n != int(step.end) || reached != got {
			t.Fatalf("%+v: verified %d, reached %v, %v, want %d and %v", step, n, reached, err, step.end, got)
		}
	}
	for r, err := range j.Stream(ctx, storage.SealStream, 0) {
		if err != nil || len(r.Data) > 48_000 {
			t.Errorf("%s has %d bytes, %v", r.ID(), len(r.Data), err)
		}
	}
}

// TestSealerBehindManySeals: more seals in a row than one covers, and a record of others behind them.
func TestSealerBehindManySeals(t *testing.T) {
	j := newMemory()
	const n = storage.MaxSealed + 10
	add(t, j, n/2)
	var hash storage.Hash
	for r, err := range j.All(ctx, 0) { // each record gets a seal of its own
		if err != nil {
			t.Fatal(err)
		}
		if r.Position > n {
			break
		}
		hash = storage.Chain(hash, r)
		data, err := json.Marshal(storage.Sealed{From: r.Position, To: r.Position, Hash: hash, Records: hash[:8]})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append(ctx, storage.Batch{Key: "key", Writes: []storage.Write{{
			Stream: storage.SealStream, Expect: storage.Version(r.Position - 1), Events: []event.Event{{Type: "storage.sealed.v1", Data: data}},
		}}}); err != nil {
			t.Fatal(err)
		}
	}
	add(t, j, 1)
	if got := seal(t, j); got != chainOf(t, j, 2*n+2) {
		t.Errorf("got a seal up to %d", got.Position)
	}
	if _, reached, err := verify(j); reached.Position != 2*n+2 || err != nil {
		t.Errorf("reached %d, %v", reached.Position, err)
	}
}

// TestSealerGap: a gap is never sealed.
func TestSealerGap(t *testing.T) {
	j := newMemory()
	add(t, j, 5)
	for at := range 10 {
		bad := tampered{Journal: j, all: func(r []event.Record) []event.Record { return slices.Delete(r, at, at+1) }}
		if _, err := storage.NewSealer(bad).Seal(ctx); !blames(err, fmt.Sprint("record ", at+1), "is missing") {
			t.Errorf("without record %d: got %v", at+1, err)
		}
	}
	if head, err := j.Head(ctx); head != 10 || err != nil {
		t.Errorf("a seal was written: %d, %v", head, err)
	}
}

// TestSealersAtOnce: many seal, and others append; there is one chain of seals over all.
func TestSealersAtOnce(t *testing.T) {
	j := newMemory()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s := storage.NewSealer(j)
			for range 50 {
				if _, err := s.Seal(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() { add(t, j, 500) })
	wg.Go(func() {
		for range 20 {
			if _, _, err := verify(j); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	last := seal(t, j)
	n, reached, err := verify(j, last)
	if head, _ := j.Head(ctx); err != nil || n != int(head) || reached != last || last.Position < 1000 {
		t.Errorf("verified %d of %d, reached %v, %v, want %v", n, head, reached, err, last)
	}
}

// overtaken is a journal where somebody else gets in before each append.
type overtaken struct {
	storage.Journal
	by func()
}

func (o overtaken) Append(ctx context.Context, b ...storage.Batch) ([]storage.Receipt, error) {
	o.by()
	return o.Journal.Append(ctx, b...)
}

// TestSealerOvertaken: a sealer that loses goes on behind the seal of the other, and writes none twice.
func TestSealerOvertaken(t *testing.T) {
	j := newMemory()
	add(t, j, 3000)
	times := 0
	s := storage.NewSealer(overtaken{j, func() {
		if times++; times == 1 {
			if _, err := storage.NewSealer(j).Seal(ctx); err != nil {
				t.Error(err)
			}
		}
	}})
	if got, err := s.Seal(ctx); err != nil || got != chainOf(t, j, 6000) || times != 1 {
		t.Errorf("got %v, %v, after %d appends", got, err, times)
	}
	if n, reached, err := verify(j); n != 6002 || reached.Position != 6000 || err != nil {
		t.Errorf("verified %d up to %v, %v", n, reached, err)
	}
	refusing := refuses{j, &storage.ConflictError{Stream: storage.SealStream}}
	add(t, j, 1)
	if _, err := storage.NewSealer(refusing).Seal(ctx); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("got %v, want the conflict that nobody caused, and an end", err)
	}
}

// refuses is a journal that answers every batch with an error.
type refuses struct {
	storage.Journal
	err error
}

func (r refuses) Append(_ context.Context, b ...storage.Batch) ([]storage.Receipt, error) {
	return slices.Repeat([]storage.Receipt{{Err: r.err}}, len(b)), nil
}

// failing is a journal whose Append stores, or not, and then says that it does not know.
type failing struct {
	storage.Journal
	store bool
}

func (f failing) Append(ctx context.Context, b ...storage.Batch) ([]storage.Receipt, error) {
	if f.store {
		if _, err := f.Journal.Append(ctx, b...); err != nil {
			return nil, err
		}
	}
	return nil, storage.ErrUnknownOutcome
}

// TestSealerUnknownOutcome: the next call looks, and there is one seal.
func TestSealerUnknownOutcome(t *testing.T) {
	for _, stored := range []bool{false, true} {
		j := newMemory()
		add(t, j, 2)
		f := &failing{j, stored}
		s := storage.NewSealer(f)
		if _, err := s.Seal(ctx); !errors.Is(err, storage.ErrUnknownOutcome) {
			t.Errorf("got %v", err)
		}
		s2 := storage.NewSealer(j)
		if got, err := s2.Seal(ctx); err != nil || got.Position != 4 {
			t.Errorf("got %v, %v", got, err)
		}
		if n, reached, err := verify(j); n != 5 || reached.Position != 4 || err != nil {
			t.Errorf("stored %v: verified %d up to %v, %v", stored, n, reached, err)
		}
		if got, err := s.Seal(ctx); err != nil || got.Position != 4 { // the first one, that was left in doubt
			t.Errorf("got %v, %v", got, err)
		}
	}
}

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
