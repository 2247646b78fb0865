package backtest

import (
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"strings"
	"time"
)

// Bounds of SVG pictures, in pixels. What lies beyond is taken for the nearer bound.
const (
	minSVGWidth, maxSVGWidth   = 320, 4000
	minSVGHeight, maxSVGHeight = 200, 2000
)

// svgStyle colours the picture for light and dark. All text stands on the picture's own ground, so that it can be read
// wherever the picture is put.
const svgStyle = `
text{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:#1f2328}
.title{font-size:15px;font-weight:600}
.note,.axis{fill:#59636e}
.ground{fill:#ffffff}
.grid{stroke:#d8dee4;stroke-width:1}
.area{fill:#0969da;fill-opacity:.16}
.used{fill:none;stroke:#0969da;stroke-width:2}
.limit{fill:none;stroke:#9a6700;stroke-width:2;stroke-dasharray:6 4}
.back{fill:#1a7f37}
.asked{stroke:#cf222e;stroke-width:1.5;stroke-dasharray:2 3}
.refused{fill:none;stroke:#cf222e;stroke-width:2.5}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}
.note,.axis{fill:#9da7b1}
.ground{fill:#0d1117}
.grid{stroke:#30363d}
.area{fill:#4493f8;fill-opacity:.25}
.used{stroke:#4493f8}
.limit{stroke:#d29922}
.back{fill:#3fb950}
.asked,.refused{stroke:#ff7b72}
}
`

// SVG draws the course as a picture of so many pixels, from 320 to 4000 wide and 200 to 2000 high, that a page can show or
// hold in itself. It has a title and a description for those who cannot see it, needs nothing from elsewhere, runs no
// script, and follows the reader's choice of light or dark. Of the limit's maxima, that of amount is drawn if there is one, or
// else that of count. Times are of the zone; nil stands for UTC.
func (c *Course) SVG(width, height int, zone *time.Location) string {
	p := c.draw(zone)
	s := svg{picture: p, width: clamp(width, minSVGWidth, maxSVGWidth), height: clamp(height, minSVGHeight, maxSVGHeight)}
	s.most = p.top + p.top/12 + 1 // some air above the highest
	if len(p.Refusals) > 0 {
		s.most += p.top / 6 // and for the crosses
	}
	rungs := p.rungs(s.most, s.height/40)
	widest := len(p.label(rungs[len(rungs)-1].at))
	s.left, s.right, s.above, s.below = 20+7*widest, s.width-20, 62, s.height-62
	s.open()
	s.grid(rungs)
	s.course()
	s.marks()
	s.legend()
	s.out.WriteString("</svg>\n")
	return s.out.String()
}

// svg is a picture while it is written. Lengths are pixels, places on the plot tenths of them.
type svg struct {
	*picture
	out                       strings.Builder
	width, height             int
	left, right, above, below int   // the edges of the plot
	most                      int64 // the value at its upper edge
}

// line writes one element.
func (s *svg) line(format string, args ...any) {
	fmt.Fprintf(&s.out, format, args...)
	s.out.WriteByte('\n')
}

// text writes text at a place.
func (s *svg) text(class, anchor string, x, y int, what string) {
	s.line(`<text class="%s" text-anchor="%s" x="%d" y="%d">%s</text>`, class, anchor, x, y, escape(what))
}

// escape makes s safe inside an element.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// x returns the place of an instant, in tenths of a pixel.
func (s *svg) x(at int64) int64 {
	return int64(s.left)*10 + scale(at-s.from, s.span, int64(s.right-s.left)*10)
}

// y returns the place of a value, in tenths of a pixel.
func (s *svg) y(value int64) int64 {
	return int64(s.below)*10 - scale(value, s.most, int64(s.below-s.above)*10)
}

// px writes tenths of a pixel.
func px(tenths int64) string {
	if tenths%10 == 0 {
		return fmt.Sprint(tenths / 10)
	}
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}

// open writes what stands before the plot. The ids are drawn from the content, so that several pictures fit one page.
func (s *svg) open() {
	title, summary := s.title(), s.summary()
	h := fnv.New64a()
	fmt.Fprint(h, title, summary, s.steps, s.width, s.height)
	id := fmt.Sprintf("cap%016x", h.Sum64())
	s.line(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="%s-t %s-d" id="%s">`,
		s.width, s.height, s.width, s.height, id, id, id)
	s.line(`<title id="%s-t">%s</title>`, id, escape(title))
	s.line(`<desc id="%s-d">%s</desc>`, id, escape(summary))
	style := strings.NewReplacer("\n.", "\n#"+id+" .", ",.", ",#"+id+" .", "\ntext", "\n#"+id+" text").Replace(svgStyle)
	s.line(`<style>%s</style>`, style)
	s.line(`<rect class="ground" width="%d" height="%d" rx="6"/>`, s.width, s.height)
	s.text("title", "start", 16, 26, shorten(title, (s.width-32)/9))
	s.text("note", "start", 16, 45, shorten(fmt.Sprintf("%s to %s, times of %s", s.time(s.from), s.time(s.from+s.span), s.zone), (s.width-32)/7))
}

// grid writes the axes: values on the left, time below.
func (s *svg) grid(rungs []tick) {
	for _, r := range rungs {
		y := s.y(r.at)
		s.line(`<line class="grid" x1="%d" x2="%d" y1="%s" y2="%s"/>`, s.left, s.right, px(y), px(y))
		s.text("axis", "end", s.left-8, int(y+40)/10, r.text)
	}
	for _, t := range s.ticks((s.right - s.left) / 70) {
		x := s.x(t.at)
		s.line(`<line class="grid" x1="%s" x2="%s" y1="%d" y2="%d"/>`, px(x), px(x), s.below, s.below+5)
		s.text("axis", "middle", clamp(int(x/10), s.left+10, s.right-18), s.below+19, t.text)
	}
}

// course writes what is used, and the limit.
func (s *svg) course() {
	used := s.path(func(p step) int64 { return p.used })
	first, base := px(s.x(s.from)), px(s.y(0))
	s.line(`<path class="area" d="M%s %sV%sV%sZ"/>`, first, base, used, base)
	s.line(`<path class="used" d="M%s %s"/>`, first, used)
	s.line(`<path class="limit" d="M%s %s"/>`, first, s.path(func(p step) int64 { return p.limit }))
}

// path writes the course of a value behind its first place, up to the right edge. Of what lies in one tenth of a pixel, the
// highest, the lowest and the last are enough.
func (s *svg) path(value func(step) int64) string {
	var b strings.Builder
	before := s.y(value(s.steps[0]))
	b.WriteString(px(before))
	for i := 1; i < len(s.steps); {
		x, last := s.x(s.steps[i].at), before
		high, low := before, before
		for ; i < len(s.steps) && s.x(s.steps[i].at) == x; i++ {
			last = s.y(value(s.steps[i]))
			high, low = min(high, last), max(low, last)
		}
		if high == low {
			continue
		}
		b.WriteString("H" + px(x))
		for _, y := range [...]int64{high, low, last} {
			if y != before {
				b.WriteString("V" + px(y))
				before = y
			}
		}
	}
	return b.String() + "H" + px(int64(s.right)*10)
}

// marks writes what came back, and what was refused. Of those that would cover one another the first is drawn, and says
// how many they are.
func (s *svg) marks() {
	const apart = 80 // tenths of a pixel
	backs := s.backs()
	for i := 0; i < len(backs); {
		b, from := backs[i], i
		x, y := s.x(b.at), (s.y(b.from)+s.y(b.to))/2
		for i++; i < len(backs) && s.x(backs[i].at)-x < apart; i++ {
		}
		s.line(`<path class="back" d="M%s %sh9l-4.5 7z"><title>%s came back, %s%s</title></path>`, px(x-45), px(y-35),
			escape(s.value(b.from-b.to)), s.time(b.at), others(i-from))
	}
	for i := 0; i < len(s.Refusals); {
		r, from := s.Refusals[i], i
		x := s.x(r.At.UnixMicro())
		for i++; i < len(s.Refusals) && s.x(s.Refusals[i].At.UnixMicro())-x < apart; i++ {
		}
		s.refused(r, x, others(i-from))
	}
}

// others says that so many marks stand for one.
func others(n int) string {
	if n < 2 {
		return ""
	}
	return ", and " + count(int64(n-1), "other")
}

// refused writes a cross where what was asked would have come to, or at the upper edge, on a line from what was used.
func (s *svg) refused(r Refused, x int64, more string) {
	used := int64(0)
	if p, ok := s.At(r.At); ok {
		if used = p.Count; s.currency != 0 {
			used = p.Used.Minor()
		}
	}
	asked := int64(1)
	if s.currency != 0 {
		asked = max(0, r.Amount.Minor())
	}
	asked = min(asked, s.most-min(used, s.most))
	y := max(s.y(used+asked), int64(s.above)*10+40)
	s.line(`<line class="asked" x1="%s" x2="%s" y1="%s" y2="%s"/>`, px(x), px(x), px(s.y(used)), px(y))
	what := r.Command
	if r.Amount.Valid() {
		what += " of " + amount(r.Amount)
	}
	s.line(`<path class="refused" d="M%s %sl8 8m0 -8l-8 8"><title>%s %s, %s%s</title></path>`, px(x-40), px(y-40),
		escape(what), escape(r.Verdict.String()), s.time(r.At.UnixMicro()), more)
}

// legend writes what the signs mean, the limit as it stands at the end.
func (s *svg) legend() {
	x, y := s.left, s.height-16
	if s.width < 520 {
		x = 16
	}
	limit := "limit " + s.value(s.steps[len(s.steps)-1].limit)
	if x+270+7*len(limit) > s.width {
		limit = "limit"
	}
	for _, l := range [...]struct {
		sign, text string
		width      int
	}{
		{`<path class="used" d="M%d %dh20"/>`, "used", 68},
		{`<path class="back" d="M%d %dm6 -4h9l-4.5 7z"/>`, "came back", 98},
		{`<path class="refused" d="M%d %dm6 -4l8 8m0 -8l-8 8"/>`, "refused", 82},
		{`<path class="limit" d="M%d %dh20"/>`, limit, 0},
	} {
		s.line(l.sign, x, y-4)
		s.text("note", "start", x+26, y, l.text)
		x += l.width
	}
}
