package cashback

import (
	"math/bits"

	"github.com/payrules/payrules/money"
)

// apportion splits total, which is not below zero and not above the sum of the weights, over the weights, in proportion, so that:
//
//   - the parts add up to total, and no part is above its weight;
//   - when total grows, no part falls (largest remainders, as in money.Amount.Allocate, do not have this: the Alabama paradox);
//   - it rests on total alone, and not on the steps by which it was reached.
//
// So what is taken back of a reward bit by bit, of each line and each funder, is never given again on the way, and adds up in the end.
// (What is granted is split once, over shares, by largest remainder: see funding.go.)
//
// It is the divisor method of Webster and Sainte-Laguë: each unit goes to the weight w that has a units and the least (2a+1)/w; ties go to
// the first. It costs O(n³) at most for n weights, whatever total is.
func apportion(total int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	n, sum := int64(len(weights)), int64(0)
	for _, w := range weights {
		sum += w
	}
	if total <= 0 || sum <= 0 {
		return parts
	}
	left := total
	for i, w := range weights { // no part is more than n/2+1 below its proportion
		parts[i] = max(0, mulDiv(total, w, sum)-n/2-1)
		left -= parts[i]
	}
	for ; left > 0; left-- {
		best := -1
		for i, w := range weights {
			if w > 0 && (best < 0 || before(parts[i], w, parts[best], weights[best])) {
				best = i
			}
		}
		parts[best]++
	}
	return parts
}

// before reports whether (2a+1)/v is less than (2b+1)/w.
func before(a, v, b, w int64) bool {
	return lessProduct(uint64(2*a+1), uint64(w), uint64(2*b+1), uint64(v))
}

// lessProduct reports whether a × b is less than c × d.
func lessProduct(a, b, c, d uint64) bool {
	hi, lo := bits.Mul64(a, b)
	high, low := bits.Mul64(c, d)
	return hi < high || hi == high && lo < low
}

// mulDiv is a × b ÷ c, rounded down, of numbers not below zero, with b not above c.
func mulDiv(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(q)
}

// proportion is the part of whole that part is of all, as a proportional clawback reckons it: whole × part ÷ all, rounded.
func proportion(whole money.Amount, part, all int64, mode money.Rounding) (money.Amount, error) {
	if part == all {
		return whole, nil
	}
	r, err := money.NewRate(part, all)
	if err != nil {
		return money.Amount{}, err
	}
	return whole.MulRate(r, mode)
}
