package cap

import "time"

// A civil day or hour is counted from 1970-01-01T00:00, by what the clocks of a zone show. It begins at the first instant
// at which they show it or a later one, and lasts until the next begins. So days and hours never overlap and never go
// back, whatever the clocks do:
//
//   - where midnight does not exist (Havana, Beirut: clocks jump from 0:00 to 1:00), the day begins at the jump;
//   - where midnight comes twice (clocks fall from 0:01 to 23:01, as in St. John's until 2011), it begins at the first;
//   - a day that the zone skipped (Apia, 2011-12-30) is empty, and so is an hour that the clocks jump over;
//   - an hour that the clocks show twice is one hour of twice the length.

// grain is the length of a civil unit on the face of the clock, in seconds.
type grain int64

const (
	hours grain = 60 * 60
	days  grain = 24 * hours
)

// start returns the instant at which civil unit d begins in loc.
func (g grain) start(d int64, loc *time.Location) int64 {
	// No offset reaches 24 h, so that d cannot have begun a whole day before it does in UTC. From there walk the
	// stretches of constant offset; the first that contains a moment at or after the beginning contains the answer.
	midnight := d * int64(g)
	at := midnight - daySecs
	for {
		t := time.Unix(at, 0).In(loc)
		_, offset := t.Zone()
		_, next := t.ZoneBounds()
		start, stop := max(at, midnight-int64(offset)), next.Unix()
		switch {
		case next.IsZero(): // this offset holds for ever
			stop = never
		case stop <= at:
			// On the last day of a leap year, package time says of the last offset of the year that it has ended
			// already (golang/go#81583). It holds until the year ends at least.
			stop = at + daySecs - at%daySecs
		}
		if start < stop {
			return start * second
		}
		at = stop
	}
}

// at returns the civil unit of an instant in loc, and the instant at which the next one begins.
func (g grain) at(instant int64, loc *time.Location) (d, next int64) {
	_, offset := timeOf(instant).In(loc).Zone()
	d = floorDiv(instant+int64(offset)*second, int64(g)*second)
	// The clocks may have shown a later unit before they were set back, so look whether it has begun.
	for {
		next = g.start(d+1, loc)
		if next > instant {
			return d, next
		}
		d++
	}
}

// periodOf returns the first civil day of the period that day d is in, and that of the next period. Periods begin at
// start: weeks on that day of the week, from Monday, 1, to Sunday, 7; months on that day; quarters and years on the first of that
// month.
func periodOf(d int64, unit Unit, start int64) (first, next int64) {
	switch unit {
	case Week:
		first = d - floorMod(d+4-start, 7) // 1970-01-01 was a Thursday, the fourth day
		return first, first + 7
	case Month:
		y, m, _ := date(d - start + 1)
		return civil(y, m) + start - 1, civil(y, m+1) + start - 1
	case Quarter, Year:
		n := time.Month(3)
		if unit == Year {
			n = 12
		}
		y, m, _ := date(d)
		m -= time.Month(floorMod(int64(m)-start, int64(n)))
		return civil(y, m), civil(y, m+n)
	default: // Day
		return d, d + 1
	}
}

// civil returns the first day of a month, which may lie before January or after December of the year.
func civil(year int, month time.Month) int64 {
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Unix() / daySecs
}

// date returns the date of a civil day.
func date(d int64) (year int, month time.Month, dayOfMonth int) {
	return time.Unix(d*daySecs, 0).UTC().Date()
}

// addMonths returns the day of the same date n months later, or the last of that month where it has no such date.
func addMonths(d, n int64) int64 {
	y, m, dayOfMonth := date(d)
	first, next := civil(y, m+time.Month(n)), civil(y, m+time.Month(n)+1)
	return min(first+int64(dayOfMonth), next) - 1
}
