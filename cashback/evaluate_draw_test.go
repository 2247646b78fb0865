package cashback_test

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// What programs and purchases are drawn of: little of each, so that they often meet, and often just do not.
var (
	drawnMerchants  = []string{"books", "games", "shoes", "toys"}
	drawnGroups     = []string{"airport", "centre", "partners"}
	drawnCategories = []string{"books", "fashion"} // one is the name of a merchant as well
	drawnCountries  = []cap.Country{"BE", "DE", "FR"}
	drawnTiers      = []string{"FR", "gold"}
	drawnCodes      = []cap.MCC{1, 2, 3, 4, 7, 8, 9, 4095, 4096, 8191, 8192, 9998, 9999}
	drawnZones      = []string{"Europe/Paris", "Pacific/Auckland", "America/St_Johns", "UTC"}
	drawnCurrencies = []money.Currency{money.EUR, money.JPY, money.BHD}

	// Around the days on which clocks are set, in one zone or another: those of St. John's were set back across midnight.
	drawnDays = []civil.Date{dateOf("2026-03-29"), dateOf("2026-09-27"), dateOf("2010-11-06")}
)

// some draws a part of a list, in its order; mostly nothing.
func some[T any](t *rapid.T, list []T, label string) []T {
	if rapid.IntRange(0, 4).Draw(t, label) > 0 {
		return nil
	}
	kept := rapid.IntRange(1, 1<<len(list)-1).Draw(t, label+" kept")
	var out []T
	for i, v := range list {
		if kept&(1<<i) != 0 {
			out = append(out, v)
		}
	}
	return out
}

func drawFilter(t *rapid.T) cashback.Filter {
	f := cashback.Filter{
		Merchants: some(t, drawnMerchants, "merchants"), Groups: some(t, drawnGroups, "groups"), Categories: some(t, drawnCategories, "categories"),
		Countries: some(t, drawnCountries, "countries"), Tiers: some(t, drawnTiers, "tiers"),
	}
	ends := some(t, drawnCodes, "mcc")
	for ; len(ends) > 1; ends = ends[2:] {
		f.MCC = append(f.MCC, cap.MCCRange{From: ends[0], To: ends[1]})
	}
	if len(ends) == 1 {
		f.MCC = append(f.MCC, cap.MCCRange{From: ends[0], To: ends[0]})
	}
	return f
}

func drawTerms(t *rapid.T, c money.Currency) cashback.Terms {
	var terms cashback.Terms
	rate := func(n int) money.Rate {
		return rateOf(fmt.Sprintf("%d/1000", n+rapid.IntRange(0, 20).Draw(t, "rate")))
	}
	switch rapid.IntRange(0, 2).Draw(t, "terms") {
	case 0:
		terms.Rate = rate(1)
	case 1:
		terms.Fixed = money.New(rapid.Int64Range(1, 50).Draw(t, "fixed"), c)
	case 2:
		terms.Ladder = []cashback.Step{
			{From: money.New(0, c), Until: money.New(100, c), Rate: rate(1)},
			{From: money.New(100, c), Until: money.New(2_000, c), Rate: rate(21)},
			{From: money.New(2_000, c), Rate: rate(41)},
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "least?") == 0 {
		terms.MinPurchase = money.New(rapid.Int64Range(1, 3_000).Draw(t, "least"), c)
	}
	if rapid.IntRange(0, 3).Draw(t, "most?") == 0 {
		terms.MaxReward = money.New(rapid.Int64Range(1, 50).Draw(t, "most"), c)
	}
	return terms
}

// drawProgram draws a program of that small world; drawSpec draws one with anything that a program may have.
func drawProgram(t *rapid.T) cashback.Spec {
	s := program(nil)
	s.Currency = rapid.SampledFrom(drawnCurrencies).Draw(t, "currency")
	s.PayoutThreshold = money.New(0, s.Currency)
	s.Zone = rapid.SampledFrom(drawnZones).Draw(t, "zone")
	s.Rounding = rapid.SampledFrom([]money.Rounding{
		money.HalfAwayFromZero, money.HalfEven, money.Down, money.Up, money.Floor, money.Ceil}).Draw(t, "rounding")
	for i := range rapid.IntRange(1, 4).Draw(t, "groups") {
		s.Groups = append(s.Groups, cashback.Group{
			ID:   fmt.Sprintf("g%d", i),
			Mode: rapid.SampledFrom([]cashback.Stacking{cashback.Stack, cashback.First, cashback.BestForCustomer, cashback.BestForBank}).Draw(t, "mode"),
			Ties: rapid.SampledFrom([]cashback.Ties{"", cashback.EarlierRule, cashback.LaterRule}).Draw(t, "ties"),
		})
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "budgets") {
		s.Budgets = append(s.Budgets, cashback.Budget{ID: fmt.Sprintf("b%d", i), Total: money.New(1_000, s.Currency)})
	}
	for i := range rapid.IntRange(1, 40).Draw(t, "rules") {
		s.Rules = append(s.Rules, drawRule(t, &s, fmt.Sprintf("r%02d", i)))
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "caps") {
		c := bounding(fmt.Sprintf("c%d", i))
		for j := range s.Rules {
			if rapid.IntRange(0, 2).Draw(t, "bounded") == 0 {
				c.Rules = append(c.Rules, s.Rules[j].ID)
			}
		}
		limits := c.Policy.Limits()
		limits[0].Max = money.New(2_000, s.Currency)
		c.Policy = cap.MustPolicy(s.Currency, limits, &cap.PolicyOptions{Lateness: c.Policy.Lateness()})
		s.Caps = append(s.Caps, c)
	}
	return s
}

func drawRule(t *rapid.T, s *cashback.Spec, id string) cashback.Rule {
	r := cashback.Rule{
		ID: id, Group: rapid.SampledFrom(s.Groups).Draw(t, "group").ID, Priority: rapid.IntRange(-1, 1).Draw(t, "priority"),
		Include: drawFilter(t), Terms: drawTerms(t, s.Currency),
	}
	if rapid.IntRange(0, 2).Draw(t, "exclude") == 0 {
		r.Exclude = drawFilter(t)
	}
	day := rapid.SampledFrom(drawnDays).Draw(t, "day")
	if rapid.Bool().Draw(t, "from?") {
		r.From = day.AddDays(rapid.IntRange(-2, 2).Draw(t, "from"))
	}
	if rapid.Bool().Draw(t, "through?") {
		r.Through = max(r.From, day.AddDays(rapid.IntRange(-2, 2).Draw(t, "through")))
	}
	r.Funding = rapid.SampledFrom([][]cashback.Funder{
		fundedBy("0", "1"), fundedBy("1", "0"), fundedBy("0.5", "0.5"), fundedBy("1/3", "2/3"),
		{{ID: "brand", Share: rateOf("1/3")}, {ID: "bank", Share: rateOf("1/6")}, {ID: "merchant", Share: rateOf("1/2")}},
	}).Draw(t, "funding")
	if len(s.Budgets) > 0 && rapid.Bool().Draw(t, "budget?") {
		r.Budget = rapid.SampledFrom(s.Budgets).Draw(t, "budget").ID
	}
	return r
}

func drawPurchase(t *rapid.T, s *cashback.Spec) *cashback.Purchase {
	p := &cashback.Purchase{ID: "p-1"}
	// Within two hours of the beginning of a day, or anywhere.
	day := rapid.SampledFrom(drawnDays).Draw(t, "day").AddDays(rapid.IntRange(-3, 3).Draw(t, "days"))
	loc := must(time.LoadLocation(s.Zone))(t)
	p.At = day.Start(loc).Add(time.Duration(rapid.Int64Range(-7_200_000_000, 7_200_000_000).Draw(t, "micros")) * time.Microsecond)
	if rapid.Bool().Draw(t, "on the edge") {
		p.At = day.Start(loc).Add(-time.Duration(rapid.IntRange(0, 1).Draw(t, "before")) * time.Nanosecond)
	}
	c := rapid.SampledFrom(drawnCurrencies).Draw(t, "paid in")
	p.Amount = money.New(rapid.Int64Range(1, 5_000).Draw(t, "amount"), c)
	if c != s.Currency {
		p.Rate = must(money.NewRate(rapid.Int64Range(1, 200).Draw(t, "price"), rapid.Int64Range(1, 200).Draw(t, "of")))(t)
	}
	perhaps := func(list []string, label string) string {
		return rapid.SampledFrom(append([]string{"", "other"}, list...)).Draw(t, label)
	}
	p.Merchant.ID, p.Merchant.Category, p.Tier = perhaps(drawnMerchants, "id"), perhaps(drawnCategories, "category"), perhaps(drawnTiers, "tier")
	p.Merchant.Country = rapid.SampledFrom(append([]cap.Country{"", "IT"}, drawnCountries...)).Draw(t, "country")
	p.Merchant.Groups = rapid.SliceOfN(rapid.SampledFrom(append([]string{"other"}, drawnGroups...)), 0, 4).Draw(t, "of groups")
	p.Merchant.MCC = rapid.SampledFrom(append([]cap.MCC{0, 5, 6, 4094, 4097}, drawnCodes...)).Draw(t, "code")
	return p
}

// drawRoom draws little of everything: nothing said, overdrawn, or some.
func drawRoom(t *rapid.T, s *cashback.Spec) *cashback.Room {
	if rapid.IntRange(0, 3).Draw(t, "room") == 0 {
		return nil
	}
	r := &cashback.Room{Caps: amounts{}, Budgets: amounts{}}
	for _, c := range s.Caps {
		if left := rapid.Int64Range(-10, 150).Draw(t, "of cap"); left%5 != 0 {
			r.Caps[c.ID] = money.New(left, s.Currency)
		}
	}
	for _, b := range s.Budgets {
		if left := rapid.Int64Range(-10, 100).Draw(t, "of budget"); left%5 != 0 {
			r.Budgets[b.ID] = money.New(left, s.Currency)
		}
	}
	return r
}
