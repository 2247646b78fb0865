package billing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// InvoiceKind is what kind of document an invoice is.
type InvoiceKind string

// The kinds of invoices.
const (
	Periodic      InvoiceKind = "periodic"      // of a month; there is one at the most of a contract and month
	Supplementary InvoiceKind = "supplementary" // of what was accepted, or arrived, after the month's invoice
	CreditNote    InvoiceKind = "credit_note"   // of what was given back of an invoice
)

// Invoice is a document: an invoice, or a credit note. Amounts of a credit note are above zero too: it is the kind that turns them.
type Invoice struct {
	_ struct{} // disallow positional literals

	Number   string         `json:"number,omitempty"` // of the series; "" of a draft
	Kind     InvoiceKind    `json:"kind"`
	Contract string         `json:"contract"`
	Currency money.Currency `json:"currency"`
	Zone     string         `json:"zone"` // whose days the dates are
	Period   Period         `json:"period"`
	IssuedOn civil.Date     `json:"issued_on,omitzero"`
	DueOn    civil.Date     `json:"due_on,omitzero"`    // of a credit note none
	Corrects string         `json:"corrects,omitempty"` // the invoice that a credit note is of

	Seller  party.Party `json:"seller"`
	Buyer   party.Party `json:"buyer"`
	Mandate string      `json:"mandate,omitempty"` // that it is collected by

	// What French law asks for since September 2026, beside the buyer's SIREN and where it was delivered.
	Supply      Supply `json:"supply"`
	VATOnDebits bool   `json:"vat_on_debits,omitempty"` // the seller has opted for VAT on debits

	Lines   []InvoiceLine `json:"lines"`
	Charges []Charge      `json:"charges,omitempty"` // and allowances, of the whole document
	Taxes   []Subtotal    `json:"taxes"`
	Totals  InvoiceTotals `json:"totals"`
}

// InvoiceLine is a line of an invoice: a line of an order, or what was given back of one.
type InvoiceLine struct {
	Operation string       `json:"operation"`
	Order     string       `json:"order"`
	Line      int          `json:"line"` // of the order
	Refund    string       `json:"refund,omitempty"`
	On        civil.Date   `json:"on"` // when it was bought, or given back
	Product   string       `json:"product,omitempty"`
	Label     string       `json:"label"`
	Supply    Supply       `json:"supply"`
	Quantity  Quantity     `json:"quantity"` // below zero in an invoice if it was given back
	Unit      string       `json:"unit,omitempty"`
	UnitPrice Price        `json:"unit_price"`
	Allowance money.Amount `json:"allowance,omitzero"`
	Net       money.Amount `json:"net"`
	VAT       VAT          `json:"vat"`

	EcoParticipation money.Amount `json:"eco_participation,omitzero"`
	Delivery         *Delivery    `json:"delivery,omitempty"`
}

// Charge is added to the whole of a document, or, as an allowance, taken off.
type Charge struct {
	Why       string       `json:"why"`
	Allowance bool         `json:"allowance,omitempty"`
	Net       money.Amount `json:"net"`
	VAT       VAT          `json:"vat"`
}

// InvoiceTotals are those of EN 16931.
type InvoiceTotals struct {
	Lines      money.Amount `json:"lines"`               // BT-106, the sum of the lines
	Allowances money.Amount `json:"allowances,omitzero"` // BT-107
	Charges    money.Amount `json:"charges,omitzero"`    // BT-108
	Net        money.Amount `json:"net"`                 // BT-109
	Tax        money.Amount `json:"tax"`                 // BT-110
	Gross      money.Amount `json:"gross"`               // BT-112
	Prepaid    money.Amount `json:"prepaid,omitzero"`    // BT-113
	Rounding   money.Amount `json:"rounding,omitzero"`   // BT-114
	Payable    money.Amount `json:"payable"`             // BT-115
}

// AddUp gives an invoice its taxes and totals: VAT is rounded once for each category and rate, half away from zero, on the sum of the
// lines and charges that are taxed by it (EN 16931, BR-CO-10 to 17). What is in Totals of Prepaid and Rounding stays.
//
// Returns an error if a figure is in another currency or does not fit.
func (v *Invoice) AddUp() error {
	zero := money.New(0, v.Currency)
	s := summing{sums: breakdown{}, t: InvoiceTotals{Lines: zero, Net: zero, Tax: zero, Prepaid: v.Totals.Prepaid, Rounding: v.Totals.Rounding}}
	for i := range v.Lines {
		s.add(&s.t.Lines, v.Lines[i].Net, v.Lines[i].VAT, false)
	}
	for _, c := range v.Charges {
		of := &s.t.Charges
		if c.Allowance {
			of = &s.t.Allowances
		}
		if *of == (money.Amount{}) {
			*of = zero
		}
		s.add(of, c.Net, c.VAT, c.Allowance)
	}
	s.taxes()
	s.into(&s.t.Gross)(s.t.Net.Add(s.t.Tax))
	s.t.Payable = s.t.Gross
	if p := s.t.Prepaid; p != (money.Amount{}) {
		s.into(&s.t.Payable)(s.t.Payable.Sub(p))
	}
	if r := s.t.Rounding; r != (money.Amount{}) {
		s.into(&s.t.Payable)(s.t.Payable.Add(r))
	}
	if s.err != nil {
		return s.err
	}
	v.Taxes, v.Totals = s.sums, s.t
	return nil
}

// summing adds an invoice up, and keeps the first error.
type summing struct {
	t    InvoiceTotals
	sums breakdown
	err  error
}

// add adds a net amount to one of the totals, to the net total, and to what is taxed alike; an allowance comes off the latter two.
func (s *summing) add(to *money.Amount, net money.Amount, v VAT, allowance bool) {
	s.into(to)(to.Add(net))
	if allowance {
		s.into(&net)(net.Neg())
	}
	s.into(&s.t.Net)(s.t.Net.Add(net))
	if s.err == nil {
		s.err = s.sums.add(v, net)
	}
}

// taxes reckons the tax of each category and rate.
func (s *summing) taxes() {
	for i := range s.sums {
		of := &s.sums[i]
		s.into(&of.Tax)(taxOn(of.Base, of.VAT))
		s.into(&s.t.Tax)(s.t.Tax.Add(of.Tax))
	}
}

// into puts what it is given to its place, unless something has failed.
func (s *summing) into(to *money.Amount) func(money.Amount, error) {
	return func(a money.Amount, err error) {
		if s.err == nil {
			*to, s.err = a, err
		}
	}
}

// Digest tells drafts apart by their content, in hexadecimal: it leaves out the number and the dates, which are given when an invoice is
// issued. It is "" of an invoice that has no JSON, as one with an amount of no currency; no account drafts such.
func (v Invoice) Digest() string {
	v.Number, v.IssuedOn, v.DueOn = "", 0, 0
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
