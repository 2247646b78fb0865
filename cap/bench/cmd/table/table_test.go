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
BenchmarkDecide/impl=xtimerate/windows=3/used=0/accounts=1/entries=100/pick=hot         	 100	   200 ns/op	   0 B/op	   0 allocs/op
BenchmarkDecide/impl=xtimerate/windows=3/used=0/accounts=1/entries=100/pick=hot-2       	 100	   300 ns/op	   0 B/op	   0 allocs/op
BenchmarkDecide/impl=postgres/windows=3/used=0/accounts=1/entries=100/pick=hot          	--- SKIP: BenchmarkDecide/impl=postgres
    bench_test.go:30: PAYRULES_POSTGRES is not set
BenchmarkDecide/impl=payrules-authorize/windows=3/used=0/accounts=1/entries=100/pick=hot	 100	   50.5 ns/op	   51 cpu-ns/op	   0 B/op	   0 allocs/op
BenchmarkDecide/impl=payrules-authorize/windows=3/used=0/accounts=100000/entries=100/pick=uniform-2	 100	   4000 ns/op	 7000 cpu-ns/op	  3235 B/account	   0 B/op	   0 allocs/op
PASS
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
		{key{subject{"xtimerate", 3, 0}, 1, 100, "hot", 1}, "ns/op", 200},
		{key{subject{"xtimerate", 3, 0}, 1, 100, "hot", 2}, "ns/op", 300},
		{key{subject{"payrules-authorize", 3, 0}, 1, 100, "hot", 1}, "cpu-ns/op", 51},
		{key{subject{"payrules-authorize", 3, 0}, 100_000, 100, "uniform", 2}, "B/account", 3235},
	} {
		if got, ok := r.get(row.key, row.unit); !ok || got != row.want {
			t.Errorf("%+v: got %v %s (%t), want %v", row.key, got, row.unit, ok, row.want)
		}
	}
	if len(r) != 4 {
		t.Errorf("got %d benchmarks, want 4", len(r))
	}
	for _, bad := range []string{
		"BenchmarkDecide/impl=x/colour=red-2 1 2 ns/op",
		"BenchmarkDecide/impl=x/windows=three 1 2 ns/op",
		"BenchmarkDecide/impl=x/windows=3 1 two ns/op",
	} {
		if err := r.add(bad); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}

// The tables show the median of the rounds: with an even number, the mean of the two in the middle.
func TestMedian(t *testing.T) {
	for _, row := range []struct {
		values []float64
		want   float64
		ok     bool
	}{
		{nil, 0, false},
		{[]float64{7}, 7, true},
		{[]float64{9, 1}, 5, true},
		{[]float64{9, 1, 2}, 2, true},
		{[]float64{9, 1, 2, 4}, 3, true},
	} {
		if got, ok := median(row.values); ok != row.ok || got != row.want {
			t.Errorf("%v: got %v, %t, want %v, %t", row.values, got, ok, row.want, row.ok)
		}
	}
	k := key{cores: 2}
	for _, row := range []struct {
		cpu  []float64
		want float64
		idle bool
	}{
		{[]float64{50, 50, 560}, 300, false},  // only the last had its cores
		{[]float64{50, 380, 560}, 250, false}, // the last two
		{[]float64{50, 50, 50}, 200, true},    // nobody: then all count
		{nil, 200, false},                     // it is not known
	} {
		r := results{k: {"ns/op": {100, 200, 300}, "cpu-ns/op": row.cpu}}
		if got, idle, ok := r.time(k); !ok || got != row.want || idle != row.idle {
			t.Errorf("processor time %v: got %v, %t, %t, want %v, %t", row.cpu, got, idle, ok, row.want, row.idle)
		}
	}
	one, far := key{cores: 1}, key{subject: subject{impl: "redis"}, cores: 1}
	for k, want := range map[key]float64{one: 70, far: 100} { // a server's work is not in the processor time of this process
		r := results{k: {"ns/op": {100}, "cpu-ns/op": {70}}}
		if got, idle, ok := r.time(k); !ok || idle || got != want {
			t.Errorf("one core, %q: got %v, %t, %t, want %v", k.impl, got, idle, ok, want)
		}
	}
	r := results{k: {"ns/op": {100, 110, 120}}}
	if half, ninth := r.spread(); math.Abs(half-20.0/110) > 1e-9 || half != ninth {
		t.Errorf("got spread %v, %v, want %v", half, ninth, 20.0/110)
	}
}

func TestParseWorst(t *testing.T) {
	names, worst, err := parseWorst(`=== RUN   TestWorst/impl=ulule
=== ATTR  TestWorst/impl=ulule worst 599000
=== ATTR  TestWorst/impl=postgres-nosync worst 300000
=== ATTR  TestOther/impl=x worst 1
    --- PASS: TestWorst/impl=ulule (0.01s)
`)
	if err != nil || len(names) != 2 || worst["ulule"] != 5990_00 || worst["postgres-nosync"] != 3000_00 {
		t.Errorf("got %v, %v, %v", names, worst, err)
	}
	if _, _, err := parseWorst("=== ATTR  TestWorst/impl=ulule worst lots\n"); err == nil {
		t.Error("got no error for a figure that is none")
	}
}

// The tables say what was measured, leave out what was not, and do not hide a promise that is broken.
func TestReport(t *testing.T) {
	r := &report{
		results: results{},
		worst:   map[string]int64{"xtimerate": 5990_00, "payrules": 3000_00},
		missing: []string{"Redis is left out."},
		cores:   2,
		machine: machine(sample),
	}
	if err := r.results.add(sample + `
BenchmarkDecide/impl=payrules/windows=3/used=0/accounts=1/entries=100/pick=hot 100 80 ns/op 0 B/op 0 allocs/op
BenchmarkDecide/impl=payrules/windows=3/used=0/accounts=1/entries=100/pick=hot-2 100 450 ns/op 16 B/op 1 allocs/op
BenchmarkDecide/impl=payrules/windows=3/used=0/accounts=100000/entries=100/pick=uniform 100 6000 ns/op 3235 B/account 0 B/op 0 allocs/op
BenchmarkDecide/impl=payrules/windows=3/used=0/accounts=100000/entries=100/pick=uniform-2 100 3000 ns/op 5700 cpu-ns/op 3235 B/account 0 B/op 0 allocs/op
BenchmarkDecide/impl=payrules/windows=3/used=100/accounts=1/entries=100/pick=hot 100 90 ns/op 0 B/op 0 allocs/op
`); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r.write(&out)
	for _, want := range []string{
		"A Fast One, go1.",
		"| golang.org/x/time/rate | 3 | 200 | 300 |  |  |  |  | 0 | 0 |\n",
		"| **payrules `Meters.Allow`** | 3 | 80 | 450 | 6,000 | 3,000 |  |  | 16 | 1 |\n",
		"| 5990.00 | 1.9967 |  |  |\n",
		"| 3000.00 | 1.0000 |  | 3,235 |\n",
		"| **payrules `Meters.Allow`** | 0.40 | **1.50** | ? | ? | 2.00 | **1** |\n",
		"| **payrules `Meters.Allow`**, limits used up | 3 | 90 |",
		"Redis is left out.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q in:\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "PostgreSQL") {
		t.Errorf("PostgreSQL was not measured, and is in:\n%s", &out)
	}
}

// Whoever is measured has a line in the tables.
func TestEverybodyIsInTheTables(t *testing.T) {
	source, err := os.ReadFile("../../impls_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\{name: "([a-z0-9-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(found) != len(peers())-2 {
		t.Errorf("got %d implementations in impls_test.go, and %d in the tables besides the harness", len(found), len(peers())-2)
	}
	for _, m := range found {
		if !slices.ContainsFunc(peers(), func(p peer) bool { return p.name == m[1] }) {
			t.Errorf("%s is not in the tables", m[1])
		}
	}
}

// A promise about two cores is judged by the rounds in which both were to be had, and one time is set against the other of
// the same round.
func TestClaimsLeaveOutDisturbedRounds(t *testing.T) {
	at := func(impl, pick string, cores int) key {
		return key{subject{impl, 3, 0}, map[string]int{"hot": 1, "uniform": 100_000}[pick], 100, pick, cores}
	}
	r := &report{cores: 2, results: results{
		at("payrules", "hot", 1):      {"ns/op": {10, 10, 10}},
		at("xtimerate", "hot", 1):     {"ns/op": {20, 20, 20}},
		at("payrules", "hot", 2):      {"ns/op": {10, 50, 10}},
		at("xtimerate", "hot", 2):     {"ns/op": {20, 20, 20}},
		at("payrules", "uniform", 1):  {"ns/op": {100, 1000, 300}},
		at("payrules", "uniform", 2):  {"ns/op": {50, 900, 150}, "cpu-ns/op": {100, 1000, 300}},
		at("xtimerate", "uniform", 1): {"ns/op": {200, 500, 400}},
		at("xtimerate", "uniform", 2): {"ns/op": {100, 250, 200}, "cpu-ns/op": {200, 500, 200}},
	}}
	var out strings.Builder
	r.writeClaims(&out)
	// On one core the middle one of 0.5, 2 and 0.75; of the two, only the first round; by itself, the first and the last.
	if want := "| 0.50 | 0.50 | 0.75 | 0.50 | 2.00 | 0 |\n"; !strings.Contains(out.String(), want) {
		t.Errorf("want %q in:\n%s", want, &out)
	}
	r.results[at("payrules", "uniform", 2)]["cpu-ns/op"] = []float64{50, 900, 150}
	out.Reset()
	r.writeClaims(&out)
	if want := "| 0.50 | ? | 0.75 | ? | ? | 0 |\n"; !strings.Contains(out.String(), want) {
		t.Errorf("want %q in:\n%s", want, &out)
	}
}

func TestCommas(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := commas(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
