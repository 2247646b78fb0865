package cashback

import (
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"pgregory.net/rapid"
)

// A calendar finds the entries that hold on a day, each once, as a scan does.
func TestCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) alive {
			from := civil.Date(rapid.IntRange(0, 30).Draw(t, "from"))
			through := from + civil.Date(rapid.IntRange(0, 8).Draw(t, "days"))
			if rapid.IntRange(0, 9).Draw(t, "for ever") == 0 {
				through = forever
			}
			return alive{from: from, through: through}
		}), 0, 60).Draw(t, "entries")
		for i := range entries {
			entries[i].rule = int32(i)
		}
		c := makeCalendar(slices.Clone(entries))
		for day := civil.Date(0); day < 42; day++ {
			var want []int32
			for _, e := range entries {
				if e.from <= day && day <= e.through {
					want = append(want, e.rule)
				}
			}
			got := c.on(day, nil)
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Fatalf("day %d: got %v, want %v", day, got, want)
			}
		}
	})
}

// Of many rules of one merchant, one after the other, a day looks at few.
func TestCalendarLooksAtFew(t *testing.T) {
	const n = 20_000
	entries := make([]alive, n)
	for i := range entries {
		entries[i] = alive{from: civil.Date(2 * i), through: civil.Date(2*i + 1), rule: int32(i)}
	}
	c := makeCalendar(entries)
	for i := range c {
		c[i].through = forever // which gives away those that are looked at: the branches do not know of it
	}
	for day := civil.Date(0); day < 2*n; day += 777 {
		if got := c.on(day, nil); !slices.Contains(got, int32(day/2)) || len(got) > 15 { // one for each level
			t.Fatalf("day %d: looked at %d of %d", day, len(got), n)
		}
	}
}

// The blocks of ranges are those that a code of the ranges meets, once, and another never.
func TestBlocks(t *testing.T) {
	code := rapid.OneOf(rapid.Uint16Range(1, 20), rapid.Uint16Range(1, maxMCC), rapid.Uint16Range(8180, 8200))
	rapid.Check(t, func(t *rapid.T) {
		ranges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) cap.MCCRange {
			a, b := code.Draw(t, "a"), code.Draw(t, "b")
			return cap.MCCRange{From: cap.MCC(min(a, b)), To: cap.MCC(max(a, b))}
		}), 0, 5).Draw(t, "ranges")
		list := blocks(merge(ranges))
		if len(list) > 26*len(ranges) {
			t.Fatalf("%d blocks of %v", len(list), ranges)
		}
		merged := filter{mcc: merge(ranges)}
		for c := cap.MCC(1); c <= maxMCC; c++ {
			want := slices.ContainsFunc(ranges, func(r cap.MCCRange) bool { return r.From <= c && c <= r.To })
			met := 0
			for block := leaf(c); block > 0; block /= 2 {
				if slices.Contains(list, block) {
					met++
				}
			}
			if met > 1 || want != (met == 1) || want != merged.hasMCC(c) {
				t.Fatalf("%v: code %v met %d of %v", ranges, c, met, list)
			}
		}
		if merged.hasMCC(0) {
			t.Fatal("a code that is not known is in it")
		}
	})
}

// The day of an instant is the one that has begun, and of which the next has not: days never go back, whatever the clocks do.
func TestDayOf(t *testing.T) {
	zones := []string{
		"UTC", "Europe/Paris", "Pacific/Auckland", "America/St_Johns", "America/Havana", "Asia/Beirut", "Pacific/Apia",
		"America/Goose_Bay", "Australia/Lord_Howe", "Africa/Casablanca", "America/Nuuk", "Asia/Kolkata", "Pacific/Kiritimati",
	}
	check := func(t interface{ Fatalf(string, ...any) }, name string, at time.Time) {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatalf("%v", err)
		}
		day := dayOf(at, zone)
		if day.Start(zone).After(at) || !day.AddDays(1).Start(zone).After(at) {
			t.Fatalf("%s in %s: got %s, from %s until %s", at, name, day, day.Start(zone), day.AddDays(1).Start(zone))
		}
	}
	for _, name := range zones { // every time that clocks are set, and a leap year's last day
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for year := 1970; year < 2040; year++ {
			at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
			check(t, name, at.Add(-time.Hour))
			_, next := at.In(zone).ZoneBounds()
			for range 6 {
				if next.IsZero() {
					break
				}
				for minutes := -120; minutes <= 120; minutes += 29 {
					check(t, name, next.Add(time.Duration(minutes)*time.Minute))
				}
				check(t, name, next.Add(-1))
				_, next = next.In(zone).ZoneBounds()
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(0, endInstant-1).Draw(t, "at"))
		check(t, rapid.SampledFrom(zones).Draw(t, "zone"), at)
	})
}
