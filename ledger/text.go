package ledger

import (
	"fmt"
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// checkText returns an error that names the field if a text is too long, not UTF-8, or holds what no statement can show.
func checkText(field, s string, most int) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("%w %s: not valid UTF-8", ErrInvalid, field)
	}
	if len(s) <= most && isPlain(s) {
		return nil
	}
	if utf8.RuneCountInString(s) > most {
		return fmt.Errorf("%w %s: longer than %d characters", ErrInvalid, field, most)
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF {
			return fmt.Errorf("%w %s: it holds a control character", ErrInvalid, field)
		}
	}
	return nil
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

// validate returns an error that names the detail that is malformed.
func (d *Details) validate() error {
	if err := checkText("reference", d.Reference, maxDetail); err != nil {
		return err
	}
	if err := checkText("text", d.Text, maxText); err != nil {
		return err
	}
	return checkText("code", d.Code, maxDetail)
}

// wide is a sum of amounts of 128 bits, all of which are positive.
type wide struct{ hi, lo uint64 }

func (w *wide) add(minor int64) {
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, uint64(minor), 0)
	w.hi += carry
}
