// Package cashback decides what a purchase earns, under a program that explains itself; and keeps what was earned until it is paid, with
// clawbacks that never drift.
//
// # Basics
//
// A [Program] is data: rules by merchant, merchant category, country, tier and date; groups that say how rules stack; caps a customer, in
// whatever window package cap has; budgets for all customers; who funds a reward; how it is confirmed, expires, is paid out and is taken back.
// [ParseProgram] reads one, [ProgramSchema] says to other programs what it reads, [Program.Diff] tells in words what changes from one to
// another. [Program.Evaluate] says what a purchase earns, by which lines; [Program.Explain] says of every rule why it applies or does not.
// Both are pure, and change nothing.
//
// [Rewards] are what one customer has: an entry for each purchase. [Earn] records one; [Confirm] and [Reject] are the answers of who has the say;
// [Refund] takes back; [PayOut] pays; [Mature] puts on record what time has done. [Rewards.Balance] is what the customer has and owes,
// [Rewards.At] the same at an instant, and [MovementOf] what each event changes, for statements. A [BudgetAccount] is what a campaign has left.
//
// Commands are decided as events: Decide returns what to store and changes nothing, Apply records it, now or in a replay, and Result reads
// the decision back. Package engine does the three over a journal, and package cashback/desk what takes several aggregates: a reward
// and its budgets, returns that shops tell of, statements.
//
// # The picture
//
//	program ─┐
//	purchase ┼─Evaluate──▶ lines ──Earn──▶ pending ──delay, Confirm──▶ confirmed ──threshold──▶ payable ──PayOut──▶ paid
//	room ────┘  (caps,                       │ └──Reject──▶ rejected      └──months──▶ expired               │
//	            budgets)                     ▼                                ▼                                ▼
//	                              Refund: a clawback of what is there, or of what was paid: debt, which later payouts pay
//
// # The laws
//
//	C1   A reward is the sum of its lines. A line is what a rule gives for the purchase, rounded once, or what its caps and its budget
//	     leave of it, if that is less. The shares of the funders of a line add up to it.
//	C2   Every rule is told of as applied, or not applied with the first reason against it.
//	C3   What a purchase has earned stays: later versions of the program change nothing of it, and refunds go by the terms of its lines.
//	C4   The same purchase earns once, whatever the program is by then; with another content it is refused. One that is too old to be known
//	     still is refused, also by a version that takes older ones.
//	C5   After refunds of R in all, of a purchase of A that has earned E, what was taken back is E × R ÷ A, rounded (proportional); or E − F(A−R)
//	     (recompute), where F(x) is what the lines give for x, and no line more than it was granted. It rests on R alone: not on the number
//	     of the refunds, their order, or whether they came before the purchase. All of A takes all of E.
//	C6   What is taken back of a reward is taken of each line, and of each funder of a line, by what is taken back in all: the parts add up, and
//	     none of them is ever given again on the way. Caps and budgets get back what was taken back, exactly, where it was drawn.
//	C7   What a customer gets by rules under a cap is within the cap, in every window, in whatever order purchases and refunds come.
//	     A budget never gives more than it has, and what is left is given as far as it goes.
//	C8   Of a reward that was paid, the program says what is taken back: nothing, what the balance covers, or all, as debt. What is waived is told.
//	C9   Earned = pending + confirmed + payable + rejected + expired + paid out + clawed back − debt.
//	C10  What is due by itself has happened for every decision of a later instant, whether or not it was put on record before. What is
//	     refused, or was asked before, puts nothing on record but itself: a wrong year in it leaves no trace.
//	C11  Rewards replay from their events into exactly the same state. Nothing that happened is ever removed from the journal.
//
// # Time and rounding
//
// Instants are arguments, from 1970 to 2199, cut off to microseconds. Decisions are made at instants that never go back. Days are those of the
// program's zone: a rule holds on whole days, a reward is confirmed when a day begins, and expires after civil months. A purchase in
// another currency carries its rate, which stays with it.
//
// Rounding is the program's, once for each rule. Parts of what was rounded are split by largest remainder, and taken back by a
// method that never takes a unit of one part and gives it again (Webster's), so that what comes in many steps ends as in one.
//
// # Reasons and errors
//
// A refusal is a decision with a [Reason]; why a rule does not apply is a [RuleReason]. An error means that nothing could be decided:
// [ErrInvalid] for what is malformed, with the field, [ErrCorrupt] for events that contradict each other.
//
// # Caveats
//
//   - An entry is forgotten when no refund of it is taken any more (RefundDays) and nothing more can become of it. A refund after that waits for
//     a purchase that will not come, and is forgotten too.
//   - Expired rewards give nothing back to budgets and caps.
//   - A rule that lost against another of its group does not come back when a refund makes the other give less.
//   - A cap that a later version of the program takes away is forgotten; set again later, it knows nothing of before. Meanwhile rules under it
//     give nothing for a purchase that comes under an older version.
//   - A cap gets back amounts, and no count: a purchase that was given back is one still. A limit whose scope or counting another version
//     changes starts from what purchases had drawn. One that counts for ever gets nothing back of what its policy has forgotten: of a reward
//     that is rejected later than its lateness.
//   - A wrong clock far ahead that is believed once, by a purchase, a payout or a refund that is kept, takes the rewards there. A host checks
//     instants against its own clock first; cashback/desk does.
//   - A refused refund has no entry. Over-refunds are told as refusals; a refund that had waited is refused when its purchase comes.
//
// # Complexity
//
// Evaluate costs O((1 + k) log n) for n rules of which k may fit. Earn, Refund and the like cost O(1) and the JSON of their event, and where
// more than one thing is decided (what is due before them, a new version of the program, refunds that have waited), O(n) for n entries that
// are remembered, of which there are MaxKept at most. A snapshot is O(n).
package cashback
