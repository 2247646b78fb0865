package party

import "strings"

// fits reports whether s has a structure, written as the IBAN registry does: "4!a2!n" is four capital letters and two digits,
// "3!c" is three of either. Other characters stand for themselves. Every length is exact.
func fits(s, structure string) bool {
	for structure != "" {
		n, class, rest := step(structure)
		if len(s) < n {
			return false
		}
		for i := range n {
			if !isClass(s[i], class) {
				return false
			}
		}
		s, structure = s[n:], rest
	}
	return s == ""
}

// fitsOne reports whether s has one of several structures, separated by spaces.
func fitsOne(s, structures string) bool {
	for structure := range strings.SplitSeq(structures, " ") {
		if fits(s, structure) {
			return true
		}
	}
	return false
}

// size is the length of whatever has a structure.
func size(structure string) int {
	sum := 0
	for structure != "" {
		n, _, rest := step(structure)
		sum, structure = sum+n, rest
	}
	return sum
}

// step takes the first part of a structure: how many characters, of which class.
func step(structure string) (n int, class byte, rest string) {
	i := 0
	for i < len(structure) && isDigit(structure[i]) {
		n = 10*n + int(structure[i]-'0')
		i++
	}
	if i == 0 { // a character that stands for itself
		return 1, structure[0], structure[1:]
	}
	return n, structure[i+1], structure[i+2:]
}

func isClass(c, class byte) bool {
	switch class {
	case 'n':
		return isDigit(c)
	case 'a':
		return isCapital(c)
	case 'c':
		return isDigit(c) || isCapital(c)
	default:
		return c == class
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isCapital(c byte) bool { return 'A' <= c && c <= 'Z' }

// judge returns the first reason that applies to any identifier: it is not there, its length is out of bounds, or it has other
// characters than capital letters, digits and a few more.
func judge(s string, least, most int, more string) Reason {
	if s == "" {
		return Missing
	}
	if len(s) < least || len(s) > most {
		return BadLength
	}
	for i := range len(s) {
		if !isClass(s[i], 'c') && strings.IndexByte(more, s[i]) < 0 {
			return BadCharacter
		}
	}
	return ""
}

// printed is how many bytes of a printed form are read at most: the longest identifier with a space after each character.
const printed = 70

// compact drops the single spaces between the characters of a printed form. Other spaces stay, and are bad characters then.
func compact(s string) string {
	if len(s) > printed || !strings.Contains(s, " ") || strings.Contains(s, "  ") || s[0] == ' ' || s[len(s)-1] == ' ' {
		return s
	}
	return strings.ReplaceAll(s, " ", "")
}

// groups puts a space after every n characters.
func groups(s string, n int) string {
	var b strings.Builder
	for i := 0; i < len(s); i += n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s[i:min(i+n, len(s))])
	}
	return b.String()
}

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
