package cap

import "slices"

// Reason says why a decision came out as it did. It is "" when a spend was approved, or an operation done, in the
// plain way. Reasons are part of the contract: a name keeps its meaning for ever and is never used again for another.
type Reason string

// The reasons, in order of precedence: a decision to which several apply carries the first. Only of a refund that was
// recorded before is that said before anything about its spend.
const (
	// AmountNotPositive refuses an amount of zero or less. A capture of nothing is a Reverse.
	AmountNotPositive Reason = "amount_not_positive"

	// ExistsWithDifferentAmount refuses a spend whose id was recorded at that instant with another amount.
	ExistsWithDifferentAmount Reason = "exists_with_different_amount"

	// NotFound refuses to reverse, adjust, capture or refund what is not there: never recorded, or final, or gone because no
	// window can reach it any more.
	NotFound Reason = "not_found"

	// AlreadyReversed stands with the approval of a second Reverse, which changes nothing. It refuses a spend that was
	// recorded and taken back (nothing holds its room any more), and the capture, adjustment and refund of one.
	AlreadyReversed Reason = "already_reversed"

	// AlreadyCaptured stands with an approval: the same capture was recorded before, and nothing was changed. It refuses
	// an adjustment of a captured spend.
	AlreadyCaptured Reason = "already_captured"

	// CapturedWithDifferentAmount refuses a second capture with another final amount.
	CapturedWithDifferentAmount Reason = "captured_with_different_amount"

	// AlreadyExpired stands with the approval of a Reverse of a hold that has ended by itself. It refuses such a hold
	// itself when it is sent again, its adjustment or refund, and a hold whose end lies before the latest recorded instant.
	AlreadyExpired Reason = "already_expired"

	// Exists stands with an approval: the same spend was recorded before, and nothing was changed. In Meters.AuthorizeAll it
	// also stands with the refusal of a key that holds the spend, because another key refused.
	Exists Reason = "exists"

	// AmountUnchanged stands with the approval of an Adjust to the amount that the spend has already.
	AmountUnchanged Reason = "amount_unchanged"

	// NotCaptured refuses the refund of a hold that may still end by itself: nothing was paid yet.
	NotCaptured Reason = "not_captured"

	// AlreadyRefunded refuses to reverse or adjust a spend of which something was refunded: it would come back twice.
	AlreadyRefunded Reason = "already_refunded"

	// RefundExceedsSpend refuses a refund that would bring the refunds of a spend above its amount, and a capture of less
	// than was refunded.
	RefundExceedsSpend Reason = "refund_exceeds_spend"

	// PolicyUnchanged stands with the approval of a SetPolicy that sets the policy which holds already.
	PolicyUnchanged Reason = "policy_unchanged"

	// TooLate refuses a spend or refund dated further before the latest recorded instant than the policy's lateness, a
	// change that happened so, and a force-post that no window can reach any more.
	TooLate Reason = "too_late"

	// Overflow refuses an amount above MaxAmount, one that would make the sum of everything ever recorded too large for
	// an int64, and the spend after 2^32-1 others.
	Overflow Reason = "overflow"

	// AmountLimitExceeded refuses a spend that would take a limit above its amount. See Decision.Binding.
	AmountLimitExceeded Reason = "amount_limit_exceeded"

	// CountLimitExceeded refuses a spend that would take a limit above its count, while every amount would fit.
	CountLimitExceeded Reason = "count_limit_exceeded"
)

// reasons are all of them, in order of precedence.
var reasons = [...]Reason{
	AmountNotPositive, ExistsWithDifferentAmount, NotFound, AlreadyReversed, AlreadyCaptured, CapturedWithDifferentAmount,
	AlreadyExpired, Exists, AmountUnchanged, NotCaptured, AlreadyRefunded, RefundExceedsSpend, PolicyUnchanged, TooLate, Overflow,
	AmountLimitExceeded, CountLimitExceeded,
}

// Reasons lists every reason, in order of precedence.
func Reasons() []Reason { return slices.Clone(reasons[:]) }

// amountExceeded is the code of AmountLimitExceeded: from it on, a limit has refused.
const amountExceeded = uint8(len(reasons) - 1)

// code returns the place of r in Reasons, from 1, and 0 for "": a byte instead of a string, to keep decisions small.
func (r Reason) code() uint8 {
	code := len(reasons)
	for code > 0 && reasons[code-1] != r {
		code--
	}
	return uint8(code)
}

// reasonOf is the reverse of code.
func reasonOf(code uint8) Reason {
	if code == 0 {
		return ""
	}
	return reasons[code-1]
}

// Valid reports whether r is one of Reasons, or "".
func (r Reason) Valid() bool { return r == "" || slices.Contains(reasons[:], r) }
