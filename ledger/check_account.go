package ledger

import (
	"fmt"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// decidedAt returns when an event was decided, in microseconds; ok is false if it does not say.
func decidedAt(d event.Data) (at int64, ok bool) {
	switch e := d.(type) {
	case AccountOpened:
		return e.At.UnixMicro(), true
	case LimitsSet:
		return e.At.UnixMicro(), true
	case BlockSet:
		return e.At.UnixMicro(), true
	case AccountClosed:
		return e.At.UnixMicro(), true
	case AccountReopened:
		return e.At.UnixMicro(), true
	case EntryBooked:
		return e.At.UnixMicro(), true
	case AmountHeld:
		return e.At.UnixMicro(), true
	case AmountReleased:
		return e.At.UnixMicro(), true
	case PeriodEnded:
		return e.At.UnixMicro(), true
	case InterestSet:
		return e.At.UnixMicro(), true
	case InterestBooked:
		return e.At.UnixMicro(), true
	case TransferPosted:
		return e.At.UnixMicro(), true
	case TransferHeld:
		return e.At.UnixMicro(), true
	case TransferCaptured:
		return e.At.UnixMicro(), true
	case TransferVoided:
		return e.At.UnixMicro(), true
	case TransferExpired:
		return e.At.UnixMicro(), true
	case TransferReversed:
		return e.At.UnixMicro(), true
	case InterestDecided:
		return e.At.UnixMicro(), true
	case Refusal:
		return e.At.UnixMicro(), true
	}
	return 0, false
}

// judgeEvent says which law an event of an account breaks by itself, before it is applied. Of the transfers of interest, the one
// of the batch is known.
func judgeEvent(a *Account, d event.Data, interest map[string]interestDue) fault {
	if at, ok := decidedAt(d); ok && at < a.clock && !a.terms.Unconstrained {
		return fault{law: "L6", reason: "it was decided before what stands in front of it"}
	}
	switch e := d.(type) {
	case AccountOpened:
		if e.Account != a.id {
			return fault{law: "L9", reason: fmt.Sprintf("it opens account %q", e.Account)}
		}
	case EntryBooked:
		if !a.terms.Unconstrained && e.Value <= a.through {
			return fault{law: "L7", reason: "its value date is in a closed period"}
		}
		_, due := interest[e.Transfer]
		return a.judgeTaken(e.Side, due)
	case AmountHeld:
		if endOf(e.Expires) <= e.At.UnixMicro() {
			return fault{law: "L5", reason: "it ends before it begins"}
		}
		return a.judgeTaken(e.Side, false)
	case AccountClosed:
		draft := a.draft()
		draft.advance(e.At.UnixMicro())
		if a.closed || draft.balance != 0 || draft.out != 0 || draft.in != 0 {
			return fault{law: "L2", reason: "the account is closed, or not empty"}
		}
	case AccountReopened:
		if !a.closed {
			return fault{law: "L2", reason: "the account is not closed"}
		}
	case LimitsSet, BlockSet, InterestSet, InterestBooked:
		if a.closed {
			return fault{law: "L2", reason: "the account is closed"}
		}
	case PeriodEnded:
		if e.Through >= civil.LatestDate(e.At) {
			return fault{law: "L7", reason: "the period is not over"}
		}
		if a.interestPending(e.Through) {
			return fault{law: "L10", reason: "interest of the period was not posted"}
		}
	case Archived:
		if e.Through >= a.OpenFrom() {
			return fault{law: "L7", reason: "what it archives is not of closed periods"}
		}
	}
	return fault{}
}

// judgeTaken says whether an account takes something on a side.
func (a *Account) judgeTaken(side Side, interest bool) fault {
	switch {
	case a.closed:
		return fault{law: "L2", reason: "the account is closed"}
	case a.block.blocks(side) && !interest:
		return fault{law: "L2", reason: fmt.Sprintf("%ss of the account are blocked", side)}
	}
	return fault{}
}

// standing is what an account has for its limits to look at.
type standing struct{ out, in int64 } // balance - what is held to leave; balance + what is held to come

// standingAt returns how an account stands at an instant: holds that end until then are over.
func standingAt(a *Account, at int64) standing {
	draft := a.draft()
	draft.advance(at)
	return standing{draft.balance - draft.out, draft.balance + draft.in}
}

// limited is an account of the batch whose limits are to be looked at when a transfer is through with it.
type limited struct {
	transfer string
	before   standing
	forced   bool
}

// judge says which limit of an account was broken between two standings.
func (l *limited) judge(after standing, a *Account) fault {
	floor, _ := a.terms.Limits.floor()
	ceiling, _ := a.terms.Limits.ceiling()
	reason := ""
	switch {
	case l.forced:
	case after.out < floor && after.out < l.before.out:
		reason = fmt.Sprintf("to %s, below its floor", money.New(after.out, a.terms.Currency))
	case after.in > ceiling && after.in > l.before.in:
		reason = fmt.Sprintf("to %s, above its maximum", money.New(after.in, a.terms.Currency))
	}
	if reason == "" {
		return fault{}
	}
	return fault{law: "L2", reason: fmt.Sprintf("transfer %q takes account %q %s", l.transfer, a.id, reason)}
}
