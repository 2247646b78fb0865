// Package backtest tries policies of package cap on what has happened: what would another policy have decided?
//
// # Basics
//
// An [Attempt] says what was asked of an account, and, where it is known, what was decided then. Make attempts by hand,
// from the events of package cap with [FromEvent], or from a journal with [FromRecords].
//
//   - [Run] replays a stream of attempts of many accounts under several policies at once, and reports what each would
//     have accepted and refused, and why; and where that differs from what was decided.
//   - [Shadow] puts a second policy beside a meter that is in use. It follows what was really spent, says of each attempt
//     what it would have decided, and changes nothing.
//   - [Hindsight] takes a spend that came late, and says which earlier decisions it would have changed, had it come in time.
//   - [Trace] follows one account and limit: how much of the limit was used at every instant. A [Course] is drawn as text
//     with [Course.Text], or as an SVG picture with [Course.SVG].
//
// # Two kinds of history
//
// A policy in Run keeps its own history: a spend that it refuses is never made, so there is more room for those after it,
// and a capture of it finds nothing. This is what would have happened under that policy, as long as customers had asked
// for the same.
//
// A Shadow lives in the history of another policy: what the live meter approved is spent, whatever the shadow would have
// said. This is what the policy would say if it took over now.
//
// # The laws
//
//	B1   Under each policy, Run decides as a [cap.Meter] of that policy does to which the attempts of an account are put
//	     one after the other. So the figures of several policies at once are those of each alone.
//	B2   An account is let go only when a new meter would answer all that is still to come as the old one would. What
//	     cannot be told any more is an error, never a guess.
//	B3   A Shadow changes nothing: with and without one, the live meter makes the same decisions and has the same snapshot.
//	B4   A Shadow of the same policy always agrees.
//	B5   Hindsight tells what two replays would tell: one with the late spend where it belongs, and one without.
//	B6   A Course at an instant is what the meter had in use then, as far as was known then.
//
// # Memory
//
// Run keeps the meters of the accounts that hold something, up to a stated number of accounts; every list in a report has a
// stated bound. See [Options].
//
// # Caveats
//
// Customers who are refused come back with other amounts, or do not come back. No replay knows that.
//
// Nothing in this package is safe for concurrent use, but the values that it returns may be read from several goroutines.
package backtest
