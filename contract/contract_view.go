package contract

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// View returns what others have to know of the contract; a View that is not valid if it was never subscribed to. It costs O(n) for
// n changes.
func (c *Contract) View() View {
	if c.revision == 0 {
		return View{}
	}
	v := View{
		Contract: c.id, Revision: c.revision, Customer: c.base.Customer, Currency: c.base.Currency, Zone: c.base.Zone,
		RecordedAt: c.Clock(),
	}
	terms, end := c.base.Terms, c.line.end
	put := func(from time.Time, s uint8) {
		p := Phase{From: from, Status: Status(s), Limit: terms.Limit, Mandate: terms.Mandate, BillingDay: terms.BillingDay}
		v.Phases = putPhase(v.Phases, p)
	}
	put(time.Time{}, initial)
	for e, p := range c.line.live() {
		terms = terms.after(e.fact)
		end = p.end
		put(e.fact.stamp().From, p.status)
		if a, ok := e.fact.(ContractAmendment); ok && a.Set.Customer != (party.Party{}) {
			v.move(e.from > c.clock, a)
		}
	}
	if last := v.Phases[len(v.Phases)-1]; end != noEnd && !last.Status.Final() {
		put(money.FromUnixMicro(end), uint8(Expired))
	}
	v.Phases = slices.CompactFunc(v.Phases, func(p, q Phase) bool { q.From = p.From; return p == q })
	return v
}

// move says that an amendment sets the customer.
func (v *View) move(scheduled bool, a ContractAmendment) {
	n := len(v.Moves)
	switch {
	case !scheduled:
		v.Customer = a.Set.Customer
	case n > 0 && v.Moves[n-1].From.Equal(a.From):
		v.Moves[n-1].Customer = a.Set.Customer
	default:
		v.Moves = append(v.Moves, Move{a.From, a.Set.Customer})
	}
}

// putPhase adds a phase, instead of the last one if that begins at the same instant.
func putPhase[S any, P phase[S]](phases []P, p P) []P {
	if n := len(phases); n > 0 && !p.begins().IsZero() && phases[n-1].begins().Equal(p.begins()) {
		phases[n-1] = p
		return phases
	}
	return append(phases, p)
}

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
	if err := customer.Validate(); err != nil {
		return fmt.Errorf("%w customer: %w", ErrInvalid, err)
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
