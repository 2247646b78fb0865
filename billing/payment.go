package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// MaxAllocations is how many invoices one payment pays at most.
const MaxAllocations = 200

// Allocation is what a payment pays of an invoice.
type Allocation struct {
	Number string       `json:"number"`
	Amount money.Amount `json:"amount"`
}

// Receive is the command for money that has come: a credit transfer. It pays the invoices that it is for, in that order, and then those
// that are due first, MaxAllocations at most; what is over is credit of the customer.
type Receive struct {
	_ struct{} // disallow positional literals

	At     time.Time    `json:"at"`
	ID     string       `json:"id"` // of the payment, unique in the account
	Amount money.Amount `json:"amount"`
	For    []string     `json:"for,omitempty"` // numbers of invoices
}

// Collect is the command for a direct debit that was sent to the bank. What it collects is not open any more, and counts in the exposure
// until it is final: the debtor may have it back until then without a reason.
type Collect struct {
	_ struct{} // disallow positional literals

	At        time.Time    `json:"at"`
	ID        string       `json:"id"` // the end-to-end id, unique in the account
	For       []Allocation `json:"for"`
	FinalFrom time.Time    `json:"final_from"` // if it is not returned until then; package billing/sepa knows when
}

// PaymentReceived says what a payment pays. A direct debit has FinalFrom, and is not settled yet.
type PaymentReceived struct {
	_ struct{} // disallow positional literals

	At          time.Time    `json:"at"`
	ID          string       `json:"id"`
	Amount      money.Amount `json:"amount"`
	For         []string     `json:"for,omitempty"` // as it was asked for
	Allocations []Allocation `json:"allocations,omitempty"`
	Credit      money.Amount `json:"credit"` // what is over
	FinalFrom   time.Time    `json:"final_from,omitzero"`
	Figures
}

// EventType returns "billing.payment_received.v1".
func (PaymentReceived) EventType() string { return "billing.payment_received.v1" }

// payment is what an account remembers of one.
type payment struct {
	PaymentReceived
	Settled  bool             `json:"settled,omitempty"`
	Returned *PaymentReturned `json:"returned,omitempty"`
}

// pending reports whether a payment counts in the exposure at an instant.
func (p *payment) pending(at time.Time) bool { return p.Returned == nil && at.Before(p.FinalFrom) }

// Decide returns a PaymentReceived, a Repeated or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c Receive) Decide(a *Account) ([]event.Data, error) {
	j := judgement{account: a}
	if err := j.beginPayment(c.At, c.ID, len(c.For)); err != nil {
		return nil, err
	}
	if !c.Amount.Valid() || c.Amount.Sign() <= 0 || c.Amount.Minor() > MaxAmount {
		return nil, fmt.Errorf("%w payment.amount: not above zero, or above %d minor units", ErrInvalid, MaxAmount)
	}
	if known := a.payments[c.ID]; known != nil {
		return j.repeatPayment(known, known.Amount == c.Amount && known.FinalFrom.IsZero() && slices.Equal(known.For, c.For))
	}
	e := PaymentReceived{At: j.at, ID: c.ID, Amount: c.Amount, For: slices.Clone(c.For)}
	if a.contract == nil {
		j.refuse(Cause{Reason: ContractNotFound})
		return j.endPayment(&e)
	}
	if own := a.contract.Currency; c.Amount.Currency() != own {
		j.refuse(Cause{Reason: CurrencyMismatch, Given: c.Amount.Currency(), Want: own})
	}
	left := c.Amount.Minor()
	pay := func(v *invoice) {
		if part := min(left, v.Open); part > 0 && len(e.Allocations) < MaxAllocations {
			left -= part
			e.Allocations = append(e.Allocations, Allocation{v.Number, money.New(part, c.Amount.Currency())})
		}
	}
	for i, number := range c.For {
		v := a.invoices[number]
		switch {
		case len(number) > maxNumberBytes:
			return nil, fmt.Errorf("%w payment.for: a number of more than %d bytes", ErrInvalid, maxNumberBytes)
		case slices.Contains(c.For[:i], number):
			return nil, fmt.Errorf("%w payment.for: an invoice is there twice", ErrInvalid)
		case v == nil || v.Kind == CreditNote:
			j.refuse(Cause{Reason: InvoiceNotFound, Number: number})
		default:
			pay(v)
		}
	}
	for _, v := range a.unpaid() {
		if !slices.Contains(c.For, v.Number) {
			pay(v)
		}
	}
	if a.credit+left > maxSum {
		return nil, fmt.Errorf("%w payment.amount: with all credit %w", ErrInvalid, money.ErrOverflow)
	}
	e.Credit = money.New(left, c.Amount.Currency())
	return j.endPayment(&e)
}

// Decide returns a PaymentReceived, a Repeated or a Refusal. It returns an error that wraps ErrInvalid if a field is malformed.
func (c Collect) Decide(a *Account) ([]event.Data, error) {
	j := judgement{account: a}
	if err := j.beginPayment(c.At, c.ID, len(c.For)); err != nil {
		return nil, err
	}
	if _, err := checkAt("collection.final_from", c.FinalFrom); err != nil {
		return nil, err
	}
	if len(c.For) == 0 {
		return nil, fmt.Errorf("%w collection.for: none", ErrInvalid)
	}
	final := money.Instant(c.FinalFrom)
	if known := a.payments[c.ID]; known != nil {
		return j.repeatPayment(known, known.FinalFrom.Equal(final) && slices.Equal(known.Allocations, c.For))
	}
	e := PaymentReceived{At: j.at, ID: c.ID, Allocations: slices.Clone(c.For), FinalFrom: final}
	if a.contract == nil {
		j.refuse(Cause{Reason: ContractNotFound})
		return j.endPayment(&e)
	}
	own, sum, seen := a.contract.Currency, int64(0), map[string]bool{}
	for _, part := range c.For {
		v := a.invoices[part.Number]
		switch {
		case !part.Amount.Valid() || part.Amount.Sign() <= 0 || seen[part.Number] || len(part.Number) > maxNumberBytes:
			return nil, fmt.Errorf("%w collection.for: an amount is not above zero, an invoice is there twice, or its number too long", ErrInvalid)
		case v == nil || v.Kind == CreditNote:
			j.refuse(Cause{Reason: InvoiceNotFound, Number: part.Number})
		case part.Amount.Currency() != own:
			j.refuse(Cause{Reason: CurrencyMismatch, Given: part.Amount.Currency(), Want: own})
		case part.Amount.Minor() > v.Open:
			j.refuse(Cause{Reason: MoreThanOpen, Number: part.Number, Requested: part.Amount, Available: money.New(v.Open, own)})
		default:
			sum += part.Amount.Minor() // of what is open, which fits
		}
		seen[part.Number] = true
	}
	if sum > MaxAmount || a.collecting(j.at)+sum > maxSum {
		return nil, fmt.Errorf("%w collection.for: %w", ErrInvalid, money.ErrOverflow)
	}
	e.Amount, e.Credit = money.New(sum, own), money.New(0, own)
	return j.endPayment(&e)
}

// beginPayment checks what payments have in common.
func (j *judgement) beginPayment(at time.Time, id string, invoices int) error {
	if err := j.begin(at); err != nil {
		return err
	}
	if err := checkID("payment.id", id); err != nil {
		return err
	}
	if invoices > MaxAllocations {
		return fmt.Errorf("%w payment.for: %d invoices, want %d at most", ErrInvalid, invoices, MaxAllocations)
	}
	return nil
}

// repeatPayment decides on a payment whose id stands for one already.
func (j *judgement) repeatPayment(p *payment, same bool) ([]event.Data, error) {
	if same {
		return []event.Data{Repeated{Command: "pay", ID: p.ID, At: p.At, Figures: p.Figures}}, nil
	}
	j.refuse(Cause{Reason: ExistsWithDifferentContent})
	return j.refusal("pay", p.ID), nil
}

// endPayment is the decision on a payment, when all that is against it was found.
func (j *judgement) endPayment(e *PaymentReceived) ([]event.Data, error) {
	a := j.account
	if len(j.causes) > 0 {
		return j.refusal("pay", e.ID), nil
	}
	after := a.exposureAt(j.at)
	if !j.at.Before(e.FinalFrom) { // it is final, as every transfer
		var err error
		if after, err = after.Sub(e.Amount); err != nil {
			return nil, fmt.Errorf("%w payment: %w", ErrInvalid, err)
		}
	}
	j.stand(after)
	e.Figures = j.figures
	return []event.Data{*e}, nil
}

// Result reads the decision back.
func (Receive) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back.
func (Collect) Result(decided []event.Data) Decision { return decisionOf(decided) }

func (a *Account) applyPayment(e PaymentReceived) error {
	if a.contract == nil || a.payments[e.ID] != nil || e.Amount.Currency() != a.contract.Currency || e.Amount.Sign() <= 0 {
		return fmt.Errorf("payment %q is of another currency, or was received before", e.ID)
	}
	sum := e.Credit.Minor()
	for _, part := range e.Allocations {
		v := a.invoices[part.Number]
		if v == nil || part.Amount.Sign() <= 0 || part.Amount.Minor() > v.Open {
			return fmt.Errorf("payment %q pays more than is open of %q", e.ID, part.Number)
		}
		v.Open -= part.Amount.Minor()
		a.open -= part.Amount.Minor()
		sum += part.Amount.Minor()
	}
	if sum != e.Amount.Minor() || e.Credit.Sign() < 0 {
		return fmt.Errorf("payment %q does not add up", e.ID)
	}
	a.credit += e.Credit.Minor()
	p := &payment{PaymentReceived: e, Settled: e.FinalFrom.IsZero()}
	a.payments[e.ID] = p
	if !e.FinalFrom.IsZero() {
		a.collected = append(a.collected, p)
	}
	a.setOff()
	return a.tick(e.At)
}

// collecting is what direct debits have taken that are not final at an instant.
func (a *Account) collecting(at time.Time) (minor int64) {
	for _, p := range a.collected {
		if p.pending(at) {
			minor += p.Amount.Minor()
		}
	}
	return minor
}
