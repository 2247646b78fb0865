package billing

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/money"
)

// Bounds of texts, in characters.
const (
	maxReference = 100 // of orders, of products, and units of measure
	maxLabel     = 500 // of items, and why something was given back
)

// checkID returns an error if id cannot be the key of a command.
func checkID(field, id string) error {
	if err := event.ValidateKey(id); err != nil {
		return fmt.Errorf("%w %s: %w", ErrInvalid, field, err)
	}
	return nil
}

// invalid names a field that is malformed, and how; nil if fault is "": nothing is wrong.
func invalid(field, fault string) error {
	if fault == "" {
		return nil
	}
	return fmt.Errorf("%w %s: %s", ErrInvalid, field, fault)
}

// neededFault is as texts.Fault, of a text that must not be empty.
func neededFault(s string, most int) string {
	if s == "" {
		return "empty"
	}
	return texts.Fault(s, most)
}

// maxInstant is the last instant of 2199 in microseconds. Before it, and from 1970 on, spending caps can tell instants apart.
const maxInstant = 7_258_118_399_999_999

// checkAt returns an instant in microseconds, or an error that names the field.
func checkAt(field string, at time.Time) (int64, error) {
	micros, err := money.UnixMicro(at)
	if err != nil || at.IsZero() || micros < 0 || micros > maxInstant {
		return 0, fmt.Errorf("%w %s: no instant of the years 1970 to 2199", ErrInvalid, field)
	}
	return micros, nil
}
