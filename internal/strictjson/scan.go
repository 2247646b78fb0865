package strictjson

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner walks JSON. Each method walks over what it is named after and leaves the position behind it; after an error the
// position means nothing.
type scanner struct {
	data  []byte
	pos   int
	depth int // of the objects and arrays that are open
}

func (s *scanner) invalid(want string) error {
	return fmt.Errorf("not valid JSON: byte %d: want %s", s.pos+1, want)
}

// peek returns the byte at the position; 0 at the end, which no JSON has outside of a string, nor in it.
func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

// space walks over white space and returns the byte behind it, as peek does.
func (s *scanner) space() byte {
	for ; s.pos < len(s.data); s.pos++ {
		if c := s.data[s.pos]; c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

// skip walks over any value.
func (s *scanner) skip() error {
	var err error
	switch c := s.space(); c {
	case '{':
		err = s.object()
	case '[':
		for more, err := s.open(']'); more || err != nil; more, err = s.next(']') {
			if err != nil {
				return err
			}
			if err := s.skip(); err != nil {
				return err
			}
		}
	case '"':
		_, err = s.text()
	case 't':
		err = s.word("true")
	case 'f':
		err = s.word("false")
	case 'n':
		err = s.word("null")
	default:
		_, err = s.number()
	}
	return err
}

// raw walks over any value and returns it, with no room for whoever appends to it.
func (s *scanner) raw() ([]byte, error) {
	s.space()
	from := s.pos
	err := s.skip()
	return s.data[from:s.pos:s.pos], err
}

func (s *scanner) object() error {
	var names nameSet
	for more, err := s.open('}'); more || err != nil; more, err = s.next('}') {
		if err != nil {
			return err
		}
		name, err := s.name()
		if err != nil {
			return err
		}
		if err := names.add(name.content()); err != nil {
			return err
		}
		if err := s.skip(); err != nil {
			return err
		}
	}
	return nil
}

// open walks over the bracket that an object or array begins with. It reports whether a member follows; if not, it has walked
// over the closing bracket too.
func (s *scanner) open(closing byte) (bool, error) {
	if s.depth == MaxDepth {
		return false, fmt.Errorf("nested deeper than %d", MaxDepth)
	}
	s.pos++
	if s.space() == closing {
		s.pos++
		return false, nil
	}
	s.depth++
	return true, nil
}

// next walks over what stands behind a member: a comma, or the closing bracket. It reports whether another member follows.
func (s *scanner) next(closing byte) (bool, error) {
	switch s.space() {
	case ',':
		s.pos++
		return true, nil
	case closing:
		s.pos++
		s.depth--
		return false, nil
	}
	return false, s.invalid("a comma or a closing bracket")
}

// name walks over the name of a field and the colon behind it.
func (s *scanner) name() (literal, error) {
	if s.space() != '"' {
		return literal{}, s.invalid("the name of a field")
	}
	name, err := s.text()
	if err != nil {
		return literal{}, err
	}
	if s.space() != ':' {
		return literal{}, s.invalid("a colon")
	}
	s.pos++
	return name, nil
}

func (s *scanner) word(w string) error {
	if len(s.data)-s.pos < len(w) || string(s.data[s.pos:s.pos+len(w)]) != w {
		return s.invalid(w)
	}
	s.pos += len(w)
	return nil
}

func (s *scanner) number() ([]byte, error) {
	from := s.pos
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++ // no digit may follow
	} else if !s.digits() {
		return nil, s.invalid("a value")
	}
	if s.peek() == '.' {
		if s.pos++; !s.digits() {
			return nil, s.invalid("a digit")
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		if !s.digits() {
			return nil, s.invalid("a digit")
		}
	}
	return s.data[from:s.pos:s.pos], nil
}

// digits reports whether there was one at least.
func (s *scanner) digits() bool {
	from := s.pos
	for s.pos < len(s.data) && s.data[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos > from
}

// text walks over a string.
func (s *scanner) text() (literal, error) {
	from, plain := s.pos, true
	for i := s.pos + 1; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case c == '"':
			s.pos = i + 1
			return literal{s.data[from:s.pos:s.pos], plain}, nil
		case c < ' ':
			s.pos = i
			return literal{}, s.invalid("no control character in a string")
		case c == '\\':
			plain = false
			width := escape(s.data[i:])
			if width == 0 {
				s.pos = i
				return literal{}, s.invalid("an escape")
			}
			i += width - 1
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	s.pos = len(s.data)
	return literal{}, s.invalid("the end of the string")
}

const long = len(`\u0000`) // an escape by number

// escape returns the length of the escape that b begins with; 0 if it is none.
func escape(b []byte) int {
	if _, ok := hex(b); ok {
		return long
	}
	if len(b) > 1 && strings.IndexByte(`"\/bfnrt`, b[1]) >= 0 {
		return 2
	}
	return 0
}

// hex returns the number that b has as \u0000; not ok if b begins with no such escape.
func hex(b []byte) (r rune, ok bool) {
	if len(b) < long || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:long]), 16, 16)
	return rune(n), err == nil
}

// literal is a valid JSON string.
type literal struct {
	quoted []byte // as it stands in the data
	plain  bool   // it is all ASCII, and has no escape
}

// content returns what the string says: a part of the data, where that has it word by word. What is not UTF-8, and half of a
// surrogate pair, becomes U+FFFD.
func (t literal) content() []byte {
	in := t.quoted[1 : len(t.quoted)-1 : len(t.quoted)-1]
	if t.plain || bytes.IndexByte(in, '\\') < 0 && utf8.Valid(in) {
		return in
	}
	out := make([]byte, 0, len(in))
	for len(in) > 0 {
		r, width := utf8.DecodeRune(in)
		if r == '\\' {
			r, width = unescape(in)
		}
		out = utf8.AppendRune(out, r)
		in = in[width:]
	}
	return out
}

// unescape returns what the valid escape that b begins with stands for, and its length.
func unescape(b []byte) (rune, int) {
	if i := strings.IndexByte("bfnrt", b[1]); i >= 0 {
		return rune("\b\f\n\r\t"[i]), 2
	}
	first, ok := hex(b)
	switch {
	case !ok: // a quote, a slash
		return rune(b[1]), 2
	case !utf16.IsSurrogate(first):
		return first, long
	}
	second, _ := hex(b[long:])
	pair := utf16.DecodeRune(first, second)
	if pair == utf8.RuneError { // no half of it is anything
		return pair, long
	}
	return pair, 2 * long
}

// nameSet is the names of an object's fields. Few are compared one by one, many are hashed, so that an
// object of very many costs no more than its size.
type nameSet struct {
	few  [16][]byte
	n    int
	many map[string]bool
}

// add takes up a name. It returns an error if the set has it. Encoding/json looks for a field in whatever case, so two
// spellings are the same one.
func (f *nameSet) add(name []byte) error {
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

func twice(name []byte) error { return fmt.Errorf("field %q is given twice", clip(name)) }

// clip keeps an error short.
func clip(name []byte) []byte { return name[:min(len(name), 64)] }

// fold maps each letter to the least of those that count as the same, as bytes.EqualFold does.
func fold(name []byte) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return unicode.ToUpper(r)
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, string(name))
}
