package storage

import (
	"context"
	"fmt"
	"iter"

	"github.com/payrules/payrules/event"
)

// Version counts the events of a stream; 0 says that it has none.
type Version = event.Version

// Position counts the records of a journal; 0 stands before the first.
type Position = event.Position

// Any is the Expect of a Write that expects nothing: the events go to the end of the stream wherever that is.
const Any = ^Version(0)

// Bounds of one call of Append. They hold for every store.
const (
	MaxBatches    = 4096    // batches of a call
	MaxWrites     = 256     // writes of a batch
	MaxEvents     = 4096    // events of a batch
	MaxBatchBytes = 8 << 20 // data of a batch
)

// Write is what a batch adds to one stream.
type Write struct {
	Stream string        // as "cap/card-42"
	Expect Version       // the version the stream has before; Any expects nothing
	Events []event.Event // none: only a guard, the stream must be as expected
}

// Batch is what one command decided: all or nothing, over one or more streams, each at most once.
type Batch struct {
	Key    string   // the command's id; unique in the home stream (the engine sees to it)
	Digest [32]byte // hash of the command's content
	Writes []Write  // Writes[0] is the home: it has an expectation and at least one event
}

// Validate returns an error that wraps ErrInvalid, and names the field, if:
//   - there is no write, or more than MaxWrites;
//   - the home has no event, or expects Any; another write has neither an event nor an expectation;
//   - a stream is named twice, or a stream, key or event breaks its form;
//   - there are more than MaxEvents events, or more than MaxBatchBytes bytes in them.
func (b Batch) Validate() error {
	if len(b.Writes) == 0 || len(b.Writes) > MaxWrites {
		return fmt.Errorf("%w batch: %d writes, want 1 to %d", ErrInvalid, len(b.Writes), MaxWrites)
	}
	if err := event.ValidateKey(b.Key); err != nil {
		return fmt.Errorf("%w batch: %w", ErrInvalid, err)
	}
	events, bytes := 0, 0
	for i, w := range b.Writes {
		if err := w.validate(b.Writes[:i]); err != nil {
			return err
		}
		events += len(w.Events)
		for _, e := range w.Events {
			bytes += len(e.Data)
		}
	}
	if home := b.Writes[0]; home.Expect == Any || len(home.Events) == 0 {
		return fmt.Errorf("%w batch: its home %q needs an expectation and an event", ErrInvalid, home.Stream)
	}
	if events > MaxEvents || bytes > MaxBatchBytes {
		return fmt.Errorf("%w batch: %d events of %d bytes, want at most %d of %d", ErrInvalid, events, bytes, MaxEvents, MaxBatchBytes)
	}
	return nil
}

func (w Write) validate(before []Write) error {
	if err := event.ValidateStream(w.Stream); err != nil {
		return fmt.Errorf("%w write: %w", ErrInvalid, err)
	}
	if w.Expect == Any && len(w.Events) == 0 {
		return fmt.Errorf("%w write: stream %q has neither an event nor an expectation", ErrInvalid, w.Stream)
	}
	for _, other := range before {
		if other.Stream == w.Stream {
			return fmt.Errorf("%w write: stream %q is named twice", ErrInvalid, w.Stream)
		}
	}
	for _, e := range w.Events {
		if err := e.Validate(); err != nil {
			return fmt.Errorf("%w write: %w", ErrInvalid, err)
		}
	}
	return nil
}

// Receipt answers one batch: where its records stand, or why it was not stored.
type Receipt struct {
	First, Last Position // of its records, which stand together in the order of its writes; 0 if it was not stored
	Err         error    // concerns this batch alone: a *ConflictError, or one that wraps ErrInvalid
}

// Journal is what a store implements. The laws J1 to J7 are in the package's doc.
type Journal interface {
	// Append stores the batches that hold, in their order, and answers each with a receipt at the same
	// index. They may share one durable commit, together with those of other calls. Without an error,
	// what the receipts say is durable. The journal keeps none of the caller's slices.
	//
	// Returns an error if:
	//   - ctx is done before it began, the journal is closed, or the store refused: nothing is stored;
	//   - there are more than MaxBatches batches (ErrInvalid): nothing is stored;
	//   - it cannot be known whether the batches are stored (ErrUnknownOutcome): some, all or none may be,
	//     or may become so. Read their home streams to see.
	Append(ctx context.Context, batches ...Batch) ([]Receipt, error)

	// Stream yields the records of one stream after a version, in order. A stream that does not exist has
	// none. It stops at the first error, which it yields.
	Stream(ctx context.Context, id string, after Version) iter.Seq2[event.Record, error]

	// All yields the records of the journal after a position, in order, up to the last one durable when it
	// gets there. It stops at the first error, which it yields; a gap is one (ErrCorrupt).
	All(ctx context.Context, after Position) iter.Seq2[event.Record, error]

	// Streams yields the names of the streams of a kind, each once, in no stated order.
	Streams(ctx context.Context, kind string) iter.Seq2[string, error]

	// Head is the position of the last durable record, 0 for an empty journal.
	Head(ctx context.Context) (Position, error)

	// Close gives everything back. What is under way ends first or fails with ErrClosed; what comes after
	// fails with it. A second Close does nothing.
	Close() error
}

// Waiter is a Journal that can be waited on. Find it by type assertion; without it, ask Head again.
type Waiter interface {
	// Wait returns nil as soon as Head is greater than after, or an error when ctx is done or the journal is
	// closed.
	Wait(ctx context.Context, after Position) error
}

// Snapshot is a cache of what the events of a stream up to a version amount to.
type Snapshot struct {
	Stream  string
	Version Version
	Schema  string // names the form of Data, at most event.MaxName bytes; a reader that knows another one ignores the snapshot
	Data    []byte // at most MaxBatchBytes
}

// Validate returns an error that wraps ErrInvalid if the stream breaks its form, or the schema or the data
// is too long. SaveSnapshot of every store begins with it.
func (s Snapshot) Validate() error {
	if err := event.ValidateStream(s.Stream); err != nil {
		return fmt.Errorf("%w snapshot: %w", ErrInvalid, err)
	}
	if len(s.Schema) > event.MaxName || len(s.Data) > MaxBatchBytes {
		return fmt.Errorf("%w snapshot of %q: schema of %d and data of %d bytes, want at most %d and %d",
			ErrInvalid, s.Stream, len(s.Schema), len(s.Data), event.MaxName, MaxBatchBytes)
	}
	return nil
}

// Snapshots is a Journal that also keeps the latest snapshot of each stream. Find it by type assertion.
// Snapshots may be lost at any time: whatever is in one can be had from the events.
type Snapshots interface {
	// SaveSnapshot keeps s, a copy of its data, in place of the one before it. It need not be durable.
	// Returns ErrInvalid if s.Validate does, and then the one before it stays.
	SaveSnapshot(ctx context.Context, s Snapshot) error

	// LoadSnapshot gives back the one kept for a stream; ok is false when there is none. One that is
	// damaged counts as none.
	LoadSnapshot(ctx context.Context, stream string) (s Snapshot, ok bool, err error)
}
