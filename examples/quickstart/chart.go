package main

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// bar draws part of whole as blocks, to an eighth of a column.
func bar(part, whole int64, width int) string {
	eighths := scale(part, whole, int64(width)*8)
	s := strings.Repeat("█", int(eighths/8))
	if rest := eighths % 8; rest > 0 {
		s += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return s + strings.Repeat(" ", width-len([]rune(s)))
}

// scale returns to·part/whole, rounded down, for 0 ≤ part ≤ whole; 0 when whole is 0.
func scale(part, whole, to int64) int64 {
	if whole <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(min(max(part, 0), whole)), uint64(to))
	quotient, _ := bits.Div64(hi, lo, uint64(whole)) // fits, since part ≤ whole
	return int64(quotient)
}

// maxBars is how many periods a chart shows at most.
const maxBars = 12

// chart draws the withdrawals of each period, accepted and refused, with a line of heading. The periods are as many
// months as it takes for all to fit; the zero string when there was none.
func chart(months map[month]*[2]int64) string {
	if len(months) == 0 {
		return ""
	}
	in := slices.Sorted(maps.Keys(months))
	step, unit := period(in[0], in[len(in)-1])
	from := in[0] / step * step
	periods := make([][2]int64, in[len(in)-1]/step-in[0]/step+1)
	most := int64(0)
	for m, n := range months {
		p := &periods[(m-from)/step]
		p[0] += n[0]
		p[1] += n[1]
		most = max(most, p[0]+p[1])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Withdrawals by %s   █ accepted  ░ refused\n", unit)
	for i, p := range periods {
		const width = 44
		accepted := int(scale(p[0], most, width))
		both := int(scale(p[0]+p[1], most, width))
		if p[1] > 0 && both == accepted { // what there is, is seen
			accepted = max(accepted-1, 0)
		}
		fmt.Fprintf(&b, "  %s  %s%s%s %9s %7s\n", from+month(i)*step,
			strings.Repeat("█", accepted), strings.Repeat("░", both-accepted), strings.Repeat(" ", width-both),
			grouped(p[0]), grouped(p[1]))
	}
	return b.String()
}

// period returns the shortest of the usual periods of which maxBars cover the months from first to last.
func period(first, last month) (months month, name string) {
	for _, p := range []struct {
		months month
		name   string
	}{{1, "month"}, {3, "quarter"}, {12, "year"}} {
		if last/p.months-first/p.months < maxBars {
			return p.months, p.name
		}
	}
	return 120, "decade" // dates have years of two digits
}

// grouped writes a number with commas: 28,205.
func grouped(n int64) string { return groupedNumber(strconv.FormatInt(n, 10)) }

// groupedNumber puts the commas into a decimal number: 36,402,106.60.
func groupedNumber(s string) string {
	whole, fraction, point := strings.Cut(s, ".")
	sign := ""
	if digits, ok := strings.CutPrefix(whole, "-"); ok {
		sign, whole = "-", digits
	}
	var groups []string
	for len(whole) > 3 {
		groups = append(groups, whole[len(whole)-3:])
		whole = whole[:len(whole)-3]
	}
	groups = append(groups, whole)
	slices.Reverse(groups)
	out := sign + strings.Join(groups, ",")
	if point {
		out += "." + fraction
	}
	return out
}
