package party

import "strings"

// vatFormat is a prefix, and the structures of the numbers behind it, as [fitsOne] reads them.
type vatFormat struct{ prefix, structures string }

// vatFormats are the forms of VAT numbers. Source: European Commission, VIES, frequently asked questions, "What is the format of
// a VAT number?", as several public pages quote the table; the page itself was not at hand. What is younger than those quotes is
// from memory: Belgian numbers may begin with 1, and XI (as GB before) is there since 2021.
var vatFormats = [...]vatFormat{
	{"AT", "U8!n"},
	{"BE", "10!n"}, // the first digit is 0 or 1, which is not looked at
	{"BG", "9!n 10!n"},
	{"CY", "8!n1!a"},
	{"CZ", "8!n 9!n 10!n"},
	{"DE", "9!n"},
	{"DK", "8!n"},
	{"EE", "9!n"},
	{"EL", "9!n"},
	{"ES", "1!a8!n 1!a7!n1!a 8!n1!a"}, // the first or the last is a letter, or both
	{"FI", "8!n"},
	{"FR", "2!c9!n"},
	{"HR", "11!n"},
	{"HU", "8!n"},
	{"IE", "7!n1!a 7!n2!a 1!n1!a5!n1!a 1!n+5!n1!a 1!n*5!n1!a"},
	{"IT", "11!n"},
	{"LT", "9!n 12!n"},
	{"LU", "8!n"},
	{"LV", "11!n"},
	{"MT", "8!n"},
	{"NL", "9!nB2!n"},
	{"PL", "10!n"},
	{"PT", "9!n"},
	{"RO", "2!n 3!n 4!n 5!n 6!n 7!n 8!n 9!n 10!n"},
	{"SE", "12!n"},
	{"SI", "8!n"},
	{"SK", "10!n"},
	{"XI", "9!n 12!n GD3!n HA3!n"},
}

func vatRow(prefix string) (vatFormat, bool) {
	for _, row := range vatFormats {
		if row.prefix == prefix {
			return row, true
		}
	}
	return vatFormat{}, false
}

// vatChecked reports whether the check digits of a number fit, or are not checked in its country. Those of other countries
// could not be sourced as well as these.
func vatChecked(prefix, number string) bool {
	switch prefix {
	case "BE": // VIES, VAT number construction rules: 97 - the first eight digits modulo 97
		return (integer(number[:8])+integer(number[8:]))%97 == 0
	case "DE":
		return germanChecked(number)
	case "FR":
		return frenchChecked(number)
	case "IT": // the same rules: the formula of Luhn
		return luhn(number)
	case "LU": // the same rules: the first six digits modulo 89
		return integer(number[:6])%89 == integer(number[6:])
	default:
		return true
	}
}

// germanChecked checks the last digit by ISO 7064 MOD 11,10, as the Zusammenfassende-Meldung-Datenübermittlungsverordnung of
// 1993 prescribes (Bundesgesetzblatt 1993 I, page 736).
func germanChecked(number string) bool {
	product := 10
	for i := range 8 {
		sum := (int(number[i]-'0') + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = 2 * sum % 11
	}
	return (11-product)%10 == int(number[8]-'0')
}

// isMonegasque tells the numbers of Monaco among the French ones.
func isMonegasque(number string) bool { return number[2:5] == "000" }

// frenchChecked checks a SIREN and the key before it. Source of both forms of the key: VIES, VAT number construction rules, version
// 15, as public libraries follow them.
func frenchChecked(number string) bool {
	key, body := number[:2], number[2:]
	if !isMonegasque(number) && !luhn(body) {
		return false
	}
	if fits(key, "2!n") {
		return frenchKey(body) == integer(key)
	}
	const letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ" // no I and no O
	first, second := strings.IndexByte(letters, key[0]), strings.IndexByte(letters, key[1])
	if first < 0 || second < 0 {
		return false
	}
	sum := 34*first + second - 100
	if first < 10 {
		sum = 24*first + second - 10
	}
	return (integer(body)+sum/11+1)%11 == sum%11
}

// frenchKey is the key of two digits: the SIREN with 12 behind it, modulo 97. (Published also as 12 + 3 × SIREN modulo 97, which
// is the same.)
func frenchKey(body string) int { return mod97(body, "12") }

// integer reads up to nine digits.
func integer(digits string) int {
	n := 0
	for i := range len(digits) {
		n = 10*n + int(digits[i]-'0')
	}
	return n
}
