package money_test

import (
	"cmp"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/money"
)

// Nothing overflows silently: every operation gives what math/big gives, or ErrOverflow when that does not fit.
func TestArithmeticAgreesWithBig(t *testing.T) {
	check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(currencies).Draw(t, "currency")
		a, b := amounts(c).Draw(t, "a"), amounts(c).Draw(t, "b")
		x, y := big.NewInt(a.Minor()), big.NewInt(b.Minor())
		op := func(f func(z, x, y *big.Int) *big.Int) *big.Int { return f(new(big.Int), x, y) }

		got, err := a.Add(b)
		agree(t, got, err, op((*big.Int).Add), c)
		got, err = a.Sub(b)
		agree(t, got, err, op((*big.Int).Sub), c)
		got, err = a.Mul(b.Minor())
		agree(t, got, err, op((*big.Int).Mul), c)
		got, err = a.Neg()
		agree(t, got, err, new(big.Int).Neg(x), c)
		got, err = a.Abs()
		agree(t, got, err, new(big.Int).Abs(x), c)
		if order, err := a.Compare(b); err != nil || order != x.Cmp(y) {
			t.Fatalf("Compare: got %d, %v; want %d", order, err, x.Cmp(y))
		}
		least, err := money.Min(a, b)
		agree(t, least, err, big.NewInt(min(a.Minor(), b.Minor())), c)
		most, err := money.Max(a, b)
		agree(t, most, err, big.NewInt(max(a.Minor(), b.Minor())), c)
		if a.Sign() != x.Sign() || a.Equal(b) != (x.Cmp(y) == 0) {
			t.Fatalf("Sign %d, Equal %v of %v and %v", a.Sign(), a.Equal(b), a, b)
		}
	})
}

// A sum depends on the total alone, not on the order, nor on whether a part of it would have overflowed.
func TestSumAgreesWithBig(t *testing.T) {
	check(t, func(t *rapid.T) {
		all := rapid.SliceOf(amounts(money.EUR)).Draw(t, "amounts")
		want := new(big.Int)
		for _, a := range all {
			want.Add(want, big.NewInt(a.Minor()))
		}
		got, err := money.Sum(money.EUR, all...)
		agree(t, got, err, want, money.EUR)
		got, err = money.Sum(money.EUR, rapid.Permutation(all).Draw(t, "permuted")...)
		agree(t, got, err, want, money.EUR)
	})
}

// multiplyLaw: multiplying by a rate is the exact product, rounded once.
func multiplyLaw(t *rapid.T) {
	c := rapid.SampledFrom(currencies).Draw(t, "currency")
	a, r := amounts(c).Draw(t, "amount"), rates().Draw(t, "rate")
	mode := rapid.SampledFrom(modes).Draw(t, "mode")
	product := new(big.Int).Mul(big.NewInt(a.Minor()), big.NewInt(r.Numerator()))
	got, err := a.MulRate(r, mode)
	agree(t, got, err, rounded(product, big.NewInt(r.Denominator()), mode), c)
}

func TestMulRateAgreesWithBig(t *testing.T) { check(t, multiplyLaw) }

func FuzzMulRate(f *testing.F) { f.Fuzz(rapid.MakeFuzz(multiplyLaw)) }

// convertLaw: converting is the exact product in units of the other currency, rounded once.
func convertLaw(t *rapid.T) {
	from, to := rapid.SampledFrom(currencies).Draw(t, "from"), rapid.SampledFrom(currencies).Draw(t, "to")
	if rapid.Bool().Draw(t, "odd") { // most currencies have 2 digits: bring in the others
		odd := rapid.SampledFrom([]money.Currency{money.JPY, money.EUR, money.BHD, money.CLF})
		from, to = odd.Draw(t, "odd from"), odd.Draw(t, "odd to")
	}
	a, r := amounts(from).Draw(t, "amount"), rates().Draw(t, "rate")
	mode := rapid.SampledFrom(modes).Draw(t, "mode")
	num := new(big.Int).Mul(big.NewInt(a.Minor()), big.NewInt(r.Numerator()))
	num.Mul(num, pow10(to.MinorUnits()))
	den := new(big.Int).Mul(big.NewInt(r.Denominator()), pow10(from.MinorUnits()))
	got, err := a.Convert(r, to, mode)
	agree(t, got, err, rounded(num, den, mode), to)
}

func TestConvertAgreesWithBig(t *testing.T) { check(t, convertLaw) }

func FuzzConvert(f *testing.F) { f.Fuzz(rapid.MakeFuzz(convertLaw)) }

// Exactly in the middle of two minor units, and one part in 2^62 beside it, the roundings differ most.
func TestRoundingAtTheMiddle(t *testing.T) {
	check(t, func(t *rapid.T) {
		units := rapid.Int64Range(-1<<31, 1<<31).Draw(t, "units")
		den := rapid.Int64Range(1, 1<<31).Draw(t, "half the denominator") * 2
		beside := rapid.Int64Range(-1, 1).Draw(t, "beside")
		r, err := money.NewRate(den/2+beside, den)
		if err != nil {
			t.Fatal(err)
		}
		a := money.New(2*units+1, money.EUR)
		mode := rapid.SampledFrom(modes).Draw(t, "mode")
		num := new(big.Int).Mul(big.NewInt(a.Minor()), big.NewInt(den/2+beside))
		got, err := a.MulRate(r, mode)
		agree(t, got, err, rounded(num, big.NewInt(den), mode), money.EUR)
	})
}

// The same where four places go and the denominator is large, so that what is cut off has more than 64 bits.
func TestConvertAtTheMiddle(t *testing.T) {
	check(t, func(t *rapid.T) {
		den := rapid.Int64Range(1<<61, math.MaxInt64-1).Draw(t, "denominator")
		num := den + rapid.Int64Range(-1, 1).Draw(t, "beside")
		units := rapid.Int64Range(-1<<31, 1<<31).Draw(t, "units")
		mode := rapid.SampledFrom(modes).Draw(t, "mode")
		r, err := money.NewRate(num, den)
		if err != nil {
			t.Fatal(err)
		}
		a := money.New(5000*(2*units+1), money.CLF) // units and a half
		exactNum := new(big.Int).Mul(big.NewInt(a.Minor()), big.NewInt(num))
		exactDen := new(big.Int).Mul(big.NewInt(den), pow10(4))
		got, err := a.Convert(r, money.JPY, mode)
		agree(t, got, err, rounded(exactNum, exactDen, mode), money.JPY)
	})
}

// RoundTo gives the multiple of the step that the rounding names.
func TestRoundToAgreesWithBig(t *testing.T) {
	check(t, func(t *rapid.T) {
		a := amounts(money.CHF).Draw(t, "amount")
		step := rapid.OneOf(rapid.SampledFrom([]int64{1, 5, 10, 100}), rapid.Int64Range(1, math.MaxInt64)).Draw(t, "step")
		mode := rapid.SampledFrom(modes).Draw(t, "mode")
		want := rounded(big.NewInt(a.Minor()), big.NewInt(step), mode)
		got, err := a.RoundTo(step, mode)
		agree(t, got, err, want.Mul(want, big.NewInt(step)), money.CHF)
	})
}

// allocateLaw: the parts sum back; each is less than one unit from its exact share; zero gets nothing; the sign is
// symmetric; what is left over goes by remainder, then by index.
func allocateLaw(t *rapid.T) {
	a := amounts(money.EUR).Draw(t, "amount")
	weight := rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(0, math.MaxInt64/32))
	weights := rapid.SliceOfN(weight, 1, 32).Draw(t, "weights")
	total := new(big.Int)
	for _, w := range weights {
		total.Add(total, big.NewInt(w))
	}
	parts, err := a.Allocate(weights)
	if total.Sign() == 0 {
		wantError(t, err, money.ErrInvalidArgument)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	want := allocateModel(a.Minor(), weights, total)
	for i, p := range parts {
		if p != money.New(want[i], money.EUR) {
			t.Fatalf("part %d is %v, want %d minor units", i, p, want[i])
		}
		if weights[i] == 0 && p.Sign() != 0 {
			t.Fatalf("part %d has weight 0 and got %v", i, p)
		}
		// |part × total − amount × weight| < total
		off := new(big.Int).Mul(big.NewInt(p.Minor()), total)
		off.Sub(off, new(big.Int).Mul(big.NewInt(a.Minor()), big.NewInt(weights[i])))
		if off.CmpAbs(total) >= 0 {
			t.Fatalf("part %d is %v, a unit or more from its share", i, p)
		}
	}
	if sum, err := money.Sum(money.EUR, parts...); err != nil || sum != a {
		t.Fatalf("parts sum to %v, %v; want %v", sum, err, a)
	}
	if minus, err := a.Neg(); err == nil {
		mirrored, err := minus.Allocate(weights)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range parts {
			if back, err := mirrored[i].Neg(); err != nil || back != p {
				t.Fatalf("part %d of the negated amount is %v, want the opposite of %v", i, mirrored[i], p)
			}
		}
	}
}

// allocateModel hands out what is left one unit at a time, each time looking for whoever lost most and comes first.
func allocateModel(minor int64, weights []int64, total *big.Int) []int64 {
	parts, lost := make([]int64, len(weights)), make([]*big.Int, len(weights))
	left := minor
	for i, w := range weights {
		share := new(big.Int).Mul(big.NewInt(minor), big.NewInt(w))
		cut, rest := new(big.Int).QuoRem(share, total, new(big.Int))
		parts[i], lost[i] = cut.Int64(), rest.Abs(rest)
		left -= parts[i]
	}
	for unit := int64(cmp.Compare(left, 0)); left != 0; left -= unit {
		first := 0
		for i := range lost {
			if lost[i].Cmp(lost[first]) > 0 {
				first = i
			}
		}
		parts[first] += unit
		lost[first] = big.NewInt(-1)
	}
	return parts
}

func TestAllocate(t *testing.T) { check(t, allocateLaw) }

func FuzzAllocate(f *testing.F) { f.Fuzz(rapid.MakeFuzz(allocateLaw)) }

// Split is Allocate with equal weights.
func TestSplitIsAllocateOfEqualWeights(t *testing.T) {
	check(t, func(t *rapid.T) {
		a := amounts(money.EUR).Draw(t, "amount")
		weights := make([]int64, rapid.IntRange(1, 40).Draw(t, "n"))
		for i := range weights {
			weights[i] = 7
		}
		want, err := a.Allocate(weights)
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.Split(len(weights))
		if err != nil || len(got) != len(want) {
			t.Fatalf("got %d parts, %v; want %d", len(got), err, len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("part %d is %v, want %v", i, got[i], want[i])
			}
		}
	})
}

// A cumulative clawback by the share refunded ends at the whole cashback, however the refund is cut in parts.
func TestRatioOfRefundsClawsBackAll(t *testing.T) {
	check(t, func(t *rapid.T) {
		purchase := rapid.Int64Range(1, 1<<50).Draw(t, "purchase")
		earned := money.New(rapid.Int64Range(0, purchase).Draw(t, "earned"), money.EUR)
		mode := rapid.SampledFrom(modes).Draw(t, "mode")
		var before money.Amount = money.New(0, money.EUR)
		for refunded := int64(0); refunded < purchase; {
			refunded += rapid.Int64Range(min(purchase-refunded, purchase/8+1), purchase-refunded).Draw(t, "refund")
			share, err := money.Ratio(money.New(refunded, money.EUR), money.New(purchase, money.EUR))
			if err != nil {
				t.Fatal(err)
			}
			now, err := earned.MulRate(share, mode)
			if err != nil {
				t.Fatal(err)
			}
			if order, _ := now.Compare(before); order < 0 {
				t.Fatalf("clawed back %v after %v", now, before)
			}
			before = now
		}
		if before != earned {
			t.Fatalf("clawed back %v of %v", before, earned)
		}
	})
}
