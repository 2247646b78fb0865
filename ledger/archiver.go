package ledger

import (
	"context"
	"iter"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Segment describes a piece of an account's stream that was moved to an archive: the records of versions First to Last, all
// of whose entries belong to periods that are closed. The segments of an account follow each other without a gap, from
// version 1 on.
type Segment struct {
	_ struct{} // disallow positional literals

	Account     string         `json:"account"`
	First       event.Version  `json:"first"`
	Last        event.Version  `json:"last"`
	Entries     int            `json:"entries"`               // how many of the records are entries
	FirstValue  civil.Date     `json:"first_value,omitzero"`  // the earliest value date among the entries
	LastValue   civil.Date     `json:"last_value,omitzero"`   // the latest one
	FirstBooked civil.Date     `json:"first_booked,omitzero"` // the earliest day of booking, in UTC
	LastBooked  civil.Date     `json:"last_booked,omitzero"`  // the latest one
	LastAt      event.Position `json:"last_at"`               // the position of the last record in the journal
	Through     civil.Date     `json:"through,omitzero"`      // the last day of the periods that were closed by then
	Opening     money.Amount   `json:"opening"`               // the balance before the first entry
	Closing     money.Amount   `json:"closing"`               // the balance after the last one
	Sum         Sum            `json:"sum,omitzero"`          // over the description and the records, as the archive defines it
}

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
