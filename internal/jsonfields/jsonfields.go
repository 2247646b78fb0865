// Package jsonfields reads JSON field by field, and says by its path where something is wrong: "limits[1].window.kind".
//
// Encoding/json alone would let through what a contract must not leave open: names in other letters, a field twice (the last one wins),
// null for "not there", half a surrogate. The text is known to be JSON when it comes to the readers: [Document] sees to it.
package jsonfields

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/payrules/payrules/money"
)

// Reader reads one value. What it returns besides the error is the path, inside the value, of what is wrong.
type Reader func(text json.RawMessage) (where string, err error)

// Field is one field of an object.
type Field struct {
	Name     string
	Required bool
	Read     Reader
}

// Document returns the one value of data. It returns an error if data is longer than so many bytes, not one JSON value, or not UTF-8.
func Document(data []byte, most int) (json.RawMessage, error) {
	if len(data) > most {
		return nil, fmt.Errorf("%d bytes, want at most %d", len(data), most)
	}
	var text json.RawMessage
	if err := json.Unmarshal(data, &text); err != nil {
		return nil, fmt.Errorf("not valid JSON: %w", err)
	}
	if !utf8.Valid(data) {
		return nil, errors.New("not valid UTF-8")
	}
	return bytes.TrimSpace(text), nil
}

// Object reads an object of these fields and no others, in the order in which they are given here.
func Object(text json.RawMessage, fields ...Field) (where string, err error) {
	found, err := find(text, fields)
	if err != nil {
		return "", err
	}
	for i, f := range fields {
		switch {
		case found[i] != nil:
			if where, err := f.Read(found[i]); err != nil {
				return "." + f.Name + where, err
			}
		case f.Required:
			return "." + f.Name, errors.New("none given")
		}
	}
	return "", nil
}

// find finds the values of the fields, nil for those that are not there.
func find(text json.RawMessage, fields []Field) ([]json.RawMessage, error) {
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
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown field %q", Clip(name))
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

// Array reads an array of at most so many elements, each with read.
func Array(text json.RawMessage, most int, read Reader) (where string, err error) {
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

// Text reads a string. One with an escape that is no character is refused: it would read as U+FFFD, whatever it was.
func Text(text json.RawMessage) (string, error) {
	var s string
	if text[0] != '"' || json.Unmarshal(text, &s) != nil {
		return "", fmt.Errorf("%s, want a string", sortOf(text))
	}
	const unknown = "\ufffd"
	if strings.Count(s, unknown) != bytes.Count(text, []byte(unknown)) {
		return "", errors.New("an escape in it is no character of Unicode")
	}
	return s, nil
}

// Int reads a whole number, written without point and exponent.
func Int(text json.RawMessage) (int64, error) {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil {
		return n, nil
	}
	if sort := sortOf(text); sort != "a number" {
		return 0, fmt.Errorf("%s, want a whole number", sort)
	}
	return 0, fmt.Errorf("%s, want a whole number", Clip(string(text)))
}

// TextField reads a string into to.
func TextField[T ~string](name string, required bool, to *T) Field {
	return Field{name, required, func(text json.RawMessage) (string, error) {
		s, err := Text(text)
		*to = T(s)
		return "", err
	}}
}

// ParsedField reads a string, and what parse makes of it into to.
func ParsedField[T any](name string, required bool, to *T, parse func(string) (T, error)) Field {
	return Field{name, required, func(text json.RawMessage) (string, error) {
		s, err := Text(text)
		if err == nil {
			*to, err = parse(s)
		}
		return "", err
	}}
}

// IntField reads a whole number into to, and with it calls check, if there is one.
func IntField(name string, to *int64, check func(int64) error) Field {
	return Field{name, false, func(text json.RawMessage) (_ string, err error) {
		if *to, err = Int(text); err == nil && check != nil {
			err = check(*to)
		}
		return "", err
	}}
}

// AmountField reads an amount of money into to.
func AmountField(name string, required bool, to *money.Amount) Field {
	return Field{name, required, func(text json.RawMessage) (string, error) {
		err := to.UnmarshalJSON(text)
		if err == nil && to.Sign() == 0 && bytes.IndexByte(text, '-') >= 0 {
			err = errors.New("a zero with a minus")
		}
		return "", err
	}}
}

// ListField reads an array of 1 to most strings into to: an empty list would be one that says nothing.
func ListField[T any](name string, most int, to *[]T, parse func(string) (T, error)) Field {
	return Field{name, false, func(text json.RawMessage) (string, error) {
		where, err := Array(text, most, func(text json.RawMessage) (string, error) {
			s, err := Text(text)
			if err != nil {
				return "", err
			}
			v, err := parse(s)
			*to = append(*to, v)
			return "", err
		})
		if err == nil && *to == nil {
			err = errors.New("empty: leave it out")
		}
		return where, err
	}}
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

// Clip keeps a message short whatever it quotes.
func Clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
