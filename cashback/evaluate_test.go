package cashback_test

import (
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/money"
)

func eur(minor int64) money.Amount { return money.New(minor, money.EUR) }

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
