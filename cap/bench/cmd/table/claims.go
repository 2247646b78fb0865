package main

import (
	"fmt"
	"io"
	"math"
)

// writeClaims prints what the library promises of its own cost, as it came out in this run: with three windows, a decision
// costs at most what three limiters of x/time/rate cost, two cores decide at least 1.7 times as much as one, and nothing is
// allocated. A figure that breaks a promise is bold.
//
// The figures are medians over the rounds of one time by the other, since what else the machine does changes from round to
// round.
func (r *report) writeClaims(w io.Writer) {
	columns := []string{"three windows"}
	for _, pick := range []string{"hot", "uniform"} {
		for c := range r.cores {
			columns = append(columns, fmt.Sprintf("÷ x/time/rate, %s, %s (≤ 1)", pick, cores(c+1)))
		}
	}
	if r.cores == 2 {
		columns = append(columns, "2 cores ÷ 1, uniform (≥ 1.7)")
	}
	head(w, 1, append(columns, "allocs/op (0)")...)
	theirs := subject{"xtimerate", 3, 0}
	for _, p := range peers() {
		for _, used := range []int{0, 100} {
			us := subject{p.name, 3, used}
			if _, ok := r.results.find(us, "hot", 1); !ok || p.kind != ours {
				continue
			}
			cells := []string{name(p, used)}
			for _, pick := range []string{"hot", "uniform"} {
				for c := range r.cores {
					ratio, ok := r.ratio(r.times(us, pick, c+1), r.times(theirs, pick, c+1), c+1, us, theirs)
					cells = append(cells, claim(ratio, ok, ratio <= 1, "%.2f"))
				}
			}
			if r.cores == 2 {
				ratio, ok := r.ratio(r.times(us, "uniform", 1), r.times(us, "uniform", 2), 2, us)
				cells = append(cells, claim(ratio, ok, ratio >= 1.7, "%.2f"))
			}
			allocations := r.allocations(us)
			line(w, append(cells, claim(allocations, true, allocations == 0, "%g"))...)
		}
	}
	fmt.Fprintf(w, "\nBold: the promise is broken. A question mark: other programs had the cores, so nothing can be told.\n")
}

// claim returns a figure as the table shows it.
func claim(value float64, known, holds bool, format string) string {
	text := fmt.Sprintf(format, value)
	switch {
	case !known:
		return "?"
	case !holds:
		return "**" + text + "**"
	}
	return text
}

// times returns the nanoseconds of a decision, one figure a round.
func (r *report) times(s subject, pick string, cores int) []float64 {
	k, _ := r.results.find(s, pick, cores)
	return r.results.times(k)
}

// allocations returns the most allocations of a decision in any of the benchmarks.
func (r *report) allocations(s subject) float64 {
	most := 0.0
	for k := range r.results {
		if n, _ := r.results.get(k, "allocs/op"); k.subject == s {
			most = math.Max(most, n)
		}
	}
	return most
}

// ratio returns the median over the rounds of a by b. Only the rounds count in which each of the subjects had all the
// cores; it returns false if there is none.
func (r *report) ratio(a, b []float64, cores int, subjects ...subject) (float64, bool) {
	var ratios []float64
	for round := range min(len(a), len(b)) {
		if r.undisturbed(round, cores, subjects) {
			ratios = append(ratios, a[round]/b[round])
		}
	}
	return median(ratios)
}

// undisturbed reports whether everybody had both cores in that round; with one, processor time leaves out what others had. It
// looks at the benchmark over many accounts: there nobody waits long for anybody else, so whatever is missing went to other
// programs.
func (r *report) undisturbed(round, cores int, subjects []subject) bool {
	for _, s := range subjects {
		if k, ok := r.results.find(s, "uniform", cores); ok && cores > 1 && !r.results.hadCores(k, round) {
			return false
		}
	}
	return true
}
