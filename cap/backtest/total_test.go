package backtest_test

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
)

// A sum does not stop at what fits an int64.
func TestTotalsDoNotOverflow(t *testing.T) {
	var attempts []backtest.Attempt
	for i := range 3000 {
		attempts = append(attempts, pay("a", fmt.Sprint(i), 0, cap.MaxAmount), pay("a", fmt.Sprint("n", i), 0, -cap.MaxAmount), pay("a", fmt.Sprint("m", i), 0, cap.MaxAmount))
	}
	r, err := backtest.Run(context.Background(), stream(attempts...), []backtest.Candidate{{Policy: policies[0]}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	refusals := r.Candidates[0].Commands[0].Refusals
	want := new(big.Int).Mul(big.NewInt(cap.MaxAmount), big.NewInt(6000))
	var got []string
	for _, f := range refusals {
		got = append(got, strings.ReplaceAll(strings.ReplaceAll(f.String(), ",", ""), ".", ""))
		if _, fits := f.Amount(); fits {
			t.Errorf("%s fits", f.Total)
		}
	}
	half := new(big.Int).Div(want, big.NewInt(2))
	if !slices.Equal(got, []string{"3000 for -" + half.String() + " EUR", "6000 for " + want.String() + " EUR"}) {
		t.Errorf("got %q, want %s and %s", got, half, want)
	}
}
