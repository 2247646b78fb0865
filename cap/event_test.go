package cap_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// oneOfEach are one event of every type, as Decide writes it.
func oneOfEach(t *testing.T) map[string]event.Data {
	m := cap.NewMeter(snapshotPolicy)
	facts := map[string]event.Data{}
	do := func(name string, command interface {
		Decide(*cap.Meter) ([]event.Data, error)
	}) {
		decided, err := command.Decide(m)
		if err != nil || len(decided) != 1 {
			t.Fatal(decided, err)
		}
		if err := m.Apply(decided[0]); err != nil {
			t.Fatal(err)
		}
		facts[name] = decided[0]
	}
	do("cap.authorized.v1", cap.Authorize(pay("pay-981", 0, 110_00)))
	do("cap.force_posted.v1", cap.ForcePost(pay("clear-7", 0.5, 250_00)))
	do("cap.captured.v1", cap.Capture(change("pay-981", 0, 95_50)))
	merchant := &cap.Merchant{ID: "HOTEL-77", Category: 7011, Country: "FR", Channel: cap.ECommerce}
	do("cap.refused.v1", cap.Authorize(pay("pay-982", 1, 1)))
	do("cap.repeated.v1", cap.Capture(change("pay-981", 0, 95_50)))
	do("cap.reversed.v1", cap.Reverse{ID: "clear-7", At: at(0.5)})
	do("cap.authorized.v1.hold", cap.Authorize{ID: "hotel-3", At: at(2), Amount: eur(10_00), Expires: at(2 + 7*24), Merchant: merchant})
	do("cap.adjusted.v1", cap.Adjust{ID: "hotel-3", At: at(2), Amount: eur(15_00), On: at(3)})
	do("cap.captured.v1.on", cap.Capture{ID: "hotel-3", At: at(2), Amount: eur(15_00), On: at(3.5)})
	do("cap.refunded.v1", cap.Refund{ID: "back-1", At: at(4), Amount: eur(5_00), Of: &cap.Ref{ID: "hotel-3", At: at(2)}})
	do("cap.refunded.v1.unlinked", cap.Refund{ID: "back-2", At: at(4), Amount: eur(5_00), Merchant: merchant})
	do("cap.policy_set.v1", cap.SetPolicy{Policy: cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "day", Max: eur(100_00), Window: cap.Calendar(cap.Day, paris)}}, nil)})
	do("cap.repeated.v1.policy", cap.SetPolicy{Policy: m.Policy()})
	return facts
}

// The JSON of every event type is pinned: stored events must be read for ever.
func TestEventGolden(t *testing.T) {
	golden.Events(t, oneOfEach(t), ".json", *update, codec)
}

// text draws strings that JSON has to escape, among others.
func text(t *rapid.T, name string) string {
	return rapid.OneOf(rapid.StringMatching(`[a-z0-9-]{1,12}`), rapid.String(), rapid.StringMatching(`[<>&"\\ é\x{2028}]{1,5}`)).Draw(t, name)
}

func instant(t *rapid.T, name string) time.Time {
	return time.UnixMicro(rapid.Int64Range(0, 7_258_118_399_999_999).Draw(t, name)).UTC()
}

func amount(t *rapid.T, name string) money.Amount {
	c := rapid.SampledFrom([]money.Currency{money.EUR, money.JPY, money.BHD}).Draw(t, name+" currency")
	return money.New(rapid.Int64().Draw(t, name), c)
}

func usages(t *rapid.T) []cap.LimitUsage {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) cap.LimitUsage {
		u := cap.LimitUsage{Name: text(t, "name"), Used: amount(t, "used"), Count: rapid.Int64().Draw(t, "count")}
		if rapid.Bool().Draw(t, "max") {
			u.Max = amount(t, "max")
			u.Over = rapid.Bool().Draw(t, "over")
		}
		if rapid.Bool().Draw(t, "free") {
			u.FreeAt, u.Free, u.FreeCount = instant(t, "at"), amount(t, "free"), rapid.Int64().Draw(t, "free count")
			u.MaxCount = rapid.Int64().Draw(t, "max count")
			u.Crossed = rapid.SliceOfN(rapid.IntRange(1, cap.MaxAlertPercent), 0, 3).Draw(t, "crossed")
		}
		return u
	}), 0, 3).Draw(t, "limits")
}

// What is written by hand is what encoding/json writes.
func TestAppendJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id, at, a, b, limits := text(t, "id"), instant(t, "at"), amount(t, "a"), amount(t, "b"), usages(t)
		reason := cap.Reason(text(t, "reason"))
		of := &cap.Ref{ID: id, At: at}
		merchant := &cap.Merchant{ID: id, Category: cap.MCC(rapid.IntRange(0, 9999).Draw(t, "mcc")), Country: "FR", Channel: cap.Channel(id)}
		for _, e := range []event.Appender{
			cap.Authorized{ID: id, At: at, Amount: a, Limits: limits},
			cap.ForcePosted{ID: id, At: at, Amount: a, Limits: nil},
			cap.Reversed{ID: id, At: at, Amount: a, Limits: limits},
			cap.Authorized{ID: id, At: at, Amount: a, Expires: at, Merchant: merchant, Limits: limits},
			cap.ForcePosted{ID: id, At: at, Amount: a, Merchant: merchant, Limits: limits},
			cap.Captured{ID: id, At: at, Amount: a, Authorized: b, Limits: limits},
			cap.Adjusted{ID: id, At: at, Amount: a, Authorized: b, On: at, Limits: limits},
			cap.Refunded{ID: id, At: at, Amount: a, Of: of, Limits: limits},
			cap.Refunded{ID: id, At: at, Amount: a, Merchant: merchant, Limits: limits},
			cap.Refusal{Command: id, ID: id, At: at, Amount: a, Expires: at, Merchant: merchant, Reason: reason, Limit: id, Limits: limits},
			cap.Refusal{Command: id, ID: id, At: at, Amount: a, Reason: reason, Limits: limits},
		} {
			same(t, e, func(dst []byte) ([]byte, error) { return e.AppendJSON(dst) })
		}
		for _, s := range []cap.Spend{{ID: id, At: at, Amount: a}, {ID: id, At: at, Amount: a, Expires: at, Merchant: merchant}} {
			same(t, s, cap.Authorize(s).AppendJSON)
			same(t, cap.Authorize(s), cap.Authorize(s).AppendJSON)
			same(t, s, cap.ForcePost(s).AppendJSON)
		}
		for _, c := range []cap.Change{{ID: id, At: at, Amount: a}, {ID: id, At: at, Amount: a, On: at}} {
			same(t, c, cap.Adjust(c).AppendJSON)
			same(t, c, cap.Capture(c).AppendJSON)
		}
		type plain cap.Refund
		for _, r := range []cap.Refund{{ID: id, At: at, Amount: a, Merchant: merchant}, {ID: id, At: at, Amount: a, Of: of}} {
			same(t, plain(r), r.AppendJSON)
		}
		same(t, cap.Reverse{ID: id, At: at}, cap.Reverse{ID: id, At: at}.AppendJSON)
	})
}

func same(t *rapid.T, v any, write func([]byte) ([]byte, error)) {
	want, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	got, err := write([]byte("before"))
	if err != nil || string(got) != "before"+string(want) {
		t.Fatalf("%T: got %s %v\nwant %s", v, got, err, want)
	}
}

// The same command has the same JSON, in whatever zone and precision its time comes.
func TestCommandJSON(t *testing.T) {
	a, _ := json.Marshal(cap.Authorize(pay("x", 0, 1)))
	s := pay("x", 0, 1)
	s.At = s.At.In(paris).Add(999)
	b, _ := json.Marshal(cap.Authorize(s))
	want := `{"id":"x","at":"2026-11-16T09:00:00Z","amount":{"amount":"0.01","currency":"EUR"}}`
	if string(a) != want || string(b) != want {
		t.Errorf("got %s and %s, want %s", a, b, want)
	}
	var back cap.Authorize
	if err := json.Unmarshal(a, &back); err != nil || !back.At.Equal(at(0)) || back.ID != "x" || back.Amount != eur(1) {
		t.Errorf("got %v %v", back, err)
	}
	for _, bad := range []any{
		cap.Authorize{ID: "x", At: at(0)}, cap.Capture{ID: "x", At: time.Unix(1e15, 0), Amount: eur(1)}, cap.Reverse{At: time.Unix(1e15, 0)},
	} {
		if text, err := json.Marshal(bad); err == nil {
			t.Errorf("%v: got %s, want an error", bad, text)
		}
	}
}

type stranger struct{}

func (stranger) EventType() string { return "other.happened.v1" }

// Apply refuses facts that are malformed, or cannot follow those before, and changes nothing then.
func TestApplyRefuses(t *testing.T) {
	m := lived(t, nil)
	before := snapshot(t, m)
	usd := money.New(1, money.USD)
	for name, row := range map[string]struct {
		fact event.Data
		want error
	}{
		"of another package":   {stranger{}, cap.ErrInvalid},
		"no amount":            {cap.Authorized{ID: "x", At: at(3), Amount: eur(0)}, cap.ErrInvalid},
		"too much":             {cap.Authorized{ID: "x", At: at(3), Amount: eur(cap.MaxAmount + 1)}, cap.ErrInvalid},
		"no id":                {cap.ForcePosted{At: at(3), Amount: eur(1)}, cap.ErrInvalid},
		"no instant":           {cap.Authorized{ID: "x", Amount: eur(1)}, cap.ErrInvalid},
		"dollars":              {cap.Authorized{ID: "x", At: at(3), Amount: usd}, money.ErrCurrencyMismatch},
		"twice":                {cap.Authorized{ID: "one", At: at(0), Amount: eur(10_00)}, cap.ErrHistory},
		"captured twice":       {cap.Captured{ID: "two", At: at(1), Amount: eur(1), Authorized: eur(20_00)}, cap.ErrHistory},
		"captured from other":  {cap.Captured{ID: "one", At: at(0), Amount: eur(1), Authorized: eur(11_00)}, cap.ErrHistory},
		"captured never":       {cap.Captured{ID: "six", At: at(1), Amount: eur(1), Authorized: eur(1)}, cap.ErrHistory},
		"captured from dollar": {cap.Captured{ID: "one", At: at(0), Amount: eur(1), Authorized: usd}, money.ErrCurrencyMismatch},
		"reversed twice":       {cap.Reversed{ID: "tie", At: at(1), Amount: eur(30_00)}, cap.ErrHistory},
		"reversed other":       {cap.Reversed{ID: "one", At: at(0), Amount: eur(9_00)}, cap.ErrHistory},
		"reversed never":       {cap.Reversed{ID: "six", At: at(9), Amount: eur(1)}, cap.ErrHistory},
		"reversed beyond":      {cap.Reversed{ID: "six", At: at(-500), Amount: eur(cap.MaxAmount)}, cap.ErrHistory},
		"no policy":            {cap.PolicySet{}, cap.ErrInvalid},
	} {
		if err := m.Apply(row.fact); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", name, err, row.want)
		}
		if !bytes.Equal(snapshot(t, m), before) {
			t.Fatalf("%s: a refused fact changed the meter", name)
		}
	}
	var nothing cap.Meter
	if err := nothing.Apply(cap.Refusal{}); !errors.Is(err, cap.ErrInvalid) {
		t.Errorf("the zero Meter: got %v, want ErrInvalid", err)
	}
}

// FuzzDecodeEvent: whatever JSON an event type comes with, decoding and applying it neither panics nor breaks the meter.
func FuzzDecodeEvent(f *testing.F) {
	for _, name := range codec.TypeNames() {
		data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, data)
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		d, err := codec.Decode(event.Event{Type: name, Data: data})
		if err != nil {
			return
		}
		cap.Authorize{}.Result([]event.Data{d}).Equal(cap.Decision{})
		m := lived(t, nil)
		before := snapshot(t, m)
		if m.Apply(d) != nil && !bytes.Equal(snapshot(t, m), before) {
			t.Fatal("a refused fact changed the meter")
		}
		if d, err := m.Authorize(pay("x", 3, 1)); err != nil && m.Policy().Currency() == money.EUR {
			t.Fatal(d, err)
		}
	})
}
