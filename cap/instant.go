package cap

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/money"
)

// Inside this package an instant is a number of microseconds since 1970-01-01 UTC, as money.UnixMicro gives it.

const (
	second  = int64(1_000_000)
	daySecs = int64(days)
	day     = daySecs * second

	// end is 2200-01-01T00:00:00Z. Spends are dated from 1970 up to there: a spend of the year 9999, taken by mistake,
	// would make every other one too late.
	end = 7_258_118_400 * second

	never = int64(1<<63 - 1) // after every instant
)

// instantOf returns the instant of at, as money.UnixMicro does. It returns an error that wraps money.ErrInvalidInstant if
// at is not within 1970 to 2199.
func instantOf(at time.Time) (int64, error) {
	if secs := at.Unix(); secs >= 0 && secs < end/second {
		return secs*second + int64(at.Nanosecond())/1000, nil
	}
	return 0, badInstant(at)
}

func badInstant(at time.Time) error {
	if _, err := money.UnixMicro(at); err != nil {
		return fmt.Errorf("%w at: %w", ErrInvalid, err)
	}
	return fmt.Errorf("%w at: %w: year %d, want 1970 to 2199", ErrInvalid, money.ErrInvalidInstant, at.UTC().Year())
}

// timeOf is the reverse of instantOf, in UTC.
func timeOf(instant int64) time.Time { return money.FromUnixMicro(instant) }

// floorDiv divides towards minus infinity; b must be positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// floorMod returns what floorDiv leaves: 0 to b-1.
func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
