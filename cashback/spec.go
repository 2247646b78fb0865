package cashback

import (
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

// Bounds of a program.
const (
	MaxProgram   = 16 << 20  // bytes in the JSON of a program
	MaxRules     = 20_000    // of a program
	MaxGroups    = 32        // of a program
	MaxCaps      = 16        // of a program
	MaxBudgets   = 1_000     // of a program
	MaxFunders   = 8         // of a rule
	MaxSteps     = 32        // of a ladder
	MaxEntries   = 1_000     // of one list of a Filter
	MaxMatching  = 64        // rules that apply to one purchase before groups choose among them
	MaxID        = 64        // bytes in the id of a program, rule, group, cap, budget or funder
	MaxLabel     = 200       // characters in what is shown of a rule
	MaxWaitDays  = 400       // of a confirmation
	MaxLateDays  = 365       // of purchases
	MaxRefunding = 3_650     // days in which refunds are taken
	MaxPriority  = 1_000_000 // of a rule, and minus it the least
	MaxVersion   = 1<<31 - 1 // of a program
	MaxExpiry    = 120       // months to the expiry of a reward
	MaxRate      = 100       // of a rule or step, where rates may be above 1
)

// Spec is what a program is made of, as plain data. [NewProgram] checks it and makes it a [Program].
type Spec struct {
	_ struct{} // disallow positional literals

	// ID names the program, and Version tells its versions apart: from 1 on, rising.
	ID      string `json:"id"`
	Version int    `json:"version"`

	// Currency is that of all rewards, and of every amount in the program. Purchases may be in any.
	Currency money.Currency `json:"currency"`

	// Zone is the IANA name of the time zone in which days begin.
	Zone string `json:"zone"`

	// Rounding is how the reward of a rule becomes whole minor units, and a purchase in another currency too.
	Rounding money.Rounding `json:"rounding"`

	Groups  []Group  `json:"groups"` // in the order in which they draw on caps and budgets; at least one
	Rules   []Rule   `json:"rules"`  // in the order in which they are asked
	Caps    []Cap    `json:"caps,omitempty"`
	Budgets []Budget `json:"budgets,omitempty"`

	Confirmation Confirmation `json:"confirmation"`

	// ExpiryMonths is how many months after it was confirmed a reward expires that is not payable by then; 0: never.
	ExpiryMonths int `json:"expiry_months,omitempty"`

	// PayoutThreshold is from how much on what is confirmed becomes payable; nothing of a currency: at once.
	PayoutThreshold money.Amount `json:"payout_threshold"`

	Clawback Clawback `json:"clawback"`

	// LateDays is how many days after it was made a purchase is taken at most, and RefundDays a refund of it; the latter is not less.
	LateDays   int `json:"late_days"`
	RefundDays int `json:"refund_days"`
}

// Group says how the rules in it share a purchase. Groups add up.
type Group struct {
	_ struct{} // disallow positional literals

	ID   string   `json:"id"`
	Mode Stacking `json:"mode"`
	Ties Ties     `json:"ties,omitempty"` // between rules that are alike in what Mode looks at; EarlierRule if it is left out
}

// Stacking says which of a group's rules that fit a purchase apply.
type Stacking string

// The ways to stack.
const (
	Stack           Stacking = "stack"             // all of them
	First           Stacking = "first"             // the one of the highest priority
	BestForCustomer Stacking = "best_for_customer" // the one that gives most
	BestForBank     Stacking = "best_for_bank"     // the one that costs the funder Bank least; of those, the one that gives least
)

// Ties says which of two rules comes first where a group's mode cannot tell.
type Ties string

// The ways to break a tie.
const (
	EarlierRule Ties = "earlier_rule" // the one that stands first in the program
	LaterRule   Ties = "later_rule"   // the one that stands last
)

// Bank is the funder that BestForBank spares.
const Bank = "bank"

// Rule gives a reward for purchases that fit it.
type Rule struct {
	_ struct{} // disallow positional literals

	ID       string `json:"id"`
	Label    string `json:"label,omitempty"` // for people
	Group    string `json:"group"`
	Priority int    `json:"priority,omitempty"` // in a group of mode First: higher comes first

	// From and Through are the first and the last day on which it holds, in the zone of the program; the zero Date: no bound.
	From    civil.Date `json:"from,omitzero"`
	Through civil.Date `json:"through,omitzero"`

	Include Filter `json:"include,omitzero"` // purchases that are in every list of it that is not empty
	Exclude Filter `json:"exclude,omitzero"` // but not those in any list of it

	Terms // by which it gives

	// AllowAboveWhole lets rates be above 1, that is 100 %.
	AllowAboveWhole bool `json:"allow_above_whole,omitempty"`

	// Funding says who pays for it; the shares add up to 1.
	Funding []Funder `json:"funding"`

	Budget string `json:"budget,omitempty"` // that it draws on
}

// Terms are how much is given for an amount, by exactly one of Rate, Fixed and Ladder. What they give never falls as the amount grows; for
// nothing they give nothing.
type Terms struct {
	_ struct{} // disallow positional literals

	// MinPurchase is the least purchase that is rewarded; the zero Amount: any.
	MinPurchase money.Amount `json:"min_purchase,omitzero"`

	Rate   money.Rate   `json:"rate,omitzero"`  // of the purchase
	Fixed  money.Amount `json:"fixed,omitzero"` // whatever the purchase
	Ladder []Step       `json:"ladder,omitempty"`

	// MaxReward is the most that is given for one purchase; the zero Amount: no bound.
	MaxReward money.Amount `json:"max_reward,omitzero"`
}

// Step is a part of a ladder: purchases from From on, and below Until, give a Rate or a Fixed amount for the whole of the purchase.
// Steps touch, and the last one has no end. What they give never falls as the purchase grows.
type Step struct {
	_ struct{} // disallow positional literals

	From  money.Amount `json:"from"`
	Until money.Amount `json:"until,omitzero"`
	Rate  money.Rate   `json:"rate,omitzero"`
	Fixed money.Amount `json:"fixed,omitzero"`
}

// Filter is lists of what a purchase may be. An empty list says nothing.
type Filter struct {
	_ struct{} // disallow positional literals

	Merchants  []string       `json:"merchants,omitempty"`
	Groups     []string       `json:"merchant_groups,omitempty"`
	MCC        []cap.MCCRange `json:"mcc,omitempty"`
	Categories []string       `json:"categories,omitempty"` // of the bank's own
	Countries  []cap.Country  `json:"countries,omitempty"`
	Tiers      []string       `json:"tiers,omitempty"` // of the customer
}

// Funder is who pays a share of a reward.
type Funder struct {
	_ struct{} // disallow positional literals

	ID    string     `json:"id"`
	Share money.Rate `json:"share"`
}

// Cap bounds what a customer gets by some rules, in whatever windows package cap has. A purchase that does not fit gets what is left.
type Cap struct {
	_ struct{} // disallow positional literals

	ID    string   `json:"id"`
	Rules []string `json:"rules,omitempty"` // that it bounds; all if there are none

	// Policy is in the program's currency. Each limit counts spends, and refunds at the original instant. The lateness is 49 hours more than
	// LateDays at least, and where a limit counts for ever, than RefundDays.
	Policy *cap.Policy `json:"policy"`
}

// Budget is what a campaign may cost, for all customers together. A purchase that does not fit gets what is left.
type Budget struct {
	_ struct{} // disallow positional literals

	ID    string       `json:"id"`
	Total money.Amount `json:"total"`
}

// Confirmation says when a reward is the customer's.
type Confirmation struct {
	_ struct{} // disallow positional literals

	By   ConfirmedBy `json:"by"`
	Days int         `json:"days,omitempty"` // of ByDelay: it is confirmed when so many days after the day of the purchase begin; 0: at once
}

// ConfirmedBy says what confirms a reward.
type ConfirmedBy string

// What confirms.
const (
	ByDelay    ConfirmedBy = "delay"    // time
	ByAction   ConfirmedBy = "action"   // of the customer, such as to come home from a journey
	ByMerchant ConfirmedBy = "merchant" // who knows that nothing was sent back
)

// Clawback says what a refund takes back.
type Clawback struct {
	_ struct{} // disallow positional literals

	Method  Method      `json:"method"`
	Balance OverBalance `json:"over_balance"`
}

// Method says how much a refund takes back.
type Method string

// The methods.
const (
	// Recompute takes back what the rules that were applied would not have given for what is left of the purchase: E − F(A−R).
	Recompute Method = "recompute"

	// Proportional takes back the part of the reward that the refund is of the purchase: E × R ÷ A.
	Proportional Method = "proportional"
)

// OverBalance says what is taken back of a reward that was paid already.
type OverBalance string

// The policies.
const (
	OnlyPending   OverBalance = "only_pending"   // nothing, and nothing either of what is confirmed
	WithinBalance OverBalance = "within_balance" // as much as other confirmed rewards cover
	Unlimited     OverBalance = "unlimited"      // all of it: the customer owes it, and later rewards pay it
)
