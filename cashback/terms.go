package cashback

import (
	"errors"
	"fmt"

	"github.com/payrules/payrules/money"
)

// reward returns what the terms give for a purchase, or for what is left of one: rounded once, and bounded by MaxReward after that. It
// never falls as base grows, and is nothing for nothing.
//
// reward returns an error if:
//   - base is in another currency than the terms (money.ErrCurrencyMismatch), or in none (money.ErrNoCurrency);
//   - mode is none of the roundings (money.ErrInvalidRounding);
//   - there is no MaxReward, and what is given is more than MaxAmount (money.ErrOverflow).
func (t *Terms) reward(base money.Amount, mode money.Rounding) (money.Amount, error) {
	nothing := money.New(0, base.Currency())
	if below, err := t.below(base); below || err != nil || base.Sign() <= 0 {
		return nothing, err
	}
	given, err := t.unbounded(base, mode)
	bounded := t.MaxReward.Valid()
	switch {
	case bounded && errors.Is(err, money.ErrOverflow):
		return t.MaxReward, nil // it is more than an int64 can hold, so more than any bound
	case err != nil:
		return money.Amount{}, err
	case bounded:
		return money.Min(given, t.MaxReward)
	case given.Minor() > MaxAmount:
		return money.Amount{}, fmt.Errorf("cashback: reward: %w", money.ErrOverflow)
	}
	return given, nil
}

// below reports whether base is less than the least purchase that is rewarded.
func (t *Terms) below(base money.Amount) (bool, error) {
	if !t.MinPurchase.Valid() {
		return false, nil
	}
	order, err := base.Compare(t.MinPurchase)
	return order < 0, err
}

// unbounded is reward before MaxReward. The first of Fixed, Ladder and Rate that is there counts: a program has only one of them.
func (t *Terms) unbounded(base money.Amount, mode money.Rounding) (money.Amount, error) {
	rate, fixed := t.Rate, t.Fixed
	if len(t.Ladder) > 0 {
		step, err := t.step(base)
		if step == nil || err != nil {
			return money.New(0, base.Currency()), err
		}
		rate, fixed = step.Rate, step.Fixed
	}
	if fixed.Valid() {
		_, err := fixed.Compare(base) // which is an error if the currencies differ
		return fixed, err
	}
	return base.MulRate(rate, mode)
}

// step returns the step of the ladder that base stands on; nil if it is below the first one, or above a last one that ends.
func (t *Terms) step(base money.Amount) (*Step, error) {
	for i := len(t.Ladder) - 1; i >= 0; i-- {
		step := &t.Ladder[i]
		order, err := base.Compare(step.From)
		if err != nil {
			return nil, err
		}
		if order < 0 {
			continue
		}
		if step.Until.Valid() {
			if order, err = base.Compare(step.Until); order >= 0 || err != nil {
				return nil, err
			}
		}
		return step, nil
	}
	return nil, nil
}
