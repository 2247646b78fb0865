package desk

import (
	"context"
	"slices"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
)

// Refund takes back what a customer's purchase has earned, and gives it back to the budgets. The refund's id is its key among all of the
// customer's: the same refund again, at whatever time, gets the first answer.
//
// Returns the errors of [Desk.Earn], but for those of the options.
func (d *Desk) Refund(ctx context.Context, customer string, c cashback.Refund) (cashback.Decision, error) {
	return d.refund(ctx, customer, c, nil)
}

// refund is Refund; if it cannot be, for a reason that is given, only the answer of before is.
func (d *Desk) refund(ctx context.Context, customer string, c cashback.Refund, cannot error) (cashback.Decision, error) {
	asked := struct {
		ID       string       `json:"id"`
		Purchase string       `json:"purchase"`
		Amount   money.Amount `json:"amount,omitzero"`
	}{c.ID, c.Purchase, c.Amount}
	return d.giveBack(ctx, "refund/"+c.ID, c.Purchase, deal{name: "Refund", asked: asked, id: customer, at: c.At, command: c, cannot: cannot})
}

// Reject takes a pending reward back, and gives it back to the budgets. The purchase's id is the key: rejected again for the same reason,
// it gets the first answer.
//
// Returns the errors of [Desk.Refund].
func (d *Desk) Reject(ctx context.Context, customer string, c cashback.Reject) (cashback.Decision, error) {
	asked := struct {
		Purchase string `json:"purchase"`
		Why      string `json:"why"`
	}{c.Purchase, c.Why}
	return d.giveBack(ctx, "reject/"+c.Purchase, c.Purchase, deal{name: "Reject", asked: asked, id: customer, at: c.At, command: c})
}

// giveBack does a deal with the budgets of a purchase.
func (d *Desk) giveBack(ctx context.Context, key, purchase string, t deal) (cashback.Decision, error) {
	if err := checkID("customer", t.id); err != nil {
		return cashback.Decision{}, err
	}
	err := engine.View(ctx, d.rewards, t.id, func(r *cashback.Rewards) error {
		program, _ := r.Program()
		e, _ := r.Entry(purchase) // none: it comes later, or between
		t.budgets = d.budgetsOf(program, drawnBy(&e.Earned))
		return nil
	})
	if err != nil {
		return cashback.Decision{}, err
	}
	return d.do(ctx, key, t)
}

// drawnBy returns the budgets that a reward has drawn on.
func drawnBy(e *cashback.Earned) (budgets []string) {
	for i := range e.Lines {
		if l := &e.Lines[i]; l.Budget != "" && l.Granted.Sign() > 0 && !slices.Contains(budgets, l.Budget) {
			budgets = append(budgets, l.Budget)
		}
	}
	return budgets
}

// Confirm makes a pending reward the customer's. The purchase's id is the key, with who confirms: the refusal of one who has no say stands in
// nobody's way who has. A confirmation before its purchase is refused, and not on record: ask again when the purchase is there.
//
// Returns the errors of [Desk.Refund].
func (d *Desk) Confirm(ctx context.Context, customer string, c cashback.Confirm) (cashback.Decision, error) {
	asked := struct {
		Purchase string               `json:"purchase"`
		By       cashback.ConfirmedBy `json:"by"`
	}{c.Purchase, c.By}
	return d.do(ctx, "confirm/"+string(c.By)+"/"+c.Purchase, deal{name: "Confirm", asked: asked, id: customer, at: c.At, command: c})
}

// Mature puts on record what has happened to a customer's rewards by itself until an instant, and returns how many things that were.
// [Sweeper] does so for all customers. More of it than a batch holds is done in several, and after an error some of it may be.
//
// Returns the errors of engine.Do.
func (d *Desk) Mature(ctx context.Context, customer string, at time.Time) (int, error) {
	if err := checkID("customer", customer); err != nil {
		return 0, err
	}
	if err := d.ahead(at); err != nil {
		return 0, err
	}
	for sum := 0; ; {
		n, err := engine.Do(ctx, d.rewards, customer, d.freshKey("mature"), mature{cashback.Mature{At: at}})
		if sum += n; err != nil || n < maxFacts {
			return sum, err
		}
	}
}

// maxFacts is how much is decided in one batch: half of what the journal takes, and more than all that may come of one command beside what is
// due before it (cashback.MaxWaiting refunds of a purchase that had not come).
const maxFacts = storage.MaxEvents / 2

// mature is a Mature of what happens first. The next one goes on from there.
type mature struct{ cashback.Mature }

// Decide returns maxFacts events at most.
func (c mature) Decide(r *cashback.Rewards) ([]event.Data, error) {
	facts, err := c.Mature.Decide(r)
	return facts[:min(len(facts), maxFacts)], err
}
