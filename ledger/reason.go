package ledger

import "slices"

// Reason says why a command was refused. It is "" where it was not. Reasons are part of the contract: a name keeps its meaning
// for ever and is never used again for another.
type Reason string

// The reasons, in order of precedence: a command to which several apply is refused with the first, and names the first account,
// in the order of the legs, to which that one applies.
const (
	// Exists refuses a transfer whose id stands for the same transfer already, or a capture whose id does. Nothing is moved
	// twice.
	Exists Reason = "exists"

	// ExistsWithDifferentContent refuses a transfer whose id stands for another one, or a capture whose id does.
	ExistsWithDifferentContent Reason = "exists_with_different_content"

	// NotFound refuses to capture, void, expire or reverse a transfer that never was.
	NotFound Reason = "not_found"

	// NotHeld refuses to capture, void or expire a transfer that was posted at once.
	NotHeld Reason = "not_held"

	// AlreadyCaptured refuses to capture, void or expire a hold of which nothing is left, because it was captured.
	AlreadyCaptured Reason = "already_captured"

	// AlreadyVoided refuses to capture, void or expire a hold that was voided.
	AlreadyVoided Reason = "already_voided"

	// AlreadyExpired refuses to capture or void a hold that has ended by itself, and to place one that would have. It also
	// refuses to record the end of a hold a second time.
	AlreadyExpired Reason = "already_expired"

	// NotExpired refuses to record the end of a hold that lives still.
	NotExpired Reason = "not_expired"

	// ExceedsHold refuses to capture more than is held.
	ExceedsHold Reason = "exceeds_hold"

	// TooManyCaptures refuses to capture a part and keep the rest, of a hold of which MaxCaptures parts were captured. The last part
	// can be captured still, or the rest voided.
	TooManyCaptures Reason = "too_many_captures"

	// NotPosted refuses to reverse what moved nothing: a hold that lives, was voided, or expired. What is held is voided.
	NotPosted Reason = "not_posted"

	// StillHeld refuses to reverse a hold that was captured in part while the rest is held. Void the rest first.
	StillHeld Reason = "still_held"

	// AlreadyReversed refuses to reverse a transfer twice, and to capture, void or expire a hold that was captured and reversed.
	AlreadyReversed Reason = "already_reversed"

	// UnknownAccount refuses what names an account that was never opened.
	UnknownAccount Reason = "unknown_account"

	// AlreadyOpen refuses to open an account that is open, or was once, in another way.
	AlreadyOpen Reason = "already_open"

	// Closed refuses whatever concerns an account that was closed, but to end its periods and to open it again.
	Closed Reason = "account_closed"

	// NotClosed refuses to reopen an account that is open.
	NotClosed Reason = "not_closed"

	// Unconstrained refuses to limit, block or close an account that was opened as one that nothing constrains.
	Unconstrained Reason = "unconstrained"

	// CurrencyMismatch refuses a leg in another currency than its account's.
	CurrencyMismatch Reason = "currency_mismatch"

	// PeriodClosed refuses a value date in a period that is closed, to close a period that is, and to accrue or post interest
	// up to a day in the middle of one.
	PeriodClosed Reason = "period_closed"

	// PeriodNotOver refuses to close a period, or to post its interest, before it is over.
	PeriodNotOver Reason = "period_not_over"

	// NoInterest refuses to accrue or post interest of an account that has no terms for it.
	NoInterest Reason = "no_interest"

	// InterestPosted refuses to accrue or post the interest of days of which that was done, and to reverse a transfer of
	// interest: the next posting corrects it.
	InterestPosted Reason = "interest_posted"

	// InterestPending refuses to close a period, or an account, of which interest is still to be posted.
	InterestPending Reason = "interest_pending"

	// DebitsBlocked refuses to debit an account whose debits are blocked.
	DebitsBlocked Reason = "debits_blocked"

	// CreditsBlocked refuses to credit an account whose credits are blocked.
	CreditsBlocked Reason = "credits_blocked"

	// ConditionNotMet refuses a transfer one of whose conditions does not hold.
	ConditionNotMet Reason = "condition_not_met"

	// NothingAvailable refuses a transfer of at most an amount when nothing at all can be moved.
	NothingAvailable Reason = "nothing_available"

	// Overflow refuses what would take a balance, or what is held, beyond MaxBalance.
	Overflow Reason = "overflow"

	// TooManyHolds refuses the hold after MaxHolds others that live on an account.
	TooManyHolds Reason = "too_many_holds"

	// OverdraftExceeded refuses what would overdraw an account beyond what its overdraft rule allows, holds counted.
	OverdraftExceeded Reason = "overdraft_exceeded"

	// BelowMinimum refuses what would take an account below its minimum balance, holds counted.
	BelowMinimum Reason = "below_minimum"

	// AboveMaximum refuses what would take an account above its maximum balance, holds counted.
	AboveMaximum Reason = "above_maximum"

	// BalanceNotZero refuses to close an account that has, or owes, something.
	BalanceNotZero Reason = "balance_not_zero"

	// HoldsPending refuses to close an account with holds that live.
	HoldsPending Reason = "holds_pending"
)

// reasons are all of them, in order of precedence.
var reasons = [...]Reason{
	Exists, ExistsWithDifferentContent, NotFound, NotHeld, AlreadyCaptured, AlreadyVoided, AlreadyExpired, NotExpired, ExceedsHold,
	TooManyCaptures, NotPosted, StillHeld, AlreadyReversed, UnknownAccount, AlreadyOpen, Closed, NotClosed, Unconstrained, CurrencyMismatch,
	PeriodClosed, PeriodNotOver, NoInterest, InterestPosted, InterestPending, DebitsBlocked, CreditsBlocked, ConditionNotMet,
	NothingAvailable, Overflow, TooManyHolds, OverdraftExceeded, BelowMinimum, AboveMaximum, BalanceNotZero, HoldsPending,
}

// Reasons lists every reason, in order of precedence.
func Reasons() []Reason { return slices.Clone(reasons[:]) }

// Valid reports whether r is one of Reasons, or "".
func (r Reason) Valid() bool { return r == "" || slices.Contains(reasons[:], r) }

// rank is the place of r in the order of precedence.
func (r Reason) rank() int { return slices.Index(reasons[:], r) }
