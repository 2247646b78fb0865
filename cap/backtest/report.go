package backtest

import (
	"math"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// Report is what Run found.
type Report struct {
	_ struct{} // disallow positional literals

	Attempts      int64     // read, all of them
	PolicyChanges int64     // attempts to set a policy, which were passed over
	Live          int64     // attempts that say what was decided live
	Partial       int64     // attempts of which not everything may be known: see FromEvent
	Accounts      int64     // taken in; one that was let go and came back counts again
	LetGo         int64     // accounts that were let go
	First, Last   time.Time // the earliest and the latest instant; the zero time when there was no spend
	Candidates    []CandidateReport
}

// CandidateReport is what one policy would have decided.
type CandidateReport struct {
	_ struct{} // disallow positional literals

	Name      string
	Policy    *cap.Policy
	Commands  []CommandReport // those that were asked for: authorize, force_post, adjust, capture, reverse, refund, then others by name
	Limits    []LimitReport   // in the order of the policy
	Hindsight HindsightReport // zero, unless it was asked for
}

// Command returns the report on the command of that name, the zero report when nobody asked for it.
func (c *CandidateReport) Command(name string) CommandReport {
	for _, r := range c.Commands {
		if r.Command == name {
			return r
		}
	}
	return CommandReport{Command: name}
}

// LimitReport is what one limit did.
type LimitReport struct {
	_ struct{} // disallow positional literals

	Limit     cap.Limit
	Refused   Total // attempts that it refused: of those that stand against several limits, the one that binds
	Most      Peak  // the most that a window of one account ever amounted to, right after something was recorded
	MostCount Peak  // the most that one ever counted
}

// Peak is the highest usage of a limit, and where it was found first. It is told only of what the limit has a maximum of,
// and not of a PerTransaction limit. Of a late spend or capture, the windows that end at the meter's Oldest or later are
// looked at.
type Peak struct {
	_ struct{} // disallow positional literals

	Used     money.Amount
	Count    int64
	Account  string    // "" when there was nothing
	Position int64     // of the attempt in the stream, from 1
	At       time.Time // its instant
}

// HindsightReport is what late spends would have changed, had they come in time. A spend is late when an attempt of its
// account that came before it is dated after it.
type HindsightReport struct {
	_ struct{} // disallow positional literals

	Late       int64      // late spends that were looked back from
	TooFarBack int64      // those that would have to be looked back from further than was asked for
	Changing   int64      // those of Late that would have changed an earlier decision
	Refuse     Total      // decisions that would have refused what was accepted
	Accept     Total      // decisions that would have accepted what was refused
	Otherwise  int64      // decisions that come out the same for another reason, or by another limit
	Examples   []Revision // the first late spends that change something, each with its first changes
}

// add counts what one late spend would have changed.
func (h *HindsightReport) add(r *Revision, examples int) {
	if len(r.Changed) == 0 {
		return
	}
	h.Changing++
	for i := range r.Changed {
		c := &r.Changed[i]
		q := c.Attempt.question()
		switch {
		case !c.Turned():
			h.Otherwise++
		case c.After.Approved():
			h.Accept.add(q.amount.Minor())
		default:
			h.Refuse.add(q.amount.Minor())
		}
	}
	if len(h.Examples) < examples {
		r.Changed = append([]Change(nil), r.Changed[:min(len(r.Changed), examples)]...)
		h.Examples = append(h.Examples, *r)
	}
}

// report returns what was found.
func (r *run) report() *Report {
	out := &Report{
		Attempts: r.position, PolicyChanges: r.policyChanges, Live: r.live, Partial: r.partial,
		Accounts: r.met, LetGo: r.gone,
	}
	if r.first < math.MaxInt64 {
		out.First, out.Last = micros(r.first), micros(r.newest)
	}
	for i := range r.candidates {
		c := &r.candidates[i]
		found := CandidateReport{Name: c.Name, Policy: c.Policy, Commands: c.tally.report(c.Policy), Hindsight: c.late}
		for i := range c.limits {
			found.Limits = append(found.Limits, c.limits[i].LimitReport)
		}
		out.Candidates = append(out.Candidates, found)
	}
	return out
}
