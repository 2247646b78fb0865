package backtest

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// MaxPoints is how many points a Course may have, and how many refusals.
const MaxPoints = 100_000

// Course is how much of one limit of one account was used, as time went by: a step function. Used holds from the instant
// of a point until just before the next one. It is a value to read, made by [Trace].
type Course struct {
	_ struct{} // disallow positional literals

	Limit       cap.Limit
	From, Until time.Time // what it covers, both in
	Points      []Point   // in the order of time; the first is at From
	Refusals    []Refused // attempts that were refused, by this limit or otherwise, in the order of time
}

// Point is where a course changes. Several may be of one instant: what leaves the window then leaves before what comes.
type Point struct {
	_ struct{} // disallow positional literals

	At       time.Time
	Used     money.Amount
	Max      money.Amount // the zero Amount: the limit has no amount
	Count    int64
	MaxCount int64 // 0: the limit has no count
}

// Refused is an attempt that was refused.
type Refused struct {
	_ struct{} // disallow positional literals

	At      time.Time // of what was asked
	Amount  money.Amount
	Command string
	Verdict Verdict
}

// TraceOptions are the settings of Trace that have a default. Nil stands for all the defaults.
type TraceOptions struct {
	_ struct{} // disallow positional literals

	// From and Until are what the course covers. All of the history is replayed; what lies before From is in the first
	// point, and what lies after Until is left out. The zero times stand for the first attempt, and for the last change,
	// which is when the last room has come back.
	From, Until time.Time
}

// Trace replays the history of one account, and returns the course of a limit. The history is everything that was asked of
// the account under the policy, in the order of arrival; what was decided live does not matter here.
//
// The course is told by the account's clock, as it was known then: the clock goes on with what is recorded, and never back.
// A spend that comes late, and a reversal, change the course when they come, and not the past (law B6). It costs what
// deciding the history costs, and a reading of the limits for each change.
//
// Trace returns an error if:
//   - the policy is nil, a policy in force has no limit of that name, or its window is PerTransaction, which keeps no usage
//     (ErrInvalid);
//   - there is no attempt and not both of From and Until, Until is before From, or there are more than MaxPoints points or
//     refusals (ErrInvalid);
//   - an attempt cannot be decided: the error names it by its position, from 1, and wraps that of package cap.
func Trace(p *cap.Policy, limit string, history []Attempt, options *TraceOptions) (*Course, error) {
	if p == nil {
		return nil, invalid("policy", "none given")
	}
	t := tracer{meter: cap.NewMeter(p), name: limit, clock: -1}
	if err := t.pick(); err != nil {
		return nil, err
	}
	for i := range history {
		if err := t.put(&history[i]); err != nil {
			return nil, fmt.Errorf("backtest: attempt %d: %w", i+1, err)
		}
	}
	var o TraceOptions
	if options != nil {
		o = *options
	}
	for next, ok := t.next(); ok && (o.Until.IsZero() || next <= o.Until.UnixMicro()); next, ok = t.next() {
		if err := t.walk(next); err != nil {
			return nil, err
		}
	}
	c := &Course{Limit: t.limit, From: o.From, Until: o.Until, Points: t.points, Refusals: t.refusals}
	if err := c.clip(p); err != nil {
		return nil, err
	}
	return c, nil
}

// tracer is a Trace under way.
type tracer struct {
	meter    *cap.Meter
	name     string
	limit    cap.Limit
	row      int         // its place in the policy
	turns    []time.Time // when its maxima change
	counts   bool        // the policy has a limit that counts attempts
	clock    int64       // the account's; -1: it has not begun
	freeAt   time.Time   // when something comes back next; the zero time: nothing will
	points   []Point
	refusals []Refused
}

// pick finds the limit in the policy that rules.
func (t *tracer) pick() error {
	limits := t.meter.Policy().Limits()
	t.counts = countsAttempts(t.meter.Policy())
	t.row = slices.IndexFunc(limits, func(l cap.Limit) bool { return l.Name == t.name })
	if t.row < 0 {
		return invalid("limit", "the policy has none of the name %.64q", t.name)
	}
	t.limit = limits[t.row]
	if t.limit.Window.Equal(cap.PerTransaction()) {
		return invalid("limit", "%s holds for each transaction, and keeps no usage", t.name)
	}
	t.turns = nil
	for _, o := range t.limit.Overrides {
		t.turns = append(t.turns, o.From, o.Until)
	}
	return nil
}

// put decides an attempt, lets the clock go on to it, and records it.
func (t *tracer) put(a *Attempt) error {
	c := a.Command
	switch own := c.(type) {
	case nil:
		c = cap.Authorize(a.Spend)
	case cap.SetPolicy:
		if own.Policy == nil {
			return nil
		}
	}
	decided, err := c.Decide(t.meter)
	if err != nil {
		return err
	}
	q, d := a.question(), c.Result(decided)
	switch {
	case d.Outcome() == cap.Refused:
		if err := t.refuse(a, &q, &d); err != nil || !t.counts {
			return err
		}
		return t.tried(decided)
	case d.Existed(): // nothing changes, and no time passes
		return nil
	}
	if q.command != other {
		if err := t.walk(q.when); err != nil {
			return err
		}
	}
	if err := record(t.meter, decided); err != nil {
		return err
	}
	if _, ok := a.Command.(cap.SetPolicy); ok {
		if err := t.pick(); err != nil {
			return err
		}
	}
	return t.recorded()
}

func record(m *cap.Meter, decided []event.Data) error {
	for _, e := range decided {
		if err := m.Apply(e); err != nil {
			return err
		}
	}
	return nil
}

// tried records what was refused, where limits may count it, and lets the clock go on to it if some did.
func (t *tracer) tried(decided []event.Data) error {
	next := t.meter.Clone() // whether it counts is known afterwards, and how the limits stood until then is asked before
	if err := record(next, decided); err != nil {
		return err
	}
	if next.Latest().After(t.meter.Latest()) {
		if err := t.walk(next.Latest().UnixMicro()); err != nil {
			return err
		}
	}
	t.meter = next
	return t.recorded()
}

// recorded looks at the limit once something was recorded.
func (t *tracer) recorded() error {
	if latest := t.meter.Latest(); !latest.IsZero() {
		t.clock = max(t.clock, latest.UnixMicro())
	}
	if t.clock < 0 {
		return nil
	}
	return t.read()
}

// refuse notes a refusal.
func (t *tracer) refuse(a *Attempt, q *question, d *cap.Decision) error {
	at := d.At()
	if q.command != other {
		at = micros(q.at)
	}
	t.refusals = append(t.refusals, Refused{At: at, Amount: q.amount, Command: a.name(q), Verdict: VerdictOf(d)})
	return t.bound(len(t.refusals))
}

func (t *tracer) bound(n int) error {
	if n > MaxPoints {
		return invalid("history", "more than %d points or refusals", MaxPoints)
	}
	return nil
}

// next returns the next instant at which the limit changes although nothing happens, and whether there is one.
func (t *tracer) next() (at int64, ok bool) {
	if t.clock < 0 {
		return 0, false
	}
	for _, turn := range append(t.turns, t.freeAt) {
		if u := turn.UnixMicro(); !turn.IsZero() && u > t.clock && (!ok || u < at) {
			at, ok = u, true
		}
	}
	return at, ok
}

// walk lets the clock go on to an instant, over what changes meanwhile.
func (t *tracer) walk(to int64) error {
	for next, ok := t.next(); ok && next <= to; next, ok = t.next() {
		t.clock = next
		if err := t.read(); err != nil {
			return err
		}
	}
	if t.clock >= to {
		return nil
	}
	t.clock = to
	return t.read()
}

// read looks at the limit, and notes a point if it has changed.
func (t *tracer) read() error {
	u, err := usageOf(t.meter, t.row, t.clock)
	if err != nil {
		return err
	}
	t.freeAt = u.FreeAt
	p := pointOf(u, t.clock)
	if n := len(t.points); n > 0 && t.points[n-1].same(&p) {
		return nil
	}
	t.points = append(t.points, p)
	return t.bound(len(t.points))
}

// usageOf returns what a limit has to say at an instant.
func usageOf(m *cap.Meter, row int, at int64) (cap.LimitUsage, error) {
	usage, err := m.Usage(micros(at))
	if err != nil {
		return cap.LimitUsage{}, err
	}
	return usage.Limit(row), nil
}

func pointOf(u cap.LimitUsage, at int64) Point {
	return Point{At: micros(at), Used: u.Used, Max: u.Max, Count: u.Count, MaxCount: u.MaxCount}
}

// same reports whether nothing changes from p to q.
func (p Point) same(q *Point) bool {
	p.At = q.At
	return p == *q
}

// clip leaves of the course what lies from From until Until, and finds these if they are not given.
func (c *Course) clip(p *cap.Policy) error {
	slices.SortStableFunc(c.Refusals, func(a, b Refused) int { return a.At.Compare(b.At) })
	first, last := c.span()
	if c.From.IsZero() {
		c.From = first
	}
	if c.Until.IsZero() {
		c.Until = last
	}
	if c.From.IsZero() || c.Until.IsZero() {
		return invalid("history", "no attempt: say from when until when")
	}
	c.From, c.Until = money.Instant(c.From), money.Instant(c.Until)
	if c.Until.Before(c.From) {
		return invalid("until", "%s, before %s", instant(c.Until), instant(c.From))
	}
	c.Refusals = slices.DeleteFunc(c.Refusals, func(r Refused) bool { return r.At.Before(c.From) || r.At.After(c.Until) })
	before := sort.Search(len(c.Points), func(i int) bool { return !c.Points[i].At.Before(c.From) })
	c.Points = c.Points[:sort.Search(len(c.Points), func(i int) bool { return c.Points[i].At.After(c.Until) })]
	switch {
	case before > 0:
		c.Points = c.Points[before-1:]
		c.Points[0].At = c.From
	case len(c.Points) == 0 || c.Points[0].At.After(c.From): // the account began later
		return c.unused(p)
	}
	return nil
}

// unused puts in how the limit stands from From on until the account begins: only its overrides come and go.
func (c *Course) unused(p *cap.Policy) error {
	limits := p.Limits()
	row := slices.IndexFunc(limits, func(l cap.Limit) bool { return l.Name == c.Limit.Name })
	turns := []time.Time{c.From}
	for _, o := range limits[row].Overrides {
		for _, t := range []time.Time{o.From, o.Until} {
			if t.After(c.From) && !t.After(c.Until) && (len(c.Points) == 0 || t.Before(c.Points[0].At)) {
				turns = append(turns, t)
			}
		}
	}
	slices.SortFunc(turns, time.Time.Compare)
	var points []Point
	for _, t := range turns {
		u, err := usageOf(cap.NewMeter(p), row, t.UnixMicro())
		if err != nil {
			return err
		}
		q := pointOf(u, t.UnixMicro())
		if n := len(points); n == 0 || !points[n-1].same(&q) {
			points = append(points, q)
		}
	}
	c.Points = append(points, c.Points...)
	return nil
}

// span returns the first and the last instant of what happens; the zero times when nothing does.
func (c *Course) span() (first, last time.Time) {
	if n := len(c.Points); n > 0 {
		first, last = c.Points[0].At, c.Points[n-1].At
	}
	if n := len(c.Refusals); n > 0 {
		if r := c.Refusals[0].At; first.IsZero() || r.Before(first) {
			first = r
		}
		if r := c.Refusals[n-1].At; last.Before(r) {
			last = r
		}
	}
	return first, last
}

// At returns how the limit stands at an instant, and whether the course covers it.
func (c *Course) At(t time.Time) (Point, bool) {
	i := sort.Search(len(c.Points), func(i int) bool { return c.Points[i].At.After(t) })
	if i == 0 || t.After(c.Until) {
		return Point{}, false
	}
	return c.Points[i-1], true
}
