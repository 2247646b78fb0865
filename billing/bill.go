package billing

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// Bill is the command that issues what [Account.Draft] makes of a period. The numbers come from a [Series], given in the same
// transaction: package billing/run does that.
type Bill struct {
	_ struct{} // disallow positional literals

	At       time.Time  `json:"at"`
	Period   Period     `json:"period"` // of Account.MonthOf
	Rules    Rules      `json:"rules"`
	IssuedOn civil.Date `json:"issued_on"`
	From     Numbering  `json:"from"`
}

// Invoiced says that an invoice or a credit note was issued. What it bills follows from what the account is before it: the lines are those
// that [Account.Draft] would have made. Digest tells whether that is so.
type Invoiced struct {
	_ struct{} // disallow positional literals

	At          time.Time     `json:"at"`
	Number      string        `json:"number"`
	Series      string        `json:"series"` // that gave it
	Kind        InvoiceKind   `json:"kind"`
	Period      Period        `json:"period"`
	Until       time.Time     `json:"until"` // what was given back before it is in it
	Zone        string        `json:"zone"`  // whose days the dates are
	IssuedOn    civil.Date    `json:"issued_on"`
	DueOn       civil.Date    `json:"due_on,omitzero"`
	OverdueFrom time.Time     `json:"overdue_from,omitzero"` // where the day after DueOn begins
	Corrects    string        `json:"corrects,omitempty"`
	Rules       Rules         `json:"rules"`
	Buyer       party.Party   `json:"buyer"`
	Mandate     string        `json:"mandate,omitempty"`
	Supply      Supply        `json:"supply"`
	Lines       int           `json:"lines"`
	Digest      string        `json:"digest"`
	Taxes       []Subtotal    `json:"taxes"`
	Totals      InvoiceTotals `json:"totals"`
	Figures
}

// EventType returns "billing.invoiced.v1".
func (Invoiced) EventType() string { return "billing.invoiced.v1" }

// Billed says what became of a Bill.
type Billed struct {
	Issued []Invoiced
	Causes []Cause // why nothing was issued
}

// Bounds of what is billed.
const (
	MaxTaxes     = 100 // categories and rates of VAT of what is unbilled, and so of an invoice
	MaxDocuments = 100 // that one Bill issues; what is left is for the next
)

// Decide returns an Invoiced for each draft, a Refusal, or nothing if nothing is to be billed.
//
// Returns an error that wraps ErrInvalid if the command is malformed, the period is not that of the account, or a number was given before.
func (c Bill) Decide(a *Account) ([]event.Data, error) {
	if err := c.From.validate(); err != nil {
		return nil, err
	}
	j, d, err := c.judge(a)
	if err != nil || len(d.drafts) == 0 {
		return nil, err
	}
	if len(j.causes) > 0 {
		return j.refusal("bill", ""), nil
	}
	drafts := d.drafts[:min(len(d.drafts), MaxDocuments)]
	decided := make([]event.Data, len(drafts))
	b := a.books
	for i, v := range drafts {
		e := Invoiced{
			At: j.at, Number: c.From.number(i), Series: c.From.Series, Kind: v.Kind, Period: v.Period, Until: c.Period.End, Zone: v.Zone,
			IssuedOn: c.IssuedOn, Corrects: v.Corrects, Rules: c.Rules,
			Buyer: v.Buyer, Mandate: v.Mandate, Supply: v.Supply, Lines: len(v.Lines), Digest: v.Digest(), Taxes: v.Taxes, Totals: v.Totals,
		}
		if v.Kind != CreditNote {
			e.DueOn = c.IssuedOn.AddDays(c.Rules.DueDays)
			e.OverdueFrom = e.DueOn.AddDays(1).Start(d.zone).UTC()
		}
		if a.invoices[e.Number] != nil {
			return nil, fmt.Errorf("%w from: number %q was given before", ErrInvalid, e.Number)
		}
		b.issue(&d.claims[i], v.Totals.Payable.Minor(), v.Taxes)
		if max(b.open, b.credit) > maxSum {
			return nil, fmt.Errorf("%w period: with all others %w", ErrInvalid, money.ErrOverflow)
		}
		j.stand(money.New(b.total()+a.collecting(j.at), v.Currency))
		e.Figures = j.figures
		decided[i] = e
	}
	return decided, nil
}

func (c *Bill) validate(a *Account) error {
	if err := c.Rules.Validate(); err != nil {
		return err
	}
	if !c.IssuedOn.Valid() || c.IssuedOn < c.Period.Through || c.IssuedOn > civil.LatestDate(c.At) {
		return fmt.Errorf("%w issued_on: no date, before the end of the period, or in the future", ErrInvalid)
	}
	p, err := a.MonthOf(c.Period.From)
	if err != nil {
		return err
	}
	if p != c.Period {
		return fmt.Errorf("%w period: it is not a month of the account", ErrInvalid)
	}
	return nil
}

// judge drafts what is to be billed, and says why it cannot be issued.
func (c *Bill) judge(a *Account) (*judgement, drafting, error) {
	j := &judgement{account: a}
	if err := j.begin(c.At); err != nil {
		return nil, drafting{}, err
	}
	if err := c.validate(a); err != nil {
		return nil, drafting{}, err
	}
	d, err := a.draft(c.Period, &c.Rules)
	if err == nil && len(d.drafts) > 0 {
		j.judgeInvoices(d.drafts, c)
	}
	return j, d, err
}

// Try says what Bill would issue, without numbers and dates, and why it would be refused. It changes nothing, and asks no numbering. It
// returns the errors of Decide.
func (c *Bill) Try(a *Account) (drafts []Invoice, causes []Cause, err error) {
	j, d, err := c.judge(a)
	if err != nil {
		return nil, nil, err
	}
	return d.drafts, j.causes, nil
}

// Park is the command that puts it on record that an account cannot be billed, and why. It asks what [Bill] asks, but for the numbering.
type Park Bill

// Decide returns a Refusal, or nothing if the account can be billed. It returns the errors of Bill.
func (c Park) Decide(a *Account) ([]event.Data, error) {
	j, _, err := (*Bill)(&c).judge(a)
	if err != nil || len(j.causes) == 0 {
		return nil, err
	}
	return j.refusal("bill", ""), nil
}

// Result says why not.
func (c Park) Result(decided []event.Data) Billed { return Bill(c).Result(decided) }

// judgeInvoices says why nothing can be issued.
func (j *judgement) judgeInvoices(drafts []Invoice, c *Bill) {
	if c.Period.End.After(c.At) { // whatever the account has seen
		j.refuse(Cause{Reason: PeriodNotOver, Through: c.Period.Through})
	}
	for i := range drafts {
		v := &drafts[i]
		if field := incomplete(&v.Buyer); field != "" {
			j.refuse(Cause{Reason: BuyerIncomplete, Field: field})
			break // all have one buyer
		}
	}
}

// incomplete names what an invoice has to say of a buyer, and cannot: the address of anybody, and the SIREN of a French business, which is
// asked for since September 2026.
func incomplete(p *party.Party) string {
	switch {
	case p.Address.IsZero():
		return "customer.address"
	case p.Kind == party.Business && p.Address.Country == "FR" && p.SIREN == "":
		return "customer.siren"
	}
	return ""
}

// Result says what was issued.
func (Bill) Result(decided []event.Data) Billed {
	var b Billed
	for _, d := range decided {
		switch e := d.(type) {
		case Invoiced:
			b.Issued = append(b.Issued, e)
		case Refusal:
			b.Causes = e.Causes
		}
	}
	return b
}
