package strictjson_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/payrules/payrules/internal/strictjson"
	"github.com/payrules/payrules/money"
)

// An error says where it is, and does not repeat what may be a person's data.
func ExampleUnmarshal() {
	var order struct {
		Lines []struct {
			Quantity int64        `json:"quantity"`
			Price    money.Amount `json:"price"`
		} `json:"lines"`
	}
	for _, text := range []string{
		`{"lines":[{"quantity":2,"price":{"amount":"12.34","currency":"EUR"}}]}`,
		`{"lines":[{"quantity":2},{"quantity":"two"}]}`,
		`{"lines":[{"quantity":2,"Quantity":3}]}`,
		`{"lines":[{"quantity":2,"discount":3}]}`,
		`{"lines":[{"quantity":02}]}`,
	} {
		fmt.Println(strictjson.Unmarshal([]byte(text), &order))
	}
	// Output:
	// <nil>
	// lines[1].quantity: a string does not fit int64
	// field "Quantity" is given twice
	// lines[0]: unknown field "discount"
	// not valid JSON: byte 24: want a comma or a closing bracket
}

func TestErrors(t *testing.T) {
	deep := strings.Repeat(`[`, strictjson.MaxDepth+1)
	for _, row := range []struct{ name, in, want string }{
		{"of two faults, the first", `{"i8":300,"text":1}`, "i8: that number does not fit int8"},
		{"against the form, wherever it is", `{"i8":300,"text":1,}`, "not valid JSON: byte 20: want the name of a field"},
		{"unknown, and then twice", `{"x":1,"X":1}`, `field "X" is given twice`},
		{"unknown, and then too deep", `{"x":` + deep, "nested deeper than 32"},
		{"in a map", `{"map":{"Mrs Smith":{"list":[{},{"i":true}]}}}`, "map[...].list[1].i: true or false does not fit int"},
		{"a key", `{"ints":{"Mrs Smith":""}}`, "ints[...]: that number does not fit int8"},
		{"in an array", `{"fixed":[1,2.5]}`, "fixed[1]: that number does not fit int"},
		{"behind a pointer", `{"self":{"self":{"plain":{"x":""}}}}`, "self.self.plain.X: a string does not fit int"},
		{"what the type itself says", `{"amount":{"amount":"1","currency":"EUX"}}`, "amount: money: "},
		{"a long name", `{"` + strings.Repeat("x", 1000) + `":1}`, `unknown field "` + strings.Repeat("x", 64) + `"`},
		{"no pointer inside", `{"chan":[1]}`, "chan: an array does not fit chan int"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var v nasty
			err := strictjson.Unmarshal([]byte(row.in), &v)
			if err == nil || !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
	var v nasty
	if err := strictjson.Unmarshal([]byte(`{"amount":{"amount":"1.234","currency":"EUR"}}`), &v); !errors.Is(err, money.ErrInexact) {
		t.Errorf("got %v, want one that wraps that of money", err)
	}
	var hidden struct {
		*whelp `json:"whelp"`
	}
	if err := strictjson.Unmarshal([]byte(`{"whelp":{"Whine":1}}`), &hidden); err == nil { // encoding/json panics
		t.Errorf("got %+v, want an error", hidden)
	}
	for _, target := range []any{nil, nasty{}, (*nasty)(nil)} {
		if err := strictjson.Unmarshal([]byte(`{}`), target); err == nil {
			t.Errorf("into %#v: got no error", target)
		}
	}
}

// However hostile a text is, decoding it takes memory in proportion to its length.
func TestMemoryIsBounded(t *testing.T) {
	const n = 20_000
	names := func(form string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, form, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	for name, text := range map[string]string{
		"unknown fields": `{` + names(`"x%d":1,`) + `}`,
		"keys":           `{"map":{` + names(`"x%d":null,`) + `}}`,
		"misfits":        `{"fixed":[` + names(`"%d",`) + `]}`,
		"elements":       `{"dates":[` + names(`null,`+"%.0s") + `]}`,
		"lists":          `{"names":{"a":[` + names(`%d,`) + `]}}`,
		"a long name":    `{"` + strings.Repeat("x", n) + `":1}`,
		"a long text":    `{"text":"` + strings.Repeat(`\u00e9`, n) + `"}`,
		"a long number":  `{"i":` + strings.Repeat("1", n) + `}`,
		"never closed":   `{"self":` + strings.Repeat(`{"self":`, n),
		"garbage":        strings.Repeat("\xff", n),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var v nasty
		_ = strictjson.Unmarshal([]byte(text), &v)
		runtime.ReadMemStats(&after)
		const base, each = 64 << 10, 64
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(base+each*len(text)); got > most {
			t.Errorf("%s: %d bytes for a text of %d, want at most %d", name, got, len(text), most)
		}
	}
}

// TestManyAtOnce has many callers ask for the plan of a type that nobody asked for before.
func TestManyAtOnce(t *testing.T) {
	type fresh struct {
		Name  string  `json:"name"`
		Inner []fresh `json:"inner"`
	}
	var callers sync.WaitGroup
	for range 16 {
		callers.Go(func() {
			var v fresh
			if err := strictjson.Unmarshal([]byte(`{"inner":[{"name":"a"}]}`), &v); err != nil || v.Inner[0].Name != "a" {
				t.Errorf("got %v, error %v", v, err)
			}
		})
	}
	callers.Wait()
}
