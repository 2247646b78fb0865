package storage_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// Two tills spend from the same card. Each has read its stream at version 0, so one of them has to look again;
// a purchase with another card in the same call does not mind.
func Example() {
	ctx := context.Background()
	journal := memory.New(nil)
	defer journal.Close()

	spend := func(key, card string, expect storage.Version) storage.Batch {
		spent := event.Event{Type: "cap.authorized.v1", Data: []byte(`{"amount":"12.50"}`)}
		return storage.Batch{Key: key, Writes: []storage.Write{
			{Stream: event.Stream("cap", card), Expect: expect, Events: []event.Event{spent}},
			{Stream: "ledger/settlement", Expect: storage.Any, Events: []event.Event{spent}}, // whoever wrote there last
		}}
	}
	receipts, err := journal.Append(ctx, spend("till-1", "card-42", 0), spend("till-2", "card-42", 0), spend("till-3", "card-7", 0))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range receipts {
		var conflict *storage.ConflictError
		if errors.As(r.Err, &conflict) {
			fmt.Println("again, from version", conflict.Have, "of", conflict.Stream)
			continue
		}
		fmt.Println("stored at", r.First, "to", r.Last)
	}
	for r, err := range journal.All(ctx, 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d %s key=%q\n", r.Position, r.ID(), r.Key)
	}
	// Output:
	// stored at 1 to 2
	// again, from version 1 of cap/card-42
	// stored at 3 to 4
	// 1 cap/card-42@1 key="till-1"
	// 2 ledger/settlement@1 key=""
	// 3 cap/card-7@1 key="till-3"
	// 4 ledger/settlement@2 key=""
}
