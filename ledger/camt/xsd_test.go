package camt_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/ledger/camt"
	"github.com/payrules/payrules/ledger/internal/sheettest"
	"pgregory.net/rapid"
)

var versions = map[camt.Version]string{camt.V08: "camt.053.001.08.xsd", camt.V02: "camt.053.001.02.xsd"}

// schemaFile is the path of a schema in the folder that PAYRULES_SCHEMAS names: scripts/schemas gets one. Without the folder the
// test is skipped, and fails if CI is "true". A folder that has only some of the schemas is as good as it is.
func schemaFile(t *testing.T, file string) string {
	t.Helper()
	dir := os.Getenv("PAYRULES_SCHEMAS")
	switch {
	case dir == "" && os.Getenv("CI") == "true":
		t.Fatal("PAYRULES_SCHEMAS, the folder of the schemas of ISO 20022, is not set")
	case dir == "":
		t.Skip("PAYRULES_SCHEMAS, the folder of the schemas of ISO 20022, is not set")
	}
	path := filepath.Join(dir, file)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && file != versions[camt.V08] {
		t.Skipf("%s is not in PAYRULES_SCHEMAS", file)
	} else if err != nil {
		t.Fatal(err)
	}
	return path
}

// xsd is what is read of a schema: ISO 20022 uses little of XML Schema.
type xsd struct {
	Complex []struct {
		Name     string    `xml:"name,attr"`
		Sequence []xsdPart `xml:"sequence>element"`
		Choice   []xsdPart `xml:"choice>element"`
		Nested   []xsdPart `xml:"sequence>choice>element"` // as the older one writes a choice
		Simple   struct {
			Base      string `xml:"base,attr"`
			Attribute struct {
				Name string `xml:"name,attr"`
				Use  string `xml:"use,attr"`
			} `xml:"attribute"`
		} `xml:"simpleContent>extension"`
	} `xml:"complexType"`
	Simple []struct {
		Name        string `xml:"name,attr"`
		Restriction struct {
			Base   string `xml:"base,attr"`
			Facets []struct {
				XMLName xml.Name
				Value   string `xml:"value,attr"`
			} `xml:",any"`
		} `xml:"restriction"`
	} `xml:"simpleType"`
}

type xsdPart struct {
	Name string `xml:"name,attr"`
	Type string `xml:"type,attr"`
	Min  string `xml:"minOccurs,attr"`
	Max  string `xml:"maxOccurs,attr"`
}

// part is the element as the table has it, without its type.
func (p xsdPart) part() part {
	out := part{Name: p.Name, Min: 1, Max: 1}
	if p.Min != "" {
		out.Min, _ = strconv.Atoi(p.Min)
	}
	if p.Max == "unbounded" {
		out.Max = -1
	} else if p.Max != "" {
		out.Max, _ = strconv.Atoi(p.Max)
	}
	return out
}

// facets returns what the schema demands of the values of a type; false if it has no such type.
func (x *xsd) facets(name string) (f facets, ok bool) {
	for _, c := range x.Complex {
		if c.Name == name && c.Simple.Base != "" {
			f, ok = x.facets(c.Simple.Base)
			f.Currency = c.Simple.Attribute.Name == "Ccy" && c.Simple.Attribute.Use == "required"
			return f, ok
		}
	}
	for _, s := range x.Simple {
		if s.Name != name {
			continue
		}
		f.Base = strings.TrimPrefix(s.Restriction.Base, "xs:")
		for _, facet := range s.Restriction.Facets {
			n, _ := strconv.Atoi(facet.Value)
			switch facet.XMLName.Local {
			case "minLength":
				f.Min = n
			case "maxLength":
				f.Max = n
			case "pattern":
				f.Pattern = facet.Value
			case "enumeration":
				f.Enum = strings.TrimPrefix(f.Enum+"|"+facet.Value, "|")
			case "totalDigits":
				f.Total = n
			case "fractionDigits":
				f.Fraction = n
			case "minInclusive":
				f.NotNegative = facet.Value == "0"
			}
		}
		return f, true
	}
	return f, false
}

// The table against which every random statement is checked says what the schemas of ISO 20022 say.
func TestTableIsTheSchema(t *testing.T) {
	for v, file := range versions {
		t.Run(file, func(t *testing.T) { tableIsTheSchema(t, v, schemaFile(t, file)) })
	}
}

func tableIsTheSchema(t *testing.T, v camt.Version, path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var x xsd
	if err := xml.Unmarshal(text, &x); err != nil {
		t.Fatal(err)
	}
	rows, seen := grammar(v), map[string]bool{}
	var walk func(mine, theirs string)
	walk = func(mine, theirs string) {
		if seen[mine+" "+theirs] || mine == "-" {
			return
		}
		seen[mine+" "+theirs] = true
		r, complex := rows[mine]
		if !complex {
			want, ok := x.facets(theirs)
			if diff := cmp.Diff(want, values[mine]); diff != "" || !ok {
				t.Errorf("%d: %s is not %s (-schema +table):\n%s", v, mine, theirs, diff)
			}
			return
		}
		for _, c := range x.Complex {
			if c.Name != theirs {
				continue
			}
			parts := c.Sequence
			if r.choice {
				parts = append(c.Choice, c.Nested...)
			}
			if len(parts) != len(r.parts) {
				t.Errorf("%d: %s has %d elements, %s has %d", v, mine, len(r.parts), theirs, len(parts))
				return
			}
			for i, p := range parts {
				want := p.part()
				want.Type = r.parts[i].Type
				if diff := cmp.Diff(want, r.parts[i]); diff != "" {
					t.Errorf("%d: %s is not %s (-schema +table):\n%s", v, mine, theirs, diff)
				}
				walk(r.parts[i].Type, p.Type)
			}
			return
		}
		t.Errorf("%d: the schema has no type %s", v, theirs)
	}
	walk("Document", "Document")
	if len(seen) < 40 {
		t.Errorf("%d: only %d types were compared", v, len(seen))
	}
}

// Messages are valid by the schemas, as xmllint sees it: those of the golden files, and random ones of both versions.
func TestMessagesAreValid(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("xmllint, of Debian's libxml2-utils: %v", err)
		}
		t.Skipf("xmllint, of Debian's libxml2-utils: %v", err)
	}
	for v, file := range versions {
		t.Run(file, func(t *testing.T) { messagesAreValid(t, v, xmllint, schemaFile(t, file)) })
	}
}

func messagesAreValid(t *testing.T, v camt.Version, xmllint, path string) {
	args := []string{"--noout", "--nonet", "--schema", path}
	dir := t.TempDir()
	add := func(name string, message []byte) {
		file := filepath.Join(dir, name+".xml")
		if err := os.WriteFile(file, message, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	for name, s := range sheettest.Scenes() {
		o := options(name)
		o.Version = v
		add(name, written(t, s, o))
	}
	random := rapid.Custom(func(t *rapid.T) []byte {
		s, o := random(t)
		o.Version = v
		var b bytes.Buffer
		if err := camt.Write(&b, s, o); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	})
	for i := range campaign.Size(50, 1000) {
		add(fmt.Sprint(i), random.Example(i))
	}
	if out, err := exec.Command(xmllint, args...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%.5000s", path, err, out)
	}
}
