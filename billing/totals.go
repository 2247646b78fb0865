package billing

import (
	"fmt"
	"slices"

	"github.com/payrules/payrules/money"
)

// Totals are the sums of an item, an order or an operation. Of a caller, those that are set are checked to the cent.
type Totals struct {
	Net              money.Amount `json:"net,omitzero"`   // without tax
	Tax              money.Amount `json:"tax,omitzero"`   // of an item, only for information: rounding is by order
	Gross            money.Amount `json:"gross,omitzero"` // with tax
	EcoParticipation money.Amount `json:"eco_participation,omitzero"`
}

// validate returns an error that names a total in another currency. Whether they add up is asked later: see reckon.
func (t *Totals) validate(at place, c money.Currency) error {
	if t == nil {
		return nil
	}
	for _, f := range t.fields() {
		if isForeign(*f.of, c) {
			return invalid(at.field("totals."+f.name), "in another currency than the operation")
		}
	}
	return nil
}

// totalsField is one of the amounts of Totals.
type totalsField struct {
	name string
	of   *money.Amount
}

// fields are all of them, in the order in which mismatches are told.
func (t *Totals) fields() [4]totalsField {
	return [...]totalsField{{"net", &t.Net}, {"tax", &t.Tax}, {"gross", &t.Gross}, {"eco_participation", &t.EcoParticipation}}
}

// Mismatch is a total of the caller that is not the sum of what it is of.
type Mismatch struct {
	Field string       `json:"field"` // as "orders[0].items[1].totals.tax"
	Given money.Amount `json:"given"`
	Want  money.Amount `json:"want"`
}

// MaxMismatches is how many mismatches of an operation are told.
const MaxMismatches = 20

// reckon returns the operation with its own totals in the place of the caller's, and where those differ. The operation is not
// changed. VAT is rounded once for each order, category and rate, half away from zero, as EN 16931 has it (BR-CO-17).
//
// Returns an error if a figure overflows, an allowance is more than what it is taken off, an eco-participation more than the
// item, or all of it comes to nothing.
func (o *Operation) reckon() (sums Operation, wrong []Mismatch, err error) {
	sums = *o
	sums.Orders = slices.Clone(o.Orders)
	m := matcher{zero: money.New(0, o.Currency)}
	total := m.none()
	for i := range sums.Orders {
		order := &sums.Orders[i]
		if err := order.reckon(i, &m); err != nil {
			return sums, nil, fmt.Errorf("%w operation.orders[%d]: %w", ErrInvalid, i, err)
		}
		if err := total.add(order.Totals); err != nil {
			return sums, nil, fmt.Errorf("%w operation.orders: %w", ErrInvalid, err)
		}
	}
	switch {
	case total.Gross.Sign() == 0:
		return sums, nil, fmt.Errorf("%w operation.orders: they come to nothing", ErrInvalid)
	case total.Gross.Minor() > MaxAmount:
		return sums, nil, fmt.Errorf("%w operation.orders: %w: above %d minor units", ErrInvalid, money.ErrOverflow, MaxAmount)
	}
	m.match(place{none, none}, o.Totals, total)
	sums.Totals = total.trim()
	for i := range sums.Orders {
		sums.Orders[i].Totals.trim()
		for k := range sums.Orders[i].Items {
			sums.Orders[i].Items[k].Totals.trim()
		}
	}
	return sums, m.wrong, nil
}

// trim leaves out what hardly anything has, where there is none of it.
func (t *Totals) trim() *Totals {
	if t.EcoParticipation.Sign() == 0 {
		t.EcoParticipation = money.Amount{}
	}
	return t
}

// reckon gives an order, whose items are copied, its totals and taxes.
func (o *Order) reckon(at int, m *matcher) error {
	o.Items = slices.Clone(o.Items)
	total, taxes := m.none(), breakdown(nil)
	for i := range o.Items {
		it := &o.Items[i]
		own, err := it.reckon(m)
		if err != nil {
			return fmt.Errorf("items[%d]: %w", i, err)
		}
		m.match(place{at, i}, it.Totals, own)
		it.Totals, it.Delivery = own, it.Delivery.clone()
		if err := taxes.add(it.VAT, own.Net); err != nil {
			return err
		}
		if err := total.add(own); err != nil {
			return err
		}
	}
	total.Tax = m.zero // that of the items is only for information
	for i := range taxes {
		tax, err := taxOn(taxes[i].Base, taxes[i].VAT)
		if err != nil {
			return err
		}
		taxes[i].Tax = tax
		if total.Tax, err = total.Tax.Add(tax); err != nil {
			return err
		}
	}
	var err error
	if total.Gross, err = total.Net.Add(total.Tax); err != nil {
		return err
	}
	m.match(place{at, none}, o.Totals, total)
	o.Totals, o.Taxes = total, taxes
	return nil
}

// reckon returns the totals of an item.
func (it *Item) reckon(m *matcher) (*Totals, error) {
	net, err := times(it.Quantity, it.UnitPrice, m.zero.Currency())
	if err != nil {
		return nil, fmt.Errorf("quantity × unit_price: %w", err)
	}
	if it.Allowance != (money.Amount{}) {
		if net, err = net.Sub(it.Allowance); err != nil {
			return nil, err
		}
		if net.Sign() < 0 {
			return nil, fmt.Errorf("allowance: more than quantity × unit_price")
		}
	}
	eco := it.EcoParticipation
	if eco == (money.Amount{}) {
		eco = m.zero
	}
	if eco.Minor() > net.Minor() {
		return nil, fmt.Errorf("eco_participation: more than the amount without tax, which it is a part of")
	}
	tax, err := taxOn(net, it.VAT)
	if err != nil {
		return nil, err
	}
	gross, err := net.Add(tax)
	return &Totals{Net: net, Tax: tax, Gross: gross, EcoParticipation: eco}, err
}

// add adds other totals, field by field.
func (t *Totals) add(other *Totals) error {
	theirs := other.fields()
	for i, f := range t.fields() {
		sum, err := f.of.Add(*theirs[i].of)
		if err != nil {
			return fmt.Errorf("totals.%s: %w", f.name, err)
		}
		*f.of = sum
	}
	return nil
}

// matcher collects where a caller's totals are not ours.
type matcher struct {
	zero  money.Amount
	wrong []Mismatch
}

// none are totals of nothing.
func (m *matcher) none() *Totals {
	return &Totals{Net: m.zero, Tax: m.zero, Gross: m.zero, EcoParticipation: m.zero}
}

// mismatches compares totals that stand alone.
func mismatches(given, want *Totals) []Mismatch {
	var m matcher
	m.match(place{none, none}, given, want)
	return m.wrong
}

// match compares what the caller has given of some totals.
func (m *matcher) match(at place, given, want *Totals) {
	if given == nil {
		return
	}
	wanted := want.fields()
	for i, f := range given.fields() {
		if *f.of != (money.Amount{}) && *f.of != *wanted[i].of && len(m.wrong) < MaxMismatches {
			m.wrong = append(m.wrong, Mismatch{Field: at.path("totals." + f.name), Given: *f.of, Want: *wanted[i].of})
		}
	}
}
