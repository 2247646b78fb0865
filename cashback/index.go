package cashback

import "github.com/payrules/payrules/cap"

// index is the rules of a program, made ready to be asked, and filed so that a purchase finds those that can fit it without asking
// those that cannot.
//
// A rule is filed under one thing that it includes, the first there is of: merchants, groups of merchants, categories, merchant category
// codes, countries, tiers; under each entry of that list, or else under nothing. What is filed under one entry is a calendar. So rules
// for other merchants, other codes or other days cost a purchase nothing but the logarithm of how many there are. What else a rule
// includes and excludes is asked.
//
// It takes 16 bytes for each entry that a rule is filed under; a range of codes is at most 26 entries. It is immutable.
type index struct {
	rules []matcher // in the order of the program
	names names
	files map[key]calendar
	kinds uint8 // a bit for each kind that something is filed under
}

// names numbers the texts of filters, from 1 on, so that they are compared as numbers. 0 is what no filter
// names, such as "", which stands for what is not known of a purchase.
type names map[string]int32

// add returns the number of a text, a new one if it has none.
func (n names) add(text string) int32 {
	number, known := n[text]
	if !known {
		number = int32(len(n) + 1)
		n[text] = number
	}
	return number
}

// key is what rules are filed under: a kind, and of that a number of names or a block of codes. It is one word, which is what a map finds
// soonest.
type key uint64

func keyOf(k kind, value int32) key { return key(k)<<32 | key(value) }

type kind uint8

// The kinds, in the order in which a rule looks for one to be filed under: that by which most purchases pass it by comes first.
const (
	byMerchant kind = iota
	byGroup
	byCategory
	byMCC
	byCountry
	byTier
	byNothing
)

// newIndex makes the index of a program that was checked.
func newIndex(s *Spec) *index {
	x := &index{rules: newMatchers(s), names: names{}, files: map[key]calendar{}}
	for i := range s.Rules {
		x.rules[i].include = x.names.filter(&s.Rules[i].Include)
		x.rules[i].exclude = x.names.filter(&s.Rules[i].Exclude)
	}
	// Count first, so that all entries are in one slice.
	counts, total := map[key]int{}, 0
	for i := range x.rules {
		for _, k := range x.rules[i].include.keys() {
			counts[k]++
			total++
		}
	}
	all := make([]alive, total)
	for k, n := range counts {
		x.files[k], all = all[:0:n], all[n:]
		x.kinds |= 1 << (k >> 32)
	}
	for i := range x.rules {
		r := &x.rules[i]
		for _, k := range r.include.keys() {
			x.files[k] = append(x.files[k], alive{from: r.from, through: r.through, rule: int32(i)})
		}
	}
	for _, entries := range x.files {
		makeCalendar(entries)
	}
	return x
}

// keys returns what a rule is filed under that includes f, each once.
func (f *filter) keys() []key {
	var keys []key
	for k, list := range [...]numbers{
		byMerchant: f.merchants, byGroup: f.groups, byCategory: f.categories, byMCC: blocks(f.mcc), byCountry: f.countries, byTier: f.tiers,
	} {
		for _, value := range list {
			keys = append(keys, keyOf(kind(k), value))
		}
		if len(keys) > 0 {
			return keys
		}
	}
	return []key{keyOf(byNothing, 0)}
}

// A block of codes is a node of a binary tree that has the codes as leaves: those of code c are leaf(c) and its halves, down to the root,
// which is 1. So any range of codes is a few blocks, and a code is in few blocks.
func leaf(code cap.MCC) int32 { return 1<<14 | int32(code) }

// blocks returns the fewest blocks that hold the codes of ranges, and no others.
func blocks(ranges []cap.MCCRange) numbers {
	var list numbers
	for _, r := range ranges {
		for from, end := leaf(r.From), leaf(r.To)+1; from < end; from, end = from/2, end/2 {
			if from%2 == 1 { // the right half of a block that is not in the range as a whole
				list = append(list, from)
				from++
			}
			if end%2 == 1 {
				end--
				list = append(list, end)
			}
		}
	}
	return list
}

// find appends the rules that may fit a purchase, in no particular order; more than once those that are filed under several groups of its
// merchant.
func (x *index) find(f *facts, rules []int32) []int32 {
	rules = x.filed(byMerchant, f.merchant, f, rules)
	for _, group := range f.groups {
		rules = x.filed(byGroup, group, f, rules)
	}
	rules = x.filed(byCategory, f.category, f, rules)
	if f.mcc != 0 && x.kinds&(1<<byMCC) != 0 {
		for block := leaf(f.mcc); block > 0; block /= 2 {
			rules = x.filed(byMCC, block, f, rules)
		}
	}
	rules = x.filed(byCountry, f.country, f, rules)
	rules = x.filed(byTier, f.tier, f, rules)
	return x.filed(byNothing, 0, f, rules)
}

// filed appends the rules under one key that hold on the day of the purchase.
func (x *index) filed(k kind, value int32, f *facts, rules []int32) []int32 {
	if x.kinds&(1<<k) == 0 {
		return rules
	}
	return x.files[keyOf(k, value)].on(f.day, rules)
}
