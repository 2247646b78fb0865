package archive_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/archive"
	"github.com/payrules/payrules/money"
)

// The entries of a closed year go to a folder, and are read from there.
func Example() {
	dir, err := os.MkdirTemp("", "archive")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	folder, err := archive.Open(filepath.Join(dir, "ledger"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	year := ledger.Segment{
		Account: "savings-7", First: 1, Last: 3, LastAt: 210, Entries: 2,
		FirstValue: civil.MustParseDate("2025-01-02"), LastValue: civil.MustParseDate("2025-12-31"),
		FirstBooked: civil.MustParseDate("2025-01-02"), LastBooked: civil.MustParseDate("2025-12-31"),
		Opening: money.New(0, money.EUR), Closing: money.New(101_50, money.EUR),
	}
	stream := func(yield func(event.Record, error) bool) { // a journal's Stream
		for i, data := range []string{`{"name":"Ada"}`, `{"side":"credit","minor":10000}`, `{"side":"credit","minor":150}`} {
			r := event.Record{
				Event:  event.Event{Type: "account.booked.v1", Data: []byte(data)},
				Stream: "account/savings-7", Version: event.Version(i + 1), Position: event.Position(70 * (i + 1)),
				At: year.FirstBooked.Start(nil).AddDate(0, 6*i, 0),
			}
			if !yield(r, nil) {
				return
			}
		}
	}
	if _, err := folder.Put(ctx, year, stream); err != nil {
		fmt.Println(err)
		return
	}

	for s, err := range folder.Segments(ctx, "savings-7") {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(s.FirstValue, "to", s.LastValue, "from", s.Opening, "to", s.Closing)
		for r, err := range folder.Records(ctx, s) {
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(r.Version, string(r.Data))
		}
	}
	// Output:
	// 2025-01-02 to 2025-12-31 from 0.00 EUR to 101.50 EUR
	// 1 {"name":"Ada"}
	// 2 {"side":"credit","minor":10000}
	// 3 {"side":"credit","minor":150}
}
