package main

import (
	"fmt"
	"io"
)

// writeClaims prints what the library promises of its own cost, as it came out in this run: the median over the rounds of
// one time by the other, since what else the machine does changes from round to round.
func (r *report) writeClaims(w io.Writer) {
	for _, door := range []string{"payrules", "payrules-authorize"} {
		for _, pick := range []string{"hot", "uniform"} {
			for c := range r.cores {
				ours, theirs := r.threeWindows(door, pick, c+1), r.threeWindows("xtimerate", pick, c+1)
				if len(ours) == 0 || len(theirs) == 0 {
					continue
				}
				fmt.Fprintf(w, "- %s, %s, %s: ", title(door), pick, cores(c+1))
				switch ratio, ok := r.ratio(ours, theirs, c+1, door, "xtimerate"); {
				case !ok:
					fmt.Fprintf(w, "cannot be told, other programs had the cores.\n")
				default:
					fmt.Fprintf(w, "%.2f of what three limiters of x/time/rate cost (at most 1): %s.\n", ratio, verdict(ratio <= 1))
				}
			}
		}
		one, two := r.threeWindows(door, "uniform", 1), r.threeWindows(door, "uniform", 2)
		if len(one) > 0 && len(two) > 0 {
			switch ratio, ok := r.ratio(one, two, 2, door); {
			case !ok:
				fmt.Fprintf(w, "- %s, two cores: cannot be told, other programs had them.\n", title(door))
			default:
				fmt.Fprintf(w, "- %s, two cores: %.2f times as much as one, uniform (at least 1.7): %s.\n", title(door), ratio, verdict(ratio >= 1.7))
			}
		}
		allocations := 0.0
		for k := range r.results {
			if k.impl == door {
				n, _ := r.results.get(k, "allocs/op")
				allocations = max(allocations, n)
			}
		}
		fmt.Fprintf(w, "- %s: %g allocations (none): %s.\n", title(door), allocations, verdict(allocations == 0))
	}
}

func verdict(holds bool) string {
	if holds {
		return "holds"
	}
	return "**does not hold**"
}

// threeWindows returns the nanoseconds of a decision over three windows, one figure a round.
func (r *report) threeWindows(impl, pick string, cores int) []float64 {
	k := key{impl, 3, 1, 100, pick, cores}
	if pick != "hot" {
		k, _ = r.results.find(impl, 3, pick, cores)
	}
	return r.results[k]["ns/op"]
}

// ratio returns the median over the rounds of a by b. Only the rounds count in which each of the implementations had all
// the cores; it returns false if there is none.
func (r *report) ratio(a, b []float64, cores int, impls ...string) (float64, bool) {
	var ratios []float64
	for round := range min(len(a), len(b)) {
		if r.undisturbed(round, cores, impls) {
			ratios = append(ratios, a[round]/b[round])
		}
	}
	return median(ratios)
}

// undisturbed reports whether everybody had the cores in that round. It looks at the benchmark over many accounts: there
// nobody waits long for anybody else, so whatever is missing went to other programs.
func (r *report) undisturbed(round, cores int, impls []string) bool {
	for _, impl := range impls {
		if k, ok := r.results.find(impl, 3, "uniform", cores); ok && !r.results.hadCores(k, round) {
			return false
		}
	}
	return true
}
