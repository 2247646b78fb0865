package money

import (
	"cmp"
	"fmt"
)

// Rounding says what becomes of a result that lies between two minor units. There is no default: the zero value is
// refused, so that whoever rounds has said how.
type Rounding uint8

// The roundings. The package documentation shows each on ±2.4, ±2.5 and ±2.6.
const (
	_ Rounding = iota

	// HalfAwayFromZero goes to the nearest, and from the middle away from zero: 2.5 to 3, -2.5 to -3.
	// It is what invoices and tax offices call commercial rounding.
	HalfAwayFromZero

	// HalfEven goes to the nearest, and from the middle to the even neighbour: 2.5 to 2, 3.5 to 4. It has no drift over
	// many roundings, and is what interest is often rounded with (banker's rounding).
	HalfEven

	// Down goes toward zero: it cuts off.
	Down

	// Up goes away from zero.
	Up

	// Floor goes toward negative infinity.
	Floor

	// Ceil goes toward positive infinity.
	Ceil
)

// ParseRounding returns the rounding with this name: half_away_from_zero, half_even, down, up, floor or ceil.
// It returns an error for any other ([ErrInvalidRounding]).
func ParseRounding(name string) (Rounding, error) {
	for m := HalfAwayFromZero; m <= Ceil; m++ {
		if m.String() == name {
			return m, nil
		}
	}
	return 0, fmt.Errorf("money: %w: want half_away_from_zero, half_even, down, up, floor or ceil", ErrInvalidRounding)
}

// Valid reports whether m is one of the constants.
func (m Rounding) Valid() bool { return m >= HalfAwayFromZero && m <= Ceil }

// String returns the name, such as "half_even"; "invalid" when m is none of the constants.
func (m Rounding) String() string {
	switch m {
	case HalfAwayFromZero:
		return "half_away_from_zero"
	case HalfEven:
		return "half_even"
	case Down:
		return "down"
	case Up:
		return "up"
	case Floor:
		return "floor"
	case Ceil:
		return "ceil"
	}
	return "invalid"
}

// MarshalText returns the name. It returns an error if m is none of the constants ([ErrInvalidRounding]).
func (m Rounding) MarshalText() ([]byte, error) {
	if !m.Valid() {
		return nil, fmt.Errorf("money: write rounding: %w", ErrInvalidRounding)
	}
	return []byte(m.String()), nil
}

// UnmarshalText is [ParseRounding]. After an error m is unchanged.
func (m *Rounding) UnmarshalText(text []byte) error {
	parsed, err := ParseRounding(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

// carries reports whether a quotient of magnitudes must be raised by one: odd says that the quotient cut off is odd, half
// compares what was cut off with one half (-1, 0, 1), and negative is the sign of the result. It is asked only when
// something was cut off.
func (m Rounding) carries(odd bool, half int, negative bool) bool {
	switch m {
	case HalfAwayFromZero:
		return half >= 0
	case HalfEven:
		return half > 0 || half == 0 && odd
	case Up:
		return true
	case Floor:
		return negative
	case Ceil:
		return !negative
	default: // Down
		return false
	}
}

// compareHalf compares r/d with one half, for r < d, without doubling r.
func compareHalf(r, d uint64) int { return cmp.Compare(r, d-r) }
