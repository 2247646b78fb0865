package storage

import (
	"errors"
	"fmt"
)

var (
	// ErrInvalid is wrapped when a batch breaks a bound or a form. Nothing of it is stored.
	ErrInvalid = errors.New("storage: invalid")

	// ErrConflict is what every *ConflictError is.
	ErrConflict = errors.New("storage: conflict")

	// ErrUnknownOutcome is wrapped when an append may or may not have been stored: a connection that broke
	// while committing, a disk that did not answer. Read the home stream and see.
	ErrUnknownOutcome = errors.New("storage: outcome unknown")

	// ErrClosed is returned by every method of a journal that is closed.
	ErrClosed = errors.New("storage: journal is closed")

	// ErrInUse is wrapped when a journal cannot be opened because another process or handle holds it.
	ErrInUse = errors.New("storage: journal is in use")

	// ErrCorrupt is what every *CorruptError is.
	ErrCorrupt = errors.New("storage: corrupt")
)

// ConflictError says that a stream was not at the version that a write expected.
type ConflictError struct {
	Stream     string
	Want, Have Version

	// BuiltOnLost is true when the batch lost because an earlier batch of the same call, which wanted to
	// write to this stream, lost (law J4). Want and Have may then be equal.
	BuiltOnLost bool
}

// Error says which stream is where.
func (e *ConflictError) Error() string {
	if e.BuiltOnLost {
		return fmt.Sprintf("storage: conflict: stream %q: built on a batch that was not stored", e.Stream)
	}
	return fmt.Sprintf("storage: conflict: stream %q is at version %d, expected %d", e.Stream, e.Have, e.Want)
}

// Is makes errors.Is(err, ErrConflict) true.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// CorruptError says that what a store gave back cannot be what was stored.
type CorruptError struct {
	Name   string // the file, table or key, as an operator would look for it
	Reason string
	Err    error // the store's own error, or nil
}

// Error names the place and the reason.
func (e *CorruptError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("storage: corrupt: %s: %s: %v", e.Name, e.Reason, e.Err)
	}
	return fmt.Sprintf("storage: corrupt: %s: %s", e.Name, e.Reason)
}

// Is makes errors.Is(err, ErrCorrupt) true.
func (e *CorruptError) Is(target error) bool { return target == ErrCorrupt }

// Unwrap is the store's own error.
func (e *CorruptError) Unwrap() error { return e.Err }

func tooManyBatches(n int) error {
	return fmt.Errorf("%w append: %d batches, want at most %d", ErrInvalid, n, MaxBatches)
}
