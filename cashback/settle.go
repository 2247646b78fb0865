package cashback

import (
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/money"
)

// Confirm is the command that makes a pending reward the customer's: the answer of who has the say, where that is not time.
type Confirm struct {
	_ struct{} // disallow positional literals

	At       time.Time   `json:"at"`
	Purchase string      `json:"purchase"`
	By       ConfirmedBy `json:"by"` // ByAction or ByMerchant
}

// Reject is the command that takes a pending reward back for another reason than a refund. Its budgets and caps get it back.
type Reject struct {
	_ struct{} // disallow positional literals

	At       time.Time `json:"at"`
	Purchase string    `json:"purchase"`
	Why      string    `json:"why"`
}

// Mature is the command that puts on record what has happened by itself: rewards that time has confirmed, have expired, have become payable. No
// decision depends on it, since each begins with what is due by then; it is for statements, and for whoever follows the journal.
type Mature struct {
	_ struct{} // disallow positional literals

	At time.Time `json:"at"`
}

// PayOut is the command that pays all that is payable, less what the customer owes.
type PayOut struct {
	_ struct{} // disallow positional literals

	At time.Time `json:"at"`
	ID string    `json:"id"`
}

// maxWhy is the length of a reason in bytes, at most.
const maxWhy = 200

// Decide returns a Confirmed, and what is due before it; or a Repeated or a Refusal. It returns an error that wraps ErrInvalid if the
// command is malformed.
func (c Confirm) Decide(r *Rewards) ([]event.Data, error) {
	if err := checkKey("purchase", c.Purchase); err != nil {
		return nil, err
	}
	if c.By != ByAction && c.By != ByMerchant {
		return nil, invalid("by", "want %q or %q", ByAction, ByMerchant)
	}
	t, err := r.try(c.At)
	if err != nil {
		return nil, err
	}
	e := t.entries[c.Purchase]
	switch {
	case e == nil:
		return t.refuse(commandConfirm, c.Purchase, Cause{Reason: PurchaseNotFound})
	case e.By != c.By:
		return t.refuse(commandConfirm, c.Purchase, Cause{Reason: ConfirmedOtherwise, Given: string(c.By), Want: string(e.By)})
	case e.Status == StatusRejected || e.Status == StatusUnrewarded:
		return t.refuse(commandConfirm, c.Purchase, Cause{Reason: NotPending, Given: string(e.Status)})
	case e.Status != StatusPending:
		return t.apart(Repeated{Command: commandConfirm, ID: c.Purchase, At: t.at, Amount: e.answered()})
	}
	confirmed, err := t.confirmation(e, t.at, c.By)
	if err != nil {
		return nil, err
	}
	return t.last(confirmed)
}

// answered is what was confirmed, or rejected: what refunds had left of the reward until then.
func (e *entry) answered() money.Amount {
	left := e.Reward.Minor()
	for i := range e.Refunds {
		if b := &e.Refunds[i]; b.From == StatusPending {
			left -= b.Taken.Minor()
		}
	}
	return money.New(left, e.Reward.Currency())
}

// Decide returns a Rejected, and what is due before it; or a Repeated or a Refusal. It returns an error that wraps ErrInvalid if the command
// is malformed.
func (c Reject) Decide(r *Rewards) ([]event.Data, error) {
	if err := checkKey("purchase", c.Purchase); err != nil {
		return nil, err
	}
	if c.Why == "" {
		return nil, invalid("why", "none")
	}
	if fault := texts.Fault(c.Why, maxWhy); fault != "" {
		return nil, invalid("why", "%s", fault)
	}
	t, err := r.try(c.At)
	if err != nil {
		return nil, err
	}
	e := t.entries[c.Purchase]
	switch {
	case e == nil:
		return t.refuse(commandReject, c.Purchase, Cause{Reason: PurchaseNotFound})
	case e.Status == StatusRejected:
		return t.apart(Repeated{Command: commandReject, ID: c.Purchase, At: t.at, Amount: e.answered()})
	case e.Status != StatusPending:
		return t.refuse(commandReject, c.Purchase, Cause{Reason: NotPending, Given: string(e.Status)})
	}
	due := e.granted()
	for i := range due {
		due[i] -= e.Clawed[i]
	}
	back, err := e.back(due, e.Left)
	if err != nil {
		return nil, err
	}
	return t.last(Rejected{At: t.at, Purchase: c.Purchase, Amount: money.New(e.Left, t.terms.Currency), Why: c.Why, Back: back})
}

// Decide returns what has happened by itself; nothing if nothing has.
func (c Mature) Decide(r *Rewards) ([]event.Data, error) {
	t, err := r.try(c.At)
	if err != nil {
		return nil, err
	}
	return t.decided, nil
}

// Decide returns a PaidOut, and what is due before it; or a Repeated or a Refusal. It returns an error that wraps ErrInvalid if the command
// is malformed.
func (c PayOut) Decide(r *Rewards) ([]event.Data, error) {
	if err := checkKey("id", c.ID); err != nil {
		return nil, err
	}
	t, err := r.try(c.At)
	if err != nil {
		return nil, err
	}
	if p, done := t.paid[c.ID]; done {
		return t.apart(Repeated{Command: commandPayOut, ID: c.ID, At: t.at, Amount: p.Amount})
	}
	net := t.sums.payable - t.sums.debt
	if t.terms == nil || net <= 0 {
		cause := Cause{Reason: NothingPayable}
		if t.terms != nil {
			cause.Left = money.New(net, t.terms.Currency)
		}
		return t.refuse(commandPayOut, c.ID, cause)
	}
	of := func(minor int64) money.Amount { return money.New(minor, t.terms.Currency) }
	return t.last(PaidOut{At: t.at, ID: c.ID, Amount: of(net), Debt: of(t.sums.debt)})
}

// Result reads the decision back.
func (Confirm) Result(decided []event.Data) Decision { return resultOf(commandConfirm, decided) }

// Result reads the decision back.
func (Reject) Result(decided []event.Data) Decision { return resultOf(commandReject, decided) }

// Result reads the decision back.
func (PayOut) Result(decided []event.Data) Decision { return resultOf(commandPayOut, decided) }

// Result returns how many things have happened by themselves.
func (Mature) Result(decided []event.Data) int { return len(decided) }
