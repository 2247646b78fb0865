package storage_test

import (
	"context"
	"fmt"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// At the end of the day a sealer goes over the journal, and the auditor keeps what it says. Later somebody who can
// write to the store makes a payment smaller.
func ExampleVerifySeals() {
	ctx := context.Background()
	journal := memory.New(nil)
	defer journal.Close()
	for i, amount := range []string{"12.50", "99.00", "7.25"} {
		spent := event.Event{Type: "cap.authorized.v1", Data: fmt.Appendf(nil, `{"amount":%q}`, amount)}
		if _, err := journal.Append(ctx, storage.Batch{Key: fmt.Sprint("pay-", i), Writes: []storage.Write{
			{Stream: "cap/card-42", Expect: storage.Version(i), Events: []event.Event{spent}},
		}}); err != nil {
			fmt.Println(err)
			return
		}
	}
	kept, err := storage.NewSealer(journal).Seal(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}

	altered := tampered{Journal: journal, all: func(records []event.Record) []event.Record {
		records[1].Data = []byte(`{"amount":"9.00"}`)
		return records
	}}
	for _, j := range []storage.Journal{journal, altered} {
		records, reached := storage.VerifySeals(ctx, j, kept)
		for r, err := range records {
			if err != nil {
				fmt.Println(err)
				break
			}
			fmt.Println(r.ID(), r.Type)
		}
		fmt.Println("sealed up to", reached().Position)
	}
	// Output:
	// cap/card-42@1 cap.authorized.v1
	// cap/card-42@2 cap.authorized.v1
	// cap/card-42@3 cap.authorized.v1
	// seal/journal@1 storage.sealed.v1
	// sealed up to 3
	// cap/card-42@1 cap.authorized.v1
	// storage: corrupt: record 2: is not what seal/journal@1 sealed
	// sealed up to 0
}
