package invoicetext_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/invoicetext"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

var update = flag.Bool("update", false, "write the golden files anew")

func day(s string) civil.Date { return civil.MustParseDate(s) }

func eur(s string) money.Amount { return money.MustParseAmount(s, money.EUR) }

// invoice has all that an invoice can show.
func invoice() *billing.Invoice {
	paris := party.Address{StreetName: "rue du Bac", BuildingNumber: "12", PostCode: "75007", TownName: "Paris", Country: "FR"}
	v := &billing.Invoice{
		Number: "F-2026-0001", Kind: billing.Periodic, Contract: "CTR-1", Currency: money.EUR, Zone: "Europe/Paris",
		Period:   billing.Period{From: day("2026-11-01"), Through: day("2026-11-30")},
		IssuedOn: day("2026-12-01"), DueOn: day("2026-12-31"), Mandate: "FR83ZZZ459654/RUM-17", Supply: billing.Both, VATOnDebits: true,
		Seller: party.Party{Reference: "AGENCE", Name: "Agence de voyages", SIREN: "356000000", VATNumber: "FR39356000000", Address: paris},
		Buyer: party.Party{
			Reference: "CE-ACME", Name: "Comité d'entreprise ACME", SIRET: "35600000000048",
			Address: party.Address{PostBox: "BP 12", BuildingName: "Tour B", TownName: "Lyon", PostCode: "69002", Country: "FR"},
		},
		Lines: []billing.InvoiceLine{
			{
				Order: "CMD-1", On: day("2026-11-05"), Product: "REF-9", Label: "Imprimante laser", Unit: "PCE", Quantity: billing.Whole(2),
				UnitPrice: billing.MustParsePrice("1149.995"), Allowance: eur("0.99"), Net: eur("2299.00"), VAT: billing.MustVATAt("20"),
				EcoParticipation: eur("0.50"), Delivery: &billing.Delivery{On: day("2026-11-06"), To: &paris},
			},
			{
				Order: "CMD-2", On: day("2026-11-12"), Label: "Guide de Lyon", Quantity: billing.Whole(-1), Refund: "R-1",
				UnitPrice: billing.MustParsePrice("12.5"), Net: eur("-12.50"), VAT: billing.MustVATAt("5.5"),
			},
			{
				On: day("2026-11-20"), Label: "Formation", Quantity: 1_500_000, UnitPrice: billing.MustParsePrice("90"), Net: eur("135.00"),
				VAT: billing.VAT{Category: billing.Exempt},
			},
		},
		Charges: []billing.Charge{
			{Why: "Remise de fin d'année", Allowance: true, Net: eur("50.00"), VAT: billing.MustVATAt("20")},
			{Why: "Port", Net: eur("8.33"), VAT: billing.MustVATAt("20")},
		},
	}
	v.Totals.Prepaid, v.Totals.Rounding = eur("100.00"), eur("0.01")
	return added(v)
}

func added(v *billing.Invoice) *billing.Invoice {
	if err := v.AddUp(); err != nil {
		panic(err)
	}
	return v
}

// creditNote is of nothing but what it must have.
func creditNote() *billing.Invoice {
	v := invoice()
	return added(&billing.Invoice{
		Number: "F-2026-0002", Kind: billing.CreditNote, Corrects: "F-2026-0001", Currency: money.JPY, IssuedOn: v.IssuedOn, Seller: v.Seller,
		Lines: []billing.InvoiceLine{{
			Label: "Guide", Quantity: billing.Whole(1), UnitPrice: billing.MustParsePrice("1234567"), Net: money.New(1234567, money.JPY),
			VAT: billing.VAT{Category: billing.OutOfScope},
		}},
	})
}

func written(t interface {
	Helper()
	Fatal(...any)
}, v *billing.Invoice, opts *invoicetext.Options,
) string {
	t.Helper()
	var b bytes.Buffer
	if err := invoicetext.Write(&b, v, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	french := &invoicetext.Options{
		Exemptions: map[billing.VATCategory]string{billing.Exempt: "article 261-4-4° du CGI"},
		Notes:      []string{"Pénalités de retard : 3 fois le taux légal"},
	}
	draft := invoice()
	draft.Number, draft.Kind, draft.IssuedOn, draft.DueOn = "", billing.Supplementary, 0, 0
	for name, got := range map[string]string{
		"french.txt": written(t, invoice(), french), "english.txt": written(t, invoice(), &invoicetext.Options{Language: invoicetext.English}),
		"credit_note.txt": written(t, creditNote(), nil), "draft.txt": written(t, draft, nil),
	} {
		golden.File(t, filepath.Join("testdata", name), []byte(got), *update)
	}
}

// characters are what texts are drawn from: what breaks lines, turns them, colours them, is wide, or looks like a figure.
var characters = []rune("a9,.- |\n\r\t\v\f\x00\x1b\x7f\u0085\u00a0\u2028\u202e\u200d\ufffe漢🏦é")

// Whatever its texts hold, a page has the same lines, none of them with a character that a terminal obeys, and the figures stand where
// they do without the texts.
func TestNoTextBreaksThePage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string {
			return "x" + rapid.StringOfN(rapid.SampledFrom(characters), 0, 30, -1).Draw(t, name)
		}
		plain, hostile := invoice(), invoice()
		for _, v := range []*billing.Invoice{plain, hostile} {
			draw := func(string) string { return "x" }
			if v == hostile {
				draw = text
			}
			v.Number, v.Contract, v.Mandate = draw("number"), draw("contract"), draw("mandate")
			v.Seller.Name, v.Buyer.Name, v.Buyer.Reference = draw("seller"), draw("buyer"), draw("reference")
			v.Buyer.Address.TownName, v.Buyer.Address.PostBox = draw("town"), draw("box")
			for i := range v.Lines {
				l := &v.Lines[i]
				l.Label, l.Order, l.Product, l.Unit, l.Refund = draw("label"), draw("order"), draw("product"), draw("unit"), draw("refund")
			}
			v.Charges[0].Why = draw("why")
		}
		want := strings.Split(written(t, plain, &invoicetext.Options{Notes: []string{"x"}}), "\n")
		got := strings.Split(written(t, hostile, &invoicetext.Options{Notes: []string{text("note")}}), "\n")
		if len(got) != len(want) {
			t.Fatalf("got %d lines, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
		}
		from := slices.IndexFunc(want, func(s string) bool { return strings.Contains(s, "Désignation") })
		for i := range got {
			if at := strings.IndexFunc(got[i], func(r rune) bool { return !unicode.IsPrint(r) && r != '\u00a0' && r != '\u200d' }); at >= 0 {
				t.Fatalf("line %d has %q", i+1, got[i][at:])
			}
			before, _, _ := strings.Cut(want[i], "x")
			if !strings.HasPrefix(got[i], before) || i >= from && strings.Count(want[i], "x") == 0 && got[i] != want[i] {
				t.Fatalf("line %d: got %q, want %q", i+1, got[i], want[i])
			}
		}
	})
}

// What does not add up, and a language that nobody speaks, are refused, and nothing is written.
func TestRefusals(t *testing.T) {
	off := invoice()
	off.Totals.Tax = eur("1.00")
	for _, row := range []struct {
		v    *billing.Invoice
		opts *invoicetext.Options
	}{{off, nil}, {invoice(), &invoicetext.Options{Language: "pl"}}, {&billing.Invoice{}, nil}} {
		var b bytes.Buffer
		if err := invoicetext.Write(&b, row.v, row.opts); !errors.Is(err, billing.ErrInvalid) || b.Len() > 0 {
			t.Errorf("got %v, and %d bytes", err, b.Len())
		}
	}
	if err := invoicetext.Write(failing{}, invoice(), nil); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// An invoice in a currency of three decimals is shown, though none can be written by EN 16931, which has two.
func TestThreeDecimals(t *testing.T) {
	kwd := money.MustParseCurrency("KWD")
	v := creditNote()
	v.Currency, v.Lines[0].UnitPrice, v.Lines[0].Net = kwd, billing.MustParsePrice("1234.5675"), money.MustParseAmount("1234.568", kwd)
	if got := written(t, added(v), nil); !strings.Contains(got, "1\u00a0234,5675") || !strings.Contains(got, "Net à votre crédit  1\u00a0234,568 KWD") {
		t.Errorf("got\n%s", got)
	}
}
