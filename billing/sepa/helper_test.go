package sepa_test

import (
	"bytes"
	"flag"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/billing/sepa"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

var update = flag.Bool("update", false, "write the golden files anew")

// created is a Monday; the days after it are TARGET days until Christmas.
var created = time.Date(2026, 11, 23, 8, 30, 0, 250_000_000, time.UTC)

// property checks a law: thirty times as often when the campaigns are to be long ones.
func property(t *testing.T, law func(*rapid.T)) {
	t.Helper()
	for range campaign.Size(1, 10) {
		rapid.Check(t, law)
	}
}

func day(s string) civil.Date { return civil.MustParseDate(s) }

func eur(s string) money.Amount { return money.MustParseAmount(s, money.EUR) }

const (
	horizon = party.CreditorID("FR83ZZZ459654")
	nordsee = party.CreditorID("DE98ZZZ09999999999")
)

// creditors are those of the tests.
func creditors() []sepa.Creditor {
	return []sepa.Creditor{
		{ID: horizon, IBAN: "FR1420041010050500013M02606", BIC: "PSSTFRPPPAR", Address: party.Address{
			StreetName: "rue de l'Échiquier", BuildingNumber: "14 bis", PostCode: "75010", TownName: "Paris", Country: "FR",
		}},
		{ID: nordsee, IBAN: "DE87200500001234567890"},
	}
}

// mandate is active, of Horizon's by Anna, under CORE.
func mandate(reference string) contract.MandateView {
	return contract.MandateView{
		Mandate: string(horizon) + "/" + reference, Revision: 3, Scheme: contract.Core, Kind: contract.Recurrent,
		Reference: party.MandateReference(reference), Creditor: horizon, CreditorName: "Agence Horizon", Debtor: "Anna Larsson",
		IBAN: "NL91ABNA0417164300", BIC: "ABNANL2A", SignedOn: day("2026-01-15"),
		Phases: []contract.MandatePhase{
			{Status: contract.MandateDraft},
			{From: time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC), Status: contract.MandateActive},
		},
		RecordedAt: time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC),
	}
}

// collection is one by such a mandate.
func collection(endToEnd, amount, due string) sepa.Collection {
	return sepa.Collection{EndToEndID: endToEnd, Mandate: mandate("RUM-" + endToEnd), Amount: eur(amount), Due: day(due), Remittance: "Invoice " + endToEnd}
}

// scenes are the messages of the golden files.
func scenes() map[string]*sepa.Message {
	amended := collection("F2026-0003", "1094.86", "2026-12-07")
	amended.Mandate.Debtor, amended.Mandate.BIC = "Łukasz & Zoë Weiß", ""
	amended.Mandate.Amendment = &contract.Amendment{
		Reference: "OLD-RUM-3", Creditor: nordsee, CreditorName: "Horizont Reisebüro", IBAN: "BE68539007547034", BIC: "GKCCBEBB",
	}
	moved := collection("F2026-0004", "0.01", "2026-12-07")
	moved.Mandate.Amendment = &contract.Amendment{IBAN: "BE68539007547034"}
	last := collection("F2026-0005", "999999999.99", "2026-12-07")
	last.Sequence, last.Remittance = sepa.Final, ""
	once := collection("F2026-0006", "750.00", "2026-12-07")
	once.Mandate.Kind = contract.OneOff
	swiss := collection("F2026-0007", "12.34", "2026-12-09")
	swiss.Mandate.Creditor, swiss.Mandate.CreditorName, swiss.Mandate.IBAN, swiss.Mandate.BIC = nordsee, "Nordsee Fähren GmbH", "CH9300762011623852957", "UBSWCHZH80A"
	swiss.Address = party.Address{StreetName: "Zürichbergstraße", BuildingNumber: "7", PostCode: "8044", TownName: "Zürich", Country: "CH"}
	business := collection("B/17", "15000.00", "2026-12-07")
	business.Mandate.Scheme, business.Sequence = contract.B2B, sepa.First
	return map[string]*sepa.Message{
		"core": {ID: "HORIZON-2026-11-23/1", CreatedAt: created, Initiator: "Société Horizon", Creditors: creditors(), Collections: []sepa.Collection{
			collection("F2026-0002", "20.00", "2026-12-08"), swiss, last, amended, once, moved, collection("F2026-0001", "49.99", "2026-12-07"),
		}},
		"b2b": {ID: "HORIZON-B2B-1", CreatedAt: created, Initiator: "Société Horizon", Creditors: creditors(), Collections: []sepa.Collection{business}},
	}
}

// written returns a message as it is written.
func written(t testing.TB, m *sepa.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sepa.Write(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
