package cap_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// Law L11: what is gone is not merged into what is not, whenever memory is given back: a meter that was stored and loaded in
// between has the same snapshot as one that was not.
func TestGoneIsNotMerged(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "days", Max: euros(900), Window: cap.RollingDays(4, time.UTC)},
		{Name: "month", Max: euros(900), Window: cap.Calendar(cap.Month, time.UTC), Counting: cap.Counting{Increment: cap.Ignored}},
	}, &cap.PolicyOptions{Lateness: time.Hour, FinalAfter: 5 * time.Hour})
	pay := func(m *cap.Meter, id string, day, hour, minute int, minor int64) {
		s := cap.Spend{ID: id, At: time.Date(2026, 10, day, hour, minute, 0, 0, time.UTC), Amount: eur(minor)}
		if d, err := m.Authorize(s); err != nil || !d.Approved() {
			t.Fatal(d, err)
		}
	}
	straight, loaded := cap.NewMeter(p), cap.NewMeter(p)
	for _, m := range []*cap.Meter{straight, loaded} {
		pay(m, "gone", 28, 12, 0, 42)
		pay(m, "kept", 31, 23, 0, 39)
		pay(m, "c", 32, 1, 30, 1) // on 1 November: now the first one is gone, and the second not yet final
	}
	again := cap.NewMeter(p)
	if err := again.UnmarshalBinary(snapshot(t, loaded)); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*cap.Meter{straight, again} {
		pay(m, "d", 32, 5, 0, 1) // now the second one is final, too
	}
	if !bytes.Equal(snapshot(t, straight), snapshot(t, again)) {
		t.Error("the snapshots differ")
	}
}

// What counts for nothing is let go when it is final, and leaves no trace in what it stood beside.
func TestVoidIsNotMerged(t *testing.T) {
	m := cap.NewMeter(cap.MustPolicy(money.EUR, []cap.Limit{{Name: "days", Max: euros(900), Window: cap.RollingDays(9, time.UTC)}},
		&cap.PolicyOptions{Lateness: time.Hour, FinalAfter: 5 * time.Hour}))
	play(t, m, []step{
		{authorize("a", 0, 10_00), "approved | days 10.00"},
		{authorize("b", 0.5, 20_00), "approved | days 30.00"},
		{reverse("b", 0.5), "approved | days 10.00"},
		{authorize("c", 24, 40_00), "approved | days 50.00"},
	})
	d, err := m.SetPolicy(policyOf(cap.Limit{Name: "week", Max: euros(900), Window: rolling(7)}))
	if l := d.Limit(0); err != nil || !l.FreeAt.Equal(at(7*24)) || l.Free != eur(10_00) {
		t.Errorf("got %v %v", d, err)
	}
}

// Law L11: a spend that comes late between others, one of which was reversed, is merged with them and counted once, also
// when facts are applied one after the other and nobody asks anything in between; and the snapshot can be loaded.
func TestLateIsMergedOnce(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{{Name: "days", Max: euros(10), Window: cap.RollingDays(3, time.UTC)}},
		&cap.PolicyOptions{Lateness: time.Hour, FinalAfter: time.Hour})
	m := cap.NewMeter(p)
	at := func(minute int) time.Time { return time.Date(2026, 10, 5, 10, minute, 0, 0, time.UTC) }
	apply := func(facts ...event.Data) {
		for _, f := range facts {
			if err := m.Apply(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	apply(
		cap.Authorized{ID: "a", At: at(0), Amount: eur(1)},
		cap.Authorized{ID: "b", At: at(15), Amount: eur(1)},
		cap.Authorized{ID: "c", At: at(20), Amount: eur(10)},
		cap.Reversed{ID: "a", At: at(0), Amount: eur(1)},
	)
	if _, err := m.Reverse("b", at(15)); err != nil { // now the window begins with c
		t.Fatal(err)
	}
	apply(cap.Authorized{ID: "late", At: at(10), Amount: eur(100)})
	for minute := 300; minute < 340; minute++ { // enough to give memory back more than once
		apply(cap.Authorized{ID: "d", At: at(minute), Amount: eur(1)})
		again := cap.NewMeter(p)
		if err := again.UnmarshalBinary(snapshot(t, m)); err != nil {
			t.Fatal(minute, err)
		}
	}
	d, err := m.Authorize(cap.Spend{ID: "e", At: at(340), Amount: eur(1)})
	if err != nil || d.String() != "approved: days 1.51/10.00 (1.51 at 2026-10-08T00:00:00Z)" {
		t.Error(d, err)
	}
}

// What is final, and taken back all the same by a fact that was decided under another policy, counts no more for all time,
// and still in its windows. The snapshot says so, and can be loaded; see Law L11.
func TestFinalIsTakenBack(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "month", Max: euros(10), Window: cap.Calendar(cap.Month, time.UTC)},
		{Name: "ever", Max: euros(10), Window: cap.Lifetime()},
	}, &cap.PolicyOptions{Lateness: time.Hour, FinalAfter: time.Hour})
	m, again := cap.NewMeter(p), cap.NewMeter(p)
	at := func(hour int) time.Time { return time.Date(2026, 10, 5, hour, 0, 0, 0, time.UTC) }
	for _, f := range []event.Data{
		cap.Authorized{ID: "a", At: at(10), Amount: eur(100)},
		cap.Authorized{ID: "b", At: at(12), Amount: eur(1)},
		cap.Reversed{ID: "a", At: at(10), Amount: eur(100)},
	} {
		if err := m.Apply(f); err != nil {
			t.Fatal(err)
		}
	}
	data := snapshot(t, m)
	if err := again.UnmarshalBinary(data); err != nil || !bytes.Equal(snapshot(t, again), data) {
		t.Fatal("the snapshot is another one: ", err)
	}
	for _, m := range []*cap.Meter{m, again} {
		d, err := m.Authorize(cap.Spend{ID: "c", At: at(13), Amount: eur(1)})
		if err != nil || d.String() != "approved: month 1.02/10.00 (1.02 at 2026-11-01T00:00:00Z) ever 0.02/10.00" {
			t.Error(d, err)
		}
	}
}

// The same where a rolling window reaches back further than the civil days of another book.
func TestGoneIsNotMergedInAnotherBook(t *testing.T) {
	p := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "rolling", Max: euros(900), Window: cap.Rolling(5 * 24 * time.Hour)},
		{Name: "days", Max: euros(900), Window: cap.RollingDays(4, time.UTC), Counting: cap.Counting{Increment: cap.Ignored}},
	}, &cap.PolicyOptions{Lateness: time.Hour, FinalAfter: 5*24*time.Hour + 50*time.Minute})
	first := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	straight, loaded := cap.NewMeter(p), cap.NewMeter(p)
	pay := func(m *cap.Meter, after time.Duration) {
		if d, err := m.Authorize(cap.Spend{ID: "a", At: first.Add(after), Amount: eur(1)}); err != nil || !d.Approved() {
			t.Fatal(d, err)
		}
	}
	for _, m := range []*cap.Meter{straight, loaded} {
		pay(m, 0)
		pay(m, 30*time.Minute)
		pay(m, 5*24*time.Hour+65*time.Minute) // now the first one is gone, and the second not yet final
	}
	again := cap.NewMeter(p)
	if err := again.UnmarshalBinary(snapshot(t, loaded)); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*cap.Meter{straight, again} {
		pay(m, 5*24*time.Hour+85*time.Minute) // now the second one is final, too, and not gone
	}
	if !bytes.Equal(snapshot(t, straight), snapshot(t, again)) {
		t.Error("the snapshots differ")
	}
}

// Spends that were refunded in full are worth nothing, and merge into an entry that is worth nothing: its snapshot can be read.
func TestSnapshotOfMergedRefunds(t *testing.T) {
	counting := cap.Counting{Refund: cap.Original}
	p := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "day", Max: eur(900_00), Window: cap.Calendar(cap.Day, time.UTC), Counting: counting},
		{Name: "month", Max: eur(9000_00), Window: cap.Calendar(cap.Month, time.UTC), Counting: counting},
	}, &cap.PolicyOptions{FinalAfter: 24 * time.Hour})
	m := cap.NewMeter(p)
	for i, id := range []string{"a", "b"} {
		s := pay(id, float64(i), 60_00)
		if d, err := m.Authorize(s); err != nil || !d.Approved() {
			t.Fatal(d, err)
		}
		if d, err := m.Refund(cap.Refund{ID: id, At: at(4 + float64(i)), Amount: s.Amount, Of: &cap.Ref{ID: id, At: s.At}}); err != nil || !d.Approved() {
			t.Fatal(d, err)
		}
	}
	if d, err := m.Authorize(pay("c", 3*24, 60_00)); err != nil || !d.Approved() {
		t.Fatal(d, err)
	}
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	n := cap.NewMeter(p)
	if err := n.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if again, err := n.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
		t.Errorf("got %x, %v, want %x", again, err, data)
	}
}
