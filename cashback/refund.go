package cashback

import (
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Refund is the command that takes back what was earned by a purchase that is given back, or by a part of it. One that arrives before its
// purchase is kept, and counts when that arrives.
type Refund struct {
	_ struct{} // disallow positional literals

	At       time.Time    `json:"at"`
	ID       string       `json:"id"`
	Purchase string       `json:"purchase"`
	Amount   money.Amount `json:"amount,omitzero"` // in the purchase's currency; the zero Amount: all that is left of it
}

// Decide returns a ClawedBack or a RefundKept, and what is due before it; or a Repeated or a Refusal. It returns an error that wraps
// ErrInvalid if the command is malformed.
func (c Refund) Decide(r *Rewards) ([]event.Data, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	t, err := r.try(c.At)
	if err != nil {
		return nil, err
	}
	if known, done := t.known(c.ID); known != nil {
		if known.Purchase != c.Purchase || known.Asked != c.Amount {
			return t.refuse(commandRefund, c.ID, Cause{Reason: ExistsWithDifferentContent})
		}
		_, waits := t.waiting[c.ID]
		return t.apart(Repeated{Command: commandRefund, ID: c.ID, At: t.at, Amount: done, Kept: waits})
	}
	if t.entries[c.Purchase] == nil {
		if len(t.waiting) >= MaxWaiting {
			t.forgetBy()
		}
		if len(t.waiting) >= MaxWaiting {
			return t.refuse(commandRefund, c.ID, Cause{Reason: TooManyRefunds, Most: MaxWaiting})
		}
		return t.last(RefundKept{At: t.at, ID: c.ID, Purchase: c.Purchase, Asked: c.Amount})
	}
	e, err := t.refund(commandRefund, c.ID, c.Purchase, c.Amount)
	if err != nil {
		return nil, err
	}
	if _, refused := e.(Refusal); refused {
		return t.apart(e)
	}
	return t.last(e)
}

// Result reads the decision back.
func (Refund) Result(decided []event.Data) Decision { return resultOf(commandRefund, decided) }

func (c *Refund) validate() error {
	if err := checkKey("id", c.ID); err != nil {
		return err
	}
	if err := checkKey("purchase", c.Purchase); err != nil {
		return err
	}
	if a := c.Amount; a != (money.Amount{}) && (!a.Valid() || a.Sign() <= 0 || a.Minor() > MaxAmount) {
		return invalid("amount", "want more than zero, and at most 2^54-1 minor units")
	}
	return nil
}

// known returns a refund that was recorded, or waits, and what it has taken back.
func (r *Rewards) known(id string) (as *RefundKept, done money.Amount) {
	if w, waits := r.waiting[id]; waits {
		return &w, money.Amount{}
	}
	e := r.entries[r.refundOf[id]]
	if e == nil {
		return nil, done
	}
	for i := range e.Refunds {
		if b := &e.Refunds[i]; b.ID == id {
			as, done = &RefundKept{Purchase: b.Purchase, Asked: b.Asked}, b.takenBack()
		}
	}
	return as, done
}

// refund decides what a refund of a purchase that is there takes back: a ClawedBack, or a Refusal.
func (t *trial) refund(command, id, purchase string, asked money.Amount) (event.Data, error) {
	e := t.entries[purchase]
	c := e.Purchase.Amount.Currency()
	left := money.New(e.Purchase.Amount.Minor()-e.Refunded, c)
	amount := asked
	if amount == (money.Amount{}) {
		amount = left
	}
	refuse := func(cause Cause) (event.Data, error) {
		return Refusal{Command: command, ID: id, At: t.at, Causes: []Cause{cause}}, nil
	}
	switch {
	case amount.Currency() != c:
		return refuse(Cause{Reason: CurrencyMismatch, Given: amount.Currency().Code(), Want: c.Code()})
	case !t.at.Before(e.RefundUntil):
		return refuse(Cause{Reason: TooLate, Limit: e.RefundUntil})
	case amount.Minor() > left.Minor() || left.Sign() == 0:
		return refuse(Cause{Reason: RefundExceedsPurchase, Requested: amount, Left: left})
	case len(e.Refunds) >= MaxRefunds:
		return refuse(Cause{Reason: TooManyRefunds, Most: MaxRefunds})
	}
	total := e.Refunded + amount.Minor()
	due, err := e.figure(total)
	if err != nil {
		return nil, err
	}
	sum := int64(0)
	for i := range due {
		due[i] -= e.Due[i]
		sum += due[i]
	}
	b := ClawedBack{
		At: t.at, ID: id, Purchase: purchase, Asked: asked, Amount: amount, Refunded: money.New(total, c), From: e.Status,
		Final: total == e.Purchase.Amount.Minor(),
	}
	t.split(&b, sum)
	if b.Back, err = e.back(due, b.takenBack().Minor()); err != nil {
		return nil, err
	}
	return b, nil
}

// takenBack is what a refund takes back of the customer, who has it or has had it.
func (e *ClawedBack) takenBack() money.Amount {
	sum, _ := e.Taken.Add(e.Owed) // it fits: it is a part of Due
	return sum
}

// split says from where what is due comes: off the reward, as debt, or not at all.
func (t *trial) split(b *ClawedBack, due int64) {
	var taken, owed, waived, gone int64
	switch b.From {
	case StatusPending:
		taken = due
	case StatusConfirmed, StatusPayable:
		if t.terms.Balance == OnlyPending {
			waived = due
		} else {
			taken = due
		}
	case StatusPaid:
		switch t.terms.Balance {
		case OnlyPending:
		case WithinBalance:
			owed = min(due, max(0, t.sums.confirmed+t.sums.payable-t.sums.debt))
		case Unlimited:
			owed = due
		}
		waived = due - owed
	case StatusRejected, StatusExpired, StatusUnrewarded:
		gone = due
	}
	of := func(minor int64) money.Amount { return money.New(minor, t.terms.Currency) }
	b.Due, b.Taken, b.Owed, b.Waived, b.Gone = of(due), of(taken), of(owed), of(waived), of(gone)
}

// figure is what refunds come to, line by line, once so much of the purchase is given back. It rests on nothing else: so refunds in any order
// come to the same.
func (e *entry) figure(refunded int64) ([]int64, error) {
	due := make([]int64, len(e.Lines))
	if e.Method == Proportional {
		all, err := proportion(e.Reward, refunded, e.Purchase.Amount.Minor(), e.Rounding)
		if err != nil {
			return nil, err
		}
		return apportion(min(all.Minor(), e.Reward.Minor()), e.granted()), nil
	}
	left := money.New(e.Purchase.Amount.Minor()-refunded, e.Purchase.Amount.Currency())
	base, err := e.Purchase.base(left, e.Reward.Currency(), e.Rounding)
	if err != nil {
		return nil, err
	}
	for i := range e.Lines {
		line := &e.Lines[i]
		would, err := line.Terms.reward(base, e.Rounding)
		if err != nil {
			return nil, err
		}
		due[i] = max(0, line.Granted.Minor()-would.Minor())
	}
	return due, nil
}

func (e *entry) granted() []int64 {
	granted := make([]int64, len(e.Lines))
	for i := range e.Lines {
		granted[i] = e.Lines[i].Granted.Minor()
	}
	return granted
}

// back says what goes back of each line when an amount is taken of what is due, and to whom.
func (e *entry) back(due []int64, amount int64) (back []LineBack, err error) {
	for i, minor := range apportion(amount, due) {
		if minor == 0 {
			continue
		}
		line := &e.Lines[i]
		shares := make([]int64, len(line.Funding))
		for k := range shares {
			shares[k] = line.Funding[k].Amount.Minor()
		}
		before, after := apportion(e.Clawed[i], shares), apportion(e.Clawed[i]+minor, shares)
		b := LineBack{Rule: line.Rule, Amount: money.New(minor, e.Reward.Currency()), Budget: line.Budget}
		for k := range shares {
			b.Funding = append(b.Funding, Share{Funder: line.Funding[k].Funder, Amount: money.New(after[k]-before[k], e.Reward.Currency())})
		}
		back = append(back, b)
	}
	return back, nil
}
