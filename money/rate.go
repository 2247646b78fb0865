package money

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// maxRateDigits bounds a decimal rate: any number of so many digits fits an int64, and so does its power of ten.
const maxRateDigits = 18

// maxRateText bounds the text of a rate: two int64 and a slash.
const maxRateText = 41

// Rate is an exact factor: a percentage, a VAT rate, a price in another currency, or the share that one amount is of
// another. It is a fraction of two int64 in lowest terms, so equal rates are ==, however they were written: 0.50 is 1/2.
//
// The zero value is the rate 0. A Rate is an immutable value, usable as a map key, and safe for concurrent use.
type Rate struct {
	num  int64
	less int64 // the denominator less one, so that the zero value is 0/1
}

// NewRate returns num/den: NewRate(1, 3) is one third, exactly.
//
// NewRate returns an error if den is 0 ([ErrInvalidArgument]), or if the fraction in lowest terms and with a positive
// denominator does not fit two int64, which only math.MinInt64 can bring about ([ErrOverflow]).
func NewRate(num, den int64) (Rate, error) {
	if den == 0 {
		return Rate{}, fmt.Errorf("money: rate: %w: the denominator is 0", ErrInvalidArgument)
	}
	n, d := magnitude(num), magnitude(den)
	divisor := gcd(n, d)
	n, d = n/divisor, d/divisor
	signedNum, ok := signed(n, (num < 0) != (den < 0))
	if !ok || d > math.MaxInt64 {
		return Rate{}, overflow("rate")
	}
	return Rate{num: signedNum, less: int64(d - 1)}, nil
}

// Ratio returns a/b, the share that a is of b. It is what a part of a refund is of the purchase.
//
// Ratio returns an error if:
//   - the currencies differ ([ErrCurrencyMismatch]), or one is missing ([ErrNoCurrency]);
//   - b is zero ([ErrInvalidArgument]), or the fraction does not fit ([ErrOverflow]), as for [NewRate].
func Ratio(a, b Amount) (Rate, error) {
	if a.currency != b.currency || a.currency == 0 {
		return Rate{}, pairError("ratio", a.currency, b.currency)
	}
	return NewRate(a.minor, b.minor)
}

// ParseRate returns the rate written as a decimal ("0.0125", "-3", "25.34") or as a fraction of two whole numbers ("1/3").
//
// A decimal has an optional minus, digits without needless zeros before them, and optionally a point with digits after it;
// at most 18 digits in all, a lone 0 before the point not counted. There is no plus, no exponent, no space, no percent sign.
// What [Rate.String] wrote is read back to the same rate.
//
// ParseRate returns an error if:
//   - s is not of that form ([ErrSyntax]);
//   - s has more than 18 digits, or a part of the fraction does not fit an int64 ([ErrOverflow]);
//   - the denominator is 0 ([ErrInvalidArgument]).
func ParseRate(s string) (Rate, error) {
	if len(s) > maxRateText {
		return Rate{}, fmt.Errorf("money: rate: %w: %d bytes, want at most %d", ErrSyntax, len(s), maxRateText)
	}
	if top, bottom, ok := strings.Cut(s, "/"); ok {
		num, err := parseWhole(top)
		if err != nil {
			return Rate{}, fmt.Errorf("money: rate: numerator: %w", err)
		}
		den, err := parseWhole(bottom)
		if err != nil {
			return Rate{}, fmt.Errorf("money: rate: denominator: %w", err)
		}
		return NewRate(num, den)
	}
	return parseDecimalRate(s, 0)
}

// ParsePercent is [ParseRate] for a decimal number of percent, without the sign: ParsePercent("1.25") is the rate 0.0125.
// It takes no fraction, and at most 16 digits after the point.
func ParsePercent(s string) (Rate, error) { return parseDecimalRate(s, 2) }

// MustParseRate is [ParseRate] for rates written in the program: it panics on an error.
func MustParseRate(s string) Rate {
	r, err := ParseRate(s)
	if err != nil {
		panic(err)
	}
	return r
}

// parseDecimalRate reads a decimal and divides it by 10^shift.
func parseDecimalRate(s string, shift int) (Rate, error) {
	d, err := scan(s)
	if err != nil {
		return Rate{}, fmt.Errorf("money: rate: %w", err)
	}
	if d.digits > maxRateDigits || d.fraction+shift > maxRateDigits {
		return Rate{}, fmt.Errorf("money: rate: %w: more than %d digits", ErrOverflow, maxRateDigits)
	}
	num, _ := signed(d.mag, d.negative) // 18 digits fit
	return NewRate(num, int64(pow10(d.fraction+shift)))
}

// parseWhole reads a whole number.
func parseWhole(s string) (int64, error) {
	d, err := scan(s)
	if err != nil {
		return 0, err
	}
	if d.fraction > 0 {
		return 0, fmt.Errorf("%w: want a whole number", ErrSyntax)
	}
	n, ok := signed(d.mag, d.negative)
	if !ok {
		return 0, ErrOverflow
	}
	return n, nil
}

// den returns the denominator, which is positive.
func (r Rate) den() uint64 { return uint64(r.less) + 1 }

// Numerator returns the numerator in lowest terms. It carries the sign.
func (r Rate) Numerator() int64 { return r.num }

// Denominator returns the denominator in lowest terms. It is positive.
func (r Rate) Denominator() int64 { return r.less + 1 }

// Sign returns -1, 0 or 1 for a rate below, at or above zero.
func (r Rate) Sign() int { return cmp.Compare(r.num, 0) }

// Equal reports whether the rates are equal. It is r == s, for go-cmp and for generic code.
func (r Rate) Equal(s Rate) bool { return r == s }

// Compare returns -1, 0 or 1 for r below, at or above s.
func (r Rate) Compare(s Rate) int {
	if r.Sign() != s.Sign() {
		return cmp.Compare(r.Sign(), s.Sign())
	}
	// The same sign: compare magnitudes crosswise, in 128 bits.
	rHi, rLo := bits.Mul64(magnitude(r.num), s.den())
	sHi, sLo := bits.Mul64(magnitude(s.num), r.den())
	return r.Sign() * cmp.Or(cmp.Compare(rHi, sHi), cmp.Compare(rLo, sLo))
}

// Inverse returns 1/r: the price the other way round. It returns an error if r is 0 ([ErrInvalidArgument]), or its
// numerator is math.MinInt64 ([ErrOverflow]).
func (r Rate) Inverse() (Rate, error) { return NewRate(r.Denominator(), r.num) }

// finite returns r as coefficient / 10^places, with the fewest places, if it has such a form of at most 18 digits.
func (r Rate) finite() (coefficient int64, places int, ok bool) {
	twos := bits.TrailingZeros64(r.den())
	rest, fives := r.den()>>twos, 0
	for rest%5 == 0 {
		rest, fives = rest/5, fives+1
	}
	places = max(twos, fives)
	if rest != 1 || places > maxRateDigits {
		return 0, 0, false
	}
	hi, lo := bits.Mul64(magnitude(r.num), pow10(places)/r.den())
	if hi != 0 || lo >= pow10(maxRateDigits) {
		return 0, 0, false
	}
	coefficient, _ = signed(lo, r.num < 0)
	return coefficient, places, true
}

// AppendText appends what [Rate.String] returns. The error is always nil.
func (r Rate) AppendText(dst []byte) ([]byte, error) {
	if coefficient, places, ok := r.finite(); ok {
		return appendNumber(dst, coefficient, places), nil
	}
	dst = strconv.AppendInt(dst, r.num, 10)
	return strconv.AppendInt(append(dst, '/'), r.Denominator(), 10), nil
}

// String returns the shortest decimal, such as "0.0125"; or the fraction in lowest terms, such as "1/3", when there is no
// decimal of at most 18 digits.
func (r Rate) String() string {
	var buf [maxRateText]byte
	text, _ := r.AppendText(buf[:0])
	return string(text)
}

// MarshalText returns what [Rate.String] returns. The error is always nil.
func (r Rate) MarshalText() ([]byte, error) { return r.AppendText(nil) }

// UnmarshalText is [ParseRate]. After an error r is unchanged.
func (r *Rate) UnmarshalText(text []byte) error {
	parsed, err := ParseRate(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}
