package pebble

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"

	cockroach "github.com/cockroachdb/pebble/v2"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

const (
	snapshotFormat = 1
	snapshotFixed  = 1 + 4 + 8 + 1 // format, checksum, version, length of the schema
)

// SaveSnapshot is storage.Snapshots'. It does not wait for the disk.
//
// Returns an error if ctx is done, the journal is closed or stopped, or s breaks its form (storage.ErrInvalid).
func (j *Journal) SaveSnapshot(ctx context.Context, s storage.Snapshot) error {
	if err := j.ready(ctx); err != nil {
		return err
	}
	if err := s.Validate(); err != nil {
		return err
	}
	_, err := j.submit(ctx, nil, &s)
	return err
}

// LoadSnapshot is storage.Snapshots'. One that is damaged, or ahead of its stream, counts as none.
//
// Returns an error if ctx is done, the journal is closed, or the disk cannot be read.
func (j *Journal) LoadSnapshot(ctx context.Context, stream string) (storage.Snapshot, bool, error) {
	if err := j.enter(ctx); err != nil {
		return storage.Snapshot{}, false, err
	}
	defer j.exit()
	value, ok, err := j.get(snapshotKey(stream))
	if !ok {
		return storage.Snapshot{}, false, err
	}
	s, ok := decodeSnapshot(stream, value)
	if ok && s.Version > 0 {
		ok, err = j.holds(stream, s.Version)
	}
	if !ok {
		return storage.Snapshot{}, false, err
	}
	return s, true, nil
}

// holds says whether a stream has reached a version.
func (j *Journal) holds(stream string, version event.Version) (bool, error) {
	key := appendIndexKey(nil, stream, version)
	value, ok, err := j.get(key)
	if !ok {
		return false, err
	}
	_, _, position, err := parseIndex(key, value)
	return err == nil && position <= j.head(), nil
}

// get is a copy of what stands under a key; damage is as if there was nothing.
func (j *Journal) get(key []byte) (value []byte, ok bool, err error) {
	found, closer, err := j.db.Get(key)
	if errors.Is(err, cockroach.ErrNotFound) || cockroach.IsCorruptionError(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, j.readError(err)
	}
	value = append([]byte(nil), found...)
	return value, true, j.readError(closer.Close())
}

func encodeSnapshot(s storage.Snapshot) []byte {
	b := make([]byte, 0, snapshotFixed+len(s.Schema)+len(s.Data))
	b = append(b, snapshotFormat, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.Version))
	b = appendName(b, s.Schema)
	b = append(b, s.Data...)
	binary.LittleEndian.PutUint32(b[1:], snapshotChecksum(s.Stream, b[5:]))
	return b
}

// decodeSnapshot keeps b's memory for the data.
func decodeSnapshot(stream string, b []byte) (storage.Snapshot, bool) {
	if len(b) < snapshotFixed || b[0] != snapshotFormat || len(b) < snapshotFixed+int(b[13]) {
		return storage.Snapshot{}, false
	}
	if binary.LittleEndian.Uint32(b[1:]) != snapshotChecksum(stream, b[5:]) {
		return storage.Snapshot{}, false
	}
	end := snapshotFixed + int(b[13])
	return storage.Snapshot{
		Stream:  stream,
		Version: event.Version(binary.LittleEndian.Uint64(b[5:])),
		Schema:  string(b[snapshotFixed:end]),
		Data:    b[end:],
	}, true
}

func snapshotChecksum(stream string, b []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Update(0, table, []byte(stream)), table, b)
}
