package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// moody is a journal that refuses appends, loses them, loses only its word of them, and stores them later than it says;
// it keeps snapshots late and out of order.
type moody struct {
	storage.Journal
	late *sync.WaitGroup // what is stored later

	mu  sync.Mutex
	rng *rand.Rand
}

// draw is a number below n, and a short while.
func (m *moody) draw(n int) (int, time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rng.IntN(n), time.Duration(m.rng.IntN(2000)) * time.Microsecond
}

func (m *moody) Append(ctx context.Context, batches ...storage.Batch) ([]storage.Receipt, error) {
	mood, while := m.draw(14)
	switch mood {
	case 0:
		return nil, faulty.ErrRefused
	case 1:
		return nil, fmt.Errorf("%w: lost", storage.ErrUnknownOutcome)
	case 2:
		if _, err := m.Journal.Append(ctx, batches...); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: its word is lost", storage.ErrUnknownOutcome)
	case 3, 4:
		batches = clone(batches)
		m.late.Go(func() {
			time.Sleep(while)
			_, _ = m.Journal.Append(context.Background(), batches...) // it may have lost its race by now
		})
		return nil, fmt.Errorf("%w: late", storage.ErrUnknownOutcome)
	case 5:
		time.Sleep(while)
	}
	return m.Journal.Append(ctx, batches...)
}

// clone copies what the engine uses again after an append.
func clone(batches []storage.Batch) []storage.Batch {
	batches = slices.Clone(batches)
	for i := range batches {
		batches[i].Writes = slices.Clone(batches[i].Writes)
		for k := range batches[i].Writes {
			batches[i].Writes[k].Events = slices.Clone(batches[i].Writes[k].Events)
		}
	}
	return batches
}

func (m *moody) SaveSnapshot(ctx context.Context, s storage.Snapshot) error {
	mood, while := m.draw(2)
	if mood == 0 {
		return m.Journal.(storage.Snapshots).SaveSnapshot(ctx, s)
	}
	s.Data = bytes.Clone(s.Data)
	m.late.Go(func() {
		time.Sleep(while)
		_ = m.Journal.(storage.Snapshots).SaveSnapshot(context.Background(), s)
	})
	return nil
}

func (m *moody) LoadSnapshot(ctx context.Context, stream string) (storage.Snapshot, bool, error) {
	return m.Journal.(storage.Snapshots).LoadSnapshot(ctx, stream)
}

// TestChaos has callers change and move money through one to three engines with tiny caches, over one moody journal,
// with contexts that end at any moment, and ask each key until it has answered twice. The journal must tell one
// history in which each key stands once, and in which every answer is what the caller was told both times (E1 to E5).
func TestChaos(t *testing.T) {
	rounds, most := campaign.Size(2, 400), campaign.Size(0, time.Minute)
	for n, start := 0, time.Now(); n < rounds && (n < 2 || time.Since(start) < most) && !t.Failed(); n++ {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		newChaos(t, seed).run(t)
	}
}

// chaos is one round.
type chaos struct {
	seed    uint64
	store   *memory.Journal
	late    sync.WaitGroup
	engines []*engine.Engine
	repos   []*purses

	mu   sync.Mutex
	told map[string]chaosAnswer // by key
}

// chaosAnswer is what a caller was told: of a change, or of a transfer.
type chaosAnswer struct {
	transfer, paid bool
	change         purse.Answer
}

const chaosIDs, chaosCallers, chaosKeys = 4, 24, 25

func newChaos(t *testing.T, seed uint64) *chaos {
	c := &chaos{seed: seed, store: memory.New(nil), told: map[string]chaosAnswer{}}
	rng := rand.New(rand.NewPCG(seed, 0))
	o := &engine.Options{MaxAttempts: 2000, MaxGroup: 1 + rng.IntN(9), MaxInFlight: 16}
	ro := &engine.RepositoryOptions{CachedAggregates: 1 + rng.IntN(3), SnapshotEvery: 1 + rng.IntN(5)}
	for i := range 1 + rng.IntN(3) {
		j := &moody{Journal: c.store, late: &c.late, rng: rand.New(rand.NewPCG(seed, uint64(1+i)))}
		e, repo := openEngine(t, j, o, ro)
		c.engines, c.repos = append(c.engines, e), append(c.repos, repo)
	}
	return c
}

func (c *chaos) run(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a second would do
	defer cancel()
	var callers sync.WaitGroup
	for n := range chaosCallers {
		callers.Go(func() {
			rng := rand.New(rand.NewPCG(c.seed, uint64(100+n)))
			for i := range chaosKeys {
				if err := c.call(ctx, rng, fmt.Sprintf("%d-%d", n, i)); err != nil {
					t.Errorf("seed %d, key %d-%d: %v", c.seed, n, i, err)
					return
				}
			}
		})
	}
	callers.Wait()
	for _, e := range c.engines {
		if err := e.Close(ctx); err != nil {
			t.Errorf("seed %d: %v", c.seed, err)
		}
	}
	c.late.Wait()
	if err := c.check(t.Context()); err != nil && !t.Failed() {
		t.Errorf("seed %d: %v", c.seed, err)
	}
}

// call asks a random command, each time of any of the engines, until it was answered twice.
func (c *chaos) call(ctx context.Context, rng *rand.Rand, key string) error {
	from, by := rng.IntN(chaosIDs), int64(1+rng.IntN(100))
	to := (from + 1 + rng.IntN(chaosIDs-1)) % chaosIDs
	first := chaosAnswer{transfer: rng.IntN(2) == 0}
	if !first.transfer && rng.IntN(3) == 0 {
		by = -by
	}
	for answers := 0; answers < 2; {
		repo := c.repos[rng.IntN(len(c.repos))]
		short, cancel := ctx, context.CancelFunc(func() {})
		if rng.IntN(3) == 0 {
			short, cancel = context.WithTimeout(ctx, time.Duration(rng.IntN(1500))*time.Microsecond)
		}
		got, err := chaosAnswer{transfer: first.transfer}, error(nil)
		if got.transfer {
			m := transfer{ID: key, By: by, From: repo.Ref(fmt.Sprint(from)), To: repo.Ref(fmt.Sprint(to))}
			got.paid, err = engine.Atomically(short, key, []engine.Member{m.To, m.From}, m)
		} else {
			got.change, err = engine.Do(short, repo, fmt.Sprint(from), key, purse.Change{ID: key, By: by})
		}
		cancel()
		switch {
		case err == nil && answers > 0 && got != first:
			return fmt.Errorf("told %+v, then %+v", first, got)
		case err == nil:
			first = got
			answers++
		case ctx.Err() != nil || !excused(err):
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told[key] = first
	return nil
}

// excused says whether an error comes from the journal's moods or from the caller's own haste.
func excused(err error) bool {
	return errors.Is(err, faulty.ErrRefused) || errors.Is(err, storage.ErrUnknownOutcome) || errors.Is(err, context.DeadlineExceeded)
}

// check holds the journal against what the callers were told.
func (c *chaos) check(ctx context.Context) error {
	states := map[string]*purse.Purse{}
	events := map[string][]event.Data{} // by key
	key, codec := "", purse.Codec()
	for r, err := range c.store.All(ctx, 0) {
		if err != nil {
			return err
		}
		if r.Key != "" {
			key = r.Key
			if events[key] != nil {
				return fmt.Errorf("position %d: key %s stands twice", r.Position, key)
			}
		}
		d, err := codec.Decode(r.Event)
		if err != nil {
			return err
		}
		if states[r.Stream] == nil {
			states[r.Stream] = &purse.Purse{}
		}
		if err := states[r.Stream].Apply(d); err != nil {
			return fmt.Errorf("position %d: %w: decided on what is not the history", r.Position, err)
		}
		events[key] = append(events[key], d)
	}
	for key, told := range c.told {
		d := events[key]
		if told.transfer && (len(d) == 0 || (len(d) == 2) != told.paid) || !told.transfer && (purse.Change{}).Result(d) != told.change {
			return fmt.Errorf("key %s: told %+v, but the journal has %v", key, told, d)
		}
	}
	if len(events) != len(c.told) {
		return fmt.Errorf("%d keys are stored, %d were answered", len(events), len(c.told))
	}
	return nil
}
