package einvoice_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/einvoice"
	"github.com/payrules/payrules/billing/invoicetext"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// do decides a command and records it.
func do(t *rapid.T, a *billing.Account, c interface {
	Decide(a *billing.Account) ([]event.Data, error)
},
) (decided []event.Data) {
	decided, err := c.Decide(a)
	for _, e := range decided {
		if err == nil {
			err = a.Apply(e)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return decided
}

// account is one of a contract that is active from November 2026 on.
func account(t *rapid.T, start time.Time) *billing.Account {
	a, limit := billing.NewAccount("CTR-1"), eur("1000000000.00")
	do(t, a, billing.TakeContract{View: contract.View{
		Contract: "CTR-1", Revision: 1, Customer: buyer(), Currency: money.EUR, Zone: "Europe/Paris",
		Phases: []contract.Phase{
			{Status: contract.Draft, Limit: limit, BillingDay: contract.LastDay},
			{From: start, Status: contract.Active, Limit: limit, Mandate: "FR83ZZZ459654/RUM-1", BillingDay: contract.LastDay},
		},
	}})
	do(t, a, billing.TakeMandate{View: contract.MandateView{
		Mandate: "FR83ZZZ459654/RUM-1", Revision: 1, Scheme: contract.Core, Kind: contract.Recurrent, Reference: "RUM-1",
		Creditor: "FR83ZZZ459654", CreditorName: "Agence", Debtor: "CE ACME", IBAN: "FR1420041010050500013M02606", SignedOn: day("2026-10-30"),
		Phases: []contract.MandatePhase{{Status: contract.MandateDraft}, {From: start, Status: contract.MandateActive}},
	}})
	return a
}

// items are of all rates that may stand beside one another, with quantities and prices down to a millionth.
func items(t *rapid.T) (items []billing.Item) {
	vats := []billing.VAT{billing.MustVATAt("20"), billing.MustVATAt("5.5"), billing.MustVATAt("2.1"), billing.MustVATAt("0"), {Category: billing.ReverseCharge}}
	for range rapid.IntRange(1, 3).Draw(t, "items") {
		it := billing.Item{
			Label: "x", Supply: rapid.SampledFrom([]billing.Supply{billing.Goods, billing.Services}).Draw(t, "supply"),
			Quantity:  billing.Quantity(rapid.SampledFrom([]int64{1, 333_333, 1_000_000, 1_500_000, 3_000_000, 7_000_000}).Draw(t, "quantity")),
			UnitPrice: billing.Price(rapid.SampledFrom([]int64{0, 1, 67_000, 9_990_000, 10_010_000, 33_333_333, 149_995_000}).Draw(t, "price")),
			VAT:       rapid.SampledFrom(vats).Draw(t, "vat"),
		}
		if rapid.Bool().Draw(t, "delivery") {
			to := buyer().Address
			it.Delivery = &billing.Delivery{On: day("2026-11-03").AddDays(rapid.IntRange(0, 1).Draw(t, "on")), To: &to}
		}
		if net := int64(it.Quantity) * int64(it.UnitPrice) / 1e10; net > 2 && rapid.Bool().Draw(t, "allowance") {
			it.Allowance = money.New(rapid.Int64Range(1, net).Draw(t, "off"), money.EUR)
		}
		items = append(items, it)
	}
	return items
}

// What an account bills, and what it gives back by line, by piece or by amount, can be written as XML and as text: no document is issued
// that breaks a rule.
func TestWhatIsBilledCanBeWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		a, next := account(t, start), uint64(1)
		var bought []string
		for m := range 3 {
			for n := range rapid.IntRange(0, 3).Draw(t, "purchases") {
				id := fmt.Sprintf("op-%d-%d", m, n)
				c := billing.Accept{At: start.AddDate(0, m, 1), Operation: billing.Operation{
					ID: id, Currency: money.EUR, Orders: []billing.Order{{Reference: "O-" + id, Items: items(t)}},
				}}
				if decided, err := c.Decide(a); err == nil && c.Result(decided).Accepted { // what comes to nothing is no purchase
					do(t, a, c)
					bought = append(bought, id)
				}
			}
			for n := range rapid.IntRange(0, 4).Draw(t, "refunds") {
				if len(bought) == 0 {
					break
				}
				of := rapid.SampledFrom(bought).Draw(t, "of")
				l := billing.RefundLine{Order: "O-" + of, Line: rapid.IntRange(1, 3).Draw(t, "line")}
				c := billing.Refund{At: start.AddDate(0, m, 2), ID: fmt.Sprintf("R-%d-%d", m, n), Of: of}
				switch rapid.IntRange(0, 2).Draw(t, "how") {
				case 0:
					l.Quantity = billing.Quantity(rapid.SampledFrom([]int64{1, 250_000, 1_000_000, 2_000_000}).Draw(t, "back"))
					c.Lines = []billing.RefundLine{l}
				case 1:
					l.Net = money.New(rapid.Int64Range(1, 2000).Draw(t, "net"), money.EUR)
					c.Lines = []billing.RefundLine{l}
				}
				do(t, a, c)
			}
			p, err := a.MonthOf(day("2026-11-01").AddMonths(m))
			if err != nil {
				t.Fatal(err)
			}
			drafts, err := a.Draft(p, &billing.Rules{Seller: seller(), DueDays: 30})
			if err != nil {
				t.Fatal(err)
			}
			do(t, a, billing.Bill{
				At: p.End.Add(6 * time.Hour), Period: p, Rules: billing.Rules{Seller: seller(), DueDays: 30}, IssuedOn: p.Through.AddDays(1),
				From: billing.Numbering{Series: "2026", Prefix: "F-", Width: 4, Next: next},
			})
			next += uint64(len(drafts))
		}
		issued := uint64(1)
		for e := range a.Invoices() {
			issued++
			v, _, err := a.Invoice(e.Number)
			if err != nil {
				t.Fatal(err)
			}
			if err := einvoice.Write(io.Discard, &v, nil); err != nil {
				t.Fatalf("%v\n%+v", err, v)
			}
			if err := invoicetext.Write(io.Discard, &v, nil); err != nil {
				t.Fatal(err)
			}
		}
		if issued != next {
			t.Fatalf("%d documents, want %d", issued-1, next-1)
		}
	})
}
