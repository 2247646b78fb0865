package pebble

import (
	"encoding/binary"
	"errors"

	"github.com/payrules/payrules/event"
)

// The first byte of a key says what stands under it.
const (
	logSpace      = 'l' // first position → a block of records
	indexSpace    = 'i' // stream, 0, version → position
	snapshotSpace = 's' // stream → the latest snapshot
)

const (
	blockFormat = 1       // of records with a checksum
	chainFormat = 2       // of records in the hash chain
	blockBytes  = 8 << 10 // of one block, unless a single record is larger

	logKeySize   = 1 + 8
	positionSize = 8
)

var errIndex = errors.New("not an entry of the index")

// logKey is where the block that starts at a position stands.
func logKey(first event.Position) []byte { return appendLogKey(make([]byte, 0, logKeySize), first) }

func appendLogKey(dst []byte, first event.Position) []byte {
	return binary.BigEndian.AppendUint64(append(dst, logSpace), uint64(first))
}

func parseLogKey(key []byte) (event.Position, bool) {
	if len(key) != logKeySize || key[0] != logSpace {
		return 0, false
	}
	first := event.Position(binary.BigEndian.Uint64(key[1:]))
	return first, first > 0
}

// A stream holds no control characters, so the 0 ends it.
func indexKeySize(stream string) int { return 1 + len(stream) + 1 + 8 }

func appendIndexKey(dst []byte, stream string, version event.Version) []byte {
	dst = append(append(append(dst, indexSpace), stream...), 0)
	return binary.BigEndian.AppendUint64(dst, uint64(version))
}

// indexBounds are the keys that all of a stream's entries stand between, from a version on.
func indexBounds(stream string, from event.Version) (lower, upper []byte) {
	lower = appendIndexKey(make([]byte, 0, indexKeySize(stream)), stream, from)
	upper = append(append([]byte{indexSpace}, stream...), 1)
	return lower, upper
}

// parseIndex reads an entry of the index.
func parseIndex(key, value []byte) (stream []byte, version event.Version, position event.Position, err error) {
	end := len(key) - 9
	if end < 1 || key[0] != indexSpace || key[end] != 0 || len(value) != positionSize {
		return nil, 0, 0, errIndex
	}
	version = event.Version(binary.BigEndian.Uint64(key[end+1:]))
	position = event.Position(binary.BigEndian.Uint64(value))
	if version == 0 || position == 0 {
		return nil, 0, 0, errIndex
	}
	return key[1:end], version, position, nil
}

func snapshotKey(stream string) []byte {
	return append([]byte{snapshotSpace}, stream...)
}
