package main

import (
	"iter"
	"time"

	"github.com/payrules/payrules/money"
)

// transaction is one row of the stream, checked. Its JSON is what is journaled of a row that is no withdrawal.
type transaction struct {
	ID        string       `json:"id"`
	Account   string       `json:"account"`
	At        time.Time    `json:"at"`        // of a CSV: midnight UTC of its date
	Type      string       `json:"type"`      // PRIJEM: credit; VYDAJ, VYBER: debit
	Operation string       `json:"operation"` // one of the constants below, or ""
	Amount    money.Amount `json:"amount"`    // zero or more
	Balance   money.Amount `json:"balance"`   // of the account, after it
	Symbol    string       `json:"k_symbol,omitempty"`
	Bank      string       `json:"partner_bank,omitempty"`
	Partner   string       `json:"partner_account,omitempty"`

	line int   // where it stands in the input, or 0
	end  int64 // how far the input is read with it, in the unit of input.size
}

// The types and operations of the Berka data set.
const (
	typeCredit     = "PRIJEM"
	typeDebit      = "VYDAJ"
	typeWithdrawal = "VYBER"

	opDeposit        = "VKLAD"
	opFromBank       = "PREVOD Z UCTU"
	opToBank         = "PREVOD NA UCET"
	opWithdrawal     = "VYBER"
	opCardWithdrawal = "VYBER KARTOU"
)

// withdrawal reports whether the caps decide about it.
func (t *transaction) withdrawal() bool {
	return t.Operation == opWithdrawal || t.Operation == opCardWithdrawal
}

// input is where transactions come from.
type input struct {
	name  string
	size  int64                          // in bytes or rows; 0 if it cannot be known
	rows  iter.Seq2[*transaction, error] // one pass; it stops at the first error
	close func() error                   // may be called while rows waits for a slow file, which then ends
}
