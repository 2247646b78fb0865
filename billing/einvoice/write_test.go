package einvoice_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/einvoice"
	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/money"
)

// The XML of each scene is what it was, and the same each time.
func TestGolden(t *testing.T) {
	for name, s := range scenes() {
		got := written(t, s.v, s.opts)
		golden.File(t, filepath.Join("testdata", name+".xml"), got, *update)
		if again := written(t, s.v, s.opts); !bytes.Equal(got, again) {
			t.Errorf("%s: written twice it differs", name)
		}
	}
}

// read is how another program would read what we write: by its own types, with amounts as texts.
type read struct {
	XMLName  xml.Name
	ID       string
	Currency string `xml:"DocumentCurrencyCode"`
	Corrects string `xml:"BillingReference>InvoiceDocumentReference>ID"`
	Tax      struct {
		Amount    string `xml:"TaxAmount"`
		Subtotals []struct {
			Base     string       `xml:"TaxableAmount"`
			Tax      string       `xml:"TaxAmount"`
			Category readCategory `xml:"TaxCategory"`
		} `xml:"TaxSubtotal"`
	} `xml:"TaxTotal"`
	Charges []struct {
		Charge   bool   `xml:"ChargeIndicator"`
		Why      string `xml:"AllowanceChargeReason"`
		Amount   string
		Category readCategory `xml:"TaxCategory"`
	} `xml:"AllowanceCharge"`
	Total struct {
		Lines      string `xml:"LineExtensionAmount"`
		Net        string `xml:"TaxExclusiveAmount"`
		Gross      string `xml:"TaxInclusiveAmount"`
		Allowances string `xml:"AllowanceTotalAmount"`
		Charges    string `xml:"ChargeTotalAmount"`
		Prepaid    string `xml:"PrepaidAmount"`
		Rounding   string `xml:"PayableRoundingAmount"`
		Payable    string `xml:"PayableAmount"`
	} `xml:"LegalMonetaryTotal"`
	InvoiceLines []readLine `xml:"InvoiceLine"`
	CreditLines  []readLine `xml:"CreditNoteLine"`
}

type readCategory struct {
	ID      string
	Percent string
}

type readLine struct {
	Net       string       `xml:"LineExtensionAmount"`
	Order     string       `xml:"DocumentReference>ID"`
	Allowance string       `xml:"AllowanceCharge>Amount"`
	Label     string       `xml:"Item>Name"`
	Category  readCategory `xml:"Item>ClassifiedTaxCategory"`
	Price     string       `xml:"Price>PriceAmount"`
	Invoiced  string       `xml:"InvoicedQuantity"`
	Credited  string       `xml:"CreditedQuantity"`
}

// back makes an invoice of what was read: its figures, and its texts.
func (r *read) back(t *rapid.T) *billing.Invoice {
	c := money.MustParseCurrency(r.Currency)
	amount := func(s string) money.Amount {
		if s == "" {
			return money.Amount{}
		}
		return money.MustParseAmount(s, c)
	}
	vat := func(r readCategory) billing.VAT {
		if r.Percent == "" {
			r.Percent = "0"
		}
		rate, err := money.ParsePercent(r.Percent)
		if err != nil {
			t.Fatal(err)
		}
		return billing.VAT{Category: billing.VATCategory(r.ID), Rate: rate}
	}
	v := &billing.Invoice{Number: r.ID, Currency: c, Corrects: r.Corrects, Kind: billing.Periodic}
	if r.XMLName.Local == "CreditNote" {
		v.Kind = billing.CreditNote
	}
	for _, l := range append(r.InvoiceLines, r.CreditLines...) {
		q, err := billing.ParseQuantity(l.Invoiced + l.Credited)
		if err != nil {
			t.Fatal(err)
		}
		v.Lines = append(v.Lines, billing.InvoiceLine{
			Order: l.Order, Label: l.Label, Quantity: q, UnitPrice: billing.MustParsePrice(l.Price), Allowance: amount(l.Allowance),
			Net: amount(l.Net), VAT: vat(l.Category),
		})
	}
	for _, x := range r.Charges {
		v.Charges = append(v.Charges, billing.Charge{Why: x.Why, Allowance: !x.Charge, Net: amount(x.Amount), VAT: vat(x.Category)})
	}
	for _, s := range r.Tax.Subtotals {
		v.Taxes = append(v.Taxes, billing.Subtotal{VAT: vat(s.Category), Base: amount(s.Base), Tax: amount(s.Tax)})
	}
	v.Totals = billing.InvoiceTotals{
		Lines: amount(r.Total.Lines), Allowances: amount(r.Total.Allowances), Charges: amount(r.Total.Charges), Net: amount(r.Total.Net),
		Tax: amount(r.Tax.Amount), Gross: amount(r.Total.Gross), Prepaid: amount(r.Total.Prepaid), Rounding: amount(r.Total.Rounding),
		Payable: amount(r.Total.Payable),
	}
	return v
}

// Whatever is drawn, what is written reads back with the same figures and texts, which add up, and stands in the order of the schema.
func TestReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, opts := drawn(t)
		text := written(t, v, opts)
		var r read
		if err := xml.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		got := r.back(t)
		if err := einvoice.Check(got); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if got.Totals != v.Totals || len(got.Taxes) != len(v.Taxes) || len(got.Lines) != len(v.Lines) || len(got.Charges) != len(v.Charges) {
			t.Fatalf("got %+v, want %+v", got, v)
		}
		if got.Number != v.Number || got.Corrects != v.Corrects || (got.Kind == billing.CreditNote) != (v.Kind == billing.CreditNote) {
			t.Fatalf("got %q %q %q", got.Number, got.Corrects, got.Kind)
		}
		for i := range v.Taxes {
			if got.Taxes[i] != v.Taxes[i] {
				t.Fatalf("tax %d: got %+v, want %+v", i, got.Taxes[i], v.Taxes[i])
			}
		}
		for i := range v.Lines {
			g, w := &got.Lines[i], &v.Lines[i]
			if g.Net != w.Net || g.Label != w.Label || g.Order != w.Order || g.VAT != w.VAT || g.Quantity != w.Quantity ||
				g.UnitPrice != w.UnitPrice || g.Allowance.Minor() != w.Allowance.Minor() {
				t.Fatalf("line %d: got %+v, want %+v", i, g, w)
			}
		}
		for i := range v.Charges {
			if got.Charges[i] != v.Charges[i] {
				t.Fatalf("charge %d: got %+v, want %+v", i, got.Charges[i], v.Charges[i])
			}
		}
		if fault := outOfOrder(text); fault != "" {
			t.Fatalf("%s\n%s", fault, text)
		}
	})
}

// No amount of a document has more or fewer decimals than its currency, and each says which that is.
func TestDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, opts := drawn(t)
		d := xml.NewDecoder(bytes.NewReader(written(t, v, opts)))
		for currency := ""; ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			switch x := token.(type) {
			case xml.StartElement:
				currency = ""
				for _, a := range x.Attr {
					if a.Name.Local == "currencyID" {
						currency = a.Value
					}
				}
				if strings.HasSuffix(x.Name.Local, "Amount") != (currency != "") || currency != "" && currency != v.Currency.Code() {
					t.Fatalf("%s is in %q", x.Name.Local, currency)
				}
				if x.Name.Local == "PriceAmount" {
					currency = ""
				}
			case xml.CharData:
				if _, part, _ := strings.Cut(string(x), "."); currency != "" && len(part) != v.Currency.MinorUnits() {
					t.Fatalf("%q has not the decimals of %s", x, currency)
				}
				currency = ""
			}
		}
	})
}

// An error of the writer is passed on, and nothing is written of what is refused.
func TestWriterFails(t *testing.T) {
	s := scenes()["invoice"]
	if err := einvoice.Write(failing{}, s.v, s.opts); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
	s.v.Totals.Payable = eur("1.00")
	var b bytes.Buffer
	if err := einvoice.Write(&b, s.v, s.opts); !errors.Is(err, billing.ErrInvalid) || b.Len() > 0 {
		t.Errorf("got %v, and %d bytes", err, b.Len())
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
