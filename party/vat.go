package party

import (
	"fmt"
)

// VATNumber is a VAT identification number of a member of the European Union or of Northern Ireland, with its prefix:
// "FR39356000000". The prefix is that of the EU: EL for Greece, XI for Northern Ireland.
type VATNumber string

// The shortest number of the table (RO) and the longest ones, prefix included.
const (
	minVAT = 4
	maxVAT = 14
)

// ParseVATNumber reads a number, or its printed form with single spaces between the characters: "FR 39 356000000". Lower case
// is refused, and so is a number without its prefix.
//
// ParseVATNumber returns an error if the number is not valid: see [VATNumber.Validate].
func ParseVATNumber(s string) (VATNumber, error) { return parse[VATNumber](compact(s)) }

// Validate returns an error if:
//   - the number is "" ([Missing]), has less than 4 or more than 14 characters ([BadLength]), or others than capital letters,
//     digits, + and * ([BadCharacter]; the last two stand in old Irish numbers);
//   - the prefix is none of the EU ([UnknownCountry]);
//   - it has not the form of its country ([WrongStructure]), the length included: most countries have several;
//   - its check digits do not fit ([WrongCheckDigits]), those of BE, DE, FR, IT and LU. Of other countries the form is all
//     that is looked at.
//
// That a number is valid does not say that it was given to somebody: VIES, the service of the European Commission, does.
func (n VATNumber) Validate() error { return fault("vat_number", n.judge()) }

func (n VATNumber) judge() Reason {
	if r := judge(string(n), minVAT, maxVAT, "+*"); r != "" {
		return r
	}
	prefix, number := string(n[:2]), string(n[2:])
	row, found := vatRow(prefix)
	switch {
	case !found:
		return UnknownCountry
	case !fitsOne(number, row.structures):
		return WrongStructure
	case !vatChecked(prefix, number):
		return WrongCheckDigits
	}
	return ""
}

// Country is the country of the prefix by its ISO code, so GR for EL, and GB for XI; "" when the number is not valid.
func (n VATNumber) Country() Country {
	if n.judge() != "" {
		return ""
	}
	switch prefix := Country(n[:2]); prefix {
	case "EL":
		return "GR"
	case "XI":
		return "GB"
	default:
		return prefix
	}
}

// SIREN is the French legal unit that the number is made of. It is "" when the number is not valid, not French, or of Monaco,
// whose companies have French numbers, with 000 for the first digits, and no SIREN.
func (n VATNumber) SIREN() SIREN {
	if n.judge() != "" || n[:2] != "FR" || isMonegasque(string(n[2:])) {
		return ""
	}
	return SIREN(n[4:])
}

// String returns the number, as it is.
func (n VATNumber) String() string { return string(n) }

// VATNumberOf returns the French number of a legal unit, with the key of two digits that most have. Some have other keys, so the
// party itself is asked first.
//
// VATNumberOf returns an error if the SIREN is not valid.
func VATNumberOf(n SIREN) (VATNumber, error) {
	if err := n.Validate(); err != nil {
		return "", err
	}
	return VATNumber(fmt.Sprintf("FR%02d%s", frenchKey(string(n)), string(n))), nil
}
