package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Validate returns an error if the order cannot be posted, whatever the accounts say.
func (c Post) Validate() error {
	if !c.Expires.IsZero() {
		return fmt.Errorf("%w expires: only a hold ends", ErrInvalid)
	}
	return (*Order)(&c).validate()
}

// Validate returns an error if the order cannot be held, whatever the accounts say.
func (c Hold) Validate() error {
	if !c.Expires.IsZero() {
		if _, err := checkAt("expires", c.Expires); err != nil {
			return err
		}
		if !c.Expires.After(c.At) {
			return fmt.Errorf("%w expires: it is not after the hold's beginning", ErrInvalid)
		}
	}
	return (*Order)(&c).validate()
}

func (o *Order) validate() error {
	if err := checkNew(o.ID); err != nil {
		return err
	}
	at, err := checkAt("at", o.At)
	if err != nil {
		return err
	}
	if err := checkValue(o.Value, at); err != nil {
		return err
	}
	if err := checkLegs(o.Legs); err != nil {
		return err
	}
	if o.AtMost && (len(o.Legs) != 2 || o.Force) {
		return fmt.Errorf("%w at_most: it goes with two legs, and not with force", ErrInvalid)
	}
	if len(o.If) > MaxLegs {
		return fmt.Errorf("%w if: more than %d conditions", ErrInvalid, MaxLegs)
	}
	for i := range o.If {
		if err := checkID(fmt.Sprintf("if[%d].account", i), o.If[i].Account); err != nil {
			return err
		}
		if o.If[i].AtLeast == (money.Amount{}) && o.If[i].AtMost == (money.Amount{}) {
			return fmt.Errorf("%w if[%d]: it has no bound", ErrInvalid, i)
		}
	}
	return o.Details.validate()
}

// checkNew returns an error if no transfer can be given an id. Those of interest are made up by the ledger: a payment that took
// one, or was refused under it, would keep the interest from being posted for ever.
func checkNew(id string) error {
	if strings.HasPrefix(id, interestID) || strings.HasPrefix(id, accrualID) {
		return fmt.Errorf("%w id: %q and %q begin the ids of interest", ErrInvalid, interestID, accrualID)
	}
	return checkID("id", id)
}

// checkTarget checks what captures, voids and the like have in common.
func checkTarget(id, transfer string, at time.Time) (int64, error) {
	if err := checkID("id", id); err != nil {
		return 0, err
	}
	if err := checkID("transfer", transfer); err != nil {
		return 0, err
	}
	return checkAt("at", at)
}

// Validate returns an error if nothing can be captured so, whatever is held.
func (c Capture) Validate() error {
	at, err := checkTarget(c.ID, c.Transfer, c.At)
	if err != nil {
		return err
	}
	if c.Value.Valid() || !c.Value.IsZero() {
		if err := checkValue(c.Value, at); err != nil {
			return err
		}
	}
	switch {
	case c.Amount != (money.Amount{}) && len(c.Legs) > 0:
		return fmt.Errorf("%w amount: give it, or legs, or neither", ErrInvalid)
	case c.Amount != (money.Amount{}) && (!c.Amount.Valid() || c.Amount.Minor() <= 0):
		return fmt.Errorf("%w amount: it is not above zero", ErrInvalid)
	case c.Keep && c.Amount == (money.Amount{}) && len(c.Legs) == 0:
		return fmt.Errorf("%w keep: nothing is left of what is captured in full", ErrInvalid)
	case len(c.Legs) > 0:
		return checkLegs(c.Legs)
	}
	return nil
}

// Validate returns an error if nothing can be voided so, whatever is held.
func (c Void) Validate() error { _, err := checkTarget(c.ID, c.Transfer, c.At); return err }

// Validate returns an error if no end can be recorded so, whatever is held.
func (c Expire) Validate() error { _, err := checkTarget(c.ID, c.Transfer, c.At); return err }

// Validate returns an error if nothing can be reversed so, whatever was posted.
func (c Reverse) Validate() error {
	at, err := checkTarget(c.ID, c.Transfer, c.At)
	if err != nil {
		return err
	}
	if err := checkNew(c.ID); err != nil {
		return err
	}
	if c.ID == c.Transfer {
		return fmt.Errorf("%w id: the reversal is a transfer of its own", ErrInvalid)
	}
	if !c.Value.IsZero() {
		if err := checkValue(c.Value, at); err != nil {
			return err
		}
	}
	return c.Details.validate()
}

// checkID returns an error that names the field if an id breaks its form.
func checkID(field, id string) error {
	if err := event.ValidateKey(id); err != nil {
		return fmt.Errorf("%w %s: %w", ErrInvalid, field, err)
	}
	if len(id) > MaxID {
		return fmt.Errorf("%w %s: longer than %d bytes", ErrInvalid, field, MaxID)
	}
	return nil
}

// checkAt returns an instant in microseconds.
func checkAt(field string, t time.Time) (int64, error) {
	at, err := money.UnixMicro(t)
	if err != nil {
		return 0, fmt.Errorf("%w %s: %w", ErrInvalid, field, err)
	}
	if at < 0 {
		return 0, fmt.Errorf("%w %s: it is before 1970", ErrInvalid, field)
	}
	return at, nil
}

// checkValue returns an error if a value date cannot be one of a decision at an instant.
func checkValue(value civil.Date, at int64) error {
	switch {
	case !value.Valid():
		return fmt.Errorf("%w value: no date", ErrInvalid)
	case value.Sub(civil.DateOf(money.FromUnixMicro(at), nil)) > daysOfYears:
		return fmt.Errorf("%w value: more than %d years ahead", ErrInvalid, maxYears)
	}
	return nil
}

// checkLegs returns an error if legs are malformed or do not balance.
func checkLegs(legs []Leg) error {
	if len(legs) < 2 || len(legs) > MaxLegs {
		return fmt.Errorf("%w legs: %d, want 2 to %d", ErrInvalid, len(legs), MaxLegs)
	}
	for i := range legs {
		l := &legs[i]
		if err := checkID(fmt.Sprintf("legs[%d].account", i), l.Account); err != nil {
			return err
		}
		switch {
		case !l.Side.Valid():
			return fmt.Errorf("%w legs[%d].side: neither debit nor credit", ErrInvalid, i)
		case !l.Amount.Valid():
			return fmt.Errorf("%w legs[%d].amount: %w", ErrInvalid, i, money.ErrNoCurrency)
		case l.Amount.Minor() <= 0:
			return fmt.Errorf("%w legs[%d].amount: it is not above zero", ErrInvalid, i)
		}
	}
	if len(legs) == 2 && legs[0].Account == legs[1].Account {
		return fmt.Errorf("%w legs: both are of one account", ErrInvalid)
	}
	return checkBalanced(legs)
}

// checkBalanced returns an error if the debits and the credits differ in some currency. Sums have 128 bits.
func checkBalanced(legs []Leg) error {
	for i := range legs {
		c := legs[i].Amount.Currency()
		if slices.ContainsFunc(legs[:i], func(l Leg) bool { return l.Amount.Currency() == c }) {
			continue // summed up where it was met first
		}
		var debits, credits wide
		for j := i; j < len(legs); j++ {
			switch l := &legs[j]; {
			case l.Amount.Currency() != c:
			case l.Side == Debit:
				debits.add(l.Amount.Minor())
			default:
				credits.add(l.Amount.Minor())
			}
		}
		if debits != credits {
			return fmt.Errorf("%w legs: %w in %s", ErrInvalid, ErrUnbalanced, c)
		}
	}
	return nil
}
