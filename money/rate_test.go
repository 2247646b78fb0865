package money_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/money"
)

// However a rate is written, equal rates are == and are written in one way.
func TestRateForms(t *testing.T) {
	for _, tc := range []struct {
		text     string
		num, den int64
		want     string
	}{
		{"0", 0, 1, "0"},
		{"-0", 0, 1, "0"},
		{"0.000", 0, 1, "0"},
		{"0/7", 0, 1, "0"},
		{"1", 1, 1, "1"},
		{"1.00", 1, 1, "1"},
		{"0.50", 1, 2, "0.5"},
		{"1/2", 1, 2, "0.5"},
		{"-1/-2", 1, 2, "0.5"},
		{"1/-2", -1, 2, "-0.5"},
		{"0.0125", 1, 80, "0.0125"},
		{"-25.34", -1267, 50, "-25.34"},
		{"20/120", 1, 6, "1/6"},
		{"1/3", 1, 3, "1/3"},
		{"-2/6", -1, 3, "-1/3"},
		{"0.000000000000000001", 1, 1_000_000_000_000_000_000, "0.000000000000000001"},
		{"999999999999999999", 999_999_999_999_999_999, 1, "999999999999999999"},
		{"9223372036854775807/1", math.MaxInt64, 1, "9223372036854775807/1"},
		{"-9223372036854775808/9223372036854775807", math.MinInt64, math.MaxInt64, "-9223372036854775808/9223372036854775807"},
		{"-9223372036854775808/-9223372036854775808", 1, 1, "1"},
		{"4611686018431014683/262144", 4611686018431014683, 1 << 18, "4611686018431014683/262144"}, // wraps in 64 bits
		{"1/524288", 1, 1 << 19, "1/524288"},                                                       // 19 places as a decimal
	} {
		r, err := money.ParseRate(tc.text)
		if err != nil || r.Numerator() != tc.num || r.Denominator() != tc.den || r.String() != tc.want {
			t.Errorf("%s: got %v/%v, %q, %v", tc.text, r.Numerator(), r.Denominator(), r, err)
		}
		if same, err := money.NewRate(tc.num, tc.den); err != nil || same != r || !same.Equal(r) {
			t.Errorf("%s: NewRate(%d, %d) is %v, %v", tc.text, tc.num, tc.den, same, err)
		}
	}
	if zero := money.MustParseRate("0"); zero != (money.Rate{}) {
		t.Errorf("0 is not the zero value")
	}
}

// What the parsers of rates refuse.
func TestRateRefusals(t *testing.T) {
	for _, tc := range []struct {
		text string
		want error
	}{
		{"", money.ErrSyntax},
		{"1%", money.ErrSyntax},
		{"+1", money.ErrSyntax},
		{"1e3", money.ErrSyntax},
		{".5", money.ErrSyntax},
		{"5.", money.ErrSyntax},
		{"00.5", money.ErrSyntax},
		{" 1", money.ErrSyntax},
		{"1/", money.ErrSyntax},
		{"/1", money.ErrSyntax},
		{"1/2/3", money.ErrSyntax},
		{"1.5/2", money.ErrSyntax},
		{"1.0/2", money.ErrSyntax},
		{"1/0", money.ErrInvalidArgument},
		{"0/0", money.ErrInvalidArgument},
		{"9223372036854775808/1", money.ErrOverflow},
		{"1/9223372036854775808", money.ErrOverflow},
		{"1/-9223372036854775808", money.ErrOverflow},
		{"-9223372036854775808/-1", money.ErrOverflow},
		{"0.0000000000000000001", money.ErrOverflow},
		{"1000000000000000000", money.ErrOverflow},
		{"1.000000000000000000", money.ErrOverflow},
		{strings.Repeat("1", 1<<20), money.ErrSyntax},
	} {
		r := money.MustParseRate("7")
		wantError(t, r.UnmarshalText([]byte(tc.text)), tc.want)
		if r != money.MustParseRate("7") {
			t.Errorf("%q: changed to %v", tc.text, r)
		}
	}
	_, err := money.Ratio(money.New(1, money.EUR), money.New(0, money.EUR))
	wantError(t, err, money.ErrInvalidArgument)
	_, err = money.Rate{}.Inverse()
	wantError(t, err, money.ErrInvalidArgument)
	_, err = money.MustParseRate("-9223372036854775808/3").Inverse()
	wantError(t, err, money.ErrOverflow)
	_, err = money.MustParseRate("1/3").Decimal()
	wantError(t, err, money.ErrInexact)
}

// A percentage is a hundredth.
func TestParsePercent(t *testing.T) {
	for text, want := range map[string]string{"1.25": "0.0125", "20": "0.2", "-5.5": "-0.055", "0": "0", "100": "1",
		"0.0000000000000001": "0.000000000000000001"} {
		if r, err := money.ParsePercent(text); err != nil || r.String() != want {
			t.Errorf("%s: got %v, %v; want %s", text, r, err, want)
		}
	}
	for text, want := range map[string]error{"1.25%": money.ErrSyntax, "1/3": money.ErrSyntax, "": money.ErrSyntax,
		"0.00000000000000001": money.ErrOverflow} {
		_, err := money.ParsePercent(text)
		wantError(t, err, want)
	}
}

// A rate is a fraction in lowest terms, ordered and inverted as math/big does, and read back from its text.
func TestRateAgreesWithBig(t *testing.T) {
	check(t, func(t *rapid.T) {
		num, den := minors().Draw(t, "num"), minors().Filter(func(n int64) bool { return n != 0 }).Draw(t, "den")
		want := new(big.Rat).SetFrac(big.NewInt(num), big.NewInt(den))
		r, err := money.NewRate(num, den)
		if !want.Num().IsInt64() || !want.Denom().IsInt64() {
			wantError(t, err, money.ErrOverflow)
			return
		}
		if err != nil || r.Numerator() != want.Num().Int64() || r.Denominator() != want.Denom().Int64() || r.Sign() != want.Sign() {
			t.Fatalf("%d/%d: got %v/%v, %v", num, den, r.Numerator(), r.Denominator(), err)
		}
		var back money.Rate
		if text, err := r.MarshalText(); err != nil || back.UnmarshalText(text) != nil || back != r {
			t.Fatalf("%v read back as %v", r, back)
		}
		other := rates().Draw(t, "other")
		if order := want.Cmp(big.NewRat(other.Numerator(), other.Denominator())); r.Compare(other) != order || r.Compare(r) != 0 {
			t.Fatalf("%v against %v: got %d, want %d", r, other, r.Compare(other), order)
		}
		if inverse, err := r.Inverse(); err == nil {
			if same, err := inverse.Inverse(); err != nil || same != r {
				t.Fatalf("%v inverted twice is %v, %v", r, same, err)
			}
		} else if num != 0 && r.Numerator() != math.MinInt64 {
			t.Fatalf("%v: %v", r, err)
		}
	})
}

// Rates that are close together, which a comparison in 64 bits would take for equal.
func TestRateCompareClose(t *testing.T) {
	check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1<<61, math.MaxInt64-2).Draw(t, "n")
		low, err := money.NewRate(n, n+1)
		wantError(t, err, nil)
		high, err := money.NewRate(n+1, n+2)
		wantError(t, err, nil)
		if low.Compare(high) != -1 || high.Compare(low) != 1 {
			t.Fatalf("%v against %v: %d", low, high, low.Compare(high))
		}
	})
}

// FuzzParseRate: what is taken has the value that math/big reads, and is written back to itself.
func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"0.0125", "-3", "1/3", "-9223372036854775808/9223372036854775807", "1/0", "1e3", "0x1/2", "0.000000000000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := money.ParseRate(s)
		if err != nil {
			wantParseError(t, err)
			if r != (money.Rate{}) {
				t.Fatalf("%q: got %v beside an error", s, r)
			}
			return
		}
		top, bottom, _ := strings.Cut(s+"/1", "/")
		bottom, _, _ = strings.Cut(bottom, "/")
		num, ok := new(big.Rat).SetString(top)
		den, ok2 := new(big.Rat).SetString(bottom)
		if !ok || !ok2 || num.Quo(num, den).Cmp(big.NewRat(r.Numerator(), r.Denominator())) != 0 {
			t.Fatalf("%q: got %v, math/big reads %v", s, r, num)
		}
		if back, err := money.ParseRate(r.String()); err != nil || back != r {
			t.Fatalf("%q: %v read back as %v, %v", s, r, back, err)
		}
	})
}
