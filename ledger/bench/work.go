package bench

import (
	"fmt"
	"time"
)

// Pick says which accounts the transfers of a [Work] move money between.
type Pick string

// The picks. The payer is always a customer picked at random.
const (
	Spread     Pick = "spread"     // to another customer, picked at random
	Hot        Pick = "hot"        // all to one customer, whose account has limits like any other
	Settlement Pick = "settlement" // all to one account of the bank's own, which nothing constrains
)

// Picks returns all of them.
func Picks() []Pick { return []Pick{Spread, Hot, Settlement} }

// Transfer is an amount of minor units, above zero, that moves from one account to another.
type Transfer struct {
	ID       string
	From, To string
	Amount   int64
	At       time.Time
}

// Account is what a ledger opens before the work begins, empty.
type Account struct {
	ID string

	// Overdraft is how far the account may go below zero. It is of no meaning where Unconstrained is set.
	Overdraft int64

	// Unconstrained is an account that no rule looks at, so that its balance needs to be known only when somebody asks.
	Unconstrained bool
}

// Work is an endless list of transfers, always the same. The zero value is not of use: set both fields.
type Work struct {
	_ struct{} // disallow positional literals

	// Accounts is the number of customers, at least 2.
	Accounts int

	// Pick says who is paid.
	Pick Pick
}

// settlement is the account that Settlement pays.
const settlement = "settlement"

// overdraft is that of every customer: enough for any number of transfers, so that what is measured are transfers that are
// made, which is the costly way.
const overdraft = 1 << 50

// Epoch is when the first transfer is made, and accounts are opened. Each other transfer comes a millisecond after the one
// before.
func Epoch() time.Time { return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC) }

// Open returns the accounts to begin with: the customers, and settlement.
func (w *Work) Open() []Account {
	accounts := make([]Account, 0, w.Accounts+1)
	for i := range w.Accounts {
		accounts = append(accounts, Account{ID: customer(i), Overdraft: overdraft})
	}
	return append(accounts, Account{ID: settlement, Unconstrained: true})
}

// Transfer returns the transfer of an index, from 0. Its id is its own.
func (w *Work) Transfer(i int) Transfer {
	random := mix(uint64(i))
	from := int(random % uint64(w.Accounts))
	t := Transfer{
		ID:     fmt.Sprintf("pay-%012d", i),
		To:     settlement,
		Amount: 1 + int64(random>>32)%100_000,
		At:     Epoch().Add(time.Duration(i) * time.Millisecond),
	}
	switch w.Pick {
	case Spread: // anybody but the payer
		t.To = customer((from + 1 + int(mix(random)%uint64(w.Accounts-1))) % w.Accounts)
	case Hot: // the first customer, whom all the others pay
		from = 1 + int(random%uint64(w.Accounts-1))
		t.To = customer(0)
	case Settlement:
	}
	t.From = customer(from)
	return t
}

func customer(i int) string { return fmt.Sprintf("customer-%06d", i) }

// mix is splitmix64: it makes of the numbers from 0 on what looks picked at random.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
