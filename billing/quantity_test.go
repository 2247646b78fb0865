package billing_test

import (
	"errors"
	"math/big"
	"testing"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// Quantities and prices are plain decimal numbers, and nothing else.
func TestNumbers(t *testing.T) {
	for _, row := range []struct {
		in    string
		want  int64
		again string
	}{
		{"0", 0, "0"}, {"1", 1_000_000, "1"}, {"1.5", 1_500_000, "1.5"}, {"0.067", 67_000, "0.067"}, {"-0.000001", -1, "-0.000001"},
		{"1000000000", 1e15, "1000000000"}, {"007.10", 7_100_000, "7.1"}, {"-0", 0, "0"},
	} {
		q, err := billing.ParseQuantity(row.in)
		if p, err2 := billing.ParsePrice(row.in); err != nil || err2 != nil || int64(q) != row.want || int64(p) != row.want || q.String() != row.again || p.String() != row.again {
			t.Errorf("%q: got %d %d %v %v, want %d as %q", row.in, q, p, err, err2, row.want, row.again)
		}
	}
	for _, bad := range []string{"", "-", ".", "1.", ".5", "+1", "1e3", "1,5", " 1", "1 ", "0x1", "1.0000001", "1000000000.000001", "99999999999", "--1", "١"} {
		if q, err := billing.ParseQuantity(bad); !errors.Is(err, billing.ErrInvalid) {
			t.Errorf("%q: got %v, %v", bad, q, err)
		}
	}
}

// A price in whole minor units is the same amount, in every currency.
func TestPriceOf(t *testing.T) {
	for _, row := range []struct {
		of   money.Amount
		want string
	}{{eur(8_40), "8.4"}, {money.New(840, money.JPY), "840"}, {money.New(1_234, money.BHD), "1.234"}, {eur(-1), "-0.01"}} {
		if p, err := billing.PriceOf(row.of); err != nil || p.String() != row.want {
			t.Errorf("%v: got %v, %v", row.of, p, err)
		}
	}
	for _, bad := range []money.Amount{{}, eur(1<<63 - 1), eur(100_000_000_001)} {
		if p, err := billing.PriceOf(bad); !errors.Is(err, billing.ErrInvalid) {
			t.Errorf("%v: got %v, %v", bad, p, err)
		}
	}
}

// What a line costs is the quantity times the price, rounded once, half away from zero: in big fractions it is the same.
func TestLineAmount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]money.Currency{money.EUR, money.JPY, money.BHD, money.MustParseCurrency("CLF")}).Draw(t, "currency")
		it := item("1", "0")
		it.Quantity = billing.Quantity(rapid.Int64Range(1, 1e13).Draw(t, "quantity"))
		it.UnitPrice = billing.Price(rapid.Int64Range(1, 1e13).Draw(t, "price"))
		if rapid.Bool().Draw(t, "half") { // where rounding matters most
			it.Quantity, it.UnitPrice = billing.Quantity(500_000), billing.Price(10_000*(2*rapid.Int64Range(0, 1e6).Draw(t, "odd")+1))
		}
		o := operation("a", it)
		o.Currency = c
		exact := new(big.Rat).Mul(rat(it.Quantity.String()), rat(it.UnitPrice.String()))
		for range c.MinorUnits() {
			exact.Mul(exact, big.NewRat(10, 1))
		}
		want := cents(exact.Quo(exact, big.NewRat(100, 1)))
		v := inCurrency(active(1, 1<<62), c)
		a := billing.NewAccount("CTR-1")
		do(t, a, billing.TakeContract{View: v})
		d, err := a.Explain(billing.Accept{At: noon, Operation: o})
		if (want == 0 || want > billing.MaxAmount) && errors.Is(err, billing.ErrInvalid) {
			return // it comes to nothing, or to too much
		}
		if err != nil || d.Totals.Net != money.New(want, c) {
			t.Fatalf("%v × %v: got %v, %v, want %d", it.Quantity, it.UnitPrice, d.Totals.Net, err, want)
		}
	})
}
