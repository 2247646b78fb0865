package money

import (
	"fmt"
	"time"
)

// The range of instants, in microseconds since 1970-01-01 UTC. Years 1 to 9999 are what RFC 3339, and so JSON, can write;
// PostgreSQL and an int64 hold far more. The first instant of year 1 is the zero time.Time, which means "not set".
const (
	minUnixMicro = -62_135_596_800_000_000 + 1
	maxUnixMicro = 253_402_300_799_999_999
)

// Instant returns t as the library keeps it: in UTC, without a monotonic reading, cut off to whole microseconds (toward the
// past). Two instants of one microsecond become equal with ==. The zero time stays the zero time.
//
// Rules bring their instants to this form before they compare or store them. PostgreSQL keeps microseconds, so a finer instant could be
// inside a window in memory and outside of it once read back. Instant itself refuses nothing: [CheckInstant] does.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// CheckInstant returns [Instant] of t. It returns an error if t is the zero time, which is a field that was forgotten, or
// is not within the years 1 to 9999 in UTC ([ErrInvalidInstant]).
func CheckInstant(t time.Time) (time.Time, error) {
	if _, err := UnixMicro(t); err != nil {
		return time.Time{}, err
	}
	return Instant(t), nil
}

// UnixMicro returns [Instant] of t as microseconds since 1970-01-01 UTC. Order is kept, and [FromUnixMicro] gives the
// instant back exactly. It returns the errors of [CheckInstant], and does not allocate otherwise.
func UnixMicro(t time.Time) (int64, error) {
	seconds := t.Unix() // cannot wrap, as UnixMilli and UnixMicro of package time can
	if seconds < minUnixMicro/1_000_000-1 || seconds > maxUnixMicro/1_000_000 {
		return 0, fmt.Errorf("money: %w: want the years 1 to 9999", ErrInvalidInstant)
	}
	micros := seconds*1_000_000 + int64(t.Nanosecond()/1_000)
	if micros < minUnixMicro {
		return 0, fmt.Errorf("money: %w: not set", ErrInvalidInstant)
	}
	return micros, nil
}

// FromUnixMicro returns the instant so many microseconds after 1970-01-01 UTC. It is total: any int64 is an instant, be
// it beyond the year 9999.
func FromUnixMicro(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
