package cap

import (
	"errors"
	"fmt"
)

// The errors of this package. What is returned wraps one of them, or one of package money: test with errors.Is. An
// error means that nothing could be decided; a refusal is a Decision, never an error.
var (
	// ErrInvalid is returned for a policy, command or event that breaks a stated form or bound. The message names the
	// field.
	ErrInvalid = errors.New("cap: invalid")

	// ErrUnknownLimit is returned when a reader names a limit that the policy does not have.
	ErrUnknownLimit = errors.New("cap: unknown limit")

	// ErrForgotten is returned when a reader asks for an instant before the oldest that a new spend may be dated at:
	// part of what its windows held may be gone.
	ErrForgotten = errors.New("cap: forgotten")

	// ErrHistory is returned by Meter.Apply for an event that cannot follow those applied before it: a spend recorded
	// twice, the reversal of one that was never recorded.
	ErrHistory = errors.New("cap: event does not fit the history")

	// ErrSnapshot is returned for a snapshot that is damaged or of a version that this package does not read.
	ErrSnapshot = errors.New("cap: bad snapshot")

	// ErrPolicyMismatch is returned for a snapshot that was made under another policy than the meter's. Replay the
	// events instead.
	ErrPolicyMismatch = errors.New("cap: snapshot of another policy")
)

// invalid returns an ErrInvalid that names the field.
func invalid(field, format string, args ...any) error {
	return fmt.Errorf("%w %s: %s", ErrInvalid, field, fmt.Sprintf(format, args...))
}

// clip keeps a message short whatever it quotes.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// invalidWith is invalid around another error.
func invalidWith(err error, field string) error {
	return fmt.Errorf("%w %s: %w", ErrInvalid, field, err)
}
