package contract

import "slices"

// Reason says why a command was refused. It is "" where it was not. Reasons are part of the contract: a name keeps its meaning
// for ever and is never used again for another.
type Reason string

// The reasons, in order of precedence: a command to which several apply is refused with the first.
const (
	// NotFound refuses to change what was never subscribed to, or created.
	NotFound Reason = "not_found"

	// AlreadyExists refuses to subscribe to a contract, or to create a mandate, a second time.
	AlreadyExists Reason = "already_exists"

	// UnknownChange refuses to withdraw a change that there is not: Decision.Change is none of a change in time.
	UnknownChange Reason = "unknown_change"

	// AlreadyWithdrawn refuses to withdraw a change twice.
	AlreadyWithdrawn Reason = "already_withdrawn"

	// AlreadyInForce refuses to withdraw a change whose instant has come. Make another one.
	AlreadyInForce Reason = "already_in_force"

	// DatedInFuture refuses the date of a signature, or of a collection, that has not begun anywhere on earth.
	DatedInFuture Reason = "dated_in_future"

	// BeforeStart refuses a change from before the contract begins, or before the mandate was created.
	BeforeStart Reason = "before_start"

	// TooManyChanges refuses one change more than MaxChanges, or one more of the customer's while MaxMoves are scheduled. What is
	// cancelled or revoked at once fits beyond MaxChanges, ten times.
	TooManyChanges Reason = "too_many_changes"

	// EndsBeforeItBegins refuses to let a contract end on a day that is over when the change comes into force.
	EndsBeforeItBegins Reason = "ends_before_it_begins"

	// HasEnded refuses to change what is cancelled, or revoked, at that instant. Decision.Change is what ended it.
	HasEnded Reason = "has_ended"

	// HasExpired refuses to change a contract after its last day, or a mandate after 36 months without a collection.
	// Decision.Bound is when it ended.
	HasExpired Reason = "has_expired"

	// WasConsumed refuses to change a one-off mandate after its collection.
	WasConsumed Reason = "was_consumed"

	// HasFailed refuses to change a mandate that the debtor's bank has refused.
	HasFailed Reason = "has_failed"

	// AlreadySigned refuses to sign a mandate twice.
	AlreadySigned Reason = "already_signed"

	// AlreadySubmitted refuses what has to wait for the debtor's bank.
	AlreadySubmitted Reason = "already_submitted"

	// AlreadyActive refuses to activate what is active, or is suspended.
	AlreadyActive Reason = "already_active"

	// AlreadySuspended refuses to suspend what is suspended.
	AlreadySuspended Reason = "already_suspended"

	// NotSigned refuses what needs a mandate that is signed.
	NotSigned Reason = "not_signed"

	// NotSubmitted refuses to confirm a mandate that was not submitted to the debtor's bank.
	NotSubmitted Reason = "not_submitted"

	// NotActive refuses to suspend what is not active yet, and to collect by it.
	NotActive Reason = "not_active"

	// NotSuspended refuses to resume what is not suspended.
	NotSuspended Reason = "not_suspended"

	// NotB2B refuses to submit a mandate of the CORE scheme to the debtor's bank: nobody there confirms it.
	NotB2B Reason = "not_b2b"

	// BankMustConfirm refuses to activate a mandate of the B2B scheme before the debtor's bank has confirmed it.
	BankMustConfirm Reason = "bank_must_confirm"

	// ConflictsWithLaterChange refuses a change after which a later one could not stand: Decision.Change names that.
	ConflictsWithLaterChange Reason = "conflicts_with_later_change"
)

// reasons are all of them, in order of precedence.
var reasons = [...]Reason{
	NotFound, AlreadyExists, UnknownChange, AlreadyWithdrawn, AlreadyInForce, DatedInFuture, BeforeStart, TooManyChanges,
	EndsBeforeItBegins, HasEnded, HasExpired, WasConsumed, HasFailed, AlreadySigned, AlreadySubmitted, AlreadyActive,
	AlreadySuspended, NotSigned, NotSubmitted, NotActive, NotSuspended, NotB2B, BankMustConfirm, ConflictsWithLaterChange,
}

// Reasons lists every reason, in order of precedence.
func Reasons() []Reason { return slices.Clone(reasons[:]) }

// Valid reports whether r is one of Reasons, or "".
func (r Reason) Valid() bool { return r == "" || slices.Contains(reasons[:], r) }
