package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// key names one benchmark: BenchmarkTransfers/store=…/accounts=…/callers=…/batch=…, or another one of a store.
type key struct {
	benchmark, store, accounts string
	load
}

// load is who asks: so many callers at once, each for so many transfers at a time.
type load struct{ callers, batch int }

// results are the figures of all rounds: for each benchmark and unit, one a round.
type results map[key]map[string][]float64

// add takes the output of one run of the benchmarks.
func (r results) add(output string) error {
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") || strings.HasPrefix(fields[1], "-") {
			continue
		}
		k, err := parseName(fields[0])
		if err != nil {
			return err
		}
		if r[k] == nil {
			r[k] = map[string][]float64{}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("%s: %w", fields[0], err)
			}
			r[k][fields[i+1]] = append(r[k][fields[i+1]], value)
		}
	}
	return nil
}

// parseName reads the name of a benchmark. The number of cores stands behind it, but for one core.
func parseName(name string) (key, error) {
	if i := strings.LastIndexByte(name, '-'); i > strings.LastIndexByte(name, '=') {
		name = name[:i]
	}
	parts := strings.Split(name, "/")
	k := key{benchmark: strings.TrimPrefix(parts[0], "Benchmark")}
	for _, part := range parts[1:] {
		what, value, _ := strings.Cut(part, "=")
		var err error
		switch what {
		case "store":
			k.store = value
		case "accounts":
			k.accounts = value
		case "callers":
			k.callers, err = strconv.Atoi(value)
		case "batch":
			k.batch, err = strconv.Atoi(value)
		default:
			err = fmt.Errorf("unknown part %q", part)
		}
		if err != nil {
			return key{}, fmt.Errorf("benchmark %s: %w", name, err)
		}
	}
	return k, nil
}

// median returns the middle one of some figures, the mean of the middle two if their number is even, and false of none.
func median(figures []float64) (float64, bool) {
	values := slices.Sorted(slices.Values(figures))
	n := len(values)
	if n == 0 {
		return 0, false
	}
	return (values[(n-1)/2] + values[n/2]) / 2, true
}

// spread returns by how much figures differ: from the least to the most, as a part of the median. Of fewer than two it is 0.
func spread(figures []float64) float64 {
	m, ok := median(figures)
	if !ok || m == 0 {
		return 0
	}
	return (slices.Max(figures) - slices.Min(figures)) / m
}

// most is what part of the cores, in hundredths, other programs may have had in a round that counts. With many connections some
// of the server's work is nobody's: the system does it and puts it down to no process.
const most = 25

// disturbed reports whether other programs had too much of the machine in that round. Where that is not known, they had not.
func (r results) disturbed(k key, round int) bool {
	others := r[k]["others-%"]
	return round < len(others) && others[round] > most
}

// figures returns those of the rounds that nobody disturbed. If there are none it returns all, and false.
func (r results) figures(k key, unit string) (figures []float64, quiet bool) {
	for round, figure := range r[k][unit] {
		if !r.disturbed(k, round) {
			figures = append(figures, figure)
		}
	}
	if len(figures) > 0 {
		return figures, true
	}
	return r[k][unit], false
}

// ratios returns one benchmark's figures by another's of the same round, of those that nobody disturbed. If there are none it
// returns all, and false.
func (r results) ratios(a, b key, unit string) (ratios []float64, quiet bool) {
	var all []float64
	for round := range min(len(r[a][unit]), len(r[b][unit])) {
		all = append(all, r[a][unit][round]/r[b][unit][round])
		if !r.disturbed(a, round) && !r.disturbed(b, round) {
			ratios = append(ratios, all[round])
		}
	}
	if len(ratios) > 0 {
		return ratios, true
	}
	return all, false
}
