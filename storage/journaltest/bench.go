package journaltest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/storage"
)

// Bench measures a store in sub-benchmarks, each on a store of its own:
//
//	append/callers=N     N callers at once, each a batch of one event a call, to a stream of its own
//	append/batches=500   one caller, 500 batches of one event a call
//	all/records=N        a replay of the whole journal
//	stream/records=N     a read of one stream out of a thousand
//
// An operation is one call of the journal. Beside its time each reports events/s, and the reads records/s.
func Bench(b *testing.B, fresh func(testing.TB) Store) {
	for _, callers := range []int{1, 64, 1024} {
		b.Run(fmt.Sprintf("append/callers=%d", callers), func(b *testing.B) { benchAppend(b, opened(b, fresh), callers) })
	}
	b.Run("append/batches=500", func(b *testing.B) { benchGroup(b, opened(b, fresh), 500) })
	const streams, records = 1000, 100
	b.Run(fmt.Sprintf("all/records=%d", streams*records), func(b *testing.B) {
		j := opened(b, fresh)
		fill(b, j, streams, records)
		b.ReportAllocs()
		for b.Loop() {
			if got, err := drain(j.All(b.Context(), 0)); err != nil || got != streams*records {
				b.Fatalf("all: got %d records, %v, want %d", got, err, streams*records)
			}
		}
		b.ReportMetric(float64(b.N)*streams*records/b.Elapsed().Seconds(), "records/s")
	})
	b.Run(fmt.Sprintf("stream/records=%d", records), func(b *testing.B) {
		j := opened(b, fresh)
		fill(b, j, streams, records)
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			i = (i + 617) % streams // another one each time, far from the last
			if got, err := drain(j.Stream(b.Context(), benchStream(i), 0)); err != nil || got != records {
				b.Fatalf("stream: got %d records, %v, want %d", got, err, records)
			}
		}
		b.ReportMetric(float64(b.N)*records/b.Elapsed().Seconds(), "records/s")
	})
}

// opened is a journal on a fresh store, closed when b ends.
func opened(b *testing.B, fresh func(testing.TB) Store) storage.Journal {
	j, err := fresh(b).Open(time.Now)
	if err != nil {
		b.Fatalf("open: %v", err)
	}
	b.Cleanup(func() {
		if err := j.Close(); err != nil {
			b.Errorf("close: %v", err)
		}
	})
	return j
}

func benchStream(i int) string { return fmt.Sprintf("meter/card-%d", i) }

// benchData is as long as the JSON of a small decision.
const benchData = `{"id":"pay-1234567","at":"2026-03-01T12:00:00.123456Z","amount":{"amount":"12.34","currency":"EUR"},"outcome":"approved"}`

func benchBatch(key, stream string, expect storage.Version) storage.Batch {
	w := write(stream, expect, 1)
	w.Events[0].Data = []byte(benchData)
	return storage.Batch{Key: key, Digest: [32]byte{1, 2, 3}, Writes: []storage.Write{w}}
}

// benchAppend has b.N calls made by so many callers.
func benchAppend(b *testing.B, j storage.Journal, callers int) {
	ctx := b.Context()
	calls := make(chan struct{})
	errs := make(chan error, callers)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			stream, version := benchStream(c), storage.Version(0)
			for range calls {
				if err := appendOne(ctx, j, benchBatch(fmt.Sprint(c, "-", version), stream, version)); err != nil {
					errs <- err
					for range calls { // the others go on
					}
					return
				}
				version++
			}
		})
	}
	start := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		calls <- struct{}{}
	}
	close(calls)
	wg.Wait() // for the last calls too
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "events/s")
	close(errs)
	for err := range errs {
		b.Fatal(err)
	}
}

func appendOne(ctx context.Context, j storage.Journal, batches ...storage.Batch) error {
	receipts, err := j.Append(ctx, batches...)
	if err != nil {
		return err
	}
	for _, r := range receipts {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}

func benchGroup(b *testing.B, j storage.Journal, size int) {
	ctx := b.Context()
	batches := make([]storage.Batch, size)
	version := storage.Version(0)
	b.ReportAllocs()
	for b.Loop() {
		for i := range batches {
			batches[i] = benchBatch("k", benchStream(i), version)
		}
		if err := appendOne(ctx, j, batches...); err != nil {
			b.Fatal(err)
		}
		version++
	}
	b.ReportMetric(float64(b.N)*float64(size)/b.Elapsed().Seconds(), "events/s")
}

// fill gives each stream so many records, which lie far apart in the journal.
func fill(b *testing.B, j storage.Journal, streams, records int) {
	batches := make([]storage.Batch, streams)
	for version := range records {
		for i := range batches {
			batches[i] = benchBatch("k", benchStream(i), storage.Version(version))
		}
		if err := appendOne(b.Context(), j, batches...); err != nil {
			b.Fatalf("fill: %v", err)
		}
	}
}

func drain[T any](seq func(func(T, error) bool)) (int, error) {
	n := 0
	for _, err := range seq {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
