package party_test

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/payrules/payrules/party"
)

// why is the reason of an error of this package; "" of none. Any other error is a failure.
func why(t *testing.T, err error) party.Reason {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *party.Error
	if !errors.Is(err, party.ErrInvalid) || !errors.As(err, &e) || e.Field == "" || e.Reason == "" || !e.Reason.Valid() {
		t.Fatalf("not an error of this package: %v", err)
	}
	return e.Reason
}

// A file of account numbers arrives, and each is what the row says of it.
func TestIBANs(t *testing.T) {
	for _, r := range []struct {
		iban, story string
		want        party.Reason
	}{
		{"FR1420041010050500013M02606", "the example of the registry", ""},
		{"FR14 2004 1010 0505 0001 3M02 606", "as a letterhead prints it", ""},
		{"DE87200500001234567890", "a German one", ""},
		{"BE68 539007547034", "spaces where somebody liked them", ""},
		{"FR7612548029989876543210917", "the seed's own: the key of its bank should be 21, not 17", party.WrongCheckDigits},
		{"NL50BANK1234567890", "made up", party.WrongCheckDigits},
		{"", "nothing", party.Missing},
		{"FR14", "the beginning", party.BadLength},
		{"FR1420041010050500013M02606" + "00000000", "35 characters", party.BadLength},
		{strings.Repeat("FR14 ", 1000), "a flood", party.BadLength},
		{"fr1420041010050500013m02606", "lower case", party.BadCharacter},
		{"FR14-2004-1010-0505-0001-3M02-606", "hyphens", party.BadCharacter},
		{"FR14  2004 1010 0505 0001 3M02 606", "two spaces", party.BadCharacter},
		{" FR1420041010050500013M02606", "a space before", party.BadCharacter},
		{"FR1420041010050500013M02606\n", "a line end after", party.BadCharacter},
		{"FR14\u00a020041010050500013M02606", "a space that does not break", party.BadCharacter},
		{"FR142004101005050001３M02606", "a digit of another width", party.BadCharacter},
		{"US1420041010050500013M02606", "a country without IBANs", party.UnknownCountry},
		{"141420041010050500013M02606", "no country at all", party.UnknownCountry},
		{"FR1420041010050500013M0260", "one character lost", party.WrongLengthForCountry},
		{"DE1420041010050500013M02606", "the country of another", party.WrongLengthForCountry},
		{"FRA420041010050500013M02606", "a letter in the check digits", party.WrongStructure},
		{"FR1420041A10050500013M02606", "a letter in the bank code", party.WrongStructure},
		{"FR1420041010050500013M02660", "the last two swapped", party.WrongCheckDigits},
		{"FR1420041010050500013M02607", "one digit off", party.WrongCheckDigits},
		{"DE97370400440000000060", "the check digits 97", ""},
		{"DE00370400440000000060", "00, which leaves the remainder of 97", party.WrongCheckDigits},
		{"DE01370400440000000042", "01, which leaves the remainder of 98", party.WrongCheckDigits},
		{"DE99370400440000000024", "99, which leaves the remainder of 02", party.WrongCheckDigits},
	} {
		got, err := party.ParseIBAN(r.iban)
		if reason := why(t, err); reason != r.want {
			t.Errorf("%s: got %q, want %q", r.story, reason, r.want)
		}
		if err == nil && (got.Validate() != nil || strings.Contains(string(got), " ")) || err != nil && got != "" {
			t.Errorf("%s: parsed as %q with %v", r.story, got, err)
		}
		if b := party.IBAN(r.iban); r.want != "" && (b.Country() != "" || b.Masked() != "****") {
			t.Errorf("%s: something is told of what is not valid", r.story)
		}
	}
}

// Every country of the registry accepts its own example in both forms, and refuses it with any digit changed.
func TestRegistry(t *testing.T) {
	countries := party.IBANCountries()
	if len(countries) != len(examples) || !slices.IsSorted(countries) || party.IBANRelease() != "102" {
		t.Fatalf("%d countries and %d examples, sorted: %t", len(countries), len(examples), slices.IsSorted(countries))
	}
	for i, example := range examples {
		b := party.IBAN(example)
		if err := b.Validate(); err != nil || b.Country() != countries[i] {
			t.Errorf("%s: %v, of %q", example, err, b.Country())
		}
		if parsed, err := party.ParseIBAN(b.Print()); err != nil || parsed != b {
			t.Errorf("%s: its printed form is another: %q %v", example, parsed, err)
		}
		if err := b.Country().Validate(); err != nil {
			t.Errorf("%s: %v", example, err)
		}
		for at := 2; at < len(example); at++ {
			for digit := byte('0'); digit <= '9' && isDigit(example[at]); digit++ {
				wrong := party.IBAN(example[:at] + string(digit) + example[at+1:])
				if digit != example[at] && wrong.Validate() == nil {
					t.Errorf("%s passes with a %c at %d", example, digit, at)
				}
			}
		}
		for _, wrong := range []string{example[:len(example)-1], example + "0"} {
			if got := why(t, party.IBAN(wrong).Validate()); got != party.WrongLengthForCountry && got != party.BadLength {
				t.Errorf("%s: got %q", wrong, got)
			}
		}
	}
	countries[0] = "ZZ"
	if party.IBANCountries()[0] == "ZZ" {
		t.Error("IBANCountries hands out its own list")
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// What a log keeps of an account, a party and a refusal is nobody's data.
func TestLogsAreMasked(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	b := party.IBAN("FR1420041010050500013M02606")
	p := party.Party{Reference: "customer-7", Name: "Anna Berg"}
	_, err := party.ParseIBAN(string(b[:26]) + "7")
	log.Info("collected", "from", b, "broken", b[:20], "of", &p, "err", err)
	text := out.String()
	for _, want := range []string{"from=FR**2606 ", "broken=**** ", "of=customer-7 ", `err="party: invalid iban: wrong_check_digits"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	for _, leak := range []string{"20041", "Anna"} {
		if strings.Contains(text, leak) {
			t.Errorf("%q is in %s", leak, text)
		}
	}
}
