// Package sheet checks a statement before it is shown to anybody: a page, or a message to a customer, never carries sums that
// do not add up.
package sheet

import (
	"fmt"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// Check returns an error that wraps ledger.ErrInvalid if:
//   - s is nil, its currency, type or days are not valid, or it does not say by which date its entries belong to it;
//   - an entry has no valid side, dates or amount, or does not belong to the days;
//   - entries by booking are not in the order of their numbers;
//   - the balances do not run from Opening to Closing, or the totals are not those of the entries.
//
// It costs O(n) for n entries, and no memory.
func Check(s *ledger.Statement) error {
	switch {
	case s == nil:
		return fmt.Errorf("%w statement: there is none", ledger.ErrInvalid)
	case !s.Currency.Valid():
		return refuse("currency", "none is set")
	case !s.Type.Valid():
		return refuse("type", "none is set")
	case !s.From.Valid() || !s.To.Valid() || s.From > s.To:
		return refuse("from, to", "want two days in their order")
	case !s.By.Valid():
		return refuse("by", "want booking or value")
	case s.Opening.Currency() != s.Currency:
		return refuse("opening", "it is not in the statement's currency")
	}
	sums := [...]ledger.Total{{Amount: money.New(0, s.Currency)}, {Amount: money.New(0, s.Currency)}} // debits, credits
	balance, number := s.Opening, event.Version(0)
	for i := range s.Entries {
		e := &s.Entries[i]
		if why := checkEntry(s, e, number); why != "" {
			return refuse(fmt.Sprintf("entry %d", i+1), why)
		}
		number = e.Number
		var err error
		if balance, err = s.Type.Book(balance, e.Side, e.Amount); err != nil {
			return refuse(fmt.Sprintf("entry %d", i+1), err.Error())
		}
		if balance != e.Balance {
			return refuse(fmt.Sprintf("entry %d", i+1), "its balance is not the one before with its amount")
		}
		sum := &sums[e.Side-ledger.Debit]
		if sum.Amount, err = sum.Amount.Add(e.Amount); err != nil {
			return refuse(fmt.Sprintf("entry %d", i+1), err.Error())
		}
		sum.Count++
	}
	switch {
	case balance != s.Closing:
		return refuse("closing", "it is not the opening balance with all entries")
	case s.Debits != sums[0]:
		return refuse("debits", "they are not the sum of the entries")
	case s.Credits != sums[1]:
		return refuse("credits", "they are not the sum of the entries")
	}
	return nil
}

// checkEntry says what is wrong with an entry by itself; before is the number of the one before it.
func checkEntry(s *ledger.Statement, e *ledger.Entry, before event.Version) string {
	booked := s.Booked(e)
	day := booked
	if s.By == ledger.ByValue {
		day = e.Value
	}
	switch {
	case !e.Side.Valid():
		return "it has no side"
	case e.Amount.Currency() != s.Currency || e.Amount.Sign() <= 0:
		return "want an amount above zero in the statement's currency"
	case !booked.Valid() || !e.Value.Valid():
		return "want a day of booking and a value date"
	case day < s.From || day > s.To:
		return "it is not of the statement's days"
	case s.By == ledger.ByBooking && e.Number <= before:
		return "its number does not grow"
	}
	return ""
}

func refuse(field, why string) error {
	return fmt.Errorf("%w statement: %s: %s", ledger.ErrInvalid, field, why)
}
