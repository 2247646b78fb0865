package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// variable says where PostgreSQL is.
const variable = "PAYRULES_POSTGRES"

// services starts a private PostgreSQL if the variable is not set and the program is installed. It returns a note if it is
// left out, and what ends it.
func services(module string) (note string, stop func(), err error) {
	script := filepath.Join(module, "..", "..", "scripts", "services")
	installed, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	switch {
	case err != nil:
		return "", nil, err
	case os.Getenv(variable) != "":
		return "", func() {}, nil
	case len(installed) == 0:
		note = fmt.Sprintf("PostgreSQL is left out: it is not installed, and %s does not say where it runs.", variable)
		return note, func() {}, nil
	}
	state, err := os.MkdirTemp("", "payrules-table-")
	if err != nil {
		return "", nil, err
	}
	run := func(command string) ([]byte, error) {
		cmd := exec.Command(script, command, "postgres")
		cmd.Env = append(os.Environ(), "PAYRULES_SERVICES="+state)
		cmd.Stderr = os.Stderr
		return cmd.Output()
	}
	stop = func() {
		if _, err := run("stop"); err != nil {
			fmt.Fprintln(os.Stderr, "table: PostgreSQL could not be stopped:", err)
			return
		}
		if err := os.RemoveAll(state); err != nil {
			fmt.Fprintln(os.Stderr, "table:", err)
		}
	}
	out, err := run("start")
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if err := os.Setenv(name, value); err != nil {
			stop()
			return "", nil, err
		}
	}
	return "", stop, nil
}
