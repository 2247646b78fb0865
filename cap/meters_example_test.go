package cap_test

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// Many cards under one policy, from any number of goroutines.
func ExampleMeters() {
	policy := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "week", Max: money.New(300_00, money.EUR), Window: cap.Rolling(7 * 24 * time.Hour)},
	}, nil)
	cards, err := cap.NewMeters[string](policy, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	monday := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	for _, card := range []string{"4970-1", "4970-2", "4970-1"} {
		spend := cap.Spend{ID: "shoes", At: monday, Amount: money.New(200_00, money.EUR)}
		if card == "4970-1" {
			monday = monday.Add(time.Hour)
		}
		outcome, reason, err := cards.Allow(card, spend)
		fmt.Println(card, outcome, reason, err)
	}
	// Everything else is done to the Meter of a card, alone with it.
	err = cards.Do("4970-1", func(m *cap.Meter) error {
		most, err := m.MaxNow(monday, nil)
		fmt.Println("4970-1 takes", most)
		return err
	})
	fmt.Println(err)
	// Output:
	// 4970-1 approved  <nil>
	// 4970-2 approved  <nil>
	// 4970-1 refused amount_limit_exceeded <nil>
	// 4970-1 takes 100.00 EUR
	// <nil>
}

// Each product has its policy.
func ExampleNewMetersFunc() {
	policyOf := func(max int64) *cap.Policy {
		return cap.MustPolicy(money.EUR, []cap.Limit{
			{Name: "day", Max: money.New(max, money.EUR), Window: cap.Rolling(24 * time.Hour)},
		}, nil)
	}
	type card struct{ product, number string }
	gold, blue := policyOf(5000_00), policyOf(500_00)
	cards, err := cap.NewMetersFunc(func(c card) *cap.Policy {
		if c.product == "gold" {
			return gold
		}
		return blue
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	spend := cap.Spend{ID: "sofa", At: time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC), Amount: money.New(900_00, money.EUR)}
	for _, c := range []card{{"gold", "4970-1"}, {"blue", "4971-1"}} {
		outcome, reason, err := cards.Allow(c, spend)
		fmt.Println(c.product, outcome, reason, err)
	}
	// Output:
	// gold approved  <nil>
	// blue refused amount_limit_exceeded <nil>
}

// A payment counts for the card, the account and its holder: for all of them, or for none.
func ExampleMeters_AuthorizeAll() {
	limit := func(max int64) *cap.Policy {
		return cap.MustPolicy(money.EUR, []cap.Limit{
			{Name: "month", Max: money.New(max, money.EUR), Window: cap.RollingMonths(1, time.UTC)},
		}, nil)
	}
	policies := map[string]*cap.Policy{"card": limit(500_00), "account": limit(800_00), "holder": limit(1000_00)}
	meters, err := cap.NewMetersFunc(func(key string) *cap.Policy { return policies[key] }, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	for i, minor := range []int64{400_00, 200_00, 100_00} {
		spend := cap.Spend{ID: fmt.Sprint("pay-", i), At: at.Add(time.Duration(i) * time.Hour), Amount: money.New(minor, money.EUR)}
		all, err := meters.AuthorizeAll(spend, "card", "account", "holder")
		if err != nil {
			fmt.Println("could not decide:", err)
			return
		}
		fmt.Print(spend.ID, " ", all.Outcome())
		if i, refused := all.RefusedBy(); refused {
			d := all.Of(i)
			fmt.Print(" by the ", []string{"card", "account", "holder"}[i], ": ", d.Reason())
		}
		for _, d := range all.All() {
			fmt.Print(", ", d.Limit(0).Remaining())
		}
		fmt.Println()
	}
	// Output:
	// pay-0 approved, 100.00 EUR, 400.00 EUR, 600.00 EUR
	// pay-1 refused by the card: amount_limit_exceeded, 100.00 EUR, 400.00 EUR, 600.00 EUR
	// pay-2 approved, 0.00 EUR, 300.00 EUR, 500.00 EUR
}

// Many payments at once: the answers come into a slice that is used again for the next batch.
func ExampleMeters_AllowBatch() {
	policy := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "day", MaxCount: 2, Window: cap.Rolling(24 * time.Hour)},
	}, nil)
	meters, err := cap.NewMeters[int](policy, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	var requests []cap.Request[int]
	for i, account := range []int{7, 8, 7, 7, 8} {
		spend := cap.Spend{ID: fmt.Sprint(i), At: at.Add(time.Duration(i) * time.Second), Amount: money.New(5_00, money.EUR)}
		requests = append(requests, cap.Request[int]{Key: account, Spend: spend})
	}
	answers := make([]cap.Answer, len(requests))
	if err := meters.AllowBatch(requests, answers); err != nil {
		fmt.Println(err)
		return
	}
	for i, a := range answers {
		fmt.Printf("%d %s %q\n", requests[i].Key, a.Outcome, a.Reason)
	}
	// Output:
	// 7 approved ""
	// 8 approved ""
	// 7 approved ""
	// 7 refused "count_limit_exceeded"
	// 8 approved ""
}

// Accounts that nothing can be told of any more make room for others.
func ExampleMeters_Advance() {
	policy := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "day", Max: money.New(300_00, money.EUR), Window: cap.Rolling(24 * time.Hour)},
	}, &cap.PolicyOptions{Lateness: time.Hour})
	meters, err := cap.NewMeters[string](policy, &cap.MetersOptions{MaxAccounts: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	monday := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	allow := func(key string, at time.Time) {
		outcome, reason, err := meters.Allow(key, cap.Spend{ID: "pay", At: at, Amount: money.New(200_00, money.EUR)})
		fmt.Println(key, outcome, reason, err)
	}
	allow("anna", monday)
	allow("bert", monday)

	tuesday := monday.Add(25 * time.Hour) // no window reaches Anna's payment, not even that of a payment which is late
	if err := meters.Advance(tuesday); err != nil {
		fmt.Println(err)
		return
	}
	allow("bert", tuesday)
	fmt.Println("evicted:", meters.Stats().Evicted)
	// Output:
	// anna approved  <nil>
	// bert refused  cap: no room for another account
	// bert approved  <nil>
	// evicted: 1
}
