package books_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

var (
	noon  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	today = civil.MustParseDate("2026-11-21")
)

func eur(minor int64) money.Amount { return money.New(minor, money.EUR) }

// open returns books on a journal, with a clock that stands long after whatever the test does.
func open(t testing.TB, j storage.Journal, o *books.Options) *books.Books {
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
	b, err := books.New(e, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// customer and own are the terms of the accounts of the tests.
func customer() ledger.Terms {
	return ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{Overdraft: ledger.NoOverdraft}}
}

func own(of ledger.Type) ledger.Terms {
	return ledger.Terms{Type: of, Currency: money.EUR, Unconstrained: true}
}

// opened opens accounts in the books.
func opened(t testing.TB, b *books.Books, accounts map[string]ledger.Terms) {
	t.Helper()
	for id, terms := range accounts {
		if d, err := b.Open(t.Context(), id, "open", ledger.Open{At: noon.AddDate(-1, 0, 0), Terms: terms}); err != nil || !d.Done() {
			t.Fatal(d, err)
		}
	}
}

func TestQuick(t *testing.T) {
	j := memory.New(nil)
	b := open(t, j, nil)
	opened(t, b, map[string]ledger.Terms{"cash": own(ledger.Asset), "anna": customer(), "ben": customer()})
	do := func(c ledger.Command) {
		d, err := b.Do(t.Context(), c)
		fmt.Printf("%+v %v\n", d, err)
	}
	do(ledger.Post{ID: "1", At: noon, Value: today, Legs: ledger.Move("cash", "anna", eur(100_00))})
	do(ledger.Post{ID: "1", At: noon, Value: today, Legs: ledger.Move("cash", "anna", eur(100_00))})
	do(ledger.Post{ID: "1", At: noon, Value: today, Legs: ledger.Move("cash", "anna", eur(100_01))})
	do(ledger.Hold{ID: "2", At: noon, Value: today, Ends: noon.Add(time.Hour), Legs: ledger.Move("anna", "ben", eur(60_00))})
	do(ledger.Capture{ID: "c", Transfer: "2", At: noon, Amount: eur(50_00)})
	do(ledger.Capture{ID: "d", Transfer: "2", At: noon, Amount: eur(50_00)})
	do(ledger.Reverse{ID: "r", Transfer: "2", At: noon})
	s, err := b.Statement(t.Context(), "anna", ledger.Query{From: today, To: today, By: ledger.ByValue})
	fmt.Printf("%+v %v\n", s, err)
	r, err := ledger.Check(j.All(t.Context(), 0))
	fmt.Printf("%+v %v\n", r, err)
	x, err := b.Balance(t.Context(), "cash", noon)
	fmt.Printf("%+v %v\n", x, err)
}
