package strictjson_test

import (
	"strings"
	"testing"

	"github.com/payrules/payrules/internal/strictjson"
)

type target struct {
	Name  string   `json:"name"`
	Inner []target `json:"inner"`
}

func TestUnmarshal(t *testing.T) {
	deep := strings.Repeat(`{"inner":[`, 40) + strings.Repeat(`]}`, 40)
	for _, row := range []struct{ in, want string }{
		{`{"name":"a"}`, ""},
		{` {"name":"a","inner":[{"name":"b"},{"name":"b"}]} `, ""},
		{`{"name":"a","name":"b"}`, `field "name" is given twice`},
		{`{"name":"a","Name":"b"}`, `field "Name" is given twice`},
		{`{"name":"a","inner":[{"name":"b","n\u0061me":"c"}]}`, `field "name" is given twice`},
		{`{"name":"a","other":1}`, `unknown field "other"`},
		{`{"name":"a"} {}`, "not valid JSON"},
		{`{"name":"a"`, "not valid JSON"},
		{``, "not valid JSON"},
		{deep, "nested deeper"},
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

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`{"name":"a","inner":[{"name":"b"}]}`))
	f.Add([]byte(`{"name":"a","name":"b"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var v target
		if strictjson.Unmarshal(data, &v) == nil {
			if err := strictjson.Check(data); err != nil {
				t.Fatalf("decoded what Check refuses: %v", err)
			}
		}
	})
}
