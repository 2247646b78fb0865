// Package memory is the [storage.Journal] that lives in memory, for tests and for hosts that run in one
// process and need nothing after it ends.
//
// # Basics
//
//	j := memory.New(nil)
//	defer j.Close()
//
// A [Journal] keeps the laws J1 to J7 of package storage as any other store does, so that what is tested on
// it behaves the same on the real one. It is a [storage.Waiter] and keeps [storage.Snapshots].
//
// # Caveats
//
// "Durable" means as durable as the process. There is nothing to open again after Close. What it holds is
// bounded by Options.MaxBytes; when that is reached it refuses ([ErrFull]) and forgets nothing.
//
// # Complexity
//
// An append costs O(its events); a read O(what it yields). One lock guards all of it. A reader holds it only to
// take up to a page of records, so that no reader holds up a writer for long, however slow it is.
package memory
