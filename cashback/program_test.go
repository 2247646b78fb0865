package cashback_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// everything is testdata/program.json: a program with every field, in its one form but for white space.
func everything(t testing.TB) []byte {
	t.Helper()
	pretty, err := os.ReadFile("testdata/program.json")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := json.Compact(&text, pretty); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func TestProgramJSON(t *testing.T) {
	text := everything(t)
	p, err := cashback.ParseProgram(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(p)
	if err != nil || !bytes.Equal(again, text) {
		t.Errorf("got %s %v, want %s", again, err, text)
	}
	if p.ID() != "spring-2026" || p.Version() != 3 || p.Currency() != money.EUR || p.Zone() != "Europe/Paris" || p.Digest() != sha256.Sum256(text) {
		t.Errorf("got %s %d %s %s", p.ID(), p.Version(), p.Currency(), p.Zone())
	}
	var into cashback.Program
	if err := json.Unmarshal(text, &into); err != nil || !into.Equal(p) {
		t.Errorf("json.Unmarshal: got %v", err)
	}
	if err := json.Unmarshal(text, &into); !errors.Is(err, cashback.ErrInvalid) {
		t.Errorf("into a program that is in use: got %v, want ErrInvalid", err)
	}
	if _, err := json.Marshal(&cashback.Program{}); !errors.Is(err, cashback.ErrInvalid) {
		t.Errorf("of no program: got %v, want ErrInvalid", err)
	}
	if (*cashback.Program)(nil).Equal(p) || p.Equal(nil) || !p.Equal(p) {
		t.Error("no program is equal to some program")
	}
}

// A program reads back as it was made, part by part, and so does what was read: there is one text for each program.
func TestProgramRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpec(t)
		p, err := cashback.NewProgram(s)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		back, err := cashback.ParseProgram(text)
		if err != nil || !back.Equal(p) {
			t.Fatalf("%s: got %v", text, err)
		}
		again, err := json.Marshal(back)
		if err != nil || !bytes.Equal(again, text) || back.Digest() != sha256.Sum256(text) {
			t.Fatalf("%s: written again as %s %v", text, again, err)
		}
		for i := range s.Groups { // the one thing that is said in two ways
			if s.Groups[i].Ties == "" {
				s.Groups[i].Ties = cashback.EarlierRule
			}
		}
		same := cmp.Comparer((*cap.Policy).Equal)
		if diff := cmp.Diff(s, back.Spec(), same); diff != "" {
			t.Fatal(diff)
		}
		if !cashback.MustProgram(p.Spec()).Equal(p) {
			t.Fatal("made of its own spec it is another program")
		}
	})
}

// Nobody changes a program: neither who made it, nor who was told what it is made of.
func TestProgramSharesNothing(t *testing.T) {
	p, err := cashback.ParseProgram(everything(t))
	if err != nil {
		t.Fatal(err)
	}
	given := p.Spec()
	q := cashback.MustProgram(given)
	for _, s := range []cashback.Spec{given, q.Spec()} {
		s.Groups[0].ID, s.Budgets[0].ID, s.Caps[0].ID, s.Caps[0].Rules[0] = "x", "x", "x", "x"
		for i := range s.Rules {
			r := &s.Rules[i]
			r.ID, r.Funding[0].ID = "x", "x"
			if r.Ladder != nil {
				r.Ladder[0].Rate = money.Rate{}
			}
			for _, f := range []*cashback.Filter{&r.Include, &r.Exclude} {
				clear(f.Merchants)
				clear(f.Groups)
				clear(f.MCC)
				clear(f.Categories)
				clear(f.Countries)
				clear(f.Tiers)
			}
		}
	}
	for _, x := range []*cashback.Program{p, q} {
		if again, err := cashback.NewProgram(x.Spec()); err != nil || !again.Equal(x) {
			t.Errorf("the program has changed: %v", err)
		}
	}
	text, _ := json.Marshal(q)
	text[0] = 'x'
	if text, _ := json.Marshal(q); text[0] != '{' {
		t.Error("who changes what MarshalJSON returned changes the program")
	}
}

func FuzzParseProgram(f *testing.F) {
	f.Add(everything(f))
	for _, row := range badPrograms() {
		if len(row.json) < 1<<12 {
			f.Add([]byte(row.json))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := cashback.ParseProgram(data)
		if err != nil {
			if p != nil || !errors.Is(err, cashback.ErrInvalid) || len(err.Error()) > 1000 || !utf8.ValidString(err.Error()) {
				t.Fatalf("got %v and %q", p, err)
			}
			return
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		back, err := cashback.ParseProgram(text)
		if err != nil || !back.Equal(p) || len(p.Diff(back)) > 0 {
			t.Fatalf("%s does not read back: %v", text, err)
		}
		if again, err := json.Marshal(back); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%s: written again as %s %v", text, again, err)
		}
	})
}
