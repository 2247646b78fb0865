package strictjson_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/internal/strictjson"
)

// tester is what fails a law: a test, a fuzz test, or a property.
type tester interface {
	Helper()
	Fatalf(string, ...any)
}

// agree is the first law: one pass takes what four passes took, and makes the same of it. The second time, it is read over what
// it has made the first time.
func agree(t tester, typ reflect.Type, doc []byte) {
	t.Helper()
	got, want := reflect.New(typ), reflect.New(typ)
	for range 2 {
		err := strictjson.Unmarshal(doc, got.Interface())
		wantErr := fourPasses(doc, want.Interface())
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%v: %q:\ngot  error %v\nwant error %v", typ, doc, err, wantErr)
		}
		if err != nil {
			break
		}
		if !reflect.DeepEqual(got.Interface(), want.Interface()) {
			t.Fatalf("%v: %q:\ngot  %+v\nwant %+v", typ, doc, got.Elem(), want.Elem())
		}
	}
	if got, want := strictjson.Check(doc), fourPassesCheck(doc); (got == nil) != (want == nil) {
		t.Fatalf("Check(%q):\ngot  %v\nwant %v", doc, got, want)
	}
}

// TestSamplesAgree holds one pass against four on every sample, read as its own type and as each of the types made here.
func TestSamplesAgree(t *testing.T) {
	all := samples(t)
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) { agree(t, s.typ, s.doc) })
	}
	for i, s := range all {
		if s.event || slices.ContainsFunc(all[:i], func(other sample) bool { return other.typ == s.typ }) {
			continue
		}
		for _, other := range all {
			agree(t, s.typ, other.doc)
		}
	}
}

// TestReadOverAgrees reads each sample over what another one has made: what is there already stays, grows, or is replaced.
func TestReadOverAgrees(t *testing.T) {
	all := slices.DeleteFunc(samples(t), func(s sample) bool { return s.event })
	for _, first := range all {
		for _, second := range all {
			if first.typ != second.typ {
				continue
			}
			got, want := reflect.New(first.typ), reflect.New(first.typ)
			if strictjson.Unmarshal(first.doc, got.Interface()) != nil || fourPasses(first.doc, want.Interface()) != nil {
				break
			}
			err, wantErr := strictjson.Unmarshal(second.doc, got.Interface()), fourPasses(second.doc, want.Interface())
			if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got.Interface(), want.Interface()) {
				t.Fatalf("%v: %s, and then %s:\ngot  %+v, error %v\nwant %+v, error %v", first.typ, first.doc, second.doc, got.Elem(), err, want.Elem(), wantErr)
			}
		}
	}
}

// TestInterfacesAgree reads into what interfaces hold already.
func TestInterfacesAgree(t *testing.T) {
	for _, doc := range []string{`{"any":{"i8":7}}`, `{"any":{"x":1}}`, `{"any":null}`, `{"any":{"list":[{"x":1}]}}`, `{"any":3}`} {
		for _, fill := range []func() any{
			func() any { return &nasty{I: 1} }, func() any { return nasty{I: 1} }, func() any { n := &nasty{I: 1}; return &n }, func() any { return new(any) },
		} {
			got, want := nasty{Any: fill()}, nasty{Any: fill()}
			err, wantErr := strictjson.Unmarshal([]byte(doc), &got), fourPasses([]byte(doc), &want)
			if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
				t.Errorf("%s over %#v:\ngot  %+v, error %v\nwant %+v, error %v", doc, fill(), got.Any, err, want.Any, wantErr)
			}
		}
	}
}

// TestDamagedSamplesAgree holds them against each other on samples that are written in another way, and damaged.
func TestDamagedSamplesAgree(t *testing.T) {
	all := slices.DeleteFunc(samples(t), func(s sample) bool { return !json.Valid(s.doc) })
	for range campaign.Size(10, 500) {
		rapid.Check(t, func(r *rapid.T) {
			s := rapid.SampledFrom(all).Draw(r, "sample")
			doc := parse(t, s.doc)
			p := pen{T: r, escapes: true, letters: func(string) bool { return true }}
			if p.one(2) { // what reads itself may not take other letters and escapes
				p = pen{T: r}
			}
			for range rapid.IntRange(0, 2).Draw(r, "times") {
				p.damage(doc)
			}
			text := []byte(p.write(doc))
			if at := rapid.IntRange(0, 20*len(text)).Draw(r, "at"); at < len(text) {
				text[at] = rapid.Byte().Draw(r, "byte")
			}
			agree(r, s.typ, text)
		})
	}
}

// FuzzAgree holds them against each other on whatever the fuzzer makes of them.
func FuzzAgree(f *testing.F) {
	all := samples(f)
	for i, s := range all {
		f.Add(uint16(i), s.doc)
	}
	f.Fuzz(func(t *testing.T, which uint16, doc []byte) {
		agree(t, all[int(which)%len(all)].typ, doc)
	})
}

// Events are read back from what encoding/json writes, whatever the order and the white space.
func TestEventsAreReadBack(t *testing.T) {
	for _, s := range samples(t) {
		want := reflect.New(s.typ)
		if !s.event || strictjson.Unmarshal(s.doc, want.Interface()) != nil {
			continue
		}
		written, err := json.Marshal(want.Interface())
		if err != nil {
			continue // the zero value of a type that has to be filled
		}
		rapid.Check(t, func(r *rapid.T) {
			text := pen{T: r}.write(parse(t, written))
			got := reflect.New(s.typ)
			if err := strictjson.Unmarshal([]byte(text), got.Interface()); err != nil || !reflect.DeepEqual(got.Interface(), want.Interface()) {
				r.Fatalf("%s: %s:\ngot  %+v, error %v\nwant %+v", s.name, text, got.Elem(), err, want.Elem())
			}
		})
	}
}

// account is a value of many kinds that encoding/json writes without loss.
type account struct {
	Text   string             `json:"text"`
	Small  int8               `json:"small"`
	Large  int64              `json:"large,omitempty"`
	Count  uint64             `json:"count"`
	Share  float64            `json:"share"`
	Narrow float32            `json:"narrow"`
	Open   bool               `json:"open"`
	Bytes  []byte             `json:"bytes"`
	Day    civil.Date         `json:"day,omitzero"`
	Quoted int32              `json:"quoted,string"`
	By     map[int16][]string `json:"by"`
	Of     map[string]account `json:"of"`
	Next   *account           `json:"next"`
	List   []account          `json:"list"`
	Pair   [2]uint8           `json:"pair"`
	Any    any                `json:"any"`
	Inner
}

func drawAccount(t *rapid.T, depth int) account {
	text := rapid.String().Filter(utf8.ValidString)
	a := account{
		Text: text.Draw(t, "text"), Small: rapid.Int8().Draw(t, "small"), Large: rapid.Int64().Draw(t, "large"),
		Count: rapid.Uint64().Draw(t, "count"), Share: rapid.Float64().Draw(t, "share"), Narrow: rapid.Float32().Draw(t, "narrow"),
		Open: rapid.Bool().Draw(t, "open"), Bytes: rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"),
		Day:    civil.Date(rapid.Int32Range(0, 3_000_000).Draw(t, "day")),
		Quoted: rapid.Int32().Draw(t, "quoted"),
		By:     rapid.MapOfN(rapid.Int16(), rapid.SliceOfN(text, 0, 3), 0, 3).Draw(t, "by"),
		Pair:   [2]uint8{rapid.Uint8().Draw(t, "pair")},
		Any:    rapid.SampledFrom([]any{nil, true, "x", 1.5, []any{}, map[string]any{"a": nil}}).Draw(t, "any"),
		Inner:  Inner{InnerMost{rapid.Int().Draw(t, "quirk")}, rapid.Int().Draw(t, "hidden")},
	}
	if depth > 0 && rapid.Bool().Draw(t, "more") {
		next := drawAccount(t, depth-1)
		a.Next, a.List = &next, []account{drawAccount(t, depth-1)}
		a.Of = map[string]account{"": drawAccount(t, depth-1), "é\n<🙂": {}}
	}
	return a
}

// Values are read back from what encoding/json writes, whatever the order, the white space, the escapes, and the letters of names.
func TestValuesAreReadBack(t *testing.T) {
	fields := make(map[string]bool)
	for _, f := range reflect.VisibleFields(reflect.TypeFor[account]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		fields[name] = true
	}
	for range campaign.Size(1, 100) {
		rapid.Check(t, func(r *rapid.T) {
			want := drawAccount(r, 2)
			written, err := json.Marshal(want)
			if err != nil {
				r.Fatal(err)
			}
			text := pen{r, true, func(name string) bool { return fields[name] }}.write(parse(t, written))
			var got account
			if err := strictjson.Unmarshal([]byte(text), &got); err != nil {
				r.Fatalf("%s: %v", text, err)
			}
			if !reflect.DeepEqual(got, want) {
				r.Fatalf("%s:\ngot  %+v\nwant %+v", text, got, want)
			}
		})
	}
}
