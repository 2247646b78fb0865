package einvoice_test

import (
	"bytes"
	"flag"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/einvoice"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

var update = flag.Bool("update", false, "write the golden files anew")

func day(s string) civil.Date { return civil.MustParseDate(s) }

func eur(s string) money.Amount { return money.MustParseAmount(s, money.EUR) }

func seller() party.Party {
	return party.Party{
		Reference: "AGENCE", Name: "Agence de voyages", Kind: party.Business, SIREN: "356000000", VATNumber: "FR39356000000",
		Address: party.Address{StreetName: "rue du Bac", BuildingNumber: "12", PostCode: "75007", TownName: "Paris", Country: "FR"},
	}
}

func buyer() party.Party {
	return party.Party{
		Reference: "CE-ACME", Name: "Comité d'entreprise ACME & fils", Kind: party.Business, SIREN: "784671695", VATNumber: "FR85784671695",
		Address: party.Address{
			PostBox: "BP 12", BuildingName: "Tour B", Floor: "3e étage", PostCode: "69002", TownName: "Lyon", DistrictName: "Perrache", Country: "FR",
		},
	}
}

func line(n int, label, quantity, price, net, percent string) billing.InvoiceLine {
	q, err := billing.ParseQuantity(quantity)
	if err != nil {
		panic(err)
	}
	return billing.InvoiceLine{
		Operation: "op-1", Order: "CMD-1", Line: n, On: day("2026-11-05"), Label: label, Supply: billing.Goods, Quantity: q,
		UnitPrice: billing.MustParsePrice(price), Net: eur(net), VAT: billing.MustVATAt(percent),
	}
}

// invoice is one of November with three rates.
func invoice(lines ...billing.InvoiceLine) *billing.Invoice {
	v := &billing.Invoice{
		Number: "F-2026-0001", Kind: billing.Periodic, Contract: "CTR-1", Currency: money.EUR, Zone: "Europe/Paris",
		Period:   billing.Period{From: day("2026-11-01"), Through: day("2026-11-30")},
		IssuedOn: day("2026-12-01"), DueOn: day("2026-12-31"), Seller: seller(), Buyer: buyer(), Supply: billing.Goods, Lines: lines,
	}
	if len(lines) == 0 {
		v.Lines = []billing.InvoiceLine{
			line(1, "Imprimante <laser>", "2", "149.995", "299.99", "20"),
			line(2, "Guide de Lyon", "10", "12.5", "125.00", "5.5"),
			line(3, "Timbres", "100", "1.16", "116.00", "0"),
		}
	}
	return added(v)
}

// added gives an invoice its taxes and totals.
func added(v *billing.Invoice) *billing.Invoice {
	if err := v.AddUp(); err != nil {
		panic(err)
	}
	return v
}

func taxed(l billing.InvoiceLine, c billing.VATCategory) billing.InvoiceLine {
	l.VAT = billing.VAT{Category: c}
	return l
}

// scene is an invoice with the options by which it is written.
type scene struct {
	v    *billing.Invoice
	opts *einvoice.Options
}

// scenes are the invoices of the golden files.
func scenes() map[string]scene {
	full := invoice()
	full.Mandate, full.VATOnDebits = "FR83ZZZ459654/RUM-17", true
	full.Lines[0].Product, full.Lines[0].Unit, full.Lines[0].EcoParticipation = "REF-9", "PCE", eur("0.50")
	full.Lines[1].Unit = "coffret de 10"
	lyon := party.Address{StreetName: "rue Neuve", PostCode: "69002", TownName: "Lyon", Country: "FR"}
	full.Lines[0].Delivery = &billing.Delivery{On: day("2026-11-06"), To: &lyon}

	note := invoice(line(1, "Imprimante <laser>", "1", "149.995", "150.00", "20"))
	note.Kind, note.Number, note.Corrects, note.DueOn, note.Mandate = billing.CreditNote, "F-2026-0002", "F-2026-0001", 0, "FR83ZZZ459654/RUM-17"
	note.Lines[0].Refund = "R-1"
	note.Taxes[0].Tax, note.Totals.Tax = eur("29.99"), eur("29.99") // what remains of the invoice
	note.Totals.Gross, note.Totals.Payable = eur("179.99"), eur("179.99")

	discounts := invoice()
	discounts.Lines[0].Allowance, discounts.Lines[0].Net = eur("19.99"), eur("280.00")
	discounts.Supply, discounts.Seller.SIRET = billing.Both, "35600000000048"
	discounts.Charges = []billing.Charge{
		{Why: "Remise de fin d'année", Allowance: true, Net: eur("50.00"), VAT: billing.MustVATAt("20")},
		{Why: "Port", Net: eur("8.33"), VAT: billing.MustVATAt("20")},
	}
	discounts.Totals.Prepaid, discounts.Totals.Rounding = eur("100.00"), eur("0.02")
	added(discounts)

	exempt := invoice(taxed(line(1, "Formation", "7", "90", "630.00", "0"), billing.Exempt), line(2, "Manuel", "1", "30", "30.00", "20"))
	exempt.Lines[0].Unit, exempt.Lines[0].Supply, exempt.Supply = "heures", billing.Services, billing.Both

	abroad := invoice(
		taxed(line(1, "Presse", "1", "1000", "1000.00", "0"), billing.IntraEU),
		taxed(line(2, "Pièces", "2.5", "3.333333", "8.33", "0"), billing.IntraEU),
	)
	abroad.Buyer.SIREN, abroad.Buyer.VATNumber, abroad.Buyer.Address.Country = "", "BE0403019261", "BE"
	for i, town := range []string{"Gent", "Liège"} {
		abroad.Lines[i].Delivery = &billing.Delivery{On: day("2026-11-09"), To: &party.Address{TownName: town, Country: "BE"}}
	}

	outside := invoice(taxed(line(1, "Dédit", "1", "500", "500.00", "0"), billing.OutOfScope))
	outside.Supply = billing.Services

	back := invoice(line(1, "Imprimante", "1", "60", "60.00", "20"), line(2, "Imprimante", "-2", "60", "-120.00", "20"))
	back.DueOn, back.Mandate = 0, "RUM-1"
	for _, v := range []*billing.Invoice{full, exempt, abroad, outside, back} {
		added(v)
	}
	return map[string]scene{
		"invoice": {full, &einvoice.Options{
			DebitedAccount: "FR1420041010050500013M02606", BuyerEndpoint: einvoice.Endpoint{Scheme: "0225", ID: "784671695"},
		}},
		"credit_note": {note, &einvoice.Options{CorrectsFrom: day("2026-12-01")}},
		"discounts": {discounts, &einvoice.Options{
			BuyerReference: "SERVICE-7", Notes: []einvoice.Note{{Subject: "PMD", Text: "Pénalités : 3 fois le taux légal"}, {Text: "Merci"}},
		}},
		"exempt": {exempt, &einvoice.Options{
			Process:    "M1",
			Exemptions: map[billing.VATCategory]einvoice.Exemption{billing.Exempt: {Code: "VATEX-EU-132-1I", Reason: "Article 261-4-4° du CGI"}},
		}},
		"abroad":  {abroad, nil},
		"outside": {outside, nil},
		"back":    {back, nil},
	}
}

// written is the XML of an invoice.
func written(t interface {
	Helper()
	Fatal(...any)
}, v *billing.Invoice, opts *einvoice.Options,
) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := einvoice.Write(&b, v, opts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// characters are what texts are drawn from: all kinds that XML can hold, and a label may.
var characters = []rune("aZ09 &<>\"'/-]éłß€漢א𝒲🏦\u0301\u200d\ufffd\u2028")

// drawn draws an invoice that adds up, with the options by which it can be written.
func drawn(t *rapid.T) (*billing.Invoice, *einvoice.Options) {
	text := func(name string) string {
		return "x" + rapid.StringOfN(rapid.SampledFrom(characters), 0, 40, -1).Draw(t, name)
	}
	yes := func(name string) bool { return rapid.Bool().Draw(t, name) }
	currency := rapid.SampledFrom([]money.Currency{money.EUR, money.USD, money.JPY}).Draw(t, "currency")
	taxes := []billing.VAT{
		billing.MustVATAt("20"), billing.MustVATAt("5.5"), billing.MustVATAt("2.1"), billing.MustVATAt("0"),
		{Category: billing.Exempt}, {Category: billing.ReverseCharge}, {Category: billing.Export}, billing.MustVATAt("33.3"),
	}
	vat := func() billing.VAT { return rapid.SampledFrom(taxes).Draw(t, "vat") }
	amount := func(name string, most int64) money.Amount {
		return money.New(rapid.Int64Range(0, most).Draw(t, name), currency)
	}
	v := invoice()
	v.Currency, v.Lines, v.Number = currency, nil, text("number")
	v.Mandate = rapid.SampledFrom([]string{"", "RUM-1", "FR83ZZZ459654/RUM-1"}).Draw(t, "mandate")
	v.VATOnDebits = yes("debits")
	if yes("credit note") {
		v.Kind, v.Corrects, v.DueOn = billing.CreditNote, text("corrects"), 0
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "lines") {
		price, err := billing.PriceOf(amount("price", 1e9))
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.Int64Range(1, 1000).Draw(t, "quantity")
		l := billing.InvoiceLine{
			Order: text("order"), Line: i + 1, On: v.IssuedOn, Label: text("label"), Quantity: billing.Whole(int(n)), UnitPrice: price,
			Unit: rapid.SampledFrom([]string{"", "kg", "PCE", "coffret"}).Draw(t, "unit"), VAT: vat(),
		}
		if l.Net, err = money.MustParseAmount(price.String(), currency).Mul(n); err != nil {
			t.Fatal(err)
		}
		if yes("allowance") {
			l.Allowance = amount("line allowance", l.Net.Minor())
			l.Net, _ = l.Net.Sub(l.Allowance)
		}
		if yes("delivery") {
			town := party.Address{
				TownName: rapid.SampledFrom([]string{"Lyon", "Gent & \"Co\"", "<Łódź>"}).Draw(t, "town"),
				Country:  rapid.SampledFrom([]party.Country{"FR", "BE"}).Draw(t, "country"),
			}
			l.Delivery = &billing.Delivery{On: v.IssuedOn.AddDays(-rapid.IntRange(0, 1).Draw(t, "ago")), To: &town}
		}
		v.Lines = append(v.Lines, l)
	}
	for range rapid.IntRange(0, 3).Draw(t, "charges") {
		v.Charges = append(v.Charges, billing.Charge{Why: text("why"), Allowance: yes("allowance"), Net: amount("charge", 1e6), VAT: vat()})
	}
	if yes("prepaid") {
		v.Totals.Prepaid = amount("prepaid", 1e6)
	}
	if yes("rounding") {
		v.Totals.Rounding = money.New(rapid.Int64Range(-50, 50).Draw(t, "rounding"), currency)
	}
	return added(v), &einvoice.Options{Exemptions: map[billing.VATCategory]einvoice.Exemption{billing.Exempt: {Reason: text("reason")}}}
}
