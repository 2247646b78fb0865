package ledger_test

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// open opens an account that customers have: a liability of the bank, in euros.
func open(l *ledger.Ledger, id string, at time.Time, limits ledger.Limits) {
	terms := ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: &limits}
	if d, err := l.DoAccount(id, ledger.Open{At: at, Terms: terms}); err != nil || !d.Done() {
		fmt.Println("not opened:", d.Reason, err)
	}
}

// shared opens an account of the bank's own, which nothing constrains.
func shared(l *ledger.Ledger, id string, at time.Time, of ledger.Type, c money.Currency) {
	if d, err := l.DoAccount(id, ledger.Open{At: at, Terms: ledger.Terms{Type: of, Currency: c, Unconstrained: true}}); err != nil || !d.Done() {
		fmt.Println("not opened:", d.Reason, err)
	}
}

// do decides a command and says what became of it.
func do(l *ledger.Ledger, c ledger.Command) {
	d, err := l.Do(c)
	switch {
	case err != nil:
		fmt.Println("could not decide:", err)
	case d.Done():
		fmt.Println(c.Key(), d.Status)
	default:
		fmt.Println(c.Key(), "refused:", d.Reason)
	}
}

// Anna pays money in, a hotel holds some of it, and captures less.
func Example() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	day := civil.DateOf(at, nil)
	eur := func(minor int64) money.Amount { return money.New(minor, money.EUR) }

	l := ledger.NewLedger()
	shared(l, "cash", at, ledger.Asset, money.EUR)
	open(l, "anna", at, ledger.Limits{Overdraft: ledger.NoOverdraft})
	open(l, "hotel", at, ledger.Limits{Overdraft: ledger.NoOverdraft})

	do(l, ledger.Post{ID: "pay-in", At: at, Value: day, Legs: ledger.Move("cash", "anna", eur(100_00))})
	do(l, ledger.Hold{ID: "room-12", At: at, Expires: at.Add(7 * 24 * time.Hour), Value: day, Legs: ledger.Move("anna", "hotel", eur(80_00))})
	do(l, ledger.Post{ID: "shoes", At: at, Value: day, Legs: ledger.Move("anna", "hotel", eur(30_00))})
	do(l, ledger.Capture{ID: "checkout", Transfer: "room-12", At: at.Add(48 * time.Hour), Amount: eur(65_00)})
	do(l, ledger.Post{ID: "shoes-again", At: at.Add(48 * time.Hour), Value: day, Legs: ledger.Move("anna", "hotel", eur(30_00))})

	b := l.Account("anna").Balance(at.Add(48 * time.Hour))
	fmt.Println("anna has", b.Booked, "of which", b.Available, "are available")
	// Output:
	// pay-in posted
	// room-12 held
	// shoes refused: overdraft_exceeded
	// checkout captured
	// shoes-again posted
	// anna has 5.00 EUR of which 5.00 EUR are available
}

// A refusal is a decision, and says what would have been possible. An error says that nothing was decided.
func ExampleLedger_Do() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	l := ledger.NewLedger()
	open(l, "anna", at, ledger.Limits{Overdraft: ledger.LimitedOverdraft, OverdraftLimit: money.New(50_00, money.EUR)})
	open(l, "ben", at, ledger.Limits{Overdraft: ledger.NoOverdraft})

	d, err := l.Do(ledger.Post{
		ID: "rent", At: at, Value: civil.DateOf(at, nil), Legs: ledger.Move("anna", "ben", money.New(70_00, money.EUR)),
	})
	fmt.Println(d.Reason, d.Account, "needs", d.Needed, "and has", d.Available, err)

	_, err = l.Do(ledger.Post{ID: "rent", At: at, Value: civil.DateOf(at, nil), Legs: []ledger.Leg{
		ledger.DebitLeg("anna", money.New(70_00, money.EUR)), ledger.CreditLeg("ben", money.New(69_99, money.EUR)),
	}})
	fmt.Println(err)
	// Output:
	// overdraft_exceeded anna needs 70.00 EUR and has 50.00 EUR <nil>
	// ledger: invalid legs: debits and credits differ in EUR
}

// A command decides first and changes later: the facts in between are what a journal keeps, and what other ledgers can apply.
func ExampleLedger_Apply() {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	l := ledger.NewLedger()
	shared(l, "cash", at, ledger.Asset, money.EUR)
	shared(l, "capital", at, ledger.Equity, money.EUR)

	c := ledger.Post{ID: "founding", At: at, Value: civil.DateOf(at, nil), Legs: ledger.Move("cash", "capital", money.New(5_000_000_00, money.EUR))}
	facts, _, err := c.Decide(l)
	if err != nil {
		fmt.Println("could not decide:", err)
		return
	}
	for _, f := range facts {
		for _, e := range f.Events {
			fmt.Println(f.Kind, f.ID, e.EventType())
		}
	}
	fmt.Println(l.Account("capital").Balance(at).Booked)
	if err := l.Apply(facts...); err != nil {
		fmt.Println("does not fit the history:", err)
	}
	fmt.Println(l.Account("capital").Balance(at).Booked)
	// Output:
	// transfer founding ledger.transfer_posted.v1
	// account cash ledger.entry_booked.v1
	// account capital ledger.entry_booked.v1
	// 0.00 EUR
	// 5000000.00 EUR
}

// A period is closed into an opening balance. What comes too late is taken back on the first open day.
func ExampleEndPeriod() {
	at := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	november := civil.MustParseDate("2026-11-30")
	l := ledger.NewLedger()
	shared(l, "cash", at, ledger.Asset, money.EUR)
	open(l, "anna", at, ledger.Limits{Overdraft: ledger.NoOverdraft})
	do(l, ledger.Post{ID: "pay-in", At: at, Value: november, Legs: ledger.Move("cash", "anna", money.New(100_00, money.EUR))})

	d, err := l.DoAccount("anna", ledger.EndPeriod{At: at, Through: november})
	fmt.Println("closed through", d.Through, "with", d.Balance, err)
	do(l, ledger.Post{ID: "late", At: at, Value: november, Legs: ledger.Move("cash", "anna", money.New(1_00, money.EUR))})
	do(l, ledger.Reverse{ID: "correction", Transfer: "pay-in", At: at})
	fmt.Println("the correction counts from", l.Transfer("correction").Value())
	// Output:
	// pay-in posted
	// closed through 2026-11-30 with 100.00 EUR <nil>
	// late refused: period_closed
	// correction posted
	// the correction counts from 2026-12-01
}
