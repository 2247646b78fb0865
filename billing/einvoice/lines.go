package einvoice

import (
	"strconv"
	"strings"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/internal/postal"
	"github.com/payrules/payrules/billing/internal/terms"
	"github.com/payrules/payrules/money"
)

// sums writes what stands between the payment and the lines: charges, taxes and totals.
func (d *document) sums() {
	v, t := d.v, d.v.Totals
	for i := range v.Charges {
		c, of := &v.Charges[i], &t.Charges
		if c.Allowance {
			of = &t.Allowances
		}
		if *of == (money.Amount{}) { // charges of nothing have a sum as well (BR-CO-11, BR-CO-12)
			*of = money.New(0, v.Currency)
		}
		d.allowance(!c.Allowance, "", c.Why, c.Net, func() { d.category("cac:TaxCategory", c.VAT, false) })
	}
	d.in("cac:TaxTotal", func() {
		d.amount("cbc:TaxAmount", t.Tax)
		for i := range v.Taxes {
			of := &v.Taxes[i]
			d.in("cac:TaxSubtotal", func() {
				d.amount("cbc:TaxableAmount", of.Base)
				d.amount("cbc:TaxAmount", of.Tax)
				d.category("cac:TaxCategory", of.VAT, true)
			})
		}
	})
	d.in("cac:LegalMonetaryTotal", func() {
		d.amount("cbc:LineExtensionAmount", t.Lines)
		d.amount("cbc:TaxExclusiveAmount", t.Net)
		d.amount("cbc:TaxInclusiveAmount", t.Gross)
		d.optional("cbc:AllowanceTotalAmount", t.Allowances)
		d.optional("cbc:ChargeTotalAmount", t.Charges)
		d.optional("cbc:PrepaidAmount", t.Prepaid)
		d.optional("cbc:PayableRoundingAmount", t.Rounding)
		d.amount("cbc:PayableAmount", t.Payable)
	})
}

// allowance writes an allowance, or a charge.
func (d *document) allowance(charge bool, code, why string, net money.Amount, more func()) {
	d.in("cac:AllowanceCharge", func() {
		d.leaf("cbc:ChargeIndicator", strconv.FormatBool(charge))
		d.leaf("cbc:AllowanceChargeReasonCode", code)
		d.leaf("cbc:AllowanceChargeReason", why)
		d.amount("cbc:Amount", net)
		more()
	})
}

// category writes how something is taxed, and in the breakdown why it is not. What is out of scope has no rate.
func (d *document) category(name string, vat billing.VAT, breakdown bool) {
	d.in(name, func() {
		d.leaf("cbc:ID", string(vat.Category))
		if vat.Category != billing.OutOfScope {
			rate, _ := terms.Percent(vat.Rate)
			d.leaf("cbc:Percent", rate)
		}
		if e, said := d.exemption(vat.Category); breakdown && said {
			d.leaf("cbc:TaxExemptionReasonCode", e.Code)
			d.leaf("cbc:TaxExemptionReason", e.Reason)
		}
		d.scheme()
	})
}

// line writes a line. Its allowance is of code 95, a discount (UNTDID 5189).
func (d *document) line(n int, l *billing.InvoiceLine) {
	quantity := "cbc:InvoicedQuantity"
	if d.isCredit() {
		quantity = "cbc:CreditedQuantity"
	}
	unit, known := unitCode(l.Unit)
	d.in("cac:"+d.root+"Line", func() {
		d.leaf("cbc:ID", strconv.Itoa(n))
		d.leaf("cbc:Note", d.note(l, known))
		d.leaf(quantity+` unitCode="`+unit+`"`, l.Quantity.String())
		d.amount("cbc:LineExtensionAmount", l.Net)
		on := l.On
		if l.Delivery != nil && l.Delivery.On != 0 {
			on = l.Delivery.On
		}
		if on != 0 {
			d.in("cac:InvoicePeriod", func() {
				d.leaf("cbc:StartDate", on.String())
				d.leaf("cbc:EndDate", on.String())
			})
		}
		if l.Order != "" {
			d.in("cac:DocumentReference", func() { // BT-128, whose type is 130, and whose scheme is the order's number
				d.leaf(`cbc:ID schemeID="ON"`, l.Order)
				d.leaf("cbc:DocumentTypeCode", "130")
			})
		}
		if l.Allowance.Sign() != 0 {
			d.allowance(false, "95", discount, l.Allowance, func() {})
		}
		d.in("cac:Item", func() {
			d.leaf("cbc:Name", l.Label)
			if l.Product != "" {
				d.in("cac:SellersItemIdentification", func() { d.leaf("cbc:ID", l.Product) })
			}
			d.category("cac:ClassifiedTaxCategory", l.VAT, false)
		})
		d.in("cac:Price", func() { d.leaf(`cbc:PriceAmount currencyID="`+d.v.Currency.Code()+`"`, l.UnitPrice.String()) })
	})
}

// note is what the norm has no place for: a unit that has no code, the eco-participation, an address of several, a refund.
func (d *document) note(l *billing.InvoiceLine, unitKnown bool) string {
	var parts []string
	if !unitKnown {
		parts = append(parts, forUnit+l.Unit)
	}
	if l.EcoParticipation.Sign() != 0 {
		parts = append(parts, forEco+l.EcoParticipation.String())
	}
	if d.delivery.differ && l.Delivery != nil && l.Delivery.To != nil {
		parts = append(parts, forPlace+postal.Line(l.Delivery.To))
	}
	if l.Refund != "" {
		parts = append(parts, forBack+l.Refund)
	}
	return strings.Join(parts, " ; ")
}
