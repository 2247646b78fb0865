package party_test

import (
	"regexp"
	"slices"
	"testing"

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
	all := party.Reasons()
	for _, r := range rows {
		if got := why(t, r.check.Validate()); got != r.reason {
			t.Errorf("%#v: got %q, want %q", r.check, got, r.reason)
		}
		if r.also != "" && slices.Index(all, r.also) <= slices.Index(all, r.reason) {
			t.Errorf("%s: %s comes before it", r.reason, r.also)
		}
	}
	shape := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	at := 0
	for i, reason := range all {
		if !shape.MatchString(string(reason)) || !reason.Valid() || slices.Index(all, reason) != i {
			t.Errorf("reason %q: malformed, or there twice", reason)
		}
		if at == len(rows) || rows[at].reason != reason {
			t.Errorf("reason %q: no row produces it, or the rows are not in order of precedence", reason)
		}
		for at < len(rows) && rows[at].reason == reason {
			at++
		}
	}
	if party.Reason("nonsense").Valid() || !party.Reason("").Valid() {
		t.Error("Valid: nonsense is none, and no reason is one")
	}
	all[0] = "changed"
	if party.Reasons()[0] == "changed" {
		t.Error("Reasons hands out its own list")
	}
}
