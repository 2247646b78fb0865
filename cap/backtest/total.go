package backtest

import (
	"math/big"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/payrules/payrules/money"
)

// Total counts attempts and adds up their amounts. The sum is exact whatever it comes to. A Total is a value, and is
// compared with ==.
type Total struct {
	Count    int64
	high     int64 // high and low are one signed number of 128 bits, in minor units
	low      uint64
	currency money.Currency
}

// add counts one more.
func (t *Total) add(minor int64) {
	low, carry := bits.Add64(t.low, uint64(minor), 0)
	t.low = low
	t.high += minor>>63 + int64(carry)
	t.Count++
}

// plus returns the two together.
func (t Total) plus(u Total) Total {
	low, carry := bits.Add64(t.low, u.low, 0)
	t.low = low
	t.high += u.high + int64(carry)
	t.Count += u.Count
	return t
}

// Amount returns the sum, and whether it fits an Amount: one above 2^63-1 minor units does not. See String for those.
func (t Total) Amount() (money.Amount, bool) {
	if minor := int64(t.low); t.high == minor>>63 {
		return money.New(minor, t.currency), true
	}
	return money.Amount{}, false
}

// String returns "8,436 for 36,402,106.60 CZK", and "none" when nothing was counted.
func (t Total) String() string {
	if t.Count == 0 {
		return "none"
	}
	return grouped(strconv.FormatInt(t.Count, 10)) + " for " + t.number() + " " + t.currency.String()
}

// number returns the sum in units of the currency.
func (t Total) number() string {
	if a, fits := t.Amount(); fits {
		return grouped(a.Number())
	}
	sum := new(big.Int).Lsh(big.NewInt(t.high), 64)
	sum.Add(sum, new(big.Int).SetUint64(t.low))
	sign, digits := "", new(big.Int).Abs(sum).String()
	if sum.Sign() < 0 {
		sign = "-"
	}
	if places := t.currency.MinorUnits(); places > 0 { // there are more digits than that, since the sum fits no int64
		digits = digits[:len(digits)-places] + "." + digits[len(digits)-places:]
	}
	return sign + grouped(digits)
}

// amount returns "1,234.50 EUR".
func amount(a money.Amount) string { return grouped(a.Number()) + " " + a.Currency().String() }

// grouped puts commas into a decimal number: 36,402,106.60.
func grouped(number string) string {
	digits, fraction, point := strings.Cut(number, ".")
	digits, negative := strings.CutPrefix(digits, "-")
	var groups []string
	for len(digits) > 3 {
		groups = append(groups, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	groups = append(groups, digits)
	slices.Reverse(groups)
	out := strings.Join(groups, ",")
	if negative {
		out = "-" + out
	}
	if point {
		out += "." + fraction
	}
	return out
}

// count returns "1 attempt", "28,205 attempts".
func count(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(strconv.FormatInt(n, 10)) + " " + what
}
