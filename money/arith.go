package money

import (
	"cmp"
	"math"
	"math/bits"
)

// The arithmetic below works on magnitudes, because the roundings are said of magnitudes, and because the magnitude of
// math.MinInt64 fits a uint64. bits.Mul64 is one machine instruction, and on amd64 bits.Div64 is too.

// magnitude returns |x|, also for math.MinInt64.
func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

// signed puts the sign back. It reports false when the number does not fit.
func signed(mag uint64, negative bool) (int64, bool) {
	if negative {
		return -int64(mag), mag <= 1<<63
	}
	return int64(mag), mag <= math.MaxInt64
}

// mulDiv returns a × num / den, rounded. It reports false when the result does not fit. den must not be 0.
func mulDiv(a, num int64, den uint64, mode Rounding) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(num))
	if hi >= den { // the quotient would need more than 64 bits
		return 0, false
	}
	negative := (a < 0) != (num < 0)
	q, r := bits.Div64(hi, lo, den)
	if r != 0 && mode.carries(q&1 == 1, compareHalf(r, den), negative) {
		if q++; q == 0 {
			return 0, false
		}
	}
	return signed(q, negative)
}

// mulDivShift returns a × num / den × 10^shift, rounded once. It reports false when the result does not fit.
// den must be positive and fit an int64; shift is the difference between two exponents of currencies.
func mulDivShift(a, num int64, den uint64, shift int, mode Rounding) (int64, bool) {
	if shift == 0 {
		return mulDiv(a, num, den, mode)
	}
	negative := (a < 0) != (num < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(num))
	down := uint64(1)
	if shift > 0 {
		// A product beyond 128 bits is beyond 64 bits after the division too, because den has at most 63.
		over, mid := bits.Mul64(hi, pow10(shift))
		carry, low := bits.Mul64(lo, pow10(shift))
		sum, wrapped := bits.Add64(mid, carry, 0)
		if over != 0 || wrapped != 0 {
			return 0, false
		}
		hi, lo = sum, low
	} else {
		down = pow10(-shift)
	}
	// den × down may need more than 64 bits, so divide twice. What was cut off in all is r2 × den + r1 of den × down.
	hi, lo, r1 := div128(hi, lo, den)
	hi, q, r2 := div128(hi, lo, down)
	if hi != 0 {
		return 0, false
	}
	if r1 != 0 || r2 != 0 {
		restHi, restLo := bits.Mul64(r2, den)
		restLo, carry := bits.Add64(restLo, r1, 0)
		restHi += carry
		wholeHi, wholeLo := bits.Mul64(down, den)
		leftLo, borrow := bits.Sub64(wholeLo, restLo, 0)
		leftHi, _ := bits.Sub64(wholeHi, restHi, borrow)
		half := cmp.Or(cmp.Compare(restHi, leftHi), cmp.Compare(restLo, leftLo))
		if mode.carries(q&1 == 1, half, negative) {
			if q++; q == 0 {
				return 0, false
			}
		}
	}
	return signed(q, negative)
}

// div128 divides a number of 128 bits by one of 64.
func div128(hi, lo, d uint64) (qHi, qLo, r uint64) {
	qHi, r = hi/d, hi%d
	qLo, r = bits.Div64(r, lo, d)
	return qHi, qLo, r
}

// pow10 returns 10^n, for n from 0 to 19.
func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// gcd returns the greatest common divisor; b must not be 0.
func gcd(a, b uint64) uint64 {
	for a != 0 {
		a, b = b%a, a
	}
	return b
}
