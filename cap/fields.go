package cap

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/payrules/payrules/internal/jsonfields"
	"github.com/payrules/payrules/money"
)

// The JSON of a policy is read field by field: see package jsonfields. Here are the kinds of field that only a policy has.

// countField reads a maximum of spends, which is left out where there is none.
func countField(to *int64) jsonfields.Field {
	return jsonfields.IntField("max_count", to, func(n int64) error {
		if n == 0 {
			return fmt.Errorf("0: leave it out for no limit of count; to let nothing through, set max to zero")
		}
		return nil
	})
}

// maxField reads a maximum of money, which is left out where there is none.
func maxField(to *money.Amount) jsonfields.Field { return jsonfields.AmountField("max", false, to) }

// durationField reads an ISO 8601 duration as microseconds into to, and with it calls check.
func durationField(name string, to *int64, check func(int64) error) jsonfields.Field {
	return jsonfields.Field{Name: name, Read: func(text json.RawMessage) (string, error) {
		s, err := jsonfields.Text(text)
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
func instantField(name string, to *time.Time) jsonfields.Field {
	return jsonfields.Field{Name: name, Required: true, Read: func(text json.RawMessage) (string, error) {
		s, err := jsonfields.Text(text)
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
