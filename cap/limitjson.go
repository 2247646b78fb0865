package cap

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payrules/payrules/internal/strictjson"
	"github.com/payrules/payrules/money"
)

type limitJSON struct {
	Name      string            `json:"name"`
	Max       *money.Amount     `json:"max,omitempty"`
	MaxCount  *int64            `json:"max_count,omitempty"`
	Window    json.RawMessage   `json:"window"`
	Scope     json.RawMessage   `json:"scope,omitempty"`
	Counting  json.RawMessage   `json:"counting,omitempty"`
	Overrides []json.RawMessage `json:"overrides,omitempty"`
	Alerts    []int             `json:"alerts,omitempty"`
}

type windowJSON struct {
	Kind     string  `json:"kind"`
	Duration *string `json:"duration,omitempty"` // ISO 8601
	Hours    *int64  `json:"hours,omitempty"`
	Days     *int64  `json:"days,omitempty"`
	Months   *int64  `json:"months,omitempty"`
	Unit     *string `json:"unit,omitempty"`
	Start    *int64  `json:"start,omitempty"`
	Zone     *string `json:"zone,omitempty"` // IANA
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
	// Again from the inside out: what cannot be read here is for strictjson to tell.
	var wire limitJSON
	if json.Unmarshal(text, &wire) == nil {
		if where, err = l.parseParts(&wire); err != nil {
			return l, where, err
		}
	}
	wire = limitJSON{}
	if err := strictjson.Unmarshal(text, &wire); err != nil {
		return l, "", err
	}
	if wire.Window == nil {
		return l, ".window", fmt.Errorf("none given")
	}
	l.Name, l.Alerts = wire.Name, wire.Alerts
	if wire.Max != nil {
		l.Max = *wire.Max
	}
	if wire.MaxCount != nil {
		if l.MaxCount = *wire.MaxCount; l.MaxCount == 0 {
			return l, ".max_count", fmt.Errorf("0: leave it out for no limit of count; to let nothing through, set max to zero")
		}
	}
	return l, "", nil
}

// parseParts reads the parts of a limit that have parts themselves.
func (l *Limit) parseParts(wire *limitJSON) (where string, err error) {
	if wire.Window != nil {
		if l.Window, where, err = parseWindow(wire.Window); err != nil {
			return ".window" + where, err
		}
	}
	if wire.Scope != nil {
		if l.Scope, where, err = parseScope(wire.Scope); err != nil {
			return ".scope" + where, err
		}
	}
	if wire.Counting != nil {
		if l.Counting, where, err = parseCounting(wire.Counting); err != nil {
			return ".counting" + where, err
		}
	}
	if len(wire.Overrides) > MaxOverrides {
		return ".overrides", fmt.Errorf("%d of them, want at most %d", len(wire.Overrides), MaxOverrides)
	}
	for i, text := range wire.Overrides {
		var o overrideJSON
		if err := strictjson.Unmarshal(text, &o); err != nil {
			return fmt.Sprintf(".overrides[%d]", i), err
		}
		l.Overrides = append(l.Overrides, Override{From: o.From, Until: o.Until, Max: o.Max, MaxCount: o.MaxCount})
	}
	return "", nil
}

// windowKind is what the JSON of one kind of window looks like: the fields that it has, and those that it may have.
type windowKind struct {
	name  string
	kind  kind
	takes string
	may   string
}

var windowKinds = [...]windowKind{
	{name: "rolling", kind: rolling, takes: ".duration"},
	{name: "rolling_hours", kind: rollingHours, takes: ".hours .zone"},
	{name: "rolling_days", kind: rollingDays, takes: ".days .zone"},
	{name: "rolling_months", kind: rollingMonths, takes: ".months .zone"},
	{name: "calendar", kind: calendar, takes: ".unit .zone", may: ".start"},
	{name: "opened_by_first_use", kind: openedByFirstUse, takes: ".duration"},
	{name: "per_transaction", kind: perTransaction},
	{name: "lifetime", kind: lifetime},
}

// parseWindow reads one window, and returns the path inside it of what is wrong.
func parseWindow(text json.RawMessage) (w Window, where string, err error) {
	var wire windowJSON
	if err := strictjson.Unmarshal(text, &wire); err != nil {
		return w, "", err
	}
	i := slices.IndexFunc(windowKinds[:], func(k windowKind) bool { return k.name == wire.Kind })
	if i < 0 {
		return w, ".kind", fmt.Errorf("%q, want one of %s", clip(wire.Kind), windowNames())
	}
	k := windowKinds[i]
	w.kind = k.kind
	for _, field := range [...]struct {
		name string
		has  bool
	}{
		{".duration", wire.Duration != nil},
		{".hours", wire.Hours != nil},
		{".days", wire.Days != nil},
		{".months", wire.Months != nil},
		{".unit", wire.Unit != nil},
		{".start", wire.Start != nil},
		{".zone", wire.Zone != nil},
	} {
		takes := slices.Contains(strings.Fields(k.takes), field.name)
		switch {
		case takes && !field.has:
			return w, field.name, fmt.Errorf("none given")
		case field.has && !takes && field.name != k.may:
			return w, field.name, fmt.Errorf("a window of kind %s has none", wire.Kind)
		}
	}
	return fillWindow(w, wire)
}

// windowNames lists the kinds of window.
func windowNames() string {
	names := make([]string, 0, len(windowKinds))
	for _, k := range windowKinds {
		names = append(names, k.name)
	}
	return strings.Join(names, ", ")
}

// fillWindow reads the fields that the kind of w takes, which are all there.
func fillWindow(w Window, wire windowJSON) (_ Window, where string, err error) {
	if wire.Duration != nil {
		if w.n, err = parseDuration(*wire.Duration); err != nil {
			return w, ".duration", err
		}
	}
	for _, n := range [...]*int64{wire.Hours, wire.Days, wire.Months} {
		if n != nil {
			w.n = *n
		}
	}
	if wire.Unit != nil {
		w.unit = Unit(slices.Index(unitNames[:], *wire.Unit) + 1)
		if w.unit == 0 {
			return w, ".unit", fmt.Errorf("%q, want one of %s", clip(*wire.Unit), strings.Join(unitNames[:], ", "))
		}
	}
	if wire.Start != nil {
		w = w.StartingAt(int(max(-1, min(*wire.Start, 100))))
	}
	if wire.Zone != nil {
		if w.loc, err = loadZone(*wire.Zone); err != nil {
			return w, ".zone", err
		}
	}
	where, err = w.validate()
	return w, where, err
}

// parseScope reads a scope, and returns the path inside it of what is wrong.
func parseScope(text json.RawMessage) (s Scope, where string, err error) {
	var wire scopeJSON
	if err := strictjson.Unmarshal(text, &wire); err != nil {
		return s, "", err
	}
	if wire.Include == nil && wire.Exclude == nil {
		return s, "", fmt.Errorf("neither include nor exclude: leave it out")
	}
	if s.Include, where, err = parseFilter(wire.Include); err != nil {
		return s, ".include" + where, err
	}
	if s.Exclude, where, err = parseFilter(wire.Exclude); err != nil {
		return s, ".exclude" + where, err
	}
	return s, "", nil
}

func parseFilter(text json.RawMessage) (f Filter, where string, err error) {
	if text == nil {
		return f, "", nil
	}
	var wire filterJSON
	if err := strictjson.Unmarshal(text, &wire); err != nil {
		return f, "", err
	}
	if len(wire.MCC)+len(wire.Merchants)+len(wire.Countries)+len(wire.Channels) == 0 {
		return f, "", fmt.Errorf("empty: leave it out")
	}
	for i, text := range wire.MCC {
		r, err := parseMCCRange(text)
		if err != nil {
			return f, fmt.Sprintf(".mcc[%d]", i), err
		}
		f.Categories = append(f.Categories, r)
	}
	f.Merchants, f.Countries, f.Channels = wire.Merchants, wire.Countries, wire.Channels
	return f, "", nil
}

// parseCounting reads a table of counting, and returns the path inside it of what is wrong.
func parseCounting(text json.RawMessage) (c Counting, where string, err error) {
	var wire map[string]string
	if err := strictjson.Unmarshal(text, &wire); err != nil {
		return c, "", err
	}
	for _, row := range countingRows() {
		name, given := wire[row.name]
		if !given {
			continue
		}
		delete(wire, row.name)
		i := slices.Index(modeNames[:], name)
		if i < int(Ignored) {
			return c, "." + row.name, fmt.Errorf("%q, want ignored, original or now", clip(name))
		}
		*row.mode(&c) = Mode(i)
	}
	for name := range wire {
		return c, "", fmt.Errorf("%q is no kind of event", clip(name))
	}
	return c, "", nil
}

// wire returns the JSON form of a valid limit.
func (l *Limit) wire() limitJSON {
	wire := limitJSON{Name: l.Name, Window: mustJSON(l.Window.wire()), Scope: l.Scope.wire(), Counting: l.Counting.wire(), Alerts: l.Alerts}
	if l.Max.Valid() {
		wire.Max = &l.Max
	}
	if l.MaxCount > 0 {
		wire.MaxCount = &l.MaxCount
	}
	for _, o := range l.Overrides {
		wire.Overrides = append(wire.Overrides, mustJSON(overrideJSON{From: o.From, Until: o.Until, Max: o.Max, MaxCount: o.MaxCount}))
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
	i := slices.IndexFunc(windowKinds[:], func(k windowKind) bool { return k.kind == w.kind })
	wire := windowJSON{Kind: windowKinds[i].name}
	switch w.kind {
	case rolling, openedByFirstUse:
		duration := formatDuration(w.n)
		wire.Duration = &duration
	case rollingHours:
		wire.Hours = &w.n
	case rollingDays:
		wire.Days = &w.n
	case rollingMonths:
		wire.Months = &w.n
	case calendar:
		unit := w.unit.String()
		wire.Unit = &unit
		if start := int64(w.start); start != 0 {
			wire.Start = &start
		}
	case perTransaction, lifetime:
	}
	if w.stepped() {
		zone := zoneName(w.loc)
		wire.Zone = &zone
	}
	return wire
}
