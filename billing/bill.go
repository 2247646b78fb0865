package billing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/texts"
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

// Numbering is where a series stands: the number that the next invoice gets.
type Numbering struct {
	Series string `json:"series"`
	Prefix string `json:"prefix"`
	Width  int    `json:"width"`
	Next   uint64 `json:"next"`
}

// Parse reads a number of the series; ok is false if it is written in another way.
func (s *Numbering) Parse(number string) (n uint64, ok bool) {
	digits, has := strings.CutPrefix(number, s.Prefix)
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, has && err == nil && n > 0 && fmt.Sprintf("%0*d", s.Width, n) == digits
}

// Has reports whether a number is one that the series gives, or has given.
func (s *Numbering) Has(number string) bool {
	_, ok := s.Parse(number)
	return ok
}

// number is the number that an invoice gets after n others.
func (s *Numbering) number(n int) string {
	return fmt.Sprintf("%s%0*d", s.Prefix, s.Width, s.Next+uint64(n))
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
	j, drafts, err := c.judge(a)
	if err != nil || len(drafts) == 0 {
		return nil, err
	}
	if len(j.causes) > 0 {
		return []event.Data{Refusal{Command: "bill", At: j.at, Causes: j.causes, Figures: j.figures}}, nil
	}
	claims, zone, err := a.claims(c.Period)
	if err != nil {
		return nil, err
	}
	drafts = drafts[:min(len(drafts), MaxDocuments)]
	decided := make([]event.Data, len(drafts))
	b := books{a.purchases, a.refunds, a.open, a.credit}
	for i, v := range drafts {
		e := Invoiced{
			At: j.at, Number: c.From.number(i), Series: c.From.Series, Kind: v.Kind, Period: v.Period, Until: c.Period.End, Zone: v.Zone,
			IssuedOn: c.IssuedOn, Corrects: v.Corrects, Rules: c.Rules,
			Buyer: v.Buyer, Mandate: v.Mandate, Supply: v.Supply, Lines: len(v.Lines), Digest: v.Digest(), Taxes: v.Taxes, Totals: v.Totals,
		}
		if v.Kind != CreditNote {
			e.DueOn = c.IssuedOn.AddDays(c.Rules.DueDays)
			e.OverdueFrom = e.DueOn.AddDays(1).Start(zone).UTC()
		}
		if a.invoices[e.Number] != nil {
			return nil, fmt.Errorf("%w from: number %q was given before", ErrInvalid, e.Number)
		}
		b.issue(&claims[i], v.Totals.Payable.Minor())
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
func (c *Bill) judge(a *Account) (*judgement, []Invoice, error) {
	j := &judgement{account: a}
	if err := j.begin(c.At); err != nil {
		return nil, nil, err
	}
	if err := c.validate(a); err != nil {
		return nil, nil, err
	}
	drafts, err := a.Draft(c.Period, &c.Rules)
	if err == nil && len(drafts) > 0 {
		j.judgeInvoices(drafts, c)
	}
	return j, drafts, err
}

// Try says what Bill would issue, without numbers and dates, and why it would be refused. It changes nothing, and asks no numbering. It
// returns the errors of Decide.
func (c *Bill) Try(a *Account) (drafts []Invoice, causes []Cause, err error) {
	j, drafts, err := c.judge(a)
	if err != nil {
		return nil, nil, err
	}
	return drafts, j.causes, nil
}

// Park is the command that puts it on record that an account cannot be billed, and why. It asks what [Bill] asks, but for the numbering.
type Park Bill

// Decide returns a Refusal, or nothing if the account can be billed. It returns the errors of Bill.
func (c Park) Decide(a *Account) ([]event.Data, error) {
	j, _, err := (*Bill)(&c).judge(a)
	if err != nil || len(j.causes) == 0 {
		return nil, err
	}
	return []event.Data{Refusal{Command: "bill", At: j.at, Causes: j.causes, Figures: j.figures}}, nil
}

// Result says why not.
func (c Park) Result(decided []event.Data) Billed { return Bill(c).Result(decided) }

func (s *Numbering) validate() error {
	if err := checkID("from.series", s.Series); err != nil {
		return err
	}
	if err := invalid("from.prefix", texts.Fault(s.Prefix, MaxPrefix)); err != nil {
		return err
	}
	if s.Width < 1 || s.Width > MaxWidth || s.Next < 1 || s.Next > MaxNumber {
		return fmt.Errorf("%w from: want a width of 1 to %d, and a number of 1 to %d", ErrInvalid, MaxWidth, MaxNumber)
	}
	return nil
}

// judgeInvoices says why nothing can be issued.
func (j *judgement) judgeInvoices(drafts []Invoice, c *Bill) {
	if c.Period.End.After(c.At) { // whatever the account has seen
		j.refuse(Cause{Reason: PeriodNotOver, Through: c.Period.Through})
	}
	for i := range drafts {
		v := &drafts[i]
		if field := incomplete(&v.Buyer); field != "" {
			j.refuse(Cause{Reason: BuyerIncomplete, Field: field})
			break // it is the same of all
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

// books are the sums of an account.
type books struct{ purchases, refunds, open, credit int64 }

func (b *books) total() int64 { return b.purchases - b.refunds + b.open - b.credit }

// issue moves what a document bills from what is unbilled to what is open. A credit note takes off what is open of its invoice first; the
// rest is credit.
func (b *books) issue(c *claim, payable int64) {
	for _, p := range c.purchases {
		b.purchases -= p.Operation.Totals.Gross.Minor()
	}
	for i := range c.refunds {
		b.refunds -= c.refunds[i].refund().Totals.Gross.Minor()
	}
	if c.kind != CreditNote {
		b.open += payable
		return
	}
	off := min(payable, c.corrects.Open)
	b.open -= off
	b.credit += payable - off
}

// invoice is what an account remembers of a document.
type invoice struct {
	Invoiced
	Open     int64     `json:"open,omitempty"`    // to be paid
	SetOff   int64     `json:"set_off,omitempty"` // of credit, against it
	Back     []taxBack `json:"back,omitempty"`    // what credit notes have taken of its taxes
	Sent     time.Time `json:"sent,omitzero"`
	Reminded int       `json:"reminded,omitzero"`

	place int // in the order of issue
}

// credit gives a credit note the tax that it takes of its invoice: of each category and rate the part that its lines are of all of
// them, so that credit notes in any order take what there is, to the cent.
func (v *invoice) credit(note *Invoice) error {
	t := &note.Totals
	t.Tax = money.New(0, note.Currency)
	for i := range note.Taxes {
		own := &note.Taxes[i]
		k, found := breakdown(v.Taxes).find(own.VAT)
		if !found {
			return fmt.Errorf("billing: credit note: invoice %q has no tax of %s at %s", v.Number, own.VAT.Category, own.VAT.Rate)
		}
		whole, back := &v.Taxes[k], v.Back[k]
		own.Tax = money.New(share(whole.Tax.Minor(), back.Base+own.Base.Minor(), whole.Base.Minor())-back.Tax, note.Currency)
		var err error
		if t.Tax, err = t.Tax.Add(own.Tax); err != nil {
			return err
		}
	}
	gross, err := t.Net.Add(t.Tax)
	t.Gross, t.Payable = gross, gross
	return err
}

// claimed finds what a document that was decided bills.
func (a *Account) claimed(e *Invoiced) (c claim, ok bool) {
	if e.Kind != CreditNote {
		c = a.claim(e.Period, e.Until)
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
	if n := c.lines(); n != e.Lines {
		return fmt.Errorf("invoice %q has %d lines, and bills %d", e.Number, e.Lines, n)
	}
	e.Taxes = slices.Clone(e.Taxes)
	b := books{a.purchases, a.refunds, a.open, a.credit}
	b.issue(c, e.Totals.Payable.Minor())
	v := &invoice{Invoiced: e, Back: make([]taxBack, len(e.Taxes)), place: len(a.issued)}
	if e.Kind == CreditNote {
		c.corrects.Open -= min(c.corrects.Open, e.Totals.Payable.Minor())
		for _, own := range e.Taxes {
			if k, found := breakdown(c.corrects.Taxes).find(own.VAT); found {
				c.corrects.Back[k].Base += own.Base.Minor()
				c.corrects.Back[k].Tax += own.Tax.Minor()
			}
		}
	} else {
		v.Open = e.Totals.Payable.Minor()
	}
	a.purchases, a.refunds, a.open, a.credit = b.purchases, b.refunds, b.open, b.credit
	a.invoices[e.Number] = v
	a.issued = append(a.issued, e.Number)
	a.settle(c, e.Number)
	if e.Kind == Periodic {
		a.periods = append(a.periods, e.Period)
	}
	a.setOff()
	return a.tick(e.At)
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
			if a.taxed[s.VAT] += by; a.taxed[s.VAT] <= 0 {
				delete(a.taxed, s.VAT)
			}
		}
	}
}

// settle notes which document bills what was claimed.
func (a *Account) settle(c *claim, number string) {
	for _, p := range c.purchases {
		p.Invoice = number
		a.countTaxes(&p.Operation, -1)
	}
	for i := range c.refunds {
		c.refunds[i].refund().Document = number
	}
	a.order = slices.DeleteFunc(a.order, func(id string) bool { return a.operations[id].Invoice != "" })
	for _, p := range c.purchases { // what was given back of them after the period is for the next one
		for i := range p.Refunds {
			if p.Refunds[i].Document == "" {
				a.returned = append(a.returned, claimedRefund{p, i})
			}
		}
	}
	a.returned = slices.DeleteFunc(a.returned, func(r claimedRefund) bool { return r.refund().Document != "" })
}
