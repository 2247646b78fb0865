package cashback

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// Purchase is what a reward is given for.
type Purchase struct {
	_ struct{} // disallow positional literals

	ID       string       `json:"id"`
	At       time.Time    `json:"at"` // when it was made
	Amount   money.Amount `json:"amount"`
	Merchant Merchant     `json:"merchant,omitzero"`
	Tier     string       `json:"tier,omitempty"` // of the customer, then

	// Rate is what one unit of the purchase's currency is in that of the program. It is for purchases in another currency, must be there
	// then, and stays with the purchase for ever: refunds go by it.
	Rate money.Rate `json:"rate,omitzero"`
}

// Merchant is where a purchase was made. Fields that are not known are left zero.
type Merchant struct {
	_ struct{} // disallow positional literals

	ID       string      `json:"id,omitempty"` // of the partner; "" of a merchant that is none
	Groups   []string    `json:"groups,omitempty"`
	MCC      cap.MCC     `json:"mcc,omitzero"`
	Category string      `json:"category,omitempty"` // of the bank's own
	Country  cap.Country `json:"country,omitempty"`
}

// Room is what caps and budgets still let through, by their ids. What has none there lets nothing through; the nil Room lets all through.
type Room struct {
	_ struct{} // disallow positional literals

	Caps    map[string]money.Amount
	Budgets map[string]money.Amount
}

// Evaluation is what a program gives for a purchase, and why.
type Evaluation struct {
	_ struct{} // disallow positional literals

	Base   money.Amount // the purchase in the program's currency
	Reward money.Amount // the sum of what the lines give
	Lines  []Line       // of the rules that apply, in the order of groups, then rules
}

// Line is what one rule gives for a purchase.
type Line struct {
	_ struct{} // disallow positional literals

	Rule    string       `json:"rule"`
	Reward  money.Amount `json:"reward"`            // by the rule
	Granted money.Amount `json:"granted"`           // after caps and the budget; 0 is possible
	Short   RuleReason   `json:"short,omitempty"`   // why less is granted: CapReached, BudgetExhausted
	By      string       `json:"by,omitempty"`      // the cap or budget that leaves least
	Budget  string       `json:"budget,omitempty"`  // that it draws on
	Caps    []string     `json:"caps,omitempty"`    // that it counts against
	Funding []Share      `json:"funding,omitempty"` // of what is granted, in the order of the rule's funders
	Terms   Terms        `json:"terms"`             // by which refunds are reckoned
}

// Share is what a funder pays of a line.
type Share struct {
	_ struct{} // disallow positional literals

	Funder string       `json:"funder"`
	Amount money.Amount `json:"amount"`
}

// Outcome is what became of one rule.
type Outcome struct {
	_ struct{} // disallow positional literals

	Rule    string
	Applied bool
	Reason  RuleReason // why it does not apply, or gives less; "" if it applies in full

	// What Reason speaks of, each where it has something to say.
	Given string       // of the purchase: "5812", "FR"; the rule that won; the cap or budget that leaves least
	Least money.Amount // MinPurchase
	Line  *Line        // of a rule that applies
}

// base returns an amount of the purchase, all of it or what is left of it, in the currency of a program. It never falls as amount grows.
// It returns an error that wraps ErrInvalid and names the field if:
//   - the currencies are the same and there is a rate, or they differ and there is none that is positive (rate);
//   - the result is above MaxAmount (rate).
func (p *Purchase) base(amount money.Amount, to money.Currency, mode money.Rounding) (money.Amount, error) {
	from := amount.Currency()
	if from == to {
		if p.Rate.Sign() != 0 {
			return money.Amount{}, invalid("rate", "%s, want none: the purchase is in %s, as the program is", p.Rate, to)
		}
		return amount, nil
	}
	if p.Rate.Sign() <= 0 {
		return money.Amount{}, invalid("rate", "%s, want what one %s is in %s", p.Rate, from, to)
	}
	base, err := amount.Convert(p.Rate, to, mode)
	if err != nil {
		return money.Amount{}, invalidWith(err, "rate")
	}
	if base.Minor() > MaxAmount {
		return money.Amount{}, invalidWith(fmt.Errorf("%w: the purchase in %s", money.ErrOverflow, to), "rate")
	}
	return base, nil
}
