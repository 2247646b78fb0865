package cap

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/internal/strictjson"
	"github.com/payrules/payrules/money"
)

// policyJSON is a policy on the wire. Pointers tell a field that is not there from its zero.
type policyJSON struct {
	Currency money.Currency    `json:"currency"`
	Lateness *string           `json:"lateness,omitempty"` // ISO 8601
	Final    *string           `json:"final_after,omitempty"`
	Limits   []json.RawMessage `json:"limits"`
}

// ParsePolicy reads the JSON of a policy:
//
//	{"currency":"EUR","lateness":"PT24H","limits":[
//	  {"name":"week","max":{"amount":"300.00","currency":"EUR"},"window":{"kind":"rolling","duration":"P7D"},
//	   "alerts":[80,100],
//	   "overrides":[{"from":"2026-12-19T00:00:00Z","until":"2026-12-27T00:00:00Z","max":{"amount":"900.00","currency":"EUR"}}]},
//	  {"name":"cash","max_count":3,"window":{"kind":"rolling_days","days":30,"zone":"Europe/Paris"},
//	   "scope":{"include":{"channels":["atm"]},"exclude":{"countries":["FR"]}}},
//	  {"name":"month","max":{"amount":"900.00","currency":"EUR"},"window":{"kind":"calendar","unit":"month","zone":"Europe/Paris"},
//	   "counting":{"refund":"now"}},
//	  {"name":"each","max":{"amount":"99.00","currency":"EUR"},"window":{"kind":"per_transaction"}},
//	  {"name":"ever","max":{"amount":"5000.00","currency":"EUR"},"window":{"kind":"lifetime"}}]}
//
// The other kinds of window are rolling_hours, rolling_months, and opened_by_first_use; a calendar window may have a start. The
// JSON Schema in policy.schema.json says the same to other programs.
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
	if wire.Final != nil {
		micros, err := parseDuration(*wire.Final)
		if err == nil && micros == 0 {
			err = fmt.Errorf("zero: leave it out for never")
		}
		if err != nil {
			return nil, invalid("policy: final_after", "%v", err)
		}
		options.FinalAfter = time.Duration(micros) * time.Microsecond
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
	if p.finalAfter > 0 {
		final := formatDuration(p.finalAfter)
		wire.Final = &final
	}
	for i := range p.limits {
		wire.Limits = append(wire.Limits, mustJSON(p.limits[i].wire()))
	}
	return mustJSON(wire)
}

func mustJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("bug: cap: " + err.Error())
	}
	return text
}
