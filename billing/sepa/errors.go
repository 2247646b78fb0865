package sepa

import (
	"errors"
	"fmt"
)

// The errors of this package. What is returned wraps one of them: test with errors.Is. No message repeats what stood in a field,
// because that may be a person's name or account.
var (
	// ErrInvalid is wrapped when a message, a collection or an argument breaks a stated form. The message names the field.
	ErrInvalid = errors.New("sepa: invalid")

	// ErrReport is wrapped when what a bank has sent cannot be read: it is no XML in UTF-8, declares entities, is of another kind
	// or version, breaks the form of its own, or exceeds a bound. Nothing of it should be believed.
	ErrReport = errors.New("sepa: report")
)

// invalid says which field is wrong, and why.
func invalid(field, why string) error { return fmt.Errorf("%w %s: %s", ErrInvalid, field, why) }

// below names the field that the field of an error of another package is, or is part of; nil of nil.
func below(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w %s: %w", ErrInvalid, field, err)
}
