package main

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// What the library promises: at 64 callers it makes so many times as many transfers as double entry in SQL, and on one hot
// account at least that part of what it makes over many.
const (
	leastTimes = 10
	leastHot   = 0.9
)

// contender is somebody in the tables.
type contender struct{ name, title string }

// stores returns all of them, in the order of the tables. A test of this package looks whether somebody is missing.
func stores() []contender {
	return []contender{
		{"postgres", "PostgreSQL, `SELECT … FOR UPDATE`"},
		{"postgres-function", "PostgreSQL, one function, one round trip"},
		{"postgres-grouped", "the same, committed in groups"},
		{ours, "**payrules `ledger/books`, pebble**"},
	}
}

const ours = "payrules"

// picks are the accounts between which money moves, as the benchmarks call them.
func picks() []string { return []string{"spread", "hot", "settlement"} }

// loads are the columns.
func loads() []load { return []load{{1, 1}, {64, 1}, {1024, 1}, {1, 500}} }

func (l load) title() string {
	switch {
	case l.batch > 1:
		return fmt.Sprintf("batches of %d", l.batch)
	case l.callers == 1:
		return "1 caller"
	}
	return commas(float64(l.callers)) + " callers"
}

// report is everything that was measured.
type report struct {
	results results
	note    string // on who could not be measured
	machine string
}

// write prints the tables as Markdown.
func (r *report) write(w io.Writer) {
	fmt.Fprintf(w, "### Durable transfers a second\n\n%s. The median of the rounds, and how far they are apart: from the least to the most, as a part of the median.\n\n", r.machine)
	r.writeFigures(w, "transfers/s")
	fmt.Fprintf(w, "\n### What must hold\n\nHow many times as many transfers payrules makes, and what of their own is left to all when everybody pays one account: medians of what came out in the same round.\n\n")
	r.writeRatios(w)
	fmt.Fprintf(w, "\n### Processor time of a transfer, in microseconds\n\nOf all cores, the client's and the server's.\n\n")
	r.writeFigures(w, "cpu-µs/transfer")
	fmt.Fprintf(w, "\n### How long a caller waits, in milliseconds: half of them at most, and 99 of 100\n\n")
	r.writeWaits(w)
	r.writeCheck(w)
	if r.note != "" {
		fmt.Fprintf(w, "\n%s\n", r.note)
	}
}

// of names a benchmark of transfers.
func of(store, accounts string, l load) key { return key{"Transfers", store, accounts, l} }

// mark is put before a figure that other programs may have changed.
func mark(quiet bool) string {
	if quiet {
		return ""
	}
	return "~"
}

// line prints one line of a table.
func line(w io.Writer, cells ...string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }

// head prints the head of a table: the first columns are text, the others figures for each load.
func head(w io.Writer, texts ...string) {
	cells, rules := texts, make([]string, len(texts))
	for i := range rules {
		rules[i] = "---"
	}
	for _, l := range loads() {
		cells, rules = append(cells, l.title()), append(rules, "---:")
	}
	line(w, cells...)
	line(w, rules...)
}

// writeFigures prints a line for each store and pick.
func (r *report) writeFigures(w io.Writer, unit string) {
	head(w, "", "accounts")
	for _, s := range stores() {
		for _, pick := range picks() {
			r.writeCells(w, []string{s.title, pick}, loads(), func(l load) string {
				figures, quiet := r.results.figures(of(s.name, pick, l), unit)
				m, ok := median(figures)
				if !ok {
					return ""
				}
				return fmt.Sprintf("%s%s (%.0f %%)", mark(quiet), commas(m), 100*spread(figures))
			})
		}
	}
	fmt.Fprintf(w, "\n~ Other programs had more than %d %% of the cores in all rounds. Elsewhere rounds in which they had are left out.\n", most)
}

// writeCells prints one line with a cell for each load, unless all of them are empty.
func (r *report) writeCells(w io.Writer, cells []string, loads []load, cell func(l load) string) {
	found := false
	for _, l := range loads {
		text := cell(l)
		found = found || text != ""
		cells = append(cells, text)
	}
	if found {
		line(w, cells...)
	}
}

// writeRatios prints payrules by each rival, and what everybody makes on one account by what he makes over many. A figure that
// breaks a promise is bold.
func (r *report) writeRatios(w io.Writer) {
	head(w, "", "accounts")
	for _, s := range stores() {
		if s.name == ours {
			continue
		}
		for _, pick := range picks() {
			title, promised := "payrules ÷ "+s.title, s.name == "postgres" && pick == "spread"
			if promised {
				title += fmt.Sprintf(" (≥ %d at 64 callers)", leastTimes)
			}
			r.writeCells(w, []string{title, pick}, loads(), func(l load) string {
				return r.ratio(of(ours, pick, l), of(s.name, pick, l), func(x float64) bool { return !promised || l.callers != 64 || x >= leastTimes })
			})
		}
	}
	for _, s := range stores() {
		title := s.title
		if s.name == ours {
			title += fmt.Sprintf(" (≥ %g)", leastHot)
		}
		for _, pick := range picks()[1:] {
			r.writeCells(w, []string{title, pick + " ÷ spread"}, loads(), func(l load) string {
				return r.ratio(of(s.name, pick, l), of(s.name, "spread", l), func(x float64) bool { return s.name != ours || x >= leastHot })
			})
		}
	}
	fmt.Fprintf(w, "\nBold: the promise is broken. With a ~ nothing can be told.\n")
}

// ratio returns one benchmark's transfers by another's, as the tables show it.
func (r *report) ratio(a, b key, holds func(x float64) bool) string {
	ratios, quiet := r.results.ratios(a, b, "transfers/s")
	x, ok := median(ratios)
	switch {
	case !ok:
		return ""
	case quiet && !holds(x):
		return fmt.Sprintf("**%.2f**", x)
	}
	return fmt.Sprintf("%s%.2f", mark(quiet), x)
}

// writeWaits prints how long callers wait for an answer.
func (r *report) writeWaits(w io.Writer) {
	line(w, "", "accounts", "1 caller", "64 callers", "1,024 callers")
	line(w, "---", "---", "---:", "---:", "---:")
	for _, s := range stores() {
		for _, pick := range picks() {
			r.writeCells(w, []string{s.title, pick}, loads()[:3], func(l load) string {
				halves, quiet := r.results.figures(of(s.name, pick, l), "p50-ms")
				mosts, _ := r.results.figures(of(s.name, pick, l), "p99-ms")
				half, ok := median(halves)
				if !ok {
					return ""
				}
				longest, _ := median(mosts)
				return mark(quiet) + milliseconds(half) + " · " + milliseconds(longest)
			})
		}
	}
}

// writeCheck prints how fast a journal is read and checked.
func (r *report) writeCheck(w io.Writer) {
	figures, _ := r.results.figures(key{benchmark: "Check", store: ours}, "records/s")
	if m, ok := median(figures); ok {
		fmt.Fprintf(w, "\n`ledger.Check` replays and verifies %s records a second (%.0f %%).\n", commas(m), 100*spread(figures))
	}
}

// milliseconds writes a time with as many digits as mean something.
func milliseconds(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.2f", x)
	}
	return commas(x)
}

// commas writes a whole number with a comma between thousands.
func commas(x float64) string {
	s := fmt.Sprint(int64(math.Round(x)))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
