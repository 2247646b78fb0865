package ledger_test

import (
	"flag"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// oneOfEach is one event of every type, as the commands decide them, and some more where fields are left out.
func oneOfEach(t testing.TB) map[string]event.Data {
	t.Helper()
	facts := map[string]event.Data{}
	l := ledger.NewLedger()
	account := func(id string, c ledger.AccountCommand, names ...string) {
		t.Helper()
		events, err := c.Decide(l.Account(id))
		if err == nil {
			err = l.Apply(ledger.Facts{Kind: ledger.KindAccount, ID: id, Events: events})
		}
		if err != nil || len(events) != 1 {
			t.Fatalf("%T: %v %v", c, events, err)
		}
		for _, name := range names {
			facts[events[0].EventType()+name] = events[0]
		}
	}
	// do keeps the first event of every type that it meets under a name.
	do := func(c ledger.Command, name string) {
		t.Helper()
		decided, _, err := c.Decide(l)
		if err == nil {
			err = l.Apply(decided...)
		}
		if err != nil {
			t.Fatalf("%T: %v", c, err)
		}
		for _, f := range decided {
			for _, e := range f.Events {
				if key := e.EventType() + name; facts[key] == nil {
					facts[key] = e
				}
			}
		}
	}
	at := time.Date(2026, 11, 16, 9, 0, 0, 123_456_000, time.UTC)
	day := civil.MustParseDate("2026-11-16")
	details := ledger.Details{Reference: "INV-2026-117", Text: "rent of \"November\" <flat 3>", Code: "RENT"}
	account("cash", ledger.Open{At: at, Terms: ledger.Terms{Type: ledger.Asset, Currency: money.EUR, Unconstrained: true}}, ".shared")
	account("interest", ledger.Open{At: at, Terms: ledger.Terms{Type: ledger.Expense, Currency: money.EUR, Unconstrained: true}})
	account("anna", ledger.Open{At: at, Terms: ledger.Terms{
		Name: "Anna", Parent: "customers", Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{Overdraft: ledger.NoOverdraft},
	}}, "")
	account("ben", ledger.Open{At: at, Terms: ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{
		Overdraft: ledger.LimitedOverdraft, OverdraftLimit: eur(50_00), Maximum: eur(10_000_00),
	}}})
	account("anna", ledger.SetLimits{At: at, Limits: ledger.Limits{
		Overdraft: ledger.LimitedOverdraft, OverdraftLimit: eur(50_00), Minimum: eur(0), Maximum: eur(10_000_00),
	}}, "")
	account("anna", ledger.SetLimits{At: at, Limits: ledger.Limits{Overdraft: ledger.FreeOverdraft}}, ".free")
	account("ben", ledger.SetBlock{At: at, Block: ledger.NoDebits, Why: "a court's order"}, "")
	account("ben", ledger.SetBlock{At: at}, ".none")
	terms := interest.MustTerms(interest.Spec{
		Currency: money.EUR, DayCount: interest.Act365F, Rounding: money.HalfEven, Capitalise: interest.Monthly,
		Rates: []interest.Rates{{From: day, Credit: interest.Flat(money.EUR, money.MustParseRate("0.02"))}},
	})
	account("anna", ledger.SetInterest{At: at, From: day, Terms: terms, Source: "interest"}, "")

	do(ledger.Post{ID: "pay-1", At: at, Value: day, Legs: ledger.Move("cash", "anna", eur(120_00)), Details: details}, "")
	do(ledger.Hold{ID: "hold-1", At: at, Value: day, Expires: at.Add(time.Hour), Legs: ledger.Move("anna", "ben", eur(60_00)), Details: details}, "")
	do(ledger.Hold{ID: "hold-2", At: at, Value: day, Legs: ledger.Move("anna", "ben", eur(5_00)), Force: true}, ".forced")
	do(ledger.Capture{ID: "clear-1", Transfer: "hold-1", At: at, Amount: eur(20_00), Keep: true}, ".kept")
	do(ledger.Capture{ID: "clear-2", Transfer: "hold-1", At: at, Amount: eur(30_00)}, "")
	do(ledger.Void{ID: "void-2", Transfer: "hold-2", At: at}, "")
	do(ledger.Hold{ID: "hold-3", At: at, Value: day, Expires: at.Add(time.Minute), Legs: ledger.Move("anna", "ben", eur(1_00))}, ".plain")
	do(ledger.Expire{ID: "expire-3", Transfer: "hold-3", At: at.Add(time.Minute)}, "")
	do(ledger.Reverse{ID: "back-1", Transfer: "pay-1", At: at.Add(time.Hour), Force: true}, ".reversal")
	do(ledger.Linked{ID: "group-1", Steps: []ledger.Step{
		{Post: &ledger.Post{ID: "pay-2", At: at, Value: day, Legs: ledger.Move("cash", "anna", eur(7))}},
		{Hold: &ledger.Hold{ID: "hold-4", At: at, Value: day, Legs: ledger.Move("anna", "ben", eur(7))}},
	}}, ".linked")
	do(ledger.Post{ID: "pay-3", At: at, Value: day, Legs: ledger.Move("ben", "anna", eur(900_00))}, "")
	do(ledger.Linked{ID: "group-2", Steps: []ledger.Step{
		{Post: &ledger.Post{ID: "pay-4", At: at, Value: day, Legs: ledger.Move("nobody", "anna", eur(7))}},
	}}, ".linked")
	later := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	end := civil.MustParseDate("2026-11-30")
	do(ledger.Capitalise{Account: "anna", At: later, Through: end, Source: "interest"}, "")
	account("anna", ledger.EndPeriod{At: later, Through: end}, "")
	account("cash", ledger.EndPeriod{At: later, Through: end}, ".shared")
	account("anna", ledger.EndPeriod{At: later, Through: end}, ".period")
	account("anna", ledger.MarkArchived{Through: 3, Sum: [32]byte{1, 2, 3}}, "")
	account("empty", ledger.Open{At: at, Terms: ledger.Terms{Type: ledger.Equity, Currency: money.JPY, Limits: &ledger.Limits{Overdraft: ledger.NoOverdraft}}})
	account("empty", ledger.Close{At: later}, "")
	account("empty", ledger.Reopen{At: later}, "")
	return facts
}

func eur(minor int64) money.Amount { return money.New(minor, money.EUR) }

// The JSON of every event type is pinned: stored events must be read for ever.
func TestEventGolden(t *testing.T) {
	golden.Events(t, oneOfEach(t), ".golden", *update, accountCodec, transferCodec)
}
