// Package bench measures ledgers side by side: how many transfers a second they make durable, and how that holds when every
// transfer meets at one account.
//
// # Basics
//
// A [Work] is an endless list of transfers, the same in every run: so that whoever is asked for them does the same work. Ask
// your own ledger for them, too.
//
// The tests of this package compare package ledger/books, over the embedded journal, with the double entry that services
// write in SQL for PostgreSQL: a row an account, locked with SELECT ... FOR UPDATE. All of them decide alike, and the tests
// say so before anything is measured. The README says how they are run, what is measured, what the rivals are not doing, and
// what came out. One command prints its tables:
//
//	go run ./ledger/bench/cmd/table
//
// This is a module of its own, so that nobody who imports package ledger sees the rivals.
//
// # Time and rounding
//
// Amounts are whole minor units of one currency. Instants come with the work; nothing here reads a clock.
package bench
