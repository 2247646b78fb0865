package cap_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// draw is rapid.T, which draws each part of a policy.
type draw struct{ *rapid.T }

func (d draw) int(name string, from, to int64) int64 {
	return rapid.Int64Range(from, to).Draw(d.T, name)
}

func (d draw) chance(name string, in int64) bool { return d.int(name, 1, in) == 1 }

// drawPolicy draws a policy with anything in it that a policy may have.
func drawPolicy(t *rapid.T) *cap.Policy {
	d := draw{t}
	most := int64(6)
	if d.chance("many", 10) {
		most = cap.MaxLimits
	}
	var limits []cap.Limit
	for i := range d.int("limits", 1, most) {
		limits = append(limits, d.limit(fmt.Sprint("l", i)))
	}
	options := &cap.PolicyOptions{Lateness: time.Duration(d.int("late", 1, cap.MaxRolling.Microseconds())) * time.Microsecond}
	if d.chance("final", 3) {
		options.FinalAfter = time.Duration(d.int("final after", options.Lateness.Microseconds(), cap.MaxRolling.Microseconds())) * time.Microsecond
	}
	if d.chance("usual lateness", 4) {
		options = nil
	}
	if p, err := cap.NewPolicy(money.EUR, limits, options); err == nil {
		return p
	}
	for i := range limits { // too many windows opened by first use
		if limits[i].Window.Equal(cap.OpenedByFirstUse(24 * time.Hour)) {
			limits[i].Window = cap.Rolling(time.Hour)
		}
	}
	return cap.MustPolicy(money.EUR, limits, options)
}

// optionsOf is what p was made with.
func optionsOf(p *cap.Policy) *cap.PolicyOptions {
	return &cap.PolicyOptions{Lateness: p.Lateness(), FinalAfter: p.FinalAfter()}
}

func (d draw) limit(name string) cap.Limit {
	l := cap.Limit{Name: name, Window: d.window(), Max: d.amount("max")}
	if !l.Window.Equal(cap.PerTransaction()) {
		l.MaxCount = d.int("count", 0, 1<<62)
	}
	if l.MaxCount > 0 && d.chance("count alone", 3) {
		l.Max = money.Amount{}
	}
	if d.chance("scope", 3) {
		l.Scope = cap.Scope{Include: d.filter(), Exclude: d.filter()}
	}
	if d.chance("counting", 3) {
		l.Counting = d.counting()
	}
	for at := d.instant(0); d.chance("override", 3) && len(l.Overrides) < cap.MaxOverrides; {
		from := at.Add(time.Duration(d.int("gap", 0, 2)) * time.Hour)
		at = from.Add(time.Duration(d.int("length", 1, 400*86400_000_000)) * time.Microsecond)
		l.Overrides = append(l.Overrides, d.override(l, from, at))
	}
	if d.chance("alerts", 3) {
		l.Alerts = rapid.SliceOfNDistinct(rapid.IntRange(1, cap.MaxAlertPercent), 1, cap.MaxAlerts, rapid.ID[int]).Draw(d.T, "alerts")
		slices.Sort(l.Alerts)
	}
	return l
}

func (d draw) amount(name string) money.Amount {
	return money.New(d.int(name, 0, cap.MaxAmount), money.EUR)
}

// instant draws one that leaves room for years of overrides behind it.
func (d draw) instant(from int64) time.Time {
	return time.UnixMicro(d.int("at", from, 4_000_000_000_000_000)).In(rapid.SampledFrom([]*time.Location{time.UTC, time.FixedZone("", 5400)}).Draw(d.T, "zone"))
}

func (d draw) override(l cap.Limit, from, until time.Time) cap.Override {
	o := cap.Override{From: from, Until: until}
	if l.Max.Valid() && (l.MaxCount == 0 || d.chance("amount", 2)) {
		o.Max = d.amount("other max")
	}
	if l.MaxCount > 0 && (!o.Max.Valid() || d.chance("count", 2)) {
		o.MaxCount = d.int("other count", 1, 1<<62)
	}
	return o
}

func (d draw) window() cap.Window {
	loc, err := time.LoadLocation(rapid.SampledFrom([]string{"Europe/Paris", "America/New_York", "UTC", "Etc/GMT+5"}).Draw(d.T, "zone"))
	if err != nil {
		d.Fatal(err)
	}
	n := func(most int64) int { return int(d.int("n", 1, most)) }
	switch d.int("window", 0, 11) {
	case 0, 1:
		return cap.Rolling(time.Duration(d.int("d", 1, cap.MaxRolling.Microseconds())) * time.Microsecond)
	case 2:
		return cap.RollingDays(n(cap.MaxRollingDays), loc)
	case 3:
		return cap.RollingHours(n(cap.MaxRollingHours), loc)
	case 4:
		return cap.RollingMonths(n(cap.MaxRollingMonths), loc)
	case 5:
		return cap.Calendar(cap.Unit(n(5)), loc)
	case 6:
		return cap.Calendar(cap.Week, loc).StartingAt(n(7))
	case 7:
		return cap.Calendar(cap.Month, loc).StartingAt(n(28))
	case 8:
		return cap.Calendar(rapid.SampledFrom([]cap.Unit{cap.Quarter, cap.Year}).Draw(d.T, "unit"), loc).StartingAt(n(3))
	case 9:
		return cap.OpenedByFirstUse(24 * time.Hour)
	case 10:
		return cap.PerTransaction()
	}
	return cap.Lifetime()
}

func (d draw) filter() (f cap.Filter) {
	if d.chance("categories", 3) {
		for at := int64(0); at < 9000 && !d.chance("enough", 4); {
			from := d.int("from", at+1, at+900)
			at = d.int("to", from, from+50)
			f.Categories = append(f.Categories, cap.MCCRange{From: cap.MCC(from), To: cap.MCC(at)})
		}
	}
	if d.chance("merchants", 3) {
		f.Merchants = rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9 "<&,é🙂\\]{1,20}`), 1, 9, rapid.ID[string]).Draw(d.T, "merchants")
		slices.Sort(f.Merchants)
	}
	if d.chance("countries", 3) {
		f.Countries = rapid.SliceOfNDistinct(rapid.SampledFrom([]cap.Country{"AT", "DE", "FR", "US", "ZZ"}), 1, 5, rapid.ID[cap.Country]).Draw(d.T, "countries")
		slices.Sort(f.Countries)
	}
	if d.chance("channels", 3) {
		f.Channels = rapid.SliceOfNDistinct(rapid.SampledFrom(cap.Channels()), 1, 8, rapid.ID[cap.Channel]).Draw(d.T, "channels")
		slices.Sort(f.Channels)
	}
	return f
}

func (d draw) counting() cap.Counting {
	of := func(modes ...cap.Mode) cap.Mode {
		return rapid.SampledFrom(append(modes, cap.Default, cap.Ignored)).Draw(d.T, "mode")
	}
	c := cap.Counting{
		Authorize: of(cap.Now), Increment: of(cap.Original, cap.Now), PartialReversal: of(cap.Original), Reversal: of(cap.Original),
		Expiry: of(cap.Original), Capture: of(cap.Original, cap.Now), ForcePost: of(cap.Now), Refund: of(cap.Original, cap.Now),
		Refusal: of(cap.Now),
	}
	if c.Authorize == cap.Ignored {
		c.Refusal = cap.Ignored
	}
	return c
}

// drawChange changes one field of a policy, and returns its name as Difference.Field has it; "" when there is nothing
// to change. The field may be changed to what no policy takes.
func drawChange(t *rapid.T, limits []cap.Limit, options *cap.PolicyOptions) string {
	d := draw{t}
	l := &limits[d.int("changed", 0, int64(len(limits)-1))]
	switch d.int("field", 0, 9) {
	case 0:
		if options.FinalAfter > 0 && d.chance("never final", 2) {
			options.FinalAfter = 0
			return "final_after"
		}
		if d.chance("final", 2) {
			options.FinalAfter = max(options.FinalAfter, options.Lateness) + time.Microsecond
			return "final_after"
		}
		options.Lateness = options.Lateness%cap.MaxRolling + time.Microsecond
		return "lateness"
	case 1:
		l.Max = money.New((l.Max.Minor()+1)%cap.MaxAmount, money.EUR)
		return "max"
	case 2:
		l.MaxCount++
		return "max_count"
	case 3:
		if w := d.window(); !w.Equal(l.Window) {
			l.Window = w
			return "window"
		}
	case 4:
		f, name := &l.Scope.Include, "scope.include."
		if d.chance("exclude", 2) {
			f, name = &l.Scope.Exclude, "scope.exclude."
		}
		return d.changeFilter(f, name)
	case 5:
		c := d.counting()
		if c.Refund != cap.Default && c.Refund != cap.Ignored && c.Refund != l.Counting.Refund {
			l.Counting.Refund = c.Refund
			return "counting.refund"
		}
		if c.Capture == cap.Now && l.Counting.Capture != cap.Now {
			l.Counting.Capture = cap.Now
			return "counting.capture"
		}
	case 6:
		if len(l.Alerts) > 0 && d.chance("fewer alerts", 2) {
			l.Alerts = l.Alerts[1:]
			return "alerts"
		}
		if len(l.Alerts) == 0 || l.Alerts[0] > 1 {
			l.Alerts = append([]int{1}, l.Alerts...)
			return "alerts"
		}
	case 7:
		if n := len(l.Overrides); n > 0 {
			return d.changeOverride(l, &l.Overrides[n-1])
		}
		l.Overrides = append(l.Overrides, d.override(*l, d.instant(0), time.Date(2190, 1, 1, 0, 0, 0, 0, time.UTC)))
		return "overrides"
	case 8:
		l.Name += "x"
		return "limit"
	case 9:
		if len(limits) > 1 {
			limits[0], limits[1] = limits[1], limits[0]
			return "limits"
		}
	}
	return ""
}

func (d draw) changeFilter(f *cap.Filter, name string) string {
	switch d.int("list", 0, 3) {
	case 0:
		f.Categories = append(f.Categories, cap.MCCRange{From: 9999, To: 9999})
		return name + "mcc"
	case 1:
		f.Merchants = append(f.Merchants, "🙃")
		return name + "merchants"
	case 2:
		if len(f.Countries) > 0 {
			f.Countries = f.Countries[1:]
		} else {
			f.Countries = []cap.Country{"FR"}
		}
		return name + "countries"
	}
	if len(f.Channels) > 0 {
		f.Channels = f.Channels[:len(f.Channels)-1]
	} else {
		f.Channels = []cap.Channel{cap.POS}
	}
	return name + "channels"
}

// changeOverride changes the last override of a limit.
func (d draw) changeOverride(l *cap.Limit, o *cap.Override) string {
	switch d.int("part", 0, 3) {
	case 0:
		l.Overrides = l.Overrides[:len(l.Overrides)-1]
	case 1:
		o.Until = o.Until.Add(time.Microsecond)
	case 2:
		o.From = o.From.Add(-time.Microsecond)
	case 3:
		if o.Max.Valid() {
			o.Max = money.New((o.Max.Minor()+1)%cap.MaxAmount, money.EUR)
		} else {
			o.MaxCount++
		}
	}
	return "overrides"
}
