package ledger

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

// Exchange is a change of currency: one account gives, another gets, and the bank's liquidity accounts stand between them, one in
// each currency. So every currency balances by itself, and what the bank holds of each is what those accounts say.
//
//	anna-eur ──100.00 EUR──▶ liquidity-eur        liquidity-usd ──108.35 USD──┬─▶ 108.34 USD ──▶ anna-usd
//	   └──────1.00 EUR──▶ fees                                                └─▶   0.01 USD ──▶ rounding
//
// What the liquidity account gives is the price rounded by Rounding; what the customer gets is the price rounded by Pay; what
// lies between them goes to the account Remainder, or comes from it.
type Exchange struct {
	_ struct{} // disallow positional literals

	ID    string
	At    time.Time
	Value civil.Date

	From, To string       // the accounts that give and get
	Sell     money.Amount // what From gives, without the fee
	Buy      money.Currency
	Rate     money.Rate // how much of Buy one unit of Sell's currency costs

	FromLiquidity string // in the currency of Sell
	ToLiquidity   string // in Buy

	Rounding  money.Rounding // of what leaves ToLiquidity
	Pay       money.Rounding // of what To gets
	Remainder string         // in Buy; may be "" if both roundings are the same

	Fee        money.Amount // on top of Sell, in its currency; may be left out
	FeeAccount string

	Details
	Force bool
}

// Post returns the transfer: it has 4 legs, 2 more with a fee, and 1 more with a remainder.
//
// Returns an error that wraps ErrInvalid and names the field if:
//   - an account is missing, or two of them are the same that must not be;
//   - the amount, rate or fee is not above zero, or the currencies are the same;
//   - what To gets rounds to nothing, the roundings differ and no account takes the remainder, or a figure does not fit.
func (x Exchange) Post() (Post, error) {
	sell := x.Sell.Currency()
	fee := x.Fee != (money.Amount{})
	switch {
	case x.Sell.Sign() <= 0:
		return Post{}, fmt.Errorf("%w sell: it is not above zero", ErrInvalid)
	case !x.Buy.Valid() || x.Buy == sell:
		return Post{}, fmt.Errorf("%w buy: want another currency", ErrInvalid)
	case x.Rate.Sign() <= 0:
		return Post{}, fmt.Errorf("%w rate: it is not above zero", ErrInvalid)
	case fee && (x.Fee.Sign() <= 0 || x.Fee.Currency() != sell):
		return Post{}, fmt.Errorf("%w fee: want an amount above zero in %s", ErrInvalid, sell)
	case fee != (x.FeeAccount != ""):
		return Post{}, fmt.Errorf("%w fee_account: it goes with a fee", ErrInvalid)
	case x.Remainder == "" && x.Rounding != x.Pay:
		return Post{}, fmt.Errorf("%w remainder: want an account for what lies between the roundings", ErrInvalid)
	}
	if err := x.checkAccounts(); err != nil {
		return Post{}, err
	}
	gives, err := x.Sell.Convert(x.Rate, x.Buy, x.Rounding)
	if err != nil {
		return Post{}, fmt.Errorf("%w rounding: %w", ErrInvalid, err)
	}
	gets, err := x.Sell.Convert(x.Rate, x.Buy, x.Pay)
	if err != nil {
		return Post{}, fmt.Errorf("%w pay: %w", ErrInvalid, err)
	}
	if gets.Sign() == 0 {
		return Post{}, fmt.Errorf("%w sell: it buys nothing", ErrInvalid)
	}
	legs := Move(x.From, x.FromLiquidity, x.Sell)
	if gives.Sign() > 0 {
		legs = append(legs, DebitLeg(x.ToLiquidity, gives))
	}
	legs = append(legs, CreditLeg(x.To, gets))
	switch rest := gives.Minor() - gets.Minor(); {
	case rest > 0:
		legs = append(legs, CreditLeg(x.Remainder, money.New(rest, x.Buy)))
	case rest < 0:
		legs = append(legs, DebitLeg(x.Remainder, money.New(-rest, x.Buy)))
	}
	if fee {
		legs = append(legs, Move(x.From, x.FeeAccount, x.Fee)...)
	}
	p := Post{ID: x.ID, At: x.At, Value: x.Value, Legs: legs, Details: x.Details, Rate: x.Rate, Force: x.Force}
	if err := p.Validate(); err != nil {
		return Post{}, err
	}
	return p, nil
}

// checkAccounts returns an error if an account is missing, or has two parts that would cancel each other out.
func (x *Exchange) checkAccounts() error {
	fields := [...]struct {
		name, id string
		optional bool
	}{
		{"from", x.From, false}, {"to", x.To, false}, {"from_liquidity", x.FromLiquidity, false},
		{"to_liquidity", x.ToLiquidity, false}, {"remainder", x.Remainder, true},
	}
	for i, f := range fields {
		if f.optional && f.id == "" {
			continue
		}
		if err := checkID(f.name, f.id); err != nil {
			return err
		}
		for _, g := range fields[:i] {
			if g.id == f.id {
				return fmt.Errorf("%w %s: it is the account %s as well", ErrInvalid, f.name, g.name)
			}
		}
	}
	switch x.FeeAccount {
	case "":
		return nil
	case x.From, x.To, x.ToLiquidity, x.Remainder: // the bank may keep a fee in the liquidity account of its currency
		return fmt.Errorf("%w fee_account: it has another part in the exchange", ErrInvalid)
	}
	return checkID("fee_account", x.FeeAccount)
}
