package jsonfields_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/payrules/payrules/internal/jsonfields"
	"github.com/payrules/payrules/money"
)

// order is what the tests read: something of every kind.
type order struct {
	name  string
	color color
	n     int64
	price money.Amount
	tags  []string
	lines []order
}

type color string

func (o *order) read(text json.RawMessage) (string, error) {
	return jsonfields.Object(text,
		jsonfields.TextField("name", true, &o.name),
		jsonfields.ParsedField("color", false, &o.color, func(s string) (color, error) {
			if s != "red" {
				return "", fmt.Errorf("%q, want red", jsonfields.Clip(s))
			}
			return color(s), nil
		}),
		jsonfields.IntField("n", &o.n, func(n int64) error {
			if n < 0 {
				return fmt.Errorf("%d, want 0 or more", n)
			}
			return nil
		}),
		jsonfields.AmountField("price", false, &o.price),
		jsonfields.ListField("tags", 2, &o.tags, func(s string) (string, error) { return s, nil }),
		jsonfields.Field{Name: "lines", Read: func(text json.RawMessage) (string, error) {
			return jsonfields.Array(text, 2, func(text json.RawMessage) (string, error) {
				var line order
				where, err := line.read(text)
				o.lines = append(o.lines, line)
				return where, err
			})
		}})
}

// What is wrong is told with its path; what is right is read.
func TestRead(t *testing.T) {
	const whole = `{"name":"é\n","color":"red","n":7,"price":{"amount":"1.00","currency":"EUR"},"tags":["a","b"],"lines":[{"name":""},{"name":"\ud83d\ude42"}]}`
	for _, row := range []struct{ text, want string }{
		{whole, ""},
		{" \n" + whole + "\t", ""},
		{`{"name":"a","lines":[]}`, ""},
		{``, ": not valid JSON"},
		{`{"name":"a"} 7`, ": not valid JSON"},
		{"{\"name\":\"\xff\"}", ": not valid UTF-8"},
		{strings.Repeat(" ", 1000) + whole, ": 1141 bytes, want at most 1000"},
		{`[]`, ": an array, want an object"},
		{`null`, ": null, want an object"},
		{`"x"`, ": a string, want an object"},
		{`{}`, ".name: none given"},
		{`{"name":null}`, ".name: null, want a string"},
		{`{"name":true}`, ".name: true or false, want a string"},
		{`{"Name":"a"}`, `: unknown field "Name"`},
		{`{"name":"a","n\u0061me":"b"}`, `: field "name" is given twice`},
		{`{"name":"\ud800"}`, ".name: an escape in it is no character of Unicode"},
		{`{"name":"a","color":"blue"}`, `.color: "blue", want red`},
		{`{"name":"a","n":-1}`, ".n: -1, want 0 or more"},
		{`{"name":"a","n":1.0}`, ".n: 1.0, want a whole number"},
		{`{"name":"a","n":9223372036854775808}`, ".n: 9223372036854775808, want a whole number"},
		{`{"name":"a","n":{}}`, ".n: an object, want a whole number"},
		{`{"name":"a","price":1}`, ".price: "},
		{`{"name":"a","price":{"amount":"-0.00","currency":"EUR"}}`, ".price: a zero with a minus"},
		{`{"name":"a","tags":[]}`, ".tags: empty"},
		{`{"name":"a","tags":["a",1]}`, ".tags[1]: a number, want a string"},
		{`{"name":"a","tags":["a","b","c"]}`, ".tags: more than 2 of them"},
		{`{"name":"a","tags":{}}`, ".tags: an object, want an array"},
		{`{"name":"a","lines":[{"name":"b"},{"name":"c","lines":[{"n":1}]}]}`, ".lines[1].lines[0].name: none given"},
		{`{"name":"a","lines":[{"name":"b"},{"name":"c"},{"name":"d"}]}`, ".lines: more than 2 of them"},
		{`{"` + strings.Repeat("x", 300) + `":1}`, `: unknown field "` + strings.Repeat("x", 64) + `…"`},
	} {
		var o order
		where := ""
		text, err := jsonfields.Document([]byte(row.text), 1000)
		if err == nil {
			where, err = o.read(text)
		}
		got := ""
		if err != nil {
			got = where + ": " + err.Error()
		}
		if !strings.HasPrefix(got, row.want) || row.want == "" && got != "" {
			t.Errorf("%.200s: got %q, want %q", row.text, got, row.want)
		}
		if row.text == whole && (o.name != "é\n" || o.color != "red" || o.n != 7 || o.price != money.New(1_00, money.EUR) || len(o.tags) != 2 || o.lines[1].name != "🙂") {
			t.Errorf("got %+v", o)
		}
	}
}
