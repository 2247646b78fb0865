package cashback_test

import (
	"strings"
	"testing"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/internal/reasons"
)

// Every reason, in the order in which a rule is asked: what is changed of a rule that fits a purchase of 50.00, and of the purchase, and
// what is told. Each row breaks what a later row breaks as well, where both can be.
func TestRuleReasons(t *testing.T) {
	day := dateOf("2026-11-21")
	for _, row := range reasonRows {
		r, p := giving("asked", "0.02", nil), buying(50_00)
		if row.rule != nil {
			row.rule(&r)
		}
		if row.purchase != nil {
			row.purchase(p)
		}
		s := program(func(s *cashback.Spec) {
			s.Groups = []cashback.Group{{ID: "g", Mode: cashback.First}}
			s.Rules = []cashback.Rule{r, giving("won", "0.01", func(r *cashback.Rule) { r.From, r.Through = day, day; r.Priority = row.rival })}
			s.Caps = []cashback.Cap{bounding("month", "asked"), bounding("year", "asked")}
			s.Budgets = []cashback.Budget{{ID: "spring", Total: eur(1_000_00)}}
		})
		outcomes, err := made(t, s).Explain(p, row.room)
		if err != nil {
			t.Fatal(row.want, err)
		}
		got := outcomes[0]
		applied := row.want == "" || row.want == cashback.CapReached || row.want == cashback.BudgetExhausted
		if got.Rule != "asked" || got.Reason != row.want || got.Given != row.given || got.Applied != applied || (got.Line != nil) != applied {
			t.Errorf("%s: got %+v, want it given %q", row.want, got, row.given)
		}
		if least := got.Least.Valid(); least != (row.want == cashback.BelowMinimum) || least && got.Least != r.MinPurchase {
			t.Errorf("%s: got least %v", row.want, got.Least)
		}
	}
	var rows []reasons.Row[cashback.RuleReason]
	for _, row := range reasonRows[1:] {
		rows = append(rows, reasons.Row[cashback.RuleReason]{Reason: row.want, Also: row.also})
	}
	reasons.Check(t, cashback.RuleReasons, rows)
}

var reasonRows = []struct {
	want, also cashback.RuleReason
	given      string
	rule       func(*cashback.Rule)
	purchase   func(*cashback.Purchase)
	rival      int // the priority of another rule that fits
	room       *cashback.Room
}{
	{want: "", rival: -1},
	{want: cashback.NotStarted, also: cashback.MerchantNotIncluded, given: "2026-11-21", rule: func(r *cashback.Rule) {
		r.From, r.Include.Merchants = dateOf("2026-11-22"), []string{"books"}
	}},
	{want: cashback.Ended, also: cashback.MerchantNotIncluded, given: "2026-11-21", rule: func(r *cashback.Rule) {
		r.Through, r.Include.Merchants = dateOf("2026-11-20"), []string{"books"}
	}},
	{want: cashback.MerchantNotIncluded, also: cashback.MerchantGroupNotIncluded, given: "shoes", rule: func(r *cashback.Rule) {
		r.Include.Merchants, r.Include.Groups = []string{"books", "games"}, []string{"airport"}
	}},
	{want: cashback.MerchantNotIncluded, given: "", rule: func(r *cashback.Rule) { r.Include.Merchants = []string{"books"} },
		purchase: func(p *cashback.Purchase) { p.Merchant.ID = "" }}, // not known
	{want: cashback.MerchantGroupNotIncluded, also: cashback.MCCNotIncluded, given: "centre, partners", rule: func(r *cashback.Rule) {
		r.Include.Groups, r.Include.MCC = []string{"airport"}, []cap.MCCRange{{From: 5660, To: 5660}}
	}},
	{want: cashback.MCCNotIncluded, also: cashback.CategoryNotIncluded, given: "5661", rule: func(r *cashback.Rule) {
		r.Include.MCC, r.Include.Categories = []cap.MCCRange{{From: 1, To: 5660}, {From: 5662, To: 9999}}, []string{"food"}
	}},
	{want: cashback.MCCNotIncluded, given: "", rule: func(r *cashback.Rule) { r.Include.MCC = []cap.MCCRange{{From: 1, To: 9999}} },
		purchase: func(p *cashback.Purchase) { p.Merchant.MCC = 0 }},
	{want: cashback.CategoryNotIncluded, also: cashback.CountryNotIncluded, given: "fashion", rule: func(r *cashback.Rule) {
		r.Include.Categories, r.Include.Countries = []string{"food"}, []cap.Country{"BE", "DE"}
	}},
	{want: cashback.CountryNotIncluded, also: cashback.TierNotIncluded, given: "FR", rule: func(r *cashback.Rule) {
		r.Include.Countries, r.Include.Tiers = []cap.Country{"BE", "DE"}, []string{"silver"}
	}},
	{want: cashback.TierNotIncluded, also: cashback.MerchantExcluded, given: "gold", rule: func(r *cashback.Rule) {
		r.Include.Tiers, r.Exclude.Merchants = []string{"silver"}, []string{"shoes"}
	}},
	{want: cashback.MerchantExcluded, also: cashback.MerchantGroupExcluded, given: "shoes", rule: func(r *cashback.Rule) {
		r.Include.Merchants, r.Exclude.Merchants, r.Exclude.Groups = []string{"shoes"}, []string{"shoes"}, []string{"partners"}
	}},
	{want: cashback.MerchantGroupExcluded, also: cashback.MCCExcluded, given: "partners", rule: func(r *cashback.Rule) {
		r.Include.Groups, r.Exclude.Groups = []string{"centre"}, []string{"partners", "z"}
		r.Exclude.MCC = []cap.MCCRange{{From: 5600, To: 5699}}
	}},
	{want: cashback.MCCExcluded, also: cashback.CategoryExcluded, given: "5661", rule: func(r *cashback.Rule) {
		r.Exclude.MCC, r.Exclude.Categories = []cap.MCCRange{{From: 1, To: 2}, {From: 5661, To: 5661}}, []string{"fashion"}
	}},
	{want: cashback.CategoryExcluded, also: cashback.CountryExcluded, given: "fashion", rule: func(r *cashback.Rule) {
		r.Exclude.Categories, r.Exclude.Countries = []string{"fashion"}, []cap.Country{"FR"}
	}},
	{want: cashback.CountryExcluded, also: cashback.TierExcluded, given: "FR", rule: func(r *cashback.Rule) {
		r.Exclude.Countries, r.Exclude.Tiers = []cap.Country{"FR"}, []string{"gold"}
	}},
	{want: cashback.TierExcluded, also: cashback.BelowMinimum, given: "gold", rule: func(r *cashback.Rule) {
		r.Exclude.Tiers, r.MinPurchase = []string{"gold"}, eur(60_00)
	}},
	{want: cashback.BelowMinimum, also: cashback.NothingEarned, given: "50.00 EUR", rule: func(r *cashback.Rule) {
		r.MinPurchase, r.Rate = eur(50_01), rateOf("0.00009")
	}},
	{want: cashback.NothingEarned, also: cashback.Outdone, given: "50.00 EUR", rule: func(r *cashback.Rule) { r.Rate = rateOf("0.00009") }, rival: 1},
	{want: cashback.Outdone, also: cashback.CapReached, given: "won", rival: 1, room: &cashback.Room{}},
	{want: cashback.CapReached, also: cashback.BudgetExhausted, given: "year", rule: func(r *cashback.Rule) { r.Budget = "spring" },
		room: room("month", 60, "year", 50, "spring", 50)}, // the cap before the budget, where they leave the same
	{want: cashback.CapReached, given: "month", room: room("month", 99, "year", 99)}, // the first of the caps
	{want: cashback.CapReached, given: "month", room: &cashback.Room{}},              // what is not said lets nothing through
	{want: cashback.BudgetExhausted, given: "spring", rule: func(r *cashback.Rule) { r.Budget = "spring" },
		room: room("month", 60, "year", 50, "spring", 49)},
}

// room is what is left in cents. The budget is that which is called spring.
func room(what ...any) *cashback.Room {
	r := &cashback.Room{Caps: amounts{}, Budgets: amounts{}}
	for i := 0; i < len(what); i += 2 {
		id, left := what[i].(string), eur(int64(what[i+1].(int)))
		if id == "spring" {
			r.Budgets[id] = left
		} else {
			r.Caps[id] = left
		}
	}
	return r
}

// An outcome says what it speaks of even for a merchant in as many groups as there can be.
func TestExplainNamesEveryGroup(t *testing.T) {
	p := buying(50_00)
	p.Merchant.Groups = strings.Split(strings.Repeat("g,", cashback.MaxMerchantGroups-1)+"last", ",")
	s := program(func(s *cashback.Spec) {
		s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
		s.Rules = []cashback.Rule{giving("r", "0.02", func(r *cashback.Rule) { r.Exclude.Groups = []string{"last"} })}
	})
	if got, err := made(t, s).Explain(p, nil); err != nil || got[0].Given != "last" {
		t.Errorf("got %v %v", got, err)
	}
}
