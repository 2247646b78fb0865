package bench_test

import (
	"os"
	"testing"
)

// server returns where a server is, from the environment. Without it the test or the benchmark is skipped, but for tests
// under CI=true.
func server(tb testing.TB, variable string) string {
	tb.Helper()
	url := os.Getenv(variable)
	if _, test := tb.(*testing.T); test && url == "" && os.Getenv("CI") == "true" {
		tb.Fatalf("%s is not set: CI must run against a real server", variable)
	}
	if url == "" {
		tb.Skipf("%s is not set: scripts/services starts a server and says where it is", variable)
	}
	return url
}
