package backtest

import (
	"errors"
	"fmt"
)

// The errors of this package. What is returned wraps one of them, or the error of package cap or of the stream that it
// comes from: test with errors.Is.
var (
	// ErrInvalid is returned for an argument or an attempt that breaks a stated form or bound. The message names it.
	ErrInvalid = errors.New("backtest: invalid")

	// ErrTooManyAccounts is returned by Run when more accounts than Options.MaxAccounts hold something at once.
	ErrTooManyAccounts = errors.New("backtest: too many accounts hold something at once")

	// ErrLetGo is returned by Run when what has been let go might matter to an attempt: it is dated further before the
	// latest one of the stream than Options.Late.
	ErrLetGo = errors.New("backtest: dated before what is kept")
)

// invalid returns an ErrInvalid that names the field.
func invalid(field, format string, args ...any) error {
	return fmt.Errorf("%w %s: %s", ErrInvalid, field, fmt.Sprintf(format, args...))
}
