package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// key names one benchmark: impl=…/windows=…/used=…/accounts=…/entries=…/pick=… on so many cores.
type key struct {
	subject
	accounts, entries int
	pick              string
	cores             int
}

// subject is who is measured, with how many windows, and how many hundredths of their maximum the accounts have used.
type subject struct {
	impl          string
	windows, used int
}

// results are the figures of all rounds: for each benchmark and unit, one a round.
type results map[key]map[string][]float64

// add takes the output of one run of the benchmarks.
func (r results) add(output string) error {
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "BenchmarkDecide/") || strings.HasPrefix(fields[1], "-") {
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
	k := key{cores: 1}
	if i := strings.LastIndexByte(name, '-'); i > strings.LastIndexByte(name, '=') {
		if n, err := strconv.Atoi(name[i+1:]); err == nil {
			name, k.cores = name[:i], n
		}
	}
	for _, part := range strings.Split(name, "/")[1:] {
		what, value, _ := strings.Cut(part, "=")
		var err error
		switch what {
		case "impl":
			k.impl = value
		case "windows":
			k.windows, err = strconv.Atoi(value)
		case "used":
			k.used, err = strconv.Atoi(value)
		case "accounts":
			k.accounts, err = strconv.Atoi(value)
		case "entries":
			k.entries, err = strconv.Atoi(value)
		case "pick":
			k.pick = value
		default:
			err = fmt.Errorf("unknown part %q", part)
		}
		if err != nil {
			return key{}, fmt.Errorf("benchmark %s: %w", name, err)
		}
	}
	return k, nil
}

// get returns the median over the rounds, and whether there is one.
func (r results) get(k key, unit string) (float64, bool) { return median(r[k][unit]) }

// times returns the nanoseconds of a benchmark, one figure a round: of processor time on one core, where nothing waits and
// which other programs cannot lengthen by taking the core; of wall time on two, where one may wait for the other, and
// wherever processor time is not known or is mostly a server's.
func (r results) times(k key) []float64 {
	cpu := r[k]["cpu-ns/op"]
	isServer := slices.ContainsFunc(peers(), func(p peer) bool { return p.name == k.impl && p.kind == server })
	if k.cores > 1 || isServer || len(cpu) == 0 {
		return r[k]["ns/op"]
	}
	return cpu
}

// time returns the median of the times; on two cores, over the rounds in which it had both. If it never had, idle is true,
// and all the rounds count.
func (r results) time(k key) (ns float64, idle, ok bool) {
	var busy []float64
	for round, ns := range r.times(k) {
		if k.cores == 1 || r.hadCores(k, round) {
			busy = append(busy, ns)
		}
	}
	if ns, ok := median(busy); ok {
		return ns, false, true
	}
	ns, ok = median(r.times(k))
	return ns, true, ok
}

// hadCores reports whether a benchmark had nine tenths of its cores in that round. Where processor time is not known,
// that is taken for granted.
func (r results) hadCores(k key, round int) bool {
	wall, cpu := r[k]["ns/op"], r[k]["cpu-ns/op"]
	return round >= len(wall) || round >= len(cpu) || cpu[round] >= 0.9*float64(k.cores)*wall[round]
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

// find returns the key of a benchmark over accounts of 100 entries, however many accounts those are: one for pick=hot.
func (r results) find(s subject, pick string, cores int) (key, bool) {
	for k := range r {
		if k.subject == s && k.pick == pick && k.cores == cores && k.entries == 100 {
			return k, true
		}
	}
	return key{}, false
}

// spread returns by how much the rounds of a benchmark differ, as a part of the median: half of the benchmarks by less than
// the first, nine tenths by less than the second.
func (r results) spread() (half, ninth float64) {
	var all []float64
	for k := range r {
		values := r.times(k)
		if m, ok := median(values); ok && len(values) > 1 {
			all = append(all, (slices.Max(values)-slices.Min(values))/m)
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return all[len(all)/2], all[len(all)*9/10]
}

// parseWorst reads what the exactness test says each implementation let through: "=== ATTR  TestWorst/impl=NAME worst N".
// It returns the names in order as well.
func parseWorst(output string) (names []string, worst map[string]int64, err error) {
	worst = map[string]int64{}
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) != 5 || fields[1] != "ATTR" || fields[3] != "worst" {
			continue
		}
		name, found := strings.CutPrefix(fields[2], "TestWorst/impl=")
		if !found {
			continue
		}
		if worst[name], err = strconv.ParseInt(fields[4], 10, 64); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		names = append(names, name)
	}
	return names, worst, nil
}
