package contract

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// ListView is what a list of contracts shows of one. Like a View it is all of it, and the one with the highest Revision counts.
type ListView struct {
	_ struct{} // disallow positional literals

	Contract     string         `json:"contract"`
	Revision     uint64         `json:"revision"`
	Customer     string         `json:"customer"` // the reference of it
	CustomerName string         `json:"customer_name"`
	Product      string         `json:"product"`
	Currency     money.Currency `json:"currency"`
	Zone         string         `json:"zone"`
	ValidFrom    civil.Date     `json:"valid_from"`
	Phases       []ListPhase    `json:"phases"` // as those of a View
	RecordedAt   time.Time      `json:"recorded_at"`
}

// ListPhase is what a list shows of a contract from an instant on.
type ListPhase struct {
	From   time.Time    `json:"from,omitzero"`
	Status Status       `json:"status"`
	Limit  money.Amount `json:"limit"`
}

// EventType returns "contract.listed.v1".
func (ListView) EventType() string { return "contract.listed.v1" }

func (p ListPhase) begins() time.Time { return p.From }
func (p ListPhase) status() Status    { return p.Status }

// At returns the phase that the contract is in at an instant; the zero ListPhase if there are none.
func (v *ListView) At(t time.Time) ListPhase { return phaseAt(v.Phases, t) }

// ListView returns what a list shows of the contract; a ListView that is not valid if it was never subscribed to.
func (c *Contract) ListView() ListView {
	if c.revision == 0 {
		return ListView{}
	}
	v := c.View()
	l := ListView{
		Contract: v.Contract, Revision: v.Revision, Customer: v.Customer.Reference, CustomerName: v.Customer.Name,
		Product: c.base.Product, Currency: v.Currency, Zone: v.Zone, ValidFrom: c.base.ValidFrom, RecordedAt: v.RecordedAt,
	}
	for _, p := range v.Phases {
		l.Phases = append(l.Phases, ListPhase{p.From, p.Status, p.Limit})
	}
	l.Phases = slices.CompactFunc(l.Phases, func(p, q ListPhase) bool { q.From = p.From; return p == q })
	return l
}

// Validate returns an error that wraps ErrInvalid if the view is none that a contract has.
func (v *ListView) Validate() error {
	if err := checkHead("contract", v.Contract, v.Revision, v.RecordedAt); err != nil {
		return err
	}
	customer := party.Party{Reference: v.Customer, Name: v.CustomerName}
	if err := invalid("customer", customer.Validate()); err != nil {
		return err
	}
	switch {
	case v.Product != DeferredBilling:
		return fmt.Errorf("%w product: want %s", ErrInvalid, DeferredBilling)
	case !v.Currency.Valid():
		return fmt.Errorf("%w currency: %w", ErrInvalid, money.ErrNoCurrency)
	}
	if err := checkZoneName(v.Zone); err != nil {
		return err
	}
	if err := checkCalendar("valid_from", v.ValidFrom); err != nil {
		return err
	}
	if err := checkPhases(v.Phases, Draft); err != nil {
		return err
	}
	for i, p := range v.Phases {
		if err := checkLimit(p.Limit, v.Currency); err != nil {
			return fmt.Errorf("%w of phase %d", err, i+1)
		}
	}
	return nil
}
