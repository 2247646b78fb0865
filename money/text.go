package money

import (
	"fmt"
	"log/slog"
	"math/bits"
)

// maxNumberText bounds the text of a number: a minus, 19 digits and a point; or a minus, a 0, a point and 18 digits.
const maxNumberText = 21

// number is a decimal as it was written: mag / 10^fraction.
type number struct {
	negative bool
	mag      uint64
	digits   int // all of them, but for a lone 0 before the point
	fraction int // the digits after the point
}

// scan reads -?(0|[1-9][0-9]*)(\.[0-9]+)? of at most 19 digits, which fit a uint64. It is the only reader of numbers:
// what it refuses never reaches decimal or big.
func scan(s string) (number, error) {
	var n number
	if len(s) > maxNumberText {
		return n, fmt.Errorf("%w: %d bytes, want at most %d", ErrSyntax, len(s), maxNumberText)
	}
	i := 0
	if i < len(s) && s[i] == '-' {
		n.negative = true
		i++
	}
	first := i
	for ; i < len(s) && isDigit(s[i]); i++ {
		n.mag = n.mag*10 + uint64(s[i]-'0') // wraps for more than 19 digits, which are refused below
		n.digits++
	}
	switch {
	case n.digits == 0:
		return number{}, fmt.Errorf("%w: no digit at byte %d", ErrSyntax, i+1)
	case s[first] == '0' && n.digits > 1:
		return number{}, fmt.Errorf("%w: needless zero at byte %d", ErrSyntax, first+1)
	case s[first] == '0':
		n.digits = 0
	}
	if i < len(s) && s[i] == '.' {
		point := i
		for i++; i < len(s) && isDigit(s[i]); i++ {
			n.mag = n.mag*10 + uint64(s[i]-'0')
			n.digits++
			n.fraction++
		}
		if n.fraction == 0 {
			return number{}, fmt.Errorf("%w: no digit after the point at byte %d", ErrSyntax, point+1)
		}
	}
	if i < len(s) {
		return number{}, fmt.Errorf("%w: byte %d is neither a digit nor the point", ErrSyntax, i+1)
	}
	if n.digits > 19 {
		return number{}, fmt.Errorf("%w: more than 19 digits", ErrOverflow)
	}
	return n, nil
}

// isDigit reports whether b is an ASCII digit.
func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// ParseAmount returns the amount of a currency that is written as a plain decimal number: "12.34", "-0.5", "7".
//
// The form is an optional minus, digits without needless zeros before them, and optionally a point with as many digits
// after it as the currency has, or fewer. There is no plus, no exponent, no space, no separator of thousands, no sign or
// digit of Unicode beyond ASCII, and no point without digits on both sides. "-0.00" is zero.
//
// ParseAmount returns an error if:
//   - c is not valid ([ErrNoCurrency]);
//   - s is not of that form, or longer than any amount can be ([ErrSyntax]);
//   - s has more digits after the point than c, be they zeros ([ErrInexact]);
//   - the number does not fit ([ErrOverflow]).
func ParseAmount(s string, c Currency) (Amount, error) {
	if !c.Valid() {
		return Amount{}, fmt.Errorf("money: amount: %w", ErrNoCurrency)
	}
	n, err := scan(s)
	if err != nil {
		return Amount{}, fmt.Errorf("money: amount: %w", err)
	}
	missing := c.MinorUnits() - n.fraction
	if missing < 0 {
		return Amount{}, fmt.Errorf("money: amount: %w: %d digits after the point, %s has %d",
			ErrInexact, n.fraction, c, c.MinorUnits())
	}
	hi, mag := bits.Mul64(n.mag, pow10(missing))
	minor, ok := signed(mag, n.negative)
	if hi != 0 || !ok {
		return Amount{}, overflow("amount")
	}
	return Amount{minor, c}, nil
}

// MustParseAmount is [ParseAmount] for amounts written in the program: it panics on an error.
func MustParseAmount(s string, c Currency) Amount {
	a, err := ParseAmount(s, c)
	if err != nil {
		panic(err)
	}
	return a
}

// Parse returns the amount written by [Amount.String]: a number as for [ParseAmount], one space, and a currency as for
// [ParseCurrency], such as "12.34 EUR". It returns their errors.
func Parse(s string) (Amount, error) {
	const tail = 4 // the space and the code
	if len(s) < tail || s[len(s)-tail] != ' ' {
		return Amount{}, fmt.Errorf("money: amount: %w: want a number, a space and a currency code", ErrSyntax)
	}
	c, err := ParseCurrency(s[len(s)-tail+1:])
	if err != nil {
		return Amount{}, err
	}
	return ParseAmount(s[:len(s)-tail], c)
}

// appendNumber appends n / 10^places, with all the places, and at least one digit before the point.
func appendNumber(dst []byte, n int64, places int) []byte {
	var buf [maxNumberText]byte
	i := len(buf)
	mag := magnitude(n)
	for done := 0; mag > 0 || done <= places; done++ {
		if done == places && places > 0 {
			i--
			buf[i] = '.'
		}
		i--
		buf[i] = byte('0' + mag%10)
		mag /= 10
	}
	if n < 0 {
		i--
		buf[i] = '-'
	}
	return append(dst, buf[i:]...)
}

// AppendNumber appends what [Amount.Number] returns. It does not allocate when dst has room for 21 bytes.
func (a Amount) AppendNumber(dst []byte) []byte {
	return appendNumber(dst, a.minor, a.currency.MinorUnits())
}

// Number returns the number alone, with all the digits of the currency: "12.34", "-0.50", "7" for JPY. Without a
// currency it is the number of minor units.
func (a Amount) Number() string {
	var buf [maxNumberText]byte
	return string(a.AppendNumber(buf[:0]))
}

// String returns the number and the currency: "12.34 EUR". Without a currency it is the minor units and "XXX".
func (a Amount) String() string {
	var buf [maxNumberText + 4]byte
	return string(append(append(a.AppendNumber(buf[:0]), ' '), a.currency.String()...))
}

// AppendText appends what [Amount.String] returns. It returns an error if a has no currency ([ErrNoCurrency]).
func (a Amount) AppendText(dst []byte) ([]byte, error) {
	if a.currency == 0 {
		return dst, fmt.Errorf("money: write amount: %w", ErrNoCurrency)
	}
	return append(append(a.AppendNumber(dst), ' '), a.currency.Code()...), nil
}

// MarshalText returns what [Amount.String] returns, for flags and configuration. It returns an error if a has no currency
// ([ErrNoCurrency]).
//
// Do not use an Amount as the key of a JSON object: encoding/json writes the key by this method, but reads it by
// UnmarshalJSON, which refuses it.
func (a Amount) MarshalText() ([]byte, error) { return a.AppendText(nil) }

// UnmarshalText is [Parse]. After an error a is unchanged.
func (a *Amount) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// LogValue returns the group amount, currency, as in JSON, for log/slog.
func (a Amount) LogValue() slog.Value {
	return slog.GroupValue(slog.String("amount", a.Number()), slog.String("currency", a.currency.String()))
}
