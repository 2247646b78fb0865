package cashback

import (
	"errors"
	"fmt"

	"github.com/payrules/payrules/event"
)

var (
	// ErrInvalid is wrapped by what is malformed: a program, a purchase, a command. The message names the field.
	ErrInvalid = errors.New("cashback: invalid")

	// ErrCorrupt is wrapped by events and snapshots that contradict what stands before them.
	ErrCorrupt = errors.New("cashback: corrupt")
)

// checkKey checks an id of the caller's.
func checkKey(field, id string) error {
	if err := event.ValidateKey(id); err != nil {
		return invalidWith(err, field)
	}
	if len(id) > MaxKey {
		return invalid(field, "%d bytes, want at most %d", len(id), MaxKey)
	}
	return nil
}

// MaxKey is the length in bytes of the longest id of a purchase, refund or payout.
const MaxKey = 200

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
