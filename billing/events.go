package billing

import (
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// OperationAccepted says that a purchase is to be billed.
type OperationAccepted struct {
	_ struct{} // disallow positional literals

	At        time.Time `json:"at"`
	Operation Operation `json:"operation"` // with our totals
	Figures
}

// EventType returns "billing.operation_accepted.v1".
func (OperationAccepted) EventType() string { return "billing.operation_accepted.v1" }

// RefundAccepted says that a purchase, or a part of it, is given back.
type RefundAccepted struct {
	_ struct{} // disallow positional literals

	At    time.Time    `json:"at"`
	ID    string       `json:"id"`
	Of    string       `json:"of"`              // the purchase
	Lines []RefundLine `json:"lines,omitempty"` // as they were asked for; all that was left if there are none
	Why   string       `json:"why,omitempty"`
	Parts []RefundPart `json:"parts"` // what is given back, line by line
	Taxes []RefundTax  `json:"taxes"` // and the tax of it
	Figures
}

// EventType returns "billing.refund_accepted.v1".
func (RefundAccepted) EventType() string { return "billing.refund_accepted.v1" }

// Repeated says that a purchase, a refund, a charge, a payment or its return was asked for again that had been accepted. Nothing changes.
// Its figures are those of the first time.
type Repeated struct {
	_ struct{} // disallow positional literals

	Command string    `json:"command"`
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Figures
}

// EventType returns "billing.repeated.v1".
func (Repeated) EventType() string { return "billing.repeated.v1" }

// Refusal says that a command was refused, and changed nothing.
type Refusal struct {
	_ struct{} // disallow positional literals

	Command string    `json:"command"`
	ID      string    `json:"id,omitempty"`
	At      time.Time `json:"at"`
	Causes  []Cause   `json:"causes"`
	Figures
}

// EventType returns "billing.refused.v1".
func (Refusal) EventType() string { return "billing.refused.v1" }

// ContractTaken says that the account goes by an update of its contract from now on.
type ContractTaken struct {
	_ struct{} // disallow positional literals

	View contract.View `json:"view"`
}

// EventType returns "billing.contract_taken.v1".
func (ContractTaken) EventType() string { return "billing.contract_taken.v1" }

// MandateTaken says that the account goes by an update of a mandate from now on.
type MandateTaken struct {
	_ struct{} // disallow positional literals

	View contract.MandateView `json:"view"`
}

// EventType returns "billing.mandate_taken.v1".
func (MandateTaken) EventType() string { return "billing.mandate_taken.v1" }

// LateUpdateSeen says that an update arrived after a newer one, which had all that it says. It is missing no more.
type LateUpdateSeen struct {
	_ struct{} // disallow positional literals

	Mandate  string `json:"mandate,omitempty"` // that it is about; of the contract if empty
	Revision uint64 `json:"revision"`
}

// EventType returns "billing.late_update_seen.v1".
func (LateUpdateSeen) EventType() string { return "billing.late_update_seen.v1" }

// SpendingCapSet says which spending caps the account has beside the contract's; none without a policy.
type SpendingCapSet struct {
	_ struct{} // disallow positional literals

	At     time.Time   `json:"at"`
	Policy *cap.Policy `json:"policy,omitempty"`
}

// EventType returns "billing.spending_cap_set.v1".
func (SpendingCapSet) EventType() string { return "billing.spending_cap_set.v1" }

// OverdueSet says that something is overdue, or, without an amount, that nothing is any more.
type OverdueSet struct {
	_ struct{} // disallow positional literals

	At     time.Time    `json:"at"`
	Since  civil.Date   `json:"since,omitzero"` // as in SetOverdue
	Amount money.Amount `json:"amount,omitzero"`
}

// EventType returns "billing.overdue_set.v1".
func (OverdueSet) EventType() string { return "billing.overdue_set.v1" }

// DaysClosed says that no purchase and no charge of the days up to and including Through is accepted any more.
type DaysClosed struct {
	_ struct{} // disallow positional literals

	At      time.Time  `json:"at"`
	Through civil.Date `json:"through"`
	Until   time.Time  `json:"until"` // where the day after Through begins, in the contract's zone
}

// EventType returns "billing.days_closed.v1".
func (DaysClosed) EventType() string { return "billing.days_closed.v1" }

// Types lists the event types of accounts' streams.
func Types() []event.Type {
	return []event.Type{
		event.TypeOf[OperationAccepted](), event.TypeOf[RefundAccepted](), event.TypeOf[Repeated](), event.TypeOf[Refusal](),
		event.TypeOf[ContractTaken](), event.TypeOf[MandateTaken](), event.TypeOf[LateUpdateSeen](),
		event.TypeOf[SpendingCapSet](), event.TypeOf[OverdueSet](), event.TypeOf[DaysClosed](), event.TypeOf[ChargeAdded](),
		event.TypeOf[Invoiced](), event.TypeOf[InvoiceSent](), event.TypeOf[ReminderDue](),
		event.TypeOf[PaymentReceived](), event.TypeOf[PaymentSettled](), event.TypeOf[PaymentReturned](),
	}
}

// Codec returns a codec of the events of accounts' streams.
func Codec() *event.Codec { return event.MustCodec(Types()) }
