package money_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/big"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/money"
)

// roundDecimal is decimal's own rounding of that name.
func roundDecimal(d decimal.Decimal, places int32, mode money.Rounding) decimal.Decimal {
	switch mode {
	case money.HalfAwayFromZero:
		return d.Round(places)
	case money.HalfEven:
		return d.RoundBank(places)
	case money.Down:
		return d.RoundDown(places)
	case money.Up:
		return d.RoundUp(places)
	case money.Floor:
		return d.RoundFloor(places)
	}
	return d.RoundCeil(places)
}

// decimals draws decimals of up to 18 digits and 18 places, and now and then longer ones.
func decimals() *rapid.Generator[decimal.Decimal] {
	return rapid.Custom(func(t *rapid.T) decimal.Decimal {
		d := decimal.New(minors().Draw(t, "coefficient"), rapid.Int32Range(-22, 4).Draw(t, "exponent"))
		if rapid.IntRange(0, 9).Draw(t, "long") == 0 {
			d = d.Mul(decimal.New(minors().Draw(t, "factor"), rapid.Int32Range(-30, 30).Draw(t, "shift")))
		}
		return d
	})
}

// For every rounding, multiplying by a rate gives what decimal gives.
func TestMulRateAgreesWithDecimal(t *testing.T) {
	check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(currencies).Draw(t, "currency")
		a := amounts(c).Draw(t, "amount")
		d := decimal.New(rapid.Int64Range(-999_999_999_999_999_999, 999_999_999_999_999_999).Draw(t, "coefficient"),
			rapid.Int32Range(-18, 0).Draw(t, "exponent"))
		r, err := money.RateFromDecimal(d)
		if err != nil {
			t.Fatal(err)
		}
		places := int32(c.MinorUnits())
		for _, mode := range modes {
			want := roundDecimal(a.Decimal().Mul(d), places, mode)
			got, err := a.MulRate(r, mode)
			agree(t, got, err, want.Shift(places).BigInt(), c)
			if err == nil && !got.Decimal().Equal(want) {
				t.Fatalf("%v × %v %v: got %v, want %v", a, r, mode, got, want)
			}
		}
	})
}

// A decimal comes in rounded as decimal itself rounds it, and unrounded only if there is nothing to round.
func TestFromDecimalAgreesWithDecimal(t *testing.T) {
	check(t, func(t *rapid.T) {
		c, d := rapid.SampledFrom(currencies).Draw(t, "currency"), decimals().Draw(t, "decimal")
		places := int32(c.MinorUnits())
		for _, mode := range modes {
			got, err := money.FromDecimalRounded(d, c, mode)
			agree(t, got, err, roundDecimal(d, places, mode).Shift(places).BigInt(), c)
		}
		got, err := money.FromDecimal(d, c)
		if cut := d.RoundDown(places); cut.Equal(d) {
			agree(t, got, err, cut.Shift(places).BigInt(), c)
		} else {
			wantError(t, err, money.ErrInexact)
		}
	})
}

// What goes out comes back the same, with the exponent of the currency.
func TestDecimalRoundTrip(t *testing.T) {
	check(t, func(t *rapid.T) {
		a := amounts(rapid.SampledFrom(currencies).Draw(t, "currency")).Draw(t, "amount")
		d := a.Decimal()
		if d.Exponent() != -int32(a.Currency().MinorUnits()) || d.Coefficient().Int64() != a.Minor() {
			t.Fatalf("%v went out as %v × 10^%d", a, d.Coefficient(), d.Exponent())
		}
		if back, err := money.FromDecimal(d, a.Currency()); err != nil || back != a {
			t.Fatalf("%v came back as %v, %v", a, back, err)
		}
	})
}

// A rate from a decimal is that decimal, and goes out as it; or it has more than 18 digits.
func TestRateFromDecimal(t *testing.T) {
	limit := new(big.Int).Sub(pow10(18), big.NewInt(1))
	check(t, func(t *rapid.T) {
		d := decimals().Draw(t, "decimal")
		fits := d.Equal(d.RoundDown(18)) && d.Normalize().Coefficient().CmpAbs(limit) <= 0 &&
			d.RoundDown(0).BigInt().CmpAbs(limit) <= 0
		r, err := money.RateFromDecimal(d)
		if !fits {
			wantError(t, err, money.ErrOverflow)
			return
		}
		if err != nil {
			t.Fatalf("%v: %v", d, err)
		}
		if want := d.Rat(); want.Cmp(big.NewRat(r.Numerator(), r.Denominator())) != 0 {
			t.Fatalf("%v became %v/%v", d, r.Numerator(), r.Denominator())
		}
		if back, err := r.Decimal(); err != nil || !back.Equal(d) {
			t.Fatalf("%v came back as %v, %v", d, back, err)
		}
	})
}

// Decimals that nobody writes, but that a program can make, cost no time and no memory.
func TestMonstrousDecimals(t *testing.T) {
	huge := decimal.NewFromBigInt(new(big.Int).Lsh(big.NewInt(1), 1<<20), 0)
	for _, tc := range []struct {
		name                string
		d                   decimal.Decimal
		exact, ceil, asRate error
	}{
		{"zero value", decimal.Decimal{}, nil, nil, nil},
		{"zero with a large exponent", decimal.New(0, 1<<30), nil, nil, nil},
		{"zero with a small exponent", decimal.New(0, -1<<31), nil, nil, nil},
		{"1E2147483647", decimal.New(1, 1<<31-1), money.ErrOverflow, money.ErrOverflow, money.ErrOverflow},
		{"1E-2147483648", decimal.New(1, -1<<31), money.ErrInexact, nil, money.ErrOverflow},
		{"a coefficient of 315,653 digits", huge, money.ErrOverflow, money.ErrOverflow, money.ErrOverflow},
		{"1, with 181 digits in all", decimal.NewFromBigInt(pow10(180), -180), money.ErrOverflow, money.ErrOverflow, money.ErrOverflow},
		{"9E16", decimal.New(9, 16), nil, nil, nil},
		{"1E17", decimal.New(1, 17), money.ErrOverflow, money.ErrOverflow, nil},
		{"1E18", decimal.New(1, 18), money.ErrOverflow, money.ErrOverflow, money.ErrOverflow},
		{"0.01 and a hundred zeros", decimal.NewFromBigInt(pow10(100), -102), nil, nil, nil},
		{"92233720368547758.08", decimal.NewFromBigInt(new(big.Int).Lsh(big.NewInt(1), 63), -2), money.ErrOverflow, money.ErrOverflow, money.ErrOverflow},
		{"17 digits and a place", decimal.New(12345678901234567, -1), nil, nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := money.FromDecimal(tc.d, money.EUR)
			wantError(t, err, tc.exact)
			_, err = money.FromDecimalRounded(tc.d, money.EUR, money.Ceil)
			wantError(t, err, tc.ceil)
			_, err = money.RateFromDecimal(tc.d)
			wantError(t, err, tc.asRate)
		})
	}
	tiny, err := money.FromDecimalRounded(decimal.New(-1, -1<<31), money.EUR, money.Floor)
	if err != nil || tiny != money.New(-1, money.EUR) {
		t.Errorf("floor of -1E-2147483648: got %v, %v", tiny, err)
	}
}

// A setting of decimal, how to change it, and what of decimal's own shows that the change took.
type setting struct {
	set   func() (restore func())
	shows func() string
}

// change returns a setter for a variable.
func change[T any](variable *T, value T) func() func() {
	return func() func() {
		old := *variable
		*variable = value
		return func() { *variable = old }
	}
}

// settings are all the variables that decimal exports.
func settings() map[string]setting {
	return map[string]setting{
		"DivisionPrecision": {change(&decimal.DivisionPrecision, 1),
			func() string { return decimal.New(1, 0).Div(decimal.New(3, 0)).String() }},
		"PowPrecisionNegativeExponent": {change(&decimal.PowPrecisionNegativeExponent, 1),
			func() string { d, err := decimal.New(3, 0).PowInt32(-2); return fmt.Sprint(d, err) }},
		"MarshalJSONWithoutQuotes": {change(&decimal.MarshalJSONWithoutQuotes, true),
			func() string { text, err := decimal.New(15, -1).MarshalJSON(); return fmt.Sprint(string(text), err) }},
		"TrimTrailingZeros": {change(&decimal.TrimTrailingZeros, false),
			func() string { return decimal.New(150, -2).String() }},
		"UseScientificNotation": {change(&decimal.UseScientificNotation, true),
			func() string { return decimal.New(12, 3).String() }},
		"ExpMaxIterations": {change(&decimal.ExpMaxIterations, 0),
			func() string { d, err := decimal.New(5, 0).ExpHullAbrham(20); return fmt.Sprint(d, err) }},
		"MaxDecodeExponent": {change(&decimal.MaxDecodeExponent, 0),
			func() string { d, err := decimal.NewFromString("0.01"); return fmt.Sprint(d, err) }},
		"Zero": {change(&decimal.Zero, decimal.New(7, 0)),
			func() string { return decimal.Zero.String() }},
	}
}

// outputs is all that this package says of some amounts and rates, through every door that decimal could stand behind.
func outputs() []string {
	var lines []string
	say := func(what ...any) { lines = append(lines, fmt.Sprint(what...)) }
	exact := func(d decimal.Decimal) string { return fmt.Sprintf("%v × 10^%d", d.Coefficient(), d.Exponent()) }
	for _, c := range []money.Currency{money.JPY, money.EUR, money.BHD, money.CLF} {
		for _, text := range []string{"0", "-0", "1", "-12", "1200", "12.5", "-0.10", "1.234", "0.0001", "1e5", ".5"} {
			a, err := money.ParseAmount(text, c)
			say(text, a, err, exact(a.Decimal()))
			json, err := a.MarshalJSON()
			say(string(json), err)
			var back money.Amount
			say(back.UnmarshalJSON(json), back)
			for _, rate := range []string{"0.0125", "1200", "-0.3", "1/3", "0", "0.000000000000000001"} {
				r, err := money.ParseRate(rate)
				d, decimalErr := r.Decimal()
				say(r, err, exact(d), decimalErr)
				for _, mode := range modes {
					product, err := a.MulRate(r, mode)
					converted, convertErr := a.Convert(r, money.EUR, mode)
					say(product, err, converted, convertErr)
				}
			}
		}
		for _, d := range []decimal.Decimal{{}, decimal.New(150, -2), decimal.New(12, 3), decimal.New(-15, -1), decimal.New(1, -30)} {
			a, err := money.FromDecimal(d, c)
			say(a, err)
			r, err := money.RateFromDecimal(d)
			say(r, err)
			for _, mode := range modes {
				rounded, err := money.FromDecimalRounded(d, c, mode)
				say(rounded, err)
			}
		}
	}
	return lines
}

// Whatever setting of decimal anyone in the process changes, our outputs stay the same.
func TestSettingsOfDecimalDoNotReachUs(t *testing.T) {
	want := outputs()
	for name, s := range settings() {
		t.Run(name, func(t *testing.T) {
			before := s.shows()
			defer s.set()()
			if s.shows() == before {
				t.Fatalf("the setting was changed, and decimal still says %s", before)
			}
			if diff := cmp.Diff(want, outputs()); diff != "" {
				t.Errorf("outputs changed (-before +after):\n%s", diff)
			}
		})
	}
}

// The settings above are all that decimal has. A new version with one more must fail here.
func TestAllSettingsOfDecimalAreCovered(t *testing.T) {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/shopspring/decimal").Output()
	if err != nil {
		t.Skipf("no go command to find the source of decimal: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of decimal in %q: %v", dir, err)
	}
	var got []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			vars, ok := decl.(*ast.GenDecl)
			if !ok || vars.Tok != token.VAR {
				continue
			}
			for _, spec := range vars.Specs {
				for _, id := range spec.(*ast.ValueSpec).Names {
					if id.IsExported() {
						got = append(got, id.Name)
					}
				}
			}
		}
	}
	var want []string
	for name := range settings() {
		want = append(want, name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("exported variables of decimal (-covered +found):\n%s", diff)
	}
}
