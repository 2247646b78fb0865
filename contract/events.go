package contract

import (
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Stamp is what the events of all changes say.
type Stamp struct {
	Revision uint64    `json:"revision"`      // that the change makes: 1, 2, 3 … without a gap
	At       time.Time `json:"at"`            // when it was recorded
	From     time.Time `json:"from"`          // from when it counts
	Why      string    `json:"why,omitempty"` // for the record
}

func (s Stamp) stamp() Stamp { return s }

// stamped is an event of something that was done.
type stamped interface {
	event.Data
	stamp() Stamp
}

// fact is an event that is a change on a timeline.
type fact interface {
	stamped
	change() kind
}

// ContractSubscription says that a contract was subscribed to: its revision 1. It counts from the start of its first day.
//
// The instants of dates stand in the events beside the dates, as the zone's clocks had them when it was decided: whoever reads
// them needs no time zone database, and what was decided stays so when a country changes its clocks.
type ContractSubscription struct {
	_ struct{} // disallow positional literals

	Contract string `json:"contract"`
	Stamp
	Product   string         `json:"product"` // DeferredBilling
	Currency  money.Currency `json:"currency"`
	Zone      string         `json:"zone"`
	ValidFrom civil.Date     `json:"valid_from"`
	Terms
	Expires time.Time `json:"expires,omitzero"` // when ValidThrough is over
}

// ContractActivation says that a contract is active from an instant on.
type ContractActivation struct {
	_ struct{} // disallow positional literals
	Stamp
}

// ContractSuspension says that a contract is suspended from an instant on.
type ContractSuspension struct {
	_ struct{} // disallow positional literals
	Stamp
}

// ContractResumption says that a contract is active again from an instant on.
type ContractResumption struct {
	_ struct{} // disallow positional literals
	Stamp
}

// ContractCancellation says that a contract is cancelled from an instant on. What counts from later than that is superseded.
type ContractCancellation struct {
	_ struct{} // disallow positional literals
	Stamp
}

// ContractAmendment says that a contract has other terms from an instant on.
type ContractAmendment struct {
	_ struct{} // disallow positional literals
	Stamp
	Set     Patch     `json:"set"`
	Expires time.Time `json:"expires,omitzero"` // when Set.ValidThrough is over
}

// ChangeWithdrawal says that a change of a contract or a mandate, which had not come into force, never will.
type ChangeWithdrawal struct {
	_ struct{} // disallow positional literals
	Stamp
	Change uint64 `json:"change"` // its revision
}

// EventType returns "contract.subscribed.v1".
func (ContractSubscription) EventType() string { return "contract.subscribed.v1" }

// EventType returns "contract.activated.v1".
func (ContractActivation) EventType() string { return "contract.activated.v1" }

// EventType returns "contract.suspended.v1".
func (ContractSuspension) EventType() string { return "contract.suspended.v1" }

// EventType returns "contract.resumed.v1".
func (ContractResumption) EventType() string { return "contract.resumed.v1" }

// EventType returns "contract.cancelled.v1".
func (ContractCancellation) EventType() string { return "contract.cancelled.v1" }

// EventType returns "contract.amended.v1".
func (ContractAmendment) EventType() string { return "contract.amended.v1" }

// EventType returns "contract.change_withdrawn.v1".
func (ChangeWithdrawal) EventType() string { return "contract.change_withdrawn.v1" }

func (ContractActivation) change() kind   { return activate }
func (ContractSuspension) change() kind   { return suspend }
func (ContractResumption) change() kind   { return resume }
func (ContractCancellation) change() kind { return cancel }
func (ContractAmendment) change() kind    { return amend }

// The kinds of the streams, and of an engine's repositories.
const (
	KindContract = "contract" // of a Contract
	KindMandate  = "mandate"  // of a Mandate
)

// ContractTypes lists the event types of contracts' streams.
func ContractTypes() []event.Type {
	return []event.Type{
		event.TypeOf[ContractSubscription](), event.TypeOf[ContractActivation](), event.TypeOf[ContractSuspension](),
		event.TypeOf[ContractResumption](), event.TypeOf[ContractCancellation](), event.TypeOf[ContractAmendment](),
		event.TypeOf[ChangeWithdrawal](), event.TypeOf[Refusal](),
	}
}

// MandateTypes lists the event types of mandates' streams.
func MandateTypes() []event.Type {
	return []event.Type{
		event.TypeOf[MandateCreation](), event.TypeOf[MandateSignature](), event.TypeOf[MandateSubmission](),
		event.TypeOf[MandateConfirmation](), event.TypeOf[MandateActivation](), event.TypeOf[MandateSuspension](),
		event.TypeOf[MandateResumption](), event.TypeOf[MandateAmendment](), event.TypeOf[MandateCollection](),
		event.TypeOf[MandateRevocation](), event.TypeOf[MandateFailure](), event.TypeOf[ChangeWithdrawal](),
		event.TypeOf[Refusal](),
	}
}

// ViewTypes lists the event types of what is published: View, ListView and MandateView.
func ViewTypes() []event.Type {
	return []event.Type{event.TypeOf[View](), event.TypeOf[ListView](), event.TypeOf[MandateView]()}
}

// ContractCodec returns a codec of the events of contracts' streams.
func ContractCodec() *event.Codec { return event.MustCodec(ContractTypes()) }

// MandateCodec returns a codec of the events of mandates' streams.
func MandateCodec() *event.Codec { return event.MustCodec(MandateTypes()) }

// ViewCodec returns a codec of what is published. What it has decoded is to be validated: it comes from outside.
func ViewCodec() *event.Codec { return event.MustCodec(ViewTypes()) }
