package cashback_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/cashback"
)

// BenchmarkRemembered is one purchase of a customer who has so many others, when one of them is confirmed since the one before, and becomes
// payable.
func BenchmarkRemembered(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			p := made(b, program(func(s *cashback.Spec) {
				s.Confirmation.Days, s.RefundDays = 0, 3_000
				s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
				s.Rules = []cashback.Rule{giving("all", "0.01", nil)}
			}))
			r := cashback.NewRewards("c")
			at := epoch
			i := 0
			one := func() {
				i++
				at = at.Add(time.Second)
				facts, err := buyNow(p, at, fmt.Sprint(i), 100_00).Decide(r)
				if err != nil {
					b.Fatal(err)
				}
				for _, f := range facts {
					if err := r.Apply(f); err != nil {
						b.Fatal(err)
					}
				}
			}
			for range n {
				one()
			}
			b.ResetTimer()
			for range b.N {
				one()
			}
		})
	}
}
