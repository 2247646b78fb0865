package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// Bounds and defaults of the flags.
const (
	defaultCap     = "7d=20000"
	defaultCallers = 256
	maxCallers     = 4096 // the engine takes no more at once
)

// options are what the flags say.
type options struct {
	input   string // a file, or "" for the built-in stream
	data    string // the folder of the journal, or "" for a new one
	caps    caps
	json    bool
	callers int
}

// flags declares the flags, to be read into o.
func flags(o *options) *flag.FlagSet {
	f := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	f.SetOutput(io.Discard) // run says what is wrong
	f.StringVar(&o.input, "input", "", "read the transactions from `FILE`, a CSV as the Berka data set has it\n(default: a built-in stream)")
	f.StringVar(&o.data, "data", "", "keep the journal in folder `DIR`\n(default: a new temporary one, named in the output)")
	f.Var(&o.caps, "cap", "cap the withdrawals of each account, as `WINDOW=AMOUNT[/COUNT]` in CZK\n"+
		"(default "+defaultCap+"; may be repeated). WINDOW is 7d or 36h (rolling),\n"+
		"day, week or month (calendar, UTC), tx (each one), or lifetime")
	f.BoolVar(&o.json, "json", false, "write the report as one JSON object to standard output")
	f.IntVar(&o.callers, "callers", defaultCallers, "let `N` callers decide at a time, one for an account")
	return f
}

// parseFlags reads the command line.
//
// Returns flag.ErrHelp for -h, and an error that names the flag if one is unknown, malformed, out of its bounds, or
// says what another one says.
func parseFlags(args []string) (*options, error) {
	o := &options{}
	f := flags(o)
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("argument %q: want flags only", f.Arg(0))
	}
	if o.callers < 1 || o.callers > maxCallers {
		return nil, fmt.Errorf("flag -callers: %d, want 1 to %d", o.callers, maxCallers)
	}
	var empty error
	f.Visit(func(g *flag.Flag) {
		if (g.Name == "input" || g.Name == "data") && g.Value.String() == "" {
			empty = errors.Join(empty, fmt.Errorf("flag -%s: empty", g.Name))
		}
	})
	if empty != nil {
		return nil, empty
	}
	if len(o.caps.limits) == 0 {
		if err := o.caps.Set(defaultCap); err != nil {
			return nil, err
		}
	}
	return o, o.caps.check()
}

// usage shows the flags.
func usage(w io.Writer) {
	fmt.Fprint(w, "Quickstart decides bank transactions against spending caps, and reports.\n\n")
	f := flags(&options{})
	f.SetOutput(w)
	f.PrintDefaults()
}
