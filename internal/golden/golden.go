// Package golden compares what is written with files that somebody has looked at, and pins the JSON of events: what was stored once must
// be read for ever.
package golden

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/payrules/payrules/event"
)

// File compares a text with that of a file, and returns that. With update it writes the file first.
func File(t *testing.T, path string, got []byte, update bool) (want []byte) {
	t.Helper()
	if update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
	return want
}

// Events compares facts with the files testdata/<name><ending>, whose names begin with the type's, and returns what the files are read
// back as. With update it writes them first.
//
// The test fails if:
//   - a fact is written otherwise than its file has it, or reads back into something that is;
//   - a field that nobody knows is read over;
//   - a type of the codecs has no fact, or a file none.
func Events(t *testing.T, facts map[string]event.Data, ending string, update bool, codecs ...*event.Codec) map[string]event.Data {
	t.Helper()
	back, left := map[string]event.Data{}, map[string]bool{}
	for _, c := range codecs {
		for _, name := range c.TypeNames() {
			left[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		of := facts[name].EventType()
		delete(left, of)
		i := slices.IndexFunc(codecs, func(c *event.Codec) bool { return slices.Contains(c.TypeNames(), of) })
		if i < 0 {
			t.Fatalf("%s: no codec knows it", name)
		}
		back[name] = one(t, facts[name], filepath.Join("testdata", name+ending), update, codecs[i])
	}
	for name := range left {
		t.Errorf("%s: there is no golden file for it", name)
	}
	files, err := filepath.Glob("testdata/*.v[0-9]*" + ending)
	if err != nil || len(files) != len(facts) {
		t.Errorf("got %d golden files for %d events %v", len(files), len(facts), err)
	}
	return back
}

// one compares one fact with its file.
func one(t *testing.T, fact event.Data, path string, update bool, codec *event.Codec) event.Data {
	t.Helper()
	stored, err := codec.Encode(fact)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, stored.Data, "", "  "); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	got.WriteByte('\n')
	want := File(t, path, got.Bytes(), update)
	back, err := codec.Decode(event.Event{Type: stored.Type, Data: want})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if again, err := codec.Encode(back); err != nil || !bytes.Equal(again.Data, stored.Data) {
		t.Errorf("%s: read and written again: got %s %v", path, again.Data, err)
	}
	more := append([]byte(`{"colour":"blue",`), want[1:]...)
	if _, err := codec.Decode(event.Event{Type: stored.Type, Data: more}); err == nil {
		t.Errorf("%s: a field that nobody knows is not noticed", path)
	}
	return back
}
