package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// transfer moves an amount between two purses; a refusal is kept with the payer alone.
type transfer struct {
	ID       string
	By       int64
	From, To engine.Ref[*purse.Purse] `json:"-"`
}

func (m transfer) out() purse.Change { return purse.Change{ID: m.ID, By: -m.By} }
func (m transfer) in() purse.Change  { return purse.Change{ID: m.ID, By: m.By} }

func (m transfer) Decide(tx *engine.Tx) error {
	if _, err := engine.Stage(tx, m.To, m.in()); err != nil {
		return err
	}
	paid, err := engine.Stage(tx, m.From, m.out())
	if err != nil || !paid.Refused {
		return err
	}
	return engine.Drop(tx, m.To)
}

func (m transfer) Result(d engine.Decided) bool {
	return !engine.ResultOf(d, m.From, m.out()).Refused
}

func move(repo *purses, key, from, to string, by int64) (bool, error) {
	m := transfer{ID: key, By: by, From: repo.Ref(from), To: repo.Ref(to)}
	return engine.Atomically(context.Background(), key, []engine.Member{m.To, m.From}, m)
}

func TestTransferStory(t *testing.T) {
	j := memory.New(nil)
	repo := open(t, j, nil, nil)
	do(t, repo, "anna", "fill", 100)
	for _, row := range []struct {
		key        string
		by         int64
		paid       bool
		anna, bert int64
		head       storage.Position
	}{
		{"rent", 60, true, 40, 60, 3},
		{"car", 60, false, 40, 60, 4}, // the refusal is one event, with the payer
		{"rent", 60, true, 40, 60, 4}, // replays
		{"car", 60, false, 40, 60, 4},
		{"rest", 40, true, 0, 100, 6},
	} {
		paid, err := move(repo, row.key, "anna", "bert", row.by)
		if err != nil || paid != row.paid {
			t.Errorf("%s: got %v, %v, want %v", row.key, paid, err, row.paid)
		}
		if a, b := balance(t, repo, "anna"), balance(t, repo, "bert"); a != row.anna || b != row.bert {
			t.Errorf("%s: got %d and %d, want %d and %d", row.key, a, b, row.anna, row.bert)
		}
		if got := head(t, j); got != row.head {
			t.Errorf("%s: got head %d, want %d", row.key, got, row.head)
		}
	}
	if _, err := move(repo, "rent", "anna", "bert", 61); !errors.Is(err, engine.ErrKeyReused) {
		t.Errorf("same key, other content: got %v, want ErrKeyReused", err)
	}
	if _, err := move(repo, "rent", "carl", "bert", 60); !errors.Is(err, engine.ErrKeyReused) {
		t.Errorf("same key, other refs: got %v, want ErrKeyReused", err)
	}
	again := open(t, j, nil, nil)
	if paid, err := move(again, "car", "anna", "bert", 60); err != nil || paid {
		t.Errorf("another engine: got %v, %v, want the refusal of then", paid, err)
	}
}

// fee charges a purse and books it to one that nothing constrains.
type fee struct {
	By    int64
	Payer engine.Ref[*purse.Purse] `json:"-"`
	Bank  engine.Ref[*purse.Purse] `json:"-"`
	Only  bool
}

func (f fee) Decide(tx *engine.Tx) error {
	if !f.Only {
		if _, err := engine.Stage(tx, f.Payer, purse.Change{By: -f.By}); err != nil {
			return err
		}
	}
	_, err := engine.Stage(tx, f.Bank, purse.Change{By: f.By})
	return err
}

func (f fee) Result(d engine.Decided) int { return len(d.Of(f.Payer)) + len(d.Of(f.Bank)) }

func TestAnyRef(t *testing.T) {
	j := memory.New(nil)
	repo := open(t, j, nil, nil)
	do(t, repo, "anna", "fill", 10)
	f := fee{By: 3, Payer: repo.Ref("anna"), Bank: repo.AnyRef("bank")}
	for range 2 {
		if n, err := engine.Atomically(t.Context(), "fee", []engine.Member{f.Bank, f.Payer}, f); err != nil || n != 2 {
			t.Errorf("got %d, %v, want 2 events", n, err)
		}
	}
	if got := head(t, j); got != 3 {
		t.Errorf("got head %d, want 3", got)
	}
	f.Only = true
	if _, err := engine.Atomically(t.Context(), "only", []engine.Member{f.Bank, f.Payer}, f); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("decided for an AnyRef only: got %v, want ErrInvalid", err)
	}
}

// txFunc is a transaction made of a function, to try what is refused.
type txFunc struct {
	do func(tx *engine.Tx) error
}

func (f txFunc) Decide(tx *engine.Tx) error   { return f.do(tx) }
func (f txFunc) Result(engine.Decided) bool   { return true }
func (f txFunc) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

func TestTransactionMisuse(t *testing.T) {
	j := memory.New(nil)
	_, repo := openEngine(t, j, nil, nil)
	_, other := openEngine(t, j, nil, nil)
	a, b := repo.Ref("a"), repo.Ref("b")
	stage := func(tx *engine.Tx, r engine.Ref[*purse.Purse]) error {
		_, err := engine.Stage(tx, r, purse.Change{By: 1})
		return err
	}
	boom := errors.New("boom")
	for name, row := range map[string]struct {
		refs []engine.Member
		do   func(tx *engine.Tx) error
		want error
	}{
		"no refs":         {nil, nil, engine.ErrInvalid},
		"twice":           {[]engine.Member{a, a}, nil, engine.ErrInvalid},
		"other engine":    {[]engine.Member{a, other.Ref("b")}, nil, engine.ErrInvalid},
		"zero ref":        {[]engine.Member{engine.Ref[*purse.Purse]{}}, nil, engine.ErrInvalid},
		"bad id":          {[]engine.Member{repo.Ref("")}, nil, engine.ErrInvalid},
		"not one of them": {[]engine.Member{a}, func(tx *engine.Tx) error { return stage(tx, b) }, engine.ErrInvalid},
		"drop of another": {[]engine.Member{a}, func(tx *engine.Tx) error { return engine.Drop(tx, b) }, engine.ErrInvalid},
		"two commands":    {[]engine.Member{a}, func(tx *engine.Tx) error { return errors.Join(stage(tx, a), stage(tx, a)) }, engine.ErrInvalid},
		"peek at any": {[]engine.Member{repo.AnyRef("a")}, func(tx *engine.Tx) error {
			return engine.Peek(tx, repo.AnyRef("a"), func(*purse.Purse) error { return nil })
		}, engine.ErrInvalid},
		"its own error": {[]engine.Member{a, b}, func(tx *engine.Tx) error { return errors.Join(stage(tx, a), boom) }, boom},
		"nothing":       {[]engine.Member{a, b}, func(tx *engine.Tx) error { return nil }, nil},
		"only a look": {[]engine.Member{a, b}, func(tx *engine.Tx) error {
			return engine.Peek(tx, a, func(p *purse.Purse) error {
				if p.Balance != 0 {
					return boom
				}
				return nil
			})
		}, nil},
		"dropped": {[]engine.Member{a, b}, func(tx *engine.Tx) error { return errors.Join(stage(tx, a), engine.Drop(tx, a)) }, nil},
	} {
		if _, err := engine.Atomically(t.Context(), "k", row.refs, txFunc{row.do}); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", name, err, row.want)
		}
	}
	if got := head(t, j); got != 0 {
		t.Errorf("got head %d, want 0", got)
	}
}

// TestTransfersConserve has 64 callers move money in rings between five purses, through two engines over a
// failing journal: none is locked out, nothing is made or lost.
func TestTransfersConserve(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	const ids, callers, fill = 5, 64, 1000
	each := campaign.Size(20, 150)
	store := memory.New(nil)
	var repos []*purses
	for i := range 2 {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		j := &faulty.Journal{Journal: store, Next: faulty.Sometimes(rng, 10, faulty.Refused, faulty.LostUnstored, faulty.LostStored)}
		repos = append(repos, open(t, j, &engine.Options{MaxAttempts: 1000, MaxGroup: 8}, &engine.RepositoryOptions{CachedAggregates: 2, SnapshotEvery: 50}))
	}
	for id := range ids {
		for {
			_, err := engine.Do(t.Context(), repos[0], fmt.Sprint(id), "fill", purse.Change{ID: "fill", By: fill})
			if err == nil {
				break
			}
		}
	}
	var wg sync.WaitGroup
	for n := range callers {
		rng := rand.New(rand.NewPCG(seed, uint64(100+n)))
		wg.Go(func() {
			for i := range each {
				from, step := rng.IntN(ids), 1+rng.IntN(ids-1)
				key, by := fmt.Sprintf("%d-%d", n, i), int64(1+rng.IntN(fill))
				var told *bool
				for range 2 { // the second time it is a retry
					paid, err := move(repos[rng.IntN(2)], key, fmt.Sprint(from), fmt.Sprint((from+step)%ids), by)
					for errors.Is(err, faulty.ErrRefused) {
						paid, err = move(repos[rng.IntN(2)], key, fmt.Sprint(from), fmt.Sprint((from+step)%ids), by)
					}
					if err != nil {
						t.Errorf("caller %d: %v", n, err)
						return
					}
					if told != nil && *told != paid {
						t.Errorf("key %s: told %v, then %v", key, *told, paid)
					}
					told = &paid
				}
			}
		})
	}
	wg.Wait()
	fresh := open(t, store, nil, nil)
	total := int64(0)
	for id := range ids {
		total += balance(t, fresh, fmt.Sprint(id))
	}
	if total != ids*fill {
		t.Errorf("got %d in all, want %d", total, ids*fill)
	}
}
