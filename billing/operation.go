package billing

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// Bounds of an operation.
const (
	MaxOrders = 100   // of an operation
	MaxItems  = 1_000 // of an operation, in all its orders
)

// Supply says what kind of thing is sold, which an electronic invoice has to tell.
type Supply string

// The kinds of supply.
const (
	Goods    Supply = "goods"    // livraison de biens
	Services Supply = "services" // prestation de services
	Both     Supply = "both"
)

// Operation is a purchase: one or more orders that are accepted or refused together.
type Operation struct {
	_ struct{} // disallow positional literals

	ID       string         `json:"id"`          // unique in the account
	At       time.Time      `json:"at,omitzero"` // when it was bought, which says in which period it is billed; when it is accepted if not set
	Currency money.Currency `json:"currency"`
	Orders   []Order        `json:"orders"`
	Totals   *Totals        `json:"totals,omitempty"` // of all orders
}

// Order is what was ordered together, under a reference that the operation has once.
type Order struct {
	_ struct{} // disallow positional literals

	Reference string     `json:"reference"`
	Items     []Item     `json:"items"`
	Totals    *Totals    `json:"totals,omitempty"` // as the caller has reckoned them; once it is accepted, ours, which are the same
	Taxes     []Subtotal `json:"taxes,omitempty"`  // of an accepted one: the tax by category and rate, in that order
}

// Item is one line of an order. Its amount without tax is the quantity times the price, rounded once, less the allowance.
type Item struct {
	_ struct{} // disallow positional literals

	Product   string       `json:"product,omitempty"` // the seller's reference
	Label     string       `json:"label"`
	Supply    Supply       `json:"supply"`
	Quantity  Quantity     `json:"quantity"`       // above zero
	Unit      string       `json:"unit,omitempty"` // of measure or packaging, as "PCE"
	UnitPrice Price        `json:"unit_price"`     // without tax; not below zero
	Allowance money.Amount `json:"allowance,omitzero"`
	VAT       VAT          `json:"vat"`

	// EcoParticipation is what of the amount without tax goes to the disposal of electrical goods, furniture and the like. It
	// is a part of it, and not added.
	EcoParticipation money.Amount `json:"eco_participation,omitzero"`

	Delivery *Delivery `json:"delivery,omitempty"`
	Totals   *Totals   `json:"totals,omitempty"`
}

// Delivery says when and where something was, or will be, delivered.
type Delivery struct {
	_ struct{} // disallow positional literals

	On civil.Date     `json:"on,omitzero"`
	To *party.Address `json:"to,omitempty"`
}

// Totals are the sums of an item, an order or an operation. Of a caller, those that are set are checked to the cent.
type Totals struct {
	Net              money.Amount `json:"net,omitzero"`   // without tax
	Tax              money.Amount `json:"tax,omitzero"`   // of an item, only for information: rounding is by order
	Gross            money.Amount `json:"gross,omitzero"` // with tax
	EcoParticipation money.Amount `json:"eco_participation,omitzero"`
}

// Supply is what kind of things an order has.
func (o *Order) Supply() Supply {
	kind := Supply("")
	for i := range o.Items {
		switch s := o.Items[i].Supply; {
		case kind == "":
			kind = s
		case kind != s:
			return Both
		}
	}
	return kind
}

// Validate returns an error that wraps ErrInvalid and names the field if the operation is malformed, whatever its totals.
func (o *Operation) Validate() error {
	if err := checkID("operation.id", o.ID); err != nil {
		return err
	}
	if !o.At.IsZero() {
		if _, err := checkAt("operation.at", o.At); err != nil {
			return err
		}
	}
	if !o.Currency.Valid() {
		return fmt.Errorf("%w operation.currency: none", ErrInvalid)
	}
	if err := o.Totals.validate("operation.totals", o.Currency); err != nil {
		return err
	}
	if len(o.Orders) == 0 || len(o.Orders) > MaxOrders {
		return fmt.Errorf("%w operation.orders: %d of them, want 1 to %d", ErrInvalid, len(o.Orders), MaxOrders)
	}
	items, references := 0, make(map[string]bool, len(o.Orders))
	for i := range o.Orders {
		order := &o.Orders[i]
		field := fmt.Sprintf("operation.orders[%d]", i)
		if err := order.validate(field, o.Currency); err != nil {
			return err
		}
		if references[order.Reference] {
			return fmt.Errorf("%w %s.reference: another order has it", ErrInvalid, field)
		}
		references[order.Reference] = true
		items += len(order.Items)
	}
	if items > MaxItems {
		return fmt.Errorf("%w operation.orders: %d items, want %d at most", ErrInvalid, items, MaxItems)
	}
	return nil
}

func (o *Order) validate(field string, c money.Currency) error {
	if err := checkNeeded(field+".reference", o.Reference, maxName); err != nil {
		return err
	}
	if err := o.Totals.validate(field+".totals", c); err != nil {
		return err
	}
	if len(o.Taxes) > 0 {
		return fmt.Errorf("%w %s.taxes: they are reckoned, and not given", ErrInvalid, field)
	}
	if len(o.Items) == 0 || len(o.Items) > MaxItems {
		return fmt.Errorf("%w %s.items: %d of them, want 1 to %d", ErrInvalid, field, len(o.Items), MaxItems)
	}
	for i := range o.Items {
		if err := o.Items[i].validate(fmt.Sprintf("%s.items[%d]", field, i), c); err != nil {
			return err
		}
	}
	return nil
}

func (it *Item) validate(field string, c money.Currency) error {
	for _, text := range []struct {
		name, value string
		needed      bool
		most        int
	}{
		{"product", it.Product, false, maxName},
		{"label", it.Label, true, maxText},
		{"unit", it.Unit, false, maxName},
	} {
		check := checkText
		if text.needed {
			check = checkNeeded
		}
		if err := check(field+"."+text.name, text.value, text.most); err != nil {
			return err
		}
	}
	switch it.Supply {
	case Goods, Services, Both:
	default:
		return fmt.Errorf("%w %s.supply: none of goods, services and both", ErrInvalid, field)
	}
	if it.Quantity <= 0 || it.Quantity > maxMicros {
		return fmt.Errorf("%w %s.quantity: not above zero, or above %d", ErrInvalid, field, int64(maxMicros/micro))
	}
	if it.UnitPrice < 0 || it.UnitPrice > maxMicros {
		return fmt.Errorf("%w %s.unit_price: below zero, or above %d", ErrInvalid, field, int64(maxMicros/micro))
	}
	if err := it.VAT.validate(field + ".vat"); err != nil {
		return err
	}
	for _, part := range []struct {
		name   string
		amount money.Amount
	}{{"allowance", it.Allowance}, {"eco_participation", it.EcoParticipation}} {
		if part.amount != (money.Amount{}) && (part.amount.Currency() != c || part.amount.Sign() < 0) {
			return fmt.Errorf("%w %s.%s: below zero, or in another currency", ErrInvalid, field, part.name)
		}
	}
	if d := it.Delivery; d != nil && d.To != nil {
		if err := d.To.Validate(); err != nil {
			return fmt.Errorf("%w %s.delivery.to: %w", ErrInvalid, field, err)
		}
	}
	return it.Totals.validate(field+".totals", c)
}

func (t *Totals) validate(field string, c money.Currency) error {
	if t == nil {
		return nil
	}
	for _, f := range t.fields() {
		if *f.of != (money.Amount{}) && f.of.Currency() != c {
			return fmt.Errorf("%w %s.%s: in another currency than the operation", ErrInvalid, field, f.name)
		}
	}
	return nil
}

// totalsField is one of the amounts of Totals.
type totalsField struct {
	name string
	of   *money.Amount
}

func (t *Totals) fields() [4]totalsField {
	return [...]totalsField{{"net", &t.Net}, {"tax", &t.Tax}, {"gross", &t.Gross}, {"eco_participation", &t.EcoParticipation}}
}
