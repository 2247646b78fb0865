package party

import (
	"strings"

	"github.com/payrules/payrules/internal/texts"
)

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

// judgeDigits returns the first reason that applies to a number of n digits.
func judgeDigits(s string, n int) Reason {
	if r := judge(s, n, n, ""); r != "" {
		return r
	}
	if strings.IndexFunc(s, func(r rune) bool { return r > '9' }) >= 0 {
		return BadCharacter
	}
	return ""
}

// judgeText returns the first reason that applies to a text of people: it is not there, is too long, or has characters that no
// message can hold.
func judgeText(s string, most int) Reason {
	switch {
	case s == "":
		return Missing
	case texts.TooLong(s, most):
		return BadLength
	case s[0] == ' ' || s[len(s)-1] == ' ' || texts.Fault(s, most) != "":
		return BadCharacter
	}
	return ""
}

// parse returns a valid identifier as a copy, since what it was read from may be the whole of a file.
func parse[T interface {
	~string
	Validate() error
}](s string) (T, error) {
	if err := T(s).Validate(); err != nil {
		return "", err
	}
	return T(strings.Clone(s)), nil
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
