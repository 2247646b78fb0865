package cashback_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

type amounts = map[string]money.Amount

func rateOf(s string) money.Rate { return money.MustParseRate(s) }

func dateOf(s string) civil.Date { return civil.MustParseDate(s) }

func instant(tb testing.TB, s string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

// program is a program in euros and in Paris; change says the rest of it.
func program(change func(*cashback.Spec)) cashback.Spec {
	s := cashback.Spec{
		ID: "spring", Version: 1, Currency: money.EUR, Zone: "Europe/Paris", Rounding: money.HalfAwayFromZero,
		Confirmation: cashback.Confirmation{By: cashback.ByDelay, Days: 30}, PayoutThreshold: eur(0),
		Clawback: cashback.Clawback{Method: cashback.Recompute, Balance: cashback.WithinBalance}, LateDays: 30, RefundDays: 90,
	}
	if change != nil {
		change(&s)
	}
	return s
}

func made(tb testing.TB, s cashback.Spec) *cashback.Program {
	tb.Helper()
	p, err := cashback.NewProgram(s)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// giving is a rule of group g that gives a rate of any purchase, paid for by the bank.
func giving(id, rate string, change func(*cashback.Rule)) cashback.Rule {
	r := cashback.Rule{ID: id, Group: "g", Terms: cashback.Terms{Rate: rateOf(rate)}, Funding: fundedBy("0", "1")}
	if change != nil {
		change(&r)
	}
	return r
}

// fundedBy is what a merchant and the bank pay.
func fundedBy(merchant, bank string) []cashback.Funder {
	var funders []cashback.Funder
	for _, f := range []cashback.Funder{
		{ID: "merchant", Share: rateOf(merchant)}, {ID: cashback.Bank, Share: rateOf(bank)},
	} {
		if f.Share.Sign() > 0 {
			funders = append(funders, f)
		}
	}
	return funders
}

// bounding is a cap of some rules. What its policy says is not looked at here: the room is given.
func bounding(id string, rules ...string) cashback.Cap {
	return cashback.Cap{ID: id, Rules: rules, Policy: cap.MustPolicy(money.EUR,
		[]cap.Limit{{Name: "month", Max: eur(20_00), Window: cap.Rolling(30 * 24 * time.Hour), Counting: cap.Counting{Refund: cap.Original}}},
		&cap.PolicyOptions{Lateness: 33 * 24 * time.Hour})}
}

// buying is a purchase of shoes.
func buying(minor int64) *cashback.Purchase {
	return &cashback.Purchase{
		ID: "p-1", At: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), Amount: eur(minor), Tier: "gold",
		Merchant: cashback.Merchant{ID: "shoes", Groups: []string{"centre", "partners"}, MCC: 5661, Category: "fashion", Country: "FR"},
	}
}
