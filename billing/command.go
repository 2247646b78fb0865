package billing

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// SetSpendingCap lets spending caps rule the account beside the limit of its contract: so much in seven days, so much a purchase.
// Another policy takes over what was spent under the one before; without a Policy there are none any more. What was bought before the
// first policy does not count.
type SetSpendingCap struct {
	_ struct{} // disallow positional literals

	At     time.Time   `json:"at"`
	Policy *cap.Policy `json:"policy,omitempty"` // in the contract's currency
}

// SetOverdue marks an account as overdue, or, without an Amount, as not overdue any more: dunning has the say.
type SetOverdue struct {
	_ struct{} // disallow positional literals

	At     time.Time    `json:"at"`
	Since  civil.Date   `json:"since,omitzero"`  // the due date of the oldest claim that is not paid
	Amount money.Amount `json:"amount,omitzero"` // of all that is overdue
}

// CloseDays closes the days up to and including Through for billing: no purchase that was made on one of them is accepted any more, and no
// charge that was due. They must be over.
type CloseDays struct {
	_ struct{} // disallow positional literals

	At      time.Time  `json:"at"`
	Through civil.Date `json:"through"`
}

// decide decides a command that needs a contract.
func (a *Account) decide(command string, at time.Time, ask func(j *judgement) (event.Data, error)) ([]event.Data, error) {
	j := judgement{account: a}
	if err := j.begin(at); err != nil {
		return nil, err
	}
	if a.contract == nil {
		j.refuse(Cause{Reason: ContractNotFound})
		return j.refusal(command, ""), nil
	}
	e, err := ask(&j)
	if err != nil {
		return nil, err
	}
	if len(j.causes) > 0 {
		return j.refusal(command, ""), nil
	}
	return []event.Data{e}, nil
}

// Decide returns a SpendingCapSet or a Refusal.
func (c SetSpendingCap) Decide(a *Account) ([]event.Data, error) {
	return a.decide("set_spending_cap", c.At, func(j *judgement) (event.Data, error) {
		if c.Policy != nil && c.Policy.Currency() != a.contract.Currency {
			j.refuse(Cause{Reason: CurrencyMismatch, Given: c.Policy.Currency(), Want: a.contract.Currency})
		}
		return SpendingCapSet{At: j.at, Policy: c.Policy}, nil
	})
}

// Decide returns an OverdueSet or a Refusal. It returns an error that wraps ErrInvalid if an amount is not above zero, or comes without
// a date.
func (c SetOverdue) Decide(a *Account) ([]event.Data, error) {
	return a.decide("set_overdue", c.At, func(j *judgement) (event.Data, error) {
		if c.Amount == (money.Amount{}) {
			return OverdueSet{At: j.at}, nil
		}
		switch {
		case c.Amount.Sign() <= 0 || !c.Amount.Valid():
			return nil, fmt.Errorf("%w amount: not above zero", ErrInvalid)
		case !c.Since.Valid():
			return nil, fmt.Errorf("%w since: no date", ErrInvalid)
		case c.Amount.Currency() != a.contract.Currency:
			j.refuse(Cause{Reason: CurrencyMismatch, Given: c.Amount.Currency(), Want: a.contract.Currency})
		}
		return OverdueSet{At: j.at, Since: c.Since, Amount: c.Amount}, nil
	})
}

// Decide returns a DaysClosed or a Refusal. It returns an error that wraps ErrInvalid if Through is no date, and another if this machine
// does not know the contract's time zone.
func (c CloseDays) Decide(a *Account) ([]event.Data, error) {
	return a.decide("close_days", c.At, func(j *judgement) (event.Data, error) {
		next := c.Through.AddDays(1)
		if !next.Valid() {
			return nil, fmt.Errorf("%w through: no date", ErrInvalid)
		}
		zone, err := zoneOf(a.contract.Zone)
		if err != nil {
			return nil, err
		}
		until := next.Start(zone).UTC()
		if c.Through <= a.closed {
			j.refuse(Cause{Reason: PeriodClosed, Through: a.closed})
		}
		if until.After(j.at) {
			j.refuse(Cause{Reason: PeriodNotOver, Through: c.Through})
		}
		return DaysClosed{At: j.at, Through: c.Through, Until: until}, nil
	})
}

// Result reads the decision back.
func (SetSpendingCap) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back.
func (SetOverdue) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back.
func (CloseDays) Result(decided []event.Data) Decision { return decisionOf(decided) }
