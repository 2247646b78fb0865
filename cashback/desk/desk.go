package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// The kinds of the streams.
const (
	kindRewards = "rewards" // one for each customer
	kindBudget  = "budget"  // one for each budget of a program: see BudgetID
	kindReturns = "returns" // how far the returns of shops were read
)

// RewardsKind is the kind of the rewards, for engine.NewRepository.
func RewardsKind() engine.Kind[*cashback.Rewards] {
	return engine.Kind[*cashback.Rewards]{Name: kindRewards, Codec: cashback.Codec(), New: cashback.NewRewards, Schema: cashback.Schema}
}

// BudgetKind is the kind of the budgets, for engine.NewRepository.
func BudgetKind() engine.Kind[*cashback.BudgetAccount] {
	return engine.Kind[*cashback.BudgetAccount]{Name: kindBudget, Codec: cashback.BudgetCodec(), New: cashback.NewBudgetAccount}
}

// BudgetID is the id of a program's budget among all budgets: programs do not share them, whatever they are called.
func BudgetID(program, budget string) string { return program + "/" + budget }

// ErrNoBudget is wrapped when a purchase may draw on a budget that is not open. It earns when it is asked for again after
// [Desk.Publish].
var ErrNoBudget = errors.New("desk: budget is not open")

// Resolver knows whose the terminals of the card network are.
type Resolver interface {
	// Merchant returns the partner to whom a terminal belongs, or false if it belongs to none. An error says that this is not known now:
	// then nothing is earned and nothing is recorded, and whoever has the purchase asks again.
	Merchant(ctx context.Context, terminal string) (m cashback.Merchant, partner bool, err error)
}

// Options of a [Desk]. Program and Resolver must be there.
type Options struct {
	_ struct{} // disallow positional literals

	// Program returns the version of the program that holds for a customer at an instant. An error is handled as that of a Resolver.
	Program func(ctx context.Context, customer string, at time.Time) (*cashback.Program, error)

	// Resolver knows the merchants.
	Resolver Resolver

	// Rate returns what one unit of a currency is in another, for payments that come without a rate and need one. It stays with the purchase.
	// An error is handled as that of a Resolver. Without it, such a payment is an error.
	Rate func(ctx context.Context, from, to money.Currency, at time.Time) (money.Rate, error)

	// MaxAhead is how far ahead of Now the instant of a command may be: one that lies far ahead confirms and expires what it should not, and for
	// good. Default an hour; negative for no bound.
	MaxAhead time.Duration

	// Now is the clock for MaxAhead. Default time.Now.
	Now func() time.Time

	// CustomerOf returns whose a purchase is. It is for [Desk.TakeReturns] alone.
	CustomerOf func(ctx context.Context, purchase string) (customer string, found bool, err error)
}

// Desk takes commands of package cashback to the rewards of customers and to the budgets that they draw on. It is safe for concurrent
// use.
type Desk struct {
	engine  *engine.Engine
	rewards *engine.Repository[*cashback.Rewards]
	budgets *engine.Repository[*cashback.BudgetAccount]
	feeds   *engine.Repository[*Feed]
	codec   *event.Codec // of rewards
	opts    Options

	nonce [8]byte // with count, makes keys that nobody has used
	count atomic.Uint64
}

// New opens a desk on an engine, over repositories of [RewardsKind] and [BudgetKind]. There can be one on each engine.
//
// Returns an error that wraps engine.ErrInvalid if something is nil, or the engine has a desk.
func New(e *engine.Engine, rewards *engine.Repository[*cashback.Rewards], budgets *engine.Repository[*cashback.BudgetAccount], o *Options) (*Desk, error) {
	if e == nil || rewards == nil || budgets == nil {
		return nil, fmt.Errorf("%w desk: no engine, rewards or budgets", engine.ErrInvalid)
	}
	if o == nil || o.Program == nil || o.Resolver == nil {
		return nil, fmt.Errorf("%w desk: no Program or Resolver", engine.ErrInvalid)
	}
	feeds, err := engine.NewRepository(e, engine.Kind[*Feed]{Name: kindReturns, Codec: FeedCodec(), New: NewFeed}, &engine.RepositoryOptions{SnapshotEvery: -1})
	if err != nil {
		return nil, err
	}
	d := &Desk{engine: e, rewards: rewards, budgets: budgets, feeds: feeds, codec: cashback.Codec(), opts: *o}
	_, _ = rand.Read(d.nonce[:]) // never fails
	if d.opts.MaxAhead == 0 {
		d.opts.MaxAhead = time.Hour
	}
	if d.opts.Now == nil {
		d.opts.Now = time.Now
	}
	return d, nil
}

// ahead returns an error if an instant lies too far ahead of the clock.
func (d *Desk) ahead(at time.Time) error {
	if d.opts.MaxAhead < 0 || !at.After(d.opts.Now().Add(d.opts.MaxAhead)) {
		return nil
	}
	return fmt.Errorf("%w at: more than %s ahead of the clock", cashback.ErrInvalid, d.opts.MaxAhead)
}

// freshKey makes a key for what is not done twice anyway, since it looks at what is there.
func (d *Desk) freshKey(command string) string {
	return fmt.Sprintf("%s/%x/%d", command, d.nonce, d.count.Add(1))
}

// Publish opens the budgets of a program, and raises or lowers those that another version had. Do that before the first purchase under a
// version, and in the order of the versions: a version that was published before changes nothing any more.
//
// Returns the errors of engine.Do; one that wraps cashback.ErrInvalid if a budget was in another currency, and engine.ErrKeyReused if the
// version had another total when it was published. Ask again after any error.
func (d *Desk) Publish(ctx context.Context, p *cashback.Program, at time.Time) error {
	if p == nil {
		return fmt.Errorf("%w: program: none", cashback.ErrInvalid)
	}
	if err := d.ahead(at); err != nil {
		return err
	}
	key := fmt.Sprintf("publish/%d", p.Version())
	for _, b := range p.Spec().Budgets {
		c := publish{cashback.SetBudget{At: at, Total: b.Total}}
		if _, err := engine.Do(ctx, d.budgets, BudgetID(p.ID(), b.ID), key, c); err != nil {
			return fmt.Errorf("desk: budget %q: %w", b.ID, err)
		}
	}
	return nil
}

// publish is a SetBudget that is the same at any time.
type publish struct{ cashback.SetBudget }

// Decide returns a BudgetSet, also of a budget that is so already: a version that was published is on record, or it would undo what later
// ones have set when it is published again.
func (c publish) Decide(b *cashback.BudgetAccount) ([]event.Data, error) {
	facts, err := c.SetBudget.Decide(b)
	if err != nil || len(facts) > 0 {
		return facts, err
	}
	other := c.SetBudget // any, to learn of the instant
	other.Total = money.New(1, c.Total.Currency())
	if other.Total == c.Total {
		other.Total = money.New(0, c.Total.Currency())
	}
	if facts, err = other.Decide(b); err != nil {
		return nil, err
	}
	set := facts[0].(cashback.BudgetSet)
	set.Total = c.Total
	return []event.Data{set}, nil
}

// CommandType names it.
func (publish) CommandType() string { return "desk.Publish" }

// AppendJSON writes what tells it from another.
func (c publish) AppendJSON(dst []byte) ([]byte, error) {
	text, err := c.Total.MarshalJSON()
	return append(dst, text...), err
}

// instant checks an instant of the caller's, as package cashback does.
func instant(at time.Time) (time.Time, error) {
	at = money.Instant(at)
	if at.Year() < 1970 || at.Year() > 2199 {
		return at, fmt.Errorf("%w: at: want an instant from 1970 to 2199", cashback.ErrInvalid)
	}
	return at, nil
}

// checkID checks an id of the caller's, as package cashback does.
func checkID(field, id string) error {
	if err := event.ValidateKey(id); err != nil || len(id) > cashback.MaxKey {
		return fmt.Errorf("%w: %s: want 1 to %d bytes of UTF-8 without control characters", cashback.ErrInvalid, field, cashback.MaxKey)
	}
	return nil
}
