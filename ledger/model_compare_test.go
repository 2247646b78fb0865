package ledger_test

import (
	"reflect"
	"slices"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// instants are those at which it pays to look: now, the ends of holds, and a microsecond before them.
func (w *world) instants() []int64 {
	at := []int64{w.now, w.now + 1, w.now + 400*microsOfDay}
	for _, t := range w.m.transfers {
		if t.ends != forever && t.ends > w.now-microsOfDay && len(at) < 12 {
			at = append(at, t.ends-1, t.ends)
		}
	}
	return at
}

// compare asks the ledger everything that the model knows.
func (w *world) compare() {
	w.t.Helper()
	total := map[money.Currency]int64{}
	for _, known := range w.m.accounts {
		a := w.l.Account(known.id)
		w.compareAccount(known, a)
		w.compareBalances(known, a)
		booked := a.Balance(instantOf(w.now)).Booked
		if known.grows(ledger.Debit) {
			total[booked.Currency()] += booked.Minor()
		} else {
			total[booked.Currency()] -= booked.Minor()
		}
	}
	for c, sum := range total {
		if sum != 0 {
			w.t.Fatalf("L1: %s sums to %d", c, sum)
		}
	}
	for _, known := range w.m.transfers {
		w.compareTransfer(known, w.l.Transfer(known.order.ID))
	}
}

func (w *world) compareAccount(known *modelAccount, a *ledger.Account) {
	w.t.Helper()
	if !a.Exists() || a.Closed() != known.closed || a.Block() != known.block || a.ClosedThrough() != known.through ||
		a.Clock() != instantOf(clock(known.moments)) || !reflect.DeepEqual(a.Terms(), known.terms) {
		w.t.Fatalf("account %s: got %+v, want %+v", known.id, a, known)
	}
	_, _, live := w.m.held(known, 0)
	slices.SortFunc(live, func(s, t *modelTransfer) int {
		if s.ends != t.ends {
			return map[bool]int{true: -1, false: 1}[s.ends < t.ends]
		}
		return map[bool]int{true: -1, false: 1}[s.order.ID < t.order.ID]
	})
	holds := a.Holds()
	for i, t := range live {
		out, in := int64(0), int64(0)
		for j, l := range t.order.Legs {
			if l.Account == known.id && known.grows(l.Side) {
				in += t.left(j)
			} else if l.Account == known.id {
				out += t.left(j)
			}
		}
		want := ledger.HoldState{
			Transfer: t.order.ID, Expires: instantOf(t.ends),
			Outgoing: money.New(out, known.terms.Currency), Incoming: money.New(in, known.terms.Currency),
		}
		if len(holds) != len(live) || holds[i] != want {
			w.t.Fatalf("L5: account %s: got holds %v, want %d of them with %v", known.id, holds, len(live), want)
		}
	}
	if len(holds) != len(live) {
		w.t.Fatalf("L5: account %s: got holds %v, want none", known.id, holds)
	}
	snapshot, err := a.MarshalBinary()
	back := ledger.NewAccount(known.id)
	if err == nil {
		err = back.UnmarshalBinary(snapshot)
	}
	again, _ := back.MarshalBinary()
	if err != nil || string(snapshot) != string(again) || back.Balance(instantOf(w.now)) != a.Balance(instantOf(w.now)) {
		w.t.Fatalf("L9: account %s: snapshot %s: read as %s %v", known.id, snapshot, again, err)
	}
}

func (w *world) compareBalances(known *modelAccount, a *ledger.Account) {
	w.t.Helper()
	c := known.terms.Currency
	for _, at := range w.instants() {
		out, in, _ := w.m.held(known, at)
		want := ledger.Balance{
			Booked: money.New(w.m.balance(known), c), Outgoing: money.New(out, c), Incoming: money.New(in, c),
			Available: money.New(positive(w.m.room(known, at, false)), c),
		}
		got := a.Balance(instantOf(at))
		if known.terms.Unconstrained { // no limit refuses
			want.Available = got.Available
		}
		if got != want {
			w.t.Fatalf("account %s at %s: got %+v, want %+v", known.id, instantOf(at), got, want)
		}
	}
	today := civil.DateOf(instantOf(w.now), nil)
	for _, day := range []civil.Date{1, known.through - 1, known.through, known.through + 1, today - 2, today - 1, today, today + 3, today + 4000} {
		want, ok := money.New(w.m.balanceOn(known, day), c), day >= known.through && (known.terms.Unconstrained || inRange(w.m.exactOn(known, day)))
		if got, gotOK := a.BalanceOn(day); gotOK != ok || ok && got != want {
			w.t.Fatalf("account %s on %s: got %v %v, want %v %v", known.id, day, got, gotOK, want, ok)
		}
	}
	if opening, ok := w.closed[known.id]; ok {
		if got, _ := a.BalanceOn(known.through); got != opening {
			w.t.Fatalf("L7: account %s was closed with %v, and has %v", known.id, opening, got)
		}
	}
}

func (w *world) compareTransfer(known *modelTransfer, t *ledger.Transfer) {
	w.t.Helper()
	for _, at := range w.instants() {
		at = max(at, clock(known.moments))
		if got, want := t.Status(instantOf(at)), known.status(at); got != want {
			w.t.Fatalf("transfer %s at %s: got %s, want %s", t.ID(), instantOf(at), got, want)
		}
	}
	if !slices.Equal(t.Left(), known.legs(known.left)) || !slices.Equal(t.Booked(), known.legs(known.booked)) ||
		!slices.Equal(t.Legs(), known.order.Legs) || t.At() != instantOf(known.at) || t.Expires() != instantOf(known.ends) ||
		t.Value() != known.order.Value || t.Reverses() != known.reverses || t.ReversedBy() != known.reversed ||
		t.Details() != known.order.Details {
		w.t.Fatalf("transfer %s: got %+v, want %+v", t.ID(), t, known)
	}
	for i := range known.order.Legs {
		if booked, most := known.booked(i), known.order.Legs[i].Amount.Minor(); booked > most {
			w.t.Fatalf("L4: transfer %s has booked %d of %d", t.ID(), booked, most)
		}
	}
}

// checkLimits is L2: no limit is broken but by what is forced, unless it was before and the account came closer.
func (w *world) checkLimits(c ledger.Command, old *model, at int64) {
	if forces(c) {
		return
	}
	for _, a := range w.m.accounts {
		was := old.account(a.id)
		if a.terms.Unconstrained {
			continue
		}
		floor, _ := a.floor()
		ceiling, _ := a.ceiling()
		out, in, _ := w.m.held(a, at)
		outBefore, inBefore, _ := old.held(was, at)
		low, lowBefore := sum(w.m.balance(a), -out), sum(old.balance(was), -outBefore)
		high, highBefore := sum(w.m.balance(a), in), sum(old.balance(was), inBefore)
		if low.Cmp(sum(floor)) < 0 && low.Cmp(lowBefore) < 0 || high.Cmp(sum(ceiling)) > 0 && high.Cmp(highBefore) > 0 {
			w.t.Fatalf("L2: %s takes %s beyond %d to %d: %v to %v", show(c), a.id, floor, ceiling, low, high)
		}
	}
}

func forces(c ledger.Command) bool {
	switch c := c.(type) {
	case ledger.Post:
		return c.Force
	case ledger.Hold:
		return c.Force
	case ledger.Reverse:
		return c.Force
	case ledger.Linked:
		return slices.ContainsFunc(commands(c), forces)
	}
	return false
}
