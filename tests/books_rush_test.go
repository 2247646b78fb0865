package tests

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
	"github.com/payrules/payrules/storage/pebble"
)

var (
	rushNoon  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	rushToday = civil.MustParseDate("2026-11-21")
)

func rushEUR(minor int64) money.Amount { return money.New(minor, money.EUR) }

// rushLimits are the accounts of a rush, with limits so tight that about every second command runs into one.
func rushLimits() map[string]ledger.Limits {
	return map[string]ledger.Limits{
		"anna": {Overdraft: ledger.NoOverdraft},
		"ben":  {Overdraft: ledger.LimitedOverdraft, OverdraftLimit: rushEUR(30)},
		"carl": {Overdraft: ledger.NoOverdraft, Minimum: rushEUR(20)},
		"dora": {Overdraft: ledger.NoOverdraft, Maximum: rushEUR(120)},
		"emil": {Overdraft: ledger.LimitedOverdraft, OverdraftLimit: rushEUR(10), Maximum: rushEUR(150)},
	}
}

// openBooks opens books on a new engine over a journal.
func openBooks(t testing.TB, j storage.Journal, o *books.Options) *books.Books {
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
	if o == nil {
		o = &books.Options{MaxAhead: -1}
	}
	b, err := books.New(e, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func rushHead(t testing.TB, j storage.Journal) storage.Position {
	t.Helper()
	head, err := j.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// rush is many callers at once.
type rush struct {
	t     *testing.T
	books []*books.Books

	mu       sync.Mutex
	holds    []string // the latest that were placed
	posts    []string // and posted
	answered []answered
	told     map[string]int
}

// answered is a command, and what it was told.
type answered struct {
	command  ledger.Command
	decision ledger.Decision
}

// TestRush lets 64 callers post, hold, capture, void, reverse and link between five accounts with tight limits, at once: with
// one engine and with two, with appends that fail and appends whose outcome is lost (law L2). Whatever the order was: Check
// finds no law broken, no entry leaves an account beyond its limits, all balances sum to zero, and every answer is what the
// journal says.
func TestRush(t *testing.T) {
	memoryStore := func(*testing.T) storage.Journal { return memory.New(nil) }
	pebbleStore := func(t *testing.T) storage.Journal {
		j, err := pebble.Open(t.TempDir(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := j.Close(); err != nil {
				t.Error(err)
			}
		})
		return j
	}
	for _, row := range []struct {
		name    string
		store   func(*testing.T) storage.Journal
		engines int
		faults  []faulty.Fault
		each    int
	}{
		{"memory", memoryStore, 1, nil, 12},
		{"memory, two engines", memoryStore, 2, nil, 8},
		{"memory, appends fail", memoryStore, 1, []faulty.Fault{faulty.Refused}, 8},
		{"memory, outcomes unknown", memoryStore, 1, []faulty.Fault{faulty.LostStored, faulty.LostUnstored}, 8},
		{"memory, two engines, all faults", memoryStore, 2, []faulty.Fault{faulty.Refused, faulty.LostStored, faulty.LostUnstored}, 6},
		{"pebble", pebbleStore, 1, nil, 12},
		{"pebble, two engines, outcomes unknown", pebbleStore, 2, []faulty.Fault{faulty.LostStored}, 6},
	} {
		t.Run(row.name, func(t *testing.T) {
			for range campaign.Size(1, 30) {
				seed := rand.Uint64()
				if !t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
					store := row.store(t)
					r := &rush{t: t, told: make(map[string]int)}
					for i := range row.engines {
						next := faulty.Sometimes(rand.New(rand.NewPCG(seed, uint64(i))), 6, row.faults...)
						r.books = append(r.books, openBooks(t, &faulty.Journal{Journal: store, Next: next}, &books.Options{
							MaxAhead: -1, CachedTransfers: 50, SnapshotEvery: 20,
						}))
					}
					r.run(store, seed, row.each)
				}) {
					return
				}
			}
		})
	}
}

// run lets the callers go, and looks at what they leave.
func (r *rush) run(store storage.Journal, seed uint64, each int) {
	setup := openBooks(r.t, store, nil)
	open := func(id string, terms ledger.Terms) {
		d, err := setup.Open(context.Background(), id, "open", ledger.Open{At: rushNoon.AddDate(-1, 0, 0), Terms: terms})
		if err != nil || !d.Done() {
			r.t.Fatal(d, err)
		}
	}
	open("cash", ledger.Terms{Type: ledger.Asset, Currency: money.EUR, Unconstrained: true})
	for id, limits := range rushLimits() {
		open(id, ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: &limits})
		d, err := setup.Do(context.Background(), ledger.Post{
			ID: "fund-" + id, At: rushNoon.AddDate(0, 0, -1), Value: rushToday, Legs: ledger.Move("cash", id, rushEUR(100)),
		})
		if err != nil || !d.Done() {
			r.t.Fatal(d, err)
		}
	}
	var wg sync.WaitGroup
	for n := range 64 {
		rng := rand.New(rand.NewPCG(seed, uint64(1000+n)))
		wg.Go(func() {
			for i := range each {
				r.ask(r.command(rng, fmt.Sprintf("%d-%d", n, i), i), rng)
			}
		})
	}
	wg.Wait()
	r.look(store)
}

// latest returns one of the latest ids, or one that does not exist.
func (r *rush) latest(ids *[]string, rng *rand.Rand) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(*ids) == 0 || rng.IntN(20) == 0 {
		return "none"
	}
	return (*ids)[len(*ids)-1-rng.IntN(min(len(*ids), 20))]
}

// command returns anything, under an id, at an instant about so many steps after noon.
func (r *rush) command(rng *rand.Rand, id string, steps int) ledger.Command {
	accounts := []string{"anna", "ben", "carl", "dora", "emil", "cash"}
	from := rng.IntN(len(accounts))
	to := (from + 1 + rng.IntN(len(accounts)-1)) % len(accounts)
	at := rushNoon.Add(time.Duration(steps*10+rng.IntN(20)) * time.Second)
	post := ledger.Post{ID: id, At: at, Value: rushToday, Legs: ledger.Move(accounts[from], accounts[to], rushEUR(1+rng.Int64N(60)))}
	hold := ledger.Hold(post)
	if rng.IntN(4) > 0 {
		hold.Expires = at.Add(time.Duration(1+rng.IntN(60)) * time.Second)
	}
	capture := ledger.Capture{ID: "c" + id, Transfer: r.latest(&r.holds, rng), At: at}
	if rng.IntN(2) == 0 {
		capture.Amount, capture.Keep = rushEUR(1+rng.Int64N(20)), rng.IntN(2) == 0
	}
	switch rng.IntN(14) {
	case 0, 1:
		return post
	case 2:
		post.AtMost = true
		return post
	case 3:
		post.Legs = append(post.Legs, ledger.Move(accounts[from], accounts[(to+1)%len(accounts)], rushEUR(1))...)
		return post
	case 4, 5, 6:
		return hold
	case 7, 8:
		return capture
	case 9:
		return ledger.Void{ID: "v" + id, Transfer: r.latest(&r.holds, rng), At: at}
	case 10:
		return ledger.Reverse{ID: id, Transfer: r.latest(&r.posts, rng), At: at}
	case 11:
		return ledger.Reverse{ID: id, Transfer: r.latest(&r.holds, rng), At: at}
	case 12:
		return ledger.Expire{ID: "x" + id, Transfer: r.latest(&r.holds, rng), At: at}
	}
	second := post
	second.ID, second.Legs = id+"b", ledger.Move(accounts[to], accounts[(to+1)%len(accounts)], rushEUR(1+rng.Int64N(40)))
	return ledger.Linked{ID: "g" + id, Steps: []ledger.Step{{Hold: &hold}, {Post: &second}, {Capture: &ledger.Capture{ID: "l", Transfer: id, At: at}}}}
}

// ask asks until there is an answer, or the caller's patience ends.
func (r *rush) ask(c ledger.Command, rng *rand.Rand) {
	for {
		d, err := r.books[rng.IntN(len(r.books))].Do(context.Background(), c)
		switch {
		case err == nil:
			r.mu.Lock()
			r.answered = append(r.answered, answered{c, d})
			r.told[string(d.Reason)+d.Status.String()]++
			switch d.Status {
			case ledger.Held:
				r.holds = append(r.holds, d.Transfer)
			case ledger.Posted:
				r.posts = append(r.posts, d.Transfer)
			}
			r.mu.Unlock()
			return
		case !errors.Is(err, faulty.ErrRefused) && !errors.Is(err, storage.ErrUnknownOutcome) && !errors.Is(err, storage.ErrConflict):
			r.t.Errorf("%+v: %v", c, err)
			return
		case rng.IntN(8) == 0:
			return // it may have been done or not
		}
	}
}

// look looks at what the callers have left.
func (r *rush) look(store storage.Journal) {
	t := r.t
	report, err := ledger.Check(store.All(context.Background(), 0))
	if err != nil {
		t.Fatal(err)
	}
	fresh := openBooks(t, store, nil)
	sum := int64(0)
	for id, limits := range rushLimits() {
		floor, ceiling := limits.Minimum.Minor(), limits.Maximum.Minor()
		if limits.Overdraft == ledger.LimitedOverdraft {
			floor = -limits.OverdraftLimit.Minor()
		}
		last := int64(0)
		var before ledger.Entry
		for e, err := range fresh.Entries(context.Background(), id, 0) {
			if err != nil {
				t.Fatal(err)
			}
			// Between two legs of one transfer an account may be anywhere.
			if before.Transfer != "" && before.Transfer != e.Transfer && (last < floor || ceiling > 0 && last > ceiling) {
				t.Errorf("transfer %q leaves %s with %s", before.Transfer, id, before.Balance)
			}
			before, last = e, e.Balance.Minor()
		}
		if last < floor || ceiling > 0 && last > ceiling {
			t.Errorf("transfer %q leaves %s with %s", before.Transfer, id, before.Balance)
		}
		sum += last
		a := report.Ledger.Account(id)
		if b := a.Balance(rushNoon); b.Booked.Minor() != last || b.Booked.Minor()-b.Outgoing.Minor() < floor {
			t.Errorf("%s stands at %+v, its entries sum to %d", id, b, last)
		}
	}
	if cash := report.Ledger.Account("cash").Balance(rushNoon).Booked.Minor(); cash != sum {
		t.Errorf("cash is %d, and customers have %d", cash, sum)
	}
	head := rushHead(t, store)
	for _, a := range r.answered {
		if a.decision.Reason == ledger.NotFound { // is not on record
			continue
		}
		d, err := fresh.Do(context.Background(), a.command)
		if err != nil || !reflect.DeepEqual(d, a.decision) {
			t.Errorf("%+v: was told %+v, and the journal says %+v, %v", a.command, a.decision, d, err)
		}
	}
	if got := rushHead(t, store); got != head {
		t.Errorf("asked again, the journal grew from %d to %d", head, got)
	}
	if r.told["captured"] == 0 || r.told["posted"] < 20 || len(r.told) < 10 {
		t.Errorf("the callers were told too little: %v", r.told)
	}
	if testing.Verbose() {
		t.Logf("%d records, %d transfers, told %v", report.Records, report.Transfers, r.told)
	}
}
