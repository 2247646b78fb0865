package party

// SIREN is the number of a French legal unit: eight digits and a check digit (INSEE, répertoire Sirene).
type SIREN string

// SIRET is the number of an establishment of a French legal unit: its SIREN, and five digits the last of which is a check digit.
type SIRET string

// laPoste has too many establishments for the rule of all. Their digits sum to a multiple of five, which INSEE allows to La Poste
// alone; its head office keeps to the rule of all. So public libraries have it; a page of INSEE was not at hand.
const laPoste SIREN = "356000000"

// ParseSIREN reads nine digits, or the printed form with single spaces between them: "356 000 000".
//
// ParseSIREN returns an error if the number is not valid: see [SIREN.Validate].
func ParseSIREN(s string) (SIREN, error) { return parse[SIREN](compact(s)) }

// Validate returns an error if the number is "" ([Missing]), is not of nine characters ([BadLength]) that are digits
// ([BadCharacter]), or its check digit does not fit ([WrongCheckDigits]).
func (n SIREN) Validate() error { return fault("siren", n.judge()) }

func (n SIREN) judge() Reason {
	if r := judgeDigits(string(n), 9); r != "" {
		return r
	}
	if !luhn(string(n)) {
		return WrongCheckDigits
	}
	return ""
}

// String returns the digits.
func (n SIREN) String() string { return string(n) }

// ParseSIRET reads fourteen digits, or the printed form with single spaces between them: "356 000 000 00048".
//
// ParseSIRET returns an error if the number is not valid: see [SIRET.Validate].
func ParseSIRET(s string) (SIRET, error) { return parse[SIRET](compact(s)) }

// Validate returns an error if the number is "" ([Missing]), is not of fourteen characters ([BadLength]) that are digits
// ([BadCharacter]), or its check digit or that of its SIREN does not fit ([WrongCheckDigits]). Of La Poste, 356000000, numbers
// are valid too whose digits sum to a multiple of five.
func (n SIRET) Validate() error { return fault("siret", n.judge()) }

func (n SIRET) judge() Reason {
	if r := judgeDigits(string(n), 14); r != "" {
		return r
	}
	unit := SIREN(n[:9])
	if unit.judge() != "" || !luhn(string(n)) && (unit != laPoste || digitSum(string(n))%5 != 0) {
		return WrongCheckDigits
	}
	return ""
}

// SIREN is the legal unit; "" when the number is not valid.
func (n SIRET) SIREN() SIREN {
	if n.judge() != "" {
		return ""
	}
	return SIREN(n[:9])
}

// String returns the digits.
func (n SIRET) String() string { return string(n) }
