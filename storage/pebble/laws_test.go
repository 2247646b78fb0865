package pebble_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/journaltest"
	"github.com/payrules/payrules/storage/pebble"
)

// TestLaws runs the conformance suite of all stores on directories.
func TestLaws(t *testing.T) {
	journaltest.Run(t, store(pebble.Options{MemTableBytes: 1 << 20, CachedStreams: 8}))
}

// TestLawsChain runs it with the hash chain.
func TestLawsChain(t *testing.T) {
	journaltest.Run(t, store(pebble.Options{MemTableBytes: 1 << 20, CachedStreams: 8, Chain: true}))
}

// BenchmarkJournal is the suite's; BenchmarkAppend and BenchmarkRaw, of the same bytes, belong beside it.
func BenchmarkJournal(b *testing.B) {
	journaltest.Bench(b, store(pebble.Options{}))
}

func store(options pebble.Options) func(testing.TB) journaltest.Store {
	return func(t testing.TB) journaltest.Store {
		dir := t.TempDir()
		return journaltest.Store{Open: func(now func() time.Time) (storage.Journal, error) {
			options := options
			options.Now = now
			return pebble.Open(dir, &options)
		}}
	}
}
