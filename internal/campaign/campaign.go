// Package campaign says how much a test does: the little of every day, or the long campaign of PAYRULES_LONG=1, and
// where the real data is.
//
// Ask it while a test runs, and not from TestMain or a package variable: go test sees only what is read while tests
// run, and would show a cached short result for a long one.
package campaign

import (
	"os"
	"path/filepath"
	"testing"
)

// Long says whether long campaigns are wanted: PAYRULES_LONG is 1.
func Long() bool { return os.Getenv("PAYRULES_LONG") == "1" }

// Size is short, or long in a long campaign.
func Size[T any](short, long T) T {
	if Long() {
		return long
	}
	return short
}

// Alone is n, or a quarter of it under the race detector, which makes a test of a single goroutine ten times slower and finds nothing in it.
func Alone(n int) int {
	if race {
		return (n + 3) / 4
	}
	return n
}

// Data is the path of a file of real data: name, with slashes, in the folder that PAYRULES_DATA names. Where the file
// cannot be had the test ends: it is skipped with the reason, and fails if CI is "true".
func Data(t testing.TB, name string) string {
	t.Helper()
	end := t.Skipf
	if os.Getenv("CI") == "true" {
		end = t.Fatalf
	}
	dir := os.Getenv("PAYRULES_DATA")
	if dir == "" {
		end("%s: PAYRULES_DATA, the folder of the real data, is not set", name)
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		end("PAYRULES_DATA: %v", err)
	}
	return path
}
