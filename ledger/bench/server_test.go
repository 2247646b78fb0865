package bench_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
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

// ticks adds up processor times as Linux writes them, in hundredths of a second.
func ticks(fields ...string) (sum time.Duration) {
	for _, field := range fields {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		sum += time.Duration(n) * 10 * time.Millisecond
	}
	return sum
}

// busyTime returns the time in which the cores of this machine did something, or were taken by another machine, all programs
// together; 0 if that is not known.
func busyTime() time.Duration {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	fields := strings.Fields(line) // cpu user nice system idle iowait irq softirq steal …
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0
	}
	return ticks(fields[1], fields[2], fields[3], fields[6], fields[7], fields[8])
}
