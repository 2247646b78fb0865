package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

func TestQuick(t *testing.T) {
	l := ledger.NewLedger()
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	open := func(id string, ty ledger.Type, lim *ledger.Limits) {
		d, err := l.DoAccount(id, ledger.Open{At: at, Terms: ledger.Terms{Type: ty, Currency: money.EUR, Limits: lim, Unconstrained: lim == nil}})
		if err != nil || !d.Done() {
			t.Fatal(d, err)
		}
	}
	open("cash", ledger.Asset, nil)
	open("anna", ledger.Liability, &ledger.Limits{Overdraft: ledger.NoOverdraft})
	open("ben", ledger.Liability, &ledger.Limits{Overdraft: ledger.NoOverdraft})
	day := civil.MustParseDate("2026-11-21")
	do := func(c ledger.Command) {
		d, err := l.Do(c)
		fmt.Printf("%+v %v\n", d, err)
	}
	do(ledger.Post{ID: "1", At: at, Value: day, Legs: ledger.Move("cash", "anna", money.New(100_00, money.EUR))})
	do(ledger.Post{ID: "1", At: at, Value: day, Legs: ledger.Move("cash", "anna", money.New(100_00, money.EUR))})
	do(ledger.Hold{ID: "2", At: at, Value: day, Ends: at.Add(time.Hour), Legs: ledger.Move("anna", "ben", money.New(60_00, money.EUR))})
	do(ledger.Post{ID: "3", At: at, Value: day, Legs: ledger.Move("anna", "ben", money.New(60_00, money.EUR))})
	do(ledger.Capture{ID: "c", Transfer: "2", At: at.Add(time.Hour - 1), Amount: money.New(50_00, money.EUR)})
	do(ledger.Capture{ID: "c2", Transfer: "2", At: at.Add(time.Hour - 1), Amount: money.New(50_00, money.EUR)})
	do(ledger.Reverse{ID: "r", Transfer: "2", At: at.Add(time.Hour)})
	do(ledger.Reverse{ID: "r2", Transfer: "2", At: at.Add(time.Hour)})
	fmt.Printf("%+v\n", l.Account("anna").Balance(at))
}
