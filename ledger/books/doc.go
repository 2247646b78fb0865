// Package books keeps a ledger on an engine: durable, idempotent, for any number of callers, and in any number of processes over
// one journal.
//
// # Basics
//
// [New] opens the books on an engine. [Books.Open] and the other commands over one account change what rules it; [Books.Do]
// takes a command of package ledger to the transfers and accounts that it touches, in one batch of the journal: all of it is
// durable when the answer is given, or nothing is. The same command asked again gets the first answer.
//
//	b, err := books.New(engine, nil)
//	d, err := b.Do(ctx, ledger.Post{ID: "pay-981", At: at, Value: day, Legs: ledger.Move("anna", "shop", amount)})
//
// [Books.Account], [Books.Balance], [Books.Entries], [Books.Statement] and [Books.BalanceAsOf] read. [Books.EndPeriod] closes a
// period of an account, and [Books.Archive] moves what is closed to an archive; reading goes through it as if nothing had
// moved. [Sweeper] puts on record which holds have ended.
//
// # Streams
//
//	transfer/ID   all that became of a transfer; home of its commands' keys, so an id is used once in the whole ledger
//	account/ID    the entries, holds and changes of an account
//	closing/ID    closed and archived periods of an account that nothing constrains
//
// A command guards the accounts that have limits: if another process was faster there, it decides again. Accounts that nothing
// constrains (ledger.Terms) are written to without a look, so that everybody may pay to one of them at once.
//
// # Time
//
// Instants are in the commands. The one clock that is read is Options.Now, to refuse an instant that lies too far ahead: it
// would take the accounts there.
//
// # Errors
//
// Those of packages ledger, engine and storage. A refusal is no error. After storage.ErrUnknownOutcome ask again with the same
// command.
//
// # Concurrency
//
// Books is safe for concurrent use.
//
// # Cost
//
// A transfer between two accounts is three records in one batch. It costs their share of a commit, and some twenty microseconds
// of deciding and encoding. A balance of an account with limits is in memory; that of one that nothing constrains costs reading
// what was written since the last look.
package books
