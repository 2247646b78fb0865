// Command table measures the ledgers of package bench side by side and prints the figures as Markdown.
//
//	go run ./ledger/bench/cmd/table          # some five minutes
//	go run ./ledger/bench/cmd/table -quick   # one, and only good for a look
//	go run ./ledger/bench/cmd/table -store 'payrules|postgres$' -rounds 10
//
// It runs the benchmarks in rounds: in each round everybody once, in a process of his own. So what else the machine does
// meets all alike. The tables show medians over the rounds; what is set against each other is of the same round.
//
// PostgreSQL is that of PAYRULES_POSTGRES, or a private one that it starts and ends where the program is installed; it is left
// out otherwise.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

const suite = "github.com/payrules/payrules/ledger/bench"

func main() {
	rounds := flag.Int("rounds", 5, "how often everybody is measured")
	benchtime := flag.Duration("benchtime", time.Second, "for how long each time")
	quick := flag.Bool("quick", false, "one round of a third of the time")
	only := flag.String("store", ".", "a regular expression: measure only those whose name matches")
	flag.Parse()
	if *quick {
		*rounds, *benchtime = 1, *benchtime/3
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // so that the server is ended, too
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
	note, stop, err := services(strings.TrimSpace(out))
	if err != nil {
		return err
	}
	defer stop()

	r := &report{results: results{}, note: note}
	for round := range rounds {
		for _, s := range stores() {
			if !wanted.MatchString(s.name) {
				continue
			}
			say("round %d of %d: %s", round+1, rounds, s.name)
			out, err := output(ctx, binary, "-test.run", "^$", "-test.bench", "/^store="+s.name+"$", "-test.benchtime", benchtime.String())
			if err != nil {
				return err
			}
			if err := r.results.add(out); err != nil {
				return err
			}
			r.machine = machine(out)
		}
	}
	r.write(os.Stdout)
	return nil
}

// machine says where it was measured, from the head of a benchmark's output.
func machine(output string) string {
	text := fmt.Sprintf("%s, %s/%s, %d cores", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for line := range strings.Lines(output) {
		if cpu, ok := strings.CutPrefix(line, "cpu: "); ok {
			return strings.TrimSpace(cpu) + ", " + text
		}
	}
	return text
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
