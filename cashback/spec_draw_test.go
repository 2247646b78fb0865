package cashback_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// draw is rapid.T, which draws each part of a program.
type draw struct {
	*rapid.T
	currency money.Currency
	rounding money.Rounding
}

func (d draw) int(from, to int) int { return rapid.IntRange(from, to).Draw(d.T, "n") }

func (d draw) chance(in int) bool { return d.int(1, in) == 1 }

func of[T any](d draw, options ...T) T { return rapid.SampledFrom(options).Draw(d.T, "of") }

// drawSpec draws a program with anything in it that a program may have: NewProgram takes it.
func drawSpec(t *rapid.T) cashback.Spec {
	d := draw{T: t}
	d.currency = of(d, money.EUR, money.EUR, money.JPY, money.BHD)
	d.rounding = of(d, money.HalfAwayFromZero, money.HalfEven, money.Down, money.Up, money.Floor, money.Ceil)
	s := cashback.Spec{
		ID: d.id("p", 0), Version: d.int(1, cashback.MaxVersion), Currency: d.currency, Rounding: d.rounding,
		Zone:            of(d, "Europe/Paris", "America/New_York", "UTC", "Pacific/Apia"),
		Confirmation:    cashback.Confirmation{By: of(d, cashback.ByDelay, cashback.ByAction, cashback.ByMerchant)},
		ExpiryMonths:    d.int(0, cashback.MaxExpiry),
		PayoutThreshold: d.amount(0, 100_00),
		Clawback: cashback.Clawback{
			Method: of(d, cashback.Recompute, cashback.Proportional), Balance: of(d, cashback.OnlyPending, cashback.WithinBalance, cashback.Unlimited),
		},
		LateDays: d.int(1, cashback.MaxLateDays),
	}
	s.RefundDays = d.int(s.LateDays, cashback.MaxRefunding)
	if s.Confirmation.By == cashback.ByDelay {
		s.Confirmation.Days = d.int(0, cashback.MaxWaitDays)
	}
	for i := range d.int(1, 5) {
		s.Groups = append(s.Groups, cashback.Group{
			ID: d.id("g", i), Mode: of(d, cashback.Stack, cashback.First, cashback.BestForCustomer, cashback.BestForBank),
			Ties: of(d, "", cashback.EarlierRule, cashback.LaterRule),
		})
	}
	for i := range d.int(0, 3) {
		s.Budgets = append(s.Budgets, cashback.Budget{ID: d.id("b", i), Total: d.amount(0, cap.MaxAmount)})
	}
	for i := range d.int(1, 8) {
		s.Rules = append(s.Rules, d.rule(s, i))
	}
	for i := range d.int(0, 3) {
		s.Caps = append(s.Caps, d.cap(s, i))
	}
	return s
}

// id draws an id that no other place has.
func (d draw) id(prefix string, i int) string {
	return fmt.Sprint(prefix, i) + rapid.StringMatching(`([_.-][A-Za-z0-9_.-]{0,10})?`).Draw(d.T, "id")
}

func (d draw) amount(least, most int64) money.Amount {
	return money.New(rapid.Int64Range(least, most).Draw(d.T, "amount"), d.currency)
}

func (d draw) rule(s cashback.Spec, i int) cashback.Rule {
	r := cashback.Rule{
		ID: d.id("r", i), Label: rapid.StringMatching(`[A-Za-z <&"é🙂%]{0,20}`).Draw(d.T, "label"),
		Group: of(d, s.Groups...).ID, Priority: d.int(-3, 3), AllowAboveWhole: d.chance(5),
	}
	if d.chance(20) {
		r.Priority = of(d, -cashback.MaxPriority, cashback.MaxPriority)
	}
	day := dateOf("2026-01-01").AddDays(d.int(-400, 400))
	if d.chance(2) {
		r.From = day
	}
	if d.chance(2) {
		r.Through = day.AddDays(d.int(0, 400))
	}
	if d.chance(2) {
		r.Include = d.filter()
	}
	if d.chance(3) {
		r.Exclude = d.filter()
	}
	r.Terms, r.Funding = d.terms(r.AllowAboveWhole), d.funding()
	if len(s.Budgets) > 0 && d.chance(2) {
		r.Budget = of(d, s.Budgets...).ID
	}
	return r
}

func (d draw) filter() (f cashback.Filter) {
	names := func(options ...string) []string {
		if !d.chance(3) {
			return nil
		}
		list := rapid.SliceOfNDistinct(rapid.SampledFrom(options), 1, len(options), rapid.ID[string]).Draw(d.T, "names")
		slices.Sort(list)
		return list
	}
	f.Merchants = names("acme", "bakery", "BÄR & <Söhne>", "m 1", strings.Repeat("x", cap.MaxID))
	f.Groups = names("chain", "club", "partners")
	f.Categories = names("books", "food", "travel")
	f.Tiers = names("basic", "gold", "silver")
	for _, c := range names("AT", "DE", "FR", "US") {
		f.Countries = append(f.Countries, cap.Country(c))
	}
	if d.chance(3) {
		for at := 0; at < 9000 && !d.chance(4); {
			from := d.int(at+1, at+900)
			at = d.int(from, from+50)
			f.MCC = append(f.MCC, cap.MCCRange{From: cap.MCC(from), To: cap.MCC(at)})
		}
	}
	return f
}

func (d draw) terms(aboveWhole bool) (t cashback.Terms) {
	if d.chance(3) {
		t.MinPurchase = d.amount(1, 100_00)
	}
	if d.chance(3) {
		t.MaxReward = d.amount(1, 50_00)
	}
	switch d.int(1, 3) {
	case 1:
		t.Rate = d.rate(aboveWhole)
	case 2:
		t.Fixed = d.amount(1, 30_00)
	case 3:
		t.Ladder = d.ladder(aboveWhole)
	}
	return t
}

// rate draws a rate above 0.
func (d draw) rate(aboveWhole bool) money.Rate {
	den := of(d, 1, 3, 7, 100, 1000, 10_000, 1_000_003)
	most := den
	if aboveWhole {
		most = cashback.MaxRate * den
	}
	r, err := money.NewRate(int64(d.int(1, most)), int64(den))
	if err != nil {
		d.Fatal(err)
	}
	return r
}

// ladder draws steps of any rates and amounts, and lifts those that would give less than the one before.
func (d draw) ladder(aboveWhole bool) (steps []cashback.Step) {
	from, least := d.amount(0, 100), int64(0)
	n := d.int(1, 4)
	if d.chance(20) {
		n = cashback.MaxSteps
	}
	for i := range n {
		step := cashback.Step{From: from}
		if d.chance(2) {
			step.Rate = d.rate(aboveWhole)
		} else {
			step.Fixed = d.amount(least, least+5_00)
		}
		if d.gives(step, from) < least {
			step.Rate, step.Fixed = money.Rate{}, d.amount(least, least+1)
		}
		if i < n-1 {
			step.Until = d.amount(from.Minor()+1, from.Minor()+100_00)
			least = d.gives(step, money.New(step.Until.Minor()-1, d.currency))
		}
		steps, from = append(steps, step), step.Until
	}
	return steps
}

func (d draw) gives(s cashback.Step, purchase money.Amount) int64 {
	if s.Rate.Sign() == 0 {
		return s.Fixed.Minor()
	}
	given, err := purchase.MulRate(s.Rate, d.rounding)
	if err != nil {
		d.Fatal(err)
	}
	return given.Minor()
}

// funding draws who pays: often the bank among them.
func (d draw) funding() (funders []cashback.Funder) {
	var weights []int
	sum := 0
	for range d.int(1, of(d, 2, 3, cashback.MaxFunders)) {
		weights = append(weights, d.int(1, of(d, 1, 10, 1_000_000)))
		sum += weights[len(weights)-1]
	}
	for i, w := range weights {
		share, err := money.NewRate(int64(w), int64(sum))
		if err != nil {
			d.Fatal(err)
		}
		id := fmt.Sprint("shop-", i)
		if i == 0 && !d.chance(4) {
			id = cashback.Bank
		}
		funders = append(funders, cashback.Funder{ID: id, Share: share})
	}
	return funders
}

// cap draws a cap of one or two limits.
func (d draw) cap(s cashback.Spec, i int) cashback.Cap {
	c := cashback.Cap{ID: d.id("c", i)}
	for _, r := range s.Rules {
		if d.chance(2) {
			c.Rules = append(c.Rules, r.ID)
		}
	}
	slices.Sort(c.Rules)
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		d.Fatal(err)
	}
	windows, days := []cap.Window{cap.Rolling(30 * 24 * time.Hour), cap.Calendar(cap.Month, zone), cap.RollingDays(d.int(1, 60), zone)}, s.LateDays
	if s.RefundDays <= 390 && d.chance(2) { // what counts for ever is remembered as long as refunds are taken
		windows, days = append(windows, cap.Lifetime()), s.RefundDays
	}
	var limits []cap.Limit
	for j := range d.int(1, 2) {
		limits = append(limits, cap.Limit{
			Name: fmt.Sprint("l", j), Max: d.amount(0, 100_00), Counting: cap.Counting{Refund: cap.Original}, Window: of(d, windows...),
		})
	}
	late := time.Duration(days)*24*time.Hour + 49*time.Hour + time.Duration(d.int(0, 72))*time.Hour
	c.Policy = cap.MustPolicy(d.currency, limits, &cap.PolicyOptions{Lateness: late})
	return c
}
