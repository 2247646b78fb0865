package contract

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Contract is the state of one contract: what was agreed, and every change of it, past and scheduled. Make it with [NewContract]
// and let it [Contract.Apply] its events.
//
// It is for one goroutine at a time. Decisions and readers change nothing; only Apply does.
type Contract struct {
	life
	base ContractSubscription
}

// NewContract returns a contract of which nothing is known: it has to be subscribed to, or to apply its events.
func NewContract(id string) *Contract {
	return &Contract{life: life{id: id, line: timeline{rules: contractRules{}, end: noEnd}}}
}

// ID returns the contract's id.
func (c *Contract) ID() string { return c.id }

// Exists reports whether the contract was ever subscribed to.
func (c *Contract) Exists() bool { return c.revision > 0 }

// Revision returns how many changes were done, 0 for a contract that was not subscribed to.
func (c *Contract) Revision() uint64 { return c.revision }

// Clock returns when the latest change was recorded; the zero time if none was.
func (c *Contract) Clock() time.Time {
	if c.revision == 0 {
		return time.Time{}
	}
	return money.FromUnixMicro(c.clock)
}

// Subscription returns what the contract began with.
func (c *Contract) Subscription() ContractSubscription { return c.base }

// Changes returns every change since the subscription, in the order in which they take effect: also those that were withdrawn
// or superseded, since nothing is ever deleted.
func (c *Contract) Changes() []Change { return c.changes() }

// Clone returns a copy that shares nothing that changes: the timeline is made anew by every change.
func (c *Contract) Clone() *Contract {
	out := *c
	return &out
}

// Standing is what a contract is at an instant.
type Standing struct {
	Status Status // 0 if the contract was never subscribed to
	Terms  Terms
	Ends   time.Time // when it expires by these terms, or did; the zero time if it will not
}

// At returns what the contract is at an instant, as it is known now: what was changed back to then counts. It costs O(n) for n
// changes.
func (c *Contract) At(t time.Time) Standing {
	if c.revision == 0 {
		return Standing{}
	}
	terms := c.base.Terms
	p := c.line.at(instantOf(t), func(f fact) { terms = terms.after(f) })
	return Standing{Status: Status(p.status), Terms: terms, Ends: c.line.ends(p)}
}

// instantOf returns an instant in microseconds; the first of all for one before the year 1, the last for one after 9999.
func instantOf(t time.Time) int64 {
	micros, err := money.UnixMicro(t)
	if err == nil {
		return micros
	}
	if t.Year() > 9999 {
		return noEnd - 1
	}
	return -noEnd
}

// end is what the timeline ends at by the amendment; 0: as before.
func (a *ContractAmendment) end() int64 {
	switch {
	case a.Set.OpenEnded:
		return noEnd
	case a.Set.ValidThrough != 0:
		return a.Expires.UnixMicro()
	}
	return 0
}

// Apply takes up the next event of the contract's stream. After an error the contract is as it was.
//
// Returns an error that wraps ErrCorrupt if the event is not one of a contract's, or contradicts what the contract knows: a
// revision that is not the next one, a change that cannot stand where it would.
func (c *Contract) Apply(d event.Data) error {
	if err := c.apply(d); err != nil {
		return fmt.Errorf("%w: contract %q: %s: %w", ErrCorrupt, c.id, d.EventType(), err)
	}
	c.version++
	return nil
}

func (c *Contract) apply(d event.Data) error {
	switch e := d.(type) {
	case Refusal:
		return nil
	case ContractSubscription:
		return c.applySubscription(&e)
	}
	if c.revision == 0 {
		return fmt.Errorf("it was never subscribed to")
	}
	switch e := d.(type) {
	case ContractActivation, ContractSuspension, ContractResumption, ContractCancellation:
		return c.applyFact(e.(fact))
	case ContractAmendment:
		if err := e.check(c); err != nil {
			return err
		}
		return c.applyFact(e)
	case ChangeWithdrawal:
		return c.applyWithdrawal(e)
	}
	return fmt.Errorf("not an event of a contract")
}

// check returns an error if no contract like this is amended so.
func (a *ContractAmendment) check(c *Contract) error {
	if err := a.Set.validate(c); err != nil {
		return err
	}
	return checkExpires(a.Set.ValidThrough, a.Expires, a.From)
}

// checkExpires returns an error if the end of terms is not one that they can have.
func checkExpires(through civil.Date, expires, from time.Time) error {
	if has := through != 0; has != !expires.IsZero() || has && !canEnd(expires, from) {
		return fmt.Errorf("expires: it goes with valid_through, and is after from")
	}
	return nil
}

// canEnd reports whether a contract can end at an instant, by terms that are in force from another one.
func canEnd(end, from time.Time) bool { return isCanonical(end) && end.After(from) }

func (c *Contract) applySubscription(e *ContractSubscription) error {
	if c.revision != 0 {
		return fmt.Errorf("it was subscribed to already")
	}
	if err := c.check(e.Stamp); err != nil {
		return err
	}
	if err := e.validate(); err != nil {
		return err
	}
	if err := checkExpires(e.ValidThrough, e.Expires, e.From); err != nil {
		return err
	}
	if e.Contract != c.id {
		return fmt.Errorf("it is of another contract")
	}
	c.begin(e)
	c.done(e.Stamp)
	return nil
}

// begin lets the timeline begin with a subscription.
func (c *Contract) begin(e *ContractSubscription) {
	c.base = *e
	c.line.start = e.From.UnixMicro()
	if e.ValidThrough != 0 {
		c.line.end = e.Expires.UnixMicro()
	}
}

// validate returns an error if no contract is subscribed to like this.
func (e *ContractSubscription) validate() error {
	switch {
	case e.Product != DeferredBilling:
		return fmt.Errorf("%w product: want %s", ErrInvalid, DeferredBilling)
	case !e.Currency.Valid():
		return fmt.Errorf("%w currency: %w", ErrInvalid, money.ErrNoCurrency)
	}
	if err := checkID("contract", e.Contract); err != nil {
		return err
	}
	if err := checkZoneName(e.Zone); err != nil {
		return err
	}
	if err := checkCalendar("valid_from", e.ValidFrom); err != nil {
		return err
	}
	if e.ValidThrough != 0 && e.ValidThrough < e.ValidFrom {
		return fmt.Errorf("%w valid_through: it is before valid_from", ErrInvalid)
	}
	return e.Terms.validate(e.Currency)
}
