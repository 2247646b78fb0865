package cashback_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

type badProgram struct{ json, want string }

// smallProgram has two groups, three rules, a cap and a budget.
const smallProgram = `{"id":"p","version":1,"currency":"EUR","zone":"Europe/Paris","rounding":"down",` +
	`"groups":[{"id":"base","mode":"stack"},{"id":"extra","mode":"first","ties":"later_rule"}],` +
	`"rules":[` +
	`{"id":"all","group":"base","rate":"0.01","funding":[{"id":"bank","share":"1"}]},` +
	`{"id":"books","group":"extra","from":"2026-03-01","through":"2026-05-31","include":{"mcc":["5192","5940-5949"]},"fixed":{"amount":"2.00","currency":"EUR"},"funding":[{"id":"bank","share":"1/3"},{"id":"shop","share":"2/3"}],"budget":"books"},` +
	`{"id":"steps","group":"extra","ladder":[` +
	`{"from":{"amount":"0.00","currency":"EUR"},"until":{"amount":"50.00","currency":"EUR"},"rate":"0.02"},` +
	`{"from":{"amount":"50.00","currency":"EUR"},"until":{"amount":"80.00","currency":"EUR"},"fixed":{"amount":"1.00","currency":"EUR"}},` +
	`{"from":{"amount":"80.00","currency":"EUR"},"rate":"0.03"}],"max_reward":{"amount":"9.00","currency":"EUR"},"funding":[{"id":"bank","share":"1"}]}],` +
	`"caps":[{"id":"month","rules":["all","books"],"policy":{"currency":"EUR","lateness":"P7DT1H","limits":[{"name":"m","max":{"amount":"20.00","currency":"EUR"},"window":{"kind":"rolling","duration":"P30D"},"counting":{"refund":"original"}}]}}],` +
	`"budgets":[{"id":"books","total":{"amount":"500.00","currency":"EUR"}},{"id":"spare","total":{"amount":"0.00","currency":"EUR"}}],` +
	`"confirmation":{"by":"delay","days":30},"expiry_months":12,"payout_threshold":{"amount":"10.00","currency":"EUR"},` +
	`"clawback":{"method":"recompute","over_balance":"unlimited"},"late_days":5,"refund_days":60}`

// but is smallProgram with one thing said otherwise.
func but(old, new string) string {
	if strings.Count(smallProgram, old) != 1 {
		panic(fmt.Sprintf("%d times in the program: %s", strings.Count(smallProgram, old), old))
	}
	return strings.Replace(smallProgram, old, new, 1)
}

func amount(s, currency string) string { return `{"amount":"` + s + `","currency":"` + currency + `"}` }

// badPrograms are programs that are refused, each with what the error says: the path of the field, and why.
func badPrograms() []badProgram {
	return slices.Concat(badTops(), badRules(), badLadders(), badFunding(), badFilters(), badCaps(), badTexts())
}

func badTops() []badProgram {
	return []badProgram{
		{but(`"id":"p"`, `"id":""`), `program: id: "", want 1 to 64`},
		{but(`"id":"p"`, `"id":"spring 2026"`), `program: id: "spring 2026", want`},
		{but(`"id":"p"`, `"id":"`+strings.Repeat("p", 65)+`"`), "program: id:"},
		{but(`"version":1`, `"version":0`), "program: version: 0, want 1 to 2147483647"},
		{but(`"version":1`, `"version":2147483648`), "program: version: 2147483648"},
		{but(`"currency":"EUR","zone"`, `"currency":"XAU","zone"`), "program: currency:"},
		{but(`"currency":"EUR","zone"`, `"zone"`), "program: currency: none given"},
		{but(`"currency":"EUR","zone"`, `"currency":"USD","zone"`), "program: budgets[0].total: in EUR, want the program's USD"},
		{but(`Europe/Paris`, `Mars/Olympus`), `program: zone: "Mars/Olympus"`},
		{but(`Europe/Paris`, `Local`), `program: zone: "Local"`},
		{but(`"down"`, `"downwards"`), "program: rounding:"},
		{but(`{"id":"base","mode":"stack"}`, `{"id":"extra","mode":"stack"}`), `program: groups[1].id: "extra" is the id of groups[0] too`},
		{but(`{"id":"base","mode":"stack"}`, `{"id":"base","mode":"all"}`), `program: groups[0].mode: "all", want one of [stack first best_for_customer best_for_bank]`},
		{but(`"later_rule"`, `"random"`), `program: groups[1].ties: "random", want`},
		{but(`"later_rule"`, `""`), "program: groups[1].ties: empty"},
		{but(`"total":{"amount":"500.00","currency":"EUR"}`, `"total":`+amount("500.00", "USD")), "program: budgets[0].total: in USD, want the program's EUR"}, // a budget in another currency
		{but(`"total":{"amount":"500.00","currency":"EUR"}`, `"total":`+amount("-500.00", "EUR")), "program: budgets[0].total: -500.00 EUR, want 0 to 2^54-1"},
		{but(`"total":{"amount":"500.00","currency":"EUR"}`, `"total":`+amount("180143985094819.84", "EUR")), "program: budgets[0].total: 180143985094819.84 EUR"},
		{but(`{"id":"spare"`, `{"id":"books"`), `program: budgets[1].id: "books" is the id of budgets[0] too`},
		{but(`"by":"delay"`, `"by":"magic"`), `program: confirmation.by: "magic", want one of [delay action merchant]`},
		{but(`"days":30`, `"days":401`), "program: confirmation.days: 401, want 0 to 400"},
		{but(`"days":30`, `"days":-1`), "program: confirmation.days: -1"},
		{but(`"by":"delay"`, `"by":"merchant"`), "program: confirmation.days: 30, want none where it is confirmed by merchant"},
		{but(`"expiry_months":12`, `"expiry_months":121`), "program: expiry_months: 121, want 0 to 120"},
		{but(`"payout_threshold":{"amount":"10.00","currency":"EUR"},`, ``), "program: payout_threshold: none given"},
		{but(`"payout_threshold":{"amount":"10.00","currency":"EUR"}`, `"payout_threshold":`+amount("10.00", "CHF")), "program: payout_threshold: in CHF"},
		{but(`"payout_threshold":{"amount":"10.00","currency":"EUR"}`, `"payout_threshold":`+amount("-0.01", "EUR")), "program: payout_threshold: -0.01 EUR"},
		{but(`"payout_threshold":{"amount":"10.00","currency":"EUR"}`, `"payout_threshold":`+amount("-0.00", "EUR")), "program: payout_threshold: a zero with a minus"},
		{but(`"recompute"`, `"guess"`), `program: clawback.method: "guess", want one of [recompute proportional]`},
		{but(`"unlimited"`, `"some"`), `program: clawback.over_balance: "some", want one of [only_pending within_balance unlimited]`},
		{but(`"late_days":5`, `"late_days":0`), "program: late_days: 0, want 1 to 365"},
		{but(`"refund_days":60`, `"refund_days":4`), "program: refund_days: 4, want 5 to 3650"},
		{but(`"refund_days":60`, `"refund_days":3651`), "program: refund_days: 3651"},
	}
}

const fixedReward = `"fixed":{"amount":"2.00","currency":"EUR"}`

// ruleAll is the program with other fields in rule all.
func ruleAll(fields string) string {
	return but(`"group":"base","rate":"0.01"`, `"group":"base",`+fields)
}

func badRules() []badProgram {
	return []badProgram{
		{but(`{"id":"books","group"`, `{"id":"all","group"`), `program: rules[1].id: "all" is the id of rules[0] too`},
		{but(`{"id":"books","group"`, `{"id":"bücher","group"`), "program: rules[1].id:"},
		{but(`"group":"base"`, `"group":"bases"`), `program: rules[0].group: "bases", which is not in the program`},
		{but(`"budget":"books"`, `"budget":"book"`), `program: rules[1].budget: "book", which is not in the program`},
		{but(`"budget":"books"`, `"budget":""`), "program: rules[1].budget: empty"},
		{ruleAll(`"rate":"0.01","label":"a\nb"`), "program: rules[0].label: it holds a control character"},
		{ruleAll(`"rate":"0.01","label":"` + strings.Repeat("é", 201) + `"`), "program: rules[0].label: longer than 200"},
		{ruleAll(`"rate":"0.01","priority":1000001`), "program: rules[0].priority: 1000001, want -1000000 to 1000000"},
		{but(`"through":"2026-05-31"`, `"through":"2026-02-28"`), "program: rules[1].through: 2026-02-28, which is before 2026-03-01"}, // dates reversed
		{but(`"from":"2026-03-01"`, `"from":"2026-02-30"`), "program: rules[1].from:"},
		{but(`"from":"2026-03-01"`, `"from":""`), "program: rules[1].from:"},

		{ruleAll(`"rate":"1.01"`), "program: rules[0].rate: 1.01, which is above 1: that has to be said with allow_above_whole"}, // a rate above 100 %
		{ruleAll(`"rate":"101","allow_above_whole":true`), "program: rules[0].rate: 101, want at most 100"},
		{ruleAll(`"rate":"-0.01"`), "program: rules[0].rate: -0.01, want none below 0"},
		{ruleAll(`"rate":"0.00"`), "program: rules[0].rate: zero"},
		{ruleAll(`"rate":"1 %"`), "program: rules[0].rate:"},
		{ruleAll(`"rate":"0.01","allow_above_whole":1`), "program: rules[0].allow_above_whole: want true or false"},
		{ruleAll(`"priority":0`), "program: rules[0]: 0 of rate, fixed and ladder, want exactly one"},
		{ruleAll(`"rate":"0.01",` + fixedReward), "program: rules[0]: 2 of rate, fixed and ladder"},
		{ruleAll(`"rate":"0.01","min_purchase":` + amount("1.00", "USD")), "program: rules[0].min_purchase: in USD"},
		{ruleAll(`"rate":"0.01","min_purchase":` + amount("0.00", "EUR")), "program: rules[0].min_purchase: 0.00 EUR, want 1 to"},
		{ruleAll(`"rate":"0.01","max_reward":` + amount("-1.00", "EUR")), "program: rules[0].max_reward: -1.00 EUR"},
		{ruleAll(`"rate":"0.01","max_reward":` + amount("1", "JPY")), "program: rules[0].max_reward: in JPY"},
		{but(fixedReward, `"fixed":`+amount("2.00", "CHF")), "program: rules[1].fixed: in CHF"},
		{but(fixedReward, `"fixed":`+amount("0.00", "EUR")), "program: rules[1].fixed: 0.00 EUR"},
		{but(fixedReward, `"fixed":`+amount("2.001", "EUR")), "program: rules[1].fixed:"},
	}
}

func badLadders() []badProgram {
	return []badProgram{
		{but(`"from":{"amount":"50.00"`, `"from":{"amount":"49.99"`), "program: rules[2].ladder[1].from: 49.99 EUR, which overlaps the step before it: that one ends at 50.00 EUR"}, // overlapping tiers
		{but(`"from":{"amount":"50.00"`, `"from":{"amount":"50.01"`), "program: rules[2].ladder[1].from: 50.01 EUR, which leaves a gap"},
		{but(`"from":{"amount":"50.00","currency":"EUR"}`, `"from":`+amount("50.00", "USD")), "program: rules[2].ladder[1].from: in USD"},
		{but(`"from":{"amount":"0.00","currency":"EUR"}`, `"from":`+amount("-1.00", "EUR")), "program: rules[2].ladder[0].from: -1.00 EUR"},
		{but(`"until":{"amount":"50.00","currency":"EUR"},`, ``), "program: rules[2].ladder[0].until: none given"},
		{but(`"until":{"amount":"50.00"`, `"until":{"amount":"0.00"`), "program: rules[2].ladder[0].until: 0.00 EUR"},
		{but(`"until":{"amount":"80.00"`, `"until":{"amount":"50.00"`), "program: rules[2].ladder[1].until: 50.00 EUR, want it above from"},
		{but(`"from":{"amount":"80.00","currency":"EUR"}`, `"from":`+amount("80.00", "EUR")+`,"until":`+amount("90.00", "EUR")), "program: rules[2].ladder[2].until: the last step has no end"},
		{but(`"rate":"0.03"`, `"rate":"3"`), "program: rules[2].ladder[2].rate: 3, which is above 1"},
		{but(`,"rate":"0.03"`, ``), "program: rules[2].ladder[2]: want a rate or a fixed amount"},
		{but(`"rate":"0.03"`, `"rate":"0.03",`+fixedReward), "program: rules[2].ladder[2]: want a rate or a fixed amount"},
		{but(`"fixed":{"amount":"1.00","currency":"EUR"}`, `"fixed":`+amount("1.00", "USD")), "program: rules[2].ladder[1].fixed: in USD"},
		{but(`"fixed":{"amount":"1.00"`, `"fixed":{"amount":"0.98"`), "program: rules[2].ladder[1]: gives 0.98 EUR for 50.00 EUR, want no less than the 0.99 EUR that the step before it gives for 49.99 EUR"},
		{but(`"rate":"0.03"`, `"rate":"0.0124"`), "program: rules[2].ladder[2]: gives 0.99 EUR for 80.00 EUR, want no less than the 1.00 EUR"},
		{ruleAll(`"ladder":[]`), "program: rules[0].ladder: empty"},
		{ruleAll(`"ladder":[` + strings.Repeat(`{"from":{"amount":"0.00","currency":"EUR"},"rate":"0.01"},`, 32) + `{}]`), "program: rules[0].ladder: more than 32 of them"},
	}
}

func badFunding() []badProgram {
	const books = `"id":"bank","share":"1/3"},{"id":"shop","share":"2/3"`
	return []badProgram{
		{but(books, `"id":"bank","share":"1/3"},{"id":"shop","share":"1/3"`), "program: rules[1].funding: the shares do not add up to 1"},
		{but(books, `"id":"bank","share":"2/3"},{"id":"shop","share":"2/3"`), "program: rules[1].funding: the shares do not add up to 1"},
		{but(books, `"id":"bank","share":"0.333333333333333333"},{"id":"shop","share":"2/3"`), "program: rules[1].funding: the shares"}, // in a float they would
		{but(books, `"id":"bank","share":"1/3"},{"id":"bank","share":"2/3"`), `program: rules[1].funding[1].id: "bank" is the id of funding[0] too`},
		{but(books, `"id":"bank","share":"-1/3"},{"id":"shop","share":"4/3"`), "program: rules[1].funding[0].share: -1/3, want more than 0, and 1 at most"},
		{but(books, `"id":"bank","share":"0"},{"id":"shop","share":"1"`), "program: rules[1].funding[0].share: zero"},
		{but(books, `"id":"bank","share":"1/9223372036854775807"},{"id":"shop","share":"9223372036854775805/9223372036854775806"`), "program: rules[1].funding: the shares have no common denominator"},
		{but(`"funding":[{`+books+`}]`, `"funding":[]`), "program: rules[1].funding: 0 of them, want 1 to 8"},
	}
}

func badFilters() []badProgram {
	include := func(fields string) string { return but(`{"mcc":["5192","5940-5949"]}`, fields) }
	list := func(n int, format string) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(format, i))
		}
		return strings.Join(out, ",")
	}
	return []badProgram{
		{include(`{}`), "program: rules[1].include: empty"},
		{include(`{"mcc":[]}`), "program: rules[1].include.mcc: empty"}, // else an emptied list would take all
		{include(`{"mcc":["541"]}`), "program: rules[1].include.mcc[0]:"},
		{include(`{"mcc":["5412-5411"]}`), "program: rules[1].include.mcc[0]:"},
		{include(`{"mcc":["5000-5411","5411"]}`), "program: rules[1].include.mcc[1]: 5411 does not lie after 5000-5411"},
		{include(`{"merchants":["b","a"]}`), `program: rules[1].include.merchants[1]: "a" does not lie after "b"`},
		{include(`{"merchants":["a\u0000"]}`), "program: rules[1].include.merchants[0]:"},
		{include(`{"merchants":["\ud800"]}`), "program: rules[1].include.merchants[0]: an escape in it is no character"},
		{include(`{"merchants":["` + strings.Repeat("x", cap.MaxID+1) + `"]}`), "program: rules[1].include.merchants[0]:"},
		{include(`{"merchant_groups":["a","a"]}`), "program: rules[1].include.merchant_groups[1]:"},
		{include(`{"categories":[""]}`), "program: rules[1].include.categories[0]:"},
		{include(`{"tiers":["gold","basic"]}`), "program: rules[1].include.tiers[1]:"},
		{include(`{"countries":["fr"]}`), `program: rules[1].include.countries[0]: "fr", want two capital letters`},
		{include(`{"countries":["FR","DE"]}`), "program: rules[1].include.countries[1]:"},
		{include(`{"tiers":[` + list(1001, `"%04d"`) + `]}`), "program: rules[1].include.tiers: more than 1000 of them"},
		{include(`{"tiers":["gold"]},"exclude":{"tiers":[7]}`), "program: rules[1].exclude.tiers[0]: a number, want a string"},
	}
}

func badCaps() []badProgram {
	return []badProgram{
		{but(`"rules":["all","books"]`, `"rules":["all","book"]`), `program: caps[0].rules[1]: "book", which is not in the program`},
		{but(`"rules":["all","books"]`, `"rules":["books","all"]`), `program: caps[0].rules[1]: "all" does not lie after "books"`},
		{but(`"rules":["all","books"]`, `"rules":["all","all"]`), `program: caps[0].rules[1]: "all" does not lie after "all"`},
		{but(`"rules":["all","books"]`, `"rules":[]`), "program: caps[0].rules: empty"}, // else an emptied list would take all
		{but(`{"id":"month"`, `{"id":""`), "program: caps[0].id:"},
		{but(`"policy":{"currency":"EUR"`, `"policy":{"currency":"USD"`), "program: caps[0].policy: cap: invalid policy: limits[0].max: in EUR, want the policy's USD"},
		{but(`"policy":{"currency":"EUR","lateness":"P7DT1H","limits":[{"name":"m","max":{"amount":"20.00","currency":"EUR"}`, `"policy":{"currency":"USD","lateness":"P7DT1H","limits":[{"name":"m","max":{"amount":"20.00","currency":"USD"}`), "program: caps[0].policy.currency: in USD, want the program's EUR"},
		{but(`,"counting":{"refund":"original"}`, ``), "program: caps[0].policy.limits[0].counting.refund: want original"},
		{but(`"refund":"original"`, `"refund":"now"`), "program: caps[0].policy.limits[0].counting.refund: want original"},
		{but(`"refund":"original"`, `"authorize":"ignored","refund":"original"`), "program: caps[0].policy.limits[0].counting.authorize: want now"},
		{but(`"P7DT1H"`, `"P7DT59M59S"`), "program: caps[0].policy.lateness: 168h59m59s, want 169h0m0s at least for 5 late days"},
		{but(`"late_days":5`, `"late_days":6`), "program: caps[0].policy.lateness:"},
		{but(`"lateness":"P7DT1H"`, `"lateness":"P7DT1H","final_after":"P30D"`), "program: caps[0].policy.final_after: want none"},
	}
}

// badTexts are those that only somebody writes who means harm, or whose program is broken.
func badTexts() []badProgram {
	return []badProgram{
		{``, "program: not valid JSON"},
		{`null`, "program: null, want an object"},
		{`[]`, "program: an array, want an object"},
		{`{}`, "program: id: none given"},
		{smallProgram + `{}`, "program: not valid JSON"},
		{but(`"version":1`, `"version":1,"Version":2`), `program: unknown field "Version"`},
		{but(`"version":1`, `"version":1,"version":2`), `program: field "version" is given twice`},
		{but(`"version":1`, `"version":1.0`), "program: version: 1.0, want a whole number"},
		{but(`"version":1`, `"version":null`), "program: version: null, want a whole number"},
		{but(`"caps":[`, `"caps":null,"cap":[`), `program: unknown field "cap"`},
		{but(`"rules":[{`, `"rules":[null,{`), "program: rules[0]: null, want an object"},
		{but(`"mode":"stack"`, `"mode":"stack","more":1`), `program: groups[0]: unknown field "more"`},
		{but(`"mode":"stack"`, `"mode":7`), "program: groups[0].mode: a number, want a string"},
		{but(`"max_reward":{"amount":"9.00","currency":"EUR"}`, `"max_reward":null`), "program: rules[2].max_reward:"},
		{but(`"max_reward":{"amount":"9.00","currency":"EUR"}`, `"max_reward":9`), "program: rules[2].max_reward:"},
		{but(`"id":"p"`, "\"id\":\"\xff\""), "program: not valid UTF-8"},
		{but(`"groups":[{`, `"groups":[`+strings.Repeat(`{"id":"x","mode":"stack"},`, cashback.MaxGroups)+`{`), "program: groups: more than 32 of them"},
		{but(`"budgets":[{`, `"budgets":[`+strings.Repeat(`{"id":"x","total":{"amount":"1","currency":"EUR"}},`, cashback.MaxBudgets)+`{`), "program: budgets: more than 1000 of them"},
		{strings.Repeat(`{"rules":[`, 20_000), "program: not valid JSON"},
		{`{"` + strings.Repeat("é", 100_000) + `":0}`, "program: unknown field"},
		{`"` + strings.Repeat("x", cashback.MaxProgram) + `"`, "want at most 16777216"},
	}
}

// Bad programs are refused, and the error names the field, in few words whatever the input was.
func TestProgramErrors(t *testing.T) {
	if _, err := cashback.ParseProgram([]byte(smallProgram)); err != nil {
		t.Fatal(err)
	}
	for _, row := range badPrograms() {
		p, err := cashback.ParseProgram([]byte(row.json))
		if p != nil || !errors.Is(err, cashback.ErrInvalid) || !strings.HasPrefix(fmt.Sprint(err), "cashback: invalid program: ") ||
			!strings.Contains(err.Error(), row.want) || len(err.Error()) > 500 {
			t.Errorf("%.300s\n got %.500v\nwant %s", row.json, err, row.want)
		}
	}
}

// A bound is in: these are programs.
func TestProgramsAtTheirBounds(t *testing.T) {
	for _, text := range []string{
		but(`"id":"p"`, `"id":"`+strings.Repeat("p", cashback.MaxID)+`"`),
		but(`"rate":"0.01"`, `"rate":"1"`),
		but(`"rate":"0.01"`, `"rate":"100","allow_above_whole":true`),
		but(`"through":"2026-05-31"`, `"through":"2026-03-01"`),
		but(`"fixed":{"amount":"1.00"`, `"fixed":{"amount":"0.99"`),
		but(`"rate":"0.03"`, `"rate":"0.0125"`),
		but(`"total":{"amount":"500.00"`, `"total":{"amount":"180143985094819.83"`),
		but(`"days":30`, `"days":0`),
		but(`"refund_days":60`, `"refund_days":5`),
		but(`"payout_threshold":{"amount":"10.00"`, `"payout_threshold":{"amount":"0.00"`),
		but(`"max_reward":{"amount":"9.00"`, `"max_reward":{"amount":"0.50"`),
		but(`"rules":["all","books"],`, ``),
	} {
		if _, err := cashback.ParseProgram([]byte(text)); err != nil {
			t.Errorf("%s\ngot %v", text, err)
		}
	}
}

// A most that is given hides what falls above it, and nothing else does.
func TestLadderBelowMaxReward(t *testing.T) {
	falls := strings.Replace(but(`"fixed":{"amount":"1.00"`, `"fixed":{"amount":"0.90"`), `"rate":"0.03"`, `"rate":"0.02"`, 1)
	if _, err := cashback.ParseProgram([]byte(falls)); err == nil || !strings.Contains(err.Error(), "rules[2].ladder[1]: gives 0.90 EUR") {
		t.Errorf("got %v", err)
	}
	hidden := strings.Replace(falls, `"max_reward":{"amount":"9.00"`, `"max_reward":{"amount":"0.90"`, 1)
	if _, err := cashback.ParseProgram([]byte(hidden)); err != nil {
		t.Error(err)
	}
}

// What a program made in Go may be is what its JSON may be.
func TestSpecErrors(t *testing.T) {
	late := func(d time.Duration) *cap.PolicyOptions { return &cap.PolicyOptions{Lateness: d} }
	month := cap.Limit{Name: "m", Max: money.New(1, money.EUR), Window: cap.Lifetime()}
	for _, row := range []struct {
		change func(*cashback.Spec)
		want   string
	}{
		{func(s *cashback.Spec) { *s = cashback.Spec{} }, `program: id: ""`},
		{func(s *cashback.Spec) { s.Currency = 0 }, "program: currency: none given"},
		{func(s *cashback.Spec) { s.Rounding = 0 }, "program: rounding: none given"},
		{func(s *cashback.Spec) { s.Zone = "" }, "program: zone:"},
		{func(s *cashback.Spec) { s.Groups = nil }, "program: groups: 0 of them, want 1 to 32"},
		{func(s *cashback.Spec) { s.Rules = nil }, "program: rules: 0 of them, want 1 to 20000"},
		{func(s *cashback.Spec) { s.Rules = make([]cashback.Rule, cashback.MaxRules+1) }, "program: rules: 20001 of them"},
		{func(s *cashback.Spec) { s.Caps = make([]cashback.Cap, cashback.MaxCaps+1) }, "program: caps: 17 of them"},
		{func(s *cashback.Spec) { s.Rules[1].Funding = make([]cashback.Funder, 9) }, "program: rules[1].funding: 9 of them, want 1 to 8"},
		{func(s *cashback.Spec) { s.Rules[1].Funding[0].Share = money.Rate{} }, "program: rules[1].funding[0].share: 0, want more than 0"},
		{func(s *cashback.Spec) { s.Rules[1].From = civil.Date(-1) }, "program: rules[1].from: no date"},
		{func(s *cashback.Spec) { s.Rules[1].Through = civil.Date(1 << 30) }, "program: rules[1].through: no date"},
		{func(s *cashback.Spec) { s.Rules[1].Include.MCC[0].To = 10_000 }, "program: rules[1].include.mcc[0]:"},
		{func(s *cashback.Spec) { s.Rules[1].Include.MCC = make([]cap.MCCRange, 1001) }, "program: rules[1].include.mcc: 1001 of them"},
		{func(s *cashback.Spec) { s.Rules[1].Exclude.Tiers = make([]string, 1001) }, "program: rules[1].exclude.tiers: 1001 of them"},
		{func(s *cashback.Spec) { s.Rules[2].Ladder = make([]cashback.Step, 33) }, "program: rules[2].ladder: 33 steps"},
		{func(s *cashback.Spec) { s.Rules[2].Ladder[0].From = money.Amount{} }, "program: rules[2].ladder[0].from: none given"},
		{func(s *cashback.Spec) { s.PayoutThreshold = money.Amount{} }, "program: payout_threshold: none given"},
		{func(s *cashback.Spec) { s.Budgets[0].Total = money.Amount{} }, "program: budgets[0].total: none given"},
		{func(s *cashback.Spec) { s.Caps[0].Policy = nil }, "program: caps[0].policy: none given"},
		{func(s *cashback.Spec) { s.Caps[0].Policy = &cap.Policy{} }, "program: caps[0].policy: none given"},
		{func(s *cashback.Spec) {
			s.Caps[0].Policy = cap.MustPolicy(money.EUR, []cap.Limit{month}, late(400*time.Hour))
		}, "program: caps[0].policy.limits[0].counting.refund:"},
		{func(s *cashback.Spec) {
			names := make([]string, cashback.MaxEntries)
			for i := range names {
				names[i] = fmt.Sprintf("%04d%s", i, strings.Repeat("x", 250))
			}
			for range 70 {
				r := s.Rules[0]
				r.ID, r.Include.Merchants = fmt.Sprint("more", len(s.Rules)), names
				s.Rules = append(s.Rules, r)
			}
		}, "bytes of JSON, want at most"},
	} {
		p, err := cashback.ParseProgram([]byte(smallProgram))
		if err != nil {
			t.Fatal(err)
		}
		s := p.Spec()
		row.change(&s)
		if p, err := cashback.NewProgram(s); p != nil || !errors.Is(err, cashback.ErrInvalid) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("got %.500v, want %s", err, row.want)
		}
	}
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, cashback.ErrInvalid) {
			t.Errorf("MustProgram: got %v, want a panic with ErrInvalid", err)
		}
	}()
	cashback.MustProgram(cashback.Spec{})
}
