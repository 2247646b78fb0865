package money

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

// MaxParts is the largest number of parts that [Amount.Allocate] and [Amount.Split] make.
const MaxParts = 1 << 20

// Allocate divides a into one part for each weight, in proportion, so that the parts sum back to a exactly. The weights
// are relative: (1, 1) and (50, 50) are the same.
//
// The method is that of the largest remainder: each part first gets its share cut off to a whole minor unit; the units
// left over go one each to the parts that lost most by the cut, and among equals to the one that comes first. So a part is
// never a whole unit away from its exact share, a weight of 0 gets nothing, and the parts of -a are those of a negated.
//
// Allocate returns an error if:
//   - a has no currency ([ErrNoCurrency]);
//   - there is no weight, there are more than [MaxParts], one is negative, or all are 0 ([ErrInvalidArgument]);
//   - the weights sum beyond an int64 ([ErrOverflow]).
//
// It costs O(n log n) for n weights, and two slices.
func (a Amount) Allocate(weights []int64) ([]Amount, error) {
	total, err := a.checkWeights(weights)
	if err != nil {
		return nil, err
	}
	type remainder struct {
		lost  uint64 // of total: what the cut took from the part
		index int
	}
	parts, remainders := make([]Amount, len(weights)), make([]remainder, len(weights))
	whole, given := magnitude(a.minor), uint64(0)
	for i, w := range weights {
		hi, lo := bits.Mul64(whole, uint64(w))
		share, lost := bits.Div64(hi, lo, total) // cannot fault: w <= total, so hi < total
		parts[i] = a.part(share)
		remainders[i] = remainder{lost, i}
		given += share
	}
	left := whole - given // less than the number of parts that lost something
	if left > 0 {
		slices.SortFunc(remainders, func(x, y remainder) int {
			return cmp.Or(cmp.Compare(y.lost, x.lost), cmp.Compare(x.index, y.index))
		})
	}
	unit := a.part(1).minor
	for _, r := range remainders[:left] {
		parts[r.index].minor += unit
	}
	return parts, nil
}

// checkWeights returns the sum of the weights.
func (a Amount) checkWeights(weights []int64) (uint64, error) {
	if a.currency == 0 {
		return 0, fmt.Errorf("money: allocate: %w", ErrNoCurrency)
	}
	if err := checkParts("allocate", len(weights)); err != nil {
		return 0, err
	}
	var total int64
	for i, w := range weights {
		if w < 0 {
			return 0, fmt.Errorf("money: allocate: %w: weight %d is negative", ErrInvalidArgument, i)
		}
		if total += w; total < 0 {
			return 0, fmt.Errorf("money: allocate: %w: the sum of the weights", ErrOverflow)
		}
	}
	if total == 0 {
		return 0, fmt.Errorf("money: allocate: %w: all weights are 0", ErrInvalidArgument)
	}
	return uint64(total), nil
}

// Split divides a into n parts that differ by at most one minor unit and sum back to a exactly; the larger ones come
// first. It is Allocate with equal weights: 10.00 EUR in 3 is 3.34, 3.33, 3.33.
//
// Split returns an error if a has no currency ([ErrNoCurrency]), or n is not 1 to [MaxParts] ([ErrInvalidArgument]).
func (a Amount) Split(n int) ([]Amount, error) {
	if a.currency == 0 {
		return nil, fmt.Errorf("money: split: %w", ErrNoCurrency)
	}
	if err := checkParts("split", n); err != nil {
		return nil, err
	}
	share, left := magnitude(a.minor)/uint64(n), magnitude(a.minor)%uint64(n)
	parts := make([]Amount, n)
	for i := range parts {
		parts[i] = a.part(share)
		if uint64(i) < left {
			parts[i] = a.part(share + 1)
		}
	}
	return parts, nil
}

// checkParts refuses a number of parts that is out of bounds.
func checkParts(op string, n int) error {
	if n < 1 || n > MaxParts {
		return fmt.Errorf("money: %s: %w: %d parts, want 1 to %d", op, ErrInvalidArgument, n, MaxParts)
	}
	return nil
}

// part returns an amount with this magnitude and the sign of a. It requires that it is no larger than a.
func (a Amount) part(mag uint64) Amount {
	minor, _ := signed(mag, a.minor < 0)
	return Amount{minor, a.currency}
}
