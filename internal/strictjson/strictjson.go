// Package strictjson decodes JSON the way a contract must be read: unknown fields, fields given twice,
// anything after the value, a null for the whole, and nesting without end are errors, where encoding/json
// lets them pass or takes the last one. In all else it reads what encoding/json reads, and as that does.
//
// It walks the text once, by a plan of the target's type that is made once: see plan. Once encoding/json/v2
// has left its experiment, which refuses most of this by itself, it would replace this package.
package strictjson

import (
	"encoding/json"
	"errors"
	"reflect"
)

// MaxDepth is how deep objects and arrays may nest.
const MaxDepth = 32

// Unmarshal decodes exactly one JSON value from data into v. After an error v may hold a part of it. It costs one
// pass over data, and another one over those values that v's types read by an UnmarshalJSON of their own.
//
// Returns an error if:
//   - data is not one valid JSON value, is null, or anything but white space follows it;
//   - an object has a field that v does not have, or the same field twice (in whatever case);
//   - objects and arrays nest deeper than MaxDepth;
//   - encoding/json would return one: v is not a pointer, or a value is not one of its Go type. It says which.
func Unmarshal(data []byte, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return &json.InvalidUnmarshalError{Type: reflect.TypeOf(v)}
	}
	d := decoder{scanner: scanner{data: data}}
	if err := d.begin(); err != nil {
		return err
	}
	if err := d.value(planOf(target.Type()), target); err != nil {
		return err
	}
	if err := d.end(); err != nil {
		return err
	}
	return d.located()
}

// Check reports what Unmarshal would refuse in data whatever the target. It costs one pass over data.
func Check(data []byte) error {
	s := scanner{data: data}
	if err := s.begin(); err != nil {
		return err
	}
	if err := s.skip(); err != nil {
		return err
	}
	return s.end()
}

// begin refuses a null for the whole.
func (s *scanner) begin() error {
	if s.space() == 'n' {
		return errors.New("null where a value should be")
	}
	return nil
}

// end refuses what follows the value.
func (s *scanner) end() error {
	if s.space(); s.pos < len(s.data) {
		return s.invalid("the end")
	}
	return nil
}
