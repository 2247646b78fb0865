package books

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// account decides a command over one account, at its instant.
func (b *Books) account(ctx context.Context, id, key string, at time.Time, c ledger.AccountCommand) (ledger.AccountDecision, error) {
	if err := b.ahead(at); err != nil {
		return ledger.AccountDecision{}, err
	}
	d, err := engine.Do(ctx, b.accounts, id, key, c)
	d.Account = id
	return d, err
}

// Open opens an account. Key is the command's, unique among the commands over the account. It returns the errors of [Books.Do].
func (b *Books) Open(ctx context.Context, id, key string, c ledger.Open) (ledger.AccountDecision, error) {
	d, err := b.account(ctx, id, key, c.At, c)
	if err == nil && d.Done() {
		_, err = b.remember(id, ledger.AccountOpened{Account: id, At: d.At, Terms: c.Terms})
	}
	return d, err
}

// SetLimits lets other limits rule an account. It returns the errors of [Books.Do].
func (b *Books) SetLimits(ctx context.Context, id, key string, c ledger.SetLimits) (ledger.AccountDecision, error) {
	return b.account(ctx, id, key, c.At, c)
}

// SetBlock says which postings an account takes no more. It returns the errors of [Books.Do].
func (b *Books) SetBlock(ctx context.Context, id, key string, c ledger.SetBlock) (ledger.AccountDecision, error) {
	return b.account(ctx, id, key, c.At, c)
}

// Close closes an account that is empty. It returns the errors of [Books.Do].
func (b *Books) Close(ctx context.Context, id, key string, c ledger.Close) (ledger.AccountDecision, error) {
	return b.account(ctx, id, key, c.At, c)
}

// Reopen opens a closed account again. It returns the errors of [Books.Do].
func (b *Books) Reopen(ctx context.Context, id, key string, c ledger.Reopen) (ledger.AccountDecision, error) {
	return b.account(ctx, id, key, c.At, c)
}

// SetInterest gives an account interest, or other terms for it. It returns the errors of [Books.Do].
func (b *Books) SetInterest(ctx context.Context, id, key string, c ledger.SetInterest) (ledger.AccountDecision, error) {
	return b.account(ctx, id, key, c.At, c)
}

// EndPeriod closes the days of an account up to a date. It returns the errors of [Books.Do].
func (b *Books) EndPeriod(ctx context.Context, id, key string, c ledger.EndPeriod) (ledger.AccountDecision, error) {
	if err := b.ahead(c.At); err != nil {
		return ledger.AccountDecision{}, err
	}
	for {
		shared, err := b.sharedAccount(ctx, id)
		asked := false
		if err == nil && shared != nil {
			asked, err = b.askedEarly(ctx, id, key)
		}
		switch {
		case err != nil:
			return ledger.AccountDecision{}, err
		case shared != nil && !asked:
			d, err := b.closing(ctx, id, key, "ledger.end_shared_period", ledger.EndSharedPeriod(c))
			d.Account = id
			return d, err
		}
		d, err := b.account(ctx, id, key, c.At, endPeriod{c})
		if !errors.Is(err, errShared) { // it was opened meanwhile
			return d, err
		}
	}
}

// endPeriod is ledger.EndPeriod, for accounts that something constrains.
type endPeriod struct{ ledger.EndPeriod }

var errShared = errors.New("books: nothing constrains the account")

func (endPeriod) CommandType() string { return "ledger.end_period" }

// Decide returns errShared of an account that nothing constrains.
func (c endPeriod) Decide(a *ledger.Account) ([]event.Data, error) {
	if a.Terms().Unconstrained {
		return nil, errShared
	}
	return c.EndPeriod.Decide(a)
}

// askedEarly says whether a key was used for a command over an account before it was opened, which refused it.
func (b *Books) askedEarly(ctx context.Context, id, key string) (bool, error) {
	for r, err := range b.journal.Stream(ctx, event.Stream(kindAccount, id), 0) {
		if err != nil {
			return false, fmt.Errorf("books: account %q: %w", id, err)
		}
		d, err := b.codec.Decode(r.Event)
		if err != nil {
			return false, fmt.Errorf("books: account %q: %w", id, err)
		}
		if _, opened := d.(ledger.AccountOpened); opened || r.Key == key {
			return !opened, nil
		}
	}
	return false, nil
}

// closing decides a command over the closing of an account that nothing constrains, and copies what was decided there.
func (b *Books) closing(ctx context.Context, id, key, name string, c closingCommand) (ledger.AccountDecision, error) {
	t := closingTransaction{name, c, b.closings.Ref(id), b.accounts.AnyRef(id)}
	return engine.Atomically(ctx, key, []engine.Member{t.closing, t.account}, t)
}

type closingCommand = engine.Command[*ledger.Closing, ledger.AccountDecision]

type closingTransaction struct {
	name    string
	command closingCommand
	closing engine.Ref[*ledger.Closing]
	account engine.Ref[*ledger.Account]
}

// MarshalJSON is the command's.
func (t closingTransaction) MarshalJSON() ([]byte, error) { return json.Marshal(t.command) }

// CommandType is the command's.
func (t closingTransaction) CommandType() string { return t.name }

// Decide decides on the closing, and copies what is no refusal to the account.
func (t closingTransaction) Decide(tx *engine.Tx) error {
	var events []event.Data
	err := engine.Peek(tx, t.closing, func(c *ledger.Closing) (err error) {
		events, err = t.command.Decide(c)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := engine.Stage(tx, t.closing, made[*ledger.Closing]{events}); err != nil {
		return err
	}
	if _, refused := events[0].(ledger.Refusal); refused {
		return nil
	}
	_, err = engine.Stage(tx, t.account, made[*ledger.Account]{events})
	return err
}

// Result reads the decision back.
func (t closingTransaction) Result(decided engine.Decided) ledger.AccountDecision {
	return t.command.Result(decided.Of(t.closing))
}

// Account shows the state of an account to fn, which must neither change nor keep it. All that it shows is durable. Other
// processes may be ahead of an account that something constrains; of one that nothing does it is the latest.
//
// Returns an error if fn does, the id breaks its form, the account cannot be read, or ctx is done.
func (b *Books) Account(ctx context.Context, id string, fn func(a *ledger.Account) error) error {
	shared, err := b.sharedAccount(ctx, id)
	switch {
	case err != nil:
		return err
	case shared != nil:
		return engine.ViewLatest(ctx, b.accounts, id, fn)
	}
	err = engine.View(ctx, b.accounts, id, func(a *ledger.Account) error {
		if !a.Exists() {
			return errNotOpen
		}
		return fn(a)
	})
	if errors.Is(err, errNotOpen) { // or it was opened elsewhere
		return engine.ViewLatest(ctx, b.accounts, id, fn)
	}
	return err
}

var errNotOpen = errors.New("books: not open")

// Balance returns how an account stands at an instant, or at that of its latest decision if that is later.
//
// Returns an error that wraps ErrNoAccount if there is none, and those of [Books.Account].
func (b *Books) Balance(ctx context.Context, id string, at time.Time) (balance ledger.Balance, err error) {
	err = b.Account(ctx, id, func(a *ledger.Account) error {
		if !a.Exists() {
			return fmt.Errorf("%w: %q", ErrNoAccount, id)
		}
		balance = a.Balance(at)
		return nil
	})
	return balance, err
}

// Transfer shows the state of a transfer to fn, which must neither change nor keep it. It returns the errors of
// [Books.Account].
func (b *Books) Transfer(ctx context.Context, id string, fn func(t *ledger.Transfer) error) error {
	return engine.ViewLatest(ctx, b.transfers, id, fn)
}

// OpenChart opens the accounts of a chart that are not open yet.
//
// Returns an error if the chart is malformed (ledger.ErrInvalid), an account is open in another way than the chart says (then
// too), and those of [Books.Do]. Accounts before that one are open.
func (b *Books) OpenChart(ctx context.Context, chart ledger.Chart, at time.Time) error {
	if err := chart.Validate(); err != nil {
		return err
	}
	for i := range chart.Accounts {
		if err := b.openEntry(ctx, &chart.Accounts[i], at); err != nil {
			return fmt.Errorf("books: chart: account %q: %w", chart.Accounts[i].ID, err)
		}
	}
	return nil
}

// openEntry opens an account of a chart if it is not open. If somebody else did meanwhile, it must be the same.
func (b *Books) openEntry(ctx context.Context, entry *ledger.ChartAccount, at time.Time) error {
	for attempt := 1; ; attempt++ {
		is, open, err := b.opening(ctx, entry.ID)
		switch {
		case err != nil:
			return err
		case open:
			return entry.Conflict(is.Terms)
		}
		d, err := b.Open(ctx, entry.ID, "chart", ledger.Open{At: at, Terms: entry.Terms})
		if err == nil && d.Done() || err != nil && !errors.Is(err, engine.ErrKeyReused) || attempt > 1 {
			return err
		}
	}
}
