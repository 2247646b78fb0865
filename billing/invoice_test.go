package billing_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
)

// published is an invoice of the EN 16931 repository, as transcribed. Numbers are text.
type published struct {
	Source   string
	Type     string
	Currency string
	Lines    []struct {
		Qty, Price, BaseQty, Net, Cat, Rate string
		HasLineAllowanceCharge              bool
	}
	AllowanceCharges []struct{ Charge, Amount, Cat, Rate string }
	VATBreakdown     []struct{ Base, Cat, Rate, Tax string }
	Totals           map[string]string
}

// Every published invoice comes out to the cent, and so does its mirror below zero. Source: ConnectingEurope/eInvoicing-EN16931.
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
		for _, mirror := range []bool{false, true} {
			p.check(t, mirror)
		}
	}
}

func (p *published) check(t *testing.T, mirror bool) {
	t.Helper()
	c := money.MustParseCurrency(p.Currency)
	amount := func(s string) money.Amount {
		if s == "" {
			s = "0"
		}
		d, err := money.ParseAmount(s, c)
		if err != nil {
			t.Fatalf("%s: %q: %v", p.Source, s, err)
		}
		if mirror {
			d, _ = d.Neg()
		}
		return d
	}
	vat := func(category, percent string) billing.VAT {
		if percent == "" { // of category O
			percent = "0"
		}
		r, err := money.ParsePercent(percent)
		if err != nil {
			t.Fatalf("%s: %q: %v", p.Source, percent, err)
		}
		return billing.VAT{Category: billing.VATCategory(category), Rate: r}
	}
	v := billing.Invoice{Currency: c}
	for _, l := range p.Lines {
		v.Lines = append(v.Lines, billing.InvoiceLine{Net: amount(l.Net), VAT: vat(l.Cat, l.Rate)})
	}
	for _, x := range p.AllowanceCharges {
		category := x.Cat
		for _, b := range p.VATBreakdown {
			if category == "" && b.Rate == x.Rate {
				category = b.Cat
			}
		}
		v.Charges = append(v.Charges, billing.Charge{Allowance: x.Charge != "true", Net: amount(x.Amount), VAT: vat(category, x.Rate)})
	}
	v.Totals.Prepaid, v.Totals.Rounding = amount(p.Totals["PrepaidAmount"]), amount(p.Totals["PayableRoundingAmount"])
	if err := v.AddUp(); err != nil {
		t.Fatalf("%s: %v", p.Source, err)
	}
	for name, got := range map[string]money.Amount{
		"LineExtensionAmount": v.Totals.Lines, "TaxExclusiveAmount": v.Totals.Net, "TaxInclusiveAmount": v.Totals.Gross,
		"AllowanceTotalAmount": v.Totals.Allowances, "ChargeTotalAmount": v.Totals.Charges, "PayableAmount": v.Totals.Payable,
	} {
		if text, has := p.Totals[name]; has && got != amount(text) && !(got == (money.Amount{}) && amount(text).Sign() == 0) {
			t.Errorf("%s (mirrored %v): %s: got %v, want %s", p.Source, mirror, name, got, text)
		}
	}
	if len(v.Taxes) != len(p.VATBreakdown) {
		t.Errorf("%s: got %d subtotals, want %d", p.Source, len(v.Taxes), len(p.VATBreakdown))
	}
	for _, want := range p.VATBreakdown {
		found := false
		for _, got := range v.Taxes {
			if got.VAT == vat(want.Cat, want.Rate) {
				found = true
				if got.Base != amount(want.Base) || got.Tax != amount(want.Tax) {
					t.Errorf("%s (mirrored %v): %+v: got base %v, tax %v", p.Source, mirror, want, got.Base, got.Tax)
				}
			}
		}
		if !found {
			t.Errorf("%s: no subtotal for %s at %s", p.Source, want.Cat, strings.TrimSpace(want.Rate))
		}
	}
}
