package run_test

import (
	"context"
	"fmt"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/run"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
	"github.com/payrules/payrules/storage/memory"
)

// Two customers have bought in November. A dry run says what would be issued; the real one issues it, and asked again, nothing.
func Example() {
	ctx := context.Background()
	e, _ := engine.New(memory.New(nil), nil)
	defer func() { _ = e.Close(ctx) }()
	accounts, _ := engine.NewRepository(e, engine.Kind[*billing.Account]{Name: "billing", Codec: billing.Codec(), New: billing.NewAccount}, nil)
	series, _ := engine.NewRepository(e, engine.Kind[*billing.Series]{Name: "series", Codec: billing.SeriesCodec(), New: billing.NewSeries}, nil)
	_, _ = engine.Do(ctx, series, "2026", "open", billing.OpenSeries{At: at(1, 1, 0), Prefix: "F2026-", Year: 2026, Width: 5})

	for i, price := range []string{"1000", "99.99"} {
		id := fmt.Sprint("CTR-", i+1)
		limit, mandate := money.New(5000_00, money.EUR), "FR83ZZZ459654/RUM-"+fmt.Sprint(i+1)
		contractOf := billing.TakeContract{View: contract.View{
			Contract: id, Revision: 1, Customer: party.Party{Reference: id, Name: "Customer", Address: paris}, Currency: money.EUR, Zone: "Europe/Paris",
			Phases: []contract.Phase{
				{Status: contract.Draft, Limit: limit, BillingDay: contract.LastDay},
				{From: at(11, 1, 0), Status: contract.Active, Limit: limit, Mandate: mandate, BillingDay: contract.LastDay},
			},
		}}
		_, _ = engine.Do(ctx, accounts, id, contractOf.Key(), contractOf)
		mandateOf := billing.TakeMandate{View: mandateOf(id, mandate)}
		_, _ = engine.Do(ctx, accounts, id, mandateOf.Key(), mandateOf)
		_, _ = engine.Do(ctx, accounts, id, "trip", billing.Accept{At: at(11, 5, 9), Operation: billing.Operation{
			ID: "trip", Currency: money.EUR, Orders: []billing.Order{{Reference: "O-1", Items: []billing.Item{{
				Label: "trip", Supply: billing.Services, Quantity: billing.Whole(1), UnitPrice: billing.MustParsePrice(price), VAT: billing.MustVATAt("20"),
			}}}},
		}})
	}

	r, _ := run.New(e, "billing", accounts, series, nil)
	dry, _ := r.Dry(ctx, november())
	real, _ := r.Bill(ctx, november())
	again, _ := r.Bill(ctx, november())
	fmt.Println("would issue", dry.Issued, "of", dry.Amounts[money.EUR].Invoices)
	fmt.Println("issued", real.Issued, "of", real.Amounts[money.EUR].Invoices, "as said:", real.Digest == dry.Digest)
	fmt.Println("again", again.Issued)
	found, _ := run.VerifySeries(ctx, e.Journal(), "series", "2026")
	fmt.Println("numbers given", found.Given, "found", found.Found, "all in order:", found.OK())
	// Output:
	// would issue 2 of 1319.99 EUR
	// issued 2 of 1319.99 EUR as said: true
	// again 0
	// numbers given 2 found 2 all in order: true
}
