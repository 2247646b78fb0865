package books_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/memory"
)

func BenchmarkZZ(b *testing.B) {
	bk := open(b, memory.New(nil), nil)
	lim := ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{Overdraft: ledger.LimitedOverdraft, OverdraftLimit: money.New(1<<40, money.EUR)}}
	var ids []string
	for i := range 1000 {
		ids = append(ids, fmt.Sprintf("account-%06d", i))
		if _, err := bk.Open(context.Background(), ids[i], "open", ledger.Open{At: noon, Terms: lim}); err != nil {
			b.Fatal(err)
		}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range 64 {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				d, err := bk.Do(context.Background(), ledger.Post{ID: fmt.Sprintf("pay-%012d", i), At: noon, Value: today, Legs: ledger.Move(ids[i%1000], ids[(i*7+1)%1000], eur(1234))})
				if err != nil || !d.Done() {
					b.Error(d, err)
				}
			}
		})
	}
	wg.Wait()
}
