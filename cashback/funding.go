package cashback

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/payrules/payrules/money"
)

// This file splits what is granted over those who pay for it, once. What is taken back, bit by bit, is split by apportion.

// checkFunding checks who pays.
func checkFunding(funders []Funder) (where string, err error) {
	if _, where, err = places(".funding", 1, MaxFunders, funders, func(f *Funder) string { return f.ID }); err != nil {
		return where, err
	}
	for j, f := range funders {
		if err := checkRate(f.Share, false); err != nil || f.Share.Sign() == 0 {
			return fmt.Sprintf(".funding[%d].share", j), fmt.Errorf("%s, want more than 0, and 1 at most", f.Share)
		}
	}
	return ".funding", checkWhole(funders)
}

// checkWhole returns an error if the shares, each of them above 0 and at most 1, do not add up to 1, or have no common denominator that
// fits an int64.
func checkWhole(funders []Funder) error {
	common := uint64(1)
	for _, f := range funders {
		den := uint64(f.Share.Denominator())
		a, b := common, den
		for b != 0 {
			a, b = b, a%b
		}
		hi, lo := bits.Mul64(common/a, den)
		if hi != 0 || lo > 1<<63-1 {
			return errors.New("the shares have no common denominator below 2^63: want rounder ones")
		}
		common = lo
	}
	sum := uint64(0)
	for _, f := range funders {
		parts := uint64(f.Share.Numerator()) * (common / uint64(f.Share.Denominator())) // at most common
		sum = min(sum+parts, common+1)
	}
	if sum != common {
		return errors.New("the shares do not add up to 1")
	}
	return nil
}

// fund appends what each funder pays of an amount that is not negative.
func fund(amount money.Amount, funders []Funder, shares []Share) []Share {
	var parts [MaxFunders]int64
	largestRemainder(amount.Minor(), funders, &parts)
	for i := range funders {
		shares = append(shares, Share{Funder: funders[i].ID, Amount: money.New(parts[i], amount.Currency())})
	}
	return shares
}

// costTo returns what one funder pays of an amount.
func costTo(funder string, amount money.Amount, funders []Funder) int64 {
	var parts [MaxFunders]int64
	largestRemainder(amount.Minor(), funders, &parts)
	if i := slices.IndexFunc(funders, func(f Funder) bool { return f.ID == funder }); i >= 0 {
		return parts[i]
	}
	return 0
}

// largestRemainder splits an amount that is not negative over funders, whose shares add up to 1, as [money.Amount.Allocate] does over
// weights, but without allocating: each funder first pays its share cut off to a whole minor unit; the units left over go one each to those
// that lost most by the cut, and among equals to the one that comes first.
func largestRemainder(amount int64, funders []Funder, parts *[MaxFunders]int64) {
	var lost [MaxFunders]uint64 // by the cut, of the denominator of the share
	left := amount
	for i := range funders {
		share := funders[i].Share
		hi, lo := bits.Mul64(uint64(amount), uint64(share.Numerator()))
		whole, rest := bits.Div64(hi, lo, uint64(share.Denominator())) // cannot fault: no share is above 1
		parts[i], lost[i] = int64(whole), rest
		left -= int64(whole)
	}
	for ; left > 0; left-- { // less often than there are funders
		most := 0
		for i := range funders {
			if lessProduct(lost[most], uint64(funders[i].Share.Denominator()), lost[i], uint64(funders[most].Share.Denominator())) {
				most = i
			}
		}
		parts[most]++
		lost[most] = 0
	}
}
