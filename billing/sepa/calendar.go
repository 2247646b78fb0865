package sepa

import (
	"time"

	"github.com/payrules/payrules/civil"
)

// IsTargetDay reports whether T2, once TARGET2, is open on a day: from Monday to Friday but for 1 January, Good Friday, Easter
// Monday, 1 May, and 25 and 26 December. These are the closing days since 2002; those of the years before were others. A date
// that is not valid is none.
func IsTargetDay(d civil.Date) bool {
	if !d.Valid() || d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		return false
	}
	year, month, day := d.Date()
	switch {
	case month == time.January && day == 1, month == time.May && day == 1, month == time.December && (day == 25 || day == 26):
		return false
	case month != time.March && month != time.April:
		return true
	}
	easter := easterSunday(year)
	return d != easter.AddDays(-2) && d != easter.AddDays(1)
}

// TargetDayFrom returns d if it is a TARGET day, or the next one after it; no date if d is not valid, or the year 9999 ends
// before.
func TargetDayFrom(d civil.Date) civil.Date {
	for d.Valid() && !IsTargetDay(d) {
		d = d.AddDays(1)
	}
	return d
}

// AddTargetDays returns the n-th TARGET day after d, or before it for a negative n; d itself for 0, whatever it is. It is no date
// if d is not valid or the result is not within the years 1 to 9999. It costs O(n).
func AddTargetDays(d civil.Date, n int) civil.Date {
	step := 1
	if n < 0 {
		step = -1
	}
	for n != 0 && d.Valid() {
		if d = d.AddDays(step); IsTargetDay(d) {
			n -= step
		}
	}
	return d
}

// NextTargetDay returns the first TARGET day after d.
func NextTargetDay(d civil.Date) civil.Date { return AddTargetDays(d, 1) }

// PreviousTargetDay returns the last TARGET day before d.
func PreviousTargetDay(d civil.Date) civil.Date { return AddTargetDays(d, -1) }

// easterSunday is that of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher. No division leaves a remainder that
// is not used.
func easterSunday(year int) civil.Date {
	golden, century, inCentury := year%19, year/100, year%100
	corrected := (century - (century+8)/25 + 1) / 3
	epact := (19*golden + century - century/4 - corrected + 15) % 30
	weekday := (32 + 2*(century%4) + 2*(inCentury/4) - epact - inCentury%4) % 7
	late := (golden + 11*epact + 22*weekday) / 451
	n := epact + weekday - 7*late + 114
	d, err := civil.NewDate(year, time.Month(n/31), n%31+1)
	if err != nil { // never: Easter is from 22 March to 25 April
		return 0
	}
	return d
}
