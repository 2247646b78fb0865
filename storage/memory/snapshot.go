package memory

import (
	"bytes"
	"context"
	"fmt"

	"github.com/payrules/payrules/storage"
)

// SaveSnapshot is storage.Snapshots'. Where there is no room, it pushes out those of other streams.
//
// Returns an error if:
//   - ctx is done, or the journal is closed;
//   - s breaks its form (storage.ErrInvalid), or is larger than all the room there is (ErrFull).
func (j *Journal) SaveSnapshot(ctx context.Context, s storage.Snapshot) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.Validate(); err != nil {
		return err
	}
	size := snapshotSize(s)
	if size > j.maxBytes {
		return fmt.Errorf("%w: a snapshot of %d bytes, with room for %d", ErrFull, size, j.maxBytes)
	}
	s.Data = bytes.Clone(s.Data)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return storage.ErrClosed
	}
	j.dropSnapshot(s.Stream)
	for stream := range j.snapshots {
		if size <= j.maxBytes-j.snapshotBytes {
			break
		}
		j.dropSnapshot(stream)
	}
	j.snapshots[s.Stream] = s
	j.snapshotBytes += size
	return nil
}

// dropSnapshot forgets the snapshot of a stream. It requires that j.mu is held.
func (j *Journal) dropSnapshot(stream string) {
	if old, ok := j.snapshots[stream]; ok {
		j.snapshotBytes -= snapshotSize(old)
		delete(j.snapshots, stream)
	}
}

func snapshotSize(s storage.Snapshot) int64 {
	return recordBytes + int64(len(s.Stream)+len(s.Schema)+len(s.Data))
}

// LoadSnapshot is storage.Snapshots'. The data is a copy.
//
// Returns an error if ctx is done, or the journal is closed.
func (j *Journal) LoadSnapshot(ctx context.Context, stream string) (storage.Snapshot, bool, error) {
	if err := ctx.Err(); err != nil {
		return storage.Snapshot{}, false, err
	}
	j.mu.RLock()
	s, ok := j.snapshots[stream]
	closed := j.closed
	j.mu.RUnlock()
	if closed {
		return storage.Snapshot{}, false, storage.ErrClosed
	}
	s.Data = bytes.Clone(s.Data)
	return s, ok, nil
}
