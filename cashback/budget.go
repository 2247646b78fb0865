package cashback

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/strictjson"
	"github.com/payrules/payrules/money"
)

// BudgetAccount is what a campaign's budget has given, to all customers together. Make it with [NewBudgetAccount]; it changes by
// [BudgetAccount.Apply] alone. It is not safe for concurrent use.
type BudgetAccount struct {
	id    string
	clock int64
	total money.Amount // the zero Amount: it is not open
	used  int64
}

// NewBudgetAccount returns a budget that nothing is known of, and which gives nothing.
func NewBudgetAccount(id string) *BudgetAccount { return &BudgetAccount{id: id} }

// SetBudget is the command that opens a budget, or raises or lowers it. What was given stays given: a budget that is lowered below that
// gives nothing more.
type SetBudget struct {
	_ struct{} // disallow positional literals

	At    time.Time    `json:"at"`
	Total money.Amount `json:"total"`
}

// Draw is the command that takes a reward off a budget, or, below zero, gives one back.
type Draw struct {
	_ struct{} // disallow positional literals

	At     time.Time    `json:"at"`
	For    string       `json:"for"` // the customer's rewards
	Amount money.Amount `json:"amount"`
}

// BudgetSet says how much a budget may give in all.
type BudgetSet struct {
	_ struct{} // disallow positional literals

	At    time.Time    `json:"at"`
	Total money.Amount `json:"total"`
}

// EventType returns "cashback.budget_set.v1".
func (BudgetSet) EventType() string { return "cashback.budget_set.v1" }

// BudgetDrawn says that a budget has given a reward, or, below zero, got one back.
type BudgetDrawn struct {
	_ struct{} // disallow positional literals

	At     time.Time    `json:"at"`
	For    string       `json:"for"`
	Amount money.Amount `json:"amount"`
	Used   money.Amount `json:"used"` // in all, afterwards
}

// EventType returns "cashback.budget_drawn.v1".
func (BudgetDrawn) EventType() string { return "cashback.budget_drawn.v1" }

// BudgetTypes lists the event types of budgets' streams.
func BudgetTypes() []event.Type {
	return []event.Type{event.TypeOf[BudgetSet](), event.TypeOf[BudgetDrawn]()}
}

// BudgetCodec returns a codec of the events of budgets' streams.
func BudgetCodec() *event.Codec { return event.MustCodec(BudgetTypes()) }

// Left returns what the budget may still give, which is not below zero. Ok is false if it is not open.
func (b *BudgetAccount) Left() (left money.Amount, ok bool) {
	if b.total == (money.Amount{}) {
		return left, false
	}
	return money.New(max(0, b.total.Minor()-b.used), b.total.Currency()), true
}

// Total returns what the budget may give in all, and Used what it has given; zero Amounts if it is not open.
func (b *BudgetAccount) Total() (total, used money.Amount) {
	if b.total == (money.Amount{}) {
		return total, used
	}
	return b.total, money.New(b.used, b.total.Currency())
}

// Decide returns a BudgetSet, or nothing if that is so already.
//
// Returns an error that wraps ErrInvalid if the command is malformed, or the budget is in another currency.
func (c SetBudget) Decide(b *BudgetAccount) ([]event.Data, error) {
	at, err := b.instant(c.At)
	switch {
	case err != nil:
		return nil, err
	case !c.Total.Valid() || c.Total.Minor() < 0 || c.Total.Minor() > maxSum:
		return nil, invalid("total", "want an amount from zero to 2^60 minor units")
	case b.total != (money.Amount{}) && b.total.Currency() != c.Total.Currency():
		return nil, invalid("total", "in %s, want %s", c.Total.Currency(), b.total.Currency())
	case b.total == c.Total:
		return nil, nil
	}
	return []event.Data{BudgetSet{At: at, Total: c.Total}}, nil
}

// Decide returns a BudgetDrawn. What is given back may take a budget to nothing given and no further; what is given may not be more than is left.
//
// Returns an error that wraps ErrInvalid if the command is malformed, or asks for more: who draws looks at what is left first, in the same
// transaction.
func (c Draw) Decide(b *BudgetAccount) ([]event.Data, error) {
	at, err := b.instant(c.At)
	if err != nil {
		return nil, err
	}
	if err := checkKey("for", c.For); err != nil {
		return nil, err
	}
	left, open := b.Left()
	switch {
	case !open:
		return nil, invalid("amount", "budget %q is not open", b.id)
	case c.Amount.Currency() != left.Currency() || c.Amount.Sign() == 0:
		return nil, invalid("amount", "%s of a budget in %s", c.Amount, left.Currency())
	case c.Amount.Minor() > left.Minor() || c.Amount.Minor() < -b.used:
		return nil, invalid("amount", "%s of budget %q, which has %s left", c.Amount, b.id, left)
	}
	return []event.Data{BudgetDrawn{At: at, For: c.For, Amount: c.Amount, Used: money.New(b.used+c.Amount.Minor(), left.Currency())}}, nil
}

// Result reports whether the budget was changed.
func (SetBudget) Result(decided []event.Data) bool { return len(decided) > 0 }

// Result returns what was drawn.
func (Draw) Result(decided []event.Data) money.Amount {
	for _, d := range decided {
		if e, is := d.(BudgetDrawn); is {
			return e.Amount
		}
	}
	return money.Amount{}
}

func (b *BudgetAccount) instant(at time.Time) (time.Time, error) {
	micros, err := checkAt("at", at)
	return money.FromUnixMicro(max(micros, b.clock)), err
}

// Apply records an event. After an error the budget is of no use any more: make it anew from its events.
//
// Returns an error that wraps ErrCorrupt if the event contradicts what stands before it, or is of no type that a budget has.
func (b *BudgetAccount) Apply(d event.Data) error {
	fault := ""
	var at time.Time
	switch e := d.(type) {
	case BudgetSet:
		at, b.total = e.At, e.Total
	case BudgetDrawn:
		at = e.At
		b.used += e.Amount.Minor()
		if b.used != e.Used.Minor() || e.Amount.Currency() != b.total.Currency() || b.used < 0 || e.Amount.Sign() > 0 && b.used > b.total.Minor() {
			fault = "it does not add up"
		}
	default:
		fault = "no event of a budget"
	}
	micros, err := money.UnixMicro(at)
	if fault == "" && (err != nil || micros < b.clock) {
		fault = "it is before what was done"
	}
	if fault != "" {
		return fmt.Errorf("%w: budget %q: %T: %s", ErrCorrupt, b.id, d, fault)
	}
	b.clock = micros
	return nil
}

// budgetState is the form of a budget in MarshalBinary.
type budgetState struct {
	ID    string       `json:"id"`
	Clock int64        `json:"clock"`
	Total money.Amount `json:"total,omitzero"`
	Used  int64        `json:"used"`
}

// MarshalBinary returns the budget as UnmarshalBinary reads it: a cache of its events, whose form may change with any version of the library.
func (b *BudgetAccount) MarshalBinary() ([]byte, error) {
	return json.Marshal(budgetState{b.id, b.clock, b.total, b.used})
}

// UnmarshalBinary makes the budget what MarshalBinary wrote. After an error it is as it was.
//
// Returns an error that wraps ErrCorrupt if data is not of that form, or is of another budget.
func (b *BudgetAccount) UnmarshalBinary(data []byte) error {
	var s budgetState
	err := strictjson.Unmarshal(data, &s)
	if err == nil && (s.ID != b.id || s.Clock < 0 || s.Used < 0) {
		err = fmt.Errorf("it is of %q, or out of bounds", s.ID)
	}
	if err != nil {
		return fmt.Errorf("%w: snapshot of budget %q: %w", ErrCorrupt, b.id, err)
	}
	b.clock, b.total, b.used = s.Clock, s.Total, s.Used
	return nil
}

// Drawn is what events have drawn on each budget, in all: what they have given back is below zero. A budget that got back all that it gave is
// not there.
//
// Returns an error if a sum does not fit.
func Drawn(decided []event.Data) (map[string]money.Amount, error) {
	drawn := map[string]money.Amount{}
	add := func(budget string, a money.Amount, back bool) (err error) {
		if budget == "" || a.Sign() == 0 {
			return nil
		}
		if back {
			if a, err = a.Neg(); err != nil {
				return err
			}
		}
		if before, has := drawn[budget]; has {
			a, err = before.Add(a)
		}
		drawn[budget] = a
		return err
	}
	for _, d := range decided {
		var back []LineBack
		switch e := d.(type) {
		case Earned:
			for i := range e.Lines {
				if err := add(e.Lines[i].Budget, e.Lines[i].Granted, false); err != nil {
					return nil, fmt.Errorf("cashback: budget %q: %w", e.Lines[i].Budget, err)
				}
			}
		case ClawedBack:
			back = e.Back
		case Rejected:
			back = e.Back
		}
		for i := range back {
			if err := add(back[i].Budget, back[i].Amount, true); err != nil {
				return nil, fmt.Errorf("cashback: budget %q: %w", back[i].Budget, err)
			}
		}
	}
	maps.DeleteFunc(drawn, func(_ string, a money.Amount) bool { return a.Sign() == 0 })
	return drawn, nil
}
