package party

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// bigMod97 is mod97 as the standard writes it down: letters become two digits, and the whole is one big number.
func bigMod97(s string) int {
	var digits strings.Builder
	for _, c := range s {
		n, _ := strconv.ParseInt(string(c), 36, 64)
		digits.WriteString(strconv.FormatInt(n, 10))
	}
	n, _ := new(big.Int).SetString("0"+digits.String(), 10)
	return int(n.Mod(n, big.NewInt(97)).Int64())
}

func TestMod97IsThatOfOneBigNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, u := rapid.StringMatching(`[A-Z0-9]{0,40}`).Draw(t, "s"), rapid.StringMatching(`[A-Z0-9]{0,9}`).Draw(t, "u")
		if got, want := mod97(s, u), bigMod97(s+u); got != want {
			t.Fatalf("mod97(%q, %q) = %d, want %d", s, u, got, want)
		}
	})
}

// A structure and the regular expression of the same meaning accept the same strings.
func TestStructuresAreRegularExpressions(t *testing.T) {
	var all []string
	for _, row := range ibanCountries {
		all = append(all, row.structure)
	}
	for _, row := range vatFormats {
		all = append(all, strings.Fields(row.structures)...)
	}
	for _, row := range creditorFormats {
		all = append(all, strings.Fields(row.structures)...)
	}
	classes := strings.NewReplacer("!n", "N", "!a", "A", "!c", "C")
	part := regexp.MustCompile(`(\d+)([NAC])`)
	rapid.Check(t, func(t *rapid.T) {
		structure := rapid.SampledFrom(all).Draw(t, "structure")
		pattern := part.ReplaceAllStringFunc(regexp.QuoteMeta(classes.Replace(structure)), func(p string) string {
			set := map[byte]string{'N': `[0-9]`, 'A': `[A-Z]`, 'C': `[A-Z0-9]`}[p[len(p)-1]]
			return set + "{" + p[:len(p)-1] + "}"
		})
		want := regexp.MustCompile(`\A` + pattern + `\z`)
		s := rapid.StringMatching(pattern).Draw(t, "s")
		if !fits(s, structure) || size(structure) != len(s) {
			t.Fatalf("%q is not a %s of %d", s, structure, size(structure))
		}
		if at := rapid.IntRange(0, len(s)-1).Draw(t, "at"); true { // and with one character replaced, lost or added
			c := string(rapid.SampledFrom([]byte("09AZaz+ ")).Draw(t, "c"))
			for _, other := range []string{s[:at] + c + s[at+1:], s[:at] + s[at+1:], s[:at] + c + s[at:]} {
				if got := fits(other, structure); got != want.MatchString(other) {
					t.Fatalf("fits(%q, %q) = %t", other, structure, got)
				}
			}
		}
	})
}

// The tables are in order, and of countries that there are.
func TestTables(t *testing.T) {
	for i, row := range ibanCountries {
		if n := 4 + size(row.structure); n < minIBAN || n > maxIBAN || row.country.Validate() != nil {
			t.Errorf("%s: %d characters, %v", row.country, n, row.country.Validate())
		}
		if i > 0 && ibanCountries[i-1].country >= row.country {
			t.Errorf("%s is out of order", row.country)
		}
	}
	for i, row := range creditorFormats {
		if row.country.Validate() != nil || i > 0 && creditorFormats[i-1].country >= row.country {
			t.Errorf("%s is out of order, or no country", row.country)
		}
		for structure := range strings.SplitSeq(row.structures, " ") {
			if n := 7 + size(structure); n > maxCreditorID {
				t.Errorf("%s: %d characters", row.country, n)
			}
		}
	}
	for i, row := range vatFormats {
		if i > 0 && vatFormats[i-1].prefix >= row.prefix {
			t.Errorf("%s is out of order", row.prefix)
		}
		for structure := range strings.SplitSeq(row.structures, " ") {
			if n := 2 + size(structure); n < minVAT || n > maxVAT {
				t.Errorf("%s: %d characters", row.prefix, n)
			}
		}
	}
	codes := strings.Fields(countries)
	if len(codes) != 249+1 {
		t.Errorf("%d countries, want the 249 of ISO 3166-1 and XK", len(codes))
	}
	for i, code := range codes {
		if Country(code).Validate() != nil || i > 0 && codes[i-1] >= code {
			t.Errorf("%s is out of order, or no country", code)
		}
	}
}
