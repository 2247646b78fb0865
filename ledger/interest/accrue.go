package interest

import (
	"errors"
	"fmt"
	"sort"

	"github.com/payrules/payrules/civil"
)

// The errors of this package. What is returned wraps one of them, or one of package money: test with errors.Is.
var (
	// ErrInvalid is wrapped when terms or an argument break a stated form. The message names the field.
	ErrInvalid = errors.New("interest: invalid")

	// ErrNoRates is wrapped when interest is asked for days before the first rates of the terms.
	ErrNoRates = errors.New("interest: no rates yet on the first day")
)

// Balance is the balance of an account at the end of a day, in minor units, by value date. It holds until the next Balance.
type Balance struct {
	Day   civil.Date
	Minor int64
}

// Step is a stretch of days on which neither the balance nor the rates change: a line of the account's interest statement.
type Step struct {
	From, To civil.Date // the days from From up to To, which is not among them
	Balance  int64      // minor units, at the end of each of these days
	Days     int        // as the day count has them
	Interest Accrued
}

// Accrue returns the interest of the days from one date up to another, which is not among them. The balance at the end of day d
// earns from d to d+1. Opening is the balance before the first of the history, which is in the order of days and may begin before
// from and go on after to.
//
// It is exact: the interest of any parts that make up the days sums up to that of the whole, to the last digit.
// Accrue costs O(len(history) + changes of rates between from and to), whatever the number of days, and does not allocate.
//
// Accrue returns an error if:
//   - t is the zero Terms, a date is not valid, to is before from, or the days of the history do not ascend (ErrInvalid);
//   - from is before the first rates, and to is after from (ErrNoRates);
//   - the interest of a step or the sum is far beyond the range of an amount ([money.ErrOverflow]).
func (t *Terms) Accrue(opening int64, history []Balance, from, to civil.Date) (Accrued, error) {
	var sum Accrued
	err := t.walk(opening, history, from, to, func(s Step) (err error) {
		sum, err = sum.Add(s.Interest)
		return err
	})
	if err != nil {
		return Accrued{}, err
	}
	sum.currency = t.spec.Currency // also of no days
	return sum, nil
}

// Explain returns the steps that Accrue sums up, in their order. They join, and make up all the days.
// It returns the errors of Accrue.
func (t *Terms) Explain(opening int64, history []Balance, from, to civil.Date) ([]Step, error) {
	var steps []Step
	err := t.walk(opening, history, from, to, func(s Step) error {
		steps = append(steps, s)
		return nil
	})
	return steps, err
}

// walk calls visit with each step.
func (t *Terms) walk(opening int64, history []Balance, from, to civil.Date, visit func(Step) error) error {
	if err := t.check(history, from, to); err != nil || from == to {
		return err
	}
	// What is in force on the first day: the last change at or before it.
	balances := history[sort.Search(len(history), func(i int) bool { return history[i].Day > from }):]
	if n := len(history) - len(balances); n > 0 {
		opening = history[n-1].Minor
	}
	rates := t.rates[sort.Search(len(t.rates), func(i int) bool { return t.rates[i].from > from }):]
	if len(rates) == len(t.rates) {
		return fmt.Errorf("%w: %v is before %v", ErrNoRates, from, rates[0].from)
	}
	for current := &t.rates[len(t.rates)-len(rates)-1]; from < to; {
		next := to
		if len(balances) > 0 {
			next = min(next, balances[0].Day)
		}
		if len(rates) > 0 {
			next = min(next, rates[0].from)
		}
		step, err := t.step(current, opening, from, next)
		if err != nil {
			return err
		}
		if err := visit(step); err != nil {
			return err
		}
		if len(balances) > 0 && balances[0].Day == next {
			opening, balances = balances[0].Minor, balances[1:]
		}
		if len(rates) > 0 && rates[0].from == next {
			current, rates = &rates[0], rates[1:]
		}
		from = next
	}
	return nil
}

func (t *Terms) check(history []Balance, from, to civil.Date) error {
	switch {
	case t == nil || t.rates == nil:
		return errNoTerms()
	case !from.Valid() || !to.Valid() || to < from:
		return fmt.Errorf("%w: days: want two dates in their order", ErrInvalid)
	}
	for i, b := range history {
		if !b.Day.Valid() || i > 0 && b.Day <= history[i-1].Day {
			return fmt.Errorf("%w: history[%d]: want a date after the one before", ErrInvalid, i)
		}
	}
	return nil
}

// step returns the interest of one balance at one set of rates.
func (t *Terms) step(rates *compiledRates, balance int64, from, to civil.Date) (Step, error) {
	count := t.spec.DayCount
	s := Step{From: from, To: to, Balance: balance, Days: count.Days(from, to)}
	table := &rates.credit
	if balance < 0 {
		table = &rates.debit
	}
	units, ok := table.yearly(magnitude(balance)).mul(uint64(count.ticks(to) - count.ticks(from)))
	if ok && balance < 0 {
		units, ok = units.neg()
	}
	if !ok {
		return Step{}, overflow("accrue")
	}
	s.Interest = Accrued{units: units, currency: t.spec.Currency}
	return s, nil
}

// yearly returns the interest of a balance in a year, in units of 1/rateScale minor unit. The parts of a balance in the bands
// are no more than the balance, and rates are below 10^14, so it is below 2^64 · 10^14 and fits.
func (t *compiledTable) yearly(balance uint64) int128 {
	var sum int128
	for i, band := range t.bands {
		if balance <= band.above {
			break
		}
		if t.whole {
			sum = product(balance, band.rate) // until a higher band takes its place
			continue
		}
		part := balance - band.above
		if i+1 < len(t.bands) {
			part = min(part, t.bands[i+1].above-band.above)
		}
		sum, _ = sum.add(product(part, band.rate))
	}
	return sum
}
