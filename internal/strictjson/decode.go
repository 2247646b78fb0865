package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// decoder reads values into what reflection leads to. What its methods return as an error is against the form of the JSON, and
// ends it. What is against the type of the target is kept as the fault, and the rest is walked all the same: of two errors, that
// against the form is told, whichever comes first.
type decoder struct {
	scanner
	fault error
	path  string // where the fault is
}

// fail keeps the first fault.
func (d *decoder) fail(err error) {
	if d.fault == nil {
		d.fault = err
	}
}

// misfit is the fault that what was got is not of a plan's type. It does not say what: it may be a person's data.
func (d *decoder) misfit(got string, p *plan) {
	if d.fault == nil {
		d.fault = fmt.Errorf("%s does not fit %v", got, p.typ)
	}
}

// located is the fault, and where it is.
func (d *decoder) located() error {
	if d.fault == nil || d.path == "" {
		return d.fault
	}
	return fmt.Errorf("%s: %w", strings.TrimPrefix(d.path, "."), d.fault)
}

// value reads any value. V can be addressed.
func (d *decoder) value(p *plan, v reflect.Value) error {
	c := d.space()
	switch p.how {
	case ownJSON:
		return d.ownJSON(v)
	case foreign:
		return d.foreign(p, v)
	case pointer:
		return d.pointer(p, v)
	case structure:
		if c == '{' {
			return d.structure(p, v)
		}
	case mapping:
		if c == '{' {
			return d.mapping(p, v)
		}
	case slice, octets:
		if c == '[' {
			return d.slice(p, v)
		}
	case array:
		if c == '[' {
			return d.array(p, v)
		}
	default:
	}
	return d.scalar(c, p, v)
}

// ownJSON has a value read itself, a null too.
func (d *decoder) ownJSON(v reflect.Value) error {
	raw, err := d.raw()
	if err != nil {
		return err
	}
	own, _ := v.Addr().Interface().(json.Unmarshaler)
	if err := own.UnmarshalJSON(raw); err != nil {
		d.fail(err)
	}
	return nil
}

// foreign has encoding/json read a value.
func (d *decoder) foreign(p *plan, v reflect.Value) error {
	raw, err := d.raw()
	if err != nil {
		return err
	}
	target := v.Addr()
	if p.holder != nil {
		target = reflect.New(p.holder)
		target.Elem().Field(0).Set(v)
		raw = fmt.Appendf(nil, `{"x":%s}`, raw)
	}
	j := json.NewDecoder(bytes.NewReader(raw))
	j.DisallowUnknownFields()
	if err := j.Decode(target.Interface()); err != nil {
		d.fail(err)
	}
	if p.holder != nil {
		v.Set(target.Elem().Field(0))
	}
	return nil
}

// pointer reads a value into what v points to, or makes it.
func (d *decoder) pointer(p *plan, v reflect.Value) error {
	switch {
	case d.peek() == 'n' && v.CanSet():
		v.SetZero()
		return d.word("null")
	case !v.IsNil():
	case !v.CanSet():
		return d.unreachable(p.elem.typ)
	default:
		v.Set(reflect.New(p.elem.typ))
	}
	return d.value(p.elem, v.Elem())
}

// unreachable passes over a value that stands in an unexported struct, which reflection may not make.
func (d *decoder) unreachable(t reflect.Type) error {
	d.fail(fmt.Errorf("it is of the unexported struct %v, and the embedded pointer to it is nil", t))
	return d.skip()
}

// structure reads an object into a struct.
func (d *decoder) structure(p *plan, v reflect.Value) error {
	var seen positions
	var unknown *nameSet
	likely := 0
	for more, err := d.open('}'); more || err != nil; more, err = d.next('}') {
		if err != nil {
			return err
		}
		t, err := d.name()
		if err != nil {
			return err
		}
		name := t.content()
		i := p.find(name, likely)
		if i < 0 {
			if unknown == nil {
				unknown = new(nameSet)
			}
			if err := d.unknown(name, unknown); err != nil {
				return err
			}
			continue
		}
		f := &p.fields[i]
		if !seen.add(f.class) {
			return twice(name)
		}
		likely = i + 1
		sound := d.fault == nil
		if err := d.field(f, v); err != nil {
			return err
		}
		if sound && d.fault != nil {
			d.path = "." + f.name + d.path
		}
	}
	return nil
}

// unknown passes over a field that the target does not have, which may be there twice.
func (d *decoder) unknown(name []byte, names *nameSet) error {
	if err := names.add(name); err != nil {
		return err
	}
	if d.fault == nil {
		d.fault = fmt.Errorf("unknown field %q", clip(name))
	}
	return d.skip()
}

// field reads a field of the struct v, and makes the embedded structs on the way to it.
func (d *decoder) field(f *field, v reflect.Value) error {
	for _, i := range f.index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !v.CanSet() {
					return d.unreachable(v.Type().Elem())
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return d.value(f.plan, v)
}

// positions is a set of positions in a list.
type positions struct {
	low  uint64
	high map[int]bool // from 64 on
}

// add reports whether i was not there yet.
func (s *positions) add(i int) bool {
	if i < 64 {
		had := s.low >> i & 1
		s.low |= 1 << i
		return had == 0
	}
	if s.high == nil {
		s.high = make(map[int]bool)
	}
	had := s.high[i]
	s.high[i] = true
	return !had
}

// mapping reads an object into a map, beside what is there.
func (d *decoder) mapping(p *plan, v reflect.Value) error {
	if v.IsNil() {
		v.Set(reflect.MakeMap(p.typ))
	}
	var names nameSet
	elem := reflect.New(p.elem.typ).Elem()
	for more, err := d.open('}'); more || err != nil; more, err = d.next('}') {
		if err != nil {
			return err
		}
		name, err := d.name()
		if err != nil {
			return err
		}
		if err := names.add(name.content()); err != nil {
			return err
		}
		elem.SetZero()
		sound := d.fault == nil
		if err := d.value(p.elem, elem); err != nil {
			return err
		}
		key := reflect.New(p.key.typ).Elem()
		d.setKey(p.key, key, name)
		if d.fault == nil {
			v.SetMapIndex(key, elem)
		} else if sound {
			d.path = "[...]" + d.path // the key may be a person's
		}
	}
	return nil
}

// slice reads an array into a slice, over the elements that are there. It grows as it is filled, so that it never has room for
// more than twice what the data has.
func (d *decoder) slice(p *plan, v reflect.Value) error {
	n := 0
	for more, err := d.open(']'); more || err != nil; more, err = d.next(']') {
		if err != nil {
			return err
		}
		if n == v.Cap() {
			v.Grow(max(1, p.first-n))
		}
		if n == v.Len() {
			v.SetLen(n + 1)
		}
		if err := d.element(p, v.Index(n), n); err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		v.Set(reflect.MakeSlice(p.typ, 0, 0))
	}
	v.SetLen(n)
	return nil
}

// array reads an array. What is too much is passed over, what is missing becomes zero, as encoding/json has it.
func (d *decoder) array(p *plan, v reflect.Value) error {
	n := 0
	for more, err := d.open(']'); more || err != nil; more, err = d.next(']') {
		if err != nil {
			return err
		}
		if n < v.Len() {
			err = d.element(p, v.Index(n), n)
		} else {
			err = d.skip()
		}
		if err != nil {
			return err
		}
		n++
	}
	for ; n < v.Len(); n++ {
		v.Index(n).SetZero()
	}
	return nil
}

// element reads the element at n.
func (d *decoder) element(p *plan, v reflect.Value, n int) error {
	sound := d.fault == nil
	err := d.value(p.elem, v)
	if sound && d.fault != nil {
		d.path = fmt.Sprintf("[%d]", n) + d.path
	}
	return err
}
