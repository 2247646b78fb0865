package contract

import "errors"

// The errors of this package. What is returned wraps one of them: test with errors.Is. An error means that nothing was decided
// and nothing has changed.
var (
	// ErrInvalid is wrapped when a command, a view or an argument breaks a stated form. The message names the field, and never
	// repeats what stands in it: that may be a person's name or account.
	ErrInvalid = errors.New("contract: invalid")

	// ErrCorrupt is wrapped when an event, or a snapshot, contradicts what stands before it.
	ErrCorrupt = errors.New("contract: corrupt")
)
