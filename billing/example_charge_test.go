package billing_test

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
)

// A fee of 10.00 and a rebate of 30.00 are billed with what was bought. When half of that is given back, half of the rebate is taken off: the
// customer gets what he has paid for it. The fee stays.
func ExampleAddCharge() {
	account := billing.NewAccount("CTR-1")
	do(mustPass{}, account, billing.TakeContract{View: addressed(active(1, 3000_00))})
	do(mustPass{}, account, billing.TakeMandate{View: mandateView(1, contract.MandateActive)})
	add := func(id, why, net string, allowance bool) {
		d := do(mustPass{}, account, billing.AddCharge{At: day(11, 3), ID: id, Charge: billing.Charge{
			Why: why, Allowance: allowance, Net: money.MustParseAmount(net, money.EUR), VAT: billing.MustVATAt("20"),
		}})
		fmt.Printf("%s: %s, accepted %v, owes %s\n", why, d.Totals.Gross, d.Accepted, d.Exposure)
	}
	do(mustPass{}, account, trip("trip", "100.00", day(11, 2)))
	add("fee-1", "Frais de dossier", "10", false)
	add("rebate-1", "Remise de bienvenue", "30", true)
	issue := func(month int, next uint64) {
		for _, e := range do(mustPass{}, account, bill(mustPass{}, account, month, next)).Issued {
			v, _, err := account.Invoice(e.Number)
			if err != nil {
				panic(err)
			}
			fmt.Println(v.Number, v.Kind, "lines", v.Totals.Lines.Number())
			for _, c := range v.Charges {
				fmt.Printf("  %s: %s, allowance %v\n", c.Why, c.Net.Number(), c.Allowance)
			}
			fmt.Println("  net", v.Totals.Net.Number(), "tax", v.Totals.Tax.Number(), "payable", v.Totals.Payable.Number())
		}
	}
	issue(11, 1)
	do(mustPass{}, account, halfBack("back-1", "trip", day(12, 2)))
	issue(12, 2)
	fmt.Println("owed:", account.Exposure(time.Time{}).Total)
	// Output:
	// Frais de dossier: 12.00 EUR, accepted true, owes 132.00 EUR
	// Remise de bienvenue: 36.00 EUR, accepted true, owes 132.00 EUR
	// F-0001 periodic lines 100.00
	//   Frais de dossier: 10.00, allowance false
	//   Remise de bienvenue: 30.00, allowance true
	//   net 80.00 tax 16.00 payable 96.00
	// F-0002 credit_note lines 50.00
	//   F-0001: 15.00, allowance true
	//   net 35.00 tax 7.00 payable 42.00
	// owed: 54.00 EUR
}
