package backtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// Law B2: however many accounts come by, there are places for no more than may hold something and a sixteenth, and one that
// is free keeps no meter.
func TestPlacesAreUsedAgain(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "day", Max: money.New(100, money.EUR), Window: cap.Rolling(24 * time.Hour)}},
		&cap.PolicyOptions{Lateness: time.Hour})
	r, err := newRun([]Candidate{{Policy: p}, {Policy: p}}, &Options{MaxAccounts: 64})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		r.position++
		a := Attempt{Account: fmt.Sprint(i), Spend: cap.Spend{ID: "a", At: micros(int64(i) * time.Hour.Microseconds()), Amount: money.New(1, money.EUR)}}
		if err := r.take(&a); err != nil {
			t.Fatal(err)
		}
		if len(r.accounts) > 64+4 || len(r.numbers)+len(r.free) != len(r.accounts) || len(r.meters) != 2*len(r.accounts) {
			t.Fatalf("after %d: %d places, %d used, %d free, %d meters", i, len(r.accounts), len(r.numbers), len(r.free), len(r.meters))
		}
		for _, n := range r.free {
			if m := r.metersOf(n); r.accounts[n] != (account{}) || m[0].meter != nil || m[1].meter != nil {
				t.Fatalf("after %d: place %d is free, and keeps %+v", i, n, m)
			}
		}
	}
	if r.gone == 0 || r.met != 1000 || int64(len(r.numbers)) != r.met-r.gone {
		t.Errorf("%d met, %d let go, %d known", r.met, r.gone, len(r.numbers))
	}
}
