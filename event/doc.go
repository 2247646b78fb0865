// Package event holds what every part of payrules says about facts: what one is, how it is written down,
// and how it leaves the process.
//
// # Basics
//
// A fact is a Go struct of the package that owns the rule, with a method EventType: that is [Data].
// A [Codec], made once from the [Type] of every such struct, turns it into an [Event] (a type name and JSON)
// and back. A journal stores events and gives each back as a [Record]: the event, and where and when it
// stands. A [Publisher] takes records out of the process; [CloudEvent] is their form on the wire
// (CloudEvents 1.0).
//
//	Data ──Codec.Encode──▶ Event ──Journal──▶ Record ──CloudEvent──▶ Publisher ──▶ the world
//	Data ◀──────────Codec.Decode────────────── Record
//
// # Streams, versions, positions
//
// A stream is the history of one aggregate. Its name is its kind and its id, "cap/card-42" ([Stream]).
// [Version] counts the events of a stream, [Position] those of a journal; both start at 1 and have no
// gaps, so a reader that finds a hole knows that something is lost. The id of a record is its stream and
// version, so that what is sent again is seen to be the same.
//
// # Event types and their versions
//
// A type name ends in a version: "cap.authorized.v1". Stored events are never rewritten. A change of shape
// gets a new type name, and an [Upcast] turns the old JSON into the new one when it is read. Decoding is
// strict: a field that the struct does not know is an error, since a figure dropped without a word is
// worse than a reader that stops. So adding a field is a new version, too.
//
// # Time
//
// Instants are UTC in microseconds.
//
// # Errors
//
// [ErrUnknownType] for an event of a type that a codec does not know, [ErrInvalid] for anything that breaks a
// stated form or bound; the message names the field. [ErrFull] comes from a [Memory] that may hold no more.
//
// # Caveats
//
// At least once is what publishing promises: consumers see a record again after a crash, and tell it by
// its id.
package event
