package engine

import (
	"context"
	"fmt"

	"github.com/payrules/payrules/event"
)

// Ref names one aggregate of a transaction. Make it with [Repository.Ref] or [Repository.AnyRef].
type Ref[S State] struct {
	repo  *repository
	id    string
	any   bool
	guest bool
}

func (r Ref[S]) member() member { return member{repo: r.repo, id: r.id, any: r.any, guest: r.guest} }

// Guest returns a Ref of the same aggregate to which a transaction comes by what other aggregates hold, and not by
// what it is asked: the accounts of a hold, where only the hold is named. It is locked, guarded and written to like
// any other, but it neither keeps the transaction's key nor is it part of what tells a retry from another
// transaction.
func (r Ref[S]) Guest() Ref[S] {
	r.guest = true
	return r
}

// Member is a Ref of whatever state.
type Member interface{ member() member }

// Transaction is a question to several aggregates at once, with an answer R. Like a [Command] it is a value
// that encoding/json writes in full.
type Transaction[R any] interface {
	// Decide puts commands to the aggregates by [Stage]. All that is staged when it returns is stored, or
	// nothing. An error means "could not decide": nothing is. It may be called again, and asks nothing but
	// the transaction and the aggregates.
	Decide(tx *Tx) error

	// Result reads the answer from what was decided, by [Decided.Of] or [ResultOf]. It is the same for the
	// first call, a retry and a replay.
	Result(decided Decided) R
}

// Tx is what a Transaction decides on. It is good only during Decide.
type Tx struct{ call *call }

// Decided is what a Transaction decided, by aggregate.
type Decided struct{ out outcome }

// Of is the events that were decided for a member; nil if none were.
func (d Decided) Of(m Member) []event.Data {
	mm := m.member()
	return d.out.of(event.Stream(mm.repo.name, mm.id))
}

// ResultOf is the result of a command that was staged for ref.
func ResultOf[S State, R any](d Decided, ref Ref[S], c Command[S, R]) R {
	return c.Result(d.Of(ref))
}

// Atomically takes a transaction to the aggregates that refs name, in one batch: all that it decides is stored
// or nothing is, and none of the aggregates changes meanwhile. They are locked in a fixed order, so
// transactions never wait for each other in a ring.
//
// Key is the transaction's id; the same key again over the same refs gets the first answer, whatever the
// guests among them. It is kept in the first aggregate for which something was decided and which is neither an
// AnyRef nor a guest; there must be one, unless nothing at all was decided. So put the aggregate first in which
// the key has to be unique, such as the payer: over other refs, of which none has the key, it is a new
// transaction.
//
// Returns an error as [Do] does, and if refs is empty, names an aggregate twice or one of another engine
// (ErrInvalid).
func Atomically[R any](ctx context.Context, key string, refs []Member, t Transaction[R]) (R, error) {
	var none R
	if len(refs) == 0 {
		return none, fmt.Errorf("%w refs: none", ErrInvalid)
	}
	members := make([]member, len(refs))
	for i, ref := range refs {
		members[i] = ref.member()
		if members[i].repo == nil || members[i].repo.engine != members[0].repo.engine {
			return none, fmt.Errorf("%w refs: number %d is of another engine, or of none", ErrInvalid, i)
		}
	}
	call, err := newCall(members[0].repo.engine, key, t, members...)
	if err != nil {
		return none, err
	}
	call.digest = digestOver(call.digest, call.members)
	call.decide = func() error {
		if err := t.Decide(&Tx{call}); err != nil {
			return fmt.Errorf("engine: transaction %q: %w", key, err)
		}
		return nil
	}
	out, err := call.run(ctx)
	if err != nil {
		return none, err
	}
	return t.Result(Decided{out}), nil
}

// Stage puts a command to an aggregate of the transaction, and returns what its result will be if the
// transaction keeps it. Each aggregate takes one command; [Drop] makes it free again.
//
// Returns an error if the aggregate is not one of the transaction or has a command already (ErrInvalid), or
// if the command returns one.
func Stage[S State, R any](tx *Tx, ref Ref[S], c Command[S, R]) (R, error) {
	var none R
	m, err := tx.find(ref)
	if err != nil {
		return none, err
	}
	if m.staged {
		return none, fmt.Errorf("%w transaction: %q has a command already", ErrInvalid, m.stream)
	}
	if err := decideMember(m, c); err != nil {
		return none, err
	}
	return c.Result(m.data), nil
}

// Drop forgets what was staged for an aggregate of the transaction. The aggregate stays guarded: the
// transaction is stored only if it is still as it was.
//
// Returns an error that wraps ErrInvalid if the aggregate is not one of the transaction.
func Drop(tx *Tx, ref Member) error {
	m, err := tx.find(ref)
	if err != nil {
		return err
	}
	m.staged, m.data = false, nil
	return nil
}

// Peek shows the state of an aggregate of the transaction to fn, which must neither change nor keep it. It
// is the state before the transaction. An AnyRef has none to show (ErrInvalid).
func Peek[S State](tx *Tx, ref Ref[S], fn func(state S) error) error {
	m, err := tx.find(ref)
	if err != nil {
		return err
	}
	if m.any {
		return fmt.Errorf("%w transaction: %q is an AnyRef, which is not loaded", ErrInvalid, m.stream)
	}
	return fn(m.agg.state.(S))
}

func (tx *Tx) find(ref Member) (*member, error) {
	want := ref.member()
	for i := range tx.call.members {
		m := &tx.call.members[i]
		if m.repo == want.repo && m.id == want.id && m.any == want.any && m.guest == want.guest {
			return m, nil
		}
	}
	return nil, fmt.Errorf("%w transaction: %q is not one of its refs", ErrInvalid, want.id)
}
