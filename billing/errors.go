package billing

import (
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// The errors of this package. What is returned wraps one of them, or one of package money: test with errors.Is. An error
// means that nothing was decided and nothing has changed.
var (
	// ErrInvalid is wrapped when a command, an operation or an update breaks a stated form. The message names the field.
	ErrInvalid = errors.New("billing: invalid")

	// ErrCorrupt is wrapped when an event or a snapshot contradicts what stands before it.
	ErrCorrupt = errors.New("billing: corrupt")
)

// Bounds of texts, in characters.
const (
	maxName = 100 // references, products, units
	maxText = 500 // labels and reasons
)

// checkID returns an error if id cannot be the key of a command.
func checkID(field, id string) error {
	if err := event.ValidateKey(id); err != nil {
		return fmt.Errorf("%w %s: %w", ErrInvalid, field, err)
	}
	return nil
}

// checkText returns an error that names the field if a text is too long, not UTF-8, or holds what no invoice can show.
func checkText(field, s string, most int) error { return named(field, textFault(s, most)) }

func named(field, fault string) error {
	if fault == "" {
		return nil
	}
	return fmt.Errorf("%w %s: %s", ErrInvalid, field, fault)
}

// textFault says what is wrong with a text; "" if nothing is.
func textFault(s string, most int) string {
	if !utf8.ValidString(s) {
		return "not valid UTF-8"
	}
	if utf8.RuneCountInString(s) > most {
		return fmt.Sprintf("longer than %d characters", most)
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF {
			return "it holds a control character"
		}
	}
	return ""
}

func neededFault(s string, most int) string {
	if s == "" {
		return "empty"
	}
	return textFault(s, most)
}

// maxInstant is the last instant of 2199 in microseconds. Before it, and from 1970 on, spending limits can tell instants apart.
const maxInstant = 7_258_118_399_999_999

// checkAt returns an instant in microseconds.
func checkAt(field string, at time.Time) (int64, error) {
	micros, err := money.UnixMicro(at)
	if err != nil || at.IsZero() || micros < 0 || micros > maxInstant {
		return 0, fmt.Errorf("%w %s: no instant of the years 1970 to 2199", ErrInvalid, field)
	}
	return micros, nil
}
