package ledger

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

// SetInterest gives an account interest, or other terms for it. It counts for all days since the last closed period: what was
// posted for them under other terms is corrected by the next posting.
type SetInterest struct {
	_ struct{} // disallow positional literals

	At    time.Time       `json:"at"`
	From  civil.Date      `json:"from,omitzero"` // the first day that earns; of an account that has interest already, none
	Terms *interest.Terms `json:"terms"`

	// Source is the account that interest is paid from, and charged to: an expense of the bank for savings, an income for loans.
	Source string `json:"source"`

	// Accrued is the account where interest stands that was not posted yet, if it is booked as it accrues: see Accrue. It may be
	// "": then interest is booked when it is posted, and Accrue has nothing to do.
	Accrued string `json:"accrued,omitempty"`
}

// savings is what an account knows of its interest.
type savings struct {
	Terms          *interest.Terms `json:"terms"`
	Source         string          `json:"source"`
	AccruedAccount string          `json:"accrued,omitempty"` // where it stands before it is posted

	// Interest of the days before Start is Base; they are closed, and it never changes. That of the days after is made anew of
	// the balances by value date whenever it is asked for, so that whatever is booked there later is in it.
	From  civil.Date       `json:"from"`
	Start civil.Date       `json:"start"`
	Base  interest.Accrued `json:"base,omitzero"`

	// Before is the interest of the days before the period that is to be posted next, once days of that period are closed: what
	// of it was not posted is a correction, and the rest is interest of the period.
	Before interest.Accrued `json:"before,omitzero"`

	AccruedThrough civil.Date `json:"accrued_through,omitzero"`
	Accrued        int64      `json:"accrued_sum,omitempty"`
	PostedThrough  civil.Date `json:"posted_through,omitzero"`
	Posted         int64      `json:"posted_sum,omitempty"`
}

// Decide returns an InterestSet, or a Refusal. It returns an error that wraps ErrInvalid or interest.ErrInvalid if the terms are
// not of the account's currency, or have no rates for the first day that counts.
func (c SetInterest) Decide(a *Account) ([]event.Data, error) {
	return decideAccount(a, "set_interest", c.At, func(at time.Time) (refusal, event.Data, error) {
		if r := a.judgeState(); r.reason != "" {
			return r, nil, nil
		}
		s, err := a.savingsOf(&c)
		if err != nil {
			return refusal{}, nil, err
		}
		return refusal{}, InterestSet{At: at, From: s.From, Terms: s.Terms, Source: s.Source, Accrued: s.AccruedAccount}, nil
	})
}

// savingsOf returns what the account's interest becomes.
func (a *Account) savingsOf(c *SetInterest) (*savings, error) {
	if c.Terms == nil || c.Terms.Currency() != a.terms.Currency {
		return nil, fmt.Errorf("%w terms: want those of an account in %s", ErrInvalid, a.terms.Currency)
	}
	s := savings{From: c.From, Start: max(c.From, a.through.AddDays(1))}
	if a.interest != nil {
		s = *a.interest
		if !c.From.IsZero() && c.From != s.From {
			return nil, fmt.Errorf("%w from: the account has interest since %s", ErrInvalid, s.From)
		}
		if s.AccruedAccount == "" && c.Accrued != "" { // all that was posted so far was never accrued
			s.Accrued, s.AccruedThrough = s.Posted, s.PostedThrough
		}
		if s.AccruedAccount != c.Accrued && s.Accrued != s.Posted {
			return nil, fmt.Errorf("%w accrued: interest stands in account %q until it is posted", ErrInvalid, s.AccruedAccount)
		}
	}
	if !s.From.Valid() || s.From <= a.through && a.interest == nil {
		return nil, fmt.Errorf("%w from: want a day that is not in a closed period", ErrInvalid)
	}
	if err := checkID("source", c.Source); err != nil {
		return nil, err
	}
	if c.Accrued != "" {
		if err := checkID("accrued", c.Accrued); err != nil {
			return nil, err
		}
	}
	if c.Source == a.id || c.Accrued == a.id || c.Accrued == c.Source {
		return nil, fmt.Errorf("%w source, accrued: want accounts that differ from each other and from this one", ErrInvalid)
	}
	s.Terms, s.Source, s.AccruedAccount = c.Terms, c.Source, c.Accrued
	if _, err := c.Terms.Accrue(0, nil, s.Start, s.Start.AddDays(1)); err != nil {
		return nil, err
	}
	return &s, nil
}

// Result reads the decision back.
func (SetInterest) Result(decided []event.Data) AccountDecision { return accountDecisionOf(decided) }

func (a *Account) applyInterestSet(e *InterestSet) error {
	s, err := a.savingsOf(&SetInterest{From: e.From, Terms: e.Terms, Source: e.Source, Accrued: e.Accrued})
	if err != nil {
		return err
	}
	return a.at(e.At, func() { a.interest = s })
}

func (a *Account) applyInterestBooked(e *InterestBooked) error {
	if a.interest == nil {
		return fmt.Errorf("the account has no interest")
	}
	s := *a.interest
	c := a.terms.Currency
	if e.AccruedThrough.Valid() {
		s.AccruedThrough, s.Accrued = e.AccruedThrough, e.Accrued.Minor()
	}
	if e.PostedThrough.Valid() {
		s.PostedThrough, s.Posted = e.PostedThrough, e.Posted.Minor()
	}
	back := s.AccruedThrough < a.interest.AccruedThrough || s.PostedThrough < a.interest.PostedThrough
	if back || e.AccruedThrough.Valid() && e.Accrued.Currency() != c || e.PostedThrough.Valid() && e.Posted.Currency() != c {
		return fmt.Errorf("it goes back, or is of another currency")
	}
	return a.at(e.At, func() { a.interest = &s })
}

// total returns the exact interest of all time up to and including a day, over the balances by value date as they are now.
func (s *savings) total(a *Account, through civil.Date) (interest.Accrued, error) {
	if through < s.Start {
		return s.Base, nil
	}
	opening, balance := a.opening, a.opening
	history := make([]interest.Balance, 0, len(a.days))
	for _, d := range a.days {
		balance += d.net
		if d.date <= s.Start {
			opening = balance
		} else if d.date <= through {
			history = append(history, interest.Balance{Day: d.date, Minor: balance})
		}
	}
	more, err := s.Terms.Accrue(opening, history, s.Start, through.AddDays(1))
	if err != nil {
		return interest.Accrued{}, err
	}
	return s.Base.Add(more)
}

// rounded returns the total of all time up to a day in whole minor units.
func (s *savings) rounded(a *Account, through civil.Date) (int64, error) {
	total, err := s.total(a, through)
	if err != nil {
		return 0, err
	}
	return s.round(total)
}

func (s *savings) round(total interest.Accrued) (int64, error) {
	if total.IsZero() {
		return 0, nil
	}
	amount, err := total.Amount(s.Terms.Rounding())
	return amount.Minor(), err
}

// before returns the total of the days before the next period, in whole minor units.
func (s *savings) before(a *Account) (int64, error) {
	first, _ := s.next()
	if first < s.Start { // days of the period are closed, and the total of those before is not made anew
		return s.round(s.Before)
	}
	return s.rounded(a, first.AddDays(-1))
}

// final returns the total of all time, in whole minor units, of an account that is empty from a day on: that day, or the last one
// of which it knows entries.
func (s *savings) final(a *Account, day civil.Date) (int64, error) {
	if n := len(a.days); n > 0 {
		day = max(day, a.days[n-1].date)
	}
	return s.rounded(a, day.AddDays(-1))
}

// close keeps the interest of days that are closed: it never changes any more.
func (s *savings) close(a *Account, through civil.Date) (*savings, error) {
	closed := *s
	if through < s.Start {
		return &closed, nil
	}
	var err error
	if first, _ := s.next(); s.Start <= first && first <= through {
		if closed.Before, err = s.total(a, first.AddDays(-1)); err != nil {
			return nil, err
		}
	}
	closed.Base, err = s.total(a, through)
	closed.Start = through.AddDays(1)
	return &closed, err
}

// next returns the first day of which interest is not posted, and the day on which its posting is due. Days that are closed are
// posted together, also where other terms would have had them in several periods.
func (s *savings) next() (first, end civil.Date) {
	first = max(s.From, s.PostedThrough.AddDays(1))
	return first, s.Terms.Capitalise().End(max(first, s.Start.AddDays(-1)))
}

// interestPending reports whether interest of days up to one is still to be posted at the end of a period. An account that is closed
// has none: all of it was posted, and what is empty earns nothing.
func (a *Account) interestPending(through civil.Date) bool {
	if a.interest == nil || a.closed {
		return false
	}
	_, end := a.interest.next()
	return end <= through
}

// InterestState is how the interest of an account stands.
type InterestState struct {
	Terms          *interest.Terms
	Source         string
	AccruedAccount string
	From           civil.Date
	AccruedThrough civil.Date   // up to which day it is booked as accrued
	Accrued        money.Amount // all of it, on the account's normal side; what is not in Posted stands in AccruedAccount
	PostedThrough  civil.Date   // up to which day it is posted
	Posted         money.Amount // all of it, on the account's normal side
	Next           civil.Date   // when the next posting is due: the end of the period
}

// Interest returns how the account's interest stands; ok is false if it has none.
func (a *Account) Interest() (state InterestState, ok bool) {
	s := a.interest
	if s == nil {
		return InterestState{}, false
	}
	_, end := s.next()
	return InterestState{
		Terms: s.Terms, Source: s.Source, AccruedAccount: s.AccruedAccount, From: s.From, AccruedThrough: s.AccruedThrough,
		Accrued: money.New(s.Accrued, a.terms.Currency), PostedThrough: s.PostedThrough,
		Posted: money.New(s.Posted, a.terms.Currency), Next: end,
	}, true
}

// InterestThrough returns the exact interest that the account has earned, or owes, from the first day on up to and including
// one, over the balances by value date as they are known now: what was posted of it, and what was not.
//
// Returns an error that wraps ErrInvalid if the account has no interest, and those of interest.Terms.Accrue.
func (a *Account) InterestThrough(day civil.Date) (interest.Accrued, error) {
	if a.interest == nil {
		return interest.Accrued{}, fmt.Errorf("%w account %q: it has no interest", ErrInvalid, a.id)
	}
	if day < a.through {
		return interest.Accrued{}, fmt.Errorf("%w account %q: the days through %s are closed", ErrInvalid, a.id, a.through)
	}
	return a.interest.total(a, day)
}
