package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
)

// AskReturns asks shops, by merchant, about all rewarded purchases there of which a refund is taken still, and refunds those that were
// returned. It reads the journal from the first such purchase at any shop on, which is put on record, and keeps no more of it than the
// purchases of a question for each shop. Report, if it is not nil, is told of each return. The ids of purchases must be unique over all
// customers: two of one id that meet in a question are left out of it, which is an error in the end.
//
// Returns an error if a merchant, a shop or the instant is malformed or nil, and the errors of the journal and of the engine. A shop that returns an
// error, or an answer as in [Desk.TakeReturns], is left out from there on; the others are asked, and the errors returned together. Call
// again: nothing is refunded twice.
func (d *Desk) AskReturns(ctx context.Context, shops map[string]ReturnAsker, at time.Time, report func(Checked)) (Checks, error) {
	at, err := instant(at)
	if err == nil {
		err = d.ahead(at)
	}
	if err != nil {
		return Checks{}, err
	}
	a := asking{desk: d, at: at, report: report, shops: map[string]*question{}}
	for merchant, shop := range shops {
		if checkMerchant(merchant) != nil || shop == nil {
			return Checks{}, fmt.Errorf("%w: shops: %q, want a merchant's id and a shop", cashback.ErrInvalid, merchant)
		}
		a.shops[merchant] = &question{shop: shop, customers: map[string]string{}}
	}
	var from event.Position
	if err := engine.ViewLatest(ctx, d.feeds, feedAsked, func(f *Feed) error { from = f.from; return nil }); err != nil {
		return Checks{}, err
	}
	next, err := a.read(ctx, from)
	if err != nil {
		return a.checks, err
	}
	for _, merchant := range slices.Sorted(maps.Keys(a.shops)) {
		if err := a.ask(ctx, merchant); err != nil {
			return a.checks, err
		}
	}
	if _, err := engine.Do(ctx, d.feeds, feedAsked, d.freshKey("asked"), asked{ReturnsAsked{At: at, From: next}}); err != nil {
		return a.checks, err
	}
	return a.checks, errors.Join(a.failed...)
}

// feedAsked is the feed of the journal itself.
const feedAsked = "asked"

// asking is one check of shops that are asked.
type asking struct {
	desk   *Desk
	at     time.Time
	report func(Checked)
	shops  map[string]*question
	failed []error
	checks Checks
}

// question is what a shop is asked next.
type question struct {
	shop      ReturnAsker
	customers map[string]string // by purchase; "" of a purchase of two customers
	twice     *twiceError       // nil if there was none yet
}

// twiceError says that purchases at a shop have ids of others.
type twiceError struct {
	merchant, purchase string // the first one
	count              int
}

func (e *twiceError) Unwrap() error { return cashback.ErrInvalid }

func (e *twiceError) Error() string {
	return fmt.Sprintf("%v: returns of %q: %d purchases have the id of another customer's, such as %q", cashback.ErrInvalid, e.merchant, e.count, e.purchase)
}

// read reads the journal, and asks where there are enough purchases. It returns the position before the first one that is open.
func (a *asking) read(ctx context.Context, from event.Position) (next event.Position, err error) {
	next, open := from, false
	for r, err := range a.desk.engine.Journal().All(ctx, from) {
		if err != nil {
			return 0, fmt.Errorf("desk: returns: %w", err)
		}
		e, err := a.earned(r)
		if err != nil {
			return 0, err
		}
		if e != nil && e.RefundUntil.After(a.at) {
			open = true
			if err := a.note(ctx, r.Stream, e); err != nil {
				return 0, err
			}
		}
		if !open {
			next = r.Position
		}
	}
	return next, nil
}

// earned reads a record of what a purchase at a partner has earned; nil of any other.
func (a *asking) earned(r event.Record) (*cashback.Earned, error) {
	if kind, _ := event.SplitStream(r.Stream); kind != kindRewards || r.Type != (cashback.Earned{}).EventType() {
		return nil, nil
	}
	data, err := a.desk.codec.Decode(r.Event)
	if err != nil {
		return nil, fmt.Errorf("desk: returns: record %s: %w", r.ID(), err)
	}
	e, is := data.(cashback.Earned)
	if !is || e.Reward.Sign() == 0 || e.Purchase.Merchant.ID == "" {
		return nil, nil
	}
	return &e, nil
}

// note adds a purchase to the question of its shop, and asks once that is full.
func (a *asking) note(ctx context.Context, stream string, e *cashback.Earned) error {
	q := a.shops[e.Purchase.Merchant.ID]
	if q == nil {
		return nil
	}
	_, customer := event.SplitStream(stream)
	if _, twice := q.customers[e.Purchase.ID]; twice {
		customer = ""
		if q.twice == nil {
			q.twice = &twiceError{merchant: e.Purchase.Merchant.ID, purchase: e.Purchase.ID}
			a.failed = append(a.failed, q.twice)
		}
		q.twice.count++
	}
	q.customers[e.Purchase.ID] = customer
	if len(q.customers) < MaxReturns {
		return nil
	}
	return a.ask(ctx, e.Purchase.Merchant.ID)
}

// ask asks a shop, and refunds what it says. It returns the errors that end the check.
func (a *asking) ask(ctx context.Context, merchant string) error {
	q := a.shops[merchant]
	if q == nil { // it has failed
		return nil
	}
	purchases := slices.Sorted(maps.Keys(q.customers))
	purchases = slices.DeleteFunc(purchases, func(p string) bool { return q.customers[p] == "" })
	defer func() { clear(q.customers) }()
	if len(purchases) == 0 {
		return nil
	}
	returns, err := q.shop.WereReturned(ctx, merchant, purchases)
	if err == nil {
		err = checkAnswer(returns, "")
	}
	if err != nil {
		a.failed = append(a.failed, fmt.Errorf("desk: returns of %q: %w", merchant, err))
		delete(a.shops, merchant)
		return nil
	}
	a.checks.Asked += len(purchases)
	for _, r := range returns {
		c := Checked{Merchant: merchant, Return: r, Customer: q.customers[r.Purchase], Found: Foreign}
		if c.Customer != "" {
			if c, err = a.desk.applyReturn(ctx, merchant, c.Customer, r, a.at); err != nil {
				return err
			}
		}
		a.checks.add(c.Found)
		if a.report != nil {
			a.report(c)
		}
	}
	return nil
}
