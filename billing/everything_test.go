package billing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// everything is an account to which all happens that can, and what is known of it from outside.
type everything struct {
	t        *rapid.T
	a        *billing.Account
	contract contract.View
	now      time.Time
	next     uint64 // number of an invoice

	purchases []string
	fees      []string // charges without tax
	issued    []billing.Invoiced
	documents int64 // to be paid of invoices, less credit notes
	payments  []*paid
}

// Purchases, refunds, charges and allowances, months billed and billed again, payments, collections and returns, zones that move, snapshots
// and clones: the exposure is what was issued less what was paid, with what is unbilled; every document can be had again; in the end
// everything is on one document, and what was given back whole has cost nothing but the charges.
func TestEverythingAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := everything{t: t, a: billing.NewAccount("CTR-1"), contract: addressed(active(1, 1<<50)), now: at(2, 0), next: 1}
		do(t, h.a, billing.TakeContract{View: h.contract})
		do(t, h.a, billing.TakeMandate{View: mandateView(1, contract.MandateActive)})
		for i := range rapid.IntRange(1, 40).Draw(t, "n") {
			h.now = h.now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "hours")) * time.Hour)
			h.step(fmt.Sprint(i))
			h.check()
			h.part(fmt.Sprint(i))
			h.check()
		}
		h.end()
	})
}

// step lets one thing happen.
func (h *everything) step(id string) {
	switch rapid.IntRange(0, 11).Draw(h.t, "what") {
	case 0, 1, 2:
		h.buy(id)
	case 3, 4:
		h.refund(id)
	case 5:
		if last := h.month(); last >= 9 {
			h.run(rapid.IntRange(9, last).Draw(h.t, "month"))
		}
	case 6:
		amount := rapid.Int64Range(1, 9000).Draw(h.t, "amount")
		do(h.t, h.a, billing.Receive{At: h.now, ID: id, Amount: eur(amount)})
		h.payments = append(h.payments, &paid{id: id, amount: amount})
	case 7:
		h.collect(id)
	case 8:
		if len(h.payments) > 0 {
			p := rapid.SampledFrom(h.payments).Draw(h.t, "of")
			do(h.t, h.a, billing.Return{At: h.now, ID: "x" + id, Of: p.id})
			p.returned = true
		}
	case 9:
		zones := []string{"Europe/Paris", "Pacific/Auckland", "Pacific/Honolulu", "Pacific/Kiritimati"}
		h.contract.Revision++
		h.contract.Zone = rapid.SampledFrom(zones).Draw(h.t, "zone")
		do(h.t, h.a, billing.TakeContract{View: h.contract})
	case 10, 11:
		h.charge(id)
	}
}

// month is the last that is over, or nearly, counted from January 2026 on.
func (h *everything) month() int { return int(h.now.Year()-2026)*12 + int(h.now.Month()) - 1 }

func (h *everything) buy(id string) {
	var items []billing.Item
	for range rapid.IntRange(1, 3).Draw(h.t, "items") {
		price := fmt.Sprintf("%d.%02d", rapid.IntRange(0, 30).Draw(h.t, "e"), rapid.IntRange(0, 99).Draw(h.t, "c"))
		it := item(price, rapid.SampledFrom([]string{"20", "5.5", "10", "0", "2.1"}).Draw(h.t, "r"))
		it.Quantity = billing.Quantity(rapid.IntRange(1, 5_000_000).Draw(h.t, "q"))
		items = append(items, it)
	}
	o := operation("p"+id, items...)
	o.At = h.now.Add(-time.Duration(rapid.IntRange(0, 60*24).Draw(h.t, "ago")) * time.Hour)
	if d, err := try(h.a, billing.Accept{At: h.now, Operation: o}); err == nil && d.Accepted {
		h.purchases = append(h.purchases, o.ID)
	}
}

func (h *everything) refund(id string) {
	if len(h.purchases) == 0 {
		return
	}
	of := rapid.SampledFrom(h.purchases).Draw(h.t, "of")
	c := billing.Refund{At: h.now, ID: "r" + id, Of: of}
	if rapid.Bool().Draw(h.t, "part") {
		l := billing.RefundLine{Order: "O-" + of, Line: 1}
		if rapid.Bool().Draw(h.t, "net") {
			l.Net = eur(rapid.Int64Range(1, 2000).Draw(h.t, "amount"))
		} else {
			l.Quantity = billing.Quantity(rapid.IntRange(1, 2_000_000).Draw(h.t, "units"))
		}
		c.Lines = []billing.RefundLine{l}
	}
	do(h.t, h.a, c)
}

// run bills a month: what is issued is what was drafted.
func (h *everything) run(m int) {
	p, err := h.a.MonthOf(month(m))
	if err != nil {
		h.t.Fatal(err)
	}
	if p.End.After(h.now) {
		h.now = p.End
	}
	c := bill(h.t, h.a, m, h.next)
	c.At = h.now
	drafts, err := h.a.Draft(p, &c.Rules)
	if err != nil {
		h.t.Fatal(err)
	}
	b := do(h.t, h.a, c)
	if len(b.Causes) > 0 || len(b.Issued) != len(drafts) {
		h.t.Fatal(b.Causes, len(b.Issued), len(drafts))
	}
	for i, e := range b.Issued {
		if e.Digest != drafts[i].Digest() {
			h.t.Fatalf("%s is not as it was drafted", e.Number)
		}
		sign := int64(1)
		if e.Kind == billing.CreditNote {
			sign = -1
		}
		h.documents += sign * e.Totals.Payable.Minor()
	}
	h.next += uint64(len(b.Issued))
	h.issued = append(h.issued, b.Issued...)
}

// collect collects all of up to three invoices.
func (h *everything) collect(id string) {
	var of []billing.Allocation
	sum := int64(0)
	for _, e := range h.issued {
		if s, _ := h.a.Standing(e.Number, h.now); s.Open.Sign() > 0 && len(of) < 3 {
			of = append(of, billing.Allocation{Number: e.Number, Amount: s.Open})
			sum += s.Open.Minor()
		}
	}
	if len(of) == 0 {
		return
	}
	final := money.Instant(h.now.Add(time.Duration(rapid.IntRange(0, 500).Draw(h.t, "final")) * time.Hour))
	if d := do(h.t, h.a, billing.Collect{At: h.now, ID: id, For: of, FinalFrom: final}); !d.Accepted {
		h.t.Fatal(d.Reasons())
	}
	h.payments = append(h.payments, &paid{id: id, amount: sum, final: final})
}

// charge adds a charge without tax, or an allowance with it, which never comes off those: so it is known what stays of an invoice.
func (h *everything) charge(id string) {
	c := charging("c"+id, rapid.Int64Range(-3000, -1).Draw(h.t, "allowance"), h.now)
	c.Charge.VAT = billing.MustVATAt(rapid.SampledFrom([]string{"20", "5.5", "0"}).Draw(h.t, "r"))
	if c.Charge.VAT.Rate.Sign() == 0 {
		c.Charge.Allowance = false
		h.fees = append(h.fees, c.ID)
	}
	c.On = h.now.Add(time.Duration(rapid.IntRange(-60*24, 10*24).Draw(h.t, "due")) * time.Hour)
	do(h.t, h.a, c)
}

// part lets the account and a clone of it go different ways, and follows one of them, now and then from a snapshot.
func (h *everything) part(id string) {
	b := h.a.Clone()
	do(h.t, b, billing.SetOverdue{At: h.now})
	one := charging("one"+id, 1, h.now) // on one of them alone
	one.Charge.VAT = billing.MustVATAt("0")
	do(h.t, h.a, one)
	h.fees = append(h.fees, one.ID)
	if rapid.Bool().Draw(h.t, "clone") {
		h.a = b
	}
	if rapid.IntRange(0, 3).Draw(h.t, "restored") == 0 {
		h.a = restored(h.t, h.a)
	}
}

// check holds the exposure to the documents and the payments, and asks for every document again.
func (h *everything) check() {
	for _, e := range h.issued {
		if _, ok, err := h.a.Invoice(e.Number); err != nil || !ok {
			h.t.Fatal(e.Number, err)
		}
	}
	gone, pending := sumsOf(h.payments, h.now)
	e, open := h.a.Exposure(h.now), h.documents-gone
	total := e.Purchases.Minor() - e.Refunds.Minor() + e.Charges.Minor() + open + pending
	if e.Total.Minor() != total || e.Open.Minor()-e.Credit.Minor() != open || e.Collected.Minor() != pending {
		h.t.Fatalf("%+v, documents %d, paid %d, pending %d", e, h.documents, gone, pending)
	}
}

// end gives everything back, and bills it.
func (h *everything) end() {
	for _, id := range h.purchases {
		do(h.t, h.a, billing.Refund{At: h.now, ID: "end" + id, Of: id})
	}
	last := h.month() + 1
	for m := 8; m <= last+1; m++ {
		h.run(m)
	}
	h.check()
	for p := range h.a.Unbilled() {
		h.t.Fatal("not billed", p.Operation.ID, p.On)
	}
	billed, waiting := int64(0), int64(0)
	for _, id := range h.fees {
		if c, ok := h.a.Charge(id); ok && c.Invoice != "" {
			billed += c.Totals.Gross.Minor()
		} else if ok {
			waiting += c.Totals.Gross.Minor()
		}
	}
	if e := h.a.Exposure(h.now); e.Purchases.Sign() != 0 || e.Refunds.Sign() != 0 || e.Charges.Minor() != waiting || h.documents != billed {
		h.t.Fatalf("%+v, documents %d, charges billed %d, waiting %d", e, h.documents, billed, waiting)
	}
}
