package strictjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// sample is a document, and a type that it is of.
type sample struct {
	name  string
	typ   reflect.Type
	doc   []byte
	event bool // of the library
}

// samples are one of every event type of the library at least, from the golden files where there are some, and those of the
// types below.
func samples(t testing.TB) []sample {
	t.Helper()
	var out []sample
	for folder, codecs := range map[string][]*event.Codec{
		"cap":      {cap.Codec()},
		"billing":  {billing.Codec(), billing.SeriesCodec()},
		"contract": {contract.ContractCodec(), contract.MandateCodec(), contract.ViewCodec()},
		"ledger":   {ledger.AccountCodec(), ledger.TransferCodec(), ledger.ClosingCodec()},
	} {
		for _, codec := range codecs {
			for _, name := range codec.TypeNames() {
				zero, err := codec.Decode(event.Event{Type: name, Data: []byte(`{}`)})
				if err != nil {
					t.Fatalf("%s: {}: %v", name, err)
				}
				files, err := filepath.Glob("../../" + folder + "/testdata/" + name + ".*")
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, sample{name, reflect.TypeOf(zero), []byte(`{"at":"2026-11-02T09:00:00Z"}`), true})
				for _, file := range files {
					doc, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, sample{filepath.Base(file), reflect.TypeOf(zero), doc, true})
				}
			}
		}
	}
	for _, p := range []struct {
		zero any
		docs []string
	}{
		{nasty{}, nastyDocs}, {zoo{}, zooDocs}, {burrow{}, burrowDocs}, {marshalers{}, marshalerDocs}, {wide(), wideDocs},
		{map[string]any(nil), nastyDocs}, {[]any(nil), []string{`[1,"x",null,{"a":[true]}]`}}, {any(nil), nil},
		{json.RawMessage(nil), nastyDocs}, {"", []string{`"a\u00e9\ud83d\ude00\ud83d"`, `"é🙂"`}}, {int8(0), []string{`-128`, `128`}},
		{money.Amount{}, []string{`{"amount":"12.34","currency":"EUR"}`}},
		{(**int)(nil), []string{`7`}}, {time.Time{}, []string{`"2026-11-02T09:00:00Z"`}},
	} {
		typ := reflect.TypeOf(p.zero)
		if typ == nil {
			typ = reflect.TypeFor[any]()
			p.docs = nastyDocs
		}
		for _, doc := range p.docs {
			out = append(out, sample{typ.String(), typ, []byte(doc), false})
		}
	}
	return out
}

type (
	name     string
	flag     bool
	octet    uint8
	link     *int
	timeLink *time.Time
	lines    []string
	hashed   [2]byte
)

// UnmarshalText splits text at commas.
func (l *lines) UnmarshalText(text []byte) error {
	*l = strings.Split(string(text), ",")
	return nil
}

// UnmarshalText reads two bytes.
func (h *hashed) UnmarshalText(text []byte) error {
	if len(text) != len(h) {
		return errors.New("want two bytes")
	}
	copy(h[:], text)
	return nil
}

// nasty has every kind of Go type.
type nasty struct {
	_ struct{}

	Text  string  `json:"text"`
	Named name    `json:"named,omitempty"`
	Flag  flag    `json:"flag"`
	I     int     `json:"i"`
	I8    int8    `json:"i8"`
	I16   int16   `json:"i16"`
	I32   int32   `json:"i32"`
	I64   int64   `json:"i64"`
	U     uint    `json:"u"`
	U8    uint8   `json:"u8"`
	U16   uint16  `json:"u16"`
	U32   uint32  `json:"u32"`
	U64   uint64  `json:"u64"`
	Uptr  uintptr `json:"uptr"`
	F32   float32 `json:"f32"`
	F64   float64 `json:"f64"`
	Octet []octet `json:"octets"`
	Bytes []byte  `json:"bytes"`
	Quad  [4]byte `json:"quad"`

	Raw     json.RawMessage  `json:"raw"`
	RawLink *json.RawMessage `json:"raw_link"`
	Num     json.Number      `json:"num"`
	At      time.Time        `json:"at,omitzero"`
	AtLink  *time.Time       `json:"at_link"`
	Lost    timeLink         `json:"lost"` // encoding/json does not look for methods behind a named pointer
	Any     any              `json:"any"`
	Errs    error            `json:"errs"`
	List    []nasty          `json:"list"`
	Self    *nasty           `json:"self"`
	Links   **link           `json:"links"`
	Fixed   [3]int           `json:"fixed"`
	None    [0]int           `json:"none"`
	Lines   lines            `json:"lines"`
	Hashed  hashed           `json:"hashed"`
	Amount  money.Amount     `json:"amount"`
	Dates   []civil.Date     `json:"dates"`

	Map    map[string]*nasty        `json:"map"`
	Names  map[name][]int           `json:"names"`
	Ints   map[int8]string          `json:"ints"`
	Uints  map[uint16]any           `json:"uints"`
	Codes  map[money.Currency]int   `json:"codes"`
	Hashes map[hashed]bool          `json:"hashes"`
	Priced map[money.Amount]int     `json:"priced"` // its keys are read by UnmarshalJSON
	Nums   map[json.Number]int      `json:"nums"`
	Bools  map[bool]int             `json:"bools"` // no JSON can be one
	Nested map[string]map[int][]int `json:"nested"`

	QInt    int        `json:"qint,string"`
	QFlag   bool       `json:"qflag,string"`
	QText   string     `json:"qtext,string"`
	QLink   *uint8     `json:"qlink,string"`
	QFloat  float32    `json:"qfloat,string"`
	QDate   civil.Date `json:"qdate,string"`
	QList   []int      `json:"qlist,string"` //nolint:staticcheck // the option means nothing here
	Dash    int        `json:"-,"`           //nolint:staticcheck // it is named -
	Ignored int        `json:"-"`
	Odd     int        `json:"o\"dd"` //nolint:staticcheck // no name that encoding/json takes
	Snow    int        `json:"Straße k"`
	Lower   int        `json:"fold"`
	Upper   int        `json:"FOLD"`

	Chan    chan int                        `json:"chan"`
	Func    func()                          `json:"func"`
	Complex complex64                       `json:"complex"`
	Plain   struct{ X, Y int }              `json:"plain"`
	Bare    struct{ money.Amount }          `json:"bare"` // has its method, but no name
	BareP   *struct{ money.Amount }         `json:"bare_link"`
	BareIn  []struct{ Dates []*civil.Date } `json:"bare_in"`
}

const nastyDoc = `{"text":"a\"\u00e9\ud83d\ude00\/é","named":"n","flag":true,"i":-1,"i8":-128,"i16":32767,"i32":-2147483648,
"i64":9223372036854775807,"u":1,"u8":255,"u16":65535,"u32":4294967295,"u64":18446744073709551615,"uptr":7,"f32":1.5e3,"f64":-0.1E-2,
"octets":"AQI=","bytes":"aGVsbG8=","quad":[1,2,3,4],"raw":{"a" : [1]},"raw_link":[null],"num":-1.5e7,"at":"2026-11-02T09:00:00.5+01:00",
"at_link":"2026-11-02T09:00:00Z","lost":{},"any":{"x":[1,"y",null,true]},"errs":null,"list":[{"i":1},{"text":"x","list":[]}],
"self":{"self":{"i":2}},"links":5,"fixed":[1,2,3,4],"none":[],"lines":"a,b","hashed":"xy","amount":{"amount":"12.34","currency":"EUR"},
"dates":["2026-11-02"],"map":{"a":{"i":1},"b":null},"names":{"a":[1],"k":[]},"ints":{"-5":"x","+7":"y"},"uints":{"65535":1.5},
"codes":{"EUR":1,"USD":2},"hashes":{"xy":true},"priced":{},"nums":{"1":1,"x":2},"bools":null,"nested":{"a":{"1":[2]}},
"qint":"5","qflag":"true","qtext":"\"x\"","qlink":"7","qfloat":"1.5","qdate":null,"qlist":[1],"-":3,"Odd":1,"Straße k":4,"fold":5,
"chan":null,"func":null,"complex":null,"plain":{"x":1,"Y":2},"bare":{},
"bare_link":{"amount":"1","currency":"JPY"},"bare_in":[{"dates":["2026-11-02",null]}]}`

var nastyDocs = []string{
	nastyDoc, `{}`, `{"bytes":[1,2],"octets":[3],"num":"12","any":null,"self":null,"text":null,"i":null,"at":null,"raw":null,"lines":null}`,
	`{"list":[{"i":1},{"i":2},{"i":3}],"dates":["2026-11-02","2026-11-03"],"names":{"a":[1,2]},"fixed":[1,2,3]}`,
	`{"list":[{"u":1}],"dates":[null],"names":{"b":[3]},"fixed":[9]}`, `{"self":{"u":9},"map":{"a":{"u":1}},"links":null}`, `{"list":[{},{"u":2}]}`,
	`{"fold":1,"FOLD":2}`, `{"Fold":1}`, `{"FOLD":1}`, `{"priced":{"1 EUR":1}}`, `{"lost":"2026-11-02T09:00:00Z"}`, `{"lost":{"x":1}}`,
	`{"\u017fELF":{}}`, `{"STRASSE K":1}`, `{"STRAßE ` + "\u212a" + `":1}`, `{"bools":{}}`, `{"bools":{"true":1}}`, `{"errs":"x"}`, `{"errs":{}}`,
	`{"qint":5}`, `{"qint":"x"}`, `{"qint":"null"}`, `{"qint":null}`, `{"qlink":null}`, `{"qlink":"256"}`, `{"qtext":"x"}`, `{"qdate":"\"2026-11-02\""}`,
	`{"qdate":"2026-11-02"}`, `{"chan":1}`, `{"func":{}}`, `{"complex":"x"}`, `{"bytes":"aGVs bG8="}`, `{"bytes":"aGVs\r\nbG8="}`, `{"bytes":""}`, `{"num":""}`,
	`{"num":"1x"}`, `{"num":"-"}`, `{"f32":1e39}`, `{"f64":1e309}`, `{"i":1.0}`, `{"i":1e2}`, `{"i":-0}`, `{"u":-0}`, `{"u":-1}`, `{"u8":256}`, `{"uints":{"65536":1}}`,
	`{"ints":{"1":"a","+1":"b"}}`, `{"ints":{"128":"a"}}`, `{"ints":{"x":"a"}}`, `{"map":{"a":null,"A":null}}`, "{\"text\":\"a\xffb\xc3\"}", "{\"map\":{\"\xff\":null}}",
	"{\"map\":{\"\xff\":null,\"\xfe\":null}}", "{\"text\":\"\xc3\"}", "{\"text\":\"\x01\"}",
	`{"nums":{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1,"":1}}`,
	`{"text":"\x"}`, `{"text":"\u12g4"}`, `{"text":"\ud83d\u0041\udc00"}`, `{"none":[1,{"a":1,"A":1}]}`, `{"none":[1,{"a":1}]}`,
	`{"i":01}`, `{"i":1.}`, `{"i":.5}`, `{"i":-}`, `{"i":+1}`, `{"f64":1e}`, `{"f64":1e+}`, `{"flag":tru}`, `{"flag":truex}`, `{"any":nul}`, `{"i":1,}`, `{"list":[{},]}`, `{,}`, `[}`, `{]`, `{"a"}`, `{"i" 1}`, `{i:1}`,
	`1 2`, `"x`, `"x\`, `"\u00`, `{"raw":{"a":1,"\u0041":2}}`, `{"any":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}`,
	`{"any":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}`, "\ufeff{}", "{}\x00", " \t\r\n{}\v", `{"bare":{"amount":"1","currency":"JPY"}}`,
}

// zoo embeds in every way.
type zoo struct {
	Lion
	*Bear
	cub
	*whelp
	Cage `json:"cage"`
	den  `json:"den"`
	Left // with Right: two on one level hide each other, but for a tag
	Right
	Twice1
	Twice2
	name  //nolint:unused // no struct, and not exported: not there
	Named string
}

type (
	Lion  struct{ Roar, Shared int }
	Bear  struct{ Growl, Roar int }
	cub   struct{ Mew int }
	whelp struct{ Whine int }
	Cage  struct{ Bars int }
	den   struct{ Straw int }
	Left  struct{ Both, Tagged int }
	Right struct {
		Both  int
		Other int `json:"Tagged"`
	}
	Twice1 struct{ Inner }
	Twice2 struct{ Inner }
	Inner  struct {
		InnerMost
		Hidden int
	}
	InnerMost struct{ Quirk int }
)

// burrow embeds unexported structs by name, whose methods reflection may not call. Both have it, so that burrow has none.
type burrow struct {
	mole `json:"mole"`
	vole `json:"vole"`
}

type (
	mole struct{ Digs int }
	vole struct{ Hides int }
)

func (*mole) UnmarshalJSON([]byte) error { return errors.New("a mole is not asked") }
func (*vole) UnmarshalJSON([]byte) error { return errors.New("a vole is not asked") }

var burrowDocs = []string{`{"mole":{"Digs":1},"vole":{"Hides":2}}`, `{"mole":null}`, `{"mole":1}`}

var zooDocs = []string{
	`{"Roar":1,"Shared":2,"Growl":3,"Mew":4,"cage":{"Bars":5},"den":{"Straw":6},"Tagged":7,"Quirk":8,"Named":"x"}`,
	`{"Whine":1}`, `{"Whine":null}`, `{"Both":1}`, `{"Hidden":1}`, `{"Other":1}`, `{"Lion":{}}`, `{"Bars":1}`, `{"name":"x"}`, `{"growl":null}`, `{"QUIRK":1}`,
}

// marshalers read themselves in every way that encoding/json knows.
type marshalers struct {
	Both     both            `json:"both"`
	BothLink *both           `json:"both_link"`
	ByKey    map[both]both   `json:"by_key"`
	Upper    json.Marshaler  `json:"upper"` // an interface with methods
	Value    byValue         `json:"value"`
	Values   []*byValue      `json:"values"`
	Picky    []picky         `json:"picky"`
	Map      map[string]both `json:"map"`
}

type both struct{ JSON, Text string }

func (b *both) UnmarshalJSON(data []byte) error { b.JSON += string(data); return nil }
func (b *both) UnmarshalText(text []byte) error { b.Text += string(text); return nil }

type byValue struct{ at *string }

func (v byValue) UnmarshalJSON(data []byte) error {
	if v.at != nil {
		*v.at = string(data)
	}
	return nil
}

type picky int

func (p *picky) UnmarshalJSON(data []byte) error {
	if !bytes.Equal(data, []byte("7")) {
		return errors.New("want 7")
	}
	*p = 7
	return nil
}

var marshalerDocs = []string{
	`{"both":{"a":1},"both_link":"x","by_key":{"a":"b","c":null},"upper":null,"value":[1],"values":[null,1],"picky":[7, 7 ],"map":{"x":null}}`,
	`{"both":null,"both_link":null,"values":null}`, `{"picky":[8]}`, `{"picky":[null]}`, `{"upper":1}`, `{"both":{"a":1,"A":1}}`,
}

// wide has more fields than a word has bits.
func wide() any {
	var fields []reflect.StructField
	for i := range 70 {
		fields = append(fields, reflect.StructField{Name: "F" + strings.Repeat("x", i), Type: reflect.TypeFor[int]()})
	}
	return reflect.Zero(reflect.StructOf(fields)).Interface()
}

var wideDocs = func() (docs []string) {
	var all []string
	for i := range 70 {
		all = append(all, `"F`+strings.Repeat("x", i)+`":1`)
	}
	doc := strings.Join(all, ",")
	return []string{`{` + doc + `}`, `{` + doc + `,` + all[66] + `}`, `{` + doc + `,` + strings.ToUpper(all[3]) + `}`, `{` + doc + `,"g":1}`}
}()
