package books_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/purse"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// host is a program with purses of its own beside the books, on one engine.
type host struct {
	books  *books.Books
	purses *engine.Repository[*purse.Purse]
}

func newHost(t testing.TB, j storage.Journal) host {
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
	b, err := books.New(e, &books.Options{MaxAhead: -1})
	if err != nil {
		t.Fatal(err)
	}
	purses, err := engine.NewRepository(e, engine.Kind[*purse.Purse]{Name: "purse", Codec: purse.Codec(), New: purse.New}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return host{b, purses}
}

// payOut takes something out of a purse, and does a command of the ledger: both, or neither.
type payOut struct {
	ID      string         `json:"id"`
	By      int64          `json:"by"`
	Command ledger.Command `json:"command"`

	plan  *books.Plan
	purse engine.Ref[*purse.Purse]
	fails error
}

// paidOut is its answer.
type paidOut struct {
	Purse    purse.Answer
	Decision ledger.Decision
}

func (p payOut) Decide(tx *engine.Tx) error {
	a, err := engine.Stage(tx, p.purse, purse.Change{ID: p.ID, By: -p.By})
	if err != nil || a.Refused {
		return err
	}
	d, err := p.plan.Stage(tx)
	if err != nil {
		return err
	}
	if !d.Done() { // the purse keeps what it has; the refusal of the ledger is on record
		if err := engine.Drop(tx, p.purse); err != nil {
			return err
		}
	}
	return p.fails
}

func (p payOut) Result(d engine.Decided) paidOut {
	return paidOut{engine.ResultOf(d, p.purse, purse.Change{ID: p.ID, By: -p.By}), p.plan.Result(d)}
}

func (h host) payOut(t testing.TB, key, id string, by int64, c ledger.Command, fails error) (paidOut, error) {
	t.Helper()
	plan, err := h.books.Plan(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	p := payOut{ID: key, By: by, Command: c, plan: plan, purse: h.purses.Ref(id), fails: fails}
	return engine.Atomically(context.Background(), key, append([]engine.Member{p.purse}, plan.Refs()...), p)
}

func (h host) fill(t testing.TB, id string, by int64) {
	t.Helper()
	if _, err := engine.Do(t.Context(), h.purses, id, "fill", purse.Change{ID: "fill", By: by}); err != nil {
		t.Fatal(err)
	}
}

func (h host) inPurse(t testing.TB, id string) (balance int64) {
	t.Helper()
	if err := engine.ViewLatest(t.Context(), h.purses, id, func(p *purse.Purse) error { balance = p.Balance; return nil }); err != nil {
		t.Fatal(err)
	}
	return balance
}

func TestPlanAllOrNothing(t *testing.T) {
	j := memory.New(nil)
	h := newHost(t, j)
	bank(t, h.books)
	h.fill(t, "p", 50)
	stands := func(step string, inPurse, anna int64) {
		t.Helper()
		if got := h.inPurse(t, "p"); got != inPurse {
			t.Errorf("%s: %d in the purse, want %d", step, got, inPurse)
		}
		has(t, h.books, "anna", anna, 0)
	}
	first, err := h.payOut(t, "k1", "p", 20, post("t1", 1, "anna", "ben", 30_00), nil)
	if err != nil || !first.Decision.Done() || first.Decision.Status != ledger.Posted || first.Purse.Balance != 30 {
		t.Fatalf("both: got %+v, %v", first, err)
	}
	stands("both", 30, 70_00)

	a, err := h.payOut(t, "k2", "p", 31, post("t2", 2, "anna", "ben", 1_00), nil)
	if err != nil || !a.Purse.Refused || a.Decision.Reason != ledger.NotFound {
		t.Errorf("the purse refuses: got %+v, %v", a, err)
	}
	stands("the purse refuses", 30, 70_00)

	b, err := h.payOut(t, "k3", "p", 1, post("t3", 3, "anna", "ben", 70_01), nil)
	if err != nil || b.Decision.Reason != ledger.OverdraftExceeded || b.Decision.Needed != eur(70_01) || b.Purse != (purse.Answer{}) {
		t.Errorf("the ledger refuses: got %+v, %v", b, err)
	}
	stands("the ledger refuses", 30, 70_00)

	at, boom := head(t, j), errors.New("boom")
	if _, err := h.payOut(t, "k4", "p", 1, post("t4", 4, "anna", "ben", 1), boom); !errors.Is(err, boom) {
		t.Errorf("an error: got %v", err)
	}
	stands("an error", 30, 70_00)
	if got := head(t, j); got != at {
		t.Errorf("an error: %d records are new", got-at)
	}

	// Asked again, here and in another process, each gets its first answer, whatever has happened since.
	done(t, h.books, post("rest", 5, "anna", "ben", 70_00))
	at = head(t, j)
	for _, again := range []host{h, newHost(t, j)} {
		for _, row := range []struct {
			key  string
			by   int64
			c    ledger.Command
			want paidOut
		}{
			{"k1", 20, post("t1", 1, "anna", "ben", 30_00), first}, {"k2", 31, post("t2", 2, "anna", "ben", 1_00), a},
			{"k3", 1, post("t3", 3, "anna", "ben", 70_01), b},
		} {
			got, err := again.payOut(t, row.key, "p", row.by, row.c, nil)
			if err != nil {
				t.Errorf("%s: %v", row.key, err)
			}
			same(t, row.key, got, row.want)
		}
		if _, err := again.payOut(t, "k1", "p", 20, post("t1", 1, "anna", "ben", 30_01), nil); !errors.Is(err, engine.ErrKeyReused) {
			t.Errorf("another with the key: got %v", err)
		}
	}
	if got := head(t, j); got != at {
		t.Errorf("again: %d records are new", got-at)
	}
	refused(t, h.books, ledger.Reverse{ID: "r3", Transfer: "t3", At: after(6)}, ledger.NotFound)
	stands("in the end", 30, 0)
	checked(t, j)
}

// A plan of a hold, of interest, and of linked commands is as good as one of a transfer.
func TestPlanOfOtherCommands(t *testing.T) {
	j := memory.New(nil)
	h := newHost(t, j)
	bank(t, h.books)
	h.fill(t, "p", 50)
	d, err := h.books.SetInterest(t.Context(), "anna", "i", ledger.SetInterest{At: noon, From: today, Terms: savings(), Source: "paid"})
	if err != nil || !d.Done() {
		t.Fatal(d, err)
	}
	one, two := post("one", 1, "anna", "ben", 1_00), post("two", 1, "ben", "anna", 1_00)
	for i, c := range []ledger.Command{
		hold("h", 1, "anna", "ben", 10_00), ledger.Capture{ID: "c", Transfer: "h", At: after(2)}, ledger.Reverse{ID: "r", Transfer: "h", At: after(3)},
		ledger.Linked{ID: "l", Steps: []ledger.Step{{Post: &one}, {Post: &two}}},
		ledger.Capitalise{Account: "anna", At: after(20 * 24 * 60), Through: today.EndOfMonth(), Source: "paid"},
	} {
		got, err := h.payOut(t, fmt.Sprint("k", i), "p", 1, c, nil)
		if err != nil || !got.Decision.Done() {
			t.Errorf("%s: got %+v, %v", describe(c), got, err)
		}
		again, err := newHost(t, j).payOut(t, fmt.Sprint("k", i), "p", 1, c, nil)
		if err != nil {
			t.Error(err)
		}
		same(t, describe(c), again, got)
	}
	has(t, h.books, "anna", 100_08, 0) // ten days of 3 % on 100.00
	if got := h.inPurse(t, "p"); got != 45 {
		t.Errorf("%d in the purse", got)
	}
	checked(t, j)
}

// Many at once, in two processes: what has left the purse is what the ledger has posted.
func TestPlanAtOnce(t *testing.T) {
	j := memory.New(nil)
	two := [2]host{newHost(t, j), newHost(t, j)}
	bank(t, two[0].books)
	two[0].fill(t, "p", 40)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			key := fmt.Sprint("k", i/2) // each asked twice
			for {
				_, err := two[i%2].payOut(t, key, "p", 1, post("t"+key, 1, "anna", "ben", 3_00), nil)
				if err == nil {
					return
				}
				if !errors.Is(err, storage.ErrConflict) {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if got := two[0].inPurse(t, "p"); got != 40-32 {
		t.Errorf("%d in the purse", got)
	}
	b := open(t, j, nil)
	has(t, b, "anna", 100_00-32*3_00, 0)
	has(t, b, "ben", 32*3_00, 0)
	checked(t, j)
}
