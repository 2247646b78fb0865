// Package ledger is double-entry bookkeeping: accounts, transfers of two legs or more, holds that end exactly, closed periods,
// interest, statements, and a checker of all of it.
//
// # Basics
//
// An [Account] has a type, a currency, and limits; a [Leg] debits or credits it; legs that sum to zero in every currency make a
// transfer. Commands decide over transfers and the accounts that they touch: [Post], [Hold], [Capture], [Void], [Expire],
// [Reverse], and [Linked] for several at once; [Exchange] makes the legs of a change of currency. A [Decision] says what became
// of one. Commands over one account open it, set its limits, block and close it, and end its periods: [Open], [SetLimits],
// [SetBlock], [Close], [Reopen], [EndPeriod]. [SetInterest] gives it interest by the terms of package ledger/interest;
// [Accrue] and [Capitalise] book that. [Query.Statement] makes a statement of entries, which packages ledger/text and
// ledger/camt write, and [Check] replays a journal and says where it breaks a law.
//
// There are two doors. The light one is [Ledger]: everything in memory, decided and applied at once. The other is package
// ledger/books, which keeps a ledger on an engine and a journal: durable, idempotent, for many callers at once. Both use the
// same pure rules: Decide makes events of states and changes nothing; Apply takes them up; Result reads the decision back.
//
// # The picture
//
//	             transfer/pay-981                      what was asked, and all that became of it: home of the commands
//	Post ─Decide─┬─▶ account/anna    debit  12.34      one entry for each leg, with the balance after it
//	             └─▶ account/shop    credit 12.34
//
//	Hold ──▶ held ─┬─ Capture ──▶ booked, in full or in part; the rest is given back, or kept
//	               ├─ Void ─────▶ given back
//	               └─ its end ──▶ over, at that instant and without anybody; Expire only puts it on record
//	Post ──▶ posted ── Reverse ──▶ reversed, once, by another transfer
//
// # Sides
//
// A transfer moves from the account that it debits to the one that it credits ([Move]). What a customer has is a liability of
// the bank and grows by credits; cash is an asset and grows by debits. Balances and limits are on the normal side of the
// account's type, so that more is more, whatever the type.
//
// # The laws
//
//	L1   Every transfer sums to zero in every currency; so the whole ledger does, at every position of the journal.
//	L2   No limit is broken but by what is forced: after every decision, what an account has, less what is held to leave, is
//	     not below its floor, and with what is held to come not above its maximum, unless it was beyond before and came
//	     closer. Reaching a limit exactly is allowed. A capture needs no room: the hold kept it. Nothing, forced or not, is
//	     booked or held on an account that is closed, nor on a blocked side, but interest that is due. Only what is empty is
//	     closed.
//	L3   All or nothing, over all accounts and all linked commands. A refusal changes nothing, and says why.
//	L4   A transfer's id is unique in the ledger, for ever. It is posted once; of a hold no more is captured than was held;
//	     it is reversed once.
//	L5   A hold lives from its instant until its end, and not at its end. It counts while it lives and not a moment longer.
//	L6   A decision's instant is its own, or that of the latest decision on the same accounts where that is later: an account
//	     never goes back. All steps of linked commands have one instant.
//	L7   No entry has a value date in a closed period. The balance that a period was closed with never changes.
//	L8   An account that nothing constrains refuses nothing and is not looked at; its entries stand in the order of commits.
//	     One that comes with a value date in a period that was closed meanwhile counts from the first open day.
//	L9   Balances are what entries sum to. Any state replays from its events into exactly the same.
//	L10  Interest is exact: the same to the cent however its days are split, and posted once for each period.
//
// # Time and rounding
//
// Instants are arguments, cut off to microseconds, from 1970 on. Nothing reads a clock. An instant far ahead takes the accounts
// there, and their holds end: package books refuses those. Value dates are days of the calendar (package civil). Nothing is
// rounded but exchanges and interest, which name their rounding.
//
// # Reasons and errors
//
// A refusal is a Decision with a [Reason], and on record. An error means that nothing was decided: a malformed command
// ([ErrInvalid]; [ErrUnbalanced] beside it), or a state that contradicts itself ([ErrCorrupt]). Two refusals are not on record,
// so that the same command can be done later: that of a transfer that never was (NotFound), and those of interest.
//
// # Caveats
//
//   - The limits look at what is booked and held, not at value dates: a balance by value date may be below the floor.
//   - What is held to come cannot be spent, and what is captured of it comes when it is booked.
//   - A lowered limit leaves an account beyond it. It can then only come closer.
//   - Of an account that nothing constrains, a decision says no balance, and no condition can look at it. What is held there is
//     on record, and counts nowhere: any number of holds may live there at once. Nothing refuses what takes it beyond an int64
//     of minor units either: its sums are then off by 2^64, until it is back.
//
// # Complexity
//
// With l legs on a accounts, one of which has h holds, Decide costs O(l·a + log h), and Apply of what places or releases a hold
// O(h). An account takes its holds, and 24 bytes for each value date since its last closed period, however many entries it has;
// a transfer takes its legs, once more for each capture.
package ledger
