package cap_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// What a bank's second pair of eyes is shown before a policy takes the place of another one.
func ExamplePolicy_Diff() {
	week := cap.Limit{Name: "week", Max: money.New(300_00, money.EUR), Window: cap.Rolling(7 * 24 * time.Hour)}
	cash := cap.Limit{Name: "cash", MaxCount: 3, Window: cap.Rolling(24 * time.Hour)}
	before := cap.MustPolicy(money.EUR, []cap.Limit{week, cash}, nil)

	week.Max = money.New(500_00, money.EUR)
	week.Alerts = []int{80}
	atm := cap.Limit{
		Name: "atm", Max: money.New(80_00, money.EUR), Window: cap.Rolling(24 * time.Hour),
		Scope: cap.Scope{Include: cap.Filter{Channels: []cap.Channel{cap.ATM}}},
	}
	after := cap.MustPolicy(money.EUR, []cap.Limit{week, atm}, &cap.PolicyOptions{Lateness: 48 * time.Hour})

	for _, difference := range before.Diff(after) {
		fmt.Println(difference)
	}
	// Output:
	// lateness changed from P1D to P2D
	// limit "week": max raised from 300.00 EUR to 500.00 EUR
	// limit "week": alert at 80 percent added
	// limit "cash" removed
	// limit "atm" added: at most 80.00 EUR in rolling P1D, for channels atm
}

// Each field that may change has its sentence, and what is changed back reads the other way round.
func TestDiffWords(t *testing.T) {
	from := time.Date(2026, 12, 19, 0, 0, 0, 0, time.UTC)
	until := from.AddDate(0, 0, 8)
	base := cap.Limit{
		Name: "x", Max: eur(300_00), MaxCount: 3, Window: cap.Rolling(7 * 24 * time.Hour), Alerts: []int{80},
		Scope: cap.Scope{
			Include: cap.Filter{Categories: []cap.MCCRange{{From: 5411, To: 5411}, {From: 7800, To: 7999}}, Countries: []cap.Country{"DE", "FR"}},
			Exclude: cap.Filter{Merchants: []string{"a", "b, c"}},
		},
		Overrides: []cap.Override{{From: from, Until: until, Max: eur(900_00)}},
	}
	for _, row := range []struct {
		change      func(*cap.Limit)
		field       string
		there, back string
	}{
		{func(l *cap.Limit) { l.Max = eur(200_00) }, "max", "max lowered from 300.00 EUR to 200.00 EUR", "max raised from 200.00 EUR to 300.00 EUR"},
		{func(l *cap.Limit) { l.Max, l.Overrides = money.Amount{}, nil }, "max", "max of 300.00 EUR removed", "max of 300.00 EUR added"},
		{func(l *cap.Limit) { l.MaxCount = 0 }, "max_count", "max count of 3 removed", "max count of 3 added"},
		{func(l *cap.Limit) { l.MaxCount = 5 }, "max_count", "max count raised from 3 to 5", "max count lowered from 5 to 3"},
		{func(l *cap.Limit) { l.Window = cap.Calendar(cap.Week, time.UTC).StartingAt(7) }, "window",
			"window changed from rolling P7D to calendar week from day 7 UTC", "window changed from calendar week from day 7 UTC to rolling P7D"},
		{func(l *cap.Limit) { l.Scope.Include.Categories[0].To = 5412 }, "scope.include.mcc",
			"merchant categories it looks at: 5411 removed, 5411-5412 added", "merchant categories it looks at: 5411-5412 removed, 5411 added"},
		{func(l *cap.Limit) { l.Scope.Include.Countries = nil }, "scope.include.countries",
			"countries it looks at changed from DE, FR to all", "countries it looks at changed from all to DE, FR"},
		{func(l *cap.Limit) { l.Scope.Include.Channels = []cap.Channel{cap.ATM} }, "scope.include.channels",
			"channels it looks at changed from all to atm", "channels it looks at changed from atm to all"},
		{func(l *cap.Limit) { l.Scope.Exclude.Merchants = []string{"a"} }, "scope.exclude.merchants",
			`merchants it leaves out: "b, c" removed`, `merchants it leaves out: "b, c" added`},
		{func(l *cap.Limit) { l.Scope.Exclude.Merchants = nil }, "scope.exclude.merchants",
			`merchants it leaves out changed from "a", "b, c" to none`, `merchants it leaves out changed from none to "a", "b, c"`},
		{func(l *cap.Limit) { l.Counting.PartialReversal = cap.Ignored }, "counting.partial_reversal",
			"counting of partial reversal changed from original to ignored", "counting of partial reversal changed from ignored to original"},
		{func(l *cap.Limit) { l.Overrides[0].Max = eur(950_00) }, "overrides",
			"override from 2026-12-19T00:00:00Z: max raised from 900.00 EUR to 950.00 EUR", "override from 2026-12-19T00:00:00Z: max lowered from 950.00 EUR to 900.00 EUR"},
		{func(l *cap.Limit) { l.Overrides[0].MaxCount = 7 }, "overrides",
			"override from 2026-12-19T00:00:00Z: max count of 7 added", "override from 2026-12-19T00:00:00Z: max count of 7 removed"},
		{func(l *cap.Limit) { l.Overrides[0].Until = until.Add(time.Microsecond) }, "overrides",
			"end of the override from 2026-12-19T00:00:00Z changed from 2026-12-27T00:00:00Z to 2026-12-27T00:00:00.000001Z",
			"end of the override from 2026-12-19T00:00:00Z changed from 2026-12-27T00:00:00.000001Z to 2026-12-27T00:00:00Z"},
		{func(l *cap.Limit) { l.Overrides = nil }, "overrides",
			"override from 2026-12-19T00:00:00Z until 2026-12-27T00:00:00Z removed",
			"override added: at most 900.00 EUR from 2026-12-19T00:00:00Z until 2026-12-27T00:00:00Z"},
		{func(l *cap.Limit) { l.Alerts = nil }, "alerts", "alert at 80 percent removed", "alert at 80 percent added"},
	} {
		p := cap.MustPolicy(money.EUR, []cap.Limit{base}, nil)
		limit := p.Limits()[0] // a copy, so that base stays as it is
		row.change(&limit)
		q := cap.MustPolicy(money.EUR, []cap.Limit{limit}, nil)
		for _, way := range []struct {
			got  []cap.Difference
			want string
		}{{p.Diff(q), row.there}, {q.Diff(p), row.back}} {
			i := slices.IndexFunc(way.got, func(d cap.Difference) bool { return d.Text == `limit "x": `+way.want })
			if i < 0 || way.got[i].Limit != "x" || way.got[i].Field != row.field {
				t.Errorf("got %q, want %s: %s", way.got, row.field, way.want)
			}
		}
	}
}

// A limit that is added is told with all that it has; another currency changes every maximum; and the order counts.
func TestDiffOfLimits(t *testing.T) {
	only := func(c money.Currency, limits ...cap.Limit) *cap.Policy { return cap.MustPolicy(c, limits, nil) }
	a := cap.Limit{Name: "a", Max: eur(1_00), Window: cap.Lifetime()}
	b := cap.Limit{Name: "b", MaxCount: 1, Window: cap.OpenedByFirstUse(time.Hour)}
	c := cap.Limit{
		Name: "c", Max: eur(2_00), MaxCount: 2, Window: cap.RollingMonths(1, time.UTC), Alerts: []int{50, 80},
		Scope: cap.Scope{
			Include: cap.Filter{Countries: []cap.Country{"FR"}, Channels: []cap.Channel{cap.ATM, cap.POS}},
			Exclude: cap.Filter{Merchants: []string{"m"}, Categories: []cap.MCCRange{{From: 1, To: 9}}},
		},
		Counting:  cap.Counting{Authorize: cap.Now, ForcePost: cap.Ignored, Refund: cap.Now},
		Overrides: []cap.Override{{From: time.Unix(0, 0), Until: time.Unix(3600, 0), Max: eur(5_00), MaxCount: 5}},
	}
	each := cap.Limit{Name: "each", Max: eur(0), Window: cap.PerTransaction()}
	for _, row := range []struct {
		p, q *cap.Policy
		want []string
	}{
		{only(money.EUR, a), only(money.EUR, a), nil},
		{only(money.EUR, a), only(money.EUR, a, b, c, each), []string{
			`limit "b" added: at most 1 spend in a window opened by first use for PT1H`,
			`limit "c" added: at most 2.00 EUR and 2 spends in rolling 1 months UTC, for countries FR and channels atm, pos, but not for ` +
				`merchant categories 0001-0009 or merchants "m", counting force post ignored, counting refund now, ` +
				`at most 5.00 EUR and 5 spends from 1970-01-01T00:00:00Z until 1970-01-01T01:00:00Z, alert at 50 percent, alert at 80 percent`,
			`limit "each" added: at most 0.00 EUR per transaction`,
		}},
		{only(money.EUR, a, b, c), only(money.EUR, c, each, a), []string{
			`limit "b" removed`,
			`limit "each" added: at most 0.00 EUR per transaction`,
			`order of limits changed from a, c to c, a`,
		}},
		{only(money.EUR, a), only(money.JPY, cap.Limit{Name: "a", Max: money.New(100, money.JPY), Window: cap.Lifetime()}), []string{
			`currency changed from EUR to JPY`,
			`limit "a": max changed from 1.00 EUR to 100 JPY`,
		}},
		{only(money.EUR, a), cap.MustPolicy(money.EUR, []cap.Limit{a}, &cap.PolicyOptions{Lateness: time.Hour, FinalAfter: 36 * time.Hour}), []string{
			`lateness changed from P1D to PT1H`,
			`final after changed from never to P1DT12H`,
		}},
	} {
		var got []string
		for _, d := range row.p.Diff(row.q) {
			got = append(got, d.String())
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(row.want, "\n"))
		}
	}
}

// Nothing differs exactly when the policies are Equal. What was changed is named, on the limit where it was, and said in
// one line; and the way back names the same fields.
func TestDiffNamesEveryChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		limits, options := p.Limits(), optionsOf(p)
		var changed []string
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			changed = append(changed, drawChange(t, limits, options))
		}
		q, err := cap.NewPolicy(money.EUR, limits, options)
		if err != nil {
			t.Skip("no policy") // a change may break another rule
		}
		there, back := p.Diff(q), q.Diff(p)
		if (len(there) == 0) != p.Equal(q) || (len(back) == 0) != p.Equal(q) {
			t.Fatalf("equal: %v, and yet %q and %q", p.Equal(q), there, back)
		}
		fields := func(all []cap.Difference) map[string]bool {
			out := map[string]bool{}
			for _, d := range all {
				if d.Text == "" || strings.ContainsAny(d.Text, "\n\r") || d.Limit != "" && !strings.HasPrefix(d.Text, fmt.Sprintf("limit %q", d.Limit)) {
					t.Fatalf("not a sentence: %+v", d)
				}
				out[d.Limit+" "+d.Field] = true
			}
			return out
		}
		if a, b := fields(there), fields(back); len(a) != len(b) {
			t.Fatalf("there %q, back %q", there, back)
		}
		if len(changed) == 1 && changed[0] != "" && !slices.ContainsFunc(there, func(d cap.Difference) bool { return d.Field == changed[0] }) {
			t.Fatalf("%s changed: got %q", changed[0], there)
		}
		if slices.Compare(texts(there), texts(p.Diff(q))) != 0 {
			t.Fatal("another order")
		}
	})
}

func texts(all []cap.Difference) (out []string) {
	for _, d := range all {
		out = append(out, d.Text)
	}
	return out
}

// Two policies that have nothing to do with each other: every limit of both is spoken of, unless it is in both.
func TestDiffOfStrangers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := drawPolicy(t), drawPolicy(t)
		diff := p.Diff(q)
		if (len(diff) == 0) != p.Equal(q) {
			t.Fatalf("equal %v: %q", p.Equal(q), diff)
		}
		// Each sentence may be taken back: a limit whose fields are all as in q when nothing is said of them.
		said := map[string]bool{}
		for _, d := range diff {
			said[d.Limit] = true
		}
		byName := map[string]cap.Limit{}
		for _, l := range q.Limits() {
			byName[l.Name] = l
		}
		for _, l := range p.Limits() {
			other, both := byName[l.Name]
			same := both && cap.MustPolicy(money.EUR, []cap.Limit{l}, nil).Equal(cap.MustPolicy(money.EUR, []cap.Limit{other}, nil))
			if same == said[l.Name] {
				t.Fatalf("limit %s is the same: %v, and yet %q", l.Name, same, diff)
			}
		}
	})
}
