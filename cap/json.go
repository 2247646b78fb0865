package cap

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/payrules/payrules/money"
)

// The JSON of the events and commands of the hot path is written by hand, since reflection would cost more than the
// decision. A test holds it to what encoding/json writes.

// jsonWriter appends JSON, and keeps the first error.
type jsonWriter struct {
	out []byte
	err error
}

// name starts a field. The first one of an object has { before it.
func (w *jsonWriter) name(name string) {
	if n := len(w.out); n > 0 && w.out[n-1] != '{' && w.out[n-1] != '[' {
		w.out = append(w.out, ',')
	}
	w.out = append(append(append(w.out, '"'), name...), '"', ':')
}

// text writes a string as encoding/json does.
func (w *jsonWriter) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, err := json.Marshal(s)
			w.out = append(w.out, quoted...)
			w.fail(err)
			return
		}
	}
	w.out = append(append(append(w.out, '"'), s...), '"')
}

// instant writes a time in UTC, cut off to the microsecond.
func (w *jsonWriter) instant(t time.Time) {
	t = money.Instant(t)
	if y := t.Year(); y < 0 || y > 9999 {
		_, err := t.MarshalJSON() // says what is wrong
		w.fail(err)
		return
	}
	w.out = append(t.AppendFormat(append(w.out, '"'), time.RFC3339Nano), '"')
}

func (w *jsonWriter) amount(a money.Amount) {
	if !a.Valid() {
		_, err := a.MarshalJSON()
		w.fail(err)
		return
	}
	w.out = a.AppendJSON(w.out)
}

func (w *jsonWriter) int(n int64) { w.out = strconv.AppendInt(w.out, n, 10) }

func (w *jsonWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// spend writes the fields that nearly all have, and leaves the object open.
func (w *jsonWriter) spend(id string, at time.Time, amount money.Amount) {
	w.out = append(w.out, '{')
	w.ref(id, at)
	w.name("amount")
	w.amount(amount)
}

func (w *jsonWriter) ref(id string, at time.Time) {
	w.name("id")
	w.text(id)
	w.name("at")
	w.instant(at)
}

// limits writes the last field of an event, and closes it.
func (w *jsonWriter) limits(limits []LimitUsage) {
	w.name("limits")
	if limits == nil {
		w.out = append(w.out, "null"...)
	} else {
		w.out = append(w.out, '[')
		for i := range limits {
			if i > 0 {
				w.out = append(w.out, ',')
			}
			w.limit(&limits[i])
		}
		w.out = append(w.out, ']')
	}
	w.out = append(w.out, '}')
}

func (w *jsonWriter) limit(l *LimitUsage) {
	w.out = append(w.out, '{')
	w.name("name")
	w.text(l.Name)
	if l.Max != (money.Amount{}) {
		w.name("max")
		w.amount(l.Max)
	}
	w.name("used")
	w.amount(l.Used)
	if l.MaxCount != 0 {
		w.name("max_count")
		w.int(l.MaxCount)
	}
	w.name("count")
	w.int(l.Count)
	if l.Over {
		w.name("over")
		w.out = append(w.out, "true"...)
	}
	if !l.FreeAt.IsZero() {
		w.name("free_at")
		w.instant(l.FreeAt)
	}
	if l.Free != (money.Amount{}) {
		w.name("free")
		w.amount(l.Free)
	}
	if l.FreeCount != 0 {
		w.name("free_count")
		w.int(l.FreeCount)
	}
	if len(l.Crossed) > 0 {
		w.name("crossed")
		w.out = append(w.out, '[')
		for i, percent := range l.Crossed {
			if i > 0 {
				w.out = append(w.out, ',')
			}
			w.int(int64(percent))
		}
		w.out = append(w.out, ']')
	}
	w.out = append(w.out, '}')
}

// when writes an instant that may be missing.
func (w *jsonWriter) when(name string, at time.Time) {
	if !at.IsZero() {
		w.name(name)
		w.instant(at)
	}
}

// merchant writes a merchant, if there is one. They are rare enough for reflection.
func (w *jsonWriter) merchant(m *Merchant) {
	if m != nil {
		text, err := json.Marshal(m)
		w.fail(err)
		w.name("merchant")
		w.out = append(w.out, text...)
	}
}

// of writes the spend that is spoken of, if there is one.
func (w *jsonWriter) of(r *Ref) {
	if r != nil {
		w.name("of")
		w.out = append(w.out, '{')
		w.ref(r.ID, r.At)
		w.out = append(w.out, '}')
	}
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Authorized) AppendJSON(dst []byte) ([]byte, error) {
	w := jsonWriter{out: dst}
	w.spend(e.ID, e.At, e.Amount)
	w.when("expires", e.Expires)
	w.merchant(e.Merchant)
	w.limits(e.Limits)
	return w.out, w.err
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e ForcePosted) AppendJSON(dst []byte) ([]byte, error) {
	w := jsonWriter{out: dst}
	w.spend(e.ID, e.At, e.Amount)
	w.merchant(e.Merchant)
	w.limits(e.Limits)
	return w.out, w.err
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Reversed) AppendJSON(dst []byte) ([]byte, error) {
	w := jsonWriter{out: dst}
	w.spend(e.ID, e.At, e.Amount)
	w.limits(e.Limits)
	return w.out, w.err
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Adjusted) AppendJSON(dst []byte) ([]byte, error) { return Captured(e).AppendJSON(dst) }

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Captured) AppendJSON(dst []byte) ([]byte, error) {
	w := jsonWriter{out: dst}
	w.spend(e.ID, e.At, e.Amount)
	w.name("authorized")
	w.amount(e.Authorized)
	w.when("on", e.On)
	w.limits(e.Limits)
	return w.out, w.err
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Refunded) AppendJSON(dst []byte) ([]byte, error) {
	w := jsonWriter{out: dst}
	w.spend(e.ID, e.At, e.Amount)
	w.of(e.Of)
	w.merchant(e.Merchant)
	w.limits(e.Limits)
	return w.out, w.err
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Refusal) AppendJSON(dst []byte) ([]byte, error) {
	w := jsonWriter{out: append(dst, '{')}
	w.name("command")
	w.text(e.Command)
	w.ref(e.ID, e.At)
	w.name("amount")
	w.amount(e.Amount)
	w.when("expires", e.Expires)
	w.merchant(e.Merchant)
	w.name("reason")
	w.text(string(e.Reason))
	if e.Limit != "" {
		w.name("limit")
		w.text(e.Limit)
	}
	w.limits(e.Limits)
	return w.out, w.err
}

func appendSpendCommand(dst []byte, s Spend) ([]byte, error) {
	w := jsonWriter{out: dst}
	w.spend(s.ID, s.At, s.Amount)
	w.when("expires", s.Expires)
	w.merchant(s.Merchant)
	return append(w.out, '}'), w.err
}

func appendChange(dst []byte, c Change) ([]byte, error) {
	w := jsonWriter{out: dst}
	w.spend(c.ID, c.At, c.Amount)
	w.when("on", c.On)
	return append(w.out, '}'), w.err
}

// AppendJSON appends the JSON of the command: the same for the same spend, whatever zone and precision its time came in.
// It returns an error if the amount has no currency, or the year is not within 0 to 9999.
func (c Authorize) AppendJSON(dst []byte) ([]byte, error) { return appendSpendCommand(dst, Spend(c)) }

// AppendJSON is as for [Authorize].
func (c ForcePost) AppendJSON(dst []byte) ([]byte, error) { return appendSpendCommand(dst, Spend(c)) }

// AppendJSON is as for [Authorize].
func (c Adjust) AppendJSON(dst []byte) ([]byte, error) { return appendChange(dst, Change(c)) }

// AppendJSON is as for [Authorize].
func (c Capture) AppendJSON(dst []byte) ([]byte, error) { return appendChange(dst, Change(c)) }

// AppendJSON is as for [Authorize].
func (c Reverse) AppendJSON(dst []byte) ([]byte, error) {
	w := jsonWriter{out: append(dst, '{')}
	w.ref(c.ID, c.At)
	return append(w.out, '}'), w.err
}

// AppendJSON is as for [Authorize].
func (c Refund) AppendJSON(dst []byte) ([]byte, error) {
	w := jsonWriter{out: dst}
	w.spend(c.ID, c.At, c.Amount)
	w.of(c.Of)
	w.merchant(c.Merchant)
	return append(w.out, '}'), w.err
}

// MarshalJSON returns what AppendJSON appends.
func (c Authorize) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil) }

// MarshalJSON returns what AppendJSON appends.
func (c ForcePost) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil) }

// MarshalJSON returns what AppendJSON appends.
func (c Adjust) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil) }

// MarshalJSON returns what AppendJSON appends.
func (c Capture) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil) }

// MarshalJSON returns what AppendJSON appends.
func (c Reverse) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil) }

// MarshalJSON returns what AppendJSON appends.
func (c Refund) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil) }
