package einvoice

import "github.com/payrules/payrules/billing"

// rates are what rates a category can have.
type rates int

const (
	above rates = iota // above zero
	zero
	any0 // zero or above
)

// category is what EN 16931 asks of a VAT category.
type category struct {
	code      billing.VATCategory
	rules     string // its rules are called BR-<this>-…
	rate      rates
	sellerVAT bool // the seller's VAT number is needed (rule 02)
	buyerVAT  bool // the buyer's, too
	why       bool // an exemption reason is needed (rule 10); of the others there must be none
	exemption Exemption
}

// table has the categories. The codes of the reasons are of the list VATEX of the European Commission.
var table = [...]category{
	{billing.Standard, "S", above, true, false, false, Exemption{}},
	{billing.ZeroRated, "Z", zero, true, false, false, Exemption{}},
	{billing.Exempt, "E", zero, true, false, true, Exemption{}},
	{billing.ReverseCharge, "AE", zero, true, true, true, Exemption{Code: "VATEX-EU-AE", Reason: "Autoliquidation"}},
	{billing.IntraEU, "IC", zero, true, true, true, Exemption{Code: "VATEX-EU-IC", Reason: "Livraison intracommunautaire"}},
	{billing.Export, "G", zero, true, false, true, Exemption{Code: "VATEX-EU-G", Reason: "Exportation hors de l'Union européenne"}},
	{billing.OutOfScope, "O", zero, false, false, true, Exemption{Code: "VATEX-EU-O", Reason: "Hors du champ d'application de la TVA"}},
	{billing.CanaryIslands, "IG", any0, true, false, false, Exemption{}},
	{billing.CeutaMelilla, "IP", any0, true, false, false, Exemption{}},
}

// categories finds a category by its code.
func categories(code billing.VATCategory) (category, bool) {
	for _, c := range table {
		if c.code == code {
			return c, true
		}
	}
	return category{}, false
}

// rule is the name of a rule that every category has.
func rule(code billing.VATCategory, n string) string {
	c, known := categories(code)
	if !known {
		return "BR-CO-04"
	}
	return "BR-" + c.rules + "-" + n
}
