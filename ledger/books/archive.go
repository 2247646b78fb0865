package books

import (
	"context"
	"fmt"
	"iter"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// Archive moves what of an account's history belongs to closed periods to the archive, and returns the segment that it made; ok
// is false if there was nothing to move. From then on that is read from the archive. It may be called again at any time, also
// after a crash in its middle. Of several processes that archive an account at once, those that come late may fail, with nothing
// changed: call it again.
//
// Returns an error that wraps ErrNoArchive if there is none, ErrNoAccount if there is no such account, and those of the archive
// and of [Books.Do].
func (b *Books) Archive(ctx context.Context, id string) (s ledger.Segment, ok bool, err error) {
	if b.opts.Archive == nil {
		return s, false, ErrNoArchive
	}
	h, err := b.history(ctx, id, func(*ledger.Segment) bool { return true })
	if err != nil {
		return s, false, err
	}
	var last, marked event.Version
	err = b.Account(ctx, id, func(a *ledger.Account) error {
		if last = a.OpenFrom() - 1; !a.ClosedThrough().Valid() {
			last = 0
		}
		marked, _ = a.ArchivedThrough()
		return nil
	})
	if err != nil {
		return s, false, err
	}
	if done := h.reader.Version(); marked < done && done <= last { // a crash came between the archive and the mark
		return s, false, b.markArchived(ctx, id, done)
	}
	if s, err = b.describe(ctx, h, last); err != nil || s.Entries == 0 {
		return ledger.Segment{}, false, err
	}
	stream := event.Stream(kindAccount, id)
	if s, err = b.opts.Archive.Put(ctx, s, through(b.journal.Stream(ctx, stream, s.First-1), s.Last)); err != nil {
		return ledger.Segment{}, false, fmt.Errorf("books: archive of %q: %w", id, err)
	}
	return s, true, b.markArchived(ctx, id, s.Last)
}

// describe reads what comes after the reader up to a version, and says what it is.
func (b *Books) describe(ctx context.Context, h *history, last event.Version) (ledger.Segment, error) {
	s := ledger.Segment{Account: h.id, First: h.reader.Version() + 1, Last: last, Opening: h.reader.Balance()}
	if last < s.First {
		return s, nil
	}
	records := through(b.journal.Stream(ctx, event.Stream(kindAccount, h.id), h.reader.Version()), last)
	var failed error
	h.read(tapped(records, func(r *event.Record) { s.LastAt = r.Position }), func(e ledger.Entry, err error) bool {
		if err != nil {
			failed = err
			return false
		}
		booked := civil.DateOf(e.At, nil)
		if s.Entries == 0 {
			s.FirstValue, s.FirstBooked = e.Value, booked
		}
		s.FirstValue, s.LastValue = min(s.FirstValue, e.Value), max(s.LastValue, e.Value)
		s.FirstBooked, s.LastBooked = min(s.FirstBooked, booked), max(s.LastBooked, booked)
		s.Entries++
		return true
	})
	s.Closing, s.Through = h.reader.Balance(), h.reader.Through()
	return s, failed
}

// through ends records with the one of a version.
func through(records iter.Seq2[event.Record, error], last event.Version) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for r, err := range records {
			if !yield(r, err) || err != nil || r.Version >= last {
				return
			}
		}
	}
}

// tapped shows each record to see on its way.
func tapped(records iter.Seq2[event.Record, error], see func(*event.Record)) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for r, err := range records {
			if err == nil {
				see(&r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// markArchived puts on record that an account is archived up to a version, with the sum of the segment that ends there.
func (b *Books) markArchived(ctx context.Context, id string, last event.Version) error {
	var mark ledger.MarkArchived
	for s, err := range b.opts.Archive.Segments(ctx, id) {
		if err != nil {
			return fmt.Errorf("books: archive of %q: %w", id, err)
		}
		if s.Last == last {
			mark = ledger.MarkArchived{Through: last, Sum: s.Sum}
		}
	}
	key := fmt.Sprintf("archived:%d", last)
	shared, err := b.sharedAccount(ctx, id)
	if err != nil {
		return err
	}
	if shared == nil {
		_, err = b.account(ctx, id, key, b.opts.Now(), mark)
	} else {
		_, err = b.closing(ctx, id, key, "ledger.mark_shared_archived", ledger.MarkSharedArchived(mark))
	}
	return err
}
