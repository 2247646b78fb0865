package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// edit changes what a decision says, one event after the other; nil leaves an event out.
func edit(facts []ledger.Facts, change func(event.Data) event.Data) []ledger.Facts {
	out := make([]ledger.Facts, len(facts))
	for i, f := range facts {
		out[i] = ledger.Facts{Kind: f.Kind, ID: f.ID}
		for _, d := range f.Events {
			if d = change(d); d != nil {
				out[i].Events = append(out[i].Events, d)
			}
		}
	}
	return out
}

// more is an amount and some cents; nothing stays nothing.
func more(a money.Amount, cents int64) money.Amount {
	if a == (money.Amount{}) {
		return a
	}
	return money.New(a.Minor()+cents, a.Currency())
}

// A journal in which all else is consistent, but not the interest.
func TestCheckFindsWrongInterest(t *testing.T) {
	cents := func(entries, posted, accrued int64) func(event.Data) event.Data {
		return func(d event.Data) event.Data {
			switch e := d.(type) {
			case ledger.TransferPosted:
				e.Legs = slices.Clone(e.Legs)
				for i := range e.Legs {
					e.Legs[i].Amount = more(e.Legs[i].Amount, entries)
				}
				return e
			case ledger.EntryBooked:
				e.Amount, e.Balance = more(e.Amount, entries), more(e.Balance, entries)
				return e
			case ledger.InterestBooked:
				e.Posted, e.Accrued = more(e.Posted, posted), more(e.Accrued, accrued)
				return e
			}
			return d
		}
	}
	booked := func(change func(e *ledger.InterestBooked)) func(event.Data) event.Data {
		return func(d event.Data) event.Data {
			if e, ok := d.(ledger.InterestBooked); ok {
				change(&e)
				return e
			}
			return d
		}
	}
	for _, row := range []struct {
		name    string
		accrued string
		change  func(event.Data) event.Data
		wrong   bool
	}{
		{"as it was decided", "", func(d event.Data) event.Data { return d }, false},
		{"as it was decided, and accrued", "accrued", func(d event.Data) event.Data { return d }, false},
		{"a cent more than it comes to", "", cents(1, 1, 0), true},
		{"a cent more than it says", "", cents(1, 0, 0), true},
		{"a cent less than it says", "", cents(0, 1, 0), true},
		{"a cent more than accrued", "accrued", cents(1, 1, 0), true},
		{"a cent more is accrued", "accrued", cents(0, 0, 1), true},
		{"for another day", "", booked(func(e *ledger.InterestBooked) { e.PostedThrough-- }), true},
		{"beyond the period", "", func(d event.Data) event.Data {
			switch e := d.(type) {
			case ledger.InterestDecided:
				e.Through++
				return e
			case ledger.InterestBooked:
				e.PostedThrough++
				return e
			}
			return d
		}, true},
		{"of nobody", "", func(d event.Data) event.Data {
			if e, ok := d.(ledger.TransferPosted); ok {
				e.Interest = ""
				return e
			}
			return d
		}, true},
		{"of no decision", "", func(d event.Data) event.Data {
			switch e := d.(type) {
			case ledger.InterestDecided:
				return nil
			case ledger.TransferPosted:
				e.Interest = ""
				return e
			}
			return d
		}, true},
		{"that is not booked", "", func(d event.Data) event.Data {
			if _, ok := d.(ledger.InterestBooked); ok {
				return nil
			}
			return d
		}, true},
		{"that is not accrued", "accrued", booked(func(e *ledger.InterestBooked) { e.AccruedThrough, e.Accrued = 0, money.Amount{} }), true},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := saver(t, row.accrued)
			facts, _, err := b.capitalise("anna", onDay("2027-02-01")).Decide(b.ledger)
			if err != nil {
				t.Fatal(err)
			}
			b.record(edit(facts, row.change)...)
			var broken *ledger.BrokenError
			err = b.check()
			if wrong := errors.As(err, &broken) && broken.Law == "L10"; wrong != row.wrong || !wrong && err != nil {
				t.Errorf("got %v, want L10 broken: %t", err, row.wrong)
			}
		})
	}
}

// The same days posted a second time, under another id; and days closed before their interest was posted.
func TestCheckFindsInterestPostedTwiceOrNever(t *testing.T) {
	b := saver(t, "")
	facts, _, err := b.capitalise("anna", onDay("2027-02-01")).Decide(b.ledger)
	if err != nil {
		t.Fatal(err)
	}
	b.record(facts...)
	again := edit(facts, func(d event.Data) event.Data {
		switch e := d.(type) {
		case ledger.InterestDecided:
			e.Transfer = "again"
			return e
		case ledger.TransferPosted:
			e.Transfer = "again"
			return e
		case ledger.EntryBooked:
			e.Transfer, e.Balance = "again", more(e.Balance, 310_00)
			return e
		case ledger.InterestBooked:
			e.Transfer = "again"
			return e
		}
		return d
	})
	again[0].ID = "again"
	b.record(again...)
	var broken *ledger.BrokenError
	if err := b.check(); !errors.As(err, &broken) || broken.Law != "L10" {
		t.Errorf("twice: got %v", err)
	}

	b = saver(t, "")
	b.record(ledger.Facts{Kind: ledger.KindAccount, ID: "anna", Events: []event.Data{ledger.PeriodEnded{
		At: noonOf(onDay("2027-02-05")), Through: onDay("2027-02-03"), Balance: money.New(36_500_00, money.EUR),
	}}})
	if err := b.check(); !errors.As(err, &broken) || broken.Law != "L10" || broken.Record != "account/anna@4" {
		t.Errorf("never: got %v", err)
	}
}
