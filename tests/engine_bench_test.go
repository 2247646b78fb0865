package tests

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	cockroach "github.com/cockroachdb/pebble/v2"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage/pebble"
)

// callers spreads b.N runs of one over n goroutines.
func callers(b *testing.B, n int, one func(i int64)) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range n {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				one(i)
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

const benchAccounts = 10_000

// BenchmarkDurable is one durable decision through the engine over pebble, beside pebble alone committing the
// same bytes for each caller: one value of the record's size, and one short key.
func BenchmarkDurable(b *testing.B) {
	for _, n := range []int{1, 64, 1024} {
		b.Run(fmt.Sprintf("store=engine/callers=%d", n), func(b *testing.B) {
			j, err := pebble.Open(b.TempDir(), nil)
			if err != nil {
				b.Fatal(err)
			}
			e, err := engine.New(j, nil)
			if err != nil {
				b.Fatal(err)
			}
			repo, err := engine.NewRepository(e, engine.Kind[*purse.Purse]{Name: "purse", Codec: purse.Codec(), New: purse.New},
				&engine.RepositoryOptions{Cache: benchAccounts})
			if err != nil {
				b.Fatal(err)
			}
			callers(b, n, func(i int64) {
				key := fmt.Sprintf("pay-%012d", i)
				if _, err := engine.Do(context.Background(), repo, fmt.Sprintf("card-%06d", i%benchAccounts), key, purse.Change{ID: key, By: i}); err != nil {
					b.Error(err)
				}
			})
			b.StopTimer()
			if err := e.Close(context.Background()); err != nil {
				b.Error(err)
			}
			if err := j.Close(); err != nil {
				b.Error(err)
			}
		})
		b.Run(fmt.Sprintf("store=raw/callers=%d", n), func(b *testing.B) {
			db, err := cockroach.Open(b.TempDir(), &cockroach.Options{MemTableSize: 64 << 20})
			if err != nil {
				b.Fatal(err)
			}
			value := make([]byte, 160)
			callers(b, n, func(i int64) {
				batch := db.NewBatch()
				log := binary.BigEndian.AppendUint64([]byte("l"), uint64(i))
				index := binary.BigEndian.AppendUint64(fmt.Appendf(nil, "ipurse/card-%06d\x00", i%benchAccounts), uint64(i/benchAccounts))
				if err := batch.Set(log, value, nil); err != nil {
					b.Error(err)
				}
				if err := batch.Set(index, binary.AppendUvarint(nil, uint64(i)), nil); err != nil {
					b.Error(err)
				}
				if err := batch.Commit(cockroach.Sync); err != nil {
					b.Error(err)
				}
			})
			b.StopTimer()
			if err := db.Close(); err != nil {
				b.Error(err)
			}
		})
	}
}
