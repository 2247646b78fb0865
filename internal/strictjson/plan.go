package strictjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sync"
)

// how says in which way a value is read.
type how uint8

const (
	never   how = iota // no JSON but null is one, as of a channel
	ownJSON            // by its UnmarshalJSON
	ownText            // by its UnmarshalText
	foreign            // by encoding/json: an interface, or a field with the option string
	pointer
	structure
	mapping
	slice
	array
	octets // []byte: base64, or an array of numbers
	chars  // of kind string
	digits // json.Number
	boolean
	integer
	unsigned
	float
)

// plan is how values of a Go type are read. It does not change once made, and has a ring where the type has one.
type plan struct {
	how      how
	typ      reflect.Type
	nullable bool         // null makes it nil; where it is not, null changes nothing
	elem     *plan        // of a pointer, slice, array or mapping
	key      *plan        // of a mapping
	first    int          // of a slice: for how many elements it has room at first
	holder   reflect.Type // of a field with the option string: a struct with that field alone

	fields []field        // of a structure, in the order in which encoding/json writes them
	exact  map[string]int // into fields
	folded map[string]int // into fields, by the folded name; of two that fold to the same, the first
}

// field is a field of a structure, perhaps one of a struct that is embedded there.
type field struct {
	name  string
	index []int // the way to it, embedded struct by embedded struct
	class int   // the position of the first field whose name folds to the same
	plan  *plan
}

// find returns the position in fields of the one that a name means, -1 if there is none. It is likely to be at next, or not far
// behind it, where fields in between were left out.
func (p *plan) find(name []byte, next int) int {
	for i := next; i < min(next+8, len(p.fields)); i++ {
		if p.fields[i].name == string(name) {
			return i
		}
	}
	if i, ok := p.exact[string(name)]; ok {
		return i
	}
	if i, ok := p.folded[fold(name)]; ok {
		return i
	}
	return -1
}

// plans is by type of pointer. What it holds follows from the program's types alone, and nothing but time from it.
var plans sync.Map //nolint:gochecknoglobals // a cache: no two banks could tell that they share it

// planOf returns the plan of a pointer that is handed to Unmarshal.
func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p, _ := plans.LoadOrStore(t, make(planner).plan(t, true))
	return p.(*plan)
}

// planner makes the plans of a type and of all that it is made of. It keeps them, for types that contain themselves.
type planner map[asked]*plan

// asked is a type, and whether a value of it is asked for methods to read itself by; of a pointer, what it points to.
// Encoding/json asks where the type has a name, or an unnamed pointer leads to it.
type asked struct {
	reflect.Type
	methods bool
}

// part returns the plan of an element or a field.
func (b planner) part(t reflect.Type) *plan {
	return b.plan(t, t.Name() != "" || t.Kind() == reflect.Pointer)
}

func (b planner) plan(t reflect.Type, methods bool) *plan {
	if p, ok := b[asked{t, methods}]; ok {
		return p
	}
	p := &plan{typ: t}
	b[asked{t, methods}] = p
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		p.nullable = true
	default:
	}
	switch addr := reflect.PointerTo(t); {
	case t.Kind() == reflect.Pointer:
		p.how, p.elem = pointer, b.plan(t.Elem(), methods && t.Name() == "")
	case methods && addr.Implements(reflect.TypeFor[json.Unmarshaler]()):
		p.how = ownJSON
	case methods && addr.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		p.how = ownText
	default:
		b.byKind(p)
	}
	return p
}

func (b planner) byKind(p *plan) {
	switch t := p.typ; t.Kind() {
	case reflect.Interface:
		p.how = foreign
	case reflect.Struct:
		p.how = structure
		b.fields(p)
	case reflect.Map:
		if p.key = b.key(t.Key()); p.key != nil {
			p.how, p.elem = mapping, b.part(t.Elem())
		}
	case reflect.Slice:
		p.how, p.elem, p.first = slice, b.part(t.Elem()), 1
		if t.Elem().Size() <= 256 {
			p.first = 2 // as many as most have, and little is lost where there is one
		}
		if t.Elem().Kind() == reflect.Uint8 {
			p.how = octets
		}
	case reflect.Array:
		p.how, p.elem = array, b.part(t.Elem())
	case reflect.String:
		p.how = chars
		if t == reflect.TypeFor[json.Number]() {
			p.how = digits
		}
	case reflect.Bool:
		p.how = boolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.how = integer
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.how = unsigned
	case reflect.Float32, reflect.Float64:
		p.how = float
	default:
		p.how = never
	}
}

// key returns the plan of the keys of a map, nil if no JSON can be one. Those without UnmarshalText are strings or whole numbers,
// whatever other methods they have.
func (b planner) key(t reflect.Type) *plan {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return b.plan(t, true)
	}
	p := &plan{typ: t}
	switch b.byKind(p); p.how {
	case digits:
		p.how = chars
	case chars, integer, unsigned:
	default:
		return nil
	}
	return p
}
