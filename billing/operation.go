package billing

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// Bounds of an operation.
const (
	MaxOrders = 100   // of an operation
	MaxItems  = 1_000 // of an operation, in all its orders

	// MaxText is how many bytes the texts of an operation's items have together as JSON, deliveries included, where each item counts the
	// reference of its order three times: then the event of it, and that of its refund, fit into event.MaxData.
	MaxText = 400 << 10
)

// Supply says what kind of thing is sold, which an electronic invoice has to tell.
type Supply string

// The kinds of supply.
const (
	Goods    Supply = "goods"    // livraison de biens
	Services Supply = "services" // prestation de services
	Both     Supply = "both"     // of one thing that is both, or of several
)

// with is the kind of supply of two things together.
func (s Supply) with(other Supply) Supply {
	if s == "" || s == other {
		return other
	}
	return Both
}

// Operation is a purchase: one or more orders that are accepted or refused together.
type Operation struct {
	_ struct{} // disallow positional literals

	ID       string         `json:"id"`          // unique in the account
	At       time.Time      `json:"at,omitzero"` // when it was bought, which says in which period it is billed; if not set, when it is accepted
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
	Quantity  Quantity     `json:"quantity"`           // above zero
	Unit      string       `json:"unit,omitempty"`     // of measure or packaging, as "PCE"
	UnitPrice Price        `json:"unit_price"`         // without tax; not below zero
	Allowance money.Amount `json:"allowance,omitzero"` // that is taken off the whole line, without tax
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

// Supply is what kind of things an order has.
func (o *Order) Supply() (kind Supply) {
	for i := range o.Items {
		kind = kind.with(o.Items[i].Supply)
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
	if err := o.Totals.validate(place{none, none}, o.Currency); err != nil {
		return err
	}
	if len(o.Orders) == 0 || len(o.Orders) > MaxOrders {
		return fmt.Errorf("%w operation.orders: %d of them, want 1 to %d", ErrInvalid, len(o.Orders), MaxOrders)
	}
	items, text, references := 0, 0, make(map[string]bool, len(o.Orders))
	for i := range o.Orders {
		order, at := &o.Orders[i], place{i, none}
		if err := order.validate(at, o.Currency); err != nil {
			return err
		}
		if references[order.Reference] {
			return invalid(at.field("reference"), "another order has it")
		}
		references[order.Reference] = true
		items += len(order.Items)
		for k := range order.Items {
			text += 3*jsonLen(order.Reference) + order.Items[k].text()
		}
	}
	if items > MaxItems {
		return fmt.Errorf("%w operation.orders: %d items, want %d at most", ErrInvalid, items, MaxItems)
	}
	if text > MaxText {
		return fmt.Errorf("%w operation.orders: texts of %d bytes, want %d at most", ErrInvalid, text, MaxText)
	}
	return nil
}

// text is how many bytes the texts of an item have as JSON.
func (it *Item) text() int {
	n := jsonLen(it.Product) + jsonLen(it.Label) + jsonLen(it.Unit)
	if it.Delivery != nil {
		text, _ := json.Marshal(it.Delivery) // it is valid
		n += len(text)
	}
	return n
}

// jsonLen is how many bytes a text has as JSON, at the most: what has to be escaped has six.
func jsonLen(s string) (n int) {
	for _, r := range s {
		switch {
		case r < ' ' || r == '"' || r == '\\' || r == '<' || r == '>' || r == '&' || r >= 0x7f:
			n += 6
		default:
			n++
		}
	}
	return n
}

// place is where something stands in an operation: an order, or an item of one. Names are made of it only for errors.
type place struct{ order, item int }

// none is no order, or no item.
const none = -1

// path is how a place is called, from the operation on.
func (p place) path(name string) string {
	switch {
	case p.order == none:
		return name
	case p.item == none:
		return fmt.Sprintf("orders[%d].%s", p.order, name)
	}
	return fmt.Sprintf("orders[%d].items[%d].%s", p.order, p.item, name)
}

func (p place) field(name string) string { return "operation." + p.path(name) }

func (o *Order) validate(at place, c money.Currency) error {
	if fault := neededFault(o.Reference, maxReference); fault != "" {
		return invalid(at.field("reference"), fault)
	}
	if err := o.Totals.validate(at, c); err != nil {
		return err
	}
	if len(o.Taxes) > 0 {
		return invalid(at.field("taxes"), "they are reckoned, and not given")
	}
	if len(o.Items) == 0 || len(o.Items) > MaxItems {
		return fmt.Errorf("%w %s: %d of them, want 1 to %d", ErrInvalid, at.field("items"), len(o.Items), MaxItems)
	}
	for i := range o.Items {
		it, at := &o.Items[i], place{at.order, i}
		if name, fault := it.fault(c); fault != "" {
			return invalid(at.field(name), fault)
		}
		if err := it.Delivery.validate(at); err != nil {
			return err
		}
		if err := it.Totals.validate(at, c); err != nil {
			return err
		}
	}
	return nil
}

func (d *Delivery) validate(at place) error {
	if d == nil {
		return nil
	}
	if d.On != 0 && !d.On.Valid() {
		return invalid(at.field("delivery.on"), "no date")
	}
	if d.To != nil {
		if err := d.To.Validate(); err != nil {
			return fmt.Errorf("%w %s: %w", ErrInvalid, at.field("delivery.to"), err)
		}
	}
	return nil
}

// clone returns a copy that shares nothing.
func (d *Delivery) clone() *Delivery {
	if d == nil {
		return nil
	}
	c := *d
	if d.To != nil {
		to := *d.To
		c.To = &to
	}
	return &c
}

// fault says which field of an item is malformed, and how; "" if none is.
func (it *Item) fault(c money.Currency) (name, fault string) {
	if fault = texts.Fault(it.Product, maxReference); fault != "" {
		return "product", fault
	}
	if fault = neededFault(it.Label, maxLabel); fault != "" {
		return "label", fault
	}
	if fault = texts.Fault(it.Unit, maxReference); fault != "" {
		return "unit", fault
	}
	switch it.Supply {
	case Goods, Services, Both:
	default:
		return "supply", "none of goods, services and both"
	}
	switch {
	case it.Quantity <= 0 || it.Quantity > maxMicros:
		return "quantity", "not above zero, or above a thousand million"
	case it.UnitPrice < 0 || it.UnitPrice > maxMicros:
		return "unit_price", "below zero, or above a thousand million"
	case isForeign(it.Allowance, c) || it.Allowance.Sign() < 0:
		return "allowance", "below zero, or in another currency"
	case isForeign(it.EcoParticipation, c) || it.EcoParticipation.Sign() < 0:
		return "eco_participation", "below zero, or in another currency"
	}
	return it.VAT.fault()
}

// isForeign reports whether an amount that is set is in another currency.
func isForeign(a money.Amount, c money.Currency) bool {
	return a != (money.Amount{}) && a.Currency() != c
}
