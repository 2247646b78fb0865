package billing

import (
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Cause is a reason with the figures that it rests on. Which are set depends on the reason.
type Cause struct {
	_ struct{} // disallow positional literals

	Reason Reason `json:"reason"`

	// Since is from when on the contract, or the mandate, is what the reason says, if it is known; of AccountOverdue, the due date
	// is OverdueSince.
	Since        time.Time  `json:"since,omitzero"`
	OverdueSince civil.Date `json:"overdue_since,omitzero"`
	Mandate      string     `json:"mandate,omitempty"` // of a reason about it: which one

	// Of ExposureExceeded: the contract's limit, the exposure as it stands, what was asked for, and what would have been accepted. Of
	// SpendingCapExceeded: the same of the spending cap called Cap, which says why by CapReason and when there is room by
	// FreeAt. Of AccountOverdue: Exposure is what is overdue. Of MoreThanOpen: what was to be collected, and what is open.
	Limit     money.Amount `json:"limit,omitzero"`
	Exposure  money.Amount `json:"exposure,omitzero"`
	Requested money.Amount `json:"requested,omitzero"`
	Available money.Amount `json:"available,omitzero"`
	Cap       string       `json:"cap,omitempty"`
	CapReason cap.Reason   `json:"cap_reason,omitempty"`
	FreeAt    time.Time    `json:"free_at,omitzero"`

	// Of CurrencyMismatch: what was given, and what the contract has.
	Given money.Currency `json:"given,omitzero"`
	Want  money.Currency `json:"want,omitzero"`

	Mismatches []Mismatch `json:"mismatches,omitempty"` // of AmountsInconsistent
	Excess     []Excess   `json:"excess,omitempty"`     // of RefundExceedsOriginal, OriginalNotFound

	// Of PeriodClosed and PeriodNotOver: the last day. Of SeriesOfAnotherYear: the date of issue that was asked for. Of
	// BeforeLastInvoice: that of the last invoice.
	Through civil.Date `json:"through,omitzero"`

	Most   int    `json:"most,omitzero"`    // of TooManyRefunds, TooManyOperations, TooManyCharges, TooManyTaxes
	Number string `json:"number,omitempty"` // of InvoiceNotFound, MoreThanOpen: of the invoice
	Field  string `json:"field,omitempty"`  // of BuyerIncomplete: what is not there
}

// Figures are how an account stands with a decision.
type Figures struct {
	Totals    Totals       `json:"totals,omitzero"`    // of what was asked, by our reckoning
	Exposure  money.Amount `json:"exposure,omitzero"`  // afterwards
	Limit     money.Amount `json:"limit,omitzero"`     // in force
	Available money.Amount `json:"available,omitzero"` // of the limit, afterwards; not below zero

	// The updates of the contract and of its mandate that it was decided on.
	ContractRevision uint64 `json:"contract_revision,omitempty"`
	MandateRevision  uint64 `json:"mandate_revision,omitempty"`
}

// Decision says what became of a purchase, a refund, a charge, or another command over an account. Its zero value refuses.
type Decision struct {
	ID       string    // of the purchase, refund, charge or payment
	At       time.Time // when it was decided: not before anything that was done on the account
	Accepted bool
	Repeated bool    // it had been accepted before, and nothing was done now
	Causes   []Cause // why it was refused: every reason that applies, in the order of the registry
	Figures
}

// Reasons returns why it was refused, in order; none if it was not.
func (d *Decision) Reasons() []Reason {
	found := make([]Reason, len(d.Causes))
	for i := range d.Causes {
		found[i] = d.Causes[i].Reason
	}
	return found
}

// Cause returns the cause with a reason, and whether there is one.
func (d *Decision) Cause(r Reason) (Cause, bool) {
	i := slices.IndexFunc(d.Causes, func(c Cause) bool { return c.Reason == r })
	if i < 0 {
		return Cause{}, false
	}
	return d.Causes[i], true
}

// decisionOf reads a decision back from the one event that it was written into. Of anything else it is the zero Decision.
func decisionOf(decided []event.Data) Decision {
	if len(decided) != 1 {
		return Decision{}
	}
	switch e := decided[0].(type) {
	case OperationAccepted:
		return Decision{ID: e.Operation.ID, At: e.At, Accepted: true, Figures: e.Figures}
	case RefundAccepted:
		return Decision{ID: e.ID, At: e.At, Accepted: true, Figures: e.Figures}
	case ChargeAdded:
		return Decision{ID: e.ID, At: e.At, Accepted: true, Figures: e.Figures}
	case Repeated:
		return Decision{ID: e.ID, At: e.At, Accepted: true, Repeated: true, Figures: e.Figures}
	case InvoiceSent:
		return Decision{At: e.At, Accepted: true}
	case PaymentReceived:
		return Decision{ID: e.ID, At: e.At, Accepted: true, Figures: e.Figures}
	case PaymentSettled:
		return Decision{ID: e.Of, At: e.At, Accepted: true}
	case PaymentReturned:
		return Decision{ID: e.ID, At: e.At, Accepted: true, Figures: e.Figures}
	case SpendingCapSet:
		return Decision{At: e.At, Accepted: true}
	case OverdueSet:
		return Decision{At: e.At, Accepted: true}
	case DaysClosed:
		return Decision{At: e.At, Accepted: true}
	case Refusal:
		return Decision{ID: e.ID, At: e.At, Causes: e.Causes, Figures: e.Figures}
	}
	return Decision{}
}
