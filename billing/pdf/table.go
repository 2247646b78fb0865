package pdf

import (
	"fmt"
	"strings"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/invoicetext"
)

// table is a table whose first column is text, and the others are figures.
type table struct {
	*paper
	x      float64
	widths []float64
}

// row is what a row of a table says.
type row struct {
	what    string
	details string // smaller, below
	figures []string
}

const (
	gap     = 4.0  // between columns
	padding = 1.2  // above and below a row
	least   = 30.0 // that a column of text has
)

// tabulate measures a table that is as wide as w: figures get what they need, and the text the rest.
func (p *paper) tabulate(x, w float64, head row, rows []row) (*table, error) {
	t := &table{paper: p, x: x, widths: make([]float64, len(head.figures)+1)}
	for i, f := range head.figures {
		t.widths[i+1] = p.size(heads, f) + gap
	}
	for _, r := range rows {
		for i, f := range r.figures {
			t.widths[i+1] = max(t.widths[i+1], p.size(cells, f)+gap)
		}
	}
	t.widths[0] = w
	for _, of := range t.widths[1:] {
		t.widths[0] -= of
	}
	if t.widths[0] < least {
		return nil, fmt.Errorf("%w invoice: its figures are too wide for paper", billing.ErrInvalid)
	}
	return t, nil
}

// width is that of the whole table.
func (t *table) width() (w float64) {
	for _, of := range t.widths {
		w += of
	}
	return w
}

// figures draws the figures of a row.
func (t *table) figures(s style, figures []string) {
	x := t.x + t.widths[0]
	for i, f := range figures {
		t.text(x, t.widths[i+1]-1, s, f, "R")
		x += t.widths[i+1]
	}
}

// head draws the names of the columns.
func (t *table) head(head row) {
	const h = 6.5
	t.need(h + 10)
	t.band(t.x, t.width(), h, 225)
	t.y += (h - heads.height()) / 2
	t.text(t.x+1, t.widths[0], heads, head.what, "L")
	t.figures(heads, head.figures)
	t.y += h - (h-heads.height())/2 + padding/2
}

// row draws a row. One that is higher than what is left of the page begins on the next, and one that is higher than a page goes on there.
func (t *table) row(r row) {
	w := t.widths[0] - gap
	what, details := t.wrap(cells, r.what, w), t.wrap(small, r.details, w)
	h := float64(max(1, len(what)))*cells.height() + float64(len(details))*small.height() + 2*padding
	t.need(min(h, bottom-top-30))
	t.y += padding
	t.figures(cells, r.figures)
	if len(what) == 0 {
		t.y += cells.height()
	}
	for _, line := range what {
		t.need(cells.height())
		t.text(t.x+1, w, cells, line, "L")
		t.y += cells.height()
	}
	for _, line := range details {
		t.need(small.height())
		t.text(t.x+1, w, small, line, "L")
		t.y += small.height()
	}
	t.y += padding
	t.rule(t.x, t.width(), 215)
}

// rowOf is a line of an invoice as a row of the table.
func rowOf(r *invoicetext.Row) row {
	return row{what: r.What, details: strings.Join(r.Details, "\u00a0· "), figures: []string{r.Day, r.Quantity, r.Price, r.VAT, r.Net}}
}

// lines draws the lines of the invoice, and its charges below.
func (p *paper) lines() error {
	head := rowOf(&p.sheet.Columns)
	rows := make([]row, 0, len(p.sheet.Lines)+len(p.sheet.Charges))
	for i := range p.sheet.Lines {
		rows = append(rows, rowOf(&p.sheet.Lines[i]))
	}
	for i := range p.sheet.Charges {
		rows = append(rows, rowOf(&p.sheet.Charges[i]))
	}
	t, err := p.tabulate(left, width, head, rows)
	if err != nil {
		return err
	}
	t.head(head)
	p.again = func() { t.head(head) }
	for i, r := range rows {
		if i == len(p.sheet.Lines) {
			p.rule(left, width, 90)
		}
		t.row(r)
	}
	p.again = nil
	p.y += 7
	return nil
}

// closing draws the taxes, and the totals to the right of them, or below where there is no room.
func (p *paper) closing() error {
	const between = 6.0
	head := row{what: p.sheet.Taxed.Regime, figures: []string{p.sheet.Taxed.Base, p.sheet.Taxed.Rate, p.sheet.Taxed.Tax}}
	rows := make([]row, len(p.sheet.Taxes))
	for i, t := range p.sheet.Taxes {
		rows[i] = row{what: t.Regime, figures: []string{t.Base, t.Rate, t.Tax}}
	}
	w := p.totalsWidth()
	t, err := p.tabulate(left, width-w-between, head, rows)
	beside := err == nil
	if !beside {
		if t, err = p.tabulate(left, width, head, rows); err != nil {
			return err
		}
	}
	h := p.totalsHeight()
	p.need(max(h, min(float64(len(rows)+1)*9, bottom-top-30)))
	from, page := p.y, p.pdf.PageNo()
	t.head(head)
	p.again = func() { t.head(head) }
	for _, r := range rows {
		t.row(r)
	}
	p.again = nil
	lowest := p.y
	if beside && p.pdf.PageNo() == page {
		p.y = from
	} else {
		p.y += between
		p.need(h)
	}
	p.totals(right-w, w)
	if p.pdf.PageNo() == page {
		p.y = max(p.y, lowest)
	}
	return nil
}

const lineOfTotals = 5.5

func (p *paper) totalsHeight() float64 { return float64(len(p.sheet.Totals)-1)*lineOfTotals + 9 }

// totalsWidth is how wide the totals are.
func (p *paper) totalsWidth() float64 {
	w := 68.0
	for i, f := range p.sheet.Totals {
		s := plain
		if i == len(p.sheet.Totals)-1 {
			s = sums
		}
		w = max(w, p.size(s, f.Name)+p.size(s, f.Value)+10)
	}
	return min(w, width)
}

// totals draws the totals; the last one, which is to be paid, stands out.
func (p *paper) totals(x, w float64) {
	last := len(p.sheet.Totals) - 1
	for i, f := range p.sheet.Totals {
		s, h := plain, lineOfTotals
		if i == last {
			s, h = sums, 9
			p.band(x, w, h, 225)
		}
		y := p.y
		p.y += (h - s.height()) / 2
		p.text(x+2, w-4, s, f.Name, "L")
		p.text(x+2, w-4, s, f.Value, "R")
		p.y = y + h
	}
}
