package ledger

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Statement is an account over some days: the balance before, the entries, the balance after. Balances are on the account's
// normal side: what a customer has is positive on the customer's account, which is a liability of the bank.
type Statement struct {
	Account  string
	Name     string // of the account
	Type     Type
	Currency money.Currency
	From, To civil.Date     // the first and the last day
	By       DateKind       // which days those are
	Zone     *time.Location // in which instants are shown, and become booking dates
	Opening  money.Amount   // before the first entry
	Closing  money.Amount   // after the last one
	Debits   Total
	Credits  Total
	Entries  []Entry // in the order of booking; by value date, those of one day in that order. Balance runs from Opening
}

// Total is how many entries there are, and what they sum to.
type Total struct {
	Count  int
	Amount money.Amount
}

// Booked returns the booking date of an entry in the statement's zone.
func (s *Statement) Booked(e *Entry) civil.Date { return civil.DateOf(e.At, s.Zone) }

// MaxStatement is how many entries a statement may have.
const MaxStatement = 1 << 20

// DateKind says by which of its dates an entry belongs to a statement.
type DateKind uint8

// The dates of an entry.
const (
	ByBooking DateKind = iota + 1 // the day on which it was booked, in the statement's zone
	ByValue                       // the value date
)

// Valid reports whether k is one of the constants.
func (k DateKind) Valid() bool { return k == ByBooking || k == ByValue }

// Query says which statement is wanted.
type Query struct {
	_ struct{} // disallow positional literals

	From, To civil.Date     // the first and the last day
	By       DateKind       // which days those are
	Zone     *time.Location // of booking dates; nil is UTC
}

// Validate returns an error that wraps ErrInvalid if there is no such statement.
func (q *Query) Validate() error {
	switch {
	case !q.From.Valid() || !q.To.Valid() || q.To < q.From:
		return fmt.Errorf("%w query: want a first day and a last one that is not before it", ErrInvalid)
	case !q.By.Valid():
		return fmt.Errorf("%w query: by: want booking or value", ErrInvalid)
	}
	return nil
}

// day returns the day by which an entry belongs to the statement.
func (q *Query) day(e *Entry) civil.Date {
	if q.By == ByValue {
		return e.Value
	}
	return civil.DateOf(e.At, q.Zone)
}

// Before reports whether every entry of a segment lies before the query's first day, whatever the zone.
func (q *Query) Before(s *Segment) bool {
	if q.By == ByValue {
		return s.LastValue < q.From
	}
	return s.LastBooked.AddDays(1) < q.From
}

// Statement makes the statement of an account from its entries, in the order of booking. Those that lie before the query's
// first day may be left out; before is what they sum to.
//
// Returns an error if the query is malformed, there are more than MaxStatement entries, a sum does not fit, or entries yields
// one.
func (q *Query) Statement(id string, t Terms, before money.Amount, entries iter.Seq2[Entry, error]) (*Statement, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	zero := money.New(0, t.Currency)
	s := &Statement{
		Account: id, Name: t.Name, Type: t.Type, Currency: t.Currency, From: q.From, To: q.To, By: q.By, Zone: q.Zone,
		Opening: before, Debits: Total{Amount: zero}, Credits: Total{Amount: zero},
	}
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		switch day := q.day(&e); {
		case day < q.From:
			if s.Opening, err = t.Type.Book(s.Opening, e.Side, e.Amount); err != nil {
				return nil, fmt.Errorf("ledger: statement: %w", err)
			}
		case day <= q.To:
			if len(s.Entries) == MaxStatement {
				return nil, fmt.Errorf("%w query: more than %d entries", ErrInvalid, MaxStatement)
			}
			s.Entries = append(s.Entries, e)
		}
	}
	if q.By == ByValue {
		slices.SortStableFunc(s.Entries, func(a, b Entry) int { return cmp.Compare(a.Value, b.Value) })
	}
	return s, s.run()
}

// run fills in the balances and totals.
func (s *Statement) run() (err error) {
	s.Closing = s.Opening
	for i := range s.Entries {
		e := &s.Entries[i]
		if s.Closing, err = s.Type.Book(s.Closing, e.Side, e.Amount); err != nil {
			return fmt.Errorf("ledger: statement: %w", err)
		}
		e.Balance = s.Closing
		total := &s.Debits
		if e.Side == Credit {
			total = &s.Credits
		}
		total.Count++
		if total.Amount, err = total.Amount.Add(e.Amount); err != nil {
			return fmt.Errorf("ledger: statement: %w", err)
		}
	}
	return nil
}

// Reader makes the entries of an account from its records, in their order. The zero value is not ready: see [NewReader].
type Reader struct {
	id      string
	terms   Terms
	balance int64
	through civil.Date
	version event.Version
}

// NewReader returns a reader that begins with the account's first record.
func NewReader(id string, t Terms) *Reader { return &Reader{id: id, terms: t} }

// Skip goes to the end of an archived segment.
func (r *Reader) Skip(s *Segment) {
	r.balance, r.through, r.version = s.Closing.Minor(), s.Through, s.Last
}

// Version returns that of the last record that was read or skipped.
func (r *Reader) Version() event.Version { return r.version }

// Balance returns what the entries so far sum to.
func (r *Reader) Balance() money.Amount { return money.New(r.balance, r.terms.Currency) }

// Through returns the last day of the account's closed periods so far.
func (r *Reader) Through() civil.Date { return r.through }

// Next reads the next record, whose data was decoded; ok is false if it is no entry.
//
// Returns an error that wraps ErrCorrupt if the record does not follow the one before, or says a balance that is not the sum.
func (r *Reader) Next(record *event.Record, d event.Data) (e Entry, ok bool, err error) {
	if record.Version != r.version+1 {
		return Entry{}, false, fmt.Errorf("%w: %s stands where version %d should be", ErrCorrupt, record.ID(), r.version+1)
	}
	r.version++
	switch d := d.(type) {
	case PeriodEnded:
		r.through = max(r.through, d.Through)
	case EntryBooked:
		a := Account{terms: r.terms}
		delta, err := a.legDelta(d.Side, d.Amount)
		sum, fits := addChecked(r.balance, delta)
		if r.terms.Unconstrained { // as the account has it
			sum, fits = r.balance+delta, true
		}
		if err != nil || !fits || !r.terms.Unconstrained && d.Balance != money.New(sum, r.terms.Currency) {
			return Entry{}, false, fmt.Errorf("%w: %s: its balance is not the sum of the entries", ErrCorrupt, record.ID())
		}
		r.balance = sum
		return Entry{
			Number: record.Version, Position: record.Position, Transfer: d.Transfer, At: d.At,
			Value: max(d.Value, r.through.AddDays(1)), Side: d.Side, Amount: d.Amount, Balance: r.Balance(), Counter: d.Counter,
			Details: d.Details, Reverses: d.Reverses, Forced: d.Forced,
		}, true, nil
	}
	return Entry{}, false, nil
}
