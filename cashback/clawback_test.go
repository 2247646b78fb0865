package cashback_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// oracleRule is a rule as the oracle has it, in big fractions.
type oracleRule struct {
	rate       *big.Rat
	fixed      int64
	most, from int64 // 0: none
	granted    int64
}

// gives is what the rule gives for so much, rounded half away from zero.
func (o *oracleRule) gives(base int64) int64 {
	if base == 0 || base < o.from {
		return 0
	}
	gives := o.fixed
	if o.rate != nil {
		gives = roundHalf(new(big.Rat).Mul(o.rate, big.NewRat(base, 1)))
	}
	if o.most > 0 {
		gives = min(gives, o.most)
	}
	return gives
}

// roundHalf rounds a fraction that is not negative.
func roundHalf(r *big.Rat) int64 {
	n := new(big.Int).Mul(r.Num(), big.NewInt(2))
	n.Add(n, r.Denom())
	return n.Div(n, new(big.Int).Mul(r.Denom(), big.NewInt(2))).Int64()
}

// figure is what the method takes back once so much is left of a purchase.
func figure(method cashback.Method, rules []oracleRule, amount, left int64, rate *big.Rat) int64 {
	base := func(x int64) int64 {
		if rate == nil {
			return x
		}
		return roundHalf(new(big.Rat).Mul(rate, big.NewRat(x, 1)))
	}
	earned, keeps := int64(0), int64(0)
	for i := range rules {
		earned += rules[i].granted
		keeps += min(rules[i].granted, rules[i].gives(base(left)))
	}
	if method == cashback.Recompute {
		return earned - keeps
	}
	return roundHalf(big.NewRat(earned, 1).Mul(big.NewRat(earned, 1), big.NewRat(amount-left, amount)))
}

// Whatever the refunds of a purchase, in whatever order, twice, before the purchase or after it: after each, what is taken back is the
// figure of the rule for what is left; lines, funders and budgets add up to it; and a whole refund takes the whole.
func TestRefundsNeverDrift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawRefunds(t)
		r := cashback.NewRewards("c")
		var facts []event.Data
		step := func(decided []event.Data) {
			facts = append(facts, decided...)
			d.check(t, r, facts)
		}
		early := rapid.IntRange(0, len(d.refunds)).Draw(t, "refunds before the purchase")
		for i, c := range d.refunds {
			if i == early {
				got, decided := do[cashback.Decision](t, r, d.earn)
				d.learn(t, got)
				step(decided)
			}
			_, decided := do[cashback.Decision](t, r, c)
			if i >= early {
				step(decided)
			}
		}
		if early == len(d.refunds) {
			got, decided := do[cashback.Decision](t, r, d.earn)
			d.learn(t, got)
			step(decided)
		}
		rest := cashback.Refund{At: epoch.Add(time.Hour), ID: "rest", Purchase: "p"}
		if got, decided := do[cashback.Decision](t, r, rest); got.Done {
			step(decided)
		}
		e, _ := r.Entry("p")
		if e.Refunded != d.earn.Purchase.Amount || e.Left.Sign() != 0 || r.Balance().ClawedBack != r.Balance().Earned {
			t.Fatalf("all was given back: got %s of %s, left %s", e.Refunded, d.earn.Purchase.Amount, e.Left)
		}
	})
}

// refundStory is a purchase and its refunds, with the oracle of them.
type refundStory struct {
	method  cashback.Method
	rate    *big.Rat
	rules   []oracleRule
	earn    cashback.Earn
	refunds []cashback.Refund
}

func drawRefunds(t *rapid.T) *refundStory {
	d := &refundStory{method: rapid.SampledFrom([]cashback.Method{cashback.Recompute, cashback.Proportional}).Draw(t, "method")}
	budget := eur(rapid.Int64Range(0, 3000).Draw(t, "budget"))
	spec := program(func(s *cashback.Spec) {
		s.Clawback.Method = d.method
		s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
		s.Budgets = []cashback.Budget{{ID: "b", Total: budget}}
		for i := range rapid.IntRange(1, 3).Draw(t, "rules") {
			s.Rules = append(s.Rules, d.drawRule(t, i))
		}
	})
	p, err := cashback.NewProgram(spec)
	if err != nil {
		t.Fatal(err)
	}
	amount := money.New(rapid.Int64Range(1, 20_000).Draw(t, "amount"), money.EUR)
	buy := cashback.Purchase{ID: "p", At: epoch, Amount: amount}
	if rapid.Bool().Draw(t, "abroad") {
		hundredths := rapid.Int64Range(1, 300).Draw(t, "rate")
		buy.Amount = money.New(amount.Minor(), money.USD)
		d.rate = big.NewRat(hundredths, 100)
		if buy.Rate, err = money.NewRate(hundredths, 100); err != nil {
			t.Fatal(err)
		}
	}
	d.earn = cashback.Earn{At: epoch, Program: p, Purchase: buy, Budgets: map[string]money.Amount{"b": budget}}
	left := amount.Minor()
	for i := 0; left > 0 && i < rapid.IntRange(0, 8).Draw(t, "refunds"); i++ {
		part := rapid.Int64Range(1, max(1, left)).Draw(t, "part")
		left -= part
		d.refunds = append(d.refunds, cashback.Refund{At: epoch, ID: fmt.Sprint("r", i), Purchase: "p", Amount: money.New(part, buy.Amount.Currency())})
	}
	for range rapid.IntRange(0, 2).Draw(t, "again") {
		if len(d.refunds) > 0 {
			d.refunds = append(d.refunds, rapid.SampledFrom(d.refunds).Draw(t, "repeated"))
		}
	}
	d.refunds = rapid.Permutation(d.refunds).Draw(t, "order")
	return d
}

func (d *refundStory) drawRule(t *rapid.T, i int) cashback.Rule {
	r := cashback.Rule{ID: fmt.Sprint("rule", i), Group: "g", Budget: rapid.SampledFrom([]string{"", "b"}).Draw(t, "of budget")}
	r.Funding = rapid.SampledFrom([][]cashback.Funder{
		{{ID: "bank", Share: rateOf("1")}},
		{{ID: "bank", Share: rateOf("1/3")}, {ID: "shop", Share: rateOf("2/3")}},
		{{ID: "bank", Share: rateOf("0.07")}, {ID: "chain", Share: rateOf("0.31")}, {ID: "shop", Share: rateOf("0.62")}},
	}).Draw(t, "funding")
	o := oracleRule{from: rapid.SampledFrom([]int64{0, 500, 5000}).Draw(t, "least"), most: rapid.SampledFrom([]int64{0, 7, 300}).Draw(t, "most")}
	if o.from > 0 {
		r.MinPurchase = eur(o.from)
	}
	if o.most > 0 {
		r.MaxReward = eur(o.most)
	}
	if rapid.Bool().Draw(t, "fixed") {
		o.fixed = rapid.Int64Range(1, 500).Draw(t, "gives")
		r.Fixed = eur(o.fixed)
	} else {
		thousandths := rapid.Int64Range(1, 1000).Draw(t, "thousandths")
		o.rate = big.NewRat(thousandths, 1000)
		r.Rate = rateOf(fmt.Sprintf("%d/1000", thousandths))
	}
	d.rules = append(d.rules, o)
	return r
}

// learn tells the oracle what was granted: of what each rule gives by itself, what the budget leaves.
func (d *refundStory) learn(t *rapid.T, got cashback.Decision) {
	e := got.Earned
	room := d.earn.Budgets["b"].Minor()
	lines := e.Lines
	for i := range d.rules {
		o, id := &d.rules[i], fmt.Sprint("rule", i)
		gives := o.gives(e.Base.Minor())
		if gives == 0 {
			continue // it does not fit
		}
		if len(lines) == 0 || lines[0].Rule != id || lines[0].Reward.Minor() != gives {
			t.Fatalf("got lines %+v, want %s to give %d", lines, id, gives)
		}
		o.granted = gives
		if lines[0].Budget != "" {
			o.granted = min(gives, room)
			room -= o.granted
		}
		if lines[0].Granted.Minor() != o.granted {
			t.Fatalf("got %s of %s, want %d", lines[0].Granted, id, o.granted)
		}
		lines = lines[1:]
	}
	if len(lines) > 0 {
		t.Fatalf("got %+v too", lines)
	}
}

// check holds all that was decided against the oracle.
func (d *refundStory) check(t *rapid.T, r *cashback.Rewards, facts []event.Data) {
	e, ok := r.Entry("p")
	if !ok {
		return
	}
	amount := e.Earned.Purchase.Amount.Minor()
	want := figure(d.method, d.rules, amount, amount-e.Refunded.Minor(), d.rate)
	if got := r.Balance().ClawedBack.Minor(); got != want || e.Left.Minor() != e.Earned.Reward.Minor()-want {
		t.Fatalf("%s of %d was given back of %s: got %d taken back and %s left, want %d", e.Refunded, amount, e.Earned.Reward, got, e.Left, want)
	}
	byRule, byFunder, byBudget := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, b := range e.Refunds {
		for _, back := range b.Back {
			byRule[back.Rule] += back.Amount.Minor()
			byBudget[back.Budget] += back.Amount.Minor()
			sum := int64(0)
			for _, s := range back.Funding {
				if s.Amount.Sign() < 0 {
					t.Fatalf("%s pays %s of what is taken back", s.Funder, s.Amount)
				}
				byFunder[back.Rule+s.Funder] += s.Amount.Minor()
				sum += s.Amount.Minor()
			}
			if sum != back.Amount.Minor() || back.Amount.Sign() <= 0 {
				t.Fatalf("funders get %d back of %s", sum, back.Amount)
			}
		}
	}
	whole := e.Refunded == e.Earned.Purchase.Amount
	granted, total := int64(0), int64(0)
	for _, l := range e.Earned.Lines {
		total += byRule[l.Rule]
		if l.Budget != "" {
			granted += l.Granted.Minor()
		}
		for _, s := range l.Funding {
			if got := byFunder[l.Rule+s.Funder]; got > s.Amount.Minor() || whole && got != s.Amount.Minor() {
				t.Fatalf("%s got %d back of %s", s.Funder, got, s.Amount)
			}
		}
	}
	drawn, err := cashback.Drawn(facts)
	if err != nil || total != want || drawn["b"].Minor() != granted-byBudget["b"] || drawn["b"].Minor() < 0 {
		t.Fatalf("lines give %d back, want %d; the budget has %s drawn, want %d - %d, %v", total, want, drawn["b"], granted, byBudget["b"], err)
	}
}

// openLoyalty is what that system takes back: each refund's part by itself, rounded to the cent, until all is taken.
func openLoyalty(earned, amount int64, refunds []int64) (taken int64) {
	for _, part := range refunds {
		if taken >= earned {
			break
		}
		taken += roundHalf(big.NewRat(earned*part, amount))
	}
	return taken
}

// Open Loyalty, whose refunds are each rounded by themselves, ends otherwise than with what was earned in 1,714 of 2,200 cases, by up to 0.06,
// reckoned in exact fractions (with its floats there are a few more: 1,725 were measured). Earned is from 0.01 to 2.00, in 2 to 12 equal
// refunds of the whole purchase.
func TestOpenLoyaltyDrifts(t *testing.T) {
	theirs, ours, worst := 0, 0, int64(0)
	for earned := int64(1); earned <= 200; earned++ {
		for n := int64(2); n <= 12; n++ {
			amount := earned * 100 * n
			got := openLoyalty(earned, amount, slices.Repeat([]int64{earned * 100}, int(n)))
			if got != earned {
				theirs++
			}
			worst = max(worst, got-earned)
			if takenBack(t, cashback.Proportional, earned, amount, n) != earned || takenBack(t, cashback.Recompute, earned, amount, n) != earned {
				ours++
			}
		}
	}
	t.Logf("Open Loyalty ends wrong in %d of 2,200 cases, by up to 0.%02d; we in %d", theirs, worst, ours)
	if theirs != 1714 || worst != 6 || ours != 0 {
		t.Errorf("got %d, 0.%02d and %d, want 1714, 0.06 and 0", theirs, worst, ours)
	}
	for _, row := range []struct{ earned, refunds, theirs int64 }{
		{138, 12, 144}, // the worst: 0.06 too much
		{1, 3, 0},      // nothing is ever taken back
		{5, 2, 6},
		{100, 3, 99},
		{200, 12, 204},
	} {
		amount := row.earned * 100 * row.refunds
		if got := openLoyalty(row.earned, amount, slices.Repeat([]int64{row.earned * 100}, int(row.refunds))); got != row.theirs {
			t.Errorf("theirs, %d in %d: got %d, want %d", row.earned, row.refunds, got, row.theirs)
		}
		if got := takenBack(t, cashback.Proportional, row.earned, amount, row.refunds); got != row.earned {
			t.Errorf("ours, %d in %d: got %d", row.earned, row.refunds, got)
		}
	}
}

// takenBack is what equal refunds take back of a purchase that has earned so much.
func takenBack(t *testing.T, method cashback.Method, earned, amount, refunds int64) int64 {
	t.Helper()
	spec := program(func(s *cashback.Spec) {
		s.Clawback.Method = method
		s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
		s.Rules = []cashback.Rule{{
			ID: "rule", Group: "g", Terms: cashback.Terms{Rate: rateOf(fmt.Sprintf("%d/%d", earned, amount))},
			Funding: []cashback.Funder{{ID: cashback.Bank, Share: rateOf("1")}},
		}}
	})
	p, err := cashback.NewProgram(spec)
	if err != nil {
		t.Fatal(err)
	}
	r := cashback.NewRewards("c")
	do[cashback.Decision](t, r, buyNow(p, epoch, "p", amount))
	if r.Balance().Earned != eur(earned) {
		t.Fatalf("got %s, want %d", r.Balance().Earned, earned)
	}
	for i := range refunds {
		do[cashback.Decision](t, r, cashback.Refund{At: epoch, ID: fmt.Sprint(i), Purchase: "p", Amount: eur(amount / refunds)})
	}
	return r.Balance().ClawedBack.Minor()
}
