package desk

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Statement is what has changed in a customer's rewards from an instant until before another one.
type Statement struct {
	Customer         string
	From, Until      time.Time
	Opening, Closing cashback.Balance // the zero Balance if nothing had been earned by then, or in between

	Count int // of the lines

	desk   *Desk
	stream string
	before event.Version       // the record before the first line
	last   event.Version       // the last record that is in it
	dues   []cashback.Movement // of the period, that are not on record
}

// Line is a movement, and what it comes to.
type Line struct {
	cashback.Movement

	Balance cashback.Balance // afterwards
	Version event.Version    // of its record; 0 of what has happened by itself and is not on record
}

// Statement folds the movements of a customer's rewards. It records nothing. What has happened by itself before until, such as an expiry,
// is in it whether it is on record or not: [Desk.Mature] and [Sweeper] change no statement but for the versions. It is the same whenever
// it is asked for, once nothing is decided any more at an instant before until.
//
// It costs reading the stream up to until, and little memory however long that is; of a period that goes on, or after which nothing has
// been put on record, the rewards besides.
//
// Returns an error if from is not before until, or one is not within the years 1970 to 2199 (cashback.ErrInvalid), the journal cannot be
// read, or ctx is done.
func (d *Desk) Statement(ctx context.Context, customer string, from, until time.Time) (*Statement, error) {
	if err := checkID("customer", customer); err != nil {
		return nil, err
	}
	f := &folding{from: money.Instant(from), until: money.Instant(until)}
	if !f.from.Before(f.until) || f.from.Year() < 1970 || f.until.Year() > 2199 {
		return nil, fmt.Errorf("%w: from, until: want a period within the years 1970 to 2199", cashback.ErrInvalid)
	}
	stream := event.Stream(kindRewards, customer)
	for {
		grown, err := d.fold(ctx, stream, f)
		if err != nil {
			return nil, err
		}
		if f.over || !grown && f.asked {
			break // what is due was asked for when all was read
		}
		if f.dues, err = d.duesBy(ctx, customer, f.until); err != nil {
			return nil, err
		}
		f.asked = true
	}
	if f.over {
		f.dues = nil // they are on record
	}
	return d.statement(customer, stream, f)
}

// folding is how far a stream was folded.
type folding struct {
	from, until time.Time

	opening, closing cashback.Balance
	count            int
	before, last     event.Version // of the records: before the first line, and the last one that was read
	over             bool          // there is a record after the period
	asked            bool
	dues             []event.Data
}

// fold reads on in a stream, and reports whether there was more.
func (d *Desk) fold(ctx context.Context, stream string, f *folding) (grown bool, err error) {
	for r, err := range d.engine.Journal().Stream(ctx, stream, f.last) {
		m, moved, err := d.movement(r, err)
		if err != nil {
			return false, err
		}
		if moved && !m.At.Before(f.until) {
			f.over = true
			return true, nil
		}
		f.last, grown = r.Version, true
		if !moved {
			continue
		}
		if f.closing, err = plus(f.closing, m.Change); err != nil {
			return false, err
		}
		if m.At.Before(f.from) {
			f.opening, f.before = f.closing, r.Version
			continue
		}
		f.count++
	}
	return grown, nil
}

// movement reads what a record changes.
func (d *Desk) movement(r event.Record, err error) (m cashback.Movement, moved bool, _ error) {
	if err != nil {
		return m, false, fmt.Errorf("desk: statement: %w", err)
	}
	data, err := d.codec.Decode(r.Event)
	if err != nil {
		return m, false, fmt.Errorf("desk: statement: record %s: %w", r.ID(), err)
	}
	m, moved = cashback.MovementOf(data)
	return m, moved, nil
}

// duesBy returns what has happened by itself by an instant and is not on record.
func (d *Desk) duesBy(ctx context.Context, customer string, until time.Time) (dues []event.Data, err error) {
	err = engine.ViewLatest(ctx, d.rewards, customer, func(r *cashback.Rewards) (err error) {
		dues, err = cashback.Mature{At: until}.Decide(r)
		return err
	})
	return dues, err
}

// statement makes a statement of what was folded.
func (d *Desk) statement(customer, stream string, f *folding) (*Statement, error) {
	s := &Statement{
		Customer: customer, From: f.from, Until: f.until, Opening: f.opening, Closing: f.closing, Count: f.count,
		desk: d, stream: stream, before: f.before, last: f.last,
	}
	for _, data := range f.dues {
		m, moved := cashback.MovementOf(data)
		if !moved || !m.At.Before(f.until) {
			continue
		}
		var err error
		if s.Closing, err = plus(s.Closing, m.Change); err != nil {
			return nil, err
		}
		if m.At.Before(f.from) {
			s.Opening = s.Closing // all that is on record was before
			continue
		}
		s.dues = append(s.dues, m)
		s.Count++
	}
	return s, nil
}

// Lines yields what has changed, in order. It reads the journal each time, and gives the same lines however that has grown. It ends with an
// error if the journal cannot be read, or ctx is done.
func (s *Statement) Lines(ctx context.Context) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		l := lister{balance: s.Opening, yield: yield}
		if s.before < s.last {
			for r, err := range s.desk.engine.Journal().Stream(ctx, s.stream, s.before) {
				m, moved, err := s.desk.movement(r, err)
				if err != nil {
					yield(Line{}, err)
					return
				}
				if moved && !l.next(m, r.Version) {
					return
				}
				if r.Version == s.last {
					break
				}
			}
		}
		for _, m := range s.dues {
			if !l.next(m, 0) {
				return
			}
		}
	}
}

// lister yields lines one by one.
type lister struct {
	balance cashback.Balance
	yield   func(Line, error) bool
}

func (l *lister) next(m cashback.Movement, v event.Version) bool {
	var err error
	if l.balance, err = plus(l.balance, m.Change); err != nil {
		l.yield(Line{}, err)
		return false
	}
	return l.yield(Line{m, l.balance, v}, nil)
}

// plus adds a change to a balance; to the zero Balance, in the currency of the change.
func plus(b, change cashback.Balance) (cashback.Balance, error) {
	if b == (cashback.Balance{}) {
		return change, nil
	}
	for _, f := range []struct {
		sum  *money.Amount
		more money.Amount
	}{
		{&b.Pending, change.Pending}, {&b.Confirmed, change.Confirmed}, {&b.Payable, change.Payable}, {&b.Debt, change.Debt},
		{&b.Earned, change.Earned}, {&b.ClawedBack, change.ClawedBack}, {&b.Waived, change.Waived}, {&b.Rejected, change.Rejected},
		{&b.Expired, change.Expired}, {&b.PaidOut, change.PaidOut}, {&b.Offset, change.Offset},
	} {
		sum, err := f.sum.Add(f.more)
		if err != nil {
			return b, fmt.Errorf("desk: statement: %w", err)
		}
		*f.sum = sum
	}
	return b, nil
}
