package text

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/internal/sheet"
)

const header = "number,position,transfer,at,booked,value,debit,credit,currency,balance,reference,text,code,counter,reverses,forced\r\n"

// WriteCSV writes the entries of a statement as CSV; the package documentation lists the columns, and says how spreadsheets are
// kept from taking a text for a formula.
//
// WriteCSV returns an error if the statement does not add up, or a text is not UTF-8 (it wraps [ledger.ErrInvalid], names the
// field, and nothing was written), or if w fails.
func WriteCSV(w io.Writer, s *ledger.Statement) error {
	if err := sheet.Check(s); err != nil {
		return err
	}
	for i := range s.Entries {
		if field := notUTF8(&s.Entries[i]); field != "" {
			return fmt.Errorf("%w CSV: entry %d: %s: it is not UTF-8", ledger.ErrInvalid, i+1, field)
		}
	}
	out := bufio.NewWriter(w) // it keeps its first error for Flush
	_, _ = out.WriteString(header)
	line := make([]byte, 0, 512)
	for i := range s.Entries {
		line = appendEntry(line[:0], s, &s.Entries[i])
		_, _ = out.Write(line)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("text: write CSV: %w", err)
	}
	return nil
}

// notUTF8 names the first text that is not UTF-8; "" if all are.
func notUTF8(e *ledger.Entry) string {
	for _, f := range [...]struct{ name, value string }{
		{"transfer", e.Transfer}, {"reference", e.Reference}, {"text", e.Text}, {"code", e.Code}, {"counter", e.Counter}, {"reverses", e.Reverses},
	} {
		if !utf8.ValidString(f.value) {
			return f.name
		}
	}
	return ""
}

// appendEntry appends the line of an entry.
func appendEntry(dst []byte, s *ledger.Statement, e *ledger.Entry) []byte {
	debit, credit := columns(e)
	dst = strconv.AppendUint(dst, uint64(e.Number), 10)
	dst = strconv.AppendUint(append(dst, ','), uint64(e.Position), 10)
	dst = appendText(append(dst, ','), e.Transfer)
	dst = e.At.UTC().AppendFormat(append(dst, ','), time.RFC3339Nano)
	for _, value := range [...]string{s.Booked(e).String(), e.Value.String(), debit, credit, s.Currency.Code(), e.Balance.Number()} {
		dst = append(append(dst, ','), value...)
	}
	for _, value := range [...]string{e.Reference, e.Text, e.Code, e.Counter, e.Reverses} {
		dst = appendText(append(dst, ','), value)
	}
	dst = strconv.AppendBool(append(dst, ','), e.Forced)
	return append(dst, "\r\n"...)
}

// appendText appends a text, guarded and quoted where it must be.
func appendText(dst []byte, s string) []byte {
	guarded := isFormula(s)
	if !guarded && !strings.ContainsAny(s, ",\"\r\n") {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	if guarded {
		dst = append(dst, '\'')
	}
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// isFormula tells whether a spreadsheet might take a text for a formula, or a reader an apostrophe for our guard.
func isFormula(s string) bool {
	if s == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("=+-@＝＋－＠\t\r\n'", first)
}
