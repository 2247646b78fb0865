package main

import (
	"fmt"

	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
)

// The program's own facts: rows that are no withdrawals, and the caps that a journal was made with. They show all
// that an aggregate of one's own needs.

// entered is the fact that a row was in the input.
type entered transaction

// EventType is the name in the journal.
func (entered) EventType() string { return "quickstart.entered.v1" }

// enter is the command that makes it so.
type enter transaction

// Decide always agrees: what the row says has happened.
func (c enter) Decide(*statement) ([]event.Data, error) { return []event.Data{entered(c)}, nil }

// Result says that it is done.
func (enter) Result([]event.Data) struct{} { return struct{}{} }

// statement is the rows of an account that are no withdrawals. No rule asks about them, so it remembers nothing.
type statement struct{}

// Apply takes up one more row.
func (*statement) Apply(d event.Data) error {
	if _, ok := d.(entered); !ok {
		return fmt.Errorf("statement: event of type %s", d.EventType())
	}
	return nil
}

func statementKind() engine.Kind[*statement] {
	return engine.Kind[*statement]{
		Name:  "statement",
		Codec: event.MustCodec([]event.Type{event.TypeOf[entered]()}),
		New:   func(string) *statement { return &statement{} },
	}
}

// capsChosen is the fact that the journal was made with these caps.
type capsChosen struct {
	Caps []string `json:"caps"`
}

// EventType is the name in the journal.
func (capsChosen) EventType() string { return "quickstart.caps_chosen.v1" }

// chooseCaps is the command that makes it so.
type chooseCaps capsChosen

// Decide always agrees: only the first one is asked, since all have the same key.
func (c chooseCaps) Decide(*settings) ([]event.Data, error) { return []event.Data{capsChosen(c)}, nil }

// Result says that it is done.
func (chooseCaps) Result([]event.Data) struct{} { return struct{}{} }

// settings is what the journal was made with.
type settings struct{ caps []string }

// Apply takes up the caps.
func (s *settings) Apply(d event.Data) error {
	e, ok := d.(capsChosen)
	if !ok {
		return fmt.Errorf("settings: event of type %s", d.EventType())
	}
	s.caps = e.Caps
	return nil
}

func settingsKind() engine.Kind[*settings] {
	return engine.Kind[*settings]{
		Name:  "settings",
		Codec: event.MustCodec([]event.Type{event.TypeOf[capsChosen]()}),
		New:   func(string) *settings { return &settings{} },
	}
}
