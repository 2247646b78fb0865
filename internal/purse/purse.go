// Package purse is the smallest aggregate worth a test of the engine: it holds an amount, from which may be
// taken what is there, and refuses the rest.
package purse

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/payrules/payrules/event"
)

// Changed says that the purse went from one balance to another under an id.
type Changed struct {
	ID      string `json:"id"`
	By      int64  `json:"by"`
	Balance int64  `json:"balance"` // afterwards
}

// EventType is purse.changed.v1.
func (Changed) EventType() string { return "purse.changed.v1" }

// Refused says that the purse did not hold what was asked for.
type Refused struct {
	ID      string `json:"id"`
	By      int64  `json:"by"`
	Balance int64  `json:"balance"`
}

// EventType is purse.refused.v1.
func (Refused) EventType() string { return "purse.refused.v1" }

// Codec of the events.
func Codec() *event.Codec {
	return event.MustCodec([]event.Type{event.TypeOf[Changed](), event.TypeOf[Refused]()})
}

// Purse is the state. It checks on every event that the balances follow from each other, so that an engine
// that applies the wrong history is found out at once.
type Purse struct {
	Balance int64
	Changes int64
	Refused int64
}

// New is an empty purse.
func New(string) *Purse { return &Purse{} }

// Apply takes up an event.
func (p *Purse) Apply(d event.Data) error {
	switch d := d.(type) {
	case Changed:
		if p.Balance+d.By != d.Balance || d.Balance < 0 {
			return fmt.Errorf("purse: %d and %d do not make %d", p.Balance, d.By, d.Balance)
		}
		p.Balance = d.Balance
		p.Changes++
	case Refused:
		if p.Balance != d.Balance {
			return fmt.Errorf("purse: refused at %d, but there is %d", d.Balance, p.Balance)
		}
		p.Refused++
	default:
		return fmt.Errorf("purse: unknown event %T", d)
	}
	return nil
}

// MarshalBinary writes the state for a snapshot.
func (p *Purse) MarshalBinary() ([]byte, error) {
	b := binary.AppendVarint(nil, p.Balance)
	b = binary.AppendVarint(b, p.Changes)
	return binary.AppendVarint(b, p.Refused), nil
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (p *Purse) UnmarshalBinary(b []byte) error {
	for _, field := range []*int64{&p.Balance, &p.Changes, &p.Refused} {
		v, n := binary.Varint(b)
		if n <= 0 {
			return errors.New("purse: short snapshot")
		}
		*field, b = v, b[n:]
	}
	if len(b) != 0 {
		return errors.New("purse: long snapshot")
	}
	return nil
}

// Answer of a Change.
type Answer struct {
	Refused bool
	Balance int64
}

// Change puts something in (positive) or takes something out (negative).
type Change struct {
	ID string `json:"id"`
	By int64  `json:"by"`
}

// Decide refuses what would make the balance negative. Zero cannot be decided.
func (c Change) Decide(p *Purse) ([]event.Data, error) {
	if c.By == 0 {
		return nil, errors.New("purse: by: zero")
	}
	if p.Balance+c.By < 0 {
		return []event.Data{Refused{ID: c.ID, By: c.By, Balance: p.Balance}}, nil
	}
	return []event.Data{Changed{ID: c.ID, By: c.By, Balance: p.Balance + c.By}}, nil
}

// Result reads the answer.
func (c Change) Result(decided []event.Data) Answer {
	if len(decided) == 0 {
		return Answer{}
	}
	switch d := decided[len(decided)-1].(type) {
	case Changed:
		return Answer{Balance: d.Balance}
	case Refused:
		return Answer{Refused: true, Balance: d.Balance}
	}
	return Answer{}
}
