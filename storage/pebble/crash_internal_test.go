package pebble

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/journaltest"
)

// TestLawsPowerCut runs the suite on a disk in memory that forgets, at a crash, what was not synced: all of
// it, none of it, or any part.
func TestLawsPowerCut(t *testing.T)      { powerCuts(t, false) }
func TestLawsPowerCutChain(t *testing.T) { powerCuts(t, true) }

func powerCuts(t *testing.T, chain bool) {
	t.Helper()
	journaltest.Run(t, func(t testing.TB) journaltest.Store {
		var mu sync.Mutex
		disk := vfs.NewCrashableMem()
		return journaltest.Store{
			Open: func(now func() time.Time) (storage.Journal, error) {
				mu.Lock()
				defer mu.Unlock()
				return Open("journal", &Options{Now: now, MemTableBytes: 1 << 20, CachedStreams: 8, Chain: chain, fs: disk})
			},
			Crash: func() error {
				mu.Lock()
				defer mu.Unlock()
				disk = disk.CrashClone(vfs.CrashCloneCfg{
					UnsyncedDataPercent: []int{0, 0, 50, 90, 100}[rand.IntN(5)],
					RNG:                 rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
				})
				return nil
			},
		}
	})
}
