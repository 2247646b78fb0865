package backtest

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/payrules/payrules/money"
)

// picture is a course made ready to be drawn: numbers instead of amounts, in minor units or counts.
type picture struct {
	*Course
	zone     *time.Location
	from     int64
	span     int64  // from From until Until
	steps    []step // where used and the limit change
	limit    int64  // the highest maximum
	top      int64  // the most that is used, or the limit if that is higher
	currency money.Currency
}

// step is a point of a picture.
type step struct{ at, used, limit int64 }

// draw makes the picture of c: of the amounts, if the limit has a maximum of those, or else of the counts. A nil zone
// stands for UTC.
func (c *Course) draw(zone *time.Location) *picture {
	p := &picture{Course: c, zone: zone, from: c.From.UnixMicro(), currency: c.Limit.Max.Currency()}
	if zone == nil {
		p.zone = time.UTC
	}
	p.span = c.Until.UnixMicro() - p.from
	for _, q := range c.Points {
		s := step{q.At.UnixMicro(), q.Count, q.MaxCount}
		if p.currency != 0 {
			s.used, s.limit = q.Used.Minor(), q.Max.Minor()
		}
		p.steps = append(p.steps, s)
		p.limit = max(p.limit, s.limit)
		p.top = max(p.top, s.used, s.limit)
	}
	return p
}

// label writes a value: "1,234.50", "3".
func (p *picture) label(value int64) string {
	if p.currency == 0 {
		return grouped(strconv.FormatInt(value, 10))
	}
	return grouped(money.New(value, p.currency).Number())
}

// value writes a value and what it is of: "1,234.50 EUR", "3 spends".
func (p *picture) value(value int64) string {
	if p.currency == 0 {
		return count(value, "spend")
	}
	return amount(money.New(value, p.currency))
}

// title says what the picture is about.
func (p *picture) title() string {
	return fmt.Sprintf("%s: used of at most %s, %s", p.Limit.Name, p.value(p.limit), p.Limit.Window)
}

// summary says what the picture shows, for those who cannot see it.
func (p *picture) summary() string {
	most := step{}
	for _, s := range p.steps {
		if s.used > most.used {
			most = s
		}
	}
	out := fmt.Sprintf("%s to %s, times of %s. ", p.time(p.from), p.time(p.from+p.span), p.zone)
	if most.used == 0 {
		out += "Nothing was used"
	} else {
		out += fmt.Sprintf("The most that was used is %s, on %s", p.value(most.used), p.time(most.at))
	}
	switch over := most.used > p.limit; {
	case over:
		out += ", above the limit"
	case most.used == p.limit && most.used > 0:
		out += ", all of the limit"
	}
	out += fmt.Sprintf("; at the end %s. ", p.value(p.steps[len(p.steps)-1].used))
	return out + count(int64(len(p.Refusals)), "attempt") + " refused."
}

func (p *picture) time(at int64) string {
	return micros(at).In(p.zone).Format("2006-01-02 15:04")
}

// column returns in which of so many columns an instant lies, from 0.
func (p *picture) column(at int64, columns int) int {
	return int(min(scale(at-p.from, p.span, int64(columns)), int64(columns)-1))
}

// scale returns to·part/whole, rounded down, for 0 ≤ part ≤ whole and what is beyond taken for the nearer end; 0 when
// whole is 0.
func scale(part, whole, to int64) int64 {
	if whole <= 0 || to <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(min(max(part, 0), whole)), uint64(to))
	quotient, _ := bits.Div64(hi, lo, uint64(whole)) // fits, since part ≤ whole
	return int64(quotient)
}

// back is room that came back.
type back struct{ at, from, to int64 }

// backs returns where used goes down.
func (p *picture) backs() []back {
	var out []back
	for i := 1; i < len(p.steps); i++ {
		if a, b := p.steps[i-1], p.steps[i]; b.used < a.used {
			out = append(out, back{b.at, a.used, b.used})
		}
	}
	return out
}

// tick is a mark on an axis.
type tick struct {
	at   int64 // an instant, or a value
	text string
}

// pace is a distance between marks of time, in one of the three units.
type pace struct{ minutes, days, months int }

// ticks returns marks of time at round times of the zone, at most so many.
func (p *picture) ticks(most int) []tick {
	paces := []pace{
		{minutes: 1}, {minutes: 5}, {minutes: 15}, {minutes: 60}, {minutes: 3 * 60}, {minutes: 6 * 60}, {minutes: 12 * 60},
		{days: 1}, {days: 2}, {days: 7}, {days: 14}, {months: 1}, {months: 2}, {months: 3}, {months: 6}, {months: 12}, {months: 60}, {months: 120},
	}
	for _, by := range paces {
		if out := p.ticksBy(by, most); len(out) <= most {
			return out
		}
	}
	return nil
}

// ticksBy returns marks at a distance; one more than most, when there are more.
func (p *picture) ticksBy(by pace, most int) []tick {
	first := micros(p.from).In(p.zone)
	year, month, day := first.Date()
	minute, layout := first.Hour()*60+first.Minute(), "15:04"
	var step func(n int) time.Time
	switch {
	case by.minutes > 0:
		minute -= minute % by.minutes
		step = func(n int) time.Time { return time.Date(year, month, day, 0, minute+n*by.minutes, 0, 0, p.zone) }
	case by.days > 0:
		layout = "2 Jan"
		if by.days%7 == 0 { // on Mondays
			day -= (int(first.Weekday()) + 6) % 7
		}
		step = func(n int) time.Time { return time.Date(year, month, day+n*by.days, 0, 0, 0, 0, p.zone) }
	default:
		layout = "Jan 2006"
		if by.months%12 == 0 {
			layout, year, month = "2006", year-year%(by.months/12), 1
		} else {
			month -= (month - 1) % time.Month(by.months)
		}
		step = func(n int) time.Time { return time.Date(year, month+time.Month(n*by.months), 1, 0, 0, 0, 0, p.zone) }
	}
	var out []tick
	for n := 0; len(out) <= most; n++ {
		t := step(n)
		at := t.UnixMicro()
		if at > p.from+p.span {
			break
		}
		if at < p.from || len(out) > 0 && at <= out[len(out)-1].at { // an hour that the clocks show twice
			continue
		}
		text := t.Format(layout)
		if by.minutes > 0 && t.Hour() == 0 && t.Minute() == 0 {
			text = t.Format("2 Jan")
		}
		out = append(out, tick{at, text})
	}
	return out
}

// rungs returns marks of value at round values from 0 on, up to the top, at most so many.
func (p *picture) rungs(top int64, most int) []tick {
	for step := int64(1); ; step *= 10 {
		for _, k := range [...]int64{1, 2, 5} {
			if step > (1<<62)/k { // the last one that fits
				return []tick{{0, p.label(0)}}
			}
			if by := step * k; top/by < int64(most) {
				var out []tick
				for v := int64(0); v <= top; v += by {
					out = append(out, tick{v, p.label(v)})
					if v > top-by {
						break
					}
				}
				return out
			}
		}
		if step > 1<<58 {
			return []tick{{0, p.label(0)}}
		}
	}
}

// clamp returns n, or the nearer of the bounds.
func clamp(n, least, most int) int { return min(max(n, least), most) }

// columnsOf returns the most that is used in each of so many columns, and the limit there.
func (p *picture) columnsOf(columns int) (used, limit []int64) {
	used, limit = make([]int64, columns), make([]int64, columns)
	next := 0
	for i := range columns {
		if i > 0 { // what holds when the column begins
			s := p.steps[max(next-1, 0)]
			used[i], limit[i] = s.used, s.limit
		}
		for ; next < len(p.steps) && p.column(p.steps[next].at, columns) <= i; next++ {
			used[i], limit[i] = max(used[i], p.steps[next].used), p.steps[next].limit
		}
	}
	return used, limit
}

// marked returns in which of so many columns an instant lies.
func (p *picture) marked(columns int, at []int64) []bool {
	out := make([]bool, columns)
	for _, t := range at {
		out[p.column(t, columns)] = true
	}
	return out
}

// instants returns when room came back, and when an attempt was refused.
func (p *picture) instants() (backs, refusals []int64) {
	for _, b := range p.backs() {
		backs = append(backs, b.at)
	}
	for _, r := range p.Refusals {
		refusals = append(refusals, r.At.UnixMicro())
	}
	return backs, slices.Clip(refusals)
}
