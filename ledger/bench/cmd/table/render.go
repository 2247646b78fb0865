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
	r.writeFigures(w, "transfers/s", func(figures []float64) string {
		m, _ := median(figures)
		return fmt.Sprintf("%s (%.0f %%)", commas(m), 100*spread(figures))
	})
	fmt.Fprintf(w, "\n### What must hold\n\nHow many times as many transfers payrules makes, and what of its own is left on one account: medians of what came out in the same round.\n\n")
	r.writeRatios(w)
	fmt.Fprintf(w, "\n### Processor time of a transfer, in microseconds\n\nOf all cores, the client's and the server's. What else the machine does does not change it by much.\n\n")
	r.writeFigures(w, "cpu-µs/transfer", func(figures []float64) string {
		m, _ := median(figures)
		return fmt.Sprintf("%.0f (%.0f %%)", m, 100*spread(figures))
	})
	fmt.Fprintf(w, "\n### How long a caller waits, in milliseconds: half of them at most, and 99 of 100\n\n")
	r.writeWaits(w)
	r.writeReplay(w)
	if r.note != "" {
		fmt.Fprintf(w, "\n%s\n", r.note)
	}
}

// of returns the figures of a benchmark of transfers, one a round.
func (r *report) of(store, accounts string, l load, unit string) []float64 {
	return r.results[key{"Transfers", store, accounts, l}][unit]
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
func (r *report) writeFigures(w io.Writer, unit string, cell func(figures []float64) string) {
	head(w, "", "accounts")
	for _, s := range stores() {
		for _, pick := range picks() {
			cells, found := []string{s.title, pick}, false
			for _, l := range loads() {
				figures := r.of(s.name, pick, l, unit)
				if len(figures) == 0 {
					cells = append(cells, "")
					continue
				}
				found = true
				cells = append(cells, cell(figures))
			}
			if found {
				line(w, cells...)
			}
		}
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
			r.writeRatio(w, []string{title, pick}, func(l load) (x float64, known, holds bool) {
				x, known = ratio(r.of(ours, pick, l, "transfers/s"), r.of(s.name, pick, l, "transfers/s"))
				return x, known, !promised || l.callers != 64 || x >= leastTimes
			})
		}
	}
	for _, s := range stores() {
		title := s.title
		if s.name == ours {
			title += fmt.Sprintf(" (≥ %g)", leastHot)
		}
		for _, pick := range picks()[1:] {
			r.writeRatio(w, []string{title, pick + " ÷ spread"}, func(l load) (x float64, known, holds bool) {
				x, known = ratio(r.of(s.name, pick, l, "transfers/s"), r.of(s.name, "spread", l, "transfers/s"))
				return x, known, s.name != ours || x >= leastHot
			})
		}
	}
	fmt.Fprintf(w, "\nBold: the promise is broken.\n")
}

// writeRatio prints one line of ratios, unless there is none.
func (r *report) writeRatio(w io.Writer, cells []string, of func(l load) (x float64, known, holds bool)) {
	found := false
	for _, l := range loads() {
		x, known, holds := of(l)
		found = found || known
		switch {
		case !known:
			cells = append(cells, "")
		case !holds:
			cells = append(cells, fmt.Sprintf("**%.2f**", x))
		default:
			cells = append(cells, fmt.Sprintf("%.2f", x))
		}
	}
	if found {
		line(w, cells...)
	}
}

// writeWaits prints how long callers wait for an answer.
func (r *report) writeWaits(w io.Writer) {
	line(w, "", "accounts", "1 caller", "64 callers", "1,024 callers")
	line(w, "---", "---", "---:", "---:", "---:")
	for _, s := range stores() {
		for _, pick := range picks() {
			cells, found := []string{s.title, pick}, false
			for _, l := range loads()[:3] {
				half, ok := median(r.of(s.name, pick, l, "p50-ms"))
				most, _ := median(r.of(s.name, pick, l, "p99-ms"))
				if !ok {
					cells = append(cells, "")
					continue
				}
				found = true
				cells = append(cells, milliseconds(half)+" · "+milliseconds(most))
			}
			if found {
				line(w, cells...)
			}
		}
	}
}

// writeReplay prints how fast a journal is read and checked.
func (r *report) writeReplay(w io.Writer) {
	figures := r.results[key{benchmark: "Check", store: ours}]["records/s"]
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
