package einvoice_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/einvoice"
)

// An invoice becomes XML; here are its totals.
func ExampleWrite() {
	v := invoice(line(1, "Imprimante", "2", "149.995", "299.99", "20"), line(2, "Guide de Lyon", "10", "12.5", "125.00", "5.5"))
	var file bytes.Buffer
	if err := einvoice.Write(&file, v, nil); err != nil {
		fmt.Println(err)
		return
	}
	_, totals, _ := strings.Cut(file.String(), "<cac:LegalMonetaryTotal>\n")
	totals, _, _ = strings.Cut(totals, "\t</cac:LegalMonetaryTotal>")
	fmt.Print(strings.ReplaceAll(totals, "\t", ""))
	// Output:
	// <cbc:LineExtensionAmount currencyID="EUR">424.99</cbc:LineExtensionAmount>
	// <cbc:TaxExclusiveAmount currencyID="EUR">424.99</cbc:TaxExclusiveAmount>
	// <cbc:TaxInclusiveAmount currencyID="EUR">491.87</cbc:TaxInclusiveAmount>
	// <cbc:PayableAmount currencyID="EUR">491.87</cbc:PayableAmount>
}

// What is exempt needs its reason, and what is a cent off is not written.
func ExampleValidate() {
	v := invoice(taxed(line(1, "Formation", "7", "90", "630.00", "0"), billing.Exempt))
	fmt.Println(einvoice.Validate(v, nil))

	opts := &einvoice.Options{Exemptions: map[billing.VATCategory]einvoice.Exemption{billing.Exempt: {Reason: "Article 261-4-4° du CGI"}}}
	fmt.Println(einvoice.Validate(v, opts))

	v.Totals.Payable = eur("630.01")
	err := einvoice.Validate(v, opts)
	var broken *einvoice.Error
	fmt.Println(errors.As(err, &broken), broken.Rule, broken.Field)
	// Output:
	// billing: invalid invoice: BR-E-10: taxes[0].vat: why there is no tax must be told in options.Exemptions
	// <nil>
	// true BR-CO-16 totals.payable
}
