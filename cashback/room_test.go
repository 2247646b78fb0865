package cashback_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/payrules/payrules/cashback"
)

// A purchase of 100.00 earns 2.00 by "all", 3.00 by "campaign" and 5.00 by "brand", in this order. "month" bounds all three, "day" the
// first two; the last two draw on the budget "spring", which the brand and the bank fill. What there is of each, and what is granted.
func TestLinesTakeWhatIsLeft(t *testing.T) {
	s := program(func(s *cashback.Spec) {
		s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
		fromBudget := func(r *cashback.Rule) { r.Budget, r.Funding = "spring", fundedBy("0.6", "0.4") }
		s.Rules = []cashback.Rule{giving("all", "0.02", nil), giving("campaign", "0.03", fromBudget), giving("brand", "0.05", fromBudget)}
		s.Caps = []cashback.Cap{bounding("month"), bounding("day", "all", "campaign")}
		s.Budgets = []cashback.Budget{{ID: "spring", Total: eur(1_000_00)}, {ID: "summer", Total: eur(1)}}
	})
	p := made(t, s)
	for _, row := range []struct {
		room *cashback.Room
		want []string // granted in cents, and what leaves least where it is less than earned
	}{
		{nil, []string{"200", "300", "500"}},
		{room("month", 10_00, "day", 5_00, "spring", 8_00), []string{"200", "300", "500"}}, // to the cent
		{room("month", 9_99, "day", 5_00, "spring", 8_00), []string{"200", "300", "499 month"}},
		{room("month", 4_00, "day", 5_00, "spring", 8_00), []string{"200", "200 month", "0 month"}},
		{room("month", 1, "day", 5_00, "spring", 8_00), []string{"1 month", "0 month", "0 month"}},
		{room("month", 10_00, "day", 2_50, "spring", 8_00), []string{"200", "50 day", "500"}}, // what "campaign" leaves is for "brand"
		{room("month", 10_00, "day", 1_00, "spring", 4_00), []string{"100 day", "0 day", "400 spring"}},
		{room("month", 10_00, "day", 5_00, "spring", 2_99), []string{"200", "299 spring", "0 spring"}},
		{room("month", 5_00, "day", 5_00, "spring", 3_00), []string{"200", "300", "0 month"}}, // both have nothing: the cap is told
		{room("month", 2_00, "day", 2_00, "spring", 0), []string{"200", "0 month", "0 month"}},
		{room("month", 10_00, "day", -1, "spring", -5_00), []string{"0 day", "0 day", "0 spring"}}, // overdrawn is nothing
		{room("month", 10_00, "day", 5_00), []string{"200", "0 spring", "0 spring"}},               // nothing is said of the budget
		{&cashback.Room{}, []string{"0 month", "0 month", "0 month"}},
	} {
		e, err := p.Evaluate(buying(100_00), row.room)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		sum := int64(0)
		for _, line := range e.Lines {
			text := fmt.Sprint(line.Granted.Minor())
			if line.By != "" {
				text += " " + line.By
			}
			got = append(got, text)
			for _, share := range line.Funding {
				sum += share.Amount.Minor()
			}
		}
		if !slices.Equal(got, row.want) || e.Reward != eur(sum) {
			t.Errorf("%+v: got %v, %v of which %d is paid for, want %v", row.room, got, e.Reward, sum, row.want)
		}
		caps, budgets, err := p.DrawsOn(buying(100_00))
		if err != nil || !slices.Equal(caps, []string{"month", "day"}) || !slices.Equal(budgets, []string{"spring"}) {
			t.Errorf("draws on %v %v %v", caps, budgets, err)
		}
	}
}
