package cap

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payrules/payrules/money"
)

// Difference is one way in which a policy is not another one.
type Difference struct {
	_ struct{} // disallow positional literals

	// Limit is the name of the limit that differs; "" when it is the policy itself.
	Limit string

	// Field is what differs, as the JSON of the policy names it: "lateness", "max", "window", "scope.include.mcc",
	// "counting.refund". It is "overrides" and "alerts" for whatever differs in those; "limit" for a limit that only one
	// policy has; "limits" for their order.
	Field string

	// Text says it in words, for whoever has to approve the change:
	//
	//	limit "week": max raised from 300.00 EUR to 500.00 EUR
	Text string
}

// String returns Text.
func (d Difference) String() string { return d.Text }

// Diff returns what changes when q takes the place of p, each change in a sentence; nothing exactly when they are Equal.
// First comes what is of the whole policy, then the limits of p, then those that q adds, then their order. A limit is
// known by its name: one with another name is another limit.
func (p *Policy) Diff(q *Policy) []Difference {
	var d differ
	if p.currency != q.currency {
		d.add("currency", "currency changed from %s to %s", p.currency, q.currency)
	}
	if p.lateness != q.lateness {
		d.add("lateness", "lateness changed from %s to %s", formatDuration(p.lateness), formatDuration(q.lateness))
	}
	if p.finalAfter != q.finalAfter {
		d.add("final_after", "final after changed from %s to %s", orNever(p.finalAfter), orNever(q.finalAfter))
	}
	var before, after []string // names that both have, in the order of each
	for i := range p.limits {
		l := &p.limits[i]
		d.limit = l.Name
		if j, both := q.index(l.Name); both {
			before = append(before, l.Name)
			d.compare(l, &q.limits[j])
		} else {
			d.add("limit", "removed")
		}
	}
	for i := range q.limits {
		l := &q.limits[i]
		d.limit = l.Name
		if _, both := p.index(l.Name); both {
			after = append(after, l.Name)
		} else {
			d.add("limit", "added: %s", l.words())
		}
	}
	if !slices.Equal(before, after) {
		d.limit = ""
		d.add("limits", "order of limits changed from %s to %s", strings.Join(before, ", "), strings.Join(after, ", "))
	}
	return d.found
}

// differ collects differences.
type differ struct {
	limit string // the one that is looked at
	found []Difference
}

func (d *differ) add(field, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	switch {
	case d.limit != "" && field == "limit":
		text = fmt.Sprintf("limit %q %s", d.limit, text)
	case d.limit != "":
		text = fmt.Sprintf("limit %q: %s", d.limit, text)
	}
	d.found = append(d.found, Difference{Limit: d.limit, Field: field, Text: text})
}

// compare adds what differs between two limits of one name.
func (d *differ) compare(l, m *Limit) {
	d.maxima("", l.Max, m.Max, l.MaxCount, m.MaxCount)
	if !l.Window.Equal(m.Window) {
		d.add("window", "window changed from %s to %s", l.Window, m.Window)
	}
	d.filters("scope.include.", "looks at", "all", &l.Scope.Include, &m.Scope.Include)
	d.filters("scope.exclude.", "leaves out", "none", &l.Scope.Exclude, &m.Scope.Exclude)
	was, _, _ := l.Counting.ready()
	is, _, _ := m.Counting.ready()
	for _, row := range countingRows() {
		if a, b := *row.mode(&was), *row.mode(&is); a != b {
			d.add("counting."+row.name, "counting of %s changed from %s to %s", spaced(row.name), a, b)
		}
	}
	d.overrides(l.Overrides, m.Overrides)
	for _, percent := range l.Alerts {
		if !slices.Contains(m.Alerts, percent) {
			d.add("alerts", "alert at %d percent removed", percent)
		}
	}
	for _, percent := range m.Alerts {
		if !slices.Contains(l.Alerts, percent) {
			d.add("alerts", "alert at %d percent added", percent)
		}
	}
}

// maxima adds what differs between two pairs of maxima: those of a limit, or those of an override that before speaks of.
func (d *differ) maxima(before string, a, b money.Amount, m, n int64) {
	field := func(name string) string {
		if before != "" {
			return "overrides"
		}
		return name
	}
	if a != b {
		order, err := a.Compare(b) // an error: they cannot be compared
		d.add(field("max"), "%s%s", before, turned("max", a, b, a.Valid(), b.Valid(), order, err == nil))
	}
	if m != n {
		order := 1
		if m < n {
			order = -1
		}
		d.add(field("max_count"), "%s%s", before, turned("max count", m, n, m != 0, n != 0, order, true))
	}
}

// turned says how a became b, of which one may be missing. Order is that of a to b, if they can be compared.
func turned(what string, a, b any, hadA, hasB bool, order int, comparable bool) string {
	switch {
	case !hadA:
		return fmt.Sprintf("%s of %v added", what, b)
	case !hasB:
		return fmt.Sprintf("%s of %v removed", what, a)
	case !comparable:
		return fmt.Sprintf("%s changed from %v to %v", what, a, b)
	case order < 0:
		return fmt.Sprintf("%s raised from %v to %v", what, a, b)
	}
	return fmt.Sprintf("%s lowered from %v to %v", what, a, b)
}

// filters adds what differs between two filters. A filter does something, such as to leave out; without entries it does
// so to all or none.
func (d *differ) filters(field, does, empty string, f, g *Filter) {
	news := g.lists()
	for i, was := range f.lists() {
		is := news[i]
		var changes []string
		if gone := without(was.entries, is.entries); gone != nil {
			changes = append(changes, strings.Join(gone, ", ")+" removed")
		}
		if come := without(is.entries, was.entries); come != nil {
			changes = append(changes, strings.Join(come, ", ")+" added")
		}
		switch {
		case changes == nil:
		case was.entries == nil:
			d.add(field+was.field, "%s it %s changed from %s to %s", was.noun, does, empty, strings.Join(is.entries, ", "))
		case is.entries == nil:
			d.add(field+was.field, "%s it %s changed from %s to %s", was.noun, does, strings.Join(was.entries, ", "), empty)
		default:
			d.add(field+was.field, "%s it %s: %s", was.noun, does, strings.Join(changes, ", "))
		}
	}
}

// overrides adds what differs between two lists of overrides. One is known by the instant from which it holds.
func (d *differ) overrides(was, is []Override) {
	with := func(list []Override, from time.Time) *Override {
		for i := range list {
			if list[i].From.Equal(from) {
				return &list[i]
			}
		}
		return nil
	}
	for i := range was {
		a := &was[i]
		b := with(is, a.From)
		if b == nil {
			d.add("overrides", "override from %s until %s removed", instantText(a.From), instantText(a.Until))
			continue
		}
		if !a.Until.Equal(b.Until) {
			d.add("overrides", "end of the override from %s changed from %s to %s", instantText(a.From), instantText(a.Until), instantText(b.Until))
		}
		d.maxima("override from "+instantText(a.From)+": ", a.Max, b.Max, a.MaxCount, b.MaxCount)
	}
	for i := range is {
		if with(was, is[i].From) == nil {
			d.add("overrides", "override added: %s", is[i].words())
		}
	}
}

// list is one list of a Filter, in words.
type list struct {
	field   string // in JSON
	noun    string
	entries []string
}

// lists returns the lists of a filter, in their order in JSON. Ids of merchants are quoted, since they may be anything.
func (f *Filter) lists() [4]list {
	out := [...]list{{field: "mcc", noun: "merchant categories"}, {field: "merchants", noun: "merchants"}, {field: "countries", noun: "countries"}, {field: "channels", noun: "channels"}}
	for _, r := range f.Categories {
		out[0].entries = append(out[0].entries, r.String())
	}
	for _, id := range f.Merchants {
		out[1].entries = append(out[1].entries, fmt.Sprintf("%q", id))
	}
	for _, c := range f.Countries {
		out[2].entries = append(out[2].entries, string(c))
	}
	for _, c := range f.Channels {
		out[3].entries = append(out[3].entries, string(c))
	}
	return out
}

// without returns the entries that others has not.
func without(entries, others []string) (out []string) {
	there := make(map[string]bool, len(others))
	for _, e := range others {
		there[e] = true
	}
	for _, e := range entries {
		if !there[e] {
			out = append(out, e)
		}
	}
	return out
}

// String describes all that a limit is but for its name: "at most 80.00 EUR in rolling P1D, for channels atm".
func (l Limit) String() string { return l.words() }

// words is String without a copy.
func (l *Limit) words() string {
	out := most(l.Max, l.MaxCount)
	switch l.Window.kind {
	case perTransaction:
		out += " per transaction"
	case openedByFirstUse:
		out += " in a window " + l.Window.String()
	case rolling, rollingHours, rollingDays, rollingMonths, calendar, lifetime:
		out += " in " + l.Window.String()
	}
	for _, part := range [...]struct {
		word   string
		filter *Filter
	}{{"for", &l.Scope.Include}, {"but not for", &l.Scope.Exclude}} {
		var lists []string
		for _, list := range part.filter.lists() {
			if list.entries != nil {
				lists = append(lists, list.noun+" "+strings.Join(list.entries, ", "))
			}
		}
		if lists != nil {
			joint := " and " // a spend must be in all lists of Include, and in none of Exclude
			if part.filter == &l.Scope.Exclude {
				joint = " or "
			}
			out += ", " + part.word + " " + strings.Join(lists, joint)
		}
	}
	c := l.Counting.short()
	for _, row := range countingRows() {
		if mode := *row.mode(&c); mode != Default {
			out += fmt.Sprintf(", counting %s %s", spaced(row.name), mode)
		}
	}
	for i := range l.Overrides {
		out += ", " + l.Overrides[i].words()
	}
	for _, percent := range l.Alerts {
		out += fmt.Sprintf(", alert at %d percent", percent)
	}
	return out
}

// words describes an override: "at most 900.00 EUR from 2026-12-19T00:00:00Z until 2026-12-27T00:00:00Z".
func (o *Override) words() string {
	return fmt.Sprintf("%s from %s until %s", most(o.Max, o.MaxCount), instantText(o.From), instantText(o.Until))
}

// most says what a pair of maxima lets through.
func most(amount money.Amount, count int64) string {
	spends := fmt.Sprintf("%d spends", count)
	if count == 1 {
		spends = "1 spend"
	}
	switch {
	case count == 0:
		return "at most " + amount.String()
	case !amount.Valid():
		return "at most " + spends
	}
	return "at most " + amount.String() + " and " + spends
}

// orNever writes a duration that may be missing.
func orNever(micros int64) string {
	if micros == 0 {
		return "never"
	}
	return formatDuration(micros)
}

func instantText(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }
