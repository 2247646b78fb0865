package pdf

import (
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"github.com/payrules/payrules/billing/invoicetext"
)

// Measures of the page, in millimetres.
const (
	left   = 15.0
	right  = 195.0
	top    = 15.0
	bottom = 277.0 // below it is the foot
	width  = right - left
)

const family = "go"

// style is how a text is drawn.
type style int

const (
	titles style = iota
	names
	plain
	labels
	heads
	cells
	small
	sums
)

// looks are the styles. Sizes are in points, and a grey of 0 is black.
var looks = [...]struct {
	size float64
	bold bool
	grey int
}{
	titles: {size: 18, bold: true},
	names:  {size: 10, bold: true},
	plain:  {size: 9},
	labels: {size: 7.5, grey: 110},
	heads:  {size: 8, bold: true},
	cells:  {size: 8.5},
	small:  {size: 7.5, grey: 90},
	sums:   {size: 11, bold: true},
}

// height is how far apart lines are.
func (s style) height() float64 { return looks[s].size * 0.45 }

// paper is a document on its way out.
type paper struct {
	pdf   *fpdf.Fpdf
	sheet *invoicetext.Sheet
	fonts *fonts
	pages int // there will be; 0 while they are counted

	y     float64
	again func() // draws what has to be repeated on the next page, if anything
}

// use makes a style that of what is drawn next.
func (p *paper) use(s style) {
	look, bold := looks[s], ""
	if look.bold {
		bold = "B"
	}
	p.pdf.SetFont(family, bold, look.size)
	p.pdf.SetTextColor(look.grey, look.grey, look.grey)
}

// text draws one line with its left side at x; to the right of it there are w.
func (p *paper) text(x, w float64, s style, text, align string) {
	p.use(s)
	p.pdf.SetXY(x, p.y)
	p.pdf.CellFormat(w, s.height(), p.fonts.drawable(text), "", 0, align+"M", false, 0, "")
}

// size is how wide a text is drawn.
func (p *paper) size(s style, text string) float64 {
	p.use(s)
	return p.pdf.GetStringWidth(p.fonts.drawable(text))
}

// wrap splits a text into lines that are no wider than w, between words where that can be.
func (p *paper) wrap(s style, text string, w float64) (lines []string) {
	p.use(s)
	line, room := "", w
	flush := func() {
		if line != "" {
			lines = append(lines, line)
		}
		line, room = "", w
	}
	space := p.pdf.GetStringWidth(" ")
	for word := range strings.SplitSeq(p.fonts.drawable(text), " ") {
		size := p.pdf.GetStringWidth(word)
		if line != "" && size+space <= room {
			line += " " + word
			room -= size + space
			continue
		}
		flush()
		if size <= w {
			line, room = word, w-size
			continue
		}
		for _, r := range word { // longer than a line: it is broken between letters
			size := p.pdf.GetStringWidth(string(r))
			if size > room {
				flush()
			}
			line += string(r)
			room -= size
		}
	}
	flush()
	return lines
}

// need begins another page if what comes next, of the height h, has no place on this one.
func (p *paper) need(h float64) {
	if p.y+h > bottom {
		p.page()
	}
}

// page begins a page with its foot, and from the second on with the title.
func (p *paper) page() {
	p.pdf.AddPage()
	n := p.pdf.PageNo()
	p.y = bottom + 7
	title := p.wrap(small, p.sheet.Title, width-40)[0]
	p.text(left, width, small, title, "L")
	p.text(left, width, small, p.sheet.Page(n, max(p.pages, n)), "R")
	p.y = top
	if n == 1 {
		return
	}
	p.text(left, width, names, p.wrap(names, p.sheet.Title, width)[0], "L")
	p.y += 8
	if p.again != nil {
		p.again()
	}
}

// block draws lines of a text below one another.
func (p *paper) block(x, w float64, s style, text string) {
	for _, line := range p.wrap(s, text, w) {
		p.need(s.height())
		p.text(x, w, s, line, "L")
		p.y += s.height()
	}
}

// band fills the background from y on.
func (p *paper) band(x, w, h float64, grey int) {
	p.pdf.SetFillColor(grey, grey, grey)
	p.pdf.Rect(x, p.y, w, h, "F")
}

// rule draws a thin line.
func (p *paper) rule(x, w float64, grey int) {
	p.pdf.SetDrawColor(grey, grey, grey)
	p.pdf.SetLineWidth(0.2)
	p.pdf.Line(x, p.y, x+w, p.y)
}

// draw draws all of it.
func (p *paper) draw() error {
	p.page()
	p.block(left, width, titles, p.sheet.Title)
	p.y += 4
	p.parties()
	p.facts()
	if err := p.lines(); err != nil {
		return err
	}
	if err := p.closing(); err != nil {
		return err
	}
	p.notes()
	if err := p.pdf.Error(); err != nil {
		return fmt.Errorf("pdf: draw: %w", err)
	}
	return nil
}

// parties draws the seller, and the buyer to the right of it. Both are short, but for names that nobody has.
func (p *paper) parties() {
	const column = 85.0
	from, page, lowest := p.y, p.pdf.PageNo(), p.y
	for i, of := range [...]*invoicetext.Party{&p.sheet.Seller, &p.sheet.Buyer} {
		if p.pdf.PageNo() == page {
			p.y = from
		}
		x := left + float64(i)*(width-column)
		p.block(x, column, labels, of.Role)
		p.y++
		for k, line := range of.Lines {
			s := plain
			if k == 0 {
				s = names
			}
			p.block(x, column, s, line)
		}
		lowest = max(lowest, p.y)
	}
	if p.pdf.PageNo() == page {
		p.y = lowest
	}
	p.y += 6
}

// facts draws names with their values below, three beside one another.
func (p *paper) facts() {
	const columns, gap = 3, 4.0
	const column = (width - (columns+1)*gap) / columns
	for from := 0; from < len(p.sheet.Facts); from += columns {
		row := p.sheet.Facts[from:min(from+columns, len(p.sheet.Facts))]
		var values [columns][]string
		most := 0
		for i, f := range row {
			values[i] = p.wrap(plain, f.Value, column)
			most = max(most, len(values[i]))
		}
		h := labels.height() + float64(most)*plain.height() + 2.5
		p.need(min(h, bottom-top-20))
		p.band(left, width, min(h, bottom-p.y), 245)
		p.y++
		y := p.y
		for i, f := range row {
			p.y = y
			x := left + gap + float64(i)*(column+gap)
			p.text(x, column, labels, f.Name, "L")
			p.y += labels.height()
			for _, line := range values[i] {
				p.text(x, column, plain, line, "L")
				p.y += plain.height()
			}
		}
		p.y = y + h - 1
	}
	p.y += 6
}

// notes draws what stands below.
func (p *paper) notes() {
	p.y += 4
	for _, n := range p.sheet.Notes {
		p.block(left, width, small, n)
		p.y++
	}
}
