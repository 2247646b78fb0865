package engine_test

import (
	"context"
	"fmt"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/memory"
)

// A card with a cap of 300.00 in any seven days, over a journal. The third payment does not fit; asked again with the
// same key it is refused again, also after a restart.
func Example() {
	ctx := context.Background()
	week, err := cap.NewPolicy(money.EUR, []cap.Limit{
		{Name: "week", Max: money.MustParseAmount("300.00", money.EUR), Window: cap.Rolling(7 * 24 * time.Hour)},
	}, nil)
	if err != nil {
		panic(err)
	}
	journal := memory.New(nil)
	defer journal.Close()

	start := func() (*engine.Engine, *engine.Repository[*cap.Meter]) {
		e, err := engine.New(journal, nil)
		if err != nil {
			panic(err)
		}
		meters, err := engine.NewRepository(e, engine.Kind[*cap.Meter]{
			Name: "cap", Codec: cap.Codec(), New: func(string) *cap.Meter { return cap.NewMeter(week) },
		}, nil)
		if err != nil {
			panic(err)
		}
		return e, meters
	}
	pay := func(meters *engine.Repository[*cap.Meter], id string, at time.Time) {
		d, err := engine.Do(ctx, meters, "card-42", id, cap.Authorize{ID: id, At: at, Amount: money.MustParseAmount("110.00", money.EUR)})
		if err != nil {
			panic(err)
		}
		left, _ := d.Named("week")
		fmt.Println(id, d.Outcome(), d.Reason(), "left:", left.Remaining())
	}

	monday := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	e, meters := start()
	pay(meters, "pay-1", monday)
	pay(meters, "pay-2", monday.Add(time.Hour))
	pay(meters, "pay-3", monday.Add(2*time.Hour))
	if err := e.Close(ctx); err != nil {
		panic(err)
	}

	e, meters = start()
	pay(meters, "pay-3", monday.Add(2*time.Hour))
	pay(meters, "pay-4", monday.Add(7*24*time.Hour)) // pay-1 is out: it is exactly seven days old
	if err := e.Close(ctx); err != nil {
		panic(err)
	}
	// Output:
	// pay-1 approved  left: 190.00 EUR
	// pay-2 approved  left: 80.00 EUR
	// pay-3 refused amount_limit_exceeded left: 80.00 EUR
	// pay-3 refused amount_limit_exceeded left: 80.00 EUR
	// pay-4 approved  left: 80.00 EUR
}
