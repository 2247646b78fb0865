package cap

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payrules/payrules/internal/jsonfields"
	"github.com/payrules/payrules/money"
)

// policyJSON is a policy as it is written.
type policyJSON struct {
	Currency   money.Currency `json:"currency"`
	Lateness   string         `json:"lateness"`              // ISO 8601
	FinalAfter string         `json:"final_after,omitempty"` // ISO 8601
	Limits     []limitJSON    `json:"limits"`
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
// JSON Schema that [PolicySchema] returns says the same to other programs.
//
// Durations are ISO 8601 in weeks, days (of 24 hours), hours, minutes and seconds. Zones are names of the IANA database,
// which the machine must have, or the program import as time/tzdata. Lateness and final_after may be left
// out.
//
// ParsePolicy returns an error that wraps ErrInvalid and names the field if:
//   - data is longer than MaxPolicy, or not one JSON value in UTF-8;
//   - a field is unknown (also if only its letters are not the same ones), missing, null, given twice, or does not belong
//     to the kind of window;
//   - a scope, one of its lists, or a counting is there but empty;
//   - a whole number has a point or an exponent, or an instant is finer than a microsecond;
//   - NewPolicy would refuse what it says.
func ParsePolicy(data []byte) (*Policy, error) {
	text, err := jsonfields.Document(data, MaxPolicy)
	if err != nil {
		return nil, invalid("policy", "%v", err)
	}
	var code string
	var late, final int64
	var limits []Limit
	where, err := jsonfields.Object(text,
		jsonfields.TextField("currency", true, &code),
		durationField("lateness", &late, notZero("the default of 24 hours")),
		durationField("final_after", &final, notZero("never")),
		jsonfields.Field{Name: "limits", Required: true, Read: func(text json.RawMessage) (string, error) {
			return jsonfields.Array(text, MaxLimits, func(text json.RawMessage) (string, error) {
				limit, where, err := parseLimit(text)
				limits = append(limits, limit)
				return where, err
			})
		}})
	if err != nil {
		return nil, invalid(strings.TrimSuffix("policy: "+strings.TrimPrefix(where, "."), ": "), "%v", err)
	}
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return nil, invalidWith(err, "policy: currency")
	}
	return NewPolicy(currency, limits, &PolicyOptions{
		Lateness:   time.Duration(late) * time.Microsecond,
		FinalAfter: time.Duration(final) * time.Microsecond,
	})
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
	wire := policyJSON{Currency: p.currency, Lateness: formatDuration(p.lateness)}
	if p.finalAfter > 0 {
		wire.FinalAfter = formatDuration(p.finalAfter)
	}
	for i := range p.limits {
		wire.Limits = append(wire.Limits, p.limits[i].wire())
	}
	return mustJSON(wire)
}

// notZero returns a check that refuses a duration of zero, which PolicyOptions would take for another one.
func notZero(other string) func(int64) error {
	return func(micros int64) error {
		if micros == 0 {
			return fmt.Errorf("zero: leave it out for %s", other)
		}
		return nil
	}
}

func mustJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("bug: cap: " + err.Error())
	}
	return text
}
