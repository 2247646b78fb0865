package cashback_test

import (
	"slices"
	"testing"

	"github.com/payrules/payrules/cashback"
)

// How the rules of one group share a purchase of 100.00. The table is the documentation of the modes and of their ties.
func TestStacking(t *testing.T) {
	// What each rule gives, what of it the bank pays, and its priority. They stand in the program in this order.
	offers := map[string]cashback.Rule{
		"two":       giving("two", "0.02", nil),                                                                             // 2.00, all by the bank
		"three":     giving("three", "0.03", nil),                                                                           // 3.00, all by the bank
		"shared":    giving("shared", "0.05", func(r *cashback.Rule) { r.Funding = fundedBy("0.6", "0.4") }),                // 5.00, 2.00 by the bank
		"brand":     giving("brand", "0.03", func(r *cashback.Rule) { r.Funding = fundedBy("1", "0") }),                     // 3.00, none by the bank
		"brand too": giving("brand-too", "0.03", func(r *cashback.Rule) { r.Funding = fundedBy("1", "0"); r.Priority = 5 }), // alike
		"club":      giving("club", "0.01", func(r *cashback.Rule) { r.Priority = 5 }),                                      // 1.00, first in line
		"large":     giving("large", "0.10", func(r *cashback.Rule) { r.Priority = 9; r.MinPurchase = eur(100_01) }),        // does not fit
		"tiny":      giving("tiny", "0.00001", func(r *cashback.Rule) { r.Funding = fundedBy("1", "0"); r.Priority = 9 }),   // rounds to nothing
		"silver":    giving("silver", "0.05", func(r *cashback.Rule) { r.Include.Tiers = []string{"silver"} }),              // for others
	}
	for _, row := range []struct {
		mode  cashback.Stacking
		ties  cashback.Ties
		rules []string // that are in the group
		apply []string
	}{
		{cashback.Stack, "", []string{"two", "three", "club"}, []string{"two", "three", "club"}},
		{cashback.Stack, cashback.LaterRule, []string{"three", "two"}, []string{"three", "two"}}, // ties say nothing here
		{cashback.Stack, "", []string{"two", "large", "tiny", "silver"}, []string{"two"}},        // what does not fit is not there

		{cashback.First, "", []string{"three", "club", "two"}, []string{"club"}}, // its priority is higher, though it gives least
		{cashback.First, "", []string{"large", "tiny", "silver", "two"}, []string{"two"}},
		{cashback.First, "", []string{"club", "brand too"}, []string{"club"}}, // the same priority
		{cashback.First, cashback.EarlierRule, []string{"club", "brand too"}, []string{"club"}},
		{cashback.First, cashback.LaterRule, []string{"club", "brand too"}, []string{"brand-too"}},

		{cashback.BestForCustomer, "", []string{"two", "shared", "three"}, []string{"shared"}},
		{cashback.BestForCustomer, "", []string{"club", "two", "large"}, []string{"two"}}, // priority says nothing here
		{cashback.BestForCustomer, cashback.EarlierRule, []string{"two", "three", "brand"}, []string{"three"}},
		{cashback.BestForCustomer, cashback.LaterRule, []string{"two", "three", "brand"}, []string{"brand"}},

		{cashback.BestForBank, "", []string{"three", "brand", "club"}, []string{"brand"}}, // costs the bank nothing
		{cashback.BestForBank, "", []string{"shared", "three"}, []string{"shared"}},       // 2.00 rather than 3.00, though it gives more
		{cashback.BestForBank, "", []string{"shared", "two"}, []string{"two"}},            // 2.00 both: the one that gives less
		{cashback.BestForBank, cashback.EarlierRule, []string{"brand", "brand too"}, []string{"brand"}},
		{cashback.BestForBank, cashback.LaterRule, []string{"brand", "brand too"}, []string{"brand-too"}},
	} {
		s := program(func(s *cashback.Spec) { s.Groups = []cashback.Group{{ID: "g", Mode: row.mode, Ties: row.ties}} })
		for _, name := range row.rules {
			s.Rules = append(s.Rules, offers[name])
		}
		e, err := made(t, s).Evaluate(buying(100_00), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, line := range e.Lines {
			got = append(got, line.Rule)
		}
		if !slices.Equal(got, row.apply) {
			t.Errorf("%s %s of %v: got %v, want %v", row.mode, row.ties, row.rules, got, row.apply)
		}
	}
}

// Groups add up, in their own order, whatever the order of the rules in the program.
func TestGroupsAddUp(t *testing.T) {
	in := func(group string) func(*cashback.Rule) { return func(r *cashback.Rule) { r.Group = group } }
	s := program(func(s *cashback.Spec) {
		s.Groups = []cashback.Group{{ID: "welcome", Mode: cashback.First}, {ID: "none", Mode: cashback.Stack}, {ID: "brands", Mode: cashback.Stack}}
		s.Rules = []cashback.Rule{
			giving("b-1", "0.01", in("brands")), giving("w-1", "0.02", in("welcome")),
			giving("b-2", "0.03", in("brands")), giving("w-2", "0.04", in("welcome")),
		}
	})
	e, err := made(t, s).Evaluate(buying(100_00), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range e.Lines {
		got = append(got, line.Rule)
	}
	if want := []string{"w-1", "b-1", "b-2"}; !slices.Equal(got, want) || e.Reward != eur(6_00) {
		t.Errorf("got %v %v, want %v and 6.00", got, e.Reward, want)
	}
}
