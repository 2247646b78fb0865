package bench_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/payrules/payrules/cap/bench"
)

// How many accounts there are, and entries in the longest window of each.
const (
	most        = 100_000
	entries     = 100
	mostEntries = 10_000
)

// BenchmarkDecide is one decision that approves, by everybody, over the same accounts with the same clocks.
func BenchmarkDecide(b *testing.B) {
	harness := []impl{
		{name: "baseline", windows: []int{1}, open: func(testing.TB, []window) bench.Limiter { return nothing{} }},
		{name: "baseline-now", windows: []int{1}, open: func(testing.TB, []window) bench.Limiter { return readsClock{} }},
	}
	for _, impl := range append(harness, impls...) {
		b.Run("impl="+impl.name, func(b *testing.B) {
			if impl.server != "" && os.Getenv(impl.server) == "" {
				b.Skipf("%s is not set", impl.server)
			}
			for _, n := range impl.windows {
				b.Run(fmt.Sprintf("windows=%d/used=0", n), func(b *testing.B) { decide(b, &impl, n, false) })
				if impl.tight {
					b.Run(fmt.Sprintf("windows=%d/used=100", n), func(b *testing.B) { decide(b, &impl, n, true) })
				}
			}
		})
	}
}

// decide runs an implementation with so many windows over one account and over many, and over one that spends very often
// if that makes a difference.
func decide(b *testing.B, impl *impl, n int, tight bool) {
	limits := func(entries int) []window {
		w := windows(n, 1)
		if impl.clock == argument {
			w = windows(n, scale)
		}
		if tight {
			w = usedUp(w, stepOf(w, entries), amount)
		}
		return w
	}
	many := most
	if impl.accounts > 0 {
		many = impl.accounts
	}
	b.Run("accounts=1", func(b *testing.B) {
		for _, entries := range []int{entries, mostEntries} {
			if entries == mostEntries && !impl.keeps {
				continue
			}
			b.Run(fmt.Sprintf("entries=%d/pick=hot", entries), func(b *testing.B) {
				populate(b, impl, limits(entries), 1, entries).decide(b, draw("hot", 1))
			})
		}
	})
	b.Run(fmt.Sprintf("accounts=%d/entries=%d", many, entries), func(b *testing.B) {
		p := populate(b, impl, limits(entries), many, entries)
		for _, pick := range []string{"uniform", "zipf"} {
			picks := draw(pick, many)
			b.Run("pick="+pick, func(b *testing.B) { p.decide(b, picks) })
		}
	})
}
