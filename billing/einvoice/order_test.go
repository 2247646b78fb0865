package einvoice_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// order is the sequence in which UBL 2.1 has the elements that we write, by what holds them. Transcribed from the schemas of OASIS
// (UBL-Invoice-2.1, UBL-CreditNote-2.1, UBL-CommonAggregateComponents-2.1); what we never write is left out.
var order = map[string]string{
	"Invoice": "CustomizationID ProfileID ID IssueDate DueDate InvoiceTypeCode Note* DocumentCurrencyCode BuyerReference InvoicePeriod " +
		"ContractDocumentReference AccountingSupplierParty AccountingCustomerParty Delivery PaymentMeans AllowanceCharge* TaxTotal " +
		"LegalMonetaryTotal InvoiceLine*",
	"CreditNote": "CustomizationID ProfileID ID IssueDate CreditNoteTypeCode Note* DocumentCurrencyCode BuyerReference InvoicePeriod " +
		"BillingReference ContractDocumentReference AccountingSupplierParty AccountingCustomerParty Delivery PaymentTerms AllowanceCharge* " +
		"TaxTotal LegalMonetaryTotal CreditNoteLine*",
	"InvoicePeriod":             "StartDate EndDate DescriptionCode",
	"BillingReference":          "InvoiceDocumentReference",
	"InvoiceDocumentReference":  "ID IssueDate",
	"ContractDocumentReference": "ID",
	"DocumentReference":         "ID DocumentTypeCode",
	"AccountingSupplierParty":   "Party",
	"AccountingCustomerParty":   "Party",
	"Party":                     "EndpointID PartyIdentification* PostalAddress PartyTaxScheme PartyLegalEntity",
	"PartyIdentification":       "ID",
	"PostalAddress":             "StreetName AdditionalStreetName CityName PostalZone CountrySubentity AddressLine Country",
	"Address":                   "StreetName AdditionalStreetName CityName PostalZone CountrySubentity AddressLine Country",
	"AddressLine":               "Line",
	"Country":                   "IdentificationCode",
	"PartyTaxScheme":            "CompanyID TaxScheme",
	"PartyLegalEntity":          "RegistrationName CompanyID",
	"TaxScheme":                 "ID",
	"Delivery":                  "ActualDeliveryDate DeliveryLocation",
	"DeliveryLocation":          "Address",
	"PaymentMeans":              "PaymentMeansCode PaymentID PaymentMandate",
	"PaymentMandate":            "ID PayerFinancialAccount",
	"PayerFinancialAccount":     "ID",
	"PaymentTerms":              "Note",
	"AllowanceCharge":           "ChargeIndicator AllowanceChargeReasonCode AllowanceChargeReason Amount TaxCategory",
	"TaxCategory":               "ID Percent TaxExemptionReasonCode TaxExemptionReason TaxScheme",
	"ClassifiedTaxCategory":     "ID Percent TaxScheme",
	"TaxTotal":                  "TaxAmount TaxSubtotal*",
	"TaxSubtotal":               "TaxableAmount TaxAmount TaxCategory",
	"LegalMonetaryTotal": "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount PrepaidAmount " +
		"PayableRoundingAmount PayableAmount",
	"InvoiceLine":               "ID Note InvoicedQuantity LineExtensionAmount InvoicePeriod DocumentReference AllowanceCharge Item Price",
	"CreditNoteLine":            "ID Note CreditedQuantity LineExtensionAmount InvoicePeriod DocumentReference AllowanceCharge Item Price",
	"Item":                      "Name SellersItemIdentification ClassifiedTaxCategory",
	"SellersItemIdentification": "ID",
	"Price":                     "PriceAmount",
}

// outOfOrder says what of a document does not stand where UBL has it, is there twice, empty, or in another namespace; "" if all is well.
func outOfOrder(text []byte) string {
	const common = "urn:oasis:names:specification:ubl:schema:xsd:Common"
	d := xml.NewDecoder(bytes.NewReader(text))
	type open struct {
		name string
		at   int // how far its sequence has come
		text bool
	}
	var stack []open
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			return err.Error()
		}
		switch x := token.(type) {
		case xml.StartElement:
			name := x.Name.Local
			_, holds := order[name]
			space := common + "BasicComponents-2"
			if holds {
				space = common + "AggregateComponents-2"
			}
			if len(stack) == 0 {
				space = "urn:oasis:names:specification:ubl:schema:xsd:" + name + "-2"
			} else {
				in := &stack[len(stack)-1]
				sequence := strings.Fields(order[in.name])
				next := slices.IndexFunc(sequence, func(s string) bool { return strings.TrimSuffix(s, "*") == name }) + 1
				if next == 0 || next < in.at || next == in.at && !strings.HasSuffix(sequence[next-1], "*") {
					return fmt.Sprintf("%s in %s is out of order, or there twice", name, in.name)
				}
				in.at = next
			}
			if x.Name.Space != space {
				return fmt.Sprintf("%s is of %s", name, x.Name.Space)
			}
			stack = append(stack, open{name: name})
		case xml.CharData:
			if len(stack) > 0 && len(bytes.Trim(x, "\t\n")) > 0 {
				stack[len(stack)-1].text = true
			}
		case xml.EndElement:
			last := stack[len(stack)-1]
			if _, holds := order[last.name]; holds == last.text || holds && last.at == 0 {
				return last.name + " is empty, or holds a text where elements belong"
			}
			stack = stack[:len(stack)-1]
		}
	}
}

// The golden files stand in the order of the schema.
func TestOrder(t *testing.T) {
	for name, s := range scenes() {
		if fault := outOfOrder(written(t, s.v, s.opts)); fault != "" {
			t.Errorf("%s: %s", name, fault)
		}
	}
	for _, wrong := range []string{
		"<Invoice/>", strings.Replace(string(written(t, scenes()["invoice"].v, nil)), "cbc:IssueDate", "cbc:DueDate", 2),
	} {
		if outOfOrder([]byte(wrong)) == "" {
			t.Error("a document out of order is not noticed")
		}
	}
}
