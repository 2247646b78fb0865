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

// ratio returns the median over the rounds of a by b: what else the machine does changes from round to round.
func ratio(a, b []float64) (float64, bool) {
	var ratios []float64
	for round := range min(len(a), len(b)) {
		ratios = append(ratios, a[round]/b[round])
	}
	return median(ratios)
}
