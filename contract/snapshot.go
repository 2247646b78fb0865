package contract

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/strictjson"
	"github.com/payrules/payrules/money"
)

// Schema names the form of the snapshots.
const Schema = "contract.1"

// snapshot is the form of a contract or a mandate in MarshalBinary: JSON, so that an operator can read it. Facts are the events
// that the state knows, the first among them.
type snapshot struct {
	ID       string        `json:"id"`
	Version  event.Version `json:"version"`
	Revision uint64        `json:"revision"`
	Clock    int64         `json:"clock"`
	Facts    []factJSON    `json:"facts,omitempty"`
	Mandate  *mandateJSON  `json:"mandate,omitempty"`
}

type factJSON struct {
	Type      string          `json:"type"`
	Data      json.RawMessage `json:"data"`
	Withdrawn uint64          `json:"withdrawn,omitempty"`
}

// mandateJSON is what a mandate knows beside its changes.
type mandateJSON struct {
	SignedOn civil.Date `json:"signed_on,omitzero"`
	LastOn   civil.Date `json:"last_on,omitzero"`
	Moved    int64      `json:"moved,omitempty"`
	Seen     *details   `json:"seen,omitempty"`
}

// marshal writes a life down that began with an event.
func (l *life) marshal(began event.Data, codec *event.Codec, m *mandateJSON) ([]byte, error) {
	s := snapshot{ID: l.id, Version: l.version, Revision: l.revision, Clock: l.clock, Mandate: m}
	put := func(d event.Data, withdrawn uint64) error {
		e, err := codec.Encode(d)
		if err == nil {
			s.Facts = append(s.Facts, factJSON{e.Type, e.Data, withdrawn})
		}
		return err
	}
	if l.revision > 0 {
		if err := put(began, 0); err != nil {
			return nil, err
		}
	}
	for i := range l.line.entries {
		if err := put(l.line.entries[i].fact, l.line.entries[i].withdrawn); err != nil {
			return nil, err
		}
	}
	return json.Marshal(s)
}

// unmarshal reads what marshal wrote into a life of which nothing is known; begin takes up the event that it began with.
func (l *life) unmarshal(data []byte, codec *event.Codec, begin func(event.Data) error) (*mandateJSON, error) {
	var s snapshot
	if err := strictjson.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	if s.ID != l.id {
		return nil, fmt.Errorf("it is of another id")
	}
	for i, f := range s.Facts {
		d, err := codec.Decode(event.Event{Type: f.Type, Data: f.Data})
		if err != nil {
			return nil, err
		}
		if i == 0 {
			if err := begin(d); err != nil {
				return nil, err
			}
			continue
		}
		change, ok := d.(fact)
		if !ok {
			return nil, fmt.Errorf("%s is no change", f.Type)
		}
		e := entryOf(change)
		e.withdrawn = f.Withdrawn
		l.line.entries = append(l.line.entries, e)
	}
	l.version, l.revision, l.clock = s.Version, s.Revision, s.Clock
	if s.Mandate != nil {
		l.line.moved = s.Mandate.Moved
	}
	return s.Mandate, l.verify(len(s.Facts) > 0)
}

// verify returns an error if a state contradicts itself.
func (l *life) verify(began bool) error {
	switch {
	case l.clock < 0 || uint64(l.version) < l.revision || began != (l.revision > 0):
		return fmt.Errorf("a figure is out of range")
	case len(l.line.entries) > MaxChanges+endings:
		return fmt.Errorf("more changes than there may be")
	case !slices.IsSortedFunc(l.line.entries, compareEntries):
		return fmt.Errorf("its changes are not in order")
	}
	seen := map[uint64]bool{}
	for i := range l.line.entries {
		e := &l.line.entries[i]
		switch {
		case !isCanonical(money.FromUnixMicro(e.at)) || e.at > l.clock || e.from < l.line.start:
			return fmt.Errorf("a change is out of range")
		case e.seq < 2 || e.seq > l.revision || seen[e.seq] || e.withdrawn > l.revision || e.withdrawn != 0 && e.withdrawn <= e.seq:
			return fmt.Errorf("its revisions are not those of changes")
		}
		seen[e.seq] = true
	}
	if r := l.line.judge(0); r.reason != "" {
		return fmt.Errorf("change %d cannot stand where it does", r.change)
	}
	return nil
}

// MarshalBinary returns the contract as UnmarshalBinary reads it: a cache of its events, whose form may change with any version
// of the library.
func (c *Contract) MarshalBinary() ([]byte, error) { return c.marshal(c.base, ContractCodec(), nil) }

// UnmarshalBinary makes the contract what MarshalBinary wrote. After an error it is as it was.
//
// Returns an error that wraps ErrCorrupt if data is not of that form, is of another contract, or contradicts itself.
func (c *Contract) UnmarshalBinary(data []byte) error {
	b := NewContract(c.id)
	m, err := b.unmarshal(data, ContractCodec(), func(d event.Data) error {
		e, ok := d.(ContractSubscription)
		if !ok {
			return fmt.Errorf("it does not begin with a subscription")
		}
		return b.applySubscription(&e)
	})
	if err == nil && m != nil {
		err = fmt.Errorf("it is of a mandate")
	}
	for i := 0; err == nil && i < len(b.line.entries); i++ {
		if a, ok := b.line.entries[i].fact.(ContractAmendment); ok {
			err = a.check(b)
		}
	}
	if err != nil {
		return fmt.Errorf("%w: snapshot of contract %q: %w", ErrCorrupt, c.id, err)
	}
	*c = *b
	return nil
}

// MarshalBinary is as for [Contract].
func (m *Mandate) MarshalBinary() ([]byte, error) {
	more := mandateJSON{SignedOn: m.signedOn, LastOn: m.lastOn, Moved: m.line.moved}
	if m.seen != (details{}) {
		more.Seen = &m.seen
	}
	return m.marshal(m.base, MandateCodec(), &more)
}

// UnmarshalBinary makes the mandate what MarshalBinary wrote. After an error it is as it was.
//
// Returns an error that wraps ErrCorrupt if data is not of that form, is of another mandate, or contradicts itself.
func (m *Mandate) UnmarshalBinary(data []byte) error {
	b := NewMandate(m.id)
	more, err := b.unmarshal(data, MandateCodec(), func(d event.Data) error {
		e, ok := d.(MandateCreation)
		if !ok {
			return fmt.Errorf("it does not begin with a creation")
		}
		return b.applyCreation(&e)
	})
	if err == nil {
		err = b.restore(more)
	}
	if err != nil {
		return fmt.Errorf("%w: snapshot of a mandate: %w", ErrCorrupt, err)
	}
	*m = *b
	return nil
}

// restore takes up what a mandate knows beside its changes.
func (m *Mandate) restore(more *mandateJSON) error {
	if more == nil || more.Moved < 0 {
		return fmt.Errorf("it is of no mandate")
	}
	m.signedOn, m.lastOn = more.SignedOn, more.LastOn
	if more.Seen != nil {
		m.seen = *more.Seen
	}
	if m.revision == 0 {
		return nil
	}
	v := m.View()
	return v.Validate()
}
