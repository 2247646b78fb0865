package party_test

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/party"
)

// checkDigits are those of ISO 7064 MOD 97-10 for a body, by the arithmetic of one big number: 98 - (body, country, 00) modulo 97.
func checkDigits(country, body string) string {
	var digits strings.Builder
	for _, c := range body + country + "00" {
		n, err := strconv.ParseInt(string(c), 36, 64)
		if err != nil {
			panic(err)
		}
		digits.WriteString(strconv.FormatInt(n, 10))
	}
	n, _ := new(big.Int).SetString(digits.String(), 10)
	return fmt.Sprintf("%02d", 98-n.Mod(n, big.NewInt(97)).Int64())
}

// slip draws one slip of the pen, which is no slip if it changes nothing: a character replaced by another of its kind (a digit by a
// digit, a letter by a letter), or two neighbours of one kind swapped. from is the first place where it may be.
//
// A replaced character changes the big number by d × 10^k, where d is 1 to 25, and two swapped ones by 9d × 10^k or 99d × 10^k: never
// by a multiple of the prime 97. So all such slips are found. (Those that make digits of letters are found but for one in 97.)
func slip(t *rapid.T, s string, from int) string {
	at := rapid.IntRange(from, len(s)-1).Draw(t, "at")
	if rapid.Bool().Draw(t, "swap") && at+1 < len(s) && isDigit(s[at]) == isDigit(s[at+1]) {
		return s[:at] + s[at+1:at+2] + s[at:at+1] + s[at+2:]
	}
	kind := "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if isDigit(s[at]) {
		kind = "0123456789"
	}
	return s[:at] + string(rapid.SampledFrom([]byte(kind)).Draw(t, "to")) + s[at+1:]
}

// Whatever account number a country gives, with its check digits, is an IBAN of it, and no slip of the pen makes another one.
func TestEverySlipInAnIBANIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := []byte(rapid.SampledFrom(examples).Draw(t, "like"))
		country := string(body[:2])
		for i := 4; i < len(body); i++ { // another account of the same form
			if isDigit(body[i]) {
				body[i] = rapid.SampledFrom([]byte("0123456789")).Draw(t, "digit")
			} else {
				body[i] = rapid.SampledFrom([]byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ")).Draw(t, "letter")
			}
		}
		b := party.IBAN(country + checkDigits(country, string(body[4:])) + string(body[4:]))
		if err := b.Validate(); err != nil || b.Country() != party.Country(country) {
			t.Fatalf("%s: %v", b, err)
		}
		if parsed, err := party.ParseIBAN(b.Print()); err != nil || parsed != b {
			t.Fatalf("%s: its printed form is %q: %v", b, parsed, err)
		}
		wrong := party.IBAN(slip(t, string(b), 0))
		if (wrong.Validate() == nil) != (wrong == b) {
			t.Fatalf("%s for %s: %v", wrong, b, wrong.Validate())
		}
		if masked := b.Masked(); masked != country+"**"+string(b[len(b)-4:]) {
			t.Fatalf("%s is masked as %s", b, masked)
		}
	})
}

// The same holds for creditors, but that the business code is anything.
func TestEverySlipInACreditorIDIsFound(t *testing.T) {
	patterns := map[string]string{
		"FR": `[A-Z0-9]{6}`, "DE": `[0-9]{11}`, "BE": `([0-9]{10}|[0-9]{3}D[0-9]{9})`, "LU": `[A-Z0-9]{19}`, "PT": `[A-Z0-9]{1,28}`,
	}
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom([]string{"FR", "DE", "BE", "LU", "PT"}).Draw(t, "country")
		national := rapid.StringMatching(patterns[country]).Draw(t, "national")
		head := country + checkDigits(country, national)
		c := party.CreditorID(head + rapid.StringMatching(`[A-Z0-9]{3}`).Draw(t, "business") + national)
		if err := c.Validate(); err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		if wrong := party.CreditorID(string(c[:7]) + slip(t, national, 0)); (wrong.Validate() == nil) != (wrong == c) {
			t.Fatalf("%s for %s: %v", wrong, c, wrong.Validate())
		}
		if wrong := party.CreditorID(slip(t, head, 0) + string(c[4:])); (wrong.Validate() == nil) != (wrong == c) {
			t.Fatalf("%s for %s: %v", wrong, c, wrong.Validate())
		}
	})
}

// The formula of Luhn finds every wrong digit, and every swap of neighbours but that of 0 and 9. The key of a VAT number is over
// the SIREN, so that it finds those as well.
func TestSlipsInASIRENAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eight := rapid.StringMatching(`[1-9][0-9]{7}`).Draw(t, "eight")
		var n party.SIREN
		right := 0
		for digit := range 10 {
			if s := party.SIREN(eight + strconv.Itoa(digit)); s.Validate() == nil {
				n, right = s, right+1
			}
		}
		if right != 1 {
			t.Fatalf("%s has %d check digits", eight, right)
		}
		vat, err := party.VATNumberOf(n)
		if err != nil || vat.SIREN() != n || vat.Validate() != nil {
			t.Fatalf("%s: %s %v", n, vat, err)
		}
		siren, _ := strconv.Atoi(string(n))
		if key, want := string(vat[2:4]), fmt.Sprintf("%02d", (12+3*(siren%97))%97); key != want {
			t.Fatalf("%s: key %s, want %s", n, key, want)
		}
		for _, c := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" { // no key has an I or an O, which look like digits
			for _, key := range []string{"I" + string(c), string(c) + "I", "O" + string(c), string(c) + "O"} {
				if other := party.VATNumber("FR" + key + string(n)); other.Validate() == nil {
					t.Fatal(other)
				}
			}
		}
		wrong := party.SIREN(slip(t, string(n), 0))
		if wrong.Validate() == nil && wrong != n && !swapped09(string(n), string(wrong)) {
			t.Fatalf("%s for %s", wrong, n)
		}
		if other := party.VATNumber(slip(t, string(vat), 2)); other != vat && other.Validate() == nil && other[4:] == vat[4:] {
			t.Fatalf("%s for %s", other, vat)
		}
		if other := vat[:4] + party.VATNumber(wrong); wrong != n && other.Validate() == nil {
			t.Fatalf("%s for %s", other, vat)
		}
	})
}

// swapped09 tells two numbers in which a 0 and a 9 have changed places.
func swapped09(a, b string) bool {
	for i := range len(a) - 1 {
		if a[i] != b[i] {
			pair := a[i : i+2]
			return (pair == "09" || pair == "90") && a[i+2:] == b[i+2:]
		}
	}
	return false
}
