package books

import (
	"context"
	"encoding/json"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// transaction is a command, and what it is decided over.
type transaction struct {
	command   ledger.Command
	transfers []engine.Ref[*ledger.Transfer]
	accounts  []account
	names     []string // of the transfers
}

// account is one that the transaction touches.
type account struct {
	id     string
	ref    engine.Ref[*ledger.Account]
	shared *ledger.Account // if nothing constrains it
}

// MarshalJSON is the command's: what tells a retry from another command.
func (t transaction) MarshalJSON() ([]byte, error) { return json.Marshal(t.command) }

// CommandType is the command's.
func (t transaction) CommandType() string { return t.command.CommandType() }

// plan finds out what a command touches.
func (b *Books) plan(ctx context.Context, c ledger.Command) (transaction, []engine.Member, error) {
	known := &viewer{ctx: ctx, books: b}
	transfers, accounts := c.Touches(known)
	if known.err != nil {
		return transaction{}, nil, known.err
	}
	t := transaction{
		command: c, names: transfers,
		transfers: make([]engine.Ref[*ledger.Transfer], len(transfers)), accounts: make([]account, len(accounts)),
	}
	refs := make([]engine.Member, 0, len(transfers)+len(accounts))
	for i, id := range transfers {
		t.transfers[i] = b.transfers.Ref(id)
		refs = append(refs, t.transfers[i])
	}
	for i, id := range accounts {
		shared, err := b.isShared(ctx, id)
		if err != nil {
			return transaction{}, nil, err
		}
		a := account{id: id, ref: b.accounts.Ref(id), shared: shared}
		if shared != nil {
			a.ref = b.accounts.AnyRef(id)
		}
		t.accounts[i] = a
		refs = append(refs, a.ref)
	}
	return t, refs, nil
}

// viewer shows transfers outside of a transaction: what they are about never changes once they are there.
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

// Decide decides the command on the states of the transaction, and stages what it decides.
func (t transaction) Decide(tx *engine.Tx) error {
	s := states{t: &t, tx: tx}
	facts, err := t.command.Decide(&s)
	if err == nil {
		err = s.err
	}
	if err != nil {
		return err
	}
	for _, f := range facts {
		if err := t.stage(tx, f); err != nil {
			return err
		}
	}
	return nil
}

// stage hands events over to the aggregate that they are for.
func (t *transaction) stage(tx *engine.Tx, f ledger.Facts) (err error) {
	if f.Kind == ledger.KindTransfer {
		for i, name := range t.names {
			if name == f.ID {
				_, err = engine.Stage(tx, t.transfers[i], made[*ledger.Transfer]{f.Events})
			}
		}
		return err
	}
	for i := range t.accounts {
		if t.accounts[i].id == f.ID {
			_, err = engine.Stage(tx, t.accounts[i].ref, made[*ledger.Account]{f.Events})
		}
	}
	return err
}

// Result reads the decision back.
func (t transaction) Result(decided engine.Decided) ledger.Decision {
	return t.command.Result(func(transfer string) []event.Data {
		for i, name := range t.names {
			if name == transfer {
				return decided.Of(t.transfers[i])
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
	t   *transaction
	tx  *engine.Tx
	err error
}

// Account shows an account of the transaction; of one that nothing constrains, only what never changes.
func (s *states) Account(id string) (found *ledger.Account) {
	for i := range s.t.accounts {
		a := &s.t.accounts[i]
		if a.id != id {
			continue
		}
		if a.shared != nil {
			return a.shared
		}
		s.note(engine.Peek(s.tx, a.ref, func(a *ledger.Account) error { found = a; return nil }))
		return found
	}
	return nil
}

// Transfer shows a transfer of the transaction.
func (s *states) Transfer(id string) (found *ledger.Transfer) {
	for i, name := range s.t.names {
		if name == id {
			s.note(engine.Peek(s.tx, s.t.transfers[i], func(t *ledger.Transfer) error { found = t; return nil }))
			return found
		}
	}
	return nil
}

func (s *states) note(err error) {
	if s.err == nil {
		s.err = err
	}
}
