package cashback

import (
	"errors"
	"fmt"
)

// The errors of this package. What is returned wraps one of them, or one of package money: test with errors.Is. An error means that
// nothing was decided and nothing has changed.
var (
	// ErrInvalid is wrapped when a program, a purchase or a command breaks a stated form or bound. The message names the field.
	ErrInvalid = errors.New("cashback: invalid")
)

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
