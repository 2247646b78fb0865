package books_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
)

var (
	noon  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	today = civil.MustParseDate("2026-11-21")
)

func eur(minor int64) money.Amount { return money.New(minor, money.EUR) }

// after returns an instant a number of minutes after noon.
func after(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// open returns books on a new engine on a journal, which are closed with the test.
func open(t testing.TB, j storage.Journal, o *books.Options) *books.Books {
	t.Helper()
	b, shut := openUntil(t, j, o)
	t.Cleanup(shut)
	return b
}

// openUntil returns books that are open until shut is called.
func openUntil(t testing.TB, j storage.Journal, o *books.Options) (b *books.Books, shut func()) {
	t.Helper()
	e, err := engine.New(j, nil)
	if err != nil {
		t.Fatal(err)
	}
	if o == nil {
		o = &books.Options{}
	}
	if o.MaxAhead == 0 {
		o.MaxAhead = -1
	}
	if b, err = books.New(e, o); err != nil {
		t.Fatal(err)
	}
	return b, func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

// customer and own are the terms of the accounts of the tests.
func customer() ledger.Terms {
	return ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{Overdraft: ledger.NoOverdraft}}
}

func own(of ledger.Type) ledger.Terms {
	return ledger.Terms{Type: of, Currency: money.EUR, Unconstrained: true}
}

// opened opens accounts in the books.
func opened(t testing.TB, b *books.Books, terms ledger.Terms, accounts ...string) {
	t.Helper()
	for _, id := range accounts {
		if d, err := b.Open(t.Context(), id, "open", ledger.Open{At: noon.AddDate(-1, 0, 0), Terms: terms}); err != nil || !d.Done() {
			t.Fatal(d, err)
		}
	}
}

// bank opens cash, fees, and three customers, of which Anna has 100.00.
func bank(t testing.TB, b *books.Books) {
	t.Helper()
	opened(t, b, own(ledger.Asset), "cash")
	opened(t, b, own(ledger.Income), "fees")
	opened(t, b, own(ledger.Expense), "paid")
	opened(t, b, customer(), "anna", "ben", "carl")
	done(t, b, post("fund", 0, "cash", "anna", 100_00))
}

func post(id string, minutes int, from, to string, minor int64) ledger.Post {
	return ledger.Post{ID: id, At: after(minutes), Value: today, Legs: ledger.Move(from, to, eur(minor))}
}

func hold(id string, minutes int, from, to string, minor int64) ledger.Hold {
	return ledger.Hold{ID: id, At: after(minutes), Value: today, Expires: after(minutes + 60), Legs: ledger.Move(from, to, eur(minor))}
}

// savings are 3 % a year, posted every month.
func savings() *interest.Terms {
	return interest.MustTerms(interest.Spec{
		Currency: money.EUR, DayCount: interest.Act365F, Capitalise: interest.Monthly, Rounding: money.HalfAwayFromZero,
		Rates: []interest.Rates{{From: civil.MustParseDate("2026-01-01"), Credit: interest.Flat(money.EUR, money.MustParseRate("0.03"))}},
	})
}

// done does a command that is not refused.
func done(t testing.TB, b *books.Books, c ledger.Command) ledger.Decision {
	t.Helper()
	d, err := b.Do(t.Context(), c)
	if err != nil || !d.Done() {
		t.Fatalf("%+v: got %+v, %v, want it done", c, d, err)
	}
	return d
}

// refused does a command that is refused.
func refused(t testing.TB, b *books.Books, c ledger.Command, want ledger.Reason) ledger.Decision {
	t.Helper()
	d, err := b.Do(t.Context(), c)
	if err != nil || d.Reason != want {
		t.Fatalf("%+v: got %+v, %v, want %s", c, d, err, want)
	}
	return d
}

// checked says what the journal holds, which keeps all laws.
func checked(t testing.TB, j storage.Journal) *ledger.Report {
	t.Helper()
	report, err := ledger.Check(j.All(context.Background(), 0))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// has fails the test if an account does not stand so.
func has(t testing.TB, b *books.Books, id string, booked, outgoing int64) {
	t.Helper()
	balance, err := b.Balance(t.Context(), id, noon)
	if err != nil || balance.Booked != eur(booked) || balance.Outgoing != eur(outgoing) {
		t.Errorf("%s: got %+v, %v, want %d booked and %d held", id, balance, err, booked, outgoing)
	}
}

func head(t testing.TB, j storage.Journal) event.Position {
	t.Helper()
	p, err := j.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// same fails the test if two answers differ.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

// meanwhile is a command during whose planning something happens, after it was found out what it touches.
type meanwhile struct {
	ledger.Command
	happens func()
	once    *atomic.Bool
}

func during(c ledger.Command, happens func()) meanwhile {
	return meanwhile{c, happens, new(atomic.Bool)}
}

func (m meanwhile) Touches(s ledger.States) (transfers, accounts []string) {
	transfers, accounts = m.Command.Touches(s)
	if m.once.CompareAndSwap(false, true) {
		m.happens()
	}
	return transfers, accounts
}

func (m meanwhile) MarshalJSON() ([]byte, error) { return json.Marshal(m.Command) }

// counting is a journal that counts the records that it reads.
type counting struct {
	storage.Journal
	storage.Snapshots
	read atomic.Int64
}

func (c *counting) count(records iter.Seq2[event.Record, error]) iter.Seq2[event.Record, error] {
	return func(yield func(event.Record, error) bool) {
		for r, err := range records {
			c.read.Add(1)
			if !yield(r, err) {
				return
			}
		}
	}
}

func (c *counting) Stream(ctx context.Context, id string, after event.Version) iter.Seq2[event.Record, error] {
	return c.count(c.Journal.Stream(ctx, id, after))
}

func (c *counting) All(ctx context.Context, after event.Position) iter.Seq2[event.Record, error] {
	return c.count(c.Journal.All(ctx, after))
}

func describe(c ledger.Command) string { return fmt.Sprintf("%s %s", c.CommandType(), c.Key()) }
