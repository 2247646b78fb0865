package event_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/event"
)

// spent is the data of an event type that has come to its third version.
type spent struct {
	Minor    int64    `json:"minor"`
	Currency string   `json:"currency"`
	Tags     []string `json:"tags,omitempty"`
}

func (spent) EventType() string { return "test.spent.v3" }

// quick writes its own JSON.
type quick struct {
	N int64 `json:"n"`
}

func (quick) EventType() string { return "test.quick.v1" }

func (q quick) AppendJSON(dst []byte) ([]byte, error) {
	if q.N < 0 {
		return nil, errors.New("negative")
	}
	return fmt.Appendf(dst, `{"n":%d}`, q.N), nil
}

type stranger struct{}

func (stranger) EventType() string { return "test.stranger.v1" }

type nameless struct{}

func (nameless) EventType() string { return "Nameless" }

type broken struct{ F func() }

func (broken) EventType() string { return "test.broken.v1" }

func rewrite(old, new string) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) {
		if !strings.Contains(string(b), old) {
			return nil, fmt.Errorf("no %s", old)
		}
		return []byte(strings.Replace(string(b), old, new, 1)), nil
	}
}

var testCodec = event.MustCodec(
	[]event.Type{event.TypeOf[spent](), event.TypeOf[quick](), event.TypeOf[broken]()},
	event.Upcast{From: "test.spent.v1", To: "test.spent.v2", Convert: rewrite(`"cents"`, `"amount"`)},
	event.Upcast{From: "test.spent.v2", To: "test.spent.v3", Convert: rewrite(`"amount"`, `"minor"`)},
	event.Upcast{From: "test.paid.v1", To: "test.spent.v2", Convert: rewrite(`"paid"`, `"amount"`)},
)

func TestCodecRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d event.Data = spent{
			Minor:    rapid.Int64().Draw(t, "minor"),
			Currency: rapid.String().Draw(t, "currency"),
			Tags:     rapid.SliceOfN(rapid.String(), 1, 3).Draw(t, "tags"),
		}
		if rapid.Bool().Draw(t, "quick") {
			d = quick{N: rapid.Int64Min(0).Draw(t, "n")}
		}
		e, err := testCodec.Encode(d)
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		if err := e.Validate(); err != nil || e.Type != d.EventType() {
			t.Fatalf("encoded as %s %s: %v", e.Type, e.Data, err)
		}
		if plain, err := json.Marshal(d); err != nil || string(plain) != string(e.Data) {
			t.Fatalf("got %s, encoding/json writes %s, %v", e.Data, plain, err)
		}
		got, err := testCodec.Decode(e)
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		if diff := cmp.Diff(d, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestDecode(t *testing.T) {
	want := spent{Minor: 5, Currency: "EUR"}
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	for _, row := range []struct{ story, typ, data, fails string }{
		{"as it is", "test.spent.v3", `{"minor":5,"currency":"EUR"}`, ""},
		{"with white space", "test.spent.v3", " {\n\"currency\":\"EUR\", \"minor\":5 } ", ""},
		{"from v2", "test.spent.v2", `{"amount":5,"currency":"EUR"}`, ""},
		{"from v1, by v2", "test.spent.v1", `{"cents":5,"currency":"EUR"}`, ""},
		{"from another name", "test.paid.v1", `{"paid":5,"currency":"EUR"}`, ""},
		{"an upcast that fails", "test.spent.v1", `{"amount":5,"currency":"EUR"}`, `data of test.spent.v1: upcast to test.spent.v2: no "cents"`},
		{"what an upcast makes is read strictly", "test.spent.v2", `{"amount":5,"currency":"EUR","x":1}`, `data of test.spent.v2`},
		{"a type not known", "test.spent.v4", `{}`, `unknown type "test.spent.v4"`},
		{"no type", "", `{}`, `unknown type ""`},
		{"a field not known", "test.spent.v3", `{"minor":5,"currency":"EUR","fee":1}`, `unknown field "fee"`},
		{"a field twice", "test.spent.v3", `{"minor":5,"currency":"EUR","minor":6}`, `"minor" is given twice`},
		{"a field twice, in another case", "test.spent.v3", `{"minor":5,"currency":"EUR","Minor":6}`, `"Minor" is given twice`},
		{"something after it", "test.spent.v3", `{"minor":5,"currency":"EUR"} {}`, "not valid JSON"},
		{"cut off", "test.spent.v3", `{"minor":5,"currency":"EU`, "not valid JSON"},
		{"empty", "test.spent.v3", ``, "not valid JSON"},
		{"null", "test.spent.v3", " null\n", "null"},
		{"not an object", "test.spent.v3", `[]`, "data of test.spent.v3"},
		{"a fraction of a cent", "test.spent.v3", `{"minor":5.5,"currency":"EUR"}`, "data of test.spent.v3"},
		{"more than 64 bits", "test.spent.v3", `{"minor":9223372036854775808,"currency":"EUR"}`, "data of test.spent.v3"},
		{"deep", "test.spent.v3", `{"minor":5,"currency":"EUR","tags":` + deep + `}`, "nested deeper"},
		{"at the bound", "test.spent.v3", `{"minor":5,"currency":"EUR"}` + strings.Repeat(" ", event.MaxData-28), ""},
		{"over the bound", "test.spent.v3", `{"minor":5,"currency":"EUR"}` + strings.Repeat(" ", event.MaxData-27), "1048577 bytes"},
	} {
		got, err := testCodec.Decode(event.Event{Type: row.typ, Data: []byte(row.data)})
		switch {
		case row.fails == "" && (err != nil || !cmp.Equal(got, event.Data(want))):
			t.Errorf("%s: got %+v, %v, want %+v", row.story, got, err, want)
		case row.fails != "" && (err == nil || got != nil || !strings.Contains(err.Error(), row.fails)):
			t.Errorf("%s: got %+v, %v, want an error with %q", row.story, got, err, row.fails)
		case strings.HasPrefix(row.fails, "unknown type") != errors.Is(err, event.ErrUnknownType):
			t.Errorf("%s: got error %v, which is ErrUnknownType: %v", row.story, err, errors.Is(err, event.ErrUnknownType))
		}
	}
}

func TestEncodeErrors(t *testing.T) {
	for _, row := range []struct {
		story string
		d     event.Data
		is    error
		want  string
	}{
		{"a stranger", stranger{}, event.ErrUnknownType, "test.stranger.v1"},
		{"nil", nil, event.ErrInvalid, "nil"},
		{"no JSON", broken{}, nil, "data of test.broken.v1: encode"},
		{"an appender that fails", quick{N: -1}, nil, "data of test.quick.v1: encode: negative"},
		{"too large", spent{Currency: strings.Repeat("x", event.MaxData)}, event.ErrInvalid, "data of test.spent.v3"},
	} {
		e, err := testCodec.Encode(row.d)
		if err == nil || !strings.Contains(err.Error(), row.want) || (row.is != nil && !errors.Is(err, row.is)) || e.Type != "" {
			t.Errorf("%s: got %+v, %v, want an error with %q", row.story, e, err, row.want)
		}
	}
}

func TestNewCodec(t *testing.T) {
	same := func(b []byte) ([]byte, error) { return b, nil }
	up := func(from, to string) event.Upcast { return event.Upcast{From: from, To: to, Convert: same} }
	types := []event.Type{event.TypeOf[spent]()}
	for _, row := range []struct {
		story   string
		types   []event.Type
		upcasts []event.Upcast
		want    string
	}{
		{"nothing at all", nil, nil, ""},
		{"a chain in any order", types, []event.Upcast{up("a.v2", "test.spent.v3"), up("a.v1", "a.v2")}, ""},
		{"a type twice", []event.Type{types[0], event.TypeOf[spent]()}, nil, "given twice"},
		{"a type without a name", []event.Type{event.TypeOf[nameless]()}, nil, `"Nameless"`},
		{"the zero type", []event.Type{{}}, nil, "type"},
		{"no Convert", types, []event.Upcast{{From: "a.v1", To: "test.spent.v3"}}, "a.v1"},
		{"from one that is written", types, []event.Upcast{up("test.spent.v3", "test.spent.v3")}, "test.spent.v3"},
		{"from what is none", types, []event.Upcast{up("a", "test.spent.v3")}, `"a"`},
		{"two ways", types, []event.Upcast{up("a.v1", "test.spent.v3"), up("a.v1", "test.spent.v3")}, "a.v1"},
		{"to nowhere", types, []event.Upcast{up("a.v1", "a.v2")}, "ends in none"},
		{"a ring of one", types, []event.Upcast{up("a.v1", "a.v1")}, "ends in none"},
		{"a ring of three", types, []event.Upcast{up("a.v1", "a.v2"), up("a.v2", "a.v3"), up("a.v3", "a.v1")}, "ends in none"},
		{"into a ring", types, []event.Upcast{up("b.v1", "a.v1"), up("a.v1", "a.v2"), up("a.v2", "a.v1")}, "ends in none"},
	} {
		c, err := event.NewCodec(row.types, row.upcasts...)
		wantError(t, row.story, err, row.want)
		if (c == nil) != (err != nil) {
			t.Errorf("%s: got codec %v with error %v", row.story, c, err)
		}
	}
	names := []string{"test.broken.v1", "test.paid.v1", "test.quick.v1", "test.spent.v1", "test.spent.v2", "test.spent.v3"}
	if got := testCodec.TypeNames(); !slices.Equal(got, names) {
		t.Errorf("types: got %q, want %q", got, names)
	}
	if got := event.TypeOf[spent]().Name(); got != "test.spent.v3" {
		t.Errorf("name: got %q", got)
	}
}

func TestMustCodecPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a codec that cannot be made: no panic")
		}
	}()
	event.MustCodec([]event.Type{{}})
}

// FuzzDecode: what is accepted is written again as the same value; nothing panics.
func FuzzDecode(f *testing.F) {
	f.Add("test.spent.v3", []byte(`{"minor":5,"currency":"EUR","tags":["a"]}`))
	f.Add("test.spent.v1", []byte(`{"cents":5}`))
	f.Add("test.quick.v1", []byte(`{"n":-1}`))
	f.Fuzz(func(t *testing.T, typ string, data []byte) {
		d, err := testCodec.Decode(event.Event{Type: typ, Data: data})
		if err != nil {
			return
		}
		e, err := testCodec.Encode(d)
		if q, ok := d.(quick); ok && q.N < 0 {
			return // which its AppendJSON refuses
		}
		if err != nil {
			if errors.Is(err, event.ErrInvalid) {
				return // escaping made it longer than the bound
			}
			t.Fatalf("decoded %+v, but encode: %v", d, err)
		}
		again, err := testCodec.Decode(e)
		if err != nil {
			t.Fatalf("encoded %s, but decode: %v", e.Data, err)
		}
		twice, err := testCodec.Encode(again)
		if err != nil || string(twice.Data) != string(e.Data) {
			t.Fatalf("got %s, then %s, %v", e.Data, twice.Data, err)
		}
	})
}

func BenchmarkCodec(b *testing.B) {
	for _, d := range []event.Data{spent{Minor: 1234, Currency: "EUR"}, quick{N: 1234}} {
		e, err := testCodec.Encode(d)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("op=encode/type="+d.EventType(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := testCodec.Encode(d); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("op=decode/type="+d.EventType(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := testCodec.Decode(e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
