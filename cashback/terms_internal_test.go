package cashback

import (
	"errors"
	"testing"

	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

func euros(minor int64) money.Amount { return money.New(minor, money.EUR) }

// What terms give: each row is read on its own.
func TestReward(t *testing.T) {
	percent := func(s string) money.Rate { return money.MustParseRate(s) }
	ladder := []Step{
		{From: euros(10_00), Until: euros(100_00), Rate: percent("0.01")},
		{From: euros(100_00), Until: euros(200_00), Fixed: euros(5_00)},
		{From: euros(200_00), Rate: percent("0.025")},
	}
	for _, row := range []struct {
		what  string
		terms Terms
		base  int64
		mode  money.Rounding
		want  int64
	}{
		{"nothing for nothing", Terms{Fixed: euros(5_00)}, 0, money.Up, 0},
		{"rounded once: 0.125", Terms{Rate: percent("0.0125")}, 10_00, money.HalfAwayFromZero, 13},
		{"to even", Terms{Rate: percent("0.0125")}, 10_00, money.HalfEven, 12},
		{"always up", Terms{Rate: percent("0.0001")}, 1, money.Up, 1},
		{"a third", Terms{Rate: percent("1/3")}, 1_00, money.Down, 33},
		{"a cent below the least purchase", Terms{Rate: percent("0.5"), MinPurchase: euros(10_00)}, 9_99, money.Up, 0},
		{"on it", Terms{Rate: percent("0.5"), MinPurchase: euros(10_00)}, 10_00, money.Up, 5_00},
		{"fixed", Terms{Fixed: euros(5_00)}, 1, money.Up, 5_00},
		{"at most so much", Terms{Rate: percent("0.5"), MaxReward: euros(7_00)}, 14_01, money.Up, 7_00},
		{"fixed, at most so much", Terms{Fixed: euros(5_00), MaxReward: euros(3_00)}, 14_01, money.Up, 3_00},
		{"below the ladder", Terms{Ladder: ladder}, 9_99, money.Up, 0},
		{"on its first step, for the whole of the purchase", Terms{Ladder: ladder}, 10_00, money.Up, 10},
		{"at the end of it", Terms{Ladder: ladder}, 99_99, money.Down, 99},
		{"on the next", Terms{Ladder: ladder}, 100_00, money.Up, 5_00},
		{"on the last, which has no end", Terms{Ladder: ladder}, 10_000_00, money.Up, 250_00},
		{"above a ladder that ends", Terms{Ladder: ladder[:1]}, 100_00, money.Up, 0},
		{"more than an int64 holds, and bounded", Terms{Rate: percent("100000"), MaxReward: euros(3_00)}, MaxAmount, money.Up, 3_00},
		{"as much as can be", Terms{Rate: percent("1")}, MaxAmount, money.Up, MaxAmount},
	} {
		if got, err := row.terms.reward(euros(row.base), row.mode); err != nil || got != euros(row.want) {
			t.Errorf("%s: got %v %v, want %v", row.what, got, err, euros(row.want))
		}
	}
	for what, row := range map[string]struct {
		terms Terms
		want  error
	}{
		"too much":             {Terms{Rate: percent("2")}, money.ErrOverflow},
		"beyond an int64":      {Terms{Rate: percent("100000")}, money.ErrOverflow},
		"least in dollars":     {Terms{Rate: percent("1"), MinPurchase: money.New(1, money.USD)}, money.ErrCurrencyMismatch},
		"fixed in dollars":     {Terms{Fixed: money.New(1, money.USD)}, money.ErrCurrencyMismatch},
		"at most in dollars":   {Terms{Rate: percent("1"), MaxReward: money.New(1, money.USD)}, money.ErrCurrencyMismatch},
		"a ladder in dollars":  {Terms{Ladder: []Step{{From: money.New(1, money.USD), Rate: percent("1")}}}, money.ErrCurrencyMismatch},
		"an end in dollars":    {Terms{Ladder: []Step{{From: euros(1), Until: money.New(1, money.USD), Rate: percent("1")}}}, money.ErrCurrencyMismatch},
		"a ladder of nothings": {Terms{Ladder: []Step{{Rate: percent("1")}}}, money.ErrNoCurrency},
	} {
		if got, err := row.terms.reward(euros(MaxAmount), money.Up); !errors.Is(err, row.want) || got.Sign() != 0 {
			t.Errorf("%s: got %v %v, want %v", what, got, err, row.want)
		}
	}
	if _, err := (&Terms{Rate: percent("1")}).reward(euros(1), 0); !errors.Is(err, money.ErrInvalidRounding) {
		t.Errorf("no rounding: got %v", err)
	}
}

// What terms give never falls as the purchase grows, is nothing for nothing, and never above MaxReward. Refunds rest on it.
func TestRewardNeverFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := drawMonotone(t)
		mode := rapid.SampledFrom([]money.Rounding{
			money.HalfAwayFromZero, money.HalfEven, money.Down, money.Up, money.Floor, money.Ceil}).Draw(t, "mode")
		last := int64(0)
		for base := range rapid.Int64Range(1, 500).Draw(t, "up to") {
			got, err := terms.reward(euros(base), mode)
			if err != nil {
				t.Fatal(err)
			}
			switch minor := got.Minor(); {
			case minor < last, base == 0 && minor != 0, terms.MaxReward.Valid() && minor > terms.MaxReward.Minor():
				t.Fatalf("%+v gives %v for %v, and %v for a cent less", terms, got, euros(base), euros(last))
			case base < terms.MinPurchase.Minor() && minor != 0:
				t.Fatalf("%+v gives %v for %v", terms, got, euros(base))
			default:
				last = minor
			}
		}
	})
}

func drawMonotone(t *rapid.T) Terms {
	rate := func(from int64) money.Rate {
		r, err := money.NewRate(rapid.Int64Range(from, from+999).Draw(t, "rate"), 10_000)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	var terms Terms
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		terms.Rate = rate(1)
	case 1:
		terms.Fixed = euros(rapid.Int64Range(1, 50).Draw(t, "fixed"))
	case 2: // each step gives more than the one before can
		a, b := rapid.Int64Range(1, 200).Draw(t, "second"), rapid.Int64Range(1, 200).Draw(t, "third")
		terms.Ladder = []Step{
			{From: euros(0), Until: euros(a), Rate: rate(0)}, {From: euros(a), Until: euros(a + b), Fixed: euros(a)}, {From: euros(a + b), Rate: rate(10_000)},
		}
	}
	if rapid.Bool().Draw(t, "least?") {
		terms.MinPurchase = euros(rapid.Int64Range(1, 300).Draw(t, "least"))
	}
	if rapid.Bool().Draw(t, "most?") {
		terms.MaxReward = euros(rapid.Int64Range(1, 60).Draw(t, "most"))
	}
	return terms
}
