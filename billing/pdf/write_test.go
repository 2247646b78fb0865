package pdf_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/invoicetext"
	"github.com/payrules/payrules/billing/pdf"
	"github.com/payrules/payrules/money"
)

func written(t *testing.T, v *billing.Invoice, opts *invoicetext.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pdf.Write(&b, v, opts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	streams = regexp.MustCompile(`(?s)/Length \d+>>\nstream\n(.*?)\nendstream`)
	pages   = regexp.MustCompile(`/Type /Page\n`)
	strokes = regexp.MustCompile(`(?s)\(((?:\\.|[^\\()])*)\) ?Tj`)
	escaped = regexp.MustCompile(`(?s)\\(.)`)
)

// texts are what each page says, a piece a line, in the order in which it is drawn.
func texts(t *testing.T, file []byte) (all []string) {
	t.Helper()
	for _, m := range streams.FindAllSubmatch(file, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil || !bytes.Contains(content, []byte(" Tf ET")) {
			continue // a font
		}
		var page strings.Builder
		for _, s := range strokes.FindAllSubmatch(content, -1) {
			raw := escaped.ReplaceAllFunc(s[1], func(e []byte) []byte {
				if e[1] == 'r' {
					return []byte{'\r'}
				}
				return e[1:]
			})
			units := make([]uint16, len(raw)/2)
			for i := range units {
				units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
			}
			page.WriteString(string(utf16.Decode(units)) + "\n")
		}
		all = append(all, page.String())
	}
	if n := len(pages.FindAll(file, -1)); n != len(all) {
		t.Fatalf("%d pages, and texts of %d", n, len(all))
	}
	return all
}

// The same invoice is the same bytes, with the date of the invoice and none of a clock.
func TestSameBytes(t *testing.T) {
	first := written(t, invoice(50), nil)
	for range 3 {
		if !bytes.Equal(written(t, invoice(50), nil), first) {
			t.Fatal("another time it is another file")
		}
	}
	if !bytes.Contains(first, []byte("/CreationDate (D:20261201000000)")) {
		t.Error("the date is not that of the invoice")
	}
	draft := invoice(1)
	draft.Number, draft.IssuedOn = "", 0
	if !bytes.Contains(written(t, draft, nil), []byte("/CreationDate (D:20261130000000)")) {
		t.Error("the date of a draft is not the end of its period")
	}
	draft.Period = billing.Period{}
	if !bytes.Contains(written(t, draft, nil), []byte("/CreationDate (D:20000101000000)")) {
		t.Error("a draft of no period has another date than that of none")
	}
}

// The pages say all that the sheet does, figures to the letter, in both languages.
func TestSaysAll(t *testing.T) {
	for _, language := range []invoicetext.Language{invoicetext.French, invoicetext.English} {
		opts := &invoicetext.Options{Language: language, Notes: []string{"Merci — Łódź, Αθήνα, Київ"}}
		v := invoice(9)
		v.Lines[0].Label = "Séjour" // longer ones are wrapped
		s, err := invoicetext.SheetOf(v, opts)
		if err != nil {
			t.Fatal(err)
		}
		want := append([]string{s.Title, s.Seller.Role, s.Buyer.Role}, s.Notes...)
		want = append(append(want, s.Seller.Lines...), s.Buyer.Lines...)
		for _, f := range s.Totals {
			want = append(want, f.Name, f.Value)
		}
		for _, f := range s.Facts[:6] { // the kind of supply is wrapped
			want = append(want, f.Name, f.Value)
		}
		for _, x := range s.Taxes {
			want = append(want, x.Regime, x.Base, x.Rate, x.Tax)
		}
		for _, r := range append(append([]invoicetext.Row{s.Columns}, s.Lines...), s.Charges...) {
			want = append(want, r.Day, r.Quantity, r.Price, r.VAT, r.Net, r.What)
		}
		all := texts(t, written(t, v, opts))
		got := "\n" + strings.Join(all, "")
		for _, text := range append(want, s.Page(1, len(all))) {
			if text != "" && !strings.Contains(got, "\n"+text+"\n") {
				t.Errorf("%s: does not say %q", language, text)
			}
		}
	}
}

// A thousand lines are there once each, every page has its number, the head of the table and the title, and totals stand on the last.
func TestThousandLines(t *testing.T) {
	all := texts(t, written(t, invoice(1000), nil))
	if len(all) < 25 || len(all) > 60 {
		t.Errorf("got %d pages", len(all))
	}
	whole := strings.Join(all, "")
	for i := range 1000 {
		if n := strings.Count(whole, fmt.Sprintf("REF-%d\u00a0", i+1)); n != 1 {
			t.Errorf("line %d is there %d times", i+1, n)
		}
	}
	for i, page := range all {
		if !strings.Contains(page, fmt.Sprintf("Page %d sur %d\n", i+1, len(all))) || !strings.Contains(page, "Facture F-2026-0001\n") {
			t.Errorf("page %d has no number, or no title", i+1)
		}
		if strings.Contains(page, "\nREF-") && !strings.Contains(page, "Désignation\n") || strings.Contains(page, "Net à payer") != (i == len(all)-1) {
			t.Errorf("page %d has no head of the table, or totals", i+1)
		}
	}
}

// However many lines there are, totals are whole: the sums are never torn from what is to be paid.
func TestTotalsStayTogether(t *testing.T) {
	for n := 2; n <= 34; n += 2 { // two pages
		whole := 0
		for _, page := range texts(t, written(t, invoice(n), nil)) {
			if strings.Contains(page, "Total des lignes\n") && strings.Contains(page, "Net à payer\n") {
				whole++
			}
		}
		if whole != 1 {
			t.Errorf("%d lines: the totals are torn apart", n)
		}
	}
}

// Texts of any kind are drawn, and cost no figure: what is hostile is replaced or wrapped.
func TestHostileTexts(t *testing.T) {
	s, err := invoicetext.SheetOf(invoice(3), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"(", ")", `\`, "\\) Tj", ") Tj ET Q endstream endobj", "%PDF", "{nb}", "\x00\x1b[31m", "\u202etxt.exe", "漢字", "🏦", "\xff\xfe", " ", "\r\n\f",
		strings.Repeat("W", 1000), strings.Repeat("x ", 1000), strings.Repeat("é\u0301", 400), strings.Repeat("9", 4900),
	} {
		v := invoice(3)
		v.Lines[1].Label, v.Lines[2].Unit, v.Charges[0].Why, v.Seller.Name = text, text[:min(len(text), 50)], text, text
		v.Number = text[:min(len(text), 100)]
		got := strings.Join(texts(t, written(t, v, &invoicetext.Options{Notes: []string{text}})), "")
		for _, f := range s.Totals {
			if !strings.Contains(got, f.Value+"\n") {
				t.Errorf("%.20q: the total %s is not there", text, f.Value)
			}
		}
		if strings.ContainsAny(got, "\x00\x1b\u202e\u2028") {
			t.Errorf("%.20q: it holds what a reader may obey", text)
		}
	}
}

// What cannot be drawn is refused, and nothing is written.
func TestRefusals(t *testing.T) {
	for name, breaks := range map[string]func(v *billing.Invoice){
		"it does not add up":  func(v *billing.Invoice) { v.Totals.Payable = eur("1.00") },
		"too many lines":      func(v *billing.Invoice) { v.Lines = make([]billing.InvoiceLine, pdf.MaxLines+1) },
		"a label too long":    func(v *billing.Invoice) { v.Lines[0].Label = strings.Repeat("x", pdf.MaxText+1) },
		"a number too long":   func(v *billing.Invoice) { v.Number = strings.Repeat("x", 600) },
		"a contract too long": func(v *billing.Invoice) { v.Contract = strings.Repeat("x", 600) },
		"figures too wide": func(v *billing.Invoice) {
			r, err := money.NewRate(123456789012345679, 999999999999999989)
			if err != nil {
				t.Fatal(err)
			}
			v.Lines[0].VAT.Rate = r
			v.Lines[0].Quantity, v.Lines[0].UnitPrice = 1_000_000_000_000_000, 10_000_000_000_000 // a thousand million at ten million
			v.Lines[0].Net = eur("10000000000000000.00")
			added(v)
		},
	} {
		v := invoice(2)
		breaks(v)
		var b bytes.Buffer
		if err := pdf.Write(&b, v, nil); !errors.Is(err, billing.ErrInvalid) || b.Len() > 0 {
			t.Errorf("%s: got %v, and %d bytes", name, err, b.Len())
		}
	}
	if err := pdf.Write(failing{}, invoice(1), nil); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// A letter whose accent is a character of its own, as some machines store names, is drawn as the one letter that it is.
func TestAccentsApart(t *testing.T) {
	v := invoice(1)
	v.Buyer.Name = "Comite\u0301 d'e\u0301te\u0301"
	if got := strings.Join(texts(t, written(t, v, nil)), ""); !strings.Contains(got, "\nComité d'été\n") {
		t.Errorf("got\n%s", got)
	}
}

// Letters that the font does not have are told, each once and in the order of the page; what another package has replaced is none of them.
func TestMissing(t *testing.T) {
	v := invoice(2)
	v.Lines[0].Label = "Łódź, Αθήνα, Київ, e\u0301t\u0000"
	if got, err := pdf.Missing(v, nil); err != nil || len(got) > 0 {
		t.Errorf("got %q, %v, want none", got, err)
	}
	v.Buyer.Name, v.Lines[1].Product, v.Charges[0].Why = "漢字 שלום 字", "🏦", "★"
	got, err := pdf.Missing(v, &invoicetext.Options{Notes: []string{"ไ"}})
	if want := "漢字שלום🏦★ไ"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := pdf.Missing(v, &invoicetext.Options{Language: "pl"}); !errors.Is(err, billing.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
