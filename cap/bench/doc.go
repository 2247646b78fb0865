// Package bench measures spending caps side by side: what a decision costs, what an account takes in memory, and how much money a
// limiter lets through one exact window of time.
//
// # Basics
//
// A [Limiter] decides on one spend and records it. [Worst] plays a greedy customer against it and returns the most money
// that came through any window of the given length: at most Max for a cap that is exact, and about twice that for a
// limiter that refills, or counts in fixed windows, or weighs two of them. Try your own with it.
//
// The tests of this package compare package cap with rate limiters of Go, with naive slices, and with the windows that
// services keep in Redis and PostgreSQL. The README says how they are run, what is measured, what the peers are not
// doing, and what came out. One command prints its tables:
//
//	go run ./cap/bench/cmd/table
//
// This is a module of its own, so that nobody who imports package cap sees the peers.
//
// # Time and rounding
//
// Amounts are whole minor units. The window at t is (t-d, t], as in package cap. Instants are arguments; a peer that reads
// a clock of its own is met where it is, see [Options.Wait].
package bench
