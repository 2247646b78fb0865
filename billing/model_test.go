package billing_test

import (
	"math/big"
	"slices"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
)

// The model is an account as a clerk would keep it: the newest paper of the contract and of each mandate, a list of what was bought,
// a list of what was given back, and no sum of anything. Whatever is asked is worked out from the lists, in big fractions.
type model struct {
	contract *contract.View
	mandates map[string]contract.MandateView
	overdue  bool
	closed   civil.Date
	clock    time.Time
	weekly   int64 // a rolling cap of 7 days; 0: none
	capFrom  int   // the first of bought that it knows
	bought   []modelPurchase
	refunds  []modelRefund
	charges  []modelCharge
}

type modelPurchase struct {
	op billing.Operation // as it was asked for
	at time.Time         // when it was accepted

	cost, back int64 // with tax; and what was given back, as of so many refunds
	refunds    int
}

type modelRefund struct {
	of    int // of bought
	id    string
	order int
	line  int
	units *big.Rat
	net   int64 // in cents
}

// cents rounds a sum of the main unit half away from zero.
func cents(x *big.Rat) int64 {
	x = new(big.Rat).Mul(x, big.NewRat(100, 1))
	half := big.NewRat(int64(x.Sign()), 2)
	x.Add(x, half)
	return new(big.Int).Quo(x.Num(), x.Denom()).Int64() // cuts off towards zero
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}

func inUnits(c int64) *big.Rat { return big.NewRat(c, 100) }

func ratOf(r money.Rate) *big.Rat { return big.NewRat(r.Numerator(), r.Denominator()) }

// net is what a line costs without tax.
func lineNet(it *billing.Item) int64 {
	return cents(new(big.Rat).Mul(rat(it.Quantity.String()), rat(it.UnitPrice.String()))) - it.Allowance.Minor()
}

// orderTax is the tax on an order whose lines cost so much: one rounding for each kind.
func orderTax(o *billing.Order, net func(line int) int64) (tax int64) {
	bases := map[billing.VAT]int64{}
	for i := range o.Items {
		bases[o.Items[i].VAT] += net(i)
	}
	for v, base := range bases {
		tax += cents(new(big.Rat).Mul(inUnits(base), ratOf(v.Rate)))
	}
	return tax
}

// gross is what an operation costs.
func gross(o *billing.Operation) (sum int64) {
	for i := range o.Orders {
		order := &o.Orders[i]
		for k := range order.Items {
			sum += lineNet(&order.Items[k])
		}
		sum += orderTax(order, func(line int) int64 { return lineNet(&order.Items[line]) })
	}
	return sum
}

// back is what was given back of a purchase, tax and all: of the tax of each kind the part that its lines are of all lines of that kind.
func (m *model) back(of int) (sum int64) {
	if p := &m.bought[of]; p.refunds == len(m.refunds)+1 { // nothing has come since
		return p.back
	}
	defer func() { m.bought[of].back, m.bought[of].refunds = sum, len(m.refunds)+1 }()
	o := &m.bought[of].op
	for i := range o.Orders {
		bases, given, done := map[billing.VAT]int64{}, map[billing.VAT]int64{}, map[billing.VAT]bool{}
		for k := range o.Orders[i].Items {
			it := &o.Orders[i].Items[k]
			bases[it.VAT] += lineNet(it)
		}
		for _, r := range m.refunds {
			if r.of == of && r.order == i {
				given[o.Orders[i].Items[r.line].VAT] += r.net
				sum += r.net
			}
		}
		for v, base := range bases {
			if base == 0 || done[v] {
				continue
			}
			tax := cents(new(big.Rat).Mul(inUnits(base), ratOf(v.Rate)))
			part := new(big.Rat).Mul(inUnits(tax), big.NewRat(given[v], base))
			sum += cents(part)
		}
	}
	return sum
}

func (m *model) exposure() (sum int64) {
	sum = m.owed()
	for i := range m.bought {
		sum += m.bought[i].cost - m.back(i)
	}
	return sum
}

// left is what is left of a line.
func (m *model) left(of, order, line int) (units *big.Rat, net int64) {
	it := &m.bought[of].op.Orders[order].Items[line]
	units, net = rat(it.Quantity.String()), lineNet(it)
	for _, r := range m.refunds {
		if r.of == of && r.order == order && r.line == line {
			units.Sub(units, r.units)
			net -= r.net
		}
	}
	return units, net
}

// now is the instant of a decision.
func (m *model) now(at time.Time) time.Time {
	if at.Before(m.clock) {
		return m.clock
	}
	return at
}

// inForce is the phase of the contract at an instant, found by looking at all of them.
func (m *model) inForce(at time.Time) (found contract.Phase) {
	for _, p := range m.contract.Phases {
		if !p.From.After(at) {
			found = p
		}
	}
	return found
}

func (m *model) mandateAt(id string, at time.Time) (found contract.MandateStatus) {
	for _, p := range m.mandates[id].Phases {
		if !p.From.After(at) {
			found = p.Status
		}
	}
	return found
}

// spent is what counts against the weekly cap at an instant.
func (m *model) spent(at time.Time) (sum int64) {
	for _, p := range m.bought[m.capFrom:] {
		if p.at.After(at.Add(-7 * 24 * time.Hour)) {
			sum += p.cost
		}
	}
	return sum
}

// reasons are why a purchase is refused at an instant, in the order of the registry.
func (m *model) reasons(at time.Time, o *billing.Operation, wrong, exists bool) []billing.Reason {
	set := map[billing.Reason]bool{billing.AmountsInconsistent: wrong, billing.ExistsWithDifferentContent: exists}
	set[billing.AccountOverdue] = m.overdue
	if m.contract == nil {
		set[billing.ContractNotFound] = true
		return inOrder(set)
	}
	p := m.inForce(at)
	set[map[contract.Status]billing.Reason{
		contract.Draft: billing.ContractNotStarted, contract.Suspended: billing.ContractSuspended,
		contract.Cancelled: billing.ContractCancelled, contract.Expired: billing.ContractExpired,
	}[p.Status]] = true
	set[map[contract.MandateStatus]billing.Reason{
		0: billing.MandateMissing, contract.MandateDraft: billing.MandateNotSigned, contract.MandateSigned: billing.MandateNotActive,
		contract.MandatePendingBank: billing.MandatePendingBank, contract.MandateSuspended: billing.MandateSuspended,
		contract.MandateRevoked: billing.MandateRevoked, contract.MandateExpired: billing.MandateDormant,
		contract.MandateConsumed: billing.MandateConsumed, contract.MandateFailed: billing.MandateFailed,
	}[m.mandateAt(p.Mandate, at)]] = true
	set[billing.CurrencyMismatch] = o.Currency != m.contract.Currency
	if o.Currency == m.contract.Currency {
		set[billing.ExposureExceeded] = m.exposure()+gross(o) > p.Limit.Minor()
		set[billing.SpendingCapExceeded] = !exists && m.weekly > 0 && m.spent(at)+gross(o) > m.weekly
	}
	on := o.At
	if on.IsZero() {
		on = at
	}
	paris, _ := time.LoadLocation("Europe/Paris")
	set[billing.PeriodClosed] = m.closed != 0 && civil.DateOf(on, paris) <= m.closed
	return inOrder(set)
}

func inOrder(set map[billing.Reason]bool) []billing.Reason {
	return slices.DeleteFunc(billing.Reasons(), func(r billing.Reason) bool { return !set[r] })
}
