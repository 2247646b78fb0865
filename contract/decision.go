package contract

import (
	"slices"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Decision says what became of a command.
type Decision struct {
	Revision uint64    // that the command made; 0 if it was refused
	Reason   Reason    // why it was refused; "" if it was done
	At       time.Time // when it was recorded: not before anything that was recorded of the same contract or mandate
	From     time.Time // from when it counts

	// Of a refusal:
	Status string    // where that refuses: what the contract, or the mandate, is there: "suspended"
	Change uint64    // the revision of the change that stands in the way, if one does
	Bound  time.Time // of BeforeStart, when it begins; of HasExpired and EndsBeforeItBegins, when it ends
}

// Done reports whether the command was done, and not refused.
func (d *Decision) Done() bool { return d.Reason == "" }

// Refusal says that a command was refused, and changed nothing.
type Refusal struct {
	_ struct{} // disallow positional literals

	Command string    `json:"command"` // as "suspend"
	At      time.Time `json:"at"`
	From    time.Time `json:"from,omitzero"`
	Reason  Reason    `json:"reason"`
	Status  string    `json:"status,omitempty"`
	Change  uint64    `json:"change,omitempty"`
	Bound   time.Time `json:"bound,omitzero"`
}

// EventType returns "contract.refused.v1".
func (Refusal) EventType() string { return "contract.refused.v1" }

// decisionOf reads a decision back from what was decided.
func decisionOf(decided []event.Data) Decision {
	if len(decided) != 1 {
		return Decision{Reason: NotFound}
	}
	switch e := decided[0].(type) {
	case Refusal:
		return Decision{Reason: e.Reason, At: e.At, From: e.From, Status: e.Status, Change: e.Change, Bound: e.Bound}
	case stamped:
		s := e.stamp()
		return Decision{Revision: s.Revision, At: s.At, From: s.From}
	}
	return Decision{Reason: NotFound}
}

// refusal is why a command is refused. The zero value is none.
type refusal struct {
	reason Reason
	status string
	change uint64
	bound  int64 // in microseconds; 0: none
}

func refuse(r Reason) refusal { return refusal{reason: r} }

// first returns the refusal that comes first in the order of precedence.
func first(all ...refusal) refusal {
	var out refusal
	for _, r := range all {
		if r.reason != "" && (out.reason == "" || slices.Index(reasons[:], r.reason) < slices.Index(reasons[:], out.reason)) {
			out = r
		}
	}
	return out
}

// event writes a refusal down.
func (r *refusal) event(command string, s Stamp) Refusal {
	e := Refusal{Command: command, At: s.At, From: s.From, Reason: r.reason, Status: r.status, Change: r.change}
	if r.bound != 0 && r.bound != noEnd {
		e.Bound = money.FromUnixMicro(r.bound)
	}
	return e
}
