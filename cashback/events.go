package cashback

import (
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// TermsTaken says by which version of the program the rewards go from now on, in what does not stay with each of them.
type TermsTaken struct {
	_ struct{} // disallow positional literals

	At              time.Time      `json:"at"`
	Program         string         `json:"program"`
	Version         int            `json:"version"`
	Digest          string         `json:"digest"` // of the program, in hexadecimal
	Currency        money.Currency `json:"currency"`
	Zone            string         `json:"zone"`
	PayoutThreshold money.Amount   `json:"payout_threshold"`
	Balance         OverBalance    `json:"over_balance"`
	Caps            []Cap          `json:"caps,omitempty"`
}

// EventType returns "cashback.terms_taken.v1".
func (TermsTaken) EventType() string { return "cashback.terms_taken.v1" }

// Earned says what a purchase has earned, which may be nothing.
type Earned struct {
	_ struct{} // disallow positional literals

	At       time.Time    `json:"at"`
	Purchase Purchase     `json:"purchase"`
	Program  string       `json:"program"`
	Version  int          `json:"version"`
	Base     money.Amount `json:"base"`   // the purchase in the program's currency
	Reward   money.Amount `json:"reward"` // the sum of the lines
	Lines    []Line       `json:"lines,omitempty"`

	// What stays with the reward, whatever later versions of the program say.
	Rounding     money.Rounding `json:"rounding"`
	Method       Method         `json:"method"`
	By           ConfirmedBy    `json:"confirmed_by"`
	ConfirmAt    time.Time      `json:"confirm_at,omitzero"` // of ByDelay
	ExpiryMonths int            `json:"expiry_months,omitempty"`
	RefundUntil  time.Time      `json:"refund_until"` // a refund is taken before it
}

// EventType returns "cashback.earned.v1".
func (Earned) EventType() string { return "cashback.earned.v1" }

// ClawedBack says what a refund of a purchase takes back. Due is what it comes to: the sum of Taken, Owed, Waived and Gone.
type ClawedBack struct {
	_ struct{} // disallow positional literals

	At       time.Time    `json:"at"`
	ID       string       `json:"id"` // of the refund
	Purchase string       `json:"purchase"`
	Asked    money.Amount `json:"asked,omitzero"` // as it was asked for; none: all that was left
	Amount   money.Amount `json:"amount"`         // that was given back of the purchase, in its currency
	Refunded money.Amount `json:"refunded"`       // in all, with it
	From     Status       `json:"from"`           // what had become of the reward
	Due      money.Amount `json:"due"`
	Taken    money.Amount `json:"taken"`  // off the reward, which was not paid
	Owed     money.Amount `json:"owed"`   // since the reward was paid
	Waived   money.Amount `json:"waived"` // by the program's policy
	Gone     money.Amount `json:"gone"`   // with a reward that had expired, or was rejected
	Back     []LineBack   `json:"back,omitempty"`
	Final    bool         `json:"final,omitempty"` // the whole purchase is given back
}

// EventType returns "cashback.clawed_back.v1".
func (ClawedBack) EventType() string { return "cashback.clawed_back.v1" }

// LineBack is what goes back of a line: to its caps, its budget, and its funders.
type LineBack struct {
	_ struct{} // disallow positional literals

	Rule    string       `json:"rule"`
	Amount  money.Amount `json:"amount"`
	Budget  string       `json:"budget,omitempty"`
	Funding []Share      `json:"funding,omitempty"`
}

// RefundKept says that a refund has arrived before its purchase. It counts when that arrives.
type RefundKept struct {
	_ struct{} // disallow positional literals

	At       time.Time    `json:"at"`
	ID       string       `json:"id"`
	Purchase string       `json:"purchase"`
	Asked    money.Amount `json:"asked,omitzero"`
}

// EventType returns "cashback.refund_kept.v1".
func (RefundKept) EventType() string { return "cashback.refund_kept.v1" }

// Confirmed says that a reward is the customer's.
type Confirmed struct {
	_ struct{} // disallow positional literals

	At       time.Time    `json:"at"`
	Purchase string       `json:"purchase"`
	Amount   money.Amount `json:"amount"`
	By       ConfirmedBy  `json:"by"`
	ExpireAt time.Time    `json:"expire_at,omitzero"` // if it is not payable by then
}

// EventType returns "cashback.confirmed.v1".
func (Confirmed) EventType() string { return "cashback.confirmed.v1" }

// Rejected says that a pending reward is not given.
type Rejected struct {
	_ struct{} // disallow positional literals

	At       time.Time    `json:"at"`
	Purchase string       `json:"purchase"`
	Amount   money.Amount `json:"amount"`
	Why      string       `json:"why"`
	Back     []LineBack   `json:"back,omitempty"`
}

// EventType returns "cashback.rejected.v1".
func (Rejected) EventType() string { return "cashback.rejected.v1" }

// Expired says that a confirmed reward was not payable in time. Its budget and caps get nothing back.
type Expired struct {
	_ struct{} // disallow positional literals

	At       time.Time    `json:"at"`
	Purchase string       `json:"purchase"`
	Amount   money.Amount `json:"amount"`
}

// EventType returns "cashback.expired.v1".
func (Expired) EventType() string { return "cashback.expired.v1" }

// BecamePayable says that all that is confirmed is to be paid, since the balance has reached the threshold.
type BecamePayable struct {
	_ struct{} // disallow positional literals

	At     time.Time    `json:"at"`
	Amount money.Amount `json:"amount"`
}

// EventType returns "cashback.became_payable.v1".
func (BecamePayable) EventType() string { return "cashback.became_payable.v1" }

// PaidOut says that all that was payable is paid: Amount to the customer, and Debt against what he owed.
type PaidOut struct {
	_ struct{} // disallow positional literals

	At     time.Time    `json:"at"`
	ID     string       `json:"id"`
	Amount money.Amount `json:"amount"`
	Debt   money.Amount `json:"debt"`
}

// EventType returns "cashback.paid_out.v1".
func (PaidOut) EventType() string { return "cashback.paid_out.v1" }

// Repeated says that something was asked for again that had been done. Nothing changes.
type Repeated struct {
	_ struct{} // disallow positional literals

	Command string       `json:"command"`
	ID      string       `json:"id"`
	At      time.Time    `json:"at"`
	Amount  money.Amount `json:"amount,omitzero"` // of the first time
	Kept    bool         `json:"kept,omitempty"`  // of a refund: its purchase has not arrived yet
}

// EventType returns "cashback.repeated.v1".
func (Repeated) EventType() string { return "cashback.repeated.v1" }

// Refusal says that a command was refused, and changed nothing. Of a kept refund it says that it could not count.
type Refusal struct {
	_ struct{} // disallow positional literals

	Command string    `json:"command"`
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Causes  []Cause   `json:"causes"`
}

// EventType returns "cashback.refused.v1".
func (Refusal) EventType() string { return "cashback.refused.v1" }

// Types lists the event types of the streams of Rewards.
func Types() []event.Type {
	return []event.Type{
		event.TypeOf[TermsTaken](), event.TypeOf[Earned](), event.TypeOf[ClawedBack](), event.TypeOf[RefundKept](),
		event.TypeOf[Confirmed](), event.TypeOf[Rejected](), event.TypeOf[Expired](), event.TypeOf[BecamePayable](),
		event.TypeOf[PaidOut](), event.TypeOf[Repeated](), event.TypeOf[Refusal](),
	}
}

// Codec returns a codec of the events of the streams of Rewards.
func Codec() *event.Codec { return event.MustCodec(Types()) }
