package money

import (
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"
)

// This file is the door to decimal. It takes a Decimal apart into coefficient and exponent, or makes one of them, and
// calls nothing else of that package: so none of its settings, which anyone in the process may change, has a say here.

// maxCoefficientBits bounds the coefficient of a Decimal that is let in (154 digits), and so the work on it.
const maxCoefficientBits = 512

// Decimal returns a as a decimal number of units: 12.34 for 12.34 EUR. Its exponent is minus the minor units of the
// currency. Without a currency it is the number of minor units.
func (a Amount) Decimal() decimal.Decimal {
	return decimal.New(a.minor, -int32(a.currency.MinorUnits()))
}

// FromDecimal returns the amount of a currency that is exactly d units: FromDecimal(12.34, EUR) is 12.34 EUR.
//
// FromDecimal returns an error if:
//   - c is not valid ([ErrNoCurrency]);
//   - d is not a whole number of minor units of c ([ErrInexact]); zeros at the end do not matter;
//   - d does not fit, or its coefficient has more than 154 digits ([ErrOverflow]).
func FromDecimal(d decimal.Decimal, c Currency) (Amount, error) { return fromDecimal(d, c, 0) }

// FromDecimalRounded returns the amount of a currency that is d units, rounded to a whole minor unit.
//
// FromDecimalRounded returns an error if:
//   - c is not valid ([ErrNoCurrency]);
//   - mode is none of the roundings ([ErrInvalidRounding]);
//   - the result does not fit, or the coefficient of d has more than 154 digits ([ErrOverflow]).
func FromDecimalRounded(d decimal.Decimal, c Currency, mode Rounding) (Amount, error) {
	if !mode.Valid() {
		return Amount{}, fmt.Errorf("money: from decimal: %w", ErrInvalidRounding)
	}
	return fromDecimal(d, c, mode)
}

// fromDecimal rounds by mode, or refuses to round if mode is 0.
func fromDecimal(d decimal.Decimal, c Currency, mode Rounding) (Amount, error) {
	if !c.Valid() {
		return Amount{}, fmt.Errorf("money: from decimal: %w", ErrNoCurrency)
	}
	coefficient := d.Coefficient() // a copy
	shift := int64(d.Exponent()) + int64(c.MinorUnits())
	switch {
	case coefficient.BitLen() > maxCoefficientBits:
		return Amount{}, overflow("from decimal")
	case coefficient.Sign() == 0:
		return Amount{0, c}, nil
	case shift > 18: // and a coefficient of 1 or more is beyond an int64
		return Amount{}, overflow("from decimal")
	case shift >= 0:
		coefficient.Mul(coefficient, bigPow10(shift))
	default:
		// A power of ten of more digits than any coefficient has cuts everything off, and more than that changes nothing.
		if exact := divideRounded(coefficient, bigPow10(min(-shift, maxCoefficientBits)), mode); !exact && mode == 0 {
			return Amount{}, fmt.Errorf("money: from decimal: %w: more digits after the point than the %d of %s",
				ErrInexact, c.MinorUnits(), c)
		}
	}
	if !coefficient.IsInt64() {
		return Amount{}, overflow("from decimal")
	}
	return Amount{coefficient.Int64(), c}, nil
}

// divideRounded sets x to x/d, rounded, and reports whether nothing was cut off.
func divideRounded(x, d *big.Int, mode Rounding) (exact bool) {
	negative := x.Sign() < 0
	rest := new(big.Int)
	x.QuoRem(x.Abs(x), d, rest)
	if exact = rest.Sign() == 0; !exact {
		half := rest.Cmp(new(big.Int).Sub(d, rest))
		if mode.carries(x.Bit(0) == 1, half, negative) {
			x.Add(x, big.NewInt(1))
		}
	}
	if negative {
		x.Neg(x)
	}
	return exact
}

// bigPow10 returns 10^n.
func bigPow10(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }

// RateFromDecimal returns the rate that is exactly d. This is where a rate is compiled: what follows works on integers.
//
// RateFromDecimal returns an error if d has more than 18 digits, zeros at the end not counted, or more than 18 places
// after the point ([ErrOverflow]).
func RateFromDecimal(d decimal.Decimal) (Rate, error) {
	coefficient := d.Coefficient() // a copy
	exponent := int64(d.Exponent())
	if coefficient.Sign() == 0 {
		return Rate{}, nil
	}
	if coefficient.BitLen() > maxCoefficientBits {
		return Rate{}, rateTooLong()
	}
	ten, rest := big.NewInt(10), new(big.Int)
	for quotient := new(big.Int); ; exponent++ {
		if quotient.QuoRem(coefficient, ten, rest); rest.Sign() != 0 {
			break
		}
		coefficient.Set(quotient)
	}
	if !coefficient.IsInt64() || exponent < -maxRateDigits || exponent >= maxRateDigits {
		return Rate{}, rateTooLong()
	}
	num, ok := mulDiv(coefficient.Int64(), int64(pow10(int(max(exponent, 0)))), 1, Down)
	if !ok || magnitude(num) >= pow10(maxRateDigits) {
		return Rate{}, rateTooLong()
	}
	return NewRate(num, int64(pow10(int(max(-exponent, 0)))))
}

// rateTooLong is the error of a decimal that is beyond a Rate.
func rateTooLong() error {
	return fmt.Errorf("money: rate from decimal: %w: more than %d digits", ErrOverflow, maxRateDigits)
}

// Decimal returns r as a decimal number with the fewest places. It returns an error if r has no decimal form of at most 18
// digits, such as one third ([ErrInexact]).
func (r Rate) Decimal() (decimal.Decimal, error) {
	coefficient, places, ok := r.finite()
	if !ok {
		return decimal.Decimal{}, fmt.Errorf("money: rate as decimal: %w: more than %d digits", ErrInexact, maxRateDigits)
	}
	return decimal.New(coefficient, -int32(places)), nil
}
