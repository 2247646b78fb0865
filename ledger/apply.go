package ledger

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Apply takes up the next event of the account's stream. After an error the account is as it was.
//
// Returns an error that wraps ErrCorrupt if the event is not one of an account's, or contradicts what the account knows: an
// entry of an account that is not open, a balance that is not the sum, a release of what is not held.
func (a *Account) Apply(d event.Data) error {
	err := a.apply(d)
	if err != nil {
		return fmt.Errorf("%w: account %q: %s: %w", ErrCorrupt, a.id, d.EventType(), err)
	}
	a.version++
	return nil
}

func (a *Account) apply(d event.Data) error {
	if _, opening := d.(AccountOpened); !opening && !a.opened {
		if _, refused := d.(Refusal); !refused {
			return fmt.Errorf("the account is not open")
		}
	}
	switch e := d.(type) {
	case AccountOpened:
		return a.applyOpened(&e)
	case LimitsSet:
		limits := e.Limits
		if a.terms.Unconstrained {
			return fmt.Errorf("nothing constrains it")
		}
		if err := limits.validate(a.terms.Currency); err != nil {
			return err
		}
		return a.at(e.At, func() { a.terms.Limits = &limits })
	case BlockSet:
		return a.at(e.At, func() { a.block = e.Block })
	case AccountClosed:
		return a.at(e.At, func() { a.closed = true })
	case AccountReopened:
		return a.at(e.At, func() { a.closed = false })
	case EntryBooked:
		return a.applyEntry(&e)
	case AmountHeld:
		return a.applyHeld(&e)
	case AmountReleased:
		return a.applyReleased(&e)
	case PeriodEnded:
		return a.applyPeriodEnded(&e)
	case Archived:
		if e.Through <= a.archived || e.Through > a.version {
			return fmt.Errorf("through: version %d, of %d, and %d are archived", e.Through, a.version, a.archived)
		}
		a.archived, a.sum = e.Through, e.Sum
		return nil
	case InterestSet:
		return a.applyInterestSet(&e)
	case InterestBooked:
		return a.applyInterestBooked(&e)
	case Refusal:
		return nil
	}
	return fmt.Errorf("not an event of an account")
}

// at changes the account at the instant of an event; not at all, if that is none.
func (a *Account) at(t time.Time, change func()) error {
	at, err := microsOf(t)
	if err != nil {
		return err
	}
	change()
	a.advance(at)
	return nil
}

// microsOf returns the instant of an event in microseconds.
func microsOf(t time.Time) (int64, error) {
	at, err := money.UnixMicro(t)
	if err != nil {
		return 0, fmt.Errorf("at: %w", err)
	}
	return at, nil
}

// advance moves the clock, and lets go of the holds that have ended by then.
func (a *Account) advance(at int64) {
	if a.clock >= at {
		return
	}
	a.clock = at
	if n := a.holds.ended(at); n > 0 {
		out, in := a.holds[:n].sums()
		a.out, a.in = a.out-out, a.in-in
		a.holds = slices.Delete(a.holds, 0, n)
	}
}

func (a *Account) applyOpened(e *AccountOpened) error {
	if a.opened {
		return fmt.Errorf("the account is open already")
	}
	if err := e.validate(); err != nil {
		return err
	}
	return a.at(e.At, func() {
		a.opened, a.terms = true, e.Terms
		a.terms = a.Terms() // with limits of its own
	})
}

// applyEntry books an entry. On an account that nothing constrains an entry may come after its period was closed, decided by
// somebody who did not know: it then counts from the first open day on.
func (a *Account) applyEntry(e *EntryBooked) error {
	delta, err := a.legDelta(e.Side, e.Amount)
	if err != nil {
		return err
	}
	at, err := microsOf(e.At)
	if err != nil {
		return err
	}
	balance, ok := addChecked(a.balance, delta)
	if a.terms.Unconstrained { // nobody could refuse it
		balance, ok = a.balance+delta, true
	}
	switch {
	case !ok:
		return fmt.Errorf("balance: %w", money.ErrOverflow)
	case a.terms.Unconstrained != (e.Balance == (money.Amount{})):
		return fmt.Errorf("balance: there is one on an account that is constrained, and on no other")
	case !a.terms.Unconstrained && e.Balance != money.New(balance, a.terms.Currency):
		return fmt.Errorf("balance: %s, but the entries sum to %s", e.Balance, money.New(balance, a.terms.Currency))
	case !a.terms.Unconstrained && e.Value <= a.through:
		return fmt.Errorf("value: %s, but days through %s are closed", e.Value, a.through)
	case !e.Value.Valid():
		return fmt.Errorf("value: no date")
	}
	if e.Released != (money.Amount{}) {
		if err := a.release(e.Transfer, e.Side, e.Released); err != nil {
			return err
		}
	}
	a.advance(at)
	a.balance = balance
	a.days = a.days.add(a.valueOf(e.Value), delta, a.version+1)
	return nil
}

// valueOf returns from which day on an entry with a value date counts.
func (a *Account) valueOf(value civil.Date) civil.Date {
	return max(value, a.through.AddDays(1))
}

// legDelta returns what a leg of an event adds to the balance.
func (a *Account) legDelta(side Side, amount money.Amount) (int64, error) {
	switch {
	case !side.Valid():
		return 0, fmt.Errorf("side: neither debit nor credit")
	case amount.Currency() != a.terms.Currency:
		return 0, fmt.Errorf("amount: %w", &money.CurrencyMismatchError{Op: "book", A: a.terms.Currency, B: amount.Currency()})
	case amount.Minor() <= 0 || amount.Minor() > MaxBalance:
		return 0, fmt.Errorf("amount: out of range")
	}
	return a.delta(side, amount.Minor()), nil
}

func (a *Account) applyHeld(e *AmountHeld) error {
	delta, err := a.legDelta(e.Side, e.Amount)
	if err != nil {
		return err
	}
	at, err := microsOf(e.At)
	if err != nil {
		return err
	}
	if a.terms.Unconstrained { // everybody may hold there at once, and nobody counts on it
		a.advance(at)
		return nil
	}
	then := a.draft()
	then.advance(at)
	held := then.out
	if delta > 0 {
		held = then.in
	}
	_, fits := addChecked(held, e.Amount.Minor())
	ends := endOf(e.Expires)
	switch {
	case ends <= then.clock:
		return fmt.Errorf("expires: before the account's clock")
	case !fits:
		return fmt.Errorf("held: %w", money.ErrOverflow)
	}
	a.advance(at)
	a.place(ends, e.Transfer, delta)
	return nil
}

// place adds what a transfer holds, on the normal side.
func (a *Account) place(ends int64, transfer string, delta int64) {
	i, found := a.holds.find(ends, transfer)
	if !found {
		a.holds = slices.Insert(a.holds, i, hold{transfer: transfer, ends: ends})
	}
	if h := &a.holds[i]; delta > 0 {
		h.in, a.in = h.in+delta, a.in+delta
	} else {
		h.out, a.out = h.out-delta, a.out-delta
	}
}

func (a *Account) applyReleased(e *AmountReleased) error {
	if _, err := a.legDelta(e.Side, e.Amount); err != nil {
		return err
	}
	at, err := microsOf(e.At)
	if err != nil {
		return err
	}
	if e.Why != Expired { // what has expired was let go of when it did
		if err := a.release(e.Transfer, e.Side, e.Amount); err != nil {
			return err
		}
	}
	a.advance(at)
	return nil
}

// release lets go of what a transfer holds on a side. An account that nothing constrains keeps no holds.
func (a *Account) release(transfer string, side Side, amount money.Amount) error {
	if a.terms.Unconstrained {
		return nil
	}
	i := slices.IndexFunc(a.holds, func(h hold) bool { return h.transfer == transfer })
	if i < 0 {
		return fmt.Errorf("released: nothing is held")
	}
	h := &a.holds[i]
	sum, total := &h.out, &a.out
	if a.delta(side, 1) > 0 {
		sum, total = &h.in, &a.in
	}
	if amount.Currency() != a.terms.Currency || amount.Minor() <= 0 || amount.Minor() > *sum {
		return fmt.Errorf("released: more than is held")
	}
	*sum, *total = *sum-amount.Minor(), *total-amount.Minor()
	if h.out == 0 && h.in == 0 {
		a.holds = slices.Delete(a.holds, i, i+1)
	}
	return nil
}

func (a *Account) applyPeriodEnded(e *PeriodEnded) error {
	if e.Through <= a.through || !e.Through.Valid() {
		if a.terms.Unconstrained {
			return nil // two were at it
		}
		return fmt.Errorf("through: %s, but days through %s are closed", e.Through, a.through)
	}
	balance, fits := a.days.through(e.Through, a.opening)
	if !a.terms.Unconstrained && (!fits || e.Balance != money.New(balance, a.terms.Currency)) {
		return fmt.Errorf("balance: %s, but the entries sum to %s", e.Balance, money.New(balance, a.terms.Currency))
	}
	interest := a.interest
	if interest != nil {
		var err error
		if interest, err = interest.close(a, e.Through); err != nil {
			return err
		}
	}
	return a.at(e.At, func() {
		n, found := a.days.find(e.Through)
		if found {
			n++
		}
		a.interest = interest
		a.opening, a.through, a.days = balance, e.Through, slices.Delete(a.days, 0, n)
	})
}

// addChecked returns a + b; ok is false if it is beyond MaxBalance.
func addChecked(a, b int64) (sum int64, ok bool) {
	sum = a + b
	if (b > 0) != (sum > a) && b != 0 || sum > MaxBalance || sum < -MaxBalance {
		return 0, false
	}
	return sum, true
}
