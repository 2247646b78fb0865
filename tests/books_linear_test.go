package tests

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// paying is what is asked of one account: money in, out, out at most, or held. Told is what came of it.
type (
	paying struct {
		what  string
		minor int64
	}
	payingTold struct {
		unknown bool
		moved   int64 // 0: it was refused
		left    int64 // what was available, if it was refused
	}
)

// availableModel is what an account has available, in the dumbest way.
func availableModel() porcupine.Model {
	model := porcupine.NondeterministicModel{
		Init: func() []any { return []any{int64(0)} },
		Step: func(state, input, output any) []any {
			s, in, out := state.(int64), input.(paying), output.(payingTold)
			after, moved := s-in.minor, in.minor
			switch {
			case in.what == "in":
				after = s + in.minor
			case in.what == "at most" && s > 0 && s < in.minor:
				after, moved = 0, s
			case s < in.minor:
				after, moved = s, 0
			}
			switch {
			case out.unknown:
				return []any{s, after}
			case out.moved != moved || moved == 0 && out.left != s:
				return nil
			}
			return []any{after}
		},
		Equal: func(a, b any) bool { return a == b },
	}
	return model.ToModel()
}

// TestBooksLinearisable lets few callers pay to and from one account, and checks that what they were told of the amount available
// could have been told one after the other: with one engine and with two, with appends that fail, and some whose outcome is lost.
func TestBooksLinearisable(t *testing.T) {
	all := []faulty.Fault{faulty.Refused, faulty.LostStored, faulty.LostUnstored}
	for _, row := range []struct {
		name    string
		engines int
		faults  []faulty.Fault
	}{{"one engine", 1, nil}, {"one engine, all faults", 1, all}, {"two engines", 2, nil}, {"two engines, all faults", 2, all}} {
		t.Run(row.name, func(t *testing.T) {
			for range campaign.Size(15, 100) {
				seed := rand.Uint64()
				history := payingHistory(t, row.engines, row.faults, seed)
				if result := porcupine.CheckOperationsTimeout(availableModel(), history, 30*time.Second); result != porcupine.Ok {
					t.Fatalf("seed %d: %s: %+v", seed, result, history)
				}
			}
		})
	}
}

// TestBooksLinearCheckCanFail gives the checker a history that no order explains: 60 of 100 are taken twice.
func TestBooksLinearCheckCanFail(t *testing.T) {
	both := []porcupine.Operation{
		{ClientId: 0, Input: paying{"in", 100}, Call: 0, Output: payingTold{moved: 100}, Return: 5},
		{ClientId: 1, Input: paying{"out", 60}, Call: 6, Output: payingTold{moved: 60}, Return: 10},
		{ClientId: 2, Input: paying{"out", 60}, Call: 6, Output: payingTold{moved: 60}, Return: 10},
	}
	if porcupine.CheckOperations(availableModel(), both) {
		t.Error("60 of 100, twice: the checker found an order")
	}
	both[2].Output = payingTold{left: 40}
	if !porcupine.CheckOperations(availableModel(), both) {
		t.Error("the second refused with 40 left: the checker found no order")
	}
}

// payingHistory lets callers pay, and returns what each asked and was told, and when.
func payingHistory(t *testing.T, engines int, faults []faulty.Fault, seed uint64) []porcupine.Operation {
	t.Helper()
	const callers, each = 6, 5
	store := memory.New(nil)
	var all []*books.Books
	for i := range engines {
		next := faulty.Sometimes(rand.New(rand.NewPCG(seed, uint64(i))), 4, faults...)
		all = append(all, openBooks(t, &faulty.Journal{Journal: store, Next: next}, &books.Options{MaxAhead: -1, SnapshotEvery: 5}))
	}
	setup := openBooks(t, store, nil)
	for id, terms := range map[string]ledger.Terms{
		"cash": {Type: ledger.Asset, Currency: money.EUR, Unconstrained: true},
		"anna": {Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{Overdraft: ledger.NoOverdraft}},
	} {
		if d, err := setup.Open(context.Background(), id, "open", ledger.Open{At: rushNoon, Terms: terms}); err != nil || !d.Done() {
			t.Fatal(d, err)
		}
	}
	var clock atomic.Int64
	var mu sync.Mutex
	var history []porcupine.Operation
	var wg sync.WaitGroup
	for n := range callers {
		rng := rand.New(rand.NewPCG(seed, uint64(100+n)))
		wg.Go(func() {
			for i := range each {
				in := paying{[]string{"in", "out", "at most", "held"}[rng.IntN(4)], 1 + rng.Int64N(40)}
				call := clock.Add(1)
				out := payAs(t, all[rng.IntN(len(all))], fmt.Sprintf("%d-%d", n, i), in, rng)
				end := clock.Add(1)
				if out.unknown {
					end = 1 << 60 // it may still come true
				}
				mu.Lock()
				history = append(history, porcupine.Operation{ClientId: n, Input: in, Call: call, Output: out, Return: end})
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if _, err := ledger.Check(store.All(context.Background(), 0)); err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
	return history
}

// payAs asks until there is an answer, or the caller's patience ends.
func payAs(t *testing.T, b *books.Books, id string, in paying, rng *rand.Rand) payingTold {
	post := ledger.Post{ID: id, At: rushNoon, Value: rushToday, Legs: ledger.Move("anna", "cash", rushEUR(in.minor)), AtMost: in.what == "at most"}
	var c ledger.Command = post
	switch in.what {
	case "in":
		post.Legs = ledger.Move("cash", "anna", rushEUR(in.minor))
		c = post
	case "held":
		c = ledger.Hold(post)
	}
	for {
		ctx, cancel := context.WithCancel(context.Background())
		if rng.IntN(10) == 0 {
			cancel() // sometimes before the answer can come
		}
		d, err := b.Do(ctx, c)
		cancel()
		switch {
		case err == nil && d.Done():
			return payingTold{moved: d.Legs[0].Amount.Minor()}
		case err == nil && (d.Reason == ledger.OverdraftExceeded || d.Reason == ledger.NothingAvailable):
			return payingTold{left: d.Available.Minor()}
		case err == nil:
			t.Errorf("%+v: got %+v", in, d)
			return payingTold{unknown: true}
		case !errors.Is(err, faulty.ErrRefused) && !errors.Is(err, storage.ErrUnknownOutcome) && !errors.Is(err, storage.ErrConflict) &&
			!errors.Is(err, context.Canceled):
			t.Errorf("%+v: %v", in, err)
			return payingTold{unknown: true}
		case errors.Is(err, storage.ErrUnknownOutcome) && rng.IntN(2) == 0:
			return payingTold{unknown: true}
		}
	}
}
