package strictjson_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/payrules/payrules/internal/strictjson"
)

type target struct {
	Name  string   `json:"name"`
	Inner []target `json:"inner"`
}

func TestUnmarshal(t *testing.T) {
	deep := strings.Repeat(`{"inner":[`, 16) + strings.Repeat(`]}`, 16)
	deeper := `{"inner":[` + deep + `]}`
	many := ""
	for i := range 40 {
		many += fmt.Sprintf(`"f%d":1,`, i)
	}
	for _, row := range []struct{ in, want string }{
		{`{"name":"a"}`, ""},
		{` {"name":"a","inner":[{"name":"b"},{"name":"b"}]} `, ""},
		{`{"name":"a","name":"b"}`, `field "name" is given twice`},
		{`{"name":"a","Name":"b"}`, `field "Name" is given twice`},
		{`{"name":"a","inner":[{"name":"b","n\u0061me":"c"}]}`, `field "name" is given twice`},
		{`{"name":"a","other":1}`, `unknown field "other"`},
		{`{"name":"a"} {}`, "not valid JSON"},
		{`{"name":"a","n\u017fme":1,"nSme":2}`, `field "nSme" is given twice`},
		{`{"name":"a","inner":[],"INNER":[]}`, `field "INNER" is given twice`},
		{`{"\u017f":1, "s":2}`, `field "s" is given twice`},
		{`{` + many + `"f7":1}`, `field "f7" is given twice`},
		{`{` + many + `"F39":1}`, `field "F39" is given twice`},
		{`{` + many + `"F40":1}`, `unknown field "f0"`},
		{` null `, "null"},
		{`{"name":"a"`, "not valid JSON"},
		{``, "not valid JSON"},
		{deep, ""},
		{deeper, "nested deeper"},
	} {
		var v target
		err := strictjson.Unmarshal([]byte(row.in), &v)
		switch {
		case row.want == "" && err != nil:
			t.Errorf("Unmarshal(%.60s): got error %v, want none", row.in, err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)):
			t.Errorf("Unmarshal(%.60s): got error %v, want %q", row.in, err, row.want)
		}
	}
}

// FuzzCheck holds the scanner against a walk over encoding/json's tokens.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e3,"x\"y",true,null,{}],"b":{"A":1}}`, `{"a":1, "a":2}`, ` [ ] `, `"x"`, `{"\u0061":1,"A":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got := strictjson.Check(data)
		want := oracle(data)
		if (got == nil) != (want == nil) {
			t.Fatalf("%q: got %v, the oracle says %v", data, got, want)
		}
	})
}

func oracle(data []byte) error {
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	if !json.Valid(data) || strings.TrimSpace(string(data)) == "null" {
		return errors.New("invalid")
	}
	return walk(d, 0)
}

func walk(d *json.Decoder, depth int) error {
	t, err := d.Token()
	open, bracket := t.(json.Delim)
	if err != nil || !bracket {
		return err
	}
	if depth == strictjson.MaxDepth {
		return errors.New("deep")
	}
	var names []string
	for d.More() {
		if open == '{' {
			t, err := d.Token()
			if err != nil {
				return err
			}
			for _, other := range names {
				if strings.EqualFold(other, t.(string)) {
					return errors.New("twice")
				}
			}
			names = append(names, t.(string))
		}
		if err := walk(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
