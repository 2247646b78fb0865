package cap

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payrules/payrules/internal/jsonfields"
	"github.com/payrules/payrules/internal/zones"
	"github.com/payrules/payrules/money"
)

// The forms in which the parts of a policy are written. They are read by package jsonfields, and fields.go.

type limitJSON struct {
	Name      string          `json:"name"`
	Max       money.Amount    `json:"max,omitzero"`
	MaxCount  int64           `json:"max_count,omitempty"`
	Window    windowJSON      `json:"window"`
	Scope     json.RawMessage `json:"scope,omitempty"`
	Counting  json.RawMessage `json:"counting,omitempty"`
	Overrides []overrideJSON  `json:"overrides,omitempty"`
	Alerts    []int           `json:"alerts,omitempty"`
}

type windowJSON struct {
	Kind     string `json:"kind"`
	Duration string `json:"duration,omitempty"` // ISO 8601
	Hours    int64  `json:"hours,omitempty"`
	Days     int64  `json:"days,omitempty"`
	Months   int64  `json:"months,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Start    int64  `json:"start,omitempty"`
	Zone     string `json:"zone,omitempty"` // IANA
}

type scopeJSON struct {
	Include json.RawMessage `json:"include,omitempty"`
	Exclude json.RawMessage `json:"exclude,omitempty"`
}

type filterJSON struct {
	MCC       []string  `json:"mcc,omitempty"`
	Merchants []string  `json:"merchants,omitempty"`
	Countries []Country `json:"countries,omitempty"`
	Channels  []Channel `json:"channels,omitempty"`
}

type overrideJSON struct {
	From     time.Time    `json:"from"`
	Until    time.Time    `json:"until"`
	Max      money.Amount `json:"max,omitzero"`
	MaxCount int64        `json:"max_count,omitempty"`
}

// parseLimit reads one limit, and returns the path inside it of what is wrong.
func parseLimit(text json.RawMessage) (l Limit, where string, err error) {
	where, err = jsonfields.Object(text,
		jsonfields.TextField("name", true, &l.Name),
		maxField(&l.Max),
		countField(&l.MaxCount),
		jsonfields.Field{Name: "window", Required: true, Read: func(text json.RawMessage) (where string, err error) {
			l.Window, where, err = parseWindow(text)
			return where, err
		}},
		jsonfields.Field{Name: "scope", Read: func(text json.RawMessage) (where string, err error) {
			l.Scope, where, err = parseScope(text)
			return where, err
		}},
		jsonfields.Field{Name: "counting", Read: func(text json.RawMessage) (where string, err error) {
			l.Counting, where, err = parseCounting(text)
			return where, err
		}},
		jsonfields.Field{Name: "overrides", Read: func(text json.RawMessage) (string, error) {
			return jsonfields.Array(text, MaxOverrides, func(text json.RawMessage) (string, error) {
				var o Override
				where, err := jsonfields.Object(text, instantField("from", &o.From), instantField("until", &o.Until), maxField(&o.Max), countField(&o.MaxCount))
				l.Overrides = append(l.Overrides, o)
				return where, err
			})
		}},
		jsonfields.Field{Name: "alerts", Read: func(text json.RawMessage) (string, error) {
			return jsonfields.Array(text, MaxAlerts, func(text json.RawMessage) (string, error) {
				n, err := jsonfields.Int(text)
				l.Alerts = append(l.Alerts, int(max(-1, min(n, MaxAlertPercent+1))))
				return "", err
			})
		}})
	return l, where, err
}

// windowKind is what the JSON of one kind of window looks like: the fields that it has, and those that it may have.
type windowKind struct {
	name  string
	kind  kind
	takes string
	may   string
}

// windowKinds returns them all.
func windowKinds() [8]windowKind {
	return [...]windowKind{
		{name: "rolling", kind: rolling, takes: ".duration"},
		{name: "rolling_hours", kind: rollingHours, takes: ".hours .zone"},
		{name: "rolling_days", kind: rollingDays, takes: ".days .zone"},
		{name: "rolling_months", kind: rollingMonths, takes: ".months .zone"},
		{name: "calendar", kind: calendar, takes: ".unit .zone", may: ".start"},
		{name: "opened_by_first_use", kind: openedByFirstUse, takes: ".duration"},
		{name: "per_transaction", kind: perTransaction},
		{name: "lifetime", kind: lifetime},
	}
}

// parseWindow reads one window, and returns the path inside it of what is wrong.
func parseWindow(text json.RawMessage) (w Window, where string, err error) {
	var name, unit, zone string
	var start int64
	given := map[string]bool{}
	noted := func(f jsonfields.Field) jsonfields.Field {
		read := f.Read
		f.Read = func(text json.RawMessage) (string, error) {
			given["."+f.Name] = true
			return read(text)
		}
		return f
	}
	fields := []jsonfields.Field{jsonfields.TextField("kind", true, &name)}
	for _, f := range [...]jsonfields.Field{
		durationField("duration", &w.n, nil), jsonfields.IntField("hours", &w.n, nil), jsonfields.IntField("days", &w.n, nil), jsonfields.IntField("months", &w.n, nil),
		jsonfields.TextField("unit", false, &unit), jsonfields.IntField("start", &start, nil), jsonfields.TextField("zone", false, &zone),
	} {
		fields = append(fields, noted(f))
	}
	if where, err = jsonfields.Object(text, fields...); err != nil {
		return w, where, err
	}
	kinds := windowKinds()
	i := slices.IndexFunc(kinds[:], func(k windowKind) bool { return k.name == name })
	if i < 0 {
		return w, ".kind", fmt.Errorf("%q, want one of %s", clip(name), windowNames())
	}
	k := kinds[i]
	for _, f := range fields[1:] {
		path := "." + f.Name
		takes := slices.Contains(strings.Fields(k.takes), path)
		switch {
		case takes && !given[path]:
			return w, path, fmt.Errorf("none given")
		case given[path] && !takes && path != k.may:
			return w, path, fmt.Errorf("a window of kind %s has none", name)
		}
	}
	w.kind = k.kind
	if given[".unit"] {
		if w.unit = Unit(slices.Index(unitNames[:], unit) + 1); w.unit == 0 {
			return w, ".unit", fmt.Errorf("%q, want one of %s", clip(unit), strings.Join(unitNames[:], ", "))
		}
	}
	if given[".start"] {
		w = w.StartingAt(int(max(-1, min(start, 100))))
	}
	if given[".zone"] {
		if w.loc, err = zones.Load(zone); err != nil {
			return w, ".zone", err
		}
	}
	where, err = w.validate()
	return w, where, err
}

// windowNames lists the kinds of window.
func windowNames() string {
	var names []string
	for _, k := range windowKinds() {
		names = append(names, k.name)
	}
	return strings.Join(names, ", ")
}

// parseScope reads a scope, and returns the path inside it of what is wrong.
func parseScope(text json.RawMessage) (s Scope, where string, err error) {
	given := false
	filter := func(name string, to *Filter) jsonfields.Field {
		return jsonfields.Field{Name: name, Read: func(text json.RawMessage) (where string, err error) {
			given = true
			*to, where, err = parseFilter(text)
			return where, err
		}}
	}
	where, err = jsonfields.Object(text, filter("include", &s.Include), filter("exclude", &s.Exclude))
	if err == nil && !given {
		err = fmt.Errorf("neither include nor exclude: leave it out")
	}
	return s, where, err
}

func parseFilter(text json.RawMessage) (f Filter, where string, err error) {
	where, err = jsonfields.Object(text,
		jsonfields.ListField("mcc", MaxScope, &f.Categories, parseMCCRange),
		jsonfields.ListField("merchants", MaxScope, &f.Merchants, func(s string) (string, error) { return s, nil }),
		jsonfields.ListField("countries", MaxScope, &f.Countries, func(s string) (Country, error) { return Country(s), nil }),
		jsonfields.ListField("channels", MaxScope, &f.Channels, func(s string) (Channel, error) { return Channel(s), nil }))
	if err == nil && len(f.Categories)+len(f.Merchants)+len(f.Countries)+len(f.Channels) == 0 {
		err = fmt.Errorf("empty: leave it out")
	}
	return f, where, err
}

// parseCounting reads a table of counting, and returns the path inside it of what is wrong.
func parseCounting(text json.RawMessage) (c Counting, where string, err error) {
	given := false
	var fields []jsonfields.Field
	for _, row := range countingRows() {
		fields = append(fields, jsonfields.Field{Name: row.name, Read: func(text json.RawMessage) (string, error) {
			given = true
			name, err := jsonfields.Text(text)
			if err != nil {
				return "", err
			}
			names := modeNames()
			i := slices.Index(names[:], name)
			if i < int(Ignored) {
				return "", fmt.Errorf("%q, want ignored, original or now", clip(name))
			}
			*row.mode(&c) = Mode(i)
			return "", nil
		}})
	}
	where, err = jsonfields.Object(text, fields...)
	if err == nil && !given {
		err = fmt.Errorf("empty: leave it out")
	}
	return c, where, err
}

// wire returns the JSON form of a valid limit.
func (l *Limit) wire() limitJSON {
	wire := limitJSON{
		Name: l.Name, Max: l.Max, MaxCount: l.MaxCount, Window: l.Window.wire(),
		Scope: l.Scope.wire(), Counting: l.Counting.wire(), Alerts: l.Alerts,
	}
	for _, o := range l.Overrides {
		wire.Overrides = append(wire.Overrides, overrideJSON{From: o.From, Until: o.Until, Max: o.Max, MaxCount: o.MaxCount})
	}
	return wire
}

// countsLike returns the same text for the limits that count the same: the JSON of their scope and counting.
func (l *Limit) countsLike() string { return string(l.Scope.wire()) + string(l.Counting.wire()) }

// wire returns the JSON form of a valid scope; nil when it takes all.
func (s *Scope) wire() json.RawMessage {
	wire := scopeJSON{Include: s.Include.wire(), Exclude: s.Exclude.wire()}
	if wire.Include == nil && wire.Exclude == nil {
		return nil
	}
	return mustJSON(wire)
}

func (f *Filter) wire() json.RawMessage {
	wire := filterJSON{Merchants: f.Merchants, Countries: f.Countries, Channels: f.Channels}
	for _, r := range f.Categories {
		wire.MCC = append(wire.MCC, r.String())
	}
	if text := mustJSON(wire); string(text) != "{}" {
		return text
	}
	return nil
}

// wire returns the JSON form of a valid table; nil when it is the usual one.
func (c Counting) wire() json.RawMessage {
	var fields []string
	for _, row := range countingRows() {
		if mode := *row.mode(&c); mode != Default && mode != row.usual {
			fields = append(fields, fmt.Sprintf("%q:%q", row.name, mode))
		}
	}
	if fields == nil {
		return nil
	}
	return json.RawMessage("{" + strings.Join(fields, ",") + "}")
}

// wire returns the JSON form of a valid window.
func (w Window) wire() windowJSON {
	kinds := windowKinds()
	i := slices.IndexFunc(kinds[:], func(k windowKind) bool { return k.kind == w.kind })
	wire := windowJSON{Kind: kinds[i].name}
	switch w.kind {
	case rolling, openedByFirstUse:
		wire.Duration = formatDuration(w.n)
	case rollingHours:
		wire.Hours = w.n
	case rollingDays:
		wire.Days = w.n
	case rollingMonths:
		wire.Months = w.n
	case calendar:
		wire.Unit, wire.Start = w.unit.String(), int64(w.start)
	case perTransaction, lifetime:
	}
	if w.stepped() {
		wire.Zone = zoneName(w.loc)
	}
	return wire
}
