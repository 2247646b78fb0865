package tests

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// CréditRama's cap of 300.00 in seven days stood in a document that two services wrote to. Each test here is one of the
// ways in which that went wrong, and does what went wrong there.

var tellerPolicy = cap.MustPolicy(money.EUR, []cap.Limit{
	{Name: "week", Max: money.New(300_00, money.EUR), Window: cap.Rolling(7 * 24 * time.Hour)},
}, nil)

var tellerEpoch = time.Date(2019, 11, 8, 9, 0, 0, 0, time.UTC)

// tellers is a new engine on a journal, as a process has after it started.
func tellers(t *testing.T, j storage.Journal) *engine.Repository[*cap.Meter] {
	t.Helper()
	e, err := engine.New(j, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	repo, err := engine.NewRepository(e, engine.Kind[*cap.Meter]{
		Name: "cap", Codec: cap.Codec(), New: func(string) *cap.Meter { return cap.NewMeter(tellerPolicy) },
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

func spendOf(id string, after time.Duration, minor int64) cap.Authorize {
	return cap.Authorize{ID: id, At: tellerEpoch.Add(after), Amount: money.New(minor, money.EUR)}
}

// payFor asks for one payment, under the key of its id.
func payFor(t *testing.T, repo *engine.Repository[*cap.Meter], account string, s cap.Authorize) (cap.Decision, error) {
	t.Helper()
	return engine.Do(t.Context(), repo, account, s.ID, s)
}

func mustPay(t *testing.T, repo *engine.Repository[*cap.Meter], account string, s cap.Authorize) cap.Decision {
	t.Helper()
	d, err := payFor(t, repo, account, s)
	if err != nil {
		t.Fatalf("%s: %v", s.ID, err)
	}
	return d
}

// 1. Check, then act: 100 payments of 100.00 at a time found room, one after the other, before any was written down.
func TestCreditRama1CheckThenAct(t *testing.T) {
	repo := tellers(t, memory.New(nil))
	var accepted atomic.Int64
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			d, err := payFor(t, repo, "acc", spendOf(fmt.Sprint("p", i), 0, 100_00))
			if err != nil {
				t.Error(err)
			}
			if d.Approved() {
				accepted.Add(1)
			}
		})
	}
	wg.Wait()
	if got := accepted.Load(); got != 3 {
		t.Errorf("got %d payments of 100.00 accepted under a cap of 300.00, want 3", got)
	}
}

// 2. A cap computed from old data was set over payments that were under way: 490.00 could be spent under 300.00. Here what
// leaves the window is worked out from the payments themselves, in whatever order they come.
func TestCreditRama2StaleRefresh(t *testing.T) {
	repo := tellers(t, memory.New(nil))
	const day = 24 * time.Hour
	mustPay(t, repo, "acc", spendOf("old", 0, 110_00))
	mustPay(t, repo, "acc", spendOf("under way", 7*day-time.Hour, 190_00))
	if d := mustPay(t, repo, "acc", spendOf("next", 7*day, 300_00)); d.Approved() || d.Limit(0).Remaining() != money.New(110_00, money.EUR) {
		t.Errorf("got %v, want 110.00 remaining when the old 110.00 has left", d)
	}
	if d := mustPay(t, repo, "acc", spendOf("late", 7*day-2*time.Hour, 110_01)); d.Approved() {
		t.Errorf("got %v, want a late payment checked against the window that it would fill", d)
	}
	if d := mustPay(t, repo, "acc", spendOf("rest", 7*day, 110_00)); !d.Approved() || d.Limit(0).Remaining() != money.New(0, money.EUR) {
		t.Errorf("got %v, want exactly 110.00 more", d)
	}
}

// 3. After a restart, or when the cache had lost an account, the cap was the whole 300.00 again.
func TestCreditRama3Restart(t *testing.T) {
	j := memory.New(nil)
	mustPay(t, tellers(t, j), "acc", spendOf("before", 0, 290_00))
	d := mustPay(t, tellers(t, j), "acc", spendOf("after", time.Hour, 20_00))
	if d.Approved() || d.Limit(0).Remaining() != money.New(10_00, money.EUR) {
		t.Errorf("got %v after a restart, want 10.00 remaining", d)
	}
}

// 4. A payment was answered as validated although it could not be written down; and a client who asked again paid twice.
func TestCreditRama4LostWrites(t *testing.T) {
	down := faulty.Refused
	j := &faulty.Journal{Journal: memory.New(nil), Next: func() faulty.Fault { return down }}
	repo := tellers(t, j)
	s := spendOf("p", 0, 200_00)
	if d, err := payFor(t, repo, "acc", s); err == nil || d.Approved() {
		t.Errorf("got %v, %v while nothing can be written, want an error and no approval", d, err)
	}
	down = faulty.LostStored // it is written, and the answer gets lost
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	_, err := engine.Do(ctx, repo, "acc", s.ID, s)
	cancel()
	down = faulty.None
	d := mustPay(t, repo, "acc", s)
	again := mustPay(t, repo, "acc", s)
	if !d.Approved() || !again.Equal(d) || d.Limit(0).Used != money.New(200_00, money.EUR) {
		t.Errorf("got %v, then %v (%v in between), want the same payment counted once", d, again, err)
	}
	if d := mustPay(t, repo, "acc", spendOf("q", time.Hour, 100_00)); !d.Approved() {
		t.Errorf("got %v, want the other 100.00", d)
	}
	if _, err := engine.Do(t.Context(), repo, "acc", s.ID, spendOf("p", 0, 1)); !errors.Is(err, engine.ErrKeyReused) {
		t.Errorf("the same key for another payment: got %v, want ErrKeyReused", err)
	}
}

// 5. Nothing was ever given back; amounts were 32 bits without a currency; a date that could not be read became now.
func TestCreditRama5NothingGivenBack(t *testing.T) {
	repo := tellers(t, memory.New(nil))
	mustPay(t, repo, "acc", spendOf("p", 0, 300_00))
	if d, err := engine.Do(t.Context(), repo, "acc", "undo p", cap.Reverse{ID: "p", At: tellerEpoch}); err != nil || d.Limit(0).Remaining() != money.New(300_00, money.EUR) {
		t.Errorf("reversed: got %v %v, want all the room back", d, err)
	}
	large := money.New(5_000_000_000_00, money.EUR) // 2^38: wraps in 32 bits
	if d := mustPay(t, repo, "acc", cap.Authorize{ID: "large", At: tellerEpoch, Amount: large}); d.Approved() || d.Reason() != cap.AmountLimitExceeded {
		t.Errorf("large: got %v, want amount_limit_exceeded", d)
	}
	if _, err := payFor(t, repo, "acc", cap.Authorize{ID: "dollars", At: tellerEpoch, Amount: money.New(1, money.USD)}); !errors.Is(err, money.ErrCurrencyMismatch) {
		t.Errorf("dollars: got %v, want ErrCurrencyMismatch", err)
	}
	if _, err := payFor(t, repo, "acc", cap.Authorize{ID: "undated", Amount: money.New(1, money.EUR)}); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("undated: got %v, want ErrInvalid", err)
	}
}

// 6. A job read seven days of every account's payments every five seconds, and caps were out of date in between. Here
// nothing runs: room is back at the very instant, and a decision allocates nothing whatever the account holds.
func TestCreditRama6NoJob(t *testing.T) {
	const payments = 20_000
	m := cap.NewMeter(tellerPolicy)
	at := tellerEpoch
	for range payments {
		at = at.Add(25 * time.Second)
		if _, err := m.Authorize(cap.Spend{ID: "p", At: at, Amount: money.New(1, money.EUR)}); err != nil {
			t.Fatal(err)
		}
	}
	room, err := m.RoomFor(money.New(300_00, money.EUR), at, nil)
	if err != nil || !room.At.Equal(at.Add(7*24*time.Hour)) {
		t.Errorf("got room for all at %v %v, want exactly seven days later", room, err)
	}
	if got := testing.AllocsPerRun(1000, func() {
		at = at.Add(25 * time.Second)
		if outcome, _, err := m.Allow(cap.Spend{ID: "p", At: at, Amount: money.New(1, money.EUR)}); err != nil || outcome != cap.Approved {
			t.Fatal(outcome, err)
		}
	}); got != 0 {
		t.Errorf("got %v allocations for a decision among %d payments, want none", got, payments)
	}
}
