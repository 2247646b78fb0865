package interest

import (
	"math"
	"math/big"
	"math/bits"
)

// int128 is a whole number of 128 bits, in two's complement. Whatever does not fit is told by ok, and never wraps.
type int128 struct {
	hi int64
	lo uint64
}

func (a int128) sign() int {
	switch {
	case a.hi < 0:
		return -1
	case a.hi == 0 && a.lo == 0:
		return 0
	}
	return 1
}

func (a int128) add(b int128) (sum int128, ok bool) {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(uint64(a.hi), uint64(b.hi), carry)
	sum = int128{int64(hi), lo}
	return sum, (a.hi < 0) != (b.hi < 0) || (sum.hi < 0) == (a.hi < 0)
}

func (a int128) neg() (minus int128, ok bool) {
	lo, borrow := bits.Sub64(0, a.lo, 0)
	hi, _ := bits.Sub64(0, uint64(a.hi), borrow)
	return int128{int64(hi), lo}, a != int128{hi: math.MinInt64}
}

// magnitude returns |a|, which is at most 2^127.
func (a int128) magnitude() (hi, lo uint64) {
	if a.hi < 0 {
		a, _ = a.neg()
	}
	return uint64(a.hi), a.lo
}

// signed128 returns the number of a magnitude and a sign.
func signed128(hi, lo uint64, negative bool) (n int128, ok bool) {
	if hi > math.MaxInt64 {
		return int128{}, false // 2^127 does not come about
	}
	n = int128{int64(hi), lo}
	if negative {
		return n.neg()
	}
	return n, true
}

// product returns a·b.
func product(a uint64, b int64) int128 {
	hi, lo := bits.Mul64(a, magnitude(b))
	n, _ := signed128(hi, lo, b < 0) // below 2^64 · 2^63
	return n
}

// mul returns a·b.
func (a int128) mul(b uint64) (n int128, ok bool) {
	hi, lo := a.magnitude()
	carry, low := bits.Mul64(lo, b)
	over, high := bits.Mul64(hi, b)
	high, more := bits.Add64(high, carry, 0)
	if over != 0 || more != 0 {
		return int128{}, false
	}
	return signed128(high, low, a.hi < 0)
}

// divide returns the quotient by a positive d below 2^63, cut off toward zero, and the rest, which has the sign of a.
func (a int128) divide(d uint64) (quotient, rest int64, ok bool) {
	hi, lo := a.magnitude()
	if hi >= d {
		return 0, 0, false
	}
	q, r := bits.Div64(hi, lo, d)
	if q > math.MaxInt64 {
		return 0, 0, false
	}
	if a.hi < 0 {
		return -int64(q), -int64(r), true
	}
	return int64(q), int64(r), true
}

func (a int128) big() *big.Int {
	n := new(big.Int).Lsh(big.NewInt(a.hi), 64)
	return n.Or(n, new(big.Int).SetUint64(a.lo))
}

func int128Of(n *big.Int) (value int128, ok bool) {
	if n.BitLen() > 127 {
		return int128{}, false
	}
	abs := new(big.Int).Abs(n)
	return signed128(new(big.Int).Rsh(abs, 64).Uint64(), new(big.Int).And(abs, new(big.Int).SetUint64(math.MaxUint64)).Uint64(), n.Sign() < 0)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
