package billing_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// accounts opens the accounts that a journal holds, on an engine of their own.
func accounts(t testing.TB, j storage.Journal) *engine.Repository[*billing.Account] {
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
	repo, err := engine.NewRepository(e, engine.Kind[*billing.Account]{
		Name: "billing", Codec: billing.Codec(), New: billing.NewAccount, Schema: billing.Schema,
	}, &engine.RepositoryOptions{SnapshotEvery: 50})
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// insist asks until there is an answer, as a host does.
func insist[R any](t *testing.T, repo *engine.Repository[*billing.Account], id, key string, c command[R]) R {
	for {
		r, err := engine.Do(context.Background(), repo, id, key, c)
		switch {
		case errors.Is(err, storage.ErrUnknownOutcome), errors.Is(err, storage.ErrConflict), errors.Is(err, faulty.ErrRefused):
			continue
		case err != nil:
			t.Errorf("%s: %v", key, err)
		}
		return r
	}
}

// TestRush lets 64 callers buy, give back and change contracts at once, over two engines whose journal fails now and then. In the
// order of the journal no purchase took the exposure above the limit in force (B1), none was refused that fitted (B2), and
// whoever asked again with the same key got the same answer (B3).
func TestRush(t *testing.T) {
	const callers, contracts = 64, 5
	each := campaign.Size(25, 120)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	store := memory.New(nil)
	rng := rand.New(rand.NewPCG(seed, 1))
	j := &faulty.Journal{Journal: store, Next: faulty.Sometimes(rng, 25, faulty.Refused, faulty.LostStored, faulty.LostUnstored)}
	repos := []*engine.Repository[*billing.Account]{accounts(t, j), accounts(t, j)}
	for k := range contracts {
		begin(t, repos[0], contractID(k))
	}
	var wg sync.WaitGroup
	for n := range callers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, uint64(2+n)))
			repo := repos[n%2]
			for i := range each {
				id, when, name := contractID((n+i)%contracts), at(2, 0).Add(time.Duration(i)*time.Minute), fmt.Sprintf("%d-%d", n, i)
				switch kind := rng.IntN(20); {
				case kind == 0 && n < contracts:
					v := active(uint64(2+i), int64(50_00+rng.IntN(400_00)))
					v.Contract = contractID(n) // one caller a contract: its updates come in order, or late
					insist(t, repo, v.Contract, billing.TakeContract{View: v}.Key(), billing.TakeContract{View: v})
				case kind < 9:
					by, of := rng.IntN(callers), rng.IntN(i+1)
					c := billing.Refund{At: when, ID: "r" + name, Of: fmt.Sprintf("%d-%d", by, of)}
					ask(t, repo, contractID((by+of)%contracts), c.ID, c, rng)
				default:
					c := buying(name, fmt.Sprint(1+rng.IntN(40)), when)
					ask(t, repo, id, name, c, rng)
				}
			}
		})
	}
	wg.Wait()
	total := audited{}
	for k := range contracts {
		total.audit(t, store, contractID(k))
	}
	t.Logf("%+v", total)
	if total.Accepted < 50 || total.Refused < 50 || total.Refunded < 10 || total.Limits < 3 {
		t.Error("too few of one kind to tell")
	}
}

func contractID(k int) string { return fmt.Sprint("CTR-", k+1) }

func begin(t *testing.T, repo *engine.Repository[*billing.Account], id string) {
	v, m := active(1, 200_00), mandateView(1, contract.MandateActive)
	v.Contract, m.Contract = id, id
	insist(t, repo, id, "contract", billing.TakeContract{View: v})
	insist(t, repo, id, "mandate", billing.TakeMandate{View: m})
}

// ask asks for something, and now and then again.
func ask(t *testing.T, repo *engine.Repository[*billing.Account], id, key string, c command[billing.Decision], rng *rand.Rand) {
	first := insist(t, repo, id, key, c)
	if rng.IntN(4) == 0 {
		if again := insist(t, repo, id, key, c); !reflect.DeepEqual(again, first) {
			t.Errorf("%s again: got %+v, want %+v", key, again, first)
		}
	}
}

// audited is what was found in journals.
type audited struct{ Accepted, Refused, Refunded, Limits int }

// audit goes through an account's records with nothing but a sum, and the newest limit.
func (n *audited) audit(t *testing.T, j storage.Journal, id string) {
	exposure, limit, codec := int64(0), int64(0), billing.Codec()
	for r, err := range j.Stream(t.Context(), event.Stream("billing", id), 0) {
		if err != nil {
			t.Fatal(err)
		}
		d, err := codec.Decode(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		switch e := d.(type) {
		case billing.ContractTaken:
			limit = e.View.Phases[1].Limit.Minor()
			n.Limits++
		case billing.OperationAccepted:
			n.Accepted++
			if exposure += e.Totals.Gross.Minor(); exposure > limit || e.Exposure.Minor() != exposure {
				t.Errorf("%s: exposure %d (told as %v) is above %d", r.ID(), exposure, e.Exposure, limit)
			}
		case billing.RefundAccepted:
			n.Refunded++
			if exposure -= e.Totals.Gross.Minor(); exposure < 0 {
				t.Errorf("%s: exposure %d", r.ID(), exposure)
			}
		case billing.Refusal:
			n.Refused++
			if e.Command == "accept" && (len(e.Causes) != 1 || e.Causes[0].Reason != billing.ExposureExceeded || exposure+e.Totals.Gross.Minor() <= limit) {
				t.Errorf("%s: refused for %+v, with exposure %d and limit %d", r.ID(), e.Causes, exposure, limit)
			}
		}
	}
}

// A host's way by hand and the engine's give the same account, from the events and from a snapshot.
func TestEngineIsTheHand(t *testing.T) {
	j := memory.New(nil)
	repo := accounts(t, j)
	a := billing.NewAccount("CTR-1")
	begin(t, repo, "CTR-1")
	do(t, a, billing.TakeContract{View: active(1, 200_00)})
	do(t, a, billing.TakeMandate{View: mandateView(1, contract.MandateActive)})
	for i := range 120 {
		c := buying(fmt.Sprint(i), fmt.Sprint(1+i%7), at(2, 0).Add(time.Duration(i)*time.Hour))
		if got, want := insist(t, repo, "CTR-1", c.Operation.ID, c), do(t, a, c); !reflect.DeepEqual(got, want) {
			t.Fatalf("%d: got %+v, want %+v", i, got, want)
		}
	}
	want, _ := a.MarshalBinary()
	for _, repo := range []*engine.Repository[*billing.Account]{repo, accounts(t, j)} {
		err := engine.View(t.Context(), repo, "CTR-1", func(b *billing.Account) error {
			if got, _ := b.MarshalBinary(); string(got) != string(want) {
				t.Errorf("got %s\nwant %s", got, want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
