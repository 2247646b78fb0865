package cashback_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
)

// bigProgram is 5 groups, one of each mode and one more, with a purchase that fits three rules of them: by its merchant, its code and by
// nothing. The other rules are for other merchants, for other codes, or for the same merchant on other days.
func bigProgram(tb testing.TB, rules int, kind string) (*cashback.Program, *cashback.Purchase) {
	tb.Helper()
	funding := []cashback.Funder{{ID: "merchant", Share: rateOf("0.6")}, {ID: cashback.Bank, Share: rateOf("0.4")}}
	rate := func(id string, group int, r string) cashback.Rule {
		return cashback.Rule{ID: id, Group: fmt.Sprintf("g%d", group), Terms: cashback.Terms{Rate: rateOf(r)}, Funding: funding}
	}
	s := program(nil)
	for i, mode := range []cashback.Stacking{cashback.Stack, cashback.First, cashback.BestForCustomer, cashback.BestForBank, cashback.Stack} {
		s.Groups = append(s.Groups, cashback.Group{ID: fmt.Sprintf("g%d", i), Mode: mode})
	}
	monday := dateOf("2026-11-16")
	for i := range rules - 3 {
		r := rate(fmt.Sprintf("r%05d", i), i%5, "0.02")
		switch kind {
		case "other-merchants":
			r.Include.Merchants = []string{fmt.Sprintf("m%05d", i)}
		case "other-mcc":
			code := cap.MCC(1 + i%5000)
			r.Include.MCC = []cap.MCCRange{{From: code, To: code + cap.MCC(i%100)}, {From: 6000, To: 6000 + cap.MCC(i%900)}}
		case "other-dates":
			r.Include.Merchants = []string{"shoes"}
			r.From, r.Through = monday.AddDays(-2*i-20), monday.AddDays(-2*i-10)
			if i%2 == 0 {
				r.From, r.Through = monday.AddDays(2*i+10), monday.AddDays(2*i+20)
			}
		}
		s.Rules = append(s.Rules, r)
	}
	byMerchant, byCode, any := rate("shoes", 1, "0.05"), rate("clothes", 3, "0.01"), rate("any", 4, "0.005")
	byMerchant.Include.Merchants = []string{"shoes"}
	byCode.Include.MCC = []cap.MCCRange{{From: 5600, To: 5699}}
	s.Rules = append(s.Rules, byMerchant, byCode, any)
	p, err := cashback.NewProgram(s)
	if err != nil {
		tb.Fatal(err)
	}
	return p, &cashback.Purchase{
		ID: "p-1", At: monday.Start(time.UTC).Add(15 * time.Hour), Amount: eur(59_90), Tier: "gold",
		Merchant: cashback.Merchant{ID: "shoes", MCC: 5661, Category: "fashion", Country: "FR", Groups: []string{"partners", "centre"}},
	}
}

// A purchase that fits three rules, whatever the number of those that it cannot fit.
func BenchmarkEvaluate(b *testing.B) {
	for _, kind := range []string{"other-merchants", "other-dates", "other-mcc"} {
		for _, rules := range []int{100, 1_000, 10_000, 20_000} {
			b.Run(fmt.Sprintf("rules=%d/kind=%s", rules, kind), func(b *testing.B) {
				p, purchase := bigProgram(b, rules, kind)
				b.ReportAllocs()
				for b.Loop() {
					if e, err := p.Evaluate(purchase, nil); err != nil || len(e.Lines) != 3 {
						b.Fatal(len(e.Lines), err)
					}
				}
			})
		}
	}
}

// The same, with two caps that bound all rules: their ids are one more slice.
func BenchmarkEvaluateWithin(b *testing.B) {
	p, purchase := bigProgram(b, 10_000, "other-merchants")
	p, within := withCaps(b, p)
	b.Run("rules=10000/caps=2", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if e, err := p.Evaluate(purchase, within); err != nil || len(e.Lines) != 3 {
				b.Fatal(len(e.Lines), err)
			}
		}
	})
}

// withCaps is a program with two caps of all its rules, and room in them.
func withCaps(tb testing.TB, p *cashback.Program) (*cashback.Program, *cashback.Room) {
	tb.Helper()
	s := p.Spec()
	s.Caps = []cashback.Cap{bounding("month"), bounding("year")}
	return made(tb, s), room("month", 1_000_00, "year", 1_000_00)
}

// BenchmarkRemembered is one purchase of a customer who has so many others, when one of them is confirmed since the one before, and becomes
// payable.
func BenchmarkRemembered(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			p := made(b, program(func(s *cashback.Spec) {
				s.Confirmation.Days, s.RefundDays = 0, 3_000
				s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
				s.Rules = []cashback.Rule{giving("all", "0.01", nil)}
			}))
			r := cashback.NewRewards("c")
			at := epoch
			i := 0
			one := func() {
				i++
				at = at.Add(time.Second)
				facts, err := buyNow(p, at, fmt.Sprint(i), 100_00).Decide(r)
				if err != nil {
					b.Fatal(err)
				}
				for _, f := range facts {
					if err := r.Apply(f); err != nil {
						b.Fatal(err)
					}
				}
			}
			for range n {
				one()
			}
			b.ResetTimer()
			for range b.N {
				one()
			}
		})
	}
}
