// Package strictjson decodes JSON the way a contract must be read: unknown fields, fields given twice,
// anything after the value, and nesting without end are errors, where encoding/json lets them pass or
// takes the last one.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxDepth is how deep objects and arrays may nest.
const MaxDepth = 32

// Unmarshal decodes exactly one JSON value from data into v.
//
// Returns an error if:
//   - data is not one valid JSON value, or anything but white space follows it;
//   - an object has a field that v does not have, or the same field twice (in whatever case);
//   - objects and arrays nest deeper than MaxDepth.
func Unmarshal(data []byte, v any) error {
	if err := Check(data); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// Check reports what Unmarshal would refuse in data whatever the target: invalid JSON, a field given
// twice, nesting deeper than MaxDepth. It costs one pass over data.
func Check(data []byte) error {
	if !json.Valid(data) {
		var any json.RawMessage
		if err := json.Unmarshal(data, &any); err != nil {
			return fmt.Errorf("not valid JSON: %w", err)
		}
		return errors.New("not valid JSON")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return checkValue(d, 0)
}

// checkValue walks one value of d, which is known to be valid JSON.
func checkValue(d *json.Decoder, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("nested deeper than %d", MaxDepth)
	}
	t, err := d.Token()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	var seen map[string]bool
	if open == '{' {
		seen = make(map[string]bool)
	}
	for d.More() {
		if seen != nil {
			name, err := d.Token()
			if err != nil {
				return err
			}
			// encoding/json folds case when it looks for a field, so two spellings are the same field.
			folded := strings.ToLower(name.(string))
			if seen[folded] {
				return fmt.Errorf("field %q is given twice", name)
			}
			seen[folded] = true
		}
		if err := checkValue(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token() // the closing bracket
	return err
}
