// Package texts judges what people write: the names, labels and reasons that have to stand in messages, invoices and statements.
package texts

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fault says what is wrong with a text; "" if nothing is. It is wrong if:
//   - it has more than most characters;
//   - it is not valid UTF-8;
//   - it holds a control character, or U+FFFE or U+FFFF: no XML can hold those, nor can a line of a page.
func Fault(s string, most int) string {
	switch {
	case len(s) <= most && isPlain(s): // as nearly all are
		return ""
	case TooLong(s, most):
		return fmt.Sprintf("longer than %d characters", most)
	case !utf8.ValidString(s):
		return "not valid UTF-8"
	case strings.ContainsFunc(s, isUnfit):
		return "it holds a control character"
	}
	return ""
}

// TooLong reports whether a text has more than most characters. It does not read one that is far too long.
func TooLong(s string, most int) bool {
	return len(s) > most && (len(s) > utf8.UTFMax*most || utf8.RuneCountInString(s) > most)
}

// isPlain reports whether s is printable ASCII.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func isUnfit(r rune) bool { return unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF }

// Line returns a text that a terminal or a page shows and does not obey, in one line: every kind of space is one space, and what is not
// for printing is U+FFFD. The joiners that emoji and some scripts need stay.
func Line(s string) string {
	const nonJoiner, joiner = '\u200c', '\u200d' // emoji and some scripts are drawn wrongly without them
	space := false
	var b strings.Builder
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		if !unicode.IsPrint(r) && r != nonJoiner && r != joiner {
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return b.String()
}
