package einvoice_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/einvoice"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

type (
	inv = billing.Invoice
	opt = einvoice.Options
)

// rows break one rule each, of the scene that is named.
var rows = []struct {
	rule, field, scene string
	breaks             func(v *inv, o *opt)
}{
	{"BR-02", "number", "invoice", func(v *inv, _ *opt) { v.Number = "" }},
	{"BT-1", "number", "invoice", func(v *inv, _ *opt) { v.Number = "F\x00" }},
	{"BR-03", "issued_on", "invoice", func(v *inv, _ *opt) { v.IssuedOn = 0 }},
	{"BR-04", "kind", "invoice", func(v *inv, _ *opt) { v.Kind = "proforma" }},
	{"BR-05", "currency", "invoice", func(v *inv, _ *opt) { v.Currency = 0 }},
	{"BR-05", "totals.payable", "invoice", func(v *inv, _ *opt) { v.Totals.Payable = money.New(1, money.USD) }},
	{"BR-05", "totals.prepaid", "invoice", func(v *inv, _ *opt) { v.Totals.Prepaid = money.New(1, money.USD) }},
	{"BR-05", "lines[1].net", "invoice", func(v *inv, _ *opt) { v.Lines[1].Net = money.Amount{} }},
	{"BR-05", "lines[0].allowance", "invoice", func(v *inv, _ *opt) { v.Lines[0].Allowance = money.New(1, money.USD) }},
	{"BR-05", "lines[0].eco_participation", "invoice", func(v *inv, _ *opt) { v.Lines[0].EcoParticipation = money.New(1, money.USD) }},
	{"BR-DEC", "currency", "invoice", func(v *inv, _ *opt) { v.Currency = money.MustParseCurrency("KWD") }},
	{"BR-06", "seller", "invoice", func(v *inv, _ *opt) { v.Seller.Name = "" }},
	{"BR-07", "buyer", "invoice", func(v *inv, _ *opt) { v.Buyer.Name = "a\x1bb" }},
	{"BR-08", "seller.address", "invoice", func(v *inv, _ *opt) { v.Seller.Address = party.Address{} }},
	{"BR-10", "buyer.address", "invoice", func(v *inv, _ *opt) { v.Buyer.Address = party.Address{} }},
	{"BR-07", "buyer", "invoice", func(v *inv, _ *opt) { v.Buyer.Address.Country = "" }},
	{"BR-16", "lines", "invoice", func(v *inv, _ *opt) { v.Lines = nil }},
	{"BR-22", "lines[0].quantity", "invoice", func(v *inv, _ *opt) { v.Lines[0].Quantity = 0 }},
	{"BR-25", "lines[2].label", "invoice", func(v *inv, _ *opt) { v.Lines[2].Label = "" }},
	{"BR-25", "lines[2].label", "invoice", func(v *inv, _ *opt) { v.Lines[2].Label = " \u2028" }},
	{"BR-25", "lines[0].label", "invoice", func(v *inv, _ *opt) { v.Lines[0].Label = "a\u0000b" }},
	{"BR-25", "lines[0].label", "invoice", func(v *inv, _ *opt) { v.Lines[0].Label = "\xff" }},
	{"BR-25", "lines[0].label", "invoice", func(v *inv, _ *opt) { v.Lines[0].Label = strings.Repeat("é", 1001) }},
	{"BT-128", "lines[0].order", "invoice", func(v *inv, _ *opt) { v.Lines[0].Order = "\ufffe" }},
	{"BT-130", "lines[0].unit", "invoice", func(v *inv, _ *opt) { v.Lines[0].Unit = "\u0085" }},
	{"BR-27", "lines[0].unit_price", "invoice", func(v *inv, _ *opt) {
		v.Lines[0].Quantity, v.Lines[0].UnitPrice = -v.Lines[0].Quantity, -v.Lines[0].UnitPrice
	}},
	{"BT-131", "lines[0].net", "invoice", func(v *inv, _ *opt) { v.Lines[0].Quantity++; v.Lines[0].UnitPrice += 5_000 }},
	{"BT-131", "lines[0].net", "invoice", func(v *inv, _ *opt) { v.Lines[0].Allowance = eur("0.01") }},
	{"BT-131", "lines[1].net", "invoice", func(v *inv, _ *opt) { v.Lines[1].Quantity, v.Lines[1].UnitPrice = 1<<63-1, 1<<63-1 }},
	{"BG-26", "lines[0].on", "invoice", func(v *inv, _ *opt) { v.Lines[0].On = -1 }},
	{"BG-14", "period", "invoice", func(v *inv, _ *opt) { v.Period.Through = 0 }},
	{"BR-29", "period", "invoice", func(v *inv, _ *opt) { v.Period.Through = v.Period.From - 1 }},
	{"BR-33", "charges[0].why", "discounts", func(v *inv, _ *opt) { v.Charges[0].Why = "" }},
	{"BR-38", "charges[1].why", "discounts", func(v *inv, _ *opt) { v.Charges[1].Why = "\n" }},
	{"BR-33", "charges[0].why", "discounts", func(v *inv, _ *opt) { v.Charges[0].Why = " " }},
	{"BR-55", "corrects", "credit_note", func(v *inv, _ *opt) { v.Corrects = " " }},
	{"BR-55", "corrects", "credit_note", func(v *inv, _ *opt) { v.Corrects = "" }},
	{"BR-62", "options.SellerEndpoint", "invoice", func(_ *inv, o *opt) { o.SellerEndpoint.ID = "1" }},
	{"BR-63", "options.BuyerEndpoint", "invoice", func(_ *inv, o *opt) { o.BuyerEndpoint.ID = "" }},
	{"BR-63", "options.BuyerEndpoint", "invoice", func(_ *inv, o *opt) { o.BuyerEndpoint.Scheme = `"><x>` }},
	{"BR-CO-04", "lines[0].vat.category", "invoice", func(v *inv, _ *opt) { v.Lines[0].VAT.Category = "X" }},
	{"BR-CO-10", "totals.lines", "invoice", func(v *inv, _ *opt) { v.Totals.Lines = eur("541.00") }},
	{"BR-CO-10", "lines[1].net", "invoice", func(v *inv, _ *opt) { v.Lines[1].Net = money.New(1<<63-1, money.EUR) }},
	{"BR-CO-11", "totals.allowances", "discounts", func(v *inv, _ *opt) { v.Totals.Allowances = money.Amount{} }},
	{"BR-CO-12", "totals.charges", "discounts", func(v *inv, _ *opt) { v.Totals.Charges = eur("8.34") }},
	{"BR-CO-13", "totals.net", "discounts", func(v *inv, _ *opt) { v.Totals.Net = v.Totals.Lines }},
	{"BR-CO-14", "totals.tax", "invoice", func(v *inv, _ *opt) { v.Totals.Tax = eur("66.87") }},
	{"BR-CO-15", "totals.gross", "invoice", func(v *inv, _ *opt) { v.Totals.Gross = eur("607.86") }},
	{"BR-CO-16", "totals.payable", "discounts", func(v *inv, _ *opt) { v.Totals.Prepaid = eur("99.99") }},
	{"BR-CO-17", "taxes[0].tax", "invoice", func(v *inv, _ *opt) { v.Taxes[0].Tax = eur("6.87") }}, // half to even would have it
	{"BR-CO-18", "taxes", "invoice", func(v *inv, _ *opt) { v.Taxes = v.Taxes[:2] }},
	{"BR-CO-18", "taxes[1]", "invoice", func(v *inv, _ *opt) { v.Taxes[1] = v.Taxes[0] }},
	{"BR-CO-18", "taxes[3]", "invoice", func(v *inv, _ *opt) {
		v.Taxes = append(v.Taxes, billing.Subtotal{VAT: billing.MustVATAt("10"), Base: eur("0"), Tax: eur("0")})
	}},
	{"BR-CO-25", "due_on", "invoice", func(v *inv, _ *opt) { v.DueOn = 0 }},
	{"BR-S-02", "seller.vat_number", "invoice", func(v *inv, _ *opt) { v.Seller.VATNumber = "" }},
	{"BR-S-05", "lines[0].vat.rate", "invoice", func(v *inv, _ *opt) { v.Lines[0].VAT.Rate = money.Rate{} }},
	{"BR-S-08", "taxes[1].base", "invoice", func(v *inv, _ *opt) { v.Taxes[1].Base = eur("300.00") }},
	{"BR-Z-05", "lines[0].vat.rate", "invoice", func(v *inv, _ *opt) { v.Lines[0].VAT.Category = billing.ZeroRated }},
	{"BR-Z-02", "seller.vat_number", "back", func(v *inv, _ *opt) { recategorise(v, billing.ZeroRated); v.Seller.VATNumber = "" }},
	{"BR-E-10", "taxes[0].vat", "exempt", func(_ *inv, o *opt) { o.Exemptions = nil }},
	{"BR-E-10", "options.Exemptions.E", "exempt", func(_ *inv, o *opt) { o.Exemptions[billing.Exempt] = einvoice.Exemption{} }},
	{"BR-S-10", "options.Exemptions.S", "exempt", func(_ *inv, o *opt) { o.Exemptions[billing.Standard] = einvoice.Exemption{Reason: "x"} }},
	{"BT-121", "options.Exemptions.E", "exempt", func(_ *inv, o *opt) { o.Exemptions[billing.Exempt] = einvoice.Exemption{Code: "261 CGI"} }},
	{"BR-AE-02", "buyer.vat_number", "back", func(v *inv, _ *opt) {
		recategorise(v, billing.ReverseCharge)
		v.Buyer.VATNumber, v.Buyer.SIREN = "", ""
	}},
	{"BR-G-02", "seller.vat_number", "back", func(v *inv, _ *opt) { recategorise(v, billing.Export); v.Seller.VATNumber = "" }},
	{"BR-IC-02", "buyer.vat_number", "abroad", func(v *inv, _ *opt) { v.Buyer.VATNumber = "" }},
	{"BR-IC-11", "period", "abroad", func(v *inv, _ *opt) { v.Period, v.Lines[0].Delivery.On = billing.Period{}, 0 }},
	{"BR-IC-12", "lines.delivery.to", "abroad", func(v *inv, _ *opt) { v.Lines[0].Delivery.To.Country = "NL" }},
	{"BR-IC-12", "lines.delivery.to", "abroad", func(v *inv, _ *opt) { v.Lines[0].Delivery, v.Lines[1].Delivery = nil, nil }},
	{"BR-O-11", "taxes[0].vat", "outside", func(v *inv, _ *opt) {
		v.Lines = append(v.Lines, line(2, "Guide", "1", "10", "10.00", "20"))
		added(v)
	}},
	{"BT-119", "taxes[0].vat.rate", "credit_note", func(v *inv, _ *opt) { // of a charge alone: lines are looked at first
		v.Charges = append(v.Charges, billing.Charge{Why: "x", Net: eur("3.00"), VAT: billing.VAT{Category: "S", Rate: money.MustParseRate("1/3")}})
		added(v)
		v.Taxes[0], v.Taxes[1] = v.Taxes[1], v.Taxes[0]
	}},
	{"BT-152", "lines[0].vat.rate", "back", func(v *inv, _ *opt) {
		for i := range v.Lines {
			v.Lines[i].VAT.Rate = money.MustParseRate("1/3")
		}
		added(v)
	}},
	{"BG-15", "lines[0].delivery.to", "invoice", func(v *inv, _ *opt) { v.Lines[0].Delivery.To.TownName = "" }},
	{"BT-72", "lines[0].delivery.on", "invoice", func(v *inv, _ *opt) { v.Lines[0].Delivery.On = -3 }},
	{"BT-22", "options.Notes[1]", "discounts", func(_ *inv, o *opt) { o.Notes[1].Text = "\x07" }},
	{"BT-22", "options.Notes[1]", "discounts", func(_ *inv, o *opt) { o.Notes[1].Text = "\u00a0" }},
	{"BT-21", "options.Notes[0]", "discounts", func(_ *inv, o *opt) { o.Notes[0].Subject = "pmd" }},
	{"BG-1", "options.Notes", "discounts", func(_ *inv, o *opt) { o.Notes = make([]einvoice.Note, 21) }},
	{"BT-23", "options.Process", "invoice", func(_ *inv, o *opt) { o.Process = "\v" }},
	{"BT-26", "options.CorrectsFrom", "credit_note", func(_ *inv, o *opt) { o.CorrectsFrom = -1 }},
	{"BT-91", "options.DebitedAccount", "invoice", func(_ *inv, o *opt) { o.DebitedAccount = "FR14" }},
	{"BG-25", "lines", "invoice", func(v *inv, _ *opt) { v.Lines = make([]billing.InvoiceLine, einvoice.MaxLines+1) }},
	{"BG-20", "charges", "invoice", func(v *inv, _ *opt) { v.Charges = make([]billing.Charge, einvoice.MaxCharges+1) }},
	{"BG-23", "taxes", "invoice", func(v *inv, _ *opt) { v.Taxes = make([]billing.Subtotal, billing.MaxTaxes+1) }},
}

// recategorise gives all of an invoice another category, at zero.
func recategorise(v *inv, c billing.VATCategory) {
	for i := range v.Lines {
		v.Lines[i] = taxed(v.Lines[i], c)
	}
	added(v)
}

// What breaks a rule is refused by its name and its field, and nothing is written.
func TestRules(t *testing.T) {
	for _, row := range rows {
		s := scenes()[row.scene]
		if s.opts == nil {
			s.opts = &opt{}
		}
		row.breaks(s.v, s.opts)
		var b bytes.Buffer
		err := einvoice.Write(&b, s.v, s.opts)
		var broken *einvoice.Error
		if !errors.As(err, &broken) || !errors.Is(err, billing.ErrInvalid) || broken.Rule != row.rule || broken.Field != row.field || b.Len() > 0 {
			t.Errorf("want %s of %s, got %v, and %d bytes", row.rule, row.field, err, b.Len())
		}
	}
}

// The scenes without what is broken pass, so that a row shows what it says.
func TestScenesPass(t *testing.T) {
	for name, s := range scenes() {
		if err := einvoice.Validate(s.v, s.opts); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is asked for by law or by the norm stands in the XML, and what it forbids does not.
func TestMentions(t *testing.T) {
	for _, row := range []struct{ scene, has, hasNot string }{
		{"invoice", "Option pour le paiement de la taxe d&#39;après les débits", "VATEX"},
		{"invoice", "<cbc:DescriptionCode>3</cbc:DescriptionCode>", "CreditNote"},
		{"invoice", "<cbc:PaymentMeansCode>59</cbc:PaymentMeansCode>", "459654/RUM-17"},
		{"invoice", "<cbc:ID>RUM-17</cbc:ID>", ""},
		{"invoice", `<cbc:ID schemeID="SEPA">FR83ZZZ459654</cbc:ID>`, ""},
		{"invoice", `<cbc:CompanyID schemeID="0002">784671695</cbc:CompanyID>`, ""},
		{"invoice", "Dont éco-participation : 0.50 EUR", ""},
		{"invoice", "Unité : coffret de 10", `unitCode="PCE"`},
		{"credit_note", "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>", "PaymentMeans"},
		{"credit_note", "<cbc:ID>F-2026-0001</cbc:ID>", "DueDate"},
		{"discounts", "<cbc:ProfileID>M1</cbc:ProfileID>", "EndpointID"},
		{"discounts", "#PMD#Pénalités", "taxe d&#39;après les débits"},
		{"abroad", "<cbc:ID>K</cbc:ID>", "schemeID=\"0002\">784"},
		{"abroad", "VATEX-EU-IC", ""},
		{"outside", "VATEX-EU-O", "PartyTaxScheme"},
		{"outside", "<cbc:ID>O</cbc:ID>", "Percent"},
		{"exempt", "VATEX-EU-132-1I", ""},
		{"back", `unitCode="C62">-2<`, "PaymentMeans"},
	} {
		s := scenes()[row.scene]
		text := string(written(t, s.v, s.opts))
		if !strings.Contains(text, row.has) {
			t.Errorf("%s: has no %s", row.scene, row.has)
		}
		if row.hasNot != "" && strings.Contains(text, row.hasNot) {
			t.Errorf("%s: has %s", row.scene, row.hasNot)
		}
	}
}

// An invoice that was paid before says so in its process, and a foreign seller has none.
func TestProcess(t *testing.T) {
	s := scenes()["invoice"]
	s.v.Totals.Prepaid = s.v.Totals.Gross
	added(s.v)
	if text := string(written(t, s.v, s.opts)); !strings.Contains(text, "<cbc:ProfileID>B2</cbc:ProfileID>") {
		t.Error("paid before, and no B2")
	}
	s.v.DueOn = 0 // that of a paid one is when it was paid (BR-FR-CO-09)
	if text := string(written(t, s.v, s.opts)); !strings.Contains(text, "<cbc:ProfileID>B1</cbc:ProfileID>") {
		t.Error("no date of payment, and B2")
	}
	s.v.Totals.Rounding, s.v.DueOn = eur("0.02"), s.v.IssuedOn // and there is nothing to pay (likewise)
	added(s.v)
	if text := string(written(t, s.v, s.opts)); !strings.Contains(text, "<cbc:ProfileID>B1</cbc:ProfileID>") {
		t.Error("two cents to pay, and B2")
	}
	s.v.Seller.Address.Country = "BE"
	if text := string(written(t, s.v, s.opts)); strings.Contains(text, "ProfileID") {
		t.Error("a Belgian seller has a French process")
	}
}

// What is collected in another currency than that of SEPA is a direct debit, and none of SEPA.
func TestDebitOutsideSEPA(t *testing.T) {
	v := invoice(line(1, "Guide", "1", "10", "10.00", "20"))
	v.Mandate, v.Currency = "FR83ZZZ459654/RUM-17", money.USD
	v.Lines[0].Net = money.New(1000, money.USD)
	text := string(written(t, added(v), nil))
	if !strings.Contains(text, "<cbc:PaymentMeansCode>49</cbc:PaymentMeansCode>") || !strings.Contains(text, "<cbc:ID>RUM-17</cbc:ID>") ||
		strings.Contains(text, "SEPA") {
		t.Errorf("got\n%s", text)
	}
}

// The document tells of no delivery what is not so of all its goods: one that went elsewhere, or of which nothing is told, keeps the date
// and the street to the lines that have them. Services are delivered nowhere.
func TestDeliveryInCommon(t *testing.T) {
	lyon := &billing.Delivery{On: day("2026-11-06"), To: &party.Address{StreetName: "rue Neuve", TownName: "Lyon", Country: "FR"}}
	nice := &billing.Delivery{On: day("2026-11-07"), To: &party.Address{StreetName: "rue Droite", TownName: "Nice", Country: "FR"}}
	dated := &billing.Delivery{On: day("2026-11-06")}
	for i, row := range []struct {
		lines        []*billing.Delivery
		last         billing.Supply
		date, street bool
	}{
		{[]*billing.Delivery{lyon, lyon}, billing.Goods, true, true},
		{[]*billing.Delivery{lyon, nice}, billing.Goods, false, false},
		{[]*billing.Delivery{lyon, nil}, billing.Goods, false, false},
		{[]*billing.Delivery{nil, lyon}, billing.Goods, false, false},
		{[]*billing.Delivery{nice, nil, lyon}, billing.Goods, false, false},
		{[]*billing.Delivery{lyon, nil}, billing.Services, true, true},
		{[]*billing.Delivery{lyon, dated}, billing.Goods, true, false},
		{[]*billing.Delivery{dated, lyon}, billing.Goods, true, false},
	} {
		v := invoice()
		v.Lines = v.Lines[:len(row.lines)]
		for k, d := range row.lines {
			v.Lines[k].Delivery = d
		}
		v.Lines[len(v.Lines)-1].Supply = row.last
		_, text, _ := strings.Cut(string(written(t, added(v), nil)), "</cac:AccountingCustomerParty>")
		head, lines, _ := strings.Cut(text, "<cac:TaxTotal>")
		if strings.Contains(head, "ActualDeliveryDate") != row.date || strings.Contains(head, "rue Neuve") != row.street || !strings.Contains(head, "FR") {
			t.Errorf("row %d: got %s", i, head)
		}
		if strings.Contains(lines, "Livraison : rue Neuve, Lyon, FR") == row.street {
			t.Errorf("row %d: the street is told twice, or not at all", i)
		}
	}
}

// Charges that come to nothing have their sum as well: BR-CO-11 and 12 ask for it wherever there is one.
func TestSumsOfNothing(t *testing.T) {
	v := invoice()
	v.Charges = []billing.Charge{
		{Why: "Port offert", Net: eur("0.00"), VAT: billing.MustVATAt("20")},
		{Why: "Remise", Allowance: true, Net: eur("0.00"), VAT: billing.MustVATAt("20")},
	}
	text := string(written(t, v, nil)) // with totals that leave them out
	for _, want := range []string{`<cbc:AllowanceTotalAmount currencyID="EUR">0.00<`, `<cbc:ChargeTotalAmount currencyID="EUR">0.00<`} {
		if !strings.Contains(text, want) {
			t.Errorf("has no %s", want)
		}
	}
}

// An id of a party has a scheme wherever the law's own number is known: France takes no id without one (BR-FR-CO-10). Only who has no such
// number is told apart by our reference.
func TestIDsHaveSchemes(t *testing.T) {
	s := scenes()["invoice"]
	if text := string(written(t, s.v, s.opts)); strings.Contains(text, "<cbc:ID>AGENCE</cbc:ID>") || strings.Contains(text, "<cbc:ID>CE-ACME</cbc:ID>") {
		t.Error("a party with a SIREN has an id without a scheme")
	}
	s = scenes()["abroad"]
	text := string(written(t, s.v, s.opts))
	if strings.Contains(text, "<cbc:ID>AGENCE</cbc:ID>") || !strings.Contains(text, "<cbc:ID>CE-ACME</cbc:ID>") {
		t.Errorf("got %s", text)
	}
}
