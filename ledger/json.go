package ledger

import (
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/jsonwriter"
	"github.com/payrules/payrules/money"
)

// The JSON of the events and commands of every transfer is written by hand, since reflection would cost more than the decision.
// That of the other commands goes by a copy with its instant cut off. A test holds all of it to what encoding/json writes.

// writer writes what events and commands have in common.
type writer struct{ jsonwriter.Writer }

func writerTo(dst []byte) writer { return writer{jsonwriter.Writer{Out: append(dst, '{')}} }

func (w *writer) end() ([]byte, error) { return append(w.Out, '}'), w.Err }

func (w *writer) field(name, text string) {
	w.Name(name)
	w.Text(text)
}

func (w *writer) at(name string, t time.Time) {
	w.Name(name)
	w.Instant(t)
}

func (w *writer) date(name string, d civil.Date) {
	w.Name(name)
	w.Out = append(w.Out, '"')
	var err error
	w.Out, err = d.AppendText(w.Out)
	w.Out = append(w.Out, '"')
	w.Fail(err)
}

func (w *writer) side(s Side) {
	if !s.Valid() {
		_, err := s.MarshalText()
		w.Fail(err)
		return
	}
	w.field("side", sideNames[s])
}

func (w *writer) amount(name string, a money.Amount) {
	w.Name(name)
	w.Amount(a)
}

func (w *writer) legs(legs []Leg) {
	w.Name("legs")
	if legs == nil {
		w.Out = append(w.Out, "null"...)
		return
	}
	w.Out = append(w.Out, '[')
	for i := range legs {
		if i > 0 {
			w.Out = append(w.Out, ',')
		}
		w.Out = append(w.Out, '{')
		w.field("account", legs[i].Account)
		w.side(legs[i].Side)
		w.amount("amount", legs[i].Amount)
		w.Out = append(w.Out, '}')
	}
	w.Out = append(w.Out, ']')
}

func (w *writer) details(d *Details) {
	w.Say("reference", d.Reference)
	w.Say("text", d.Text)
	w.Say("code", d.Code)
}

func (w *writer) rate(r money.Rate) {
	if r != (money.Rate{}) {
		w.Name("rate")
		w.Value(r)
	}
}

// AppendJSON appends the JSON of the event. It returns an error if a figure has no JSON.
func (e EntryBooked) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.field("transfer", e.Transfer)
	w.at("at", e.At)
	w.date("value", e.Value)
	w.side(e.Side)
	w.amount("amount", e.Amount)
	w.Sum("released", e.Released)
	w.Sum("balance", e.Balance)
	w.Say("counter", e.Counter)
	w.details(&e.Details)
	w.Say("reverses", e.Reverses)
	w.Flag("forced", e.Forced)
	return w.end()
}

// AppendJSON appends the JSON of the event. It returns an error if a figure has no JSON.
func (e AmountHeld) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.field("transfer", e.Transfer)
	w.at("at", e.At)
	w.When("expires", e.Expires)
	w.side(e.Side)
	w.amount("amount", e.Amount)
	w.Say("counter", e.Counter)
	w.Flag("forced", e.Forced)
	return w.end()
}

// AppendJSON appends the JSON of the event. It returns an error if a figure has no JSON.
func (e TransferPosted) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.field("transfer", e.Transfer)
	w.at("at", e.At)
	w.date("value", e.Value)
	w.legs(e.Legs)
	w.details(&e.Details)
	w.rate(e.Rate)
	w.Say("reverses", e.Reverses)
	w.Say("interest", e.Interest)
	w.Say("group", e.Group)
	w.Flag("forced", e.Forced)
	return w.end()
}

// AppendJSON appends the JSON of the event. It returns an error if a figure has no JSON.
func (e TransferHeld) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.field("transfer", e.Transfer)
	w.at("at", e.At)
	w.date("value", e.Value)
	w.When("expires", e.Expires)
	w.legs(e.Legs)
	w.details(&e.Details)
	w.rate(e.Rate)
	w.Say("group", e.Group)
	w.Flag("forced", e.Forced)
	return w.end()
}

// AppendJSON appends the JSON of the event. It returns an error if a figure has no JSON.
func (e TransferCaptured) AppendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.field("id", e.ID)
	w.field("transfer", e.Transfer)
	w.at("at", e.At)
	w.date("value", e.Value)
	w.legs(e.Legs)
	w.Flag("keep", e.Keep)
	w.Say("group", e.Group)
	return w.end()
}

// AppendJSON appends the JSON of the command: the same for the same order, whatever zone and precision its instants came in. It
// returns an error if a figure has no JSON.
func (c Post) AppendJSON(dst []byte) ([]byte, error) { return (*Order)(&c).appendJSON(dst) }

// AppendJSON is as for [Post].
func (c Hold) AppendJSON(dst []byte) ([]byte, error) { return (*Order)(&c).appendJSON(dst) }

func (o *Order) appendJSON(dst []byte) ([]byte, error) {
	w := writerTo(dst)
	w.field("id", o.ID)
	w.at("at", o.At)
	w.date("value", o.Value)
	w.legs(o.Legs)
	w.When("expires", o.Expires)
	w.details(&o.Details)
	if len(o.If) > 0 {
		w.Name("if")
		w.Value(o.If)
	}
	w.Flag("at_most", o.AtMost)
	w.Flag("force", o.Force)
	w.rate(o.Rate)
	return w.end()
}

// MarshalJSON returns what AppendJSON appends.
func (c Post) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil) }

// MarshalJSON returns what AppendJSON appends.
func (c Hold) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil) }
