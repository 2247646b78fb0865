package books

import (
	"context"
	"fmt"
	"iter"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// Entries yields the entries of an account after the one with a number, in the order of booking: 0 for all of them. The number
// of the last one that was seen is the cursor to go on from. What was archived comes from the archive. It stops at the first
// error, which it yields.
func (b *Books) Entries(ctx context.Context, id string, after event.Version) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		h, err := b.history(ctx, id, func(s *ledger.Segment) bool { return s.Last <= after })
		if err != nil {
			yield(ledger.Entry{}, err)
			return
		}
		for e, err := range h.entries(ctx) {
			if err == nil && e.Number <= after {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// Statement makes the statement of an account. It reads the entries from the query's first day on, and before it what is not
// archived.
//
// Returns an error that wraps ErrNoAccount if there is no account, ledger.ErrInvalid if the query is malformed, and
// ledger.ErrCorrupt if what was read contradicts itself.
func (b *Books) Statement(ctx context.Context, id string, q ledger.Query) (*ledger.Statement, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	h, err := b.history(ctx, id, q.Before)
	if err != nil {
		return nil, err
	}
	return q.Statement(id, h.terms, h.reader.Balance(), h.entries(ctx))
}

// BalanceAsOf returns the balance by value date at the end of a day, of what the journal held up to a position: what was known
// then. Position 0 stands for all of it.
//
// Returns an error that wraps ErrNoAccount if there is no account, and ledger.ErrCorrupt if what was read contradicts itself.
func (b *Books) BalanceAsOf(ctx context.Context, id string, date civil.Date, position event.Position) (money.Amount, error) {
	h, err := b.history(ctx, id, func(s *ledger.Segment) bool {
		return s.LastValue <= date && (position == 0 || s.LastAt <= position)
	})
	if err != nil {
		return money.Amount{}, err
	}
	sum := h.reader.Balance()
	for e, err := range h.entries(ctx) {
		if err != nil {
			return money.Amount{}, err
		}
		if position != 0 && e.Position > position {
			break
		}
		if e.Value > date {
			continue
		}
		if sum, err = h.terms.Type.Book(sum, e.Side, e.Amount); err != nil {
			return money.Amount{}, fmt.Errorf("books: balance of %q: %w", id, err)
		}
	}
	return sum, nil
}

// history is an account's records: those of the archive, then those of the journal. What of the archive is not wanted is
// skipped.
type history struct {
	books  *Books
	id     string
	terms  ledger.Terms
	reader *ledger.Reader // at the end of what is skipped
	rest   []ledger.Segment
}

// history finds the first record that is wanted: skip says, of one segment of the archive after the other, whether it may be
// left out, until it says no.
func (b *Books) history(ctx context.Context, id string, skip func(*ledger.Segment) bool) (*history, error) {
	h := &history{books: b, id: id}
	var marked event.Version
	var sum ledger.Sum
	err := b.Account(ctx, id, func(a *ledger.Account) error {
		if !a.Exists() {
			return fmt.Errorf("%w: %q", ErrNoAccount, id)
		}
		h.terms = a.Terms()
		marked, sum = a.ArchivedThrough()
		return nil
	})
	if err != nil {
		return nil, err
	}
	h.reader = ledger.NewReader(id, h.terms)
	if b.opts.Archive == nil {
		return h, nil
	}
	for s, err := range b.opts.Archive.Segments(ctx, id) {
		switch {
		case err != nil:
			return nil, fmt.Errorf("books: archive of %q: %w", id, err)
		case s.Last == marked && s.Sum != sum:
			return nil, fmt.Errorf("books: archive of %q: %w: its segment up to version %d is not the one that was put there",
				id, ledger.ErrCorrupt, s.Last)
		case len(h.rest) == 0 && skip(&s):
			h.reader.Skip(&s)
		default:
			h.rest = append(h.rest, s)
		}
	}
	return h, nil
}

// entries yields the entries that are not skipped, in the order of booking.
func (h *history) entries(ctx context.Context) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for _, s := range h.rest {
			if !h.read(h.books.opts.Archive.Records(ctx, s), yield) {
				return
			}
		}
		h.read(h.books.journal.Stream(ctx, event.Stream(kindAccount, h.id), h.reader.Version()), yield)
	}
}

// read yields the entries of records; false if it is over.
func (h *history) read(records iter.Seq2[event.Record, error], yield func(ledger.Entry, error) bool) bool {
	for record, err := range records {
		var d event.Data
		if err == nil {
			d, err = h.books.codec.Decode(record.Event)
		}
		var e ledger.Entry
		entry := false
		if err == nil {
			e, entry, err = h.reader.Next(&record, d)
		}
		if err != nil {
			yield(ledger.Entry{}, fmt.Errorf("books: account %q: %w", h.id, err))
			return false
		}
		if entry && !yield(e, nil) {
			return false
		}
	}
	return true
}
