package cashback

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/payrules/payrules/civil"
)

// This file has the days on which rules hold, for the index, and the day of an instant.

// alive is a rule, and the days on which it holds: both ends are in.
type alive struct {
	from, through civil.Date
	latest        civil.Date // the latest through of the part of the list that this one is in the middle of
	rule          int32      // its place in the program
}

const forever = civil.Date(math.MaxInt32) // after every date

// calendar finds the rules that hold on a day. It is a slice in the order of the first days, read as a binary tree: the middle is the
// root, and what is on either side of it are its branches. Of each branch the root knows the latest day, so that a search leaves out the
// branches that had ended before.
type calendar []alive

// makeCalendar puts the entries in order.
func makeCalendar(entries []alive) calendar {
	slices.SortFunc(entries, func(a, b alive) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.rule, b.rule)) })
	c := calendar(entries)
	c.measure()
	return c
}

// measure fills in the latest days, and returns that of the whole.
func (c calendar) measure() civil.Date {
	if len(c) == 0 {
		return 0
	}
	mid := len(c) / 2
	c[mid].latest = max(c[:mid].measure(), c[mid].through, c[mid+1:].measure())
	return c[mid].latest
}

// on appends the rules that hold on a day, in no particular order. Every branch that it looks into on both sides has one, so that k of n
// cost O((1 + k) log n).
func (c calendar) on(day civil.Date, rules []int32) []int32 {
	for len(c) > 0 {
		mid := len(c) / 2
		if c[mid].latest < day {
			break
		}
		rules = c[:mid].on(day, rules)
		if c[mid].from > day {
			break // and so does all that is behind it
		}
		if c[mid].through >= day {
			rules = append(rules, c[mid].rule)
		}
		c = c[mid+1:]
	}
	return rules
}

// dayOf returns the day of a zone in which an instant is, as [civil.Date.Start] has them: days never go back. Where clocks are set back
// across midnight, the day that they had shown goes on.
func dayOf(at time.Time, zone *time.Location) civil.Date {
	at = at.In(zone)
	day := civil.DateOf(at, zone)
	if began, _ := at.ZoneBounds(); !began.IsZero() {
		day = max(day, civil.DateOf(began.Add(-1), zone)) // the last day before the clocks were set
	}
	return day
}
