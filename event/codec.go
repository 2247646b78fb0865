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

// Appender is a Data that writes its own JSON, for the paths where reflection costs too much. What it
// appends must be what encoding/json would write for the value, up to white space; dst is returned grown.
type Appender interface {
	Data
	AppendJSON(dst []byte) ([]byte, error)
}

// ErrUnknownType is returned when a codec has no kind for an event's type.
var ErrUnknownType = errors.New("event: unknown type")

// Kind is one event type: its name, and how its JSON becomes the Go value. Make it with [KindOf].
type Kind struct {
	name   string
	decode func([]byte) (Data, error)
}

// KindOf is the kind of the events that D describes. D must be a struct, not a pointer to one.
func KindOf[D Data]() Kind {
	var zero D
	return Kind{
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

// Name is the type name, as "cap.authorized.v1".
func (k Kind) Name() string { return k.name }

// Upcast turns the JSON of an event type that is no longer written into the JSON of a newer one. Several
// may form a chain, v1 to v2 to v3. Convert must not change old, which others read at the same time.
type Upcast struct {
	From, To string
	Convert  func(old []byte) ([]byte, error)
}

// Codec writes and reads the events of a set of kinds. It does not change once made, and is safe for
// concurrent use.
type Codec struct {
	kinds   map[string]Kind
	upcasts map[string]Upcast
	scratch sync.Pool // of *[]byte, for Appenders to grow in
}

// NewCodec makes the codec of the kinds, and of the older types that upcasts lead to one of them.
//
// Returns an error if:
//   - a kind's name is not of the form of an event type, or is given twice;
//   - an upcast has no Convert, starts at a type that is a kind or another upcast's, or its chain does not
//     end in a kind.
func NewCodec(kinds []Kind, upcasts ...Upcast) (*Codec, error) {
	c := &Codec{kinds: make(map[string]Kind, len(kinds)), upcasts: make(map[string]Upcast, len(upcasts))}
	for _, k := range kinds {
		if !validType(k.name) || k.decode == nil {
			return nil, fmt.Errorf("%w type %q of a kind", ErrInvalid, clip(k.name))
		}
		if _, twice := c.kinds[k.name]; twice {
			return nil, fmt.Errorf("%w codec: kind %s is given twice", ErrInvalid, k.name)
		}
		c.kinds[k.name] = k
	}
	for _, u := range upcasts {
		_, kind := c.kinds[u.From]
		_, twice := c.upcasts[u.From]
		if kind || twice || !validType(u.From) || u.Convert == nil {
			return nil, fmt.Errorf("%w upcast from %q: want an event type of its own and a Convert", ErrInvalid, clip(u.From))
		}
		c.upcasts[u.From] = u
	}
	for _, u := range upcasts {
		if _, ok := c.target(u.To); !ok {
			return nil, fmt.Errorf("%w upcast from %s: its chain ends in no kind", ErrInvalid, u.From)
		}
	}
	return c, nil
}

// MustCodec is like [NewCodec] but panics on an error. It is for the codecs of a package's own types.
func MustCodec(kinds []Kind, upcasts ...Upcast) *Codec {
	c, err := NewCodec(kinds, upcasts...)
	if err != nil {
		panic(err)
	}
	return c
}

// target follows the upcasts from a type to its kind. The number of steps is bounded by that of the
// upcasts, so that a ring of them ends.
func (c *Codec) target(name string) (Kind, bool) {
	for range len(c.upcasts) + 1 {
		if k, ok := c.kinds[name]; ok {
			return k, true
		}
		u, ok := c.upcasts[name]
		if !ok {
			return Kind{}, false
		}
		name = u.To
	}
	return Kind{}, false
}

// Types lists every type that the codec reads, the older ones among them, in alphabetical order.
func (c *Codec) Types() []string {
	names := make([]string, 0, len(c.kinds)+len(c.upcasts))
	for name := range c.kinds {
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
//   - d is nil (ErrInvalid), or the codec has no kind for it (ErrUnknownType);
//   - its JSON cannot be made, or is larger than MaxData (ErrInvalid).
func (c *Codec) Encode(d Data) (Event, error) {
	if d == nil {
		return Event{}, fmt.Errorf("%w data: nil", ErrInvalid)
	}
	name := d.EventType()
	if _, ok := c.kinds[name]; !ok {
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

// Decode reads e, upcast to the kind that its type leads to.
//
// Returns an error if:
//   - the codec has no kind for it (ErrUnknownType);
//   - its JSON is not that of the kind: not valid, null, too large, a field unknown or given twice; or an upcast
//     refuses it (ErrInvalid).
func (c *Codec) Decode(e Event) (Data, error) {
	kind, ok := c.target(e.Type)
	if !ok {
		return nil, fmt.Errorf("%w %q", ErrUnknownType, clip(e.Type))
	}
	if len(e.Data) > MaxData {
		return nil, fmt.Errorf("%w data of %s: %d bytes, want at most %d", ErrInvalid, e.Type, len(e.Data), MaxData)
	}
	data := e.Data
	for name := e.Type; name != kind.name; {
		u := c.upcasts[name]
		var err error
		if data, err = u.Convert(data); err != nil {
			return nil, fmt.Errorf("%w data of %s: upcast to %s: %w", ErrInvalid, u.From, u.To, err)
		}
		name = u.To
	}
	d, err := kind.decode(data)
	if err != nil {
		return nil, fmt.Errorf("%w data of %s: %w", ErrInvalid, e.Type, err)
	}
	return d, nil
}
