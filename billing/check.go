package billing

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/payrules/payrules/cap"
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

// neededFault is as texts.Fault, of a text that must not be empty, nor of spaces alone.
func neededFault(s string, most int) string {
	if strings.TrimSpace(s) == "" {
		return "empty"
	}
	return texts.Fault(s, most)
}

// MaxAmount is the largest amount of a purchase, a payment or a refund, in minor units: as of package cap, 180 million million of a currency
// with cents.
const MaxAmount = cap.MaxAmount

// maxSum bounds the sums of an account, so that none of them and none of their sums can overflow.
const maxSum = 1 << 60

// room is what a limit leaves beside an exposure, which may be below zero.
func room(limit, exposure int64) int64 {
	if exposure < 0 && limit > math.MaxInt64+exposure {
		return math.MaxInt64
	}
	return limit - exposure
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
