package money_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/money"
)

// wantError fails unless err wraps want, which is nil for no error.
func wantError(t rapid.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
	if err != nil && !strings.HasPrefix(err.Error(), "money: ") {
		t.Fatalf("error %q does not say which package it is of", err)
	}
}

// Every operation on an amount without a currency is ErrNoCurrency, on either side.
func TestNoCurrency(t *testing.T) {
	set := money.New(1, money.EUR)
	rate := money.MustParseRate("0.5")
	for _, none := range []money.Amount{{}, money.New(0, 0), money.New(5, money.Currency(1)), money.New(5, 65535)} {
		if none.Valid() || none.Currency() != 0 {
			t.Errorf("%#v is valid", none)
		}
		ops := map[string]func() error{
			"add":            func() error { _, err := none.Add(set); return err },
			"add to":         func() error { _, err := set.Add(none); return err },
			"add none":       func() error { _, err := none.Add(none); return err },
			"sub":            func() error { _, err := none.Sub(set); return err },
			"sub none":       func() error { _, err := none.Sub(none); return err },
			"sub from":       func() error { _, err := set.Sub(none); return err },
			"neg":            func() error { _, err := none.Neg(); return err },
			"abs":            func() error { _, err := none.Abs(); return err },
			"compare":        func() error { _, err := none.Compare(none); return err },
			"compare with":   func() error { _, err := set.Compare(none); return err },
			"min":            func() error { _, err := money.Min(none, set); return err },
			"max":            func() error { _, err := money.Max(set, none); return err },
			"sum":            func() error { _, err := money.Sum(money.EUR, set, none); return err },
			"sum of nothing": func() error { _, err := money.Sum(0); return err },
			"mul":            func() error { _, err := none.Mul(2); return err },
			"mul rate":       func() error { _, err := none.MulRate(rate, money.Down); return err },
			"convert":        func() error { _, err := none.Convert(rate, money.USD, money.Down); return err },
			"convert to":     func() error { _, err := set.Convert(rate, 1, money.Down); return err },
			"round to":       func() error { _, err := none.RoundTo(5, money.Down); return err },
			"allocate":       func() error { _, err := none.Allocate([]int64{1}); return err },
			"split":          func() error { _, err := none.Split(1); return err },
			"ratio":          func() error { _, err := money.Ratio(none, none); return err },
			"json":           func() error { _, err := none.MarshalJSON(); return err },
			"text":           func() error { _, err := none.MarshalText(); return err },
			"parse":          func() error { _, err := money.ParseAmount("1", 0); return err },
			"decimal":        func() error { _, err := money.FromDecimal(set.Decimal(), 0); return err },
		}
		for name, op := range ops {
			t.Run(name, func(t *testing.T) { wantError(t, op(), money.ErrNoCurrency) })
		}
	}
}

// Mixing currencies is an error that carries both, in the order of the operands.
func TestCurrencyMismatch(t *testing.T) {
	euro, yen := money.New(1, money.EUR), money.New(1, money.JPY)
	for name, op := range map[string]func() error{
		"add":      func() error { _, err := euro.Add(yen); return err },
		"subtract": func() error { _, err := euro.Sub(yen); return err },
		"compare":  func() error { _, err := euro.Compare(yen); return err },
		"sum":      func() error { _, err := money.Sum(money.EUR, euro, yen); return err },
		"ratio":    func() error { _, err := money.Ratio(euro, yen); return err },
	} {
		t.Run(name, func(t *testing.T) {
			err := op()
			wantError(t, err, money.ErrCurrencyMismatch)
			mismatch, ok := errors.AsType[*money.CurrencyMismatchError](err)
			if !ok || *mismatch != (money.CurrencyMismatchError{Op: name, A: money.EUR, B: money.JPY}) {
				t.Errorf("got %#v", err)
			}
			if want := "money: " + name + ": currency mismatch: EUR and JPY"; err.Error() != want {
				t.Errorf("got %q, want %q", err, want)
			}
		})
	}
}

// At the ends of the range, one unit more is an error and never a wrap.
func TestOverflowAtTheEnds(t *testing.T) {
	most, least, one := money.New(math.MaxInt64, money.EUR), money.New(math.MinInt64, money.EUR), money.New(1, money.EUR)
	twice, half := money.MustParseRate("2"), money.MustParseRate("0.5")
	minusOne, whole := money.MustParseRate("-1"), money.MustParseRate("1")
	for _, tc := range []struct {
		name string
		op   func() (money.Amount, error)
		want money.Amount // zero: ErrOverflow
	}{
		{"most + 1", func() (money.Amount, error) { return most.Add(one) }, money.Amount{}},
		{"least - 1", func() (money.Amount, error) { return least.Sub(one) }, money.Amount{}},
		{"least + least", func() (money.Amount, error) { return least.Add(least) }, money.Amount{}},
		{"least - least", func() (money.Amount, error) { return least.Sub(least) }, money.New(0, money.EUR)},
		{"0 - least", func() (money.Amount, error) { return money.New(0, money.EUR).Sub(least) }, money.Amount{}},
		{"-1 - least", func() (money.Amount, error) { return money.New(-1, money.EUR).Sub(least) }, most},
		{"most + least", func() (money.Amount, error) { return most.Add(least) }, money.New(-1, money.EUR)},
		{"-least", least.Neg, money.Amount{}},
		{"|least|", least.Abs, money.Amount{}},
		{"|most|", most.Abs, most},
		{"least × -1", func() (money.Amount, error) { return least.Mul(-1) }, money.Amount{}},
		{"least × 1", func() (money.Amount, error) { return least.Mul(1) }, least},
		{"1 × least", func() (money.Amount, error) { return one.Mul(math.MinInt64) }, least},
		{"least × rate -1", func() (money.Amount, error) { return least.MulRate(minusOne, money.Down) }, money.Amount{}},
		{"least × rate 1", func() (money.Amount, error) { return least.MulRate(whole, money.Down) }, least},
		{"most × rate 2", func() (money.Amount, error) { return most.MulRate(twice, money.Down) }, money.Amount{}},
		{"least × rate ½", func() (money.Amount, error) { return least.MulRate(half, money.Up) }, money.New(math.MinInt64/2, money.EUR)},
		{"most JPY to EUR", func() (money.Amount, error) {
			return money.New(math.MaxInt64, money.JPY).Convert(whole, money.EUR, money.Down)
		}, money.Amount{}},
		{"most to a multiple of 2, up", func() (money.Amount, error) { return most.RoundTo(2, money.Up) }, money.Amount{}},
		{"least to a multiple of most, floor", func() (money.Amount, error) { return least.RoundTo(math.MaxInt64, money.Floor) }, money.Amount{}},
		{"most + 1 - 1", func() (money.Amount, error) { return money.Sum(money.EUR, most, one, money.New(-1, money.EUR)) }, most},
		{"most + 1 summed", func() (money.Amount, error) { return money.Sum(money.EUR, most, one) }, money.Amount{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.op()
			if got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
			if tc.want == (money.Amount{}) {
				wantError(t, err, money.ErrOverflow)
			} else {
				wantError(t, err, nil)
			}
		})
	}
}

// 31 × 1190112520884487201 / 2 is 2^64 less one half. Rounded up it is 2^64, which must not wrap to 0.
func TestRoundingUpDoesNotWrap(t *testing.T) {
	const num = (1<<65 - 1) / 31
	half, err := money.NewRate(num, 2)
	wantError(t, err, nil)
	cents, err := money.NewRate(num, 200)
	wantError(t, err, nil)
	for _, mode := range modes {
		for _, minor := range []int64{31, -31} {
			_, err := money.New(minor, money.JPY).MulRate(half, mode)
			wantError(t, err, money.ErrOverflow)
			_, err = money.New(minor, money.JPY).Convert(cents, money.EUR, mode)
			wantError(t, err, money.ErrOverflow)
		}
	}
}

// The product of 128 bits, brought to four places more, is 2^128 and a little, which must not wrap to a little.
func TestConvertDoesNotWrap(t *testing.T) {
	r, err := money.NewRate(3_689_348_814_741_911, math.MaxInt64)
	wantError(t, err, nil)
	_, err = money.New(math.MinInt64, money.JPY).Convert(r, money.CLF, money.Down)
	wantError(t, err, money.ErrOverflow)
}

// The table of the package documentation.
func TestRoundingTable(t *testing.T) {
	for _, tc := range []struct {
		mode money.Rounding
		want [6]int64 // of 2.5 -2.5 2.4 -2.4 2.6 -2.6
	}{
		{money.HalfAwayFromZero, [6]int64{3, -3, 2, -2, 3, -3}},
		{money.HalfEven, [6]int64{2, -2, 2, -2, 3, -3}},
		{money.Down, [6]int64{2, -2, 2, -2, 2, -2}},
		{money.Up, [6]int64{3, -3, 3, -3, 3, -3}},
		{money.Floor, [6]int64{2, -3, 2, -3, 2, -3}},
		{money.Ceil, [6]int64{3, -2, 3, -2, 3, -2}},
	} {
		for i, text := range []string{"2.5", "-2.5", "2.4", "-2.4", "2.6", "-2.6"} {
			got, err := money.New(1, money.JPY).MulRate(money.MustParseRate(text), tc.mode)
			if want := money.New(tc.want[i], money.JPY); err != nil || got != want {
				t.Errorf("%s %v: got %v, %v; want %v", text, tc.mode, got, err, want)
			}
		}
	}
	// Half to even goes up, too.
	got, err := money.New(1, money.JPY).MulRate(money.MustParseRate("3.5"), money.HalfEven)
	if err != nil || got != money.New(4, money.JPY) {
		t.Errorf("3.5 half even: got %v, %v", got, err)
	}
}

// A rounding that is none of the constants is refused everywhere, also where nothing would have to be rounded.
func TestInvalidRounding(t *testing.T) {
	a, rate := money.New(100, money.EUR), money.MustParseRate("1")
	for _, mode := range []money.Rounding{0, money.Ceil + 1, 255} {
		_, err := a.MulRate(rate, mode)
		wantError(t, err, money.ErrInvalidRounding)
		_, err = a.Convert(rate, money.JPY, mode)
		wantError(t, err, money.ErrInvalidRounding)
		_, err = a.RoundTo(1, mode)
		wantError(t, err, money.ErrInvalidRounding)
		_, err = money.FromDecimalRounded(a.Decimal(), money.EUR, mode)
		wantError(t, err, money.ErrInvalidRounding)
		_, err = mode.MarshalText()
		wantError(t, err, money.ErrInvalidRounding)
		if mode.Valid() || mode.String() != "invalid" {
			t.Errorf("%d: valid %v, %q", mode, mode.Valid(), mode)
		}
	}
	for _, mode := range modes {
		text, err := mode.MarshalText()
		wantError(t, err, nil)
		var back money.Rounding
		if err := back.UnmarshalText(text); err != nil || back != mode {
			t.Errorf("%s: read back as %v, %v", text, back, err)
		}
	}
	for _, name := range []string{"", "invalid", "Down", "HALF_EVEN", "half even", " down"} {
		mode := money.Up
		wantError(t, mode.UnmarshalText([]byte(name)), money.ErrInvalidRounding)
		if mode != money.Up {
			t.Errorf("%q: changed to %v", name, mode)
		}
	}
}

// What Allocate, Split and RoundTo cannot work with.
func TestInvalidArguments(t *testing.T) {
	a := money.New(100, money.EUR)
	for _, tc := range []struct {
		name    string
		weights []int64
		want    error
	}{
		{"no weights", nil, money.ErrInvalidArgument},
		{"all zero", []int64{0, 0}, money.ErrInvalidArgument},
		{"a negative one", []int64{3, -1}, money.ErrInvalidArgument},
		{"too large together", []int64{math.MaxInt64, 1}, money.ErrOverflow},
		{"too many", make([]int64, money.MaxParts+1), money.ErrInvalidArgument},
		{"as large as can be", []int64{math.MaxInt64 - 1, 1}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := a.Allocate(tc.weights)
			wantError(t, err, tc.want)
		})
	}
	for _, n := range []int{0, -1, math.MinInt, money.MaxParts + 1, math.MaxInt} {
		_, err := a.Split(n)
		wantError(t, err, money.ErrInvalidArgument)
	}
	for _, step := range []int64{0, -5, math.MinInt64} {
		_, err := a.RoundTo(step, money.Down)
		wantError(t, err, money.ErrInvalidArgument)
	}
}

// The largest remainder, by hand.
func TestAllocateTable(t *testing.T) {
	for _, tc := range []struct {
		name    string
		minor   int64
		weights []int64
		want    []int64
	}{
		{"in half", 100, []int64{1, 1}, []int64{50, 50}},
		{"an odd cent goes to the first", 101, []int64{1, 1}, []int64{51, 50}},
		{"of a debt too", -101, []int64{1, 1}, []int64{-51, -50}},
		{"ties by index", 5, []int64{1, 1, 1}, []int64{2, 2, 1}},
		{"by remainder before index", 100, []int64{1, 5, 1}, []int64{14, 72, 14}},
		{"nothing for a weight of 0", 1, []int64{0, 0, 1}, []int64{0, 0, 1}},
		{"nothing to give", 0, []int64{1, 2}, []int64{0, 0}},
		{"fewer cents than parts", 2, []int64{1, 1, 1, 1}, []int64{1, 1, 0, 0}},
		{"one takes all", math.MinInt64, []int64{9}, []int64{math.MinInt64}},
		{"the smallest of all in half", math.MinInt64, []int64{1, 1}, []int64{math.MinInt64 / 2, math.MinInt64 / 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			parts, err := money.New(tc.minor, money.EUR).Allocate(tc.weights)
			wantError(t, err, nil)
			for i, p := range parts {
				if p != money.New(tc.want[i], money.EUR) {
					t.Errorf("part %d: got %v, want %d minor units", i, p, tc.want[i])
				}
			}
		})
	}
}
