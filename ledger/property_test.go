package ledger_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// Laws L1 to L9: over any history, the ledger decides and says what the model does, and after every step the laws hold.
func TestLedgerEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { anyHistory(t, rapid.IntRange(1, 60).Draw(t, "length")) })
}

// anyHistory lets rapid, or a fuzzer, draw the commands.
func anyHistory(t *rapid.T, length int) {
	w := newWorld(t, func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(t, what) })
	for range length {
		w.step()
	}
	w.check()
}

// The same laws over longer histories, evenly spread. A failure names its seed.
func TestLedgerEqualsModelLong(t *testing.T) {
	asked, reasons := 0, map[ledger.Reason]int{}
	for seed := uint64(1); asked < campaign.Size(3_000, 120_000); seed++ {
		r := rand.New(rand.NewPCG(seed, 0))
		if !t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			w := newWorld(t, func(_ string, n int) int { return r.IntN(n) })
			for range 20 + r.IntN(180) {
				reasons[w.step()]++
				asked++
			}
			w.check()
		}) {
			break
		}
	}
	t.Logf("%d commands: %v", asked, reasons)
}

// FuzzLedger drives the same laws from bytes of the fuzzer's choice.
func FuzzLedger(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 0))
	for range 8 {
		data := make([]byte, 8<<10)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { anyHistory(t, 40) }))
}

// newWorld opens accounts of every kind, with limits of every kind.
func newWorld(t rapid.TB, pick func(what string, n int) int) *world {
	w := &world{
		t: t, pick: pick, l: ledger.NewLedger(), twin: ledger.NewLedger(), m: &model{}, now: start,
		closed: map[string]money.Amount{}, versions: map[string]event.Version{},
	}
	for _, a := range []struct {
		id       string
		is       ledger.Type
		currency money.Currency
		shared   bool
	}{
		{"cash", ledger.Asset, money.EUR, true}, {"fees", ledger.Income, money.EUR, true}, {"yencash", ledger.Asset, money.JPY, true},
		{"yenfees", ledger.Income, money.JPY, true},
		{"anna", ledger.Liability, money.EUR, false}, {"ben", ledger.Liability, money.EUR, false},
		{"loan", ledger.Asset, money.EUR, false}, {"yen", ledger.Liability, money.JPY, false},
	} {
		terms := ledger.Terms{Name: a.id, Type: a.is, Currency: a.currency, Unconstrained: a.shared}
		if !a.shared {
			terms.Limits = w.limits(a.currency)
		}
		w.doAccount(a.id, ledger.Open{At: instantOf(start), Terms: terms})
	}
	return w
}

// step asks one command of both, and compares.
func (w *world) step() ledger.Reason {
	if n := len(w.asked); n > 0 && w.pick("again", 12) == 11 {
		i := n - 1 // the latest, as who had no answer does
		if w.pick("earlier", 2) == 0 {
			i = w.pick("which", n)
		}
		switch c := w.asked[i].(type) {
		case ledger.Command:
			return w.do(c)
		case accountCommand:
			return w.doAccount(c.id, c.command)
		}
	}
	if w.pick("of account", 6) == 5 {
		id, c := w.accountCommand()
		w.asked = append(w.asked, accountCommand{id, c})
		return w.doAccount(id, c)
	}
	c := w.command()
	w.asked = append(w.asked, c)
	return w.do(c)
}

type accountCommand struct {
	id      string
	command ledger.AccountCommand
}

func (w *world) do(c ledger.Command) ledger.Reason {
	w.t.Helper()
	before, old := w.l.Freeze(), w.m.clone()
	facts, decided, err := c.Decide(w.l)
	if invalid := c.Validate(); invalid != nil {
		if err == nil || !w.l.Freeze().Equal(before) {
			w.t.Fatalf("%s is %v: got %v, or a change", show(c), invalid, err)
		}
		return "invalid"
	}
	if err != nil {
		w.t.Fatalf("%s: %v", show(c), err)
	}
	want := w.m.do(c)
	got, err := w.l.Do(c)
	if err != nil {
		w.t.Fatalf("%s: %v", show(c), err)
	}
	if !reflect.DeepEqual(decided, got) {
		w.t.Fatalf("%s: Decide says %+v, and Do %+v", show(c), decided, got)
	}
	if len(facts) > 0 && !reflect.DeepEqual(c.Result(ledger.FactsOf(facts)), got) {
		w.t.Fatalf("%s: Result says %+v, and Do %+v", show(c), c.Result(ledger.FactsOf(facts)), got)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Fatalf("%s (-want +got):\n%s", show(c), diff)
	}
	if want.Reason != "" && !w.l.Freeze().Equal(before) {
		w.t.Fatalf("L3: %s is refused with %s, and changed something:\n%v\n%v", show(c), got.Reason, before, w.l.Freeze())
	}
	w.replay(facts)
	w.compare()
	if want.Reason == "" {
		w.checkLimits(c, old, want.At.UnixMicro())
	} else if a := w.m.account(got.Account); a != nil && a.terms.Unconstrained {
		switch got.Reason {
		case ledger.CurrencyMismatch, ledger.Unconstrained, ledger.Overflow: // of the question, and not of the account
		default:
			w.t.Fatalf("L8: %s refuses with %s", a.id, got.Reason)
		}
	}
	return want.Reason
}

func (w *world) doAccount(id string, c ledger.AccountCommand) ledger.Reason {
	w.t.Helper()
	before := w.l.Freeze()
	events, err := c.Decide(w.l.Account(id))
	if err != nil {
		w.t.Fatalf("%s: %s: %v", id, show(c), err)
	}
	want := w.m.doAccount(id, c)
	got, err := w.l.DoAccount(id, c)
	if err != nil {
		w.t.Fatalf("%s: %s: %v", id, show(c), err)
	}
	want.Account = id
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Fatalf("%s: %s (-want +got):\n%s", id, show(c), diff)
	}
	if want.Reason != "" && !w.l.Freeze().Equal(before) {
		w.t.Fatalf("L3: %s is refused with %s, and changed something", show(c), got.Reason)
	}
	if _, ends := c.(ledger.EndPeriod); ends && want.Reason == "" {
		w.closed[id], _ = w.l.Account(id).BalanceOn(want.Through)
	}
	w.replay([]ledger.Facts{{Kind: ledger.KindAccount, ID: id, Events: events}})
	w.compare()
	return want.Reason
}

// show is a command as JSON.
func show(c any) string {
	text, err := json.Marshal(c)
	return fmt.Sprintf("%T %s %v", c, text, err)
}

// replay gives facts to the twin as a journal would: as JSON. It then knows what the ledger knows (L9).
func (w *world) replay(facts []ledger.Facts) {
	key := fmt.Sprint("command-", len(w.journal)) // of the first record
	for _, f := range facts {
		codec := accountCodec
		if f.Kind == ledger.KindTransfer {
			codec = transferCodec
		}
		for _, e := range f.Events {
			stored, err := codec.Encode(e)
			if err != nil {
				w.t.Fatalf("L9: %T: %v", e, err)
			}
			read, err := codec.Decode(stored)
			if err != nil {
				w.t.Fatalf("L9: %s: %v", stored.Data, err)
			}
			if err := w.twin.Apply(ledger.Facts{Kind: f.Kind, ID: f.ID, Events: []event.Data{read}}); err != nil {
				w.t.Fatalf("L9: %s: %v", stored.Data, err)
			}
			stream, position := event.Stream(string(f.Kind), f.ID), event.Position(len(w.journal)+1)
			w.versions[stream]++
			w.journal = append(w.journal, event.Record{
				Event: stored, Stream: stream, Version: w.versions[stream], Position: position,
				At: instantOf(start + int64(position)), Key: key,
			})
			key = ""
		}
	}
	if !reflect.DeepEqual(w.l, w.twin) {
		w.t.Fatalf("L9: the replay is another ledger:\n%+v\n%+v", w.twin.Freeze(), w.l.Freeze())
	}
}

var accountCodec, transferCodec = ledger.AccountCodec(), ledger.TransferCodec()

// check lets the public checker go through the journal: it must find nothing, and end where the ledger is.
func (w *world) check() {
	w.t.Helper()
	report, err := ledger.Check(func(yield func(event.Record, error) bool) {
		for _, r := range w.journal {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil {
		w.t.Fatalf("Check: %v", err)
	}
	if !reflect.DeepEqual(report.Ledger, w.l) || report.Records != len(w.journal) {
		w.t.Fatalf("Check: got another ledger, after %d of %d records", report.Records, len(w.journal))
	}
}

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
			Transfer: t.order.ID, Ends: instantOf(t.ends),
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
		!slices.Equal(t.Legs(), known.order.Legs) || t.At() != instantOf(known.at) || t.Ends() != instantOf(known.ends) ||
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
