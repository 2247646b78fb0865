package archivetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// piece is a segment with its records.
type piece struct {
	ledger.Segment
	records []event.Record
}

const (
	euro  = money.EUR
	start = 1_772_366_400_123_456 // 2026-03-01, in microseconds
)

// pieces makes segments of an account that follow each other, of so many records each. What is in them is the same each time
// for the same account and sizes.
func pieces(account string, sizes ...int) []piece {
	var all []piece
	version, balance := event.Version(0), int64(0)
	for _, size := range sizes {
		p := piece{Segment: ledger.Segment{Account: account, First: version + 1, Last: version + event.Version(size)}}
		p.Opening = money.New(balance, euro)
		for range size {
			version++
			balance += int64(version)
			p.records = append(p.records, record(account, version))
		}
		p.Entries, p.LastAt = size, p.records[size-1].Position
		p.Closing = money.New(balance, euro)
		p.FirstBooked = civil.DateOf(p.records[0].At, nil)
		p.LastBooked = civil.DateOf(p.records[size-1].At, nil)
		p.Through = p.LastBooked.EndOfMonth()
		p.FirstValue, p.LastValue = p.FirstBooked.AddDays(-3), p.LastBooked.AddDays(2)
		all = append(all, p)
	}
	return all
}

func record(account string, version event.Version) event.Record {
	r := event.Record{
		Event:    event.Event{Type: "account.entry_booked.v1", Data: fmt.Appendf(nil, `{"of":"%x","n":%d}`, account, version)},
		Stream:   event.Stream("account", account),
		Version:  version,
		Position: 7 * event.Position(version),
		At:       money.FromUnixMicro(start + int64(version)*3_600_000_000),
	}
	if version%3 == 1 {
		r.Key = fmt.Sprintf("pay-%d", version)
		r.Digest = sha256.Sum256([]byte(r.Key))
	}
	if version%5 == 1 {
		r.TraceParent = fmt.Sprintf("00-4bf92f3577b34da6a3ce929d0e0e%04x-00f067aa0ba902b7-01", version)
	}
	return r
}

// with is a copy of p that change has changed, in the segment or the records.
func (p piece) with(change func(p *piece)) piece {
	p.records = slices.Clone(p.records)
	change(&p)
	return p
}

func (p piece) seq() iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for _, r := range p.records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

var errSource = errors.New("the source of the records fails")

// failing yields the first n records of p, and then errSource.
func (p piece) failing(n int) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for _, r := range p.records[:n] {
			if !yield(r, nil) {
				return
			}
		}
		yield(event.Record{}, errSource)
	}
}

// put puts p, and checks the answer: the segment as it was given, with its Sum.
func put(ctx context.Context, a ledger.Archiver, p piece) (ledger.Segment, error) {
	got, err := a.Put(ctx, p.Segment, p.seq())
	if err != nil {
		return got, fmt.Errorf("put versions %d to %d: %w", p.First, p.Last, err)
	}
	want := p.Segment
	want.Sum = got.Sum
	if got != want {
		return got, fmt.Errorf("put returned %+v, want %+v with a sum", got, want)
	}
	if got.Sum.IsZero() {
		return got, fmt.Errorf("put of versions %d to %d returned no sum", p.First, p.Last)
	}
	return got, nil
}

// putAll puts the pieces, and takes over their sums.
func putAll(ctx context.Context, a ledger.Archiver, all []piece) error {
	for i := range all {
		got, err := put(ctx, a, all[i])
		if err != nil {
			return err
		}
		all[i].Sum = got.Sum
	}
	return nil
}

// refused returns an error if a Put of p is not refused as invalid.
func refused(ctx context.Context, a ledger.Archiver, p piece, what string) error {
	got, err := a.Put(ctx, p.Segment, p.seq())
	if err == nil {
		return fmt.Errorf("%s: accepted", what)
	}
	if !errors.Is(err, ledger.ErrInvalid) {
		return fmt.Errorf("%s: got error %v, want one that wraps ledger.ErrInvalid", what, err)
	}
	if got != (ledger.Segment{}) {
		return fmt.Errorf("%s: got segment %+v beside the error", what, got)
	}
	return nil
}

// holds checks that an account has just these pieces, sums included, and that they read as they were put.
func holds(ctx context.Context, a ledger.Archiver, account string, want []piece) error {
	segments, err := collect(a.Segments(ctx, account), len(want))
	if err != nil {
		return fmt.Errorf("segments: %w", err)
	}
	if len(segments) != len(want) {
		return fmt.Errorf("segments: got %d, want %d", len(segments), len(want))
	}
	for i, p := range want {
		if segments[i] != p.Segment {
			return fmt.Errorf("segments: got %+v, want %+v", segments[i], p.Segment)
		}
		if err := reads(ctx, a, p); err != nil {
			return err
		}
	}
	return nil
}

// reads checks that the records of p are what was put.
func reads(ctx context.Context, a ledger.Archiver, p piece) error {
	got, err := collect(a.Records(ctx, p.Segment), len(p.records))
	if err != nil {
		return fmt.Errorf("records of versions %d to %d: %w", p.First, p.Last, err)
	}
	for i := range min(len(got), len(p.records)) {
		if err := compare(got[i], p.records[i]); err != nil {
			return fmt.Errorf("records of versions %d to %d: version %d: %w", p.First, p.Last, p.records[i].Version, err)
		}
	}
	if len(got) != len(p.records) {
		return fmt.Errorf("records of versions %d to %d: got %d", p.First, p.Last, len(got))
	}
	return nil
}

func compare(got, want event.Record) error {
	switch {
	case got.Stream != want.Stream || got.Version != want.Version || got.Position != want.Position:
		return fmt.Errorf("got %s at position %d, want %s at %d", got.ID(), got.Position, want.ID(), want.Position)
	case !bytes.Equal(got.Data, want.Data):
		return fmt.Errorf("got data %.80q, want %.80q", got.Data, want.Data)
	case got.Type != want.Type || got.TraceParent != want.TraceParent:
		return fmt.Errorf("got type %q, traceparent %q, want %q, %q", got.Type, got.TraceParent, want.Type, want.TraceParent)
	case got.Key != want.Key || got.Digest != want.Digest:
		return fmt.Errorf("got key %q, digest %x, want %q, %x", got.Key, got.Digest, want.Key, want.Digest)
	case !got.At.Equal(want.At) || got.At.Location() != time.UTC:
		return fmt.Errorf("got at %v, want %v", got.At, want.At)
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
			return all, fmt.Errorf("yields more than the %d there are", most)
		default:
			all = append(all, v)
		}
	}
	return all, failed
}

// draw makes numbers that are the same each time.
func draw(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 4)) }
