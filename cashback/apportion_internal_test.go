package cashback

import (
	"testing"

	"pgregory.net/rapid"
)

// Parts add up, none is above its weight, none ever falls, and the whole gives the weights.
func TestApportion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(0, 300), 1, 8).Draw(t, "weights")
		sum := int64(0)
		for _, w := range weights {
			sum += w
		}
		last := make([]int64, len(weights))
		for total := range sum + 1 {
			parts := apportion(total, weights)
			added := int64(0)
			for i, p := range parts {
				if p < last[i] || p > weights[i] {
					t.Fatalf("%d of %v: got %v after %v", total, weights, parts, last)
				}
				added += p
			}
			if added != total {
				t.Fatalf("%d of %v: got %v, which is %d", total, weights, parts, added)
			}
			last = parts
		}
		for i := range weights {
			if last[i] != weights[i] {
				t.Fatalf("all of %v: got %v", weights, last)
			}
		}
	})
}

// Large weights cost no more, and give what small ones of the same proportions give, as near as whole units can.
func TestApportionLarge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(0, MaxAmount/64), 1, 64).Draw(t, "weights")
		sum := int64(0)
		for _, w := range weights {
			sum += w
		}
		total := rapid.Int64Range(0, sum).Draw(t, "total")
		parts := apportion(total, weights)
		added := int64(0)
		for i, p := range parts {
			exact := float64(total) * float64(weights[i]) / float64(max(sum, 1))
			if p < 0 || p > weights[i] || float64(p)-exact > 65 && float64(p) > exact*(1+1e-9) {
				t.Fatalf("%d of %v: got %v", total, weights, parts)
			}
			added += p
		}
		if added != total {
			t.Fatalf("got %d, want %d", added, total)
		}
	})
}
