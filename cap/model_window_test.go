package cap_test

import (
	"fmt"
	"sort"
	"time"

	"github.com/payrules/payrules/cap"
)

// The model is the dumb meter that the real one must equal: a plain list of every spend, searched and summed from the
// start for every question. It shares no code with the package. Civil days it reads off the face of the clock, minute
// by minute.

const (
	minute  = int64(60_000_000)
	hour    = 60 * minute
	civil   = 24 * hour
	forever = int64(1) << 62
)

// modelWindow is a window of the model.
type modelWindow struct {
	kind string // rolling, hours, days, months, day, week, sunday, month, 15th, quarter, april, opened, each, ever
	d    int64  // rolling, opened: microseconds; hours, days, months: how many
	zone string
	face *clockFace
}

// label tells the periods of a calendar window apart.
func (w modelWindow) label(t int64) string {
	d := w.face.day(t)
	date := time.Unix(d*86400, 0).UTC()
	switch w.kind {
	case "week":
		y, week := date.ISOWeek()
		return fmt.Sprint(y, week)
	case "sunday": // weeks from Sunday: the ISO week of the day after
		y, week := date.AddDate(0, 0, 1).ISOWeek()
		return fmt.Sprint(y, week)
	case "month":
		return date.Format("2006-01")
	case "15th":
		return date.AddDate(0, 0, -14).Format("2006-01")
	case "quarter":
		return fmt.Sprint(date.Year(), (date.Month()-1)/3)
	case "april":
		if date.Month() < time.April {
			return fmt.Sprint(date.Year() - 1)
		}
		return fmt.Sprint(date.Year())
	}
	return fmt.Sprint(d)
}

// holds reports whether the window at t holds a spend dated e, which is not after t.
func (w modelWindow) holds(e, t int64) bool {
	switch w.kind {
	case "rolling":
		return e > t-w.d
	case "hours":
		return w.face.hour(e) > w.face.hour(t)-w.d
	case "days":
		return w.face.day(e) > w.face.day(t)-w.d
	case "months":
		return w.face.day(e) > monthsBefore(w.face.day(t), w.d)
	case "each":
		return false
	case "ever":
		return true
	case "opened":
		panic("not given by time alone: ask the book")
	}
	return w.label(e) == w.label(t)
}

// monthsBefore returns the day of the same date n months before a civil day, or the last one of that month.
func monthsBefore(day, n int64) int64 {
	date := time.Unix(day*86400, 0).UTC()
	for back := date.Day(); ; back-- {
		if then := time.Date(date.Year(), date.Month()-time.Month(n), back, 0, 0, 0, 0, time.UTC); then.Day() == back {
			return then.Unix() / 86400
		}
	}
}

// until is the first instant at which e is out.
func (w modelWindow) until(e int64) int64 {
	if w.kind == "rolling" {
		return e + w.d
	}
	first := (e/minute + 1) * minute // civil days begin on whole minutes
	n := sort.Search(int((w.face.start+int64(len(w.face.units))*minute-first)/minute), func(i int) bool {
		return !w.holds(e, first+int64(i)*minute)
	})
	return first + int64(n)*minute
}

// before is the latest instant that the window at t does not reach.
func (w modelWindow) before(t int64) int64 {
	if w.kind == "rolling" {
		return t - w.d
	}
	n := sort.Search(int((t-w.face.start)/minute), func(i int) bool { return w.holds(w.face.start+int64(i)*minute, t) })
	return w.face.start + int64(n)*minute - 1
}

func (w modelWindow) real() cap.Window {
	loc, err := time.LoadLocation(w.zone)
	if err != nil {
		panic(err)
	}
	switch w.kind {
	case "rolling":
		return cap.Rolling(time.Duration(w.d) * time.Microsecond)
	case "hours":
		return cap.RollingHours(int(w.d), loc)
	case "days":
		return cap.RollingDays(int(w.d), loc)
	case "months":
		return cap.RollingMonths(int(w.d), loc)
	case "day":
		return cap.Calendar(cap.Day, loc)
	case "week":
		return cap.Calendar(cap.Week, loc)
	case "sunday":
		return cap.Calendar(cap.Week, loc).StartingAt(7)
	case "month":
		return cap.Calendar(cap.Month, loc)
	case "15th":
		return cap.Calendar(cap.Month, loc).StartingAt(15)
	case "quarter":
		return cap.Calendar(cap.Quarter, loc)
	case "april":
		return cap.Calendar(cap.Year, loc).StartingAt(4)
	case "opened":
		return cap.OpenedByFirstUse(time.Duration(w.d) * time.Microsecond)
	case "each":
		return cap.PerTransaction()
	}
	return cap.Lifetime()
}
