package strictjson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// node is a JSON value that can be written in many ways.
type node struct {
	open  json.Delim // of an object or array
	names []string   // of an object's fields
	kids  []*node
	leaf  any // a string, or what json.Marshal writes as it is
}

// parse reads a valid document.
func parse(t testing.TB, doc []byte) *node {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var value func() *node
	value = func() *node {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		open, bracket := token.(json.Delim)
		if !bracket {
			return &node{leaf: token}
		}
		n := &node{open: open}
		for d.More() {
			if open == '{' {
				name, _ := d.Token()
				n.names = append(n.names, name.(string))
			}
			n.kids = append(n.kids, value())
		}
		_, _ = d.Token()
		return n
	}
	return value()
}

// all lists a node and what it holds.
func (n *node) all() []*node {
	out := []*node{n}
	for _, kid := range n.kids {
		out = append(out, kid.all()...)
	}
	return out
}

// pen writes nodes, each time in another way that says the same.
type pen struct {
	*rapid.T
	escapes bool                   // in strings
	letters func(name string) bool // whether a field's name may be in other letters
}

func (p pen) one(in int) bool { return rapid.IntRange(1, in).Draw(p.T, "one") == 1 }

func (p pen) space() string {
	if p.one(4) {
		return rapid.StringOfN(rapid.SampledFrom([]rune(" \t\r\n")), 0, 3, -1).Draw(p.T, "space")
	}
	return ""
}

func (p pen) write(n *node) string {
	var b strings.Builder
	b.WriteString(p.space())
	switch s, text := n.leaf.(string); {
	case n.open != 0:
		order := make([]int, len(n.kids))
		for i := range order {
			order[i] = i
		}
		if n.open == '{' {
			order = rapid.Permutation(order).Draw(p.T, "order")
		}
		b.WriteString(n.open.String() + p.space())
		for at, i := range order {
			if at > 0 {
				b.WriteString("," + p.space())
			}
			if n.open == '{' {
				b.WriteString(p.name(n.names[i]) + p.space() + ":")
			}
			b.WriteString(p.write(n.kids[i]))
		}
		b.WriteByte(byte(n.open + 2)) // the closing one
	case text:
		b.WriteString(p.quote(s))
	default:
		leaf, err := json.Marshal(n.leaf)
		if err != nil {
			p.Fatal(err)
		}
		b.Write(leaf)
	}
	return b.String() + p.space()
}

func (p pen) name(s string) string {
	if p.letters != nil && p.letters(s) && p.one(3) {
		s = strings.Map(func(r rune) rune {
			for range rapid.IntRange(0, 2).Draw(p.T, "fold") {
				r = unicode.SimpleFold(r)
			}
			return r
		}, s)
	}
	return p.quote(s)
}

func (p pen) quote(s string) string {
	var b strings.Builder
	for _, r := range s {
		short := strings.IndexRune("\"\\/\b\f\n\r\t", r)
		switch {
		case short >= 0 && (r < ' ' || r == '"' || r == '\\' || p.escapes && p.one(2)):
			b.WriteString(`\` + `"\/bfnrt`[short:short+1])
		case r >= 0x10000 && p.escapes && p.one(2):
			fmt.Fprintf(&b, `\u%04x\u%04X`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		case r < ' ', r < 0x10000 && p.escapes && p.one(8):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}

// odd is what does not fit somewhere.
var odd = []any{
	nil, true, "", "x", "7", "null", "AQ==", "2026-11-02T09:00:00Z", "2026-11-02", "EUR", json.Number("0"), json.Number("-1"), json.Number("256"),
	json.Number("1.0"), json.Number("1e2"), json.Number("1e999"), json.Number("18446744073709551616"),
}

// damage changes a document a little: something else in a place, a field twice or unknown, too deep, missing.
func (p pen) damage(root *node) {
	all := root.all()
	n := rapid.SampledFrom(all).Draw(p.T, "node")
	other := *rapid.SampledFrom(all).Draw(p.T, "other")
	switch rapid.IntRange(0, 6).Draw(p.T, "damage") {
	case 0:
		*n = node{leaf: rapid.SampledFrom(odd).Draw(p.T, "odd")}
	case 1:
		*n = *other.clone()
	case 2:
		for range rapid.IntRange(1, 34).Draw(p.T, "deep") {
			*n = node{open: '[', kids: []*node{{open: n.open, names: n.names, kids: n.kids, leaf: n.leaf}}}
		}
	case 3:
		if i := len(n.kids) - 1; i >= 0 {
			n.kids = slices.Delete(n.kids, i, i+1)
			if n.open == '{' {
				n.names = slices.Delete(n.names, i, i+1)
			}
		}
	default:
		if n.open == '{' {
			name := rapid.SampledFrom(append([]string{"x", "ſ", "at", "amount", "Roar"}, n.names...)).Draw(p.T, "name")
			n.names, n.kids = append(n.names, p.fold(name)), append(n.kids, other.clone())
		} else if n.open == '[' {
			n.kids = append(n.kids, other.clone())
		}
	}
}

func (p pen) fold(name string) string {
	if p.one(2) {
		return strings.ToUpper(name)
	}
	return name
}

func (n *node) clone() *node {
	c := *n
	c.names = slices.Clone(n.names)
	c.kids = nil
	for _, kid := range n.kids {
		c.kids = append(c.kids, kid.clone())
	}
	return &c
}
