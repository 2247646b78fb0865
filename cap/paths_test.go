package cap_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
)

// Laws that only short cuts could break: each has a test of its own, whatever the histories happen to reach.

// Law L2: an increment that leaves the window takes its amount along, and not a spend, since it was none.
func TestIncrementLeavesTheWindow(t *testing.T) {
	hour := policyOf(cap.Limit{Name: "hour", Max: euros(100), MaxCount: 2, Window: cap.Rolling(time.Hour)})
	play(t, cap.NewMeter(hour), []step{
		{authorize("a", 0, 10_00), "approved | hour 10.00"},
		{adjust("a", 0, 30_00, 0.5), "approved | hour 30.00"},
		{authorize("b", 1.2, 5_00), "approved | hour 25.00"},
		{authorize("c", 1.6, 5_00), "approved | hour 10.00"},
		{authorize("d", 1.7, 5_00), "refused count_limit_exceeded by hour | hour 10.00"},
	})
}

// Law L4: an instant that is just too late, for each kind of event, and one that is not.
func TestTooLateByAMicrosecond(t *testing.T) {
	const day, microsecond = 24, 1.0 / 3_600_000_000
	limit := cap.Limit{Name: "week", Max: euros(900), Window: rolling(7)}
	original := limit
	original.Name, original.Counting.Increment = "original", cap.Original
	// With the latest at 10 days and a day of lateness, the window at 9 days begins after 2 days.
	steps := func(m *cap.Meter) *cap.Meter {
		play(t, m, []step{
			{hold("old", 9*day-microsecond, 10_00, 20*day), "approved | week 10.00 | original 10.00"},
			{hold("edge", 9*day, 10_00, 20*day), "approved | week 20.00 | original 20.00"},
			{authorize("latest", 10*day, 10_00), "approved | week 30.00 | original 30.00"},
		})
		return m
	}
	play(t, steps(cap.NewMeter(policyOf(limit, original))), []step{
		{force("gone", 2*day, 1_00), "refused too_late | week 30.00 | original 30.00"},
		{force("kept", 2*day+microsecond, 1_00), "approved | week 30.00 | original 30.00"},
		{authorize("a", 9*day-microsecond, 1_00), "refused too_late | week 30.00 | original 30.00"},
		{authorize("a", 9*day, 1_00), "approved | week 31.00 | original 31.00"},
		{refund("r", 9*day, 1_00, "a", 9*day), "approved | week 31.00 | original 31.00"},
		{refund("s", 9*day, 1_00, "old", 9*day-microsecond), "refused not_captured | week 31.00 | original 31.00"},
		{refund("t", 9*day-microsecond, 1_00, "kept", 2*day+microsecond), "refused too_late | week 31.00 | original 31.00"},
		{adjust("old", 9*day-microsecond, 12_00, 10*day), "refused too_late | week 31.00 | original 31.00"},
		{adjust("edge", 9*day, 12_00, 9*day), "approved | week 33.00 | original 33.00"},
		{capture("old", 9*day-microsecond, 9_00, 9*day-microsecond), "refused too_late | week 33.00 | original 33.00"},
		{capture("old", 9*day-microsecond, 9_00, 9*day), "approved | week 32.00 | original 32.00"},
	})
}

// Law L7: a refund that counts at the original instant gives back of the increment first, which came last.
func TestRefundOfAnIncrement(t *testing.T) {
	back := policyOf(cap.Limit{Name: "all", Max: euros(900), Window: rolling(7)},
		cap.Limit{Name: "back", Max: euros(300), Window: rolling(7), Counting: cap.Counting{Refund: cap.Original}})
	light, replay := cap.NewMeter(back), cap.NewMeter(back)
	for _, m := range []*cap.Meter{light, replay} {
		play(t, m, []step{
			{authorize("a", 0, 100_00), "approved | all 100.00 | back 100.00"},
			{adjust("a", 0, 150_00, 24), "approved | all 150.00 | back 150.00"},
		})
	}
	r := cap.Refund{ID: "r", At: at(25), Amount: euros(40), Of: &cap.Ref{ID: "a", At: at(0)}}
	if d, err := light.Refund(r); err != nil || !d.Approved() {
		t.Fatal(d, err)
	}
	decided, err := r.Decide(replay)
	if err != nil || replay.Apply(decided[0]) != nil {
		t.Fatal(decided, err)
	}
	for _, m := range []*cap.Meter{light, replay} {
		play(t, m, []step{
			{authorize("b", week-1, 5_00), "approved | all 155.00 | back 115.00"},
			{authorize("c", week, 5_00), "approved | all 60.00 | back 20.00"}, // 100.00 leave; of the increment, 10.00 stay
		})
	}
}

// Law L5: an account that is filled to the brim, with refunds that count, says what it still takes, refuses more as an
// overflow, and its snapshots load.
func TestBrim(t *testing.T) {
	net := cap.Limit{Name: "net", MaxCount: 1 << 40, Window: cap.Lifetime(), Counting: cap.Counting{Refund: cap.Now}}
	gross := cap.Limit{Name: "gross", MaxCount: 1 << 40, Window: rolling(1)}
	kept := gross
	kept.Name, kept.Counting.Reversal = "kept", cap.Ignored
	for _, row := range []struct {
		policy *cap.Policy
		undo   func(m *cap.Meter, i int) (cap.Decision, error)
	}{
		{policyOf(net), nil}, {policyOf(gross, net), nil},
		{policyOf(gross, kept), func(m *cap.Meter, i int) (cap.Decision, error) { return m.Reverse("s", at(float64(i))) }},
	} {
		m := cap.NewMeter(row.policy)
		i := 0
		for ; ; i++ {
			hours := float64(i)
			most, err := m.MaxNow(at(hours), nil)
			if err != nil || most.Minor() == 0 {
				break
			}
			if most.Minor() < cap.MaxAmount {
				d, err := m.Authorize(pay("s", hours, most.Minor()+1))
				if room, err2 := m.RoomFor(eur(most.Minor()+1), at(hours), nil); err != nil || d.Reason() != cap.Overflow || err2 != nil || room.Reason != cap.Overflow {
					t.Fatalf("more than the most: got %v %v and %v %v, want overflow", d, err, room, err2)
				}
			}
			d, err := m.Authorize(pay("s", hours, most.Minor()))
			if err != nil || !d.Approved() {
				t.Fatalf("round %d: got %v %v, want approved", i, d, err)
			}
			if row.undo != nil {
				d, err = row.undo(m, i)
			} else {
				d, err = m.Refund(cap.Refund{ID: "r", At: at(hours), Amount: most})
			}
			if err != nil || !d.Approved() && d.Reason() != cap.Overflow {
				t.Fatalf("round %d: got %v %v, want approved or overflow", i, d, err)
			}
			if i%32 == 0 || most.Minor() < cap.MaxAmount {
				if err := cap.NewMeter(row.policy).UnmarshalBinary(snapshot(t, m)); err != nil {
					t.Fatalf("round %d: a snapshot does not load: %v", i, err)
				}
			}
			if i > 2000 {
				t.Fatal("there is no end to it")
			}
		}
		if i < 200 {
			t.Errorf("got %d rounds, want it to take more", i)
		}
	}
}

// Law L9: RoomFor promises what Authorize keeps: a spend that was reversed is no reason to wait, also where the maximum
// changes at it.
func TestRoomUnderAnOverride(t *testing.T) {
	m := cap.NewMeter(policyOf(cap.Limit{Name: "days", Max: eur(120), Window: rolling(2), Overrides: []cap.Override{
		{From: at(24), Until: at(72), Max: eur(900)},
	}}))
	play(t, m, []step{
		{authorize("a", 47, 118), "approved | days 1.18"},
		{authorize("b", 72.5, 2), "approved | days 1.20"},
		{reverse("b", 72.5), "approved | days 1.18"},
	})
	for _, r := range []struct{ from, minor, want float64 }{{60, 13, 60}, {60, 782, 60}, {60, 783, -1}, {72, 3, 95}, {72, 2, 72}} {
		room, err := m.RoomFor(eur(int64(r.minor)), at(r.from), nil)
		if err != nil || room.Fits() != (r.want > 0) || room.Fits() && !room.At.Equal(at(r.want)) { // below zero: never
			t.Errorf("%v from %v h: got %v %v, want %v", r.minor, r.from, room, err, at(r.want))
		}
		decided, err := cap.Authorize(pay("c", r.from, int64(r.minor))).Decide(m)
		if _, ok := decided[0].(cap.Authorized); err != nil || ok != (r.want == r.from) {
			t.Errorf("%v at %v h: got %T %v", r.minor, r.from, decided[0], err)
		}
	}
}

// Law L10: a spend that opens a window tells of it with the refunds that came before it and count there.
func TestOpenedAfterARefund(t *testing.T) {
	play(t, cap.NewMeter(policyOf(cap.Limit{Name: "opened", Max: euros(100), Window: cap.OpenedByFirstUse(24 * time.Hour), Counting: cap.Counting{Refund: cap.Now}})), []step{
		{authorize("a", 0, 10_00), "approved | opened 10.00"},
		{refund("r", 30, 4_00, "a", 0), "approved | opened 0.00"},
		{authorize("b", 31, 20_00), "approved | opened 16.00"},
		{authorize("b", 31, 20_00), "approved exists | opened 16.00"},
	})
}

// Law L10: what is used is of the fullest window from now on, and a late spend is not in all of them: it leaves with the
// refund of its time.
func TestLateBesideARefund(t *testing.T) {
	play(t, cap.NewMeter(policyOf(cap.Limit{Name: "net", Max: euros(100), Window: rolling(1), Counting: cap.Counting{Refund: cap.Now}})), []step{
		{authorize("a", 10, 5_00), "approved | net 5.00"},
		{func(m *cap.Meter) (cap.Decision, error) {
			return m.Refund(cap.Refund{ID: "r", At: at(9), Amount: euros(37)})
		}, "approved | net 5.00"},
		{authorize("b", 9, 27_00), "approved | net 5.00"},
		{authorize("b", 9, 27_00), "approved exists | net 5.00"},
	})
}

// A window that opens late, before the latest one, keeps what is dated in it: the latest one does not reach for it.
func TestOpenedLate(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "opened", Max: euros(100), Window: cap.OpenedByFirstUse(24 * time.Hour)}},
		&cap.PolicyOptions{Lateness: 48 * time.Hour})
	play(t, cap.NewMeter(p), []step{
		{authorize("a", 100, 10_00), "approved | opened 10.00"},
		{authorize("b", 60, 20_00), "approved | opened 10.00"}, // open until 84 h
		{authorize("c", 80, 70_00), "approved | opened 10.00"},
		{authorize("d", 83, 11_00), "refused amount_limit_exceeded by opened | opened 90.00"},
		{authorize("e", 84, 15_00), "approved | opened 25.00"}, // in the next one, which opened less than 24 h later
		{authorize("f", 101, 75_00), "approved | opened 100.00"},
		{authorize("g", 83, 10_00), "approved | opened 100.00"},
	})
}

// Law L11: a hold that has ended, and is captured after all, counts again, also in a meter that was loaded in between and knows
// of nothing that may end.
func TestCaptureOfAnEndedHoldAfterLoading(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "day", Max: euros(10), Window: cap.Rolling(24 * time.Hour)}}, nil)
	at := time.Date(2026, 10, 5, 10, 0, 0, 0, time.UTC)
	for _, load := range []bool{false, true} {
		m := cap.NewMeter(p)
		for i, s := range []cap.Spend{{ID: "hold", At: at, Amount: eur(300), Expires: at.Add(time.Minute)}, {ID: "b", At: at.Add(time.Hour), Amount: eur(1)}} {
			if d, err := m.Authorize(s); err != nil || !d.Approved() {
				t.Fatal(i, d, err)
			}
		}
		if load {
			again := cap.NewMeter(p)
			if err := again.UnmarshalBinary(snapshot(t, m)); err != nil {
				t.Fatal(err)
			}
			m = again
		}
		d, err := m.Capture(cap.Change{ID: "hold", At: at, Amount: eur(200)})
		if err != nil || d.String() != "approved: day 2.01/10.00 (2.00 at 2026-10-06T10:00:00Z)" {
			t.Errorf("loaded %v: got %v %v", load, d, err)
		}
		if again := cap.NewMeter(p); again.UnmarshalBinary(snapshot(t, m)) != nil {
			t.Errorf("loaded %v: the snapshot cannot be", load)
		}
	}
}

// Captures and adjustments to less in an account that has nothing rare: the account's clock moves to when they happened, the
// amount first asked for is known no longer, so that any is taken for it (law L6), and a capture is the last word.
func TestLessInAPlainAccount(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "day", Max: euros(10), Window: cap.Rolling(24 * time.Hour)}}, nil)
	at := time.Date(2026, 10, 5, 10, 0, 0, 0, time.UTC)
	for _, capture := range []bool{false, true} {
		m := cap.NewMeter(p)
		authorize := func(minor int64) cap.Decision {
			d, err := m.Authorize(cap.Spend{ID: "a", At: at, Amount: eur(minor)})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		authorize(300)
		c, do := cap.Change{ID: "a", At: at, Amount: eur(200), On: at.Add(time.Hour)}, m.Adjust
		if capture {
			do = m.Capture
		}
		if d, err := do(c); err != nil || d.String() != "approved: day 2.00/10.00 (2.00 at 2026-10-06T10:00:00Z)" {
			t.Errorf("capture %v: got %v %v", capture, d, err)
		}
		if got := m.Latest(); !got.Equal(c.On) {
			t.Errorf("capture %v: the latest instant is %v, want %v", capture, got, c.On)
		}
		for _, minor := range []int64{200, 300} {
			if d := authorize(minor); !d.Approved() || !d.Existed() {
				t.Errorf("capture %v: the same again, with %d: got %v", capture, minor, d)
			}
		}
		c.Amount = eur(100)
		if d, err := m.Adjust(c); err != nil || d.Approved() == capture {
			t.Errorf("capture %v: adjusted once more: got %v %v", capture, d, err)
		}
	}
}

// Law L8: a spend that is gone since this microsecond stays gone when a longer window comes; one that is not yet is seen by it.
func TestGoneToTheMicrosecond(t *testing.T) {
	policy := func(window time.Duration) *cap.Policy {
		limit := cap.Limit{Name: "window", Max: euros(10), Window: cap.Rolling(window)}
		return cap.MustPolicy(money.EUR, []cap.Limit{limit}, &cap.PolicyOptions{Lateness: time.Hour})
	}
	at := time.Date(2026, 10, 5, 10, 0, 0, 0, time.UTC)
	for early, want := range []int64{1, 101} {
		m := cap.NewMeter(policy(time.Hour))
		for _, s := range []cap.Spend{
			{ID: "a", At: at, Amount: eur(100)},
			{ID: "b", At: at.Add(2*time.Hour - time.Duration(early)*time.Microsecond), Amount: eur(1)},
		} {
			if d, err := m.Authorize(s); err != nil || !d.Approved() {
				t.Fatal(d, err)
			}
		}
		d, err := m.SetPolicy(policy(5 * time.Hour))
		if err != nil || d.Limit(0).Used != eur(want) {
			t.Errorf("%d early: got %v %v, want %d used", early, d, err, want)
		}
	}
}
