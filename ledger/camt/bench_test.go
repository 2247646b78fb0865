package camt_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/payrules/payrules/ledger/camt"
	"github.com/payrules/payrules/ledger/internal/sheettest"
)

// A message of many entries: the time for each entry stays, and so does the memory.
func BenchmarkWrite(b *testing.B) {
	for _, times := range []int{1, 100} {
		s := sheettest.Scenes()["many"]
		day := s.Entries
		for range times - 1 {
			for _, e := range day {
				e.Number = 0
				s.Entries = append(s.Entries, e)
			}
		}
		sheettest.Complete(s)
		b.Run(fmt.Sprintf("entries=%d", len(s.Entries)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := camt.Write(io.Discard, s, options("many")); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(s.Entries)), "ns/entry")
		})
	}
}
