package archivetest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/archive/archivetest"
)

// A bank that archives to a store of its own writes three lines to see whether it keeps the laws.
func ExampleRun() {
	newPlace := func(testing.TB) archivetest.Place {
		m := new(archivetest.Memory) // the bank's bucket instead
		return archivetest.Place{Open: func() (ledger.Archiver, error) { return m, nil }}
	}
	_ = func(t *testing.T) { archivetest.Run(t, newPlace) }   // func TestLaws(t *testing.T)
	_ = func(b *testing.B) { archivetest.Bench(b, newPlace) } // func BenchmarkArchive(b *testing.B)
}

// Memory stands in for an archive in tests.
func ExampleMemory() {
	var archiver ledger.Archiver = new(archivetest.Memory)
	n := 0
	for range archiver.Segments(context.Background(), "savings-7") {
		n++
	}
	fmt.Println(n, "segments")
	// Output:
	// 0 segments
}
