// Package sepa makes SEPA direct debits of what is to be collected, and reads what a bank says became of them.
//
// # Basics
//
// A [Collection] is an amount, a due date and a mandate; a [Message] of them is written for the bank by [Write], as pain.008.
// [Message.Groups] is what the bank will book together, with its sums. [DueDate] is the first day on which a collection can be due,
// and [DeadlinesOf] until when it may come back. [Read] reads what the bank sends into [Return] values; [ReasonOf] says what a reason
// code means and what to do about it.
//
//	mandate + amount ─▶ Collection ─┐                       ┌─▶ rejected, returned, refunded, reversed: Return ─▶ Reason ─▶ Action
//	pre-notification ─▶ DueDate ────┴▶ Message ─Write─▶ bank ┤
//	                                                        └─▶ nothing: paid, and final after DeadlinesOf
//
// # What is supported
//
//	message    versions                     what
//	pain.008   001.02, 001.08               written. CORE or B2B, EUR; FRST, RCUR, FNAL, OOFF; amendments; structured addresses
//	pain.002   001.03, 001.10, 001.11       read. Status of the message, its groups and its transactions, reasons, references, amounts
//	camt.054   001.02, 001.04, 001.08       read. Debits that are returns, refunds or reversals of direct debits; reasons, amounts
//
// The two of pain.008 differ in what a BIC is called and may hold, and in the elements of an address. Not supported: other
// sequence types for one-off mandates, ultimate debtors and creditors, structured remittance, purpose codes, electronic mandates,
// national versions (a camt.054 or pain.002 in another namespace is refused), and camt.053 as a source of returns.
//
// # Groups
//
// An element PmtInf is for the collections of one due date, scheme, sequence type and creditor, and of one name of the creditor, which is
// that of the mandates. Groups and collections are in an order of their own, so the same collections give the same bytes. NbOfTxs and
// CtrlSum are exact, of each group and of the message. A message is of one scheme, since banks refuse others.
//
// The first collection by a mandate may be RCUR, since FRST is needed no more since November 2016.
//
// An amendment is told by OrgnlMndtId, OrgnlCdtrSchmeId, and SMNDA for any new account; Amendment.BIC is not written.
//
// # Texts
//
// Banks need not take other characters than A-Z a-z 0-9 / - ? : ( ) . , ' + and the space. Names, addresses and remittance texts are
// transliterated to those ([Transliterate]), and refused where they have a character without another in its place. References are never
// changed: one with other characters is refused. Nothing is cut: a text that is too long is refused, and the error names the field.
//
// # Time
//
// No clock is read. Days are those of the calendar, and TARGET days those on which T2 is open ([IsTargetDay]).
//
// # Reading what others wrote
//
// A report is read as it comes, in bounded memory. What declares entities, is not UTF-8, is too large or too deep, or in a namespace
// that is not known is refused, with [ErrReport]. It costs nothing to read a report twice: [Return.Key] is the same, and is what to
// remember of a return that was dealt with.
//
// A pain.002 that refuses a whole message or group has no transactions: [Report.Expand] tells the collections of it. What is no return
// is in Report.Others, so that nothing of a report is lost without a word.
//
// # Errors
//
// What is refused on the way out wraps [ErrInvalid], on the way in [ErrReport]. [Message.Check] looks at one collection, so that a run
// can leave out the wrong one, with the reason, and hand in the others.
//
// # Caveats
//
//   - The rulebooks and guidelines of the EPC were not at hand: what is told of them is what banks tell of them.
//   - That the debtor's address and its bank's BIC are needed for accounts outside of the EEA is checked; that an account is of a SEPA
//     country is not.
//   - A collection that is rejected as a duplicate (NeverRetry) may be one that the bank has, and will make: what it pays is open again
//     only if the first is not. Expand tells none of a message or group that was rejected so.
//   - Nobody here knows what is on its way in other messages: what is collected is to be marked so before it is handed in, and a
//     one-off mandate kept for one message.
//   - MD01 is a return or a refund: [Return.KindFor] tells them apart by the due date.
//   - A pain.002 may be of something that was booked; whether money has moved is told by a camt.
//
// # Source
//
// The schemas of the ISO 20022 repository, which anybody may use without a fee (https://www.iso20022.org/intellectual-property-rights).
// They are not part of this module; the tests validate messages against them where they are at hand. Closing days are those that the
// ECB has announced since 2002.
//
// # Complexity
//
// Writing is O(n log n) for n collections, reading O(n) for n bytes.
package sepa
