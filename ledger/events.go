package ledger

import (
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

// Events of an account's stream. Amounts are above zero where a side stands beside them, and balances on the normal side.

// AccountOpened says that an account exists from now on.
type AccountOpened struct {
	_ struct{} // disallow positional literals

	Account string    `json:"account"`
	At      time.Time `json:"at"`
	Terms
}

// EventType returns "ledger.account_opened.v1".
func (AccountOpened) EventType() string { return "ledger.account_opened.v1" }

// LimitsSet says that other limits rule an account from now on.
type LimitsSet struct {
	_ struct{} // disallow positional literals

	At     time.Time `json:"at"`
	Limits Limits    `json:"limits"`
}

// EventType returns "ledger.limits_set.v1".
func (LimitsSet) EventType() string { return "ledger.limits_set.v1" }

// BlockSet says which postings an account takes no more; without a Block, that it takes all again.
type BlockSet struct {
	_ struct{} // disallow positional literals

	At    time.Time `json:"at"`
	Block Block     `json:"block,omitzero"`
	Why   string    `json:"why,omitempty"`
}

// EventType returns "ledger.block_set.v1".
func (BlockSet) EventType() string { return "ledger.block_set.v1" }

// AccountClosed says that an account takes nothing more. It was empty.
type AccountClosed struct {
	_ struct{} // disallow positional literals

	At time.Time `json:"at"`
}

// EventType returns "ledger.account_closed.v1".
func (AccountClosed) EventType() string { return "ledger.account_closed.v1" }

// AccountReopened says that a closed account is open again.
type AccountReopened struct {
	_ struct{} // disallow positional literals

	At time.Time `json:"at"`
}

// EventType returns "ledger.account_reopened.v1".
func (AccountReopened) EventType() string { return "ledger.account_reopened.v1" }

// EntryBooked says that a leg of a transfer has debited or credited the account.
type EntryBooked struct {
	_ struct{} // disallow positional literals

	Transfer string       `json:"transfer"`
	At       time.Time    `json:"at"`
	Value    civil.Date   `json:"value"`
	Side     Side         `json:"side"`
	Amount   money.Amount `json:"amount"`
	Released money.Amount `json:"released,omitzero"` // how much of what the transfer held on this side is held no more
	Balance  money.Amount `json:"balance,omitzero"`  // afterwards; not of an account that nothing constrains
	Counter  string       `json:"counter,omitempty"` // the account on the other side, where it is a single one
	Details
	Reverses string `json:"reverses,omitempty"` // the transfer that this one takes back
	Forced   bool   `json:"forced,omitempty"`
}

// EventType returns "ledger.entry_booked.v1".
func (EntryBooked) EventType() string { return "ledger.entry_booked.v1" }

// AmountHeld says that a leg of a transfer holds an amount on the account: before Expires, or until it is captured or voided.
type AmountHeld struct {
	_ struct{} // disallow positional literals

	Transfer string       `json:"transfer"`
	At       time.Time    `json:"at"`
	Expires  time.Time    `json:"expires,omitzero"`
	Side     Side         `json:"side"`
	Amount   money.Amount `json:"amount"`
	Counter  string       `json:"counter,omitempty"`
	Forced   bool         `json:"forced,omitempty"`
}

// EventType returns "ledger.amount_held.v1".
func (AmountHeld) EventType() string { return "ledger.amount_held.v1" }

// AmountReleased says that what a transfer held on one side of the account is held no more, without an entry for it.
type AmountReleased struct {
	_ struct{} // disallow positional literals

	Transfer string       `json:"transfer"`
	At       time.Time    `json:"at"`
	Side     Side         `json:"side"`
	Amount   money.Amount `json:"amount"`
	Why      Status       `json:"why"` // captured (for less), voided or expired
}

// EventType returns "ledger.amount_released.v1".
func (AmountReleased) EventType() string { return "ledger.amount_released.v1" }

// PeriodEnded says that the account's days up to and including Through are closed: no entry will ever have one of them as its
// value date. Balance is the one at the end of Through, by value date: the opening balance of what follows.
type PeriodEnded struct {
	_ struct{} // disallow positional literals

	At      time.Time    `json:"at"`
	Through civil.Date   `json:"through"`
	Balance money.Amount `json:"balance,omitzero"` // not of an account that nothing constrains
}

// EventType returns "ledger.period_ended.v1".
func (PeriodEnded) EventType() string { return "ledger.period_ended.v1" }

// Archived says that the records of the account up to version Through were put into an archive.
type Archived struct {
	_ struct{} // disallow positional literals

	Through event.Version `json:"through"`
	Sum     Sum           `json:"sum"` // of the last segment
}

// EventType returns "ledger.archived.v1".
func (Archived) EventType() string { return "ledger.archived.v1" }

// InterestSet says which terms of interest an account has from now on.
type InterestSet struct {
	_ struct{} // disallow positional literals

	At      time.Time       `json:"at"`
	From    civil.Date      `json:"from"`
	Terms   *interest.Terms `json:"terms"`
	Source  string          `json:"source"`
	Accrued string          `json:"accrued,omitempty"`
}

// EventType returns "ledger.interest_set.v1".
func (InterestSet) EventType() string { return "ledger.interest_set.v1" }

// InterestBooked says how far an account's interest was booked as accrued, and how far it was posted to the account. Sums are
// of all time, on the account's normal side: below zero, the account was charged.
type InterestBooked struct {
	_ struct{} // disallow positional literals

	Transfer       string       `json:"transfer"`
	At             time.Time    `json:"at"`
	AccruedThrough civil.Date   `json:"accrued_through,omitzero"`
	Accrued        money.Amount `json:"accrued,omitzero"`
	PostedThrough  civil.Date   `json:"posted_through,omitzero"`
	Posted         money.Amount `json:"posted,omitzero"`
}

// EventType returns "ledger.interest_booked.v1".
func (InterestBooked) EventType() string { return "ledger.interest_booked.v1" }

// Events of a transfer's stream.

// TransferPosted says that a transfer was booked, all of it.
type TransferPosted struct {
	_ struct{} // disallow positional literals

	Transfer string     `json:"transfer"`
	At       time.Time  `json:"at"`
	Value    civil.Date `json:"value"`
	Legs     []Leg      `json:"legs"`
	Details
	Rate     money.Rate `json:"rate,omitzero"`      // of an exchange
	Reverses string     `json:"reverses,omitempty"` // the transfer that this one takes back
	Interest string     `json:"interest,omitempty"` // the account whose interest it is
	Group    string     `json:"group,omitempty"`    // the commands that were decided together
	Forced   bool       `json:"forced,omitempty"`
}

// EventType returns "ledger.transfer_posted.v1".
func (TransferPosted) EventType() string { return "ledger.transfer_posted.v1" }

// TransferHeld says that a transfer is reserved, and may be captured before Expires.
type TransferHeld struct {
	_ struct{} // disallow positional literals

	Transfer string     `json:"transfer"`
	At       time.Time  `json:"at"`
	Value    civil.Date `json:"value"`
	Expires  time.Time  `json:"expires,omitzero"`
	Legs     []Leg      `json:"legs"`
	Details
	Rate   money.Rate `json:"rate,omitzero"`
	Group  string     `json:"group,omitempty"`
	Forced bool       `json:"forced,omitempty"`
}

// EventType returns "ledger.transfer_held.v1".
func (TransferHeld) EventType() string { return "ledger.transfer_held.v1" }

// TransferCaptured says that a hold, or a part of it, was booked.
type TransferCaptured struct {
	_ struct{} // disallow positional literals

	ID       string     `json:"id"` // of the capture
	Transfer string     `json:"transfer"`
	At       time.Time  `json:"at"`
	Value    civil.Date `json:"value"`
	Legs     []Leg      `json:"legs"`           // what was booked
	Keep     bool       `json:"keep,omitempty"` // the rest is held on
	Group    string     `json:"group,omitempty"`
}

// EventType returns "ledger.transfer_captured.v1".
func (TransferCaptured) EventType() string { return "ledger.transfer_captured.v1" }

// TransferVoided says that what was left of a hold is held no more.
type TransferVoided struct {
	_ struct{} // disallow positional literals

	ID       string    `json:"id"` // of the command
	Transfer string    `json:"transfer"`
	At       time.Time `json:"at"`
	Legs     []Leg     `json:"legs"` // what was given back
	Group    string    `json:"group,omitempty"`
}

// EventType returns "ledger.transfer_voided.v1".
func (TransferVoided) EventType() string { return "ledger.transfer_voided.v1" }

// TransferExpired records that a hold had ended by itself. It changes nothing: the hold was over at its end.
type TransferExpired struct {
	_ struct{} // disallow positional literals

	Transfer string    `json:"transfer"`
	At       time.Time `json:"at"`   // when it was recorded
	Legs     []Leg     `json:"legs"` // what has ended
}

// EventType returns "ledger.transfer_expired.v1".
func (TransferExpired) EventType() string { return "ledger.transfer_expired.v1" }

// TransferReversed says that another transfer took this one back.
type TransferReversed struct {
	_ struct{} // disallow positional literals

	By string    `json:"by"`
	At time.Time `json:"at"`
}

// EventType returns "ledger.transfer_reversed.v1".
func (TransferReversed) EventType() string { return "ledger.transfer_reversed.v1" }

// InterestDecided is the first event of a transfer of interest: for which days of which account it is. If nothing is due, no
// transfer follows.
type InterestDecided struct {
	_ struct{} // disallow positional literals

	Transfer string     `json:"transfer"`
	Account  string     `json:"account"`
	At       time.Time  `json:"at"`
	From     civil.Date `json:"from"`
	Through  civil.Date `json:"through"`
}

// EventType returns "ledger.interest_decided.v1".
func (InterestDecided) EventType() string { return "ledger.interest_decided.v1" }

// Refusal says that a command was refused, and changed nothing. It stands in the stream of what was asked: an account, or a
// transfer.
type Refusal struct {
	_ struct{} // disallow positional literals

	Command  string    `json:"command"`
	ID       string    `json:"id"`                 // of the command
	Transfer string    `json:"transfer,omitempty"` // that it was about
	At       time.Time `json:"at"`
	Reason   Reason    `json:"reason"`
	Account  string    `json:"account,omitempty"` // that refused

	// What the account had left for this, and what was asked of it, where a limit refused.
	Available money.Amount `json:"available,omitzero"`
	Needed    money.Amount `json:"needed,omitzero"`

	Step    int        `json:"step,omitempty"`   // of linked commands: which one, from 1
	Through civil.Date `json:"through,omitzero"` // of a period that is closed: its last day
}

// EventType returns "ledger.refused.v1".
func (Refusal) EventType() string { return "ledger.refused.v1" }

// AccountTypes lists the event types of accounts' streams.
func AccountTypes() []event.Type {
	return []event.Type{
		event.TypeOf[AccountOpened](), event.TypeOf[LimitsSet](), event.TypeOf[BlockSet](), event.TypeOf[AccountClosed](),
		event.TypeOf[AccountReopened](), event.TypeOf[EntryBooked](), event.TypeOf[AmountHeld](), event.TypeOf[AmountReleased](),
		event.TypeOf[PeriodEnded](), event.TypeOf[Archived](), event.TypeOf[InterestSet](), event.TypeOf[InterestBooked](),
		event.TypeOf[Refusal](),
	}
}

// TransferTypes lists the event types of transfers' streams.
func TransferTypes() []event.Type {
	return []event.Type{
		event.TypeOf[TransferPosted](), event.TypeOf[TransferHeld](), event.TypeOf[TransferCaptured](), event.TypeOf[TransferVoided](),
		event.TypeOf[TransferExpired](), event.TypeOf[TransferReversed](), event.TypeOf[InterestDecided](), event.TypeOf[Refusal](),
	}
}

// AccountCodec returns a codec of the events of accounts' streams.
func AccountCodec() *event.Codec { return event.MustCodec(AccountTypes()) }

// TransferCodec returns a codec of the events of transfers' streams.
func TransferCodec() *event.Codec { return event.MustCodec(TransferTypes()) }
