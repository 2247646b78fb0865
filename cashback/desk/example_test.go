package desk_test

import (
	"context"
	"fmt"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/cashback/desk"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/memory"
)

// terminals is a resolver that knows its shops by heart.
type terminals map[string]cashback.Merchant

func (s terminals) Merchant(_ context.Context, terminal string) (cashback.Merchant, bool, error) {
	m, partner := s[terminal]
	return m, partner, nil
}

// A customer buys at a partner, the payment is delivered twice, and a part of it is given back.
func Example() {
	ctx := context.Background()
	e, _ := engine.New(memory.New(nil), nil) // a bank takes storage/pebble
	defer func() { _ = e.Close(ctx) }()
	rewards, _ := engine.NewRepository(e, desk.RewardsKind(), nil)
	budgets, _ := engine.NewRepository(e, desk.BudgetKind(), nil)
	program := partners(nil) // a tenth at partners, and half a percent of everything
	d, err := desk.New(e, rewards, budgets, &desk.Options{
		Program:  func(context.Context, string, time.Time) (*cashback.Program, error) { return program, nil },
		Resolver: terminals{"0042": {ID: "shoes", Groups: []string{"partners"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	if err := d.Publish(ctx, program, at); err != nil {
		fmt.Println(err)
		return
	}
	p := desk.Payment{Terminal: "0042", Purchase: cashback.Purchase{ID: "card-981", At: at, Amount: money.New(59_90, money.EUR)}}
	for range 2 { // the second time it is the answer of the first
		got, err := d.Earn(ctx, "anna", p, at)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("earned", got.Amount)
	}
	back, err := d.Refund(ctx, "anna", cashback.Refund{At: at.Add(time.Hour), ID: "back-1", Purchase: "card-981", Amount: money.New(19_90, money.EUR)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("taken back", back.Amount)
	s, err := d.Statement(ctx, "anna", at, at.AddDate(0, 2, 0))
	if err != nil {
		fmt.Println(err)
		return
	}
	for line, err := range s.Lines(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(line.At.Format(time.DateOnly), line.Kind, "pending", line.Balance.Pending, "payable", line.Balance.Payable)
	}
	// Output:
	// earned 6.29 EUR
	// earned 6.29 EUR
	// taken back 2.09 EUR
	// 2026-11-21 cashback.earned.v1 pending 6.29 EUR payable 0.00 EUR
	// 2026-11-21 cashback.clawed_back.v1 pending 4.20 EUR payable 0.00 EUR
	// 2026-12-20 cashback.confirmed.v1 pending 0.00 EUR payable 0.00 EUR
	// 2026-12-20 cashback.became_payable.v1 pending 0.00 EUR payable 4.20 EUR
}
