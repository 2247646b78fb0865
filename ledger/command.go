package ledger

import (
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Bounds of what a command may hold. Together they keep what one decision touches within one batch of a journal.
const (
	MaxLegs     = 240  // of a transfer
	MaxLinked   = 100  // commands that are linked
	MaxTouched  = 250  // transfers and accounts that linked commands touch together
	MaxDecided  = 4096 // events that they decide together
	MaxID       = 220  // bytes of an id of a transfer or a command
	MaxAccount  = 200  // bytes of an id of an account
	maxName     = 200  // characters of an account's name
	maxDetail   = 35   // characters of a reference or a code
	maxText     = 140  // characters of a text
	maxYears    = 10   // how far ahead a value date may lie
	daysOfYears = maxYears*365 + 3
)

// Command is what a ledger decides over transfers and accounts: [Post], [Hold], [Capture], [Void], [Expire], [Reverse],
// [Linked], [Capitalise] and [Accrue]. It is a value that encoding/json writes in full.
type Command interface {
	// Touches names the transfers and the accounts that the command has to see, and may write to. The first transfer is the
	// command's home: its stream begins with what was decided. It asks the states only about transfers.
	Touches(s States) (transfers, accounts []string)

	// Decide returns what is to be written to the streams, the home first, and the decision. A refusal is written to the home
	// alone. Some are not written at all, because the same command may well be asked again, and done: that of what was never
	// there (NotFound), and those of interest. An error means "could not decide".
	Decide(s States) ([]Facts, Decision, error)

	// Result reads the decision back from what was written to the transfers' streams.
	Result(of func(transfer string) []event.Data) Decision

	// Validate returns an error that wraps ErrInvalid and names the field if the command is malformed, whatever the states.
	Validate() error

	// CommandType is the command's name, as "ledger.post".
	CommandType() string

	// Key is the command's id: unique among what is asked of its home, whatever the command.
	Key() string

	// Instant is that of the decision.
	Instant() time.Time
}

// States is what a command is decided on. It may show more than what the command touches.
type States interface {
	Account(id string) *Account   // never nil; of one that does not exist, what NewAccount returns
	Transfer(id string) *Transfer // never nil; of one that does not exist, what NewTransfer returns
}

// Kind is the kind of a stream.
type Kind string

// The kinds of streams.
const (
	KindAccount  Kind = "account"  // an Account: what its entries amount to
	KindTransfer Kind = "transfer" // a Transfer: what became of it
	KindClosing  Kind = "closing"  // of accounts that nothing constrains
)

// Facts are the events that a command makes for one stream.
type Facts struct {
	Kind   Kind
	ID     string
	Events []event.Data
}

// FactsOf returns, of facts, the events of a transfer: what Result reads.
func FactsOf(facts []Facts) func(transfer string) []event.Data {
	return func(transfer string) []event.Data {
		for i := range facts {
			if facts[i].Kind == KindTransfer && facts[i].ID == transfer {
				return facts[i].Events
			}
		}
		return nil
	}
}

// Order says what is to be moved, or held to be moved.
type Order struct {
	_ struct{} // disallow positional literals

	// ID is the transfer's, unique in the ledger for ever: the end-to-end id of a payment, or whatever the bank gives out once. It
	// does not begin with "interest:" or "accrual:", as those of Capitalise and Accrue do.
	ID string `json:"id"`

	// At is the instant of the decision. What was decided before with a later one moves it there: an account never goes back.
	At time.Time `json:"at"`

	// Value is the value date: from which day on it counts for interest. It is not of a closed period.
	Value civil.Date `json:"value"`

	// Legs, two or more, sum to zero in each currency. One account may have several.
	Legs []Leg `json:"legs"`

	// Expires is when a hold ends by itself: it lives before that instant. The zero time is never. Only for Hold.
	Expires time.Time `json:"expires,omitzero"`

	Details

	// If must hold before, or the transfer is refused.
	If []Condition `json:"if,omitempty"`

	// AtMost makes the amount of the two legs the most that is asked: less is moved where the accounts' limits leave less.
	AtMost bool `json:"at_most,omitempty"`

	// Force books whatever the limits of the accounts say: what has happened, and cannot be refused any more. Blocks, closed
	// accounts and closed periods still refuse.
	Force bool `json:"force,omitempty"`

	// Rate is the price of an exchange, for the record: see Exchange.
	Rate money.Rate `json:"rate,omitzero"`
}

// Condition asks something of an account before a transfer: that what is available there is within bounds. Its bounds are in
// the account's currency; one that is not set asks nothing.
type Condition struct {
	_ struct{} // disallow positional literals

	Account string       `json:"account"`
	AtLeast money.Amount `json:"at_least,omitzero"`
	AtMost  money.Amount `json:"at_most,omitzero"`
}

// Post books a transfer at once.
type Post Order

// Hold reserves a transfer, to be captured or voided later: money that is to leave is not available any more, and room below
// a maximum is kept for money that is to come.
type Hold Order

// Capture books a hold, in full or in part.
type Capture struct {
	_ struct{} // disallow positional literals

	ID       string     `json:"id"` // of the capture, unique among what is asked of the transfer
	Transfer string     `json:"transfer"`
	At       time.Time  `json:"at"`
	Value    civil.Date `json:"value,omitzero"` // none: the hold's, or the first open day as for Reverse

	// Amount is what of a hold with two legs is booked. Legs are, of any hold. Without either, all that is left is.
	Amount money.Amount `json:"amount,omitzero"`
	Legs   []Leg        `json:"legs,omitempty"`

	// Keep holds the rest on, MaxCaptures times at the most. Without it, the rest is given back.
	Keep bool `json:"keep,omitempty"`
}

// Void gives back what is left of a hold.
type Void struct {
	_ struct{} // disallow positional literals

	ID       string    `json:"id"` // of the command
	Transfer string    `json:"transfer"`
	At       time.Time `json:"at"`
}

// Expire records that a hold has ended by itself. That changes nothing, since the hold was over at its end; it puts it on
// record, for statements and for whoever follows the journal.
type Expire struct {
	_ struct{} // disallow positional literals

	ID       string    `json:"id"` // of the command
	Transfer string    `json:"transfer"`
	At       time.Time `json:"at"`
}

// Reverse takes a transfer back, once, by another one with its sides exchanged.
type Reverse struct {
	_ struct{} // disallow positional literals

	ID       string    `json:"id"`       // of the new transfer, as in Order
	Transfer string    `json:"transfer"` // that is taken back
	At       time.Time `json:"at"`

	// Value is that of the new transfer. None is that of the old one, of a hold the latest with which it was captured; or where
	// that is in a closed period of some account, the first day that is open in all of them.
	Value civil.Date `json:"value,omitzero"`

	Details
	Force bool `json:"force,omitempty"` // see Order.Force
}

// Step is one of linked commands. Exactly one field is set.
type Step struct {
	_ struct{} // disallow positional literals

	Post    *Post    `json:"post,omitempty"`
	Hold    *Hold    `json:"hold,omitempty"`
	Capture *Capture `json:"capture,omitempty"`
	Void    *Void    `json:"void,omitempty"`
	Reverse *Reverse `json:"reverse,omitempty"`
}

// Linked decides commands together: all of them are done, each on what those before it left, or none is. They have one
// instant: the latest of theirs.
type Linked struct {
	_ struct{} // disallow positional literals

	ID    string `json:"id"` // of the whole
	Steps []Step `json:"steps"`
}
