package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/money"
)

// Payment is a purchase as the card network tells of it.
type Payment struct {
	_ struct{} // disallow positional literals

	// Purchase says all but whose the shop is: the ID and the Groups of its Merchant must be empty. What the network tells of the shop
	// (MCC, country) is there; it holds where the resolver says nothing else.
	Purchase cashback.Purchase `json:"purchase"`

	Terminal string `json:"terminal"` // the shop's id in the network, as the Resolver knows it
}

// Earn rewards a customer's purchase. Its id is the key: the same payment again gets the first answer, whatever the program, the merchant
// or the time are by then, and even if the resolver fails.
//
// Returns an error, and records nothing, if:
//   - the payment is malformed, or there is no rate for its currency (cashback.ErrInvalid);
//   - the Resolver, the Program or the Rate of the options returns one, which is wrapped, or what cannot be (the id of a partner has up to
//     MaxMerchantID bytes), or a budget is not open ([ErrNoBudget]);
//   - the purchase's id was used for another payment of the customer (engine.ErrKeyReused);
//   - the journal fails, others were faster every time (storage.ErrConflict), the engine is closed, or ctx is done first.
//
// After any of them but the first and engine.ErrKeyReused, ask again. Only after a storage.ErrUnknownOutcome may it have been recorded.
func (d *Desk) Earn(ctx context.Context, customer string, p Payment, at time.Time) (cashback.Decision, error) {
	p.Purchase.At = money.Instant(p.Purchase.At)
	if err := p.validate(); err != nil {
		return cashback.Decision{}, err
	}
	p.Purchase.Merchant.Groups = nil // none are none: an empty list is no other payment
	t := deal{name: "Earn", asked: p, id: customer, at: at}
	if t.cannot = d.prepare(ctx, &t, p); t.cannot != nil {
		t.budgets = nil
	}
	return d.do(ctx, "earn/"+p.Purchase.ID, t)
}

func (p *Payment) validate() error {
	if m := &p.Purchase.Merchant; m.ID != "" || len(m.Groups) > 0 {
		return fmt.Errorf("%w: purchase.merchant: want no id and no groups: the resolver knows them", cashback.ErrInvalid)
	}
	if err := checkID("terminal", p.Terminal); err != nil {
		return err
	}
	return p.Purchase.Validate()
}

// prepare finds out what a payment earns by, and on which budgets it may draw.
func (d *Desk) prepare(ctx context.Context, t *deal, p Payment) error {
	program, err := d.opts.Program(ctx, t.id, t.at)
	if err == nil && program == nil {
		err = fmt.Errorf("there is none")
	}
	if err != nil {
		return fmt.Errorf("desk: program of %q: %w", t.id, err)
	}
	bought := p.Purchase
	if bought.Merchant, err = d.merchant(ctx, &p); err != nil {
		return err
	}
	if from, to := bought.Amount.Currency(), program.Currency(); from != to && bought.Rate == (money.Rate{}) && d.opts.Rate != nil {
		if bought.Rate, err = d.opts.Rate(ctx, from, to, bought.At); err != nil {
			return fmt.Errorf("desk: rate of %s in %s: %w", from.Code(), to.Code(), err)
		}
		if bought.Rate.Sign() <= 0 {
			return fmt.Errorf("desk: rate of %s in %s: %s", from.Code(), to.Code(), bought.Rate)
		}
	}
	_, budgets, err := program.DrawsOn(&bought)
	if err != nil {
		return err
	}
	t.budgets = d.budgetsOf(program.ID(), budgets)
	t.earn = &cashback.Earn{At: t.at, Program: program, Purchase: bought}
	return nil
}

// merchant resolves the shop of a payment.
func (d *Desk) merchant(ctx context.Context, p *Payment) (cashback.Merchant, error) {
	found := p.Purchase.Merchant
	m, partner, err := d.opts.Resolver.Merchant(ctx, p.Terminal)
	switch {
	case err != nil:
		return found, fmt.Errorf("desk: terminal %q: %w", p.Terminal, err)
	case !partner:
		return found, nil
	}
	found.ID, found.Groups = m.ID, m.Groups
	if m.MCC != 0 {
		found.MCC = m.MCC
	}
	if m.Category != "" {
		found.Category = m.Category
	}
	if m.Country != "" {
		found.Country = m.Country
	}
	bought := p.Purchase // which is valid, so that what is not is the resolver's
	bought.Merchant = found
	if err = checkMerchant(m.ID); err == nil {
		err = bought.Validate()
	}
	if err != nil {
		return found, fmt.Errorf("desk: terminal %q: the resolver gave what cannot be: %s", p.Terminal, err.Error()) // no ErrInvalid: the payment is not malformed
	}
	return found, nil
}
