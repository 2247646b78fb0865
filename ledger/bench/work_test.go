package bench_test

import (
	"fmt"
	"testing"

	"github.com/payrules/payrules/ledger/bench"
)

// Every run asks for the same.
func ExampleWork() {
	work := bench.Work{Accounts: 10_000, Pick: bench.Hot}
	for i := range 3 {
		t := work.Transfer(i)
		fmt.Println(t.At.Format("15:04:05.000"), t.ID, t.From, "pays", t.To, t.Amount)
	}
	// Output:
	// 09:00:00.000 pay-000000000000 customer-003401 pays customer-000000 91034
	// 09:00:00.001 pay-000000000001 customer-008601 pays customer-000000 63437
	// 09:00:00.002 pay-000000000002 customer-007619 pays customer-000000 40575
}

// The work is what the tables say: every id is its own, nobody pays himself, amounts are above zero, the accounts are open,
// and everybody gets his turn.
func TestWork(t *testing.T) {
	const accounts, transfers = 100, 20_000
	for _, pick := range bench.Picks() {
		work := bench.Work{Accounts: accounts, Pick: pick}
		open, ids := map[string]bool{}, map[string]bool{}
		for _, a := range work.Open() {
			if open[a.ID] {
				t.Errorf("%s: account %s is opened twice", pick, a.ID)
			}
			open[a.ID] = true
		}
		payers, payees := map[string]int{}, map[string]int{}
		for i := range transfers {
			tr := work.Transfer(i)
			if ids[tr.ID] || tr.From == tr.To || tr.Amount < 1 || !open[tr.From] || !open[tr.To] {
				t.Fatalf("%s: bad transfer %+v", pick, tr)
			}
			if tr != work.Transfer(i) {
				t.Fatalf("%s: transfer %d is another one the second time", pick, i)
			}
			ids[tr.ID] = true
			payers[tr.From]++
			payees[tr.To]++
		}
		wantPayers, wantPayees := accounts, 1
		switch pick {
		case bench.Spread:
			wantPayees = accounts
		case bench.Hot:
			wantPayers--
		case bench.Settlement:
		}
		if len(payers) != wantPayers || len(payees) != wantPayees {
			t.Errorf("%s: %d pay %d, want %d and %d", pick, len(payers), len(payees), wantPayers, wantPayees)
		}
		for who, n := range payers {
			if n < transfers/accounts/2 || n > transfers/accounts*2 {
				t.Errorf("%s: %s pays %d times, want about %d", pick, who, n, transfers/accounts)
			}
		}
	}
}
