package ledger

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/event"
)

// command returns the one command of a step; nil if there is not exactly one.
func (s *Step) command() step {
	var found step
	n := 0
	if s.Post != nil {
		found, n = *s.Post, n+1
	}
	if s.Hold != nil {
		found, n = *s.Hold, n+1
	}
	if s.Capture != nil {
		found, n = *s.Capture, n+1
	}
	if s.Void != nil {
		found, n = *s.Void, n+1
	}
	if s.Reverse != nil {
		found, n = *s.Reverse, n+1
	}
	if n != 1 {
		return nil
	}
	return found
}

// Validate returns an error if there is no step, or too many, or one of them is malformed.
func (c Linked) Validate() error {
	if err := checkID("id", c.ID); err != nil {
		return err
	}
	if len(c.Steps) == 0 || len(c.Steps) > MaxLinked {
		return fmt.Errorf("%w steps: %d, want 1 to %d", ErrInvalid, len(c.Steps), MaxLinked)
	}
	for i := range c.Steps {
		s := c.Steps[i].command()
		if s == nil {
			return fmt.Errorf("%w steps[%d]: want exactly one command", ErrInvalid, i)
		}
		if err := s.Validate(); err != nil {
			return fmt.Errorf("steps[%d]: %w", i, err)
		}
	}
	return nil
}

// CommandType returns "ledger.linked".
func (Linked) CommandType() string { return "ledger.linked" }

// Key returns the ID.
func (c Linked) Key() string { return c.ID }

// Instant returns the latest one of the steps.
func (c Linked) Instant() (latest time.Time) {
	for i := range c.Steps {
		if s := c.Steps[i].command(); s != nil && s.Instant().After(latest) {
			latest = s.Instant()
		}
	}
	return latest
}

// Touches names what the steps touch. The home is that of the first one.
func (c Linked) Touches(s States) (transfers, accounts []string) {
	placed := map[string][]Leg{} // by the steps before: a hold may be captured in the same group
	for i := range c.Steps {
		step := c.Steps[i].command()
		if step == nil {
			continue
		}
		ts, as := step.Touches(s)
		for _, id := range ts {
			transfers = include(transfers, id)
			for _, l := range placed[id] {
				accounts = include(accounts, l.Account)
			}
		}
		for _, id := range as {
			accounts = include(accounts, id)
		}
		switch {
		case c.Steps[i].Post != nil:
			placed[c.Steps[i].Post.ID] = c.Steps[i].Post.Legs
		case c.Steps[i].Hold != nil:
			placed[c.Steps[i].Hold.ID] = c.Steps[i].Hold.Legs
		}
	}
	return transfers, accounts
}

// Decide does all steps, or refuses all of them for the first one that is refused.
//
// Returns an error that wraps ErrInvalid if the steps are malformed, touch more than MaxTouched transfers and accounts, or come
// to more than MaxDecided events.
func (c Linked) Decide(s States) ([]Facts, Decision, error) {
	if err := c.Validate(); err != nil {
		return nil, Decision{}, err
	}
	at, err := checkAt("at", c.Instant())
	if err != nil {
		return nil, Decision{}, err
	}
	transfers, accounts := c.Touches(s)
	if len(transfers)+len(accounts) > MaxTouched {
		return nil, Decision{}, fmt.Errorf("%w steps: they touch more than %d transfers and accounts", ErrInvalid, MaxTouched)
	}
	d := newDraft(s, at, transfers, accounts)
	d.group = c.ID
	for i := range c.Steps {
		step := c.Steps[i].command()
		r, err := step.decide(d, i < len(c.Steps)-1)
		if err != nil {
			return nil, Decision{}, err
		}
		if r.reason == "" {
			if d.size() > MaxDecided {
				return nil, Decision{}, fmt.Errorf("%w steps: they come to more than %d events", ErrInvalid, MaxDecided)
			}
			continue
		}
		e := r.event(name(c), c.ID, step.home(), d.at)
		e.Step = i + 1
		if !onRecord(step, r.reason) {
			return nil, decisionOf(e), nil
		}
		return []Facts{{KindTransfer, transfers[0], []event.Data{e}}}, decisionOf(e), nil
	}
	facts := d.facts()
	return facts, c.Result(FactsOf(facts)), nil
}

// Result reads the decision back. It is that of the first step, with those of all in Steps; or the refusal.
func (c Linked) Result(of func(transfer string) []event.Data) Decision {
	first := c.Steps[0].command().home()
	events := of(first)
	if len(events) == 0 {
		return Decision{Transfer: first, Reason: NotFound}
	}
	if e, refused := events[0].(Refusal); refused {
		return decisionOf(e)
	}
	taken := map[string]int{}
	steps := make([]Decision, len(c.Steps))
	for i := range c.Steps {
		home := c.Steps[i].command().home()
		if events, n := of(home), taken[home]; n < len(events) {
			steps[i] = decisionOf(events[n])
		}
		taken[home]++
	}
	d := steps[0]
	d.Steps = steps
	return d
}
