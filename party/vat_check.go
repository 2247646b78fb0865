package party

import "strings"

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
