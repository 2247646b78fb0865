package main

import (
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const sample = `goos: linux
cpu: A Fast One
BenchmarkTransfers/store=postgres/accounts=spread/callers=64/batch=1-2	 100	 2000 ns/op	 300 cpu-µs/transfer	 9.5 p50-ms	 99 p99-ms	 5000 transfers/s
BenchmarkTransfers/store=postgres-function/accounts=spread/callers=64/batch=1	 100	 2000 ns/op	 8000 transfers/s
BenchmarkTransfers/store=postgres-grouped  	--- SKIP: BenchmarkTransfers/store=postgres-grouped
    bench_test.go:31: PAYRULES_POSTGRES is not set
BenchmarkTransfers/store=payrules/accounts=spread/callers=64/batch=1-2	 100	 200 ns/op	 60000 transfers/s
BenchmarkTransfers/store=payrules/accounts=hot/callers=64/batch=1-2	 100	 200 ns/op	 48000 transfers/s
BenchmarkTransfers/store=payrules/accounts=spread/callers=1/batch=500-2	 100	 200 ns/op	 1234567 transfers/s
BenchmarkCheck/store=payrules-2	 1	 2000 ns/op	 400000 records/s
PASS
`

// second is another round, in which everything else had half of the machine.
const second = `
BenchmarkTransfers/store=postgres/accounts=spread/callers=64/batch=1-2	 100	 2000 ns/op	 300 cpu-µs/transfer	 9.5 p50-ms	 99 p99-ms	 4000 transfers/s
BenchmarkTransfers/store=payrules/accounts=spread/callers=64/batch=1-2	 100	 200 ns/op	 24000 transfers/s
BenchmarkTransfers/store=payrules/accounts=hot/callers=64/batch=1-2	 100	 200 ns/op	 22800 transfers/s
`

// The output of the benchmarks is read as it is written, names with a hyphen and skipped benchmarks included.
func TestResults(t *testing.T) {
	r := results{}
	if err := r.add(sample); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		key  key
		unit string
		want float64
	}{
		{key{"Transfers", "postgres", "spread", load{64, 1}}, "transfers/s", 5000},
		{key{"Transfers", "postgres", "spread", load{64, 1}}, "cpu-µs/transfer", 300},
		{key{"Transfers", "postgres-function", "spread", load{64, 1}}, "transfers/s", 8000},
		{key{"Transfers", "payrules", "spread", load{1, 500}}, "transfers/s", 1234567},
		{key{benchmark: "Check", store: "payrules"}, "records/s", 400000},
	} {
		if got, ok := median(r[row.key][row.unit]); !ok || got != row.want {
			t.Errorf("%+v: got %v %s (%t), want %v", row.key, got, row.unit, ok, row.want)
		}
	}
	if len(r) != 6 {
		t.Errorf("got %d benchmarks, want 6", len(r))
	}
	for _, bad := range []string{
		"BenchmarkTransfers/colour=red-2 1 2 ns/op",
		"BenchmarkTransfers/store=x/callers=many 1 2 ns/op",
		"BenchmarkTransfers/store=x/batch=few 1 2 ns/op",
		"BenchmarkTransfers/store=x 1 two ns/op",
	} {
		if err := r.add(bad); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}

// The tables show the median of the rounds, and how far they are apart.
func TestMedianAndSpread(t *testing.T) {
	for _, row := range []struct {
		values       []float64
		want, spread float64
		ok           bool
	}{
		{nil, 0, 0, false},
		{[]float64{7}, 7, 0, true},
		{[]float64{9, 1}, 5, 1.6, true},
		{[]float64{9, 1, 2}, 2, 4, true},
		{[]float64{0, 0}, 0, 0, true},
	} {
		if got, ok := median(row.values); ok != row.ok || got != row.want {
			t.Errorf("%v: got median %v, %t, want %v, %t", row.values, got, ok, row.want, row.ok)
		}
		if got := spread(row.values); math.Abs(got-row.spread) > 1e-9 {
			t.Errorf("%v: got spread %v, want %v", row.values, got, row.spread)
		}
	}
}

// A machine that is slow for a while is slow for both. A round in which others had the machine does not count, if there are
// others.
func TestRatiosLeaveOutDisturbedRounds(t *testing.T) {
	a, b := of("payrules", "spread", load{64, 1}), of("postgres", "spread", load{64, 1})
	for _, row := range []struct {
		others []float64 // while a was measured
		want   float64   // a by b: of 10, 12 and 8
		alone  float64   // a
		quiet  bool
	}{
		{nil, 10, 80, true},
		{[]float64{0, 25, 0}, 10, 80, true},
		{[]float64{26, 0, 99}, 12, 24, true},
		{[]float64{26, 26, 26}, 10, 80, false},
	} {
		r := results{a: {"transfers/s": {100, 24, 80}, "others-%": row.others}, b: {"transfers/s": {10, 2, 10}}}
		ratios, quiet := r.ratios(a, b, "transfers/s")
		if got, ok := median(ratios); !ok || got != row.want || quiet != row.quiet {
			t.Errorf("others %v: got %v (quiet %t), want %v (%t)", row.others, got, quiet, row.want, row.quiet)
		}
		figures, quiet := r.figures(a, "transfers/s")
		if got, ok := median(figures); !ok || got != row.alone || quiet != row.quiet {
			t.Errorf("others %v: got %v (quiet %t), want %v (%t)", row.others, got, quiet, row.alone, row.quiet)
		}
	}
	if got, _ := (results{}).ratios(a, b, "transfers/s"); got != nil {
		t.Errorf("got ratios %v of nothing", got)
	}
}

// The tables say what was measured, leave out what was not, and do not hide a promise that is broken.
func TestReport(t *testing.T) {
	r := &report{results: results{}, note: "PostgreSQL is left out.", machine: machine(sample)}
	for _, round := range []string{sample, second} {
		if err := r.results.add(round); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	r.write(&out)
	for _, want := range []string{
		"A Fast One, go1.",
		"| PostgreSQL, `SELECT … FOR UPDATE` | spread |  | 4,500 (22 %) |  |  |\n",
		"| **payrules `ledger/books`, pebble** | spread |  | 42,000 (86 %) |  | 1,234,567 (0 %) |\n",
		// 12 times and 6 times: too few.
		"(≥ 10 at 64 callers) | spread |  | **9.00** |  |  |\n",
		"| payrules ÷ PostgreSQL, one function, one round trip | spread |  | 7.50 |  |  |\n",
		// 0.8 and 0.95: too little.
		"(≥ 0.9) | hot ÷ spread |  | **0.88** |  |  |\n",
		"| PostgreSQL, `SELECT … FOR UPDATE` | spread |  | 300 (0 %) |  |  |\n",
		"| PostgreSQL, `SELECT … FOR UPDATE` | spread |  | 9.50 · 99 |  |\n",
		"verifies 400,000 records a second",
		"PostgreSQL is left out.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q in:\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "groups") || strings.Contains(out.String(), "settlement") {
		t.Errorf("what was not measured is in:\n%s", &out)
	}
}

// Whoever is measured has a line in the tables.
func TestEverybodyIsInTheTables(t *testing.T) {
	source, err := os.ReadFile("../../store_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\{name: "([a-z0-9-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(found) != len(stores()) {
		t.Errorf("got %d stores in store_test.go, and %d in the tables", len(found), len(stores()))
	}
	for _, m := range found {
		if !slices.ContainsFunc(stores(), func(c contender) bool { return c.name == m[1] }) {
			t.Errorf("%s is not in the tables", m[1])
		}
	}
}

func TestCommas(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 999.4: "999", 1000: "1,000", 1234566.5: "1,234,567"} {
		if got := commas(n); got != want {
			t.Errorf("%v: got %s, want %s", n, got, want)
		}
	}
}
