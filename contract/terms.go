package contract

import (
	"fmt"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// DeferredBilling is the product that contracts are for: purchases now, one invoice a month, collected by direct debit.
const DeferredBilling = "DEFERRED_BILLING"

// LastDay as a billing day is the last day of every month. 29 and 30 are not billing days: some months have no such day.
const LastDay = 31

// Terms are what may change over the life of a contract.
type Terms struct {
	_ struct{} // disallow positional literals

	Customer     party.Party  `json:"customer"`
	Limit        money.Amount `json:"limit"`                  // of the exposure; above zero, in the contract's currency
	ValidThrough civil.Date   `json:"valid_through,omitzero"` // the last day; left out: without end
	BillingDay   int          `json:"billing_day"`            // 1 to 28, or LastDay
	Mandate      string       `json:"mandate,omitempty"`      // the id of the one that purchases are collected by; "": none yet
}

// validate returns an error that names the term that is malformed.
func (t *Terms) validate(c money.Currency) error {
	if err := t.Customer.Validate(); err != nil {
		return fmt.Errorf("%w customer: %w", ErrInvalid, err)
	}
	if err := checkLimit(t.Limit, c); err != nil {
		return err
	}
	if t.ValidThrough != 0 {
		if err := checkCalendar("valid_through", t.ValidThrough); err != nil {
			return err
		}
	}
	if err := checkOptional("mandate", t.Mandate, MaxMandate); err != nil {
		return err
	}
	return checkBillingDay(t.BillingDay)
}

func checkLimit(limit money.Amount, c money.Currency) error {
	switch {
	case limit.Currency() != c:
		return fmt.Errorf("%w limit: %w", ErrInvalid, &money.CurrencyMismatchError{Op: "limit", A: c, B: limit.Currency()})
	case limit.Sign() <= 0:
		return fmt.Errorf("%w limit: want one above zero", ErrInvalid)
	}
	return nil
}

func checkBillingDay(day int) error {
	if (day < 1 || day > 28) && day != LastDay {
		return fmt.Errorf("%w billing_day: want 1 to 28, or %d for the last day", ErrInvalid, LastDay)
	}
	return nil
}
