package party

// BIC is a business identifier code (ISO 9362), of 8 characters or, with a branch, 11: "BNPAFRPPXXX".
type BIC string

// ParseBIC reads a BIC. Lower case and spaces are refused.
//
// ParseBIC returns an error if the BIC is not valid: see [BIC.Validate].
func ParseBIC(s string) (BIC, error) { return parse[BIC](s) }

// Validate returns an error if:
//   - the BIC is "" ([Missing]), has not 8 or 11 characters ([BadLength]), or others than capital letters and digits
//     ([BadCharacter]);
//   - its fifth and sixth characters are not two letters ([WrongStructure]) of a country ([UnknownCountry]).
//
// The first four may be digits as well, as the edition of 2014 of the standard and the type BICFIDec2014Identifier of ISO 20022 (in
// the schema of pain.008.001.09) have it. A BIC has no check digits: that it is valid does not say that there is such a bank.
func (b BIC) Validate() error { return fault("bic", b.judge()) }

func (b BIC) judge() Reason {
	if len(b) == 9 || len(b) == 10 {
		return BadLength
	}
	if r := judge(string(b), 8, 11, ""); r != "" {
		return r
	}
	if !fits(string(b[4:6]), "2!a") {
		return WrongStructure
	}
	return Country(b[4:6]).judge()
}

// Country is the country of the party that the code names; "" when the BIC is not valid.
func (b BIC) Country() Country {
	if b.judge() != "" {
		return ""
	}
	return Country(b[4:6])
}

// Full returns the form of 11 characters, for comparing: the branch XXX is the head office, which 8 characters mean too. A BIC
// that is not valid stays as it is.
func (b BIC) Full() BIC {
	if len(b) == 8 && b.judge() == "" {
		return b + "XXX"
	}
	return b
}

// String returns the code.
func (b BIC) String() string { return string(b) }
