package journaltest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/journaltest"
	"github.com/payrules/payrules/storage/memory"
)

// A bank that keeps its facts in a store of its own writes three lines to see whether it keeps the laws.
func ExampleRun() {
	newStore := func(testing.TB) journaltest.Store {
		return journaltest.Store{
			Open: func(now func() time.Time) (storage.Journal, error) {
				return memory.New(&memory.Options{Now: now}), nil // the bank's store instead
			},
			Volatile: true, // a store on a disk says nothing here
		}
	}
	_ = func(t *testing.T) { journaltest.Run(t, newStore) }   // func TestLaws(t *testing.T)
	_ = func(b *testing.B) { journaltest.Bench(b, newStore) } // func BenchmarkJournal(b *testing.B)
}

// History takes its choices from whoever calls, here from a list of digits.
func ExampleHistory() {
	digits, next := "31415926535897932384626433832795", 0
	draw := func(n int) int {
		next++
		return int(digits[next%len(digits)]-'0') % n
	}
	err := journaltest.History(storeOf(honest)(nil), draw)
	fmt.Println(err)
	// Output:
	// <nil>
}
