package cap

import "time"

// A civil day is counted from 1970-01-01. In a zone, day d begins at the first instant at which the clocks there show d
// or later, and lasts until d+1 begins. So days never overlap and never go back, whatever the clocks do:
//
//   - where midnight does not exist (Havana, Beirut: clocks jump from 0:00 to 1:00), the day begins at the jump;
//   - where midnight comes twice (clocks fall from 0:01 to 23:01, as in St. John's until 2011), it begins at the first;
//   - a day that the zone skipped (Apia, 2011-12-30) is empty.

// dayStart returns the instant at which civil day d begins in loc.
func dayStart(d int64, loc *time.Location) int64 {
	// No offset reaches 24 h, so that d cannot have begun a whole day before its midnight in UTC. From there walk the
	// stretches of constant offset; the first that contains a moment at or after midnight contains the answer.
	midnight := d * daySecs
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

// dayOf returns the civil day of an instant in loc, and the instant at which the next one begins.
func dayOf(instant int64, loc *time.Location) (d, next int64) {
	_, offset := timeOf(instant).In(loc).Zone()
	d = floorDiv(instant+int64(offset)*second, day)
	// The clocks may have shown a later day before they were set back, so look whether it has begun.
	for {
		next = dayStart(d+1, loc)
		if next > instant {
			return d, next
		}
		d++
	}
}

// periodOf returns the first civil day of the period that day d is in, and that of the next period.
func periodOf(d int64, unit Unit) (first, next int64) {
	switch unit {
	case Week:
		first = d - (d+3)%7 // 1970-01-01 was a Thursday, three days after a Monday
		return first, first + 7
	case Month:
		y, m, _ := time.Unix(d*daySecs, 0).UTC().Date()
		return civil(y, m), civil(y, m+1)
	default: // Day
		return d, d + 1
	}
}

// civil returns the first day of a month; the month after December is the next January.
func civil(year int, month time.Month) int64 {
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Unix() / daySecs
}
