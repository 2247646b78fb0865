package billing

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// MaxCharges is how many charges and allowances of an account wait to be billed at most, and so how many an invoice has.
const MaxCharges = 1_000

// AddCharge is the command that puts a charge on an account, as a fee, or an allowance, which is taken off. It is billed with the month in
// which it is due. It is accepted whatever the contract or the mandate have become, and whatever the limit: a fee is due by what was
// agreed, and does not ask whether it may be paid later. What has to stay within the limit is bought.
//
// An invoice has at least one line, so a charge alone makes none: one whose month gets no invoice any more waits for the next, of whatever
// month after. An allowance waits, too, as long as it is more than what an invoice has of its category and rate.
type AddCharge struct {
	_ struct{} // disallow positional literals

	At     time.Time `json:"at"`
	ID     string    `json:"id"`          // unique among the account's charges and allowances
	On     time.Time `json:"on,omitzero"` // when it is due, which may be to come; if not set, when it is added
	Charge Charge    `json:"charge"`
}

// ChargeAdded says that a charge or an allowance is to be billed. Its totals are those of it alone, above zero also of an allowance.
type ChargeAdded struct {
	_ struct{} // disallow positional literals

	At     time.Time `json:"at"`
	ID     string    `json:"id"`
	On     time.Time `json:"on,omitzero"` // as in AddCharge
	Charge Charge    `json:"charge"`
	Figures
}

// EventType returns "billing.charge_added.v1".
func (ChargeAdded) EventType() string { return "billing.charge_added.v1" }

// Added is a charge or an allowance of an account.
type Added struct {
	ChargeAdded
	Invoice string `json:"invoice,omitempty"` // the number of the invoice that bills it; "" as long as none does
}

// due is when it is.
func (c *Added) due() time.Time {
	if c.On.IsZero() {
		return c.At
	}
	return c.On
}

// counts is what it is in the exposure as long as it waits: nobody is lent anything for an allowance that is only to come.
func (c *Added) counts() int64 {
	if c.Charge.Allowance {
		return 0
	}
	return c.Totals.Gross.Minor()
}

// Decide returns a ChargeAdded, a Repeated or a Refusal.
//
// Returns an error that wraps ErrInvalid if the charge is malformed, or does not fit.
func (c AddCharge) Decide(a *Account) ([]event.Data, error) {
	j := judgement{account: a}
	if err := j.begin(c.At); err != nil {
		return nil, err
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	totals, err := c.Charge.totals()
	if err != nil {
		return nil, fmt.Errorf("%w charge.net: %w", ErrInvalid, err)
	}
	j.figures.Totals = totals
	e := ChargeAdded{At: j.at, ID: c.ID, Charge: c.Charge, Figures: j.figures}
	if !c.On.IsZero() {
		e.On = money.Instant(c.On)
	}
	known := a.added[c.ID]
	if known != nil && known.Charge == e.Charge && known.On.Equal(e.On) {
		return []event.Data{Repeated{Command: "add_charge", ID: c.ID, At: known.At, Figures: known.Figures}}, nil
	}
	charge := Added{ChargeAdded: e}
	j.judgeCharge(&charge)
	if known != nil {
		j.refuse(Cause{Reason: ExistsWithDifferentContent})
	}
	if len(j.causes) > 0 {
		return j.refusal("add_charge", c.ID), nil
	}
	if a.charges+charge.counts() > maxSum {
		return nil, fmt.Errorf("%w charge.net: with all others %w", ErrInvalid, money.ErrOverflow)
	}
	j.stand(money.New(a.exposureAt(j.at).Minor()+charge.counts(), a.contract.Currency))
	e.Figures = j.figures
	return []event.Data{e}, nil
}

// Result reads the decision back.
func (AddCharge) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Validate returns an error that wraps ErrInvalid and names the field if the charge is malformed.
func (c *AddCharge) Validate() error {
	if err := checkID("charge.id", c.ID); err != nil {
		return err
	}
	if !c.On.IsZero() {
		if _, err := checkAt("charge.on", c.On); err != nil {
			return err
		}
	}
	if err := invalid("charge.why", neededFault(c.Charge.Why, maxLabel)); err != nil {
		return err
	}
	if net := c.Charge.Net; !net.Valid() || net.Sign() <= 0 || net.Minor() > MaxAmount {
		return fmt.Errorf("%w charge.net: not above zero, or above %d minor units", ErrInvalid, MaxAmount)
	}
	name, fault := c.Charge.VAT.fault()
	return invalid("charge."+name, fault)
}

// totals are those of a charge alone.
func (c *Charge) totals() (t Totals, err error) {
	t.Net = c.Net
	if t.Tax, err = taxOn(c.Net, c.VAT); err == nil {
		t.Gross, err = t.Net.Add(t.Tax)
	}
	return t, err
}

// judgeCharge says why a charge is not added, in the order of the registry.
func (j *judgement) judgeCharge(c *Added) {
	a := j.account
	if a.contract == nil {
		j.refuse(Cause{Reason: ContractNotFound})
	} else if given, own := c.Charge.Net.Currency(), a.contract.Currency; given != own {
		j.refuse(Cause{Reason: CurrencyMismatch, Given: given, Want: own})
	}
	if a.closed != 0 && c.due().UnixMicro() < a.closedUntil {
		j.refuse(Cause{Reason: PeriodClosed, Through: a.closed})
	}
	if len(a.waiting) >= MaxCharges {
		j.refuse(Cause{Reason: TooManyCharges, Most: MaxCharges})
	}
	if !c.Charge.Allowance && a.taxed[c.Charge.VAT] == 0 && len(a.taxed) >= MaxTaxes { // an allowance comes to where there is something
		j.refuse(Cause{Reason: TooManyTaxes, Most: MaxTaxes})
	}
}

func (a *Account) applyCharge(e ChargeAdded) error {
	if a.added[e.ID] != nil {
		return fmt.Errorf("charge %q was added before", e.ID)
	}
	if err := a.addCharge(&Added{ChargeAdded: e}); err != nil {
		return err
	}
	return a.tick(e.At)
}

// addCharge takes up a charge, which waits or was billed.
func (a *Account) addCharge(c *Added) error {
	totals, err := c.Charge.totals()
	if err != nil || a.contract == nil || c.Charge.Net.Currency() != a.contract.Currency || c.Charge.Net.Sign() <= 0 || totals != c.Totals {
		return fmt.Errorf("charge %q is of another currency, or without its totals", c.ID)
	}
	a.added[c.ID] = c
	if c.Invoice != "" {
		v := a.invoices[c.Invoice]
		if v == nil {
			return fmt.Errorf("charge %q is of no invoice", c.ID)
		}
		v.charges = append(v.charges, c.ID)
		return nil
	}
	if c.counts() > maxSum-a.charges {
		return fmt.Errorf("charge %q: %w", c.ID, money.ErrOverflow)
	}
	a.waiting = append(a.waiting, c.ID)
	a.charges += c.counts()
	if !c.Charge.Allowance {
		a.countTax(c.Charge.VAT, 1)
	}
	return nil
}

// Charge returns a charge or an allowance that was added; ok is false if there is none of that id.
func (a *Account) Charge(id string) (found Added, ok bool) {
	c := a.added[id]
	if c == nil {
		return Added{}, false
	}
	return *c, true
}

// UnbilledCharges yields the charges and allowances that wait to be billed, in the order in which they were added. The account must not
// change meanwhile.
func (a *Account) UnbilledCharges() iter.Seq[Added] {
	return func(yield func(Added) bool) {
		for _, id := range a.waiting {
			if !yield(*a.added[id]) {
				return
			}
		}
	}
}

// chargesOf are those that an invoice has.
func (a *Account) chargesOf(v *invoice) (all []*Added) {
	for _, id := range v.charges {
		all = append(all, a.added[id])
	}
	return all
}

// charge lets an invoice claim, of what waits, the charges that are due in its month or were before, and of such allowances those that take
// nothing below zero, in the order in which they were added. It returns what waits on.
func (c *claim) charge(a *Account, waiting []string) (rest []string) {
	if len(c.purchases) == 0 {
		return waiting
	}
	var due []*Added
	for _, id := range waiting {
		if of := a.added[id]; of.due().Before(c.period.End) {
			due = append(due, of)
		}
	}
	if len(due) == 0 {
		return waiting
	}
	bases := c.lineBases()
	for _, of := range due {
		if !of.Charge.Allowance {
			bases[of.Charge.VAT] += of.Charge.Net.Minor()
		}
	}
	claimed := map[string]bool{}
	for _, of := range due {
		if of.Charge.Allowance {
			if of.Charge.Net.Minor() > bases[of.Charge.VAT] {
				continue
			}
			bases[of.Charge.VAT] -= of.Charge.Net.Minor()
		}
		c.charges = append(c.charges, of)
		claimed[of.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(waiting), func(id string) bool { return claimed[id] })
}

// lineBases are what the lines of a document come to, by what they are taxed.
func (c *claim) lineBases() map[VAT]int64 {
	bases, sign := map[VAT]int64{}, int64(-1)
	if c.kind == CreditNote {
		sign = 1
	}
	for _, p := range c.purchases {
		for i := range p.Operation.Orders {
			for _, s := range p.Operation.Orders[i].Taxes {
				bases[s.VAT] += s.Base.Minor()
			}
		}
	}
	for i := range c.refunds {
		for _, part := range c.refunds[i].refund().Parts {
			bases[part.VAT] += sign * part.Net.Minor()
		}
	}
	return bases
}

// bases are the same of lines, charges and allowances: what is taxed.
func (c *claim) bases() map[VAT]int64 {
	bases := c.lineBases()
	for _, of := range c.charges {
		net := of.Charge.Net.Minor()
		if of.Charge.Allowance {
			net = -net
		}
		bases[of.Charge.VAT] += net
	}
	return bases
}
