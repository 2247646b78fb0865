package backtest_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// scenes are the courses of the golden pictures.
func scenes(t testing.TB) map[string]*backtest.Course {
	trace := func(p *cap.Policy, limit string, history []backtest.Attempt, o *backtest.TraceOptions) *backtest.Course {
		c, err := backtest.Trace(p, limit, history, o)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	week := policy(day, cap.Limit{Name: "week", Max: eur(300_00), Window: cap.Rolling(7 * day)})
	shopping := []backtest.Attempt{
		pay("", "coffee", 0, 110_00), pay("", "shoes", 24, 110_00), pay("", "dinner", 48, 110_00), pay("", "book", 77, 40_00),
		pay("", "coat", 120, 90_00), pay("", "ticket", 168, 100_00),
	}
	forced := append(slices.Clone(shopping), backtest.Attempt{Command: cap.ForcePost(spend("toll", 192, 300_00))})
	few := policy(day, cap.Limit{Name: "few", MaxCount: 3, Window: cap.Calendar(cap.Day, berlin)})
	var visits []backtest.Attempt
	for i := range 14 {
		visits = append(visits, pay("", fmt.Sprint(i), 5*i, 1))
	}
	raised := cap.Limit{Name: "raised", Max: eur(100_00), Window: cap.RollingDays(3, berlin)}
	raised.Overrides = []cap.Override{{From: hours(100), Until: hours(220), Max: eur(250_00)}}
	var holiday []backtest.Attempt
	for i := range 40 {
		holiday = append(holiday, pay("", fmt.Sprint(i), 9*i, 22_00))
	}
	yen := cap.MustPolicy(money.JPY, []cap.Limit{{Name: "month", Max: money.New(1_000_000, money.JPY), Window: cap.Calendar(cap.Month, berlin)}}, nil)
	var year []backtest.Attempt
	for i := range 400 {
		s := cap.Spend{ID: fmt.Sprint(i), At: monday.Add(time.Duration(i) * 20 * time.Hour), Amount: money.New(int64(10_000+i*i%47_000), money.JPY)}
		year = append(year, backtest.Attempt{Spend: s})
	}
	return map[string]*backtest.Course{
		"week":    trace(week, "week", shopping, nil),
		"over":    trace(week, "week", forced, nil),
		"count":   trace(few, "few", visits, nil),
		"raised":  trace(policy(day, raised), "raised", holiday, nil),
		"year":    trace(yen, "month", year, nil),
		"nothing": trace(week, "week", nil, &backtest.TraceOptions{From: monday, Until: hours(24)}),
		"instant": trace(week, "week", shopping[:1], &backtest.TraceOptions{From: monday, Until: monday}),
	}
}

// The pictures are what somebody has looked at: go test ./cap/backtest -update writes them anew, and then look again.
func TestPictureGolden(t *testing.T) {
	for name, c := range scenes(t) {
		for file, got := range map[string]string{
			name + ".txt": c.Text(80, 18, berlin), name + ".svg": c.SVG(800, 360, berlin),
		} {
			golden.File(t, filepath.Join("testdata", file), []byte(got), *update)
		}
	}
}

// anyCourse draws a course of any limit and span.
func anyCourse(t *rapid.T) *backtest.Course {
	p := anyPolicy(t, "policy")
	limits := slices.DeleteFunc(p.Limits(), func(l cap.Limit) bool { return l.Window.Equal(cap.PerTransaction()) })
	limit := rapid.SampledFrom(limits).Draw(t, "limit").Name
	o := &backtest.TraceOptions{}
	if rapid.Bool().Draw(t, "given") {
		from := rapid.IntRange(-20, 300).Draw(t, "from")
		o = &backtest.TraceOptions{From: hours(from), Until: hours(from + rapid.IntRange(0, 2000).Draw(t, "span"))}
	}
	c, err := backtest.Trace(p, limit, anyHistory(t, 30, 1, false), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A picture of text keeps its bounds. In it, what is used stands above the line of the limit exactly where the limit was
// passed, and every column in which anything was used has a block.
func TestTextTellsTheTruth(t *testing.T) {
	property(t, func(t *rapid.T) {
		c := anyCourse(t)
		width, height := rapid.IntRange(0, 200).Draw(t, "width"), rapid.IntRange(0, 60).Draw(t, "height")
		text := c.Text(width, height, berlin)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > max(height, 8) {
			t.Fatalf("%d lines, want at most %d:\n%s", len(lines), height, text)
		}
		for _, l := range lines {
			if n := utf8.RuneCountInString(l); n > min(max(width, 40), 500) {
				t.Fatalf("%d columns:\n%s", n, text)
			}
		}
		axis := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "└") })
		left := slices.Index([]rune(lines[axis]), '└') + 1
		columns := utf8.RuneCountInString(lines[axis]) - left
		cell := func(line int, p backtest.Point) string {
			i := 0
			if span := c.Until.Sub(c.From); span > 0 {
				i = min(int(p.At.Sub(c.From).Microseconds()*int64(columns)/span.Microseconds()), columns-1)
			}
			if row := []rune(lines[line]); left+i < len(row) {
				return string(row[left+i])
			}
			return " "
		}
		const blocks = "▁▂▃▄▅▆▇█"
		most, over := int64(0), false
		for _, p := range c.Points {
			most = max(most, limitOf(c, p))
		}
		for _, p := range c.Points {
			over = over || usedOf(c, p) > most
			if usedOf(c, p) > 0 && !strings.Contains(blocks, cell(axis-1, p)) {
				t.Fatalf("nothing stands for %+v:\n%s", p, text)
			}
		}
		if top := string([]rune(lines[1])[left-1:]); strings.ContainsAny(top, blocks) != over {
			t.Fatalf("above the limit %v, unlike in the picture:\n%s", over, text)
		}
	})
}

// usedOf and limitOf return what is drawn of a point.
func usedOf(c *backtest.Course, p backtest.Point) int64 {
	if c.Limit.Max.Valid() {
		return p.Used.Minor()
	}
	return p.Count
}

func limitOf(c *backtest.Course, p backtest.Point) int64 {
	if c.Limit.Max.Valid() {
		return p.Max.Minor()
	}
	return p.MaxCount
}

// An SVG picture is well-formed, has a title and a description that role=img refers to, asks for nothing from elsewhere,
// runs nothing, and has nothing outside of its edges.
func TestSVGIsSound(t *testing.T) {
	property(t, func(t *rapid.T) {
		c := anyCourse(t)
		width, height := rapid.IntRange(0, 1500).Draw(t, "width"), rapid.IntRange(0, 800).Draw(t, "height")
		checkSVG(t, c.SVG(width, height, berlin), min(max(width, 320), 4000), min(max(height, 200), 2000))
	})
}

func checkSVG(t rapid.TB, svg string, width, height int) {
	t.Helper()
	ids, labels := map[string]bool{}, ""
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v:\n%s", err, svg)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains([]string{"svg", "title", "desc", "style", "rect", "text", "line", "path"}, e.Name.Local) {
			t.Fatalf("element %s", e.Name.Local)
		}
		for _, a := range e.Attr {
			switch a.Name.Local {
			case "id":
				ids[a.Value] = true
			case "aria-labelledby":
				labels = a.Value
			case "x", "x1", "x2":
				inside(t, a.Value, width, svg)
			case "y", "y1", "y2":
				inside(t, a.Value, height, svg)
			case "viewBox":
				if want := fmt.Sprintf("0 0 %d %d", width, height); a.Value != want {
					t.Fatalf("viewBox %s, want %s", a.Value, want)
				}
			case "href", "src", "onload":
				t.Fatalf("attribute %s", a.Name.Local)
			}
		}
	}
	for _, id := range strings.Fields(labels) {
		if !ids[id] {
			t.Fatalf("nothing has the id %s", id)
		}
	}
	if labels == "" || !strings.Contains(svg, `role="img"`) || strings.Contains(svg, "url(") || strings.Contains(svg, "@import") {
		t.Fatal(svg)
	}
}

func inside(t rapid.TB, value string, most int, svg string) {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || n < 0 || n > float64(most) {
		t.Fatalf("%q is not within 0 to %d:\n%s", value, most, svg)
	}
}

func BenchmarkPicture(b *testing.B) {
	c := scenes(b)["year"]
	b.Run("of=text", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.Text(80, 18, berlin)
		}
	})
	b.Run("of=svg", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.SVG(800, 360, berlin)
		}
	})
}
