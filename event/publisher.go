package event

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Publisher takes records out of the process.
//
// Publish returns nil only when all the records are durably accepted by whatever stands behind it; after an
// error any of them may have been. Records of one stream are accepted in their order. The caller repeats
// what failed, so a consumer may see a record twice, and tells it by its id. Publish is safe for concurrent
// use, and returns soon after ctx is done.
type Publisher interface {
	Publish(ctx context.Context, records ...Record) error
}

// ErrFull is returned by a Memory that may hold no more.
var ErrFull = errors.New("event: full")

// Memory is a Publisher that keeps what it is given, for tests and for hosts that run in one process. The
// zero value is empty and ready; it is safe for concurrent use.
type Memory struct {
	// MaxRecords is how many records it holds at the most, so that a reader who falls behind cannot eat all
	// memory; 0 stands for a million. Set it before the first Publish.
	MaxRecords int

	mu      sync.Mutex
	records []Record
}

const defaultMaxRecords = 1_000_000

// Publish keeps the records, all of them or none.
//
// Returns an error if ctx is done, or if they do not fit (ErrFull).
func (m *Memory) Publish(ctx context.Context, records ...Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	limit := m.MaxRecords
	if limit <= 0 {
		limit = defaultMaxRecords
	}
	if len(records) > limit-len(m.records) {
		return ErrFull
	}
	m.records = append(m.records, records...)
	return nil
}

// Records returns a copy of what is kept, in the order of arrival.
func (m *Memory) Records() []Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.records)
}

// Take returns what is kept and forgets it.
func (m *Memory) Take() []Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := m.records
	m.records = nil
	return taken
}
