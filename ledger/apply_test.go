package ledger_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
)

// lived is a ledger that has seen a lot, and the journal of it.
func lived(t testing.TB, seed uint64, steps int) *world {
	r := rand.New(rand.NewPCG(seed, 0))
	w := newWorld(t, func(_ string, n int) int { return r.IntN(n) })
	for range steps {
		w.step()
	}
	return w
}

// Every field of every event of a history, made another or malformed: whatever Apply refuses has changed nothing.
func TestApplyAfterAnErrorIsAsBefore(t *testing.T) {
	raw := func(texts ...string) (out []json.RawMessage) {
		for _, text := range texts {
			out = append(out, json.RawMessage(text))
		}
		return out
	}
	amounts := raw(`{"amount":"0.00","currency":"EUR"}`, `{"amount":"-0.01","currency":"EUR"}`, `{"amount":"0.01","currency":"USD"}`,
		`{"amount":"46116860184273879.03","currency":"EUR"}`, `{"amount":"46116860184273879.04","currency":"EUR"}`, `{"amount":"92233720368547758.07","currency":"EUR"}`)
	others := map[string][]json.RawMessage{
		"at": raw(`"0001-01-01T00:00:00Z"`, `"0000-01-01T00:00:00Z"`), "expires": raw(`"0001-01-01T00:00:00Z"`, `"2000-01-01T00:00:00Z"`),
		"amount": amounts, "balance": amounts, "released": amounts, "side": raw(`"debit"`, `"credit"`),
		"value": raw(`"2000-01-01"`), "through": raw(`"2000-01-01"`, `"2999-01-01"`), "transfer": raw(`"another"`),
		"legs": raw(`[]`, `[{"account":"anna","side":"debit","amount":{"amount":"0.01","currency":"EUR"}}]`), "why": raw(`"voided"`, `"expired"`),
		"limits": raw(`{"overdraft":"limited"}`), "block": raw(`"debits"`), "type": raw(`"asset"`), "currency": raw(`"USD"`),
	}
	w := lived(t, 3, 150)
	refused := 0
	for i, record := range w.journal {
		kind, id := event.SplitStream(record.Stream)
		before := func() *ledger.Ledger {
			l := ledger.NewLedger()
			for _, r := range w.journal[:i] {
				if r.Stream == record.Stream {
					if err := l.Apply(ledger.Facts{Kind: ledger.Kind(kind), ID: id, Events: []event.Data{decode(t, r)}}); err != nil {
						t.Fatal(err)
					}
				}
			}
			return l
		}
		l := before()
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(record.Data, &fields); err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(others)) {
			for _, other := range others[name] {
				changed := maps.Clone(fields)
				changed[name] = other
				text, err := json.Marshal(changed)
				if err != nil {
					t.Fatal(err)
				}
				codec := accountCodec
				if ledger.Kind(kind) == ledger.KindTransfer {
					codec = transferCodec
				}
				fact, err := codec.Decode(event.Event{Type: record.Type, Data: text})
				if err != nil {
					continue
				}
				was := l.Freeze()
				err = l.Apply(ledger.Facts{Kind: ledger.Kind(kind), ID: id, Events: []event.Data{fact}})
				if err == nil {
					l = before()
					continue
				}
				if refused++; !errors.Is(err, ledger.ErrCorrupt) {
					t.Fatalf("%s %s: got %v, want one that wraps ErrCorrupt", record.Type, text, err)
				}
				if now := l.Freeze(); !now.Equal(was) {
					t.Fatalf("%s %s is refused (%v), and has changed\n%+v\ninto\n%+v", record.Type, text, err, was, now)
				}
			}
		}
	}
	if refused < 500 {
		t.Errorf("got %d refusals: the test does not see much", refused)
	}
}

// What a command was made of is the caller's: changed afterwards, it changes nothing in the ledger.
func TestStatesDoNotShareWithCommands(t *testing.T) {
	at, day := time.UnixMicro(start).UTC(), civil.MustParseDate("2026-11-16")
	l := ledger.NewLedger()
	limits := ledger.Limits{Overdraft: ledger.NoOverdraft}
	for _, id := range []string{"anna", "ben"} {
		if _, err := l.DoAccount(id, ledger.Open{At: at, Terms: ledger.Terms{Type: ledger.Liability, Currency: eur(0).Currency(), Limits: &limits}}); err != nil {
			t.Fatal(err)
		}
	}
	legs := ledger.Move("anna", "ben", eur(5))
	if d, err := l.Do(ledger.Post{ID: "1", At: at, Value: day, Legs: legs, Force: true}); err != nil || !d.Done() {
		t.Fatal(d, err)
	}
	before := l.Freeze()
	limits.Overdraft, legs[0].Amount = ledger.FreeOverdraft, eur(7)
	l.Account("anna").Terms().Limits.Overdraft = ledger.FreeOverdraft
	l.Transfer("1").Legs()[0].Amount = eur(9)
	if !l.Freeze().Equal(before) || l.Account("anna").Terms().Limits.Overdraft != ledger.NoOverdraft {
		t.Errorf("got %+v, want %+v", l.Freeze(), before)
	}
}
