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

// Purchases, refunds, charges and allowances, months billed and billed again, payments, collections and returns, zones that move, snapshots and clones: the exposure is what
// was issued less what was paid, with what is unbilled; every document can be had again; in the end everything is on one document, and what was
// given back whole has cost nothing but the charges.
func TestEverythingAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := billing.NewAccount("CTR-1")
		v := addressed(active(1, 1<<50))
		do(t, a, billing.TakeContract{View: v})
		do(t, a, billing.TakeMandate{View: mandateView(1, contract.MandateActive)})
		rates := []string{"20", "5.5", "10", "0", "2.1"}
		type pay struct {
			amount   int64
			final    time.Time
			returned bool
		}
		pays := map[string]*pay{}
		var ids, payIDs, fees []string
		now, next, docs := at(2, 0), uint64(1), int64(0)
		var issued []billing.Invoiced
		run := func(m int) {
			p, err := a.MonthOf(month(m))
			if err != nil {
				t.Fatal(err)
			}
			if p.End.After(now) {
				now = p.End
			}
			c := bill(t, a, m, next)
			c.At = now
			drafts, err := a.Draft(p, &c.Rules)
			if err != nil {
				t.Fatal(err)
			}
			b := do(t, a, c)
			if len(b.Causes) > 0 || len(b.Issued) != len(drafts) {
				t.Fatal(b.Causes, len(b.Issued), len(drafts))
			}
			for i, e := range b.Issued {
				if e.Digest != drafts[i].Digest() {
					t.Fatal("digest")
				}
				sign := int64(1)
				if e.Kind == billing.CreditNote {
					sign = -1
				}
				docs += sign * e.Totals.Payable.Minor()
				next++
				issued = append(issued, e)
			}
		}
		check := func() {
			for _, e := range issued {
				if _, ok, err := a.Invoice(e.Number); err != nil || !ok {
					t.Fatal(e.Number, err)
				}
			}
			e := a.Exposure(now)
			gone, pending := int64(0), int64(0)
			for _, p := range pays {
				if !p.returned {
					gone += p.amount
					if now.Before(p.final) {
						pending += p.amount
					}
				}
			}
			if e.Total.Minor() != e.Purchases.Minor()-e.Refunds.Minor()+e.Charges.Minor()+docs-gone+pending || e.Open.Minor()-e.Credit.Minor() != docs-gone || e.Collected.Minor() != pending {
				t.Fatalf("%+v docs %d gone %d pending %d", e, docs, gone, pending)
			}
		}
		revision := uint64(1)
		for i := range rapid.IntRange(1, 40).Draw(t, "n") {
			now = now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "hours")) * time.Hour)
			id := fmt.Sprint(i)
			switch rapid.IntRange(0, 11).Draw(t, "what") {
			case 0, 1, 2:
				var items []billing.Item
				for range rapid.IntRange(1, 3).Draw(t, "items") {
					it := item(fmt.Sprintf("%d.%02d", rapid.IntRange(0, 30).Draw(t, "e"), rapid.IntRange(0, 99).Draw(t, "c")), rapid.SampledFrom(rates).Draw(t, "r"))
					it.Quantity = billing.Quantity(rapid.IntRange(1, 5_000_000).Draw(t, "q"))
					items = append(items, it)
				}
				o := operation("p"+id, items...)
				o.At = now.Add(-time.Duration(rapid.IntRange(0, 60*24).Draw(t, "ago")) * time.Hour)
				if d, err := try(a, billing.Accept{At: now, Operation: o}); err == nil && d.Accepted {
					ids = append(ids, o.ID)
				}
			case 3, 4:
				if len(ids) == 0 {
					continue
				}
				of := rapid.SampledFrom(ids).Draw(t, "of")
				c := billing.Refund{At: now, ID: "r" + id, Of: of}
				if rapid.Bool().Draw(t, "part") {
					l := billing.RefundLine{Order: "O-" + of, Line: 1}
					if rapid.Bool().Draw(t, "net") {
						l.Net = eur(rapid.Int64Range(1, 2000).Draw(t, "amount"))
					} else {
						l.Quantity = billing.Quantity(rapid.IntRange(1, 2_000_000).Draw(t, "units"))
					}
					c.Lines = []billing.RefundLine{l}
				}
				do(t, a, c)
			case 5:
				months := int(now.Year()-2026)*12 + int(now.Month()) - 1
				if months >= 9 {
					run(rapid.IntRange(9, months).Draw(t, "month"))
				}
			case 6:
				amount := rapid.Int64Range(1, 9000).Draw(t, "amount")
				do(t, a, billing.Receive{At: now, ID: id, Amount: eur(amount)})
				pays[id] = &pay{amount: amount}
				payIDs = append(payIDs, id)
			case 7:
				var fors []billing.Allocation
				sum := int64(0)
				for _, e := range issued {
					if s, _ := a.Standing(e.Number, now); s.Open.Sign() > 0 && len(fors) < 3 {
						fors = append(fors, billing.Allocation{Number: e.Number, Amount: s.Open})
						sum += s.Open.Minor()
					}
				}
				if len(fors) > 0 {
					final := money.Instant(now.Add(time.Duration(rapid.IntRange(0, 500).Draw(t, "final")) * time.Hour))
					if d := do(t, a, billing.Collect{At: now, ID: id, For: fors, FinalFrom: final}); !d.Accepted {
						t.Fatal(d.Reasons())
					}
					pays[id] = &pay{amount: sum, final: final}
					payIDs = append(payIDs, id)
				}
			case 8:
				if len(payIDs) > 0 {
					of := rapid.SampledFrom(payIDs).Draw(t, "of")
					do(t, a, billing.Return{At: now, ID: "x" + id, Of: of})
					pays[of].returned = true
				}
			case 9:
				revision++
				w := v
				w.Revision, w.Zone = revision, rapid.SampledFrom([]string{"Europe/Paris", "Pacific/Auckland", "Pacific/Honolulu", "Pacific/Kiritimati"}).Draw(t, "zone")
				do(t, a, billing.TakeContract{View: w})
			case 10, 11: // charges without tax, and allowances never on them: so it is known what stays of an invoice
				c := charging("c"+id, rapid.Int64Range(-3000, -1).Draw(t, "allowance"), now)
				if c.Charge.VAT = billing.MustVATAt(rapid.SampledFrom([]string{"20", "5.5", "0"}).Draw(t, "r")); c.Charge.VAT.Rate.Sign() == 0 {
					c.Charge.Allowance = false
					fees = append(fees, c.ID)
				}
				c.On = now.Add(time.Duration(rapid.IntRange(-60*24, 10*24).Draw(t, "due")) * time.Hour)
				do(t, a, c)
			}
			check()
			b := a.Clone()
			do(t, b, billing.SetOverdue{At: now})
			one := charging("one"+id, 1, now) // on one of them alone
			one.Charge.VAT = billing.MustVATAt("0")
			do(t, a, one)
			fees = append(fees, one.ID)
			if rapid.Bool().Draw(t, "clone") {
				a = b
			}
			if rapid.IntRange(0, 3).Draw(t, "restored") == 0 {
				a = restored(t, a)
			}
			check()
		}
		for _, id := range ids {
			do(t, a, billing.Refund{At: now, ID: "end" + id, Of: id})
		}
		last := int(now.Year()-2026)*12 + int(now.Month())
		for m := 8; m <= last; m++ {
			run(m)
		}
		run(last + 1)
		check()
		for p := range a.Unbilled() {
			t.Fatal("not billed", p.Operation.ID, p.On)
		}
		billed, waiting := int64(0), int64(0)
		for _, id := range fees {
			if c, ok := a.Charge(id); ok && c.Invoice != "" {
				billed += c.Totals.Gross.Minor()
			} else if ok {
				waiting += c.Totals.Gross.Minor()
			}
		}
		if e := a.Exposure(now); e.Purchases.Sign() != 0 || e.Refunds.Sign() != 0 || e.Charges.Minor() != waiting || docs != billed {
			t.Fatalf("%+v, documents %d, charges billed %d, waiting %d", e, docs, billed, waiting)
		}
	})
}
