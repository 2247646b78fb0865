package billing

import (
	"slices"

	"github.com/payrules/payrules/money"
)

// What is given back of a purchase follows one rule, for tax and for a line's price alike: after a part x of a whole y, a sum s was
// given back to the amount of s × x ÷ y, rounded once; a refund is the difference to what was given back before it. So refunds in any
// order and of any size add up to what was paid, to the cent, and never to more on the way.

// orderBack is what was given back of one order.
type orderBack struct {
	items []itemBack
	taxes []taxBack // by the order's Taxes
}

type itemBack struct {
	units Quantity
	net   int64
}

type taxBack struct{ base, tax int64 }

func newBack(o *Operation) []orderBack {
	back := make([]orderBack, len(o.Orders))
	for i := range o.Orders {
		back[i] = orderBack{items: make([]itemBack, len(o.Orders[i].Items)), taxes: make([]taxBack, len(o.Orders[i].Taxes))}
	}
	return back
}

func cloneBack(back []orderBack) []orderBack {
	back = slices.Clone(back)
	for i := range back {
		back[i].items, back[i].taxes = slices.Clone(back[i].items), slices.Clone(back[i].taxes)
	}
	return back
}

// taker takes lines of a refund off a purchase, one after the other.
type taker struct {
	of      *purchase
	back    []orderBack // with what was taken
	bases   [][]int64   // of what was taken, by order and by its Taxes
	parts   []RefundPart
	excess  []Excess
	unknown []Excess // of lines that the purchase does not have
}

func newTaker(p *purchase, back []orderBack) *taker {
	t := &taker{of: p, back: back, bases: make([][]int64, len(back))}
	for i := range back {
		t.bases[i] = make([]int64, len(back[i].taxes))
	}
	return t
}

func (t *taker) amount(minor int64) money.Amount { return money.New(minor, t.of.Operation.Currency) }

// take takes a line off, or notes why it cannot.
func (t *taker) take(l RefundLine) {
	i := t.order(l.Order)
	if i < 0 || l.Line > len(t.back[i].items) {
		t.unknown = append(t.unknown, Excess{Order: l.Order, Line: l.Line, Quantity: l.Quantity, Net: l.Net})
		return
	}
	it := &t.of.Operation.Orders[i].Items[l.Line-1]
	units, left := t.left(i, l.Line-1)
	net := l.Net.Minor()
	if l.Quantity > 0 {
		net = priceOf(it, it.Quantity-units, l.Quantity, left)
	}
	if !t.put(RefundPart{Order: l.Order, Line: l.Line, Quantity: l.Quantity, Net: t.amount(net), VAT: it.VAT}) {
		t.excess = append(t.excess, Excess{
			Order: l.Order, Line: l.Line, Quantity: l.Quantity, Net: l.Net, LeftUnits: units, LeftNet: t.amount(left),
		})
	}
}

// put takes a part off, if it is there; ok is false if not.
func (t *taker) put(p RefundPart) (ok bool) {
	i := t.order(p.Order)
	if i < 0 || p.Line < 1 || p.Line > len(t.back[i].items) {
		return false
	}
	units, left := t.left(i, p.Line-1)
	tax, taxed := breakdown(t.of.Operation.Orders[i].Taxes).find(p.VAT)
	if p.Quantity < 0 || p.Quantity > units || p.Net.Sign() < 0 || p.Net.Minor() > left || !taxed {
		return false
	}
	b := &t.back[i].items[p.Line-1]
	b.units, b.net = b.units+p.Quantity, b.net+p.Net.Minor()
	t.bases[i][tax] += p.Net.Minor()
	t.parts = append(t.parts, p)
	return true
}

// putAll takes off what a refund has given back; ok is false if it is not there, or does not add up.
func (t *taker) putAll(e *RefundAccepted) (ok bool) {
	for _, part := range e.Parts {
		if !t.put(part) {
			return false
		}
	}
	totals, _, err := t.sums()
	return err == nil && totals == e.Totals
}

func (t *taker) order(reference string) int {
	return slices.IndexFunc(t.of.Operation.Orders, func(o Order) bool { return o.Reference == reference })
}

// left is what can be refunded of a line still.
func (t *taker) left(order, item int) (units Quantity, net int64) {
	it, b := &t.of.Operation.Orders[order].Items[item], t.back[order].items[item]
	return it.Quantity - b.units, it.Totals.Net.Minor() - b.net
}

// isAll reports whether no money is left after what was taken.
func (t *taker) isAll() bool {
	for i := range t.back {
		for k := range t.back[i].items {
			if _, net := t.left(i, k); net > 0 {
				return false
			}
		}
	}
	return true
}

// priceOf is what a quantity of a line costs, after some of it was given back. The last of it takes all that is left; amounts that were
// given back beside it may leave less than its price.
func priceOf(it *Item, before, units Quantity, left int64) int64 {
	if before+units >= it.Quantity {
		return left
	}
	net := it.Totals.Net.Minor()
	return min(left, share(net, int64(before+units), int64(it.Quantity))-share(net, int64(before), int64(it.Quantity)))
}

// share is s × x ÷ y, rounded half away from zero, where x is at most y. It fits, since s does.
func share(s, x, y int64) int64 {
	if y == 0 {
		return 0
	}
	n, _ := product(s, x, y)
	return n
}

// sums are the totals of what was taken, and the tax by order, category and rate. It is asked once.
func (t *taker) sums() (totals Totals, taxes []RefundTax, err error) {
	net, tax := int64(0), int64(0)
	for i := range t.back {
		order := &t.of.Operation.Orders[i]
		for k, base := range t.bases[i] {
			if base == 0 {
				continue
			}
			whole, b := &order.Taxes[k], &t.back[i].taxes[k]
			after := share(whole.Tax.Minor(), b.base+base, whole.Base.Minor())
			taxes = append(taxes, RefundTax{order.Reference, Subtotal{whole.VAT, t.amount(base), t.amount(after - b.tax)}})
			net, tax = net+base, tax+after-b.tax
			*b = taxBack{b.base + base, after}
		}
	}
	totals = Totals{Net: t.amount(net), Tax: t.amount(tax)}
	totals.Gross, err = totals.Net.Add(totals.Tax)
	return totals, taxes, err
}
