package tests

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// The documents drawn here are policies as a person or another program may write them: durations in weeks, amounts
// without cents, instants with an offset, what is usual said all the same. The canonical form is drawn in package cap.

type object = map[string]any

type array = []any

// paper is rapid.T, which draws each part of a document.
type paper struct{ *rapid.T }

func (d paper) int(from, to int) int { return rapid.IntRange(from, to).Draw(d.T, "n") }

func (d paper) of(options ...string) string { return rapid.SampledFrom(options).Draw(d.T, "of") }

func (d paper) chance(in int) bool { return d.int(1, in) == 1 }

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }

func (d paper) policy() object {
	p := object{"currency": "EUR"}
	if d.chance(2) {
		p["lateness"] = d.of("P1D", "PT24H", "P1W", "PT0.000001S", "P1DT12H30M1.50S", "P400D", "P007D")
	}
	if d.chance(3) {
		p["final_after"] = d.of("P400D", "PT9600H")
	}
	limits := array{}
	for i := range d.int(1, 5) {
		limits = append(limits, d.limit(fmt.Sprintf("Limit_%d.%s", i, d.of("a", "-"))))
	}
	if d.chance(20) {
		for i := range 26 {
			limits = append(limits, object{"name": fmt.Sprint("more", i), "max_count": number(1), "window": object{"kind": "lifetime"}})
		}
	}
	opened := 0
	for _, l := range limits {
		if w := l.(object)["window"].(object); w["kind"] == "opened_by_first_use" {
			if opened++; opened > 3 { // the fourth may be one too many
				w["kind"] = "rolling"
			}
		}
	}
	p["limits"] = limits
	return p
}

func (d paper) limit(name string) object {
	window := d.window()
	l := object{"name": name, "window": window}
	hasCount := window["kind"] != "per_transaction" && d.chance(2)
	hasMax := !hasCount || d.chance(2)
	if hasCount {
		l["max_count"] = d.count()
	}
	if hasMax {
		l["max"] = d.amount()
	}
	if d.chance(3) {
		l["scope"] = d.scope()
	}
	if d.chance(3) {
		l["counting"] = d.counting()
	}
	if d.chance(3) {
		l["overrides"] = d.overrides(hasMax, hasCount)
	}
	if d.chance(3) {
		alerts := array{}
		for at := d.int(0, 200); at > 0 && at <= 1000 && len(alerts) < 8; at += d.int(1, 400) {
			alerts = append(alerts, number(at))
		}
		l["alerts"] = alerts
	}
	return l
}

func (d paper) count() json.Number { return json.Number(d.of("1", "3", "9223372036854775807")) }

func (d paper) amount() object {
	return object{"amount": d.of("0", "0.00", "7", "0.5", "300.00", "180143985094819.83"), "currency": "EUR"}
}

func (d paper) window() object {
	zone := d.of("Europe/Paris", "UTC", "America/Port-au-Prince", "Etc/GMT+5", "America/Argentina/Buenos_Aires")
	switch kind := d.of("rolling", "rolling_hours", "rolling_days", "rolling_months", "calendar", "per_transaction", "lifetime", "opened_by_first_use"); kind {
	case "rolling", "opened_by_first_use":
		return object{"kind": kind, "duration": d.of("P7D", "P1W", "P57W1D", "PT9600H", "P400D", "PT0.000001S", "P1DT1M")}
	case "rolling_hours":
		return object{"kind": kind, "hours": number(d.int(1, 9600)), "zone": zone}
	case "rolling_days":
		return object{"kind": kind, "days": number(d.int(1, 400)), "zone": zone}
	case "rolling_months":
		return object{"kind": kind, "months": number(d.int(1, 13)), "zone": zone}
	case "calendar":
		unit := d.of("day", "week", "month", "quarter", "year")
		w := object{"kind": kind, "unit": unit, "zone": zone}
		if most := map[string]int{"week": 7, "month": 28, "quarter": 3, "year": 12}[unit]; most > 0 && d.chance(2) {
			w["start"] = number(d.int(1, most))
		}
		return w
	default:
		return object{"kind": kind}
	}
}

func (d paper) scope() object {
	s := object{}
	if d.chance(2) {
		s["include"] = d.filter()
	}
	if len(s) == 0 || d.chance(2) {
		s["exclude"] = d.filter()
	}
	return s
}

func (d paper) filter() object {
	f := object{}
	list := func(name string, options ...string) {
		if d.chance(2) {
			some := rapid.SliceOfNDistinct(rapid.SampledFrom(options), 1, len(options), rapid.ID[string]).Draw(d.T, name)
			slices.Sort(some)
			entries := array{}
			for _, e := range some {
				entries = append(entries, e)
			}
			f[name] = entries
		}
	}
	list("mcc", "0001", "0009-0010", "0099", "0742-0763", "5411", "7800-9998", "9999")
	list("merchants", "ATM-7", "<&>", "é", "🙂 \"x\"", "a\\b", strings.Repeat("x", 255))
	list("countries", "DE", "FR", "ZZ")
	list("channels", "atm", "cash_advance", "contactless", "ecommerce", "moto", "pos", "recurring", "transfer")
	if len(f) == 0 {
		f["countries"] = array{"FR"}
	}
	return f
}

func (d paper) counting() object {
	may := object{
		"authorize": "now", "increment": "now original", "partial_reversal": "original", "reversal": "original", "expiry": "original",
		"capture": "original now", "force_post": "now", "refund": "original now",
	}
	c := object{"refund": "ignored"}
	for _, event := range []string{"authorize", "increment", "partial_reversal", "reversal", "expiry", "capture", "force_post", "refund"} {
		if d.chance(2) {
			c[event] = d.of(append(strings.Fields(may[event].(string)), "ignored")...)
		}
	}
	return c
}

func (d paper) overrides(hasMax, hasCount bool) array {
	out := array{}
	at := time.Date(1970+d.int(0, 100), 1, 1, 0, 0, 0, 0, time.UTC)
	forms := []string{time.RFC3339, "2006-01-02T15:04:05.000000Z07:00", "2006-01-02T15:04:05.0Z07:00"}
	written := func() string {
		return at.In(time.FixedZone("", rapid.SampledFrom([]int{0, 3600, 20700}).Draw(d.T, "offset"))).Format(d.of(forms...))
	}
	for range d.int(0, 4) {
		o := object{"from": written()}
		at = at.Add(time.Duration(d.int(1, 10_000)) * time.Hour)
		o["until"] = written()
		if hasMax {
			o["max"] = d.amount()
		}
		if hasCount && (!hasMax || d.chance(2)) {
			o["max_count"] = d.count()
		}
		out = append(out, o)
	}
	return out
}

// spot is one value in a document: how to read and to replace it.
type spot struct {
	path string
	get  func() any
	set  func(any)
	drop func()
}

// spots lists every value of a document, in a fixed order.
func spots(path string, v any, set func(any)) []spot {
	var out []spot
	switch v := v.(type) {
	case object:
		var names []string
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			put := func(x any) { v[name] = x }
			out = append(out, spot{path + "." + name, func() any { return v[name] }, put, func() { delete(v, name) }})
			out = append(out, spots(path+"."+name, v[name], put)...)
		}
	case array:
		for i := range v {
			put := func(x any) { v[i] = x }
			out = append(out, spot{fmt.Sprintf("%s[%d]", path, i), func() any { return v[i] }, put, func() { set(slices.Delete(v, i, i+1)) }})
			out = append(out, spots(fmt.Sprintf("%s[%d]", path, i), v[i], put)...)
		}
	}
	return out
}

// damage changes a few things of a document, as bad luck or a bad program would.
func (d paper) damage(doc object) {
	for range d.int(1, 3) {
		all := spots("", doc, nil)
		if len(all) == 0 {
			return
		}
		s := rapid.SampledFrom(all).Draw(d.T, "spot")
		switch d.int(0, 6) {
		case 0:
			s.drop()
		case 1: // another sort of value
			s.set(rapid.SampledFrom([]any{
				nil, true, "", "x", "EUR", number(0), number(1), number(-1), json.Number("1.0"), json.Number("1e2"), json.Number("18446744073709551616"), object{}, array{}, array{nil}, array{"FR"},
			}).Draw(d.T, "value"))
		case 2: // what stands elsewhere
			s.set(clone(rapid.SampledFrom(all).Draw(d.T, "other").get()))
		case 3: // a field more, perhaps a known one
			if o, ok := s.get().(object); ok {
				o[d.of("extra", "Name", "NAME", "start", "zone", "hours", "max_count", "max", "counting", "MCC", "channels", "final_after", "$schema")] =
					rapid.SampledFrom([]any{number(2), "UTC", "P1D", array{"atm"}, nil}).Draw(d.T, "value")
			}
		case 4: // one more in a list
			if list, ok := s.get().(array); ok && len(list) > 0 {
				s.set(append(slices.Clone(list), clone(list[d.int(0, len(list)-1)])))
			}
		default:
			s.set(d.bend(s.get()))
		}
	}
}

// bend changes a text or a number by little.
func (d paper) bend(v any) any {
	switch v := v.(type) {
	case string:
		switch d.int(0, 4) {
		case 0:
			return strings.ToUpper(v)
		case 1:
			return v + d.of("0", "T", " ", "Z", "-", "\n", "\u0000", "x")
		case 2:
			return d.of("0", "-", "+", " ", "P") + v
		case 3:
			at := d.int(0, len(v))
			return strings.ToValidUTF8(v[:at]+d.of("0", "9", "-", ".", ":", "S", "é")+v[min(len(v), at+1):], "?")
		}
		return strings.ToValidUTF8(v[:d.int(0, len(v))], "?")
	case json.Number:
		return json.Number(d.of("0", "-0", "-1", "8", "13", "14", "29", "400", "401", "1000", "1001", "9601", "1.5", "9223372036854775808"))
	}
	return v
}

func clone(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for name, x := range v {
			out[name] = clone(x)
		}
		return out
	case array:
		out := array{}
		for _, x := range v {
			out = append(out, clone(x))
		}
		return out
	}
	return v
}
