package cashback

import (
	"errors"
	"fmt"
)

var (
	// ErrInvalid is wrapped by what is malformed: a program, a purchase, a command. The message names the field.
	ErrInvalid = errors.New("cashback: invalid")

	// ErrCorrupt is wrapped by events and snapshots that contradict what stands before them.
	ErrCorrupt = errors.New("cashback: corrupt")
)

// invalid returns an ErrInvalid that names the field.
func invalid(field, format string, args ...any) error {
	return fmt.Errorf("%w %s: %s", ErrInvalid, field, fmt.Sprintf(format, args...))
}

// invalidWith is invalid around another error.
func invalidWith(err error, field string) error {
	return fmt.Errorf("%w %s: %w", ErrInvalid, field, err)
}

// invalidProgram returns an ErrInvalid that names the field of a program by its path: ".rules[3].ladder[1].from".
func invalidProgram(where string, err error) error {
	if where == "" {
		return fmt.Errorf("%w program: %w", ErrInvalid, err)
	}
	if where[0] == '.' {
		where = where[1:]
	}
	return fmt.Errorf("%w program: %s: %w", ErrInvalid, where, err)
}
