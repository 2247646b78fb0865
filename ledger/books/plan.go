package books

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// Plan is a command, and what it is decided over: for a transaction of the host's own, that decides over the ledger and over
// aggregates of other kinds together. Such a transaction names the plan's Refs among its own, Stages the plan when it decides,
// and asks for the Result. Books.Do does that with nothing else around it.
type Plan struct {
	command   ledger.Command
	transfers []engine.Ref[*ledger.Transfer]
	accounts  []account
	names     []string // of the transfers
	refs      []engine.Member
}

// transaction is a plan with nothing around it.
type transaction struct {
	*Plan
	latest *ledger.Decision // the one that is not on record
}

// account is one that the transaction touches.
type account struct {
	id     string
	ref    engine.Ref[*ledger.Account]
	shared *ledger.Account // if nothing constrains it
}

// AppendJSON appends the command's: what tells a retry from another command.
func (t transaction) AppendJSON(dst []byte) ([]byte, error) {
	if a, ok := t.command.(event.Appender); ok {
		return a.AppendJSON(dst)
	}
	text, err := json.Marshal(t.command)
	return append(dst, text...), err
}

// Decide stages the plan.
func (t transaction) Decide(tx *engine.Tx) (err error) {
	*t.latest, err = t.Stage(tx)
	return err
}

// Result reads the decision back; if it is not on record, it is the one that was just made.
func (t transaction) Result(decided engine.Decided) ledger.Decision {
	if len(decided.Of(t.transfers[0])) == 0 {
		return *t.latest
	}
	return t.Plan.Result(decided)
}

// CommandType is the command's.
func (t transaction) CommandType() string { return t.command.CommandType() }

// Plan finds out what a command touches. A plan may be kept, and staged again, until that is an ErrStalePlan.
//
// Returns an error if the command is malformed, touches too much, or its instant lies too far ahead (ledger.ErrInvalid), the
// journal cannot be read, or ctx is done.
func (b *Books) Plan(ctx context.Context, c ledger.Command) (*Plan, error) {
	if c == nil {
		return nil, fmt.Errorf("%w command: nil", ledger.ErrInvalid)
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := b.ahead(c.Instant()); err != nil {
		return nil, err
	}
	known := &viewer{ctx: ctx, books: b}
	transfers, accounts := c.Touches(known)
	switch {
	case known.err != nil:
		return nil, known.err
	case len(transfers)+len(accounts) > ledger.MaxTouched:
		return nil, fmt.Errorf("%w command: it touches more than %d transfers and accounts", ledger.ErrInvalid, ledger.MaxTouched)
	}
	p := &Plan{
		command: c, names: transfers,
		transfers: make([]engine.Ref[*ledger.Transfer], len(transfers)), accounts: make([]account, len(accounts)),
		refs: make([]engine.Member, 0, len(transfers)+len(accounts)),
	}
	for i, id := range transfers {
		p.transfers[i] = b.transfers.Ref(id)
		if i > 0 {
			p.transfers[i] = p.transfers[i].Guest()
		}
		p.refs = append(p.refs, p.transfers[i])
	}
	for i, id := range accounts {
		shared, err := b.sharedAccount(ctx, id)
		if err != nil {
			return nil, err
		}
		a := account{id: id, ref: b.accounts.Ref(id).Guest(), shared: shared}
		if shared != nil {
			a.ref = b.accounts.AnyRef(id).Guest()
		}
		p.accounts[i] = a
		p.refs = append(p.refs, a.ref)
	}
	return p, nil
}

// Refs are the aggregates that the plan is decided over, the home of the command first.
func (p *Plan) Refs() []engine.Member { return slices.Clone(p.refs) }

// viewer shows transfers outside of a transaction: what they are about never changes once they are there. One that came into being
// elsewhere is seen by the transaction, which finds the plan stale and has it made anew.
type viewer struct {
	ctx   context.Context
	books *Books
	err   error
}

// Transfer returns a copy of what a command may ask for to find out what it touches.
func (v *viewer) Transfer(id string) *ledger.Transfer {
	copied := ledger.NewTransfer(id)
	err := engine.View(v.ctx, v.books.transfers, id, func(t *ledger.Transfer) error {
		copied = t.Clone()
		return nil
	})
	if err != nil && v.err == nil {
		v.err = err
	}
	return copied
}

// Account is never asked for.
func (v *viewer) Account(id string) *ledger.Account { return ledger.NewAccount(id) }

// Stage decides the command on the states of a transaction, and stages what it decides: a refusal too, if it is to be on record.
// It returns what the decision will be if the transaction keeps it.
//
// Returns the errors of the command, one that wraps ErrStalePlan, and engine.ErrInvalid if the plan's Refs are not those of the
// transaction, or have commands already.
func (p *Plan) Stage(tx *engine.Tx) (ledger.Decision, error) {
	s := states{p: p, tx: tx}
	facts, d, err := p.command.Decide(&s)
	if s.err != nil {
		err = s.err // whatever was decided, it was not on what there is
	}
	for i := 0; err == nil && i < len(facts); i++ {
		err = p.stage(tx, &facts[i])
	}
	if err != nil {
		return ledger.Decision{}, err
	}
	return d, nil
}

// stage hands events over to the aggregate that they are for.
func (p *Plan) stage(tx *engine.Tx, f *ledger.Facts) (err error) {
	if f.Kind == ledger.KindTransfer {
		for i, name := range p.names {
			if name == f.ID {
				_, err = engine.Stage(tx, p.transfers[i], made[*ledger.Transfer]{f.Events})
				return err
			}
		}
	}
	for i := range p.accounts {
		if f.Kind == ledger.KindAccount && p.accounts[i].id == f.ID {
			_, err = engine.Stage(tx, p.accounts[i].ref, made[*ledger.Account]{f.Events})
			return err
		}
	}
	return fmt.Errorf("%w: it has no %s %q", ErrStalePlan, f.Kind, f.ID)
}

// Result reads the decision back. Of one that is not on record it is a refusal with ledger.NotFound.
func (p *Plan) Result(decided engine.Decided) ledger.Decision {
	return p.command.Result(func(transfer string) []event.Data {
		for i, name := range p.names {
			if name == transfer {
				return decided.Of(p.transfers[i])
			}
		}
		return nil
	})
}

// made is a command that was decided already.
type made[S engine.State] struct{ events []event.Data }

func (m made[S]) Decide(S) ([]event.Data, error) { return m.events, nil }
func (m made[S]) Result([]event.Data) struct{}   { return struct{}{} }

// states shows the aggregates of a transaction. They are kept for as long as it decides, and not changed.
type states struct {
	p   *Plan
	tx  *engine.Tx
	err error
}

// Account shows an account of the transaction; of one that nothing constrains, only what never changes.
func (s *states) Account(id string) (found *ledger.Account) {
	for i := range s.p.accounts {
		a := &s.p.accounts[i]
		if a.id != id {
			continue
		}
		if a.shared != nil {
			return a.shared
		}
		s.note(engine.Peek(s.tx, a.ref, func(a *ledger.Account) error { found = a; return nil }))
		return found
	}
	s.note(fmt.Errorf("%w: it has no account %q", ErrStalePlan, id))
	return nil
}

// Transfer shows a transfer of the transaction.
func (s *states) Transfer(id string) (found *ledger.Transfer) {
	for i, name := range s.p.names {
		if name == id {
			s.note(engine.Peek(s.tx, s.p.transfers[i], func(t *ledger.Transfer) error { found = t; return nil }))
			return found
		}
	}
	s.note(fmt.Errorf("%w: it has no transfer %q", ErrStalePlan, id))
	return nil
}

func (s *states) note(err error) {
	if s.err == nil {
		s.err = err
	}
}
