package strictjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/payrules/payrules/internal/strictjson"
)

// What follows is the package as it was when it walked the text four times, and left the decoding to encoding/json. It is the
// oracle of the laws: kept as it was, but for names.

func fourPasses(data []byte, v any) error {
	if err := fourPassesCheck(data); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// fourPassesCheck reports what Unmarshal would refuse in data whatever the target. It costs two passes over data.
func fourPassesCheck(data []byte) error {
	if !json.Valid(data) {
		var raw json.RawMessage
		if err := json.Unmarshal(data, &raw); err != nil {
			return fmt.Errorf("not valid JSON: %w", err)
		}
		return errors.New("not valid JSON")
	}
	s := scanner{data: data}
	s.space()
	if s.data[s.pos] == 'n' {
		return errors.New("null where a value should be")
	}
	return s.value(0)
}

// scanner walks JSON that is known to be valid.
type scanner struct {
	data []byte
	pos  int
}

// value walks one value, white space around it included.
func (s *scanner) value(depth int) error {
	s.space()
	var err error
	switch s.data[s.pos] {
	case '{', '[':
		if depth == strictjson.MaxDepth {
			return fmt.Errorf("nested deeper than %d", strictjson.MaxDepth)
		}
		err = s.members(depth, s.data[s.pos] == '{')
	case '"':
		s.text()
	default:
		for s.pos < len(s.data) && !strings.ContainsRune(",]} \t\r\n", rune(s.data[s.pos])) {
			s.pos++
		}
	}
	s.space()
	return err
}

// members walks what stands between two brackets.
func (s *scanner) members(depth int, object bool) error {
	var fields fieldSet
	for s.pos++; ; s.pos++ { // over the bracket, and then over each comma
		s.space()
		if c := s.data[s.pos]; c == '}' || c == ']' {
			s.pos++
			return nil
		}
		if object {
			if err := fields.add(s.text()); err != nil {
				return err
			}
			s.space()
			s.pos++ // over the colon
		}
		if err := s.value(depth + 1); err != nil {
			return err
		}
		if s.data[s.pos] != ',' {
			s.pos++
			return nil
		}
	}
}

// text walks a string and returns it, quotes included.
func (s *scanner) text() []byte {
	from := s.pos
	for s.pos++; s.data[s.pos] != '"'; s.pos++ {
		if s.data[s.pos] == '\\' {
			s.pos++
		}
	}
	s.pos++
	return s.data[from:s.pos]
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// fieldSet is the names of an object's fields. Few are compared one by one, many are hashed, so that an
// object of very many costs no more than its size.
type fieldSet struct {
	few  [16][]byte
	n    int
	many map[string]bool
}

// add takes up a name, given as quoted JSON. It returns an error if the set has it. Encoding/json looks for
// a field in whatever case, so two spellings are the same one.
func (f *fieldSet) add(quoted []byte) error {
	name := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		var plain string
		if err := json.Unmarshal(quoted, &plain); err != nil {
			return err
		}
		name = []byte(plain)
	}
	if f.n < len(f.few) {
		for _, other := range f.few[:f.n] {
			if bytes.EqualFold(other, name) {
				return twice(name)
			}
		}
		f.few[f.n] = name
		f.n++
		return nil
	}
	if f.many == nil {
		f.many = make(map[string]bool)
		for _, other := range f.few {
			f.many[fold(other)] = true
		}
	}
	folded := fold(name)
	if f.many[folded] {
		return twice(name)
	}
	f.many[folded] = true
	return nil
}

func twice(name []byte) error {
	const most = 64
	if len(name) > most {
		name = name[:most]
	}
	return fmt.Errorf("field %q is given twice", name)
}

// fold maps each letter to the least of those that count as the same, as bytes.EqualFold does.
func fold(name []byte) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, string(name))
}
