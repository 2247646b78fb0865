package ledger

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// The commands over one account. Each is decided as one event, refusals too, and decides nothing else.

// AccountCommand is a command over one account: [Open], [SetLimits], [SetBlock], [Close], [Reopen], [EndPeriod],
// [MarkArchived] and [SetInterest].
type AccountCommand interface {
	// Decide returns the one event that the command makes of an account, which may be a Refusal. It changes nothing. An error
	// means "could not decide".
	Decide(a *Account) ([]event.Data, error)

	// Result reads the decision back from what was decided.
	Result(decided []event.Data) AccountDecision
}

// Open opens an account.
type Open struct {
	_ struct{} // disallow positional literals

	At time.Time `json:"at"`
	Terms
}

// SetLimits lets other limits rule an account. What it has is kept, also where that is beyond them.
type SetLimits struct {
	_ struct{} // disallow positional literals

	At     time.Time `json:"at"`
	Limits Limits    `json:"limits"`
}

// SetBlock says which postings an account takes no more; without a Block, that it takes all again.
type SetBlock struct {
	_ struct{} // disallow positional literals

	At    time.Time `json:"at"`
	Block Block     `json:"block,omitzero"`
	Why   string    `json:"why,omitempty"` // for the record; at most 140 characters
}

// Close closes an account: it takes nothing more. It must be empty.
type Close struct {
	_ struct{} // disallow positional literals

	At time.Time `json:"at"`
}

// Reopen opens a closed account again.
type Reopen struct {
	_ struct{} // disallow positional literals

	At time.Time `json:"at"`
}

// EndPeriod closes the days of an account up to and including Through: no entry can have one of them as its value date any
// more. Through must be over, somewhere on earth at least.
type EndPeriod struct {
	_ struct{} // disallow positional literals

	At      time.Time  `json:"at"`
	Through civil.Date `json:"through"`
}

// MarkArchived says that the records of an account up to a version are in an archive. Give it what Archiver.Put has returned.
type MarkArchived struct {
	_ struct{} // disallow positional literals

	Through event.Version `json:"through"`
	Sum     Sum           `json:"sum"`
}

// AccountDecision says what became of a command over one account.
type AccountDecision struct {
	Account string
	At      time.Time // when it was decided: not before anything that was decided on the account
	Reason  Reason    // why it was refused; "" if it was done
	Through civil.Date
	Balance money.Amount // of EndPeriod: at the end of Through, by value date; not of an account that nothing constrains
}

// Done reports whether the command was done, and not refused.
func (d *AccountDecision) Done() bool { return d.Reason == "" }

// decideAccount decides a command over an account at an instant: ask says why not, and with which event it is done.
func decideAccount(a *Account, command string, at time.Time, ask func(at time.Time) (refusal, event.Data, error)) ([]event.Data, error) {
	micros, err := checkAt("at", at)
	if err != nil {
		return nil, err
	}
	at = money.FromUnixMicro(max(micros, a.clock))
	r, e, err := ask(at)
	switch {
	case err != nil:
		return nil, err
	case r.reason != "":
		e = Refusal{Command: command, ID: a.id, Account: a.id, At: at, Reason: r.reason, Through: r.through}
	}
	return []event.Data{e}, nil
}

// Decide returns an AccountOpened, or a Refusal.
func (c Open) Decide(a *Account) ([]event.Data, error) {
	return decideAccount(a, "open", c.At, func(at time.Time) (refusal, event.Data, error) {
		if err := checkID("account", a.id); err != nil {
			return refusal{}, nil, err
		}
		if len(a.id) > MaxAccount { // the ids of its interest are longer
			return refusal{}, nil, fmt.Errorf("%w account: longer than %d bytes", ErrInvalid, MaxAccount)
		}
		if err := c.validate(); err != nil {
			return refusal{}, nil, err
		}
		if a.opened {
			return refuse(AlreadyOpen), nil, nil
		}
		return refusal{}, AccountOpened{Account: a.id, At: at, Terms: c.Terms}, nil
	})
}

// judgeState refuses what needs an account that is open, and that something constrains.
func (a *Account) judgeState() refusal {
	switch {
	case !a.opened:
		return refuse(UnknownAccount)
	case a.closed:
		return refuse(Closed)
	case a.terms.Unconstrained:
		return refuse(Unconstrained)
	}
	return refusal{}
}

// Decide returns a LimitsSet, or a Refusal.
func (c SetLimits) Decide(a *Account) ([]event.Data, error) {
	return decideAccount(a, "set_limits", c.At, func(at time.Time) (refusal, event.Data, error) {
		r := a.judgeState()
		if r.reason == "" {
			if err := c.Limits.validate(a.terms.Currency); err != nil {
				return r, nil, err
			}
		}
		return r, LimitsSet{At: at, Limits: c.Limits}, nil
	})
}

// Decide returns a BlockSet, or a Refusal.
func (c SetBlock) Decide(a *Account) ([]event.Data, error) {
	return decideAccount(a, "set_block", c.At, func(at time.Time) (refusal, event.Data, error) {
		if !c.Block.Valid() {
			return refusal{}, nil, fmt.Errorf("%w block: none of the constants", ErrInvalid)
		}
		if err := checkText("why", c.Why, maxText); err != nil {
			return refusal{}, nil, err
		}
		return a.judgeState(), BlockSet{At: at, Block: c.Block, Why: c.Why}, nil
	})
}

// Decide returns an AccountClosed, or a Refusal.
func (c Close) Decide(a *Account) ([]event.Data, error) {
	return decideAccount(a, "close", c.At, func(at time.Time) (refusal, event.Data, error) {
		r := a.judgeState()
		d := a.draft()
		d.advance(at.UnixMicro())
		switch {
		case r.reason != "":
		case a.balance != 0:
			r.reason = BalanceNotZero
		case d.out != 0 || d.in != 0:
			r.reason = HoldsPending
		case a.interest != nil:
			due, err := a.interest.final(a, civil.DateOf(at, nil))
			if err != nil {
				return r, nil, err
			}
			if due != a.interest.Posted || a.interest.Accrued != a.interest.Posted && a.interest.AccruedAccount != "" {
				r.reason = InterestPending
			}
		}
		return r, AccountClosed{At: at}, nil
	})
}

// Decide returns an AccountReopened, or a Refusal.
func (c Reopen) Decide(a *Account) ([]event.Data, error) {
	return decideAccount(a, "reopen", c.At, func(at time.Time) (refusal, event.Data, error) {
		switch {
		case !a.opened:
			return refuse(UnknownAccount), nil, nil
		case !a.closed:
			return refuse(NotClosed), nil, nil
		}
		return refusal{}, AccountReopened{At: at}, nil
	})
}

// Decide returns a PeriodEnded, or a Refusal.
func (c EndPeriod) Decide(a *Account) ([]event.Data, error) {
	return decideAccount(a, "end_period", c.At, func(at time.Time) (refusal, event.Data, error) {
		if !c.Through.Valid() {
			return refusal{}, nil, fmt.Errorf("%w through: no date", ErrInvalid)
		}
		r, e := refusal{through: a.through}, PeriodEnded{At: at, Through: c.Through}
		balance, fits := a.days.through(c.Through, a.opening)
		switch {
		case !a.opened:
			r.reason = UnknownAccount
		case c.Through <= a.through:
			r.reason = PeriodClosed
		case c.Through >= civil.LatestDate(at):
			r.reason = PeriodNotOver
		case a.interestPending(c.Through):
			r.reason = InterestPending
		case a.terms.Unconstrained:
		case !fits:
			r.reason = Overflow
		default:
			e.Balance = money.New(balance, a.terms.Currency)
		}
		return r, e, nil
	})
}

// Decide returns an Archived. It returns an error that wraps ErrInvalid if the records are not those of closed periods, or are
// marked as archived already.
func (c MarkArchived) Decide(a *Account) ([]event.Data, error) {
	if c.Through <= a.archived || c.Through >= a.OpenFrom() {
		return nil, fmt.Errorf("%w through: version %d, want %d to %d", ErrInvalid, c.Through, a.archived+1, a.OpenFrom()-1)
	}
	return []event.Data{Archived{Through: c.Through, Sum: c.Sum}}, nil
}

// Result reads the decision back.
func (Open) Result(decided []event.Data) AccountDecision { return accountDecisionOf(decided) }

// Result reads the decision back.
func (SetLimits) Result(decided []event.Data) AccountDecision { return accountDecisionOf(decided) }

// Result reads the decision back.
func (SetBlock) Result(decided []event.Data) AccountDecision { return accountDecisionOf(decided) }

// Result reads the decision back.
func (Close) Result(decided []event.Data) AccountDecision { return accountDecisionOf(decided) }

// Result reads the decision back.
func (Reopen) Result(decided []event.Data) AccountDecision { return accountDecisionOf(decided) }

// Result reads the decision back.
func (EndPeriod) Result(decided []event.Data) AccountDecision { return accountDecisionOf(decided) }

// Result reads the decision back.
func (MarkArchived) Result(decided []event.Data) AccountDecision { return accountDecisionOf(decided) }

// accountDecisionOf reads a decision back from the one event that it was written into. Of anything else it is a refusal.
func accountDecisionOf(decided []event.Data) AccountDecision {
	if len(decided) != 1 {
		return AccountDecision{Reason: UnknownAccount}
	}
	switch e := decided[0].(type) {
	case AccountOpened:
		return AccountDecision{Account: e.Account, At: e.At}
	case LimitsSet:
		return AccountDecision{At: e.At}
	case BlockSet:
		return AccountDecision{At: e.At}
	case AccountClosed:
		return AccountDecision{At: e.At}
	case AccountReopened:
		return AccountDecision{At: e.At}
	case PeriodEnded:
		return AccountDecision{At: e.At, Through: e.Through, Balance: e.Balance}
	case InterestSet:
		return AccountDecision{At: e.At}
	case Archived:
		return AccountDecision{}
	case Refusal:
		return AccountDecision{Account: e.Account, At: e.At, Reason: e.Reason, Through: e.Through}
	}
	return AccountDecision{Reason: UnknownAccount}
}
