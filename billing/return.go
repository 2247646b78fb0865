package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/money"
)

// Settle is the command for a direct debit that the bank has credited.
type Settle struct {
	_ struct{} // disallow positional literals

	At time.Time `json:"at"`
	Of string    `json:"of"` // the payment
}

// Return is the command for a payment that was given back: a direct debit that was rejected, returned or refunded, or a transfer that was
// recalled. What it had paid is open again, also when it was final.
type Return struct {
	_ struct{} // disallow positional literals

	At   time.Time `json:"at"`
	ID   string    `json:"id"`             // of the return, unique in the account
	Of   string    `json:"of"`             // the payment
	Code string    `json:"code,omitempty"` // of ISO 20022, as AM04
}

// PaymentSettled says that the bank has credited a direct debit.
type PaymentSettled struct {
	_ struct{} // disallow positional literals

	At time.Time `json:"at"`
	Of string    `json:"of"`
}

// EventType returns "billing.payment_settled.v1".
func (PaymentSettled) EventType() string { return "billing.payment_settled.v1" }

// PaymentReturned says that a payment was given back, and what is open again by that.
type PaymentReturned struct {
	_ struct{} // disallow positional literals

	At       time.Time    `json:"at"`
	ID       string       `json:"id"`
	Of       string       `json:"of"`
	Code     string       `json:"code,omitempty"`
	Reopened []Allocation `json:"reopened,omitempty"`
	Figures
}

// EventType returns "billing.payment_returned.v1".
func (PaymentReturned) EventType() string { return "billing.payment_returned.v1" }

// Decide returns a PaymentSettled or a Refusal, or nothing if it was settled before. It returns an error that wraps ErrInvalid if a field
// is malformed.
func (c Settle) Decide(a *Account) ([]event.Data, error) {
	j := judgement{account: a}
	if err := j.beginPayment(c.At, c.Of, 0); err != nil {
		return nil, err
	}
	switch p := a.payments[c.Of]; {
	case p == nil:
		j.refuse(Cause{Reason: PaymentNotFound})
	case p.Returned != nil:
		j.refuse(Cause{Reason: AlreadyReturned})
	case p.Settled:
		return nil, nil
	}
	if len(j.causes) > 0 {
		return j.refusal("settle", c.Of), nil
	}
	return []event.Data{PaymentSettled{At: j.at, Of: c.Of}}, nil
}

// Decide returns a PaymentReturned, a Repeated or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c Return) Decide(a *Account) ([]event.Data, error) {
	j := judgement{account: a}
	if err := j.beginPayment(c.At, c.ID, 0); err != nil {
		return nil, err
	}
	if err := checkID("return.of", c.Of); err != nil {
		return nil, err
	}
	if err := invalid("return.code", texts.Fault(c.Code, maxReference)); err != nil {
		return nil, err
	}
	p := a.payments[c.Of]
	switch {
	case p == nil:
		j.refuse(Cause{Reason: PaymentNotFound})
	case p.Returned != nil && p.Returned.ID == c.ID && p.Returned.Code == c.Code:
		return []event.Data{Repeated{Command: "return", ID: c.ID, At: p.Returned.At, Figures: p.Returned.Figures}}, nil
	case p.Returned != nil:
		j.refuse(Cause{Reason: AlreadyReturned})
	}
	if of, known := a.returns[c.ID]; known && of != c.Of {
		j.refuse(Cause{Reason: ExistsWithDifferentContent})
	}
	if len(j.causes) > 0 {
		return j.refusal("return", c.ID), nil
	}
	if a.open+p.Amount.Minor() > maxSum {
		return nil, fmt.Errorf("%w return: with all that is open %w", ErrInvalid, money.ErrOverflow)
	}
	after := a.exposureAt(j.at)
	if !p.pending(j.at) {
		var err error
		if after, err = after.Add(p.Amount); err != nil {
			return nil, fmt.Errorf("%w return: %w", ErrInvalid, err)
		}
	}
	j.stand(after)
	return []event.Data{PaymentReturned{At: j.at, ID: c.ID, Of: c.Of, Code: c.Code, Reopened: slices.Clone(p.Allocations), Figures: j.figures}}, nil
}

// Result reads the decision back. Of nothing, since it was settled before, it is not accepted, and has no causes.
func (Settle) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back.
func (Return) Result(decided []event.Data) Decision { return decisionOf(decided) }

func (a *Account) applySettled(e PaymentSettled) error {
	p := a.payments[e.Of]
	if p == nil || p.Settled || p.Returned != nil {
		return fmt.Errorf("payment %q cannot be settled", e.Of)
	}
	p.Settled = true
	return a.tick(e.At)
}

func (a *Account) applyReturned(e PaymentReturned) error {
	p := a.payments[e.Of]
	if p == nil || p.Returned != nil || a.returns[e.ID] != "" {
		return fmt.Errorf("payment %q cannot be returned", e.Of)
	}
	for _, part := range p.Allocations {
		a.invoices[part.Number].Open += part.Amount.Minor()
		a.open += part.Amount.Minor()
	}
	a.credit -= p.Credit.Minor()
	p.Returned, a.returns[e.ID] = &e, e.Of
	a.setOff()
	return a.tick(e.At)
}
