package cap_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

var attempts = cap.Counting{Refusal: cap.Now}

// A limit that counts attempts counts what other limits refuse, and what it refuses itself: who goes on trying stays out.
func TestAttempts(t *testing.T) {
	atm := merchants[2]
	m := cap.NewMeter(policyOf(
		cap.Limit{Name: "day", Max: euros(100), Window: rolling(1)},
		cap.Limit{Name: "tries", MaxCount: 4, Window: cap.Rolling(time.Hour), Counting: attempts, Alerts: []int{75}},
		cap.Limit{Name: "cash", MaxCount: 2, Window: rolling(1), Counting: attempts,
			Scope: cap.Scope{Include: cap.Filter{Channels: []cap.Channel{cap.ATM}}}},
	))
	play(t, m, []step{
		{authorize("shoes", 0, 90_00), "approved | day 90.00 | tries 90.00 | cash 0.00"},
		{authorize("hat", 0.1, 20_00), "refused amount_limit_exceeded by day | day 90.00 | tries 110.00 | cash 0.00"},
		{authorize("hat", 0.1, 20_00), "refused amount_limit_exceeded by day | day 90.00 | tries 130.00 at 75 % | cash 0.00"},
		{authorize("late", 0.05, 20_00), "refused amount_limit_exceeded by day | day 90.00 | tries 150.00 | cash 0.00"},
		{authorize("gum", 0.5, 1_00), "refused count_limit_exceeded by tries | day 90.00 | tries 151.00 over | cash 0.00"},
		{authorize("cash", 1, 1_00, atm), "refused count_limit_exceeded by tries | day 90.00 | tries 62.00 over | cash 1.00"},
		{authorize("gum", 1.5, 1_00), "approved | day 91.00 | tries 2.00 | cash 1.00"},
		{authorize("none", 1.6, 0), "refused amount_not_positive | day 91.00 | tries 2.00 | cash 1.00"},
		{authorize("hat", -99, 1), "refused too_late | day 91.00 | tries 2.00 | cash 1.00"},
		{capture("hat", 0.1, 1_00), "refused not_found | day 91.00 | tries 2.00 | cash 1.00"},
		{force("toll", 1.7, 50_00), "approved | day 141.00 over | tries 52.00 at 75 % | cash 1.00"},
	})
	if !m.Latest().Equal(at(1.7)) {
		t.Errorf("latest is %v", m.Latest())
	}
}

// Law L11: an attempt is counted again in a replay, and a meter that was stored goes on counting.
func TestAttemptsAreReplayed(t *testing.T) {
	p := policyOf(
		cap.Limit{Name: "day", Max: euros(100), Window: rolling(1)},
		cap.Limit{Name: "tries", Max: euros(900), MaxCount: 3, Window: cap.OpenedByFirstUse(time.Hour), Counting: attempts},
	)
	light, full := cap.NewMeter(p), cap.NewMeter(p)
	var facts []event.Data
	for _, s := range []cap.Spend{pay("a", 0, 99_00), pay("b", 0.1, 2_00), pay("b", 0.1, 2_00), pay("c", 0.2, 1_00), pay("d", 1.1, 1_00), pay("e", 0.9, 50)} {
		d, err := light.Authorize(s)
		decided, err2 := cap.Authorize(s).Decide(full)
		if got := (cap.Authorize{}).Result(decided); err != nil || err2 != nil || !got.Equal(d) {
			t.Fatalf("%s: got %v %v, want %v %v", s.ID, got, err2, d, err)
		}
		if err := full.Apply(decided[0]); err != nil {
			t.Fatal(err)
		}
		facts = append(facts, decided...)
		again := cap.NewMeter(p)
		if err := again.UnmarshalBinary(snapshot(t, light)); err != nil {
			t.Fatal(err)
		}
		light = again
	}
	if !bytes.Equal(snapshot(t, light), snapshot(t, full)) {
		t.Error("the doors differ")
	}
	other := cap.NewMeter(policyOf(cap.Limit{Name: "ever", MaxCount: 99, Window: cap.Lifetime(), Counting: attempts}))
	for _, f := range facts {
		if err := other.Apply(f); err != nil {
			t.Fatal(err)
		}
	}
	if u, err := other.Usage(other.Latest()); err != nil || u.Limit(0).Count != 6 || u.Limit(0).Used != eur(105_50) {
		t.Errorf("got %v %v", u, err)
	}
}

// Law L3: a spend that one key refuses counts as an attempt with all of them, once each, and with those that hold it already not.
func TestAttemptsOverKeys(t *testing.T) {
	p := policyOf(
		cap.Limit{Name: "day", Max: euros(100), Window: rolling(1)},
		cap.Limit{Name: "tries", MaxCount: 9, Window: rolling(1), Counting: attempts, Alerts: []int{10}},
	)
	x, err := cap.NewMeters[string](p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for key, s := range map[string]cap.Spend{"full": pay("1", 0, 100_00), "holds": pay("2", 1, 5_00)} {
		if d, err := x.Authorize(key, s); err != nil || !d.Approved() {
			t.Fatal(d, err)
		}
	}
	all, err := x.AuthorizeAll(pay("2", 1, 5_00), "new", "holds", "full", "new")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"refused | day 0.00 | tries 5.00 at 10 %",
		"refused exists | day 5.00 | tries 5.00",
		"refused amount_limit_exceeded by day | day 100.00 | tries 105.00",
		"refused | day 0.00 | tries 5.00 at 10 %",
	} {
		if got := line(all.Of(i)); got != want {
			t.Errorf("key %d: got %s, want %s", i, got, want)
		}
	}
	late, err := x.AuthorizeAll(pay("3", -40, 5_00), "new", "full") // no limit has refused it
	if err != nil || late.Approved() {
		t.Fatal(late, err)
	}
	if d, err := x.Authorize("new", pay("4", 1, 1_00)); err != nil || line(d) != "approved | day 1.00 | tries 6.00" {
		t.Error(line(d), err)
	}
}

// Whatever is asked for and refused, an account that counts attempts takes spends again once they have left the window.
func TestAttemptsDoNotOverflow(t *testing.T) {
	p := policyOf(
		cap.Limit{Name: "day", Max: euros(100), Window: rolling(1)},
		cap.Limit{Name: "tries", MaxCount: 3, Window: cap.Calendar(cap.Day, time.UTC), Counting: attempts},
	)
	light, full := cap.NewMeter(p), cap.NewMeter(p)
	for i := range 1100 { // twice what a sum has room for
		s := pay("x", 0, cap.MaxAmount)
		d, err := light.Authorize(s)
		if err != nil || d.Reason() != cap.AmountLimitExceeded {
			t.Fatal(i, d, err)
		}
		decided, err := cap.Authorize(s).Decide(full)
		if got := (cap.Authorize{}).Result(decided); err != nil || !got.Equal(d) {
			t.Fatal(i, got, d, err)
		}
		if err := full.Apply(decided[0]); err != nil {
			t.Fatal(err)
		}
	}
	if u, err := light.Usage(at(0)); err != nil || u.Limit(1).Count != 1100 {
		t.Error(u, err)
	}
	if !bytes.Equal(snapshot(t, light), snapshot(t, full)) {
		t.Error("the doors differ")
	}
	again := cap.NewMeter(p)
	if err := again.UnmarshalBinary(snapshot(t, light)); err != nil {
		t.Fatal(err)
	}
	if d, err := again.Authorize(pay("gum", 48, 1_00)); err != nil || line(d) != "approved | day 1.00 | tries 1.00" {
		t.Error(line(d), err)
	}
}

// A malformed refusal is an error where attempts count, and counts nothing.
func TestMalformedRefusals(t *testing.T) {
	m := cap.NewMeter(policyOf(cap.Limit{Name: "tries", MaxCount: 3, Window: rolling(1), Counting: attempts}))
	before := snapshot(t, m)
	good := cap.Refusal{Command: "authorize", ID: "x", At: at(0), Amount: eur(5), Reason: cap.CountLimitExceeded}
	for name, spoil := range map[string]func(*cap.Refusal){
		"id":       func(r *cap.Refusal) { r.ID = "" },
		"at":       func(r *cap.Refusal) { r.At = time.Time{} },
		"amount":   func(r *cap.Refusal) { r.Amount = eur(0) },
		"expires":  func(r *cap.Refusal) { r.Expires = at(0) },
		"merchant": func(r *cap.Refusal) { r.Merchant = &cap.Merchant{Country: "?"} },
	} {
		bad := good
		spoil(&bad)
		if err := m.Apply(bad); !errors.Is(err, cap.ErrInvalid) || !bytes.Equal(snapshot(t, m), before) {
			t.Errorf("%s: got %v, want ErrInvalid and no change", name, err)
		}
	}
	if err := m.Apply(good); err != nil || bytes.Equal(snapshot(t, m), before) {
		t.Error("the good one does not count", err)
	}
}

// A limit that counted refusals alone would refuse nothing.
func TestAttemptsAreApprovedOnes(t *testing.T) {
	_, err := cap.NewPolicy(money.EUR, []cap.Limit{{Name: "tries", MaxCount: 3, Window: rolling(1),
		Counting: cap.Counting{Authorize: cap.Ignored, Refusal: cap.Now}}}, nil)
	if want := "cap: invalid policy: limits[0].counting.refusal: now, which it may not be where authorize is ignored"; !errors.Is(err, cap.ErrInvalid) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
