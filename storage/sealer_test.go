package storage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
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
