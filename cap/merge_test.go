package cap_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
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
