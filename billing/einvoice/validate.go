package einvoice

import (
	"fmt"
	"strings"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/internal/terms"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/party"
)

// Validate says whether an invoice can be written: that it adds up, and has all that EN 16931 asks for.
//
// Validate returns an [*Error] with the first rule that is broken: those of [Check], and
//   - BR-DEC: the currency has more than two decimals, as KWD;
//   - BR-02, BR-03, BR-04, BR-55: there is no number, no date of issue, no kind, or a credit note does not say of which invoice it is;
//   - BR-06 to BR-11: a party is not valid, or has no address;
//   - BR-29, BR-CO-25: the period ends before it begins, or an invoice with something to pay has no due date;
//   - BR-21 to BR-27: a line has no name, no quantity, or a price below zero;
//   - BR-33, BR-38: an allowance or a charge does not say why;
//   - BR-S-02, BR-AE-02 and the like: a category needs a VAT number that a party does not have;
//   - BR-E-10: it is not said why something is exempt;
//   - BR-IC-12: goods go to another member of the European Union, and it is not said to which;
//   - BR-O-11: there is something out of scope of VAT beside something in scope;
//   - BT-…: a text, an identifier or a date cannot stand in the XML, a rate is no decimal number, or an option is malformed.
func Validate(v *billing.Invoice, opts *Options) error {
	if opts == nil {
		opts = &Options{}
	}
	if v.Currency.MinorUnits() > 2 {
		return broken("BR-DEC", "currency", "%s has more than two decimals", v.Currency)
	}
	if err := Check(v); err != nil {
		return err
	}
	if err := opts.validate(); err != nil {
		return err
	}
	if err := checkHead(v); err != nil {
		return err
	}
	for i := range v.Lines {
		if err := checkLine(fmt.Sprintf("lines[%d]", i), &v.Lines[i]); err != nil {
			return err
		}
	}
	for i := range v.Charges {
		c := &v.Charges[i]
		name, charge := fmt.Sprintf("charges[%d].why", i), "BR-38"
		if c.Allowance {
			charge = "BR-33"
		}
		if why := texts.Fault(c.Why, maxText); strings.TrimSpace(c.Why) == "" || why != "" {
			return broken(charge, name, "want a text of 1 to %d characters, none a control character", maxText)
		}
	}
	return checkCategories(v, opts)
}

// checkHead looks at what an invoice says of itself.
func checkHead(v *billing.Invoice) error {
	switch v.Kind {
	case billing.Periodic, billing.Supplementary:
	case billing.CreditNote:
		if strings.TrimSpace(v.Corrects) == "" {
			return broken("BR-55", "corrects", "a credit note is of an invoice")
		}
	default:
		return broken("BR-04", "kind", "none of the kinds")
	}
	switch {
	case strings.TrimSpace(v.Number) == "":
		return broken("BR-02", "number", "there is none: a draft is no invoice")
	case !v.IssuedOn.Valid():
		return broken("BR-03", "issued_on", "no date")
	case v.DueOn != 0 && !v.DueOn.Valid():
		return broken("BT-9", "due_on", "no date")
	case v.Kind != billing.CreditNote && v.Totals.Payable.Sign() > 0 && v.DueOn == 0:
		return broken("BR-CO-25", "due_on", "there is something to pay, and no date")
	case v.Period != (billing.Period{}) && (!v.Period.From.Valid() || !v.Period.Through.Valid()):
		return broken("BG-14", "period", "no dates")
	case v.Period.From > v.Period.Through:
		return broken("BR-29", "period", "it ends before it begins")
	}
	for _, f := range [...]struct{ rule, name, text string }{
		{"BT-1", "number", v.Number}, {"BT-25", "corrects", v.Corrects}, {"BT-12", "contract", v.Contract}, {"BT-89", "mandate", v.Mandate},
	} {
		if why := texts.Fault(f.text, maxID); why != "" {
			return broken(f.rule, f.name, "%s", why)
		}
	}
	if err := checkParty("BR-06", "BR-08", "seller", &v.Seller); err != nil {
		return err
	}
	return checkParty("BR-07", "BR-10", "buyer", &v.Buyer)
}

// checkParty looks at one of the parties. BR-CO-26 is held: each has a SIREN, or a reference in its place.
func checkParty(named, addressed, field string, p *party.Party) error {
	if err := p.Validate(); err != nil {
		return broken(named, field, "%v", err)
	}
	if p.Address.IsZero() {
		return broken(addressed, field+".address", "there is none")
	}
	return nil
}

// checkLine looks at a line by itself.
func checkLine(field string, l *billing.InvoiceLine) error {
	for _, f := range [...]struct {
		rule, name, text string
		needed           bool
	}{
		{"BR-25", "label", l.Label, true}, {"BT-155", "product", l.Product, false}, {"BT-128", "order", l.Order, false},
		{"BT-130", "unit", l.Unit, false}, {"BT-127", "refund", l.Refund, false},
	} {
		if why := texts.Fault(f.text, maxText); f.needed && strings.TrimSpace(f.text) == "" || why != "" {
			return broken(f.rule, field+"."+f.name, "want a text of at most %d characters, none a control character", maxText)
		}
	}
	switch {
	case l.On != 0 && !l.On.Valid():
		return broken("BG-26", field+".on", "no date")
	case l.Quantity == 0:
		return broken("BR-22", field+".quantity", "there is none")
	case l.UnitPrice < 0:
		return broken("BR-27", field+".unit_price", "below zero")
	}
	if _, ok := terms.Percent(l.VAT.Rate); !ok {
		return broken("BT-152", field+".vat.rate", "it is no decimal number of percent")
	}
	if d := l.Delivery; d != nil {
		if d.On != 0 && !d.On.Valid() {
			return broken("BT-72", field+".delivery.on", "no date")
		}
		if d.To != nil {
			if err := d.To.Validate(); err != nil {
				return broken("BG-15", field+".delivery.to", "%v", err)
			}
		}
	}
	return nil
}

// checkCategories looks at what the VAT categories of an invoice ask for.
func checkCategories(v *billing.Invoice, opts *Options) error {
	for i := range v.Taxes {
		code := v.Taxes[i].VAT.Category
		c, _ := categoryOf(code)
		field := fmt.Sprintf("taxes[%d].vat", i)
		if _, ok := terms.Percent(v.Taxes[i].VAT.Rate); !ok {
			return broken("BT-119", field+".rate", "it is no decimal number of percent")
		}
		if c.sellerVAT && v.Seller.VATNumber == "" {
			return broken(rule(code, "02"), "seller.vat_number", "category %s needs it", code)
		}
		if c.buyerVAT && v.Buyer.VATNumber == "" && (code != billing.ReverseCharge || siren(&v.Buyer) == "") {
			return broken(rule(code, "02"), "buyer.vat_number", "category %s needs it", code)
		}
		if _, said := opts.exemption(code); c.why && !said {
			return broken(rule(code, "10"), field, "why there is no tax must be told in options.Exemptions")
		}
		if code == billing.OutOfScope && len(v.Taxes) > 1 {
			return broken("BR-O-11", field, "there are other categories beside")
		}
		if code == billing.IntraEU {
			if deliveryOf(v).to.Country == "" {
				return broken("BR-IC-12", "lines.delivery.to", "the country of delivery is not told, or there are several")
			}
			if v.Period == (billing.Period{}) && deliveryOf(v).on == 0 {
				return broken("BR-IC-11", "period", "neither a period nor a date of delivery is told")
			}
		}
	}
	return nil
}

// siren is the legal unit of a party, "" if it is not known.
func siren(p *party.Party) party.SIREN {
	if p.SIREN != "" {
		return p.SIREN
	}
	return p.SIRET.SIREN()
}
