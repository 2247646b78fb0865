package invoicetext_test

import (
	"fmt"
	"os"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/invoicetext"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// An invoice of one line, in English.
func ExampleWrite() {
	v := &billing.Invoice{
		Number: "F-2026-0001", Kind: billing.Periodic, Contract: "CTR-1", Currency: money.EUR,
		IssuedOn: day("2026-12-01"), DueOn: day("2026-12-31"), Supply: billing.Goods,
		Seller: party.Party{Name: "Agence de voyages", SIREN: "356000000"}, Buyer: party.Party{Name: "Works council of ACME"},
		Lines: []billing.InvoiceLine{{
			Order: "CMD-1", On: day("2026-11-05"), Label: "Printer", Quantity: billing.Whole(2), UnitPrice: billing.MustParsePrice("149.995"),
			Net: eur("299.99"), VAT: billing.MustVATAt("20"),
		}},
	}
	if err := v.AddUp(); err != nil {
		fmt.Println(err)
		return
	}
	if err := invoicetext.Write(os.Stdout, v, &invoicetext.Options{Language: invoicetext.English}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Invoice F-2026-0001
	//
	// Date of issue                2026-12-01
	// Due date                     2026-12-31
	// Contract                     CTR-1
	// Kind of supply               Goods
	// Currency                     EUR
	//
	// Seller                       Agence de voyages
	//                              SIREN 356000000
	//
	// Customer                     Works council of ACME
	//
	//       Date  Quantity  Unit price  VAT  Net amount  Description
	// ----------  --------  ----------  ---  ----------  -----------
	// 2026-11-05         2     149.995  20%      299.99  Printer | order CMD-1
	//
	// Taxable  Rate    VAT  VAT category
	// -------  ----  -----  ------------
	//  299.99   20%  60.00  Standard or reduced rate
	//
	// Net total    299.99
	// Total VAT     60.00
	// Gross total  359.99
	// Amount due   359.99 EUR
}

// A sheet is what pages are drawn of.
func ExampleSheetOf() {
	s, err := invoicetext.SheetOf(creditNote(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Title)
	fmt.Println(s.Lines[0].What, s.Taxes[0].Regime)
	fmt.Println(s.Page(1, 2))
	// Output:
	// Avoir F-2026-0002
	// Guide Hors du champ de la TVA
	// Page 1 sur 2
}
