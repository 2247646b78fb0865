package memory_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/journaltest"
	"github.com/payrules/payrules/storage/memory"
)

func newStore(testing.TB) journaltest.Store {
	return journaltest.Store{
		Open:     func(now func() time.Time) (storage.Journal, error) { return memory.New(&memory.Options{Now: now}), nil },
		Volatile: true,
	}
}

func TestLaws(t *testing.T) { journaltest.Run(t, newStore) }

func TestHistory(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		err := journaltest.History(newStore(t), func(n int) int { return rapid.IntRange(0, n-1).Draw(r, "draw") })
		if err != nil {
			r.Fatal(err)
		}
	})
}

func BenchmarkJournal(b *testing.B) {
	journaltest.Bench(b, func(testing.TB) journaltest.Store {
		return journaltest.Store{
			Open: func(now func() time.Time) (storage.Journal, error) {
				return memory.New(&memory.Options{Now: now, MaxBytes: 8 << 30}), nil
			},
			Volatile: true,
		}
	})
}
