package einvoice_test

import (
	"encoding/json"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/einvoice"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
)

// published is an invoice of the EN 16931 repository, as transcribed: no texts, parties or dates. Numbers are text.
type published struct {
	Source           string
	Currency         string
	Lines            []struct{ Net, Cat, Rate string }
	AllowanceCharges []struct{ Charge, Amount, Cat, Rate string }
	VATBreakdown     []struct{ Base, Cat, Rate, Tax string }
	Totals           map[string]string
}

// invoice has every figure as it was published: nothing is reckoned.
func (p *published) invoice(t *testing.T) *billing.Invoice {
	t.Helper()
	c := money.MustParseCurrency(p.Currency)
	amount := func(s string) money.Amount {
		if s == "" {
			s = "0"
		}
		return money.MustParseAmount(s, c)
	}
	vat := func(category, percent string) billing.VAT {
		if percent == "" {
			percent = "0"
		}
		r, err := money.ParsePercent(percent)
		if err != nil {
			t.Fatalf("%s: %v", p.Source, err)
		}
		for _, b := range p.VATBreakdown {
			if category == "" && b.Rate == percent {
				category = b.Cat
			}
		}
		return billing.VAT{Category: billing.VATCategory(category), Rate: r}
	}
	v := &billing.Invoice{Kind: billing.Periodic, Currency: c}
	for _, l := range p.Lines {
		v.Lines = append(v.Lines, billing.InvoiceLine{Net: amount(l.Net), VAT: vat(l.Cat, l.Rate)})
	}
	for _, x := range p.AllowanceCharges {
		v.Charges = append(v.Charges, billing.Charge{Allowance: x.Charge != "true", Net: amount(x.Amount), VAT: vat(x.Cat, x.Rate)})
	}
	tax := money.New(0, c)
	for _, b := range p.VATBreakdown {
		v.Taxes = append(v.Taxes, billing.Subtotal{VAT: vat(b.Cat, b.Rate), Base: amount(b.Base), Tax: amount(b.Tax)})
		tax, _ = tax.Add(amount(b.Tax))
	}
	v.Totals = billing.InvoiceTotals{
		Lines: amount(p.Totals["LineExtensionAmount"]), Allowances: amount(p.Totals["AllowanceTotalAmount"]),
		Charges: amount(p.Totals["ChargeTotalAmount"]), Net: amount(p.Totals["TaxExclusiveAmount"]), Tax: tax,
		Gross: amount(p.Totals["TaxInclusiveAmount"]), Prepaid: amount(p.Totals["PrepaidAmount"]),
		Rounding: amount(p.Totals["PayableRoundingAmount"]), Payable: amount(p.Totals["PayableAmount"]),
	}
	return v
}

// figures are all amounts of an invoice that the rules are about.
func figures(v *billing.Invoice) []*money.Amount {
	t := &v.Totals
	all := []*money.Amount{&t.Lines, &t.Allowances, &t.Charges, &t.Net, &t.Tax, &t.Gross, &t.Prepaid, &t.Rounding, &t.Payable}
	for i := range v.Lines {
		all = append(all, &v.Lines[i].Net)
	}
	for i := range v.Charges {
		all = append(all, &v.Charges[i].Net)
	}
	for i := range v.Taxes {
		all = append(all, &v.Taxes[i].Base, &v.Taxes[i].Tax)
	}
	return all
}

// cents changes each figure by a minor unit, up and down, and calls f with what was changed.
func cents(v *billing.Invoice, f func(changed money.Amount)) {
	for _, a := range figures(v) {
		for _, by := range []int64{1, -1} {
			was := *a
			*a = money.New(was.Minor()+by, v.Currency)
			f(was)
			*a = was
		}
	}
}

// Every published invoice adds up, and with any of its figures a cent off it does not. Source: ConnectingEurope/eInvoicing-EN16931.
func TestPublishedInvoices(t *testing.T) {
	text, err := os.ReadFile(campaign.Data(t, "en16931.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Invoices []published }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Invoices) != 36 {
		t.Errorf("got %d invoices, want 36", len(file.Invoices))
	}
	for _, p := range file.Invoices {
		v := p.invoice(t)
		if err := einvoice.Check(v); err != nil {
			t.Errorf("%s: %v", p.Source, err)
			continue
		}
		cents(v, func(was money.Amount) {
			if einvoice.Check(v) == nil {
				t.Errorf("%s: with %v a cent off it adds up", p.Source, was)
			}
		})
	}
}

// What AddUp makes of anything adds up, and with any figure a cent off it does not; but the tax of a credit note, with its totals, may be
// a cent off and not two.
func TestCheckIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, _ := drawn(t)
		if err := einvoice.Check(v); err != nil {
			t.Fatal(err)
		}
		v.Kind = billing.Supplementary
		cents(v, func(was money.Amount) {
			if einvoice.Check(v) == nil {
				t.Fatalf("with %v a cent off it adds up", was)
			}
		})
		v.Kind = billing.CreditNote
		for i := range v.Taxes {
			for _, by := range []int64{-2, -1, 1, 2} {
				of, totals := v.Taxes[i].Tax, v.Totals
				off := func(a *money.Amount) { *a = money.New(a.Minor()+by, v.Currency) }
				off(&v.Taxes[i].Tax)
				off(&v.Totals.Tax)
				off(&v.Totals.Gross)
				off(&v.Totals.Payable)
				if got, want := einvoice.Check(v) == nil, by*by == 1 && v.Taxes[i].VAT.Rate.Sign() > 0; got != want {
					t.Fatalf("tax %d, off by %d: got %v, want %v", i, by, got, want)
				}
				v.Taxes[i].Tax, v.Totals = of, totals
			}
		}
	})
}
