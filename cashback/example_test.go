package cashback_test

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

// shoesAndMore is the program of the examples: half a percent of everything, and the better of two campaigns.
func shoesAndMore() (*cashback.Program, error) {
	day := civil.MustParseDate
	percent := money.MustParseRate
	byBank := []cashback.Funder{{ID: cashback.Bank, Share: percent("1")}}
	return cashback.NewProgram(cashback.Spec{
		ID: "spring", Version: 1, Currency: money.EUR, Zone: "Europe/Paris", Rounding: money.HalfAwayFromZero,
		Groups: []cashback.Group{{ID: "base", Mode: cashback.Stack}, {ID: "campaigns", Mode: cashback.BestForCustomer}},
		Rules: []cashback.Rule{
			{ID: "everything", Group: "base", Terms: cashback.Terms{Rate: percent("0.005")}, Funding: byBank},
			{
				ID: "shoes", Group: "campaigns", From: day("2026-03-01"), Through: day("2026-05-31"), Budget: "shoe-shop",
				Include: cashback.Filter{Merchants: []string{"shoe-shop"}},
				Terms:   cashback.Terms{Rate: percent("0.1"), MinPurchase: money.New(20_00, money.EUR)},
				Funding: []cashback.Funder{{ID: "shoe-shop", Share: percent("2/3")}, {ID: cashback.Bank, Share: percent("1/3")}},
			},
			{
				ID: "fashion", Group: "campaigns", Include: cashback.Filter{MCC: []cap.MCCRange{{From: 5600, To: 5699}}},
				Terms: cashback.Terms{Rate: percent("0.02"), MaxReward: money.New(5_00, money.EUR)}, Funding: byBank,
			},
			{
				ID: "summer", Group: "campaigns", From: day("2026-06-01"),
				Terms: cashback.Terms{Fixed: money.New(1_00, money.EUR)}, Funding: byBank,
			},
		},
		Budgets:         []cashback.Budget{{ID: "shoe-shop", Total: money.New(10_000_00, money.EUR)}},
		Confirmation:    cashback.Confirmation{By: cashback.ByDelay, Days: 30},
		PayoutThreshold: money.New(0, money.EUR),
		Clawback:        cashback.Clawback{Method: cashback.Recompute, Balance: cashback.WithinBalance},
		LateDays:        30, RefundDays: 180,
	})
}

// What a purchase earns, by which rules, and who pays for it.
func ExampleProgram_Evaluate() {
	program, err := shoesAndMore()
	if err != nil {
		panic(err)
	}
	purchase := &cashback.Purchase{
		ID: "card-4711", At: time.Date(2026, 5, 31, 21, 59, 0, 0, time.UTC), // 23:59 in Paris
		Amount: money.New(59_90, money.EUR), Merchant: cashback.Merchant{ID: "shoe-shop", MCC: 5661, Country: "FR"},
	}
	got, err := program.Evaluate(purchase, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(got.Reward, "for", got.Base)
	for _, line := range got.Lines {
		fmt.Println(line.Rule, line.Granted)
		for _, share := range line.Funding {
			fmt.Println("  by", share.Funder, share.Amount)
		}
	}
	// Output:
	// 6.29 EUR for 59.90 EUR
	// everything 0.30 EUR
	//   by bank 0.30 EUR
	// shoes 5.99 EUR
	//   by shoe-shop 3.99 EUR
	//   by bank 2.00 EUR
}

// Why each rule applies or not, when little is left of a budget.
func ExampleProgram_Explain() {
	program, err := shoesAndMore()
	if err != nil {
		panic(err)
	}
	purchase := &cashback.Purchase{
		ID: "card-4712", At: time.Date(2026, 5, 31, 21, 59, 0, 0, time.UTC),
		Amount: money.New(59_90, money.EUR), Merchant: cashback.Merchant{ID: "shoe-shop", MCC: 5661, Country: "FR"},
	}
	room := &cashback.Room{Budgets: map[string]money.Amount{"shoe-shop": money.New(2_50, money.EUR)}}
	outcomes, err := program.Explain(purchase, room)
	if err != nil {
		panic(err)
	}
	for _, o := range outcomes {
		if o.Applied {
			fmt.Println(o.Rule, "gives", o.Line.Granted)
		}
		if o.Reason != "" {
			fmt.Println(o.Rule, "is", o.Reason, o.Given)
		}
	}
	// Output:
	// everything gives 0.30 EUR
	// shoes gives 2.50 EUR
	// shoes is budget_exhausted shoe-shop
	// fashion is outdone shoes
	// summer is not_started 2026-05-31
}

// What a host locks and reads before it evaluates.
func ExampleProgram_DrawsOn() {
	program, err := shoesAndMore()
	if err != nil {
		panic(err)
	}
	purchase := &cashback.Purchase{
		ID: "card-4713", At: time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC),
		Amount: money.New(59_90, money.EUR), Merchant: cashback.Merchant{ID: "shoe-shop"},
	}
	caps, budgets, err := program.DrawsOn(purchase)
	fmt.Println(caps, budgets, err)
	// Output:
	// [] [shoe-shop] <nil>
}
