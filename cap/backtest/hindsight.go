package backtest

import (
	"fmt"

	"github.com/payrules/payrules/cap"
)

// Revision is what a late spend would have changed, had it come in time.
type Revision struct {
	_ struct{} // disallow positional literals

	// Late is the late spend: how it is decided when it comes late, and how it would have been decided in time.
	Late Change

	// Changed are the earlier attempts that would have been decided otherwise, in the order of their arrival.
	Changed []Change
}

// Change is an attempt that comes out differently.
type Change struct {
	_ struct{} // disallow positional literals

	Position int64 // of the attempt in the history, or in the stream of Run, from 1
	Attempt  Attempt
	Before   Verdict // as it was decided
	After    Verdict // as it would have been
}

// Turned reports whether the outcome is another one, and not only the reason.
func (c *Change) Turned() bool { return c.Before.Outcome != c.After.Outcome }

// Hindsight replays the history of an account twice: with a late spend in its place in time, and without. The place of a
// spend is before the first other spend that is dated after it; those of the same instant keep their order. What is dated by
// its spend alone, such as a capture, stays where it arrived. It returns the decisions that come out differently: in
// outcome, reason, or the limit that refused.
//
// history is everything that was asked of the account under the policy, in the order of arrival, from its first attempt
// on. What was decided live does not matter here. late comes after all of them; it is to be authorised, or force-posted.
// The cost is that of deciding everything twice.
//
// Hindsight returns an error if:
//   - the policy is nil, or late asks for something else (ErrInvalid);
//   - an attempt cannot be decided: the error names it by its position, from 1, and wraps that of package cap.
func Hindsight(p *cap.Policy, history []Attempt, late Attempt) (Revision, error) {
	if p == nil {
		return Revision{}, invalid("policy", "none given")
	}
	if q := late.question(); !q.spends() {
		names := commandNames()
		return Revision{}, invalid("late", "%s, want %s or %s", late.name(&q), names[authorize], names[forcePost])
	}
	r := replay{
		start: cap.NewMeter(p), n: len(history),
		attempt:  func(i int) *Attempt { return &history[i] },
		position: func(i int) int64 { return int64(i) + 1 },
	}
	return r.revise(&late, int64(len(history))+1)
}

// replay is a history, and the meter from before it.
type replay struct {
	start    *cap.Meter
	n        int
	attempt  func(i int) *Attempt
	position func(i int) int64
}

// put decides attempt i on a meter.
func (r *replay) put(m *cap.Meter, i int) (Verdict, error) {
	d, err := decide(m, r.attempt(i))
	if err != nil {
		return Verdict{}, fmt.Errorf("backtest: attempt %d: %w", r.position(i), err)
	}
	return VerdictOf(&d), nil
}

// revise is Hindsight for a spend that comes after the history, at a position.
func (r *replay) revise(late *Attempt, position int64) (Revision, error) {
	without := r.start.Clone()
	place := r.placeOf(late)
	for i := range place {
		if _, err := r.put(without, i); err != nil {
			return Revision{}, err
		}
	}
	with := without.Clone()
	last := replay{n: 1, attempt: func(int) *Attempt { return late }, position: func(int) int64 { return position }}
	after, err := last.put(with, 0)
	if err != nil {
		return Revision{}, err
	}
	var out Revision
	for i := place; i < r.n; i++ {
		before, err := r.put(without, i)
		if err != nil {
			return Revision{}, err
		}
		after, err := r.put(with, i)
		if err != nil {
			return Revision{}, err
		}
		if before != after {
			out.Changed = append(out.Changed, Change{Position: r.position(i), Attempt: *r.attempt(i), Before: before, After: after})
		}
	}
	before, err := last.put(without, 0)
	out.Late = Change{Position: position, Attempt: *late, Before: before, After: after}
	return out, err
}

// placeOf returns the number of the first spend that is dated after a late one.
func (r *replay) placeOf(late *Attempt) int {
	q := late.question()
	for i := range r.n {
		if p := r.attempt(i).question(); p.spends() && p.at > q.at {
			return i
		}
	}
	return r.n
}

// past is the last attempts of an account, as a ring, and its meters from before them.
type past struct {
	meters   []*cap.Meter // one for each policy
	attempts []Attempt
	at       []int64 // their positions
	first    int     // where the oldest one stands
	lost     int64   // the latest instant of a spend that is no longer there; -1: there is none
}

func newPast(candidates []candidate) *past {
	p := &past{lost: -1}
	for i := range candidates {
		p.meters = append(p.meters, cap.NewMeter(candidates[i].Policy))
	}
	return p
}

// push puts an attempt in, and the oldest one out when there are too many.
func (p *past) push(a *Attempt, position int64, most int) error {
	if len(p.attempts) < most {
		p.attempts = append(p.attempts, *a)
		p.at = append(p.at, position)
		return nil
	}
	old := &p.attempts[p.first]
	for _, m := range p.meters {
		if _, err := decide(m, old); err != nil {
			return err
		}
	}
	if q := old.question(); q.spends() {
		p.lost = max(p.lost, q.at)
	}
	p.attempts[p.first], p.at[p.first] = *a, position
	p.first = (p.first + 1) % most
	return nil
}

// replay returns the history under one of the policies.
func (p *past) replay(policy int) *replay {
	n := len(p.attempts)
	return &replay{
		start: p.meters[policy], n: n,
		attempt:  func(i int) *Attempt { return &p.attempts[(p.first+i)%n] },
		position: func(i int) int64 { return p.at[(p.first+i)%n] },
	}
}
