package cashback

import "slices"

// Reason says why a command was refused. Reasons are part of the contract: a name keeps its meaning for ever and is never used again
// for another.
type Reason string

// The reasons, in the order in which a decision lists them.
const (
	// ProgramMismatch refuses a purchase under another program than the rewards are of.
	ProgramMismatch Reason = "program_mismatch"

	// CurrencyMismatch refuses a refund in another currency than its purchase, and a program in another than the one before.
	CurrencyMismatch Reason = "currency_mismatch"

	// PurchaseInFuture refuses a purchase that is dated more than a day after it is decided.
	PurchaseInFuture Reason = "purchase_in_future"

	// TooLate refuses a purchase that was made more than LateDays ago, and a refund after the RefundDays of its purchase.
	TooLate Reason = "too_late"

	// PurchaseNotFound refuses to confirm or reject a reward that there is not.
	PurchaseNotFound Reason = "purchase_not_found"

	// NotPending refuses to confirm or reject a reward that is not pending.
	NotPending Reason = "not_pending"

	// ConfirmedOtherwise refuses a confirmation by another than the one who has the say.
	ConfirmedOtherwise Reason = "confirmed_otherwise"

	// RefundExceedsPurchase refuses a refund of more than is left of the purchase.
	RefundExceedsPurchase Reason = "refund_exceeds_purchase"

	// NothingPayable refuses a payout when nothing is to be paid.
	NothingPayable Reason = "nothing_payable"

	// TooManyEntries refuses a purchase while MaxKept others are remembered.
	TooManyEntries Reason = "too_many_entries"

	// TooManyRefunds refuses the refund after MaxRefunds others of a purchase, or while MaxWaiting others wait for theirs.
	TooManyRefunds Reason = "too_many_refunds"

	// ExistsWithDifferentContent refuses what has an id that stands for something else.
	ExistsWithDifferentContent Reason = "exists_with_different_content"
)

var reasons = [...]Reason{
	ProgramMismatch, CurrencyMismatch, PurchaseInFuture, TooLate, PurchaseNotFound, NotPending, ConfirmedOtherwise,
	RefundExceedsPurchase, NothingPayable, TooManyEntries, TooManyRefunds, ExistsWithDifferentContent,
}

// Reasons lists every reason, in the order in which a decision lists them.
func Reasons() []Reason { return slices.Clone(reasons[:]) }

// Valid reports whether r is one of Reasons.
func (r Reason) Valid() bool { return slices.Contains(reasons[:], r) }
