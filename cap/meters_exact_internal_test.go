package cap

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// exact fails unless the figures of the Meters are those that a count of everything finds.
func exact(t *rapid.T, x *Meters[int]) {
	t.Helper()
	accounts := 0
	for i := range x.shards {
		s := &x.shards[i]
		var want size
		count := 0
		for _, e := range s.index {
			if e == 0 {
				continue
			}
			a := s.account(uint32(e) - 1)
			z := a.size()
			want.entries, want.bytes, count = want.entries+z.entries, want.bytes+z.bytes, count+1
		}
		if got := (size{s.entries, s.bytes}); got != want || s.count != count {
			t.Fatalf("shard %d says %d accounts, %+v; counted %d, %+v", i, s.count, got, count, want)
		}
		accounts += count
	}
	if got := x.accounts.Load(); got != int64(accounts) || got > x.most {
		t.Fatalf("%d of %d places are taken, by %d accounts", got, x.most, accounts)
	}
}

// spendAt is a spend, sometimes at a cash machine, sometimes a hold.
func spendAt(t *rapid.T, now int64) Spend {
	s := Spend{ID: fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "id")), At: timeOf(now), Amount: money.New(rapid.Int64Range(0, 300).Draw(t, "amount"), money.EUR)}
	if rapid.Bool().Draw(t, "atm") {
		s.Merchant = &Merchant{Channel: ATM}
	}
	if rapid.Bool().Draw(t, "hold") {
		s.Expires = s.At.Add(rapid.SampledFrom([]time.Duration{time.Hour, 50 * time.Hour, 900 * time.Hour}).Draw(t, "lasts"))
	}
	return s
}

// Whatever happens, through whatever door: the figures are exact, no place is lost, and a sweep leaves no account that is as
// new, also when only the end of a hold has made it so.
func TestMetersFiguresAreExact(t *testing.T) {
	evicted := 0
	rapid.Check(t, func(t *rapid.T) {
		all := oddPolicies()
		x, err := NewMetersFunc(func(key int) *Policy { return all[key%len(all)] }, &MetersOptions{Shards: 2, MaxAccounts: 12})
		if err != nil {
			t.Fatal(err)
		}
		now := int64(1000) * day
		var sent []Ref
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += rapid.SampledFrom([]int64{0, 1, second, day / 24, day, 9 * day, -day / 24}).Draw(t, "step")
			key, s := rapid.IntRange(0, 15).Draw(t, "key"), spendAt(t, now)
			old := Ref{ID: s.ID, At: s.At}
			if len(sent) > 0 {
				old = rapid.SampledFrom(sent).Draw(t, "old")
			}
			sent = append(sent, Ref{ID: s.ID, At: s.At})
			switch rapid.IntRange(0, 9).Draw(t, "door") {
			case 0, 1:
				_, _, err = x.Allow(key, s)
			case 2:
				_, err = x.Authorize(key, s)
			case 3:
				_, err = x.AuthorizeAll(s, key, key+1, key, 3)
			case 4:
				requests := []Request[int]{{Key: key, Spend: s}, {Key: key + 1, Spend: s}, {Key: key, Spend: spendAt(t, now)}}
				err = x.AllowBatch(requests, make([]Answer, len(requests)))
			case 5:
				err = x.Do(key, func(m *Meter) error {
					_, err := m.Reverse(old.ID, old.At)
					return err
				})
			case 6:
				err = x.DoAll(func(all []*Meter) error {
					if err := x.Advance(timeOf(now + rapid.SampledFrom([]int64{0, day, 40 * day}).Draw(t, "meanwhile"))); err != nil { // as another goroutine might
						return err
					}
					_, err := all[1].ForcePost(Spend{ID: s.ID, At: s.At, Amount: s.Amount})
					return err
				}, key, key+1, key)
			case 7:
				set := all[rapid.IntRange(0, len(all)-1).Draw(t, "set")]
				err = x.Do(key, func(m *Meter) error {
					_, err := m.SetPolicy(set)
					return err
				})
			default:
				now += rapid.SampledFrom([]int64{-day, 0, day / 24, 3 * day, 50 * day}).Draw(t, "passes")
				err = x.Advance(timeOf(now))
				evicted += x.Evict(rapid.IntRange(0, 20).Draw(t, "places"))
			}
			if err != nil && !errors.Is(err, ErrFull) {
				t.Fatal(err)
			}
			exact(t, x)
		}
		evicted += x.Evict(100)
		exact(t, x)
		for key := range x.All() {
			if err := x.Do(key, func(m *Meter) error {
				if m.asNew(x.clock.Load()) {
					t.Fatalf("key %d is as new, but was not evicted", key)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
	if !t.Failed() && evicted < 10 {
		t.Errorf("only %d accounts were evicted", evicted)
	}
}

// After a sweep a shard knows to the instant when the next one is worth while, and does not look at an account before; and an
// account that is as new and refuses costs no memory.
func TestSweepKnowsWhenToComeBack(t *testing.T) {
	p := MustPolicy(money.EUR, []Limit{{Name: "day", Max: money.New(9, money.EUR), Window: Rolling(20 * time.Hour)}}, &PolicyOptions{Lateness: 4 * time.Hour})
	x, err := NewMeters[int](p, &MetersOptions{Shards: 1})
	if err != nil {
		t.Fatal(err)
	}
	start := int64(1000) * day
	spend := func(key int, at, minor int64) {
		if _, _, err := x.Allow(key, Spend{ID: "a", At: timeOf(at), Amount: money.New(minor, money.EUR)}); err != nil {
			t.Fatal(err)
		}
	}
	sweep := func(now, idleFrom int64, evicted int) {
		t.Helper()
		if err := x.Advance(timeOf(now)); err != nil {
			t.Fatal(err)
		}
		if got := x.Evict(100); got != evicted {
			t.Errorf("got %d evicted, want %d", got, evicted)
		}
		if s := &x.shards[0]; s.idleFrom != idleFrom || s.hand != 0 {
			t.Errorf("got idle from %v, want %v; hand %d", timeOf(s.idleFrom), timeOf(idleFrom), s.hand)
		}
	}
	sweep(start, never, 0)
	for key := range 5 {
		spend(key, start+int64(key)*second, 1)
	}
	sweep(start, start+day, 0)
	sweep(start+day, start+day+second, 1)
	spend(1, start+day, 1) // an account that is there, and is idle later then
	sweep(start+day+2*second, start+day+3*second, 1)
	sweep(start+day+4*second, start+2*day, 2)
	sweep(start+3*day, never, 1)

	spend(7, start+3*day, 1)
	if err := x.Advance(timeOf(start + 5*day)); err != nil {
		t.Fatal(err)
	}
	spend(7, start+5*day, 10)
	if got := testing.AllocsPerRun(100, func() { spend(7, start+5*day, 10) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}
