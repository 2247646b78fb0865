package cashback_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
)

// Versions come and go, with caps of many kinds that change with them, purchases of several currencies, late and early, and a budget. To
// decide changes nothing; what is decided is always recorded; a copy that is restored before each step, and one that puts on record first what is
// due, come to the same; budgets add up, and caps that never change are never exceeded.
func TestWhateverComes(t *testing.T) {
	most := campaign.Size(12, 40)
	rapid.Check(t, func(t *rapid.T) {
		a := &adversary{T: t, live: cashback.NewRewards("c"), matured: cashback.NewRewards("c"), budget: cashback.NewBudgetAccount("b")}
		a.programs = a.drawVersions()
		a.draw(cashback.SetBudget{At: epoch, Total: eur(rapid.Int64Range(0, 60_00).Draw(t, "budget"))})
		now := epoch
		for i := range rapid.IntRange(1, most).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(-30, 40*24).Draw(t, "hours")) * time.Hour)
			a.step(now, i)
		}
		checkReplay(t, a.live, a.facts)
	})
}

type adversary struct {
	*rapid.T
	programs      []*cashback.Program
	live, matured *cashback.Rewards
	budget        *cashback.BudgetAccount
	facts         []event.Data
	grants        []grant
}

// grant is what a purchase got under the cap that never changes.
type grant struct {
	purchase string
	at       time.Time
	country  cap.Country
	byRule   map[string]int64
}

func (a *adversary) drawVersions() (programs []*cashback.Program) {
	by := rapid.SampledFrom([]cashback.ConfirmedBy{cashback.ByDelay, cashback.ByMerchant}).Draw(a.T, "by")
	for version := 1; version <= 3; version++ {
		n := func(least, most int, name string) int { return rapid.IntRange(least, most).Draw(a.T, name) }
		programs = append(programs, cashback.MustProgram(program(func(s *cashback.Spec) {
			s.Version, s.LateDays = version, n(1, 40, "late")
			s.RefundDays = s.LateDays + n(0, 60, "refunds")
			s.Clawback.Method = rapid.SampledFrom([]cashback.Method{cashback.Recompute, cashback.Proportional}).Draw(a.T, "method")
			s.Clawback.Balance = rapid.SampledFrom([]cashback.OverBalance{cashback.OnlyPending, cashback.WithinBalance, cashback.Unlimited}).Draw(a.T, "over")
			s.Confirmation = cashback.Confirmation{By: by}
			if by == cashback.ByDelay {
				s.Confirmation.Days = n(0, 20, "days")
			}
			s.ExpiryMonths, s.PayoutThreshold = n(0, 2, "expiry"), eur(int64(n(0, 6_00, "threshold")))
			s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
			s.Budgets = []cashback.Budget{{ID: "b", Total: eur(60_00)}}
			s.Rules = []cashback.Rule{
				{ID: "five", Group: "g", Terms: cashback.Terms{Rate: rateOf("0.05"), MaxReward: eur(8_00)}, Funding: bank(), Budget: "b"},
				{ID: "three", Group: "g", Terms: cashback.Terms{Rate: rateOf("0.03")}, Funding: fundedBy("1/3", "2/3")},
				{ID: "two", Group: "g", Terms: cashback.Terms{Fixed: eur(2_00), MinPurchase: eur(50_00)}, Funding: bank()},
			}
			s.Caps = a.drawCaps(s)
		})))
	}
	return programs
}

// drawCaps draws one cap that all versions have, and others.
func (a *adversary) drawCaps(s *cashback.Spec) []cashback.Cap {
	counting := cap.Counting{Refund: cap.Original}
	policy := func(lateness int, limits ...cap.Limit) *cap.Policy {
		return cap.MustPolicy(money.EUR, limits, &cap.PolicyOptions{Lateness: time.Duration(lateness)*24*time.Hour + 49*time.Hour})
	}
	caps := []cashback.Cap{{ID: "same", Rules: []string{"five", "two"}, Policy: policy(100,
		cap.Limit{Name: "month", Max: eur(15_00), Window: cap.Rolling(month), Counting: counting},
		cap.Limit{
			Name: "abroad", Max: eur(4_00), Window: cap.Lifetime(), Counting: counting,
			Scope: cap.Scope{Exclude: cap.Filter{Countries: []cap.Country{"FR"}}},
		},
	)}}
	for i := range 2 {
		if rapid.Bool().Draw(a.T, "no cap") {
			continue
		}
		window := rapid.SampledFrom([]cap.Window{
			cap.Rolling(9 * 24 * time.Hour), cap.Calendar(cap.Month, paris()), cap.RollingDays(5, paris()), cap.OpenedByFirstUse(12 * 24 * time.Hour),
			cap.PerTransaction(), cap.RollingMonths(1, paris()),
		}).Draw(a.T, "window")
		limit := cap.Limit{Name: "l", Max: eur(rapid.Int64Range(1_00, 12_00).Draw(a.T, "max")), Window: window, Counting: counting}
		if rapid.Bool().Draw(a.T, "count") && !window.Equal(cap.PerTransaction()) {
			limit.MaxCount = rapid.Int64Range(1, 3).Draw(a.T, "most")
		}
		if rapid.Bool().Draw(a.T, "scoped") {
			limit.Scope = cap.Scope{Include: cap.Filter{Countries: []cap.Country{"FR"}}}
		}
		caps = append(caps, cashback.Cap{ID: fmt.Sprint("cap", i), Policy: policy(s.LateDays+rapid.IntRange(0, 9).Draw(a.T, "lateness"), limit)})
	}
	return caps
}

func (a *adversary) step(now time.Time, i int) {
	id := func(kind string) string { return fmt.Sprint(kind, rapid.IntRange(0, i).Draw(a.T, kind)) }
	switch rapid.SampledFrom([]string{"earn", "earn", "earn", "refund", "refund", "confirm", "reject", "pay"}).Draw(a.T, "step") {
	case "earn":
		buy := cashback.Purchase{ID: id("p"), At: now.Add(-time.Duration(rapid.Int64Range(-25, 24*42).Draw(a.T, "late")) * time.Hour)}
		buy.Merchant.Country = rapid.SampledFrom([]cap.Country{"FR", "DE", ""}).Draw(a.T, "country")
		minor := rapid.Int64Range(1, 300_00).Draw(a.T, "amount")
		switch buy.Amount = eur(minor); rapid.IntRange(0, 3).Draw(a.T, "currency") {
		case 0:
			buy.Amount, buy.Rate = money.New(minor, money.JPY), rateOf("0.0061")
		case 1:
			buy.Amount, buy.Rate = money.New(minor*10, money.BHD), rateOf("2.4357")
		}
		left, _ := a.budget.Left()
		a.ask(cashback.Earn{
			At: now, Program: rapid.SampledFrom(a.programs).Draw(a.T, "version"), Purchase: buy, Budgets: map[string]money.Amount{"b": left},
		})
	case "refund":
		c := cashback.Refund{At: now, ID: id("r"), Purchase: id("p")}
		if e, ok := a.live.Entry(c.Purchase); rapid.Bool().Draw(a.T, "a part") {
			c.Amount = eur(rapid.Int64Range(1, 100_00).Draw(a.T, "refund"))
			if ok {
				c.Amount = money.New(c.Amount.Minor(), e.Earned.Purchase.Amount.Currency())
			}
		}
		a.ask(c)
	case "confirm":
		a.ask(cashback.Confirm{At: now, Purchase: id("p"), By: cashback.ByMerchant})
	case "reject":
		a.ask(cashback.Reject{At: now, Purchase: id("p"), Why: "no"})
	case "pay":
		a.ask(cashback.PayOut{At: now, ID: id("o")})
	}
}

// ask decides on all copies, and holds them against each other.
func (a *adversary) ask(c command[cashback.Decision]) {
	before := a.state(a.live)
	restored := cashback.NewRewards("c")
	if err := restored.UnmarshalBinary(before); err != nil {
		a.Fatal(err)
	}
	if _, err := c.Decide(a.live); err != nil {
		a.Fatalf("%+v: %v", c, err)
	}
	if !bytes.Equal(before, a.state(a.live)) {
		a.Fatalf("to decide %T changed something", c)
	}
	first, decided := do(a.T, a.live, c)
	again, _ := do(a.T, restored, c)
	if !bytes.Equal(a.state(restored), a.state(a.live)) || again.Amount != first.Amount {
		a.Fatalf("%T: restored to something else", c)
	}
	do[int](a.T, a.matured, cashback.Mature{At: first.At})
	third, _ := do(a.T, a.matured, c)
	if third.Amount != first.Amount || third.Done != first.Done || fmt.Sprint(third.Reasons()) != fmt.Sprint(first.Reasons()) {
		a.Fatalf("%T: got %+v, and %+v with what was due put on record", c, first, third)
	}
	checkSums(a.T, a.live)
	a.facts = append(a.facts, decided...)
	drawn, err := cashback.Drawn(decided)
	if err != nil {
		a.Fatal(err)
	}
	if b := drawn["b"]; b.Sign() != 0 {
		a.draw(cashback.Draw{At: first.At, For: "c", Amount: b})
	}
	a.checkCaps(decided)
}

func (a *adversary) draw(c interface {
	Decide(*cashback.BudgetAccount) ([]event.Data, error)
}) {
	decided, err := c.Decide(a.budget)
	if err == nil && len(decided) > 0 {
		err = a.budget.Apply(decided[0])
	}
	if err != nil {
		a.Fatal(err)
	}
}

func (a *adversary) state(r *cashback.Rewards) []byte {
	data, err := r.MarshalBinary()
	if err != nil {
		a.Fatal(err)
	}
	return data
}

// checkCaps adds up by brute force what was got under the cap that never changes, and what the budget gave.
func (a *adversary) checkCaps(decided []event.Data) {
	took := func(purchase string, back []cashback.LineBack) {
		for i := len(a.grants) - 1; i >= 0; i-- {
			if a.grants[i].purchase == purchase {
				for _, b := range back {
					a.grants[i].byRule[b.Rule] -= b.Amount.Minor()
				}
				return
			}
		}
	}
	for _, d := range decided {
		switch e := d.(type) {
		case cashback.Earned:
			g := grant{e.Purchase.ID, e.Purchase.At, e.Purchase.Merchant.Country, map[string]int64{}}
			for _, l := range e.Lines {
				g.byRule[l.Rule] += l.Granted.Minor()
			}
			a.grants = append(a.grants, g)
		case cashback.ClawedBack:
			took(e.Purchase, e.Back)
		case cashback.Rejected:
			took(e.Purchase, e.Back)
		}
	}
	abroad, budget := int64(0), int64(0)
	for _, last := range a.grants {
		budget += last.byRule["five"]
		if last.country != "FR" {
			abroad += last.byRule["five"] + last.byRule["two"]
		}
		in := int64(0)
		for _, g := range a.grants {
			if !g.at.After(last.at) && g.at.After(last.at.Add(-month)) {
				in += g.byRule["five"] + g.byRule["two"]
			}
		}
		if in > 15_00 {
			a.Fatalf("%d in 30 days", in)
		}
	}
	if _, used := a.budget.Total(); abroad > 4_00 || used.Minor() != budget {
		a.Fatalf("%d abroad, %s of the budget of which %d were given", abroad, used, budget)
	}
}
