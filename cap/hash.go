package cap

import (
	"math/bits"

	"github.com/payrules/payrules/event"
)

// MaxID is the length in bytes of the longest id of a spend.
const MaxID = event.MaxName

// hashID returns the 64 bits that stand for an id in a meter, and checks the id on the way: 1 to MaxID bytes of UTF-8
// without control characters, as event.ValidateKey has it. Snapshots hold these hashes, so the function must never
// change: a golden test guards it.
//
// It is a multiply-and-fold over words of eight bytes, in the manner of wyhash. Plain ASCII is told by the same words.
func hashID(id string) (uint64, error) {
	n := len(id)
	if n == 0 || n > MaxID {
		return 0, invalid("id", "%d bytes, want 1 to %d", n, MaxID)
	}
	h := uint64(n) * k0
	odd := uint64(0) // what is not plain ASCII in any word
	rest := id
	for len(rest) > 8 {
		w := load64(rest)
		odd |= notPlain(w)
		h = mix(h, w)
		rest = rest[8:]
	}
	var w uint64
	switch m := len(rest); {
	case n >= 8: // the last eight bytes, which may overlap those before
		w = load64(id[n-8:])
	case m >= 4:
		w = uint64(load32(rest)) | uint64(load32(rest[m-4:]))<<32
	default:
		w = uint64(rest[0]) | uint64(rest[m/2])<<8 | uint64(rest[m-1])<<16 | 0x2020202020<<24
	}
	odd |= notPlain(w)
	if odd != 0 {
		if err := event.ValidateKey(id); err != nil {
			return 0, invalid("id", "%q, want printable UTF-8", clip(id))
		}
	}
	return fold(mix(h, w)^k0, k2), nil
}

const (
	k0 = 0xa0761d6478bd642f
	k1 = 0xe7037ed1a0b428db
	k2 = 0x8ebc6af09c88c6e3
)

// mix takes a word into the state. A fold alone forgets the state when the word happens to be equal to it, and such a
// word is easily chosen; so both go in by a second way as well.
func mix(h, w uint64) uint64 { return fold(h^w, k1) ^ bits.RotateLeft64(h, 23) ^ w*k2 }

func load64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func load32(s string) uint32 {
	_ = s[3]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// notPlain is not zero when one of the eight bytes is below the space or above the tilde. It may err on the side of
// caution, never on the other: a byte of 0x7f or more sets its top bit when 1 is added, or has it set; below 0x20, the
// subtraction borrows.
func notPlain(w uint64) uint64 {
	const (
		ones = 0x0101010101010101
		tops = 0x8080808080808080
	)
	return ((w - ones*0x20) | (w + ones) | w) & tops
}
