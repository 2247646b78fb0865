package billing

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/payrules/payrules/money"
)

// Quantity is how much of something was bought: 1 is a millionth of its unit. As text it is a plain decimal number with at most six
// places after the point: "3", "1.5".
type Quantity int64

// Price is what one unit costs without tax: 1 is a millionth of the currency's main unit, so that a price may be finer than the
// currency, as 0.067 EUR. As text it is a plain decimal number with at most six places after the point.
type Price int64

const (
	places    = 6
	micro     = 1_000_000
	maxMicros = 1_000_000_000 * micro // of a quantity or a price: a thousand million units
)

// Whole returns a quantity of n units. It is beyond what an operation takes if n is above a thousand million, either way.
func Whole(n int) Quantity {
	const most = maxMicros/micro + 1
	return Quantity(min(max(int64(n), -most), most)) * micro
}

// ParseQuantity reads a quantity. It returns an error that wraps ErrInvalid if s is not a plain decimal number, has more than six
// places after the point, or is above a thousand million, either way.
func ParseQuantity(s string) (Quantity, error) {
	n, err := parseMicros(s)
	return Quantity(n), err
}

// ParsePrice reads a price. It returns errors as [ParseQuantity] does.
func ParsePrice(s string) (Price, error) {
	n, err := parseMicros(s)
	return Price(n), err
}

// MustParsePrice is ParsePrice for prices written in the program: it panics on an error.
func MustParsePrice(s string) Price {
	p, err := ParsePrice(s)
	if err != nil {
		panic(err)
	}
	return p
}

// PriceOf returns the price that is a whole number of the currency's minor units, in whatever currency. It returns an error that
// wraps ErrInvalid if the amount has no currency or is above a thousand million, either way.
func PriceOf(a money.Amount) (Price, error) {
	if !a.Valid() {
		return 0, fmt.Errorf("%w price: it has no currency", ErrInvalid)
	}
	n, ok := product(a.Minor(), pow10(places-a.Currency().MinorUnits()), 1)
	if !ok || n > maxMicros || n < -maxMicros {
		return 0, fmt.Errorf("%w price: out of range", ErrInvalid)
	}
	return Price(n), nil
}

// String returns the quantity as a decimal number, without zeros that say nothing.
func (q Quantity) String() string { return formatMicros(int64(q)) }

// String returns the price as a decimal number, without zeros that say nothing.
func (p Price) String() string { return formatMicros(int64(p)) }

// MarshalText returns what String returns.
func (q Quantity) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// MarshalText returns what String returns.
func (p Price) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what [ParseQuantity] does.
func (q *Quantity) UnmarshalText(text []byte) (err error) {
	*q, err = ParseQuantity(string(text))
	return err
}

// UnmarshalText reads what [ParsePrice] does.
func (p *Price) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePrice(string(text))
	return err
}

// parseMicros reads a decimal number in millionths: a sign, digits, and a point with digits behind it; nothing else.
func parseMicros(s string) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, part, point := strings.Cut(digits, ".")
	if whole == "" || point && part == "" || len(whole) > 10 || len(part) > places {
		return 0, fmt.Errorf("%w number: want digits, and at most %d behind a point", ErrInvalid, places)
	}
	n := int64(0)
	for _, c := range []byte(whole + part) {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%w number: it holds what is no digit", ErrInvalid)
		}
		n = n*10 + int64(c-'0')
	}
	n *= pow10(places - len(part))
	if n > maxMicros {
		return 0, fmt.Errorf("%w number: above %d", ErrInvalid, int64(maxMicros/micro))
	}
	if negative {
		n = -n
	}
	return n, nil
}

func formatMicros(n int64) string {
	sign, u := "", uint64(n)
	if n < 0 {
		sign, u = "-", -u
	}
	whole := sign + strconv.FormatUint(u/micro, 10)
	if u%micro == 0 {
		return whole
	}
	return whole + "." + strings.TrimRight(fmt.Sprintf("%06d", u%micro), "0")
}

// times is what a quantity costs at a price, rounded once, half away from zero, to the currency's minor unit.
func times(q Quantity, p Price, c money.Currency) (money.Amount, error) {
	minor, ok := product(int64(q), int64(p), pow10(2*places-c.MinorUnits()))
	if !ok {
		return money.Amount{}, money.ErrOverflow
	}
	return money.New(minor, c), nil
}

// product returns a × b ÷ d, rounded half away from zero; ok is false if it does not fit. D is above zero.
func product(a, b, d int64) (n int64, ok bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi >= uint64(d) {
		return 0, false
	}
	quotient, rest := bits.Div64(hi, lo, uint64(d))
	if quotient >= math.MaxInt64 {
		return 0, false
	}
	if rest >= uint64(d)-rest {
		quotient++
	}
	if (a < 0) != (b < 0) {
		return -int64(quotient), true
	}
	return int64(quotient), true
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
