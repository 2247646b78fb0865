package ledger_test

import (
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// The model is a ledger as a child would keep it: a list of every entry, a list of every transfer, and no sum of anything.
// Whatever is asked is worked out by walking the lists.
type model struct {
	accounts  []*modelAccount
	transfers []*modelTransfer
	entries   []modelEntry
}

type modelAccount struct {
	id      string
	terms   ledger.Terms // with the limits that rule now
	block   ledger.Block
	closed  bool
	through civil.Date
	moments []int64 // at which something was decided on it
}

type modelEntry struct {
	account string
	side    ledger.Side
	minor   int64
	value   civil.Date // from which day on it counts
}

type modelTransfer struct {
	order              ledger.Order // as it was done
	hold               bool
	at, ends           int64
	reverses, reversed string
	voided, recorded   bool // recorded: that it has ended
	captures           []modelCapture
	moments            []int64
}

type modelCapture struct {
	id    string
	taken []int64 // of each leg
	keep  bool
	value civil.Date
}

const forever = math.MaxInt64

func (m *model) clone() *model {
	c := &model{entries: slices.Clone(m.entries)}
	for _, a := range m.accounts {
		b := *a
		b.moments = slices.Clone(a.moments)
		c.accounts = append(c.accounts, &b)
	}
	for _, t := range m.transfers {
		b := *t
		b.captures, b.moments = slices.Clone(t.captures), slices.Clone(t.moments)
		c.transfers = append(c.transfers, &b)
	}
	return c
}

func (m *model) account(id string) *modelAccount {
	for _, a := range m.accounts {
		if a.id == id {
			return a
		}
	}
	return nil
}

func (m *model) transfer(id string) *modelTransfer {
	for _, t := range m.transfers {
		if t.order.ID == id {
			return t
		}
	}
	return nil
}

// clock is the latest moment of a list; 0 of none.
func clock(moments []int64) int64 {
	latest := int64(0)
	for _, at := range moments {
		latest = max(latest, at)
	}
	return latest
}

// grows reports whether a leg on a side adds to what the account has.
func (a *modelAccount) grows(side ledger.Side) bool {
	assetLike := a.terms.Type == ledger.Asset || a.terms.Type == ledger.Expense
	return assetLike == (side == ledger.Debit)
}

// balance walks all entries.
func (m *model) balance(a *modelAccount) int64 { return m.balanceOn(a, math.MaxInt32) }

// balanceOn walks all entries that count by the end of a day.
func (m *model) balanceOn(a *modelAccount, date civil.Date) int64 {
	exact := m.exactOn(a, date)
	return int64(exact.Sign()) * int64(exact.Uint64()) // of a sum beyond an int64, the low 64 bits
}

// exactOn is balanceOn, also where that is beyond an int64.
func (m *model) exactOn(a *modelAccount, date civil.Date) *big.Int {
	total := new(big.Int)
	for _, e := range m.entries {
		switch {
		case e.account != a.id || e.value > date:
		case a.grows(e.side):
			total.Add(total, big.NewInt(e.minor))
		default:
			total.Sub(total, big.NewInt(e.minor))
		}
	}
	return total
}

// left is what of a leg of a hold was not captured.
func (t *modelTransfer) left(i int) int64 {
	if !t.hold {
		return 0
	}
	left := t.order.Legs[i].Amount.Minor()
	for _, c := range t.captures {
		left -= c.taken[i]
		if !c.keep {
			return 0
		}
	}
	return left
}

// booked is what a leg has moved.
func (t *modelTransfer) booked(i int) int64 {
	if !t.hold {
		return t.order.Legs[i].Amount.Minor()
	}
	sum := int64(0)
	for _, c := range t.captures {
		sum += c.taken[i]
	}
	return sum
}

// legs are those of the transfer with other amounts.
func (t *modelTransfer) legs(minor func(i int) int64) (legs []ledger.Leg) {
	for i, l := range t.order.Legs {
		if n := minor(i); n != 0 {
			legs = append(legs, ledger.Leg{Account: l.Account, Side: l.Side, Amount: money.New(n, l.Amount.Currency())})
		}
	}
	return legs
}

func (t *modelTransfer) status(at int64) ledger.Status {
	switch {
	case t == nil:
		return ledger.Unknown
	case t.reversed != "":
		return ledger.Reversed
	case !t.hold:
		return ledger.Posted
	case t.voided:
		return ledger.Voided
	case len(t.legs(t.left)) == 0:
		return ledger.Captured
	case t.recorded || t.ends <= at:
		return ledger.Expired
	}
	return ledger.Held
}

// held is what live holds keep back and will bring at an instant, and which transfers they are.
func (m *model) held(a *modelAccount, at int64) (out, in int64, live []*modelTransfer) {
	if a.terms.Unconstrained { // what is held there counts nowhere
		return 0, 0, nil
	}
	at = max(at, clock(a.moments))
	for _, t := range m.transfers {
		if t.status(at) != ledger.Held {
			continue
		}
		for i, l := range t.order.Legs {
			left := t.left(i)
			switch {
			case l.Account != a.id || left == 0:
				continue
			case a.grows(l.Side):
				in += left
			default:
				out += left
			}
			if len(live) == 0 || live[len(live)-1] != t {
				live = append(live, t)
			}
		}
	}
	return out, in, live
}

// floor and ceiling are the lowest and the highest balance that the limits allow, and the reasons why not further.
func (a *modelAccount) floor() (int64, ledger.Reason) {
	l := a.terms.Limits
	switch {
	case l == nil || l.Overdraft == ledger.FreeOverdraft && !l.Minimum.Valid():
		return -ledger.MaxBalance, ledger.Overflow
	case l.Minimum.Valid():
		return l.Minimum.Minor(), ledger.BelowMinimum
	case l.Overdraft == ledger.LimitedOverdraft:
		return -l.OverdraftLimit.Minor(), ledger.OverdraftExceeded
	}
	return 0, ledger.OverdraftExceeded
}

func (a *modelAccount) ceiling() (int64, ledger.Reason) {
	if l := a.terms.Limits; l != nil && l.Maximum.Valid() {
		return l.Maximum.Minor(), ledger.AboveMaximum
	}
	return ledger.MaxBalance, ledger.Overflow
}

// room is what may leave, or come, before a limit refuses. It may be below zero.
func (m *model) room(a *modelAccount, at int64, incoming bool) *big.Int {
	out, in, _ := m.held(a, at)
	if incoming {
		ceiling, _ := a.ceiling()
		return sum(ceiling, -m.balance(a), -in)
	}
	floor, _ := a.floor()
	return sum(m.balance(a), -out, -floor)
}

func sum(terms ...int64) *big.Int {
	s := new(big.Int)
	for _, t := range terms {
		s.Add(s, big.NewInt(t))
	}
	return s
}

// inRange reports whether a sum is one that an account may have.
func inRange(s *big.Int) bool { return s.CmpAbs(big.NewInt(ledger.MaxBalance)) <= 0 }

// positive is a sum, or 0 where it is below.
func positive(s *big.Int) int64 {
	if s.Sign() < 0 {
		return 0
	}
	return s.Int64()
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return forever
	}
	return t.UnixMicro()
}

func instantOf(at int64) time.Time {
	if at == forever {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}
