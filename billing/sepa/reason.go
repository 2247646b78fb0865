package sepa

import (
	"cmp"
	"slices"
)

// Kind says what a bank has done to a collection: an R-transaction.
type Kind string

// The kinds.
const (
	Reject   Kind = "reject"   // before the due date, by a bank: it was never booked. A debtor's refusal comes as one, too
	Returned Kind = "return"   // after the due date, by the debtor's bank
	Refund   Kind = "refund"   // after the due date, asked for by the debtor
	Reversal Kind = "reversal" // after the due date, asked for by the creditor
)

// Valid reports whether k is one of the constants.
func (k Kind) Valid() bool { return k == Reject || k == Returned || k == Refund || k == Reversal }

// Action is what should be done about a reason.
type Action string

// The actions.
const (
	Retry          Action = "retry"           // collect again, at most Reason.Retries times, on later TARGET days; then Manual
	SuspendMandate Action = "suspend_mandate" // collect nothing by the mandate until the debtor has given a new account or mandate
	Manual         Action = "manual"          // somebody has to look at it before anything is collected again
	NeverRetry     Action = "never_retry"     // collecting again would be wrong, since the bank may have it already: find out how it came to this
	FixSetup       Action = "fix_setup"       // a fault of the creditor's own data, which the next collections have as well: stop the run
)

// Valid reports whether a is one of the constants.
func (a Action) Valid() bool {
	return a == Retry || a == SuspendMandate || a == Manual || a == NeverRetry || a == FixSetup
}

// Reason is what is known of a reason code.
type Reason struct {
	Code    string // of ISO 20022
	Meaning string // in a few words; "" if the code is not known
	Action  Action
	Retries int // for Retry: how many

	kinds kinds
}

// Known reports whether the code is one of [Reasons].
func (r *Reason) Known() bool { return r.Meaning != "" }

// Is reports whether the schemes have the code in an R-transaction of a kind. Of a code that is not known it is false.
func (r *Reason) Is(k Kind) bool {
	switch k {
	case Reject:
		return r.kinds&reject != 0
	case Returned:
		return r.kinds&returned != 0
	case Refund:
		return r.kinds&refund != 0
	case Reversal:
		return r.kinds&reversal != 0
	}
	return false
}

// ActionAfter returns what should be done when a collection comes back for the reason after so many retries: Manual where no
// retry is left.
func (r *Reason) ActionAfter(retries int) Action {
	if r.Action == Retry && retries >= r.Retries {
		return Manual
	}
	return r.Action
}

// kinds is a set of them.
type kinds uint8

const (
	reject kinds = 1 << iota
	returned
	refund
	reversal

	unpaid = reject | returned
)

// reasons are the codes of the SEPA direct debit schemes, and of banks in their name, sorted. The sources are what banks tell
// (Worldline, Nuapay, Lyra) of the EPC's guidance on reason codes, which itself was not at hand, and the external code sets of ISO 20022.
// What to do about a code is the judgement of this package.
var reasons = [...]Reason{
	{"AC01", "account number incorrect", SuspendMandate, 0, unpaid},
	{"AC04", "account closed", SuspendMandate, 0, unpaid},
	{"AC06", "account blocked", SuspendMandate, 0, unpaid},
	{"AC13", "account of the wrong type, such as a consumer's under B2B", SuspendMandate, 0, unpaid},
	{"AG01", "direct debit forbidden on the account", Manual, 0, unpaid},
	{"AG02", "operation code incorrect", Manual, 0, unpaid},
	{"AM04", "insufficient funds", Retry, 2, unpaid},
	{"AM05", "duplicate collection", NeverRetry, 0, unpaid | reversal},
	{"BE05", "creditor identifier incorrect", FixSetup, 0, unpaid},
	{"CH22", "CORE and B2B in one message", FixSetup, 0, reject},
	{"CNOR", "creditor's bank not reachable in the clearing", FixSetup, 0, reject},
	{"DNOR", "debtor's bank not reachable in the clearing", Manual, 0, reject},
	{"DT01", "due date invalid", FixSetup, 0, reject},
	{"DU01", "duplicate message", NeverRetry, 0, reject},
	{"DU02", "duplicate group of a message", NeverRetry, 0, reject},
	{"DU03", "duplicate transaction", NeverRetry, 0, reject},
	{"DU04", "duplicate end-to-end id", NeverRetry, 0, reject},
	{"DUPL", "duplicate payment", NeverRetry, 0, unpaid | reversal},
	{"FF01", "file format invalid", FixSetup, 0, reject},
	{"FF05", "local instrument incorrect", FixSetup, 0, unpaid},
	{"MD01", "no mandate, or a collection that was not authorised", SuspendMandate, 0, unpaid | refund},
	{"MD02", "data of the mandate missing or incorrect", Manual, 0, unpaid},
	{"MD06", "refund of an authorised collection, within eight weeks", Manual, 0, refund},
	{"MD07", "debtor deceased", SuspendMandate, 0, unpaid},
	{"MS02", "refused by the debtor, who need not say why", Manual, 0, unpaid | reversal},
	{"MS03", "refused by the bank, which does not say why", Retry, 1, unpaid | reversal},
	{"RC01", "bank identifier incorrect", SuspendMandate, 0, unpaid},
	{"RR01", "regulatory: account or identification of the debtor missing", Manual, 0, unpaid},
	{"RR02", "regulatory: name or address of the debtor missing", Manual, 0, unpaid},
	{"RR03", "regulatory: name or address of the creditor missing", Manual, 0, unpaid},
	{"RR04", "regulatory reason", Manual, 0, unpaid},
	{"SL01", "a service of the debtor's bank", Manual, 0, unpaid},
	{"SL11", "creditor not on the debtor's list of those who may", Manual, 0, unpaid},
	{"SL12", "creditor on the debtor's list of those who may not", Manual, 0, unpaid},
	{"SL13", "more collections than the debtor lets through", Manual, 0, unpaid},
	{"SL14", "amount above what the debtor lets through", Manual, 0, unpaid},
	{"TM01", "received after the cut-off", Manual, 0, reject},
}

// Reasons lists the codes that are known, sorted.
func Reasons() []Reason { return slices.Clone(reasons[:]) }

// ReasonOf returns what is known of a code. One that is not known is kept, and to be looked at: Manual. It costs O(log n).
func ReasonOf(code string) Reason {
	i, found := slices.BinarySearchFunc(reasons[:], code, func(r Reason, code string) int { return cmp.Compare(r.Code, code) })
	if !found {
		return Reason{Code: code, Action: Manual}
	}
	return reasons[i]
}
