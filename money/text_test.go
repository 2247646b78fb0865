package money_test

import (
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/money"
)

// How amounts are written and read, currency by currency.
func TestAmountText(t *testing.T) {
	for _, tc := range []struct {
		minor int64
		c     money.Currency
		want  string
	}{
		{0, money.EUR, "0.00"},
		{5, money.EUR, "0.05"},
		{-5, money.EUR, "-0.05"},
		{99, money.EUR, "0.99"},
		{100, money.EUR, "1.00"},
		{1234, money.EUR, "12.34"},
		{math.MaxInt64, money.EUR, "92233720368547758.07"},
		{math.MinInt64, money.EUR, "-92233720368547758.08"},
		{0, money.JPY, "0"},
		{-7, money.JPY, "-7"},
		{math.MinInt64, money.JPY, "-9223372036854775808"},
		{1, money.BHD, "0.001"},
		{-1500, money.BHD, "-1.500"},
		{1, money.CLF, "0.0001"},
		{math.MaxInt64, money.CLF, "922337203685477.5807"},
	} {
		a := money.New(tc.minor, tc.c)
		if a.Number() != tc.want || a.String() != tc.want+" "+tc.c.Code() || fmt.Sprint(a) != a.String() {
			t.Errorf("%d minor units: got %q, %q; want %q", tc.minor, a.Number(), a.String(), tc.want)
		}
		if back, err := money.ParseAmount(tc.want, tc.c); err != nil || back != a {
			t.Errorf("%s %v: read back as %v, %v", tc.want, tc.c, back, err)
		}
	}
	if got := (money.Amount{}).String(); got != "0 XXX" {
		t.Errorf("the zero value is %q", got)
	}
}

// What the strict parser takes and what it refuses, and why.
func TestParseAmountTable(t *testing.T) {
	for _, tc := range []struct {
		text  string
		c     money.Currency
		minor int64
		err   error
		says  string
	}{
		{"12.34", money.EUR, 1234, nil, ""},
		{"12.3", money.EUR, 1230, nil, ""},
		{"12", money.EUR, 1200, nil, ""},
		{"-0.01", money.EUR, -1, nil, ""},
		{"-0", money.EUR, 0, nil, ""},
		{"-0.00", money.EUR, 0, nil, ""},
		{"0", money.JPY, 0, nil, ""},
		{"92233720368547758.07", money.EUR, math.MaxInt64, nil, ""},
		{"-92233720368547758.08", money.EUR, math.MinInt64, nil, ""},
		{"92233720368547758.08", money.EUR, 0, money.ErrOverflow, ""},
		{"-92233720368547758.09", money.EUR, 0, money.ErrOverflow, ""},
		{"92233720368547759", money.EUR, 0, money.ErrOverflow, ""},
		{"184467440737095517", money.EUR, 0, money.ErrOverflow, ""}, // 2^64 + 84 cents
		{"18446744073709551616", money.JPY, 0, money.ErrOverflow, ""},
		{"184467440737095516.16", money.EUR, 0, money.ErrOverflow, ""},
		{"99999999999999999999", money.JPY, 0, money.ErrOverflow, ""},
		{"12.345", money.EUR, 0, money.ErrInexact, "3 digits after the point, EUR has 2"},
		{"12.340", money.EUR, 0, money.ErrInexact, ""},
		{"12.0", money.JPY, 0, money.ErrInexact, "JPY has 0"},
		{"", money.EUR, 0, money.ErrSyntax, "no digit at byte 1"},
		{"-", money.EUR, 0, money.ErrSyntax, "no digit at byte 2"},
		{".5", money.EUR, 0, money.ErrSyntax, "no digit at byte 1"},
		{"5.", money.EUR, 0, money.ErrSyntax, "no digit after the point at byte 2"},
		{"5.", money.JPY, 0, money.ErrSyntax, ""},
		{".", money.EUR, 0, money.ErrSyntax, ""},
		{"+5", money.EUR, 0, money.ErrSyntax, "byte 1"},
		{"--5", money.EUR, 0, money.ErrSyntax, ""},
		{"5-", money.EUR, 0, money.ErrSyntax, "byte 2"},
		{"1e2", money.EUR, 0, money.ErrSyntax, "byte 2"},
		{"1E1000000000", money.EUR, 0, money.ErrSyntax, "byte 2"},
		{"0x10", money.EUR, 0, money.ErrSyntax, ""},
		{"1_000", money.EUR, 0, money.ErrSyntax, ""},
		{"1,50", money.EUR, 0, money.ErrSyntax, ""},
		{"1.5.0", money.EUR, 0, money.ErrSyntax, "byte 4"},
		{"1.-5", money.EUR, 0, money.ErrSyntax, ""},
		{" 1", money.EUR, 0, money.ErrSyntax, ""},
		{"1 ", money.EUR, 0, money.ErrSyntax, ""},
		{"1\x00", money.EUR, 0, money.ErrSyntax, ""},
		{"\u22125", money.EUR, 0, money.ErrSyntax, ""},
		{"\u0661", money.EUR, 0, money.ErrSyntax, ""},
		{"NaN", money.EUR, 0, money.ErrSyntax, ""},
		{"Inf", money.EUR, 0, money.ErrSyntax, ""},
		{"007", money.EUR, 0, money.ErrSyntax, "needless zero at byte 1"},
		{"-00.5", money.EUR, 0, money.ErrSyntax, "needless zero at byte 2"},
		{"00", money.EUR, 0, money.ErrSyntax, ""},
		{strings.Repeat("9", 1<<20), money.EUR, 0, money.ErrSyntax, "1048576 bytes, want at most 21"},
	} {
		got, err := money.ParseAmount(tc.text, tc.c)
		wantError(t, err, tc.err)
		if tc.err == nil && got != money.New(tc.minor, tc.c) || tc.err != nil && got != (money.Amount{}) {
			t.Errorf("%q: got %v, want %d minor units", tc.text, got, tc.minor)
		}
		if err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%q: got %q, want it to say %q", tc.text, err, tc.says)
		}
	}
}

// fitsAmount is the parser again, from a regular expression and math/big.
func fitsAmount(s string, c money.Currency) (int64, bool) {
	form := `^-?(0|[1-9][0-9]*)$`
	if c.MinorUnits() > 0 {
		form = fmt.Sprintf(`^-?(0|[1-9][0-9]*)(\.[0-9]{1,%d})?$`, c.MinorUnits())
	}
	if !regexp.MustCompile(form).MatchString(s) {
		return 0, false
	}
	r, _ := new(big.Rat).SetString(s)
	r.Mul(r, new(big.Rat).SetInt(pow10(c.MinorUnits())))
	return r.Num().Int64(), r.IsInt() && r.Num().IsInt64()
}

// FuzzParseAmount: exactly the form is taken, with exactly the value that decimal reads, and is written back to itself.
func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"12.34", "-0.5", "0", "92233720368547758.07", "-92233720368547758.08", "1e5", "+1", ".5", "5.", "007", "\u22121"} {
		for _, c := range []money.Currency{money.EUR, money.JPY, money.BHD, money.CLF} {
			f.Add(s, c.Numeric())
		}
	}
	f.Fuzz(func(t *testing.T, s string, numeric uint16) {
		c := currencies[int(numeric)%len(currencies)]
		a, err := money.ParseAmount(s, c)
		want, fits := fitsAmount(s, c)
		if fits != (err == nil) || fits && a != money.New(want, c) {
			t.Fatalf("%q %v: got %v, %v; want %d, %v", s, c, a, err, want, fits)
		}
		if err != nil {
			wantParseError(t, err)
			return
		}
		d, err := decimal.NewFromString(s)
		if err != nil || !a.Decimal().Equal(d) {
			t.Fatalf("%q: got %v, decimal says %v, %v", s, a, d, err)
		}
		if back, err := money.Parse(a.String()); err != nil || back != a {
			t.Fatalf("%q: %v read back as %v, %v", s, a, back, err)
		}
	})
}

// wantParseError fails unless err is one of those that a parser documents.
func wantParseError(t rapid.TB, err error) {
	t.Helper()
	for _, want := range []error{money.ErrSyntax, money.ErrOverflow, money.ErrInexact, money.ErrInvalidArgument,
		money.ErrUnknownCurrency, money.ErrNoMinorUnit} {
		if err == nil || strings.Contains(err.Error(), want.Error()) {
			wantError(t, err, want)
			return
		}
	}
	t.Fatalf("undocumented error %v", err)
}

// Any amount of any currency is read back from its text.
func TestAmountTextRoundTrip(t *testing.T) {
	check(t, func(t *rapid.T) {
		a := amounts(rapid.SampledFrom(currencies).Draw(t, "currency")).Draw(t, "amount")
		text, err := a.MarshalText()
		if err != nil || string(text) != a.String() {
			t.Fatalf("got %q, %v; want %q", text, err, a)
		}
		if want := a.Decimal().StringFixed(int32(a.Currency().MinorUnits())); a.Number() != want {
			t.Fatalf("got %q, decimal writes %q", a.Number(), want)
		}
		var back money.Amount
		if err := back.UnmarshalText(text); err != nil || back != a {
			t.Fatalf("%q: read back as %v, %v", text, back, err)
		}
		if back, err = money.ParseAmount(a.Number(), a.Currency()); err != nil || back != a {
			t.Fatalf("%q: read back as %v, %v", a.Number(), back, err)
		}
	})
}

// The text of an amount with its currency has one space, and nothing else.
func TestParseTable(t *testing.T) {
	for _, tc := range []struct {
		text string
		err  error
	}{
		{"12.34 EUR", nil},
		{"12.34  EUR", money.ErrSyntax},
		{" 12.34 EUR", money.ErrSyntax},
		{"12.34 EUR ", money.ErrSyntax},
		{"12.34EUR", money.ErrSyntax},
		{"12.34\tEUR", money.ErrSyntax},
		{"EUR 12.34", money.ErrSyntax},
		{"12.34", money.ErrSyntax},
		{" EUR", money.ErrSyntax},
		{"", money.ErrSyntax},
		{"12.34 eur", money.ErrSyntax},
		{"12.34 ZZZ", money.ErrUnknownCurrency},
		{"12.34 XAU", money.ErrNoMinorUnit},
		{"12.34 JPY", money.ErrInexact},
	} {
		a := money.New(7, money.USD)
		wantError(t, a.UnmarshalText([]byte(tc.text)), tc.err)
		if tc.err != nil && a != money.New(7, money.USD) {
			t.Errorf("%q: changed to %v", tc.text, a)
		}
	}
}

// The Must functions return what their namesakes return, and panic where those return an error.
func TestMustPanics(t *testing.T) {
	if got := money.MustParseAmount("1.50", money.EUR); got != money.New(150, money.EUR) {
		t.Errorf("got %v", got)
	}
	for name, f := range map[string]func(){
		"amount":   func() { money.MustParseAmount("1.505", money.EUR) },
		"currency": func() { money.MustParseCurrency("eur") },
		"rate":     func() { money.MustParseRate("1%") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("did not panic")
				}
			}()
			f()
		})
	}
}

// In a log, an amount is a group of two strings.
func TestLogValue(t *testing.T) {
	var b strings.Builder
	noTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: noTime}))
	log.Info("paid", "price", money.New(-1234, money.EUR), "unset", money.Amount{})
	want := "level=INFO msg=paid price.amount=-12.34 price.currency=EUR unset.amount=0 unset.currency=XXX\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
