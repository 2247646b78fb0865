package billing_test

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// A works council may pay its trips at the end of the month, up to 3,000.00. A purchase is accepted or refused, with the reason.
func Example() {
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	account := billing.NewAccount("CTR-671675563")
	record := func(decided []event.Data, err error) []event.Data {
		if err != nil {
			panic(err)
		}
		for _, e := range decided {
			if err := account.Apply(e); err != nil { // a host stores it first: see package engine
				panic(err)
			}
		}
		return decided
	}

	// What the contract's service has published.
	limit := money.MustParseAmount("3000", money.EUR)
	record(billing.TakeContract{View: contract.View{
		Contract: "CTR-671675563", Revision: 1, Customer: party.Party{Reference: "CE-ACME", Name: "CE ACME"},
		Currency: money.EUR, Zone: "Europe/Paris", Phases: []contract.Phase{
			{Status: contract.Draft, Limit: limit, BillingDay: contract.LastDay},
			{From: start, Status: contract.Active, Limit: limit, Mandate: "FR83ZZZ459654/RUM-1", BillingDay: contract.LastDay},
		},
	}}.Decide(account))
	record(billing.TakeMandate{View: contract.MandateView{
		Mandate: "FR83ZZZ459654/RUM-1", Revision: 1, Scheme: contract.Core, Kind: contract.Recurrent, Reference: "RUM-1",
		Creditor: "FR83ZZZ459654", CreditorName: "Agence", Debtor: "CE ACME", IBAN: "FR1420041010050500013M02606",
		SignedOn: civil.MustParseDate("2026-10-30"), Phases: []contract.MandatePhase{{Status: contract.MandateDraft}, {From: start, Status: contract.MandateActive}},
	}}.Decide(account))

	buy := func(id, price string, day int) {
		c := billing.Accept{At: start.AddDate(0, 0, day), Operation: billing.Operation{
			ID: id, Currency: money.EUR, Orders: []billing.Order{{Reference: id, Items: []billing.Item{{
				Label: id, Supply: billing.Services, Quantity: billing.Whole(1), UnitPrice: billing.MustParsePrice(price),
				VAT: billing.MustVATAt("20"),
			}}}},
		}}
		d := c.Result(record(c.Decide(account)))
		fmt.Printf("%-6s %v, accepted %v %v, %v left\n", id, d.Totals.Gross, d.Accepted, d.Reasons(), d.Available)
	}
	buy("train", "1500", 1)
	buy("hotel", "1000.01", 2)
	buy("coach", "1000", 2)

	c := billing.Refund{At: start.AddDate(0, 0, 5), ID: "back-1", Of: "train"}
	d := c.Result(record(c.Decide(account)))
	fmt.Printf("train given back: %v, %v left\n", d.Totals.Gross, d.Available)
	// Output:
	// train  1800.00 EUR, accepted true [], 1200.00 EUR left
	// hotel  1200.01 EUR, accepted false [exposure_exceeded], 1200.00 EUR left
	// coach  1200.00 EUR, accepted true [], 0.00 EUR left
	// train given back: 1800.00 EUR, 1800.00 EUR left
}

// Explain is the eligibility query: every reason, with its figures, and nothing is written.
func ExampleAccount_Explain() {
	account := billing.NewAccount("CTR-1")
	d, err := account.Explain(billing.Accept{
		At: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC),
		Operation: billing.Operation{
			ID: "trip", Currency: money.EUR,
			Orders: []billing.Order{{Reference: "O-1", Totals: &billing.Totals{Tax: money.MustParseAmount("0.59", money.EUR)}, Items: []billing.Item{{
				Label: "Frais de port", Supply: billing.Services, Quantity: billing.Whole(1), UnitPrice: billing.MustParsePrice("2.80"),
				VAT: billing.MustVATAt("20"),
			}}}},
		},
	})
	if err != nil {
		panic(err)
	}
	for _, c := range d.Causes {
		fmt.Println(c.Reason)
		for _, m := range c.Mismatches {
			fmt.Printf("  %s is %v, not %v\n", m.Field, m.Want, m.Given)
		}
	}
	// Output:
	// contract_not_found
	// amounts_inconsistent
	//   orders[0].totals.tax is 0.56 EUR, not 0.59 EUR
}
