package billing

import "errors"

// The errors of this package. What is returned wraps one of them, or one of package money: test with errors.Is. An error
// means that nothing was decided and nothing has changed.
var (
	// ErrInvalid is wrapped when a command, an operation or an update breaks a stated form. The message names the field.
	ErrInvalid = errors.New("billing: invalid")

	// ErrCorrupt is wrapped when an event or a snapshot contradicts what stands before it.
	ErrCorrupt = errors.New("billing: corrupt")
)
