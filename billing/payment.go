package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/money"
)

// maxNumber is how many bytes the number of an invoice has at most: its prefix, and its digits.
const maxNumber = 4*MaxPrefix + MaxWidth

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
		return j.known(known, known.Amount == c.Amount && known.FinalFrom.IsZero() && slices.Equal(known.For, c.For))
	}
	e := PaymentReceived{At: j.at, ID: c.ID, Amount: c.Amount, For: slices.Clone(c.For)}
	if a.contract == nil {
		j.refuse(Cause{Reason: ContractNotFound})
		return j.payment(&e)
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
		case len(number) > maxNumber:
			return nil, fmt.Errorf("%w payment.for: a number of more than %d bytes", ErrInvalid, maxNumber)
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
	return j.payment(&e)
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
		return j.known(known, known.FinalFrom.Equal(final) && slices.Equal(known.Allocations, c.For))
	}
	e := PaymentReceived{At: j.at, ID: c.ID, Allocations: slices.Clone(c.For), FinalFrom: final}
	if a.contract == nil {
		j.refuse(Cause{Reason: ContractNotFound})
		return j.payment(&e)
	}
	own, sum, seen := a.contract.Currency, int64(0), map[string]bool{}
	for _, part := range c.For {
		v := a.invoices[part.Number]
		switch {
		case !part.Amount.Valid() || part.Amount.Sign() <= 0 || seen[part.Number] || len(part.Number) > maxNumber:
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
	return j.payment(&e)
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

// known decides on a payment whose id stands for one already.
func (j *judgement) known(p *payment, same bool) ([]event.Data, error) {
	if same {
		return []event.Data{Repeated{Command: "pay", ID: p.ID, At: p.At, Figures: p.Figures}}, nil
	}
	j.refuse(Cause{Reason: ExistsWithDifferentContent})
	return j.refusal("pay", p.ID), nil
}

// payment ends a decision on a payment.
func (j *judgement) payment(e *PaymentReceived) ([]event.Data, error) {
	a := j.account
	if len(j.causes) > 0 {
		return j.refusal("pay", e.ID), nil
	}
	after := a.exposureAt(j.at)
	if e.FinalFrom.IsZero() || !j.at.Before(e.FinalFrom) {
		var err error
		if after, err = after.Sub(e.Amount); err != nil {
			return nil, fmt.Errorf("%w payment: %w", ErrInvalid, err)
		}
	}
	j.stand(after)
	e.Figures = j.figures
	return []event.Data{*e}, nil
}

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

// Result reads the decision back.
func (Receive) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back.
func (Collect) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back. Of nothing, since it was settled before, it is not accepted, and has no causes.
func (Settle) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Result reads the decision back.
func (Return) Result(decided []event.Data) Decision { return decisionOf(decided) }

// unpaid are the invoices of which something is open, those due first in front.
func (a *Account) unpaid() []*invoice {
	if a.open == 0 {
		return nil
	}
	var open []*invoice
	for _, number := range a.issued {
		if v := a.invoices[number]; v.Open > 0 {
			open = append(open, v)
		}
	}
	slices.SortStableFunc(open, func(x, y *invoice) int { return int(x.DueOn) - int(y.DueOn) })
	return open
}

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

// collecting is what direct debits have taken that are not final at an instant.
func (a *Account) collecting(at time.Time) (minor int64) {
	for _, p := range a.collected {
		if p.pending(at) {
			minor += p.Amount.Minor()
		}
	}
	return minor
}

// overdueAt is what is overdue of invoices at an instant, and since when; 0 if nothing is.
func (a *Account) overdueAt(at time.Time) (minor int64, since civil.Date) {
	for _, v := range a.unpaid() {
		if !at.Before(v.OverdueFrom) {
			minor += v.Open
			if since == 0 || v.DueOn < since {
				since = v.DueOn
			}
		}
	}
	return minor, since
}
