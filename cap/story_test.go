package cap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// The stories of a card: each step is done on one meter, and says in a line what the decision says.

type step struct {
	do   func(*cap.Meter) (cap.Decision, error)
	want string
}

func play(t *testing.T, m *cap.Meter, steps []step) {
	t.Helper()
	for i, s := range steps {
		d, err := s.do(m)
		if got := line(d); err != nil || got != s.want {
			t.Errorf("step %d: got  %s %v\n            want %s", i, got, err, s.want)
		}
	}
}

// line is a decision in a line: outcome, reason, the limit that refused, and what each limit has in use.
func line(d cap.Decision) string {
	out := d.Outcome().String()
	if d.Reason() != "" {
		out += " " + string(d.Reason())
	}
	if l, ok := d.Binding(); ok {
		out += " by " + l.Name
	}
	for l := range d.Limits() {
		out += fmt.Sprintf(" | %s %s", l.Name, l.Used.Number())
		if l.Over {
			out += " over"
		}
		if l.Crossed != nil {
			out += strings.ReplaceAll(fmt.Sprint(" ", l.Crossed, "%"), "[", "at ")
		}
	}
	return strings.ReplaceAll(out, "]%", " %")
}

func authorize(id string, hours float64, minor int64, at ...*cap.Merchant) func(*cap.Meter) (cap.Decision, error) {
	s := pay(id, hours, minor)
	if len(at) > 0 {
		s.Merchant = at[0]
	}
	return func(m *cap.Meter) (cap.Decision, error) { return m.Authorize(s) }
}

func hold(id string, hours float64, minor int64, ends float64) func(*cap.Meter) (cap.Decision, error) {
	s := pay(id, hours, minor)
	s.Expires = at(ends)
	return func(m *cap.Meter) (cap.Decision, error) { return m.Authorize(s) }
}

func force(id string, hours float64, minor int64) func(*cap.Meter) (cap.Decision, error) {
	return func(m *cap.Meter) (cap.Decision, error) { return m.ForcePost(pay(id, hours, minor)) }
}

func adjust(id string, hours float64, minor int64, on float64) func(*cap.Meter) (cap.Decision, error) {
	c := change(id, hours, minor)
	c.On = at(on)
	return func(m *cap.Meter) (cap.Decision, error) { return m.Adjust(c) }
}

func capture(id string, hours float64, minor int64, on ...float64) func(*cap.Meter) (cap.Decision, error) {
	c := change(id, hours, minor)
	if len(on) > 0 {
		c.On = at(on[0])
	}
	return func(m *cap.Meter) (cap.Decision, error) { return m.Capture(c) }
}

func reverse(id string, hours float64) func(*cap.Meter) (cap.Decision, error) {
	return func(m *cap.Meter) (cap.Decision, error) { return m.Reverse(id, at(hours)) }
}

func refund(id string, hours float64, minor int64, of string, ofHours float64) func(*cap.Meter) (cap.Decision, error) {
	r := cap.Refund{ID: id, At: at(hours), Amount: eur(minor), Of: &cap.Ref{ID: of, At: at(ofHours)}}
	return func(m *cap.Meter) (cap.Decision, error) { return m.Refund(r) }
}

func euros(n int64) money.Amount { return eur(n * 100) }

func rolling(days int) cap.Window { return cap.Rolling(time.Duration(days) * 24 * time.Hour) }

func policyOf(limits ...cap.Limit) *cap.Policy { return cap.MustPolicy(money.EUR, limits, nil) }

// A limit looks at the spends in its scope, and at no others.
func TestScopes(t *testing.T) {
	atm, shop := merchants[2], merchants[1]
	abroad := &cap.Merchant{Country: "IT", Channel: cap.POS, Category: 5411}
	m := cap.NewMeter(policyOf(
		cap.Limit{Name: "all", Max: euros(500), Window: rolling(30)},
		cap.Limit{Name: "cash", Max: euros(200), Window: rolling(7), Scope: cap.Scope{Include: cap.Filter{Channels: []cap.Channel{cap.ATM, cap.Cash}}}},
		cap.Limit{Name: "abroad", Max: euros(100), Window: rolling(30), Scope: cap.Scope{Exclude: cap.Filter{Countries: []cap.Country{"FR"}}}},
		cap.Limit{Name: "food", MaxCount: 2, Window: rolling(1), Scope: cap.Scope{
			Include: cap.Filter{Categories: []cap.MCCRange{{From: 5400, To: 5499}}, Countries: []cap.Country{"FR"}},
		}},
	))
	play(t, m, []step{
		{authorize("a", 0, 150_00, atm), "approved | all 150.00 | cash 150.00 | abroad 0.00 | food 0.00"},
		{authorize("b", 1, 60_00, atm), "refused amount_limit_exceeded by cash | all 150.00 | cash 150.00 | abroad 0.00 | food 0.00"},
		{authorize("c", 1, 60_00, shop), "approved | all 210.00 | cash 150.00 | abroad 0.00 | food 60.00"},
		{authorize("d", 1, 90_00, abroad), "approved | all 300.00 | cash 150.00 | abroad 90.00 | food 60.00"},
		{authorize("e", 2, 20_00), "refused amount_limit_exceeded by abroad | all 300.00 | cash 150.00 | abroad 90.00 | food 60.00"}, // nobody knows that it is not
		{authorize("f", 2, 1_00, shop), "approved | all 301.00 | cash 150.00 | abroad 90.00 | food 61.00"},
		{authorize("g", 2, 1_00, shop), "refused count_limit_exceeded by food | all 301.00 | cash 150.00 | abroad 90.00 | food 61.00"},
		{reverse("a", 0), "approved | all 151.00 | cash 0.00 | abroad 90.00 | food 61.00"},
		{authorize("h", 2, 200_00, atm), "approved | all 351.00 | cash 200.00 | abroad 90.00 | food 61.00"},
	})
}

// Law L8: a limit with a new scope finds what was spent in it before.
func TestNewScopeFindsTheUsage(t *testing.T) {
	all := cap.Limit{Name: "all", Max: euros(500), Window: rolling(30)}
	cash := cap.Limit{Name: "cash", Max: euros(200), Window: rolling(7), Scope: cap.Scope{Include: cap.Filter{Channels: []cap.Channel{cap.ATM}}}}
	play(t, cap.NewMeter(policyOf(all)), []step{
		{authorize("a", 0, 150_00, merchants[2]), "approved | all 150.00"},
		{authorize("b", 1, 60_00, merchants[1]), "approved | all 210.00"},
		{func(m *cap.Meter) (cap.Decision, error) { return m.SetPolicy(policyOf(all, cash)) }, "approved | all 210.00 | cash 150.00"},
		{authorize("c", 2, 60_00, merchants[2]), "refused amount_limit_exceeded by cash | all 210.00 | cash 150.00"},
	})
}

// Law L7: a hold ends by itself, exactly then, and its room is back at the original instant. Nobody sweeps.
func TestHoldsEnd(t *testing.T) {
	m := cap.NewMeter(policyOf(cap.Limit{Name: "week", Max: euros(300), Window: rolling(7)}))
	const microsecond = 1.0 / 3_600_000_000
	play(t, m, []step{
		{hold("hotel", 0, 250_00, 48), "approved | week 250.00"},
		{hold("hotel", 0, 250_00, 48), "approved exists | week 250.00"},
		{authorize("shoes", 47, 100_00), "refused amount_limit_exceeded by week | week 250.00"},
		{authorize("shoes", 48-microsecond, 100_00), "refused amount_limit_exceeded by week | week 250.00"},
		{authorize("shoes", 48, 100_00), "approved | week 100.00"},
		{hold("hotel", 0, 250_00, 48), "refused already_expired | week 100.00"},
		{reverse("hotel", 0), "approved already_expired | week 100.00"},
		{adjust("hotel", 0, 200_00, 48), "refused already_expired | week 100.00"},
		{authorize("dear", 49, 201_00), "refused amount_limit_exceeded by week | week 100.00"},
		{capture("hotel", 0, 240_00), "approved | week 340.00 over"}, // the hotel clears all the same: a force-post
		{hold("car", 48.5, 1_00, 60), "refused amount_limit_exceeded by week | week 340.00 over"},
	})
	m = cap.NewMeter(m.Policy())
	play(t, m, []step{
		{hold("a", 0, 200_00, 24), "approved | week 200.00"},
		{capture("a", 0, 180_00, 10), "approved | week 180.00"},
		{authorize("b", 100, 120_00), "approved | week 300.00"}, // a is final: it does not end
		{hold("c", 99, 1_00, 100), "refused already_expired | week 300.00"},
	})
	room, err := m.RoomFor(euros(180), at(101), nil)
	if err != nil || !room.At.Equal(at(week)) {
		t.Errorf("got %v %v, want room when a leaves the week", room, err)
	}
}

// Room is told of when holds end before anything leaves.
func TestRoomAfterHold(t *testing.T) {
	m := cap.NewMeter(policyOf(cap.Limit{Name: "week", Max: euros(300), Window: rolling(7)}, cap.Limit{Name: "ever", Max: euros(900), Window: cap.Lifetime()}))
	play(t, m, []step{
		{hold("a", 0, 200_00, 24), "approved | week 200.00 | ever 200.00"},
		{hold("b", 1, 100_00, 12), "approved | week 300.00 | ever 300.00"},
	})
	for minor, want := range map[int64]float64{100_00: 12, 100_01: 24, 300_00: 24} {
		if room, err := m.RoomFor(eur(minor), at(2), nil); err != nil || !room.At.Equal(at(want)) {
			t.Errorf("%d: got %v %v, want %v", minor, room, err, at(want))
		}
	}
	usage, err := m.Usage(at(2))
	for l := range usage.Limits() {
		if err != nil || !l.FreeAt.Equal(at(12)) || l.Free != euros(100) || l.FreeCount != 1 {
			t.Errorf("got %+v %v, want 100.00 back when b ends", l, err)
		}
	}
}

// An increment is decided as a spend of the difference; a partial reversal gives back at once.
func TestAdjust(t *testing.T) {
	play(t, cap.NewMeter(policyOf(cap.Limit{Name: "week", Max: euros(300), Window: rolling(7)}, cap.Limit{Name: "each", Max: euros(180), Window: cap.PerTransaction()})), []step{
		{hold("hotel", 0, 100_00, 240), "approved | week 100.00 | each 0.00"},
		{adjust("hotel", 0, 150_00, 24), "approved | week 150.00 | each 0.00"},
		{adjust("hotel", 0, 150_00, 24), "approved amount_unchanged | week 150.00 | each 0.00"},
		{hold("hotel", 0, 100_00, 240), "approved exists | week 150.00 | each 0.00"}, // a retry of the first
		{adjust("hotel", 0, 181_00, 25), "refused amount_limit_exceeded by each | week 150.00 | each 0.00"},
		{authorize("car", 30, 140_00), "approved | week 290.00 | each 0.00"},
		{adjust("hotel", 0, 160_01, 31), "refused amount_limit_exceeded by week | week 290.00 | each 0.00"},
		{adjust("hotel", 0, 120_00, 31), "approved | week 260.00 | each 0.00"},
		{authorize("late", week, 140_00), "approved | week 300.00 | each 0.00"}, // the 100.00 are out, the increment is not
		{capture("hotel", 0, 130_00, week), "approved | week 300.00 | each 0.00"},
		{adjust("hotel", 0, 140_00, week), "refused already_captured | week 300.00 | each 0.00"},
	})
}

// The table of Counting, row by row.
func TestCounting(t *testing.T) {
	story := func(c cap.Counting, steps ...step) {
		t.Helper()
		play(t, cap.NewMeter(policyOf(cap.Limit{Name: "l", Max: euros(300), Window: rolling(7), Counting: c})), steps)
	}
	a := authorize("a", 0, 100_00)
	story(cap.Counting{}, step{a, "approved | l 100.00"},
		step{refund("r", 24, 30_00, "a", 0), "approved | l 100.00"}, // ignored
		step{refund("r", 24, 30_00, "a", 0), "approved exists | l 100.00"},
		step{refund("r2", 24, 70_01, "a", 0), "refused refund_exceeds_spend | l 100.00"})
	story(cap.Counting{Refund: cap.Now}, step{a, "approved | l 100.00"},
		step{refund("r", 24, 30_00, "a", 0), "approved | l 70.00"},
		step{authorize("late", 1, 210_00), "refused amount_limit_exceeded by l | l 100.00"}, // then the money was not back yet
		step{authorize("b", 25, 230_00), "approved | l 300.00"})
	story(cap.Counting{Refund: cap.Original}, step{a, "approved | l 100.00"},
		step{refund("r", 23, 30_00, "a", 0), "approved | l 70.00"},
		step{authorize("late", 1, 230_00), "approved | l 300.00"})
	story(cap.Counting{Reversal: cap.Ignored}, step{a, "approved | l 100.00"}, step{reverse("a", 0), "approved | l 100.00"})
	story(cap.Counting{PartialReversal: cap.Ignored}, step{a, "approved | l 100.00"},
		step{adjust("a", 0, 60_00, 1), "approved | l 100.00"}, step{capture("a", 0, 60_00), "approved | l 60.00"})
	story(cap.Counting{Expiry: cap.Ignored}, step{hold("a", 0, 100_00, 24), "approved | l 100.00"}, step{authorize("b", 30, 1_00), "approved | l 101.00"})
	story(cap.Counting{Capture: cap.Ignored}, step{a, "approved | l 100.00"}, step{capture("a", 0, 40_00), "approved | l 100.00"})
	story(cap.Counting{ForcePost: cap.Ignored}, step{force("a", 0, 900_00), "approved | l 0.00"}, step{authorize("b", 1, 300_00), "approved | l 300.00"})
	story(cap.Counting{Increment: cap.Ignored}, step{a, "approved | l 100.00"}, step{adjust("a", 0, 400_00, 1), "approved | l 100.00"})
	story(cap.Counting{Increment: cap.Original}, step{a, "approved | l 100.00"}, step{adjust("a", 0, 200_00, 23), "approved | l 200.00"},
		step{authorize("b", week, 300_00), "approved | l 300.00"}, // all of it is out
		step{adjust("b", week, 301_00, week+1), "refused amount_limit_exceeded by l | l 300.00"})
	story(cap.Counting{Authorize: cap.Ignored, Capture: cap.Now}, step{a, "approved | l 0.00"}, // cleared money
		step{capture("a", 0, 90_00, 48), "approved | l 90.00"}, step{authorize("b", week+47, 500_00), "approved | l 90.00"},
		step{authorize("c", week+48, 500_00), "approved | l 0.00"})
}

// Law L2: a refund that counts now never lets through what would be too much once it leaves.
func TestRefundLeavesFirst(t *testing.T) {
	m := cap.NewMeter(policyOf(cap.Limit{Name: "week", Max: euros(300), Window: rolling(7), Counting: cap.Counting{Refund: cap.Now}}))
	play(t, m, []step{
		{authorize("a", 0, 300_00), "approved | week 300.00"},
		{refund("r", 24, 300_00, "a", 0), "approved | week 0.00"},
		{authorize("b", 25, 300_00), "approved | week 300.00"},
		{authorize("c", week, 300_00), "refused amount_limit_exceeded by week | week 300.00"}, // a is out, but so will be the refund, a day before b
		{authorize("c", week+24, 300_00), "refused amount_limit_exceeded by week | week 300.00"},
		{authorize("c", week+25, 300_00), "approved | week 300.00"},
	})
}

// Law L8: an override changes a limit for a while, and what was spent stays spent.
func TestOverrides(t *testing.T) {
	m := cap.NewMeter(policyOf(cap.Limit{Name: "week", Max: euros(300), Window: rolling(7), Overrides: []cap.Override{
		{From: at(24), Until: at(72), Max: euros(1000)},
	}}))
	play(t, m, []step{
		{authorize("a", 0, 300_00), "approved | week 300.00"},
		{authorize("b", 23.9, 1), "refused amount_limit_exceeded by week | week 300.00"},
		{authorize("b", 24, 700_00), "approved | week 1000.00"},
		{authorize("c", 71.9, 1), "refused amount_limit_exceeded by week | week 1000.00"},
		{authorize("c", 72, 1), "refused amount_limit_exceeded by week | week 1000.00 over"},
		{authorize("c", week, 1), "refused amount_limit_exceeded by week | week 700.00 over"},
		{authorize("c", week+24, 300_00), "approved | week 300.00"},
	})
}

// Law L10: an alert is told once, by the decision that crosses it, and again after what is used has fallen below.
func TestAlerts(t *testing.T) {
	m := cap.NewMeter(policyOf(cap.Limit{Name: "week", Max: euros(100), MaxCount: 5, Window: rolling(7), Alerts: []int{50, 80, 100}}))
	play(t, m, []step{
		{authorize("a", 0, 49_99), "approved | week 49.99"},
		{authorize("b", 1, 1), "approved | week 50.00 at 50 %"},
		{authorize("b", 1, 1), "approved exists | week 50.00"},
		{authorize("c", 2, 51_00), "refused amount_limit_exceeded by week | week 50.00"},
		{authorize("c", 2, 1), "approved | week 50.01"}, // three of five
		{authorize("d", 3, 49_99), "approved | week 100.00 at 80 100 %"},
		{reverse("d", 3), "approved | week 50.01"},
		{authorize("e", 4, 39_99), "approved | week 90.00 at 80 %"},
		{capture("e", 4, 70_00), "approved | week 120.01 over at 100 %"},
	})
}

// A window opened by first use holds what lies within its length of the first spend, and then is over.
func TestOpenedByFirstUse(t *testing.T) {
	m := cap.NewMeter(cap.MustPolicy(money.EUR, []cap.Limit{{Name: "week", Max: euros(300), Window: cap.OpenedByFirstUse(7 * 24 * time.Hour)}},
		&cap.PolicyOptions{Lateness: 30 * 24 * time.Hour}))
	play(t, m, []step{
		{authorize("a", 0, 100_00), "approved | week 100.00"},
		{authorize("b", week-1, 200_00), "approved | week 300.00"},
		{authorize("c", week-0.5, 1), "refused amount_limit_exceeded by week | week 300.00"},
		{authorize("c", week, 250_00), "approved | week 250.00"}, // a new one: b does not count any more
		{reverse("a", 0), "approved | week 250.00"},
		{authorize("d", 2*week-1, 60_00), "refused amount_limit_exceeded by week | week 250.00"}, // it is over when it was to be
		{authorize("e", 4*week, 100_00), "approved | week 100.00"},
		{authorize("f", 4*week-24, 201_00), "refused amount_limit_exceeded by week | week 100.00"}, // late, in no window: counts in the next
		{authorize("f", 4*week-24, 150_00), "approved | week 250.00"},
		{authorize("g", 2*week+24, 300_00), "approved | week 250.00"}, // late, too far from the next: one of its own
	})
	if room, err := m.RoomFor(euros(100), at(4*week), nil); err != nil || !room.At.Equal(at(5*week)) {
		t.Errorf("got %v %v, want room when the window is over", room, err)
	}
}
