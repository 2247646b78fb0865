package ledger

import (
	"math"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// draft is what a command would make of the states that it touches: they stay as they are, and what changes stands here. So a
// command that is refused has changed nothing, and linked ones see what those before them left.
type draft struct {
	states    States
	at        int64 // the instant of the whole decision
	group     string
	transfers []transferDraft
	accounts  []accountDraft
}

// transferDraft is a transfer, and what was decided for it. The first event puts a copy in place of the state.
type transferDraft struct {
	*Transfer
	id     string
	owned  bool
	events []event.Data
}

// accountDraft is an account as it would be.
type accountDraft struct {
	*Account
	id      string
	clock   int64
	balance int64
	out, in int64
	count   int    // of live holds
	held    string // the transfer that the last one was placed by
	events  []event.Data
}

// newDraft begins a decision at an instant: the latest of at and what was decided before on whatever the command touches.
func newDraft(s States, at int64, transfers, accounts []string) *draft {
	d := &draft{
		states: s, at: at,
		transfers: make([]transferDraft, 0, len(transfers)), accounts: make([]accountDraft, 0, len(accounts)),
	}
	for _, id := range transfers {
		d.at = max(d.at, d.transfer(id).clock)
	}
	for _, id := range accounts {
		if a := d.account(id); !a.terms.Unconstrained {
			d.at = max(d.at, a.Account.clock)
		}
	}
	for i := range d.accounts {
		d.accounts[i].advance(d.at)
	}
	return d
}

func (d *draft) time() time.Time { return money.FromUnixMicro(d.at) }

func (d *draft) transfer(id string) *transferDraft {
	for i := range d.transfers {
		if d.transfers[i].id == id {
			return &d.transfers[i]
		}
	}
	t := d.states.Transfer(id)
	if t == nil {
		t = NewTransfer(id)
	}
	d.transfers = append(d.transfers, transferDraft{Transfer: t, id: id})
	return &d.transfers[len(d.transfers)-1]
}

func (d *draft) account(id string) *accountDraft {
	for i := range d.accounts {
		if d.accounts[i].id == id {
			return &d.accounts[i]
		}
	}
	a := d.states.Account(id)
	if a == nil {
		a = NewAccount(id)
	}
	d.accounts = append(d.accounts, a.draft())
	return &d.accounts[len(d.accounts)-1]
}

// draft returns the account as it is.
func (a *Account) draft() accountDraft {
	return accountDraft{Account: a, id: a.id, clock: a.clock, balance: a.balance, out: a.out, in: a.in, count: len(a.holds)}
}

// advance lets go of the holds that end on the way to an instant.
func (a *accountDraft) advance(at int64) {
	if at <= a.clock {
		return
	}
	a.clock = at
	if n := a.holds.ended(at); n > 0 {
		out, in := a.holds[:n].sums()
		a.out, a.in, a.count = a.out-out, a.in-in, a.count-n
	}
}

// record decides an event for a transfer. Later steps of linked commands see the transfer with it.
func (d *draft) record(t *transferDraft, e event.Data, more bool) error {
	t.events = append(t.events, e)
	if !more {
		return nil
	}
	if !t.owned {
		t.Transfer, t.owned = t.Clone(), true
	}
	return t.Apply(e)
}

// room returns how much may still be added to what the account has, or taken from it, before a limit refuses. It is negative
// where the account is beyond the limit.
func (a *accountDraft) room(incoming bool) int64 {
	if incoming {
		ceiling, _ := a.ceiling()
		return ceiling - a.balance - a.in // of which none is beyond MaxBalance
	}
	floor, _ := a.floor()
	left := a.balance - a.out
	if floor > 0 && left < math.MinInt64+floor {
		return math.MinInt64
	}
	return left - floor
}

func (a *accountDraft) floor() (int64, Reason) {
	if a.terms.Limits == nil {
		return -MaxBalance, Overflow
	}
	return a.terms.Limits.floor()
}

func (a *accountDraft) ceiling() (int64, Reason) {
	if a.terms.Limits == nil {
		return MaxBalance, Overflow
	}
	return a.terms.Limits.ceiling()
}

// book decides the entry of a leg: e says what is the same for all legs of its transfer. What the transfer held for it,
// released, is held no more.
func (d *draft) book(e EntryBooked, l *Leg, released int64, counter string) {
	a := d.account(l.Account)
	a.unhold(l.Side, released)
	a.balance += a.delta(l.Side, l.Amount.Minor())
	e.At, e.Side, e.Amount, e.Counter = d.time(), l.Side, l.Amount, counter
	if released > 0 {
		e.Released = money.New(released, a.terms.Currency)
	}
	if !a.terms.Unconstrained {
		e.Balance = money.New(a.balance, a.terms.Currency)
	}
	a.events = append(a.events, e)
}

// hold decides what a leg holds: e says what is the same for all legs of its transfer.
func (d *draft) hold(e AmountHeld, l *Leg, counter string) {
	a := d.account(l.Account)
	if a.delta(l.Side, 1) > 0 {
		a.in += l.Amount.Minor()
	} else {
		a.out += l.Amount.Minor()
	}
	if a.held != e.Transfer {
		a.held, a.count = e.Transfer, a.count+1
	}
	e.At, e.Side, e.Amount, e.Counter = d.time(), l.Side, l.Amount, counter
	a.events = append(a.events, e)
}

// release decides that what is held for a leg is held no more.
func (d *draft) release(t string, l *Leg, minor int64, why Status) {
	a := d.account(l.Account)
	if why != Expired {
		a.unhold(l.Side, minor)
	}
	a.events = append(a.events, AmountReleased{
		Transfer: t, At: d.time(), Side: l.Side, Amount: money.New(minor, l.Amount.Currency()), Why: why,
	})
}

func (a *accountDraft) unhold(side Side, minor int64) {
	if a.delta(side, 1) > 0 {
		a.in -= minor
	} else {
		a.out -= minor
	}
}

// size returns how many events were decided.
func (d *draft) size() (n int) {
	for i := range d.transfers {
		n += len(d.transfers[i].events)
	}
	for i := range d.accounts {
		n += len(d.accounts[i].events)
	}
	return n
}

// facts returns what was decided, the home first.
func (d *draft) facts() []Facts {
	out := make([]Facts, 0, len(d.transfers)+len(d.accounts))
	for i := range d.transfers {
		if t := &d.transfers[i]; len(t.events) > 0 {
			out = append(out, Facts{KindTransfer, t.id, t.events})
		}
	}
	for i := range d.accounts {
		if a := &d.accounts[i]; len(a.events) > 0 {
			out = append(out, Facts{KindAccount, a.id, a.events})
		}
	}
	return out
}

// counter returns the one account on the other side of a leg, in its currency; "" if there are several.
func counter(legs []Leg, l *Leg) (other string) {
	if len(legs) == 2 {
		if l == &legs[0] {
			return legs[1].Account
		}
		return legs[0].Account
	}
	for i := range legs {
		o := &legs[i]
		if o.Side == l.Side || o.Amount.Currency() != l.Amount.Currency() {
			continue
		}
		if other != "" && other != o.Account {
			return ""
		}
		other = o.Account
	}
	return other
}
