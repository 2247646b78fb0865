package ledger

import (
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Decision says what became of a command.
type Decision struct {
	Transfer string     // that it is about
	Status   Status     // of the transfer, once it was done; Unknown if it was refused
	Reason   Reason     // why it was refused; "" if it was done
	At       time.Time  // when it was decided: not before anything that was decided on the same accounts
	Value    civil.Date // of the entries
	Legs     []Leg      // what was booked, held, or given back

	// Of a refusal:
	Account   string       // that refused, if one did
	Available money.Amount // what it had left for this, where a limit refused
	Needed    money.Amount // what was asked of it
	Through   civil.Date   // the last closed day, of PeriodClosed
	Step      int          // of linked commands: which one was refused, from 1

	// Steps are what became of linked commands, when all were done.
	Steps []Decision
}

// Done reports whether the command was done, and not refused.
func (d *Decision) Done() bool { return d.Reason == "" }

// decisionOf reads a decision back from one event of a transfer's stream.
func decisionOf(e event.Data) Decision {
	switch e := e.(type) {
	case TransferPosted:
		return Decision{Transfer: e.Transfer, Status: Posted, At: e.At, Value: e.Value, Legs: e.Legs}
	case TransferHeld:
		return Decision{Transfer: e.Transfer, Status: Held, At: e.At, Value: e.Value, Legs: e.Legs}
	case TransferCaptured:
		return Decision{Transfer: e.Transfer, Status: Captured, At: e.At, Value: e.Value, Legs: e.Legs}
	case TransferVoided:
		return Decision{Transfer: e.Transfer, Status: Voided, At: e.At, Legs: e.Legs}
	case TransferExpired:
		return Decision{Transfer: e.Transfer, Status: Expired, At: e.At, Legs: e.Legs}
	case Refusal:
		return Decision{
			Transfer: e.Transfer, Reason: e.Reason, At: e.At, Account: e.Account, Available: e.Available, Needed: e.Needed,
			Through: e.Through, Step: e.Step,
		}
	}
	return Decision{Reason: NotFound}
}

// refusal is why a command is refused. The zero value is none.
type refusal struct {
	reason            Reason
	account           string
	available, needed money.Amount
	through           civil.Date
}

// before reports whether r comes before another refusal in the order of precedence.
func (r *refusal) before(other *refusal) bool {
	return r.reason != "" && (other.reason == "" || r.reason.rank() < other.reason.rank())
}

// first keeps the one of two refusals that comes first.
func (r *refusal) first(other refusal) {
	if other.before(r) {
		*r = other
	}
}

func refuse(reason Reason) refusal { return refusal{reason: reason} }

// event writes a refusal down.
func (r *refusal) event(command, id, transfer string, at int64) Refusal {
	return Refusal{
		Command: command, ID: id, Transfer: transfer, At: money.FromUnixMicro(at), Reason: r.reason, Account: r.account,
		Available: r.available, Needed: r.needed, Through: r.through,
	}
}
