package tests

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
	"github.com/payrules/payrules/storage/pebble"
)

const (
	linearWindow = 5 * time.Second
	linearMax    = 100_00
)

var linearEpoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// asked is an authorisation, told what an answer it got.
type asked struct {
	id     string
	at     int // seconds after the epoch
	amount int64
}

type told int

const (
	refused told = iota
	approved
	unknown // no answer came: it may have been decided or not
)

// capModel is one account under a rolling cap, in the dumbest way: the state lists the spends as text, sorted, and
// each spend is tried against every position of the window that contains it.
func capModel() porcupine.Model {
	fits := func(state string, a asked) bool {
		for u := a.at; u < a.at+int(linearWindow/time.Second); u++ {
			sum := a.amount
			for _, spend := range strings.Fields(state) {
				var at int
				var amount int64
				if _, err := fmt.Sscanf(spend, "%d:%d", &at, &amount); err != nil {
					panic(err)
				}
				if at <= u && at > u-int(linearWindow/time.Second) {
					sum += amount
				}
			}
			if sum > linearMax {
				return false
			}
		}
		return true
	}
	step := func(state, input, output any) []any {
		s, a := state.(string), input.(asked)
		after := s
		answer := refused
		if fits(s, a) {
			spends := append(strings.Fields(s), fmt.Sprintf("%d:%d", a.at, a.amount))
			slices.Sort(spends)
			after, answer = strings.Join(spends, " "), approved
		}
		switch output.(told) {
		case unknown:
			return []any{s, after}
		case answer:
			return []any{after}
		}
		return nil
	}
	model := porcupine.NondeterministicModel{
		Init:  func() []any { return []any{""} },
		Step:  step,
		Equal: func(a, b any) bool { return a == b },
	}
	return model.ToModel()
}

// TestLinearisable runs few callers against one card through the engine, and checks that the answers could have been
// given one after the other: with a journal that refuses now and then, with one that does not say what became of an
// append, with two engines over one journal, and with all of it.
func TestLinearisable(t *testing.T) {
	histories := campaign.Size(20, 300)
	for _, row := range []struct {
		name    string
		engines int
		faults  []faulty.Fault
	}{
		{"one engine", 1, nil},
		{"appends fail", 1, []faulty.Fault{faulty.Refused}},
		{"outcomes unknown", 1, []faulty.Fault{faulty.LostStored, faulty.LostUnstored}},
		{"two engines", 2, nil},
		{"two engines, all faults", 2, []faulty.Fault{faulty.Refused, faulty.LostStored, faulty.LostUnstored}},
	} {
		t.Run(row.name, func(t *testing.T) {
			for range histories {
				seed := rand.Uint64()
				history := linearHistory(t, memory.New(nil), row.engines, row.faults, seed)
				if result := porcupine.CheckOperationsTimeout(capModel(), history, 30*time.Second); result != porcupine.Ok {
					t.Fatalf("seed %d: %s: %+v", seed, result, history)
				}
			}
		})
	}
	t.Run("over pebble", func(t *testing.T) {
		for range histories / 10 {
			j, err := pebble.Open(t.TempDir(), nil)
			if err != nil {
				t.Fatal(err)
			}
			seed := rand.Uint64()
			history := linearHistory(t, j, 2, []faulty.Fault{faulty.LostStored}, seed)
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if result := porcupine.CheckOperationsTimeout(capModel(), history, 30*time.Second); result != porcupine.Ok {
				t.Fatalf("seed %d: %s: %+v", seed, result, history)
			}
		}
	})
}

// TestLinearCheckCanFail gives the checker a history that no order explains: two spends that do not fit together, both
// approved.
func TestLinearCheckCanFail(t *testing.T) {
	both := []porcupine.Operation{
		{ClientId: 0, Input: asked{"a", 0, 60_00}, Call: 0, Output: approved, Return: 10},
		{ClientId: 1, Input: asked{"b", 4, 60_00}, Call: 5, Output: approved, Return: 15},
	}
	if porcupine.CheckOperations(capModel(), both) {
		t.Error("60.00 and 60.00 within five seconds, cap 100.00: the checker found an order")
	}
	both[1].Output = unknown
	if !porcupine.CheckOperations(capModel(), both) {
		t.Error("the second without an answer: the checker found no order")
	}
}

// linearHistory lets callers authorise on one card through engines over one store, and returns what each asked and
// was told, and when. Some give up when they get no answer; then their question stays open to the end.
func linearHistory(t *testing.T, store storage.Journal, engines int, faults []faulty.Fault, seed uint64) []porcupine.Operation {
	t.Helper()
	const callers, each = 6, 5
	policy, err := cap.NewPolicy(money.EUR, []cap.Limit{
		{Name: "5s", Max: money.New(linearMax, money.EUR), Window: cap.Rolling(linearWindow)},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var repos []*engine.Repository[*cap.Meter]
	for i := range engines {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		j := &faulty.Journal{Journal: store, Next: faulty.Sometimes(rng, 4, faults...)}
		e, err := engine.New(j, &engine.Options{MaxGroup: 4})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := e.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		repo, err := engine.NewRepository(e, engine.Kind[*cap.Meter]{
			Name: "cap", Codec: cap.Codec(), New: func(string) *cap.Meter { return cap.NewMeter(policy) },
		}, &engine.RepositoryOptions{SnapshotEvery: 7})
		if err != nil {
			t.Fatal(err)
		}
		repos = append(repos, repo)
	}

	var clock atomic.Int64
	var mu sync.Mutex
	var history []porcupine.Operation
	var wg sync.WaitGroup
	for n := range callers {
		rng := rand.New(rand.NewPCG(seed, uint64(100+n)))
		wg.Go(func() {
			for i := range each {
				a := asked{fmt.Sprintf("%d-%d", n, i), rng.IntN(12), int64(1+rng.IntN(60)) * 100}
				call := clock.Add(1)
				answer := ask(t, repos[rng.IntN(len(repos))], a, rng)
				end := clock.Add(1)
				if answer == unknown {
					end = 1 << 60 // it may still come true
				}
				mu.Lock()
				history = append(history, porcupine.Operation{ClientId: n, Input: a, Call: call, Output: answer, Return: end})
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return history
}

// ask asks until there is an answer, or the caller's patience ends.
func ask(t *testing.T, repo *engine.Repository[*cap.Meter], a asked, rng *rand.Rand) told {
	for {
		ctx, cancel := context.WithCancel(context.Background())
		if rng.IntN(10) == 0 {
			cancel() // sometimes before the answer can come
		}
		d, err := engine.Do(ctx, repo, "card", a.id, cap.Authorize{
			ID: a.id, At: linearEpoch.Add(time.Duration(a.at) * time.Second), Amount: money.New(a.amount, money.EUR),
		})
		cancel()
		switch {
		case err == nil && d.Approved():
			return approved
		case err == nil && d.Reason() == cap.AmountLimitExceeded:
			return refused
		case err == nil:
			t.Errorf("%+v: got %v", a, d)
			return unknown
		case !errors.Is(err, faulty.ErrRefused) && !errors.Is(err, storage.ErrUnknownOutcome) && !errors.Is(err, context.Canceled):
			t.Errorf("%+v: %v", a, err)
			return unknown
		case errors.Is(err, storage.ErrUnknownOutcome) && rng.IntN(2) == 0:
			return unknown
		}
	}
}
