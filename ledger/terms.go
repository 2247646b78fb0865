package ledger

import (
	"fmt"

	"github.com/payrules/payrules/money"
)

// Terms are what an account is opened with.
type Terms struct {
	_ struct{} // disallow positional literals

	Name     string         `json:"name,omitempty"`
	Parent   string         `json:"parent,omitempty"` // the account of the chart that this one is summed up in
	Type     Type           `json:"type"`
	Currency money.Currency `json:"currency"`

	// Limits rule the balance. They must be left out where Unconstrained is set, and otherwise say at least the overdraft rule.
	Limits *Limits `json:"limits,omitempty"`

	// Unconstrained is for the accounts of the bank's own that everybody pays to or from: cash, settlement, fees, interest,
	// liquidity. No limit, block or close ever applies to one, so nobody has to look at it to decide, and any number of
	// transfers meet there, in any number of processes, without waiting for each other. That is for ever.
	Unconstrained bool `json:"unconstrained,omitempty"`
}

// validate returns an error if no account can be opened with the terms.
func (t *Terms) validate() error {
	switch {
	case !t.Type.Valid():
		return fmt.Errorf("%w type: want asset, liability, equity, income or expense", ErrInvalid)
	case !t.Currency.Valid():
		return fmt.Errorf("%w currency: %w", ErrInvalid, money.ErrNoCurrency)
	case t.Unconstrained != (t.Limits == nil):
		return fmt.Errorf("%w limits: an account has limits, or is unconstrained", ErrInvalid)
	}
	if err := checkText("name", t.Name, maxName); err != nil {
		return err
	}
	if t.Parent != "" {
		if err := checkID("parent", t.Parent); err != nil {
			return err
		}
	}
	if t.Limits != nil {
		return t.Limits.validate(t.Currency)
	}
	return nil
}

// Overdraft is the rule of how far an account may go below zero, on its normal side.
type Overdraft uint8

// The overdraft rules.
const (
	NoOverdraft      Overdraft = iota + 1 // the balance never goes below zero
	LimitedOverdraft                      // down to minus Limits.OverdraftLimit, and exactly there too
	FreeOverdraft                         // without end
)

var overdraftNames = [...]string{"", "none", "limited", "free"}

// Valid reports whether o is one of the constants.
func (o Overdraft) Valid() bool { return o >= NoOverdraft && o <= FreeOverdraft }

// MarshalText returns "none", "limited" or "free". It returns an error that wraps ErrInvalid if o is not valid.
func (o Overdraft) MarshalText() ([]byte, error) {
	return marshalName(overdraftNames[:], o, "overdraft")
}

// UnmarshalText reads what MarshalText wrote. It returns an error that wraps ErrInvalid for anything else.
func (o *Overdraft) UnmarshalText(text []byte) error {
	return unmarshalName(overdraftNames[:], o, text, "overdraft")
}

// Block says which postings an account takes no more: a legal freeze, a dormant account, one that only pays out.
type Block uint8

// The blocks. Zero is no block.
const (
	NoDebits  Block = iota + 1 // no leg may debit the account
	NoCredits                  // no leg may credit it
	Frozen                     // neither
)

var blockNames = [...]string{"", "debits", "credits", "all"}

// Valid reports whether b is one of the constants, or zero.
func (b Block) Valid() bool { return b <= Frozen }

// MarshalText returns "debits", "credits" or "all". It returns an error that wraps ErrInvalid if b is none of the constants.
func (b Block) MarshalText() ([]byte, error) { return marshalName(blockNames[:], b, "block") }

// UnmarshalText reads what MarshalText wrote. It returns an error that wraps ErrInvalid for anything else.
func (b *Block) UnmarshalText(text []byte) error {
	return unmarshalName(blockNames[:], b, text, "block")
}

// blocks reports whether b refuses a leg on a side.
func (b Block) blocks(s Side) bool { return b == Frozen || Side(b) == s }

// Limits are the bounds of an account's balance, all in its currency and on its normal side. What is held counts: money held
// to leave is gone, and money held to come takes its room below the maximum. Reaching a limit exactly is allowed. A limit
// refuses only what goes towards it: an account that is beyond one, because the limit was moved, can always come back.
type Limits struct {
	_ struct{} // disallow positional literals

	Overdraft      Overdraft    `json:"overdraft"`
	OverdraftLimit money.Amount `json:"overdraft_limit,omitzero"` // above zero; of LimitedOverdraft, and of no other
	Minimum        money.Amount `json:"minimum,omitzero"`         // to be kept at all times; not below zero
	Maximum        money.Amount `json:"maximum,omitzero"`         // not below the minimum
}

// validate returns an error if the limits cannot rule an account of a currency.
func (l *Limits) validate(c money.Currency) error {
	if !l.Overdraft.Valid() {
		return fmt.Errorf("%w limits: overdraft: want none, limited or free", ErrInvalid)
	}
	for _, f := range [...]struct {
		name   string
		amount money.Amount
		least  int64
	}{{"overdraft_limit", l.OverdraftLimit, 1}, {"minimum", l.Minimum, 0}, {"maximum", l.Maximum, 0}} {
		switch {
		case f.amount == (money.Amount{}):
		case f.amount.Currency() != c:
			return fmt.Errorf("%w limits: %s: %w", ErrInvalid, f.name, &money.CurrencyMismatchError{Op: "limit", A: c, B: f.amount.Currency()})
		case f.amount.Minor() < f.least || f.amount.Minor() > MaxBalance:
			return fmt.Errorf("%w limits: %s: want %d to %d minor units", ErrInvalid, f.name, f.least, int64(MaxBalance))
		}
	}
	if has := l.OverdraftLimit != (money.Amount{}); has != (l.Overdraft == LimitedOverdraft) {
		return fmt.Errorf("%w limits: overdraft_limit: it goes with a limited overdraft, and with no other", ErrInvalid)
	}
	if l.Maximum != (money.Amount{}) && l.Maximum.Minor() < l.Minimum.Minor() {
		return fmt.Errorf("%w limits: maximum: it is below the minimum", ErrInvalid)
	}
	return nil
}

// floor returns the lowest balance that the limits allow, and why not lower.
func (l *Limits) floor() (int64, Reason) {
	if l.Minimum != (money.Amount{}) {
		return l.Minimum.Minor(), BelowMinimum
	}
	switch l.Overdraft {
	case NoOverdraft:
		return 0, OverdraftExceeded
	case LimitedOverdraft:
		return -l.OverdraftLimit.Minor(), OverdraftExceeded
	default:
		return -MaxBalance, Overflow
	}
}

// ceiling returns the highest balance that the limits allow, and why not higher.
func (l *Limits) ceiling() (int64, Reason) {
	if l.Maximum != (money.Amount{}) {
		return l.Maximum.Minor(), AboveMaximum
	}
	return MaxBalance, Overflow
}

// MaxBalance bounds what an account may have, owe, or hold, in minor units: two of such sums always fit an int64.
const MaxBalance = 1<<62 - 1
