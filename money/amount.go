package money

import (
	"cmp"
	"fmt"
	"math/bits"
)

// Amount is an exact amount of money: a whole number of minor units of one currency.
//
// An Amount is a value: immutable, comparable with ==, usable as a map key, and safe for concurrent use. Two amounts are
// == when both number and currency are the same.
//
// The zero value is no amount: 0 of no currency. It differs from a zero of some currency, such as New(0, EUR). Arithmetic
// on it is an error ([ErrNoCurrency]), and so is writing it as JSON or text. There is no IsZero method on purpose:
// encoding/json would take it for the meaning of "omitzero", and an amount of 0.00 EUR would lose its currency.
// Use a.Sign() == 0 for "nothing", and a == (Amount{}) or !a.Valid() for "not set".
type Amount struct {
	minor    int64
	currency Currency // valid or 0: New lets nothing else in
}

// New returns an amount of so many minor units: New(1234, EUR) is 12.34 EUR.
//
// A currency that is not valid gives an amount of no currency, on which everything that follows is an error
// ([ErrNoCurrency]): so New needs no error of its own.
func New(minor int64, c Currency) Amount {
	if !c.Valid() {
		c = 0
	}
	return Amount{minor: minor, currency: c}
}

// Minor returns the number of minor units: 1234 for 12.34 EUR, 12 for 12 JPY.
func (a Amount) Minor() int64 { return a.minor }

// Currency returns the currency; 0 when a has none.
func (a Amount) Currency() Currency { return a.currency }

// Valid reports whether a has a currency, which the zero value has not.
func (a Amount) Valid() bool { return a.currency != 0 }

// Sign returns -1, 0 or 1 for an amount below, at or above zero.
func (a Amount) Sign() int { return cmp.Compare(a.minor, 0) }

// Equal reports whether both number and currency are the same. It is a == b, for go-cmp and for generic code.
func (a Amount) Equal(b Amount) bool { return a == b }

// Add returns a + b.
//
// Add returns an error if:
//   - the currencies differ ([ErrCurrencyMismatch]), or one is missing ([ErrNoCurrency]);
//   - the sum does not fit ([ErrOverflow]).
func (a Amount) Add(b Amount) (Amount, error) {
	sum := a.minor + b.minor // wrapped if it went the wrong way from a
	if a.currency == b.currency && a.currency != 0 && (sum < a.minor) == (b.minor < 0) {
		return Amount{sum, a.currency}, nil
	}
	return Amount{}, pairError("add", a.currency, b.currency)
}

// Sub returns a - b.
//
// Sub returns an error if:
//   - the currencies differ ([ErrCurrencyMismatch]), or one is missing ([ErrNoCurrency]);
//   - the difference does not fit ([ErrOverflow]).
func (a Amount) Sub(b Amount) (Amount, error) {
	diff := a.minor - b.minor // wrapped if it went the wrong way from a
	if a.currency == b.currency && a.currency != 0 && (diff > a.minor) == (b.minor < 0) {
		return Amount{diff, a.currency}, nil
	}
	return Amount{}, pairError("subtract", a.currency, b.currency)
}

// Neg returns -a. It returns an error if a has no currency ([ErrNoCurrency]), or is the smallest amount of all, whose
// opposite does not fit ([ErrOverflow]).
func (a Amount) Neg() (Amount, error) {
	if a.currency == 0 || a.minor == -a.minor && a.minor != 0 {
		return Amount{}, pairError("negate", a.currency, a.currency)
	}
	return Amount{-a.minor, a.currency}, nil
}

// Abs returns a without its sign. It returns the errors of [Amount.Neg].
func (a Amount) Abs() (Amount, error) {
	if a.minor < 0 || a.currency == 0 {
		return a.Neg()
	}
	return a, nil
}

// Compare returns -1, 0 or 1 for a below, at or above b.
//
// Compare returns an error if the currencies differ ([ErrCurrencyMismatch]), or one is missing ([ErrNoCurrency]).
func (a Amount) Compare(b Amount) (int, error) {
	if a.currency != b.currency || a.currency == 0 {
		return 0, pairError("compare", a.currency, b.currency)
	}
	return cmp.Compare(a.minor, b.minor), nil
}

// Min returns the smaller of a and b. It returns the errors of [Amount.Compare].
func Min(a, b Amount) (Amount, error) {
	order, err := a.Compare(b)
	switch {
	case err != nil:
		return Amount{}, err
	case order <= 0:
		return a, nil
	}
	return b, nil
}

// Max returns the larger of a and b. It returns the errors of [Amount.Compare].
func Max(a, b Amount) (Amount, error) {
	order, err := a.Compare(b)
	switch {
	case err != nil:
		return Amount{}, err
	case order >= 0:
		return a, nil
	}
	return b, nil
}

// Sum returns the sum of amounts in a currency, which is New(0, c) when there are none. Only the total has to fit:
// it does not matter in which order the amounts come.
//
// Sum returns an error if:
//   - c is not valid, or an amount has no currency ([ErrNoCurrency]);
//   - an amount is in another currency ([ErrCurrencyMismatch]);
//   - the sum does not fit ([ErrOverflow]).
func Sum(c Currency, amounts ...Amount) (Amount, error) {
	if !c.Valid() {
		return Amount{}, fmt.Errorf("money: sum: %w", ErrNoCurrency)
	}
	var hi int64 // hi and lo are one signed number of 128 bits
	var lo uint64
	for _, a := range amounts {
		if a.currency != c {
			return Amount{}, pairError("sum", c, a.currency)
		}
		var carry uint64
		lo, carry = bits.Add64(lo, uint64(a.minor), 0)
		hi += a.minor>>63 + int64(carry)
	}
	if total := int64(lo); hi == total>>63 {
		return Amount{total, c}, nil
	}
	return Amount{}, overflow("sum")
}

// Mul returns a × n.
//
// Mul returns an error if a has no currency ([ErrNoCurrency]), or the product does not fit ([ErrOverflow]).
func (a Amount) Mul(n int64) (Amount, error) {
	hi, lo := bits.Mul64(magnitude(a.minor), magnitude(n))
	product, ok := signed(lo, (a.minor < 0) != (n < 0))
	if a.currency == 0 || hi != 0 || !ok {
		return Amount{}, pairError("multiply", a.currency, a.currency)
	}
	return Amount{product, a.currency}, nil
}

// MulRate returns a × r, rounded once, to a whole minor unit of the same currency.
//
// MulRate returns an error if:
//   - a has no currency ([ErrNoCurrency]);
//   - mode is none of the roundings ([ErrInvalidRounding]);
//   - the product does not fit ([ErrOverflow]).
func (a Amount) MulRate(r Rate, mode Rounding) (Amount, error) {
	product, ok := mulDiv(a.minor, r.num, r.den(), mode)
	if !ok || a.currency == 0 || !mode.Valid() {
		return Amount{}, roundedError("multiply by rate", a.currency, mode)
	}
	return Amount{product, a.currency}, nil
}

// Convert returns a in another currency, at a price of r units of it (not minor units) for one unit of the currency of a,
// rounded once: 1000 JPY at 0.0061 is 6.10 EUR. Converting to the same currency is [Amount.MulRate].
//
// Convert returns an error if:
//   - a has no currency, or to is not valid ([ErrNoCurrency]);
//   - mode is none of the roundings ([ErrInvalidRounding]);
//   - the result does not fit ([ErrOverflow]).
func (a Amount) Convert(r Rate, to Currency, mode Rounding) (Amount, error) {
	if !to.Valid() {
		return Amount{}, fmt.Errorf("money: convert: target: %w", ErrNoCurrency)
	}
	if a.currency == 0 || !mode.Valid() {
		return Amount{}, roundedError("convert", a.currency, mode)
	}
	product, ok := mulDivShift(a.minor, r.num, r.den(), to.MinorUnits()-a.currency.MinorUnits(), mode)
	if !ok {
		return Amount{}, overflow("convert")
	}
	return Amount{product, to}, nil
}

// RoundTo returns a rounded to a multiple of step minor units: Swiss cash is New(minor, CHF).RoundTo(5, HalfAwayFromZero).
//
// RoundTo returns an error if:
//   - a has no currency ([ErrNoCurrency]);
//   - step is not positive ([ErrInvalidArgument]);
//   - mode is none of the roundings ([ErrInvalidRounding]);
//   - the multiple does not fit ([ErrOverflow]).
func (a Amount) RoundTo(step int64, mode Rounding) (Amount, error) {
	if a.currency == 0 || !mode.Valid() {
		return Amount{}, roundedError("round", a.currency, mode)
	}
	if step <= 0 {
		return Amount{}, fmt.Errorf("money: round: %w: step %d, want 1 or more", ErrInvalidArgument, step)
	}
	steps, _ := mulDiv(a.minor, 1, uint64(step), mode) // never more than a itself
	return Amount{steps, a.currency}.Mul(step)
}

// roundedError returns why an amount could not be rounded, or that the result does not fit.
func roundedError(op string, c Currency, mode Rounding) error {
	switch {
	case c == 0:
		return fmt.Errorf("money: %s: %w", op, ErrNoCurrency)
	case !mode.Valid():
		return fmt.Errorf("money: %s: %w", op, ErrInvalidRounding)
	}
	return overflow(op)
}
