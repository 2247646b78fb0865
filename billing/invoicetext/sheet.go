package invoicetext

import (
	"fmt"
	"strings"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/einvoice"
	"github.com/payrules/payrules/billing/internal/postal"
	"github.com/payrules/payrules/billing/internal/terms"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// Options are what an invoice does not say of itself. Nil and the zero value are French, and nothing to add.
type Options struct {
	_ struct{} // disallow positional literals

	Language Language

	// Exemptions say why there is no VAT, by category, where law wants more than the name of the category.
	Exemptions map[billing.VATCategory]string

	Notes []string // that stand below: penalties, discounts
}

// Sheet is what an invoice shows, in the words of a language: the page of [Write] and the pages of package billing/pdf are drawn of it. Every
// text is one line, without a character that a terminal or a page would obey.
type Sheet struct {
	_ struct{} // disallow positional literals

	Title   string // "Facture F-2026-0001"
	Facts   []Fact
	Seller  Party
	Buyer   Party
	Columns Row   // the heads of the columns
	Lines   []Row // the lines of the invoice
	Charges []Row // charges and allowances of the whole of it; these are below zero
	Taxed   Tax   // the heads of the columns
	Taxes   []Tax
	Totals  []Fact // the last one is what is to be paid
	Notes   []string

	// Page says which page something is, of how many.
	Page func(n, of int) string `json:"-"`
}

// Fact is something with its name.
type Fact struct{ Name, Value string }

// Party is who sells or buys: the name, the address and the numbers, one a line.
type Party struct {
	Role  string
	Lines []string
}

// Row is a line of the invoice. Figures have the decimals and signs of the language.
type Row struct {
	Day, Quantity, Price, VAT, Net string

	What    string
	Details []string // what else there is to say
}

// Tax is what is taxed alike.
type Tax struct{ Regime, Base, Rate, Tax string }

// SheetOf returns what an invoice or a draft shows.
//
// SheetOf returns an error that wraps billing.ErrInvalid if the invoice does not add up (see [einvoice.Check]), or the language is none
// that we know.
func SheetOf(v *billing.Invoice, opts *Options) (*Sheet, error) {
	if opts == nil {
		opts = &Options{}
	}
	w, known := wordsOf(opts.Language)
	if !known {
		return nil, fmt.Errorf("%w options.Language: want French or English", billing.ErrInvalid)
	}
	if err := einvoice.Check(v); err != nil {
		return nil, err
	}
	m := maker{w: w, v: v, opts: opts}
	s := &Sheet{
		Title: m.title(), Facts: m.facts(), Seller: m.party(w.seller, &v.Seller), Buyer: m.party(w.buyer, &v.Buyer),
		Columns: Row{Day: w.day, Quantity: w.quantity, Price: w.price, VAT: w.vat, Net: w.net, What: w.what},
		Lines:   make([]Row, len(v.Lines)),
		Taxed:   Tax{Regime: w.regime, Base: w.base, Rate: w.rate, Tax: w.tax},
		Totals:  m.totals(), Notes: m.notes(),
		Page: func(n, of int) string { return fmt.Sprintf(w.page, n, of) },
	}
	for i := range v.Lines {
		s.Lines[i] = m.line(&v.Lines[i])
	}
	for _, c := range v.Charges {
		net := m.amount(c.Net)
		if c.Allowance {
			net = m.negative(c.Net)
		}
		s.Charges = append(s.Charges, Row{VAT: m.rate(c.VAT), Net: net, What: texts.Line(c.Why)})
	}
	for _, of := range v.Taxes {
		s.Taxes = append(s.Taxes, Tax{m.regime(of.VAT.Category), m.amount(of.Base), m.rate(of.VAT), m.amount(of.Tax)})
	}
	return s, nil
}

func wordsOf(l Language) (*words, bool) {
	if l == "" {
		l = French
	}
	for i := range dictionary {
		if dictionary[i].language == l {
			return &dictionary[i], true
		}
	}
	return nil, false
}

// maker makes the texts of an invoice.
type maker struct {
	w    *words
	v    *billing.Invoice
	opts *Options
}

func (m *maker) title() string {
	name := m.w.invoice
	switch m.v.Kind {
	case billing.CreditNote:
		name = m.w.credit
	case billing.Supplementary:
		name = m.w.supplementary
	case billing.Periodic:
	}
	if m.v.Number == "" {
		return name + " (" + m.w.draft + ")"
	}
	return name + " " + texts.Line(m.v.Number)
}

func (m *maker) facts() (facts []Fact) {
	v, w := m.v, m.w
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, Fact{name, value})
		}
	}
	add(w.issued, m.day(v.IssuedOn))
	add(w.due, m.day(v.DueOn))
	if v.Period.From != 0 {
		add(w.period, m.day(v.Period.From)+" "+w.until+" "+m.day(v.Period.Through))
	}
	add(w.contract, texts.Line(v.Contract))
	add(w.corrects, texts.Line(v.Corrects))
	creditor, reference := terms.Mandate(v)
	add(w.mandate, texts.Line(reference))
	add(w.creditor, texts.Line(creditor))
	for i, s := range supplyCodes {
		if v.Supply == s {
			add(w.supply, w.supplies[i])
		}
	}
	add(w.currency, v.Currency.Code())
	return facts
}

// party is the name, the address and the numbers of a party.
func (m *maker) party(role string, p *party.Party) Party {
	street, door, further := postal.Lines(&p.Address)
	of := Party{Role: role}
	add := func(name, text string) {
		if text = texts.Line(text); text == "" {
			return
		}
		if name != "" {
			text = name + " " + text
		}
		of.Lines = append(of.Lines, text)
	}
	for _, s := range [...]string{p.Name, door, street, further, postal.Town(&p.Address), p.Address.CountrySubDivision, string(p.Address.Country)} {
		add("", s)
	}
	if p.SIRET != "" {
		add(m.w.siret, string(p.SIRET))
	} else {
		add(m.w.siren, string(p.SIREN))
	}
	add(m.w.vatNumber, string(p.VATNumber))
	add(m.w.reference, p.Reference)
	return of
}

// line is a line of the invoice.
func (m *maker) line(l *billing.InvoiceLine) Row {
	r := Row{
		Day: m.day(l.On), Quantity: m.number(l.Quantity.String()), Price: m.price(l.UnitPrice), VAT: m.rate(l.VAT),
		Net: m.amount(l.Net), What: texts.Line(l.Label),
	}
	add := func(name, value string) {
		if value = texts.Line(value); value != "" {
			r.Details = append(r.Details, strings.TrimSpace(name+" "+value))
		}
	}
	add("", l.Product)
	add(m.w.unit, l.Unit)
	add(m.w.order, l.Order)
	if l.Allowance.Sign() != 0 {
		add(m.w.allowance, m.amount(l.Allowance))
	}
	if l.EcoParticipation.Sign() != 0 {
		add(strings.ToLower(m.w.eco[:1])+m.w.eco[1:], m.amount(l.EcoParticipation))
	}
	if d := l.Delivery; d != nil {
		to := ""
		if d.To != nil {
			to = postal.Line(d.To)
		}
		add(m.w.delivered, m.day(d.On)+" "+to)
	}
	add(m.w.refund, l.Refund)
	return r
}

// totals are the sums, those that say nothing new left out.
func (m *maker) totals() (facts []Fact) {
	t, w := &m.v.Totals, m.w
	add := func(name string, a money.Amount, needed bool) {
		if needed || a.Sign() != 0 {
			facts = append(facts, Fact{name, m.amount(a)})
		}
	}
	if len(m.v.Charges) > 0 {
		add(w.lines, t.Lines, true)
	}
	if t.Allowances.Sign() != 0 {
		facts = append(facts, Fact{w.allowances, m.negative(t.Allowances)})
	}
	add(w.charges, t.Charges, false)
	add(w.total, t.Net, true)
	add(w.taxes, t.Tax, true)
	add(w.gross, t.Gross, true)
	if t.Prepaid.Sign() != 0 {
		facts = append(facts, Fact{w.prepaid, m.negative(t.Prepaid)})
	}
	add(w.rounding, t.Rounding, false)
	last := w.payable
	if m.v.Kind == billing.CreditNote {
		last = w.credited
	}
	return append(facts, Fact{last, m.amount(t.Payable) + "\u00a0" + m.v.Currency.Code()})
}

// notes are what law wants to be read, and what the caller has to say.
func (m *maker) notes() (notes []string) {
	if m.v.VATOnDebits {
		notes = append(notes, m.w.onDebits)
	}
	if terms.IsDebited(m.v) {
		notes = append(notes, m.w.debited)
	}
	for _, s := range m.opts.Notes {
		if s = texts.Line(s); s != "" {
			notes = append(notes, s)
		}
	}
	return notes
}

// regime is how a category is called, and why there is no tax.
func (m *maker) regime(c billing.VATCategory) string {
	name := string(c)
	for i, code := range categoryCodes {
		if code == c {
			name = m.w.categories[i]
		}
	}
	if why := texts.Line(m.opts.Exemptions[c]); why != "" {
		name += " (" + why + ")"
	}
	return name
}

// day is a date as the language writes it; "" of none.
func (m *maker) day(d civil.Date) string {
	if !d.Valid() {
		return ""
	}
	if m.w.language == English {
		return d.String()
	}
	year, month, day := d.Date()
	return fmt.Sprintf("%02d/%02d/%04d", day, month, year)
}
