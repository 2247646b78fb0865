package ledger

import "errors"

// The errors of this package. What is returned wraps one of them, or one of package money: test with errors.Is. An error
// means that nothing was decided and nothing has changed.
var (
	// ErrInvalid is wrapped when a command, an account's terms or an argument breaks a stated form. The message names the field.
	ErrInvalid = errors.New("ledger: invalid")

	// ErrUnbalanced is wrapped, beside ErrInvalid, when the legs of a transfer do not sum to zero in some currency.
	ErrUnbalanced = errors.New("debits and credits differ")

	// ErrCorrupt is wrapped when an event contradicts what stands before it.
	ErrCorrupt = errors.New("ledger: corrupt")
)
