package cashback_test

import (
	"fmt"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/money"
)

// spring is 1 % on everything, or 3 % on books in spring, two thirds of which the publishers pay.
const spring = `{
  "id": "spring", "version": 1, "currency": "EUR", "zone": "Europe/Paris", "rounding": "down",
  "groups": [{"id": "base", "mode": "best_for_customer"}],
  "rules": [
    {"id": "all", "group": "base", "rate": "0.01", "funding": [{"id": "bank", "share": "1"}]},
    {"id": "books", "group": "base", "from": "2026-03-01", "through": "2026-05-31", "include": {"mcc": ["5192", "5940-5949"]},
     "rate": "0.03", "max_reward": {"amount": "10.00", "currency": "EUR"},
     "funding": [{"id": "bank", "share": "1/3"}, {"id": "publishers", "share": "2/3"}], "budget": "books"}
  ],
  "budgets": [{"id": "books", "total": {"amount": "5000.00", "currency": "EUR"}}],
  "confirmation": {"by": "delay", "days": 30}, "payout_threshold": {"amount": "10.00", "currency": "EUR"},
  "clawback": {"method": "recompute", "over_balance": "unlimited"}, "late_days": 5, "refund_days": 180
}`

// A program is read strictly: what is wrong is named by its path.
func ExampleParseProgram() {
	program, err := cashback.ParseProgram([]byte(spring))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(program.ID(), program.Version(), program.Currency(), len(program.Spec().Rules), "rules")

	spec := program.Spec()
	spec.Rules[1].Rate = money.MustParseRate("3") // 3 % was meant
	_, err = cashback.NewProgram(spec)
	fmt.Println(err)
	// Output:
	// spring 1 EUR 2 rules
	// cashback: invalid program: rules[1].rate: 3, which is above 1: that has to be said with allow_above_whole
}

// What a bank's second pair of eyes is shown before a version takes the place of another one.
func ExampleProgram_Diff() {
	before, err := cashback.ParseProgram([]byte(spring))
	if err != nil {
		fmt.Println(err)
		return
	}
	spec := before.Spec()
	spec.Version = 2
	spec.Rules[1].Rate = money.MustParseRate("0.05")
	spec.Rules[1].Through = 0
	spec.Rules[1].Include.Countries = append(spec.Rules[1].Include.Countries, "FR")
	spec.Budgets[0].Total = money.New(8000_00, money.EUR)

	for _, difference := range before.Diff(cashback.MustProgram(spec)) {
		fmt.Println(difference)
	}
	// Output:
	// version raised from 1 to 2
	// rule "books": last day changed from 2026-05-31 to none
	// rule "books": countries it looks at changed from all to FR
	// rule "books": rate raised from 3 % to 5 %
	// budget "books": total raised from 5000.00 EUR to 8000.00 EUR
}
