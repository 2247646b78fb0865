package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Apply records an event. After an error the account is of no use any more: make it anew from its events.
//
// Returns an error that wraps ErrCorrupt if the event contradicts what stands before it, or is of no type that an account has.
func (a *Account) Apply(d event.Data) error {
	if err := a.apply(d); err != nil {
		return fmt.Errorf("%w: account %q: %T: %w", ErrCorrupt, a.id, d, err)
	}
	return nil
}

func (a *Account) apply(d event.Data) error {
	switch e := d.(type) {
	case ContractTaken:
		return a.applyContract(e)
	case MandateTaken:
		return a.applyMandate(e)
	case LateUpdateSeen:
		return a.applyLate(e)
	case OperationAccepted:
		return a.applyAccepted(e)
	case RefundAccepted:
		return a.applyRefund(e)
	case ChargeAdded:
		return a.applyCharge(e)
	case Refusal:
		return a.applyRefusal(e)
	case Repeated:
		return nil
	case SpendingCapSet:
		return a.applySpendingCap(e)
	case OverdueSet:
		a.overdue, a.overdueSince = e.Amount, e.Since
		return a.tick(e.At)
	case Invoiced:
		return a.applyInvoiced(e)
	case InvoiceSent:
		return a.applySent(e)
	case ReminderDue:
		return a.applyReminder(e)
	case PaymentReceived:
		return a.applyPayment(e)
	case PaymentSettled:
		return a.applySettled(e)
	case PaymentReturned:
		return a.applyReturned(e)
	case DaysClosed:
		if e.Through <= a.closed {
			return fmt.Errorf("it is not after the days that are closed")
		}
		a.closed, a.closedUntil = e.Through, e.Until.UnixMicro()
		return a.tick(e.At)
	}
	return fmt.Errorf("no event of an account")
}

// tick moves the clock, which never goes back. What is refused does not move it: a wrong year in one command would stay.
func (a *Account) tick(at time.Time) error {
	micros, err := money.UnixMicro(at)
	if err == nil && micros < a.clock {
		err = fmt.Errorf("it is before %s", money.FromUnixMicro(a.clock))
	}
	a.clock = micros
	a.collected = slices.DeleteFunc(a.collected, func(p *payment) bool { return !p.pending(at) }) // for good: at never goes back
	return err
}

func (a *Account) applyContract(e ContractTaken) error {
	v, known := e.View, uint64(0)
	if a.contract != nil {
		known = a.contract.Revision
		if v.Currency != a.contract.Currency {
			return fmt.Errorf("it changes the currency")
		}
	}
	if err := v.Validate(); err != nil {
		return err
	}
	if v.Contract != a.id || v.Revision <= known || len(v.Phases) == 0 {
		return fmt.Errorf("it is of another contract, or not newer than the one before")
	}
	a.missing.jump(known, v.Revision)
	a.contract = &v
	a.letMandatesGo()
	return nil
}

func (a *Account) applyMandate(e MandateTaken) error {
	if err := e.View.Validate(); err != nil {
		return err
	}
	m := a.mandates[e.View.Mandate]
	if m == nil {
		m = &mandate{}
		a.mandates[e.View.Mandate] = m
	}
	if e.View.Revision <= m.view.Revision || len(e.View.Phases) == 0 {
		return fmt.Errorf("it is not newer than the one before")
	}
	m.missing.jump(m.view.Revision, e.View.Revision)
	a.taken++
	m.view, m.taken = e.View, a.taken
	a.letMandatesGo()
	return nil
}

func (a *Account) applyLate(e LateUpdateSeen) error {
	of := &a.missing
	if e.Mandate != "" {
		m := a.mandates[e.Mandate]
		if m == nil {
			return fmt.Errorf("no update of the mandate was taken")
		}
		of = &m.missing
	}
	if !of.has(e.Revision) {
		return fmt.Errorf("revision %d was not missing", e.Revision)
	}
	of.fill(e.Revision)
	return nil
}

func (a *Account) applyAccepted(e OperationAccepted) error {
	o := &e.Operation
	switch {
	case a.contract == nil || o.Currency != a.contract.Currency:
		return fmt.Errorf("it is not in the contract's currency")
	case a.operations[o.ID] != nil:
		return fmt.Errorf("operation %q was accepted before", o.ID)
	case !isReckoned(o):
		return fmt.Errorf("operation %q is without its totals", o.ID)
	}
	sum, err := money.New(a.purchases, o.Currency).Add(o.Totals.Gross)
	if err != nil {
		return err
	}
	a.purchases = sum.Minor()
	a.accepted++
	a.operations[o.ID] = &purchase{Operation: *o, At: e.At, Figures: e.Figures, Place: a.accepted, back: newBack(o)}
	a.unbilled = append(a.unbilled, o.ID)
	a.countTaxes(o, 1)
	if err := a.spend(o.ID, e.At, o.Totals.Gross, true); err != nil {
		return err
	}
	return a.tick(e.At)
}

// isReckoned reports whether an operation has its totals, as every accepted one does.
func isReckoned(o *Operation) bool {
	has := func(t *Totals) bool { return t != nil && t.Gross.Currency() == o.Currency && t.Gross.Sign() >= 0 }
	return has(o.Totals) && !slices.ContainsFunc(o.Orders, func(order Order) bool {
		return !has(order.Totals) || slices.ContainsFunc(order.Items, func(it Item) bool { return !has(it.Totals) || it.Quantity <= 0 })
	})
}

// spend tells the spending caps of a purchase that was decided on; they decide as they did then.
func (a *Account) spend(id string, at time.Time, gross money.Amount, approved bool) error {
	if a.meter == nil {
		return nil
	}
	c := cap.Authorize{ID: id, At: at, Amount: gross}
	facts, err := c.Decide(a.meter)
	if err != nil {
		return err
	}
	if d := c.Result(facts); d.Approved() != approved {
		return fmt.Errorf("the spending caps decide otherwise")
	}
	return a.meter.Apply(facts[0])
}

func (a *Account) applyRefund(e RefundAccepted) error {
	p := a.operations[e.Of]
	if p == nil || a.refundOf[e.ID] != "" {
		return fmt.Errorf("refund %q has no purchase, or was accepted before", e.ID)
	}
	if !newTaker(p, p.back).putAll(&e) {
		return fmt.Errorf("refund %q does not add up, or gives back more than is left", e.ID)
	}
	r := acceptedRefund{RefundAccepted: e}
	if v := a.invoices[p.Invoice]; v != nil {
		r.Kept = keep(v.Back, v.Taxes, &e)
		a.uncredited = append(a.uncredited, claimedRefund{p, len(p.Refunds)})
	}
	p.Refunds = append(p.Refunds, r)
	a.refundOf[e.ID] = e.Of
	a.refunds += r.counts()
	if a.meter != nil && e.Totals.Gross.Sign() > 0 {
		c := cap.Refund{ID: e.ID, At: e.At, Amount: e.Totals.Gross, Of: &cap.Ref{ID: e.Of, At: p.At}}
		if facts, err := c.Decide(a.meter); err == nil { // there are amounts that the limits know nothing of
			if err := a.meter.Apply(facts[0]); err != nil {
				return err
			}
		}
	}
	return a.tick(e.At)
}

// applyRefusal lets limits that count attempts count one.
func (a *Account) applyRefusal(e Refusal) error {
	if slices.ContainsFunc(e.Causes, func(c Cause) bool { return c.Reason == SpendingCapExceeded }) {
		return a.spend(e.ID, e.At, e.Totals.Gross, false)
	}
	return nil
}

func (a *Account) applySpendingCap(e SpendingCapSet) error {
	switch {
	case e.Policy == nil:
		a.meter, a.policy = nil, nil
	case a.contract == nil || e.Policy.Currency() != a.contract.Currency:
		return fmt.Errorf("it is not in the contract's currency")
	case a.meter == nil:
		a.meter, a.policy = cap.NewMeter(e.Policy), e.Policy
	default:
		facts, err := cap.SetPolicy{Policy: e.Policy}.Decide(a.meter)
		if err == nil {
			err = a.meter.Apply(facts[0])
		}
		if err != nil {
			return err
		}
	}
	return a.tick(e.At)
}

// refund returns a refund that was accepted; nil if there is none of that id.
func (a *Account) refund(id string) *RefundAccepted {
	p := a.operations[a.refundOf[id]]
	if p == nil {
		return nil
	}
	return &p.Refunds[slices.IndexFunc(p.Refunds, func(r acceptedRefund) bool { return r.ID == id })].RefundAccepted
}
