package money_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/money"
)

// The wire form, which stored events depend on: it must never change.
func TestJSONForm(t *testing.T) {
	for _, tc := range []struct {
		a    money.Amount
		want string
	}{
		{money.New(1234, money.EUR), `{"amount":"12.34","currency":"EUR"}`},
		{money.New(-5, money.EUR), `{"amount":"-0.05","currency":"EUR"}`},
		{money.New(0, money.EUR), `{"amount":"0.00","currency":"EUR"}`},
		{money.New(1200, money.JPY), `{"amount":"1200","currency":"JPY"}`},
		{money.New(1, money.BHD), `{"amount":"0.001","currency":"BHD"}`},
		{money.New(10000, money.CLF), `{"amount":"1.0000","currency":"CLF"}`},
	} {
		got, err := json.Marshal(tc.a)
		if err != nil || string(got) != tc.want || string(tc.a.AppendJSON([]byte("x"))) != "x"+tc.want {
			t.Errorf("%v: got %s, %v; want %s", tc.a, got, err, tc.want)
		}
	}
	if got := (money.Amount{}).AppendJSON(nil); string(got) != "null" {
		t.Errorf("the zero value appends %s", got)
	}
}

// What the strict reader takes and what it refuses, and why.
func TestUnmarshalJSONTable(t *testing.T) {
	for _, tc := range []struct {
		text string
		err  error
		says string
	}{
		{`{"amount":"12.34","currency":"EUR"}`, nil, ""},
		{`{"currency":"EUR","amount":"12.34"}`, nil, ""},
		{" {\n\t\"amount\" : \"12.34\" ,\r\n \"currency\" : \"EUR\" } ", nil, ""},
		{`{"amount":12.34,"currency":"EUR"}`, money.ErrSyntax, "byte 11: want a string"},
		{`{"amount":null,"currency":"EUR"}`, money.ErrSyntax, "want a string"},
		{`{"amount":"12.34","currency":978}`, money.ErrSyntax, "want a string"},
		{`{"amount":"12.34","currency":null}`, money.ErrSyntax, "want a string"},
		{`{"amount":"12.34"}`, money.ErrSyntax, "currency is missing"},
		{`{"currency":"EUR"}`, money.ErrSyntax, "amount is missing"},
		{`{}`, money.ErrSyntax, "want a field name"},
		{`{"amount":"12.34","amount":"12.34","currency":"EUR"}`, money.ErrSyntax, "twice"},
		{`{"amount":"12.34","currency":"EUR","currency":"EUR"}`, money.ErrSyntax, "twice"},
		{`{"amount":"","amount":"12.34","currency":"EUR"}`, money.ErrSyntax, "twice"},
		{`{"amount":"12.34","currency":"EUR","note":""}`, money.ErrSyntax, "unknown field"},
		{`{"Amount":"12.34","currency":"EUR"}`, money.ErrSyntax, "unknown field"},
		{`{"AMOUNT":"12.34","CURRENCY":"EUR"}`, money.ErrSyntax, "unknown field"},
		{`{"":"12.34","currency":"EUR"}`, money.ErrSyntax, "unknown field"},
		{`{"\u0061mount":"12.34","currency":"EUR"}`, money.ErrSyntax, "without escapes"},
		{`{"amount":"\u0031","currency":"EUR"}`, money.ErrSyntax, "without escapes"},
		{`{"amount":"12.34","currency":"EUR"`, money.ErrSyntax, "end of the object"},
		{`{"amount":"12.34","currency":"EUR`, money.ErrSyntax, "does not end"},
		{`{"amount":"12.34","currency":"EUR",}`, money.ErrSyntax, "want a field name"},
		{`{"amount":"12.34" "currency":"EUR"}`, money.ErrSyntax, "want a comma"},
		{`{"amount""12.34","currency":"EUR"}`, money.ErrSyntax, "want a colon"},
		{`{"amount":"12.34","currency":"EUR"}}`, money.ErrSyntax, "follows"},
		{`{"amount":"12.34","currency":"EUR"} {}`, money.ErrSyntax, "follows"},
		{`"12.34 EUR"`, money.ErrSyntax, "want an object"},
		{`["12.34","EUR"]`, money.ErrSyntax, "want an object"},
		{`12.34`, money.ErrSyntax, "want an object"},
		{`null`, money.ErrSyntax, "want an object"},
		{``, money.ErrSyntax, "want an object"},
		{`{"amount":"1e2","currency":"EUR"}`, money.ErrSyntax, "byte 2"},
		{`{"amount":"12.345","currency":"EUR"}`, money.ErrInexact, ""},
		{`{"amount":"","currency":"EUR"}`, money.ErrSyntax, "no digit"},
		{`{"amount":"1","currency":""}`, money.ErrSyntax, "three capital letters"},
		{`{"amount":"1","currency":"eur"}`, money.ErrSyntax, "capital letter"},
		{`{"amount":"1","currency":"ZZZ"}`, money.ErrUnknownCurrency, "ZZZ"},
		{`{"amount":"1","currency":"XAU"}`, money.ErrNoMinorUnit, "XAU"},
		{`{"amount":"92233720368547758.08","currency":"EUR"}`, money.ErrOverflow, ""},
		{`{"amount":"` + strings.Repeat("1", 1<<20) + `","currency":"EUR"}`, money.ErrSyntax, "want at most"},
	} {
		before := money.New(7, money.USD)
		a := before
		err := a.UnmarshalJSON([]byte(tc.text))
		wantError(t, err, tc.err)
		switch {
		case tc.err == nil && a != money.New(1234, money.EUR), tc.err != nil && a != before:
			t.Errorf("%.80s: got %v", tc.text, a)
		case err != nil && !strings.Contains(err.Error(), tc.says):
			t.Errorf("%.80s: got %q, want it to say %q", tc.text, err, tc.says)
		}
	}
}

// Inside other JSON: fields, pointers, omitzero, and a currency as the key of an object.
func TestJSONInStructs(t *testing.T) {
	type payment struct {
		Price money.Amount                  `json:"price"`
		Tip   money.Amount                  `json:"tip,omitzero"`
		Fee   *money.Amount                 `json:"fee"`
		Rate  money.Rate                    `json:"rate"`
		In    money.Currency                `json:"in"`
		Mode  money.Rounding                `json:"mode"`
		Sums  map[money.Currency]money.Rate `json:"sums"`
	}
	in := payment{
		Price: money.New(0, money.EUR), Rate: money.MustParseRate("0.05"), In: money.JPY, Mode: money.HalfEven,
		Sums: map[money.Currency]money.Rate{money.USD: money.MustParseRate("1/3")},
	}
	text, err := json.Marshal(in)
	want := `{"price":{"amount":"0.00","currency":"EUR"},"fee":null,"rate":"0.05","in":"JPY","mode":"half_even",` +
		`"sums":{"USD":"1/3"}}`
	if err != nil || string(text) != want {
		t.Fatalf("got %s, %v; want %s", text, err, want)
	}
	var out payment
	if err := json.Unmarshal(text, &out); err != nil || fmt.Sprint(out) != fmt.Sprint(in) {
		t.Errorf("got %v, %v; want %v", out, err, in)
	}
	// A zero of a currency is not "omitted": it keeps its currency.
	in.Tip = money.New(0, money.EUR)
	if text, err = json.Marshal(in); err != nil || !bytes.Contains(text, []byte(`"tip":{"amount":"0.00","currency":"EUR"}`)) {
		t.Errorf("got %s, %v", text, err)
	}
	// A forgotten amount is not written, and a null is not read.
	if _, err := json.Marshal(payment{}); !errors.Is(err, money.ErrNoCurrency) {
		t.Errorf("got %v", err)
	}
	if err := json.Unmarshal([]byte(`{"price":null}`), &out); !errors.Is(err, money.ErrSyntax) {
		t.Errorf("got %v", err)
	}
}

// readStrictly reads an amount with encoding/json: the two fields as strings, once each, and no escapes.
func readStrictly(data []byte) (map[string]string, bool) {
	if !json.Valid(data) || bytes.ContainsRune(data, '\\') {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, false
	}
	fields := map[string]string{}
	for d.More() {
		key, _ := d.Token()
		value, _ := d.Token()
		name, _ := key.(string)
		text, ok := value.(string)
		if _, twice := fields[name]; !ok || twice || name != "amount" && name != "currency" {
			return nil, false
		}
		fields[name] = text
	}
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return fields, err == io.EOF && len(fields) == 2
}

// FuzzUnmarshalJSON: exactly what a strict reading by encoding/json takes is taken, with the same value, and is written
// back to itself.
func FuzzUnmarshalJSON(f *testing.F) {
	for _, s := range []string{
		`{"amount":"12.34","currency":"EUR"}`, ` {"currency" : "JPY", "amount" : "-7"} `, `{"amount":12.34,"currency":"EUR"}`,
		`{"amount":"1","amount":"2","currency":"EUR"}`, `{"amount":"1","currency":"EUR","x":1}`, `null`, `{}`, `[]`, `{"amount":{}}`,
		`{"amount":"\u0031","currency":"EUR"}`, "{\"amount\":\"\xff\",\"currency\":\"EUR\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var a money.Amount
		err := a.UnmarshalJSON(data)
		var want money.Amount
		fields, ok := readStrictly(data)
		if ok {
			c, codeErr := money.ParseCurrency(fields["currency"])
			var amountErr error
			want, amountErr = money.ParseAmount(fields["amount"], c)
			ok = codeErr == nil && amountErr == nil
		}
		if ok != (err == nil) || a != want {
			t.Fatalf("%q: got %v, %v; want %v, %v", data, a, err, want, ok)
		}
		if err != nil {
			wantParseError(t, err)
			return
		}
		text, err := a.MarshalJSON()
		if err != nil || !json.Valid(text) {
			t.Fatalf("%q: written as %s, %v", data, text, err)
		}
		var back money.Amount
		if err := json.Unmarshal(text, &back); err != nil || back != a {
			t.Fatalf("%q: %s read back as %v, %v", data, text, back, err)
		}
	})
}

// Any amount of any currency is read back from its JSON, with white space put anywhere between.
func TestJSONRoundTrip(t *testing.T) {
	check(t, func(t *rapid.T) {
		a := amounts(rapid.SampledFrom(currencies).Draw(t, "currency")).Draw(t, "amount")
		text, err := json.Marshal(a)
		if err != nil || !bytes.Equal(text, a.AppendJSON(nil)) {
			t.Fatalf("got %s, %v", text, err)
		}
		var wide bytes.Buffer
		if err := json.Indent(&wide, text, "", rapid.StringMatching(`[ \t]*`).Draw(t, "indent")); err != nil {
			t.Fatal(err)
		}
		var back, backWide money.Amount
		if err := back.UnmarshalJSON(text); err != nil || back != a {
			t.Fatalf("%s read back as %v, %v", text, back, err)
		}
		if err := backWide.UnmarshalJSON(wide.Bytes()); err != nil || backWide != a {
			t.Fatalf("%s read back as %v, %v", wide.Bytes(), backWide, err)
		}
	})
}
