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

// policyJSON is a policy on the wire. Pointers tell a field that is not there from its zero.
type policyJSON struct {
	Currency money.Currency    `json:"currency"`
	Lateness *string           `json:"lateness,omitempty"` // ISO 8601
	Limits   []json.RawMessage `json:"limits"`
}

type limitJSON struct {
	Name     string          `json:"name"`
	Max      *money.Amount   `json:"max,omitempty"`
	MaxCount *int64          `json:"max_count,omitempty"`
	Window   json.RawMessage `json:"window"`
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

// ParsePolicy reads the JSON of a policy:
//
//	{"currency":"EUR","lateness":"PT24H","limits":[
//	  {"name":"week","max":{"amount":"300.00","currency":"EUR"},"window":{"kind":"rolling","duration":"P7D"}},
//	  {"name":"cash","max_count":3,"window":{"kind":"rolling_days","days":30,"zone":"Europe/Paris"}},
//	  {"name":"month","max":{"amount":"900.00","currency":"EUR"},"window":{"kind":"calendar","unit":"month","zone":"Europe/Paris"}},
//	  {"name":"each","max":{"amount":"99.00","currency":"EUR"},"window":{"kind":"per_transaction"}},
//	  {"name":"ever","max":{"amount":"5000.00","currency":"EUR"},"window":{"kind":"lifetime"}}]}
//
// Durations are ISO 8601 in weeks, days (of 24 hours), hours, minutes and seconds. Zones are names of the IANA database,
// which the machine must have, or the program import as time/tzdata. Lateness may be left out.
//
// ParsePolicy returns an error that wraps ErrInvalid and names the field if:
//   - data is longer than MaxPolicy, or not one JSON value;
//   - a field is unknown, missing, given twice, or does not belong to the kind of window;
//   - NewPolicy would refuse what it says.
func ParsePolicy(data []byte) (*Policy, error) {
	if len(data) > MaxPolicy {
		return nil, invalid("policy", "%d bytes, want at most %d", len(data), MaxPolicy)
	}
	// From the inside out, so that an error in a limit carries its path.
	limits, err := parseLimits(data)
	if err != nil {
		return nil, err
	}
	var wire policyJSON
	if err := strictjson.Unmarshal(data, &wire); err != nil {
		return nil, invalid("policy", "%v", err)
	}
	if wire.Currency == 0 {
		return nil, invalid("policy: currency", "none given")
	}
	var options PolicyOptions
	if wire.Lateness != nil {
		micros, err := parseDuration(*wire.Lateness)
		if err == nil && micros == 0 {
			err = fmt.Errorf("zero: leave it out for the default of 24 hours")
		}
		if err != nil {
			return nil, invalid("policy: lateness", "%v", err)
		}
		options.Lateness = time.Duration(micros) * time.Microsecond
	}
	return NewPolicy(wire.Currency, limits, &options)
}

// parseLimits reads the limits out of a policy; what is wrong around them it leaves to the caller.
func parseLimits(data []byte) ([]Limit, error) {
	var raw struct {
		Limits []json.RawMessage `json:"limits"`
	}
	if json.Unmarshal(data, &raw) != nil {
		return nil, nil
	}
	if len(raw.Limits) > MaxLimits {
		return nil, invalid("policy: limits", "%d of them, want 1 to %d", len(raw.Limits), MaxLimits)
	}
	limits := make([]Limit, 0, len(raw.Limits))
	for i, text := range raw.Limits {
		limit, where, err := parseLimit(text)
		if err != nil {
			return nil, invalid(fmt.Sprintf("policy: limits[%d]%s", i, where), "%v", err)
		}
		limits = append(limits, limit)
	}
	return limits, nil
}

// parseLimit reads one limit, and returns the path inside it of what is wrong.
func parseLimit(text json.RawMessage) (l Limit, where string, err error) {
	var inner struct {
		Window json.RawMessage `json:"window"`
	}
	if json.Unmarshal(text, &inner) == nil && inner.Window != nil {
		if l.Window, where, err = parseWindow(inner.Window); err != nil {
			return l, ".window" + where, err
		}
	}
	var wire limitJSON
	if err := strictjson.Unmarshal(text, &wire); err != nil {
		return l, "", err
	}
	if wire.Window == nil {
		return l, ".window", fmt.Errorf("none given")
	}
	l.Name = wire.Name
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

// MarshalJSON returns the JSON of the policy, as ParsePolicy reads it. It is the same for the same policy, byte for byte.
// It returns an error if p is the zero Policy.
func (p *Policy) MarshalJSON() ([]byte, error) {
	if p == nil || p.json == nil {
		return nil, invalid("policy", "none: make one with NewPolicy")
	}
	return slices.Clone(p.json), nil
}

// UnmarshalJSON is [ParsePolicy] into a new Policy. It returns an error too if p holds a policy already: meters may be
// sharing it.
func (p *Policy) UnmarshalJSON(data []byte) error {
	if p.json != nil {
		return invalid("policy", "a policy does not change: decode into a new one")
	}
	parsed, err := ParsePolicy(data)
	if err != nil {
		return err
	}
	*p = *parsed
	return nil
}

// encode writes the policy, which is valid, so that nothing in it can fail.
func (p *Policy) encode() []byte {
	lateness := formatDuration(p.lateness)
	wire := policyJSON{Currency: p.currency, Lateness: &lateness}
	for i := range p.limits {
		l := &p.limits[i]
		limit := limitJSON{Name: l.Name, Window: mustJSON(l.Window.wire())}
		if l.Max.Valid() {
			limit.Max = &l.Max
		}
		if l.MaxCount > 0 {
			limit.MaxCount = &l.MaxCount
		}
		wire.Limits = append(wire.Limits, mustJSON(limit))
	}
	return mustJSON(wire)
}

// wire returns the JSON form of a valid window.
func (w Window) wire() windowJSON {
	i := slices.IndexFunc(windowKinds[:], func(k windowKind) bool { return k.kind == w.kind })
	wire := windowJSON{Kind: windowKinds[i].name}
	switch w.kind {
	case rolling:
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

func mustJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("bug: cap: " + err.Error())
	}
	return text
}
