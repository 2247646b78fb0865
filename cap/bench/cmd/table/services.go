package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// services starts a private server for each of PostgreSQL and Redis whose variable is not set, if its program is installed.
// It returns a note on each that is left out, and what ends those it has started.
func services(module string) (notes []string, stop func(), err error) {
	script := filepath.Join(module, "..", "..", "scripts", "services")
	var names []string
	for _, s := range []struct{ name, title, variable, program string }{
		{"postgres", "PostgreSQL", "PAYRULES_POSTGRES", "/usr/lib/postgresql/*/bin/initdb"},
		{"redis", "Redis", "PAYRULES_REDIS", "/usr/bin/redis-server"},
	} {
		found, err := filepath.Glob(s.program)
		switch {
		case err != nil:
			return nil, nil, err
		case os.Getenv(s.variable) != "":
		case len(found) > 0:
			names = append(names, s.name)
		default:
			notes = append(notes, fmt.Sprintf("%s is left out: it is not installed, and %s does not say where it runs.", s.title, s.variable))
		}
	}
	if len(names) == 0 {
		return notes, func() {}, nil
	}
	state, err := os.MkdirTemp("", "payrules-table-")
	if err != nil {
		return nil, nil, err
	}
	run := func(command string) ([]byte, error) {
		cmd := exec.Command(script, append([]string{command}, names...)...)
		cmd.Env = append(os.Environ(), "PAYRULES_SERVICES="+state)
		cmd.Stderr = os.Stderr
		return cmd.Output()
	}
	stop = func() {
		if _, err := run("stop"); err != nil {
			fmt.Fprintln(os.Stderr, "table: the servers could not be stopped:", err)
			return
		}
		if err := os.RemoveAll(state); err != nil {
			fmt.Fprintln(os.Stderr, "table:", err)
		}
	}
	out, err := run("start")
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("start %v: %w", names, err)
	}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if err := os.Setenv(name, value); err != nil {
			stop()
			return nil, nil, err
		}
	}
	return notes, stop, nil
}
