package run

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/engine"
)

// issue issues the invoices of a chunk in one append. An account that cannot be billed is left out of it.
func (r *Runner) issue(ctx context.Context, o *Order, w *tally, found []drafted) error {
	var ids []string
	for i := range found {
		switch d := &found[i]; {
		case d.parked != nil:
			if err := r.park(ctx, o, w, *d.parked); err != nil {
				return err
			}
		case len(d.drafts) > 0:
			ids = append(ids, d.id)
		}
	}
	return r.issueAll(ctx, o, w, ids)
}

// issueAll issues the invoices of accounts, in one append if it can be.
func (r *Runner) issueAll(ctx context.Context, o *Order, w *tally, ids []string) error {
	for len(ids) > 0 {
		done, err := r.append(ctx, o, ids)
		var parked *parkedError
		switch {
		case errors.As(err, &parked): // since it was drafted
			if err := r.park(ctx, o, w, parked.Parked); err != nil {
				return err
			}
			ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == parked.Contract })
			continue
		case errors.Is(err, engine.ErrInvalid) && len(ids) > 1: // too much for one append
			if err := r.issueAll(ctx, o, w, ids[:len(ids)/2]); err != nil {
				return err
			}
			ids = ids[len(ids)/2:]
			continue
		case errors.Is(err, engine.ErrInvalid):
			return r.park(ctx, o, w, Parked{Contract: ids[0], Err: err})
		case err != nil:
			return fmt.Errorf("run: %w", err)
		}
		for i, id := range ids {
			w.billed(id, done[i])
			if len(done[i].Issued) < billing.MaxDocuments {
				continue
			}
			if err := r.issueAll(ctx, o, w, ids[i:i+1]); err != nil { // there are more of it
				return err
			}
		}
		return nil
	}
	return nil
}

// park puts it on record why an account cannot be billed.
func (r *Runner) park(ctx context.Context, o *Order, w *tally, p Parked) error {
	w.report.Parked = append(w.report.Parked, p)
	if len(p.Causes) == 0 {
		return nil // an error is not on record
	}
	var month billing.Period
	err := engine.View(ctx, r.accounts, p.Contract, func(a *billing.Account) (err error) { month, err = a.MonthOf(o.Month); return err })
	c := billing.Park(o.bill(month, billing.Numbering{}))
	if err == nil {
		var text []byte
		if text, err = json.Marshal(c); err == nil {
			_, err = engine.Do(ctx, r.accounts, p.Contract, fmt.Sprintf("park/%s@%x", month.From, sha256.Sum256(text)), c)
		}
	}
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	return nil
}

func (w *tally) billed(id string, b billing.Billed) {
	for i := range b.Issued {
		v := &b.Issued[i]
		w.add(id, v.Kind, v.Totals.Payable, v.Digest)
	}
	if len(b.Issued) > 0 && w.last != id {
		w.report.Billed++
		w.last = id
	}
}

// parkedError says which account cannot be billed with the others of its chunk.
type parkedError struct{ Parked }

func (e *parkedError) Error() string {
	return fmt.Sprintf("account %q cannot be billed: %v", e.Contract, e.Err)
}

func (e *parkedError) Unwrap() error { return e.Err }

// chunk is the transaction that bills some accounts.
type chunk struct {
	order    *Order
	ids      []string
	series   engine.Ref[*billing.Series]
	accounts []engine.Ref[*billing.Account]
}

// append bills accounts, in their order.
func (r *Runner) append(ctx context.Context, o *Order, ids []string) ([]billing.Billed, error) {
	c := chunk{order: o, ids: ids, series: r.series.Ref(o.Series)}
	refs := []engine.Member{c.series}
	for _, id := range ids {
		ref := r.accounts.Ref(id).Guest()
		c.accounts = append(c.accounts, ref)
		refs = append(refs, ref)
	}
	var next uint64
	err := engine.ViewLatest(ctx, r.series, o.Series, func(s *billing.Series) error {
		n, _ := s.Numbering()
		next = n.Next
		return nil
	})
	if err != nil {
		return nil, err
	}
	key := fmt.Sprintf("bill@%d/%x/%s", next, r.nonce, ids[0]) // each chunk that is done takes numbers, and leaves another key to the next
	return engine.Atomically(ctx, key, refs, c)
}

// AppendJSON is what tells a chunk from another.
func (c chunk) AppendJSON(dst []byte) ([]byte, error) {
	text, err := json.Marshal(struct {
		Order *Order   `json:"order"`
		IDs   []string `json:"ids"`
	}{c.order, c.ids})
	return append(dst, text...), err
}

// Decide bills the accounts, and takes the numbers.
func (c chunk) Decide(tx *engine.Tx) error {
	var from billing.Numbering
	open := false
	if err := engine.Peek(tx, c.series, func(s *billing.Series) error { from, open = s.Numbering(); return nil }); err != nil {
		return err
	}
	if !open {
		return fmt.Errorf("%w %q: it is not open", errSeries, c.order.Series)
	}
	given := 0
	for i, ref := range c.accounts {
		var p billing.Period
		err := engine.Peek(tx, ref, func(a *billing.Account) (err error) { p, err = a.MonthOf(c.order.Month); return err })
		if err == nil {
			n := from
			n.Next += uint64(given)
			var b billing.Billed
			b, err = engine.Stage(tx, ref, c.order.bill(p, n))
			given += len(b.Issued)
			if len(b.Causes) > 0 {
				return &parkedError{Parked{Contract: c.ids[i], Causes: b.Causes}}
			}
		}
		if err != nil {
			return &parkedError{Parked{Contract: c.ids[i], Err: err}}
		}
	}
	if given == 0 {
		return nil // another run has billed it all
	}
	n, err := engine.Stage(tx, c.series, billing.GiveNumbers{At: c.order.At, Count: given, On: c.order.IssuedOn})
	if err == nil && len(n.Causes) > 0 {
		err = fmt.Errorf("%w %q: %s", errSeries, c.order.Series, n.Causes[0].Reason)
	}
	return err
}

// Result reads what was issued back.
func (c chunk) Result(decided engine.Decided) []billing.Billed {
	done := make([]billing.Billed, len(c.accounts))
	for i, ref := range c.accounts {
		done[i] = billing.Bill{}.Result(decided.Of(ref))
	}
	return done
}
