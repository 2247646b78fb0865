package books_test

import (
	"context"
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/memory"
)

// A customer pays, and holds a payment that is captured for less. Every answer is durable when it is given.
func Example() {
	ctx := context.Background()
	journal := memory.New(nil) // a bank takes storage/pebble
	e, err := engine.New(journal, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close(ctx)
	b, err := books.New(e, nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	today := civil.DateOf(at, time.UTC)
	err = b.OpenChart(ctx, ledger.Chart{Accounts: []ledger.ChartAccount{
		{ID: "cash", Terms: ledger.Terms{Type: ledger.Asset, Currency: money.EUR, Unconstrained: true}},
		{ID: "anna", Terms: ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{Overdraft: ledger.NoOverdraft}}},
		{ID: "hotel", Terms: ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{Overdraft: ledger.NoOverdraft}}},
	}}, at)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range []ledger.Command{
		ledger.Post{ID: "deposit-1", At: at, Value: today, Legs: ledger.Move("cash", "anna", money.New(100_00, money.EUR))},
		ledger.Hold{ID: "stay-7", At: at, Value: today, Expires: at.Add(48 * time.Hour), Legs: ledger.Move("anna", "hotel", money.New(80_00, money.EUR))},
		ledger.Post{ID: "pay-981", At: at, Value: today, Legs: ledger.Move("anna", "cash", money.New(30_00, money.EUR))},
		ledger.Capture{ID: "check-out", Transfer: "stay-7", At: at.Add(time.Hour), Amount: money.New(65_00, money.EUR)},
	} {
		d, err := b.Do(ctx, c)
		if err != nil {
			fmt.Println(err)
			return
		}
		if !d.Done() {
			fmt.Println(d.Transfer, "refused:", d.Reason, "available", d.Available)
			continue
		}
		fmt.Println(d.Transfer, d.Status, d.Legs[0].Amount)
	}
	balance, err := b.Balance(ctx, "anna", at.Add(time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("anna has", balance.Booked)
	report, err := ledger.Check(journal.All(ctx, 0))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("checked", report.Entries, "entries of", report.Transfers, "transfers")
	// Output:
	// deposit-1 posted 100.00 EUR
	// stay-7 held 80.00 EUR
	// pay-981 refused: overdraft_exceeded available 20.00 EUR
	// stay-7 captured 65.00 EUR
	// anna has 35.00 EUR
	// checked 4 entries of 2 transfers
}
