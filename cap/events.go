package cap

import (
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// The names of the commands, as they stand in events.
const (
	nameAuthorize = "authorize"
	nameForcePost = "force_post"
	nameAdjust    = "adjust"
	nameCapture   = "capture"
	nameReverse   = "reverse"
	nameRefund    = "refund"
	nameSetPolicy = "set_policy"
)

// Authorized says that a spend was authorised and holds room from now on. Every event carries how the limits stand once
// it is done, so that the Decision can be read back from it.
type Authorized struct {
	_ struct{} // disallow positional literals

	ID       string       `json:"id"`
	At       time.Time    `json:"at"`
	Amount   money.Amount `json:"amount"`
	Expires  time.Time    `json:"expires,omitzero"`
	Merchant *Merchant    `json:"merchant,omitempty"`
	Limits   []LimitUsage `json:"limits"`
}

// EventType returns "cap.authorized.v1".
func (Authorized) EventType() string { return "cap.authorized.v1" }

// ForcePosted says that a spend was recorded whatever the limits said.
type ForcePosted struct {
	_ struct{} // disallow positional literals

	ID       string       `json:"id"`
	At       time.Time    `json:"at"`
	Amount   money.Amount `json:"amount"`
	Merchant *Merchant    `json:"merchant,omitempty"`
	Limits   []LimitUsage `json:"limits"`
}

// EventType returns "cap.force_posted.v1".
func (ForcePosted) EventType() string { return "cap.force_posted.v1" }

// Adjusted says that the spend, of which Authorized was held before, is worth Amount from now on.
type Adjusted struct {
	_ struct{} // disallow positional literals

	ID         string       `json:"id"`
	At         time.Time    `json:"at"`
	Amount     money.Amount `json:"amount"`
	Authorized money.Amount `json:"authorized"`
	On         time.Time    `json:"on,omitzero"` // the zero time: at the latest recorded instant
	Limits     []LimitUsage `json:"limits"`
}

// EventType returns "cap.adjusted.v1".
func (Adjusted) EventType() string { return "cap.adjusted.v1" }

// Captured says that Amount is final for the spend, of which Authorized was held before.
type Captured struct {
	_ struct{} // disallow positional literals

	ID         string       `json:"id"`
	At         time.Time    `json:"at"`
	Amount     money.Amount `json:"amount"`
	Authorized money.Amount `json:"authorized"`
	On         time.Time    `json:"on,omitzero"` // the zero time: at the latest recorded instant
	Limits     []LimitUsage `json:"limits"`
}

// EventType returns "cap.captured.v1".
func (Captured) EventType() string { return "cap.captured.v1" }

// Refunded says that money of a spend came back, or of an unknown one.
type Refunded struct {
	_ struct{} // disallow positional literals

	ID       string       `json:"id"`
	At       time.Time    `json:"at"`
	Amount   money.Amount `json:"amount"`
	Of       *Ref         `json:"of,omitempty"`
	Merchant *Merchant    `json:"merchant,omitempty"`
	Limits   []LimitUsage `json:"limits"`
}

// EventType returns "cap.refunded.v1".
func (Refunded) EventType() string { return "cap.refunded.v1" }

// Reversed says that the spend was taken back, and that Amount is room again at its instant.
type Reversed struct {
	_ struct{} // disallow positional literals

	ID     string       `json:"id"`
	At     time.Time    `json:"at"`
	Amount money.Amount `json:"amount"`
	Limits []LimitUsage `json:"limits"`
}

// EventType returns "cap.reversed.v1".
func (Reversed) EventType() string { return "cap.reversed.v1" }

// PolicySet says that Policy rules from now on.
type PolicySet struct {
	_ struct{} // disallow positional literals

	Policy *Policy      `json:"policy"`
	Limits []LimitUsage `json:"limits"`
}

// EventType returns "cap.policy_set.v1".
func (PolicySet) EventType() string { return "cap.policy_set.v1" }

// Refusal says that a command was refused, and changed nothing, but that limits which count attempts have counted it: see
// Counting.
type Refusal struct {
	_ struct{} // disallow positional literals

	Command string       `json:"command"` // authorize, force_post, adjust, capture, reverse or refund
	ID      string       `json:"id"`
	At      time.Time    `json:"at"`
	Amount  money.Amount `json:"amount"` // of a reverse: what was found there, or zero

	// Expires and Merchant are those of the spend that was to be authorised or force-posted.
	Expires  time.Time `json:"expires,omitzero"`
	Merchant *Merchant `json:"merchant,omitempty"`

	Reason Reason       `json:"reason"`
	Limit  string       `json:"limit,omitempty"` // the name of the limit that refused
	Limits []LimitUsage `json:"limits"`
}

// EventType returns "cap.refused.v1".
func (Refusal) EventType() string { return "cap.refused.v1" }

// Repeated says that a command asked for what had been done before, and changed nothing.
type Repeated struct {
	_ struct{} // disallow positional literals

	Command string       `json:"command"` // authorize, force_post, adjust, capture, reverse, refund or set_policy
	ID      string       `json:"id,omitempty"`
	At      time.Time    `json:"at,omitzero"`
	Amount  money.Amount `json:"amount,omitzero"`
	Reason  Reason       `json:"reason"`
	Limits  []LimitUsage `json:"limits"`
}

// EventType returns "cap.repeated.v1".
func (Repeated) EventType() string { return "cap.repeated.v1" }

// Types lists the event types of this package, for a codec that reads those of others too.
func Types() []event.Type {
	return []event.Type{
		event.TypeOf[Authorized](), event.TypeOf[ForcePosted](), event.TypeOf[Adjusted](), event.TypeOf[Captured](),
		event.TypeOf[Reversed](), event.TypeOf[Refunded](),
		event.TypeOf[PolicySet](), event.TypeOf[Refusal](), event.TypeOf[Repeated](),
	}
}

// Codec returns a codec of the events of this package.
func Codec() *event.Codec { return event.MustCodec(Types()) }
