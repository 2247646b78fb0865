package journaltest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// model is what a journal should hold: the records, in order. It is the oracle of every law, so it is
// written without a look at any store.
type model struct {
	records  []event.Record // their At is the zero time until they have been read once
	versions map[string]storage.Version
}

// verdict is what a receipt should say.
type verdict struct {
	first, last storage.Position
	invalid     bool
	conflicts   []storage.ConflictError // the batch lost for any of these
}

// append does what Append should, and says what the receipts should be.
func (m *model) append(batches []storage.Batch) []verdict {
	var verdicts []verdict
	lost := make(map[string]bool) // streams that lost batches of this call wanted to write to
	for _, b := range batches {
		v := m.decide(b, lost)
		if !v.invalid && v.conflicts == nil {
			v.first = storage.Position(len(m.records) + 1)
			m.store(b)
			v.last = storage.Position(len(m.records))
			verdicts = append(verdicts, v)
			continue
		}
		for _, w := range b.Writes {
			if len(w.Events) > 0 {
				lost[w.Stream] = true
			}
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

func (m *model) decide(b storage.Batch, lost map[string]bool) verdict {
	var v verdict
	if b.Validate() != nil {
		v.invalid = true
		return v
	}
	for _, w := range b.Writes {
		have := m.versions[w.Stream]
		if w.Expect != storage.Any && (have != w.Expect || lost[w.Stream]) {
			c := storage.ConflictError{Stream: w.Stream, Want: w.Expect, Have: have, BuiltOnLost: lost[w.Stream]}
			v.conflicts = append(v.conflicts, c)
		}
	}
	return v
}

func (m *model) store(b storage.Batch) {
	if m.versions == nil {
		m.versions = make(map[string]storage.Version)
	}
	first := len(m.records)
	for _, w := range b.Writes {
		for _, e := range w.Events {
			m.versions[w.Stream]++
			e.Data = bytes.Clone(e.Data)
			m.records = append(m.records, event.Record{
				Event: e, Stream: w.Stream, Version: m.versions[w.Stream], Position: storage.Position(len(m.records) + 1),
			})
		}
	}
	m.records[first].Key, m.records[first].Digest = b.Key, b.Digest
}

// appendBoth appends to the journal and to the model, and says whether they agree.
func appendBoth(ctx context.Context, j storage.Journal, m *model, batches []storage.Batch) error {
	want := m.append(batches)
	got, err := j.Append(ctx, batches...)
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if len(got) != len(want) {
		return fmt.Errorf("append of %d batches: got %d receipts", len(want), len(got))
	}
	for i := range want {
		if err := want[i].matches(got[i]); err != nil {
			return fmt.Errorf("batch %d of %d: %w", i+1, len(want), err)
		}
	}
	return nil
}

func (v verdict) matches(got storage.Receipt) error {
	if got.First != v.first || got.Last != v.last {
		return fmt.Errorf("receipt: got positions %d to %d (error %v), want %d to %d", got.First, got.Last, got.Err, v.first, v.last)
	}
	switch {
	case v.invalid:
		if !errors.Is(got.Err, storage.ErrInvalid) {
			return fmt.Errorf("receipt: got error %v, want one that wraps storage.ErrInvalid", got.Err)
		}
	case v.conflicts != nil:
		var c *storage.ConflictError
		if !errors.As(got.Err, &c) || !errors.Is(got.Err, storage.ErrConflict) {
			return fmt.Errorf("receipt: got error %v, want a *storage.ConflictError", got.Err)
		}
		if !slices.Contains(v.conflicts, *c) {
			return fmt.Errorf("receipt: got conflict %+v, want one of %+v", *c, v.conflicts)
		}
	case got.Err != nil:
		return fmt.Errorf("receipt: got error %v, want none", got.Err)
	}
	return nil
}

// verify reads the journal in every way there is, and compares it with the model.
func (m *model) verify(ctx context.Context, j storage.Journal) error {
	if err := m.verifyAll(ctx, j); err != nil {
		return err
	}
	streams := make(map[string][]event.Record)
	kinds := make(map[string][]string)
	for _, r := range m.records {
		if streams[r.Stream] == nil {
			kind, _ := event.SplitStream(r.Stream)
			kinds[kind] = append(kinds[kind], r.Stream)
		}
		streams[r.Stream] = append(streams[r.Stream], r)
	}
	for id, want := range streams {
		middle := len(want) / 2
		for _, after := range slices.Compact([]int{0, middle, len(want)}) {
			got, err := collect(j.Stream(ctx, id, storage.Version(after)), len(want))
			if err = errors.Join(err, compare(got, want[after:])); err != nil {
				return fmt.Errorf("stream %q after %d: %w", id, after, err)
			}
		}
	}
	for kind, want := range kinds {
		if err := verifyKind(ctx, j, kind, want); err != nil {
			return err
		}
	}
	return nil
}

// verifyAll checks Head and All, and takes over At from the records that it reads for the first time.
func (m *model) verifyAll(ctx context.Context, j storage.Journal) error {
	head, err := j.Head(ctx)
	if err != nil || head != storage.Position(len(m.records)) {
		return fmt.Errorf("head: got %d, %v, want %d", head, err, len(m.records))
	}
	got, err := collect(j.All(ctx, 0), len(m.records))
	if err = errors.Join(err, compare(got, m.records)); err != nil {
		return fmt.Errorf("all: %w", err)
	}
	for i, r := range got {
		if i > 0 && r.At.Before(got[i-1].At) {
			return fmt.Errorf("all: position %d is at %v, before position %d at %v", r.Position, r.At, i, got[i-1].At)
		}
		m.records[i].At = r.At
	}
	middle := len(m.records) / 2
	got, err = collect(j.All(ctx, storage.Position(middle)), len(m.records))
	if err = errors.Join(err, compare(got, m.records[middle:])); err != nil {
		return fmt.Errorf("all after %d: %w", middle, err)
	}
	return nil
}

func verifyKind(ctx context.Context, j storage.Journal, kind string, want []string) error {
	got, err := collect(j.Streams(ctx, kind), len(want))
	if err != nil {
		return fmt.Errorf("streams of kind %q: %w", kind, err)
	}
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		return fmt.Errorf("streams of kind %q: got %d as %.200q, want %d as %.200q", kind, len(got), got, len(want), want)
	}
	return nil
}

// collect is all that seq yields. It is an error if that is more than most, or if it goes on after an error.
func collect[T any](seq iter.Seq2[T, error], most int) ([]T, error) {
	var all []T
	var failed error
	for v, err := range seq {
		switch {
		case failed != nil:
			return all, fmt.Errorf("goes on after its error %w", failed)
		case err != nil:
			failed = err
		case len(all) == most:
			return all, fmt.Errorf("yields more than the %d there are: %v", most, v)
		default:
			all = append(all, v)
		}
	}
	return all, failed
}

func compare(got, want []event.Record) error {
	for i := range min(len(got), len(want)) {
		if err := compareOne(got[i], want[i]); err != nil {
			return fmt.Errorf("record %d of %d: %w", i+1, len(want), err)
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("got %d records, want %d", len(got), len(want))
	}
	return nil
}

func compareOne(got, want event.Record) error {
	switch {
	case got.Position != want.Position:
		return fmt.Errorf("got position %d (%s), want %d (%s)", got.Position, got.ID(), want.Position, want.ID())
	case got.Stream != want.Stream || got.Version != want.Version:
		return fmt.Errorf("position %d: got %s, want %s", got.Position, got.ID(), want.ID())
	case got.Type != want.Type || got.TraceParent != want.TraceParent:
		return fmt.Errorf("%s: got type %q, traceparent %q, want %q, %q", want.ID(), got.Type, got.TraceParent, want.Type, want.TraceParent)
	case !bytes.Equal(got.Data, want.Data):
		return fmt.Errorf("%s: got data %.80q, want %.80q", want.ID(), got.Data, want.Data)
	case got.Key != want.Key || got.Digest != want.Digest:
		return fmt.Errorf("%s: got key %q, digest %x, want %q, %x", want.ID(), got.Key, got.Digest, want.Key, want.Digest)
	case got.At.IsZero() || got.At.Location() != time.UTC || !got.At.Equal(got.At.Truncate(time.Microsecond)):
		return fmt.Errorf("%s: got at %v, want an instant in UTC and whole microseconds", want.ID(), got.At)
	case !want.At.IsZero() && !got.At.Equal(want.At):
		return fmt.Errorf("%s: got at %v, want %v as it was read before", want.ID(), got.At, want.At)
	}
	return nil
}

// write is a write of n small events.
func write(stream string, expect storage.Version, n int) storage.Write {
	w := storage.Write{Stream: stream, Expect: expect}
	for i := range n {
		w.Events = append(w.Events, event.Event{Type: "test.happened.v1", Data: fmt.Appendf(nil, `{"of":"%.8x","n":%d}`, stream, i)})
	}
	return w
}

// batch is a batch of writes, with the digest that belongs to its key.
func batch(key string, writes ...storage.Write) storage.Batch {
	return storage.Batch{Key: key, Digest: sha256.Sum256([]byte(key)), Writes: writes}
}
