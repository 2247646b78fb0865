package tests

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	cockroach "github.com/cockroachdb/pebble/v2"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/pebble"
)

// The benchmark's cards pay in turn, each under a cap of a week that lets everything through.
const (
	benchCards  = 10_000
	benchMemory = 64 << 20 // of both databases, before they write out
)

var benchEpoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// BenchmarkDurable is one durable decision of a cap through the engine over pebble, beside pebble alone committing the
// same bytes for each caller: one value of a record's size, and one short key.
func BenchmarkDurable(b *testing.B) {
	for _, n := range []int{1, 64, 1024} {
		b.Run(fmt.Sprintf("store=engine/callers=%d", n), func(b *testing.B) { benchEngine(b, n) })
		b.Run(fmt.Sprintf("store=raw/callers=%d", n), func(b *testing.B) { benchRaw(b, n) })
	}
}

// callers spreads b.N runs of one over n goroutines.
func callers(b *testing.B, n int, one func(i int) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range n {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := one(int(i)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

func card(i int) string    { return fmt.Sprintf("card-%06d", i%benchCards) }
func payment(i int) string { return fmt.Sprintf("pay-%012d", i) }

func benchEngine(b *testing.B, n int) {
	policy, err := cap.NewPolicy(money.EUR, []cap.Limit{
		{Name: "7d", Max: money.New(1<<50, money.EUR), Window: cap.Rolling(7 * 24 * time.Hour)},
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	j, err := pebble.Open(b.TempDir(), &pebble.Options{MemTableBytes: benchMemory})
	if err != nil {
		b.Fatal(err)
	}
	e, err := engine.New(j, nil)
	if err != nil {
		b.Fatal(err)
	}
	meters, err := engine.NewRepository(e, engine.Kind[*cap.Meter]{
		Name: "cap", Codec: cap.Codec(), New: func(string) *cap.Meter { return cap.NewMeter(policy) },
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	callers(b, n, func(i int) error {
		id := payment(i)
		_, err := engine.Do(context.Background(), meters, card(i), id, cap.Authorize{
			ID: id, At: benchEpoch.Add(time.Duration(i) * time.Millisecond), Amount: money.New(12_34, money.EUR),
		})
		return err
	})
	if err := e.Close(context.Background()); err != nil {
		b.Error(err)
	}
	if n == 1 {
		b.ReportMetric(float64(recordBytes(b, j)), "record-bytes")
	}
	if err := j.Close(); err != nil {
		b.Error(err)
	}
}

// recordBytes is what a record takes in the log: its data and names, its digest, and 35 bytes of numbers.
func recordBytes(b *testing.B, j *pebble.Journal) int {
	for r, err := range j.All(b.Context(), 0) {
		if err != nil {
			b.Fatal(err)
		}
		return len(r.Data) + len(r.Type) + len(r.Stream) + len(r.Key) + len(r.Digest) + 35
	}
	return 0
}

// benchRecord is the size of the records above, so that both commit the same.
const benchRecord = 444

func benchRaw(b *testing.B, n int) {
	db, err := cockroach.Open(b.TempDir(), &cockroach.Options{MemTableSize: benchMemory, Logger: silent{}})
	if err != nil {
		b.Fatal(err)
	}
	value := make([]byte, benchRecord)
	callers(b, n, func(i int) error {
		batch := db.NewBatch()
		log := binary.BigEndian.AppendUint64([]byte("l"), uint64(i))
		index := binary.BigEndian.AppendUint64([]byte("icap/"+card(i)+"\x00"), uint64(i/benchCards))
		if err := batch.Set(log, value, nil); err != nil {
			return err
		}
		if err := batch.Set(index, binary.AppendUvarint(nil, uint64(i)), nil); err != nil {
			return err
		}
		return batch.Commit(cockroach.Sync)
	})
	if err := db.Close(); err != nil {
		b.Error(err)
	}
}

// silent keeps the database from writing to the console.
type silent struct{}

func (silent) Infof(string, ...any)           {}
func (silent) Errorf(string, ...any)          {}
func (silent) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
