package ledger

import (
	"fmt"

	"github.com/payrules/payrules/event"
)

// Ledger is a whole ledger in memory: every account and every transfer. It is the light door: decide and apply by hand, without
// a journal; and what tests and checkers replay a journal into. It is for one goroutine at a time, and grows with every
// transfer; package ledger/books keeps a ledger on an engine, with bounded memory.
type Ledger struct {
	accounts  map[string]*Account
	transfers map[string]*Transfer
}

// NewLedger returns a ledger without accounts.
func NewLedger() *Ledger {
	return &Ledger{accounts: make(map[string]*Account), transfers: make(map[string]*Transfer)}
}

// Account returns the account of an id, and of one that does not exist what NewAccount returns.
func (l *Ledger) Account(id string) *Account {
	if a := l.accounts[id]; a != nil {
		return a
	}
	return NewAccount(id)
}

// Transfer returns the transfer of an id, and of one that does not exist what NewTransfer returns.
func (l *Ledger) Transfer(id string) *Transfer {
	if t := l.transfers[id]; t != nil {
		return t
	}
	return NewTransfer(id)
}

// Do decides a command and applies what was decided. It returns the errors of Decide; then nothing has changed.
func (l *Ledger) Do(c Command) (Decision, error) {
	facts, d, err := c.Decide(l)
	if err != nil {
		return Decision{}, err
	}
	if err := l.Apply(facts...); err != nil {
		return Decision{}, fmt.Errorf("ledger: bug: decided what cannot be applied: %w", err)
	}
	return d, nil
}

// DoAccount is Do for a command over one account.
func (l *Ledger) DoAccount(id string, c AccountCommand) (AccountDecision, error) {
	events, err := c.Decide(l.Account(id))
	if err != nil {
		return AccountDecision{}, err
	}
	if err := l.Apply(Facts{KindAccount, id, events}); err != nil {
		return AccountDecision{}, fmt.Errorf("ledger: bug: decided what cannot be applied: %w", err)
	}
	d := c.Result(events)
	d.Account = id
	return d, nil
}

// Apply takes up the next events of streams. It stops at the first error, which wraps ErrCorrupt.
func (l *Ledger) Apply(facts ...Facts) error {
	for _, f := range facts {
		for _, e := range f.Events {
			if err := l.apply(f.Kind, f.ID, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Ledger) apply(kind Kind, id string, e event.Data) error {
	switch kind {
	case KindAccount:
		a := l.Account(id)
		l.accounts[id] = a
		return a.Apply(e)
	case KindTransfer:
		t := l.Transfer(id)
		l.transfers[id] = t
		return t.Apply(e)
	case KindClosing:
	}
	return fmt.Errorf("%w: stream of kind %q", ErrCorrupt, kind)
}
