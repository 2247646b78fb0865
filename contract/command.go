package contract

import (
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// The commands over a contract. Each is decided as one event, refusals too.

// Command is a command over a contract: [Subscribe], [Activate], [Suspend], [Resume], [Amend], [Cancel] and [Withdraw].
type Command interface {
	// Decide returns the one event that the command makes of a contract, which may be a Refusal. It changes nothing. An error
	// means "could not decide".
	Decide(c *Contract) ([]event.Data, error)

	// Result reads the decision back from what was decided.
	Result(decided []event.Data) Decision
}

// Subscribe begins a contract: as a draft, which is not active before somebody activates it.
type Subscribe struct {
	_ struct{} // disallow positional literals

	At        time.Time      `json:"at"`
	Why       string         `json:"why,omitempty"`
	Currency  money.Currency `json:"currency"`
	Zone      string         `json:"zone"`       // whose days the contract's dates are: an IANA zone, as Europe/Paris
	ValidFrom civil.Date     `json:"valid_from"` // the first day
	Terms
}

// Activate lets a contract that is a draft be active.
type Activate Order

// Suspend suspends a contract that is active.
type Suspend Order

// Resume lets a contract that is suspended be active again.
type Resume Order

// Cancel ends a contract, for ever. It supersedes all changes that would count from later on.
type Cancel Order

// Amend changes the terms of a contract from an instant on. What it does not set stays as it is, or as other amendments make it.
type Amend struct {
	_ struct{} // disallow positional literals

	At            time.Time `json:"at"`
	EffectiveFrom time.Time `json:"effective_from,omitzero"`
	Why           string    `json:"why,omitempty"`
	Set           Patch     `json:"set"`
}

// Withdraw takes back a change that is not in force yet, as if it had never been: what it superseded counts again.
type Withdraw struct {
	_ struct{} // disallow positional literals

	At     time.Time `json:"at"`
	Change uint64    `json:"change"` // its revision
	Why    string    `json:"why,omitempty"`
}

// Decide returns a ContractSubscription, or a Refusal.
//
// Returns an error that wraps ErrInvalid if a field is malformed, or the machine does not know the zone.
func (c Subscribe) Decide(s *Contract) ([]event.Data, error) {
	stamp, err := s.stamp(Order{At: c.At, Why: c.Why})
	if err != nil {
		return nil, err
	}
	e := ContractSubscription{
		Contract: s.id, Stamp: stamp, Product: DeferredBilling, Currency: c.Currency, Zone: c.Zone, ValidFrom: c.ValidFrom,
		Terms: c.Terms,
	}
	if err := e.validate(); err != nil {
		return nil, err
	}
	loc, err := loadZone(c.Zone)
	if err != nil {
		return nil, err
	}
	e.From, e.Expires = startOf(c.ValidFrom, loc), endOf(c.ValidThrough, loc)
	switch {
	case s.revision != 0:
		return refused("subscribe", stamp, refuse(AlreadyExists)), nil
	case !e.Expires.IsZero() && !canEnd(e.Expires, e.From): // the zone skipped the only day
		return refused("subscribe", stamp, refusal{reason: EndsBeforeItBegins, bound: e.Expires.UnixMicro()}), nil
	}
	return []event.Data{e}, nil
}

// startOf returns the first instant of a day.
func startOf(d civil.Date, loc *time.Location) time.Time { return money.Instant(d.Start(loc)) }

// endOf returns the first instant after a day; the zero time if it is none.
func endOf(d civil.Date, loc *time.Location) time.Time {
	if d == 0 {
		return time.Time{}
	}
	return startOf(d.AddDays(1), loc)
}

// Decide returns a ContractActivation, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c Activate) Decide(s *Contract) ([]event.Data, error) {
	return s.plain("activate", Order(c), func(s Stamp) fact { return ContractActivation{Stamp: s} })
}

// Decide returns a ContractSuspension, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c Suspend) Decide(s *Contract) ([]event.Data, error) {
	return s.plain("suspend", Order(c), func(s Stamp) fact { return ContractSuspension{Stamp: s} })
}

// Decide returns a ContractResumption, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c Resume) Decide(s *Contract) ([]event.Data, error) {
	return s.plain("resume", Order(c), func(s Stamp) fact { return ContractResumption{Stamp: s} })
}

// Decide returns a ContractCancellation, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c Cancel) Decide(s *Contract) ([]event.Data, error) {
	return s.plain("cancel", Order(c), func(s Stamp) fact { return ContractCancellation{Stamp: s} })
}

// Decide returns a ContractAmendment, or a Refusal.
//
// Returns an error that wraps ErrInvalid if a field is malformed or nothing is set, or the machine does not know the zone.
func (c Amend) Decide(s *Contract) ([]event.Data, error) {
	o := Order{At: c.At, EffectiveFrom: c.EffectiveFrom, Why: c.Why}
	return s.decide("amend", o, func(stamp Stamp) (fact, refusal, error) {
		if err := c.Set.validate(s); err != nil {
			return nil, refusal{}, err
		}
		e := ContractAmendment{Stamp: stamp, Set: c.Set}
		if c.Set.ValidThrough != 0 {
			loc, err := loadZone(s.base.Zone)
			if err != nil {
				return nil, refusal{}, err
			}
			e.Expires = endOf(c.Set.ValidThrough, loc)
		}
		switch {
		case !e.Expires.IsZero() && !canEnd(e.Expires, e.From):
			return e, refusal{reason: EndsBeforeItBegins, bound: e.Expires.UnixMicro()}, nil
		case c.Set.Customer != (party.Party{}) && s.moves(e.At.UnixMicro()) >= MaxMoves && e.From.After(e.At):
			return e, refuse(TooManyChanges), nil
		}
		return e, refusal{}, nil
	})
}

// moves counts the changes of customer from later than an instant, those superseded included: they may count again.
func (c *Contract) moves(after int64) (n int) {
	for i := range c.line.entries {
		e := &c.line.entries[i]
		a, ok := e.fact.(ContractAmendment)
		if ok && e.from > after && e.withdrawn == 0 && a.Set.Customer != (party.Party{}) {
			n++
		}
	}
	return n
}

// Decide returns a ChangeWithdrawal, or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c Withdraw) Decide(s *Contract) ([]event.Data, error) {
	return s.withdraw(Order{At: c.At, Why: c.Why}, c.Change)
}

// Result reads the decision back from what was decided.
func (c Subscribe) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c Activate) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c Suspend) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c Resume) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c Cancel) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c Amend) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back from what was decided.
func (c Withdraw) Result(decided []event.Data) Decision { return decisionOf(decided) }
