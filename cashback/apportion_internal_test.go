package cashback

import (
	"math/big"
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

// Large weights cost no more, and no part is further from its proportion than the method lets it be: n weights of sum S give one of w a part
// within (n × w ÷ S + 1) ÷ 2 of total × w ÷ S. Reckoned in whole numbers, by 2 × |part × S − total × w| ≤ n × w + S.
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
			off := new(big.Int).Sub(product(p, sum), product(total, weights[i]))
			bound := new(big.Int).Add(product(int64(len(weights)), weights[i]), big.NewInt(sum))
			if p < 0 || p > weights[i] || off.Abs(off).Lsh(off, 1).Cmp(bound) > 0 {
				t.Fatalf("%d of %v: got %v", total, weights, parts)
			}
			added += p
		}
		if added != total {
			t.Fatalf("got %d, want %d", added, total)
		}
	})
}

func product(a, b int64) *big.Int { return new(big.Int).Mul(big.NewInt(a), big.NewInt(b)) }
