package ledger

import (
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

// judge says whether the accounts let an order through, and with which legs.
func (d *draft) judge(o *Order, hold bool) (legs []Leg, r refusal) {
	for i := range o.Legs {
		r.first(d.judgeLeg(&o.Legs[i], o.Value))
	}
	for i := range o.If {
		r.first(d.judgeCondition(&o.If[i]))
	}
	if r.reason != "" {
		return nil, r
	}
	legs = o.Legs
	if o.AtMost {
		if legs, r = d.atMost(o.Legs); r.reason != "" {
			return nil, r
		}
	}
	for i := range legs {
		if !named(legs[:i], legs[i].Account) {
			r.first(d.judgeSums(legs, d.account(legs[i].Account), o, hold))
		}
	}
	return legs, r
}

// named reports whether an account is that of one of the legs.
func named(legs []Leg, account string) bool {
	for i := range legs {
		if legs[i].Account == account {
			return true
		}
	}
	return false
}

// judgeLeg refuses a leg that its account does not take, whatever the amount.
func (d *draft) judgeLeg(l *Leg, value civil.Date) refusal {
	a := d.account(l.Account)
	r := refusal{account: l.Account}
	switch {
	case !a.opened:
		r.reason = UnknownAccount
	case a.closed:
		r.reason = Closed
	case l.Amount.Currency() != a.terms.Currency:
		r.reason = CurrencyMismatch
	case !a.terms.Unconstrained && value <= a.through:
		r.reason, r.through = PeriodClosed, a.through
	case a.block.blocks(l.Side) && l.Side == Debit:
		r.reason = DebitsBlocked
	case a.block.blocks(l.Side):
		r.reason = CreditsBlocked
	default:
		return refusal{}
	}
	return r
}

// judgeCondition refuses a condition that does not hold.
func (d *draft) judgeCondition(c *Condition) refusal {
	a := d.account(c.Account)
	r := refusal{account: c.Account}
	bounds := [...]money.Amount{c.AtLeast, c.AtMost}
	switch {
	case !a.opened:
		r.reason = UnknownAccount
		return r
	case a.terms.Unconstrained:
		r.reason = Unconstrained // nobody looks at it, so nobody knows
		return r
	}
	for _, bound := range bounds {
		if bound != (money.Amount{}) && bound.Currency() != a.terms.Currency {
			r.reason = CurrencyMismatch
			return r
		}
	}
	has := max(0, a.room(false))
	for i, bound := range bounds {
		if bound == (money.Amount{}) {
			continue
		}
		if i == 0 && has < bound.Minor() || i == 1 && has > bound.Minor() {
			r.reason, r.available, r.needed = ConditionNotMet, money.New(has, a.terms.Currency), bound
			return r
		}
	}
	return refusal{}
}

// atMost returns two legs with the most that the accounts' limits leave of them.
func (d *draft) atMost(legs []Leg) ([]Leg, refusal) {
	most, by := legs[0].Amount.Minor(), ""
	for i := range legs {
		a := d.account(legs[i].Account)
		if a.terms.Unconstrained {
			continue
		}
		if room := max(0, a.room(a.delta(legs[i].Side, 1) > 0)); room < most { // the first of several without any is named
			most, by = room, legs[i].Account
		}
	}
	amount := money.New(most, legs[0].Amount.Currency())
	if most <= 0 {
		return nil, refusal{
			reason: NothingAvailable, account: by, available: money.New(0, amount.Currency()), needed: legs[0].Amount,
		}
	}
	out := []Leg{legs[0], legs[1]}
	out[0].Amount, out[1].Amount = amount, amount
	return out, refusal{}
}

// judgeSums refuses what the legs of one account come to, together.
func (d *draft) judgeSums(legs []Leg, a *accountDraft, o *Order, hold bool) refusal {
	var out, in int64
	fits := true
	for i := range legs {
		l := &legs[i]
		if l.Account != a.id {
			continue
		}
		sum := &out
		if a.delta(l.Side, 1) > 0 {
			sum = &in
		}
		s, ok := addChecked(*sum, l.Amount.Minor())
		*sum, fits = s, fits && ok && l.Amount.Minor() <= MaxBalance
	}
	r := refusal{reason: Overflow, account: a.id}
	if !fits {
		return r
	}
	if a.terms.Unconstrained {
		return refusal{}
	}
	if hold {
		return a.judgeHold(out, in, o.Force)
	}
	net := in - out
	switch {
	case !a.fits(legs, o.Value):
		return r
	case o.Force:
		return refusal{}
	case net > 0:
		return a.judgeRoom(true, net)
	}
	return a.judgeRoom(false, -net)
}

// fits reports whether the account can take the entries of legs, one after the other, without a balance beyond MaxBalance, nor
// what entries of their value date sum to.
func (a *accountDraft) fits(legs []Leg, value civil.Date) bool {
	if a.terms.Unconstrained {
		return true
	}
	balance, day := a.balance, a.days.on(value)
	for _, e := range a.events {
		if e, booked := e.(EntryBooked); booked && e.Value == value { // of linked commands, those before
			day += a.delta(e.Side, e.Amount.Minor())
		}
	}
	for i := range legs {
		if legs[i].Account != a.id {
			continue
		}
		delta := a.delta(legs[i].Side, legs[i].Amount.Minor())
		var balanceFits, dayFits bool
		balance, balanceFits = addChecked(balance, delta)
		day, dayFits = addChecked(day, delta)
		if !balanceFits || !dayFits {
			return false
		}
	}
	return true
}

// judgeHold refuses to hold amounts that are to leave and to come.
func (a *accountDraft) judgeHold(out, in int64, force bool) refusal {
	_, outFits := addChecked(a.out, out)
	_, inFits := addChecked(a.in, in)
	switch {
	case !outFits || !inFits:
		return refusal{reason: Overflow, account: a.id}
	case a.count >= MaxHolds:
		return refusal{reason: TooManyHolds, account: a.id}
	case force:
		return refusal{}
	}
	r := a.judgeRoom(false, out)
	r.first(a.judgeRoom(true, in))
	return r
}

// judgeRoom refuses what the account has no room for.
func (a *accountDraft) judgeRoom(incoming bool, minor int64) refusal {
	room := a.room(incoming)
	if minor <= 0 || minor <= room {
		return refusal{}
	}
	_, reason := a.floor()
	if incoming {
		_, reason = a.ceiling()
	}
	c := a.terms.Currency
	return refusal{reason: reason, account: a.id, available: money.New(max(0, room), c), needed: money.New(minor, c)}
}
