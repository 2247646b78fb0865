package ledger_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// Laws L1 to L9: over any history, the ledger decides and says what the model does, and after every step the laws hold.
func TestLedgerEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(t, what) })
		for range rapid.IntRange(1, 60).Draw(t, "length") {
			w.step()
		}
		w.check()
	})
}

// The same laws over longer histories, evenly spread. A failure names its seed.
func TestLedgerEqualsModelLong(t *testing.T) {
	asked, reasons := 0, map[ledger.Reason]int{}
	for seed := uint64(1); asked < campaign.Size(3_000, 100_000); seed++ {
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

// FuzzLedger drives the same laws from bytes of the fuzzer's choice: each draw takes one, or four. With -fuzzminimizetime=1x it
// spends its time on histories, and not on making each that it likes shorter.
func FuzzLedger(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 0))
	for range 8 {
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := newWorld(t, func(_ string, n int) int {
			width := 1
			if n > 256 {
				width = 4
			}
			drawn := uint64(0)
			for range width {
				if len(data) > 0 {
					drawn, data = drawn<<8|uint64(data[0]), data[1:]
				}
			}
			return int(drawn % uint64(n)) // 0 once there are no more
		})
		for steps := 0; len(data) > 0 && steps < 40; steps++ {
			w.step()
		}
		w.check()
	})
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
