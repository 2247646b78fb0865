package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/payrules/payrules/money"
)

// maxText bounds the text fields of a row, in bytes.
const maxText = 64

// fieldError says what is wrong with one field of a row.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string { return e.field + ": " + e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

// parseRow reads a line in Berka's form:
//
//	171812;576;930101;"PRIJEM";"VKLAD";900.00;900.00;"";;
//
// Returns an error, a *fieldError where it concerns one field, if:
//   - there are not as many fields as in the header, or one is quoted wrongly;
//   - an id is not of 1 to 18 digits;
//   - the date is no day, written YYMMDD (70 to 99: 1970 to 1999; 00 to 69: 2000 to 2069);
//   - type or operation is none that the form has, or a withdrawal is booked as a credit;
//   - an amount is not a plain number of at most two decimals, or does not fit; or is negative (the balance may be);
//   - a text is longer than maxText, or has control characters.
func parseRow(line string) (*transaction, error) {
	fields, err := splitRow(line)
	if err != nil {
		return nil, err
	}
	t := &transaction{Symbol: fields[7], Bank: fields[8], Partner: fields[9]}
	for i, parse := range [...]func(string) error{
		func(s string) (err error) { t.ID, err = parseID(s); return err },
		func(s string) (err error) { t.Account, err = parseID(s); return err },
		func(s string) (err error) { t.At, err = parseDate(s); return err },
		func(s string) (err error) { t.Type, err = oneOf(s, typeCredit, typeDebit, typeWithdrawal); return err },
		func(s string) (err error) {
			t.Operation, err = oneOf(s, "", opDeposit, opFromBank, opToBank, opWithdrawal, opCardWithdrawal)
			if err == nil && t.withdrawal() && t.Type == typeCredit {
				err = fmt.Errorf("a withdrawal of type %s", typeCredit)
			}
			return err
		},
		func(s string) (err error) {
			if t.Amount, err = money.ParseAmount(s, currency); err == nil && t.Amount.Sign() < 0 {
				err = errors.New("negative")
			}
			return err
		},
		func(s string) (err error) { t.Balance, err = money.ParseAmount(s, currency); return err },
		checkText, checkText, checkText,
	} {
		if err := parse(fields[i]); err != nil {
			return nil, &fieldError{column(i), err}
		}
	}
	return t, nil
}

// checkHeader refuses a first line that does not name the fields of a row.
func checkHeader(line string) error {
	fields, err := splitRow(line)
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	for i := range columns {
		if want := column(i); fields[i] != want {
			return fmt.Errorf("header: column %d is %.40q, want %q", i+1, fields[i], want)
		}
	}
	return nil
}

// splitRow splits a line at its semicolons. A field is bare, or whole within quotes, where a doubled quote is one.
func splitRow(line string) (fields [columns]string, err error) {
	rest, more := line, true
	for i := range columns {
		if !more {
			return fields, fmt.Errorf("%d columns, want %d: %s is missing", i, columns, column(i))
		}
		if fields[i], rest, more, err = cutField(rest); err != nil {
			return fields, &fieldError{column(i), err}
		}
	}
	if more {
		return fields, fmt.Errorf("more than %d columns", columns)
	}
	return fields, nil
}

// cutField returns the first field of a line, and what follows the semicolon after it, if there is one.
func cutField(s string) (field, rest string, more bool, err error) {
	if !strings.HasPrefix(s, `"`) {
		field, rest, more = strings.Cut(s, ";")
		if strings.Contains(field, `"`) {
			return "", "", false, errors.New("a quote inside a field that does not begin with one")
		}
		return field, rest, more, nil
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != '"':
		case i+1 < len(s) && s[i+1] == '"':
			i++
		case i+1 < len(s) && s[i+1] != ';':
			return "", "", false, errors.New("text after the closing quote")
		default:
			field = strings.ReplaceAll(s[1:i], `""`, `"`)
			return field, strings.TrimPrefix(s[i+1:], ";"), i+1 < len(s), nil
		}
	}
	return "", "", false, errors.New("the closing quote is missing")
}

// parseID checks the number of a transaction or an account. It is a name, so it stays text.
func parseID(s string) (string, error) {
	if s == "" || len(s) > 18 || strings.Trim(s, "0123456789") != "" {
		return "", errors.New("want a number of 1 to 18 digits")
	}
	return s, nil
}

// parseDate reads YYMMDD as midnight UTC of that day.
func parseDate(s string) (time.Time, error) {
	if len(s) != 6 || strings.Trim(s, "0123456789") != "" {
		return time.Time{}, errors.New("want six digits, YYMMDD")
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	year := 1900 + two(0)
	if year < 1970 {
		year += 100
	}
	at := time.Date(year, time.Month(two(2)), two(4), 0, 0, 0, 0, time.UTC)
	if int(at.Month()) != two(2) || at.Day() != two(4) {
		return time.Time{}, errors.New("no day of the calendar, want YYMMDD")
	}
	return at, nil
}

// oneOf returns s if it is one of the words.
func oneOf(s string, words ...string) (string, error) {
	for _, w := range words {
		if s == w {
			return w, nil
		}
	}
	return "", fmt.Errorf("unknown, want one of %q", words)
}

// checkText refuses what a journal or a terminal should not get.
func checkText(s string) error {
	if len(s) > maxText {
		return fmt.Errorf("longer than %d bytes", maxText)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New("want UTF-8 without control characters")
	}
	return nil
}
