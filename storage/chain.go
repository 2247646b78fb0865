package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/payrules/payrules/event"
)

// Hash stands for a record and, through the one before it, for all records up to it. The zero Hash stands
// before the first. It is written as 64 hexadecimal digits.
type Hash [sha256.Size]byte

// chainTag keeps the hashes of chains apart from all others, and names the form below. Another form gets
// another tag.
const chainTag = "payrules.chain.1"

// chainFixed is what Chain writes ahead of the names: the tag, the hash before, position, version and At, the
// digest, four lengths, and the hash of the data.
const chainFixed = len(chainTag) + sha256.Size + 3*8 + 32 + 4*4 + sha256.Size

// Chain is the hash of r on top of prev, that of the record before it. It is the same in every store: the
// SHA-256 of
//
//	"payrules.chain.1", prev (32),
//	position (8), version (8), At in microseconds since 1970 (8), digest (32),
//	length (4) of stream, of type, of traceparent, and of key, SHA-256 of the data (32),
//	stream, type, traceparent, key
//
// with numbers big-endian. As the data goes in by its own hash, a chain can still be verified where data was
// erased and its hash kept. It allocates nothing for a record within the bounds of package event.
func Chain(prev Hash, r event.Record) Hash {
	data := sha256.Sum256(r.Data)
	var room [chainFixed + 3*event.MaxName + event.MaxType]byte
	b := append(room[:0], chainTag...)
	b = append(b, prev[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Position))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Version))
	b = binary.BigEndian.AppendUint64(b, uint64(r.At.UnixMicro()))
	b = append(b, r.Digest[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Stream)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Type)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.TraceParent)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Key)))
	b = append(b, data[:]...)
	b = append(b, r.Stream...)
	b = append(b, r.Type...)
	b = append(b, r.TraceParent...)
	b = append(b, r.Key...)
	return sha256.Sum256(b)
}

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText is String.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads what MarshalText wrote. It returns ErrInvalid for anything but 64 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(h) || len(text)%2 != 0 {
		return fmt.Errorf("%w hash: %d digits, want %d", ErrInvalid, len(text), hex.EncodedLen(len(h)))
	}
	var read Hash
	if _, err := hex.Decode(read[:], text); err != nil {
		return fmt.Errorf("%w hash: %w", ErrInvalid, err)
	}
	*h = read
	return nil
}

// Seal says what a journal holds up to a position, in 32 bytes. Whoever keeps one outside of the journal,
// where those who can change the journal cannot reach, will notice if anything up to there is changed later,
// even if the whole journal was written anew.
type Seal struct {
	Position Position `json:"position"`
	Hash     Hash     `json:"hash"`
}
