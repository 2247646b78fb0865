package cap_test

import (
	"testing"

	"github.com/payrules/payrules/cap"
)

// Who would have taken a spend that comes late, but for another, says how its limits stand, and not how they stood then.
func TestAuthorizeAllTellsWhatStands(t *testing.T) {
	x := metersOf[string](t, weekly, nil)
	for _, row := range []struct {
		key   string
		hour  float64
		minor int64
	}{{"card", 0, 300_00}, {"shop", 6, 7}, {"shop", 8, 8}} {
		if got := allowed(x, row.key, pay("a", row.hour, row.minor)); got != "approved" {
			t.Fatal(got)
		}
	}
	for _, hour := range []float64{5, 7, 9} {
		all, err := x.AuthorizeAll(pay("b", hour, 1), "card", "shop")
		if got := saidAll(all); err != nil || got != "refused by 0, refused amount_limit_exceeded, refused" {
			t.Fatalf("got %s, %v", got, err)
		}
		d := all.Of(1)
		if got := d.Limit(0).Used; got != eur(15) || d.Amount() != eur(1) {
			t.Errorf("hour %v: got %v used, and %v asked; want 15 cents and 1", hour, got, d.Amount())
		}
	}
}

// Decisions are equal when they say the same in every point.
func TestDecisionsEqual(t *testing.T) {
	x := metersOf[string](t, weekly, nil)
	ask := func(hour float64, minor int64, keys ...string) cap.Decisions {
		all, err := x.AuthorizeAll(pay("a", hour, minor), keys...)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	some := []cap.Decisions{
		{},
		ask(0, 300_01, "b", "c"),
		ask(0, 300_02, "b", "c"), // another amount
		ask(1, 300_01, "b", "c"), // another instant
		ask(0, 300_01, "b"),      // another number of keys
		ask(0, 200_00, "b", "c"), // approved
		ask(0, 200_00, "b", "c"), // existed
		ask(9, 200_00, "b", "d"), // refused by the first
		ask(9, 200_00, "d", "b"), // refused by the second
	}
	for i, d := range some {
		for j, e := range some {
			if d.Equal(e) != (i == j) {
				t.Errorf("%v and %v: got %v", d, e, i != j)
			}
		}
	}
	if again := ask(0, 200_00, "c", "b"); !again.Equal(some[6]) {
		t.Errorf("got %v, want %v", again, some[6])
	}
}
