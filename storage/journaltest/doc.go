// Package journaltest says whether a storage.Journal keeps its laws, and how fast it is. It is for whoever
// writes a store: the two of this library run it, and a bank's own store runs the same.
//
// # Basics
//
//	func TestLaws(t *testing.T) {
//		journaltest.Run(t, func(t testing.TB) journaltest.Store {
//			dir := t.TempDir()
//			return journaltest.Store{Open: func(now func() time.Time) (storage.Journal, error) {
//				return mystore.Open(dir, &mystore.Options{Now: now})
//			}}
//		})
//	}
//
// A [Store] is one empty place to keep a journal in. Its Open is called again after Close, to see whether
// everything is still there. [Run] checks each [Law] in a subtest, each on a store of its own; [Laws] lists
// them for those who want the errors instead. [History] is one of them by itself: random calls beside a
// model, with the choices left to the caller, so that a property-based tester can drive it and shrink what
// it finds. [Bench] measures.
//
// # What is checked
//
// The laws J1 to J7 of package storage, in the order of reading: what a batch does by itself, with others in
// a call, with others at the same time; what the bounds are; what readers see meanwhile; what is there
// after the journal was closed, or the machine stopped (Store.Crash). Waiter and Snapshots are checked where
// the journal has them. What the errors say is left to the store, but for what storage promises of them.
//
// # Caveats
//
// Passing shows that no violation was found. Only Store.Crash shows anything about power cuts, and only as
// far as it is like one.
//
// # Complexity
//
// A few seconds and less than 200 MiB for a store that commits in a millisecond. With PAYRULES_LONG=1 in the
// environment the concurrent and random laws run for much longer. A law that takes more than two minutes
// (twenty with PAYRULES_LONG=1) is cut off by its context and fails.
package journaltest
