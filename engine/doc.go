// Package engine runs rules over a journal: it decides commands one after the other for each aggregate,
// makes what was decided durable, and answers from it.
//
// # Basics
//
// A bank describes each kind of aggregate once ([Kind]: a name, a codec, a constructor) and opens a
// [Repository] of it on an [Engine], which owns one journal. [Do] takes a command to an aggregate:
//
//	d, err := engine.Do(ctx, meters, "card-42", "pay-981", cap.Authorize{ID: "pay-981", At: at, Amount: amount})
//
//	command ──Decide(state)──▶ events ──Append──▶ durable ──▶ Result(events): the answer
//	                             └──Apply──▶ state, for the next command
//
// [Atomically] does the same over several aggregates in one batch. [View] reads an aggregate as it is known here,
// [ViewLatest] as the journal has it.
//
// Domain packages need nothing of this one: a command is any type with Decide and Result ([Command]), a
// state any type with Apply ([State]).
//
// # What holds
//
//	E1  An answer is given only when everything it rests on is durable.
//	E2  Commands of one aggregate are decided one at a time, each on what those before it decided, also
//	    when that is not yet durable. If an append fails, whatever was decided on top of it is forgotten
//	    and decided again on what the journal holds.
//	E3  The same key, asked again of the same aggregate, is answered from what was journaled the first
//	    time, before any rule is asked: after a restart as well, and by another engine on the same journal.
//	    The same key with another content is ErrKeyReused.
//	E4  Any number of engines may share a journal. Who loses a race loads what the other wrote and decides
//	    again, a bounded number of times.
//	E5  An error means that nothing of this call is stored, but for storage.ErrUnknownOutcome: ask again with
//	    the same key to learn which. Until that is answered, the outcome stays unknown, whatever other errors
//	    come meanwhile.
//	E6  Errors of rules, and answers of commands that decide nothing, rest on what the journal holds as well.
//
// # Group commit
//
// Callers decide on their own goroutines. One goroutine of the engine takes whatever has been decided since
// its last append, and makes it durable with the next one; so many callers share a commit, and one alone
// waits for nobody. Engines keep at most Options.MaxInFlight commands under way; more callers wait their turn.
//
// # Time
//
// The engine reads no clock. Instants are in the commands; the journal stamps records.
//
// # Caveats
//
// A command that decides nothing (no events) is not journaled: asked again, it is decided again. Rules that must be
// answered the same for ever journal their refusals.
//
// Commands are told apart by their Go type's name and their JSON; give a command a CommandType method before
// renaming its type. A struct that embeds another command takes over its JSON methods: fields of its own are then
// not part of what is told apart.
//
// Do not call Do, Atomically or View of an engine from within a rule or a View of it: it waits for itself.
//
// Keys take 8 bytes each in a snapshot, which holds 8 MiB: from about a million keys on, a stream gets no new
// snapshots, and takes longer and longer to load. Go on in a new stream before that.
//
// # Cost
//
// A command costs its Decide, the JSON of its events and of itself, two hashes and its share of a commit. An
// aggregate in the cache costs its state and 8 bytes a key; one that is not is loaded from its latest
// snapshot and the events since.
package engine
