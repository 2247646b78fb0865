package billing_test

import (
	"fmt"
	"testing"

	"github.com/payrules/payrules/billing"
)

// BenchmarkAccept is the decision on a purchase, without recording it. What is unbilled must not count, items in proportion.
func BenchmarkAccept(b *testing.B) {
	for _, row := range []struct{ unbilled, items int }{
		{0, 3}, {1_000, 3}, {billing.MaxUnbilled - 1, 3}, // of one more none would be accepted
		{1_000, 1}, {1_000, 10}, {1_000, 100},
	} {
		b.Run(fmt.Sprintf("unbilled=%d/items=%d", row.unbilled, row.items), func(b *testing.B) {
			a := account(b, 1<<50)
			for i := range row.unbilled {
				fill(b, a, billing.Accept{At: at(2, 9), Operation: operation(fmt.Sprintf("op-%06d", i), item("12.34", "20"))})
			}
			rates := []string{"20", "10", "5.5"}
			items := make([]billing.Item, row.items)
			for i := range items {
				items[i] = item("12.34", rates[i%len(rates)])
			}
			c := billing.Accept{At: at(2, 10), Operation: operation("next", items...)}
			b.ReportAllocs()
			for b.Loop() {
				decided, err := c.Decide(a)
				if err != nil {
					b.Fatal(err)
				}
				if d := c.Result(decided); !d.Accepted || d.Repeated {
					b.Fatal(d)
				}
			}
		})
	}
}

// fill records a purchase without a detour through JSON.
func fill(b *testing.B, a *billing.Account, c billing.Accept) {
	b.Helper()
	decided, err := c.Decide(a)
	if err != nil {
		b.Fatal(err)
	}
	if d := c.Result(decided); !d.Accepted {
		b.Fatal(d)
	}
	if err := a.Apply(decided[0]); err != nil {
		b.Fatal(err)
	}
}
