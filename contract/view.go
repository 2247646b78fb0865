package contract

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// MaxMoves is how many changes of customer may be scheduled at once.
const MaxMoves = 10

// View is what others have to know of a contract, above all who bills it: all of it, the past and what is scheduled, so that a
// consumer needs no other event than the one with the highest Revision. An event of it says what the contract is from then on.
type View struct {
	_ struct{} // disallow positional literals

	Contract string         `json:"contract"`
	Revision uint64         `json:"revision"` // how many changes were made: 1, 2, 3 …
	Customer party.Party    `json:"customer"` // as it is at RecordedAt; see CustomerAt
	Currency money.Currency `json:"currency"`
	Zone     string         `json:"zone"` // whose days the contract's dates are: Europe/Paris

	// Phases are what the contract is, one after the other. The first has no From, and is Draft. Each lasts until the From of the
	// next one, and not at it. The expiry that follows from the dates is one of them.
	Phases []Phase `json:"phases"`

	Moves      []Move    `json:"moves,omitempty"` // changes of customer that come after RecordedAt
	RecordedAt time.Time `json:"recorded_at,omitzero"`
}

// Phase is what a contract is from an instant on. Phases compare with ==.
type Phase struct {
	From       time.Time    `json:"from,omitzero"`
	Status     Status       `json:"status"`
	Limit      money.Amount `json:"limit"`             // of the exposure; above zero
	Mandate    string       `json:"mandate,omitempty"` // that purchases are collected by; "": none yet
	BillingDay int          `json:"billing_day"`       // 1 to 28, or LastDay
}

// Move says who the customer is from an instant on.
type Move struct {
	From     time.Time   `json:"from"`
	Customer party.Party `json:"customer"`
}

// EventType returns "contract.updated.v1".
func (View) EventType() string { return "contract.updated.v1" }

// At returns the phase that the contract is in at an instant; the zero Phase if there are none. It costs O(log n) for n phases.
func (v *View) At(t time.Time) Phase { return phaseAt(v.Phases, t) }

// CustomerAt returns the customer as it is at an instant. Of what was before RecordedAt it knows the latest only.
func (v *View) CustomerAt(t time.Time) party.Party {
	for i := len(v.Moves) - 1; i >= 0; i-- {
		if !v.Moves[i].From.After(t) {
			return v.Moves[i].Customer
		}
	}
	return v.Customer
}

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
	v.Phases = slices.CompactFunc(v.Phases, func(p, q Phase) bool { q.From = p.From; return p == q }) // a change of nothing begins none
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

// Validate returns an error that wraps ErrInvalid if the view is none that a contract has: it comes from outside. It does not ask
// whether the machine knows the zone.
func (v *View) Validate() error {
	if err := checkHead("contract", v.Contract, v.Revision, v.RecordedAt); err != nil {
		return err
	}
	if err := invalid("customer", v.Customer.Validate()); err != nil {
		return err
	}
	if !v.Currency.Valid() {
		return fmt.Errorf("%w currency: %w", ErrInvalid, money.ErrNoCurrency)
	}
	if err := checkZoneName(v.Zone); err != nil {
		return err
	}
	if err := checkPhases(v.Phases, Draft); err != nil {
		return err
	}
	for i, p := range v.Phases {
		if err := p.validate(v.Currency); err != nil {
			return fmt.Errorf("%w of phase %d", err, i+1)
		}
	}
	return v.validateMoves()
}

// validate returns an error that names the term of a phase that is malformed.
func (p *Phase) validate(c money.Currency) error {
	if err := checkLimit(p.Limit, c); err != nil {
		return err
	}
	if err := checkOptional("mandate", p.Mandate, MaxMandate); err != nil {
		return err
	}
	return checkBillingDay(p.BillingDay)
}

// validateMoves returns an error unless the moves are customers, one after the other, who come after RecordedAt.
func (v *View) validateMoves() error {
	if len(v.Moves) > MaxMoves {
		return fmt.Errorf("%w moves: more than %d", ErrInvalid, MaxMoves)
	}
	last := v.RecordedAt
	for i := range v.Moves {
		m := &v.Moves[i]
		if !isCanonical(m.From) || !m.From.After(last) {
			return fmt.Errorf("%w moves: number %d: want instants in order, in UTC and whole microseconds", ErrInvalid, i+1)
		}
		if err := m.Customer.Validate(); err != nil {
			return fmt.Errorf("%w moves: number %d: %w", ErrInvalid, i+1, err)
		}
		last = m.From
	}
	return nil
}

// checkHead returns an error that names what is wrong with what all views begin with.
func checkHead(field, id string, revision uint64, recorded time.Time) error {
	if err := checkID(field, id); err != nil {
		return err
	}
	if revision == 0 {
		return fmt.Errorf("%w revision: want 1 or more", ErrInvalid)
	}
	if !recorded.IsZero() && !isCanonical(recorded) {
		return fmt.Errorf("%w recorded_at: want an instant from 1970 on, in UTC and whole microseconds", ErrInvalid)
	}
	return nil
}

func (p Phase) begins() time.Time { return p.From }
func (p Phase) status() Status    { return p.Status }
