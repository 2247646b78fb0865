package party_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payrules/payrules/party"
)

// seat is an address with every field.
func seat() party.Address {
	return party.Address{
		Department: "Achats", SubDepartment: "Comptabilité", StreetName: "Rue du Colonel Pierre Avia", BuildingNumber: "9 bis",
		BuildingName: "Brune", Floor: "3", PostBox: "7", Room: "12", PostCode: "75015", TownName: "Paris", TownLocationName: "Vaugirard",
		DistrictName: "15e", CountrySubDivision: "Île-de-France", Country: "FR",
	}
}

// customer is a party with every field.
func customer() party.Party {
	return party.Party{
		Reference: "customer-7", Name: "La Poste", Kind: party.Business, SIREN: "356000000", SIRET: "35600000000048",
		VATNumber: "FR39356000000", Address: seat(),
	}
}

// What is stored of a party, and read back.
func TestPartyJSON(t *testing.T) {
	want := `{"reference":"customer-7","name":"La Poste","kind":"business","siren":"356000000","siret":"35600000000048",` +
		`"vat_number":"FR39356000000","address":{"department":"Achats","sub_department":"Comptabilité",` +
		`"street_name":"Rue du Colonel Pierre Avia","building_number":"9 bis","building_name":"Brune","floor":"3","post_box":"7",` +
		`"room":"12","post_code":"75015","town_name":"Paris","town_location_name":"Vaugirard","district_name":"15e",` +
		`"country_sub_division":"Île-de-France","country":"FR"}}`
	for text, p := range map[string]party.Party{want: customer(), `{"reference":"7","name":"Anna Berg"}`: {Reference: "7", Name: "Anna Berg"}} {
		got, err := json.Marshal(p)
		if err != nil || string(got) != text {
			t.Errorf("got %s %v\nwant %s", got, err, text)
		}
		var back party.Party
		if err := json.Unmarshal(got, &back); err != nil || back != p {
			t.Errorf("%v\n%s", err, cmp.Diff(p, back))
		}
		if err := back.Validate(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Each row breaks one field of a party that is right, and the error names it.
func TestParties(t *testing.T) {
	for _, r := range []struct {
		story string
		spoil func(*party.Party)
		field string
		want  party.Reason
	}{
		{"all is right", func(*party.Party) {}, "", ""},
		{"no more than is needed", func(p *party.Party) { *p = party.Party{Reference: "7", Name: "Anna"} }, "", ""},
		{"nothing is known", func(p *party.Party) { *p = party.Party{} }, "reference", party.Missing},
		{"a long reference", func(p *party.Party) { p.Reference = strings.Repeat("é", 64) }, "", ""},
		{"a longer one", func(p *party.Party) { p.Reference = strings.Repeat("é", 65) }, "reference", party.BadLength},
		{"no name", func(p *party.Party) { p.Name = "" }, "name", party.Missing},
		{"a name of 140 characters", func(p *party.Party) { p.Name = strings.Repeat("漢", 140) }, "", ""},
		{"one of 141", func(p *party.Party) { p.Name = strings.Repeat("漢", 141) }, "name", party.BadLength},
		{"a flood", func(p *party.Party) { p.Name = strings.Repeat("x", 1<<20) }, "name", party.BadLength},
		{"two lines", func(p *party.Party) { p.Name = "La\nPoste" }, "name", party.BadCharacter},
		{"not UTF-8", func(p *party.Party) { p.Name = "La Post\xe9" }, "name", party.BadCharacter},
		{"what XML cannot hold", func(p *party.Party) { p.Name = "La Poste\uffff" }, "name", party.BadCharacter},
		{"a space after", func(p *party.Party) { p.Name = "La Poste " }, "name", party.BadCharacter},
		{"a consumer", func(p *party.Party) { p.Kind = party.Consumer }, "", ""},
		{"neither of the kinds", func(p *party.Party) { p.Kind = "PARTICULAR" }, "kind", party.WrongStructure},
		{"a wrong SIREN", func(p *party.Party) { p.SIREN = "356000001" }, "siren", party.WrongCheckDigits},
		{"a wrong SIRET", func(p *party.Party) { p.SIRET = "35600000000049" }, "siret", party.WrongCheckDigits},
		{"the seed's VAT number", func(p *party.Party) { p.VATNumber = "FR53157896342" }, "vat_number", party.WrongCheckDigits},
		{"another's SIREN", func(p *party.Party) { p.SIREN = "784671695" }, "siret", party.Conflicting},
		{"another's SIRET", func(p *party.Party) { p.SIRET = "73282932000074" }, "siret", party.Conflicting},
		{"another's VAT number", func(p *party.Party) { p.VATNumber = "FR85784671695" }, "vat_number", party.Conflicting},
		{"the same, beside the SIRET alone", func(p *party.Party) { p.SIREN, p.VATNumber = "", "FR85784671695" }, "vat_number", party.Conflicting},
		{"a VAT number of another country", func(p *party.Party) { p.VATNumber = "DE136695976" }, "", ""},
		{"no address", func(p *party.Party) { p.Address = party.Address{} }, "", ""},
		{"a town without a country", func(p *party.Party) { p.Address = party.Address{TownName: "Paris"} }, "address.country", party.Missing},
		{"a country without a town", func(p *party.Party) { p.Address = party.Address{Country: "FR"} }, "address.town_name", party.Missing},
		{"a town that is blank", func(p *party.Party) { p.Address.TownName = " " }, "address.town_name", party.BadCharacter},
		{"a country that is none", func(p *party.Party) { p.Address.Country = "ZZ" }, "address.country", party.UnknownCountry},
	} {
		p := customer()
		r.spoil(&p)
		err := p.Validate()
		if got := why(t, err); got != r.want {
			t.Errorf("%s: got %q, want %q", r.story, got, r.want)
		}
		var e *party.Error
		if errors.As(err, &e) && e.Field != r.field {
			t.Errorf("%s: the error names %q, want %q", r.story, e.Field, r.field)
		}
	}
}

// Every field of an address is as long as PostalAddress24 of ISO 20022 has it, and no longer.
func TestAddressLengths(t *testing.T) {
	for field, most := range map[string]int{
		"department": 70, "sub_department": 70, "street_name": 70, "building_number": 16, "building_name": 35, "floor": 70, "post_box": 16,
		"room": 70, "post_code": 16, "town_name": 35, "town_location_name": 35, "district_name": 35, "country_sub_division": 35,
	} {
		for _, r := range []struct {
			text string
			want party.Reason
		}{
			{strings.Repeat("Ż", most), ""},
			{strings.Repeat("Ż", most+1), party.BadLength},
			{"a\u0085", party.BadCharacter},
		} {
			a := seat()
			text, _ := json.Marshal(map[string]string{field: r.text})
			if err := json.Unmarshal(text, &a); err != nil {
				t.Fatal(err)
			}
			err := a.Validate()
			var e *party.Error
			if got := why(t, err); got != r.want || errors.As(err, &e) && e.Field != field {
				t.Errorf("%s of %d bytes: got %v, want %q", field, len(r.text), err, r.want)
			}
		}
	}
	a := seat()
	if a.IsZero() || !(&party.Address{}).IsZero() {
		t.Error("IsZero")
	}
}
