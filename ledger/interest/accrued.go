package interest

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/payrules/payrules/internal/strictjson"
	"github.com/payrules/payrules/money"
)

// Accrued is an exact amount of interest, down to the smallest part of a minor unit that interest can come to: 10^-12, the last
// place of a rate, of a tick of the year. So adding up never rounds; only [Accrued.Amount] does. It may be negative: the
// account owes it.
//
// The zero Accrued is nothing of no currency yet: it can be added to any other, so that sums begin with it, but is no amount and
// is not written as JSON. An Accrued is an immutable value, comparable with ==, and safe for concurrent use.
type Accrued struct {
	units    int128 // of 1/unitsPerMinor minor unit
	currency money.Currency
}

// unitsPerMinor is 1,603,080 · 10^12, which fits an int64. An int64 of minor units is then less than a tenth of an int128.
const unitsPerMinor = ticksYear * rateScale

// maxAccruedText bounds the fraction in the text of an Accrued: 40 digits, the slash, 19 digits, a sign.
const maxAccruedText = 64

// Currency returns the currency; none for the zero Accrued.
func (a Accrued) Currency() money.Currency { return a.currency }

// Sign returns -1, 0 or 1 for interest that the account owes, none, and interest that it earned.
func (a Accrued) Sign() int { return a.units.sign() }

// IsZero reports whether a is the zero Accrued, without a currency, so that encoding/json leaves it out with omitzero.
func (a Accrued) IsZero() bool { return a == Accrued{} }

// Add returns a+b, exactly.
//
// Add returns an error if:
//   - both have a currency and they differ (a [*money.CurrencyMismatchError]);
//   - the sum does not fit 128 bits, which is beyond ten times the range of an amount ([money.ErrOverflow]).
func (a Accrued) Add(b Accrued) (Accrued, error) { return a.plus("add", b, b.units) }

// Sub returns a-b, exactly. It returns the errors of Add.
func (a Accrued) Sub(b Accrued) (Accrued, error) {
	negative, ok := b.units.neg()
	if !ok {
		return Accrued{}, overflow("subtract")
	}
	return a.plus("subtract", b, negative)
}

func (a Accrued) plus(op string, b Accrued, units int128) (Accrued, error) {
	currency := a.currency
	switch {
	case currency == 0:
		currency = b.currency
	case b.currency != 0 && b.currency != currency:
		return Accrued{}, fmt.Errorf("interest: %w", &money.CurrencyMismatchError{Op: op, A: currency, B: b.currency})
	}
	sum, ok := a.units.add(units)
	if !ok {
		return Accrued{}, overflow(op)
	}
	return Accrued{units: sum, currency: currency}, nil
}

func overflow(op string) error { return fmt.Errorf("interest: %s: %w", op, money.ErrOverflow) }

// Amount returns a in whole minor units.
//
// Amount returns an error if:
//   - a is the zero Accrued ([money.ErrNoCurrency]);
//   - rounding is none of the constants of package money ([money.ErrInvalidRounding]);
//   - the result does not fit an amount ([money.ErrOverflow]).
func (a Accrued) Amount(rounding money.Rounding) (money.Amount, error) {
	if a.currency == 0 {
		return money.Amount{}, fmt.Errorf("interest: amount: %w", money.ErrNoCurrency)
	}
	// Package money knows how to round: it gets what is left of the last two minor units, for half_even asks whether the one
	// before is odd.
	whole, rest, ok := a.units.divide(2 * unitsPerMinor)
	if !ok {
		return money.Amount{}, overflow("amount")
	}
	factor, err := money.NewRate(rest, unitsPerMinor)
	if err != nil {
		panic("bug: interest: " + err.Error()) // both are less than 2^62
	}
	last, err := money.New(1, a.currency).MulRate(factor, rounding)
	if err != nil {
		return money.Amount{}, fmt.Errorf("interest: amount: %w", err)
	}
	half := money.New(whole, a.currency) // whole is half of what it stands for, so that it fits
	amount, err := money.Sum(a.currency, half, half, last)
	if err != nil {
		return money.Amount{}, fmt.Errorf("interest: amount: %w", err)
	}
	return amount, nil
}

// Due returns what is to be posted now: the total that has accrued until now, rounded, less what has been posted already. What is
// cut off by one posting is so in the next one, and the postings sum up to the rounded total, however many there were.
//
// Due returns the errors of Amount, and of [money.Amount.Sub] when posted is of another currency.
func (a Accrued) Due(posted money.Amount, rounding money.Rounding) (money.Amount, error) {
	total, err := a.Amount(rounding)
	if err != nil {
		return money.Amount{}, err
	}
	due, err := total.Sub(posted)
	if err != nil {
		return money.Amount{}, fmt.Errorf("interest: due: %w", err)
	}
	return due, nil
}

// fraction returns minor units as a fraction in lowest terms: "1234/365", "-2".
func (a Accrued) fraction() string {
	return new(big.Rat).SetFrac(a.units.big(), big.NewInt(unitsPerMinor)).RatString()
}

// String returns the fraction of minor units and the currency: "1234/365 minor EUR".
func (a Accrued) String() string { return a.fraction() + " minor " + a.currency.String() }

// accruedJSON is an Accrued as it is written.
type accruedJSON struct {
	Minor    string         `json:"minor"`
	Currency money.Currency `json:"currency"`
}

// MarshalJSON returns {"minor":"1234/365","currency":"EUR"}: minor units, as a whole number or a fraction in lowest terms. It
// returns an error if a is the zero Accrued ([money.ErrNoCurrency]); a field that may be so carries the option omitzero.
func (a Accrued) MarshalJSON() ([]byte, error) {
	if a.currency == 0 {
		return nil, fmt.Errorf("interest: write accrued: %w", money.ErrNoCurrency)
	}
	return json.Marshal(accruedJSON{a.fraction(), a.currency})
}

// UnmarshalJSON reads what MarshalJSON wrote, and nothing else but for the order of the fields and white space. After an error a
// is unchanged. It returns an error that wraps ErrInvalid if data is not of that form.
func (a *Accrued) UnmarshalJSON(data []byte) error {
	var wire accruedJSON
	if err := strictjson.Unmarshal(data, &wire); err != nil {
		return fmt.Errorf("%w: accrued: %w", ErrInvalid, err)
	}
	malformed := fmt.Errorf("%w: accrued: minor: want a whole number or a fraction in lowest terms", ErrInvalid)
	if len(wire.Minor) > maxAccruedText || strings.Trim(wire.Minor, "-/0123456789") != "" {
		return malformed // before big.Rat, which takes exponents and more
	}
	value, ok := new(big.Rat).SetString(wire.Minor)
	if !ok || value.RatString() != wire.Minor {
		return malformed
	}
	if !wire.Currency.Valid() {
		return fmt.Errorf("%w: accrued: currency: %w", ErrInvalid, money.ErrNoCurrency)
	}
	value.Mul(value, new(big.Rat).SetInt64(unitsPerMinor))
	if !value.IsInt() {
		return malformed // finer than any interest
	}
	units, ok := int128Of(value.Num())
	if !ok {
		return fmt.Errorf("%w: accrued: minor: %w", ErrInvalid, money.ErrOverflow)
	}
	*a = Accrued{units: units, currency: wire.Currency}
	return nil
}
