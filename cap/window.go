package cap

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/internal/zones"
)

// Bounds of windows.
const (
	MaxRolling       = 400 * 24 * time.Hour // of Rolling, OpenedByFirstUse, Lateness and FinalAfter, and of how long a hold lasts
	MaxRollingHours  = 400 * 24             // of RollingHours
	MaxRollingDays   = 400                  // of RollingDays
	MaxRollingMonths = 13                   // of RollingMonths
)

// Unit is the period of a Calendar window.
type Unit uint8

// The units of Calendar windows.
const (
	Day     Unit = iota + 1 // a civil day, of 23, 24 or 25 hours
	Week                    // from Monday to Sunday, as ISO 8601 counts
	Month                   // a civil month
	Quarter                 // three civil months, from January, April, July and October
	Year                    // a civil year
)

// unitNames are the names of the units, in their order.
var unitNames = [...]string{"day", "week", "month", "quarter", "year"}

// String returns "day", "week", "month", "quarter" or "year".
func (u Unit) String() string {
	if u.valid() {
		return unitNames[u-1]
	}
	return fmt.Sprintf("Unit(%d)", uint8(u))
}

func (u Unit) valid() bool { return u >= Day && u <= Year }

// mostStart returns the highest start that a period of the unit may have; 0: it has none.
func (u Unit) mostStart() int64 {
	return [...]int64{Day: 0, Week: 7, Month: 28, Quarter: 3, Year: 12}[u]
}

// kind is what sort of window it is.
type kind uint8

const (
	rolling kind = iota + 1
	rollingHours
	rollingDays
	rollingMonths
	calendar
	openedByFirstUse
	perTransaction
	lifetime
)

// grouped reports whether what leaves the window together is the spends of a civil unit, and not of an instant or of all.
func (k kind) grouped() bool { return k >= rollingHours && k <= rollingMonths }

// Window says which spends count together with one: those of the last seven days, of this month, of all time. Make it
// with [Rolling], [RollingHours], [RollingDays], [RollingMonths], [Calendar], [PerTransaction] or [Lifetime]; the zero
// value is no window, and no policy takes it. A Window is a value, immutable, and safe for concurrent use. Compare windows
// with Equal.
//
// What a window holds is given by two step functions of time that never go back. At instant t it holds the spends
// dated in (after(t), t]. A spend dated e is inside from e until just before until(e).
type Window struct {
	kind  kind
	unit  Unit
	start int8  // of a calendar window's periods; 0 stands for 1
	n     int64 // rolling, openedByFirstUse: microseconds; rollingHours, rollingDays, rollingMonths: how many
	loc   *time.Location
}

// Rolling is the window (t−d, t]: a spend exactly d old is out. It counts elapsed time, so that "seven days" are 168
// hours in every zone and season; see RollingDays for civil days. NewPolicy refuses d below a microsecond, above
// MaxRolling, or not a whole number of microseconds.
func Rolling(d time.Duration) Window { return Window{kind: rolling, n: wholeMicros(d)} }

// wholeMicros returns d in microseconds, or -1, which validate names, when it is not a whole number of them.
func wholeMicros(d time.Duration) int64 {
	if d%time.Microsecond != 0 {
		return -1
	}
	return d.Microseconds()
}

// RollingDays is the civil day of t in a zone, whole, and the n−1 civil days before it. NewPolicy refuses n outside 1 to
// MaxRollingDays, and a location that is not a zone of the IANA database under its own name.
func RollingDays(n int, loc *time.Location) Window {
	return Window{kind: rollingDays, n: int64(n), loc: loc}
}

// RollingHours is the civil hour of t in a zone, whole, and the n−1 civil hours before it. An hour that the clocks show
// twice is one hour. NewPolicy refuses n outside 1 to MaxRollingHours, and the locations that RollingDays refuses.
func RollingHours(n int, loc *time.Location) Window {
	return Window{kind: rollingHours, n: int64(n), loc: loc}
}

// RollingMonths is the civil day of t in a zone, whole, and the days before it back to the same date n months earlier,
// which is out. Where that month has no such date, its last day is out: on 30 March, one month holds 1 to 30 March.
// NewPolicy refuses n outside 1 to MaxRollingMonths, and the locations that RollingDays refuses.
func RollingMonths(n int, loc *time.Location) Window {
	return Window{kind: rollingMonths, n: int64(n), loc: loc}
}

// Calendar is the civil day, week, month, quarter or year of t in a zone. NewPolicy refuses a location that is not a zone
// of the IANA database under its own name.
func Calendar(unit Unit, loc *time.Location) Window {
	return Window{kind: calendar, unit: unit, loc: loc}
}

// StartingAt returns the Calendar window w with periods that begin elsewhere: weeks on day n of the week, from Monday, 1,
// to Sunday, 7; months on day n, up to 28; quarters in month n and every third after it, up to 3; years in month n.
// NewPolicy refuses other n, and a start for days or for another kind of window.
func (w Window) StartingAt(n int) Window {
	switch {
	case n == 1 && w.kind == calendar && w.unit != Day:
		w.start = 0 // the usual one
	case n < 1 || n > 99:
		w.start = -1
	default:
		w.start = int8(n)
	}
	return w
}

// OpenedByFirstUse is a window that opens with the first spend, holds what is dated within d of it, and then is over: the next
// spend opens the next one. Many card contracts define their caps so. A window stays open, and ends when it was to end,
// also when the spend that opened it is reversed. A spend that comes late and lies in no window counts in the next one, if
// that opened less than d later. NewPolicy refuses what Rolling refuses.
func OpenedByFirstUse(d time.Duration) Window {
	return Window{kind: openedByFirstUse, n: wholeMicros(d)}
}

// PerTransaction is the window that holds one spend alone.
func PerTransaction() Window { return Window{kind: perTransaction} }

// Lifetime is the window that holds everything ever recorded.
func Lifetime() Window { return Window{kind: lifetime} }

// Equal reports whether v holds the same spends as w at every instant, as far as their definitions tell.
func (w Window) Equal(v Window) bool {
	same := zoneName(w.loc) == zoneName(v.loc)
	w.loc, v.loc = nil, nil
	return same && w == v
}

// String describes the window in words: "rolling P7D", "rolling 30 days Europe/Paris", "calendar month Europe/Paris",
// "calendar week from day 7 Europe/Paris".
func (w Window) String() string {
	switch w.kind {
	case rolling:
		return "rolling " + formatDuration(w.n)
	case rollingHours:
		return fmt.Sprintf("rolling %d hours %s", w.n, zoneName(w.loc))
	case rollingDays:
		return fmt.Sprintf("rolling %d days %s", w.n, zoneName(w.loc))
	case rollingMonths:
		return fmt.Sprintf("rolling %d months %s", w.n, zoneName(w.loc))
	case calendar:
		return fmt.Sprintf("calendar %s%s %s", w.unit, w.startText(), zoneName(w.loc))
	case openedByFirstUse:
		return "opened by first use for " + formatDuration(w.n)
	case perTransaction:
		return "per transaction"
	case lifetime:
		return "lifetime"
	}
	return "no window"
}

// startText says where the periods begin, if not where they do usually.
func (w Window) startText() string {
	switch {
	case w.start == 0:
		return ""
	case w.unit == Quarter || w.unit == Year:
		return " from " + time.Month(w.start).String()
	}
	return fmt.Sprintf(" from day %d", w.start)
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
	if w.start != 0 && w.kind != calendar {
		return ".start", fmt.Errorf("only a calendar window has one")
	}
	switch w.kind {
	case rolling, openedByFirstUse:
		if w.n < 1 || w.n > MaxRolling.Microseconds() {
			return ".duration", fmt.Errorf("want a whole number of microseconds, from 1 to %d days", MaxRolling/(24*time.Hour))
		}
	case rollingHours:
		return w.validateCount(".hours", MaxRollingHours)
	case rollingDays:
		return w.validateCount(".days", MaxRollingDays)
	case rollingMonths:
		return w.validateCount(".months", MaxRollingMonths)
	case calendar:
		if !w.unit.valid() {
			return ".unit", fmt.Errorf("%s, want day, week, month, quarter or year", w.unit)
		}
		if most := w.unit.mostStart(); w.start != 0 && most == 0 {
			return ".start", fmt.Errorf("a day has none")
		} else if w.start < 0 || int64(w.start) > most {
			return ".start", fmt.Errorf("a %s begins at 1 to %d", w.unit, most)
		}
		return ".zone", validateZone(w.loc)
	case perTransaction, lifetime:
	default:
		return "", fmt.Errorf("the zero window: make one with Rolling, Calendar, PerTransaction or the like")
	}
	return "", nil
}

// validateCount is validate for a window of so many civil units.
func (w Window) validateCount(field string, most int64) (string, error) {
	if w.n < 1 || w.n > most {
		return field, fmt.Errorf("%d, want 1 to %d", w.n, most)
	}
	return ".zone", validateZone(w.loc)
}

// validateZone refuses a location that a reader of the policy's JSON could not find again by its name: nil, time.Local,
// a fixed zone, one that borrows the name of another.
func validateZone(loc *time.Location) error {
	if loc == nil {
		return fmt.Errorf("none given, want an IANA zone such as Europe/Paris")
	}
	named, err := zones.Load(loc.String())
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

// stepped reports whether the window moves in steps of civil days or hours, and is finite.
func (w Window) stepped() bool { return w.kind >= rollingHours && w.kind <= calendar }

// after returns the latest instant before the window at t. It is not for windows opened by first use, which time alone
// does not give.
func (w Window) after(t int64) int64 {
	switch w.kind {
	case rolling:
		return t - w.n
	case lifetime:
		return -never
	case perTransaction: // no other spend is inside
		return t
	default:
		_, _, after := w.afterStep(t)
		return after
	}
}

// until returns the first instant at which a spend dated e is out.
func (w Window) until(e int64) int64 {
	switch w.kind {
	case rolling:
		return e + w.n
	case lifetime:
		return never
	case perTransaction:
		return e
	default:
		_, _, until := w.untilStep(e)
		return until
	}
}

// grain returns the civil unit in which a stepped window moves.
func (w Window) grain() grain {
	if w.kind == rollingHours {
		return hours
	}
	return days
}

// span returns, for a stepped window, the first civil unit that it holds during unit d, and the first one during which it
// holds d no more.
func (w Window) span(d int64) (first, out int64) {
	switch w.kind {
	case rollingMonths:
		out = addMonths(d, w.n)
		if addMonths(out, -w.n) < d { // the month has no such date: the window lets go of d when the next one begins
			out++
		}
		return addMonths(d, -w.n) + 1, out
	case calendar:
		return periodOf(d, w.unit, max(int64(w.start), 1))
	default:
		return d - w.n + 1, d + w.n
	}
}

// afterStep returns the step of after that t is on: after is the same for every instant in [from, to). The window must
// be stepped.
func (w Window) afterStep(t int64) (from, to, after int64) {
	g := w.grain()
	d, next := g.at(t, w.loc)
	first, out := w.span(d)
	if w.kind == calendar {
		from = g.start(first, w.loc)
		return from, g.start(out, w.loc), from - 1
	}
	return g.start(d, w.loc), next, g.start(first, w.loc) - 1
}

// untilStep returns the step of until that e is on. The window must be stepped.
func (w Window) untilStep(e int64) (from, to, until int64) {
	g := w.grain()
	d, next := g.at(e, w.loc)
	first, out := w.span(d)
	until = g.start(out, w.loc)
	if w.kind == calendar {
		return g.start(first, w.loc), until, until
	}
	from, to = g.start(d, w.loc), next
	for { // what leaves with it: the unit after it, when a unit at the end was skipped, or a date does not exist there
		_, out = w.span(d + 1)
		if g.start(out, w.loc) != until {
			return from, to, until
		}
		d++
		to = g.start(d+1, w.loc)
	}
}

// lastWith returns the latest instant whose spends leave the window together with those dated e.
func (w Window) lastWith(e int64) int64 {
	if !w.stepped() {
		return e
	}
	_, to, _ := w.untilStep(e)
	return to - 1
}
