package party

import "strings"

// Country is a country by its alpha-2 code of ISO 3166-1: "FR". XK is one too: the standard leaves it to users, and SWIFT, the
// European Union and ISO 20022 messages use it for Kosovo.
type Country string

// countries are the 249 officially assigned codes of ISO 3166-1, and XK. Compared on 21 November 2026 with a public copy of the list
// (lukes/ISO-3166-Countries-with-Regional-Codes). Codes were last assigned in 2010 and 2011 (BQ, CW, SX, and SS); names have
// changed since.
const countries = "" +
	"AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT " +
	"MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"

// ParseCountry reads a code of two capital letters.
//
// ParseCountry returns an error if the country is not valid: see [Country.Validate].
func ParseCountry(s string) (Country, error) { return parse[Country](s) }

// Validate returns an error if the code is "" ([Missing]), is not of two characters ([BadLength]) that are capital letters
// ([BadCharacter]), or is not assigned ([UnknownCountry]).
func (c Country) Validate() error { return fault("country", c.judge()) }

func (c Country) judge() Reason {
	switch {
	case c == "":
		return Missing
	case len(c) != 2:
		return BadLength
	case !fits(string(c), "2!a"):
		return BadCharacter
	case !strings.Contains(countries, string(c)): // codes are of capital letters, and stand between spaces
		return UnknownCountry
	}
	return ""
}

// String returns the code.
func (c Country) String() string { return string(c) }
