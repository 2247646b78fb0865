package money

import (
	"errors"
	"fmt"
)

// The errors of this package. What is returned wraps one of them: test with errors.Is.
var (
	// ErrOverflow is returned when the exact result does not fit the range of its type.
	ErrOverflow = errors.New("out of range")

	// ErrCurrencyMismatch is returned when an operation meets two currencies. Its type is [*CurrencyMismatchError].
	ErrCurrencyMismatch = errors.New("currency mismatch")

	// ErrNoCurrency is returned when an amount has no currency: it is the zero Amount, or was made from a number that
	// is no code of the table.
	ErrNoCurrency = errors.New("no currency")

	// ErrUnknownCurrency is returned for a code that is not in the table.
	ErrUnknownCurrency = errors.New("unknown currency")

	// ErrNoMinorUnit is returned for a code of ISO 4217 that has no minor unit, such as XAU.
	ErrNoMinorUnit = errors.New("currency has no minor unit")

	// ErrSyntax is returned for text that is not of the form wanted.
	ErrSyntax = errors.New("invalid syntax")

	// ErrInexact is returned when a value would have to be rounded and no rounding was named: more digits than the
	// currency has, or a rate with no end to its digits.
	ErrInexact = errors.New("not exact")

	// ErrInvalidRounding is returned for a Rounding that is none of the constants, the zero value among them.
	ErrInvalidRounding = errors.New("invalid rounding")

	// ErrInvalidArgument is returned for a number that the operation cannot work with: no parts, a negative weight,
	// a zero denominator.
	ErrInvalidArgument = errors.New("invalid argument")

	// ErrInvalidInstant is returned for an instant that is not set, or not within the years 1 to 9999.
	ErrInvalidInstant = errors.New("invalid instant")
)

// CurrencyMismatchError says which two currencies met. errors.Is finds [ErrCurrencyMismatch] in it.
type CurrencyMismatchError struct {
	Op   string   // what was asked for: "add", "compare"
	A, B Currency // the currencies, in the order of the operands
}

// Error returns the message.
func (e *CurrencyMismatchError) Error() string {
	return fmt.Sprintf("money: %s: %v: %v and %v", e.Op, ErrCurrencyMismatch, e.A, e.B)
}

// Is reports whether target is [ErrCurrencyMismatch].
func (e *CurrencyMismatchError) Is(target error) bool { return target == ErrCurrencyMismatch }

// pairError returns why two amounts cannot be combined, or that their result does not fit.
func pairError(op string, a, b Currency) error {
	switch {
	case a == 0 || b == 0:
		return fmt.Errorf("money: %s: %w", op, ErrNoCurrency)
	case a != b:
		return &CurrencyMismatchError{Op: op, A: a, B: b}
	}
	return overflow(op)
}

// overflow returns ErrOverflow with the operation that met it.
func overflow(op string) error { return fmt.Errorf("money: %s: %w", op, ErrOverflow) }
