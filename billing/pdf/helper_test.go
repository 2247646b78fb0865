package pdf_test

import (
	"fmt"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

func day(s string) civil.Date { return civil.MustParseDate(s) }

func eur(s string) money.Amount { return money.MustParseAmount(s, money.EUR) }

// invoice is one of some lines, with all that an invoice can show.
func invoice(lines int) *billing.Invoice {
	paris := party.Address{StreetName: "rue du Bac", BuildingNumber: "12", PostCode: "75007", TownName: "Paris", Country: "FR"}
	v := &billing.Invoice{
		Number: "F-2026-0001", Kind: billing.Periodic, Contract: "CTR-1", Currency: money.EUR, Zone: "Europe/Paris",
		Period:   billing.Period{From: day("2026-11-01"), Through: day("2026-11-30")},
		IssuedOn: day("2026-12-01"), DueOn: day("2026-12-31"), Mandate: "FR83ZZZ459654/RUM-17", Supply: billing.Both, VATOnDebits: true,
		Seller: party.Party{Reference: "AGENCE", Name: "Agence de voyages", SIREN: "356000000", VATNumber: "FR39356000000", Address: paris},
		Buyer: party.Party{
			Reference: "CE-ACME", Name: "Comité d'entreprise ACME", SIRET: "35600000000048",
			Address: party.Address{PostBox: "BP 12", BuildingName: "Tour B", Floor: "3e étage", TownName: "Lyon", PostCode: "69002", Country: "FR"},
		},
		Charges: []billing.Charge{
			{Why: "Remise de fin d'année", Allowance: true, Net: eur("50.00"), VAT: billing.MustVATAt("20")},
			{Why: "Port", Net: eur("8.33"), VAT: billing.MustVATAt("20")},
		},
	}
	vats := []billing.VAT{billing.MustVATAt("20"), billing.MustVATAt("5.5"), {Category: billing.Exempt}}
	for i := range lines {
		l := billing.InvoiceLine{
			Order: fmt.Sprintf("CMD-%d", i/3+1), On: v.Period.From.AddDays(i % 30), Product: fmt.Sprintf("REF-%d", i+1),
			Label:    fmt.Sprintf("Imprimante laser n° %d", i+1),
			Quantity: billing.Whole(i%7 + 1), UnitPrice: billing.MustParsePrice("1149.99"), VAT: vats[i%3],
		}
		l.Net, _ = eur("1149.99").Mul(int64(i%7 + 1))
		switch i % 10 {
		case 0:
			l.Label = "Séjour « Œuvres & cœurs » à Saint-Étienne : vol, hôtel ★★★, petit-déjeuner, " +
				"transfert et assurance annulation pour 2 adultes et 3 enfants (tarif négocié)"
			l.Unit, l.EcoParticipation = "PCE", eur("0.50")
			l.Delivery = &billing.Delivery{On: day("2026-11-06"), To: &paris}
		case 7:
			l.Allowance, l.Refund = eur("149.99"), ""
			l.Net, _ = l.Net.Sub(l.Allowance)
		}
		v.Lines = append(v.Lines, l)
	}
	v.Totals.Prepaid, v.Totals.Rounding = eur("100.00"), eur("0.01")
	return added(v)
}

func added(v *billing.Invoice) *billing.Invoice {
	if err := v.AddUp(); err != nil {
		panic(err)
	}
	return v
}
