package camt

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// maxNumber is the largest number of 18 digits, which is all that the schema lets an amount, a sum or a sequence have.
const maxNumber = 999_999_999_999_999_999

// checkText says what is wrong with a text of 1 to most characters; "" if nothing is. XML 1.0 has no way to write most control
// characters, nor U+FFFE and U+FFFF: they are refused, because a text with something else in their place is another text.
func checkText(s string, most int) string {
	n := 0
	for i, r := range s {
		n++
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r < 0xfffe && r != utf8.RuneError || r > 0xffff:
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return "byte " + strconv.Itoa(i+1) + " is not UTF-8"
			}
		default:
			return fmt.Sprintf("byte %d: XML has no character %U", i+1, r)
		}
	}
	if n < 1 || n > most {
		return fmt.Sprintf("%d characters, want 1 to %d", n, most)
	}
	return ""
}

// matches tells whether every byte of s is of the class that the form names: A a letter, 9 a digit, X one of the two, x a
// hexadecimal digit, L and M what ISO 9362 once allowed as a location, and - itself. Letters but those of x are capitals.
func matches(s, form string) bool {
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		b := s[i]
		letter, digit := b >= 'A' && b <= 'Z', b >= '0' && b <= '9'
		ok := false
		switch form[i] {
		case 'A':
			ok = letter
		case '9':
			ok = digit
		case 'X':
			ok = letter || digit
		case 'x':
			ok = digit || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
		case 'L':
			ok = letter || digit && b >= '2'
		case 'M':
			ok = letter && b != 'O' || digit
		case '-':
			ok = b == '-'
		}
		if !ok {
			return false
		}
	}
	return true
}

// checkBIC says what is wrong with a BIC. The older schema holds an older form of it, with letters where digits are free today.
func checkBIC(s string, v Version) string {
	form := "XXXXAAXX"
	if v == V02 {
		form = "AAAAAALM"
	}
	if matches(s, form) || matches(s, form+"XXX") {
		return ""
	}
	return "want a BIC of 8 or 11 capital letters and digits"
}

// checkIBAN says what is wrong with an IBAN: its form, or its check digits by ISO 7064 (mod 97). The length of each country is
// not known here.
func checkIBAN(s string) string {
	if len(s) < 15 || len(s) > 34 || !matches(s, ("AA99XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX")[:len(s)]) {
		return "want an IBAN of 15 to 34 capital letters and digits, without spaces"
	}
	rest := 0
	for i := range len(s) {
		b := s[(i+4)%len(s)] // the first four come last
		if b <= '9' {
			rest = (rest*10 + int(b-'0')) % 97
		} else {
			rest = (rest*100 + int(b-'A') + 10) % 97
		}
	}
	if rest != 1 {
		return "the check digits are those of another IBAN"
	}
	return ""
}
