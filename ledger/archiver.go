package ledger

import (
	"context"
	"iter"

	"github.com/payrules/payrules/event"
)

// Archiver keeps what an account's live state and the journal's readers no longer need every day. Package ledger/archive has
// the one that comes with the library: a folder of compressed files, each with a checksum. Package ledger/archive/archivetest
// checks any other. An Archiver is safe for concurrent use, and so are two on the same place.
//
// What iterators yield ends with the first error. A context that is done ends them with its error.
type Archiver interface {
	// Put keeps the records of a segment, durably once it returns nil. They are those of the account's stream from s.First to
	// s.Last. The same segment again, with the same records, is done already. It returns the segment with its Sum; that of s
	// is not looked at.
	//
	// Returns an error that wraps ErrInvalid, and keeps nothing, if the records are not those that s describes
	// (Segment.Check), if the segment does not follow the last one (Segment.Follows), or if another one stands in its place.
	// It keeps nothing either where the records end in an error, or the context does: their error is wrapped. After any other
	// error ask again: it may be kept or not, but never in part.
	Put(ctx context.Context, s Segment, records iter.Seq2[event.Record, error]) (Segment, error)

	// Segments yields the segments of an account in the order of their versions; none for an account that it does not know. It
	// yields an error that wraps ErrCorrupt where one is missing before another.
	Segments(ctx context.Context, account string) iter.Seq2[Segment, error]

	// Records yields the records of a segment that Put or Segments returned. It checks them against the segment's Sum, and
	// yields an error that wraps ErrCorrupt where they are not what was put there.
	Records(ctx context.Context, s Segment) iter.Seq2[event.Record, error]
}
