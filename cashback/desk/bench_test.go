package desk_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// BenchmarkStatement is a statement of the latter half of a customer's purchases, with all of its lines, in a stream of so many entries, each
// of them a purchase and its confirmation. It reports what is alive on the heap at the most while it is made and read, beside the journal
// itself, which is in memory.
func BenchmarkStatement(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 1_000_000} {
		if n == 1_000_000 && !campaign.Long() {
			continue
		}
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			w := &watch{Journal: history(b, n)}
			h := open(b, w, newWorld())
			until := day(1, 1).AddDate(0, 0, n/100-1) // all but its last day
			from := until.AddDate(0, 0, -n/200)
			b.ReportAllocs()
			for b.Loop() {
				readStatement(b, h, from, until, n)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/entry")
			w.before, w.every = alive(), n/10
			readStatement(b, h, from, until, n)
			b.ReportMetric(float64(max(w.most, w.before)-w.before)/1024, "peak-KiB")
		})
	}
}

// readStatement makes a statement and reads its lines.
func readStatement(b *testing.B, h *house, from, until time.Time, n int) {
	s, err := h.Statement(context.Background(), "anna", from, until)
	if err != nil {
		b.Fatal(err)
	}
	lines := 0
	for _, err := range s.Lines(context.Background()) {
		if err != nil {
			b.Fatal(err)
		}
		lines++
	}
	if lines != s.Count || lines < n/2 {
		b.Fatal(lines, s.Count)
	}
}

// history is a journal of one customer with so many purchases of ten cents' reward, a hundred a day, each of which is confirmed at once.
func history(b *testing.B, n int) storage.Journal {
	b.Helper()
	program := partners(func(s *cashback.Spec) {
		s.Rules, s.Groups, s.Budgets, s.PayoutThreshold = s.Rules[:1], s.Groups[:1], nil, eur(1<<50)
	})
	first, err := cashback.Earn{At: day(1, 1), Program: program, Purchase: payment("p", 20_00, day(1, 1)).Purchase}.Decide(cashback.NewRewards("anna"))
	if err != nil {
		b.Fatal(err)
	}
	j, codec := memory.New(&memory.Options{MaxBytes: 8 << 30}), cashback.Codec()
	earned := first[1].(cashback.Earned) // after the TermsTaken
	facts := first[:1]
	var batches []storage.Batch
	version := storage.Version(0)
	for i := range n {
		earned.At = day(1, 1).Add(time.Duration(i) * (24 * time.Hour / 100))
		earned.Purchase.ID, earned.Purchase.At, earned.RefundUntil = id("p", i), earned.At, earned.At.AddDate(0, 0, 180)
		facts = append(facts, earned, cashback.Confirmed{At: earned.At, Purchase: earned.Purchase.ID, Amount: earned.Reward, By: cashback.ByDelay})
		w := storage.Write{Stream: "rewards/anna", Expect: version}
		for _, f := range facts {
			e, err := codec.Encode(f)
			if err != nil {
				b.Fatal(err)
			}
			w.Events = append(w.Events, e)
		}
		version, facts = version+storage.Version(len(facts)), facts[:0]
		batches = append(batches, storage.Batch{Key: earned.Purchase.ID, Writes: []storage.Write{w}})
		if len(batches) < 1_000 && i < n-1 {
			continue
		}
		receipts, err := j.Append(context.Background(), batches...)
		if err == nil {
			err = receipts[len(receipts)-1].Err
		}
		if err != nil {
			b.Fatal(err)
		}
		batches = batches[:0]
	}
	return j
}

// watch is a journal that looks at what is alive on the heap each time so many records of a stream were read, while nothing else runs.
type watch struct {
	storage.Journal
	every        int // 0: never
	before, most uint64
}

func (w *watch) Stream(ctx context.Context, id string, after storage.Version) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		n := 0
		for r, err := range w.Journal.Stream(ctx, id, after) {
			if n++; w.every > 0 && n%w.every == 0 {
				w.most = max(w.most, alive())
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func alive() uint64 {
	runtime.GC()
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
