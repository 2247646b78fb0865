package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/money"
)

// books are the sums of an account, in minor units of the contract's currency, with tax.
type books struct {
	purchases int64 // unbilled
	refunds   int64 // unbilled; of billed purchases, what their credit notes will give back
	charges   int64 // unbilled, without allowances
	open      int64 // what is to be paid of invoices
	credit    int64 // what is to be given back, or to be set off
}

func (b *books) total() int64 { return b.purchases - b.refunds + b.charges + b.open - b.credit }

// exposureAt is the exposure of an account with a contract.
func (a *Account) exposureAt(at time.Time) money.Amount {
	return money.New(a.total()+a.collecting(at), a.contract.Currency)
}

// issue moves what a document bills from what is unbilled to what is open. A credit note takes off what is open of its invoice first; the
// rest is credit.
func (b *books) issue(c *claim, payable int64, taxes breakdown) {
	for _, p := range c.purchases {
		b.purchases -= p.Operation.Totals.Gross.Minor()
	}
	for i := range c.refunds {
		b.refunds -= c.refunds[i].refund().counts()
	}
	for _, of := range c.charges {
		b.charges -= of.counts()
	}
	if c.kind != CreditNote {
		b.open += payable
		back := newCredited(taxes, c.charges)
		for i := range c.later {
			b.refunds -= keep(back, taxes, &c.later[i].refund().RefundAccepted)
		}
		return
	}
	off := min(payable, c.corrects.Open)
	b.open -= off
	b.credit += payable - off
}

// invoice is what an account remembers of a document.
type invoice struct {
	Invoiced
	Open     int64      `json:"open,omitempty"`    // to be paid
	SetOff   int64      `json:"set_off,omitempty"` // of credit, against it
	Back     []credited `json:"back,omitempty"`    // what credit notes have taken, by its taxes
	Sent     time.Time  `json:"sent,omitzero"`
	Reminded int        `json:"reminded,omitzero"`

	place   int      // in the order of issue
	charges []string // the ids of those that it has, in order
}

// claimed finds what a document that was decided bills.
func (a *Account) claimed(e *Invoiced) (c claim, ok bool) {
	if e.Kind != CreditNote {
		c = a.claim(e.Period, e.Until)
		c.charge(a, a.waiting)
		return c, len(c.purchases) > 0 && c.kind == e.Kind
	}
	notes := a.notes(e.Period)
	i := slices.IndexFunc(notes, func(c claim) bool { return c.corrects.Number == e.Corrects })
	if i < 0 {
		return c, false
	}
	return notes[i], true
}

func (a *Account) applyInvoiced(e Invoiced) error {
	claimed, ok := a.claimed(&e)
	if !ok || a.invoices[e.Number] != nil {
		return fmt.Errorf("invoice %q bills nothing, or was issued before", e.Number)
	}
	c := &claimed
	if err := c.check(&e); err != nil {
		return err
	}
	e.Taxes = slices.Clone(e.Taxes)
	a.books.issue(c, e.Totals.Payable.Minor(), e.Taxes)
	v := &invoice{Invoiced: e, Back: newCredited(e.Taxes, c.charges), place: len(a.issued)}
	if e.Kind == CreditNote {
		c.corrects.Open -= min(c.corrects.Open, e.Totals.Payable.Minor())
		lines := c.lineBases()
		for i := range e.Taxes {
			k, _ := breakdown(c.corrects.Taxes).find(e.Taxes[i].VAT) // it is there: see check
			c.corrects.Back[k].note(&e.Taxes[i], lines[e.Taxes[i].VAT])
		}
	} else {
		v.Open = e.Totals.Payable.Minor()
	}
	a.invoices[e.Number] = v
	a.issued = append(a.issued, e.Number)
	a.markBilled(c, v)
	if e.Kind == Periodic {
		a.periods = append(a.periods, e.Period)
	}
	a.setOff()
	return a.tick(e.At)
}

// check returns an error if a document was not made of the claim.
func (c *claim) check(e *Invoiced) error {
	if n := c.lines(); n != e.Lines {
		return fmt.Errorf("invoice %q has %d lines, and bills %d", e.Number, e.Lines, n)
	}
	bases := c.bases()
	if c.kind == CreditNote {
		for _, off := range c.corrects.nextAllowances(bases) {
			bases[off.VAT] -= off.Net.Minor()
		}
	}
	for i := range e.Taxes {
		vat := e.Taxes[i].VAT
		base, found := bases[vat]
		if c.kind == CreditNote && found {
			_, found = breakdown(c.corrects.Taxes).find(vat)
		}
		if !found || base != e.Taxes[i].Base.Minor() {
			return fmt.Errorf("invoice %q is not of what it bills", e.Number)
		}
	}
	if len(e.Taxes) != len(bases) {
		return fmt.Errorf("invoice %q leaves out some of what it bills", e.Number)
	}
	return nil
}

// setOff lets credit pay what is due first, at once; and credit that was given back opens again what it had paid, the last first. So there
// is no credit while something is open, and what is due is due.
func (a *Account) setOff() {
	unpaid := a.unpaid()
	for _, v := range unpaid {
		if part := min(a.credit, v.Open); part > 0 {
			v.Open, v.SetOff = v.Open-part, v.SetOff+part
			a.open, a.credit = a.open-part, a.credit-part
		}
	}
	for i := len(a.issued) - 1; i >= 0 && a.credit < 0; i-- {
		v := a.invoices[a.issued[i]]
		part := min(-a.credit, v.SetOff)
		v.Open, v.SetOff = v.Open+part, v.SetOff-part
		a.open, a.credit = a.open+part, a.credit+part
	}
}

// lines is how many lines the document of a claim has.
func (c *claim) lines() (n int) {
	for _, p := range c.purchases {
		for i := range p.Operation.Orders {
			n += len(p.Operation.Orders[i].Items)
		}
	}
	for i := range c.refunds {
		n += len(c.refunds[i].refund().Parts)
	}
	return n
}

// countTaxes counts by what an operation is taxed.
func (a *Account) countTaxes(o *Operation, by int) {
	for i := range o.Orders {
		for _, s := range o.Orders[i].Taxes {
			a.countTax(s.VAT, by)
		}
	}
}

func (a *Account) countTax(v VAT, by int) {
	if a.taxed[v] += by; a.taxed[v] <= 0 {
		delete(a.taxed, v)
	}
}

// markBilled notes that a document bills what was claimed.
func (a *Account) markBilled(c *claim, v *invoice) {
	for _, p := range c.purchases {
		p.Invoice = v.Number
		a.countTaxes(&p.Operation, -1)
	}
	for _, of := range c.charges {
		of.Invoice = v.Number
		v.charges = append(v.charges, of.ID)
		if !of.Charge.Allowance {
			a.countTax(of.Charge.VAT, -1)
		}
	}
	for i := range c.refunds {
		c.refunds[i].refund().Document = v.Number
	}
	a.unbilled = slices.DeleteFunc(a.unbilled, func(id string) bool { return a.operations[id].Invoice != "" })
	a.waiting = slices.DeleteFunc(a.waiting, func(id string) bool { return a.added[id].Invoice != "" })
	for i := range c.later { // what was given back after the period is for the next one
		r := c.later[i].refund()
		r.Kept = keep(v.Back, v.Taxes, &r.RefundAccepted)
		a.uncredited = append(a.uncredited, c.later[i])
	}
	a.uncredited = slices.DeleteFunc(a.uncredited, func(r claimedRefund) bool { return r.refund().Document != "" })
}
