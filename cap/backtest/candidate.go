package backtest

import (
	"fmt"
	"math"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// candidate is a policy under trial.
type candidate struct {
	Candidate
	tally
	number int
	counts bool // some limit counts attempts
	probes []probe
	limits []limit
	room   int64 // so much leaves every limit of a new account below its peak
	count  int64 // and so many spends
	late   HindsightReport
}

// limit is the report on a limit, while it grows.
type limit struct {
	LimitReport
	most, mostCount int64 // the highest maxima that it ever has; below zero: it has none
	still           bool  // it keeps no usage
}

func newLimit(l cap.Limit, c money.Currency) limit {
	peak := Peak{Used: money.New(0, c)}
	out := limit{
		LimitReport: LimitReport{Limit: l, Refused: Total{currency: c}, Most: peak, MostCount: peak},
		most:        -1, mostCount: -1, still: l.Window.Equal(cap.PerTransaction()),
	}
	if l.Max.Valid() {
		out.most = l.Max.Minor()
	}
	if l.MaxCount > 0 {
		out.mostCount = l.MaxCount
	}
	for _, o := range l.Overrides {
		out.most, out.mostCount = max(out.most, o.Max.Minor()), max(out.mostCount, o.MaxCount)
	}
	return out
}

func newCandidate(c Candidate, number int, o Options) (candidate, error) {
	probes, err := newProbes(c.Policy)
	if err != nil {
		return candidate{}, err
	}
	currency := c.Policy.Currency()
	out := candidate{Candidate: c, tally: newTally(currency, o.Examples), number: number, counts: countsAttempts(c.Policy), probes: probes}
	out.late.Refuse, out.late.Accept = Total{currency: currency}, Total{currency: currency}
	for _, l := range c.Policy.Limits() {
		out.limits = append(out.limits, newLimit(l, currency))
	}
	out.raise()
	return out, nil
}

// asked is an attempt that is being decided, taken apart. It does not refer to the Attempt, which would then need memory
// of its own.
type asked struct {
	question
	account  string // its key, which may be kept
	position int64
	ahead    bool // dated at or after every attempt of the account so far
}

// answer is what a candidate decided.
type answer struct {
	Verdict
	minor int64 // the amount that the decision is about
	tried bool  // it was refused, and limits that count attempts may have counted it
}

// decide puts an attempt to the meter of its account, and writes the answer into out.
//
// The figures of the limits are looked at only when one may be higher than ever: what spends in order add to a window is at
// most what they amount to, so that until m.room is used up, no peak can be passed. So nearly all of them take the short way,
// but where refusals count as well, which must not be put to the meter twice.
func (c *candidate) decide(m *metered, attempt *Attempt, a *asked, out *answer) error {
	minor := a.amount.Minor()
	if attempt.Command != nil || !a.ahead || c.counts || minor > m.room || m.count <= 0 {
		return c.decideWhole(m, attempt, a, out)
	}
	outcome, reason, err := m.meter.Allow(attempt.Spend)
	if err != nil {
		return err
	}
	out.Known, out.Outcome, out.Reason, out.Limit = true, outcome, reason, ""
	out.Existed, out.minor, out.tried = reason == cap.Exists, minor, false
	switch {
	case reason == "":
		m.room -= minor
		m.count--
	case reason == cap.AmountLimitExceeded || reason == cap.CountLimitExceeded:
		if len(c.limits) > 1 {
			return c.decideWhole(m, attempt, a, out) // to learn which limit it was: a refusal has changed nothing
		}
		out.Limit = c.limits[0].Limit.Name
	}
	return nil
}

// decideWhole is decide with the figures of the limits. It is a function of its own because a Decision is large.
func (c *candidate) decideWhole(m *metered, attempt *Attempt, a *asked, out *answer) error {
	d, err := decide(m.meter, attempt)
	if err != nil {
		return err
	}
	out.Verdict, out.minor = VerdictOf(&d), d.Amount().Minor()
	out.tried = c.counts && out.Limit != "" && (a.command == authorize || a.command == other)
	switch {
	case (out.Outcome != cap.Approved || out.Existed || a.command == reverse || a.command == refund) && !out.tried: // no usage rises
		return nil
	case a.spends() && a.ahead:
		c.look(m, a, &d.Usage)
		return nil
	}
	return c.lookAround(m, a)
}

// lookAround looks at the limits after what may have raised a usage that is not the latest: at the fullest windows that
// hold the spend, and then at the latest ones, where limits may count a change.
func (c *candidate) lookAround(m *metered, a *asked) error {
	at, latest := m.meter.Oldest(), m.meter.Latest()
	if spend := micros(a.at); a.command != other && spend.After(at) {
		at = spend
	}
	for _, t := range [...]time.Time{at, latest} {
		if t.Before(at) {
			break // nothing was ever recorded
		}
		usage, err := m.meter.Usage(t)
		if err != nil {
			return fmt.Errorf("look at the limits: %w", err)
		}
		c.look(m, a, &usage)
	}
	return nil
}

// look notes how high the limits stand, and what is left up to the peaks for spends that come later than the usage.
func (c *candidate) look(m *metered, a *asked, usage *cap.Usage) {
	higher := false
	m.room, m.count = math.MaxInt64, math.MaxInt64
	for i := range c.limits {
		l := &c.limits[i]
		if l.still {
			continue
		}
		u := usage.Limit(i)
		now := Peak{Used: u.Used, Count: u.Count, Account: a.account, Position: a.position, At: micros(a.at)}
		if l.Limit.Max.Valid() && u.Used.Minor() > l.Most.Used.Minor() {
			l.Most, higher = now, true
		}
		if l.Limit.MaxCount > 0 && u.Count > l.MostCount.Count {
			l.MostCount, higher = now, true
		}
		m.room, m.count = min(m.room, l.left(u.Used.Minor())), min(m.count, l.countLeft(u.Count))
	}
	if higher {
		c.raise()
	}
}

// raise finds anew what leaves every limit of a new account below its peak.
func (c *candidate) raise() {
	c.room, c.count = math.MaxInt64, math.MaxInt64
	for i := range c.limits {
		if l := &c.limits[i]; !l.still {
			c.room, c.count = min(c.room, l.left(0)), min(c.count, l.countLeft(0))
		}
	}
}

// left returns how much more, above what is used, an authorisation may add without passing the peak: anything, once the
// peak is the highest maximum, since then it is refused before.
func (l *limit) left(used int64) int64 {
	peak := l.Most.Used.Minor()
	if peak >= l.most {
		return math.MaxInt64
	}
	return peak - used
}

// countLeft is left for the count.
func (l *limit) countLeft(count int64) int64 {
	peak := l.MostCount.Count
	if peak >= l.mostCount {
		return math.MaxInt64
	}
	return peak - count
}

// refused counts a refusal for the limit that refused.
func (c *candidate) refused(limit string, minor int64) {
	for i := range c.limits {
		if c.limits[i].Limit.Name == limit {
			c.limits[i].Refused.add(minor)
		}
	}
}

// lookBack tells what a late spend would have changed.
func (c *candidate) lookBack(p *past, late *Attempt, at, position int64) error {
	if at < p.lost {
		c.late.TooFarBack++
		return nil
	}
	found, err := p.replay(c.number).revise(late, position)
	if err != nil {
		return err
	}
	c.late.Late++
	c.late.add(&found, c.examples)
	return nil
}
