package cashback

import (
	"errors"
	"math"
	"testing"

	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// Funders pay what is granted, to the cent, each within a cent of its exact share: as money.Amount.Allocate divides it: also
// for shares whose denominator is as large as can be.
func TestFund(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(1, 1_000), 1, MaxFunders).Draw(t, "weights")
		total := int64(0)
		for _, w := range weights {
			total += w
		}
		funders := make([]Funder, len(weights))
		for i, w := range weights {
			share, err := money.NewRate(w, total)
			if err != nil {
				t.Fatal(err)
			}
			funders[i] = Funder{ID: string(rune('a' + i)), Share: share}
		}
		amount := euros(rapid.OneOf(rapid.Int64Range(0, 200), rapid.Int64Range(0, MaxAmount)).Draw(t, "amount"))
		want, err := amount.Allocate(weights)
		if err != nil {
			t.Fatal(err)
		}
		for i, share := range fund(amount, funders, nil) {
			if share != (Share{Funder: funders[i].ID, Amount: want[i]}) || costTo(share.Funder, amount, funders) != want[i].Minor() {
				t.Fatalf("got %v of funder %d, want %v", share, i, want[i])
			}
		}
	})
	if got := costTo("nobody", euros(5), []Funder{{ID: Bank, Share: money.MustParseRate("1")}}); got != 0 {
		t.Errorf("nobody pays %d", got)
	}
	// Halves, but for a part of a million million millions.
	large := int64(math.MaxInt64)
	first, err1 := money.NewRate(large/2, large)
	second, err2 := money.NewRate(large/2+1, large)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	got := fund(euros(5), []Funder{{ID: "a", Share: first}, {ID: "b", Share: second}}, nil)
	if got[0].Amount != euros(2) || got[1].Amount != euros(3) {
		t.Errorf("got %v, want 2 and 3 cents: the second share is larger, by very little", got)
	}
}
