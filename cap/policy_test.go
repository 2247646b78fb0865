package cap_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// everything is testdata/policy.json: a policy of every kind of window and every other field, in its one form but for
// white space.
func everything(t testing.TB) string {
	t.Helper()
	pretty, err := os.ReadFile("testdata/policy.json")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := json.Compact(&text, pretty); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestPolicyJSON(t *testing.T) {
	everything := everything(t)
	p, err := cap.ParsePolicy([]byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(p)
	if err != nil || string(again) != everything {
		t.Errorf("got %s %v, want %s", again, err, everything)
	}
	byHand := cap.MustPolicy(money.EUR, p.Limits(), &cap.PolicyOptions{Lateness: 48 * time.Hour, FinalAfter: 30 * 24 * time.Hour})
	if !p.Equal(byHand) || p.Digest() != byHand.Digest() || byHand.Lateness() != 48*time.Hour || byHand.FinalAfter() != 720*time.Hour || byHand.Currency() != money.EUR {
		t.Error("the same policy made by hand differs")
	}
	var into cap.Policy
	if err := json.Unmarshal([]byte(everything), &into); err != nil || !into.Equal(p) {
		t.Errorf("json.Unmarshal: got %v", err)
	}
	if err := json.Unmarshal([]byte(everything), &into); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("into a policy that is in use: got %v, want ErrInvalid", err)
	}
	if _, err := json.Marshal(&cap.Policy{}); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("of no policy: got %v, want ErrInvalid", err)
	}
	if def := cap.MustPolicy(money.EUR, p.Limits(), nil); def.Lateness() != cap.DefaultLateness || def.Equal(p) {
		t.Error("the default lateness is 24 hours, and makes another policy")
	}
}

// Windows made in Go have the same bounds.
func TestWindowErrors(t *testing.T) {
	cet := time.FixedZone("CET", 3600)
	for _, row := range []struct {
		window cap.Window
		want   string
	}{
		{cap.Window{}, "limits[0].window: the zero window"},
		{cap.Rolling(0), "limits[0].window.duration:"},
		{cap.Rolling(-time.Hour), "limits[0].window.duration:"},
		{cap.Rolling(1500 * time.Nanosecond), "limits[0].window.duration:"},
		{cap.Rolling(cap.MaxRolling + time.Microsecond), "limits[0].window.duration:"},
		{cap.RollingDays(0, time.UTC), "limits[0].window.days:"},
		{cap.RollingDays(7, nil), "limits[0].window.zone: none given"},
		{cap.RollingDays(7, time.Local), "limits[0].window.zone:"},
		{cap.Calendar(cap.Day, cet), `limits[0].window.zone: location "CET" is not the IANA zone of that name`},
		{cap.Calendar(cap.Day, time.FixedZone("Bank", 3600)), `limits[0].window.zone:`},
		{cap.RollingHours(cap.MaxRollingHours+1, time.UTC), "limits[0].window.hours: 9601, want 1 to 9600"},
		{cap.RollingMonths(0, time.UTC), "limits[0].window.months: 0, want 1 to 13"},
		{cap.RollingMonths(1, cet), `limits[0].window.zone: location "CET" is not the IANA zone of that name`},
		{cap.Calendar(cap.Day, time.UTC).StartingAt(1), "limits[0].window.start: a day has none"},
		{cap.Calendar(cap.Week, time.UTC).StartingAt(8), "limits[0].window.start: a week begins at 1 to 7"},
		{cap.Calendar(cap.Month, time.UTC).StartingAt(29), "limits[0].window.start: a month begins at 1 to 28"},
		{cap.Calendar(cap.Quarter, time.UTC).StartingAt(4), "limits[0].window.start: a quarter begins at 1 to 3"},
		{cap.Calendar(cap.Year, time.UTC).StartingAt(0), "limits[0].window.start: a year begins at 1 to 12"},
		{cap.Rolling(time.Hour).StartingAt(2), "limits[0].window.start: only a calendar window"},
		{cap.Calendar(0, time.UTC), "limits[0].window.unit:"},
		{cap.Calendar(9, time.UTC), "limits[0].window.unit:"},
	} {
		_, err := cap.NewPolicy(money.EUR, []cap.Limit{{Name: "x", Max: eur(1), Window: row.window}}, nil)
		if !errors.Is(err, cap.ErrInvalid) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%v: got %v, want %s", row.window, err, row.want)
		}
	}
	for _, late := range []time.Duration{-1, time.Nanosecond, cap.MaxRolling + time.Microsecond} {
		_, err := cap.NewPolicy(money.EUR, []cap.Limit{{Name: "x", Max: eur(1), Window: cap.Lifetime()}}, &cap.PolicyOptions{Lateness: late})
		if !errors.Is(err, cap.ErrInvalid) || !strings.Contains(err.Error(), "lateness") {
			t.Errorf("lateness %v: got %v", late, err)
		}
	}
}

// A policy reads back as it was written, limit by limit, and so does what was read: there is one text for each policy.
func TestPolicyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		back, err := cap.ParsePolicy(text)
		if err != nil || !back.Equal(p) {
			t.Fatalf("%s: got %v", text, err)
		}
		again, err := json.Marshal(back)
		if err != nil || !bytes.Equal(again, text) || back.Digest() != sha256.Sum256(text) {
			t.Fatalf("%s: written again as %s %v", text, again, err)
		}
		same := cmp.Options{cmp.Comparer(cap.Window.Equal), cmp.Comparer(time.Time.Equal), cmpopts.EquateEmpty()}
		if diff := cmp.Diff(p.Limits(), back.Limits(), same); diff != "" {
			t.Fatal(diff)
		}
		for i, l := range back.Limits() {
			if w := p.Limits()[i].Window; l.Window.String() != w.String() {
				t.Fatalf("%v: got %v", w, l.Window)
			}
		}
	})
}

// Two policies have the same digest exactly when their limits are the same, field by field.
func TestPolicyDigest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		limits, options := p.Limits(), optionsOf(p)
		if !cap.MustPolicy(money.EUR, limits, options).Equal(p) {
			t.Fatal("the same limits make another policy")
		}
		change := drawChange(t, limits, options)
		if change == "" {
			return
		}
		q, err := cap.NewPolicy(money.EUR, limits, options)
		if err == nil && (q.Equal(p) || q.Digest() == p.Digest()) {
			t.Fatalf("%s changed, and the digest did not", change)
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(everything(f)))
	f.Add([]byte(`{"currency":"EUR","limits":[{"name":"x","max_count":1,"window":{"kind":"lifetime"}}]}`))
	for _, row := range badPolicies() {
		if len(row.json) < 1<<12 {
			f.Add([]byte(row.json))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := cap.ParsePolicy(data)
		if err != nil {
			if p != nil || !errors.Is(err, cap.ErrInvalid) || len(err.Error()) > 1000 || !utf8.ValidString(err.Error()) {
				t.Fatalf("got %v and %q", p, err)
			}
			return
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		back, err := cap.ParsePolicy(text)
		if err != nil || !back.Equal(p) || len(p.Diff(back)) > 0 {
			t.Fatalf("%s does not read back: %v", text, err)
		}
		if d, err := cap.NewMeter(p).Authorize(cap.Spend{ID: "x", At: at(0), Amount: money.New(1, p.Currency())}); err != nil {
			t.Fatalf("%v %v", d, err)
		}
	})
}
