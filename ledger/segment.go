package ledger

import (
	"encoding/hex"
	"fmt"
	"iter"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Sum is a SHA-256 sum. As text, and so in JSON, it is 64 lower-case hexadecimal digits.
type Sum [32]byte

// IsZero reports whether s is not set.
func (s Sum) IsZero() bool { return s == Sum{} }

// String returns the sum in hexadecimal digits.
func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// MarshalText returns what String returns.
func (s Sum) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote. It returns an error that wraps ErrInvalid for anything else.
func (s *Sum) UnmarshalText(text []byte) error {
	var read Sum
	if len(text) != hex.EncodedLen(len(read)) {
		return fmt.Errorf("%w sum: want %d hexadecimal digits", ErrInvalid, hex.EncodedLen(len(read)))
	}
	if _, err := hex.Decode(read[:], text); err != nil || read.String() != string(text) {
		return fmt.Errorf("%w sum: want lower-case hexadecimal digits", ErrInvalid)
	}
	*s = read
	return nil
}

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

// Validate returns an error that wraps ErrInvalid if:
//   - the account is empty, longer than event.MaxName bytes, not UTF-8, or holds a control character;
//   - First is 0, or Last is before it;
//   - there are more entries than records, or fewer than none;
//   - there are entries, and a date is missing or before the first of its kind; or there are none, and a date is set or the
//     balances differ;
//   - the balances have no currency, or not the same;
//   - LastAt is less than so many records need.
func (s *Segment) Validate() error {
	if err := event.ValidateKey(s.Account); err != nil {
		return fmt.Errorf("%w segment: account: %w", ErrInvalid, err)
	}
	if s.First == 0 || s.Last < s.First {
		return fmt.Errorf("%w segment: versions %d to %d: want 1 or more, in order", ErrInvalid, s.First, s.Last)
	}
	if s.Entries < 0 || s.Entries > 0 && uint64(s.Entries-1) > uint64(s.Last-s.First) {
		return fmt.Errorf("%w segment: %d entries in versions %d to %d", ErrInvalid, s.Entries, s.First, s.Last)
	}
	if !s.Opening.Valid() || s.Opening.Currency() != s.Closing.Currency() {
		return fmt.Errorf("%w segment: opening and closing: want balances of one currency", ErrInvalid)
	}
	if uint64(s.LastAt) <= uint64(s.Last-s.First) {
		return fmt.Errorf("%w segment: last_at %d: want the position of the last record", ErrInvalid, s.LastAt)
	}
	if s.Entries > 0 {
		return s.validateDates()
	}
	if s.FirstValue != 0 || s.LastValue != 0 || s.FirstBooked != 0 || s.LastBooked != 0 || s.Opening != s.Closing {
		return fmt.Errorf("%w segment: without entries it has no dates, and closes as it opened", ErrInvalid)
	}
	return nil
}

func (s *Segment) validateDates() error {
	for _, d := range [...]struct {
		name        string
		first, last civil.Date
	}{{"value", s.FirstValue, s.LastValue}, {"booked", s.FirstBooked, s.LastBooked}} {
		if !d.first.Valid() || !d.last.Valid() || d.last < d.first {
			return fmt.Errorf("%w segment: first and last %s: want two dates, in order", ErrInvalid, d.name)
		}
	}
	return nil
}

// Follows returns an error that wraps ErrInvalid if s is not the segment behind before: of the same account, from the next
// version on, opening with what that closed with, and further on in the journal and in time. The zero Segment stands before the
// first one, which starts at version 1.
func (s *Segment) Follows(before *Segment) error {
	switch {
	case s.First == 0 || s.First != before.Last+1:
		return fmt.Errorf("%w segment: it starts at version %d, and what is kept ends at %d", ErrInvalid, s.First, before.Last)
	case before.Last == 0:
		return nil
	case s.Account != before.Account:
		return fmt.Errorf("%w segment: the one before is of another account", ErrInvalid)
	case s.Opening != before.Closing:
		return fmt.Errorf("%w segment: it opens with %s, and the one before closes with %s", ErrInvalid, s.Opening, before.Closing)
	case s.LastAt <= before.LastAt || s.Through < before.Through:
		return fmt.Errorf("%w segment: last_at or through is before that of the one before", ErrInvalid)
	}
	return nil
}

// Check yields records for as long as they are what the segment describes, and an error that wraps ErrInvalid where they are
// not:
//   - a record is not valid, or its stream is not that of the account: any kind, a slash, the account; the same for all;
//   - versions do not run from First to Last, positions do not grow up to LastAt, or At is not UTC in microseconds, or goes back.
//
// What their content says of entries and balances it does not read. An error of records is yielded as it is. Nothing follows
// an error.
func (s *Segment) Check(records iter.Seq2[event.Record, error]) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		var before event.Record
		before.Version = s.First - 1
		for r, err := range records {
			if err == nil {
				err = s.checkNext(&before, &r)
			}
			if err != nil {
				yield(event.Record{}, err)
				return
			}
			if !yield(r, nil) {
				return
			}
			before = r
		}
		switch {
		case before.Version != s.Last:
			yield(event.Record{}, fmt.Errorf("%w segment: the records end at version %d, want %d", ErrInvalid, before.Version, s.Last))
		case before.Position != s.LastAt:
			yield(event.Record{}, fmt.Errorf("%w segment: the records end at position %d, want %d", ErrInvalid, before.Position, s.LastAt))
		}
	}
}

// checkNext checks the record behind before, whose Stream is "" for the first one.
func (s *Segment) checkNext(before, r *event.Record) error {
	if r.Version != before.Version+1 || r.Version > s.Last || r.Version == 0 {
		return fmt.Errorf("%w segment: record of version %d behind %d, want versions %d to %d",
			ErrInvalid, r.Version, before.Version, s.First, s.Last)
	}
	if before.Stream == "" {
		if _, id := event.SplitStream(r.Stream); id != s.Account || event.ValidateStream(r.Stream) != nil {
			return fmt.Errorf("%w segment: version %d: its stream is not that of the account", ErrInvalid, r.Version)
		}
	} else if r.Stream != before.Stream {
		return fmt.Errorf("%w segment: version %d: its stream is not that of the others", ErrInvalid, r.Version)
	}
	if err := r.Validate(); err != nil {
		return fmt.Errorf("%w segment: version %d: %w", ErrInvalid, r.Version, err)
	}
	if r.Key != "" {
		if err := event.ValidateKey(r.Key); err != nil {
			return fmt.Errorf("%w segment: version %d: %w", ErrInvalid, r.Version, err)
		}
	}
	if r.Position <= before.Position || r.At.Before(before.At) {
		return fmt.Errorf("%w segment: version %d: its position or At is before that of the record before", ErrInvalid, r.Version)
	}
	if _, err := money.UnixMicro(r.At); err != nil || r.At != money.Instant(r.At) {
		return fmt.Errorf("%w segment: version %d: at: want an instant in UTC and whole microseconds", ErrInvalid, r.Version)
	}
	return nil
}
