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
	journaltest.Run(t, func(t testing.TB) journaltest.Store {
		dir := t.TempDir()
		return journaltest.Store{Open: func(now func() time.Time) (storage.Journal, error) {
			return pebble.Open(dir, &pebble.Options{Now: now, MemTableBytes: 1 << 20, CachedStreams: 8})
		}}
	})
}
