package cashback_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// small is smallProgram, of which everything that is changed below is a copy.
func small(t testing.TB) cashback.Spec {
	t.Helper()
	p, err := cashback.ParseProgram([]byte(smallProgram))
	if err != nil {
		t.Fatal(err)
	}
	return p.Spec()
}

// diffWords are changes of smallProgram, one for each field, and how they read there and back.
func diffWords() []struct {
	change      func(*cashback.Spec)
	field       string
	there, back string
} {
	rate := money.MustParseRate
	return []struct {
		change      func(*cashback.Spec)
		field       string
		there, back string
	}{
		{func(s *cashback.Spec) { s.ID = "q" }, "id", "id changed from p to q", "id changed from q to p"},
		{func(s *cashback.Spec) { s.Version = 2 }, "version", "version raised from 1 to 2", "version lowered from 2 to 1"},
		{func(s *cashback.Spec) { s.Zone = "UTC" }, "zone", "zone changed from Europe/Paris to UTC", "zone changed from UTC to Europe/Paris"},
		{func(s *cashback.Spec) { s.Rounding = money.HalfEven }, "rounding", "rounding changed from down to half_even", "rounding changed from half_even to down"},
		{func(s *cashback.Spec) { s.Confirmation = cashback.Confirmation{By: cashback.ByMerchant} }, "confirmation.by",
			"confirmation changed from delay to merchant", "confirmation changed from merchant to delay"},
		{func(s *cashback.Spec) { s.Confirmation.Days = 14 }, "confirmation.days", "days to confirmation lowered from 30 to 14", "days to confirmation raised from 14 to 30"},
		{func(s *cashback.Spec) { s.ExpiryMonths = 24 }, "expiry_months", "months to expiry raised from 12 to 24", "months to expiry lowered from 24 to 12"},
		{func(s *cashback.Spec) { s.PayoutThreshold = eur(5_00) }, "payout_threshold",
			"payout threshold lowered from 10.00 EUR to 5.00 EUR", "payout threshold raised from 5.00 EUR to 10.00 EUR"},
		{func(s *cashback.Spec) { s.Clawback.Method = cashback.Proportional }, "clawback.method",
			"method of clawback changed from recompute to proportional", "method of clawback changed from proportional to recompute"},
		{func(s *cashback.Spec) { s.Clawback.Balance = cashback.OnlyPending }, "clawback.over_balance",
			"clawback over the balance changed from unlimited to only_pending", "clawback over the balance changed from only_pending to unlimited"},
		{func(s *cashback.Spec) { s.LateDays = 3 }, "late_days", "late days lowered from 5 to 3", "late days raised from 3 to 5"},
		{func(s *cashback.Spec) { s.RefundDays = 90 }, "refund_days", "refund days raised from 60 to 90", "refund days lowered from 90 to 60"},

		{func(s *cashback.Spec) { s.Groups[0].Mode = cashback.BestForBank }, "mode",
			`group "base": mode changed from stack to best_for_bank`, `group "base": mode changed from best_for_bank to stack`},
		{func(s *cashback.Spec) { s.Groups[1].Ties = cashback.EarlierRule }, "ties",
			`group "extra": ties changed from later_rule to earlier_rule`, `group "extra": ties changed from earlier_rule to later_rule`},
		{func(s *cashback.Spec) { slices.Reverse(s.Groups) }, "groups", `order of groups changed: "extra" comes before "base" now`, `order of groups changed: "base" comes before "extra" now`},
		{func(s *cashback.Spec) { s.Groups = append(s.Groups, cashback.Group{ID: "more", Mode: cashback.Stack}) }, "group",
			`group "more" added: stack, ties to the earlier rule`, `group "more" removed`},

		{func(s *cashback.Spec) { s.Rules[0].Label = "1 % on all" }, "label", `rule "all": label changed from "" to "1 % on all"`, `rule "all": label changed from "1 % on all" to ""`},
		{func(s *cashback.Spec) { s.Rules[0].Group = "extra" }, "group", `rule "all": group changed from base to extra`, `rule "all": group changed from extra to base`},
		{func(s *cashback.Spec) { s.Rules[0].Priority = -2 }, "priority", `rule "all": priority lowered from 0 to -2`, `rule "all": priority raised from -2 to 0`},
		{func(s *cashback.Spec) { s.Rules[1].From = 0 }, "from", `rule "books": first day changed from 2026-03-01 to none`, `rule "books": first day changed from none to 2026-03-01`},
		{func(s *cashback.Spec) { s.Rules[1].Through = dateOf("2026-06-30") }, "through",
			`rule "books": last day changed from 2026-05-31 to 2026-06-30`, `rule "books": last day changed from 2026-06-30 to 2026-05-31`},
		{func(s *cashback.Spec) { s.Rules[1].Include.MCC[0].To = 5193 }, "include.mcc",
			`rule "books": merchant categories it looks at: 5192 removed, 5192-5193 added`, `rule "books": merchant categories it looks at: 5192-5193 removed, 5192 added`},
		{func(s *cashback.Spec) { s.Rules[1].Include.MCC = nil }, "include.mcc",
			`rule "books": merchant categories it looks at changed from 5192, 5940-5949 to all`, `rule "books": merchant categories it looks at changed from all to 5192, 5940-5949`},
		{func(s *cashback.Spec) { s.Rules[1].Include.MCC = s.Rules[1].Include.MCC[:1] }, "include.mcc",
			`rule "books": merchant categories it looks at: 5940-5949 removed`, `rule "books": merchant categories it looks at: 5940-5949 added`},
		{func(s *cashback.Spec) { s.Rules[0].Include.Countries = []cap.Country{"DE", "FR"} }, "include.countries",
			`rule "all": countries it looks at changed from all to DE, FR`, `rule "all": countries it looks at changed from DE, FR to all`},
		{func(s *cashback.Spec) { s.Rules[0].Exclude.Merchants = []string{"a, b"} }, "exclude.merchants",
			`rule "all": merchants it leaves out changed from none to "a, b"`, `rule "all": merchants it leaves out changed from "a, b" to none`},
		{func(s *cashback.Spec) { s.Rules[0].Exclude.Groups = []string{"club"} }, "exclude.merchant_groups",
			`rule "all": merchant groups it leaves out changed from none to "club"`, `rule "all": merchant groups it leaves out changed from "club" to none`},
		{func(s *cashback.Spec) { s.Rules[0].Exclude.Categories = []string{"food"} }, "exclude.categories",
			`rule "all": categories it leaves out changed from none to "food"`, `rule "all": categories it leaves out changed from "food" to none`},
		{func(s *cashback.Spec) { s.Rules[0].Include.Tiers = []string{"gold"} }, "include.tiers",
			`rule "all": tiers it looks at changed from all to "gold"`, `rule "all": tiers it looks at changed from "gold" to all`},
		{func(s *cashback.Spec) { s.Rules[0].MinPurchase = eur(1_00) }, "min_purchase", `rule "all": least purchase of 1.00 EUR added`, `rule "all": least purchase of 1.00 EUR removed`},
		{func(s *cashback.Spec) { s.Rules[0].Rate = rate("0.015") }, "rate", `rule "all": rate raised from 1 % to 1.5 %`, `rule "all": rate lowered from 1.5 % to 1 %`},
		{func(s *cashback.Spec) { s.Rules[0].Rate = rate("1/3") }, "rate", `rule "all": rate raised from 1 % to 1/3`, `rule "all": rate lowered from 1/3 to 1 %`},
		{func(s *cashback.Spec) { s.Rules[1].Fixed = eur(3_00) }, "fixed", `rule "books": fixed reward raised from 2.00 EUR to 3.00 EUR`, `rule "books": fixed reward lowered from 3.00 EUR to 2.00 EUR`},
		{func(s *cashback.Spec) { s.Rules[2].Ladder = s.Rules[2].Ladder[1:] }, "ladder",
			`rule "steps": ladder changed from 2 % from 0.00 EUR on, 1.00 EUR from 50.00 EUR on, 3 % from 80.00 EUR on to 1.00 EUR from 50.00 EUR on, 3 % from 80.00 EUR on`,
			`rule "steps": ladder changed from 1.00 EUR from 50.00 EUR on, 3 % from 80.00 EUR on to 2 % from 0.00 EUR on, 1.00 EUR from 50.00 EUR on, 3 % from 80.00 EUR on`},
		{func(s *cashback.Spec) { s.Rules[0].Rate, s.Rules[0].Fixed = money.Rate{}, eur(1_00) }, "fixed",
			`rule "all": what it gives changed from 1 % to 1.00 EUR`, `rule "all": what it gives changed from 1.00 EUR to 1 %`},
		{func(s *cashback.Spec) { s.Rules[2].MaxReward = eur(8_00) }, "max_reward", `rule "steps": highest reward lowered from 9.00 EUR to 8.00 EUR`, `rule "steps": highest reward raised from 8.00 EUR to 9.00 EUR`},
		{func(s *cashback.Spec) { s.Rules[0].AllowAboveWhole = true }, "allow_above_whole",
			`rule "all": may give more than the whole purchase now`, `rule "all": may no longer give more than the whole purchase`},
		{func(s *cashback.Spec) {
			s.Rules[1].Funding[0].Share, s.Rules[1].Funding[1].Share = rate("0.5"), rate("0.5")
		}, "funding",
			`rule "books": funding changed from bank 1/3 and shop 2/3 to bank 50 % and shop 50 %`, `rule "books": funding changed from bank 50 % and shop 50 % to bank 1/3 and shop 2/3`},
		{func(s *cashback.Spec) { s.Rules[1].Budget = "" }, "budget", `rule "books": budget changed from "books" to none`, `rule "books": budget changed from none to "books"`},
		{func(s *cashback.Spec) { slices.Reverse(s.Rules) }, "rules", `order of rules changed: "steps" comes before "all" now`, `order of rules changed: "all" comes before "steps" now`},
		{func(s *cashback.Spec) {
			r := s.Rules[1]
			r.ID, r.Priority, r.MinPurchase, r.MaxReward, r.AllowAboveWhole, r.Exclude = "more", 2, eur(1), eur(2), true, cashback.Filter{Tiers: []string{"x"}, Countries: []cap.Country{"FR"}}
			s.Rules = append(s.Rules, r)
		}, "rule", `rule "more" added: 2.00 EUR, at most 0.02 EUR, for purchases of 0.01 EUR or more, from 2026-03-01, through 2026-05-31, ` +
			`for merchant categories 5192, 5940-5949, but not for countries FR or tiers "x", in group "extra" with priority 2, ` +
			`paid by bank 1/3 and shop 2/3, of budget "books", which may be more than the whole purchase`, `rule "more" removed`},

		{func(s *cashback.Spec) { s.Budgets[0].Total = eur(750_00) }, "total", `budget "books": total raised from 500.00 EUR to 750.00 EUR`, `budget "books": total lowered from 750.00 EUR to 500.00 EUR`},
		{func(s *cashback.Spec) { s.Budgets = s.Budgets[:1] }, "budget", `budget "spare" removed`, `budget "spare" added: 0.00 EUR`},
		{func(s *cashback.Spec) { s.Caps[0].Rules = s.Caps[0].Rules[:1] }, "rules", `cap "month": rules it bounds: "books" removed`, `cap "month": rules it bounds: "books" added`},
		{func(s *cashback.Spec) { s.Caps[0].Rules = nil }, "rules", `cap "month": rules it bounds changed from "all", "books" to all`, `cap "month": rules it bounds changed from all to "all", "books"`},
		{func(s *cashback.Spec) {
			limits := s.Caps[0].Policy.Limits()
			limits[0].Max = eur(25_00)
			s.Caps[0].Policy = cap.MustPolicy(money.EUR, limits, &cap.PolicyOptions{Lateness: 169 * time.Hour})
		}, "policy.max", `cap "month": limit "m": max raised from 20.00 EUR to 25.00 EUR`, `cap "month": limit "m": max lowered from 25.00 EUR to 20.00 EUR`},
		{func(s *cashback.Spec) { s.Caps = nil }, "cap", `cap "month" removed`,
			`cap "month" added: on the rules "all", "books", limit "m": at most 20.00 EUR in rolling P30D, counting refund original, lateness 169h0m0s`},
	}
}

// Each field that may change has its sentence, and what is changed back reads the other way round.
func TestDiffWords(t *testing.T) {
	p := cashback.MustProgram(small(t))
	for _, row := range diffWords() {
		s := small(t)
		row.change(&s)
		q := cashback.MustProgram(s)
		for _, way := range []struct {
			got  []cashback.Difference
			want string
		}{{p.Diff(q), row.there}, {q.Diff(p), row.back}} {
			i := slices.IndexFunc(way.got, func(d cashback.Difference) bool { return d.String() == way.want })
			backwards := way.want == row.back && row.field == "fixed" && strings.HasSuffix(row.back, "%") // then it is the rate
			if i < 0 || way.got[i].Field != row.field && !backwards {
				t.Errorf("got %q, want %s: %s", way.got, row.field, way.want)
				continue
			}
			if d := way.got[i]; d.Part != "" && !strings.HasPrefix(d.Text, d.Part+` "`+d.ID+`"`) {
				t.Errorf("%s is said to be of %s %q", d, d.Part, d.ID)
			}
		}
	}
}

// Another currency changes every amount.
func TestDiffOfCurrencies(t *testing.T) {
	p := cashback.MustProgram(small(t))
	q, err := cashback.ParseProgram([]byte(strings.ReplaceAll(smallProgram, "EUR", "USD")))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range p.Diff(q) {
		got = append(got, d.String())
	}
	for _, want := range []string{
		"currency changed from EUR to USD", "payout threshold changed from 10.00 EUR to 10.00 USD", `cap "month": currency changed from EUR to USD`,
		`budget "spare": total changed from 0.00 EUR to 0.00 USD`, `rule "steps": highest reward changed from 9.00 EUR to 9.00 USD`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("got %q, want %s", got, want)
		}
	}
}

// Programs differ in words exactly when they are not the same, whatever they are.
func TestDiffIsEqual(t *testing.T) {
	rows := diffWords()
	rapid.Check(t, func(t *rapid.T) {
		p, q := cashback.MustProgram(drawSpec(t)), cashback.MustProgram(drawSpec(t))
		if len(p.Diff(p)) > 0 || len(p.Diff(cashback.MustProgram(p.Spec()))) > 0 {
			t.Fatal("a program differs from itself")
		}
		if len(p.Diff(q)) == 0 != p.Equal(q) || len(q.Diff(p)) == 0 != p.Equal(q) {
			t.Fatalf("equal %v, and yet %q", p.Equal(q), p.Diff(q))
		}
		// The same parts, a few things changed: nothing goes unsaid.
		s, err := cashback.ParseProgram([]byte(smallProgram))
		if err != nil {
			t.Fatal(err)
		}
		spec := s.Spec()
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			changed := cashback.MustProgram(spec).Spec()
			row := rapid.SampledFrom(rows).Draw(t, "row")
			func() {
				defer func() { _ = recover() }() // a part that an earlier change took away
				row.change(&changed)
			}()
			if r, err := cashback.NewProgram(changed); err == nil {
				if len(cashback.MustProgram(spec).Diff(r)) == 0 != r.Equal(cashback.MustProgram(spec)) {
					t.Fatal("a change goes unsaid, or nothing is said to be one")
				}
				spec = changed
			}
		}
	})
}
