package party

import (
	"errors"
	"fmt"
	"slices"
)

// ErrInvalid is wrapped by every error of this package: test with errors.Is, or read the [*Error] with errors.As.
var ErrInvalid = errors.New("party: invalid")

// Error says which field is wrong, and why. It never holds what stood there: that is a person's data.
type Error struct {
	_ struct{} // disallow positional literals

	Field  string // path of the field in its JSON name: "iban", "address.town_name"
	Reason Reason // never ""
}

// Error names the field and the reason.
func (e *Error) Error() string { return fmt.Sprintf("%v %s: %s", ErrInvalid, e.Field, e.Reason) }

// Unwrap returns [ErrInvalid].
func (e *Error) Unwrap() error { return ErrInvalid }

// Reason says why something is no identifier, address or party. Reasons are part of the contract: a name keeps its meaning for
// ever and is never used again for another.
type Reason string

// The reasons, in order of precedence: what is wrong in several ways is refused with the first.
const (
	// Missing refuses "" where something is needed.
	Missing Reason = "missing"

	// BadLength refuses what is shorter or longer than anything of its kind.
	BadLength Reason = "bad_length"

	// BadCharacter refuses a character that nothing of its kind has: lower case in an IBAN, a control character in a name,
	// a space at the beginning or the end, what is not UTF-8.
	BadCharacter Reason = "bad_character"

	// UnknownCountry refuses two letters that are no country, or none that gives identifiers of this kind.
	UnknownCountry Reason = "unknown_country"

	// WrongLengthForCountry refuses an IBAN or creditor identifier of a length that its country does not give.
	WrongLengthForCountry Reason = "wrong_length_for_country"

	// WrongStructure refuses letters where digits belong, or the reverse, and other breaches of the form of a kind.
	WrongStructure Reason = "wrong_structure"

	// WrongCheckDigits refuses what the check digits do not fit: most often a slip of the pen.
	WrongCheckDigits Reason = "wrong_check_digits"

	// Conflicting refuses two identifiers of one party that are right by themselves, and name two parties.
	Conflicting Reason = "conflicting"
)

// reasons are all of them, in order of precedence.
var reasons = [...]Reason{
	Missing, BadLength, BadCharacter, UnknownCountry, WrongLengthForCountry, WrongStructure, WrongCheckDigits, Conflicting,
}

// Reasons lists every reason, in order of precedence.
func Reasons() []Reason { return slices.Clone(reasons[:]) }

// Valid reports whether r is one of Reasons, or "".
func (r Reason) Valid() bool { return r == "" || slices.Contains(reasons[:], r) }

// fault makes an error of a reason; nil of none.
func fault(field string, r Reason) error {
	if r == "" {
		return nil
	}
	return &Error{Field: field, Reason: r}
}

// below names the field that the field of an error of this package is part of.
func below(field string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return &Error{Field: field + "." + e.Field, Reason: e.Reason}
	}
	return err
}
