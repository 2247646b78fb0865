package ledger

import (
	"fmt"
	"strings"
	"time"

	"github.com/payrules/payrules/money"
)

// Validate returns an error if the order cannot be posted, whatever the accounts say.
func (c Post) Validate() error {
	if !c.Ends.IsZero() {
		return fmt.Errorf("%w ends: only a hold ends", ErrInvalid)
	}
	return (*Order)(&c).validate()
}

// Validate returns an error if the order cannot be held, whatever the accounts say.
func (c Hold) Validate() error {
	if !c.Ends.IsZero() {
		if _, err := checkAt("ends", c.Ends); err != nil {
			return err
		}
		if !c.Ends.After(c.At) {
			return fmt.Errorf("%w ends: it is not after the hold's beginning", ErrInvalid)
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

// Touches names the transfer and the accounts of its legs and conditions.
func (c Post) Touches(States) (transfers, accounts []string) { return (*Order)(&c).touches() }

// Touches names the transfer and the accounts of its legs and conditions.
func (c Hold) Touches(States) (transfers, accounts []string) { return (*Order)(&c).touches() }

func (o *Order) touches() (transfers, accounts []string) {
	accounts = make([]string, 0, len(o.Legs)+len(o.If))
	for i := range o.Legs {
		accounts = include(accounts, o.Legs[i].Account)
	}
	for i := range o.If {
		accounts = include(accounts, o.If[i].Account)
	}
	return []string{o.ID}, accounts
}

// include adds an id to those that are there, once.
func include(ids []string, id string) []string {
	for _, other := range ids {
		if other == id {
			return ids
		}
	}
	return append(ids, id)
}

// Touches names the hold and the accounts of its legs.
func (c Capture) Touches(s States) (transfers, accounts []string) { return touchHeld(s, c.Transfer) }

// Touches names the hold and the accounts of its legs.
func (c Void) Touches(s States) (transfers, accounts []string) { return touchHeld(s, c.Transfer) }

// Touches names the hold and the accounts of its legs.
func (c Expire) Touches(s States) (transfers, accounts []string) { return touchHeld(s, c.Transfer) }

func touchHeld(s States, transfer string) (transfers, accounts []string) {
	return []string{transfer}, accountsOf(s, transfer)
}

func accountsOf(s States, transfer string) (accounts []string) {
	if t := s.Transfer(transfer); t != nil {
		for i := range t.legs {
			accounts = include(accounts, t.legs[i].Account)
		}
	}
	return accounts
}

// Touches names both transfers, the new one first, and the accounts of the old one's legs.
func (c Reverse) Touches(s States) (transfers, accounts []string) {
	return []string{c.ID, c.Transfer}, accountsOf(s, c.Transfer)
}

// Instant returns At.
func (c Post) Instant() time.Time { return c.At }

// Instant returns At.
func (c Hold) Instant() time.Time { return c.At }

// Instant returns At.
func (c Capture) Instant() time.Time { return c.At }

// Instant returns At.
func (c Void) Instant() time.Time { return c.At }

// Instant returns At.
func (c Expire) Instant() time.Time { return c.At }

// Instant returns At.
func (c Reverse) Instant() time.Time { return c.At }

// Key returns the ID.
func (c Post) Key() string { return c.ID }

// Key returns the ID.
func (c Hold) Key() string { return c.ID }

// Key returns the ID.
func (c Capture) Key() string { return c.ID }

// Key returns the ID.
func (c Void) Key() string { return c.ID }

// Key returns the ID.
func (c Expire) Key() string { return c.ID }

// Key returns the ID.
func (c Reverse) Key() string { return c.ID }

func (c Post) home() string    { return c.ID }
func (c Hold) home() string    { return c.ID }
func (c Capture) home() string { return c.Transfer }
func (c Void) home() string    { return c.Transfer }
func (c Expire) home() string  { return c.Transfer }
func (c Reverse) home() string { return c.ID }

// CommandType returns "ledger.post".
func (Post) CommandType() string { return "ledger.post" }

// CommandType returns "ledger.hold".
func (Hold) CommandType() string { return "ledger.hold" }

// CommandType returns "ledger.capture".
func (Capture) CommandType() string { return "ledger.capture" }

// CommandType returns "ledger.void".
func (Void) CommandType() string { return "ledger.void" }

// CommandType returns "ledger.expire".
func (Expire) CommandType() string { return "ledger.expire" }

// CommandType returns "ledger.reverse".
func (Reverse) CommandType() string { return "ledger.reverse" }
