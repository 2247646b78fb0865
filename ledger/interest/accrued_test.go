package interest_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

const unitsPerMinor = 1_603_080_000_000_000_000 // as the package documentation has it: the year's ticks times 10^12

var roundings = [...]money.Rounding{money.HalfAwayFromZero, money.HalfEven, money.Down, money.Up, money.Floor, money.Ceil}

// accrued makes the interest of a fraction of minor units by way of its JSON.
func accrued(t interface{ Fatalf(string, ...any) }, minor *big.Rat) interest.Accrued {
	var a interest.Accrued
	if err := json.Unmarshal([]byte(`{"minor":"`+minor.RatString()+`","currency":"EUR"}`), &a); err != nil {
		t.Fatalf("%v: %v", minor, err)
	}
	return a
}

// value is what an Accrued says of itself.
func value(t interface{ Fatalf(string, ...any) }, a interest.Accrued) *big.Rat {
	minor, _, _ := strings.Cut(a.String(), " ")
	r, ok := new(big.Rat).SetString(minor)
	if !ok {
		t.Fatalf("not a fraction: %v", a)
	}
	return r
}

// round is the oracle: floor of the value, and then what the rounding does with the rest.
func round(value *big.Rat, rounding money.Rounding) *big.Int {
	floor, rest := new(big.Int).DivMod(value.Num(), value.Denom(), new(big.Int))
	if rest.Sign() == 0 {
		return floor
	}
	half := new(big.Int).Lsh(rest, 1).Cmp(value.Denom())
	var up bool
	switch rounding {
	case money.HalfAwayFromZero:
		up = half > 0 || half == 0 && value.Sign() > 0
	case money.HalfEven:
		up = half > 0 || half == 0 && floor.Bit(0) == 1
	case money.Down:
		up = value.Sign() < 0
	case money.Up:
		up = value.Sign() > 0
	case money.Floor:
	case money.Ceil:
		up = true
	}
	if up {
		floor.Add(floor, big.NewInt(1))
	}
	return floor
}

// drawValue draws a whole number of units, from all of 128 bits, small ones, and those about a half of a minor unit.
func drawValue(t *rapid.T, name string) *big.Rat {
	n := new(big.Int).Lsh(big.NewInt(rapid.Int64().Draw(t, name+" high")), 64)
	n.Add(n, new(big.Int).SetUint64(rapid.Uint64().Draw(t, name+" low")))
	n.Rsh(n, rapid.SampledFrom([]uint{0, 1, 3, 4, 5, 8, 40, 64, 100}).Draw(t, name+" shift"))
	if rapid.Bool().Draw(t, name+" near") {
		half := big.NewInt(unitsPerMinor / 2)
		n.Div(n, half).Mul(n, half).Add(n, big.NewInt(rapid.Int64Range(-1, 1).Draw(t, name+" off")))
	}
	return new(big.Rat).SetFrac(n, big.NewInt(unitsPerMinor))
}

func fits(r *big.Rat) bool {
	n := new(big.Rat).Mul(r, new(big.Rat).SetInt64(unitsPerMinor))
	return n.IsInt() && n.Num().BitLen() <= 127
}

// Sums, differences, rounding and the JSON, against fractions.
func accruedLaw(t *rapid.T) {
	x, y := drawValue(t, "x"), drawValue(t, "y")
	if !fits(x) || !fits(y) {
		t.Skip("the draw is beyond 128 bits")
	}
	a, b := accrued(t, x), accrued(t, y)
	if value(t, a).Cmp(x) != 0 || a.Sign() != x.Sign() {
		t.Fatalf("%v is read as %v", x, a)
	}
	for _, op := range []struct {
		name string
		want *big.Rat
		do   func(interest.Accrued) (interest.Accrued, error)
	}{{"+", new(big.Rat).Add(x, y), a.Add}, {"-", new(big.Rat).Sub(x, y), a.Sub}} {
		got, err := op.do(b)
		if fits(op.want) {
			if err != nil || value(t, got).Cmp(op.want) != 0 {
				t.Fatalf("%v %s %v: got %v, %v", x, op.name, y, got, err)
			}
		} else if !errors.Is(err, money.ErrOverflow) || got != (interest.Accrued{}) {
			t.Fatalf("%v %s %v: got %v, %v", x, op.name, y, got, err)
		}
	}
	for _, rounding := range roundings {
		want := round(x, rounding)
		got, err := a.Amount(rounding)
		if want.IsInt64() {
			if err != nil || got != money.New(want.Int64(), money.EUR) {
				t.Fatalf("%v %v: got %v, %v; want %v", x, rounding, got, err, want)
			}
		} else if !errors.Is(err, money.ErrOverflow) || got != (money.Amount{}) {
			t.Fatalf("%v %v: got %v, %v", x, rounding, got, err)
		}
	}
}

func TestAccrued(t *testing.T) { rapid.Check(t, accruedLaw) }
func FuzzAccrued(f *testing.F) { f.Fuzz(rapid.MakeFuzz(accruedLaw)) }

func TestAccruedEdges(t *testing.T) {
	half := accrued(t, big.NewRat(-5, 2))
	for i, want := range []int64{-3, -2, -2, -3, -3, -2} {
		if got, err := half.Amount(roundings[i]); err != nil || got.Minor() != want {
			t.Errorf("-2.5 %v: got %v, %v; want %d", roundings[i], got, err, want)
		}
	}
	for _, edge := range []int64{math.MaxInt64, math.MinInt64} {
		a := accrued(t, new(big.Rat).SetInt64(edge))
		if got, err := a.Amount(money.HalfEven); err != nil || got.Minor() != edge {
			t.Errorf("%d: got %v, %v", edge, got, err)
		}
	}
	for _, beyond := range []string{"9223372036854775808", "-9223372036854775809", "18446744073709551616", "36000000000000000000",
		"-36000000000000000000", "100000000000000000000"} {
		minor, _ := new(big.Rat).SetString(beyond)
		if got, err := accrued(t, minor).Amount(money.Down); !errors.Is(err, money.ErrOverflow) || got != (money.Amount{}) {
			t.Errorf("%s: got %v, %v", beyond, got, err)
		}
	}
	if _, err := half.Amount(0); !errors.Is(err, money.ErrInvalidRounding) {
		t.Errorf("no rounding: %v", err)
	}
	var none interest.Accrued
	if _, err := none.Amount(money.Down); !errors.Is(err, money.ErrNoCurrency) || !none.IsZero() || half.IsZero() || none.Sign() != 0 {
		t.Errorf("the zero value is an amount: %v", err)
	}
	if text, err := json.Marshal(none); !errors.Is(err, money.ErrNoCurrency) {
		t.Errorf("the zero value is written: %s, %v", text, err)
	}
	sum, err := none.Add(half)
	if back, err2 := sum.Add(none); err != nil || err2 != nil || sum != half || back != half || sum.Currency() != money.EUR {
		t.Errorf("sums begin with the zero value: %v, %v, %v", sum, err, err2)
	}
	if got, err := none.Sub(half); err != nil || got.Sign() != 1 {
		t.Errorf("0 - -2.5: %v, %v", got, err)
	}
	var yen interest.Accrued
	if err := json.Unmarshal([]byte(`{"currency":"JPY","minor":"1"}`), &yen); err != nil {
		t.Fatal(err)
	}
	if _, err := half.Add(yen); !errors.Is(err, money.ErrCurrencyMismatch) {
		t.Errorf("euro and yen: %v", err)
	}
	if _, err := half.Due(money.New(0, money.JPY), money.Down); !errors.Is(err, money.ErrCurrencyMismatch) {
		t.Errorf("euro less yen: %v", err)
	}
	if _, err := none.Due(money.New(0, money.JPY), money.Down); !errors.Is(err, money.ErrNoCurrency) {
		t.Errorf("nothing less yen: %v", err)
	}
	if got, err := half.Due(money.New(-10, money.EUR), money.Down); err != nil || got != money.New(8, money.EUR) {
		t.Errorf("-2.5 after -10: %v, %v", got, err)
	}
}

// Only one text stands for an amount of interest, and reading it never panics, whatever it is.
func FuzzAccruedJSON(f *testing.F) {
	for _, minor := range []string{"1234/365", "-1/1603080000000000000", "7", "-0", "0", "2/4", "1/7", "1e999999999", "01", "1/0", "/", "1/2/3",
		"170141183460469231731687303715884105727/1603080000000000000", "106133931834511844151"} {
		f.Add(`{"minor":"` + minor + `","currency":"EUR"}`)
	}
	f.Add(`{"minor":"1"}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, text string) {
		was := accrued(t, big.NewRat(1, 365))
		a := was
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			if a != was {
				t.Fatalf("%s: changed to %v", text, a)
			}
			return
		}
		if a == was {
			return
		}
		written, err := json.Marshal(a)
		var back interest.Accrued
		if err != nil || json.Unmarshal(written, &back) != nil || back != a {
			t.Fatalf("%s: written as %s, %v and read back as %v", text, written, err, back)
		}
		minor, _, _ := strings.Cut(a.String(), " ")
		if !strings.Contains(text, `\`) && !strings.Contains(text, `"`+minor+`"`) {
			t.Fatalf("%s passes for %v", text, a)
		}
	})
}

func TestAccruedJSONRefused(t *testing.T) {
	for _, text := range []string{`null`, `{}`, `{"minor":"1"}`, `{"minor":1,"currency":"EUR"}`, `{"minor":"","currency":"EUR"}`,
		`{"minor":"2/4","currency":"EUR"}`, `{"minor":"1/7","currency":"EUR"}`, `{"minor":"1.5","currency":"EUR"}`, `{"minor":"+1","currency":"EUR"}`,
		`{"minor":"1e3","currency":"EUR"}`, `{"minor":"1/1","currency":"EUR"}`, `{"minor":"-0","currency":"EUR"}`, `{"minor":"1","currency":"XXX"}`,
		`{"minor":"1","minor":"1","currency":"EUR"}`, `{"minor":"1","currency":"EUR","x":1}`,
		`{"minor":"` + strings.Repeat("9", 21) + `","currency":"EUR"}`, `{"minor":"` + strings.Repeat("9", 1000) + `","currency":"EUR"}`} {
		var a interest.Accrued
		if err := a.UnmarshalJSON([]byte(text)); !errors.Is(err, interest.ErrInvalid) || a != (interest.Accrued{}) {
			t.Errorf("%s: got %v, %v", text, a, err)
		}
	}
}
