package cap

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// A shard is a map, also when the hashes of all keys want the same few places.
func TestShardEqualsMap(t *testing.T) {
	p := MustPolicy(money.EUR, []Limit{{Name: "day", MaxCount: 1 << 40, Window: Rolling(time.Hour)}}, nil)
	rapid.Check(t, func(t *rapid.T) {
		spread := rapid.SampledFrom([]uint64{1, 2, 7, 1 << 20}).Draw(t, "spread")
		hash := func(key int) uint64 { return uint64(key) * 0x9E3779B97F4A7C15 >> 40 % spread << 32 }
		s := &shard[int]{}
		want := map[int]int64{} // the latest instant of each, which tells it from the others
		stamp := int64(0)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			from := rapid.IntRange(0, 900).Draw(t, "from")
			keys := slices.Repeat([]int{0}, rapid.IntRange(1, 120).Draw(t, "keys"))
			add := rapid.IntRange(0, 2).Draw(t, "add") > 0
			for i := range keys {
				key := from + i
				if _, there := want[key]; there && !add {
					s.remove(hash(key), key)
					delete(want, key)
				} else if !there && add {
					stamp++
					m := NewMeter(p)
					m.latest = stamp
					s.insert(hash(key), key, m)
					want[key] = stamp
				}
			}
			if s.count != len(want) {
				t.Fatalf("got %d accounts, want %d", s.count, len(want))
			}
			for key := range 1100 {
				a := s.find(hash(key), key)
				stamp, there := want[key]
				if there != (a != nil) || there && (a.key != key || a.meter.latest != stamp) {
					t.Fatalf("key %d: got %v, want %v", key, a, there)
				}
			}
			used, all := 0, 0
			for _, e := range s.index {
				if e != 0 {
					used++
				}
			}
			for _, slab := range s.slabs {
				all += len(slab)
			}
			if used != len(want) || all != len(want)+len(s.free) || 4*used > 3*len(s.index) {
				t.Fatalf("%d of %d places used, %d of %d accounts free, want %d in use", used, len(s.index), len(s.free), all, len(want))
			}
		}
	})
}

// Locks lie apart, and what every operation reads lies together.
func TestShardLayout(t *testing.T) {
	var s shard[string]
	if size, hot := unsafe.Sizeof(s), unsafe.Offsetof(s.bytes); size != 256 || hot != 64 {
		t.Errorf("got %d bytes, %d of them hot; want 256 and 64", size, hot)
	}
}

// oddPolicies are such that what a meter remembers lies everywhere.
func oddPolicies() []*Policy {
	most := money.New(500, money.EUR)
	atm := Scope{Include: Filter{Channels: []Channel{ATM}}}
	return []*Policy{
		MustPolicy(money.EUR, []Limit{
			{Name: "week", Max: most, Window: Rolling(7 * 24 * time.Hour)},
			{Name: "day", Max: most, MaxCount: 7, Window: Rolling(24 * time.Hour)},
		}, nil),
		MustPolicy(money.EUR, []Limit{
			{Name: "month", Max: most, Window: Calendar(Month, time.UTC)},
			{Name: "atm", Max: most, Window: RollingDays(3, time.UTC), Scope: atm},
			{Name: "opened", Max: most, Window: OpenedByFirstUse(36 * time.Hour), Counting: Counting{Capture: Now}},
		}, &PolicyOptions{Lateness: time.Hour}),
		MustPolicy(money.EUR, []Limit{
			{Name: "ever", Max: money.New(3000, money.EUR), Window: Lifetime()},
			{Name: "day", Max: most, Window: Rolling(24 * time.Hour), Counting: Counting{Refund: Now}},
		}, &PolicyOptions{Lateness: 10 * 24 * time.Hour}),
		MustPolicy(money.EUR, []Limit{
			{Name: "days", Max: most, Window: RollingDays(5, time.UTC)},
			{Name: "atm", Max: most, Window: Calendar(Week, time.UTC), Scope: atm},
		}, &PolicyOptions{Lateness: time.Hour, FinalAfter: 30 * time.Hour}),
	}
}

// A meter that is as new has the snapshot of a new one that was told the time, but for the sums of what is gone.
func TestAsNewHasTheSnapshotOfANewOne(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		all := oddPolicies()
		first := all[rapid.IntRange(0, len(all)-1).Draw(t, "policy")]
		a := account[int]{meter: *NewMeter(first)}
		m := &a.meter
		now := int64(1000) * day
		type ref struct {
			id string
			at time.Time
		}
		var sent []ref
		for i := range rapid.IntRange(0, 12).Draw(t, "operations") {
			now += rapid.SampledFrom([]int64{0, 1, second, day / 24, day, 5 * day, -day / 24}).Draw(t, "step")
			s := Spend{ID: fmt.Sprint(i), At: timeOf(now), Amount: money.New(rapid.Int64Range(1, 300).Draw(t, "amount"), money.EUR)}
			if rapid.Bool().Draw(t, "atm") {
				s.Merchant = &Merchant{Channel: ATM}
			}
			old := ref{s.ID, s.At}
			if len(sent) > 0 {
				old = rapid.SampledFrom(sent).Draw(t, "old")
			}
			var err error
			switch rapid.IntRange(0, 7).Draw(t, "kind") {
			case 0:
				s.Expires = s.At.Add(rapid.SampledFrom([]time.Duration{time.Hour, 100 * 24 * time.Hour}).Draw(t, "lasts"))
				_, err = m.Authorize(s)
			case 1:
				_, err = m.Reverse(old.id, old.at)
			case 2:
				_, err = m.Capture(Change{ID: old.id, At: old.at, Amount: s.Amount, On: timeOf(max(now, old.at.UnixMicro()))})
			case 3:
				_, err = m.SetPolicy(all[rapid.IntRange(0, len(all)-1).Draw(t, "set")])
			case 4:
				_, err = m.Refund(Refund{ID: s.ID, At: timeOf(max(now, old.at.UnixMicro())), Amount: s.Amount, Of: &Ref{ID: old.id, At: old.at}})
			case 5:
				_, err = m.ForcePost(s)
			default:
				_, err = m.Authorize(s)
			}
			if err != nil {
				t.Fatal(err)
			}
			sent = append(sent, ref{s.ID, s.At})
		}
		clock := now + rapid.SampledFrom([]int64{-1, 0, day / 24, 2 * day, 8 * day, 45 * day, 120 * day}).Draw(t, "passes")
		from := m.idleFrom() // before it knows the time, as a sweep does
		m.advance(clock)
		if !m.asNew(clock) {
			return
		}
		if from > clock {
			t.Fatalf("as new at %v, but idleFrom is %v", timeOf(clock), timeOf(from))
		}
		found++
		sum := m.sum
		for k := range m.policy.groups {
			b := m.bookOf(k)
			b.sum, b.count, b.credited = 0, 0, 0
		}
		got, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		fresh := NewMeter(first)
		fresh.advance(clock)
		if want, _ := fresh.MarshalBinary(); !bytes.Equal(got, want) {
			t.Fatalf("as new after %d, but its snapshot differs:\n%x\n%x", sum, got, want)
		}
	})
	if !t.Failed() && found < 10 {
		t.Errorf("only %d meters were as new", found)
	}
}

// What a meter remembers, asNew must know, and size must count. Whoever adds a field looks at both, and then here.
func TestAsNewKnowsEveryField(t *testing.T) {
	for _, row := range []struct {
		of   any
		want string
	}{
		{Meter{}, "book rare policy shared latest oldest gone closed"},
		{rare{}, "books holds refunded"},
		{holds{}, "list passed"},
		{book{}, "ring group sum count credited credits sought"},
		{ring{}, "slots side base start n"},
		{side{}, "where blocks"},
		{group{}, "key scope counting rules slots openers reach stepped instant"},
		{rule{}, "kind row slot opens span max maxCount window overrides alerts"},
	} {
		got := ""
		for i := range reflect.TypeOf(row.of).NumField() {
			if i > 0 {
				got += " "
			}
			got += reflect.TypeOf(row.of).Field(i).Name
		}
		if got != row.want {
			t.Errorf("%T: got fields %s, want %s: see Meter.asNew, Meter.idleFrom, Meter.rareSize and account.size", row.of, got, row.want)
		}
	}
}

// The short cut of Meters decides as Allow does, whatever has happened to the meter before, and leaves the same one behind.
func TestAllowSoonIsAllow(t *testing.T) {
	short := 0
	rapid.Check(t, func(t *rapid.T) {
		count := int64(rapid.IntRange(2, 60).Draw(t, "count"))
		policy := func(max int64, refund Mode) *Policy {
			c := Counting{Refund: refund}
			return MustPolicy(money.EUR, []Limit{
				{Name: "hour", Max: money.New(max, money.EUR), Window: Rolling(time.Hour), Counting: c},
				{Name: "day", Max: money.New(1000, money.EUR), MaxCount: count, Window: Rolling(24 * time.Hour), Counting: c},
			}, &PolicyOptions{Lateness: 2 * time.Hour})
		}
		policies := []*Policy{policy(300, Default), policy(300, Default), policy(250, Default), policy(300, Now), MustPolicy(money.EUR, []Limit{
			{Name: "week", Max: money.New(700, money.EUR), Window: Calendar(Week, time.UTC)},
			{Name: "hour", Max: money.New(250, money.EUR), Window: Rolling(time.Hour)},
		}, nil), MustPolicy(money.EUR, []Limit{
			{Name: "hour", Max: money.New(300, money.EUR), Window: Rolling(time.Hour), Overrides: []Override{
				{From: timeOf(1000 * day), Until: timeOf(1001 * day), Max: money.New(90, money.EUR)},
			}},
		}, nil)}
		places := max(0, rapid.IntRange(-8, 4).Draw(t, "places"))
		soon, plain := NewMeter(policies[0]), NewMeter(policies[0])
		now := int64(1000) * day
		var sent []Ref
		for i := range rapid.IntRange(200, 600).Draw(t, "operations") {
			step := rapid.SampledFrom([]int64{0, 1, 1, day / 200, day / 100, day / 24, day / 3, -1, -day / 100, -day / 20}).Draw(t, "step")
			at := now + step
			now = max(now, at)
			s := Spend{ID: fmt.Sprint(i % 50), At: timeOf(at), Amount: money.New(rapid.Int64Range(-1, 120).Draw(t, "amount"), money.EUR)}
			old := Ref{ID: s.ID, At: s.At}
			if len(sent) > 0 {
				old = sent[max(0, len(sent)-1-rapid.IntRange(0, 9).Draw(t, "back"))]
			}
			sent = append(sent, Ref{ID: s.ID, At: s.At})
			var do func(*Meter) (Decision, error)
			switch rapid.IntRange(0, 39).Draw(t, "kind") {
			case 0, 1:
				do = func(m *Meter) (Decision, error) { return m.Reverse(old.ID, old.At) }
			case 2:
				do = func(m *Meter) (Decision, error) { return m.ForcePost(s) }
			case 3:
				do = func(m *Meter) (Decision, error) {
					return m.Capture(Change{ID: old.ID, At: old.At, Amount: s.Amount, On: timeOf(max(now, old.At.UnixMicro()))})
				}
			case 4:
				set := rapid.SampledFrom(policies).Draw(t, "set")
				do = func(m *Meter) (Decision, error) { return m.SetPolicy(set) }
			case 5:
				do = func(m *Meter) (Decision, error) {
					return m.Refund(Refund{ID: s.ID, At: timeOf(max(now, old.At.UnixMicro())), Amount: s.Amount, Of: &old})
				}
			case 6:
				if _, err := (Reverse{ID: old.ID, At: old.At}).Decide(soon); err != nil { // moves cursors
					t.Fatal(err)
				}
				continue
			case 7:
				if places > 0 {
					s.Expires = s.At.Add(time.Hour)
				}
				fallthrough
			default:
				if rapid.IntRange(1, 12).Draw(t, "place") <= places {
					s.Merchant = &Merchant{ID: "m"}
				}
				if a, err := soon.check(s.ID, s.At, s.Amount); err == nil && s.plain() && soon.Clone().allowAsIs(a) {
					short++
				}
				outcome, reason, err := soon.allowSpend(&s, true)
				want, why, err2 := plain.Allow(s)
				if outcome != want || reason != why || err != nil || err2 != nil {
					t.Fatalf("%v: got %v %q %v, want %v %q %v", s, outcome, reason, err, want, why, err2)
				}
			}
			if do != nil {
				d, err := do(soon)
				want, err2 := do(plain)
				if !d.Equal(want) || err != nil || err2 != nil {
					t.Fatalf("%v: got %v %v, want %v %v", s, d, err, want, err2)
				}
			}
			got, _ := soon.MarshalBinary()
			if want, _ := plain.MarshalBinary(); !bytes.Equal(got, want) {
				t.Fatalf("%v: the meters differ", s)
			}
		}
	})
	if !t.Failed() && short < 200 {
		t.Errorf("the short cut was taken %d times only", short)
	}
}

// A question about a later instant does not make room at an earlier one.
func TestAllowSoonAfterALaterQuestion(t *testing.T) {
	p := MustPolicy(money.EUR, []Limit{{Name: "hour", Max: money.New(300, money.EUR), Window: Rolling(time.Hour)}}, nil)
	m := NewMeter(p)
	for _, row := range []struct {
		minutes, minor int64
		want           Outcome
	}{{0, 200, Approved}, {1, 1, Approved}, {90, 301, Refused}, {2, 200, Refused}, {2, 99, Approved}, {3, 1, Refused}, {90, 300, Approved}} {
		s := Spend{ID: fmt.Sprint(row), At: timeOf(1000*day + row.minutes*60*second), Amount: money.New(row.minor, money.EUR)}
		if got, _, err := m.allowSpend(&s, true); got != row.want || err != nil {
			t.Errorf("%v: got %v, %v", row, got, err)
		}
	}
}
