package books_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/archive"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// TestEverybodyPaysToCash lets many callers pay to an account that nothing constrains, by two engines, each caller from an
// account of his own engine's (law L8). Nobody ever waits for another: no batch expects anything of that account, none is in
// conflict, and each command is appended once.
func TestEverybodyPaysToCash(t *testing.T) {
	store := memory.New(nil)
	setup := open(t, store, nil)
	opened(t, setup, own(ledger.Asset), "cash")
	opened(t, setup, own(ledger.Income), "fees")
	var batches, conflicts atomic.Int64
	counted := &conflicting{Journal: &faulty.Journal{Journal: store, Before: func(all []storage.Batch) {
		batches.Add(int64(len(all)))
		for _, b := range all {
			for _, w := range b.Writes {
				if (w.Stream == "account/cash" || w.Stream == "account/fees") && w.Expect != storage.Any {
					t.Errorf("batch %q expects version %d of %s", b.Key, w.Expect, w.Stream)
				}
			}
		}
	}}, conflicts: &conflicts}
	two := []*books.Books{open(t, counted, nil), open(t, counted, nil)}
	const callers, each = 32, 20
	var wg sync.WaitGroup
	for n := range callers {
		id := fmt.Sprint("customer", n)
		opened(t, setup, customer(), id)
		wg.Go(func() {
			b := two[n%2]
			for i := range each {
				c := post(fmt.Sprint(id, "-", i), i, "cash", id, 100)
				c.Legs = append(c.Legs, ledger.Move(id, "fees", eur(1))...)
				d, err := b.Do(context.Background(), c)
				if err != nil || !d.Done() {
					t.Errorf("got %+v, %v", d, err)
				}
			}
		})
	}
	wg.Wait()
	if got := conflicts.Load(); got != 0 {
		t.Errorf("got %d conflicts, want none", got)
	}
	if got := batches.Load(); got != callers*each {
		t.Errorf("got %d batches, want %d", got, callers*each)
	}
	for _, b := range append(two, setup) { // they see what all wrote, without having looked at it
		has(t, b, "cash", callers*each*100, 0)
		has(t, b, "fees", callers*each*1, 0)
	}
	s, err := two[0].Statement(t.Context(), "cash", ledger.Query{From: today, To: today, By: ledger.ByValue})
	if err != nil || s.Debits.Count != callers*each || s.Closing != eur(callers*each*100) {
		t.Errorf("got a statement of %+v, %v", s, err)
	}
	checked(t, store)
}

// conflicting counts the batches that were in conflict.
type conflicting struct {
	storage.Journal
	conflicts *atomic.Int64
}

func (j *conflicting) Append(ctx context.Context, batches ...storage.Batch) ([]storage.Receipt, error) {
	receipts, err := j.Journal.Append(ctx, batches...)
	for _, r := range receipts {
		if r.Err != nil {
			j.conflicts.Add(1)
		}
	}
	return receipts, err
}

// TestConflictsAreCounted is the other side of the test above: on an account with limits, two engines are in conflict.
func TestConflictsAreCounted(t *testing.T) {
	var conflicts atomic.Int64
	j := &conflicting{Journal: memory.New(nil), conflicts: &conflicts}
	a, b := open(t, j, nil), open(t, j, nil)
	bank(t, a)
	done(t, b, post("1", 0, "anna", "ben", 1))
	done(t, a, post("2", 0, "anna", "ben", 1))
	if conflicts.Load() == 0 {
		t.Error("got no conflict")
	}
}

// TestSharedHolds holds, captures, voids and expires on accounts that nothing constrains, and refuses what needs a look at one.
func TestSharedHolds(t *testing.T) {
	j := memory.New(nil)
	b, other := open(t, j, nil), open(t, j, nil)
	bank(t, b)
	done(t, b, hold("h1", 0, "anna", "fees", 10_00))
	done(t, b, hold("h2", 0, "cash", "ben", 5_00))
	done(t, b, hold("h3", 0, "cash", "fees", 7_00))
	has(t, other, "cash", 100_00, 0) // what is held there counts nowhere
	done(t, other, ledger.Capture{ID: "c", Transfer: "h1", At: noon, Amount: eur(4_00), Keep: true})
	done(t, b, ledger.Void{ID: "v", Transfer: "h2", At: noon})
	balance, err := other.Balance(t.Context(), "fees", noon)
	if err != nil || balance != (ledger.Balance{Booked: eur(4_00), Outgoing: eur(0), Incoming: eur(0)}) {
		t.Errorf("got %+v, %v, want 4.00, and nothing of what is held", balance, err)
	}
	done(t, other, ledger.Expire{ID: "e", Transfer: "h1", At: after(60)})
	done(t, b, ledger.Reverse{ID: "r", Transfer: "h1", At: after(61)})
	has(t, b, "fees", 0, 0)
	asked := post("if", 0, "anna", "cash", 1)
	asked.If = []ledger.Condition{{Account: "cash", AtLeast: eur(1)}}
	refused(t, b, asked, ledger.Unconstrained)
	for what, ask := range map[string]func() (ledger.AccountDecision, error){
		"limits": func() (ledger.AccountDecision, error) {
			return b.SetLimits(t.Context(), "cash", "1", ledger.SetLimits{At: noon, Limits: ledger.Limits{Overdraft: ledger.NoOverdraft}})
		},
		"a block": func() (ledger.AccountDecision, error) {
			return b.SetBlock(t.Context(), "cash", "2", ledger.SetBlock{At: noon, Block: ledger.Frozen})
		},
		"an end": func() (ledger.AccountDecision, error) {
			return b.Close(t.Context(), "cash", "3", ledger.Close{At: noon})
		},
	} {
		if d, err := ask(); err != nil || d.Reason != ledger.Unconstrained {
			t.Errorf("%s: got %+v, %v, want it refused", what, d, err)
		}
	}
	checked(t, j)
}

// TestLateEntry decides a payment to an account that nothing constrains, and closes the period of its value date before it is
// stored (law L8). It is stored behind that, and counts from the first open day; the balance that the period was closed with
// stays.
func TestLateEntry(t *testing.T) {
	store := memory.New(nil)
	b := open(t, store, nil)
	bank(t, b)
	yesterday := today.AddDays(-1)
	value := func(id string) ledger.Post {
		p := post(id, 0, "cash", "anna", 5_00)
		p.Value = yesterday
		return p
	}
	done(t, b, value("early"))
	begun, release := make(chan bool), make(chan bool)
	slow := open(t, &faulty.Journal{Journal: store, Before: func([]storage.Batch) { begun <- true; <-release }}, nil)
	answer := make(chan error, 1)
	go func() {
		d, err := slow.Do(context.Background(), value("late"))
		if err == nil && !d.Done() {
			err = errors.New(string(d.Reason))
		}
		answer <- err
	}()
	<-begun
	end := ledger.EndPeriod{At: after(24 * 60), Through: yesterday}
	if d, err := b.EndPeriod(t.Context(), "cash", "e", end); err != nil || !d.Done() {
		t.Fatal(d, err)
	}
	close(release)
	if err := <-answer; err != nil {
		t.Fatal(err)
	}
	for _, b := range []*books.Books{b, open(t, store, nil), open(t, store, &books.Options{SnapshotEvery: 1})} {
		err := b.Account(t.Context(), "cash", func(a *ledger.Account) error {
			closed, _ := a.BalanceOn(yesterday)
			if now, ok := a.BalanceOn(today); closed != eur(5_00) || now != eur(110_00) || !ok {
				t.Errorf("got %s at the end of the period and %s today, want 5.00 and 110.00", closed, now)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		s, err := b.Statement(t.Context(), "cash", ledger.Query{From: yesterday, To: yesterday, By: ledger.ByValue})
		if err != nil || s.Closing != eur(5_00) || len(s.Entries) != 1 {
			t.Errorf("statement of the closed day: got %+v, %v", s, err)
		}
		s, err = b.Statement(t.Context(), "cash", ledger.Query{From: today, To: today, By: ledger.ByValue})
		if err != nil || s.Opening != eur(5_00) || s.Closing != eur(110_00) {
			t.Errorf("statement of the next day: got %+v, %v", s, err)
		}
	}
	checked(t, store)
}

// TestSharedPeriods closes periods of such an account by two engines at once: each is closed by one of them (law L7).
func TestSharedPeriods(t *testing.T) {
	j := memory.New(nil)
	two := []*books.Books{open(t, j, nil), open(t, j, nil)}
	bank(t, two[0])
	var wg sync.WaitGroup
	var closed, late atomic.Int64
	for n := range 16 {
		wg.Go(func() {
			for day := range 10 {
				d, err := two[n%2].EndPeriod(context.Background(), "cash", fmt.Sprint(n, "-", day), ledger.EndPeriod{
					At: after(0), Through: today.AddDays(day - 10),
				})
				switch {
				case errors.Is(err, storage.ErrConflict):
				case err == nil && d.Done():
					closed.Add(1)
				case err == nil && d.Reason == ledger.PeriodClosed:
					late.Add(1)
				default:
					t.Errorf("got %+v, %v", d, err)
				}
			}
		})
	}
	wg.Wait()
	if c := closed.Load(); c < 1 || c > 10 {
		t.Errorf("got %d periods closed of 10", c)
	}
	r := checked(t, j)
	if through := r.Ledger.Account("cash").ClosedThrough(); through != today.AddDays(-1) {
		t.Errorf("got days through %s closed", through)
	}
}

// TestLookingAtCashIsCheap pays over an account with thousands of entries, by books that know nothing of it: they read its opening.
func TestLookingAtCashIsCheap(t *testing.T) {
	store := memory.New(nil)
	b := open(t, store, &books.Options{SnapshotEvery: -1})
	bank(t, b)
	const n = 1000
	var commands []ledger.Command
	for i := range n {
		commands = append(commands, post(fmt.Sprint("p", i), 0, "cash", "anna", 1))
	}
	_, errs := b.DoAll(t.Context(), commands)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	j := &counting{Journal: store, Snapshots: store}
	fresh := open(t, j, nil)
	done(t, fresh, post("one", 0, "cash", "ben", 1))
	if got := j.read.Load(); got > 20 {
		t.Errorf("read %d records to pay from an account of %d entries to another that has none", got, n)
	}
	j.read.Store(0)
	has(t, fresh, "cash", 100_00+n+1, 0)
	if got := j.read.Load(); got < n {
		t.Errorf("read %d records for its balance", got)
	}
}

// TestOpenChart opens a chart, twice and by two at once, and says where the books are another way already.
func TestOpenChart(t *testing.T) {
	j := memory.New(nil)
	a, b := open(t, j, nil), open(t, j, nil)
	chart := ledger.Chart{Accounts: []ledger.ChartAccount{{ID: "assets", Terms: own(ledger.Asset)}, {ID: "cash", Terms: own(ledger.Asset)}, {ID: "anna", Terms: customer()}}}
	chart.Accounts[1].Parent = "assets"
	if _, err := b.Balance(t.Context(), "anna", noon); !errors.Is(err, books.ErrNoAccount) {
		t.Errorf("got %v, want ErrNoAccount", err)
	}
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			if err := []*books.Books{a, b}[n%2].OpenChart(context.Background(), chart, after(n)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := head(t, j); got < 3 {
		t.Errorf("got head %d", got)
	}
	limits := ledger.Limits{Overdraft: ledger.FreeOverdraft}
	if d, err := a.SetLimits(t.Context(), "anna", "l", ledger.SetLimits{At: after(10), Limits: limits}); err != nil || !d.Done() {
		t.Fatal(d, err)
	}
	if err := b.OpenChart(t.Context(), chart, noon); err != nil {
		t.Errorf("other limits: got %v", err)
	}
	chart.Accounts[1].Type = ledger.Expense
	chart.Accounts[0].Type = ledger.Expense
	for _, b := range []*books.Books{a, b, open(t, j, nil)} {
		if err := b.OpenChart(t.Context(), chart, noon); !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), "assets") {
			t.Errorf("another type: got %v, want ErrInvalid", err)
		}
	}
	if err := a.OpenChart(t.Context(), ledger.Chart{}, noon); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("no chart: got %v, want ErrInvalid", err)
	}
	other := ledger.Chart{Accounts: []ledger.ChartAccount{{ID: "dora", Terms: customer()}}}
	if _, err := a.SetBlock(t.Context(), "dora", "chart", ledger.SetBlock{At: noon}); err != nil {
		t.Fatal(err)
	}
	if err := a.OpenChart(t.Context(), other, noon); !errors.Is(err, engine.ErrKeyReused) {
		t.Errorf("the chart's key is used: got %v, want ErrKeyReused", err)
	}
	checked(t, j)
}

// An account that nothing constrains is beyond MaxBalance for a while: it can be read, and archived, all the same.
func TestSharedBeyondMaxBalance(t *testing.T) {
	j := memory.New(nil)
	folder, err := archive.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, j, &books.Options{Archive: folder})
	opened(t, b, own(ledger.Asset), "cash")
	opened(t, b, own(ledger.Income), "fees")
	for i, id := range []string{"1", "2"} {
		done(t, b, post(id, i, "cash", "fees", ledger.MaxBalance))
	}
	for i, id := range []string{"3"} {
		done(t, b, post(id, i+2, "fees", "cash", ledger.MaxBalance))
	}
	if d, err := b.EndPeriod(t.Context(), "fees", "end", ledger.EndPeriod{At: noon.AddDate(0, 0, 3), Through: today}); err != nil || !d.Done() {
		t.Fatal(d, err)
	}
	if s, ok, err := b.Archive(t.Context(), "fees"); err != nil || !ok || s.Entries != 3 || s.Closing != eur(ledger.MaxBalance) {
		t.Errorf("archived %+v, %t, %v", s, ok, err)
	}
	n := 0
	for _, err := range b.Entries(t.Context(), "fees", 0) {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if balance, err := b.BalanceAsOf(t.Context(), "fees", today, 0); n != 3 || err != nil || balance != eur(ledger.MaxBalance) {
		t.Errorf("%d entries, %s, %v", n, balance, err)
	}
	checked(t, j)
}
