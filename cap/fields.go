package cap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payrules/payrules/money"
)

// The JSON of a policy is read field by field. encoding/json alone would let through what a contract must not leave
// open: names in other letters, a field twice (the last one wins), null for "not there", half a surrogate, an instant
// cut off at its microsecond. The text is known to be JSON when it comes here.

// field is one field of an object. What its reader returns besides the error is the path, inside the field, of what is
// wrong.
type field struct {
	name     string
	required bool
	read     func(text json.RawMessage) (where string, err error)
}

// readFields reads an object of these fields and no others, in the order in which they are given here.
func readFields(text json.RawMessage, fields ...field) (where string, err error) {
	found, err := readObject(text, fields)
	if err != nil {
		return "", err
	}
	for i, f := range fields {
		switch {
		case found[i] != nil:
			if where, err := f.read(found[i]); err != nil {
				return "." + f.name + where, err
			}
		case f.required:
			return "." + f.name, fmt.Errorf("none given")
		}
	}
	return "", nil
}

// readObject finds the values of the fields, nil for those that are not there.
func readObject(text json.RawMessage, fields []field) ([]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("%s, want an object", sortOf(text))
	}
	found := make([]json.RawMessage, len(fields))
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown field %q", clip(name))
		}
		if found[i] != nil {
			return nil, fmt.Errorf("field %q is given twice", name)
		}
		if err := d.Decode(&found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// readArray reads an array of at most so many elements, each with read.
func readArray(text json.RawMessage, most int, read func(text json.RawMessage) (where string, err error)) (where string, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return "", fmt.Errorf("%s, want an array", sortOf(text))
	}
	for i := 0; d.More(); i++ {
		if i == most {
			return "", fmt.Errorf("more than %d of them", most)
		}
		var element json.RawMessage
		if err := d.Decode(&element); err != nil {
			return "", err
		}
		if where, err := read(element); err != nil {
			return fmt.Sprintf("[%d]%s", i, where), err
		}
	}
	return "", nil
}

// sortOf says what sort of value a text is, for messages that must not quote it.
func sortOf(text json.RawMessage) string {
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) > 0 {
		switch text[0] {
		case '{':
			return "an object"
		case '[':
			return "an array"
		case '"':
			return "a string"
		case 't', 'f':
			return "true or false"
		case 'n':
			return "null"
		}
	}
	return "a number"
}

// readText reads a string. One with an escape that is no character is refused: it would read as U+FFFD, whatever it was.
func readText(text json.RawMessage) (string, error) {
	var s string
	if text[0] != '"' || json.Unmarshal(text, &s) != nil {
		return "", fmt.Errorf("%s, want a string", sortOf(text))
	}
	const unknown = "\ufffd"
	if strings.Count(s, unknown) != bytes.Count(text, []byte(unknown)) {
		return "", fmt.Errorf("an escape in it is no character of Unicode")
	}
	return s, nil
}

// textField reads a string into to.
func textField[T ~string](name string, required bool, to *T) field {
	return field{name, required, func(text json.RawMessage) (string, error) {
		s, err := readText(text)
		*to = T(s)
		return "", err
	}}
}

// listField reads an array of 1 to MaxScope strings into to: an empty list would be one that says nothing.
func listField[T any](name string, to *[]T, parse func(string) (T, error)) field {
	return field{name, false, func(text json.RawMessage) (string, error) {
		where, err := readArray(text, MaxScope, func(text json.RawMessage) (string, error) {
			s, err := readText(text)
			if err != nil {
				return "", err
			}
			v, err := parse(s)
			*to = append(*to, v)
			return "", err
		})
		if err == nil && *to == nil {
			err = fmt.Errorf("empty: leave it out")
		}
		return where, err
	}}
}

// readInt reads a whole number, written without point and exponent.
func readInt(text json.RawMessage) (int64, error) {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil {
		return n, nil
	}
	if sort := sortOf(text); sort != "a number" {
		return 0, fmt.Errorf("%s, want a whole number", sort)
	}
	return 0, fmt.Errorf("%s, want a whole number", clip(string(text)))
}

// intField reads a whole number into to, and with it calls check.
func intField(name string, to *int64, check func(int64) error) field {
	return field{name, false, func(text json.RawMessage) (_ string, err error) {
		if *to, err = readInt(text); err == nil && check != nil {
			err = check(*to)
		}
		return "", err
	}}
}

// countField reads a maximum of spends, which is left out where there is none.
func countField(to *int64) field {
	return intField("max_count", to, func(n int64) error {
		if n == 0 {
			return fmt.Errorf("0: leave it out for no limit of count; to let nothing through, set max to zero")
		}
		return nil
	})
}

// maxField reads a maximum of money, which is left out where there is none.
func maxField(to *money.Amount) field {
	return field{"max", false, func(text json.RawMessage) (string, error) {
		err := to.UnmarshalJSON(text)
		if err == nil && to.Sign() == 0 && bytes.IndexByte(text, '-') >= 0 {
			err = fmt.Errorf("a zero with a minus")
		}
		return "", err
	}}
}

// durationField reads an ISO 8601 duration as microseconds into to, and with it calls check.
func durationField(name string, to *int64, check func(int64) error) field {
	return field{name, false, func(text json.RawMessage) (string, error) {
		s, err := readText(text)
		if err != nil {
			return "", err
		}
		if *to, err = parseDuration(s); err == nil && check != nil {
			err = check(*to)
		}
		return "", err
	}}
}

// instantField reads an instant.
func instantField(name string, to *time.Time) field {
	return field{name, true, func(text json.RawMessage) (string, error) {
		s, err := readText(text)
		if err == nil {
			*to, err = parseInstant(s)
		}
		return "", err
	}}
}

// parseInstant reads an instant as RFC 3339 writes it, with at most six digits after the point of the seconds: what is
// below a microsecond would be cut off. Package time takes hours of one digit, commas, and offsets of more than a day.
func parseInstant(s string) (time.Time, error) {
	bad := fmt.Errorf("%q, want an instant such as 2026-12-19T00:00:00Z, to the microsecond at most", clip(s))
	const form = "0000-00-00T00:00:00"
	if len(s) <= len(form) || !like(s[:len(form)], form) {
		return time.Time{}, bad
	}
	rest := s[len(form):]
	if rest[0] == '.' {
		digits := 1
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits > 7 { // and if there is none, package time says so
			return time.Time{}, bad
		}
		rest = rest[digits:]
	}
	offset := like(rest, "+00:00") || like(rest, "-00:00")
	if rest != "Z" && (!offset || rest[1:3] > "23" || rest[4:] > "59") {
		return time.Time{}, bad
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil { // 30 February, 25 o'clock
		return time.Time{}, bad
	}
	return t, nil
}

// like reports whether s has a digit wherever form has a 0, and elsewhere what form has.
func like(s, form string) bool {
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		digit := s[i] >= '0' && s[i] <= '9'
		if form[i] == '0' && !digit || form[i] != '0' && s[i] != form[i] {
			return false
		}
	}
	return true
}
