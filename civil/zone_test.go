package civil_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/campaign"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// Where days begin when clocks change around midnight, from the announcements of the zones.
func TestStart(t *testing.T) {
	for _, row := range []struct{ zone, date, begins string }{
		{"Europe/Paris", "2026-03-29", "2026-03-28T23:00:00Z"},
		{"Europe/Paris", "2026-03-30", "2026-03-29T22:00:00Z"},        // 23 hours later
		{"America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"},      // at 1:00: 0:00 does not exist
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},      // 0:00 comes twice
		{"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"},         // at 1:00
		{"Asia/Beirut", "2026-10-24", "2026-10-23T21:00:00Z"},         // 23:00 comes twice
		{"America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"},    // a minute of it, an hour of the 6th again, the rest
		{"America/St_Johns", "2010-03-14", "2010-03-14T03:30:00Z"},    // clocks jump at 0:01
		{"Africa/Monrovia", "1972-01-07", "1972-01-07T00:44:30Z"},     // until then 44 minutes and 30 seconds behind UTC
		{"Africa/Monrovia", "1972-01-08", "1972-01-08T00:00:00Z"},     //
		{"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"},        //
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},        // skipped: as empty as
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},        // the 31st is at once there
		{"America/Juneau", "1867-10-18", "1867-10-17T08:57:41Z"},      // sold by Russia: the Friday came twice
		{"Europe/Warsaw", "2040-12-31", "2040-12-30T23:00:00Z"},       // golang/go#81583
		{"Europe/Warsaw", "2041-01-01", "2040-12-31T23:00:00Z"},       //
		{"America/Los_Angeles", "2096-12-31", "2096-12-31T08:00:00Z"}, //
	} {
		if got := civil.MustParseDate(row.date).Start(zone(t, row.zone)); got.Format(time.RFC3339) != row.begins {
			t.Errorf("%s %s: got %v, want %s", row.zone, row.date, got, row.begins)
		}
	}
}

// scan finds by looking at the clock, minute by minute and then second by second, when it shows d or a later day first.
func scan(d civil.Date, loc *time.Location) time.Time {
	shows := func(t time.Time) bool {
		y, m, day := t.In(loc).Date()
		wy, wm, wd := d.Date()
		return !time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Before(time.Date(wy, wm, wd, 0, 0, 0, 0, time.UTC))
	}
	y, m, day := d.Date()
	t := time.Date(y, m, day, -26, 0, 0, 0, time.UTC)
	for !shows(t) {
		t = t.Add(time.Minute)
	}
	for shows(t.Add(-time.Second)) {
		t = t.Add(-time.Second)
	}
	return t
}

// Start against the scan, on every day of years in which clocks change at midnight or over it, or the zone itself.
func TestStartIsWhatTheClockShows(t *testing.T) {
	for _, row := range []struct {
		zone  string
		years []int
	}{
		{"America/Havana", []int{1978, 2004, 2012, 2026}},
		{"Asia/Beirut", []int{1984, 1993, 2023, 2026}},
		{"Pacific/Apia", []int{1892, 2010, 2011, 2012}},
		{"Africa/Monrovia", []int{1919, 1971, 1972}},
		{"Europe/Paris", []int{1911, 1940, 2026, 2040}},
		{"America/St_Johns", []int{1987, 1988, 2006, 2007, 2011}},
		{"America/Sao_Paulo", []int{1999, 2018}},
		{"Australia/Lord_Howe", []int{2026, 2052}},
		{"Asia/Manila", []int{1844}},
		{"America/Juneau", []int{1867}},
	} {
		loc := zone(t, row.zone)
		for i, year := range row.years {
			if i > 1 && !campaign.Long() && year != 2011 {
				continue
			}
			first, _ := civil.NewDate(year, time.January, 1)
			for d := first - 1; d < first+368; d++ {
				got, want := d.Start(loc), scan(d, loc)
				if !got.Equal(want) {
					t.Fatalf("%s: %v starts at %v, and the clock shows it first at %v", row.zone, d, got, want)
				}
				if d.AddDays(1).Start(loc).Before(got) {
					t.Fatalf("%s: %v starts after the next day", row.zone, d)
				}
				if shown := civil.DateOf(got, loc); shown < d {
					t.Fatalf("%s: %v starts at %v, which shows %v", row.zone, d, got, shown)
				}
			}
		}
	}
	far := time.FixedZone("", 30*60*60) // further from UTC than any place
	if d := civil.MustParseDate("2026-11-21"); civil.DateOf(d.Start(far), far) != d || civil.DateOf(d.Start(far).Add(-1), far) != d-1 {
		t.Errorf("30 hours from UTC: %v starts at %v", d, d.Start(far))
	}
	for _, d := range []civil.Date{first, last} {
		for _, name := range []string{"Pacific/Kiritimati", "America/Los_Angeles", "UTC"} {
			loc := zone(t, name)
			if got := d.Start(loc); got.In(loc).Format("2006-01-02T15:04:05") != d.String()+"T00:00:00" {
				t.Errorf("%s: %v starts at %v", name, d, got)
			}
		}
	}
}

// DateOf is what package time shows, at any instant.
func TestDateOfIsWhatTheClockShows(t *testing.T) {
	for _, name := range []string{"America/St_Johns", "Pacific/Apia", "Africa/Monrovia", "UTC"} {
		loc := zone(t, name)
		for at := time.Date(1968, 1, 1, 0, 0, 0, -1, time.UTC); at.Year() < 2013; at = at.Add(5*time.Hour + 59*time.Second) {
			if got, want := civil.DateOf(at, loc).String(), at.In(loc).Format(time.DateOnly); got != want {
				t.Fatalf("%s %v: got %s, want %s", name, at, got, want)
			}
		}
	}
}
