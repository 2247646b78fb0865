package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
	"pgregory.net/rapid"
)

// TestModel runs random commands, retries, restarts and failing appends, one at a time, against a map of
// balances.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store := memory.New(nil)
		next := faulty.None
		j := &faulty.Journal{Journal: store, Next: func() faulty.Fault { f := next; next = faulty.None; return f }}
		ro := &engine.RepositoryOptions{
			CachedAggregates: rapid.IntRange(1, 3).Draw(t, "cache"),
			SnapshotEvery:    rapid.SampledFrom([]int{-1, 1, 3, 1000}).Draw(t, "snapshot every"),
		}
		e, repo := start(t, j, nil, ro)
		defer func() { _ = e.Close(context.Background()) }()

		balances := map[string]int64{}
		answers := map[string]purse.Answer{} // by id and key
		changes := map[string]purse.Change{}
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) {
				id := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "id")
				key := fmt.Sprint("k", rapid.IntRange(1, 40).Draw(t, "key"))
				by := int64(rapid.IntRange(-50, 50).Filter(func(n int) bool { return n != 0 }).Draw(t, "by"))
				next = rapid.SampledFrom([]faulty.Fault{faulty.None, faulty.None, faulty.Refused, faulty.LostUnstored, faulty.LostStored}).Draw(t, "fault")
				c := purse.Change{ID: key, By: by}
				got, err := engine.Do(context.Background(), repo, id, key, c)
				at := id + "/" + key
				before, known := changes[at]
				switch {
				case known && before != c:
					if !errors.Is(err, engine.ErrKeyReused) {
						t.Fatalf("%s again with %d for %d: got %+v, %v, want ErrKeyReused", at, by, before.By, got, err)
					}
				case known:
					if err != nil || got != answers[at] {
						t.Fatalf("%s again: got %+v, %v, want %+v", at, got, err, answers[at])
					}
				case err != nil:
					if !errors.Is(err, faulty.ErrRefused) || errors.Is(err, storage.ErrUnknownOutcome) {
						t.Fatalf("%s: got error %v", at, err)
					}
				default:
					want := purse.Answer{Balance: balances[id] + by}
					if want.Balance < 0 {
						want = purse.Answer{Refused: true, Balance: balances[id]}
					}
					if got != want {
						t.Fatalf("%s by %d: got %+v, want %+v", at, by, got, want)
					}
					balances[id], answers[at], changes[at] = want.Balance, want, c
				}
				next = faulty.None
			},
			"restart": func(t *rapid.T) {
				if err := e.Close(context.Background()); err != nil {
					t.Fatal(err)
				}
				e, repo = start(t, j, nil, ro)
			},
			"": func(t *rapid.T) {
				for id, want := range balances {
					err := engine.View(context.Background(), repo, id, func(p *purse.Purse) error {
						if p.Balance != want {
							t.Fatalf("%s: got balance %d, want %d", id, p.Balance, want)
						}
						return nil
					})
					if err != nil {
						t.Fatal(err)
					}
				}
			},
		})
	})
}

// TestManyCallers has 64 callers take from few purses through several engines over one journal that fails now
// and then. The journal must tell one history: each purse gave out what its answers say, never more than it
// had, and each key stands once.
func TestManyCallers(t *testing.T) {
	for _, row := range []struct {
		name    string
		engines int
		faults  bool
	}{
		{"one engine", 1, false}, {"one engine, failing journal", 1, true},
		{"three engines", 3, false}, {"three engines, failing journal", 3, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			store := memory.New(nil)
			var repos []*purses
			for i := range row.engines {
				rng := rand.New(rand.NewPCG(seed, uint64(i)))
				j := &faulty.Journal{Journal: store}
				if row.faults {
					j.Next = faulty.Sometimes(rng, 6, faulty.Refused, faulty.LostUnstored, faulty.LostStored)
				}
				repos = append(repos, open(t, j, &engine.Options{MaxGroup: 16, MaxAttempts: 1000}, &engine.RepositoryOptions{CachedAggregates: 3, SnapshotEvery: 20}))
			}
			manyCallers(t, repos, store, seed)
		})
	}
}

// manyCallers runs the callers and checks the history.
func manyCallers(t *testing.T, repos []*purses, store storage.Journal, seed uint64) {
	const ids, callers = 5, 64
	each := campaign.Size(40, 300)
	var mu sync.Mutex
	answers := map[string]purse.Answer{} // by stream and key
	var wg sync.WaitGroup
	for n := range callers {
		rng := rand.New(rand.NewPCG(seed, uint64(1000+n)))
		wg.Go(func() {
			for i := range each {
				id, by := fmt.Sprint(rng.IntN(ids)), int64(rng.IntN(200)-100)
				if by == 0 {
					by = 1
				}
				key := fmt.Sprintf("%d-%d", n, i)
				a, err := engine.Do(context.Background(), repos[rng.IntN(len(repos))], id, key, purse.Change{ID: key, By: by})
				for errors.Is(err, faulty.ErrRefused) || errors.Is(err, storage.ErrUnknownOutcome) {
					a, err = engine.Do(context.Background(), repos[rng.IntN(len(repos))], id, key, purse.Change{ID: key, By: by})
				}
				if err != nil {
					t.Errorf("caller %d: %v", n, err)
					return
				}
				mu.Lock()
				answers["purse/"+id+" "+key] = a
				mu.Unlock()
			}
		})
	}
	wg.Wait()

	found := 0
	states := map[string]*purse.Purse{}
	codec := purse.Codec()
	for r, err := range store.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		d, err := codec.Decode(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		p := states[r.Stream]
		if p == nil {
			p = &purse.Purse{}
			states[r.Stream] = p
		}
		if err := p.Apply(d); err != nil {
			t.Fatalf("position %d: %v: decided on what is not the history", r.Position, err)
		}
		want, ok := answers[r.Stream+" "+r.Key]
		if got := (purse.Change{}).Result([]event.Data{d}); !ok || got != want {
			t.Fatalf("position %d, key %s: the journal says %+v, the caller was told %+v (%v)", r.Position, r.Key, got, want, ok)
		}
		delete(answers, r.Stream+" "+r.Key) // so that a second one is found out
		found++
	}
	if len(answers) != 0 || found != callers*each {
		t.Errorf("got %d records, want %d; %d answers are not in the journal", found, callers*each, len(answers))
	}
}
