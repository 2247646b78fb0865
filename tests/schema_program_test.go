package tests

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// programSchema compiles the published schema of programs, beside that of policies to which it refers by its $id.
func programSchema(t rapid.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	var id string
	for _, text := range [][]byte{cap.PolicySchema(), cashback.ProgramSchema()} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if draft := doc.(object)["$schema"]; draft != "https://json-schema.org/draft/2020-12/schema" {
			t.Fatalf("the schema is of %v", draft)
		}
		id = doc.(object)["$id"].(string)
		if err := c.AddResource(id, doc); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// wholeProgram is testdata/program.json of package cashback: a program with every field.
func wholeProgram(t rapid.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("../cashback/testdata/program.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// unsayableOfPrograms are the things that ParseProgram refuses and a schema cannot: what is said otherwise in the whole program, so that
// the schema takes it, and what ParseProgram says. The doc of cashback.ProgramSchema lists them.
func unsayableOfPrograms() []struct{ old, new, says string } {
	return []struct{ old, new, says string }{
		{`{"id": "extra", "mode"`, `{"id": "base", "mode"`, "is the id of "},
		{`"version": 3,`, `"version": 3, "version": 3,`, "is given twice"},
		{`"group": "welcome"`, `"group": "nobody"`, "which is not in the program"},
		{`"budget": "welcome"`, `"budget": "nobody"`, "which is not in the program"},
		{`["all", "books"]`, `["all", "nobody"]`, "which is not in the program"},
		{`["all", "books"]`, `["books", "all"]`, "does not lie after"},
		{`["BE", "FR"]`, `["FR", "BE"]`, "does not lie after"},
		{`"5940-5949"`, `"5949-5940"`, "does not go upwards"},
		{`"through": "2026-05-31"`, `"through": "2026-02-01"`, "which is before"},
		{`{"amount": "5000.00", "currency": "EUR"}`, `{"amount": "5000.00", "currency": "USD"}`, "want the program's EUR"},
		{`{"amount": "5000.00", "currency": "EUR"}`, `{"amount": "180143985094819.84", "currency": "EUR"}`, "to 2^54-1 minor units"},
		{`{"amount": "5000.00", "currency": "EUR"}`, `{"amount": "5000.0\u0030", "currency": "EUR"}`, "without escapes"},
		{`"lateness": "P8D"`, `"lateness": "P1D"`, "late days"},
		{`"rate": "1.5"`, `"rate": "150"`, "want at most 100"},
		{`"rate": "0.01"`, `"rate": "1.01"`, "which is above 1"},
		{`"rate": "0.01"`, `"rate": "9223372036854775808/9223372036854775809"`, "out of range"},
		{`"from": {"amount": "20.00"`, `"from": {"amount": "19.00"`, "overlaps the step before it"},
		{`"from": {"amount": "20.00"`, `"from": {"amount": "21.00"`, "leaves a gap"},
		{`"rate": "0.05"`, `"rate": "0.02"`, "want no less than"},
		{`"until": {"amount": "50.00", "currency": "EUR"},`, ``, "only the last step has no end"},
		{`"until": {"amount": "50.00", "currency": "EUR"}, "rate": "0.03"}`, `"until": {"amount": "10.00", "currency": "EUR"}, "rate": "0.03"}`, "want it above from"},
		{`{"from": {"amount": "50.00", "currency": "EUR"},`, `{"from": {"amount": "50.00", "currency": "EUR"}, "until": {"amount": "60.00", "currency": "EUR"},`, "the last step has no end"},
		{`"share": "2/3"`, `"share": "1/3"`, "do not add up to 1"},
		{`"share": "2/3"`, `"share": "5/3"`, "want more than 0, and 1 at most"},
		{`"share": "2/3"`, `"share": "9223372036854775806/9223372036854775807"`, "no common denominator"},
		{`"refund_days": 180`, `"refund_days": 4`, "want 5 to 3650"},
		{`"from": "2026-03-01"`, `"from": "2026-02-30"`, "invalid date"},
		{`"zone": "Europe/Paris",
  "rounding"`, `"zone": "Mars/Olympus", "rounding"`, "is not in the IANA"},
		{`"bakery"]`, `"` + strings.Repeat("é", 128) + `"]`, "want 1 to 255 bytes"},
		{`"version": 3,`, `"version": 3.0,`, "want a whole number"},
		{`"bakery"]`, `"\ud800"]`, "is no character"},
		{`"name": "month"`, `"name": "month", "overrides": [{"from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z", "max": {"amount": "1", "currency": "EUR"}}]`, "want it after from"},
		{`{
  "id"`, strings.Repeat(" ", cashback.MaxProgram) + `{"id"`, "bytes, want at most"},
	}
}

// Each of the things that the schema cannot say is just that: the schema takes it and ParseProgram does not.
func TestProgramSchemaCannotSay(t *testing.T) {
	schema, whole := programSchema(t), string(wholeProgram(t))
	for _, row := range unsayableOfPrograms() {
		if !strings.Contains(whole, row.old) {
			t.Fatalf("%s is not in the program", row.old)
		}
		text := []byte(strings.Replace(whole, row.old, row.new, 1))
		if err := bySchema(t, schema, text); err != nil {
			t.Errorf("%.300s: the schema says it after all: %v", row.new, err)
		}
		if _, err := cashback.ParseProgram(text); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%.300s: got %v, want %s", row.new, err, row.says)
		}
	}
}

// saidOfPrograms is what ParseProgram says of what is unsayable, in a program or in the policy of a cap.
var saidOfPrograms = sync.OnceValue(func() (out []string) {
	for _, row := range unsayableOfPrograms() {
		out = append(out, row.says)
	}
	for _, row := range unsayable() {
		out = append(out, row.says)
	}
	return out
})

// agreeOnProgram is agree for programs. It returns whether both take the text.
func agreeOnProgram(t rapid.TB, schema *jsonschema.Schema, text []byte) bool {
	t.Helper()
	said := bySchema(t, schema, text)
	_, err := cashback.ParseProgram(text)
	switch {
	case said != nil && err == nil:
		t.Fatalf("%s\nis a program, and yet %v", text, said)
	case said == nil && err != nil:
		if !slices.ContainsFunc(saidOfPrograms(), func(says string) bool { return strings.Contains(err.Error(), says) }) {
			t.Fatalf("%s\nthe schema takes it, and yet %v", text, err)
		}
	}
	return said == nil && err == nil
}

// The program that has everything, as somebody writes it and as the library does; and with one thing wrong at a time: each value of
// another sort or of none, each field left out, a field too many in each object, and each element of a list twice.
func TestProgramSchemaAgreesOnEveryField(t *testing.T) {
	schema, whole := programSchema(t), wholeProgram(t)
	p, err := cashback.ParseProgram(whole)
	if err != nil {
		t.Fatal(err)
	}
	if !agreeOnProgram(t, schema, whole) || !agreeOnProgram(t, schema, written(t, p)) {
		t.Fatal("the whole program is refused")
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	tried, taken := 0, 0
	change := func(i int, do func(spot)) {
		tried++
		top := object{"program": clone(doc)}
		do(spots("", top, nil)[i])
		if agreeOnProgram(t, schema, written(t, top["program"])) {
			taken++
		}
	}
	for i, s := range spots("", object{"program": clone(doc)}, nil) {
		for _, v := range []any{nil, true, false, "x", "", "0", "0.5", "-1/-3", number(0), number(7), json.Number("2.5"), object{}, array{}, array{nil}} {
			change(i, func(s spot) { s.set(v) })
		}
		if i > 0 {
			change(i, func(s spot) { s.drop() })
		}
		if _, ok := s.get().(object); ok {
			change(i, func(s spot) { s.get().(object)["extra"] = "x" })
		}
		if list, ok := s.get().(array); ok && len(list) > 0 {
			change(i, func(s spot) { s.set(append(s.get().(array), clone(list[0]))) })
		}
	}
	if tried < 2000 || taken*50 < tried || taken*2 > tried {
		t.Errorf("%d of %d were taken: is the program read right?", taken, tried)
	}
}

// Each bound of the schema is that of ParseProgram: the last that is in, and the first that is out.
func TestProgramSchemaBounds(t *testing.T) {
	schema, whole := programSchema(t), string(wholeProgram(t))
	id := strings.Repeat("x", cashback.MaxID)
	for _, row := range []struct{ old, in, out string }{
		{`"id": "spring-2026"`, `"id": "` + id + `"`, `"id": "x` + id + `"`},
		{`"id": "spring-2026"`, `"id": "A-z_0."`, `"id": "a b"`},
		{`"version": 3`, `"version": 2147483647`, `"version": 2147483648`},
		{`"version": 3`, `"version": 1`, `"version": 0`},
		{`"1 % on everything"`, `"` + strings.Repeat("é", cashback.MaxLabel) + `"`, `"` + strings.Repeat("é", cashback.MaxLabel+1) + `"`},
		{`"1 % on everything"`, `""`, `"\u0085"`},
		{`"1 % on everything"`, "\"\ufffd\"", `"\uffff"`},
		{`"priority": 10`, `"priority": -1000000`, `"priority": 1000001`},
		{`"days": 30`, `"days": 400`, `"days": 401`},
		{`"by": "delay", "days": 30`, `"by": "action", "days": 0`, `"by": "action", "days": 1`},
		{`"expiry_months": 24`, `"expiry_months": 120`, `"expiry_months": 121`},
		{`"late_days": 5`, `"late_days": 1`, `"late_days": 0`},
		{`"refund_days": 180`, `"refund_days": 3650`, `"refund_days": 3651`},
		{`"rate": "0.01"`, `"rate": "0.000000000000000001"`, `"rate": "0.0000000000000000001"`},
		{`"rate": "0.01"`, `"rate": "1"`, `"rate": "0"`},
		{`"rate": "0.01"`, `"rate": "1/7"`, `"rate": "01/7"`},
		{`"rate": "0.01"`, `"rate": "-1/-7"`, `"rate": "-1/7"`},
		{`"rate": "0.01"`, `"rate": "0.50"`, `"rate": "0.5", "fixed": {"amount": "1.00", "currency": "EUR"}`},
		{`"rate": "0.01"`, `"rate": "0.01", "min_purchase": {"amount": "0.01", "currency": "EUR"}`, `"rate": "0.01", "min_purchase": {"amount": "0.00", "currency": "EUR"}`},
		{`"rate": "0.01"`, `"ladder": [{"from": {"amount": "0", "currency": "EUR"}, "rate": "0.01"}]`, `"ladder": []`},
		{`"fixed": {"amount": "5.00"`, `"fixed": {"amount": "0.01"`, `"fixed": {"amount": "-0.01"`},
		{`"counting": {"refund": "original"}`, `"counting": {"refund": "original", "reversal": "ignored"}`, `"counting": {"refund": "now"}`},
		{`"lateness": "P8D"`, `"lateness": "P9D"`, `"lateness": "P8D", "final_after": "P30D"`},
		{`["BE", "FR"]`, `["BE"]`, `[]`},
		{`["BE", "FR"]`, `["AA"]`, `["aa"]`},
		{`["gold"]`, `["gold", "silver"]`, `["gold", "gold"]`},
		{`"through": "2026-05-31"`, `"through": "9999-12-31"`, `"through": "2026-5-31"`},
	} {
		if !strings.Contains(whole, row.old) {
			t.Fatalf("%s is not in the program", row.old)
		}
		if in := strings.Replace(whole, row.old, row.in, 1); !agreeOnProgram(t, schema, []byte(in)) {
			_, err := cashback.ParseProgram([]byte(in))
			t.Errorf("%s is refused: %v", row.in, err)
		}
		out := []byte(strings.Replace(whole, row.old, row.out, 1))
		if agreeOnProgram(t, schema, out); bySchema(t, schema, out) == nil {
			t.Errorf("the schema takes %s", row.out)
		}
	}
	one := cashback.ProgramSchema()
	one[0] = 'x'
	if cashback.ProgramSchema()[0] == 'x' {
		t.Error("who changes what ProgramSchema returned changes the schema")
	}
}
