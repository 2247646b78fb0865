// Package billing decides whether a purchase may be paid later, under a contract, by a mandate, within a limit; and bills it, with fees and
// allowances: invoices and credit notes to the cent, and what is paid of them.
//
// # Basics
//
// An [Account] is what is bought under one contract and is still to be paid. It keeps its own copy of the contract and of the mandate,
// fed by the updates that package contract publishes, so that a decision asks no other service. [Accept] asks for a purchase, an
// [Operation] of orders and items; [Refund] gives one back, or a part of it. A [Decision] says whether it was done, and if not, for
// every reason that applies, with the figures. [AddCharge] adds a fee, or an allowance, to what is billed. [Account.Explain] says what would
// be decided and changes nothing, and [Account.Eligibility] whether anything could be bought at all, and for how much. [Account.Exposure]
// is what is owed, [Account.Unbilled] and [Account.UnbilledCharges] of what, and [Account.Missing] which updates have not arrived.
//
// [Account.Draft] says what is to be billed of a month, and [Bill] issues it, with numbers of a [Series]; package billing/run does that for
// all accounts. [Receive], [Collect], [Settle] and [Return] are what becomes of the money, [MarkSent] and [Remind] of the paper.
//
// Commands are decided as events: Decide returns what to store and changes nothing, [Account.Apply] records it, now or in a replay, and
// Result reads the decision back. Package engine does the three over a journal; by hand they are as few lines.
//
// # The picture
//
//	contract ──View──▶ TakeContract ─┐
//	mandate ───View──▶ TakeMandate ──┼──▶ Account ──Accept──▶ accepted: to be billed
//	                                 │       │   ◀─Refund───  given back, line by line
//	spending caps ─▶ SetSpendingCap ─┤       └────Accept──▶ refused: every reason, with its figures
//	fees ──────────▶ AddCharge ──────┤ charges and allowances: they wait for an invoice with lines
//	dunning ───────▶ SetOverdue ─────┤
//	end of month ──▶ CloseDays ──────┤
//	Series ─numbers▶ Bill ───────────┤ invoices, credit notes
//	bank ──────────▶ Receive, Collect, Settle, Return: what is open, what is not final, what is credit
//
// # The laws
//
//	B1   The exposure is what was accepted and is not billed, less what was refunded; with the charges that are not billed, with what is
//	     open of invoices, and what direct debits have collected that is not final; less credit. With tax. Nothing is lent for an
//	     allowance before it is billed, and for a refund no more than its credit note will give back. A purchase that takes it to the limit
//	     exactly is accepted; no purchase takes it above the limit that is in force when it is decided. A limit that is lowered below
//	     the exposure refuses every purchase, and takes nothing back.
//	B2   A purchase that fits, in the order in which the account decides, and against which there is no other reason, is accepted.
//	B3   What was accepted under an id is answered as the first time when it is asked for again, and nothing is done twice. With another
//	     content it is refused. What was refused may be asked again, and be accepted; by an engine the same key is answered the same.
//	B4   What is done is done at instants that never go back: a command of an earlier instant than the last that was done is decided at
//	     that. A refusal leaves no trace in an account, but in spending caps that count attempts.
//	B5   A refund is accepted whatever the contract and the mandate have become. No line is given back beyond what was bought of it, and
//	     whatever the parts and their order, what is given back of the whole is what was paid for it, to the cent.
//	B6   What is published of a contract counts by its revision: twice is once, late changes nothing, and what is missing is told.
//	B7   Suspending, cancelling or expiring a contract changes nothing of what was bought before. It is billed by what was bought, and
//	     never by what the contract is. A charge asks neither the contract nor the limit: it is due by what was agreed before.
//	B8   A purchase is on exactly one invoice, of the month in which it was bought; one that comes after that month's invoice is on a
//	     supplementary one. Months touch, whatever the clocks do, also where the contract moves to another zone.
//	     What is left of months before is billed with the month that is billed, on invoices of their own.
//	B9   What was given back until the end of the month that is billed, of what is billed with it, is a line below zero. What is given back
//	     later is on a credit note of that invoice. All credit notes of an invoice take what its lines had less its allowances, of each category and
//	     rate, to the cent, and none takes more than was to be paid; what stays is the charges.
//	B10  A payment pays what it is for, then what is due first; what is over is credit. Credit pays what is due first, at once. A payment
//	     that is returned opens again what it had paid, also by way of credit, and also when it was final.
//	B11  A draft and what is issued of it are the same, but for numbers and dates: they have the same digest.
//	B12  A charge is on one invoice: of the month in which it is due, or the first of a month after that has lines. So is an allowance, and as a
//	     whole: the first on which it takes nothing below zero that is taxed as it is, after those that were added before it.
//
// # Time and rounding
//
// Instants are arguments, from 1970 to 2199, cut off to microseconds; nothing reads a clock. What a contract and a mandate are is asked
// as of the instant of the decision, not of the purchase: the question is whether it may be paid later, and that is asked now. An
// [Operation] has its own instant, which says in which month it is billed.
//
// The amount of a line is its quantity times its price, rounded once, half away from zero, less its allowance. Tax is rounded once for
// each order, category and rate, on the sum of its lines (EN 16931, BR-CO-17); the tax of a line is only for information. Totals that
// a caller gives are checked to the cent, and never trusted.
//
// # Reasons and errors
//
// A refusal is a decision, with every [Reason] that applies in the order of [Reasons]. An error means that nothing could be decided:
// [ErrInvalid] for what is malformed, with the field. Of a zero or foreign set of events, Result is the zero Decision, which refuses.
//
// # Caveats
//
//   - An electronic invoice has at least one line (EN 16931, BR-16). So a charge waits as long as nothing is bought, for ever if nothing is any
//     more. A fee that has to be billed alone is a purchase: a line of it.
//   - Giving lines back gives back no charge: one that was wrong is given back by an allowance on a later invoice. And an allowance is taken
//     off the lines of its invoice, whatever it was for: what is given back of them is that much less.
//   - The account remembers every purchase, for refunds, and every charge: some 2 kB of memory for a purchase of three items. MaxUnbilled
//     and MaxCharges bound those that wait. A snapshot is compressed, and a tenth of that or less.
//   - Tax is rounded for each order when a purchase is accepted, and for all that it bills by an invoice: they may differ by a cent, and
//     the exposure follows the invoice from then on.
//   - Spending caps that are taken away and set again later know nothing of what was spent before. Another policy in their place does.
//   - A wrong clock far ahead that is believed once takes the account there. A host checks instants against its own clock first.
//
// # Complexity
//
// Accept costs O(n) for n items of the purchase, however many are unbilled, and while something is open O(m) for m documents that were
// issued; Refund is O(n) for the items of its purchase, times its refunds where one is asked for again. AddCharge costs O(1). Draft and
// Bill are O(n) for n purchases that are not billed, and their items, and O(m) for m charges that wait, for each month of which something
// is billed. A snapshot is O(n) for all that is remembered.
package billing
