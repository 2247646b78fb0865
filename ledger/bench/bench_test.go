package bench_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/bench"
)

const (
	customers = 10_000
	batchSize = 500 // transfers that are handed over at once
)

// BenchmarkTransfers is one durable transfer, by everybody, over the same accounts with the same amounts and ids.
func BenchmarkTransfers(b *testing.B) {
	for _, r := range rivals {
		b.Run("store="+r.name, func(b *testing.B) {
			if r.server != "" && os.Getenv(r.server) == "" {
				b.Skipf("%s is not set", r.server)
			}
			for _, pick := range bench.Picks() {
				b.Run("accounts="+string(pick), func(b *testing.B) { measure(b, &r, pick) })
			}
		})
	}
}

// measure opens one ledger and lets more and more callers at it.
func measure(b *testing.B, r *rival, pick bench.Pick) {
	work := bench.Work{Accounts: customers, Pick: pick}
	q := &queue{work: work, store: r.open(b, work.Open())}
	for _, callers := range []int{1, 64, 1024} {
		b.Run(fmt.Sprintf("callers=%d/batch=1", callers), func(b *testing.B) { q.callers(b, callers) })
	}
	if r.batches {
		b.Run(fmt.Sprintf("callers=1/batch=%d", batchSize), q.batches)
	}
	made, err := q.store.audit(b.Context())
	if want := int(q.next.Load()); err != nil || made != want {
		b.Errorf("audit: %d transfers were made, %v, want %d", made, err, want)
	}
}

// queue is the work and who does it.
type queue struct {
	work  bench.Work
	store store
	next  atomic.Int64 // transfer
}

// callers has b.N transfers made by so many callers, each of which waits for the answer to one before it asks for the next.
func (q *queue) callers(b *testing.B, n int) {
	var wg sync.WaitGroup
	var left atomic.Int64
	waits := make([][]time.Duration, n)
	left.Store(int64(b.N))
	stop := q.start(b)
	for c := range n {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				t := q.work.Transfer(int(q.next.Add(1) - 1))
				start := time.Now()
				if made, err := q.store.post(context.Background(), &t); err != nil || !made {
					b.Errorf("%+v: made %t, %v", t, made, err)
					return
				}
				waits[c] = append(waits[c], time.Since(start))
			}
		})
	}
	wg.Wait()
	stop(b.N)
	all := slices.Sorted(slices.Values(slices.Concat(waits...)))
	if len(all) > 0 {
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	}
}

// batches has b.N times 500 transfers made, one batch after another.
func (q *queue) batches(b *testing.B) {
	batch := make([]bench.Transfer, batchSize)
	stop := q.start(b)
	for range b.N {
		for i := range batch {
			batch[i] = q.work.Transfer(int(q.next.Add(1) - 1))
		}
		made, err := q.store.postAll(context.Background(), batch)
		if err != nil || len(made) != len(batch) || slices.Contains(made, false) {
			b.Fatalf("a batch: made %v, %v", made, err)
		}
	}
	stop(b.N * batchSize)
}

// start begins to measure. What it returns ends it, and reports how many transfers were made in that time, and what
// processor time one of them took: of all cores, and in the server as well, if there is one on this machine. That hardly
// depends on what else the machine does; others-% is what part of its cores that had.
func (q *queue) start(b *testing.B) (stop func(transfers int)) {
	served, _ := q.store.(interface{ serverTime() time.Duration })
	used := func() (ours time.Duration, known bool) {
		ours = cpuTime()
		known = ours > 0
		if served != nil {
			there := served.serverTime()
			ours, known = ours+there, known && there > 0
		}
		return ours, known
	}
	ours, known := used()
	busy := busyTime()
	b.ResetTimer()
	return func(transfers int) {
		b.StopTimer()
		b.ReportMetric(float64(transfers)/b.Elapsed().Seconds(), "transfers/s")
		if !known {
			return
		}
		now, _ := used()
		ours = now - ours
		b.ReportMetric(float64(ours.Microseconds())/float64(transfers), "cpu-µs/transfer")
		if busy > 0 && b.Elapsed() > 100*time.Millisecond { // it is counted in hundredths of a second
			others := float64(busyTime()-busy-ours) / float64(b.Elapsed()) / float64(runtime.NumCPU())
			b.ReportMetric(100*max(0, others), "others-%")
		}
	}
}

// BenchmarkCheck is a replay of a whole journal that verifies every law of the ledger: three records a transfer.
func BenchmarkCheck(b *testing.B) {
	b.Run("store=payrules", func(b *testing.B) {
		const transfers = 20_000
		work := bench.Work{Accounts: customers, Pick: bench.Spread}
		p := newPayrules(b, work.Open()).(*payrules)
		all := make([]bench.Transfer, transfers)
		for i := range all {
			all[i] = work.Transfer(i)
		}
		if _, err := p.postAll(b.Context(), all); err != nil {
			b.Fatal(err)
		}
		records := 0
		for b.Loop() {
			report, err := ledger.Check(p.journal.All(b.Context(), 0))
			if err != nil || report.Transfers != transfers {
				b.Fatalf("got %+v, %v", report, err)
			}
			records += report.Records
		}
		b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
	})
}
