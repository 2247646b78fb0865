// Package contract holds what a customer and a bank have agreed on: contracts for deferred billing, and the SEPA mandates that
// they are paid by.
//
// # Basics
//
// A [Contract] has a customer, a currency, a limit of exposure, dates and a billing day; a [Mandate] lets a creditor collect from
// a debtor's account. Both are states that commands decide over ([Command] and [MandateCommand] list them): Decide makes one event
// and changes nothing, Apply takes it up, Result reads the [Decision] back. Package engine runs them over a journal; by hand it is
// three lines (see the example). Others need not know the events: [Contract.View], [Contract.ListView] and [Mandate.View] are
// all of a contract or a mandate in one value, to be published after every change.
//
// # The picture
//
// Every change has an instant at which it is recorded, and one from which it counts: today, last week, next month. Together they
// are a timeline, and At answers for every instant of it.
//
//	             activate       suspend,        amend,         no change: the
//	             │              │ back-dated    │ next month   │ dates are over
//	             ▼              ▼               ▼              ▼
//	── draft ────┬── active ────┬── suspended ──┬─ suspended ──┬── expired ──▶
//	   3,000     │   3,000      │   3,000       │  5,000       │   5,000
//
// # Contracts
//
// What becomes of a contract by a change, by what it is when the change takes effect. A cell that begins with ! is the reason for
// which the change is refused.
//
//	              activate            suspend             resume              amend               cancel
//	draft         active              ! not_active        ! not_suspended     draft               cancelled
//	active        ! already_active    suspended           ! not_suspended     active              cancelled
//	suspended     ! already_active    ! already_suspended active              suspended           cancelled
//	cancelled     ! has_ended         ! has_ended         ! has_ended         ! has_ended         ! has_ended
//	expired       ! has_expired       ! has_expired       ! has_expired       ! has_expired       ! has_expired
//
// Nobody expires a contract: it is expired from the start of the day after the last day of its terms, in its zone. [Withdraw]
// takes back a change that is not in force yet.
//
// # Mandates
//
//	              sign                submit              confirm             activate            fail
//	draft         signed              ! not_signed        ! not_submitted     ! not_signed        ! not_signed
//	signed        ! already_signed    pending_bank        ! not_submitted     active              failed
//	pending_bank  ! already_signed    ! already_submitted active              ! already_submitted failed
//	active        ! already_signed    ! already_active    ! already_active    ! already_active    failed
//	suspended     ! already_signed    ! already_active    ! already_active    ! already_active    failed
//	revoked       ! has_ended         ! has_ended         ! has_ended         ! has_ended         ! has_ended
//	expired       ! has_expired       ! has_expired       ! has_expired       ! has_expired       ! has_expired
//	consumed      ! was_consumed      ! was_consumed      ! was_consumed      ! was_consumed      ! was_consumed
//	failed        ! has_failed        ! has_failed        ! has_failed        ! has_failed        ! has_failed
//
//	              suspend             resume              amend               collect             revoke
//	draft         ! not_active        ! not_suspended     draft               ! not_active        revoked
//	signed        ! not_active        ! not_suspended     signed              ! not_active        revoked
//	pending_bank  ! not_active        ! not_suspended     ! already_submitted ! not_active        revoked
//	active        suspended           ! not_suspended     active              active              revoked
//	suspended     ! already_suspended active              suspended           suspended           revoked
//	revoked       ! has_ended         ! has_ended         ! has_ended         ! has_ended         ! has_ended
//	expired       ! has_expired       ! has_expired       ! has_expired       ! has_expired       ! has_expired
//	consumed      ! was_consumed      ! was_consumed      ! was_consumed      ! was_consumed      ! was_consumed
//	failed        ! has_failed        ! has_failed        ! has_failed        ! has_failed        ! has_failed
//
// Submit and confirm are of the B2B scheme: submit is refused with not_b2b otherwise. Activate is of the CORE scheme: with
// bank_must_confirm otherwise. Collect ends a mandate that is one-off: it is consumed. A mandate expires after 36 months without a
// collection. The day 36 months after the signature, or after the last collection that was presented, whatever became of that one,
// is its last: it is expired from the start of the day after, in its zone.
//
// # The laws
//
//	C1   The timeline is the changes in the order of the instants from which they count, and of those at one instant in the
//	     order of recording. What is at an instant is what counts from then or earlier, and not later: phases are half-open.
//	C2   All of it is legal, always. A change that could not stand at its place is refused with the reason of the table; one
//	     after which a later change could not stand, with conflicts_with_later_change, which names that.
//	C3   Nothing is deleted. What was withdrawn counts as if it had never been; what leads to a final status supersedes all that
//	     would count later. Both stay on record.
//	C4   The clock of a contract never goes back: what is recorded before the latest is recorded with it.
//	C5   Revisions are dense: every change that was done makes the next one, and a refusal makes none. Of two views, the one with
//	     the higher revision counts.
//	C6   A refusal changes nothing, and is on record.
//	C7   Any state replays from its events, or from a snapshot and the events after it, into exactly the same.
//
// # Time and zones
//
// Instants are arguments, cut off to microseconds, from 1970 on. Nothing reads a clock. A day begins and ends where the clocks of a
// zone say so, 23 and 25 hours long where they jump: package civil. The zone is looked up when a command with a date is decided, and
// the instant goes into the event beside the date. So Apply and all views need no time zone database, and two hosts with databases
// of different years agree on what was decided. A host that does not know a zone cannot decide: that is an error, not a refusal.
//
// # Reasons and errors
//
// A refusal is a Decision with a [Reason]. An error means that nothing was decided: a malformed command ([ErrInvalid]), or an event
// or a snapshot that contradicts what is known ([ErrCorrupt]). No message repeats a name or an account.
//
// # Caveats
//
//   - What was decided by others while a change was not known yet stays: a back-dated suspension undoes no purchase.
//   - A mandate's id is its first creditor and reference, also after an amendment. That no other mandate uses the new ones is for
//     the bank to see to.
//   - The debtor gives an amended B2B mandate to the debtor's bank again, as the first time. Suspend it until then.
//   - What the customer was before the last change of it is in the events, and in [Contract.At], not in a View.
//
// # Complexity
//
// With n changes of a contract, at most [MaxChanges], all is O(n) in time, and the state O(n) in size; [View.At] is O(log n).
package contract
