package einvoice

import "github.com/payrules/payrules/billing"

// rates are what rates a category can have.
type rates int

const (
	aboveZero rates = iota
	zeroOnly
	zeroOrAbove
)

// category is what EN 16931 asks of a VAT category.
type category struct {
	code      billing.VATCategory
	rules     string // its rules are called BR-<this>-…
	rate      rates
	sellerVAT bool      // the seller's VAT number is needed (rule 02)
	buyerVAT  bool      // the buyer's, too
	why       bool      // an exemption reason is needed (rule 10); of the others there must be none
	exemption Exemption // unless Options tell another
}

// categories are those of EN 16931. The codes of the reasons are of the list VATEX of the European Commission.
var categories = [...]category{
	{code: billing.Standard, rules: "S", rate: aboveZero, sellerVAT: true},
	{code: billing.ZeroRated, rules: "Z", rate: zeroOnly, sellerVAT: true},
	{code: billing.Exempt, rules: "E", rate: zeroOnly, sellerVAT: true, why: true},
	{
		code: billing.ReverseCharge, rules: "AE", rate: zeroOnly, sellerVAT: true, buyerVAT: true, why: true,
		exemption: Exemption{Code: "VATEX-EU-AE", Reason: "Autoliquidation"},
	}, {
		code: billing.IntraEU, rules: "IC", rate: zeroOnly, sellerVAT: true, buyerVAT: true, why: true,
		exemption: Exemption{Code: "VATEX-EU-IC", Reason: "Livraison intracommunautaire"},
	}, {
		code: billing.Export, rules: "G", rate: zeroOnly, sellerVAT: true, why: true,
		exemption: Exemption{Code: "VATEX-EU-G", Reason: "Exportation hors de l'Union européenne"},
	}, {
		code: billing.OutOfScope, rules: "O", rate: zeroOnly, why: true,
		exemption: Exemption{Code: "VATEX-EU-O", Reason: "Hors du champ d'application de la TVA"},
	},
	{code: billing.CanaryIslands, rules: "IG", rate: zeroOrAbove, sellerVAT: true},
	{code: billing.CeutaMelilla, rules: "IP", rate: zeroOrAbove, sellerVAT: true},
}

// categoryOf finds a category by its code.
func categoryOf(code billing.VATCategory) (category, bool) {
	for _, c := range categories {
		if c.code == code {
			return c, true
		}
	}
	return category{}, false
}

// rule is the name of a rule that every category has.
func rule(code billing.VATCategory, n string) string {
	c, known := categoryOf(code)
	if !known {
		return "BR-CO-04"
	}
	return "BR-" + c.rules + "-" + n
}
