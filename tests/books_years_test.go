package tests

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/pebble"
)

// counted is a journal that counts the records that are read from it.
type counted struct {
	storage.Journal
	storage.Snapshots
	read atomic.Int64
}

func (c *counted) count(records iter.Seq2[event.Record, error]) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for r, err := range records {
			c.read.Add(1)
			if !yield(r, err) {
				return
			}
		}
	}
}

func (c *counted) Stream(ctx context.Context, id string, after event.Version) iter.Seq2[event.Record, error] {
	return c.count(c.Journal.Stream(ctx, id, after))
}

func (c *counted) All(ctx context.Context, after event.Position) iter.Seq2[event.Record, error] {
	return c.count(c.Journal.All(ctx, after))
}

// years are what a look at the books costs at the end of a span.
type yearsCost struct {
	entries int
	account int64  // records that were read to load the account, and say its balance
	cash    int64  // to say that of cash
	post    int64  // to post once more, by an engine that has loaded nothing
	state   int    // bytes of the account's snapshot
	heap    uint64 // bytes that the loaded account takes, and its engine
}

const (
	yearsEntries  = 100 // a day
	yearsSnapshot = 1000
)

// TestTenYears posts 100 entries a day to one account, for two months or for ten years, and ends every month when the next has begun.
// What it costs to open the account, and what it takes in memory, is at the end what it was in the beginning. A statement reads the
// entries before it as well, unless they are in an archive.
func TestTenYears(t *testing.T) {
	dir := t.TempDir()
	first, months, entries := civil.MustParseDate("2027-01-01"), campaign.Size(1, 12), 0
	var costs []yearsCost
	for span := range campaign.Size(2, 10) {
		from := first.AddMonths(span * months)
		to := first.AddMonths((span + 1) * months)
		entries += to.Sub(from) * yearsEntries
		costs = append(costs, oneSpan(t, dir, from, to, entries))
		t.Logf("%+v", costs[span])
	}
	begin, end := costs[0], costs[len(costs)-1]
	month := int64(31 * yearsEntries)
	if end.account > yearsSnapshot+100 || end.cash > month+100 || end.post > yearsSnapshot+100 {
		t.Errorf("opening reads %d, %d and %d records after %d entries", end.account, end.cash, end.post, end.entries)
	}
	if end.state > begin.state+begin.state/5 { // its versions have more digits
		t.Errorf("the state grew from %d to %d bytes", begin.state, end.state)
	}
	if end.heap > 2*begin.heap+1<<20 {
		t.Errorf("the loaded account grew from %d to %d bytes", begin.heap, end.heap)
	}
}

// oneSpan posts from one day until before another, and returns what a look costs then.
func oneSpan(t *testing.T, dir string, from, to civil.Date, entries int) yearsCost {
	t.Helper()
	j, err := pebble.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	b, shut := yearsBooks(t, j)
	if entries == to.Sub(from)*yearsEntries {
		openYears(t, b, from)
	}
	for day := from; day < to; day = day.AddDays(1) {
		if last := day.AddDays(-1); day.Day() == 1 && last > civil.MustParseDate("2027-01-01") {
			endMonth(t, b, last)
		}
		postDay(t, b, day)
	}
	shut()
	return lookAtYears(t, j, to, entries)
}

func yearsBooks(t *testing.T, j storage.Journal) (*books.Books, func()) {
	t.Helper()
	e, err := engine.New(j, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := books.New(e, &books.Options{MaxAhead: -1, SnapshotEvery: yearsSnapshot})
	if err != nil {
		t.Fatal(err)
	}
	return b, func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func openYears(t *testing.T, b *books.Books, from civil.Date) {
	t.Helper()
	for id, terms := range map[string]ledger.Terms{
		"cash": {Type: ledger.Asset, Currency: money.EUR, Unconstrained: true},
		"anna": {Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{Overdraft: ledger.FreeOverdraft}},
	} {
		if d, err := b.Open(t.Context(), id, "open", ledger.Open{At: from.Start(time.UTC), Terms: terms}); err != nil || !d.Done() {
			t.Fatal(d, err)
		}
	}
}

// postDay posts a day's entries, all at once.
func postDay(t *testing.T, b *books.Books, day civil.Date) {
	t.Helper()
	commands := make([]ledger.Command, yearsEntries)
	for i := range commands {
		from, to := "cash", "anna"
		if i%3 == 2 {
			from, to = to, from
		}
		commands[i] = ledger.Post{
			ID: fmt.Sprint(day, "-", i), At: day.Start(time.UTC).Add(12 * time.Hour), Value: day, Legs: ledger.Move(from, to, rushEUR(int64(1+i))),
		}
	}
	decisions, errs := b.DoAll(t.Context(), commands)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, d := range decisions {
		if !d.Done() {
			t.Fatalf("got %+v", d)
		}
	}
}

// endMonth closes the days of both accounts, and looks at cash as a bank's report does.
func endMonth(t *testing.T, b *books.Books, day civil.Date) {
	t.Helper()
	for _, id := range []string{"anna", "cash"} {
		d, err := b.EndPeriod(t.Context(), id, fmt.Sprint("end-", day), ledger.EndPeriod{At: day.AddDays(1).Start(time.UTC), Through: day})
		if err != nil || !d.Done() {
			t.Fatal(d, err)
		}
		if _, err := b.Balance(t.Context(), id, day.Start(time.UTC)); err != nil {
			t.Fatal(err)
		}
	}
}

// lookAtYears opens the books again, and again, and counts.
func lookAtYears(t *testing.T, store *pebble.Journal, next civil.Date, entries int) (cost yearsCost) {
	t.Helper()
	cost.entries = entries
	at := next.Start(time.UTC)
	look := func(do func(b *books.Books)) int64 {
		j := &counted{Journal: store, Snapshots: store}
		b, shut := yearsBooks(t, j)
		defer shut()
		do(b)
		return j.read.Load()
	}
	cost.cash = look(func(b *books.Books) {
		if _, err := b.Balance(t.Context(), "cash", at); err != nil {
			t.Error(err)
		}
	})
	before := heap()
	cost.account = look(func(b *books.Books) {
		err := b.Account(t.Context(), "anna", func(a *ledger.Account) error {
			data, err := a.MarshalBinary()
			cost.state = len(data)
			return err
		})
		if err != nil {
			t.Error(err)
		}
		cost.heap = max(heap(), before) - before
		runtime.KeepAlive(b)
	})
	cost.post = look(func(b *books.Books) {
		d, err := b.Do(t.Context(), ledger.Post{ID: fmt.Sprint("more-", next), At: at, Value: next, Legs: ledger.Move("cash", "anna", rushEUR(1))})
		if err != nil || !d.Done() {
			t.Error(d, err)
		}
	})
	statement := look(func(b *books.Books) {
		s, err := b.Statement(t.Context(), "anna", ledger.Query{From: next.AddDays(-1), To: next.AddDays(-1), By: ledger.ByValue})
		if err != nil || s.Debits.Count+s.Credits.Count != yearsEntries {
			t.Errorf("got %+v, %v", s, err)
		}
	})
	if statement < int64(entries) {
		t.Errorf("a statement without an archive read %d records of %d entries", statement, entries)
	}
	return cost
}

// heap returns the bytes that are in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
