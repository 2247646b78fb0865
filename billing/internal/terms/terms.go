// Package terms finds what documents tell of an invoice that is no field of it: who collects it and by which mandate, and a rate in
// percent. The electronic invoice and the page for people say the same.
package terms

import (
	"math"
	"strings"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// IsDebited reports whether a document is collected by a mandate: a credit note is not, nor is one of which nothing is to be paid.
func IsDebited(v *billing.Invoice) bool {
	return v.Mandate != "" && v.Kind != billing.CreditNote && v.Totals.Payable.Sign() > 0
}

// Mandate splits the id of an invoice's mandate into its creditor and its reference. An id of another form than that of
// contract.MandateID is all reference.
func Mandate(v *billing.Invoice) (creditor, reference string) {
	creditor, reference, found := strings.Cut(v.Mandate, "/")
	if !found || party.CreditorID(creditor).Validate() != nil {
		return "", v.Mandate
	}
	return creditor, reference
}

// Percent is a rate as a decimal number of percent: 20 for a fraction of 0.2. Ok is false if it has no end as one, or does not fit.
func Percent(r money.Rate) (s string, ok bool) {
	if r.Numerator() > math.MaxInt64/100 {
		return "", false
	}
	p, err := money.NewRate(r.Numerator()*100, r.Denominator())
	if err != nil {
		return "", false
	}
	s = p.String()
	return s, !strings.Contains(s, "/")
}
