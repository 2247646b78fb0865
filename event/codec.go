package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/payrules/payrules/internal/strictjson"
)

// Data is the content of a fact: a struct, with the name of its event type. EventType must answer the same
// for every value of the Go type, its zero value among them.
type Data interface {
	EventType() string
}

// Appender is what writes its own JSON, on the paths where reflection costs too much: a Data, or a command of
// package engine. What it appends must be what encoding/json would write for the value, up to white space;
// dst is returned grown.
type Appender interface {
	AppendJSON(dst []byte) ([]byte, error)
}

// ErrUnknownType is returned when a codec does not know an event's type.
var ErrUnknownType = errors.New("event: unknown type")

// Type is one event type: its name, and how its JSON becomes the Go value. Make it with [TypeOf].
type Type struct {
	name   string
	decode func([]byte) (Data, error)
}

// TypeOf is the type of the events whose data is a D. D must be a struct, not a pointer to one.
func TypeOf[D Data]() Type {
	var zero D
	return Type{
		name: zero.EventType(),
		decode: func(b []byte) (Data, error) {
			var d D
			if err := strictjson.Unmarshal(b, &d); err != nil {
				return nil, err
			}
			return d, nil
		},
	}
}

// Name is the name that events of the type carry, as "cap.authorized.v1".
func (t Type) Name() string { return t.name }

// Upcast turns the JSON of an event type that is no longer written into the JSON of a newer one. Several
// may form a chain, v1 to v2 to v3. Convert must not change old, which others read at the same time.
type Upcast struct {
	From, To string
	Convert  func(old []byte) ([]byte, error)
}

// Codec writes and reads the events of a set of types. It does not change once made, and is safe for
// concurrent use.
type Codec struct {
	types   map[string]Type // those that it writes, by name
	upcasts map[string]Upcast
	scratch sync.Pool // of *[]byte, for Appenders to grow in
}

// NewCodec makes the codec of the types, and of the older ones that upcasts lead to one of them.
//
// Returns an error that wraps ErrInvalid if:
//   - a type's name is not of the form that [Event.Validate] asks for, or is given twice;
//   - an upcast has no Convert, starts at one of the types or where another upcast starts, or its chain does
//     not end in one of the types.
func NewCodec(types []Type, upcasts ...Upcast) (*Codec, error) {
	c := &Codec{types: make(map[string]Type, len(types)), upcasts: make(map[string]Upcast, len(upcasts))}
	for _, t := range types {
		if !validType(t.name) || t.decode == nil {
			return nil, fmt.Errorf("%w codec: type %q: want one of TypeOf, with a name as cap.authorized.v1", ErrInvalid, clip(t.name))
		}
		if _, twice := c.types[t.name]; twice {
			return nil, fmt.Errorf("%w codec: type %s is given twice", ErrInvalid, t.name)
		}
		c.types[t.name] = t
	}
	for _, u := range upcasts {
		_, current := c.types[u.From]
		_, twice := c.upcasts[u.From]
		if current || twice || !validType(u.From) || u.Convert == nil {
			return nil, fmt.Errorf("%w upcast from %q: want an event type of its own and a Convert", ErrInvalid, clip(u.From))
		}
		c.upcasts[u.From] = u
	}
	for _, u := range upcasts {
		if _, ok := c.target(u.To); !ok {
			return nil, fmt.Errorf("%w upcast from %s: its chain ends in none of the types", ErrInvalid, u.From)
		}
	}
	return c, nil
}

// MustCodec is like [NewCodec] but panics on an error. It is for the codecs of a package's own types.
func MustCodec(types []Type, upcasts ...Upcast) *Codec {
	c, err := NewCodec(types, upcasts...)
	if err != nil {
		panic(err)
	}
	return c
}

// target follows the upcasts from a name to the type that it is read as. The number of steps is bounded by
// that of the upcasts, so that a ring of them ends.
func (c *Codec) target(name string) (Type, bool) {
	for range len(c.upcasts) + 1 {
		if t, ok := c.types[name]; ok {
			return t, true
		}
		u, ok := c.upcasts[name]
		if !ok {
			return Type{}, false
		}
		name = u.To
	}
	return Type{}, false
}

// TypeNames lists every type that the codec reads, the older ones among them, in alphabetical order.
func (c *Codec) TypeNames() []string {
	names := make([]string, 0, len(c.types)+len(c.upcasts))
	for name := range c.types {
		names = append(names, name)
	}
	for name := range c.upcasts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Encode writes d down.
//
// Returns an error if:
//   - d is nil (ErrInvalid), or of a type that the codec does not write (ErrUnknownType);
//   - its JSON cannot be made, or is larger than MaxData (ErrInvalid).
func (c *Codec) Encode(d Data) (Event, error) {
	if d == nil {
		return Event{}, fmt.Errorf("%w data: nil", ErrInvalid)
	}
	name := d.EventType()
	if _, ok := c.types[name]; !ok {
		return Event{}, fmt.Errorf("%w %q", ErrUnknownType, clip(name))
	}
	var data []byte
	var err error
	if a, ok := d.(Appender); ok {
		data, err = c.append(a)
	} else {
		data, err = json.Marshal(d)
	}
	if err != nil {
		return Event{}, fmt.Errorf("%w data of %s: encode: %w", ErrInvalid, name, err)
	}
	if len(data) > MaxData {
		return Event{}, fmt.Errorf("%w data of %s: %d bytes, want at most %d", ErrInvalid, name, len(data), MaxData)
	}
	return Event{Type: name, Data: data}, nil
}

// append has a write its JSON into memory that is used again, so that it grows there and not in each event.
func (c *Codec) append(a Appender) ([]byte, error) {
	scratch, _ := c.scratch.Get().(*[]byte)
	if scratch == nil {
		scratch = new([]byte)
	}
	data, err := a.AppendJSON((*scratch)[:0])
	if err != nil {
		return nil, err
	}
	kept := bytes.Clone(data)
	if cap(data) <= maxScratch {
		*scratch = data
		c.scratch.Put(scratch) // only now: whoever takes it writes into it
	}
	return kept, nil
}

// maxScratch keeps one large event from staying in memory for ever.
const maxScratch = 16 << 10

// Decode reads e, upcast to the type that its own leads to.
//
// Returns an error if:
//   - the codec does not know its type (ErrUnknownType);
//   - its JSON is not that of the type: not valid, null, too large, a field unknown or given twice; or an upcast
//     refuses it (ErrInvalid).
func (c *Codec) Decode(e Event) (Data, error) {
	target, ok := c.target(e.Type)
	if !ok {
		return nil, fmt.Errorf("%w %q", ErrUnknownType, clip(e.Type))
	}
	if len(e.Data) > MaxData {
		return nil, fmt.Errorf("%w data of %s: %d bytes, want at most %d", ErrInvalid, e.Type, len(e.Data), MaxData)
	}
	data := e.Data
	for name := e.Type; name != target.name; {
		u := c.upcasts[name]
		var err error
		if data, err = u.Convert(data); err != nil {
			return nil, fmt.Errorf("%w data of %s: upcast to %s: %w", ErrInvalid, u.From, u.To, err)
		}
		name = u.To
	}
	d, err := target.decode(data)
	if err != nil {
		return nil, fmt.Errorf("%w data of %s: %w", ErrInvalid, e.Type, err)
	}
	return d, nil
}
