package tests

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// policySchema compiles the published schema, which also checks it against that of draft 2020-12.
func policySchema(t rapid.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(cap.PolicySchema()))
	if err != nil {
		t.Fatal(err)
	}
	if draft := doc.(object)["$schema"]; draft != "https://json-schema.org/draft/2020-12/schema" {
		t.Fatalf("the schema is of %v", draft)
	}
	c := jsonschema.NewCompiler()
	const here = "mem:///policy.schema.json"
	if err := c.AddResource(here, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(here)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// bySchema says what the schema has against a text.
func bySchema(t rapid.TB, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return schema.Validate(doc)
}

func written(t rapid.TB, doc any) []byte {
	t.Helper()
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The schema takes every policy, as somebody writes it and as the library does.
func TestSchemaTakesEveryPolicy(t *testing.T) {
	schema := policySchema(t)
	take := func(t rapid.TB, text []byte) {
		t.Helper()
		p, err := cap.ParsePolicy(text)
		if err != nil {
			t.Fatalf("%s\nis no policy: %v", text, err)
		}
		for _, form := range [][]byte{text, written(t, p)} {
			if err := bySchema(t, schema, form); err != nil {
				t.Fatalf("%s\nis a policy, and yet %v", form, err)
			}
		}
	}
	golden, err := os.ReadFile("../cap/testdata/policy.json")
	if err != nil {
		t.Fatal(err)
	}
	take(t, golden)
	rapid.Check(t, func(t *rapid.T) { take(t, written(t, paper{t}.policy())) })
}

// unsayable are the things that ParsePolicy refuses and a schema cannot: a policy for each, which the schema takes, and
// what ParsePolicy says. The doc of cap.PolicySchema lists them.
func unsayable() []struct{ json, says string } {
	const lifetime = `"window":{"kind":"lifetime"}`
	limits := func(list ...string) string {
		return `{"currency":"EUR","limits":[` + strings.Join(list, ",") + `]}`
	}
	with := func(field string) string {
		return limits(`{"name":"x","max":{"amount":"1.00","currency":"EUR"},` + lifetime + `,` + field + `}`)
	}
	scope := func(list string) string { return with(`"scope":{"include":{` + list + `}}`) }
	rolling := func(duration string) string {
		return limits(`{"name":"x","max_count":1,"window":{"kind":"rolling","duration":"` + duration + `"}}`)
	}
	override := func(from, until string) string {
		return `{"from":"` + from + `","until":"` + until + `","max":{"amount":"1.00","currency":"EUR"}}`
	}
	opened := func(name string) string {
		return `{"name":"` + name + `","max_count":1,"window":{"kind":"opened_by_first_use","duration":"P1D"}}`
	}
	max := func(amount string) string { return limits(`{"name":"x","max":` + amount + `,` + lifetime + `}`) }
	return []struct{ json, says string }{
		{limits(`{"name":"x","max_count":1,`+lifetime+`}`, `{"name":"x","max_count":2,`+lifetime+`}`), "is the name of"},
		{limits(`{"name":"x","name":"x","max_count":1,` + lifetime + `}`), "is given twice"},
		{scope(`"mcc":["5412","5411"]`), "does not lie after"},
		{scope(`"mcc":["5000-5500","5411"]`), "does not lie after"},
		{scope(`"merchants":["b","a"]`), "does not lie after"},
		{scope(`"mcc":["5412-5411"]`), "does not go upwards"},
		{with(`"alerts":[80,50]`), "50 percent, want 1 to 1000, upwards"},
		{with(`"overrides":[` + override("2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z") + `,` + override("2026-01-02T00:00:00Z", "2026-01-04T00:00:00Z") + `]`), "before the end of the one before it"},
		{with(`"overrides":[` + override("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z") + `]`), "want it after from"},
		{max(`{"amount":"1.00","currency":"USD"}`), "want the policy's"},
		{max(`{"amount":"180143985094819.84","currency":"EUR"}`), "want 0 to 2^54-1 minor units"},
		{rolling("P401D"), "want a whole number of microseconds"},
		{rolling("P999D"), "is longer than any window may be"},
		{`{"currency":"EUR","final_after":"PT1H","limits":[{"name":"x","max_count":1,` + lifetime + `}]}`, "from the lateness"},
		{with(`"overrides":[` + override("2026-02-30T00:00:00Z", "2026-12-01T00:00:00Z") + `]`), "want an instant such as"},
		{with(`"overrides":[` + override("2199-12-31T00:00:00Z", "2199-12-31T23:00:00-02:00") + `]`), "want 1970 to 2199"},
		{with(`"overrides":[` + override("1970-01-01T00:00:00+02:00", "2026-12-01T00:00:00Z") + `]`), "invalid instant"},
		{limits(`{"name":"x","max_count":1,"window":{"kind":"calendar","unit":"day","zone":"Mars/Olympus"}}`), "is not in the IANA"},
		{limits(opened("a"), opened("b"), opened("c"), opened("d")), "windows opened by first use"},
		{scope(`"merchants":["` + strings.Repeat("é", 128) + `"]`), "256 bytes, want 1 to 255"},
		{limits(`{"name":"x","max_count":1.0,` + lifetime + `}`), "want a whole number"},
		{scope(`"merchants":["\ud800"]`), "is no character"},
		{max(`{"amount":"1.0\u0030","currency":"EUR"}`), "without escapes"},
		{strings.Repeat(" ", cap.MaxPolicy) + limits(opened("a")), "bytes, want at most"},
	}
}

// Each of the few things that the schema cannot say is just that: the schema takes it and ParsePolicy does not.
func TestSchemaCannotSay(t *testing.T) {
	schema := policySchema(t)
	for _, row := range unsayable() {
		if err := bySchema(t, schema, []byte(row.json)); err != nil {
			t.Errorf("%.300s\nthe schema says it after all: %v", strings.TrimSpace(row.json), err)
		}
		if _, err := cap.ParsePolicy([]byte(row.json)); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%.300s\ngot %v, want %s", strings.TrimSpace(row.json), err, row.says)
		}
	}
}

// agree holds the schema and ParsePolicy against each other: what the schema refuses ParsePolicy refuses, and what
// ParsePolicy alone refuses is unsayable. It returns whether both take the text.
func agree(t rapid.TB, schema *jsonschema.Schema, text []byte) bool {
	t.Helper()
	said := bySchema(t, schema, text)
	_, err := cap.ParsePolicy(text)
	switch {
	case said != nil && err == nil:
		t.Fatalf("%s\nis a policy, and yet %v", text, said)
	case said == nil && err != nil:
		known := func(row struct{ json, says string }) bool { return strings.Contains(err.Error(), row.says) }
		ordered := strings.Contains(err.Error(), "percent, want 1 to 1000, upwards") // the figure differs
		if !ordered && !slices.ContainsFunc(unsayable(), known) {
			t.Fatalf("%s\nthe schema takes it, and yet %v", text, err)
		}
	}
	return said == nil && err == nil
}

// Policies that were damaged: the schema and ParsePolicy agree on them.
func TestSchemaAgreesWithParsePolicy(t *testing.T) {
	schema := policySchema(t)
	taken, seen := 0, 0
	for range campaign.Size(5, 100) {
		rapid.Check(t, func(t *rapid.T) {
			d := paper{t}
			doc := d.policy()
			d.damage(doc)
			seen++
			if agree(t, schema, written(t, doc)) {
				taken++
			}
		})
	}
	if taken*20 < seen || taken*20 > seen*19 {
		t.Errorf("%d of %d were taken: the damage is too great or too small to tell anything", taken, seen)
	}
}

// The policy that has everything, with one thing wrong at a time: each value of another sort or of none, each field left
// out, and a field too many in each object.
func TestSchemaAgreesOnEveryField(t *testing.T) {
	schema := policySchema(t)
	golden, err := os.ReadFile("../cap/testdata/policy.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(golden))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	change := func(i int, do func(spot)) {
		n++
		top := object{"policy": clone(doc)}
		do(spots("", top, nil)[i])
		agree(t, schema, written(t, top["policy"]))
	}
	all := spots("", object{"policy": clone(doc)}, nil)
	for i, s := range all {
		values := []any{nil, true, "x", number(0), json.Number("2.5"), object{}, array{}, array{nil}}
		if strings.Contains(s.path, "counting") {
			values = append(values, "ignored", "original", "now")
		}
		for _, v := range values {
			change(i, func(s spot) { s.set(v) })
		}
		if i > 0 {
			change(i, func(s spot) { s.drop() })
		}
		if _, ok := s.get().(object); ok {
			change(i, func(s spot) { s.get().(object)["extra"] = "x" })
		}
		if list, ok := s.get().(array); ok && len(list) > 0 {
			change(i, func(s spot) { s.set(append(s.get().(array), clone(list[0]))) }) // something twice
		}
	}
	if n < 1000 {
		t.Errorf("only %d things were tried", n)
	}
}

// Each bound of the schema is that of ParsePolicy: the last that is in, and the first that is out.
func TestSchemaBounds(t *testing.T) {
	schema := policySchema(t)
	policy := func(limit string) string { return `{"currency":"EUR","limits":[` + limit + `]}` }
	window := func(w string) string { return policy(`{"name":"x","max_count":1,"window":{` + w + `}}`) }
	with := func(field string) string {
		return policy(`{"name":"x","max":{"amount":"1.00","currency":"EUR"},"max_count":1,"window":{"kind":"lifetime"},` + field + `}`)
	}
	repeat := func(n int, format string) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(format, i+1))
		}
		return strings.Join(out, ",")
	}
	calendar := func(unit string, start int) string {
		return window(fmt.Sprintf(`"kind":"calendar","unit":"%s","start":%d,"zone":"UTC"`, unit, start))
	}
	countries := func(n int) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(`"%c%c"`, 'A'+i/26, 'A'+i%26))
		}
		return strings.Join(out, ",")
	}
	each := func(override string) string {
		return policy(`{"name":"x","max":{"amount":"1.00","currency":"EUR"},"window":{"kind":"lifetime"},"overrides":[{"from":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00Z",` + override + `}]}`)
	}
	const oneMax = `"max":{"amount":"1.00","currency":"EUR"}`
	for _, row := range []struct{ in, out string }{
		{policy(repeat(cap.MaxLimits, `{"name":"l%d","max_count":1,"window":{"kind":"lifetime"}}`)), policy(repeat(cap.MaxLimits+1, `{"name":"l%d","max_count":1,"window":{"kind":"lifetime"}}`))},
		{policy(`{"name":"` + strings.Repeat("n", cap.MaxName) + `","max_count":1,"window":{"kind":"lifetime"}}`), policy(`{"name":"` + strings.Repeat("n", cap.MaxName+1) + `","max_count":1,"window":{"kind":"lifetime"}}`)},
		{policy(`{"name":"x","max_count":9223372036854775807,"window":{"kind":"lifetime"}}`), policy(`{"name":"x","max_count":9223372036854775808,"window":{"kind":"lifetime"}}`)},
		{with(`"alerts":[1,2,3,4,5,6,7,1000]`), with(`"alerts":[1,2,3,4,5,6,7,8,9]`)},
		{with(`"alerts":[1,1000]`), with(`"alerts":[1,1001]`)},
		{with(`"alerts":[1]`), with(`"alerts":[0]`)},
		{with(`"alerts":[80]`), with(`"alerts":[80,80]`)},
		{with(`"alerts":[80]`), with(`"alerts":["80"]`)},
		{with(`"alerts":[80]`), with(`"alerts":[80.5]`)},
		{policy(`{"name":"x","max_count":1,"window":{"kind":"lifetime"}}`), policy(`{"name":"x","max_count":1.5,"window":{"kind":"lifetime"}}`)},
		{policy(`{"name":"x","max_count":1,"window":{"kind":"lifetime"}}`), policy(`{"name":"","max_count":1,"window":{"kind":"lifetime"}}`)},
		{policy(`{"name":"a-b","max_count":1,"window":{"kind":"lifetime"}}`), policy(`{"name":"a b","max_count":1,"window":{"kind":"lifetime"}}`)},
		{with(`"overrides":[` + repeat(cap.MaxOverrides, `{"from":"20%02[1]d-01-01T00:00:00Z","until":"20%02[1]d-02-01T00:00:00Z","max_count":2}`) + `]`), with(`"overrides":[` + repeat(cap.MaxOverrides+1, `{"from":"20%02[1]d-01-01T00:00:00Z","until":"20%02[1]d-02-01T00:00:00Z","max_count":2}`) + `]`)},
		{with(`"scope":{"include":{"mcc":[` + repeat(cap.MaxScope, `"%04d"`) + `]}}`), with(`"scope":{"include":{"mcc":[` + repeat(cap.MaxScope+1, `"%04d"`) + `]}}`)},
		{with(`"scope":{"include":{"merchants":[` + repeat(cap.MaxScope, `"%04d"`) + `]}}`), with(`"scope":{"include":{"merchants":[` + repeat(cap.MaxScope+1, `"%04d"`) + `]}}`)},
		{with(`"scope":{"include":{"merchants":["` + strings.Repeat("n", cap.MaxID) + `"]}}`), with(`"scope":{"include":{"merchants":["` + strings.Repeat("n", cap.MaxID+1) + `"]}}`)},
		{with(`"scope":{"include":{"merchants":["\u00a0"]}}`), with(`"scope":{"include":{"merchants":["\u009f"]}}`)},
		{with(`"scope":{"include":{"merchants":["~ "]}}`), with(`"scope":{"include":{"merchants":["\u007f"]}}`)},
		{with(`"scope":{"include":{"mcc":["0001-9999"]}}`), with(`"scope":{"include":{"mcc":["0000-9999"]}}`)},
		{with(`"scope":{"include":{"mcc":["9999"]}}`), with(`"scope":{"include":{"mcc":["10000"]}}`)},
		{with(`"scope":{"include":{"mcc":["5411"]}}`), with(`"scope":{"include":{"mcc":["5411","5411"]}}`)},
		{with(`"scope":{"include":{"merchants":["x"]}}`), with(`"scope":{"include":{"merchants":["x","x"]}}`)},
		{with(`"scope":{"include":{"merchants":["x"]}}`), with(`"scope":{"include":{"merchants":[""]}}`)},
		{with(`"scope":{"include":{"countries":["FR"]}}`), with(`"scope":{"include":{"countries":["FR","FR"]}}`)},
		{with(`"scope":{"include":{"countries":["FR"]}}`), with(`"scope":{"include":{"countries":[]}}`)},
		{with(`"scope":{"include":{"countries":[` + countries(cap.MaxScope) + `]}}`), with(`"scope":{"include":{"countries":[` + countries(cap.MaxScope+1) + `]}}`)},
		{with(`"scope":{"include":{"channels":["atm"]}}`), with(`"scope":{"include":{"channels":["atm","atm"]}}`)},
		{with(`"scope":{"exclude":{"countries":["FR"]}}`), with(`"scope":{}`)},
		{with(`"counting":{"refund":"ignored"}`), with(`"counting":{}`)},
		{with(`"overrides":[],"alerts":[]`), with(`"overrides":null,"alerts":null`)},
		{window(`"kind":"rolling_hours","hours":1,"zone":"UTC"`), window(`"kind":"rolling_hours","hours":1.5,"zone":"UTC"`)},
		{window(`"kind":"rolling_days","days":1,"zone":"UTC"`), window(`"kind":"rolling_days","days":1.5,"zone":"UTC"`)},
		{window(`"kind":"rolling_months","months":1,"zone":"UTC"`), window(`"kind":"rolling_months","months":1.5,"zone":"UTC"`)},
		{calendar("week", 2), window(`"kind":"calendar","unit":"week","start":1.5,"zone":"UTC"`)},
		{window(`"kind":"calendar","unit":"day","zone":"UTC"`), window(`"kind":"calendar","unit":"day","zone":"` + strings.Repeat("U", 65) + `"`)},
		{window(`"kind":"rolling","duration":"P0000000001DT0000000001M01S"`), window(`"kind":"rolling","duration":"P0000000001DT0000000001H0000000001S"`)},
		{window(`"kind":"rolling_hours","hours":9600,"zone":"UTC"`), window(`"kind":"rolling_hours","hours":9601,"zone":"UTC"`)},
		{window(`"kind":"rolling_days","days":400,"zone":"UTC"`), window(`"kind":"rolling_days","days":401,"zone":"UTC"`)},
		{window(`"kind":"rolling_months","months":13,"zone":"UTC"`), window(`"kind":"rolling_months","months":14,"zone":"UTC"`)},
		{window(`"kind":"calendar","unit":"day","zone":"UTC"`), calendar("day", 1)},
		{calendar("week", 7), calendar("week", 8)},
		{calendar("month", 28), calendar("month", 29)},
		{calendar("quarter", 3), calendar("quarter", 4)},
		{calendar("year", 12), calendar("year", 13)},
		{calendar("year", 1), calendar("year", 0)},
		{window(`"kind":"calendar","unit":"day","zone":"UTC"`), window(`"kind":"calendar","unit":"day","zone":"Local"`)},
		{window(`"kind":"rolling","duration":"PT0.000001S"`), window(`"kind":"rolling","duration":"PT0.0000001S"`)},
		{window(`"kind":"rolling","duration":"P1W1DT1H1M1.5S"`), window(`"kind":"rolling","duration":"P1D1W"`)},
		{window(`"kind":"rolling","duration":"P1D"`), window(`"kind":"rolling","duration":"P1DT"`)},
		{window(`"kind":"rolling","duration":"PT1S"`), window(`"kind":"rolling","duration":"PT0S"`)},
		{window(`"kind":"rolling","duration":"P0000000001D"`), window(`"kind":"rolling","duration":"P00000000001D"`)},
		{policy(`{"name":"x",` + oneMax + `,"window":{"kind":"per_transaction"}}`), policy(`{"name":"x",` + oneMax + `,"max_count":1,"window":{"kind":"per_transaction"}}`)},
		{policy(`{"name":"x",` + oneMax + `,"window":{"kind":"lifetime"}}`), policy(`{"name":"x","window":{"kind":"lifetime"}}`)},
		{each(oneMax), each(`"max_count":1`)},
		{
			policy(`{"name":"x","max_count":1,"window":{"kind":"lifetime"},"overrides":[{"from":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00Z","max_count":2}]}`),
			policy(`{"name":"x","max_count":1,"window":{"kind":"lifetime"},"overrides":[{"from":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00Z",` + oneMax + `}]}`),
		},
		{each(oneMax), each(`"max_count":null,` + oneMax)},
		{with(`"overrides":[{"from":"1970-01-01T00:00:00Z","until":"2199-12-31T23:59:59.999999Z","max_count":1}]`), with(`"overrides":[{"from":"1970-01-01T00:00:00Z","until":"2200-01-02T00:00:00Z","max_count":1}]`)},
		{with(`"overrides":[{"from":"1969-12-31T23:00:00-01:00","until":"2200-01-01T00:59:59+01:00","max_count":1}]`), with(`"overrides":[{"from":"1969-12-30T23:00:00-23:59","until":"2199-01-01T00:00:00Z","max_count":1}]`)},
		{with(`"overrides":[{"from":"1970-01-01T00:00:00.000001Z","until":"2199-01-01T00:00:00+23:59","max_count":1}]`), with(`"overrides":[{"from":"1970-01-01T00:00:00.0000001Z","until":"2199-01-01T00:00:00+24:00","max_count":1}]`)},
	} {
		if !agree(t, schema, []byte(row.in)) {
			_, err := cap.ParsePolicy([]byte(row.in))
			t.Errorf("%.300s\nis no policy: %v", row.in, err)
		}
		if agree(t, schema, []byte(row.out)); bySchema(t, schema, []byte(row.out)) == nil {
			t.Errorf("%.300s\nthe schema takes it", row.out)
		}
	}
}

// The schema knows the currencies of package money, and how many digits each has.
func TestSchemaKnowsTheCurrencies(t *testing.T) {
	schema := policySchema(t)
	n := 0
	for c := range money.Currencies() {
		n++
		of := func(amount string) []byte {
			return fmt.Appendf(nil, `{"currency":"%[1]s","limits":[{"name":"x","max":{"amount":"%[2]s","currency":"%[1]s"},"window":{"kind":"lifetime"}}]}`, c.Code(), amount)
		}
		most := money.New(cap.MaxAmount, c)
		number := strings.TrimSuffix(most.String(), " "+c.Code())
		digits := strings.TrimSuffix("1."+strings.Repeat("0", c.MinorUnits()), ".")
		if !agree(t, schema, of(number)) || !agree(t, schema, of(digits)) {
			t.Errorf("%s: %s and %s are refused", c, number, digits)
		}
		more := digits + "0"
		if c.MinorUnits() == 0 {
			more = "1.0"
		}
		for _, out := range []string{more, "1" + strings.Repeat("0", 17-c.MinorUnits()), "-1", "-0", "+1", "01", "1.", ".5", "1e2"} {
			if err := bySchema(t, schema, of(out)); err == nil {
				t.Errorf("%s: the schema takes %s", c, out)
			}
			agree(t, schema, of(out))
		}
	}
	listed := bytes.Count(cap.PolicySchema(), []byte(`"EUR"`))
	if doc := schemaDoc(t); len(doc["$defs"].(object)["currency"].(object)["enum"].(array)) != n || listed != 1 {
		t.Errorf("the schema lists other currencies than the %d of package money", n)
	}
}

func schemaDoc(t rapid.TB) object {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(cap.PolicySchema()))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(object)
}

// An editor finds a title and a description, of its own or by reference, for every field and every kind of window; and no
// object takes a field that is not listed.
func TestSchemaSpeaksToPeople(t *testing.T) {
	doc := schemaDoc(t)
	defs := doc["$defs"].(object)
	says := func(o object, what string) bool {
		if o[what] != nil || o["const"] != nil {
			return true
		}
		ref, ok := o["$ref"].(string)
		return ok && defs[strings.TrimPrefix(ref, "#/$defs/")].(object)[what] != nil
	}
	fields, kinds := 0, 0
	for _, s := range spots("", doc, nil) {
		o, ok := s.get().(object)
		if !ok || strings.Contains(s.path, ".then") || strings.Contains(s.path, ".if") {
			continue
		}
		if o["type"] == "object" && o["oneOf"] == nil && o["additionalProperties"] != false {
			t.Errorf("%s takes any field", s.path)
		}
		properties, _ := o["properties"].(object)
		for name, field := range properties {
			fields++
			if f := field.(object); !says(f, "title") || !says(f, "description") && s.path != ".$defs.amount" {
				t.Errorf("%s.%s has no title or description", s.path, name)
			}
		}
		if strings.HasPrefix(s.path, ".$defs.window.oneOf[") && properties != nil {
			kinds++
			if !says(o, "title") || !says(o, "description") {
				t.Errorf("%s has no title or description", s.path)
			}
		}
	}
	if fields < 40 || kinds != 8 {
		t.Errorf("%d fields and %d kinds of window: is the schema read right?", fields, kinds)
	}
	one := cap.PolicySchema()
	one[0] = 'x'
	if cap.PolicySchema()[0] == 'x' {
		t.Error("who changes what PolicySchema returned changes the schema")
	}
}
