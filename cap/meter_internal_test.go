package cap

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/payrules/payrules/money"
)

func meterOf(t *testing.T, windows ...Window) *Meter {
	var limits []Limit
	for i, w := range windows {
		limits = append(limits, Limit{Name: fmt.Sprint("l", i), Max: money.New(1<<53, money.EUR), Window: w})
	}
	p, err := NewPolicy(money.EUR, limits, nil)
	if err != nil {
		t.Fatal(err)
	}
	return NewMeter(p)
}

func authorize(t *testing.T, m *Meter, at int64, minor int64) Decision {
	d, err := m.Authorize(Spend{ID: fmt.Sprint(at), At: timeOf(at), Amount: money.New(minor, money.EUR)})
	if err != nil || !d.Approved() {
		t.Fatal(d, err)
	}
	return d
}

// A snapshot that says what no meter can be is refused, also with all its sums in order.
func TestSnapshotImpossible(t *testing.T) {
	for name, spoil := range map[string]func(*Meter){
		"an entry of nothing":        func(m *Meter) { m.alter(0, 0) },
		"gone after the oldest":      func(m *Meter) { m.gone = m.oldest },
		"oldest after the latest":    func(m *Meter) { m.oldest = m.latest + 1; m.gone = m.floor() },
		"oldest before the lateness": func(m *Meter) { m.oldest-- },
		"an entry after the latest":  func(m *Meter) { m.latest--; m.oldest--; m.gone = m.floor() },
		"a hold of nothing":          func(m *Meter) { m.theRare().holds.add(m.latest+1, ask{at: m.latest, hash: 1}) },
		"a refund of nothing":        func(m *Meter) { m.noteRefund(ask{at: m.latest, hash: 1}, 1) },
		"a refund of zero":           func(m *Meter) { m.put(&m.book, slot{m.latest, void | credit, 1}) },
		"too much refunded":          func(m *Meter) { m.noteRefund(ask{at: m.at(1).a, hash: m.at(1).c}, MaxAmount+1) },
		"a refund that counts":       func(m *Meter) { m.put(&m.book, slot{m.latest, 1 | credit, 1}) },
		"a part that is captured":    func(m *Meter) { m.alter(0, 5|part|captured) },
		"opened by what opens none":  func(m *Meter) { m.at(0).b |= opens },
		"expired, but counted":       func(m *Meter) { m.alter(0, 5|expired) },
		"more than everything":       func(m *Meter) { m.sum-- },
		"more than were counted":     func(m *Meter) { m.count-- },
		"out of order":               func(m *Meter) { m.at(0).a, m.at(1).a = m.at(1).a, m.at(0).a },
		"nothing is wrong":           func(*Meter) {},
	} {
		m := meterOf(t, Rolling(24*time.Hour))
		authorize(t, m, 30*day, 5)
		authorize(t, m, 30*day+1, 7)
		spoil(m)
		data, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := NewMeter(m.policy).UnmarshalBinary(data); errors.Is(err, ErrSnapshot) == (name == "nothing is wrong") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// After a rush, the memory goes back to what the account needs.
func TestShrinks(t *testing.T) {
	m := meterOf(t, Rolling(time.Hour))
	at := 30 * day
	for range 10_000 {
		at += 1000
		authorize(t, m, at, 1)
	}
	if len(m.slots) < 10_000 {
		t.Fatalf("got %d slots, want room for all", len(m.slots))
	}
	for range 20_000 {
		at += 3600 * second
		authorize(t, m, at, 1)
	}
	if len(m.slots) > 200 {
		t.Errorf("got %d slots for %d entries, want them given back", len(m.slots), m.n)
	}
}

// What leaves first is the civil day of the oldest spend: not what happens on the first instant of the next.
func TestFreeByCivilDays(t *testing.T) {
	m := meterOf(t, RollingDays(3, time.UTC))
	authorize(t, m, 30*day+5, 10)
	authorize(t, m, 31*day-1, 20)
	for _, at := range []int64{31 * day, 31*day + 10, 32*day - 10} {
		authorize(t, m, at, 40)
		d := authorize(t, m, at+1, 1)
		if l := d.Limit(0); l.Free.Minor() != 30 || l.FreeCount != 2 || !l.FreeAt.Equal(timeOf(33*day)) {
			t.Errorf("at %v: got %v", timeOf(at), l)
		}
	}
}

// No instant after 2199 is promised.
func TestRoomForEnds(t *testing.T) {
	p := MustPolicy(money.EUR, []Limit{{Name: "day", Max: money.New(10, money.EUR), Window: Rolling(24 * time.Hour)}}, nil)
	m := NewMeter(p)
	authorize(t, m, end-day-1, 4)
	authorize(t, m, end-1, 6)
	for minor, want := range map[int64]Room{4: {At: timeOf(end - 1)}, 5: {Reason: AmountLimitExceeded, Limit: "day"}} {
		if got, err := m.RoomFor(money.New(minor, money.EUR), timeOf(end-1), nil); err != nil || got != want {
			t.Errorf("%d: got %v %v, want %v", minor, got, err, want)
		}
	}
}

// A Decide that nobody applies leaves no trace: the meter goes on as one that was never asked.
func TestDecideLeavesNoTrace(t *testing.T) {
	for _, w := range []Window{Rolling(24 * time.Hour), RollingDays(2, time.UTC), Calendar(Month, time.UTC)} {
		asked, plain := meterOf(t, w), meterOf(t, w)
		for i := range int64(5) {
			at := 30*day + i*3600*second
			for _, m := range []*Meter{asked, plain} {
				authorize(t, m, at, 10+i)
			}
			for j := range i + 1 {
				old := 30*day + j*3600*second
				ref := Spend{ID: fmt.Sprint(old), At: timeOf(old), Amount: money.New(3, money.EUR)}
				if _, err := (Reverse{ID: ref.ID, At: ref.At}).Decide(asked); err != nil {
					t.Fatal(err)
				}
				if _, err := Capture(Change{ID: ref.ID, At: ref.At, Amount: ref.Amount}).Decide(asked); err != nil {
					t.Fatal(err)
				}
			}
			if a, b := authorize(t, asked, at+1, 1), authorize(t, plain, at+1, 1); !a.Equal(b) {
				t.Errorf("%v: got %v, want %v", w, a, b)
			}
		}
	}
}

// Law L5: the number of spends does not wrap either.
func TestCountBrim(t *testing.T) {
	m := meterOf(t, Rolling(time.Hour))
	m.count = math.MaxUint32 - 1
	authorize(t, m, 30*day, 5)
	one := Spend{ID: "x", At: timeOf(30*day + 1), Amount: money.New(1, money.EUR)}
	d, err := m.Authorize(one)
	most, err2 := m.MaxNow(one.At, nil)
	if err != nil || d.Reason() != Overflow || err2 != nil || most.Minor() != 0 {
		t.Errorf("got %v %v, and %v %v for the most, want overflow and nothing", d, err, most, err2)
	}
}

// A refund that is gone does not keep the account on the long way: a book knows how many that count it keeps.
func TestRefundsAreForgotten(t *testing.T) {
	m := NewMeter(MustPolicy(money.EUR, []Limit{
		{Name: "net", Max: money.New(1<<50, money.EUR), Window: Rolling(time.Hour), Counting: Counting{Refund: Now}},
	}, &PolicyOptions{Lateness: time.Hour}))
	for i := range int64(200) {
		at := 30*day + i*600*second
		authorize(t, m, at, 5)
		if i%5 == 0 && i < 100 {
			if d, err := m.Refund(Refund{ID: "r", At: timeOf(at), Amount: money.New(1, money.EUR)}); err != nil || !d.Approved() {
				t.Fatal(d, err)
			}
		}
		kept, b := 0, &m.rare.books[0]
		for i := range b.n {
			if creditOf(b.at(i).b) > 0 {
				kept++
			}
		}
		if b.credits != kept {
			t.Fatalf("got %d, want %d", b.credits, kept)
		}
	}
	if b := &m.rare.books[0]; b.credits != 0 || b.credited != 20 {
		t.Errorf("got %d refunds kept of %d in all, want none of 20", b.credits, b.credited)
	}
}
