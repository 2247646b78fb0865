package cap

import (
	"fmt"
	"time"
)

// Bounds of windows.
const (
	MaxRolling     = 400 * 24 * time.Hour // of Rolling, and of a policy's lateness
	MaxRollingDays = 400                  // of RollingDays
)

// Unit is the period of a Calendar window.
type Unit uint8

// The units of Calendar windows.
const (
	Day   Unit = iota + 1 // a civil day, of 23, 24 or 25 hours
	Week                  // from Monday to Sunday, as ISO 8601 counts
	Month                 // a civil month
)

// String returns "day", "week" or "month".
func (u Unit) String() string {
	switch u {
	case Day:
		return "day"
	case Week:
		return "week"
	case Month:
		return "month"
	}
	return fmt.Sprintf("Unit(%d)", uint8(u))
}

// kind is what sort of window it is.
type kind uint8

const (
	rolling kind = iota + 1
	rollingDays
	calendar
	perTransaction
	lifetime
)

// Window says which spends count together with one: those of the last seven days, of this month, of all time. Make it
// with [Rolling], [RollingDays], [Calendar], [PerTransaction] or [Lifetime]; the zero value is no window, and no policy
// takes it. A Window is a value, immutable, and safe for concurrent use. Compare windows with Equal.
//
// What a window holds is given by two step functions of time that never go back. At instant t it holds the spends
// dated in (after(t), t]. A spend dated e is inside from e until just before until(e).
type Window struct {
	kind kind
	unit Unit
	n    int64 // rolling: microseconds; rollingDays: days
	loc  *time.Location
}

// Rolling is the window (t−d, t]: a spend exactly d old is out. It counts elapsed time, so that "seven days" are 168
// hours in every zone and season; see RollingDays for civil days. NewPolicy refuses d below a microsecond, above
// MaxRolling, or not a whole number of microseconds.
func Rolling(d time.Duration) Window {
	if d%time.Microsecond != 0 {
		return Window{kind: rolling, n: -1} // named by validate
	}
	return Window{kind: rolling, n: d.Microseconds()}
}

// RollingDays is the civil day of t in a zone, whole, and the n−1 civil days before it. NewPolicy refuses n outside 1 to
// MaxRollingDays, and a location that is not a zone of the IANA database under its own name.
func RollingDays(n int, loc *time.Location) Window {
	return Window{kind: rollingDays, n: int64(n), loc: loc}
}

// Calendar is the civil day, week or month of t in a zone. NewPolicy refuses a location that is not a zone of the IANA
// database under its own name.
func Calendar(unit Unit, loc *time.Location) Window {
	return Window{kind: calendar, unit: unit, loc: loc}
}

// PerTransaction is the window that holds one spend alone.
func PerTransaction() Window { return Window{kind: perTransaction} }

// Lifetime is the window that holds everything ever recorded.
func Lifetime() Window { return Window{kind: lifetime} }

// Equal reports whether v holds the same spends as w at every instant, as far as their definitions tell.
func (w Window) Equal(v Window) bool { return w.String() == v.String() && w.n == v.n }

// String describes the window in words: "rolling P7D", "rolling 30 days Europe/Paris", "calendar month Europe/Paris".
func (w Window) String() string {
	switch w.kind {
	case rolling:
		return "rolling " + formatDuration(w.n)
	case rollingDays:
		return fmt.Sprintf("rolling %d days %s", w.n, zoneName(w.loc))
	case calendar:
		return fmt.Sprintf("calendar %s %s", w.unit, zoneName(w.loc))
	case perTransaction:
		return "per transaction"
	case lifetime:
		return "lifetime"
	}
	return "no window"
}

// zoneName returns the name of loc, "" for none.
func zoneName(loc *time.Location) string {
	if loc == nil {
		return ""
	}
	return loc.String()
}

// validate returns what is wrong with w, and the name of the field in the JSON form.
func (w Window) validate() (field string, err error) {
	switch w.kind {
	case rolling:
		if w.n < 1 || w.n > MaxRolling.Microseconds() {
			return ".duration", fmt.Errorf("want a whole number of microseconds, from 1 to %d days", MaxRolling/(24*time.Hour))
		}
	case rollingDays:
		if w.n < 1 || w.n > MaxRollingDays {
			return ".days", fmt.Errorf("%d, want 1 to %d", w.n, MaxRollingDays)
		}
		return ".zone", validateZone(w.loc)
	case calendar:
		if w.unit < Day || w.unit > Month {
			return ".unit", fmt.Errorf("%s, want day, week or month", w.unit)
		}
		return ".zone", validateZone(w.loc)
	case perTransaction, lifetime:
	default:
		return "", fmt.Errorf("the zero window: make one with Rolling, RollingDays, Calendar, PerTransaction or Lifetime")
	}
	return "", nil
}

// validateZone refuses a location that a reader of the policy's JSON could not find again by its name: nil, time.Local,
// a fixed zone, one that borrows the name of another.
func validateZone(loc *time.Location) error {
	if loc == nil {
		return fmt.Errorf("none given, want an IANA zone such as Europe/Paris")
	}
	named, err := loadZone(loc.String())
	if err != nil {
		return err
	}
	for month := int64(0); named != loc && month < 130*12; month += 5 { // 1970 to 2099, each month in some year
		t := time.Unix(month*30*daySecs, 0)
		_, want := t.In(named).Zone()
		if _, got := t.In(loc).Zone(); got != want {
			return fmt.Errorf("location %q is not the IANA zone of that name", clip(loc.String()))
		}
	}
	return nil
}

// loadZone returns the IANA zone of a name.
func loadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, fmt.Errorf("%q, want an IANA zone such as Europe/Paris", clip(name))
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not in the IANA time zone database of this machine", clip(name))
	}
	return loc, nil
}

// stepped reports whether the window moves in steps of civil days, and is finite.
func (w Window) stepped() bool { return w.kind == rollingDays || w.kind == calendar }

// after returns the latest instant before the window at t.
func (w Window) after(t int64) int64 {
	switch w.kind {
	case rolling:
		return t - w.n
	case rollingDays, calendar:
		_, _, after := w.afterStep(t)
		return after
	case lifetime:
		return -never
	default: // perTransaction: no other spend is inside
		return t
	}
}

// until returns the first instant at which a spend dated e is out.
func (w Window) until(e int64) int64 {
	switch w.kind {
	case rolling:
		return e + w.n
	case rollingDays, calendar:
		_, _, until := w.untilStep(e)
		return until
	case lifetime:
		return never
	default: // perTransaction
		return e
	}
}

// afterStep returns the step of after that t is on: after is the same for every instant in [from, to). The window must
// be stepped.
func (w Window) afterStep(t int64) (from, to, after int64) {
	d, next := dayOf(t, w.loc)
	if w.kind == calendar {
		first, beyond := periodOf(d, w.unit)
		from = dayStart(first, w.loc)
		return from, dayStart(beyond, w.loc), from - 1
	}
	return dayStart(d, w.loc), next, dayStart(d-w.n+1, w.loc) - 1
}

// untilStep returns the step of until that e is on. The window must be stepped.
func (w Window) untilStep(e int64) (from, to, until int64) {
	d, next := dayOf(e, w.loc)
	if w.kind == calendar {
		first, beyond := periodOf(d, w.unit)
		until = dayStart(beyond, w.loc)
		return dayStart(first, w.loc), until, until
	}
	from, to, until = dayStart(d, w.loc), next, dayStart(d+w.n, w.loc)
	for dayStart(d+1+w.n, w.loc) == until { // a day that the zone skipped: what waited for it leaves a day earlier
		d++
		to = dayStart(d+1, w.loc)
	}
	return from, to, until
}

// lastWith returns the latest instant whose spends leave the window together with those dated e.
func (w Window) lastWith(e int64) int64 {
	if !w.stepped() {
		return e
	}
	_, to, _ := w.untilStep(e)
	return to - 1
}
