package cap_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// TestChosenIDs has ids that were searched for, so that a hash which forgets what came before takes them for one: they
// are different spends (L6), and the limit holds.
func TestChosenIDs(t *testing.T) {
	meter := cap.NewMeter(cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "hour", Max: money.New(10_00, money.EUR), Window: cap.Rolling(time.Hour)},
	}, nil))
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for i, id := range []string{"00000213]lQ5j`y2-order-1", "00003768\"xqy)f.3-order-1"} {
		d, err := meter.Authorize(cap.Spend{ID: id, At: at, Amount: money.New(10_00, money.EUR)})
		if err != nil || d.Approved() != (i == 0) || d.Existed() {
			t.Errorf("%s: got %v, %v, want only the first approved", id, d, err)
		}
	}
}

// TestSkippedDay is in a zone that went over a whole civil day: two days then leave the window together, and a replay
// tells the same of it as the meter that decided (L11).
func TestSkippedDay(t *testing.T) {
	apia, err := time.LoadLocation("Pacific/Apia")
	if err != nil {
		t.Fatal(err)
	}
	policy := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "days", Max: money.New(1000, money.EUR), Window: cap.RollingDays(2, apia)},
	}, &cap.PolicyOptions{Lateness: 72 * time.Hour})
	spend := func(id string, day, hour int, minor int64) cap.Spend {
		return cap.Spend{ID: id, At: time.Date(2011, 12, day, hour, 0, 0, 0, apia), Amount: money.New(minor, money.EUR)}
	}
	live, replay := cap.NewMeter(policy), cap.NewMeter(policy)
	for _, s := range []cap.Spend{spend("before", 29, 9, 1), spend("a", 29, 10, 10), spend("b", 28, 9, 20)} {
		var decided []event.Data
		if decided, err = cap.Authorize(s).Decide(live); err != nil {
			t.Fatal(err)
		}
		for _, m := range []*cap.Meter{live, replay} {
			if err := m.Apply(decided[0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	late := spend("c", 28, 10, 40)
	a, errA := live.Authorize(late)
	b, errB := replay.Authorize(late)
	if errA != nil || errB != nil || !a.Equal(b) || a.Limit(0).Free != money.New(71, money.EUR) {
		t.Errorf("live: %v, %v; replay: %v, %v; want both to free 0.71", a, errA, b, errB)
	}
}

// TestRoomBeyondTheEnd waits for room past the last instant that can be told: the reason is the one that Authorize has
// (L9).
func TestRoomBeyondTheEnd(t *testing.T) {
	meter := cap.NewMeter(cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "month", MaxCount: 1, Window: cap.Calendar(cap.Month, time.UTC)},
	}, nil))
	at := time.Date(2199, 12, 20, 0, 0, 0, 0, time.UTC)
	if _, err := meter.Authorize(cap.Spend{ID: "a", At: at, Amount: money.New(1, money.EUR)}); err != nil {
		t.Fatal(err)
	}
	room, err := meter.RoomFor(money.New(1, money.EUR), at.Add(time.Hour), nil)
	if err != nil || room.Reason != cap.CountLimitExceeded || room.Limit != "month" {
		t.Errorf("got %+v, %v, want count_limit_exceeded by month", room, err)
	}
}

// TestZeroPolicy lets nothing through, also of no currency.
func TestZeroPolicy(t *testing.T) {
	meter := cap.NewMeter(&cap.Policy{})
	outcome, _, err := meter.Allow(cap.Spend{ID: "a", At: time.Unix(0, 0), Amount: money.Amount{}})
	if err == nil || outcome == cap.Approved {
		t.Errorf("got %v, %v, want an error", outcome, err)
	}
}

// TestPolicyKeepsItsJSON writes into what MarshalJSON gave: the policy stays as it is.
func TestPolicyKeepsItsJSON(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "n", MaxCount: 1, Window: cap.Lifetime()}}, nil)
	first, err := p.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	want := string(first)
	first[2] = 'X'
	if again, err := p.MarshalJSON(); err != nil || string(again) != want {
		t.Errorf("got %s, %v, want %s", again, err, want)
	}
}

// TestAmountOfSetPolicy is the zero Amount: the command has none.
func TestAmountOfSetPolicy(t *testing.T) {
	one := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "n", MaxCount: 1, Window: cap.Lifetime()}}, nil)
	two := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "n", MaxCount: 2, Window: cap.Lifetime()}}, nil)
	d, err := cap.NewMeter(one).SetPolicy(two)
	if err != nil || !d.Approved() || d.Amount() != (money.Amount{}) {
		t.Errorf("got %v of %v, %v, want an approval of no amount", d, d.Amount(), err)
	}
}
