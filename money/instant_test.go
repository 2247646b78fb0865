package money_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/money"
)

// times draws instants over all the years that are taken, in any zone, to the nanosecond.
func times() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		first, last := time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC).Unix(), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
		zone := time.FixedZone("", rapid.IntRange(-14*3600, 14*3600).Draw(t, "offset"))
		seconds := rapid.OneOf(rapid.Int64Range(-2_000_000_000, 4_000_000_000), rapid.Int64Range(first, last)).Draw(t, "seconds")
		return time.Unix(seconds, rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).In(zone)
	})
}

// An instant is UTC, whole microseconds, never later than what it was made of, and less than one earlier.
func TestInstant(t *testing.T) {
	check(t, func(t *rapid.T) {
		at := times().Draw(t, "at")
		got := money.Instant(at)
		if got.Location() != time.UTC || got.Nanosecond()%1000 != 0 {
			t.Fatalf("%v became %v", at, got)
		}
		if cut := at.Sub(got); cut < 0 || cut >= time.Microsecond {
			t.Fatalf("%v became %v, %v away", at, got, cut)
		}
		if again := money.Instant(got); again != got {
			t.Fatalf("%v became %v when asked again", got, again)
		}
		if checked, err := money.CheckInstant(at); err != nil || checked != got {
			t.Fatalf("CheckInstant of %v: %v, %v", at, checked, err)
		}
		micros, err := money.UnixMicro(at)
		if err != nil || micros != at.UnixMicro() || money.FromUnixMicro(micros) != got {
			t.Fatalf("%v: %d, %v, back as %v", at, micros, err, money.FromUnixMicro(micros))
		}
	})
}

// Order is kept: two instants stand as their microseconds do.
func TestUnixMicroKeepsOrder(t *testing.T) {
	check(t, func(t *rapid.T) {
		a, b := times().Draw(t, "a"), times().Draw(t, "b")
		x, err := money.UnixMicro(a)
		wantError(t, err, nil)
		y, err := money.UnixMicro(b)
		wantError(t, err, nil)
		if a.Before(b) && x > y || a.After(b) && x < y || (x < y) != money.Instant(a).Before(money.Instant(b)) {
			t.Fatalf("%v is %d, %v is %d", a, x, b, y)
		}
	})
}

// A monotonic reading does not survive, so == means the same instant.
func TestInstantDropsMonotonic(t *testing.T) {
	now := time.Now()
	if got := money.Instant(now); got != money.Instant(now.Round(0)) {
		t.Errorf("%v is not itself without its monotonic reading", got)
	}
}

// The edges of the range, and far beyond, where time's own conversions wrap.
func TestInstantRange(t *testing.T) {
	paris := time.FixedZone("", 3600)
	for _, tc := range []struct {
		name string
		at   time.Time
		ok   bool
	}{
		{"not set", time.Time{}, false},
		{"not set, in a zone", time.Time{}.In(paris), false},
		{"not set, and 999 ns", time.Time{}.Add(999), false},
		{"first microsecond", time.Time{}.Add(time.Microsecond), true},
		{"year 0", time.Time{}.Add(-1), false},
		{"1970", time.Unix(0, 0), true},
		{"just before 1970", time.Unix(0, -1), true},
		{"last nanosecond", time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), true},
		{"year 10000", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{"year 10000, 9999 in UTC", time.Date(10000, 1, 1, 0, 59, 59, 0, paris), true},
		{"year 300000", time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{"the last time of all", time.Unix(math.MaxInt64-62135596801, 999_999_999), false},
		{"a wrapped one", time.Unix(math.MaxInt64, 0), false},
		{"the first time of all", time.Unix(math.MinInt64, 0), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			micros, err := money.UnixMicro(tc.at)
			checked, checkErr := money.CheckInstant(tc.at)
			if !tc.ok {
				wantError(t, err, money.ErrInvalidInstant)
				wantError(t, checkErr, money.ErrInvalidInstant)
				return
			}
			if err != nil || checkErr != nil || money.FromUnixMicro(micros) != money.Instant(tc.at) || checked != money.Instant(tc.at) {
				t.Errorf("got %d, %v; %v, %v", micros, err, checked, checkErr)
			}
		})
	}
	if !money.Instant(time.Time{}).IsZero() {
		t.Error("the zero time did not stay the zero time")
	}
}
