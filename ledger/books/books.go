package books

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/storage"
)

// Options of Books. Nil and zero fields stand for the defaults.
type Options struct {
	_ struct{} // disallow positional literals

	// MaxAhead is how far ahead of Now the instant of a command may be. Default an hour; negative for no bound.
	MaxAhead time.Duration

	// Now is the clock for MaxAhead. Default time.Now.
	Now func() time.Time

	// Archive is where Books.Archive moves closed periods to, and where they are read from. Default none.
	Archive ledger.Archiver

	// CachedAccounts and CachedTransfers are how many stay in memory. Default 10,000 each.
	CachedAccounts, CachedTransfers int

	// SnapshotEvery is after how many events of an account a snapshot of it is kept. Default 1,000; -1 never.
	SnapshotEvery int
}

// Books is a ledger on an engine. Make it with [New]. It is safe for concurrent use.
type Books struct {
	journal   storage.Journal
	accounts  *engine.Repository[*ledger.Account]
	transfers *engine.Repository[*ledger.Transfer]
	closings  *engine.Repository[*ledger.Closing]
	codec     *event.Codec // of accounts
	opts      Options

	shared sync.Map     // id of an account to its *ledger.Account, if nothing constrains it, and nil if something does
	known  atomic.Int64 // how many are in it, about
}

// The kinds of the streams.
const (
	kindAccount  = string(ledger.KindAccount)
	kindTransfer = string(ledger.KindTransfer)
	kindClosing  = string(ledger.KindClosing)
)

// New opens the books on an engine. There can be one of them on each.
//
// Returns an error that wraps engine.ErrInvalid if the engine is nil, has books already, or an option is out of bounds.
func New(e *engine.Engine, o *Options) (*Books, error) {
	if e == nil {
		return nil, fmt.Errorf("%w books: no engine", engine.ErrInvalid)
	}
	b := &Books{journal: e.Journal(), codec: ledger.AccountCodec()}
	if o != nil {
		b.opts = *o
	}
	if b.opts.MaxAhead == 0 {
		b.opts.MaxAhead = time.Hour
	}
	if b.opts.Now == nil {
		b.opts.Now = time.Now
	}
	var err error
	b.accounts, err = engine.NewRepository(e, engine.Kind[*ledger.Account]{
		Name: kindAccount, Codec: b.codec, New: ledger.NewAccount, Schema: ledger.Schema,
	}, &engine.RepositoryOptions{CachedAggregates: b.opts.CachedAccounts, SnapshotEvery: b.opts.SnapshotEvery})
	if err != nil {
		return nil, err
	}
	b.transfers, err = engine.NewRepository(e, engine.Kind[*ledger.Transfer]{
		Name: kindTransfer, Codec: ledger.TransferCodec(), New: ledger.NewTransfer,
	}, &engine.RepositoryOptions{CachedAggregates: b.opts.CachedTransfers, SnapshotEvery: -1})
	if err != nil {
		return nil, err
	}
	b.closings, err = engine.NewRepository(e, engine.Kind[*ledger.Closing]{
		Name: kindClosing, Codec: ledger.ClosingCodec(), New: ledger.NewClosing,
	}, &engine.RepositoryOptions{SnapshotEvery: -1})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// ahead returns an error if an instant lies too far ahead of the clock.
func (b *Books) ahead(at time.Time) error {
	if b.opts.MaxAhead < 0 || !at.After(b.opts.Now().Add(b.opts.MaxAhead)) {
		return nil
	}
	return fmt.Errorf("%w at: more than %s ahead of the clock", ledger.ErrInvalid, b.opts.MaxAhead)
}

// Do decides a command over transfers, and returns once what it decided is durable. The same command again gets the same
// answer, whatever has happened since; but for one that was refused and is not on record: with ledger.NotFound, or of interest.
//
// Returns an error, and changes nothing, if:
//   - the command is malformed, or its instant too far ahead (ledger.ErrInvalid);
//   - its key was used for another command of the same transfer (engine.ErrKeyReused);
//   - the journal fails, others were faster every time (storage.ErrConflict), the engine is closed, or ctx is done first.
//
// Only after a storage.ErrUnknownOutcome may it have been done. Ask again with the same command.
func (b *Books) Do(ctx context.Context, c ledger.Command) (ledger.Decision, error) {
	for plans := 1; ; plans++ {
		p, err := b.Plan(ctx, c)
		if err != nil {
			return ledger.Decision{}, err
		}
		d, err := engine.Atomically(ctx, c.Key(), p.refs, transaction{p, new(ledger.Decision)})
		if !errors.Is(err, ErrStalePlan) || plans > ledger.MaxTouched { // each time, a transfer has come into being; none ever goes
			return d, err
		}
	}
}

// DoAll decides commands that have nothing to do with each other, at the same time, so that they share commits. Each has its
// own answer, or its own error, at its place.
func (b *Books) DoAll(ctx context.Context, commands []ledger.Command) ([]ledger.Decision, []error) {
	decisions, errs := make([]ledger.Decision, len(commands)), make([]error, len(commands))
	var wg sync.WaitGroup
	for start := range min(len(commands), maxCallers) {
		wg.Go(func() {
			for i := start; i < len(commands); i += maxCallers {
				decisions[i], errs[i] = b.Do(ctx, commands[i])
			}
		})
	}
	wg.Wait()
	return decisions, errs
}

// maxCallers is how many commands of DoAll are under way at once.
const maxCallers = 512

// sharedAccount returns what never changes of an account that nothing constrains; nil of any other, or if there is none.
func (b *Books) sharedAccount(ctx context.Context, id string) (*ledger.Account, error) {
	if known, ok := b.shared.Load(id); ok {
		return known.(*ledger.Account), nil
	}
	opened, ok, err := b.opening(ctx, id)
	if err != nil || !ok {
		return nil, err
	}
	return b.remember(id, opened)
}

// remember keeps what never changes of an account that was opened.
func (b *Books) remember(id string, opened ledger.AccountOpened) (*ledger.Account, error) {
	var shared *ledger.Account
	if opened.Unconstrained {
		shared = ledger.NewAccount(id)
		if err := shared.Apply(opened); err != nil {
			return nil, fmt.Errorf("books: %w", err)
		}
	}
	if b.known.Add(1) > maxKnown {
		b.shared.Clear()
		b.known.Store(0)
	}
	b.shared.Store(id, shared)
	return shared, nil
}

// maxKnown is of how many accounts it is remembered whether something constrains them: some 100 bytes each.
const maxKnown = 100_000

// opening reads how an account was opened; ok is false if it was not. It reads no more of it: an account to which everybody pays
// would take long.
func (b *Books) opening(ctx context.Context, id string) (opened ledger.AccountOpened, ok bool, err error) {
	for r, err := range b.journal.Stream(ctx, event.Stream(kindAccount, id), 0) {
		var d event.Data
		if err == nil {
			d, err = b.codec.Decode(r.Event)
		}
		if err != nil {
			return opened, false, fmt.Errorf("books: account %q: %w", id, err)
		}
		if opened, ok = d.(ledger.AccountOpened); ok { // and not what was refused before
			return opened, true, nil
		}
	}
	return opened, false, nil
}
