package billing_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// retailShop sells to its customers on account, and finds what a cancellation is of.
type retailShop struct {
	limit    int64 // of every customer, in pence
	vat      billing.VAT
	accounts map[string]*billing.Account
	opened   []retailOpening
	calls    []retailCall // in order
	bought   map[retailKey][]retailBought
	ever     map[retailKey]bool // bought in the file, also later
	report   retailReport
}

// retailOpening is what an account knows from the start.
type retailOpening struct {
	customer string
	contract billing.TakeContract
	mandate  billing.TakeMandate
}

// retailCall is a command over a customer's account, and its answer.
type retailCall struct {
	customer string
	accept   *billing.Accept
	refund   *billing.Refund
	got      billing.Decision
}

// retailKey is by what a cancellation finds its purchase.
type retailKey struct {
	customer, code string
	price          billing.Price
}

// retailBought is a line that was bought, and how much of it is not cancelled.
type retailBought struct {
	invoice  string
	line     int // from 1
	left     int
	accepted bool
}

// retailReport is what became of a file. Sums are without tax.
type retailReport struct {
	Accepted, Refused retailTally // invoices
	Empty             int         // invoices that come to nothing, which nobody needs to be asked about

	// Of a cancelled line a part may be one of these, and a part another.
	Refunded retailTally // matched to what was accepted
	Never    retailTally // the customer buys no such thing at that price in all of the file
	Later    retailTally // only after the cancellation
	NotTaken retailTally // the purchase was refused
	Less     retailTally // what was bought before is given back already, or was less

	CancelledLines int
	Refunds        int // commands: one for each cancellation and purchase
	Split          int // lines that are matched to more than one purchase
}

// unmatched is what of the cancellations found no purchase that was accepted.
func (r *retailReport) unmatched() int64 {
	return r.Never.Pence + r.Later.Pence + r.NotTaken.Pence + r.Less.Pence
}

// sell takes a file to the accounts, by the order of time.
func (s *retailShop) sell(t tester, f *retailFile) {
	t.Helper()
	s.accounts, s.bought, s.ever = map[string]*billing.Account{}, map[retailKey][]retailBought{}, map[retailKey]bool{}
	for _, inv := range f.invoices {
		if s.accounts[inv.customer] == nil {
			s.open(t, inv.customer)
		}
		for _, l := range inv.lines {
			if !inv.cancels {
				s.ever[retailKey{inv.customer, l.code, l.price}] = true
			}
		}
	}
	for _, inv := range f.invoices {
		if inv.cancels {
			s.cancel(t, inv)
		} else {
			s.buy(t, inv)
		}
	}
}

// open gives a customer a contract that is active for as long as the file goes, and a mandate.
func (s *retailShop) open(t tester, customer string) {
	t.Helper()
	id, mandate, from := "RETAIL-"+customer, "MANDATE-"+customer, time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)
	draft := contract.Phase{Status: contract.Draft, Limit: gbp(s.limit), Mandate: mandate, BillingDay: contract.LastDay}
	active := draft
	active.From, active.Status = from, contract.Active
	c := contract.View{
		Contract: id, Revision: 1, Customer: party.Party{Reference: customer, Name: "Customer " + customer, Address: party.Address{TownName: "London", Country: "GB"}},
		Currency: money.GBP, Zone: "Europe/London", Phases: []contract.Phase{draft, active},
	}
	m := mandateView(1, contract.MandateDraft)
	m.Mandate, m.Contract, m.Reference, m.Debtor = mandate, id, party.MandateReference(mandate), "Customer "+customer
	m.SignedOn = civil.MustParseDate("2009-12-31")
	m.Phases = append(m.Phases, contract.MandatePhase{From: from, Status: contract.MandateActive})
	o := retailOpening{customer: customer, contract: billing.TakeContract{View: c}, mandate: billing.TakeMandate{View: m}}
	a := billing.NewAccount(id)
	do(t, a, o.contract)
	do(t, a, o.mandate)
	s.accounts[customer], s.opened = a, append(s.opened, o)
}

// buy asks for an invoice.
func (s *retailShop) buy(t tester, inv *retailInvoice) {
	t.Helper()
	accepted := false
	if inv.pence() == 0 {
		s.report.Empty++
	} else {
		c := billing.Accept{At: inv.at, Operation: inv.operation(s.vat)}
		d := do(t, s.accounts[inv.customer], c)
		s.calls = append(s.calls, retailCall{customer: inv.customer, accept: &c, got: d})
		if accepted = d.Accepted; accepted {
			s.report.Accepted.add(d.Totals.Net.Minor())
		} else {
			s.report.Refused.add(d.Totals.Net.Minor())
		}
	}
	for i, l := range inv.lines {
		k := retailKey{inv.customer, l.code, l.price}
		s.bought[k] = append(s.bought[k], retailBought{invoice: inv.no, line: i + 1, left: l.units, accepted: accepted})
	}
}

// cancel gives back what an invoice cancels, with one refund for each purchase, the latest first, and reports the rest.
func (s *retailShop) cancel(t tester, inv *retailInvoice) {
	t.Helper()
	lines, order := map[string][]billing.RefundLine{}, []string(nil)
	for _, l := range inv.lines {
		s.report.CancelledLines++
		pence := l.pence() / int64(l.units)
		found := s.match(retailKey{inv.customer, l.code, l.price}, l.units, pence)
		for _, b := range found {
			if lines[b.invoice] == nil {
				order = append(order, b.invoice)
			}
			lines[b.invoice] = append(lines[b.invoice], billing.RefundLine{Order: b.invoice, Line: b.line, Quantity: billing.Whole(b.left)})
		}
	}
	for _, of := range order {
		c := billing.Refund{At: inv.at, ID: inv.no + "/" + of, Of: of, Lines: lines[of], Why: "cancelled by " + inv.no}
		d := do(t, s.accounts[inv.customer], c)
		if !d.Accepted {
			t.Fatal(fmt.Sprintf("%s is refused, though so much is left: %v", c.ID, d.Reasons()))
		}
		s.calls = append(s.calls, retailCall{customer: inv.customer, refund: &c, got: d})
		s.report.Refunds++
		s.report.Refunded.Pence += d.Totals.Net.Minor()
	}
}

// match takes so many units off what was bought and accepted: off the latest purchase that has enough left, or, where none has, off
// the latest, the one before it and so on. It returns what it took of each line, and reports what it did not find.
func (s *retailShop) match(k retailKey, units int, pence int64) (found []retailBought) {
	bought := s.bought[k]
	found = take(bought, units, func(b *retailBought) bool { return b.accepted }, latestWith(bought, units))
	rest := units - unitsOf(found)
	if len(found) > 0 {
		s.report.Refunded.Count++
		if found[0].invoice != found[len(found)-1].invoice {
			s.report.Split++
		}
	}
	if refused := unitsOf(take(bought, rest, func(b *retailBought) bool { return !b.accepted }, "")); refused > 0 {
		s.report.NotTaken.add(int64(refused) * pence)
		rest -= refused
	}
	switch sum := int64(rest) * pence; {
	case rest == 0:
	case len(bought) > 0:
		s.report.Less.add(sum)
	case s.ever[k]:
		s.report.Later.add(sum)
	default:
		s.report.Never.add(sum)
	}
	return found
}

// latestWith is the latest accepted invoice that has so many units left, in all its lines; "" if none has.
func latestWith(bought []retailBought, units int) string {
	left := map[string]int{}
	for i := len(bought) - 1; i >= 0; i-- {
		if b := &bought[i]; b.accepted {
			if left[b.invoice] += b.left; left[b.invoice] >= units {
				return b.invoice
			}
		}
	}
	return ""
}

// take takes units off what was bought, the latest first, of one invoice if it is given.
func take(bought []retailBought, units int, of func(*retailBought) bool, invoice string) (taken []retailBought) {
	for i := len(bought) - 1; i >= 0 && units > 0; i-- {
		b := &bought[i]
		if n := min(b.left, units); n > 0 && of(b) && (invoice == "" || b.invoice == invoice) {
			b.left, units = b.left-n, units-n
			part := *b
			part.left = n
			taken = append(taken, part)
		}
	}
	return taken
}

func unitsOf(parts []retailBought) (n int) {
	for _, p := range parts {
		n += p.left
	}
	return n
}

// owed is what all customers owe in the end, with tax.
func (s *retailShop) owed() (e billing.Exposure) {
	var purchases, refunds int64
	for _, a := range s.accounts {
		own := a.Exposure(time.Time{})
		purchases, refunds = purchases+own.Purchases.Minor(), refunds+own.Refunds.Minor()
	}
	return billing.Exposure{Purchases: gbp(purchases), Refunds: gbp(refunds), Total: gbp(purchases - refunds)}
}

func (r *retailReport) String() string {
	var b strings.Builder
	for _, row := range []struct {
		what string
		of   retailTally
	}{
		{"accepted", r.Accepted}, {"refused", r.Refused}, {"given back", r.Refunded},
		{"cancelled, but never bought", r.Never}, {"cancelled, and bought only later", r.Later},
		{"cancelled, but the purchase was refused", r.NotTaken}, {"cancelled, but less is left", r.Less},
	} {
		fmt.Fprintf(&b, "%s: %s\n", row.what, row.of)
	}
	return b.String()
}
