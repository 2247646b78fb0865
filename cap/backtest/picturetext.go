package backtest

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of pictures. What lies beyond is taken for the nearer bound.
const (
	minTextWidth, maxTextWidth   = 40, 500 // columns of a terminal
	minTextHeight, maxTextHeight = 8, 100  // lines
)

// Text draws the course as blocks, in so many columns and lines at most, for a terminal or a log; from 40 to 500 columns
// and 8 to 100 lines. Of the limit's maxima, that of amount is drawn if there is one, or else that of count. Times are of
// the zone; nil stands for UTC.
//
//	 300.00 ┤╌╌╌╌╌╌╌╌╌╌╌╌╌   the limit: what is used never passes it, unless it was forced
//	        │    ████████▄
//	   0.00 └────┬────────
//	             17 Nov      when
//	came back             ▾  room came back
//	  refused       ×        an attempt was refused, at its instant
func (c *Course) Text(width, height int, zone *time.Location) string {
	p := c.draw(zone)
	width, height = clamp(width, minTextWidth, maxTextWidth), clamp(height, minTextHeight, maxTextHeight)
	const backText, refusedText = "came back", "refused"
	margin := max(len(p.label(p.top)), len(backText))
	columns := width - margin - 2
	used, limit := p.columnsOf(columns)
	lines := p.bars(used, limit, margin, height-5)
	axis, names := p.axis(columns)
	lines = append([]string{shorten(p.title(), width)}, lines...)
	lines = append(lines, pad(p.label(0), margin)+" └"+axis, pad("", margin)+"  "+names)
	backs, refusals := p.instants()
	lines = append(lines, pad(backText, margin)+"  "+marks(p.marked(columns, backs), '▾'))
	lines = append(lines, pad(refusedText, margin)+"  "+marks(p.marked(columns, refusals), '×'))
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// bars draws what is used in so many lines: those up to the limit, one for the limit itself, and those above it, as many
// as the share of what is used beyond.
func (p *picture) bars(used, limit []int64, margin, height int) []string {
	below := height - 1
	if p.top > p.limit {
		below = int(max(scale(p.limit, p.top, int64(height-1)), min(p.limit, 1)))
		below = min(below, height-2)
	}
	above := height - 1 - below
	var lines []string
	for row := height - 1; row >= 0; row-- {
		label, mark := "", "│"
		switch {
		case row == below:
			label, mark = p.label(p.limit), "┤"
		case row == height-1:
			label, mark = p.label(p.top), "┤"
		case 2*(row+1) == below && p.limit%2 == 0:
			label, mark = p.label(p.limit/2), "┤"
		}
		var line strings.Builder
		line.WriteString(pad(label, margin) + " " + mark)
		for i := range used {
			line.WriteRune(p.cell(row, below, above, used[i], limit[i]))
		}
		lines = append(lines, line.String())
	}
	return lines
}

// cell is what stands in one row of a column.
func (p *picture) cell(row, below, above int, used, limit int64) rune {
	level := func(value int64) int { return int(scale(value, p.limit, int64(below)*8)) } // in eighths of a row
	switch {
	case row == below && used > p.limit:
		return '█'
	case row == below && limit == p.limit:
		return '╌'
	case row == below:
		return ' '
	case row > below:
		over := int(scale(used-p.limit, p.top-p.limit, int64(above)*8))
		return block(over - 8*(row-below-1))
	}
	eighths := level(used)
	if used > 0 {
		eighths = max(eighths, 1) // what there is, is seen
	}
	if limit < p.limit && level(limit)/8 == row && eighths <= 8*row {
		return '╌' // a limit that is lower for a while
	}
	return block(eighths - 8*row)
}

// block is a block of so many eighths.
func block(eighths int) rune { return []rune(" ▁▂▃▄▅▆▇█")[clamp(eighths, 0, 8)] }

// axis draws the axis of time, and the line of its labels.
func (p *picture) axis(columns int) (axis, names string) {
	line, text := slices.Repeat([]rune{'─'}, columns), slices.Repeat([]rune{' '}, columns)
	free := 0
	for _, t := range p.ticks(columns / 10) {
		at := p.column(t.at, columns)
		line[at] = '┬'
		label := []rune(t.text)
		start := clamp(at-len(label)/2, 0, columns-len(label))
		if start < free {
			continue
		}
		copy(text[start:], label)
		free = start + len(label) + 1
	}
	return string(line), string(text)
}

func marks(at []bool, mark rune) string {
	out := make([]rune, len(at))
	for i, yes := range at {
		if out[i] = ' '; yes {
			out[i] = mark
		}
	}
	return string(out)
}

// pad puts spaces before s.
func pad(s string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s))) + s
}

// shorten cuts s off.
func shorten(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:width-1]) + "…"
}
