package bench_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/bench"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/pebble"
)

// payrules is package ledger/books over the embedded journal, with the defaults of both but for the number of accounts that
// stay in memory.
type payrules struct {
	journal *pebble.Journal
	books   *books.Books
}

func newPayrules(tb testing.TB, accounts []bench.Account) store {
	journal, err := pebble.Open(tb.TempDir(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := journal.Close(); err != nil {
			tb.Error(err)
		}
	})
	e, err := engine.New(journal, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	b, err := books.New(e, &books.Options{CachedAccounts: len(accounts)})
	if err != nil {
		tb.Fatal(err)
	}
	p := &payrules{journal, b}
	p.openAll(tb, accounts)
	return p
}

// openAll opens the accounts, many at a time.
func (p *payrules) openAll(tb testing.TB, accounts []bench.Account) {
	const openers = 256
	var wg sync.WaitGroup
	for first := range openers {
		wg.Go(func() {
			for i := first; i < len(accounts); i += openers {
				a := &accounts[i]
				d, err := p.books.Open(context.Background(), a.ID, "open", ledger.Open{At: bench.Epoch(), Terms: terms(a)})
				if err != nil || !d.Done() {
					tb.Errorf("open %s: %+v, %v", a.ID, d, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// terms of a customer of a bank, or of an account of its own.
func terms(a *bench.Account) ledger.Terms {
	t := ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Unconstrained: a.Unconstrained}
	switch {
	case a.Unconstrained:
	case a.Overdraft == 0:
		t.Limits = &ledger.Limits{Overdraft: ledger.NoOverdraft}
	default:
		t.Limits = &ledger.Limits{Overdraft: ledger.LimitedOverdraft, OverdraftLimit: money.New(a.Overdraft, money.EUR)}
	}
	return t
}

// command is a transfer as the ledger is asked for it.
func command(t *bench.Transfer) ledger.Post {
	return ledger.Post{
		ID: t.ID, At: t.At, Value: civil.DateOf(t.At, nil), Legs: ledger.Move(t.From, t.To, money.New(t.Amount, money.EUR)),
	}
}

// answer says whether a transfer was made. An id that stands for another transfer is no error here.
func answer(d ledger.Decision, err error) (bool, error) {
	if errors.Is(err, engine.ErrKeyReused) {
		return false, nil
	}
	return err == nil && d.Done(), err
}

func (p *payrules) post(ctx context.Context, t *bench.Transfer) (bool, error) {
	return answer(p.books.Do(ctx, command(t)))
}

func (p *payrules) postAll(ctx context.Context, transfers []bench.Transfer) ([]bool, error) {
	commands := make([]ledger.Command, len(transfers))
	for i := range transfers {
		commands[i] = command(&transfers[i])
	}
	decisions, errs := p.books.DoAll(ctx, commands)
	made := make([]bool, len(transfers))
	for i := range made {
		var err error
		if made[i], err = answer(decisions[i], errs[i]); err != nil {
			return nil, fmt.Errorf("transfer %d: %w", i, err)
		}
	}
	return made, nil
}

func (p *payrules) balance(ctx context.Context, account string) (int64, error) {
	b, err := p.books.Balance(ctx, account, bench.Epoch())
	return b.Booked.Minor(), err
}

func (p *payrules) audit(ctx context.Context) (int, error) {
	report, err := ledger.Check(p.journal.All(ctx, 0))
	if err != nil {
		return 0, err
	}
	return report.Transfers, nil
}
