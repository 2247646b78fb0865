package money

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

//go:generate go run ./internal/gen

// Currency is a currency or fund of ISO 4217 that has a minor unit. Its value is the numeric code, so the constants
// ([EUR], [USD], ...) can stand in other constants, and a stored number keeps its meaning when the table grows.
//
// The zero value is no currency. A number that is no code of the table, converted by hand, is not valid either:
// [Currency.Valid] tells, and no amount can be made of it. A Currency is safe for concurrent use.
type Currency uint16

// ParseCurrency returns the currency of an alphabetic code: three capital letters.
//
// ParseCurrency returns an error if:
//   - the code is not three capital letters ([ErrSyntax]);
//   - the code is not in the table ([ErrUnknownCurrency]);
//   - the code has no minor unit, such as XAU, XDR or XXX ([ErrNoMinorUnit]).
func ParseCurrency(code string) (Currency, error) {
	if c := lookup(code); c != 0 {
		return c, nil
	}
	if len(code) != 3 {
		return 0, fmt.Errorf("money: currency: %w: %d bytes, want three capital letters", ErrSyntax, len(code))
	}
	for i := range len(code) {
		if code[i] < 'A' || code[i] > 'Z' {
			return 0, fmt.Errorf("money: currency: %w: byte %d, want a capital letter", ErrSyntax, i+1)
		}
	}
	unknown := strings.Clone(code) // the error keeps a copy, so that a string made of bytes need not outlive the call
	if unitless(unknown) {
		return 0, fmt.Errorf("money: currency %s: %w", unknown, ErrNoMinorUnit)
	}
	return 0, fmt.Errorf("money: currency %s: %w in ISO 4217 of %s", unknown, ErrUnknownCurrency, ListPublished)
}

// MustParseCurrency is [ParseCurrency] for codes written in the program: it panics on an error.
func MustParseCurrency(code string) Currency {
	c, err := ParseCurrency(code)
	if err != nil {
		panic(err)
	}
	return c
}

// CurrencyFromNumeric returns the currency of a numeric code, as card messages (ISO 8583) carry it: 978 is EUR.
//
// CurrencyFromNumeric returns an error if the code is not in the table or has no minor unit ([ErrUnknownCurrency]).
func CurrencyFromNumeric(numeric uint16) (Currency, error) {
	if c := Currency(numeric); c.Valid() {
		return c, nil
	}
	return 0, fmt.Errorf("money: currency %03d: %w in ISO 4217 of %s", numeric, ErrUnknownCurrency, ListPublished)
}

// Currencies ranges over all valid currencies, in the order of their numeric codes.
func Currencies() iter.Seq[Currency] {
	return func(yield func(Currency) bool) {
		for c := range Currency(len(isoTable) / 4) {
			if c.Valid() && !yield(c) {
				return
			}
		}
	}
}

// Valid reports whether c is in the table.
func (c Currency) Valid() bool { return 4*int(c) < len(isoTable) && isoTable[4*int(c)] != '.' }

// Code returns the alphabetic code, such as "EUR"; "" when c is not valid.
func (c Currency) Code() string {
	if !c.Valid() {
		return ""
	}
	return isoTable[4*int(c) : 4*int(c)+3]
}

// String returns the alphabetic code; "XXX", the ISO 4217 code for no currency, when c is not valid.
func (c Currency) String() string {
	if !c.Valid() {
		return "XXX"
	}
	return c.Code()
}

// Numeric returns the numeric code, such as 978; 0 when c is not valid. Messages show it with three digits ("%03d").
func (c Currency) Numeric() uint16 {
	if !c.Valid() {
		return 0
	}
	return uint16(c)
}

// MinorUnits returns the number of digits after the point: 0 for JPY, 2 for EUR, 3 for BHD, 4 for CLF; 0 when c is not
// valid.
func (c Currency) MinorUnits() int {
	if !c.Valid() {
		return 0
	}
	return int(isoTable[4*int(c)+3] - '0')
}

// Name returns the English name in ISO 4217; "" when c is not valid.
func (c Currency) Name() string { return nameOf(c) }

// GoString returns the currency as Go source, for %#v in test output.
func (c Currency) GoString() string {
	if !c.Valid() {
		return "money.Currency(" + strconv.Itoa(int(c)) + ")"
	}
	return "money." + c.Code()
}

// AppendText appends the alphabetic code. It returns an error if c is not valid ([ErrNoCurrency]).
func (c Currency) AppendText(dst []byte) ([]byte, error) {
	if !c.Valid() {
		return dst, fmt.Errorf("money: write currency: %w", ErrNoCurrency)
	}
	return append(dst, c.Code()...), nil
}

// MarshalText returns the alphabetic code. It returns an error if c is not valid ([ErrNoCurrency]).
func (c Currency) MarshalText() ([]byte, error) { return c.AppendText(nil) }

// UnmarshalText is [ParseCurrency]. After an error c is unchanged.
func (c *Currency) UnmarshalText(text []byte) error {
	parsed, err := ParseCurrency(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
