// Package cap decides whether a spend fits the limits of an account: exact rolling and calendar caps on amount and count.
//
// # Basics
//
// A [Policy] is a set of limits in one currency, shared by all the accounts that it rules. A [Limit] has a maximum, of
// amount or count or both, and a [Window] that says which spends count together; a [Scope] that says which spends it looks
// at, a [Counting] that says what each kind of event does to it, overrides for a while, and alerts. A [Meter] is one
// account: what it has spent, and the decisions on what more it may. A [Decision] is a value that says what was decided,
// why, and how each limit stands then.
//
// There are two doors. The light one is the methods of Meter: [Meter.Authorize], [Meter.Adjust], [Meter.Capture],
// [Meter.Reverse], [Meter.ForcePost], [Meter.Refund], [Meter.SetPolicy], each of which decides and records at once;
// [Meter.Allow] is Authorize without the figures, for a hot path that wants only yes or no. The other is the commands, for a
// journal: Decide returns the event to store, [Meter.Apply] records it, and Result reads the decision back from it, the
// first time, on a retry, and in a replay.
//
// [Meters] keeps many accounts by key: concurrent, bounded in number, and deciding over several at once where one spend must
// fit them all. [ParsePolicy] reads a policy, [PolicySchema] says to other programs what it reads, and [Policy.Diff] tells
// in words what changes from one policy to another. Package cap/backtest tries policies out.
//
// Readers look at any instant from [Meter.Oldest] on and write nothing: [Meter.Usage], [Meter.Used], [Meter.Remaining],
// [Meter.RoomFor], [Meter.MaxNow].
//
// # Commands
//
// A command is an operation of the meter that decides first and changes later: Decide says what would happen, as events
// and without changing any answer of the meter; [Meter.Apply] makes it so, now or in a replay; Result reads the Decision
// back from the events. Every command is decided as exactly one event, refusals and repetitions too, so that all of them
// can be journaled. Decide returns the errors of the method of the same name. Result of events that are not from Decide of
// such a command is the zero Decision, which refuses.
//
// # The picture
//
// A window at t holds the spends dated in (after(t), t]:
//
//	Rolling(7 days)        ──●──(───●────────●───●──]──▶   a spend exactly 7 days old is out
//	                           t-7d                 t
//	RollingDays(3, Paris)  ──●──[Mon────●───|Tue────|Wed──●──]──▶   whole civil days, of 23, 24 or 25 hours
//	                                                         t
//	RollingMonths(1, …)    ──●──[16 Feb────●──────|15 Mar──●─]──▶   a month is not 30 days
//	                                                         t
//	Calendar(Month, Paris) ──●──[1 Nov──●────────●─────]──▶   from the first instant of the month
//	                                                   t
//	OpenedByFirstUse(2d)   ──[●────●──)──────[●──────●─)──▶   opens with a spend, and is over two days later
//
// # The life of a spend
//
//	Authorize ─┬─▶ held ──Adjust──▶ held for more or less ──Capture──▶ final ──Refund──▶ money back
//	           │     └──────── Reverse, or its own end ────────▶ nothing
//	ForcePost ─┴─▶ recorded whatever the limits say
//
// A hold that [Spend] says Expires ends by itself, exactly then: the first operation or reader of a later instant finds it
// ended, and nothing has to sweep. What each step gives back, and where, is the table of [Counting].
//
// # The laws
//
//	L1   The window at t is (t-d, t]: a spend exactly d old is out. A spend that reaches the limit exactly is allowed.
//	L2   At no instant does the sum of approved spend inside any window exceed its limit, in whatever order the spends
//	     arrive. Only a force-post (a capture of more than was held, or of a hold that has ended, is one), a lowered limit
//	     (L8), the end of an override, or attempts that a limit counts leave one exceeded; then the decision says which.
//	L3   All limits, or nothing: a refusal changes no sum, but of limits whose Counting counts refused attempts.
//	L4   Ties keep the order of arrival. A spend dated before the latest one is checked against every window that would
//	     contain it, the later ones too.
//	L5   Overflow is a refusal with a reason of its own, never a wrap. Amounts must be positive. Another currency is an
//	     error.
//	L6   A spend is known by its instant and its id. The same again is answered as before and counted once; with another
//	     amount it is exists_with_different_amount. Undoing twice is a no-op that says so.
//	L7   A reversal, the end of a hold, and a capture or adjustment to less, give room back at the original instant. A
//	     refund gives room back now, or at the original instant, or not at all: the limit says (usually not at all).
//	L8   Raising or lowering a limit keeps the usage. A dated override changes a limit from one instant until another.
//	L9   The readers read without changing anything.
//	L10  A decision carries, for each limit, its maximum, what is used and what remains; the limit that refused; the
//	     reason; and when how much comes free. Crossing an alert is told once, by the decision that crosses it.
//	L11  Any meter replays from its events into exactly the same state.
//
// # Time and rounding
//
// Instants are arguments: the package reads no clock. They are cut off to whole microseconds, and lie in 1970 to 2199.
// Amounts are whole minor units, so nothing is rounded.
//
// The clock that counts is that of the one who decides. A spend that was approved with an instant far ahead moves the
// account there: what is dated more than the policy's lateness before the latest recorded spend is refused as too_late.
// Refused attempts move nothing, unless a limit counts them.
//
// A civil day begins at the first instant at which the clocks of the zone show it or a later day. Where midnight does not
// exist it begins at the jump, where it comes twice at the first, and a day that the zone skipped is empty. The rules of
// zones come from the time zone database of the program; when it is updated, boundaries in the future may move.
//
// # What is kept
//
// A meter keeps each spend for as long as some window reaches it from Oldest on, for the policy's lateness at least, and
// for as long as it holds room that will end by itself. Then it is gone: it can no longer be reversed, captured or told
// from a new one, and counts only for Lifetime limits. With PolicyOptions.FinalAfter it is final earlier: it counts on,
// but can no longer be changed. What is gone depends on what was recorded, and on what [Meters.Advance] says the time is,
// and on nothing else.
//
// [Meter.MarshalBinary] and [Meter.UnmarshalBinary] store and restore an account; [Meter.Clone] copies one, for trying out.
//
// # Reasons and errors
//
// A refusal is a Decision with a [Reason]. An error means that nothing could be decided: a malformed id, an instant out
// of range ([ErrInvalid]), another currency (money.ErrCurrencyMismatch). See the list of errors.
//
// # Caveats
//
//   - The package has the name of a Go builtin: cap(x) does not compile in a file that imports it.
//   - Ids are kept as a hash of 64 bits that knows no secret. For two spends to be taken for one (the second is approved
//     as having Existed), two ids of the same hash must come with the same instant, and with the same amount unless the first
//     spend was captured or adjusted since. By chance that does not happen; somebody who chooses the ids can search for such a
//     pair with some effort. So make ids yourself, or at least do not let one party choose both the ids and the instants, and
//     never pay out again on a decision that Existed.
//   - After a capture or an adjustment, the amount first authorised is no longer known: the same id is then answered as
//     existing whatever amount comes with it.
//   - Among very many spends of one and the same microsecond, finding one takes a step for each. Where a limit counts
//     attempts, that is so of each decision when one refused spend is sent again and again, and each takes an entry.
//
// # Complexity
//
// With w windows and n entries kept: Authorize costs O(w) amortised for spends in order, and allocates nothing under a
// policy of up to four limits, but to grow; with more limits, a Decision is one allocation, and Allow still none. A
// spend that is late by d entries moves them by one, and costs O(w·d/128); O(w·d) where a limit has overrides or counts
// refunds now, or a window is so full that it might refuse it. A late spend costs O(n), and a copy of the account,
// where it counts in a window opened by first use, or among refunds that count now. Capture and Reverse cost
// O(w + log n); of a spend that was adjusted, a step for each entry since; with holds, a step for each of them. Decide of a
// command works on a copy of the account, O(n), where it cannot put back what it tried: for increments, adjustments, refunds
// and changes of policy, and where there are holds or books of other countings.
//
// An entry takes 24 bytes, and 16 more in an account where some spend names a merchant. A rolling window takes 24, one
// opened by first use 48, a calendar window 72, one of rolling hours, days or months 96, and the meter around them 160.
// Memory grows by an eighth below 256 entries and by a quarter above; a full account whose old entries go gives memory back
// when it needs less than a quarter of it. Limits of another scope or counting than the usual one count from a book of
// their own, of 104 bytes, in which the spends that they look at stand once more. An account that had late spends keeps 16
// bytes more for 128 entries.
package cap
