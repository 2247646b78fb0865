package backtest

import (
	"cmp"
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// CommandReport is what a policy decided on the attempts at one command.
type CommandReport struct {
	_ struct{} // disallow positional literals

	Command  string    // authorize, force_post, adjust, capture, reverse, refund, or the name of another
	Accepted Total     // of a capture, the final amounts; of a reversal, what came back
	Repeated Total     // asked for again what had been done before, so that nothing was counted
	Refused  Total     // all of the refusals
	Refusals []Refusal // by reason, in the order of precedence, and then by limit, in that of the policy
	Compared Agreement // with what was decided live, or else with what the first policy says
}

// Refusal is the attempts that were refused for one reason and, if it was one, by one limit.
type Refusal struct {
	_ struct{} // disallow positional literals

	Reason cap.Reason
	Limit  string // "" when no limit refused
	Total
}

// Agreement compares the decisions of one policy, here, with those of another, there.
type Agreement struct {
	_ struct{} // disallow positional literals

	Agreed      Total      // accepted on both sides, or refused on both
	WouldAccept Difference // refused there, and accepted here
	WouldRefuse Difference // accepted there, and refused here
}

// Difference is the attempts on which two policies do not agree.
type Difference struct {
	_ struct{} // disallow positional literals

	Total
	Examples []Example // the first of them
}

// Example is one attempt on which two policies do not agree.
type Example struct {
	_ struct{} // disallow positional literals

	Position int64 // of the attempt in the stream, from 1
	Account  string
	Command  string
	ID       string
	At       time.Time
	Amount   money.Amount
	There    Verdict // what was decided live, or what the first policy says
	Here     Verdict
}

// tally is the reports by command, while they grow. Those of commandNames come first.
type tally struct {
	currency money.Currency
	examples int // how many to keep of each difference
	commands []CommandReport
}

func newTally(c money.Currency, examples int) tally {
	t := tally{currency: c, examples: examples}
	for _, name := range commandNames() {
		t.command(name)
	}
	return t
}

// command returns the report on a command, which is a new one the first time.
func (t *tally) command(name string) *CommandReport {
	for i := range t.commands {
		if t.commands[i].Command == name {
			return &t.commands[i]
		}
	}
	zero := Total{currency: t.currency}
	t.commands = append(t.commands, CommandReport{
		Command: name, Accepted: zero, Repeated: zero, Refused: zero,
		Compared: Agreement{Agreed: zero, WouldAccept: Difference{Total: zero}, WouldRefuse: Difference{Total: zero}},
	})
	return &t.commands[len(t.commands)-1]
}

// add counts a decision about an amount.
func (c *CommandReport) add(v *Verdict, minor int64) {
	switch {
	case v.Existed:
		c.Repeated.add(minor)
	case v.Outcome == cap.Approved:
		c.Accepted.add(minor)
	default:
		c.Refused.add(minor)
		c.refusal(v.Reason, v.Limit).add(minor)
	}
}

// refusal returns the figures of one kind of refusal, which are new ones the first time.
func (c *CommandReport) refusal(why cap.Reason, limit string) *Refusal {
	for i := range c.Refusals {
		if r := &c.Refusals[i]; r.Reason == why && r.Limit == limit {
			return r
		}
	}
	c.Refusals = append(c.Refusals, Refusal{Reason: why, Limit: limit, Total: Total{currency: c.Refused.currency}})
	return &c.Refusals[len(c.Refusals)-1]
}

// compare counts a decision here against one there. When they differ and an example is still wanted, it returns where to
// put it.
func (a *Agreement) compare(there, here *Verdict, minor int64, examples int) *Difference {
	var d *Difference
	switch {
	case there.Outcome == here.Outcome:
		a.Agreed.add(minor)
		return nil
	case here.Outcome == cap.Approved:
		d = &a.WouldAccept
	default:
		d = &a.WouldRefuse
	}
	d.add(minor)
	if len(d.Examples) >= examples {
		return nil
	}
	return d
}

// merge takes the figures of another tally in.
func (t *tally) merge(u *tally) {
	for i := range u.commands {
		from := &u.commands[i]
		to := t.command(from.Command)
		to.Accepted = to.Accepted.plus(from.Accepted)
		to.Repeated = to.Repeated.plus(from.Repeated)
		to.Refused = to.Refused.plus(from.Refused)
		for _, r := range from.Refusals {
			mine := to.refusal(r.Reason, r.Limit)
			mine.Total = mine.plus(r.Total)
		}
		to.Compared.Agreed = to.Compared.Agreed.plus(from.Compared.Agreed)
		to.Compared.WouldAccept.merge(&from.Compared.WouldAccept, t.examples)
		to.Compared.WouldRefuse.merge(&from.Compared.WouldRefuse, t.examples)
	}
}

func (d *Difference) merge(e *Difference, examples int) {
	d.Total = d.plus(e.Total)
	d.Examples = append(d.Examples, e.Examples[:min(len(e.Examples), max(0, examples-len(d.Examples)))]...)
}

// report returns the reports in the order that is stated, without those on commands that nobody gave.
func (t *tally) report(p *cap.Policy) []CommandReport {
	place := map[string]int{"": -1}
	for i, l := range p.Limits() {
		place[l.Name] = i
	}
	reasons, first := cap.Reasons(), commandNames()
	var out []CommandReport
	for _, c := range t.commands {
		if c.Accepted.Count+c.Repeated.Count+c.Refused.Count == 0 {
			continue
		}
		c.Refusals = slices.SortedFunc(slices.Values(c.Refusals), func(a, b Refusal) int {
			return cmp.Or(cmp.Compare(slices.Index(reasons, a.Reason), slices.Index(reasons, b.Reason)),
				cmp.Compare(place[a.Limit], place[b.Limit]))
		})
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b CommandReport) int {
		i, j := uint(slices.Index(first[:], a.Command)), uint(slices.Index(first[:], b.Command)) // the others, at -1, come last
		return cmp.Or(cmp.Compare(i, j), cmp.Compare(a.Command, b.Command))
	})
	return out
}
