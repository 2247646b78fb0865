package einvoice

import (
	"io"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/internal/postal"
	"github.com/payrules/payrules/billing/internal/terms"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

const (
	guideline = "urn:cen.eu:en16931:2017" // BT-24: the norm alone
	ubl       = "urn:oasis:names:specification:ubl:schema:xsd:"

	directDebit = "49"   // of UNTDID 4461
	ofSEPA      = "59"   // a direct debit of SEPA, likewise
	ofSIREN     = "0002" // of the list ICD
	ofSIRET     = "0009"
)

// Mentions that French law wants to be read, and their like.
const (
	onDebits = "Option pour le paiement de la taxe d'après les débits"
	forEco   = "Dont éco-participation : "
	forUnit  = "Unité : "
	forPlace = "Livraison : "
	forBack  = "Remboursement : "
	discount = "Remise"
	credited = "Avoir sur la facture "
)

// Write writes an invoice or a credit note as UBL 2.1 in UTF-8: the same bytes for the same invoice and options. All is checked before
// the first byte is written.
//
// Write returns an error if:
//   - the invoice breaks a rule: an [*Error], see [Validate], and nothing was written;
//   - w fails.
//
// It costs O(n) for n lines, and a few kilobytes of memory.
func Write(w io.Writer, v *billing.Invoice, opts *Options) error {
	if opts == nil {
		opts = &Options{}
	}
	if err := Validate(v, opts); err != nil {
		return err
	}
	d := document{encoder: newEncoder(w), Options: opts, v: v, delivery: deliveryOf(v)}
	d.root = "Invoice"
	if v.Kind == billing.CreditNote {
		d.root = "CreditNote"
	}
	d.in(d.root+` xmlns="`+ubl+d.root+`-2" xmlns:cac="`+ubl+`CommonAggregateComponents-2" xmlns:cbc="`+ubl+`CommonBasicComponents-2"`, d.write)
	return d.end()
}

// document is an invoice on its way out.
type document struct {
	*encoder
	*Options
	v        *billing.Invoice
	delivery delivery
	root     string // Invoice or CreditNote
}

func (d *document) isCredit() bool { return d.v.Kind == billing.CreditNote }

// write writes the document in the order of its schema.
func (d *document) write() {
	d.head()
	d.in("cac:AccountingSupplierParty", func() { d.party(&d.v.Seller, d.SellerEndpoint, d.creditor()) })
	d.in("cac:AccountingCustomerParty", func() { d.party(&d.v.Buyer, d.BuyerEndpoint, "") })
	d.deliver()
	d.payment()
	d.sums()
	for i := range d.v.Lines {
		d.line(i+1, &d.v.Lines[i])
	}
}

// head writes what stands before the parties.
func (d *document) head() {
	v := d.v
	d.leaf("cbc:CustomizationID", guideline)
	d.leaf("cbc:ProfileID", d.process())
	d.leaf("cbc:ID", v.Number)
	d.leaf("cbc:IssueDate", v.IssuedOn.String())
	if d.isCredit() { // a credit note of UBL has no due date
		d.leaf("cbc:CreditNoteTypeCode", "381")
	} else {
		if v.DueOn != 0 {
			d.leaf("cbc:DueDate", v.DueOn.String())
		}
		d.leaf("cbc:InvoiceTypeCode", "380")
	}
	if v.VATOnDebits {
		d.leaf("cbc:Note", onDebits)
	}
	for _, n := range d.Notes {
		text := n.Text
		if n.Subject != "" {
			text = "#" + n.Subject + "#" + text
		}
		d.leaf("cbc:Note", text)
	}
	d.leaf("cbc:DocumentCurrencyCode", v.Currency.Code())
	d.leaf("cbc:BuyerReference", d.BuyerReference)
	d.period()
	if d.isCredit() {
		d.in("cac:BillingReference", func() {
			d.in("cac:InvoiceDocumentReference", func() {
				d.leaf("cbc:ID", v.Corrects)
				if d.CorrectsFrom != 0 {
					d.leaf("cbc:IssueDate", d.CorrectsFrom.String())
				}
			})
		})
	}
	if v.Contract != "" {
		d.in("cac:ContractDocumentReference", func() { d.leaf("cbc:ID", v.Contract) })
	}
}

// process is the business process: see Options.
func (d *document) process() string {
	if d.Process != "" || d.v.Seller.Address.Country != "FR" {
		return d.Process
	}
	code := map[billing.Supply]string{billing.Goods: "B", billing.Services: "S"}[d.v.Supply]
	if code == "" {
		code = "M"
	}
	if t := &d.v.Totals; t.Prepaid == t.Gross && t.Gross.Sign() != 0 && t.Payable.Sign() == 0 && d.v.DueOn != 0 { // BR-FR-CO-09
		return code + "2"
	}
	return code + "1"
}

// period writes the period that is billed. That VAT falls due by what is invoiced is told there, too: code 3, the date of issue (BT-8).
func (d *document) period() {
	p := d.v.Period
	if p == (billing.Period{}) && !d.v.VATOnDebits {
		return
	}
	d.in("cac:InvoicePeriod", func() {
		if p != (billing.Period{}) {
			d.leaf("cbc:StartDate", p.From.String())
			d.leaf("cbc:EndDate", p.Through.String())
		}
		if d.v.VATOnDebits {
			d.leaf("cbc:DescriptionCode", "3")
		}
	})
}

// creditor is who collects by SEPA (BT-90), which knows no currency but the euro.
func (d *document) creditor() string {
	if !terms.IsDebited(d.v) || d.v.Currency != money.EUR {
		return ""
	}
	creditor, _ := terms.Mandate(d.v)
	return creditor
}

func (d *document) payment() {
	if d.isCredit() {
		d.in("cac:PaymentTerms", func() { d.leaf("cbc:Note", credited+d.v.Corrects) })
	}
	if !terms.IsDebited(d.v) {
		return
	}
	_, reference := terms.Mandate(d.v)
	code := directDebit
	if d.v.Currency == money.EUR {
		code = ofSEPA
	}
	d.in("cac:PaymentMeans", func() {
		d.leaf("cbc:PaymentMeansCode", code)
		d.leaf("cbc:PaymentID", d.v.Number)
		d.in("cac:PaymentMandate", func() {
			d.leaf("cbc:ID", reference)
			if d.DebitedAccount != "" {
				d.in("cac:PayerFinancialAccount", func() { d.leaf("cbc:ID", string(d.DebitedAccount)) })
			}
		})
	})
}

// deliver writes what all of the invoice's deliveries have in common.
func (d *document) deliver() {
	of := &d.delivery
	if of.on == 0 && of.to.IsZero() {
		return
	}
	d.in("cac:Delivery", func() {
		if of.on != 0 {
			d.leaf("cbc:ActualDeliveryDate", of.on.String())
		}
		if !of.to.IsZero() {
			d.in("cac:DeliveryLocation", func() { d.address("cac:Address", &of.to) })
		}
	})
}

func (d *document) address(name string, a *party.Address) {
	street, door, further := postal.Lines(a)
	d.in(name, func() {
		d.leaf("cbc:StreetName", street)
		d.leaf("cbc:AdditionalStreetName", door)
		d.leaf("cbc:CityName", a.TownName)
		d.leaf("cbc:PostalZone", a.PostCode)
		d.leaf("cbc:CountrySubentity", a.CountrySubDivision)
		if further != "" {
			d.in("cac:AddressLine", func() { d.leaf("cbc:Line", further) })
		}
		d.in("cac:Country", func() { d.leaf("cbc:IdentificationCode", string(a.Country)) })
	})
}

// party writes one of the parties. An invoice out of scope of VAT names no VAT numbers (BR-O-02). Our reference has no scheme, which France
// does not take (BR-FR-CO-10), and so is left to those who have no SIREN.
func (d *document) party(p *party.Party, at Endpoint, creditor string) {
	d.in("cac:Party", func() {
		if at != (Endpoint{}) {
			d.leaf(`cbc:EndpointID schemeID="`+at.Scheme+`"`, at.ID)
		}
		if p.SIRET != "" {
			d.in("cac:PartyIdentification", func() { d.leaf(`cbc:ID schemeID="`+ofSIRET+`"`, string(p.SIRET)) })
		} else if p.SIREN == "" {
			d.in("cac:PartyIdentification", func() { d.leaf("cbc:ID", p.Reference) })
		}
		if creditor != "" {
			d.in("cac:PartyIdentification", func() { d.leaf(`cbc:ID schemeID="SEPA"`, creditor) })
		}
		d.address("cac:PostalAddress", &p.Address)
		if p.VATNumber != "" && d.v.Taxes[0].VAT.Category != billing.OutOfScope {
			d.in("cac:PartyTaxScheme", func() {
				d.leaf("cbc:CompanyID", string(p.VATNumber))
				d.scheme()
			})
		}
		d.in("cac:PartyLegalEntity", func() {
			d.leaf("cbc:RegistrationName", p.Name)
			d.leaf(`cbc:CompanyID schemeID="`+ofSIREN+`"`, string(siren(p)))
		})
	})
}

func (d *document) scheme() { d.in("cac:TaxScheme", func() { d.leaf("cbc:ID", "VAT") }) }
