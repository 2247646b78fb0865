package party

import (
	"log/slog"
	"slices"
	"strings"
)

// IBAN is an international bank account number in its electronic form (ISO 13616): "FR1420041010050500013M02606". It is a
// person's data: write [IBAN.Masked] where a log or a message might keep it.
type IBAN string

// The shortest IBAN of the registry (NO), and the longest that the standard allows.
const (
	minIBAN = 15
	maxIBAN = 34
)

// ParseIBAN reads the electronic form, or the printed one with single spaces between its characters. Lower case is refused:
// whoever wants to be kind to a form folds it first.
//
// ParseIBAN returns an error if the IBAN is not valid: see [IBAN.Validate].
func ParseIBAN(s string) (IBAN, error) { return parse[IBAN](compact(s)) }

// Validate returns an error if:
//   - the IBAN is "" ([Missing]), has less than 15 or more than 34 characters ([BadLength]), or others than capital letters
//     and digits ([BadCharacter]);
//   - its country has no IBAN ([UnknownCountry]), or one of another length ([WrongLengthForCountry]) or structure
//     ([WrongStructure]), by the registry of which [IBANRelease] tells;
//   - its check digits do not fit ([WrongCheckDigits]). Those that some countries have inside of the national number, such as
//     the key of a French one, are not looked at.
func (b IBAN) Validate() error { return fault("iban", b.judge()) }

func (b IBAN) judge() Reason {
	if r := judge(string(b), minIBAN, maxIBAN, ""); r != "" {
		return r
	}
	row, found := ibanRow(Country(b[:2]))
	switch {
	case !found:
		return UnknownCountry
	case len(b) != 4+size(row.structure):
		return WrongLengthForCountry
	case !fits(string(b[2:4]), "2!n") || !fits(string(b[4:]), row.structure):
		return WrongStructure
	case !checked97(string(b[:2]), string(b[2:4]), string(b[4:])):
		return WrongCheckDigits
	}
	return ""
}

// Country is the country of the prefix, which is that of the account's bank; "" when the IBAN is not valid. Some
// territories use the prefix of another country: accounts in Guadeloupe have FR.
func (b IBAN) Country() Country {
	if b.judge() != "" {
		return ""
	}
	return Country(b[:2])
}

// String returns the electronic form, as it is.
func (b IBAN) String() string { return string(b) }

// Print returns the printed form, in groups of four: "FR14 2004 1010 0505 0001 3M02 606".
func (b IBAN) Print() string { return groups(string(b), 4) }

// Masked returns the country and the last four characters, for logs: "FR**2606"; "****" when the IBAN is not valid.
func (b IBAN) Masked() string {
	if b.judge() != "" {
		return "****"
	}
	return string(b[:2]) + "**" + string(b[len(b)-4:])
}

// LogValue logs the masked form.
func (b IBAN) LogValue() slog.Value { return slog.StringValue(b.Masked()) }

// IBANRelease is the release of the SWIFT IBAN Registry that IBANs are checked by.
func IBANRelease() string { return registryRelease }

// IBANCountries lists the countries that have an IBAN, sorted.
func IBANCountries() []Country {
	all := make([]Country, len(ibanCountries))
	for i, row := range ibanCountries {
		all[i] = row.country
	}
	return all
}

func ibanRow(c Country) (ibanCountry, bool) {
	i, found := slices.BinarySearchFunc(ibanCountries[:], c, func(row ibanCountry, c Country) int {
		return strings.Compare(string(row.country), string(c))
	})
	if !found {
		return ibanCountry{}, false
	}
	return ibanCountries[i], true
}
