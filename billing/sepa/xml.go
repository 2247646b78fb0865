package sepa

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

// The bounds of a report.
const (
	MaxReport       = 32 << 20 // bytes
	MaxTransactions = 100_000  // returns and others
	MaxText         = 500      // characters of Return.Text

	maxDepth = 32 // elements inside of one another; the schemas have less
)

// reader walks the elements of a report, one after the other and without looking back. What it does not know it skips. A function
// that is called for an element has to use it up: by text, each or skip.
type reader struct {
	d     *xml.Decoder
	in    *limited
	space string // the namespace
	path  []string
	attrs []xml.Attr // of the element that was entered last
}

// newReader reads at most so many bytes, of which a tag, text or comment has at most one in 32: no schema has as much.
func newReader(r io.Reader, most int) *reader {
	in := &limited{r: bufio.NewReader(r), left: most, most: most}
	d := xml.NewDecoder(in)
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("%w: its encoding is not UTF-8", ErrReport)
	}
	return &reader{d: d, in: in}
}

// limited fails where others would end: what is cut off may look like all there is. It is an io.ByteReader, so that the decoder
// reads no further than it has to; and a tag or text without an end is refused before the decoder has all of it in memory.
type limited struct {
	r           *bufio.Reader
	most        int // bytes of a report
	left, piece int // what is left of that, and for the piece that is read now
}

func (l *limited) ReadByte() (byte, error) {
	b, err := l.r.ReadByte()
	switch {
	case err != nil:
		return 0, err
	case l.left == 0:
		return 0, fmt.Errorf("%w: it has more than %d bytes", ErrReport, l.most)
	case l.piece == 0:
		return 0, fmt.Errorf("%w: a tag, text or comment of more than %d bytes", ErrReport, l.most/32)
	}
	l.left--
	l.piece--
	return b, nil
}

// Read is there for the decoder's signature; it calls ReadByte only.
func (l *limited) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := l.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

// fault says what is wrong, and where.
func (x *reader) fault(why string) error {
	if len(x.path) == 0 {
		return fmt.Errorf("%w: %s", ErrReport, why)
	}
	return fmt.Errorf("%w %s: %s", ErrReport, strings.Join(x.path, "/"), why)
}

// token returns the next token that means something: a comment does not.
func (x *reader) token() (xml.Token, error) {
	for {
		x.in.piece = x.in.most / 32
		t, err := x.d.Token()
		switch {
		case errors.Is(err, ErrReport):
			return nil, err
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, fmt.Errorf("%w: not read: %w", ErrReport, err)
		}
		switch t.(type) {
		case xml.Comment, xml.ProcInst:
		case xml.Directive:
			return nil, x.fault("it has a DOCTYPE, or another declaration")
		default:
			return t, nil
		}
	}
}

// next returns the next token inside of an element. The decoder itself refuses an end in the middle.
func (x *reader) next() (xml.Token, error) {
	t, err := x.token()
	if errors.Is(err, io.EOF) {
		return nil, x.fault("it ends in the middle")
	}
	return t, err
}

// document reads the root and what follows it: nothing. It calls f with what the namespace has after the part that all have.
func (x *reader) document(f func(format string) error) error {
	root, err := x.root()
	if err != nil {
		return err
	}
	format, known := strings.CutPrefix(root.Name.Space, "urn:iso:std:iso:20022:tech:xsd:")
	if !known || root.Name.Local != "Document" {
		return x.fault("want a Document in a namespace of ISO 20022")
	}
	x.space = root.Name.Space
	x.path = append(x.path, root.Name.Local)
	if err := f(format); err != nil {
		return err
	}
	for {
		t, err := x.token()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if text, ok := t.(xml.CharData); !ok || !isSpace(text) {
			return x.fault("something after the Document")
		}
	}
}

// root returns the first element. A byte order mark may stand before it.
func (x *reader) root() (xml.StartElement, error) {
	for mark := "\ufeff"; ; mark = "" {
		t, err := x.token()
		if errors.Is(err, io.EOF) {
			return xml.StartElement{}, x.fault("it is empty")
		} else if err != nil {
			return xml.StartElement{}, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t, nil
		case xml.CharData:
			if !isSpace([]byte(strings.TrimPrefix(string(t), mark))) {
				return xml.StartElement{}, x.fault("text before the first element")
			}
		}
	}
}

func isSpace(text []byte) bool { return strings.Trim(string(text), " \t\r\n") == "" }

// each calls f for every element inside of the one that is open.
func (x *reader) each(f func(name string) error) error {
	for {
		t, err := x.next()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.EndElement:
			x.path = x.path[:len(x.path)-1]
			return nil
		case xml.CharData:
			if !isSpace(t) {
				return x.fault("text where elements belong")
			}
		case xml.StartElement:
			if t.Name.Space != x.space {
				return x.fault("an element of another namespace")
			}
			if err := x.open(t.Name.Local); err != nil {
				return err
			}
			x.attrs = t.Attr
			if err := f(t.Name.Local); err != nil {
				return err
			}
		}
	}
}

// open enters an element.
func (x *reader) open(name string) error {
	if len(x.path) == maxDepth {
		return x.fault(fmt.Sprintf("more than %d elements deep", maxDepth))
	}
	x.path = append(x.path, name)
	return nil
}

// skip passes over the rest of an element, whatever stands in it.
func (x *reader) skip() error {
	for from := len(x.path); len(x.path) >= from; {
		t, err := x.next()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.EndElement:
			x.path = x.path[:len(x.path)-1]
		case xml.StartElement:
			if err := x.open(t.Name.Local); err != nil {
				return err
			}
		}
	}
	return nil
}

// within reads the elements of a name, each with f, and skips the others.
func (x *reader) within(name string, f func() error) error {
	return x.each(func(n string) error {
		if n != name {
			return x.skip()
		}
		return f()
	})
}

// text reads an element that holds nothing but a text of at most so many characters, spaces around it aside. Twice is an error: one of
// them would be lost.
func (x *reader) text(to *string, most int) error {
	if *to != "" {
		return x.fault("it is there twice")
	}
	var b strings.Builder
	for {
		t, err := x.next()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return x.fault("an element where text belongs")
		case xml.CharData:
			if b.Len()+len(t) > utf8.UTFMax*most+1024 { // for spaces
				return x.fault(fmt.Sprintf("more than %d characters", most))
			}
			b.Write(t)
		case xml.EndElement:
			*to = strings.Clone(strings.Trim(b.String(), " \t\r\n"))
			if utf8.RuneCountInString(*to) > most {
				return x.fault(fmt.Sprintf("more than %d characters", most))
			}
			x.path = x.path[:len(x.path)-1]
			return nil
		}
	}
}

// date reads the day of an ISODate or ISODateTime, as it is written: what zone it is of nobody says.
func (x *reader) date(to *civil.Date) error {
	if *to != 0 {
		return x.fault("it is there twice")
	}
	var text string
	path := len(x.path)
	if err := x.text(&text, 40); err != nil {
		return err
	}
	d, err := civil.ParseDate(text[:min(len(text), 10)])
	if err != nil || len(text) > 10 && !strings.ContainsRune("TZ+-", rune(text[10])) {
		x.path = x.path[:path]
		return x.fault("no date")
	}
	*to = d
	return nil
}

// amount reads an amount with its currency.
func (x *reader) amount(to *money.Amount) error {
	if to.Valid() {
		return x.fault("it is there twice")
	}
	code := ""
	for _, a := range x.attrs {
		if a.Name.Local == "Ccy" {
			code = a.Value
		}
	}
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return x.fault("no currency")
	}
	var text string
	path := len(x.path)
	if err := x.text(&text, 40); err != nil {
		return err
	}
	a, err := money.ParseAmount(decimal(text), currency)
	if err != nil || a.Sign() <= 0 {
		x.path = x.path[:path]
		return x.fault("no amount above zero")
	}
	*to = a
	return nil
}

// decimal returns an xs:decimal in the plain form: without a plus, needless zeros, or a point at an end.
func decimal(s string) string {
	s = strings.TrimLeft(strings.TrimPrefix(s, "+"), "0")
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "" || s[0] == '.' {
		return "0" + s
	}
	return s
}
