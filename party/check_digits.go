package party

// mod97 is the remainder of ISO 7064 MOD 97-10, where a letter counts as two digits, A as 10. It takes capital letters and digits.
func mod97(parts ...string) int {
	sum := 0
	for _, s := range parts {
		for i := range len(s) {
			if isDigit(s[i]) {
				sum = (10*sum + int(s[i]-'0')) % 97
			} else {
				sum = (100*sum + int(s[i]-'A') + 10) % 97
			}
		}
	}
	return sum
}

// checked97 reports whether two check digits fit. 00, 01 and 99 would leave the remainder that 97, 98 and 02 leave; the
// standard makes numbers from 02 to 98 alone, so those three are never right.
func checked97(head, check string, body ...string) bool {
	return check != "00" && check != "01" && check != "99" && mod97(append(body, head, check)...) == 1
}

// luhn reports whether the last digit fits the others, by the formula of Luhn (ISO/IEC 7812-1, annex B).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// digitSum adds the digits.
func digitSum(digits string) int {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i] - '0')
	}
	return sum
}
