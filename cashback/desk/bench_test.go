package desk_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// BenchmarkStatement is a statement of a month in the middle of a customer's purchases, a hundred a day: with all of its lines, in a stream
// of so many entries. It reports what the heap grew by at the most while it was made, beside the journal itself, which is in memory.
func BenchmarkStatement(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 1_000_000} {
		if n == 1_000_000 && !campaign.Long() {
			continue
		}
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			j := history(b, n)
			h := open(b, j, newWorld())
			until := day(1, 1).AddDate(0, 0, n/100)
			from := until.AddDate(0, 0, -n/200)
			lines, peak := 0, uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				lines = 0
				watch := newWatch()
				s, err := h.Statement(context.Background(), "anna", from, until)
				if err != nil {
					b.Fatal(err)
				}
				for _, err := range s.Lines(context.Background()) {
					if err != nil {
						b.Fatal(err)
					}
					if lines++; lines%1_000 == 0 {
						watch.look()
					}
				}
				if peak = max(peak, watch.end()); lines != s.Count || lines < n/2 {
					b.Fatal(lines, s.Count)
				}
			}
			b.ReportMetric(float64(peak)/1024, "peak-KiB")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/entry")
		})
	}
}

// history is a journal of one customer with so many purchases of ten cents' reward, a hundred a day, of which each is confirmed by time.
func history(b *testing.B, n int) storage.Journal {
	b.Helper()
	j, codec := memory.New(nil), cashback.Codec()
	r := cashback.NewRewards("anna")
	program := partners(func(s *cashback.Spec) {
		s.Rules, s.Groups, s.Budgets = s.Rules[:1], s.Groups[:1], nil
		s.Confirmation.Days = 0
	})
	var batches []storage.Batch
	version := storage.Version(0)
	for i := range n {
		at := day(1, 1).Add(time.Duration(i) * 24 * time.Hour / 100)
		p := payment(id("p", i), 20_00, at).Purchase
		facts, err := cashback.Earn{At: at, Program: program, Purchase: p}.Decide(r)
		if err != nil {
			b.Fatal(err)
		}
		w := storage.Write{Stream: "rewards/anna", Expect: version}
		for _, f := range facts {
			if err := r.Apply(f); err != nil {
				b.Fatal(err)
			}
			e, err := codec.Encode(f)
			if err != nil {
				b.Fatal(err)
			}
			w.Events = append(w.Events, e)
		}
		version += storage.Version(len(facts))
		batches = append(batches, storage.Batch{Key: p.ID, Writes: []storage.Write{w}})
		if len(batches) < storage.MaxBatches && i < n-1 {
			continue
		}
		receipts, err := j.Append(context.Background(), batches...)
		if err == nil {
			err = receipts[len(receipts)-1].Err
		}
		if err != nil {
			b.Fatal(err)
		}
		batches = nil
	}
	return j
}

// watch looks at the heap now and then, from the side.
type watch struct {
	before, most uint64
	stop, done   chan bool
}

func newWatch() *watch {
	runtime.GC()
	w := &watch{stop: make(chan bool), done: make(chan bool)}
	w.before = heap()
	w.most = w.before
	go func() {
		defer close(w.done)
		for {
			select {
			case <-w.stop:
				return
			case <-time.After(20 * time.Millisecond):
				w.look()
			}
		}
	}()
	return w
}

func (w *watch) look() {
	for now := heap(); ; {
		most := atomic.LoadUint64(&w.most)
		if now <= most || atomic.CompareAndSwapUint64(&w.most, most, now) {
			return
		}
	}
}

// end returns what the heap grew by at the most.
func (w *watch) end() uint64 {
	w.look()
	close(w.stop)
	<-w.done
	return w.most - w.before
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkEarn is one purchase at a partner, in memory.
func BenchmarkEarn(b *testing.B) {
	for _, customers := range []int{1_000, 1} {
		b.Run(fmt.Sprintf("customers=%d", customers), func(b *testing.B) {
			w := newWorld()
			w.program = partners(func(s *cashback.Spec) { s.Budgets[0].Total = eur(1 << 50) })
			h := open(b, memory.New(nil), w).publish()
			n := 0
			for b.Loop() {
				at := day(1, 1).Add(time.Duration(n) * time.Minute)
				if d, err := h.Earn(context.Background(), id("c", n%customers), payment(id("p", n), 10_00, at), at); err != nil || !d.Done {
					b.Fatal(d, err)
				}
				n++
			}
		})
	}
}
