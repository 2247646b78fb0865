package pdf

import (
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/invoicetext"
	"github.com/payrules/payrules/civil"
)

// Bounds of what goes on paper.
const (
	MaxLines = 20_000 // of an invoice: some 700 pages
	MaxText  = 5_000  // characters that one line of the table, one party or one note has to say
	maxFact  = 500    // characters of a fact, which is not broken over pages, and of the title
)

// Write writes an invoice as a PDF.
//
// Write returns an error if:
//   - the invoice does not add up, or opts are not valid: see invoicetext.SheetOf;
//   - it has more than MaxLines lines, a text of more than MaxText characters (500 of an identifier), or figures too wide for paper (these wrap
//     billing.ErrInvalid, and nothing was written);
//   - w fails.
func Write(w io.Writer, v *billing.Invoice, opts *invoicetext.Options) error {
	if len(v.Lines) > MaxLines {
		return fmt.Errorf("%w invoice: %d lines, want %d at most", billing.ErrInvalid, len(v.Lines), MaxLines)
	}
	s, err := invoicetext.SheetOf(v, opts)
	if err != nil {
		return err
	}
	if err := checkTexts(s); err != nil {
		return err
	}
	fonts, err := newFonts()
	if err != nil {
		return err
	}
	first := newPaper(s, fonts, v, 0)
	if err := first.draw(); err != nil {
		return err
	}
	p := newPaper(s, fonts, v, first.pdf.PageCount())
	if err := p.draw(); err != nil {
		return err
	}
	if err := p.pdf.Output(w); err != nil {
		return fmt.Errorf("pdf: write: %w", err)
	}
	return nil
}

// checkTexts bounds what has to be wrapped.
func checkTexts(s *invoicetext.Sheet) error {
	sum := func(texts ...string) (n int) {
		for _, t := range texts {
			n += utf8.RuneCountInString(t)
		}
		return n
	}
	long := sum(s.Title) > maxFact || sum(s.Seller.Lines...) > MaxText || sum(s.Buyer.Lines...) > MaxText
	for _, f := range s.Facts {
		long = long || sum(f.Value) > maxFact
	}
	for _, n := range s.Notes {
		long = long || sum(n) > MaxText
	}
	for _, t := range s.Taxes {
		long = long || sum(t.Regime) > MaxText
	}
	for _, rows := range [...][]invoicetext.Row{s.Lines, s.Charges} {
		for i := range rows {
			long = long || sum(rows[i].What)+sum(rows[i].Details...) > MaxText
		}
	}
	if long {
		return fmt.Errorf("%w invoice: a text of more than %d characters, or an identifier of more than %d", billing.ErrInvalid, MaxText, maxFact)
	}
	return nil
}

// dated is the date in the file: a clock would make every file another one.
func dated(v *billing.Invoice) time.Time {
	for _, d := range [...]civil.Date{v.IssuedOn, v.Period.Through} {
		if d.Valid() {
			return d.Start(time.UTC)
		}
	}
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
}

// newPaper makes a document with no page yet.
func newPaper(s *invoicetext.Sheet, f *fonts, v *billing.Invoice, pages int) *paper {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true) // the order of fonts and the like would be that of a map
	pdf.SetCreationDate(dated(v))
	pdf.SetModificationDate(dated(v))
	pdf.SetTitle(f.drawable(s.Title), true)
	pdf.SetProducer("payrules", false)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(left, top, left)
	pdf.SetCellMargin(0)
	pdf.AddUTF8FontFromBytes(family, "", goregular.TTF)
	pdf.AddUTF8FontFromBytes(family, "B", gobold.TTF)
	return &paper{pdf: pdf, sheet: s, fonts: f, pages: pages}
}
