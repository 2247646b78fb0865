package cap_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

const everyWindow = `{"currency":"EUR","lateness":"P2D","limits":[` +
	`{"name":"week","max":{"amount":"300.00","currency":"EUR"},"window":{"kind":"rolling","duration":"P7D"}},` +
	`{"name":"cash","max_count":3,"window":{"kind":"rolling_days","days":30,"zone":"Europe/Paris"}},` +
	`{"name":"month","max":{"amount":"900.00","currency":"EUR"},"max_count":90,"window":{"kind":"calendar","unit":"month","zone":"America/Havana"}},` +
	`{"name":"hours","max":{"amount":"40.00","currency":"EUR"},"window":{"kind":"rolling_hours","hours":24,"zone":"Europe/Paris"}},` +
	`{"name":"months","max":{"amount":"950.00","currency":"EUR"},"window":{"kind":"rolling_months","months":1,"zone":"Europe/Paris"}},` +
	`{"name":"year","max":{"amount":"4000.00","currency":"EUR"},"window":{"kind":"calendar","unit":"year","start":4,"zone":"Europe/Paris"}},` +
	`{"name":"each","max":{"amount":"99.00","currency":"EUR"},"window":{"kind":"per_transaction"}},` +
	`{"name":"ever","max":{"amount":"0.00","currency":"EUR"},"window":{"kind":"lifetime"}}]}`

func TestPolicyJSON(t *testing.T) {
	p, err := cap.ParsePolicy([]byte(everyWindow))
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(p)
	if err != nil || string(again) != everyWindow {
		t.Errorf("got %s %v, want %s", again, err, everyWindow)
	}
	byHand := cap.MustPolicy(money.EUR, p.Limits(), &cap.PolicyOptions{Lateness: 48 * time.Hour})
	if !p.Equal(byHand) || p.Digest() != byHand.Digest() || byHand.Lateness() != 48*time.Hour || byHand.Currency() != money.EUR {
		t.Error("the same policy made by hand differs")
	}
	var into cap.Policy
	if err := json.Unmarshal([]byte(everyWindow), &into); err != nil || !into.Equal(p) {
		t.Errorf("json.Unmarshal: got %v", err)
	}
	if err := json.Unmarshal([]byte(everyWindow), &into); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("into a policy that is in use: got %v, want ErrInvalid", err)
	}
	if _, err := json.Marshal(&cap.Policy{}); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("of no policy: got %v, want ErrInvalid", err)
	}
	if def := cap.MustPolicy(money.EUR, p.Limits(), nil); def.Lateness() != cap.DefaultLateness || def.Equal(p) {
		t.Error("the default lateness is 24 hours, and makes another policy")
	}
}

// Bad policies are refused, and the error names the field.
func TestPolicyErrors(t *testing.T) {
	const week = `{"name":"week","max":{"amount":"300.00","currency":"EUR"},"window":{"kind":"rolling","duration":"P7D"}}`
	limits := func(s string) string { return `{"currency":"EUR","limits":[` + week + `,` + s + `]}` }
	window := func(s string) string {
		return limits(`{"name":"x","max":{"amount":"1.00","currency":"EUR"},"window":` + s + `}`)
	}
	for _, row := range []struct{ json, want string }{
		{``, "policy: not valid JSON"},
		{`{}`, "currency: none given"},
		{`{"currency":"EUR"}`, "limits: 0 of them"},
		{`{"currency":"EUR","limits":[]}`, "limits: 0 of them"},
		{`{"currency":"XAU","limits":[` + week + `]}`, "XAU"},
		{`{"currency":"USD","limits":[` + week + `]}`, "limits[0].max: in EUR, want the policy's USD"},
		{`{"currency":"EUR","limits":[` + week + `],"more":1}`, `policy: json: unknown field "more"`},
		{`{"currency":"EUR","currency":"EUR","limits":[` + week + `]}`, `field "currency" is given twice`},
		{`{"currency":"EUR","limits":[` + week + `],"lateness":"PT0S"}`, "lateness: zero"},
		{`{"currency":"EUR","limits":[` + week + `],"lateness":"P1Y"}`, "lateness:"},
		{`{"currency":"EUR","limits":[` + week + `],"lateness":"P401D"}`, "lateness:"},
		{`{"currency":"EUR","limits":[` + strings.Repeat(week+",", 32) + week + `]}`, "limits: 33 of them"},
		{limits(week), `limits[1].name: "week" is the name of limits[0] too`},
		{limits(`{"name":"a b","max_count":1,"window":{"kind":"lifetime"}}`), "limits[1].name:"},
		{limits(`{"name":"","max_count":1,"window":{"kind":"lifetime"}}`), "limits[1].name:"},
		{limits(`{"name":"x","window":{"kind":"lifetime"}}`), "limits[1]: neither max nor max_count"},
		{limits(`{"name":"x","max_count":1}`), "limits[1].window: none given"},
		{limits(`{"name":"x","max_count":0,"window":{"kind":"lifetime"}}`), "limits[1].max_count: 0"},
		{limits(`{"name":"x","max_count":-1,"window":{"kind":"lifetime"}}`), "limits[1].max_count: -1"},
		{limits(`{"name":"x","max_count":1.5,"window":{"kind":"lifetime"}}`), "limits[1]:"},
		{limits(`{"name":"x","max_count":1,"window":{"kind":"per_transaction"}}`), "limits[1].max_count: a transaction"},
		{limits(`{"name":"x","max":{"amount":"-1.00","currency":"EUR"},"window":{"kind":"lifetime"}}`), "limits[1].max: -1.00 EUR"},
		{limits(`{"name":"x","max":12,"window":{"kind":"lifetime"}}`), "limits[1]:"},
		{limits(`{"name":"x","max":{"amount":"90000000000000000.00","currency":"EUR"},"window":{"kind":"lifetime"}}`), "limits[1].max:"},
		{limits(`{"name":"x","max_count":1,"max_count":2,"window":{"kind":"lifetime"}}`), `limits[1]: field "max_count" is given twice`},
		{limits(`{"name":"x","max_count":1,"scopes":[],"window":{"kind":"lifetime"}}`), `limits[1]: json: unknown field "scopes"`},
		{window(`{}`), "limits[1].window.kind:"},
		{window(`{"kind":"weekly"}`), `limits[1].window.kind: "weekly"`},
		{window(`{"kind":"rolling"}`), "limits[1].window.duration: none given"},
		{window(`{"kind":"rolling","duration":"PT0S"}`), "limits[1].window.duration:"},
		{window(`{"kind":"rolling","duration":"P401D"}`), "limits[1].window.duration:"},
		{window(`{"kind":"rolling","duration":"7d"}`), `limits[1].window.duration: "7d"`},
		{window(`{"kind":"rolling","duration":"P7D","zone":"UTC"}`), "limits[1].window.zone: a window of kind rolling has none"},
		{window(`{"kind":"rolling","duration":"P7D","Duration":"P8D"}`), `limits[1].window: field "Duration" is given twice`},
		{window(`{"kind":"rolling_days","days":0,"zone":"UTC"}`), "limits[1].window.days: 0"},
		{window(`{"kind":"rolling_days","days":401,"zone":"UTC"}`), "limits[1].window.days: 401"},
		{window(`{"kind":"rolling_days","days":7}`), "limits[1].window.zone: none given"},
		{window(`{"kind":"calendar","unit":"decade","zone":"UTC"}`), `limits[1].window.unit: "decade"`},
		{window(`{"kind":"calendar","unit":"day","zone":"Mars/Olympus"}`), `limits[1].window.zone: "Mars/Olympus"`},
		{window(`{"kind":"calendar","unit":"day","zone":"Local"}`), `limits[1].window.zone: "Local"`},
		{window(`{"kind":"calendar","unit":"day","zone":"../../etc/passwd"}`), `limits[1].window.zone:`},
		{window(`{"kind":"lifetime","extra":1}`), `limits[1].window: json: unknown field "extra"`},
		{`"` + strings.Repeat("x", cap.MaxPolicy) + `"`, "want at most"},
	} {
		_, err := cap.ParsePolicy([]byte(row.json))
		if !errors.Is(err, cap.ErrInvalid) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%.200s\n got %v\nwant %s", row.json, err, row.want)
		}
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

func drawPolicy(t *rapid.T) *cap.Policy {
	var limits []cap.Limit
	zones := []string{"Europe/Paris", "America/New_York", "UTC"}
	for i := range rapid.IntRange(1, cap.MaxLimits).Draw(t, "limits") {
		loc, _ := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		l := cap.Limit{Name: fmt.Sprint("l", i), Window: rapid.SampledFrom([]cap.Window{
			cap.Rolling(time.Duration(rapid.Int64Range(1, cap.MaxRolling.Microseconds()).Draw(t, "d")) * time.Microsecond),
			cap.RollingDays(rapid.IntRange(1, cap.MaxRollingDays).Draw(t, "n"), loc),
			cap.RollingHours(rapid.IntRange(1, cap.MaxRollingHours).Draw(t, "n"), loc),
			cap.RollingMonths(rapid.IntRange(1, cap.MaxRollingMonths).Draw(t, "n"), loc),
			cap.Calendar(cap.Unit(rapid.IntRange(1, 5).Draw(t, "unit")), loc), cap.PerTransaction(), cap.Lifetime(),
			cap.Calendar(cap.Week, loc).StartingAt(rapid.IntRange(1, 7).Draw(t, "start")),
			cap.Calendar(cap.Year, loc).StartingAt(rapid.IntRange(1, 12).Draw(t, "start")),
		}).Draw(t, "window")}
		l.Max = eur(rapid.Int64Range(0, cap.MaxAmount).Draw(t, "max"))
		if !l.Window.Equal(cap.PerTransaction()) {
			l.MaxCount = rapid.Int64Range(0, 1<<62).Draw(t, "count")
		}
		if l.MaxCount > 0 && rapid.Bool().Draw(t, "count alone") {
			l.Max = money.Amount{}
		}
		limits = append(limits, l)
	}
	late := time.Duration(rapid.Int64Range(0, cap.MaxRolling.Microseconds()).Draw(t, "late")) * time.Microsecond
	return cap.MustPolicy(money.EUR, limits, &cap.PolicyOptions{Lateness: late})
}

// A policy reads back as it was written.
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
		for i, l := range back.Limits() {
			if w := p.Limits()[i].Window; !l.Window.Equal(w) || l.Window.String() != w.String() {
				t.Fatalf("%v: got %v", w, l.Window)
			}
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(everyWindow))
	f.Add([]byte(`{"currency":"EUR","limits":[{"name":"x","max_count":1,"window":{"kind":"lifetime"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := cap.ParsePolicy(data)
		if err != nil {
			return
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := cap.ParsePolicy(text); err != nil || !back.Equal(p) {
			t.Fatalf("%s does not read back: %v", text, err)
		}
		if d, err := cap.NewMeter(p).Authorize(cap.Spend{ID: "x", At: at(0), Amount: money.New(1, p.Currency())}); err != nil {
			t.Fatalf("%v %v", d, err)
		}
	})
}
