package memory_test

import (
	"context"
	"fmt"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

func Example() {
	ctx := context.Background()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	journal := memory.New(&memory.Options{Now: func() time.Time { return noon }})
	defer journal.Close()

	opened := event.Event{Type: "ledger.opened.v1", Data: []byte(`{"currency":"EUR"}`)}
	_, err := journal.Append(ctx, storage.Batch{Key: "open-1", Writes: []storage.Write{
		{Stream: "ledger/anna", Expect: 0, Events: []event.Event{opened}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for r, err := range journal.Stream(ctx, "ledger/anna", 0) {
		fmt.Println(r.ID(), r.At.Format(time.RFC3339), string(r.Data), err)
	}
	// Output:
	// ledger/anna@1 2026-03-01T12:00:00Z {"currency":"EUR"} <nil>
}
