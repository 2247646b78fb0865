package cashback

import (
	"cmp"
	"slices"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

// This file says whether a purchase fits a rule, whatever its amount; evaluate.go asks of the amount.

// matcher is a Rule made ready to be asked. It has no bounds that are open, and numbers for names.
type matcher struct {
	from, through    civil.Date
	include, exclude filter
	group            int32  // its place in the program
	budget           int32  // its place in the program; none: -1
	caps             uint16 // a bit for the place of each cap that bounds it
}

// filter is a Filter made ready: sorted, each once.
type filter struct {
	merchants, groups, categories, countries, tiers numbers
	mcc                                             []cap.MCCRange
}

// numbers is a list of names, sorted, each once.
type numbers []int32

// facts is what a purchase is asked for.
type facts struct {
	base     money.Amount
	day      civil.Date
	merchant int32 // these are numbers of names
	groups   numbers
	category int32
	country  int32
	tier     int32
	mcc      cap.MCC
}

// newMatchers makes the rules ready, but for their filters.
func newMatchers(s *Spec) []matcher {
	groups, budgets, caps := map[string]int{}, map[string]int{}, map[string]uint16{}
	for i := range s.Groups {
		groups[s.Groups[i].ID] = i
	}
	for i := range s.Budgets {
		budgets[s.Budgets[i].ID] = i
	}
	all := uint16(0) // of the caps that bound every rule
	for i := range s.Caps {
		for _, rule := range s.Caps[i].Rules {
			caps[rule] |= 1 << i
		}
		if len(s.Caps[i].Rules) == 0 {
			all |= 1 << i
		}
	}
	rules := make([]matcher, len(s.Rules))
	for i := range s.Rules {
		r := &s.Rules[i]
		rules[i] = matcher{from: r.From, through: r.Through, group: int32(groups[r.Group]), budget: -1, caps: caps[r.ID] | all}
		if r.Through.IsZero() {
			rules[i].through = forever
		}
		if budget, known := budgets[r.Budget]; known {
			rules[i].budget = int32(budget)
		}
	}
	return rules
}

// filter makes f ready.
func (n names) filter(f *Filter) filter {
	return filter{
		merchants: number(n, f.Merchants), groups: number(n, f.Groups), categories: number(n, f.Categories),
		countries: number(n, f.Countries), tiers: number(n, f.Tiers), mcc: merge(f.MCC),
	}
}

func number[T ~string](n names, list []T) numbers {
	if len(list) == 0 {
		return nil
	}
	out := make(numbers, len(list))
	for i, text := range list {
		out[i] = n.add(string(text))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// merge returns the codes of ranges as ranges that lie apart, in order.
func merge(ranges []cap.MCCRange) []cap.MCCRange {
	ranges = slices.Clone(ranges)
	slices.SortFunc(ranges, func(a, b cap.MCCRange) int { return cmp.Compare(a.From, b.From) })
	merged := ranges[:0]
	for _, r := range ranges {
		if last := len(merged) - 1; last >= 0 && r.From <= merged[last].To+1 {
			merged[last].To = max(merged[last].To, r.To)
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

// reason returns why a purchase does not fit the rule, whatever its amount: the first reason that holds; "" if it fits.
func (r *matcher) reason(f *facts) RuleReason {
	in, out := &r.include, &r.exclude
	switch {
	case f.day < r.from:
		return NotStarted
	case f.day > r.through:
		return Ended
	case len(in.merchants) > 0 && !in.merchants.has(f.merchant):
		return MerchantNotIncluded
	case len(in.groups) > 0 && !in.groups.hasAny(f.groups):
		return MerchantGroupNotIncluded
	case len(in.mcc) > 0 && !in.hasMCC(f.mcc):
		return MCCNotIncluded
	case len(in.categories) > 0 && !in.categories.has(f.category):
		return CategoryNotIncluded
	case len(in.countries) > 0 && !in.countries.has(f.country):
		return CountryNotIncluded
	case len(in.tiers) > 0 && !in.tiers.has(f.tier):
		return TierNotIncluded
	case out.merchants.has(f.merchant):
		return MerchantExcluded
	case out.groups.hasAny(f.groups):
		return MerchantGroupExcluded
	case out.hasMCC(f.mcc):
		return MCCExcluded
	case out.categories.has(f.category):
		return CategoryExcluded
	case out.countries.has(f.country):
		return CountryExcluded
	case out.tiers.has(f.tier):
		return TierExcluded
	}
	return ""
}

func (list numbers) has(n int32) bool {
	_, found := slices.BinarySearch(list, n)
	return found
}

func (list numbers) hasAny(ns numbers) bool {
	return len(list) > 0 && slices.ContainsFunc(ns, list.has)
}

func (f *filter) hasMCC(code cap.MCC) bool {
	i, found := slices.BinarySearchFunc(f.mcc, code, func(r cap.MCCRange, code cap.MCC) int { return cmp.Compare(r.From, code) })
	return found || i > 0 && code <= f.mcc[i-1].To
}
