package cap

import (
	"time"

	"github.com/payrules/payrules/internal/jsonwriter"
	"github.com/payrules/payrules/money"
)

// The JSON of the events and commands of the hot path is written by hand, since reflection would cost more than the
// decision. A test holds it to what encoding/json writes.

// jsonWriter writes what the events and commands here have in common.
type jsonWriter struct{ jsonwriter.Writer }

func writerTo(dst []byte) jsonWriter { return jsonWriter{jsonwriter.Writer{Out: dst}} }

// spend writes the fields that nearly all have, and leaves the object open.
func (w *jsonWriter) spend(id string, at time.Time, amount money.Amount) {
	w.Out = append(w.Out, '{')
	w.ref(id, at)
	w.Name("amount")
	w.Amount(amount)
}

func (w *jsonWriter) ref(id string, at time.Time) {
	w.Name("id")
	w.Text(id)
	w.Name("at")
	w.Instant(at)
}

// limits writes the last field of an event, and closes it.
func (w *jsonWriter) limits(limits []LimitUsage) {
	w.Name("limits")
	if limits == nil {
		w.Out = append(w.Out, "null"...)
	} else {
		w.Out = append(w.Out, '[')
		for i := range limits {
			if i > 0 {
				w.Out = append(w.Out, ',')
			}
			w.limit(&limits[i])
		}
		w.Out = append(w.Out, ']')
	}
	w.Out = append(w.Out, '}')
}

func (w *jsonWriter) limit(l *LimitUsage) {
	w.Out = append(w.Out, '{')
	w.Name("name")
	w.Text(l.Name)
	w.Sum("max", l.Max)
	w.Name("used")
	w.Amount(l.Used)
	if l.MaxCount != 0 {
		w.Name("max_count")
		w.Int(l.MaxCount)
	}
	w.Name("count")
	w.Int(l.Count)
	w.Flag("over", l.Over)
	w.When("free_at", l.FreeAt)
	w.Sum("free", l.Free)
	if l.FreeCount != 0 {
		w.Name("free_count")
		w.Int(l.FreeCount)
	}
	if len(l.Crossed) > 0 {
		w.Name("crossed")
		w.Out = append(w.Out, '[')
		for i, percent := range l.Crossed {
			if i > 0 {
				w.Out = append(w.Out, ',')
			}
			w.Int(int64(percent))
		}
		w.Out = append(w.Out, ']')
	}
	w.Out = append(w.Out, '}')
}

// merchant writes a merchant, if there is one. They are rare enough for reflection.
func (w *jsonWriter) merchant(m *Merchant) {
	if m != nil {
		w.Name("merchant")
		w.Value(m)
	}
}

// of writes the spend that is spoken of, if there is one.
func (w *jsonWriter) of(r *Ref) {
	if r != nil {
		w.Name("of")
		w.Out = append(w.Out, '{')
		w.ref(r.ID, r.At)
		w.Out = append(w.Out, '}')
	}
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Authorized) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.spend(e.ID, e.At, e.Amount)
	w.When("expires", e.Expires)
	w.merchant(e.Merchant)
	w.limits(e.Limits)
	return w.Out, w.Err
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e ForcePosted) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.spend(e.ID, e.At, e.Amount)
	w.merchant(e.Merchant)
	w.limits(e.Limits)
	return w.Out, w.Err
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Reversed) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.spend(e.ID, e.At, e.Amount)
	w.limits(e.Limits)
	return w.Out, w.Err
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Adjusted) AppendJSON(dst []byte) ([]byte, error) { return Captured(e).AppendJSON(dst) }

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Captured) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.spend(e.ID, e.At, e.Amount)
	w.Name("authorized")
	w.Amount(e.Authorized)
	w.When("on", e.On)
	w.limits(e.Limits)
	return w.Out, w.Err
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Refunded) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.spend(e.ID, e.At, e.Amount)
	w.of(e.Of)
	w.merchant(e.Merchant)
	w.limits(e.Limits)
	return w.Out, w.Err
}

// AppendJSON appends the JSON of the event. It returns an error if an amount has no currency.
func (e Refusal) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(append(dst, '{'))
	w.Name("command")
	w.Text(e.Command)
	w.ref(e.ID, e.At)
	w.Name("amount")
	w.Amount(e.Amount)
	w.When("expires", e.Expires)
	w.merchant(e.Merchant)
	w.Name("reason")
	w.Text(string(e.Reason))
	w.Say("limit", e.Limit)
	w.limits(e.Limits)
	return w.Out, w.Err
}

func appendSpendCommand(dst []byte, s Spend) ([]byte, error) {
	w := writerTo(dst)
	w.spend(s.ID, s.At, s.Amount)
	w.When("expires", s.Expires)
	w.merchant(s.Merchant)
	return append(w.Out, '}'), w.Err
}

func appendChange(dst []byte, c Change) ([]byte, error) {
	w := writerTo(dst)
	w.spend(c.ID, c.At, c.Amount)
	w.When("on", c.On)
	return append(w.Out, '}'), w.Err
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
	w := writerTo(append(dst, '{'))
	w.ref(c.ID, c.At)
	return append(w.Out, '}'), w.Err
}

// AppendJSON is as for [Authorize].
func (c Refund) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.spend(c.ID, c.At, c.Amount)
	w.of(c.Of)
	w.merchant(c.Merchant)
	return append(w.Out, '}'), w.Err
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
