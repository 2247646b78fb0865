package event_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/payrules/payrules/event"
)

const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestEventValidate(t *testing.T) {
	longType := strings.Repeat("a", event.MaxType-3) + ".v1"
	for _, row := range []struct {
		story string
		e     event.Event
		want  string // "" if it is valid
	}{
		{"as it should be", event.Event{Type: "cap.authorized.v1", Data: []byte("{}")}, ""},
		{"one word", event.Event{Type: "a.v1", Data: []byte("{}")}, ""},
		{"digits and underscores", event.Event{Type: "a_1.b2_.c.v10", Data: []byte("{}")}, ""},
		{"at the bounds", event.Event{Type: longType, Data: make([]byte, event.MaxData), TraceParent: trace}, ""},
		{"JSON is not read", event.Event{Type: "a.v1", Data: []byte("{")}, ""},
		{"no type", event.Event{Data: []byte("{}")}, "type"},
		{"a type over the bound", event.Event{Type: "a" + longType, Data: []byte("{}")}, "type"},
		{"no version", event.Event{Type: "cap.authorized", Data: []byte("{}")}, "type"},
		{"only a version", event.Event{Type: "v1", Data: []byte("{}")}, "type"},
		{"only a dot and a version", event.Event{Type: ".v1", Data: []byte("{}")}, "type"},
		{"version zero", event.Event{Type: "cap.v0", Data: []byte("{}")}, "type"},
		{"version 01", event.Event{Type: "cap.v01", Data: []byte("{}")}, "type"},
		{"version without digits", event.Event{Type: "cap.v", Data: []byte("{}")}, "type"},
		{"version with more", event.Event{Type: "cap.v1a", Data: []byte("{}")}, "type"},
		{"upper case", event.Event{Type: "Cap.v1", Data: []byte("{}")}, "type"},
		{"an empty word", event.Event{Type: "cap..authorized.v1", Data: []byte("{}")}, "type"},
		{"a word that begins with a digit", event.Event{Type: "cap.1st.v1", Data: []byte("{}")}, "type"},
		{"a word that begins with an underscore", event.Event{Type: "cap._a.v1", Data: []byte("{}")}, "type"},
		{"another letter", event.Event{Type: "café.v1", Data: []byte("{}")}, "type"},
		{"a new line at the end", event.Event{Type: "cap.v1\n", Data: []byte("{}")}, "type"},
		{"no data", event.Event{Type: "a.v1"}, "data of a.v1"},
		{"data over the bound", event.Event{Type: "a.v1", Data: make([]byte, event.MaxData+1)}, "data of a.v1: 1048577 bytes"},
		{"a trace parent cut short", event.Event{Type: "a.v1", Data: []byte("1"), TraceParent: trace[1:]}, "traceparent"},
		{"a trace parent with more", event.Event{Type: "a.v1", Data: []byte("1"), TraceParent: trace + "\n"}, "traceparent"},
		{"a trace parent in upper case", event.Event{Type: "a.v1", Data: []byte("1"), TraceParent: strings.ToUpper(trace)}, "traceparent"},
	} {
		wantError(t, row.story, row.e.Validate(), row.want)
	}
}

func TestNames(t *testing.T) {
	long := strings.Repeat("x", event.MaxName)
	for _, row := range []struct{ stream, want string }{
		{"cap/card-42", ""}, {"cap/a/b", ""}, {"c-a_p.1/ x ", ""}, {"cap/é日本😀", ""}, {"cap//", ""}, {"0/0", ""}, {"t/" + long[2:], ""},
		{"", "stream"}, {"cap", "stream"}, {"cap/", "stream"}, {"/x", "stream"}, {"Cap/x", "stream"}, {"c p/x", "stream"}, {"é/x", "stream"},
		{"cap/\x00", "stream"}, {"cap/\x7f", "stream"}, {"cap/\u0085", "stream"}, {"cap/\xff", "stream"}, {"cap/a\n", "stream"}, {"t/" + long[1:], "stream"},
	} {
		wantError(t, fmt.Sprintf("stream %.40q", row.stream), event.ValidateStream(row.stream), row.want)
	}
	for _, row := range []struct{ key, want string }{
		{"pay-981", ""}, {" ", ""}, {"/", ""}, {"é", ""}, {"\u2028", ""}, {long, ""},
		{"", "key"}, {long + "x", "key"}, {"a\tb", "key"}, {"\xc3", "key"}, {"\u009f", "key"},
	} {
		wantError(t, fmt.Sprintf("key %.40q", row.key), event.ValidateKey(row.key), row.want)
	}
}

func wantError(t *testing.T, story string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: got error %v, want none", story, err)
	case want != "" && (!errors.Is(err, event.ErrInvalid) || !strings.Contains(err.Error(), want) || len(err.Error()) > 400):
		t.Errorf("%s: got error %v, want a short ErrInvalid with %q", story, err, want)
	}
}

// The form of a type as the documentation has it, against the scan by hand.
var typeForm = regexp.MustCompile(`\A[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\.v[1-9][0-9]*\z`)

func FuzzType(f *testing.F) {
	for _, s := range []string{"cap.authorized.v1", "a.v1", ".v1", "v1", "a.v1.v2", "a..b.v1", "a.v0", "a._b.v9", "a.b-c.v1", "a.v1 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := event.Event{Type: s, Data: []byte("1")}.Validate() == nil
		if want := len(s) <= event.MaxType && typeForm.MatchString(s); got != want {
			t.Fatalf("type %q: valid is %v, want %v", s, got, want)
		}
	})
}

var kindForm = regexp.MustCompile(`\A[a-z0-9_.-]+\z`)

func FuzzNames(f *testing.F) {
	for _, s := range []string{"cap/card-42", "cap/", "/a", "cap/\u0085", "cap/\xff", "cap/é/b", "CAP/x", strings.Repeat("a", 256)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		control := false
		for _, r := range s {
			control = control || unicode.IsControl(r)
		}
		text := s != "" && utf8.ValidString(s) && !control && len(s) <= event.MaxName
		if got := event.ValidateKey(s) == nil; got != text {
			t.Fatalf("key %q: valid is %v, want %v", s, got, text)
		}
		kind, id := event.SplitStream(s)
		want := text && id != "" && kindForm.MatchString(kind)
		if got := event.ValidateStream(s) == nil; got != want {
			t.Fatalf("stream %q: valid is %v, want %v", s, got, want)
		}
		if want && event.Stream(kind, id) != s {
			t.Fatalf("stream %q: split into %q and %q", s, kind, id)
		}
	})
}

// TestRecordID: equal for the same place, different for two places, though ids may hold what separates.
func TestRecordID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := func(label string) event.Record {
			return event.Record{
				Stream:  "t/" + rapid.StringMatching(`[a-c@0-2]{1,6}`).Draw(t, label),
				Version: event.Version(rapid.Uint64Range(1, 200).Draw(t, label)),
			}
		}
		a, b := place("a"), place("b")
		if (a.ID() == b.ID()) != (a.Stream == b.Stream && a.Version == b.Version) {
			t.Fatalf("%s@%d and %s@%d have the ids %s and %s", a.Stream, a.Version, b.Stream, b.Version, a.ID(), b.ID())
		}
		again := a
		again.Position, again.Key, again.Data = 7, "other", []byte("other")
		if again.ID() != a.ID() {
			t.Fatalf("the id changes with what is not its place: %s, %s", a.ID(), again.ID())
		}
	})
	if got, want := (event.Record{Stream: "cap/card-42", Version: 1<<64 - 1}).ID(), "cap/card-42@18446744073709551615"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
