package civil

import (
	"errors"
	"fmt"
	"time"
)

// Date is a day of the calendar. It is a small value: comparable with <, ==, usable as a map key. The zero value is no date.
type Date int32 // the day of the common era: 1 is 0001-01-01, as time.Time's zero

// ErrInvalid is wrapped when text or numbers are no date.
var ErrInvalid = errors.New("civil: invalid date")

const (
	lastDate  = Date(3652059) // 9999-12-31
	unixEpoch = Date(719163)  // 1970-01-01
	secondsOf = 24 * 60 * 60  // a day of the calendar
)

// NewDate returns the date of a year, month and day. It returns an error that wraps ErrInvalid if there is no such day: 30
// February, or a year that is not within 1 to 9999.
func NewDate(year int, month time.Month, day int) (Date, error) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if y, m, d := t.Date(); y != year || m != month || d != day || year < 1 || year > 9999 {
		return 0, fmt.Errorf("%w: no such day in the years 1 to 9999", ErrInvalid)
	}
	return dateOf(t), nil
}

// DateOf returns the date that clocks of a zone show at an instant; no date if the instant is the zero time or not within the
// years 1 to 9999 there. A nil zone is UTC.
func DateOf(t time.Time, zone *time.Location) Date {
	if zone == nil {
		zone = time.UTC
	}
	if t = t.In(zone); t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return 0
	}
	_, offset := t.Zone()
	return Date(floorDiv(t.Unix()+int64(offset), secondsOf)) + unixEpoch
}

// LatestDate returns the latest date that clocks anywhere on earth show at an instant: of zones 14 hours ahead of UTC, where days begin
// first. It returns no date as [DateOf] does.
func LatestDate(t time.Time) Date { return DateOf(t.Add(14*time.Hour), nil) }

func dateOf(utc time.Time) Date { return Date(floorDiv(utc.Unix(), secondsOf)) + unixEpoch }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }

// ParseDate reads a date as Date.String writes it: "2026-11-21". It returns an error that wraps ErrInvalid for anything else.
func ParseDate(s string) (Date, error) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return 0, fmt.Errorf("%w: want the form 2006-01-02", ErrInvalid)
	}
	var n [3]int
	for i, part := range [...]string{s[:4], s[5:7], s[8:]} {
		for _, c := range []byte(part) {
			if c < '0' || c > '9' {
				return 0, fmt.Errorf("%w: want the form 2006-01-02", ErrInvalid)
			}
			n[i] = n[i]*10 + int(c-'0')
		}
	}
	return NewDate(n[0], time.Month(n[1]), n[2])
}

// MustParseDate is ParseDate for dates written in the program: it panics on an error.
func MustParseDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// Valid reports whether d is a date: neither the zero value nor beyond the year 9999.
func (d Date) Valid() bool { return d >= 1 && d <= lastDate }

// IsZero reports whether d is no date, so that encoding/json leaves it out with omitzero.
func (d Date) IsZero() bool { return d == 0 }

// Date returns the year, month and day; all 0 when d is not valid.
func (d Date) Date() (year int, month time.Month, day int) {
	if !d.Valid() {
		return 0, 0, 0
	}
	return d.utc().Date()
}

// Year returns the year, 0 when d is not valid.
func (d Date) Year() int { y, _, _ := d.Date(); return y }

// Month returns the month, 0 when d is not valid.
func (d Date) Month() time.Month { _, m, _ := d.Date(); return m }

// Day returns the day of the month, 0 when d is not valid.
func (d Date) Day() int { _, _, day := d.Date(); return day }

// Weekday returns the day of the week. That of a date that is not valid means nothing.
func (d Date) Weekday() time.Weekday { return time.Weekday(((d % 7) + 7) % 7) }

func (d Date) utc() time.Time { return time.Unix(int64(d-unixEpoch)*secondsOf, 0).UTC() }

// AddDays returns the date n days later, or earlier for a negative n; no date if d is not valid or the result is not within
// the years 1 to 9999.
func (d Date) AddDays(n int) Date {
	sum := int64(d) + int64(n)
	if !d.Valid() || n > int(lastDate) || n < -int(lastDate) || sum < 1 || sum > int64(lastDate) {
		return 0
	}
	return Date(sum)
}

// AddMonths returns the date n months later, on the same day of the month, or on its last day where the month is shorter; no
// date if d is not valid or the result is not within the years 1 to 9999.
func (d Date) AddMonths(n int) Date {
	if !d.Valid() || n > 12*9999 || n < -12*9999 {
		return 0
	}
	year, month, day := d.Date()
	first := 12*year + int(month) - 1 + n
	year, month = first/12, time.Month(first%12+1)
	if first < 12 || year > 9999 {
		return 0
	}
	return dateOf(time.Date(year, month, min(day, DaysIn(year, month)), 0, 0, 0, 0, time.UTC))
}

// Sub returns the number of days from e to d. That of dates that are not valid means nothing.
func (d Date) Sub(e Date) int { return int(d) - int(e) }

// EndOfMonth returns the last day of d's month; no date if d is not valid.
func (d Date) EndOfMonth() Date {
	if !d.Valid() {
		return 0
	}
	year, month, day := d.Date()
	return d + Date(DaysIn(year, month)-day)
}

// Start returns the first instant at which the clocks of a zone show d or a later day: midnight, or the jump where clocks skip
// midnight, and the first of the two where it comes twice. A day that the zone skipped starts where the next one does: it is
// empty. So days never overlap, and each lasts until the next one starts. Start is the zero time if d is not valid, and for
// 0001-01-01 in UTC, which is the zero time. A nil zone is UTC.
func (d Date) Start(zone *time.Location) time.Time {
	if !d.Valid() {
		return time.Time{}
	}
	if zone == nil {
		zone = time.UTC
	}
	// No zone is two days from UTC, so that d has not begun two days before it does there. From then on walk the stretches of
	// constant offset: the first that contains a moment at or after the beginning contains the answer.
	midnight := int64(d-unixEpoch) * secondsOf
	for at := midnight - 2*secondsOf; ; {
		t := time.Unix(at, 0).In(zone)
		_, offset := t.Zone()
		_, next := t.ZoneBounds()
		start, stop := max(at, midnight-int64(offset)), next.Unix()
		if !next.IsZero() && stop <= at {
			// On the last day of a leap year, package time says of the last offset of the year that it has ended already
			// (golang/go#81583). It holds until the year ends at least.
			stop = at + secondsOf - floorMod(at, secondsOf)
		}
		if next.IsZero() || start < stop { // a zero next: this offset holds for ever
			return time.Unix(start, 0).UTC()
		}
		at = stop
	}
}

// DaysIn returns how many days a month has. As in time.Date, a month that is not within 1 to 12 is one of another year.
func DaysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// String returns the date as "2026-11-21", and "" when d is not valid.
func (d Date) String() string {
	if !d.Valid() {
		return ""
	}
	return string(d.append(make([]byte, 0, 10)))
}

func (d Date) append(dst []byte) []byte {
	year, month, day := d.Date()
	return append(dst, byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10),
		'-', byte('0'+month/10), byte('0'+month%10), '-', byte('0'+day/10), byte('0'+day%10))
}

// GoString returns the date as Go source, for %#v in test output.
func (d Date) GoString() string {
	if !d.Valid() {
		return fmt.Sprintf("civil.Date(%d)", int32(d))
	}
	return fmt.Sprintf("civil.MustParseDate(%q)", d.String())
}

// AppendText appends what Date.String returns. It returns an error that wraps ErrInvalid if d is not valid.
func (d Date) AppendText(dst []byte) ([]byte, error) {
	if !d.Valid() {
		return dst, fmt.Errorf("%w: none is set", ErrInvalid)
	}
	return d.append(dst), nil
}

// MarshalText returns what Date.String returns. It returns an error that wraps ErrInvalid if d is not valid.
func (d Date) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// UnmarshalText is ParseDate. After an error d is unchanged.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}
