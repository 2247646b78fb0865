package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// command is one over the rewards of a customer.
type command = engine.Command[*cashback.Rewards, cashback.Decision]

// deal is a transaction over the rewards of a customer and the budgets that they draw on, which are guests: a retry may find others.
type deal struct {
	name     string // of the command
	asked    any    // what tells a retry from another command, in JSON: never an instant of deciding, nor what was found out
	customer engine.Ref[*cashback.Rewards]
	id       string // of the customer
	at       time.Time
	budgets  map[string]engine.Ref[*cashback.BudgetAccount] // by their ids in the program

	command command
	earn    *cashback.Earn // the command, if it is to be told what the budgets have left
	cannot  error          // why there is no command: the deal can be answered only if it was done before

	latest *cashback.Decision // the one that is not on record
}

// do takes a deal to the engine. A refund may find budgets that were not there when it was begun; then it begins anew with them. Where more is
// due before it than fits a batch, that is put on record first.
func (d *Desk) do(ctx context.Context, key string, t deal) (cashback.Decision, error) {
	if err := checkID("customer", t.id); err != nil {
		return cashback.Decision{}, err
	}
	if err := d.ahead(t.at); err != nil {
		return cashback.Decision{}, err
	}
	t.customer, t.latest = d.rewards.Ref(t.id), new(cashback.Decision)
	for {
		refs := []engine.Member{t.customer}
		for _, id := range slices.Sorted(maps.Keys(t.budgets)) {
			refs = append(refs, t.budgets[id])
		}
		done, err := engine.Atomically(ctx, key, refs, t)
		if errors.Is(err, errMuchDue) {
			if _, err := d.Mature(ctx, t.id, t.at); err != nil {
				return cashback.Decision{}, err
			}
			continue
		}
		var missing *missingError
		if !errors.As(err, &missing) { // an entry never changes its budgets, so this ends
			return done, err
		}
		t.budgets = d.budgetsOf(missing.program, slices.Concat(missing.ids, slices.Collect(maps.Keys(t.budgets))))
	}
}

// budgetsOf names the budgets of a program.
func (d *Desk) budgetsOf(program string, ids []string) map[string]engine.Ref[*cashback.BudgetAccount] {
	refs := make(map[string]engine.Ref[*cashback.BudgetAccount], len(ids))
	for _, id := range ids {
		refs[id] = d.budgets.Ref(BudgetID(program, id)).Guest()
	}
	return refs
}

// missingError says which budgets a deal draws on that it does not have.
type missingError struct {
	program string
	ids     []string
}

func (e *missingError) Error() string {
	return fmt.Sprintf("desk: it draws on other budgets by now: %q", e.ids)
}

// errMuchDue says that what is due before a deal does not fit a batch.
var errMuchDue = errors.New("desk: too much is due at once")

// CommandType is the command's.
func (t deal) CommandType() string { return "desk." + t.name }

// AppendJSON writes what tells it from another.
func (t deal) AppendJSON(dst []byte) ([]byte, error) {
	text, err := json.Marshal(t.asked)
	return append(dst, text...), err
}

// Decide has the command decide, and takes what it draws off the budgets.
func (t deal) Decide(tx *engine.Tx) error {
	if t.cannot != nil {
		return t.cannot
	}
	c := t.command
	if t.earn != nil {
		earn := *t.earn
		var err error
		if earn.Budgets, err = t.room(tx); err != nil {
			return err
		}
		c = earn
	}
	facts, err := engine.Stage(tx, t.customer, factsOf{c})
	if err != nil {
		return err
	}
	if len(facts) > maxFacts {
		return errMuchDue
	}
	*t.latest = c.Result(facts)
	if passing(t.latest) {
		return engine.Drop(tx, t.customer)
	}
	return t.draw(tx, facts)
}

// room is what the budgets have left.
func (t *deal) room(tx *engine.Tx) (map[string]money.Amount, error) {
	room := make(map[string]money.Amount, len(t.budgets))
	for id, ref := range t.budgets {
		err := engine.Peek(tx, ref, func(b *cashback.BudgetAccount) error {
			left, open := b.Left()
			if !open {
				return fmt.Errorf("%w: %q", ErrNoBudget, id)
			}
			room[id] = left
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return room, nil
}

// draw takes what was decided off the budgets, or gives it back to them.
func (t *deal) draw(tx *engine.Tx, facts []event.Data) error {
	drawn, err := cashback.Drawn(facts)
	if err != nil {
		return err
	}
	missing := &missingError{}
	for _, id := range slices.Sorted(maps.Keys(drawn)) {
		ref, has := t.budgets[id]
		switch {
		case drawn[id].Sign() == 0:
		case !has:
			missing.ids = append(missing.ids, id)
		default:
			if _, err := engine.Stage(tx, ref, cashback.Draw{At: t.at, For: t.id, Amount: drawn[id]}); err != nil {
				return err
			}
		}
	}
	if len(missing.ids) == 0 {
		return nil
	}
	if t.earn != nil {
		missing.program = t.earn.Program.ID()
		return missing
	}
	if err := engine.Peek(tx, t.customer, func(r *cashback.Rewards) error { missing.program, _ = r.Program(); return nil }); err != nil {
		return err
	}
	return missing
}

// Result reads the decision back; if it is not on record, it is the one that was just made.
func (t deal) Result(decided engine.Decided) cashback.Decision {
	facts := decided.Of(t.customer)
	switch {
	case len(facts) == 0:
		return *t.latest
	case t.command == nil:
		return cashback.Earn{}.Result(facts)
	}
	return t.command.Result(facts)
}

// factsOf is a command whose result is all that it decides.
type factsOf struct{ command command }

// Decide is the command's.
func (c factsOf) Decide(r *cashback.Rewards) ([]event.Data, error) { return c.command.Decide(r) }

// Result returns all of it.
func (factsOf) Result(decided []event.Data) []event.Data { return decided }

// passing reports whether a command was refused for what may be otherwise when it is asked again: the purchase that has not come yet, a
// program that was not the customer's. Such a refusal is answered and not put on record, so that it does not stay.
func passing(d *cashback.Decision) bool {
	return slices.ContainsFunc(d.Causes, func(c cashback.Cause) bool {
		switch c.Reason {
		case cashback.ProgramMismatch, cashback.CurrencyMismatch, cashback.PurchaseInFuture, cashback.PurchaseNotFound,
			cashback.TooManyEntries, cashback.TooManyRefunds:
			return true
		case cashback.TooLate, cashback.NotPending, cashback.ConfirmedOtherwise, cashback.RefundExceedsPurchase,
			cashback.NothingPayable, cashback.ExistsWithDifferentContent:
		}
		return false
	})
}
