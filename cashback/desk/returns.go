package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/engine"
)

// ReturnLister is a shop that lists what was returned.
type ReturnLister interface {
	// Returned returns at most MaxReturns returns after a cursor of the shop's own, "" being the first, and the next cursor. A shop that has no
	// more, or always lists all it knows of, gives the same cursor back, or none. Cursors are up to 1,000 bytes of UTF-8 without control
	// characters.
	Returned(ctx context.Context, merchant, after string) (returns []Return, next string, err error)
}

// ReturnAsker is a shop that says which purchases were returned.
type ReturnAsker interface {
	// WereReturned returns what was returned of purchases, at most MaxReturns of which are asked about at once. It may say the same again.
	WereReturned(ctx context.Context, merchant string, purchases []string) ([]Return, error)
}

// Found says what became of a return.
type Found string

// What becomes of returns.
const (
	Applied Found = "applied" // it is a refund, now or since an earlier check
	Refused Found = "refused" // the refund was refused: see the decision
	Unknown Found = "unknown" // of a purchase that is not there: it is kept, and tried again at each check
	Dropped Found = "dropped" // the same, after WaitDays: it is kept no more
	Foreign Found = "foreign" // of a purchase at another shop, or that the shop was not asked about: it does nothing
)

// Checked is what became of one return.
type Checked struct {
	_ struct{} // disallow positional literals

	Merchant string
	Return   Return
	Customer string // "" if that is not known
	Found    Found
	Decision cashback.Decision // of Applied and Refused
}

// Checks counts what became of returns.
type Checks struct {
	_ struct{} // disallow positional literals

	Asked                                       int // purchases that shops were asked about
	Applied, Refused, Unknown, Dropped, Foreign int
	More                                        bool // the shop has more: call again
}

func (c *Checks) add(f Found) {
	switch f {
	case Applied:
		c.Applied++
	case Refused:
		c.Refused++
	case Unknown:
		c.Unknown++
	case Dropped:
		c.Dropped++
	case Foreign:
		c.Foreign++
	}
}

// RefundID is the id of the refund that a shop's return becomes: one for each return, however often and in whatever way it is told.
func RefundID(merchant, id string) string {
	return fmt.Sprintf("return/%d/%s/%s", len(merchant), merchant, id)
}

// TakeReturns reads one answer of a shop that lists its returns, and refunds the purchases. Then it puts the shop's cursor on record, so that
// a check that ended anywhere is repeated and refunds nothing twice. A return whose purchase, or whose customer, is not known yet is put
// on record with the cursor, and tried again at each check for WaitDays. Report, if it is not nil, is told of each return; of one that waits,
// when it begins to and when it ends.
//
// Returns an error, and leaves the cursor where it is, if:
//   - the shop or Options.CustomerOf returns one, which is wrapped, or there is no CustomerOf (engine.ErrInvalid);
//   - the merchant or the instant is malformed (cashback.ErrInvalid);
//   - the shop gives more than MaxReturns, or one that is malformed, or such a cursor (cashback.ErrInvalid): none of the answer is applied;
//   - more than MaxWaiting returns would wait;
//   - the engine returns one (see [Desk.Refund]).
func (d *Desk) TakeReturns(ctx context.Context, merchant string, shop ReturnLister, at time.Time, report func(Checked)) (Checks, error) {
	if d.opts.CustomerOf == nil || shop == nil {
		return Checks{}, fmt.Errorf("%w desk: no CustomerOf or shop", engine.ErrInvalid)
	}
	if err := checkMerchant(merchant); err != nil {
		return Checks{}, err
	}
	at, err := instant(at)
	if err == nil {
		err = d.ahead(at)
	}
	if err != nil {
		return Checks{}, err
	}
	var after string
	var waiting []WaitingReturn
	err = engine.ViewLatest(ctx, d.feeds, feedOf(merchant), func(f *Feed) error { after, waiting = f.Cursor(), f.Waiting(); return nil })
	if err != nil {
		return Checks{}, err
	}
	listed, next, err := shop.Returned(ctx, merchant, after)
	if err == nil {
		err = checkAnswer(listed, next)
	}
	if err != nil {
		return Checks{}, fmt.Errorf("desk: returns of %q: %w", merchant, err)
	}
	next = cmp.Or(next, after) // none: there is no more
	t := taking{desk: d, merchant: merchant, at: at, report: report, read: ReturnsRead{At: at, Before: after, Cursor: next}, waits: map[string]Return{}}
	if err := t.retry(ctx, waiting); err != nil {
		return t.checks, err
	}
	if err := t.take(ctx, listed, waiting); err != nil {
		return t.checks, err
	}
	if _, err := engine.Do(ctx, d.feeds, feedOf(merchant), d.freshKey("read"), read{t.read}); err != nil {
		return t.checks, err
	}
	t.checks.More = next != after && len(listed) > 0
	return t.checks, nil
}

// taking is one check of a shop that lists its returns.
type taking struct {
	desk     *Desk
	merchant string
	at       time.Time
	report   func(Checked)
	read     ReturnsRead
	waits    map[string]Return // that will wait, by their ids
	checks   Checks
}

// retry tries those again that wait.
func (t *taking) retry(ctx context.Context, waiting []WaitingReturn) error {
	for _, w := range waiting {
		c, err := t.apply(ctx, w.Return)
		switch {
		case err != nil:
			return err
		case c.Found != Unknown:
			t.read.Settled = append(t.read.Settled, w.ID)
		case w.Since.AddDate(0, 0, WaitDays).After(t.at):
			t.checks.add(Unknown)
			t.waits[w.ID] = w.Return
			continue // it goes on waiting
		default:
			c.Found = Dropped
			t.read.Dropped = append(t.read.Dropped, w.ID)
		}
		t.tell(c)
	}
	return nil
}

// take takes what the shop lists.
func (t *taking) take(ctx context.Context, listed []Return, waiting []WaitingReturn) error {
	for _, r := range listed {
		if slices.ContainsFunc(waiting, func(w WaitingReturn) bool { return w.Return == r }) {
			continue // it was just tried
		}
		c, err := t.apply(ctx, r)
		if err != nil {
			return err
		}
		if first, waits := t.waits[r.ID]; c.Found == Unknown && !waits {
			t.waits[r.ID] = r
			t.read.Waiting = append(t.read.Waiting, r)
		} else if c.Found == Unknown && first != r {
			c = c.contradicts()
		}
		t.tell(c)
	}
	return nil
}

func (t *taking) tell(c Checked) {
	t.checks.add(c.Found)
	if t.report != nil {
		t.report(c)
	}
}

// apply refunds the purchase of a return, if its customer is known.
func (t *taking) apply(ctx context.Context, r Return) (Checked, error) {
	customer, found, err := t.desk.opts.CustomerOf(ctx, r.Purchase)
	switch {
	case err != nil:
		return Checked{}, fmt.Errorf("desk: returns of %q: customer of %q: %w", t.merchant, r.Purchase, err)
	case !found:
		return Checked{Merchant: t.merchant, Return: r, Found: Unknown}, nil
	}
	return t.desk.applyReturn(ctx, t.merchant, customer, r, t.at)
}

// contradicts refuses a return of which the shop has said something else before: that holds, and others are not kept waiting.
func (c Checked) contradicts() Checked {
	reused := cashback.Cause{Reason: cashback.ExistsWithDifferentContent}
	c.Found, c.Decision = Refused, cashback.Decision{ID: RefundID(c.Merchant, c.Return.ID), Causes: []cashback.Cause{reused}}
	return c
}

// errNotThere says why a return is not applied now. It may have been, before its purchase was forgotten.
var errNotThere = errors.New("desk: the purchase is not there")

// applyReturn refunds a customer's purchase, if it was made at the shop that took it back. One that is not there waits: whether it is the
// shop's is not known before.
func (d *Desk) applyReturn(ctx context.Context, merchant, customer string, r Return, at time.Time) (Checked, error) {
	c := Checked{Merchant: merchant, Return: r, Customer: customer, Found: Unknown}
	var cannot error
	err := engine.ViewLatest(ctx, d.rewards, customer, func(rewards *cashback.Rewards) error {
		c.Found, cannot = Unknown, nil
		if e, known := rewards.Entry(r.Purchase); !known {
			cannot = errNotThere
		} else if e.Earned.Purchase.Merchant.ID != merchant {
			c.Found = Foreign
		}
		return nil
	})
	if err != nil || c.Found == Foreign {
		return c, err
	}
	refund := cashback.Refund{At: at, ID: RefundID(merchant, r.ID), Purchase: r.Purchase, Amount: r.Amount}
	decided, err := d.refund(ctx, customer, refund, cannot)
	switch {
	case errors.Is(err, errNotThere):
		return c, nil
	case errors.Is(err, engine.ErrKeyReused):
		return c.contradicts(), nil
	case err != nil:
		return c, err
	case decided.Kept: // what was due before has made the purchase forgotten: nothing will come of it
		return c, nil
	}
	c.Found, c.Decision = Applied, decided
	if !decided.Done {
		c.Found = Refused
	}
	return c, nil
}

// feedOf is the id of a shop's feed.
func feedOf(merchant string) string { return "shop/" + merchant }

func checkMerchant(merchant string) error {
	if err := checkID("merchant", merchant); err != nil || len(merchant) > MaxMerchantID {
		return fmt.Errorf("%w: merchant: want 1 to %d bytes", cashback.ErrInvalid, MaxMerchantID)
	}
	return nil
}

// checkAnswer checks what a shop has said.
func checkAnswer(returns []Return, next string) error {
	if len(returns) > MaxReturns || len(next) > maxCursor {
		return fmt.Errorf("%w: %d returns, and a cursor of %d bytes, want at most %d and %d", cashback.ErrInvalid, len(returns), len(next), MaxReturns, maxCursor)
	}
	if !utf8.ValidString(next) || strings.ContainsFunc(next, unicode.IsControl) {
		return fmt.Errorf("%w: cursor: want UTF-8 without control characters, which a record keeps as it is", cashback.ErrInvalid)
	}
	for i := range returns {
		r := &returns[i]
		err := checkID("id", r.ID)
		if err == nil {
			err = checkID("purchase", r.Purchase)
		}
		if err == nil && len(r.ID) > MaxReturnID {
			err = fmt.Errorf("%w: id: want at most %d bytes", cashback.ErrInvalid, MaxReturnID)
		}
		if a := r.Amount; err == nil && a != (Return{}).Amount && (!a.Valid() || a.Sign() <= 0 || a.Minor() > cashback.MaxAmount) {
			err = fmt.Errorf("%w: amount: want more than zero, and at most 2^54-1 minor units", cashback.ErrInvalid)
		}
		if err != nil {
			return fmt.Errorf("return %d: %w", i, err)
		}
	}
	return nil
}

// maxCursor is the length in bytes of the longest cursor of a shop.
const maxCursor = 1_000
