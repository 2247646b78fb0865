package cap

import (
	"time"

	"github.com/payrules/payrules/money"
)

// Outcome is how a decision came out.
type Outcome uint8

// The outcomes. The zero value refuses, so that a Decision that was never made lets nothing through.
const (
	Refused  Outcome = iota // nothing was recorded, but by limits that count attempts
	Approved                // it was recorded, or had been before
)

// String returns "refused" or "approved".
func (o Outcome) String() string {
	if o == Approved {
		return "approved"
	}
	return "refused"
}

// Decision is the answer of a meter: what was decided, why, and how each limit stands once it is done. The limits are told
// as of the latest recorded instant, or of the operation's own if that is later. Only where a limit refuses a spend dated
// before the latest one are they told as of the spend's instant, since windows of that time have refused it.
//
// A Decision is a value, safe for concurrent use. Its zero value refuses. Compare with Equal. It is large, so its methods
// take a pointer, and change nothing.
type Decision struct {
	Usage          // how each limit stands
	at       int64 // -1: no instant
	amount   int64
	least    int64          // while it is being made: what the limit that refused would have taken
	currency money.Currency // 0: the zero Decision
	outcome  Outcome
	existed  bool
	binding  int8  // the limit that refused, from 1; 0: none did
	reason   uint8 // its code
}

// Outcome returns how the decision came out.
func (d *Decision) Outcome() Outcome { return d.outcome }

// Approved reports whether the outcome is Approved.
func (d *Decision) Approved() bool { return d.outcome == Approved }

// Reason returns why; "" when it was approved in the plain way, or refused only because another key of AuthorizeAll refused.
func (d *Decision) Reason() Reason { return reasonOf(d.reason) }

// Existed reports whether it was approved because the same had been done before: this time, nothing has changed.
func (d *Decision) Existed() bool { return d.existed }

// At returns the instant of the spend; the zero time when the command had none.
func (d *Decision) At() time.Time {
	if d.at < 0 || d.currency == 0 {
		return time.Time{}
	}
	return timeOf(d.at)
}

// Amount returns what the decision is about: the amount asked for; of a capture, the final amount; of a reversal, what
// came back. It is the zero Amount when the command had none.
func (d *Decision) Amount() money.Amount {
	if d.at < 0 {
		return money.Amount{}
	}
	return money.New(d.amount, d.currency)
}

// Binding returns the limit that refused, and whether one did: of those that the amount did not fit, the one that would
// have taken least; where every amount fits, the first whose count is used up.
func (d *Decision) Binding() (LimitUsage, bool) {
	if d.binding == 0 {
		return LimitUsage{}, false
	}
	return d.Limit(int(d.binding) - 1), true
}

// Exceeded reports whether some limit is left over its maximum, as a force-post, a lowered limit, the end of
// an override, or counted attempts leave it.
func (d *Decision) Exceeded() bool {
	for l := range d.Limits() {
		if l.Over {
			return true
		}
	}
	return false
}

// Equal reports whether d and e say the same in every point.
func (d Decision) Equal(e Decision) bool {
	return d.outcome == e.outcome && d.existed == e.existed && d.binding == e.binding && d.reason == e.reason &&
		d.at == e.at && d.amount == e.amount && d.equal(&e.Usage)
}

// String shows the decision on one line, for logs and tests.
func (d Decision) String() string {
	out := d.outcome.String()
	if d.reason != 0 {
		out += " " + string(d.Reason())
	}
	if l, ok := d.Binding(); ok {
		out += " by " + l.Name
	}
	return out + ":" + d.Usage.String()
}
