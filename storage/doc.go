// Package storage is the seam between payrules and whatever keeps its facts: [Journal], the one interface
// that a store implements, the optional ones beside it, and [Planner], the rule of who wins, which every
// store shares.
//
// # Basics
//
// A journal is a list of records that only grows. A [Batch] is what one command decided: events for one or
// more streams, stored all or not at all. [Journal.Append] takes many batches, stores those that hold, and
// answers each with a [Receipt].
//
// # Laws
//
// Every store keeps these; journaltest.Run checks them.
//
//	J1  A batch is stored whole or not at all, also after a crash.
//	J2  Versions in a stream and positions in the journal start at 1 and have no gaps. Positions are the
//	    order of commits: All never shows p before every q < p, and shows only what is durable.
//	J3  A write whose Expect is not the version of its stream makes its batch lose, with a *ConflictError
//	    in its receipt. Any expects nothing.
//	J4  Batches of one call are decided in order, each on what those before it left. One that loses
//	    leaves its neighbours alone, but for those that were built on it: a later batch of the same call
//	    that expects a version of a stream to which a lost batch wanted to write loses as well. It was
//	    decided on events that were never stored, and that the number may fit by chance (another process
//	    stored as many) does not make it right.
//	J5  A receipt without error means durable. An error of Append itself that is not ErrUnknownOutcome
//	    means that nothing of the call is stored, now or later.
//	J6  At never goes back along positions.
//	J7  Key and digest of a batch come back with its first record, and only there.
//
// # The home of a batch
//
// Writes[0] is the batch's home. It always has an expectation and at least one event. Since whoever raced
// for the same key has to reload that stream, and then finds the key in it, a store needs no index of keys.
//
// # The hash chain
//
// [Chain] is the hash of a record on top of the one before it, the same in every store, so that the hash of the
// last record stands for all of them. It shows what a checksum cannot: that somebody who may write to the store
// altered a record. Who keeps the chain is up to the store. Package pebble keeps it in each record, as an option.
// For any other journal a [Sealer] appends [Sealed] events to a stream of the same journal, and [VerifySeals]
// reads the journal against them and names the first record that is not what it was.
//
// Neither can tell of someone who writes the whole journal anew, with all its hashes. For that a [Seal], a position
// and a hash, is kept where he cannot reach: in another system, on paper, with the auditor. Both take such seals
// when they verify.
//
// # Errors
//
// [ErrInvalid], [ErrConflict], [ErrUnknownOutcome], [ErrClosed], [ErrInUse], [ErrCorrupt]: see each.
//
// # Concurrency
//
// All methods of a Journal are safe for concurrent use.
package storage
