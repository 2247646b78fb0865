// Command table measures the spending caps of package bench side by side and prints the figures as Markdown.
//
//	go run ./cap/bench/cmd/table          # some three minutes
//	go run ./cap/bench/cmd/table -quick   # one, and only good for a look
//	go run ./cap/bench/cmd/table -impl 'payrules|xtimerate' -rounds 10
//
// It runs the exactness test once, and the benchmarks in rounds: in each round everybody once, in a process of his own. So
// what else the machine does meets all alike, and nobody's garbage is collected at another's expense. The tables show
// medians over the rounds.
//
// Redis and PostgreSQL are those of PAYRULES_REDIS and PAYRULES_POSTGRES, or private ones that it starts and ends where the
// programs are installed; they are left out otherwise.
package main

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

const suite = "github.com/payrules/payrules/cap/bench"

func main() {
	rounds := flag.Int("rounds", 3, "how often everybody is measured")
	benchtime := flag.Duration("benchtime", 100*time.Millisecond, "for how long each time")
	quick := flag.Bool("quick", false, "one round of a fifth of the time")
	only := flag.String("impl", ".", "a regular expression: measure only those whose name matches")
	flag.Parse()
	if *quick {
		*rounds, *benchtime = 1, *benchtime/5
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // so that the servers are ended, too
	defer stop()
	if err := run(ctx, *only, *rounds, *benchtime); err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string, rounds int, benchtime time.Duration) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	out, err := output(ctx, "go", "list", "-m", "-f", "{{.Dir}}", suite)
	if err != nil {
		return fmt.Errorf("run it within the repository: %w", err)
	}
	dir, err := os.MkdirTemp("", "payrules-table-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "bench.test")
	if _, err := output(ctx, "go", "test", "-c", "-o", binary, suite); err != nil {
		return err
	}
	notes, stop, err := services(strings.TrimSpace(out))
	if err != nil {
		return err
	}
	defer stop()

	r := &report{results: results{}, missing: notes, cores: min(2, runtime.NumCPU())}
	say("how much each lets through")
	if out, err = output(ctx, binary, "-test.run", "^TestWorst$/impl=.*("+only+")", "-test.v"); err != nil {
		return err
	}
	names, worst, err := parseWorst(out)
	if err != nil {
		return err
	}
	r.worst = worst
	names = slices.DeleteFunc(append(names, "baseline", "baseline-now"), func(name string) bool { return !wanted.MatchString(name) })
	if err := r.measure(ctx, binary, names, rounds, benchtime); err != nil {
		return err
	}
	r.write(os.Stdout)
	return nil
}

// measure runs the benchmarks of everybody, in rounds. Those whose times are set against each other are neighbours.
func (r *report) measure(ctx context.Context, binary string, names []string, rounds int, benchtime time.Duration) error {
	first := []string{"payrules-meter", "payrules-authorize", "xtimerate", "payrules"}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(first, b), slices.Index(first, a)), cmp.Compare(a, b))
	})
	cpus := "1"
	if r.cores == 2 {
		cpus = "1,2"
	}
	for round := range rounds {
		for _, name := range names {
			say("round %d of %d: %s", round+1, rounds, name)
			out, err := output(ctx, binary, "-test.run", "^$", "-test.bench", "^BenchmarkDecide$/^impl="+name+"$",
				"-test.benchtime", benchtime.String(), "-test.cpu", cpus)
			if err != nil {
				return err
			}
			if err := r.results.add(out); err != nil {
				return err
			}
			r.machine = machine(out)
		}
	}
	return nil
}

// machine says where it was measured, from the head of a benchmark's output.
func machine(output string) string {
	for line := range strings.Lines(output) {
		if cpu, ok := strings.CutPrefix(line, "cpu: "); ok {
			return fmt.Sprintf("%s, %s, %s/%s", strings.TrimSpace(cpu), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		}
	}
	return fmt.Sprintf("%s, %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// output runs a program and returns what it prints.
func output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var out, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &wrong
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, out.String(), wrong.String())
	}
	return out.String(), nil
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "table: "+format+"\n", args...) }
