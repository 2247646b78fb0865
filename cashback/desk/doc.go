// Package desk keeps the rewards of package cashback on an engine: durable, idempotent, for any number of callers, with the budgets that
// all customers share.
//
// # Basics
//
// [New] opens a desk on an engine, over rewards ([RewardsKind]) and budgets ([BudgetKind]). [Desk.Publish] opens the budgets of a program.
// [Desk.Earn] rewards a payment, [Desk.Refund] and [Desk.Reject] take back, [Desk.Confirm] confirms, and a [Sweeper] puts on record what time
// has done. [Desk.Statement] says what became of a period.
//
// Shops say what was returned to them: of their own accord ([ReturnLister], [Desk.TakeReturns]), or when they are asked ([ReturnAsker],
// [Desk.AskReturns]). Either way each return is taken back once.
//
// A payout needs an account to pay to, and so a transaction of the host's own: cashback.PayOut staged beside what pays. The example PayOut
// does that with the ledger. Ask [Desk.Mature] first, or sweep: what is due before the payout is part of its batch, which holds 4,096 events.
//
// # Streams
//
//	rewards/CUSTOMER         all that became of a customer's purchases; home of the keys of commands
//	budget/PROGRAM/BUDGET    what a campaign has given: see BudgetID
//	returns/shop/MERCHANT    the cursor of a shop that lists its returns, and those that wait for their purchase
//	returns/asked            from where on the journal is read for the purchases that shops are asked about
//
// Whatever changes rewards goes through the desk, or takes what cashback.Drawn says off the budgets in the same transaction.
//
// # The laws
//
//	D1   A reward and what it draws on budgets are one append: both are on record, or neither. The same holds for what is given back. So
//	     what a budget has given is what customers got of it, whatever fails.
//	D2   A budget is never exceeded, however many draw on it at once; a purchase that does not fit gets what is left.
//	D3   What was asked before gets the first answer. What tells it apart is what the caller gave: never the program, the merchant, the
//	     budgets, or the instant at which it is asked.
//	D4   A merchant, program, rate or budget that cannot be had is an error, and leaves no trace: the purchase is asked for again.
//	D5   A return takes back once, however often it is told and wherever a check ended; and none is passed over, unless it is told so.
//	D6   A statement of a period is the same whatever has been put on record since, once nothing is decided before its end.
//
// # Refusals
//
// A refusal is no error. One for a reason that may pass, such as a purchase that has not come yet, is answered and not on record, so that
// the same may be asked again; any other is the answer for ever.
//
// # Errors
//
// Those of packages cashback, engine and storage, and those of the options, wrapped. After storage.ErrUnknownOutcome ask again.
//
// # Cost
//
// A purchase that draws on a budget is two records in one batch. Its budgets are locked from deciding until it is queued, and not until it is
// durable, so that a campaign that all draw on is as fast as the journal.
package desk
