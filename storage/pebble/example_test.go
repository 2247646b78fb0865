package pebble_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/pebble"
)

// What is stored is there when the directory is opened again, and the wrong expectation loses.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	journal, err := pebble.Open(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	receipts, err := journal.Append(ctx, pay("pay-1", 0), pay("pay-2", 1), pay("pay-3", 1))
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range receipts {
		fmt.Println(r.First, r.Err)
	}
	if err := journal.Close(); err != nil {
		log.Fatal(err)
	}

	if journal, err = pebble.Open(dir, nil); err != nil {
		log.Fatal(err)
	}
	for r, err := range journal.Stream(ctx, "cap/card-42", 0) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.ID(), r.Type, r.Key, string(r.Data))
	}
	if err := journal.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 0 storage: conflict: stream "cap/card-42" is at version 2, expected 1
	// cap/card-42@1 cap.authorized.v1 pay-1 {"minor":1250}
	// cap/card-42@2 cap.authorized.v1 pay-2 {"minor":1250}
}

// At the end of each day an auditor keeps a seal elsewhere. Whoever changes the journal's files later, even all of
// them, cannot change that one.
func ExampleJournal_Verify() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	journal, err := pebble.Open(dir, &pebble.Options{Chain: true})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = journal.Close() }()

	if _, err := journal.Append(ctx, pay("pay-1", 0), pay("pay-2", 1)); err != nil {
		log.Fatal(err)
	}
	monday, err := journal.Seal(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := journal.Append(ctx, pay("pay-3", 2)); err != nil {
		log.Fatal(err)
	}
	fmt.Println("sealed up to", monday.Position, "and as it was:", journal.Verify(ctx, monday) == nil)

	monday.Hash[0] ^= 1 // as if another journal had been sealed
	err = journal.Verify(ctx, monday)
	fmt.Println(errors.Is(err, storage.ErrCorrupt))
	// Output:
	// sealed up to 2 and as it was: true
	// true
}

func pay(id string, version storage.Version) storage.Batch {
	return storage.Batch{Key: id, Writes: []storage.Write{{
		Stream: "cap/card-42", Expect: version,
		Events: []event.Event{{Type: "cap.authorized.v1", Data: []byte(`{"minor":1250}`)}},
	}}}
}
