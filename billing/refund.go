package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/money"
)

// Refund is the command that gives back a purchase, or a part of it. It is accepted whatever the contract or the mandate have become,
// since the money is the customer's. It is never more than what is left of the purchase, line by line. Of an invoice with allowances the
// credit note gives back less, as less was paid.
type Refund struct {
	_ struct{} // disallow positional literals

	At time.Time `json:"at"`
	ID string    `json:"id"` // unique in the account
	Of string    `json:"of"` // the purchase

	// Lines are what is given back; all that is left if there are none.
	Lines []RefundLine `json:"lines,omitempty"`

	Why    string  `json:"why,omitempty"`    // for the record
	Totals *Totals `json:"totals,omitempty"` // as the caller has reckoned them: those that are set are checked to the cent
}

// RefundLine is what is given back of one line: a quantity, for its part of the line's price, or an amount without tax.
type RefundLine struct {
	_ struct{} // disallow positional literals

	Order    string       `json:"order"` // its reference
	Line     int          `json:"line"`  // from 1, in the order
	Quantity Quantity     `json:"quantity,omitempty"`
	Net      money.Amount `json:"net,omitzero"` // without tax
}

// RefundPart is what a refund gives back of one line.
type RefundPart struct {
	Order    string       `json:"order"`
	Line     int          `json:"line"`
	Quantity Quantity     `json:"quantity,omitempty"`
	Net      money.Amount `json:"net"` // without tax
	VAT      VAT          `json:"vat"` // as the line was taxed
}

// RefundTax is the tax that a refund gives back of one order's category and rate.
type RefundTax struct {
	Order string `json:"order"`
	Subtotal
}

// Excess is a line of a refund that asks for what is not, or no longer, there.
type Excess struct {
	Order     string       `json:"order"`
	Line      int          `json:"line"`
	Quantity  Quantity     `json:"quantity,omitempty"`
	Net       money.Amount `json:"net,omitzero"`
	LeftUnits Quantity     `json:"left_units,omitempty"` // that can be refunded still
	LeftNet   money.Amount `json:"left_net,omitzero"`    // likewise, without tax
}

// Decide returns a RefundAccepted, a Repeated or a Refusal.
//
// Returns an error that wraps ErrInvalid if the refund is malformed.
func (c Refund) Decide(a *Account) ([]event.Data, error) {
	j := judgement{account: a}
	if err := j.begin(c.At); err != nil {
		return nil, err
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if earlier := a.refund(c.ID); earlier != nil {
		if c.sameAs(earlier) && len(mismatches(c.Totals, &earlier.Totals)) == 0 {
			return []event.Data{Repeated{Command: "refund", ID: c.ID, At: earlier.At, Figures: earlier.Figures}}, nil
		}
		j.refuse(Cause{Reason: ExistsWithDifferentContent})
	}
	e := RefundAccepted{At: j.at, ID: c.ID, Of: c.Of, Lines: slices.Clone(c.Lines), Why: c.Why}
	if err := c.judge(&j, &e); err != nil {
		return nil, err
	}
	if len(j.causes) > 0 {
		return j.refusal("refund", c.ID), nil
	}
	e.Figures = j.figures
	r := acceptedRefund{RefundAccepted: e}
	if v := a.invoices[a.operations[c.Of].Invoice]; v != nil {
		r.Kept = keep(slices.Clone(v.Back), v.Taxes, &e)
	}
	after, err := a.exposureAt(j.at).Sub(money.New(r.counts(), j.figures.Totals.Gross.Currency()))
	if err != nil {
		return nil, fmt.Errorf("%w refund: %w", ErrInvalid, err)
	}
	j.stand(after)
	e.Figures = j.figures
	return []event.Data{e}, nil
}

// Result reads the decision back.
func (Refund) Result(decided []event.Data) Decision { return decisionOf(decided) }

// judge says why not, and what is given back.
func (c *Refund) judge(j *judgement, e *RefundAccepted) error {
	a := j.account
	if a.contract == nil {
		j.refuse(Cause{Reason: ContractNotFound})
	}
	p := a.operations[c.Of]
	if p == nil {
		j.refuse(Cause{Reason: OriginalNotFound})
		return nil
	}
	own := p.Operation.Currency
	given, foreign := c.otherCurrency(own)
	if foreign {
		j.refuse(Cause{Reason: CurrencyMismatch, Given: given, Want: own})
	}
	t := newTaker(p, cloneBack(p.back))
	if !foreign {
		for _, l := range c.wanted(t) {
			t.take(l)
		}
	}
	if len(t.unknown) > 0 {
		j.refuse(Cause{Reason: OriginalNotFound, Excess: t.unknown})
	}
	if len(t.excess) > 0 || !foreign && len(t.parts)+len(t.unknown) == 0 {
		j.refuse(Cause{Reason: RefundExceedsOriginal, Excess: t.excess})
	}
	if len(p.Refunds) >= MaxRefunds && !t.isAll() {
		j.refuse(Cause{Reason: TooManyRefunds, Most: MaxRefunds})
	}
	if foreign || len(t.unknown)+len(t.excess) > 0 || len(t.parts) == 0 {
		return nil // there are no totals to ask about
	}
	totals, taxes, err := t.sums()
	if err != nil {
		return fmt.Errorf("%w refund: %w", ErrInvalid, err)
	}
	j.figures.Totals = totals
	if wrong := mismatches(c.Totals, &totals); len(wrong) > 0 {
		j.refuse(Cause{Reason: AmountsInconsistent, Mismatches: wrong})
	}
	e.Parts, e.Taxes = t.parts, taxes
	return nil
}

// wanted are the lines of a refund; all that something is left of if it names none, and no line if no money is.
func (c *Refund) wanted(t *taker) []RefundLine {
	if len(c.Lines) > 0 {
		return c.Lines
	}
	var all []RefundLine
	paid := false
	for i := range t.of.Operation.Orders {
		order := &t.of.Operation.Orders[i]
		for k := range order.Items {
			units, net := t.left(i, k)
			paid = paid || net > 0
			switch {
			case units > 0:
				all = append(all, RefundLine{Order: order.Reference, Line: k + 1, Quantity: units})
			case net > 0:
				all = append(all, RefundLine{Order: order.Reference, Line: k + 1, Net: t.amount(net)})
			}
		}
	}
	if !paid {
		return nil
	}
	return all
}

// otherCurrency returns a currency of the refund that is not that of its purchase.
func (c *Refund) otherCurrency(own money.Currency) (money.Currency, bool) {
	for i := range c.Lines {
		if net := c.Lines[i].Net; net != (money.Amount{}) && net.Currency() != own {
			return net.Currency(), true
		}
	}
	if c.Totals != nil {
		for _, f := range c.Totals.fields() {
			if *f.of != (money.Amount{}) && f.of.Currency() != own {
				return f.of.Currency(), true
			}
		}
	}
	return own, false
}

// sameAs reports whether a refund asks for what another had asked for.
func (c *Refund) sameAs(e *RefundAccepted) bool {
	return c.Of == e.Of && c.Why == e.Why && slices.Equal(c.Lines, e.Lines)
}

// Validate returns an error that wraps ErrInvalid and names the field if the refund is malformed.
func (c *Refund) Validate() error {
	if err := checkID("refund.id", c.ID); err != nil {
		return err
	}
	if err := checkID("refund.of", c.Of); err != nil {
		return err
	}
	if err := invalid("refund.why", texts.Fault(c.Why, maxLabel)); err != nil {
		return err
	}
	if len(c.Lines) > MaxItems {
		return fmt.Errorf("%w refund.lines: %d of them, want %d at most", ErrInvalid, len(c.Lines), MaxItems)
	}
	for i := range c.Lines {
		if name, fault := c.Lines[i].fault(); fault != "" {
			return invalid(fmt.Sprintf("refund.lines[%d]%s", i, name), fault)
		}
	}
	return nil
}

// fault says which field of a line is malformed, and how; "" if none is.
func (l *RefundLine) fault() (name, fault string) {
	if fault = neededFault(l.Order, maxReference); fault != "" {
		return ".order", fault
	}
	byNet := l.Net != (money.Amount{})
	switch {
	case l.Line < 1 || l.Line > MaxItems:
		return ".line", fmt.Sprintf("want 1 to %d", MaxItems)
	case byNet == (l.Quantity != 0):
		return "", "want either a quantity or a net amount"
	case l.Quantity < 0 || l.Quantity > maxMicros || byNet && (!l.Net.Valid() || l.Net.Sign() <= 0):
		return "", "not above zero, or above a thousand million units"
	}
	return "", ""
}
