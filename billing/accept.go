package billing

import (
	"time"

	"github.com/payrules/payrules/event"
)

// Accept is the command that asks for a purchase.
type Accept struct {
	_ struct{} // disallow positional literals

	At        time.Time `json:"at"`
	Operation Operation `json:"operation"`
}

// Decide returns an OperationAccepted, a Repeated or a Refusal.
//
// Returns an error that wraps ErrInvalid if the operation is malformed, is of an instant after At, comes to nothing, or a figure
// does not fit.
func (c Accept) Decide(a *Account) ([]event.Data, error) {
	j, err := a.judge(c)
	if err != nil {
		return nil, err
	}
	switch {
	case j.repeated != nil:
		return []event.Data{Repeated{Command: "accept", ID: c.Operation.ID, At: j.repeated.At, Figures: j.repeated.Figures}}, nil
	case len(j.causes) > 0:
		return j.refusal("accept", c.Operation.ID), nil
	}
	return []event.Data{OperationAccepted{At: j.at, Operation: j.sums, Figures: j.figures}}, nil
}

// Result reads the decision back.
func (Accept) Result(decided []event.Data) Decision { return decisionOf(decided) }

// Explain says what Accept would decide, by the same rule, and changes nothing. It returns the errors of Accept.
func (a *Account) Explain(c Accept) (Decision, error) {
	decided, err := c.Decide(a)
	return decisionOf(decided), err
}

// Eligibility says whether anything at all could be bought at an instant, and changes nothing. Available is the most that there is room
// for, by the contract's limit and by the spending caps of whatever is bought anywhere. It returns an error that wraps ErrInvalid if
// there is no instant.
func (a *Account) Eligibility(at time.Time) (Decision, error) {
	j := judgement{account: a}
	if err := j.begin(at); err != nil {
		return Decision{}, err
	}
	j.judgeContract()
	if a.contract != nil {
		if err := j.judgeRoom(); err != nil {
			return Decision{}, err
		}
	}
	j.judgeOverdue()
	j.judgeNumber()
	return Decision{At: j.at, Accepted: len(j.causes) == 0, Causes: j.causes, Figures: j.figures}, nil
}
