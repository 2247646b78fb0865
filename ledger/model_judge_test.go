package ledger_test

import (
	"math/big"
	"slices"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// fault is one reason for a refusal that applies. The model collects all of them, and then takes the one that the order of
// precedence puts first.
type fault struct {
	reason            ledger.Reason
	account           string
	available, needed money.Amount
	through           civil.Date
}

func first(faults []fault) (f fault) {
	best := len(ledger.Reasons())
	for _, g := range faults {
		if rank := slices.Index(ledger.Reasons(), g.reason); rank < best {
			best, f = rank, g
		}
	}
	return f
}

// faultsOfLeg are those of a leg on its account, whatever the amount.
func (m *model) faultsOfLeg(l ledger.Leg, value civil.Date) (faults []fault) {
	a := m.account(l.Account)
	add := func(applies bool, f fault) {
		if f.account = l.Account; applies {
			faults = append(faults, f)
		}
	}
	if a == nil {
		return []fault{{reason: ledger.UnknownAccount, account: l.Account}}
	}
	add(a.closed, fault{reason: ledger.Closed})
	add(l.Amount.Currency() != a.terms.Currency, fault{reason: ledger.CurrencyMismatch})
	add(!a.terms.Unconstrained && value <= a.through, fault{reason: ledger.PeriodClosed, through: a.through})
	add(l.Side == ledger.Debit && (a.block == ledger.NoDebits || a.block == ledger.Frozen), fault{reason: ledger.DebitsBlocked})
	add(l.Side == ledger.Credit && (a.block == ledger.NoCredits || a.block == ledger.Frozen), fault{reason: ledger.CreditsBlocked})
	return faults
}

func (m *model) faultsOfCondition(c ledger.Condition, at int64) (faults []fault) {
	a := m.account(c.Account)
	switch {
	case a == nil:
		return []fault{{reason: ledger.UnknownAccount, account: c.Account}}
	case a.terms.Unconstrained:
		return []fault{{reason: ledger.Unconstrained, account: c.Account}}
	}
	has := positive(m.room(a, at, false))
	for i, bound := range []money.Amount{c.AtLeast, c.AtMost} {
		switch {
		case bound == (money.Amount{}):
		case bound.Currency() != a.terms.Currency:
			faults = append(faults, fault{reason: ledger.CurrencyMismatch, account: a.id})
		case i == 0 && has < bound.Minor() || i == 1 && has > bound.Minor():
			faults = append(faults, fault{
				reason: ledger.ConditionNotMet, account: a.id, available: money.New(has, a.terms.Currency), needed: bound,
			})
		}
	}
	return faults
}

// judge returns the legs that an order moves, or why it must be refused.
func (m *model) judge(o *ledger.Order, hold bool, at int64) (legs []ledger.Leg, why fault) {
	var faults []fault
	for _, l := range o.Legs {
		faults = append(faults, m.faultsOfLeg(l, o.Value)...)
	}
	for _, c := range o.If {
		faults = append(faults, m.faultsOfCondition(c, at)...)
	}
	if len(faults) > 0 {
		return nil, first(faults) // and what is available there means nothing
	}
	legs = slices.Clone(o.Legs)
	if o.AtMost {
		for _, l := range o.Legs {
			a := m.account(l.Account)
			room := m.room(a, at, a.grows(l.Side))
			if a.terms.Unconstrained {
				continue
			}
			if room.Sign() <= 0 {
				faults = append(faults, fault{
					reason: ledger.NothingAvailable, account: a.id, available: money.New(0, a.terms.Currency), needed: o.Legs[0].Amount,
				})
			}
			if room.Cmp(big.NewInt(legs[0].Amount.Minor())) < 0 {
				legs[0].Amount = money.New(room.Int64(), a.terms.Currency)
				legs[1].Amount = legs[0].Amount
			}
		}
		if len(faults) > 0 {
			return nil, first(faults)
		}
	}
	for i, l := range legs {
		if slices.IndexFunc(legs, func(k ledger.Leg) bool { return k.Account == l.Account }) == i {
			faults = append(faults, m.faultsOfSums(m.account(l.Account), legs, o, hold, at)...)
		}
	}
	return legs, first(faults)
}

// faultsOfSums are those of all legs that an account has, together.
func (m *model) faultsOfSums(a *modelAccount, legs []ledger.Leg, o *ledger.Order, hold bool, at int64) []fault {
	overflow := []fault{{reason: ledger.Overflow, account: a.id}}
	out, in := new(big.Int), new(big.Int)
	for _, l := range legs {
		if l.Account == a.id && a.grows(l.Side) {
			in.Add(in, big.NewInt(l.Amount.Minor()))
		} else if l.Account == a.id {
			out.Add(out, big.NewInt(l.Amount.Minor()))
		}
	}
	heldOut, heldIn, _ := m.held(a, at)
	switch {
	case !inRange(in) || !inRange(out):
		return overflow
	case a.terms.Unconstrained:
		return nil
	case hold && (!inRange(sum(heldOut, out.Int64())) || !inRange(sum(heldIn, in.Int64()))):
		return overflow
	case !hold && !m.entriesFit(a, legs, o.Value):
		return overflow
	case o.Force:
		return nil
	}
	if !hold { // only what it comes to in the end matters
		net := sum(in.Int64(), -out.Int64())
		out, in = big.NewInt(positive(new(big.Int).Neg(net))), big.NewInt(positive(net))
	}
	return append(m.faultsOfRoom(a, at, false, out), m.faultsOfRoom(a, at, true, in)...)
}

func (m *model) faultsOfRoom(a *modelAccount, at int64, incoming bool, asked *big.Int) []fault {
	room := m.room(a, at, incoming)
	if asked.Sign() == 0 || asked.Cmp(room) <= 0 {
		return nil
	}
	_, reason := a.floor()
	if incoming {
		_, reason = a.ceiling()
	}
	return []fault{{
		reason: reason, account: a.id, available: money.New(positive(room), a.terms.Currency),
		needed: money.New(asked.Int64(), a.terms.Currency),
	}}
}

// entriesFit reports whether an account can take the entries of legs, one after the other, without a balance out of range, and
// without what its value date adds to it out of range.
func (m *model) entriesFit(a *modelAccount, legs []ledger.Leg, value civil.Date) bool {
	if a.terms.Unconstrained {
		return true
	}
	balance, day := big.NewInt(m.balance(a)), new(big.Int)
	for _, l := range legs {
		if l.Account != a.id {
			continue
		}
		minor := big.NewInt(l.Amount.Minor())
		if !a.grows(l.Side) {
			minor.Neg(minor)
		}
		day.Add(day, minor)
		if !inRange(balance.Add(balance, minor)) {
			return false
		}
	}
	for _, e := range m.entries {
		if e.account == a.id && e.value == value && a.grows(e.side) {
			day.Add(day, big.NewInt(e.minor))
		} else if e.account == a.id && e.value == value {
			day.Sub(day, big.NewInt(e.minor))
		}
	}
	return inRange(day)
}
