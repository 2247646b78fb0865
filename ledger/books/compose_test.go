package books_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// TestLongGroups decides 500 commands together: of all kinds, some refused, some malformed. Each has its own answer at its place, they
// share commits, and all of it again is answered the same without one.
func TestLongGroups(t *testing.T) { synctest.Test(t, longGroups) }

func longGroups(t *testing.T) {
	store := memory.New(nil)
	bank(t, open(t, store, nil))
	appends, gate := 0, make(chan bool)
	b := open(t, &faulty.Journal{Journal: store, Before: func([]storage.Batch) { <-gate; appends++ }}, nil)
	commands := longGroup(500)
	var decisions []ledger.Decision
	var errs []error
	answered := make(chan bool)
	go func() {
		decisions, errs = b.DoAll(context.Background(), commands)
		close(answered)
	}()
	synctest.Wait() // until all callers wait for their commit, or for one that has to come before
	close(gate)
	<-answered
	for i, c := range commands {
		d, err := decisions[i], errs[i]
		switch i % 5 {
		case 3:
			if err != nil || d.Reason != ledger.OverdraftExceeded {
				t.Errorf("%d: got %+v, %v, want it refused", i, d, err)
			}
		case 4:
			if !errors.Is(err, ledger.ErrInvalid) {
				t.Errorf("%d: got %+v, %v, want ErrInvalid", i, d, err)
			}
		default:
			if err != nil || !d.Done() || d.Transfer != c.Key() && d.Transfer != c.Key()+"a" {
				t.Errorf("%d: got %+v, %v, want it done", i, d, err)
			}
		}
	}
	if appends > 2 { // the first one takes who is there, the second all others
		t.Errorf("%d commands took %d appends", len(commands), appends)
	}
	end := head(t, store)
	again, _ := b.DoAll(t.Context(), commands)
	same(t, "again", again, decisions)
	if got := head(t, store); got != end {
		t.Errorf("the journal grew from %d to %d", end, got)
	}
	fresh := open(t, store, nil)
	has(t, fresh, "ben", 100*1_00, 0)
	has(t, fresh, "carl", 0, 0)
	has(t, fresh, "fees", 100*1_00, 0)
	if balance, err := fresh.Balance(t.Context(), "anna", noon); err != nil || balance.Incoming != eur(100*1_00) {
		t.Errorf("got %+v, %v, want what is to come", balance, err)
	}
	checked(t, store)
	if none, _ := b.DoAll(t.Context(), nil); len(none) != 0 {
		t.Errorf("nothing asked: got %v", none)
	}
}

// longGroup returns a number of commands, of five kinds in turn.
func longGroup(n int) []ledger.Command {
	commands := make([]ledger.Command, n)
	for i := range commands {
		id := fmt.Sprint("c", i)
		switch i % 5 {
		case 0:
			commands[i] = post(id, 0, "cash", "ben", 1_00)
		case 1:
			commands[i] = hold(id, 0, "cash", "anna", 1_00)
		case 2:
			commands[i] = ledger.Linked{ID: id, Steps: []ledger.Step{
				{Post: new(post(id+"a", 0, "cash", "carl", 1_00))}, {Post: new(post(id+"b", 0, "carl", "fees", 1_00))},
			}}
		case 3:
			commands[i] = post(id, 0, "anna", "ben", 1_000_00)
		case 4:
			commands[i] = ledger.Post{ID: id}
		}
	}
	return commands
}

// buy is a host's own transaction: a payment, and points for it in a purse, which no ledger knows of.
type buy struct {
	Key    string
	Points int64
	plan   *books.Plan
	purse  engine.Ref[*purse.Purse]
}

func (b buy) Decide(tx *engine.Tx) error {
	d, err := b.plan.Stage(tx)
	if err != nil || !d.Done() {
		return err
	}
	points, err := engine.Stage(tx, b.purse, purse.Change{ID: b.Key, By: b.Points})
	if err == nil && points.Refused {
		err = errNoPoints
	}
	return err
}

func (b buy) Result(decided engine.Decided) ledger.Decision { return b.plan.Result(decided) }

var errNoPoints = errors.New("there are not as many points")

// shop is a host with books and purses on one engine.
type shop struct {
	t      *testing.T
	books  *books.Books
	purses *engine.Repository[*purse.Purse]
}

func openShop(t *testing.T, j storage.Journal) *shop {
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
	s := &shop{t: t}
	if s.books, err = books.New(e, &books.Options{MaxAhead: -1}); err != nil {
		t.Fatal(err)
	}
	s.purses, err = engine.NewRepository(e, engine.Kind[*purse.Purse]{Name: "points", Codec: purse.Codec(), New: purse.New}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// buy pays by a command, and changes the points of a purse.
func (s *shop) buy(c ledger.Command, points int64) (ledger.Decision, error) {
	for {
		plan, err := s.books.Plan(context.Background(), c)
		if err != nil {
			return ledger.Decision{}, err
		}
		b := buy{Key: c.Key(), Points: points, plan: plan, purse: s.purses.Ref("anna")}
		d, err := engine.Atomically(context.Background(), "buy-"+c.Key(), append(plan.Refs(), b.purse), b)
		if !errors.Is(err, books.ErrStalePlan) {
			return d, err
		}
	}
}

func (s *shop) points(want int64) {
	s.t.Helper()
	err := engine.ViewLatest(context.Background(), s.purses, "anna", func(p *purse.Purse) error {
		if p.Balance != want {
			s.t.Errorf("got %d points, want %d", p.Balance, want)
		}
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
}

// TestPlanInATransaction takes a payment and points together: both, once, or neither.
func TestPlanInATransaction(t *testing.T) {
	store := memory.New(nil)
	failing := faulty.None
	j := &faulty.Journal{Journal: store, Next: func() faulty.Fault { f := failing; failing = faulty.None; return f }}
	s, other := openShop(t, j), openShop(t, store)
	bank(t, s.books)

	first, err := s.buy(post("p1", 0, "anna", "ben", 10_00), 5)
	if err != nil || !first.Done() {
		t.Fatal(first, err)
	}
	for _, again := range []*shop{s, other, openShop(t, store)} { // asked again
		d, err := again.buy(post("p1", 0, "anna", "ben", 10_00), 5)
		if err != nil {
			t.Error(err)
		}
		same(t, "asked again", d, first)
		again.points(5)
	}
	if _, err := s.buy(post("p1", 0, "anna", "ben", 10_00), 6); !errors.Is(err, engine.ErrKeyReused) {
		t.Errorf("other points under the key: got %v, want ErrKeyReused", err)
	}
	refused(t, s.books, post("p1", 0, "anna", "ben", 10_00), ledger.Exists) // the same transfer by itself: it was another command

	// Refused: no points, and the refusal is on record.
	end := head(t, store)
	d, err := s.buy(post("p2", 0, "anna", "ben", 100_00), 5)
	if err != nil || d.Reason != ledger.OverdraftExceeded {
		t.Errorf("got %+v, %v, want it refused", d, err)
	}
	if got := head(t, store); got != end+1 {
		t.Errorf("a refusal took %d records", got-end)
	}
	s.points(5)

	// The points refuse: no payment. The append fails: neither.
	end = head(t, store)
	if _, err := s.buy(post("p3", 0, "anna", "ben", 1_00), -6); !errors.Is(err, errNoPoints) {
		t.Errorf("got %v, want the host's error", err)
	}
	failing = faulty.Refused
	if _, err := s.buy(post("p4", 0, "anna", "ben", 1_00), 5); !errors.Is(err, faulty.ErrRefused) {
		t.Errorf("got %v, want the journal's error", err)
	}
	if got := head(t, store); got != end {
		t.Errorf("the journal grew from %d to %d", end, got)
	}
	has(t, s.books, "anna", 90_00, 0)

	// What is not on record decides nothing, and is done when there is something to void.
	void := ledger.Void{ID: "v", Transfer: "h", At: noon}
	if d, err := s.buy(void, 1); err != nil || d.Reason != ledger.NotFound {
		t.Errorf("got %+v, %v, want NotFound", d, err)
	}
	done(t, other.books, hold("h", 0, "anna", "ben", 1_00))
	if d, err := s.buy(void, 1); err != nil || !d.Done() {
		t.Errorf("got %+v, %v, want it done", d, err)
	}
	s.points(6)
	has(t, s.books, "anna", 90_00, 0)
	checked(t, store)
}

// TestPlanIsStale stages a plan that was made before its hold was there, and one whose refs are not the transaction's.
func TestPlanIsStale(t *testing.T) {
	store := memory.New(nil)
	s := openShop(t, store)
	bank(t, s.books)
	plan, err := s.books.Plan(t.Context(), ledger.Void{ID: "v", Transfer: "h", At: noon})
	if err != nil {
		t.Fatal(err)
	}
	done(t, s.books, hold("h", 0, "anna", "ben", 1_00))
	end := head(t, store)
	b := buy{Key: "k", Points: 1, plan: plan, purse: s.purses.Ref("anna")}
	if _, err := engine.Atomically(t.Context(), "k", append(plan.Refs(), b.purse), b); !errors.Is(err, books.ErrStalePlan) {
		t.Errorf("got %v, want ErrStalePlan", err)
	}
	b.plan, err = s.books.Plan(t.Context(), post("p", 0, "anna", "ben", 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Atomically(t.Context(), "k", append(b.plan.Refs()[:1], b.purse), b); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("without its refs: got %v, want ErrInvalid", err)
	}
	if got := head(t, store); got != end {
		t.Errorf("the journal grew from %d to %d", end, got)
	}
	has(t, s.books, "anna", 100_00, 1_00)
}
