package cashback

import (
	"slices"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Cause is a reason with the figures that it rests on. Which are set depends on the reason.
type Cause struct {
	_ struct{} // disallow positional literals

	Reason Reason `json:"reason"`

	Given string `json:"given,omitempty"` // of ProgramMismatch, CurrencyMismatch, ConfirmedOtherwise, NotPending: what is so
	Want  string `json:"want,omitempty"`  // and what should be

	Limit     time.Time    `json:"limit,omitzero"`     // of TooLate, PurchaseInFuture: the instant that is passed
	Requested money.Amount `json:"requested,omitzero"` // of RefundExceedsPurchase
	Left      money.Amount `json:"left,omitzero"`      // of RefundExceedsPurchase: of the purchase; of NothingPayable: what is payable less what is owed
	Most      int          `json:"most,omitzero"`      // of TooManyEntries, TooManyRefunds
}

// Decision says what became of a command. Its zero value refuses.
type Decision struct {
	_ struct{} // disallow positional literals

	ID       string    // of the purchase, refund or payout
	At       time.Time // when it was decided: not before anything that was done before
	Done     bool
	Repeated bool // it had been done before, and nothing was done now
	Kept     bool // a refund whose purchase has not arrived
	Causes   []Cause

	// Amount is what a purchase has earned, a refund has taken back (Taken and Owed), what was confirmed or rejected, or is paid out.
	Amount money.Amount

	Earned     *Earned     // of Earn, the first time
	ClawedBack *ClawedBack // of Refund, the first time
}

// Reasons returns why it was refused, in order; none if it was not.
func (d *Decision) Reasons() []Reason {
	found := make([]Reason, len(d.Causes))
	for i := range d.Causes {
		found[i] = d.Causes[i].Reason
	}
	return found
}

// The commands, as Repeated and Refusal name them.
const (
	commandEarn       = "earn"
	commandRefund     = "refund"
	commandKeptRefund = "kept_refund" // what comes of a refund that has waited for its purchase
	commandConfirm    = "confirm"
	commandReject     = "reject"
	commandPayOut     = "pay_out"
)

// resultOf reads the decision on a command back: what was due before it, or comes of it, is passed over.
func resultOf(command string, decided []event.Data) Decision {
	for _, data := range decided {
		d := Decision{Done: true}
		name := ""
		switch e := data.(type) {
		case Earned:
			name, d.ID, d.At, d.Amount, d.Earned = commandEarn, e.Purchase.ID, e.At, e.Reward, &e
		case ClawedBack:
			name, d.ID, d.At, d.Amount, d.ClawedBack = commandRefund, e.ID, e.At, e.takenBack(), &e
		case RefundKept:
			name, d.ID, d.At, d.Kept = commandRefund, e.ID, e.At, true
		case Confirmed:
			if e.By != ByDelay {
				name, d.ID, d.At, d.Amount = commandConfirm, e.Purchase, e.At, e.Amount
			}
		case Rejected:
			name, d.ID, d.At, d.Amount = commandReject, e.Purchase, e.At, e.Amount
		case PaidOut:
			name, d.ID, d.At, d.Amount = commandPayOut, e.ID, e.At, e.Amount
		case Repeated:
			name, d.ID, d.At, d.Amount, d.Repeated, d.Kept = e.Command, e.ID, e.At, e.Amount, true, e.Kept
		case Refusal:
			name, d = e.Command, Decision{ID: e.ID, At: e.At, Causes: slices.Clone(e.Causes)}
		}
		if name == command {
			return d
		}
	}
	return Decision{}
}
