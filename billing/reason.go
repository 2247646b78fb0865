package billing

import "slices"

// Reason says why a command was refused. Reasons are part of the contract: a name keeps its meaning for ever and is never used again
// for another.
type Reason string

// The reasons, in the order in which a decision lists them. A purchase is refused with all that apply; where one cannot be asked
// because of another before it, as the room left under no contract, it is not listed.
const (
	// ContractNotFound refuses what concerns a contract of which no update has arrived.
	ContractNotFound Reason = "contract_not_found"

	// ContractNotStarted refuses a purchase under a contract that is not active yet.
	ContractNotStarted Reason = "contract_not_started"

	// ContractSuspended refuses a purchase while the contract is suspended.
	ContractSuspended Reason = "contract_suspended"

	// ContractCancelled refuses a purchase once the contract is cancelled.
	ContractCancelled Reason = "contract_cancelled"

	// ContractExpired refuses a purchase once the contract is over.
	ContractExpired Reason = "contract_expired"

	// MandateMissing refuses a purchase under a contract that names no mandate, or one of which no update has arrived.
	MandateMissing Reason = "mandate_missing"

	// MandateNotSigned refuses a purchase whose mandate is a draft.
	MandateNotSigned Reason = "mandate_not_signed"

	// MandateNotActive refuses a purchase whose mandate is signed, but not active yet.
	MandateNotActive Reason = "mandate_not_active"

	// MandatePendingBank refuses a purchase whose mandate waits for the debtor's bank.
	MandatePendingBank Reason = "mandate_pending_bank"

	// MandateSuspended refuses a purchase while the mandate is suspended.
	MandateSuspended Reason = "mandate_suspended"

	// MandateRevoked refuses a purchase once the mandate is revoked.
	MandateRevoked Reason = "mandate_revoked"

	// MandateDormant refuses a purchase whose mandate has expired: nothing was collected by it for 36 months.
	MandateDormant Reason = "mandate_dormant"

	// MandateConsumed refuses a purchase whose mandate was for one collection, which was made.
	MandateConsumed Reason = "mandate_consumed"

	// MandateFailed refuses a purchase whose mandate the debtor's bank has refused.
	MandateFailed Reason = "mandate_failed"

	// ExposureExceeded refuses a purchase that would take the exposure above the contract's limit. Reaching it is allowed.
	ExposureExceeded Reason = "exposure_exceeded"

	// SpendingCapExceeded refuses a purchase that the account's spending caps refuse.
	SpendingCapExceeded Reason = "spending_cap_exceeded"

	// AccountOverdue refuses a purchase while the account is marked as overdue.
	AccountOverdue Reason = "account_overdue"

	// CurrencyMismatch refuses what is in another currency than the contract, or a refund in another than its purchase.
	CurrencyMismatch Reason = "currency_mismatch"

	// AmountsInconsistent refuses what comes with totals that are not the sum of its lines, to the cent.
	AmountsInconsistent Reason = "amounts_inconsistent"

	// PeriodClosed refuses a purchase or a charge of a day that is closed for billing, and to close days that are.
	PeriodClosed Reason = "period_closed"

	// PeriodNotOver refuses to close days, and to bill a month, that are not over.
	PeriodNotOver Reason = "period_not_over"

	// OriginalNotFound refuses to refund a purchase that was never accepted, or an order or line that it does not have.
	OriginalNotFound Reason = "original_not_found"

	// RefundExceedsOriginal refuses to refund more than is left of a line, or of a purchase of which nothing is.
	RefundExceedsOriginal Reason = "refund_exceeds_original"

	// TooManyRefunds refuses the refund after MaxRefunds others of a purchase.
	TooManyRefunds Reason = "too_many_refunds"

	// TooManyOperations refuses a purchase while MaxUnbilled others wait to be billed.
	TooManyOperations Reason = "too_many_operations"

	// TooManyCharges refuses a charge or an allowance while MaxCharges others wait to be billed.
	TooManyCharges Reason = "too_many_charges"

	// InvoiceNotFound refuses a payment for what was never invoiced, or for a credit note, and to mark as sent what was never issued.
	InvoiceNotFound Reason = "invoice_not_found"

	// MoreThanOpen refuses to collect more than is open of an invoice.
	MoreThanOpen Reason = "more_than_open"

	// PaymentNotFound refuses to settle or return a payment that there is not.
	PaymentNotFound Reason = "payment_not_found"

	// AlreadyReturned refuses to settle a payment that was returned, and to return it again.
	AlreadyReturned Reason = "already_returned"

	// BuyerIncomplete refuses to bill a customer of whom an invoice could not say what it has to.
	BuyerIncomplete Reason = "buyer_incomplete"

	// TooManyTaxes refuses a purchase or a charge by which what is unbilled would be taxed in more than MaxTaxes ways.
	TooManyTaxes Reason = "too_many_taxes"

	// SeriesNotOpen refuses to give numbers of a series that is not open.
	SeriesNotOpen Reason = "series_not_open"

	// SeriesOpenAlready refuses to open a series that is open.
	SeriesOpenAlready Reason = "series_open_already"

	// SeriesOfAnotherYear refuses to give numbers to invoices that are not of the year of the series.
	SeriesOfAnotherYear Reason = "series_of_another_year"

	// BeforeLastInvoice refuses to give numbers to invoices of an earlier date than the last that has one.
	BeforeLastInvoice Reason = "before_last_invoice"

	// ExistsWithDifferentContent refuses a purchase, a refund, a charge or a payment whose id stands for another one.
	ExistsWithDifferentContent Reason = "exists_with_different_content"
)

// reasons are all of them, in order.
var reasons = [...]Reason{
	ContractNotFound, ContractNotStarted, ContractSuspended, ContractCancelled, ContractExpired,
	MandateMissing, MandateNotSigned, MandateNotActive, MandatePendingBank, MandateSuspended, MandateRevoked, MandateDormant,
	MandateConsumed, MandateFailed,
	ExposureExceeded, SpendingCapExceeded, AccountOverdue, CurrencyMismatch, AmountsInconsistent, PeriodClosed, PeriodNotOver,
	OriginalNotFound, RefundExceedsOriginal, TooManyRefunds, TooManyOperations, TooManyCharges,
	InvoiceNotFound, MoreThanOpen, PaymentNotFound, AlreadyReturned, BuyerIncomplete, TooManyTaxes,
	SeriesNotOpen, SeriesOpenAlready, SeriesOfAnotherYear, BeforeLastInvoice,
	ExistsWithDifferentContent,
}

// Reasons lists every reason, in the order in which a decision lists them.
func Reasons() []Reason { return slices.Clone(reasons[:]) }

// Valid reports whether r is one of Reasons.
func (r Reason) Valid() bool { return slices.Contains(reasons[:], r) }

// rank is the place of r among them.
func (r Reason) rank() int { return slices.Index(reasons[:], r) }
