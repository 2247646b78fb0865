package pebble

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	cockroach "github.com/cockroachdb/pebble/v2"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/storage"
)

// benchEvent is about as large as a decision of a cap.
var benchEvent = event.Event{Type: "cap.authorized.v1", Data: fmt.Appendf(nil, `{"id":"pay-%0230d"}`, 7)}

// eachCaller calls fn b.N times from so many goroutines.
func eachCaller(b *testing.B, callers int, fn func(caller, i int) error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for c := range callers {
		wg.Go(func() {
			for i := 0; left.Add(-1) >= 0; i++ {
				if err := fn(c, i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// chains are the rows with the hash chain, and without.
var chains = []struct {
	name string
	on   bool
}{{"chain=off", false}, {"chain=on", true}}

func benchOpen(b *testing.B, chain bool) *Journal {
	b.Helper()
	j, err := Open(b.TempDir(), &Options{Chain: chain})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := j.Close(); err != nil {
			b.Error(err)
		}
	})
	return j
}

func benchBatch(stream string, version int, caller, i int) storage.Batch {
	return storage.Batch{
		Key:    fmt.Sprintf("pay-%d-%d", caller, i),
		Digest: [32]byte{1},
		Writes: []storage.Write{{Stream: stream, Expect: storage.Version(version), Events: []event.Event{benchEvent}}},
	}
}

// BenchmarkAppend is one event a call, each caller with ten streams of its own.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 64, 1024} {
		for _, chain := range chains {
			b.Run(fmt.Sprintf("callers=%d/%s", callers, chain.name), func(b *testing.B) { benchAppend(b, callers, chain.on) })
		}
	}
}

func benchAppend(b *testing.B, callers int, chain bool) {
	j := benchOpen(b, chain)
	streams := make([]string, callers*10)
	for i := range streams {
		streams[i] = fmt.Sprintf("cap/card-%06d", i)
	}
	eachCaller(b, callers, func(c, i int) error {
		receipts, err := j.Append(context.Background(), benchBatch(streams[c*10+i%10], i/10, c, i))
		if err != nil {
			return err
		}
		return receipts[0].Err
	})
}

// BenchmarkRaw is what BenchmarkAppend is measured by: each caller commits a batch of the same bytes by
// itself, a value and an entry of the index, and waits for the sync.
func BenchmarkRaw(b *testing.B) {
	for _, callers := range []int{1, 64, 1024} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			j := benchOpen(b, false)
			var next atomic.Uint64
			eachCaller(b, callers, func(c, i int) error {
				stream := fmt.Sprintf("cap/card-%06d", c*10+i%10)
				r := event.Record{Event: benchEvent, Stream: stream, Version: event.Version(i/10 + 1),
					Position: event.Position(next.Add(1)), Key: fmt.Sprintf("pay-%d-%d", c, i), Digest: [32]byte{1}}
				batch := j.db.NewBatch()
				value := appendRecord([]byte{blockFormat}, &r)
				_ = batch.Set(logKey(r.Position), value, nil)
				_ = batch.Set(appendIndexKey(nil, stream, r.Version), logKey(r.Position)[1:], nil)
				if err := j.db.Apply(batch, cockroach.Sync); err != nil {
					return err
				}
				return batch.Close()
			})
		})
	}
}

// BenchmarkGroup is what the engine does: one call at a time, with many commands.
func BenchmarkGroup(b *testing.B) {
	for _, streams := range []int{1000, 50_000, 1_000_000} {
		for _, chain := range chains {
			b.Run(fmt.Sprintf("batches=1000/streams=%d/%s", streams, chain.name), func(b *testing.B) { benchGroup(b, streams, chain.on) })
		}
	}
}

func benchGroup(b *testing.B, streams int, chain bool) {
	j := benchOpen(b, chain)
	names := make([]string, streams)
	for i := range names {
		names[i] = fmt.Sprintf("cap/card-%07d", i)
	}
	batches := make([]storage.Batch, 1000)
	n := 0
	for b.Loop() {
		for i := range batches {
			batches[i] = benchBatch(names[n%streams], n/streams, 0, n)
			n++
		}
		receipts, err := j.Append(context.Background(), batches...)
		if err != nil || receipts[999].Err != nil {
			b.Fatal(err, receipts[999].Err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkNewStream is what an aggregate without a history costs to load, in a journal of many others.
func BenchmarkNewStream(b *testing.B) {
	j := benchOpen(b, false)
	batches := make([]storage.Batch, 1000)
	for n := range 100 {
		for i := range batches {
			batches[i] = benchBatch(fmt.Sprintf("cap/card-%d", 1000*n+i), 0, n, i)
		}
		if _, err := j.Append(context.Background(), batches...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		for r, err := range j.Stream(context.Background(), fmt.Sprintf("cap/new-%d", i), 0) {
			b.Fatal(r, err)
		}
	}
}

// BenchmarkAll reads everything back, and BenchmarkVerify verifies it.
func BenchmarkAll(b *testing.B) {
	benchRead(b, func(j *Journal) error {
		n := 0
		for _, err := range j.All(context.Background(), 0) {
			if err != nil {
				return err
			}
			n++
		}
		if n != benchRecords {
			return fmt.Errorf("read %d records", n)
		}
		return nil
	})
}

func BenchmarkVerify(b *testing.B) {
	benchRead(b, func(j *Journal) error { return j.Verify(context.Background()) })
}

const benchRecords = 100_000

func benchRead(b *testing.B, read func(*Journal) error) {
	for _, chain := range chains {
		b.Run(chain.name, func(b *testing.B) {
			j := benchOpen(b, chain.on)
			batches := make([]storage.Batch, 1000)
			for n := range benchRecords / len(batches) {
				for i := range batches {
					batches[i] = benchBatch(fmt.Sprintf("cap/card-%d", i), n, n, i)
				}
				if _, err := j.Append(context.Background(), batches...); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if err := read(j); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(benchRecords*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
