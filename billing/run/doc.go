// Package run bills a month for all accounts: the billing run.
//
// # Basics
//
// A [Runner] goes over all accounts of an engine. [Runner.Dry] says what would be issued, and [Runner.Bill] issues it, by the same builder: the
// digests are the same if nothing has changed between. Accounts are read and drafted side by side; numbers are given by one writer, in the
// order of the contracts' ids, a chunk of accounts at a time, in one atomic append with their invoices.
// [VerifySeries] reads a journal, and says whether the numbers of a series are what R2 wants.
//
// # The laws
//
//	R1   What was issued is never issued again: a run that is asked for again bills what is left, and nothing if there is nothing. So a
//	     run that was killed anywhere is finished by asking for it again, with the same invoices that it would have had.
//	R2   Numbers of a series have no gaps and are given once, in the order of the dates of issue.
//	R3   An account that cannot be billed is parked by itself, with the reasons, and takes no number. Once that is mended, the next run bills it.
//	R4   The invoices do not depend on how many work, how large chunks are, or how often the run was begun.
//
// # Errors
//
// A run ends with an error if its order is malformed, the series is not open or of another year, the journal fails, or ctx is done. What
// was issued until then stands; ask for the run again.
package run
