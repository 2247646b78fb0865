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
