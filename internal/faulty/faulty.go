// Package faulty is a journal that fails as real ones do: before an append, after it, or without a word of
// what became of it.
package faulty

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/payrules/payrules/storage"
)

// Fault is what happens to one call of Append.
type Fault int

// The faults.
const (
	None         Fault = iota
	Refused            // nothing is stored, and the error says so
	LostUnstored       // nothing is stored; the outcome is unknown to the caller
	LostStored         // all is stored; the outcome is unknown to the caller
)

// Sometimes is a Next that lets about one call in n fail, each with one of the faults. Without faults none fails.
func Sometimes(rng *rand.Rand, n int, faults ...Fault) func() Fault {
	return func() Fault {
		if len(faults) == 0 || rng.IntN(n) > 0 {
			return None
		}
		return faults[rng.IntN(len(faults))]
	}
}

// ErrRefused is the error of an append that was Refused.
var ErrRefused = errors.New("faulty: no space left")

// Journal wraps another one. Next decides the fault of each call of Append; nil stands for None. Before, if
// set, is called at the start of each append, and may block.
type Journal struct {
	storage.Journal
	Next   func() Fault
	Before func(batches []storage.Batch)

	mu sync.Mutex
}

// Append fails as Next says.
func (j *Journal) Append(ctx context.Context, batches ...storage.Batch) ([]storage.Receipt, error) {
	if j.Before != nil {
		j.Before(batches)
	}
	fault := None
	if j.Next != nil {
		j.mu.Lock()
		fault = j.Next()
		j.mu.Unlock()
	}
	switch fault {
	case Refused:
		return nil, ErrRefused
	case LostUnstored:
		return nil, fmt.Errorf("%w: connection lost", storage.ErrUnknownOutcome)
	case LostStored:
		if _, err := j.Journal.Append(ctx, batches...); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: connection lost", storage.ErrUnknownOutcome)
	default:
		return j.Journal.Append(ctx, batches...)
	}
}

// SaveSnapshot goes to the wrapped journal, if it keeps snapshots.
func (j *Journal) SaveSnapshot(ctx context.Context, s storage.Snapshot) error {
	if inner, ok := j.Journal.(storage.Snapshots); ok {
		return inner.SaveSnapshot(ctx, s)
	}
	return nil
}

// LoadSnapshot goes to the wrapped journal, if it keeps snapshots.
func (j *Journal) LoadSnapshot(ctx context.Context, stream string) (storage.Snapshot, bool, error) {
	if inner, ok := j.Journal.(storage.Snapshots); ok {
		return inner.LoadSnapshot(ctx, stream)
	}
	return storage.Snapshot{}, false, nil
}
