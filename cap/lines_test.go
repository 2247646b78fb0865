package cap_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Each of these holds a line that nothing else held when it was broken by hand.

func refundOf(id string, hours float64, minor int64) func(*cap.Meter) (cap.Decision, error) {
	r := cap.Refund{ID: id, At: at(hours), Amount: eur(minor)}
	return func(m *cap.Meter) (cap.Decision, error) { return m.Refund(r) }
}

func setPolicy(p *cap.Policy) func(*cap.Meter) (cap.Decision, error) {
	return func(m *cap.Meter) (cap.Decision, error) { return m.SetPolicy(p) }
}

// Law L3: an attempt far in the future that was refused takes nothing out of the windows of today.
func TestRefusedInTheFuture(t *testing.T) {
	play(t, cap.NewMeter(weekly), []step{
		{authorize("a", 0, 250_00), "approved | week 250.00"},
		{authorize("far", 1e5, 301_00), "refused amount_limit_exceeded by week | week 0.00"},
		{authorize("b", 1, 51_00), "refused amount_limit_exceeded by week | week 250.00"},
		{authorize("c", 1, 50_00), "approved | week 300.00"},
	})
}

// Law L2: a limit that moves to the first book brings its refunds: the room they gave is gone when they leave.
func TestRefundsMoveWithTheirLimit(t *testing.T) {
	gross := cap.Limit{Name: "gross", Max: euros(900), Window: rolling(1)}
	net := cap.Limit{Name: "net", Max: euros(100), Window: rolling(1), Counting: cap.Counting{Refund: cap.Now}}
	play(t, cap.NewMeter(policyOf(gross, net)), []step{
		{refundOf("r", 0.5, 60_00), "approved | gross 0.00 | net 0.00"},
		{authorize("a", 1, 100_00), "approved | gross 100.00 | net 100.00"}, // once the refund has left
		{setPolicy(policyOf(net)), "approved | net 100.00"},
		{authorize("b", 24, 50_00), "refused amount_limit_exceeded by net | net 100.00"},
		{authorize("c", 25, 50_00), "approved | net 50.00"},
	})
}

// A refund that was only decided is not noted: the next one is measured by those that were recorded.
func TestRefundsDecidedTwice(t *testing.T) {
	m := cap.NewMeter(weekly)
	play(t, m, []step{{authorize("a", 0, 100_00), "approved | week 100.00"}})
	for i, r := range []struct {
		minor int64
		want  cap.Reason
	}{{30_00, ""}, {30_00, ""}, {40_01, cap.RefundExceedsSpend}, {40_00, ""}, {1, cap.RefundExceedsSpend}} {
		c := cap.Refund{ID: string('a' + rune(i)), At: at(1), Amount: eur(r.minor), Of: &cap.Ref{ID: "a", At: at(0)}}
		for range 2 { // the second one is recorded
			decided, err := c.Decide(m)
			if err != nil {
				t.Fatal(err)
			}
			if d := c.Result(decided); d.Reason() != r.want {
				t.Fatalf("refund %d: got %v, want %q", i, d, r.want)
			}
		}
		decided, _ := c.Decide(m)
		if err := m.Apply(decided[0]); err != nil {
			t.Fatal(err)
		}
	}
}

// A hold that was increased, and captured after it had ended, is worth what was captured.
func TestWorthAfterTheEnd(t *testing.T) {
	play(t, cap.NewMeter(weekly), []step{
		{hold("a", 0, 100_00, 10), "approved | week 100.00"},
		{adjust("a", 0, 150_00, 5), "approved | week 150.00"},
		{capture("a", 0, 120_00, 11), "approved | week 120.00"},
		{capture("a", 0, 120_00, 12), "approved already_captured | week 120.00"},
		{refund("r", 13, 120_01, "a", 0), "refused refund_exceeds_spend | week 120.00"},
		{refund("r", 13, 120_00, "a", 0), "approved | week 120.00"},
	})
}

// What a limit first counts at the capture, it counts at the spend's instant, as long as any window reaches that.
func TestCaptureOfTheOldest(t *testing.T) {
	const microsecond = 1.0 / 3_600_000_000
	m := cap.NewMeter(policyOf(
		cap.Limit{Name: "all", Max: euros(900), Window: rolling(7)},
		cap.Limit{Name: "cleared", Max: euros(900), Window: rolling(7), Counting: cap.Counting{Authorize: cap.Ignored}}))
	play(t, m, []step{
		{authorize("a", 0, 10_00), "approved | all 10.00 | cleared 0.00"},
		{authorize("b", week+24-microsecond, 20_00), "approved | all 20.00 | cleared 0.00"},
		{capture("a", 0, 10_00), "approved | all 20.00 | cleared 0.00"},
	})
	if used, err := m.Used("cleared", m.Oldest()); err != nil || used != euros(10) {
		t.Errorf("in the oldest window: got %v %v, want 10.00", used, err)
	}
}

// A limit for each transaction is not over by an event that its table ignores.
func TestEachIgnores(t *testing.T) {
	each := cap.Limit{Name: "each", Max: euros(50), Window: cap.PerTransaction()}
	ignores := each
	ignores.Name, ignores.Counting.Capture = "ignores", cap.Ignored
	play(t, cap.NewMeter(policyOf(each, ignores)), []step{
		{authorize("a", 0, 40_00), "approved | each 0.00 | ignores 0.00"},
		{capture("a", 0, 60_00), "approved | each 0.00 over | ignores 0.00"},
	})
}

// Both ends of a range of categories are in it.
func TestCategoryEdges(t *testing.T) {
	m := cap.NewMeter(policyOf(cap.Limit{Name: "food", MaxCount: 99, Window: rolling(1), Scope: cap.Scope{
		Include: cap.Filter{Categories: []cap.MCCRange{{From: 5400, To: 5499}, {From: 5811, To: 5811}, {From: 5813, To: 5814}}},
	}}))
	count := int64(0)
	for i, row := range []struct {
		mcc cap.MCC
		in  int64
	}{{5399, 0}, {5400, 1}, {5450, 1}, {5499, 1}, {5500, 0}, {5810, 0}, {5811, 1}, {5812, 0}, {5813, 1}, {5814, 1}, {5815, 0}, {0, 0}, {9999, 0}} {
		count += row.in
		s := pay("a", float64(i)/100, 1)
		s.Merchant = &cap.Merchant{Category: row.mcc}
		if d, err := m.Authorize(s); err != nil || d.Limit(0).Count != count {
			t.Errorf("%v: got %v %v, want a count of %d", row.mcc, d, err, count)
		}
	}
}

// Room comes with an override to the microsecond, and a hold may last exactly as long as the longest window.
func TestLastMicrosecond(t *testing.T) {
	const microsecond = 1.0 / 3_600_000_000
	m := cap.NewMeter(policyOf(cap.Limit{Name: "week", Max: euros(10), Window: rolling(7), Overrides: []cap.Override{{From: at(24), Until: at(48), Max: euros(20)}}}))
	play(t, m, []step{{authorize("a", 0, 10_00), "approved | week 10.00"}})
	for _, from := range []float64{1, 24 - microsecond, 24} {
		if room, err := m.RoomFor(euros(10), at(from), nil); err != nil || !room.At.Equal(at(24)) {
			t.Errorf("from %v h: got %v %v, want room at 24 h", from, room, err)
		}
	}
	s := pay("h", 25, 1)
	for after, want := range map[time.Duration]error{cap.MaxRolling: nil, cap.MaxRolling + time.Microsecond: cap.ErrInvalid, 0: cap.ErrInvalid} {
		s.Expires = s.At.Add(after)
		if _, err := cap.NewMeter(m.Policy()).Authorize(s); !errors.Is(err, want) {
			t.Errorf("for %v: got %v, want %v", after, err, want)
		}
	}
}

// Facts that no history can hold, at the edge of what one can.
func TestApplyRefusesAtTheEdge(t *testing.T) {
	ever := cap.Limit{Name: "ever", MaxCount: 1 << 40, Window: cap.Lifetime()}
	m := cap.NewMeter(policyOf(ever))
	apply := func(want error, facts ...event.Data) {
		t.Helper()
		for _, f := range facts {
			if err := m.Apply(f); !errors.Is(err, want) {
				t.Errorf("%T: got %v, want %v", f, err, want)
			}
		}
	}
	old := cap.Authorized{ID: "old", At: at(0), Amount: eur(9)}
	apply(nil, old, cap.Authorized{ID: "new", At: at(1000), Amount: eur(5)})
	apply(cap.ErrHistory, cap.Authorized{ID: "new", At: at(1000), Amount: eur(5)})
	apply(cap.ErrHistory, cap.Refunded{ID: "r", At: at(1000), Amount: eur(1), Of: &cap.Ref{ID: "none", At: at(1000)}})
	apply(nil, cap.Reversed{ID: "old", At: at(0), Amount: eur(1)}, cap.Reversed{ID: "old", At: at(0), Amount: eur(1)}) // of two spends
	apply(cap.ErrHistory, cap.Reversed{ID: "old", At: at(0), Amount: eur(1)})
	for i := range math.MaxInt64/cap.MaxAmount - 1 {
		apply(nil, cap.Authorized{ID: "x", At: at(2000 + float64(i)), Amount: eur(cap.MaxAmount)})
	}
	most, err := m.MaxNow(m.Latest(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for most.Minor() == cap.MaxAmount {
		apply(nil, cap.Authorized{ID: "y", At: m.Latest().Add(time.Hour), Amount: most})
		if most, err = m.MaxNow(m.Latest(), nil); err != nil {
			t.Fatal(err)
		}
	}
	apply(cap.ErrHistory, cap.Authorized{ID: "z", At: m.Latest().Add(time.Hour), Amount: money.New(most.Minor()+1, money.EUR)})
	apply(nil, cap.Authorized{ID: "z", At: m.Latest().Add(time.Hour), Amount: most})
}

// Law L8: a window opened by first use that a policy brings finds the windows that the spends would have opened: a spend
// exactly at the end of one opens the next.
func TestNewWindowsOpened(t *testing.T) {
	day := cap.Limit{Name: "day", Max: euros(900), Window: rolling(3)}
	opened := cap.Limit{Name: "opened", Max: euros(900), Window: cap.OpenedByFirstUse(24 * time.Hour)}
	for hours, want := range map[float64][3]string{
		24:    {"approved | day 30.00 | opened 20.00", "approved | day 37.00 | opened 5.00", "approved | day 32.00 | opened 22.00"},
		23.99: {"approved | day 30.00 | opened 30.00", "approved | day 37.00 | opened 7.00", "approved | day 32.00 | opened 2.00"},
	} {
		play(t, cap.NewMeter(policyOf(day)), []step{
			{authorize("a", 0, 10_00), "approved | day 10.00"},
			{authorize("b", hours, 20_00), "approved | day 30.00"},
			{setPolicy(policyOf(day, opened)), want[0]},
			{authorize("c", 25, 2_00), want[2]},
			{authorize("d", 48.5, 5_00), want[1]},
		})
	}
}

// What is gone stays gone, in the book of every limit, also when a policy brings windows that would reach it.
func TestGoneStaysGone(t *testing.T) {
	limits := func(days int) *cap.Policy {
		atm := cap.Limit{Name: "atm", Max: euros(900), Window: rolling(days), Scope: scopes["atm"].real}
		return policyOf(cap.Limit{Name: "all", Max: euros(900), Window: rolling(days)}, atm)
	}
	play(t, cap.NewMeter(limits(1)), []step{
		{authorize("a", 0, 10_00, merchants[2]), "approved | all 10.00 | atm 10.00"},
		{authorize("b", 100, 5_00, merchants[2]), "approved | all 5.00 | atm 5.00"},
		{setPolicy(limits(30)), "approved | all 5.00 | atm 5.00"},
	})
}

// Law L8: a limit of another table that a policy brings counts the spends, and nothing of refunds that others counted.
func TestNewLimitKnowsNoRefunds(t *testing.T) {
	net := cap.Limit{Name: "net", Max: euros(900), Window: rolling(7), Counting: cap.Counting{Refund: cap.Now}}
	gross := cap.Limit{Name: "gross", Max: euros(900), Window: rolling(7)}
	ever := cap.Limit{Name: "ever", Max: euros(900), Window: cap.Lifetime()}
	unforced := cap.Limit{Name: "unforced", Max: euros(900), MaxCount: 9, Window: rolling(7), Counting: cap.Counting{ForcePost: cap.Ignored}}
	for _, row := range []struct {
		policy     *cap.Policy
		told, next string
	}{
		{policyOf(net, unforced), "approved | net 70.00 | unforced 100.00", "approved | net 75.00 | unforced 105.00"},
		{policyOf(gross, ever), "approved | gross 100.00 | ever 100.00", "approved | gross 105.00 | ever 105.00"},
		{policyOf(gross, net), "approved | gross 100.00 | net 70.00", "approved | gross 105.00 | net 75.00"},
	} {
		m := cap.NewMeter(policyOf(net))
		play(t, m, []step{
			{authorize("a", 0, 90_00), "approved | net 90.00"},
			{adjust("a", 0, 100_00, 0.5), "approved | net 100.00"},
			{refundOf("r", 1, 30_00), "approved | net 70.00"},
			{setPolicy(row.policy), row.told},
			{authorize("b", 2, 5_00), row.next},
		})
		if err := cap.NewMeter(policyOf(net)).UnmarshalBinary(snapshot(t, m)); err != nil {
			t.Errorf("%s: a snapshot does not load: %v", row.told, err)
		}
	}
}

// Law L7: when a hold ends, its increments end with it; and a decision tells of that, also when something leaves at the same
// instant, and when the hold's own instant is out already.
func TestIncrementsEndWithTheHold(t *testing.T) {
	free := func(m *cap.Meter, now, want float64, minor, count int64) {
		t.Helper()
		u, err := m.Usage(at(now))
		if l := u.Limit(0); err != nil || !l.FreeAt.Equal(at(want)) || l.Free != eur(minor) || l.FreeCount != count {
			t.Errorf("at %v h: got %+v %v, want %d of %d at %v h", now, l, err, minor, count, want)
		}
	}
	day := policyOf(cap.Limit{Name: "day", Max: euros(300), Window: rolling(1)})
	m := cap.NewMeter(day)
	play(t, m, []step{
		{hold("a", 0, 100_00, 40), "approved | day 100.00"},
		{adjust("a", 0, 150_00, 20), "approved | day 150.00"},
		{authorize("b", 30, 5_00), "approved | day 55.00"},
	})
	free(m, 30, 40, 50_00, 0)
	play(t, m, []step{{authorize("c", 40, 1_00), "approved | day 6.00"}})
	m = cap.NewMeter(day)
	play(t, m, []step{
		{authorize("a", 0, 10_00), "approved | day 10.00"},
		{hold("b", 1, 20_00, 24), "approved | day 30.00"},
	})
	free(m, 2, 24, 30_00, 2)
}

// Each limit is asked, however many there are: also where each counts what no other does.
func TestEveryLimitIsAsked(t *testing.T) {
	var limits []cap.Limit
	for i := range cap.MaxLimits {
		shop := cap.Scope{Include: cap.Filter{Merchants: []string{fmt.Sprint("m", i)}}}
		limits = append(limits, cap.Limit{Name: fmt.Sprint("shop-", i), MaxCount: 1, Window: rolling(1), Scope: shop})
	}
	m := cap.NewMeter(policyOf(limits...))
	for i := range limits {
		for _, want := range []string{"", "shop-" + fmt.Sprint(i)} {
			s := pay("spend"+want, float64(i), 1)
			s.Merchant = &cap.Merchant{ID: fmt.Sprint("m", i)}
			d, err := m.Authorize(s)
			if by, refused := d.Binding(); err != nil || by.Name != want || refused != (want != "") {
				t.Errorf("limit %d: %s %v, want it refused by %q", i, d.Outcome(), err, want)
			}
		}
	}
}

// Law L4: the earliest instant of a new spend never goes back, also where a policy with more lateness rules from then on.
func TestOldestNeverGoesBack(t *testing.T) {
	limits := []cap.Limit{{Name: "week", Max: euros(900), Window: rolling(7)}}
	x, err := cap.NewMeters[string](cap.MustPolicy(money.EUR, limits, &cap.PolicyOptions{Lateness: time.Hour}), nil)
	if err != nil {
		t.Fatal(err)
	}
	more := cap.MustPolicy(money.EUR, limits, &cap.PolicyOptions{Lateness: 24 * time.Hour})
	for _, door := range []func(*cap.Meter, cap.Spend) (cap.Outcome, cap.Reason, error){
		nil, // the one of Meters
		(*cap.Meter).Allow,
	} {
		err := x.Do(fmt.Sprint(door == nil), func(m *cap.Meter) error {
			play(t, m, []step{{authorize("a", 0, 1_00), "approved | week 1.00"}})
			_, err := m.SetPolicy(more)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range []string{"b", "c", "d"} { // the first one moves the cursors
			s := pay(id, float64(1+i), 1_00)
			outcome, _, err := x.Allow("true", s)
			if door != nil {
				err = x.Do("false", func(m *cap.Meter) (err error) {
					outcome, _, err = door(m, s)
					return err
				})
			}
			if err != nil || outcome != cap.Approved {
				t.Fatal(outcome, err)
			}
		}
		err = x.Do(fmt.Sprint(door == nil), func(m *cap.Meter) error {
			if !m.Oldest().Equal(at(-1)) {
				t.Errorf("got %v, want %v", m.Oldest(), at(-1))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Law L11: a capture that is there already cannot follow once more, also for the same amount.
func TestCapturedTwice(t *testing.T) {
	m := cap.NewMeter(policyOf(cap.Limit{Name: "week", Max: euros(900), Window: rolling(7)}))
	captured := cap.Captured{ID: "a", At: at(0), Amount: eur(5), Authorized: eur(5)}
	if err := errors.Join(m.Apply(cap.Authorized{ID: "a", At: at(0), Amount: eur(5)}), m.Apply(captured)); err != nil {
		t.Fatal(err)
	}
	if err := m.Apply(captured); !errors.Is(err, cap.ErrHistory) {
		t.Errorf("got %v, want ErrHistory", err)
	}
}

// Law L7: a capture of what was refunded is one, and of a cent less is none.
func TestCaptureOfWhatWasRefunded(t *testing.T) {
	m := cap.NewMeter(policyOf(cap.Limit{Name: "week", Max: euros(900), Window: rolling(7)}))
	play(t, m, []step{
		{authorize("a", 0, 10_00), "approved | week 10.00"},
		{refund("back", 1, 5_00, "a", 0), "approved | week 10.00"},
		{capture("a", 0, 4_99), "refused refund_exceeds_spend | week 10.00"},
		{capture("a", 0, 5_00), "approved | week 5.00"},
	})
}
