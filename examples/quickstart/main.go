// Quickstart decides a stream of bank transactions against spending caps, with a journal on disk, and ends with
// a report.
//
//	go run ./examples/quickstart                                  a built-in stream
//	go run ./examples/quickstart -input trans.csv -cap 7d=20000   a file in the form of the Berka data set
//	go run ./examples/quickstart -h                               all flags
//
// # What is journaled
//
// Every row. A withdrawal is a command to the meter of its account, and its decision is an event of the stream
// "cap/ACCOUNT", accepted or refused. Any other row is an event of the stream "statement/ACCOUNT" as it stands in
// the input. The caps of the journal are the one event of "settings/caps". Keys are the transaction ids, so a row that
// was journaled is answered from the journal for ever: the program may be killed at any moment and started again on
// the same -data, and comes to the same figures.
//
// # Reading the source
//
// A row goes from input.go or demo.go (where it comes from) through runner.go (callers, in order for each account)
// to bank.go (the library at work), and its answer into tally.go (figures), which report.go and json.go show.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Exit statuses.
const (
	exitDone        = 0
	exitFailed      = 1   // what was decided before is in the journal
	exitUsage       = 2   // nothing was done
	exitInterrupted = 130 // what was under way is finished and in the journal
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program, from its arguments to its exit status. When ctx is done it ends early, but in order.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseFlags(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		usage(stdout)
		return exitDone
	case err != nil:
		fmt.Fprintf(stderr, "quickstart: %v (-h shows all flags)\n", err)
		return exitUsage
	}
	r, err := process(ctx, o, stderr)
	if err == nil && o.json {
		err = r.writeJSON(stdout)
	} else if err == nil {
		err = r.write(stdout)
	}
	var cut *interrupted
	switch {
	case errors.As(err, &cut):
		fmt.Fprintf(stderr, "quickstart: %v\n", err)
		return exitInterrupted
	case err != nil:
		fmt.Fprintf(stderr, "quickstart: %v\n", err)
		return exitFailed
	}
	return exitDone
}

// process decides the whole input and makes the report.
//
// Returns an error if:
//   - the input cannot be opened, or a row of it breaks its form (*inputError);
//   - the journal cannot be opened, or fails, or was made with other caps;
//   - ctx is done before the end of the input (*interrupted).
//
// In every case the rows before that are decided and journaled.
func process(ctx context.Context, o *options, stderr io.Writer) (r *report, err error) {
	in, err := openInput(o.input)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.close() }() // it was only read
	if o.data == "" {
		if o.data, err = os.MkdirTemp("", "payrules-quickstart-"); err != nil {
			return nil, err
		}
	}
	b, err := openBank(ctx, o.data, o.caps)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	fmt.Fprintf(stderr, "The journal is in %s\n", o.data)

	started := time.Now()
	t := newTally()
	bar := startProgress(stderr, in.size, t)
	err = decideAll(ctx, b, in, o.callers, t)
	bar.stop()
	if err != nil {
		return nil, fmt.Errorf("%w\nThis is no report: %s", err, t.soFar(o.data))
	}
	return newReport(context.WithoutCancel(ctx), o, in.name, b, t, time.Since(started))
}
