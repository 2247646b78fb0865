package billing

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// Rules are what a billing run says of all its invoices.
type Rules struct {
	_ struct{} // disallow positional literals

	Seller      party.Party `json:"seller"`
	DueDays     int         `json:"due_days"`                // from the day of issue on; 0 to MaxDueDays
	VATOnDebits bool        `json:"vat_on_debits,omitempty"` // the seller has opted for it
}

// MaxDueDays is how many days a customer has to pay a monthly invoice, at the most (French code of commerce, L441-10).
const MaxDueDays = 45

// Validate returns an error that wraps ErrInvalid and names the field if the rules are malformed.
func (r *Rules) Validate() error {
	if err := r.Seller.Validate(); err != nil {
		return fmt.Errorf("%w seller: %w", ErrInvalid, err)
	}
	if r.DueDays < 0 || r.DueDays > MaxDueDays {
		return fmt.Errorf("%w due_days: want 0 to %d", ErrInvalid, MaxDueDays)
	}
	return nil
}

// Draft returns what is to be billed until the end of a period, without numbers and dates: the invoice of what was bought in it; one of
// every month before of which something is not billed, be it the month's first or a supplementary one; and a credit note for each earlier
// invoice of which something was given back until then. Nothing is changed. What the contract has become does not matter (B7). What was
// given back of purchases of the same invoice stands in it as lines below zero. A charge or an allowance is on the first invoice of the
// month in which it is due, or of one after that: see [AddCharge].
//
// The drafts are the same however often they are made, and in the order in which they get their numbers: the invoices by month, then
// the credit notes by the order of their invoices. There are none if nothing is to be billed.
//
// Returns an error if a sum does not fit, or this machine does not know the contract's time zone.
func (a *Account) Draft(p Period, r *Rules) ([]Invoice, error) {
	d, err := a.draft(p, r)
	return d.drafts, err
}

// drafting is what is to be billed: the claims, and a draft of each.
type drafting struct {
	claims []claim
	drafts []Invoice
	zone   *time.Location // of the contract; nil if nothing is to be billed
}

func (a *Account) draft(p Period, r *Rules) (d drafting, err error) {
	if d.claims, d.zone, err = a.claims(p); err != nil {
		return drafting{}, err
	}
	d.drafts = make([]Invoice, len(d.claims))
	for i := range d.claims {
		if d.drafts[i], err = a.build(&d.claims[i], p, r, d.zone); err != nil {
			return drafting{}, err
		}
	}
	return d, nil
}

// claims finds what is to be billed until the end of a period.
func (a *Account) claims(p Period) (claims []claim, zone *time.Location, err error) {
	if len(a.unbilled)+len(a.uncredited) == 0 {
		return nil, nil, nil
	}
	if zone, err = zoneOf(a.contract.Zone); err != nil {
		return nil, nil, err
	}
	months := []Period{p}
	for _, id := range a.unbilled {
		on := a.operations[id].on()
		if !on.Before(p.Start) || slices.ContainsFunc(months, func(m Period) bool { return m.has(on) }) {
			continue
		}
		month, err := a.periodOf(on, zone)
		if err != nil {
			return nil, nil, err
		}
		months = append(months, month)
	}
	slices.SortFunc(months, func(x, y Period) int { return cmp.Compare(x.From, y.From) })
	waiting := a.waiting
	for _, month := range months {
		if c := a.claim(month, p.End); len(c.purchases) > 0 {
			waiting = c.charge(a, waiting)
			claims = append(claims, c)
		}
	}
	return append(claims, a.notes(p)...), zone, nil
}

// claim is what one invoice or credit note bills.
type claim struct {
	kind      InvoiceKind
	period    Period
	corrects  *invoice // of a credit note
	purchases []*purchase
	refunds   []claimedRefund
	charges   []*Added
	later     []claimedRefund // of the purchases, and for a credit note to come
}

// claimedRefund is a refund of a purchase, by its place.
type claimedRefund struct {
	of *purchase
	i  int
}

func (c *claimedRefund) refund() *acceptedRefund { return &c.of.Refunds[c.i] }

// claim finds what was bought in a month, and given back of it until an instant.
func (a *Account) claim(month Period, until time.Time) claim {
	c := claim{kind: Periodic, period: month}
	if slices.ContainsFunc(a.periods, func(q Period) bool { return q.From == month.From }) {
		c.kind = Supplementary
	}
	for _, id := range a.unbilled {
		of := a.operations[id]
		if !month.has(of.on()) {
			continue
		}
		c.purchases = append(c.purchases, of)
		for i := range of.Refunds {
			to := &c.refunds
			if !of.Refunds[i].At.Before(until) {
				to = &c.later
			}
			*to = append(*to, claimedRefund{of, i})
		}
	}
	return c
}

// notes finds the credit notes of what was given back until the end of a period.
func (a *Account) notes(p Period) []claim {
	of := map[string]*claim{}
	for _, r := range a.uncredited {
		if !r.refund().At.Before(p.End) {
			continue
		}
		c := of[r.of.Invoice]
		if c == nil {
			c = &claim{kind: CreditNote, period: p, corrects: a.invoices[r.of.Invoice]}
			of[r.of.Invoice] = c
		}
		c.refunds = append(c.refunds, r)
	}
	var notes []claim
	for _, c := range of {
		c.sort()
		notes = append(notes, *c)
	}
	slices.SortFunc(notes, func(x, y claim) int { return cmp.Compare(x.corrects.place, y.corrects.place) })
	return notes
}

// build makes the document of a claim.
func (a *Account) build(c *claim, p Period, r *Rules, zone *time.Location) (Invoice, error) {
	v := Invoice{
		Kind: c.kind, Contract: a.id, Currency: a.contract.Currency, Zone: a.contract.Zone, Period: c.period, Seller: r.Seller,
		Buyer: a.contract.CustomerAt(p.End), Mandate: a.contract.At(p.End).Mandate, VATOnDebits: r.VATOnDebits,
	}
	c.fill(&v, zone)
	if c.kind == CreditNote {
		v.Charges = c.corrects.nextAllowances(c.lineBases())
	}
	if err := v.AddUp(); err != nil {
		return v, fmt.Errorf("billing: invoice: %w", err)
	}
	if c.kind == CreditNote {
		v.Corrects = c.corrects.Number
		return v, c.corrects.taxNext(&v)
	}
	return v, nil
}

// fill gives a document its lines and charges.
func (c *claim) fill(v *Invoice, zone *time.Location) {
	for _, of := range c.purchases {
		for i := range of.Operation.Orders {
			for k := range of.Operation.Orders[i].Items {
				v.Lines = append(v.Lines, of.line(i, k, civil.DateOf(of.on(), zone)))
			}
		}
	}
	for _, back := range c.refunds {
		refund := back.refund()
		for _, part := range refund.Parts {
			v.Lines = append(v.Lines, back.line(part, civil.DateOf(refund.At, zone), c.kind))
		}
	}
	for _, of := range c.charges {
		v.Charges = append(v.Charges, of.Charge)
	}
	for i := range v.Lines {
		v.Supply = v.Supply.with(v.Lines[i].Supply)
	}
}

// Invoice returns a document that was issued, with its lines; ok is false if there is none of that number.
//
// Returns an error if this machine does not know the zone that the contract had, or the lines are not those that were billed (ErrCorrupt). It
// costs O(n log n) for n purchases that the account remembers.
func (a *Account) Invoice(number string) (v Invoice, ok bool, err error) {
	of := a.invoices[number]
	if of == nil {
		return v, false, nil
	}
	zone, err := zoneOf(of.Zone)
	if err != nil {
		return v, true, err
	}
	v = Invoice{
		Number: of.Number, Kind: of.Kind, Contract: a.id, Currency: of.Totals.Payable.Currency(), Zone: of.Zone, Period: of.Period,
		IssuedOn: of.IssuedOn, DueOn: of.DueOn, Corrects: of.Corrects, Seller: of.Rules.Seller, Buyer: of.Buyer, Mandate: of.Mandate,
		VATOnDebits: of.Rules.VATOnDebits, Taxes: slices.Clone(of.Taxes), Totals: of.Totals,
	}
	c := a.claimOf(of)
	c.fill(&v, zone)
	if of.Kind == CreditNote {
		v.Charges = of.ownAllowances(c.lineBases())
	}
	if v.Digest() != of.Digest {
		return v, true, fmt.Errorf("%w: invoice %q: its lines are not those that were billed", ErrCorrupt, number)
	}
	return v, true, nil
}

// Invoices yields what was issued, in that order.
func (a *Account) Invoices() iter.Seq[Invoiced] {
	return func(yield func(Invoiced) bool) {
		for _, number := range a.issued {
			e := a.invoices[number].Invoiced
			e.Taxes = slices.Clone(e.Taxes)
			if !yield(e) {
				return
			}
		}
	}
}

// claimOf finds again what a document bills.
func (a *Account) claimOf(v *invoice) claim {
	c := claim{kind: v.Kind, charges: a.chargesOf(v)}
	var purchases []*purchase
	for _, p := range a.operations {
		purchases = append(purchases, p)
	}
	slices.SortFunc(purchases, func(x, y *purchase) int { return cmp.Compare(x.Place, y.Place) })
	for _, p := range purchases {
		if p.Invoice == v.Number {
			c.purchases = append(c.purchases, p)
		}
		for i := range p.Refunds {
			if p.Refunds[i].Document == v.Number {
				c.refunds = append(c.refunds, claimedRefund{p, i})
			}
		}
	}
	if v.Kind == CreditNote {
		c.sort()
	}
	return c
}

// sort puts the refunds of a credit note into the order that its lines have.
func (c *claim) sort() {
	slices.SortFunc(c.refunds, func(x, y claimedRefund) int {
		return cmp.Or(x.refund().At.Compare(y.refund().At), cmp.Compare(x.refund().ID, y.refund().ID))
	})
}

// line is a line of an order as an invoice has it.
func (p *purchase) line(order, item int, on civil.Date) InvoiceLine {
	o := &p.Operation.Orders[order]
	it := &o.Items[item]
	return InvoiceLine{
		Operation: p.Operation.ID, Order: o.Reference, Line: item + 1, On: on, Product: it.Product, Label: it.Label, Supply: it.Supply,
		Quantity: it.Quantity, Unit: it.Unit, UnitPrice: it.UnitPrice, Allowance: it.Allowance, Net: it.Totals.Net, VAT: it.VAT,
		EcoParticipation: it.EcoParticipation, Delivery: it.Delivery.clone(),
	}
}

// line is a part of a refund as an invoice, where it is below zero, or a credit note has it. Where an amount was given back, and not a
// quantity at its price, it is one piece of that amount.
func (c *claimedRefund) line(part RefundPart, on civil.Date, kind InvoiceKind) InvoiceLine {
	order := slices.IndexFunc(c.of.Operation.Orders, func(o Order) bool { return o.Reference == part.Order })
	line := c.of.line(order, part.Line-1, on)
	line.Refund, line.Net, line.Allowance, line.EcoParticipation = c.refund().ID, part.Net, money.Amount{}, money.Amount{}
	line.Quantity = part.Quantity
	if full, err := times(part.Quantity, line.UnitPrice, part.Net.Currency()); err != nil || full != part.Net {
		price, _ := product(part.Net.Minor(), pow10(places-part.Net.Currency().MinorUnits()), 1) // none beyond nine million million units
		line.Quantity, line.Unit, line.UnitPrice = Whole(1), "", Price(price)
	}
	if kind != CreditNote {
		line.Quantity, line.Net = -line.Quantity, money.New(-part.Net.Minor(), part.Net.Currency())
	}
	return line
}
