//go:build !unix

package bench_test

import "time"

// cpuTime returns zero: it is not known here, and the metric is left out.
func cpuTime() time.Duration { return 0 }
