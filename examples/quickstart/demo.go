package main

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/payrules/payrules/money"
)

// The built-in stream: so many transactions over so many accounts, from its first day on.
const (
	demoRows     = 3000
	demoAccounts = 40
	demoDays     = 89
)

// demo is the built-in stream. It is the same on every machine: a seeded generator, of which only the plain output is
// used.
func demo() *input {
	return &input{name: "the built-in stream", size: demoRows, rows: demoStream, close: func() error { return nil }}
}

func demoStream(yield func(*transaction, error) bool) {
	random := rand.NewPCG(1993, 7)
	draw := func(n uint64) int64 { return int64(random.Uint64() % n) }
	at := time.Date(2026, 1, 1, 6, 0, 0, 0, time.UTC)
	balances := make([]int64, demoAccounts)
	for i := range int64(demoRows) {
		at = at.Add(time.Duration(draw(2*demoDays*24*3600/demoRows)) * time.Second)
		account := min(draw(demoAccounts), draw(demoAccounts)) // some are busier than others
		t := &transaction{ID: strconv.FormatInt(1_000_001+i, 10), Account: strconv.FormatInt(9001+account, 10), At: at, end: i + 1}
		minor := (draw(40) + draw(40) + 2) * 100_00
		switch kind := draw(10); {
		case kind < 4:
			t.Type, t.Operation = typeDebit, opWithdrawal
		case kind < 5:
			t.Type, t.Operation = typeWithdrawal, opCardWithdrawal
		case kind < 6:
			t.Type, t.Operation = typeDebit, opToBank
		default:
			t.Type, t.Operation = typeCredit, opDeposit
		}
		if t.Type != typeCredit {
			balances[account] -= 2 * minor
		}
		balances[account] += minor
		t.Amount = money.New(minor, currency)
		t.Balance = money.New(balances[account], currency)
		if !yield(t, nil) {
			return
		}
	}
}
