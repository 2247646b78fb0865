package pdf

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/invoicetext"
)

// fonts say which letters can be drawn.
type fonts struct {
	regular *sfnt.Font
	buffer  sfnt.Buffer
	instead rune // of a letter that cannot
}

func newFonts() (*fonts, error) {
	font, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("pdf: font: %w", err)
	}
	f := &fonts{regular: font, instead: '?'}
	if f.has(utf8.RuneError) {
		f.instead = utf8.RuneError
	}
	return f, nil
}

func (f *fonts) has(r rune) bool {
	i, err := f.regular.GlyphIndex(&f.buffer, r)
	return err == nil && i != 0
}

// drawable returns a text without the letters that cannot be drawn. The font has letters with their accents, and no accents alone.
func (f *fonts) drawable(s string) string {
	s = norm.NFC.String(s)
	for _, r := range s {
		if !f.has(r) {
			runes := []rune(s)
			for i, r := range runes {
				if !f.has(r) {
					runes[i] = f.instead
				}
			}
			return string(runes)
		}
	}
	return s
}

// Missing returns the letters of an invoice that the font does not have, each once, in the order of the page: Write draws them as U+FFFD. A
// paper that does not name its buyer is no invoice, so a host that may have such names asks before it sends one.
//
// Missing returns the errors of invoicetext.SheetOf.
func Missing(v *billing.Invoice, opts *invoicetext.Options) ([]rune, error) {
	s, err := invoicetext.SheetOf(v, opts)
	if err != nil {
		return nil, err
	}
	f, err := newFonts()
	if err != nil {
		return nil, err
	}
	var missing []rune
	for _, text := range said(s) {
		for _, r := range norm.NFC.String(text) {
			if r != utf8.RuneError && !f.has(r) && !slices.Contains(missing, r) {
				missing = append(missing, r)
			}
		}
	}
	return missing, nil
}

// said are the texts of a sheet that come from outside.
func said(s *invoicetext.Sheet) []string {
	texts := append([]string{s.Title}, slices.Concat(s.Seller.Lines, s.Buyer.Lines)...)
	for _, f := range s.Facts {
		texts = append(texts, f.Value)
	}
	for _, r := range slices.Concat(s.Lines, s.Charges) {
		texts = append(append(texts, r.What), r.Details...)
	}
	for _, t := range s.Taxes {
		texts = append(texts, t.Regime)
	}
	return append(texts, s.Notes...)
}
