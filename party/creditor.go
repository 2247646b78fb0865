package party

// CreditorID is a SEPA creditor identifier (in French ICS): "FR83ZZZ459654". It is a country, two check digits, a business code
// of three characters that the creditor chooses, and the national identifier.
type CreditorID string

// maxCreditorID is the length that the EPC gives the attribute: 35 characters.
const maxCreditorID = 35

// ParseCreditorID reads the electronic form, or a printed one with single spaces between its characters. Lower case is refused.
//
// ParseCreditorID returns an error if the identifier is not valid: see [CreditorID.Validate].
func ParseCreditorID(s string) (CreditorID, error) { return parse[CreditorID](compact(s)) }

// Validate follows EPC262-08, Creditor Identifier Overview. It returns an error if:
//   - the identifier is "" ([Missing]), has less than 8 or more than 35 characters ([BadLength]), or others than capital
//     letters and digits ([BadCharacter]);
//   - its country is none ([UnknownCountry]);
//   - it is of another length ([WrongLengthForCountry]) or structure ([WrongStructure]) than those of its country, where the
//     table of this package has them;
//   - its check digits do not fit the country and the national identifier ([WrongCheckDigits]). The business code is no part
//     of that.
func (c CreditorID) Validate() error { return fault("creditor_id", c.judge()) }

func (c CreditorID) judge() Reason {
	if r := judge(string(c), 8, maxCreditorID, ""); r != "" {
		return r
	}
	country, check, national := Country(c[:2]), string(c[2:4]), string(c[7:])
	if !fits(string(country), "2!a") || country.judge() != "" {
		return UnknownCountry
	}
	if r := judgeNational(country, national); r != "" {
		return r
	}
	switch {
	case !fits(check, "2!n"):
		return WrongStructure
	case !checked97(string(country), check, national):
		return WrongCheckDigits
	}
	return ""
}

// Country is the country that gave the identifier, which need not be the creditor's; "" when it is not valid.
func (c CreditorID) Country() Country {
	if c.judge() != "" {
		return ""
	}
	return Country(c[:2])
}

// Business is the business code, "ZZZ" where none is used; "" when the identifier is not valid.
func (c CreditorID) Business() string {
	if c.judge() != "" {
		return ""
	}
	return string(c[4:7])
}

// WithBusiness returns the identifier with another business code, which names the same creditor: mandates are the same under
// all of them.
//
// WithBusiness returns an error if the identifier is not valid, or the code is not of three capital letters and digits.
func (c CreditorID) WithBusiness(code string) (CreditorID, error) {
	if err := c.Validate(); err != nil {
		return "", err
	}
	if !fits(code, "3!c") {
		return "", fault("business_code", WrongStructure)
	}
	return c[:4] + CreditorID(code) + c[7:], nil
}

// String returns the electronic form, as it is.
func (c CreditorID) String() string { return string(c) }
