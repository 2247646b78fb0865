package main

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// maximum is the cap of the exactness test, in minor units.
const maximum = 3000_00

// peer is somebody in the tables: who it is, and what it does.
type peer struct {
	name, title, does string
	kind              kind
}

type kind int

const (
	library kind = iota // in this process
	server              // in one of its own, so that a decision is mostly waiting
	ours                // a library, and this one
)

// peers returns all of them, in the order of the tables. Who is missing here is not in them; a test of this package looks.
func peers() []peer {
	return []peer{
		{"baseline", "*the harness alone*", "", library},
		{"baseline-now", "*the harness and time.Now*", "", library},
		{"xtimerate", "golang.org/x/time/rate", "token bucket, refills; floats; windows one by one", library},
		{"slidingwindow", "RussellLuo/slidingwindow", "two fixed windows, weighed; floats; windows one by one", library},
		{"throttled", "throttled/throttled v2, memory", "GCRA, refills; real clock; keys for ever; windows one by one", library},
		{"sethvargo", "sethvargo/go-limiter, memory", "fixed window; real clock; counts, no amounts", library},
		{"ulule", "ulule/limiter v3, memory", "fixed window from the first spend; real clock; counts refusals", library},
		{"decimals", "slice of shopspring/decimal", "exact in order; O(n) a decision", library},
		{"int64s", "slice of int64", "exact in order; O(n) a decision", library},
		{"redis", "Redis sorted set and script", "exact in order; O(n) a decision; a round trip", server},
		{"postgres", "PostgreSQL SUM", "exact in order; O(n) a decision; two round trips; durable", server},
		{"postgres-nosync", "PostgreSQL SUM, asynchronous commit", "exact in order; O(n) a decision; two round trips", server},
		{"payrules", "**payrules `Meters.Allow`**", "exact, also for late spends and reversals", ours},
		{"payrules-authorize", "**payrules `Meters.Authorize`**", "the same, with every limit's figures", ours},
		{"payrules-meter", "**payrules `Meter.Allow`**, map and lock by hand", "the same as `Meters.Allow`", ours},
	}
}

// name returns how the tables call somebody whose limits are far away, or used up.
func name(p peer, used int) string {
	if used == 0 {
		return p.title
	}
	return p.title + ", limits used up"
}

// report is everything that was measured.
type report struct {
	results results
	worst   map[string]int64
	missing []string // notes on who could not be measured
	cores   int
	machine string
}

// write prints the tables as Markdown.
func (r *report) write(w io.Writer) {
	fmt.Fprintf(w, "### What a decision costs\n\n%s. Nanoseconds an approval: on one core of processor time, on two cores of wall time; for a server always of wall time.\n\n", r.machine)
	r.writeCosts(w)
	fmt.Fprintf(w, "\n### One account with 10,000 entries in its window\n\n")
	r.writeLong(w)
	fmt.Fprintf(w, "\n### What comes through one exact window, and what an account takes\n\n")
	r.writeExactness(w)
	fmt.Fprintf(w, "\n### What must hold\n\n")
	r.writeClaims(w)
	if half, ninth := r.results.spread(); half > 0 {
		fmt.Fprintf(w, "\nFrom the slowest to the fastest round, half of the times differ by less than %.0f %%, nine tenths by less than %.0f %%.\n",
			100*half, 100*ninth)
	}
	for _, note := range r.missing {
		fmt.Fprintf(w, "\n%s\n", note)
	}
}

// line prints one line of a table.
func line(w io.Writer, cells ...string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }

// head prints the head of a table: the first columns are text, the others figures.
func head(w io.Writer, texts int, cells ...string) {
	line(w, cells...)
	rules := make([]string, len(cells))
	for i := range rules {
		if rules[i] = "---:"; i < texts {
			rules[i] = "---"
		}
	}
	line(w, rules...)
}

// writeCosts prints a line for each peer and number of windows.
func (r *report) writeCosts(w io.Writer) {
	columns := []string{"", "windows"}
	for _, pick := range []string{"1 account", "100,000 uniform", "100,000 Zipf"} {
		for c := range r.cores {
			columns = append(columns, fmt.Sprintf("%s, %s", pick, cores(c+1)))
		}
	}
	head(w, 1, append(columns, "B/op", "allocs/op")...)
	fewer := false
	for _, p := range peers() {
		for _, s := range []subject{{p.name, 1, 0}, {p.name, 1, 100}, {p.name, 3, 0}, {p.name, 3, 100}} {
			if _, ok := r.results.find(s, "hot", 1); !ok {
				continue
			}
			cells, keys := []string{name(p, s.used), fmt.Sprint(s.windows)}, []key{}
			for _, pick := range []string{"hot", "uniform", "zipf"} {
				for c := range r.cores {
					k, _ := r.results.find(s, pick, c+1)
					keys = append(keys, k)
					cells = append(cells, r.nanoseconds(k))
					if pick == "uniform" && k.accounts > 0 && k.accounts < 100_000 && c == 0 {
						cells[0], fewer = cells[0]+" †", true
					}
				}
			}
			line(w, append(cells, r.most(keys, "B/op"), r.most(keys, "allocs/op"))...)
		}
	}
	fmt.Fprintf(w, "\n~ It never had nine tenths of its two cores: it waits for a lock or a server, or other programs had them.\n")
	if fewer {
		fmt.Fprintf(w, "\n† In place of 100,000 accounts, 10,000 of decimals and 1,000 of a server.\n")
	}
}

func cores(n int) string {
	if n == 1 {
		return "1 core"
	}
	return fmt.Sprintf("%d cores", n)
}

// writeLong prints those who keep entries, on an account with many.
func (r *report) writeLong(w io.Writer) {
	head(w, 1, "", "1 window, 1 core", "3 windows, 1 core")
	for _, p := range peers() {
		for _, used := range []int{0, 100} {
			one := key{subject{p.name, 1, used}, 1, 10_000, "hot", 1}
			three := key{subject{p.name, 3, used}, 1, 10_000, "hot", 1}
			if _, ok := r.results[one]; ok {
				line(w, name(p, used), r.nanoseconds(one), r.nanoseconds(three))
			}
		}
	}
}

// writeExactness prints what a greedy customer gets out of each, and the bytes of an account.
func (r *report) writeExactness(w io.Writer) {
	head(w, 2, "", "what it is", "most in 30 days, cap 3000.00", "× cap", "bytes an account, 1 window", "3 windows")
	for _, p := range peers() {
		worst, ok := r.worst[p.name]
		if !ok {
			continue
		}
		cells := []string{p.title, p.does, fmt.Sprintf("%d.%02d", worst/100, worst%100), fmt.Sprintf("%.4f", float64(worst)/maximum)}
		for _, windows := range []int{1, 3} {
			k, _ := r.results.find(subject{p.name, windows, 0}, "uniform", 1)
			cells = append(cells, r.cell(k, "B/account"))
		}
		line(w, cells...)
	}
}

// nanoseconds returns a time as the tables show it, with a mark if one of two cores was idle or somebody else's.
func (r *report) nanoseconds(k key) string {
	ns, idle, ok := r.results.time(k)
	switch {
	case !ok:
		return ""
	case idle:
		return "~" + commas(int64(math.Round(ns)))
	}
	return commas(int64(math.Round(ns)))
}

// cell returns a figure as the tables show it: a whole number, with commas.
func (r *report) cell(k key, unit string) string {
	value, ok := r.results.get(k, unit)
	if !ok {
		return ""
	}
	return commas(int64(math.Round(value)))
}

// most returns the largest figure of some benchmarks.
func (r *report) most(keys []key, unit string) string {
	most := 0.0
	for _, k := range keys {
		value, _ := r.results.get(k, unit)
		most = max(most, value)
	}
	return commas(int64(math.Round(most)))
}

// commas writes a number with a comma between thousands.
func commas(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
