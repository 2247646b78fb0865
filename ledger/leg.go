package ledger

import (
	"fmt"

	"github.com/payrules/payrules/money"
)

// Side is a side of an account: debit on the left, credit on the right.
type Side uint8

// The sides.
const (
	Debit  Side = iota + 1 // to the left: more of an asset, less of what is owed to a customer
	Credit                 // to the right: more of what is owed to a customer, less of an asset
)

var sideNames = [...]string{"", "debit", "credit"}

// Valid reports whether s is Debit or Credit.
func (s Side) Valid() bool { return s == Debit || s == Credit }

// Other returns the other side.
func (s Side) Other() Side { return Debit + Credit - s }

// String returns "debit" or "credit"; "invalid" for any other value.
func (s Side) String() string {
	if !s.Valid() {
		return "invalid"
	}
	return sideNames[s]
}

// MarshalText returns what String returns. It returns an error that wraps ErrInvalid if s is not valid.
func (s Side) MarshalText() ([]byte, error) { return marshalName(sideNames[:], s, "side") }

// UnmarshalText reads what MarshalText wrote. It returns an error that wraps ErrInvalid for anything else.
func (s *Side) UnmarshalText(text []byte) error { return unmarshalName(sideNames[:], s, text, "side") }

// Type says what an account stands for, and so on which side it grows.
type Type uint8

// The types of account.
const (
	Asset     Type = iota + 1 // what the bank has: cash, its accounts elsewhere, loans. Grows by debits
	Liability                 // what the bank owes: the money of its customers. Grows by credits
	Equity                    // what the owners put in. Grows by credits
	Income                    // fees, interest charged. Grows by credits
	Expense                   // interest paid, losses. Grows by debits
)

var typeNames = [...]string{"", "asset", "liability", "equity", "income", "expense"}

// Valid reports whether t is one of the types.
func (t Type) Valid() bool { return t >= Asset && t <= Expense }

// Normal returns the side on which accounts of the type grow; 0 if t is not valid.
func (t Type) Normal() Side {
	switch t {
	case Asset, Expense:
		return Debit
	case Liability, Equity, Income:
		return Credit
	}
	return 0
}

// Book returns the balance of an account of the type once an amount is booked on a side. It returns the errors of Amount.Add.
func (t Type) Book(balance money.Amount, side Side, amount money.Amount) (money.Amount, error) {
	if side == t.Normal() {
		return balance.Add(amount)
	}
	return balance.Sub(amount)
}

// String returns the name, as "liability"; "invalid" for any other value.
func (t Type) String() string {
	if !t.Valid() {
		return "invalid"
	}
	return typeNames[t]
}

// MarshalText returns what String returns. It returns an error that wraps ErrInvalid if t is not valid.
func (t Type) MarshalText() ([]byte, error) { return marshalName(typeNames[:], t, "type") }

// UnmarshalText reads what MarshalText wrote. It returns an error that wraps ErrInvalid for anything else.
func (t *Type) UnmarshalText(text []byte) error { return unmarshalName(typeNames[:], t, text, "type") }

// marshalName and unmarshalName are the text form of every enum here: names[0] stands for the zero value, which has none.
func marshalName[E ~uint8](names []string, e E, field string) ([]byte, error) {
	if e == 0 || int(e) >= len(names) {
		return nil, fmt.Errorf("%w %s: it is not set, or none of the constants", ErrInvalid, field)
	}
	return []byte(names[e]), nil
}

func unmarshalName[E ~uint8](names []string, e *E, text []byte, field string) error {
	for i, name := range names {
		if i > 0 && string(text) == name {
			*e = E(i)
			return nil
		}
	}
	return fmt.Errorf("%w %s: want one of %q", ErrInvalid, field, names[1:])
}

// Leg is one side of a transfer: an amount, always above zero, that debits or credits an account.
type Leg struct {
	Account string       `json:"account"`
	Side    Side         `json:"side"`
	Amount  money.Amount `json:"amount"`
}

// DebitLeg returns the leg that debits an account.
func DebitLeg(account string, amount money.Amount) Leg { return Leg{account, Debit, amount} }

// CreditLeg returns the leg that credits an account.
func CreditLeg(account string, amount money.Amount) Leg { return Leg{account, Credit, amount} }

// Move returns the two legs that take an amount from one account to another: from is debited, to is credited. Between two
// customers that is a payment; a deposit of cash moves from the asset cash to the customer.
func Move(from, to string, amount money.Amount) []Leg {
	return []Leg{DebitLeg(from, amount), CreditLeg(to, amount)}
}
