package ledger

import (
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Account is the state of one account: its terms, its balance, what is held, and the days of its open period. It knows no
// single entry: those are in its stream, and in the archive. Make it with [NewAccount] and let it [Account.Apply] its events.
//
// It is for one goroutine at a time. Decisions and readers change nothing; only Apply does.
type Account struct {
	id      string
	version event.Version // how many events it has applied
	opened  bool
	closed  bool
	terms   Terms
	block   Block

	clock   int64 // the latest instant at which something was decided, in microseconds
	balance int64 // on the normal side
	out, in int64 // what live holds reserve at the clock
	holds   holds // those that live at the clock

	through  civil.Date // the last closed day
	opening  int64      // the balance at its end, by value date
	days     days       // what came after
	archived event.Version
	sum      Sum // of the segment that ends there

	interest *savings // nil: none
}

// NewAccount returns an account of which nothing is known: it has to be opened, or to apply its events.
func NewAccount(id string) *Account { return &Account{id: id} }

// ID returns the account's id.
func (a *Account) ID() string { return a.id }

// Exists reports whether the account was ever opened.
func (a *Account) Exists() bool { return a.opened }

// Closed reports whether the account was closed, and not opened again.
func (a *Account) Closed() bool { return a.closed }

// Terms returns what the account was opened with, and the limits that rule it now.
func (a *Account) Terms() Terms {
	t := a.terms
	if t.Limits != nil {
		limits := *t.Limits
		t.Limits = &limits
	}
	return t
}

// Block returns which postings the account takes no more; 0 for none.
func (a *Account) Block() Block { return a.block }

// ClosedThrough returns the last day of the account's closed periods; no date if none is.
func (a *Account) ClosedThrough() civil.Date { return a.through }

// ArchivedThrough returns the version up to which the account's records are archived, 0 if none are, and the sum of the segment
// that ends there.
func (a *Account) ArchivedThrough() (event.Version, Sum) { return a.archived, a.sum }

// OpenFrom returns the version of the first record that may hold an entry of the open period.
func (a *Account) OpenFrom() event.Version {
	from := a.version + 1
	for i := range a.days {
		from = min(from, a.days[i].first)
	}
	return from
}

// Clock returns the latest instant at which something was decided on the account; the zero time if nothing was.
func (a *Account) Clock() time.Time {
	if a.version == 0 {
		return time.Time{}
	}
	return money.FromUnixMicro(a.clock)
}

// Balance is how an account stands. All amounts are on its normal side.
type Balance struct {
	Booked   money.Amount // what entries sum to
	Outgoing money.Amount // what live holds keep back
	Incoming money.Amount // what live holds will bring; it cannot be spent

	// Available is what may leave before a limit refuses: Booked - Outgoing - the floor, and 0 if that is below 0. An account that
	// nothing constrains has no such amount.
	Available money.Amount
}

// Balance returns how the account stands at an instant, or at its clock if that is later. A hold that ends at the instant is
// over. It costs a step for each hold that ends in between.
func (a *Account) Balance(at time.Time) Balance {
	d := a.draft()
	t, err := money.UnixMicro(at)
	if err != nil {
		t = a.clock
	}
	d.advance(max(t, a.clock))
	c := a.terms.Currency
	b := Balance{Booked: money.New(d.balance, c), Outgoing: money.New(d.out, c), Incoming: money.New(d.in, c)}
	if !a.terms.Unconstrained {
		b.Available = money.New(max(0, d.room(false)), c)
	}
	return b
}

// BalanceOn returns the balance at the end of a day by value date. It knows the days from ClosedThrough on; ok is false for
// those before, and where what is booked for other days takes the balance of this one beyond MaxBalance.
func (a *Account) BalanceOn(date civil.Date) (balance money.Amount, ok bool) {
	sum, ok := a.days.through(date, a.opening)
	if date < a.through || !ok && !a.terms.Unconstrained {
		return money.Amount{}, false
	}
	return money.New(sum, a.terms.Currency), true
}

// HoldState is a hold that lives on an account.
type HoldState struct {
	Transfer string
	Expires  time.Time // the zero time: never by itself
	Outgoing money.Amount
	Incoming money.Amount
}

// Holds returns the holds that live at the account's clock, by their end.
func (a *Account) Holds() []HoldState {
	out := make([]HoldState, len(a.holds))
	for i, h := range a.holds {
		c := a.terms.Currency
		out[i] = HoldState{h.transfer, timeOfEnd(h.ends), money.New(h.out, c), money.New(h.in, c)}
	}
	return out
}

// delta returns what an amount on a side adds to the balance.
func (a *Account) delta(side Side, minor int64) int64 {
	if side == a.terms.Type.Normal() {
		return minor
	}
	return -minor
}
