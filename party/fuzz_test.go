package party_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/payrules/payrules/party"
)

// fuzz holds that a parser never panics, that an error is one of this package and gives nothing away, and that what is accepted
// is valid, stays the same when it is parsed again, and is what was written but for spaces.
func fuzz[T identifier](f *testing.F, parse func(string) (T, error), seeds ...string) {
	for _, s := range append(seeds, "", " ", "FR", "\xff", "é", strings.Repeat("0", 40)) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parse(s)
		if err != nil {
			if why(t, err); got != "" {
				t.Fatalf("%q beside %v", got, err)
			}
			var e *party.Error
			if errors.As(err, &e) && err.Error() != "party: invalid "+e.Field+": "+string(e.Reason) {
				t.Fatalf("%q says more than the field and the reason", err)
			}
			return
		}
		again, err := parse(string(got))
		if err != nil || again != got || got.Validate() != nil {
			t.Fatalf("%q became %q, and then %q: %v %v", s, got, again, err, got.Validate())
		}
		if string(got) != s && string(got) != strings.ReplaceAll(s, " ", "") {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

func FuzzParseIBAN(f *testing.F) {
	fuzz(f, func(s string) (party.IBAN, error) {
		b, err := party.ParseIBAN(s)
		if err != nil {
			return b, err
		}
		return party.ParseIBAN(b.Print()) // which is stable too
	}, append(examples, "FR14 2004 1010 0505 0001 3M02 606", "FR7612548029989876543210917")...)
}

func FuzzParseBIC(f *testing.F) { fuzz(f, party.ParseBIC, "BNPAFRPP", "BNPAFRPPXXX", "1A2BFRPP") }

func FuzzParseCreditorID(f *testing.F) {
	fuzz(f, party.ParseCreditorID, append(creditors, "FR83ZZZ459654", "FR83 ZZZ 459654", "DE98ZZZ09999999999")...)
}

func FuzzParseMandateReference(f *testing.F) {
	fuzz(f, party.ParseMandateReference, "RUM08918098739762ABCGDF65524255658", "a/b", "//", "a b")
}

func FuzzParseSIREN(f *testing.F) { fuzz(f, party.ParseSIREN, "356000000", "784 671 695") }

func FuzzParseSIRET(f *testing.F) { fuzz(f, party.ParseSIRET, "35600000000048", "35600000049837") }

func FuzzParseVATNumber(f *testing.F) {
	fuzz(f, party.ParseVATNumber, "FR39356000000", "FRK7399859412", "BE0428759497", "DE136695976", "IT00743110157", "LU15027442", "IE1+23456L", "RO12")
}

func FuzzParseCountry(f *testing.F) { fuzz(f, party.ParseCountry, "FR", "XK", "fr", "D ") }

// Whatever JSON says of a party is refused with a reason, or is written as JSON that says the same.
func FuzzParty(f *testing.F) {
	full, err := json.Marshal(customer())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(full)
	f.Add([]byte(`{"reference":"7","name":"Anna","address":{"town_name":"Paris","country":"FR"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var p, again party.Party
		if json.Unmarshal(text, &p) != nil {
			return
		}
		if err := p.Validate(); err != nil {
			why(t, err)
			return
		}
		written, err := json.Marshal(&p)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &again); err != nil || again != p || again.Validate() != nil {
			t.Fatalf("%s became %s: %v %v", text, written, err, again.Validate())
		}
	})
}
