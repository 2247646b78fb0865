package cashback

import (
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Balance is what a customer has and owes, and sums since the first purchase: Earned = Pending + Confirmed + Payable + Rejected + Expired +
// PaidOut + ClawedBack − Debt (law C9). The zero Balance is that of nothing.
type Balance struct {
	Pending   money.Amount // to be confirmed
	Confirmed money.Amount // below the threshold of payouts
	Payable   money.Amount
	Debt      money.Amount // of clawbacks after payouts

	Earned     money.Amount
	ClawedBack money.Amount // off what was not paid, and as debt
	Waived     money.Amount // of clawbacks, by the program's policy
	Rejected   money.Amount
	Expired    money.Amount
	PaidOut    money.Amount // to the customer
	Offset     money.Amount // paid against debt
}

// Balance returns what a customer has; the zero Balance before the first purchase. It is as of the last thing that was done: ask
// [Rewards.At] first for what is due since.
func (r *Rewards) Balance() Balance {
	if r.terms == nil {
		return Balance{}
	}
	return r.sums.in(r.terms.Currency)
}

// sums is a Balance, or a change of one, in minor units.
type sums struct {
	pending, confirmed, payable, debt                          int64
	earned, clawed, waived, rejected, expired, paidOut, offset int64
}

func (s *sums) in(c money.Currency) Balance {
	of := func(minor int64) money.Amount { return money.New(minor, c) }
	return Balance{
		Pending: of(s.pending), Confirmed: of(s.confirmed), Payable: of(s.payable), Debt: of(s.debt),
		Earned: of(s.earned), ClawedBack: of(s.clawed), Waived: of(s.waived), Rejected: of(s.rejected), Expired: of(s.expired),
		PaidOut: of(s.paidOut), Offset: of(s.offset),
	}
}

func (s *sums) add(o sums) {
	theirs := o.fields()
	for i, sum := range s.fields() {
		*sum += *theirs[i]
	}
}

// fields are the sums, in the order in which snapshots have them.
func (s *sums) fields() [11]*int64 {
	return [...]*int64{
		&s.pending, &s.confirmed, &s.payable, &s.debt, &s.earned, &s.clawed, &s.waived, &s.rejected, &s.expired, &s.paidOut, &s.offset,
	}
}

// Movement is what an event changes in a balance, for statements: amounts may be below zero.
type Movement struct {
	At       time.Time
	Kind     string // the event's type
	ID       string // of the refund or payout
	Purchase string
	Change   Balance
}

// MovementOf returns what an event changes; ok is false if that is nothing. The sum of all movements of a stream is its balance.
func MovementOf(d event.Data) (m Movement, ok bool) {
	m, s := movement(d)
	return m, s != sums{}
}

func movement(d event.Data) (m Movement, s sums) {
	m.Kind = d.EventType()
	var c money.Currency
	switch e := d.(type) {
	case Earned:
		m.At, m.Purchase, c = e.At, e.Purchase.ID, e.Reward.Currency()
		s = sums{earned: e.Reward.Minor(), pending: e.Reward.Minor()}
	case ClawedBack:
		m.At, m.ID, m.Purchase, c, s = e.At, e.ID, e.Purchase, e.Due.Currency(), e.change()
	case Confirmed:
		m.At, m.Purchase, c = e.At, e.Purchase, e.Amount.Currency()
		s = sums{pending: -e.Amount.Minor(), confirmed: e.Amount.Minor()}
	case Rejected:
		m.At, m.Purchase, c = e.At, e.Purchase, e.Amount.Currency()
		s = sums{pending: -e.Amount.Minor(), rejected: e.Amount.Minor()}
	case Expired:
		m.At, m.Purchase, c = e.At, e.Purchase, e.Amount.Currency()
		s = sums{confirmed: -e.Amount.Minor(), expired: e.Amount.Minor()}
	case BecamePayable:
		m.At, c = e.At, e.Amount.Currency()
		s = sums{confirmed: -e.Amount.Minor(), payable: e.Amount.Minor()}
	case PaidOut:
		m.At, m.ID, c = e.At, e.ID, e.Amount.Currency()
		s = sums{payable: -e.Amount.Minor() - e.Debt.Minor(), paidOut: e.Amount.Minor(), debt: -e.Debt.Minor(), offset: e.Debt.Minor()}
	}
	m.Change = s.in(c)
	return m, s
}

// change is what a clawback changes.
func (e *ClawedBack) change() sums {
	taken, owed := e.Taken.Minor(), e.Owed.Minor()
	s := sums{clawed: taken + owed, waived: e.Waived.Minor(), debt: owed}
	switch e.From {
	case StatusPending:
		s.pending = -taken
	case StatusConfirmed:
		s.confirmed = -taken
	case StatusPayable:
		s.payable = -taken
	case StatusPaid, StatusRejected, StatusExpired, StatusUnrewarded:
	}
	return s
}
