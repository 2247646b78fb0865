package party_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/payrules/payrules/party"
)

// identifier is what all identifiers have.
type identifier interface {
	~string
	Validate() error
}

// row is an identifier as somebody wrote it, its story, and the reason why it is none.
type row struct {
	written, story string
	want           party.Reason
}

// checkRows parses every row, and validates what was parsed.
func checkRows[T identifier](t *testing.T, parse func(string) (T, error), rows []row) {
	t.Helper()
	for _, r := range rows {
		got, err := parse(r.written)
		if reason := why(t, err); reason != r.want {
			t.Errorf("%q, %s: got %q, want %q", r.written, r.story, reason, r.want)
			continue
		}
		if err != nil && got != "" || err == nil && got.Validate() != nil {
			t.Errorf("%q, %s: parsed as %q with %v", r.written, r.story, got, err)
		}
	}
}

func TestBICs(t *testing.T) {
	checkRows(t, party.ParseBIC, []row{
		{"BNPAFRPP", "a head office", ""},
		{"BNPAFRPPXXX", "the same with its branch", ""},
		{"SBOSGIT2XXX", "a digit in the location", ""},
		{"1A2BFRPPXXX", "digits in the prefix, since 2014", ""},
		{"NLPRXKPR", "Kosovo", ""},
		{"", "nothing", party.Missing},
		{"BNPAFRP", "one lost", party.BadLength},
		{"BNPAFRPPX", "half a branch", party.BadLength},
		{"BNPAFRPPXX", "nearly a branch", party.BadLength},
		{"BNPAFRPPXXXX", "one too many", party.BadLength},
		{"bnpafrpp", "lower case", party.BadCharacter},
		{"BNPA FRPP", "a space: BICs have no groups", party.BadLength},
		{"BNPA-FRPP-X", "hyphens", party.BadCharacter},
		{"BNPAF1PP", "a digit in the country", party.WrongStructure},
		{"BNPAZZPP", "no country", party.UnknownCountry},
	})
	for b, full := range map[party.BIC]party.BIC{"BNPAFRPP": "BNPAFRPPXXX", "BNPAFRPPXXX": "BNPAFRPPXXX", "BNPAFRPPA01": "BNPAFRPPA01", "BNPAZZPP": "BNPAZZPP"} {
		if got := b.Full(); got != full {
			t.Errorf("%s: got %s in full, want %s", b, got, full)
		}
	}
	if got := party.BIC("BNPAFRPP").Country(); got != "FR" {
		t.Errorf("got %q", got)
	}
	if got := party.BIC("BNPAZZPP").Country(); got != "" {
		t.Errorf("got %q of what is not valid", got)
	}
}

func TestCreditorIDs(t *testing.T) {
	checkRows(t, party.ParseCreditorID, []row{
		{"FR83ZZZ459654", "the seed's own, and right", ""},
		{"FR83 ZZZ 459654", "as mandates print it", ""},
		{"FR83ABC459654", "the same creditor, another business", ""},
		{"DE98ZZZ09999999999", "the example of the Bundesbank", ""},
		{"BE68ZZZ0123456789", "by enterprise number", ""},
		{"BE69ZZZ050D000000008", "by number of a bank", ""},
		{"EE49ZZZEE00012345678", "with the country of the register", ""},
		{"AT61ZZZ01234567890", "Austria", ""},
		{"LU27ZZZ0000000000123456789", "Luxembourg, long", ""},
		{"MT50ZZZ670169305T", "Malta, which the table has not", ""},
		{"GB23ZZZSDDBARC000000ABCD1234", "through a bank of the United Kingdom", ""},
		{"", "nothing", party.Missing},
		{"FR83ZZZ", "no creditor", party.BadLength},
		{"FR83ZZZ" + strings.Repeat("4", 29), "36 characters", party.BadLength},
		{"FR83zzz459654", "lower case", party.BadCharacter},
		{"FR83-ZZZ-459654", "hyphens", party.BadCharacter},
		{"ZZ83ZZZ459654", "no country", party.UnknownCountry},
		{"1283ZZZ459654", "no country at all", party.UnknownCountry},
		{"FR83ZZZ4596540", "one too many", party.WrongLengthForCountry},
		{"BE68ZZZ01234567890", "between the two of Belgium", party.WrongLengthForCountry},
		{"DE98ZZZ0999999999A", "a letter among the digits", party.WrongStructure},
		{"FRA3ZZZ459654", "a letter in the check digits", party.WrongStructure},
		{"DE26ZZZ00000000000", "nobody", party.WrongCheckDigits},
		{"FR83ZZZ459645", "two swapped", party.WrongCheckDigits},
		{"FR84ZZZ459654", "one check digit off", party.WrongCheckDigits},
		{"MT50ZZZ670169305U", "one letter off, in a country without a structure", party.WrongCheckDigits},
	})
	for _, example := range creditors {
		c := party.CreditorID(example)
		if err := c.Validate(); err != nil || string(c.Country()) != example[:2] || c.Business() != example[4:7] {
			t.Errorf("%s: %v, %q %q", c, err, c.Country(), c.Business())
		}
		for check := range 100 { // of which one fits
			other := party.CreditorID(fmt.Sprintf("%s%02d%s", example[:2], check, example[4:]))
			if (other.Validate() == nil) != (other == c) {
				t.Errorf("%s for %s: %v", other, c, other.Validate())
			}
		}
	}
	c := party.CreditorID("FR83ZZZ459654")
	other, err := c.WithBusiness("A01")
	if err != nil || other != "FR83A01459654" || other.Business() != "A01" || other.Country() != "FR" || other.Validate() != nil {
		t.Errorf("got %q %v", other, err)
	}
	for _, code := range []string{"", "A1", "a01", "A001", "A 1"} {
		if _, err := c.WithBusiness(code); why(t, err) != party.WrongStructure {
			t.Errorf("business code %q: %v", code, err)
		}
	}
	wrong := party.CreditorID("FR84ZZZ459654")
	if _, err := wrong.WithBusiness("A01"); why(t, err) != party.WrongCheckDigits {
		t.Error(err)
	}
	if wrong.Business() != "" || wrong.Country() != "" {
		t.Error("something is told of what is not valid")
	}
}

func TestMandateReferences(t *testing.T) {
	checkRows(t, party.ParseMandateReference, []row{
		{"RUM08918098739762ABCGDF65524255658", "the seed's own", ""},
		{"Mandate 2026/11 (a+b), no. 7: it's?-", "all that there is, but 36 characters", party.BadLength},
		{"Mandate 2026/11 (a+b), n. 7: it's?-", "all that there is", ""},
		{"x", "short", ""},
		{"", "nothing", party.Missing},
		{strings.Repeat("7", 36), "one too many", party.BadLength},
		{"MANDAT_7", "an underscore", party.BadCharacter},
		{"Société 7", "an accent", party.BadCharacter},
		{"a\tb", "a tab", party.BadCharacter},
		{" 7", "a space before", party.BadCharacter},
		{"7 ", "a space after", party.BadCharacter},
		{"/7", "a slash before", party.WrongStructure},
		{"7/", "a slash after", party.WrongStructure},
		{"2026//7", "two slashes", party.WrongStructure},
		{"/", "a slash alone", party.WrongStructure},
	})
	if got, _ := party.ParseMandateReference("aB 7"); got.String() != "aB 7" {
		t.Errorf("got %q: case and spaces are kept", got)
	}
}

func TestSIRENsAndSIRETs(t *testing.T) {
	checkRows(t, party.ParseSIREN, []row{
		{"356000000", "La Poste", ""},
		{"784 671 695", "the seed's, in groups", ""},
		{"732829320", "another", ""},
		{"", "nothing", party.Missing},
		{"78467169", "one lost", party.BadLength},
		{"7846716950", "one too many", party.BadLength},
		{"78467169A", "a letter", party.BadCharacter},
		{"157896342", "what the seed's wrong VAT number is made of", party.WrongCheckDigits},
		{"784671659", "two swapped", party.WrongCheckDigits},
	})
	checkRows(t, party.ParseSIRET, []row{
		{"73282932000074", "an establishment", ""},
		{"732 829 320 00074", "in groups", ""},
		{"35600000000048", "the head office of La Poste: the formula of Luhn", ""},
		{"35600000049837", "an office of La Poste: a sum of 45", ""},
		{"35600000049838", "a sum of 46, and not the formula", party.WrongCheckDigits},
		{"", "nothing", party.Missing},
		{"732829320", "the legal unit alone", party.BadLength},
		{"7328293200007A", "a letter", party.BadCharacter},
		{"73282932000079", "a sum of 52", party.WrongCheckDigits},
		{"73282932000077", "a sum of 50, but not La Poste", party.WrongCheckDigits},
		{"73282932100015", "its own check digit fits, that of the legal unit does not", party.WrongCheckDigits},
	})
	if got := party.SIRET("73282932000074").SIREN(); got != "732829320" {
		t.Errorf("got %q", got)
	}
	if got := party.SIRET("73282932000079").SIREN(); got != "" {
		t.Errorf("got %q of what is not valid", got)
	}
}

func TestVATNumbers(t *testing.T) {
	checkRows(t, party.ParseVATNumber, []row{
		{"FR39356000000", "La Poste", ""},
		{"FR 39 356000000", "in groups", ""},
		{"FR85784671695", "what the seed's should have been", ""},
		{"FR44732829320", "another", ""},
		{"FRK7399859412", "a key that begins with a letter", ""},
		{"FR4Z123456782", "a key that ends with one", ""},
		{"FR53000004605", "of Monaco, without a SIREN", ""},
		{"BE0428759497", "Belgium", ""},
		{"DE136695976", "Germany", ""},
		{"IT00743110157", "Italy", ""},
		{"LU15027442", "Luxembourg", ""},
		{"ATU12345678", "the form is all that is checked here", ""},
		{"ESX9999999X", "a letter at both ends", ""},
		{"ES99999999R", "a letter at the end", ""},
		{"ELX", "Greece, cut off", party.BadLength},
		{"EL123456789", "Greece by its own prefix", ""},
		{"IE1+23456L", "an old Irish one", ""},
		{"NL123456789B01", "the Netherlands", ""},
		{"RO12", "the shortest", ""},
		{"SE123456789001", "the longest", ""},
		{"XIGD123", "a government department of Northern Ireland", ""},
		{"", "nothing", party.Missing},
		{"SE1234567890012", "15 characters", party.BadLength},
		{"fr39356000000", "lower case", party.BadCharacter},
		{"FR39.356.000", "points", party.BadCharacter},
		{"GR123456789", "Greece by its ISO code", party.UnknownCountry},
		{"GB123456789", "the United Kingdom has left", party.UnknownCountry},
		{"39356000000", "no prefix", party.UnknownCountry},
		{"FR3935600000", "one lost", party.WrongStructure},
		{"FR3935600000A", "a letter in the SIREN", party.WrongStructure},
		{"ES999999999", "no letter", party.WrongStructure},
		{"IE*123456L", "a star where none stands", party.WrongStructure},
		{"FR53157896342", "the seed's own: neither its key nor its SIREN", party.WrongCheckDigits},
		{"FR53784671695", "the right SIREN, with the key of the seed", party.WrongCheckDigits},
		{"FR14157896342", "the key of digits that are no SIREN", party.WrongCheckDigits},
		{"FRK8399859412", "another key with a letter", party.WrongCheckDigits},
		{"FRIO334175221", "letters that stand in no key", party.WrongCheckDigits},
		{"FR54000004605", "of Monaco, with another key", party.WrongCheckDigits},
		{"BE0431150351", "Belgium, wrong", party.WrongCheckDigits},
		{"DE136695978", "Germany, wrong", party.WrongCheckDigits},
		{"IT00743110158", "Italy, wrong", party.WrongCheckDigits},
		{"LU15027443", "Luxembourg, wrong", party.WrongCheckDigits},
	})
	for n, want := range map[party.VATNumber]struct {
		country party.Country
		unit    party.SIREN
	}{
		"FR39356000000": {"FR", "356000000"}, "FRK7399859412": {"FR", "399859412"}, "FR53000004605": {"FR", ""}, "DE136695976": {"DE", ""},
		"EL123456789": {"GR", ""}, "XIGD123": {"GB", ""}, "FR53157896342": {"", ""}, "": {"", ""},
	} {
		if country, unit := n.Country(), n.SIREN(); country != want.country || unit != want.unit {
			t.Errorf("%s: got %q and %q, want %+v", n, country, unit, want)
		}
	}
	if n, err := party.VATNumberOf("784671695"); err != nil || n != "FR85784671695" {
		t.Errorf("got %q %v", n, err)
	}
	if n, err := party.VATNumberOf("157896342"); why(t, err) != party.WrongCheckDigits || n != "" {
		t.Errorf("got %q %v", n, err)
	}
}

func TestCountries(t *testing.T) {
	checkRows(t, party.ParseCountry, []row{
		{"FR", "France", ""},
		{"RE", "a territory with a code of its own", ""},
		{"XK", "Kosovo, which the standard leaves to users", ""},
		{"", "nothing", party.Missing},
		{"FRA", "three letters", party.BadLength},
		{"fr", "lower case", party.BadCharacter},
		{"D ", "a letter and a space, as between two codes", party.BadCharacter},
		{"é", "two bytes", party.BadCharacter},
		{"EL", "Greece of the VAT numbers", party.UnknownCountry},
		{"UK", "reserved, not assigned", party.UnknownCountry},
		{"AN", "the Netherlands Antilles, until 2010", party.UnknownCountry},
	})
}
