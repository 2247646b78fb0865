package invoicetext

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/payrules/payrules/billing"
)

// Write writes an invoice, a credit note or a draft as a page of plain text in UTF-8, as the package documentation draws it.
//
// Write returns an error if the invoice does not add up, or opts are not valid (they wrap billing.ErrInvalid, and nothing was written), or
// if w fails.
//
// It costs O(n) for n lines.
func Write(w io.Writer, v *billing.Invoice, opts *Options) error {
	s, err := SheetOf(v, opts)
	if err != nil {
		return err
	}
	p := page{bufio.NewWriter(w)}
	p.line(s.Title)
	p.line("")
	p.facts(s.Facts)
	for _, of := range [...]*Party{&s.Seller, &s.Buyer} {
		for i, text := range of.Lines {
			role := ""
			if i == 0 {
				role = of.Role
				p.line("")
			}
			p.facts([]Fact{{role, text}})
		}
	}
	p.line("")
	p.table(rows(s))
	p.line("")
	p.table(taxes(s))
	p.line("")
	p.totals(s.Totals)
	for i, note := range s.Notes {
		if i == 0 {
			p.line("")
		}
		p.line(note)
	}
	if err := p.Flush(); err != nil {
		return fmt.Errorf("invoicetext: write: %w", err)
	}
	return nil
}

// page writes lines. The writer keeps its first error for Flush.
type page struct{ *bufio.Writer }

func (p page) line(s string) { _, _ = p.WriteString(strings.TrimRight(s, " ") + "\n") } // Flush says what went wrong

// facts writes names, and what they are of beside.
func (p page) facts(facts []Fact) {
	const width = 27
	for _, f := range facts {
		p.line(pad(f.Name, width) + "  " + f.Value)
	}
}

// totals writes sums below one another, to the right of their names. What is to be paid has its currency behind it.
func (p page) totals(totals []Fact) {
	rows := make([][3]string, len(totals))
	name, figure := 0, 0
	for i, f := range totals {
		value, currency := f.Value, ""
		if last := len(totals) - 1; i == last {
			at := strings.LastIndex(value, "\u00a0")
			value, currency = value[:at], " "+value[at+len("\u00a0"):]
		}
		rows[i] = [...]string{f.Name, value, currency}
		name, figure = max(name, size(f.Name)), max(figure, size(value))
	}
	for _, r := range rows {
		p.line(pad(r[0], name) + "  " + strings.Repeat(" ", figure-size(r[1])) + r[1] + r[2])
	}
}

// table writes rows whose cells, the last one aside, are figures that stand to the right. The first row is the head, and a row of none
// is a rule.
func (p page) table(rows [][]string) {
	widths := make([]int, len(rows[0])-1)
	for _, row := range rows {
		for i := range min(len(row), len(widths)) {
			widths[i] = max(widths[i], size(row[i]))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, width := range widths {
			if row == nil {
				b.WriteString(strings.Repeat("-", width) + "  ")
				continue
			}
			b.WriteString(strings.Repeat(" ", width-size(row[i])) + row[i] + "  ")
		}
		if row == nil {
			b.WriteString(strings.Repeat("-", size(rows[0][len(widths)])))
		} else {
			b.WriteString(row[len(widths)])
		}
		p.line(b.String())
	}
}

// rows are the lines and the charges of an invoice: figures first, and what describes them last, so that no letter, however wide it is
// drawn, can move a figure.
func rows(s *Sheet) [][]string {
	cells := func(r *Row) []string {
		what := strings.Join(append([]string{r.What}, r.Details...), " | ")
		return []string{r.Day, r.Quantity, r.Price, r.VAT, r.Net, what}
	}
	all := [][]string{cells(&s.Columns), nil}
	for i := range s.Lines {
		all = append(all, cells(&s.Lines[i]))
	}
	if len(s.Charges) > 0 {
		all = append(all, nil)
	}
	for i := range s.Charges {
		all = append(all, cells(&s.Charges[i]))
	}
	return all
}

func taxes(s *Sheet) [][]string {
	all := [][]string{{s.Taxed.Base, s.Taxed.Rate, s.Taxed.Tax, s.Taxed.Regime}, nil}
	for _, t := range s.Taxes {
		all = append(all, []string{t.Base, t.Rate, t.Tax, t.Regime})
	}
	return all
}

func size(s string) int { return utf8.RuneCountInString(s) }

// pad fills a text up with spaces.
func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-size(s))) }
