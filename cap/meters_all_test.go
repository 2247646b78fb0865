package cap_test

import (
	"errors"
	"fmt"
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

// A batch of any length has the answers of as many single requests, each in its place.
func TestLongBatchesAreSingleRequests(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 17, 255, 256, 257, 700} {
		var singles, short, long *cap.Meters[int]
		for _, x := range []**cap.Meters[int]{&singles, &short, &long} {
			*x = metersOf[int](t, weekly, &cap.MetersOptions{Shards: 8})
		}
		var requests []cap.Request[int]
		for i := range n { // some three spends of each key, far apart
			requests = append(requests, cap.Request[int]{Key: i * 7 % (n/3 + 1), Spend: pay(fmt.Sprint(i%5), float64(i/100), int64(90_00+i))})
		}
		for round := range 2 {
			answers, full := make([]cap.Answer, n), make([]cap.FullAnswer, n)
			if err := errors.Join(short.AllowBatch(requests, answers), long.AuthorizeBatch(requests, full)); err != nil {
				t.Fatal(err)
			}
			for i, r := range requests {
				want, err := singles.Authorize(r.Key, r.Spend)
				if err != nil {
					t.Fatal(err)
				}
				if got := answers[i]; got.Outcome != want.Outcome() || got.Reason != want.Reason() || got.Err != nil {
					t.Fatalf("%d requests, round %d: %d: got %+v, want %v", n, round, i, got, want)
				}
				if got := full[i]; !got.Decision.Equal(want) || got.Err != nil {
					t.Fatalf("%d requests, round %d: %d: got %v, want %v", n, round, i, got, want)
				}
			}
		}
	}
}

// MaxKeys keys may be asked at once.
func TestMostKeysAtOnce(t *testing.T) {
	x := metersOf[int](t, weekly, &cap.MetersOptions{MaxAccounts: cap.MaxKeys})
	var keys []int
	for key := range cap.MaxKeys {
		keys = append(keys, key)
	}
	if all, err := x.AuthorizeAll(pay("a", 0, 1), keys...); err != nil || !all.Approved() || all.Len() != cap.MaxKeys {
		t.Errorf("got %v, %v", all, err)
	}
	if err := x.DoAll(func(all []*cap.Meter) error {
		for i, m := range all {
			if used, err := m.Used("week", at(0)); err != nil || used != eur(1) {
				t.Errorf("%d: got %v, %v", i, used, err)
			}
		}
		return nil
	}, keys...); err != nil {
		t.Error(err)
	}
}
