package party_test

import (
	"testing"

	"github.com/payrules/payrules/internal/reasons"
	"github.com/payrules/payrules/party"
)

// Every reason, in order of precedence, each in the rows that produce it. Where a row names another reason that applies as well, it
// is the later one, and the first is given.
func TestReasons(t *testing.T) {
	rows := []struct {
		reason party.Reason
		check  interface{ Validate() error }
		also   party.Reason
	}{
		{party.Missing, party.IBAN(""), party.BadLength},
		{party.Missing, &party.Address{TownName: "", Country: "ZZ"}, party.UnknownCountry},
		{party.BadLength, party.IBAN("us14-"), party.BadCharacter},
		{party.BadLength, party.MandateReference("/_23456789012345678901234567890123456"), party.BadCharacter},
		{party.BadCharacter, party.IBAN("ZZ1420041010050500013M0260é"), party.UnknownCountry},
		{party.BadCharacter, party.MandateReference("//_"), party.WrongStructure},
		{party.UnknownCountry, party.IBAN("ZZ1420041010050500013M"), party.WrongCheckDigits},
		{party.UnknownCountry, party.VATNumber("ZZ99"), party.WrongStructure},
		{party.WrongLengthForCountry, party.IBAN("FRA420041010050500013M"), party.WrongStructure},
		{party.WrongLengthForCountry, party.CreditorID("FRA3ZZZ4596545"), party.WrongStructure},
		{party.WrongStructure, party.IBAN("FRA420041010050500013M02606"), party.WrongCheckDigits},
		{party.WrongStructure, party.VATNumber("FR5315789634"), party.WrongCheckDigits},
		{party.WrongCheckDigits, &party.Party{Reference: "7", Name: "A", SIREN: "356000000", VATNumber: "FR53784671695"}, party.Conflicting},
		{party.Conflicting, &party.Party{Reference: "7", Name: "A", SIREN: "356000000", VATNumber: "FR85784671695"}, ""},
	}
	var produced []reasons.Row[party.Reason]
	for _, r := range rows {
		if got := why(t, r.check.Validate()); got != r.reason {
			t.Errorf("%#v: got %q, want %q", r.check, got, r.reason)
		}
		produced = append(produced, reasons.Row[party.Reason]{Reason: r.reason, Also: r.also})
	}
	reasons.Check(t, party.Reasons, produced)
	if !party.Reason("").Valid() {
		t.Error("no reason is not valid")
	}
}
