// Package archivetest says whether a ledger.Archiver keeps its laws, and how fast it is. It is for whoever writes one: the
// folder of package archive runs it, and a bank's own archive, in an object store, say, runs the same.
//
// # Basics
//
//	func TestLaws(t *testing.T) {
//		archivetest.Run(t, func(t testing.TB) archivetest.Place {
//			dir := t.TempDir()
//			return archivetest.Place{Open: func() (ledger.Archiver, error) { return myarchive.Open(dir) }}
//		})
//	}
//
// A [Place] is one empty place to keep an archive in. [Run] checks each [Law] in a subtest, each in a place of its own; [Laws]
// lists them for those who want the errors instead. [Bench] measures. [Memory] is an archive in memory, for tests of what uses
// one. ledger.Segment has methods Validate, Follows and Check that do much of the work.
//
// # The laws
//
//	A1   whole or not at all: a Put that fails keeps nothing, wherever its records end
//	A2   the same again is done: it gets the same answer, and changes nothing
//	A3   another in its place is refused, be it another in a single byte or date
//	A4   order: segments come in the order of their versions, each as soon as it was put
//	A5   gaps: a segment that does not follow the last one, in versions and balance, is refused
//	A6   only what is described: records that are not those of the segment are refused
//	A7   byte for byte: what comes out is what went in, every field of it
//	A8   kept: what was put is there for whoever opens the place again
//	A9   accounts are apart, whatever their names
//	A10  at once: of many that put the same, each gets the same answer; of many that put different ones, one is kept; readers
//	     see whole segments
//	A11  context: one that is over keeps nothing, and yields nothing but its error
//	A12  stopped early: an iterator lets go of all that it has, and is in nobody's way
//	A13  not what was put: records that were altered or lost, or have another sum, are ErrCorrupt, and so is a gap in the
//	     segments. Place.Damage and Place.Lose make them
//	A14  all of it, in random calls beside a list
//
// What is refused wraps ledger.ErrInvalid.
//
// # Caveats
//
// Passing shows that no violation was found. Nothing here shows what a power cut leaves behind: package archive has tests for
// its own files.
//
// # Complexity
//
// A few seconds and less than 100 MiB for an archive that puts a segment in some milliseconds. With PAYRULES_LONG=1 in the
// environment the concurrent and random laws run for much longer. A law that takes more than two minutes is cut off by its
// context and fails.
package archivetest
