package contract

import (
	"cmp"
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
	if err := invalid("customer", t.Customer.Validate()); err != nil {
		return err
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

// Patch is what an amendment sets. What is left out stays as it is.
type Patch struct {
	_ struct{} // disallow positional literals

	Customer     party.Party  `json:"customer,omitzero"`
	Limit        money.Amount `json:"limit,omitzero"`
	ValidThrough civil.Date   `json:"valid_through,omitzero"`
	OpenEnded    bool         `json:"open_ended,omitempty"` // without a last day
	BillingDay   int          `json:"billing_day,omitempty"`
	Mandate      string       `json:"mandate,omitempty"`
	NoMandate    bool         `json:"no_mandate,omitempty"` // without one
}

// on returns terms as the patch makes them.
func (p *Patch) on(t Terms) Terms {
	t.Customer, t.Limit, t.BillingDay = cmp.Or(p.Customer, t.Customer), cmp.Or(p.Limit, t.Limit), cmp.Or(p.BillingDay, t.BillingDay)
	if p.ValidThrough != 0 || p.OpenEnded {
		t.ValidThrough = p.ValidThrough
	}
	if p.Mandate != "" || p.NoMandate {
		t.Mandate = p.Mandate
	}
	return t
}

// validate returns an error if the patch sets nothing, or what the terms of the contract cannot be.
func (p *Patch) validate(c *Contract) error {
	switch {
	case *p == (Patch{}):
		return fmt.Errorf("%w set: nothing is to be amended", ErrInvalid)
	case p.ValidThrough != 0 && p.OpenEnded:
		return fmt.Errorf("%w set: valid_through, open_ended: want one of them", ErrInvalid)
	case p.Mandate != "" && p.NoMandate:
		return fmt.Errorf("%w set: mandate, no_mandate: want one of them", ErrInvalid)
	}
	terms := p.on(c.base.Terms)
	return terms.validate(c.base.Currency)
}

// after returns the terms after a change.
func (t Terms) after(f fact) Terms {
	if a, ok := f.(ContractAmendment); ok {
		return a.Set.on(t)
	}
	return t
}
