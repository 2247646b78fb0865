package ledger

import (
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Entry is one line of an account: what a leg of a transfer booked there.
type Entry struct {
	Number   event.Version  // of the record in the account's stream: unique in the account, and growing
	Position event.Position // of the record in the journal
	Transfer string         // the transfer's id
	At       time.Time      // when it was booked
	Value    civil.Date     // from when on it counts for interest
	Side     Side
	Amount   money.Amount // above zero
	Balance  money.Amount // of the account once it was booked, on its normal side
	Counter  string       // the account on the other side, where it is a single one
	Details
	Reverses string // the transfer that this one takes back; "" if it is no reversal
	Forced   bool   // booked whatever the account's limits said
}

// Details are what a transfer says to people and to other systems. The ledger keeps them and never reads them.
type Details struct {
	_ struct{} // disallow positional literals

	Reference string `json:"reference,omitempty"` // end-to-end identification; at most 35 characters, as in ISO 20022
	Text      string `json:"text,omitempty"`      // remittance information, for the statement; at most 140 characters
	Code      string `json:"code,omitempty"`      // the bank's own code of the kind of transaction; at most 35 characters
}
