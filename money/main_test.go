package money_test

import (
	"flag"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
)

// check checks a law as rapid.Check does, and for longer when PAYRULES_LONG=1. A -rapid.checks on the command line wins.
func check(t *testing.T, law func(*rapid.T)) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if campaign.Long() && checks.Value.String() == checks.DefValue {
		if err := flag.Set("rapid.checks", "200000"); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, law)
}

// modes are all the roundings.
var modes = []money.Rounding{money.HalfAwayFromZero, money.HalfEven, money.Down, money.Up, money.Floor, money.Ceil}

// currencies are all the currencies.
var currencies = slices.Collect(money.Currencies())

// minors draws numbers of minor units: everyday ones, any at all, and those at the edges of an int64.
func minors() *rapid.Generator[int64] {
	return rapid.OneOf(
		rapid.Int64Range(-1000, 1000),
		rapid.Int64Range(-1_000_000_000, 1_000_000_000),
		rapid.Int64(),
		rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64 - 1, math.MaxInt64, math.MaxInt64 / 2, math.MinInt64 / 2}),
	)
}

// amounts draws amounts of a currency.
func amounts(c money.Currency) *rapid.Generator[money.Amount] {
	return rapid.Map(minors(), func(n int64) money.Amount { return money.New(n, c) })
}

// rates draws rates: everyday percentages, any fraction, and the edges.
func rates() *rapid.Generator[money.Rate] {
	return rapid.Custom(func(t *rapid.T) money.Rate {
		den := rapid.OneOf(rapid.SampledFrom([]int64{1, 2, 4, 8, 100, 120, 10_000}), rapid.Int64Range(1, math.MaxInt64)).Draw(t, "den")
		r, err := money.NewRate(minors().Draw(t, "num"), den)
		if err != nil {
			t.Fatalf("NewRate with a positive denominator: %v", err)
		}
		return r
	})
}

// rounded is the oracle for roundings: num/den as a whole number, worked out from the two neighbours and in no range.
func rounded(num, den *big.Int, mode money.Rounding) *big.Int {
	if den.Sign() < 0 {
		num, den = new(big.Int).Neg(num), new(big.Int).Neg(den)
	}
	below, rest := new(big.Int).DivMod(num, den, new(big.Int)) // Euclidean: below is the floor
	if rest.Sign() == 0 {
		return below
	}
	above := new(big.Int).Add(below, big.NewInt(1))
	nearerZero, fartherZero := below, above
	if num.Sign() < 0 {
		nearerZero, fartherZero = above, below
	}
	half := new(big.Int).Lsh(rest, 1).Cmp(den)
	switch mode {
	case money.Floor:
		return below
	case money.Ceil:
		return above
	case money.Down:
		return nearerZero
	case money.Up:
		return fartherZero
	}
	switch {
	case half < 0:
		return below
	case half > 0:
		return above
	case mode == money.HalfAwayFromZero:
		return fartherZero
	case below.Bit(0) == 0:
		return below
	}
	return above
}

// agree fails unless the result is want, or want does not fit and the error says so.
func agree(t rapid.TB, got money.Amount, err error, want *big.Int, c money.Currency) {
	t.Helper()
	if want.IsInt64() {
		if err != nil || got != money.New(want.Int64(), c) {
			t.Fatalf("got %v, %v; want %v minor units of %v", got, err, want, c)
		}
		return
	}
	wantError(t, err, money.ErrOverflow)
	if got != (money.Amount{}) {
		t.Fatalf("got %v beside an error", got)
	}
}

// pow10 returns 10^n.
func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
