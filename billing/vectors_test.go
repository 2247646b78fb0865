package billing_test

import (
	"fmt"
	"testing"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/money"
)

// Lines at one rate, and the tax on them, that others have published. The tax is rounded once, on the sum, half away from zero; where that
// is not the same, byLine is what rounding every line would give.
var vectors = []struct {
	source  string
	lines   []string
	percent string
	tax     string
	gross   string // "" if it is not told
	byLine  string
}{
	{"EN16931 BIS_Billing_30-Elnat.xml", []string{"390.82", "467.78", "703.79"}, "25", "390.60", "1952.99", "390.61"},
	{"EN16931 Resor_Taxi.xml", []string{"130.19", "143.40", "433.71"}, "6", "42.44", "749.74", "42.43"},
	{
		"EN16931 ubl-tc434-example8.xml", []string{"140.80", "16.16", "167.64", "88.74", "36.75", "56.50", "83.34", "190.31", "64.21", "64.46"},
		"21", "190.87", "1099.78", "190.88",
	},
	{"EN16931 ubl-tc434-example2.xml, half up", []string{"1460.50"}, "25", "365.13", "", ""},
	{"EN16931 Tjanster_Kopiering.xml, half up", []string{"5012.42"}, "25", "1253.11", "", ""},
	{"EN16931 BIS3_Invoice_positive, half up", []string{"625743.54"}, "25", "156435.89", "", ""},
	{"EN16931 BIS3_Invoice_negativ, its mirror", []string{"-625743.54"}, "25", "-156435.89", "", ""},
	{"EN16931 test/Invoice-unit-UBL/BR-CO-17.xml", []string{"2141.05"}, "14", "299.75", "", ""},
	{"EN16931 test/Invoice-unit-UBL/BR-CO-17.xml", []string{"2141.19"}, "2.1", "44.96", "", ""},
	{"EN16931 test/Invoice-unit-UBL/BR-CO-17.xml", []string{"-2141.19"}, "5.5", "-117.77", "", ""},
	{"EN16931 test/Invoice-unit-UBL/BR-CO-17.xml", []string{"6491.34"}, "25", "1622.84", "", ""},
	{"EN16931 Resor_Bokning.xml, at 6 %", []string{"856"}, "6", "51.36", "", ""},
	{"EN16931 Resor_Bokning.xml, at 25 %", []string{"150"}, "25", "37.50", "", ""},
	{"EN16931 Kreditering", []string{"8668"}, "25", "2167.00", "10835.00", ""},
	{"EN16931 CII-BR-CO-10-RoundingIssue.xml: lines of a cent that cancel out", []string{"0.01", "0.01", "-0.01", "-0.01"}, "25", "0.00", "0.00", ""},
	{"lago-api PR #2643: four notes of their own came to 335.00", []string{"68.33", "68.33", "57.50", "85.00"}, "20", "55.83", "334.99", "55.84"},
	{"Dolibarr-modules PR #504", []string{"10.01", "10.01", "10.01"}, "20", "6.01", "36.04", "6.00"},
	{"josemmo/einvoicing #31", []string{"6733.95"}, "19", "1279.45", "8013.40", ""},
}

// Every published figure comes out, and so does its mirror below zero.
func TestPublishedVectors(t *testing.T) {
	for _, row := range vectors {
		for _, sign := range []int64{1, -1} {
			amount := func(s string) money.Amount {
				a, err := money.MustParseAmount(s, money.EUR).Mul(sign)
				if err != nil {
					t.Fatal(err)
				}
				return a
			}
			v := billing.Invoice{Currency: money.EUR}
			byLine := money.New(0, money.EUR)
			for _, net := range row.lines {
				vat := billing.MustVATAt(row.percent)
				v.Lines = append(v.Lines, billing.InvoiceLine{Net: amount(net), VAT: vat})
				tax, err := amount(net).MulRate(vat.Rate, money.HalfAwayFromZero)
				if err == nil {
					byLine, err = byLine.Add(tax)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := v.AddUp(); err != nil {
				t.Fatalf("%s: %v", row.source, err)
			}
			if v.Totals.Tax != amount(row.tax) || row.gross != "" && v.Totals.Gross != amount(row.gross) {
				t.Errorf("%s (× %d): got %v and %v, want %s and %s", row.source, sign, v.Totals.Tax, v.Totals.Gross, row.tax, row.gross)
			}
			if row.byLine != "" && byLine != amount(row.byLine) {
				t.Errorf("%s (× %d): by line it is %v, not %s: the row shows nothing", row.source, sign, byLine, row.byLine)
			}
		}
	}
}

// What a line costs, that others have published. Source: Kill Bill #1124; josemmo/einvoicing #31.
func TestPublishedLines(t *testing.T) {
	for _, row := range []struct{ quantity, price, net string }{
		{"55", "0.067", "3.69"}, {"26935.78", "0.25", "6733.95"},
	} {
		q, err := billing.ParseQuantity(row.quantity)
		if err != nil {
			t.Fatal(err)
		}
		it := item(row.price, "19")
		it.Quantity = q
		d, err := account(t, 1<<50).Explain(billing.Accept{At: noon, Operation: operation("a", it)})
		if err != nil || d.Totals.Net.Number() != row.net {
			t.Errorf("%s × %s: got %v, %v, want %s", row.quantity, row.price, d.Totals.Net, err, row.net)
		}
	}
}

// Four quarters of what was bought are given back one by one, and sum to it (StackOverflow 1823529: 33.34 is two of 8.33 and two of 8.34).
func TestPublishedParts(t *testing.T) {
	a := account(t, 1000_00)
	it := item("8.335", "0")
	it.Quantity = billing.Whole(4)
	do(t, a, billing.Accept{At: at(2, 0), Operation: operation("a", it)})
	got := map[string]int{}
	for i := range 4 {
		d := do(t, a, back(fmt.Sprint(i), "a", billing.RefundLine{Order: "O-a", Line: 1, Quantity: billing.Whole(1)}))
		got[d.Totals.Net.Number()]++
	}
	if got["8.33"] != 2 || got["8.34"] != 2 || len(got) != 2 {
		t.Errorf("got %v", got)
	}
}
