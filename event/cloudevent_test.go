package event_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

const golden = "testdata/cloudevents.golden"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)

// goldenRecords are the first record of a batch, one behind it, and one with all that is odd.
var goldenRecords = []event.Record{
	{
		Event:  event.Event{Type: "cap.authorized.v1", Data: []byte(`{"id":"pay-981","amount":{"amount":"12.34","currency":"EUR"}}`), TraceParent: trace},
		Stream: "cap/card-42", Version: 7, Position: 1024, At: noon, Key: "pay-981", Digest: [32]byte{0: 0xab, 31: 0x01},
	},
	{
		Event:  event.Event{Type: "ledger.posted.v1", Data: []byte(`{"minor":-1234}`)},
		Stream: "ledger/settlement", Version: 18446744073709551615, Position: 18446744073709551615, At: noon.Truncate(time.Second),
	},
	{
		Event:  event.Event{Type: "test.odd.v12", Data: []byte(`{"text":"\u003cb\u003e \u0026 \u2028 é 😀 \" \\ \u0000"}`)},
		Stream: `x-1.y_2/a/b "é" <&> @7`, Version: 1, Position: 1, At: time.Date(1999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), Key: `k "é" <&>`,
	},
}

// TestCloudEventGolden: the form on the wire belongs to the contract, byte by byte.
func TestCloudEventGolden(t *testing.T) {
	var got strings.Builder
	for _, r := range goldenRecords {
		got.WriteString(wire(t, "/bank/cards", r) + "\n")
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the form on the wire has changed (-want +got):\n%s", diff)
	}
}

func wire(t testing.TB, source string, r event.Record) string {
	out, err := json.Marshal(event.NewCloudEvent(source, r))
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	return string(out)
}

func TestCloudEventRoundTrip(t *testing.T) {
	for _, r := range goldenRecords {
		source, got, err := event.ParseCloudEvent([]byte(wire(t, "/bank/cards", r)))
		if err != nil || source != "/bank/cards" {
			t.Fatalf("%s: got source %q, %v", r.ID(), source, err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.ID(), diff)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune(`aZ0/@ "\<>&é😀`+"\u2028")), 1, 20, 80)
		e, err := testCodec.Encode(spent{Minor: rapid.Int64().Draw(t, "minor"), Currency: text.Draw(t, "currency")})
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "traced") {
			e.TraceParent = trace
		}
		r := event.Record{
			Event:    e,
			Stream:   event.Stream("kind-1", text.Draw(t, "id")),
			Version:  event.Version(rapid.Uint64Min(1).Draw(t, "version")),
			Position: event.Position(rapid.Uint64Min(1).Draw(t, "position")),
			At:       noon.Add(time.Duration(rapid.Int64Range(-1e12, 1e12).Draw(t, "at")) * time.Microsecond),
		}
		if rapid.Bool().Draw(t, "first") {
			r.Key = text.Draw(t, "key")
			copy(r.Digest[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
		}
		out, err := json.Marshal(event.NewCloudEvent("s", r))
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := event.ParseCloudEvent(out)
		if err != nil {
			t.Fatalf("parse %s: %v", out, err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// The largest event that a codec writes must fit through the door at the other end.
func TestCloudEventLargest(t *testing.T) {
	r := goldenRecords[0]
	around := len(`{"minor":0,"currency":""}`)
	for fill, size := range map[string]int{"x": 1, "<": 6, "é": 2, "\u2028": 6} { // as they are written
		n := (event.MaxData - around) / size
		if _, err := testCodec.Encode(spent{Currency: strings.Repeat(fill, n+1)}); err == nil {
			t.Errorf("%d of %q are not the most that fit", n, fill)
		}
		e, err := testCodec.Encode(spent{Currency: strings.Repeat(fill, n)})
		if err != nil {
			t.Fatal(err)
		}
		r.Event = e
		if _, got, err := event.ParseCloudEvent([]byte(wire(t, strings.Repeat("s", event.MaxName), r))); err != nil || string(got.Data) != string(r.Data) {
			t.Errorf("%d of %q: %v", n, fill, err)
		}
	}
}

// TestCloudEventRefused: what is missing, breaks its form, or contradicts something else. Each row replaces a
// piece of the JSON of the first golden record.
func TestCloudEventRefused(t *testing.T) {
	good := wire(t, "/bank/cards", goldenRecords[0])
	for _, row := range []struct{ story, old, new, want string }{
		{"another version of CloudEvents", `"specversion":"1.0"`, `"specversion":"0.3"`, "contradict"},
		{"no specversion", `"specversion":"1.0",`, ``, "contradict"},
		{"an id of another version", `"id":"cap/card-42@7"`, `"id":"cap/card-42@8"`, "contradict"},
		{"a long id", `"id":"cap/card-42@7"`, `"id":"` + strings.Repeat("x", 1000) + `"`, "contradict"},
		{"no source", `"source":"/bank/cards"`, `"source":""`, "source"},
		{"a long source", `"source":"/bank/cards"`, `"source":"` + strings.Repeat("x", event.MaxName+1) + `"`, "source"},
		{"another subject", `"subject":"card-42"`, `"subject":"card-43"`, "contradict"},
		{"not a type", `"type":"cap.authorized.v1"`, `"type":"authorized"`, "type"},
		{"a day that is not", `2026-03-01T`, `2026-02-30T`, "time"},
		{"milliseconds", `12:00:00.123456Z`, `12:00:00.123Z`, "time"},
		{"nanoseconds", `12:00:00.123456Z`, `12:00:00.123456000Z`, "time"},
		{"a comma", `12:00:00.123456Z`, `12:00:00,123456Z`, "contradict"},
		{"an offset", `12:00:00.123456Z`, `12:00:00.123456+00:00`, "time"},
		{"another content", `"application/json"`, `"text/plain"`, "contradict"},
		{"another partition", `"partitionkey":"cap/card-42"`, `"partitionkey":"cap/card-43"`, "contradict"},
		{"another sequence", `"sequence":"00000000000000000007"`, `"sequence":"7"`, "contradict"},
		{"a trace parent cut short", trace, trace[:20], "traceparent"},
		{"not a stream", `"stream":"cap/card-42"`, `"stream":"card-42"`, "stream"},
		{"another stream", `"stream":"cap/card-42"`, `"stream":"cap/card-43"`, "contradict"},
		{"version 0", `"version":"7"`, `"version":"0"`, "version 0"},
		{"another version", `"version":"7"`, `"version":"8"`, "contradict"},
		{"version as a number", `"version":"7"`, `"version":7`, "cloud event"},
		{"a negative version", `"version":"7"`, `"version":"-7"`, "cloud event"},
		{"position 0", `"position":"1024"`, `"position":"0"`, "position 0"},
		{"no position", `"position":"1024",`, ``, "position 0"},
		{"a position of 65 bits", `"position":"1024"`, `"position":"18446744073709551616"`, "cloud event"},
		{"a digest without its command", `"commandid":"pay-981",`, ``, "contradict"},
		{"a command without its digest", `"commanddigest":"ab`, `"commanddigest":"`, "commanddigest"},
		{"a digest in upper case", `"commanddigest":"ab`, `"commanddigest":"AB`, "contradict"},
		{"a digest of other letters", `"commanddigest":"ab`, `"commanddigest":"zz`, "commanddigest"},
		{"a command id with a control character", `"pay-981",`, `"pay\u0000",`, "key"},
		{"no data", `,"data":{"id":"pay-981","amount":{"amount":"12.34","currency":"EUR"}}`, ``, "data"},
		{"an attribute not known", `"specversion"`, `"fee":"1","specversion"`, `unknown field "fee"`},
		{"an attribute twice", `"specversion"`, `"stream":"cap/card-43","specversion"`, `"stream" is given twice`},
		{"an attribute twice, inside the data", `"currency":"EUR"`, `"currency":"EUR","currency":"JPY"`, `"currency" is given twice`},
		{"cut off", `"EUR"}}}`, `"EUR"}}`, "not valid JSON"},
		{"something after it", `"EUR"}}}`, `"EUR"}}}{}`, "not valid JSON"},
		{"a list", good, `[` + good + `]`, "cloud event"},
		{"null", good, `null`, "null"},
		{"nothing", good, ``, "not valid JSON"},
		{"far too large", good, good + strings.Repeat(" ", 2*event.MaxData), "bytes, want at most"},
	} {
		in := strings.Replace(good, row.old, row.new, 1)
		if in == good {
			t.Fatalf("%s: the row changes nothing", row.story)
		}
		source, r, err := event.ParseCloudEvent([]byte(in))
		wantError(t, row.story, err, row.want)
		if source != "" || r.Stream != "" || r.Data != nil {
			t.Errorf("%s: got %q, %+v beside the error", row.story, source, r)
		}
	}
}

// FuzzParseCloudEvent: nothing panics, and what is accepted is written again as the same.
func FuzzParseCloudEvent(f *testing.F) {
	for _, r := range goldenRecords {
		f.Add([]byte(wire(f, "/bank/cards", r)))
	}
	f.Add([]byte(`{"specversion":"1.0","id":"a/b@1"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		source, r, err := event.ParseCloudEvent(in)
		if err != nil {
			return
		}
		if err := event.ValidateStream(r.Stream); err != nil || r.Version == 0 || r.Position == 0 || r.Validate() != nil {
			t.Fatalf("accepted %+v: %v", r, err)
		}
		out := wire(t, source, r)
		if len(out) > 2*event.MaxData {
			return // data that no codec wrote, and that escaping has made too long
		}
		again, same, err := event.ParseCloudEvent([]byte(out))
		if err != nil {
			if len(same.Data) == 0 && len(out) > event.MaxData {
				return // as above
			}
			t.Fatalf("accepted %s, wrote %s: %v", in, out, err)
		}
		if wire(t, again, same) != out || again != source {
			t.Fatalf("wrote %s, then %s", out, wire(t, again, same))
		}
		r.Data, same.Data = nil, nil // which may have lost white space
		if diff := cmp.Diff(r, same); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func BenchmarkCloudEvent(b *testing.B) {
	in := []byte(wire(b, "/bank/cards", goldenRecords[0]))
	b.Run("op=write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(event.NewCloudEvent("/bank/cards", goldenRecords[0])); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("op=parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := event.ParseCloudEvent(in); err != nil {
				b.Fatal(err)
			}
		}
	})
}
