// Package jsonwriter writes JSON by hand, as encoding/json writes it, where reflection would cost more than the decision.
package jsonwriter

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/payrules/payrules/money"
)

// Writer appends JSON to Out, and keeps the first error in Err. Whoever writes an object appends its braces; Name puts the
// commas. Every type that writes with it has a test that holds it to what encoding/json writes.
type Writer struct {
	Out []byte
	Err error
}

// Name starts a field. The first one of an object has { before it.
func (w *Writer) Name(name string) {
	if n := len(w.Out); n > 0 && w.Out[n-1] != '{' && w.Out[n-1] != '[' {
		w.Out = append(w.Out, ',')
	}
	w.Out = append(append(append(w.Out, '"'), name...), '"', ':')
}

// Text writes a string as encoding/json does.
func (w *Writer) Text(s string) {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			w.Value(s)
			return
		}
	}
	w.Out = append(append(append(w.Out, '"'), s...), '"')
}

// Value writes whatever encoding/json can: what is rare enough for reflection.
func (w *Writer) Value(v any) {
	text, err := json.Marshal(v)
	w.Out = append(w.Out, text...)
	w.Fail(err)
}

// Instant writes a time in UTC, cut off to the microsecond.
func (w *Writer) Instant(t time.Time) {
	t = money.Instant(t)
	if y := t.Year(); y < 0 || y > 9999 {
		_, err := t.MarshalJSON() // says what is wrong
		w.Fail(err)
		return
	}
	w.Out = append(t.AppendFormat(append(w.Out, '"'), time.RFC3339Nano), '"')
}

// Amount writes an amount of money. One without a currency is an error.
func (w *Writer) Amount(a money.Amount) {
	if !a.Valid() {
		_, err := a.MarshalJSON()
		w.Fail(err)
		return
	}
	w.Out = a.AppendJSON(w.Out)
}

// Int writes a whole number.
func (w *Writer) Int(n int64) { w.Out = strconv.AppendInt(w.Out, n, 10) }

// When writes a field with an instant, if it is set.
func (w *Writer) When(name string, at time.Time) {
	if !at.IsZero() {
		w.Name(name)
		w.Instant(at)
	}
}

// Say writes a field with a text, if there is one.
func (w *Writer) Say(name, text string) {
	if text != "" {
		w.Name(name)
		w.Text(text)
	}
}

// Sum writes a field with an amount, if it is set.
func (w *Writer) Sum(name string, a money.Amount) {
	if a != (money.Amount{}) {
		w.Name(name)
		w.Amount(a)
	}
}

// Flag writes a field that is true, if it is.
func (w *Writer) Flag(name string, set bool) {
	if set {
		w.Name(name)
		w.Out = append(w.Out, "true"...)
	}
}

// Fail keeps an error, if it is the first.
func (w *Writer) Fail(err error) {
	if w.Err == nil {
		w.Err = err
	}
}
