package cashback

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/jsonfields"
	"github.com/payrules/payrules/money"
)

// ParseProgram reads the JSON of a program, whose fields are those of [Spec]:
//
//	{"id":"spring","version":1,"currency":"EUR","zone":"Europe/Paris","rounding":"down",
//	 "groups":[{"id":"base","mode":"best_for_customer","ties":"earlier_rule"}],
//	 "rules":[
//	  {"id":"all","group":"base","rate":"0.01","funding":[{"id":"bank","share":"1"}]},
//	  {"id":"books","group":"base","from":"2026-03-01","through":"2026-05-31","include":{"mcc":["5192","5940-5949"]},
//	   "ladder":[{"from":{"amount":"0.00","currency":"EUR"},"until":{"amount":"50.00","currency":"EUR"},"rate":"0.03"},
//	             {"from":{"amount":"50.00","currency":"EUR"},"rate":"0.05"}],
//	   "max_reward":{"amount":"10.00","currency":"EUR"},"funding":[{"id":"bank","share":"1/3"},{"id":"shop","share":"2/3"}],"budget":"books"}],
//	 "budgets":[{"id":"books","total":{"amount":"5000.00","currency":"EUR"}}],
//	 "confirmation":{"by":"delay","days":30},"expiry_months":24,"payout_threshold":{"amount":"10.00","currency":"EUR"},
//	 "clawback":{"method":"recompute","over_balance":"unlimited"},"late_days":5,"refund_days":180}
//
// The policy of a cap is one of package cap, see [cap.ParsePolicy]. Rates are decimals or fractions, 1 being all of the purchase. The
// JSON Schema that [ProgramSchema] returns says the same to other programs.
//
// ParseProgram returns an error that wraps ErrInvalid and names the field by its path, such as rules[3].ladder[1].from, if:
//   - data is longer than MaxProgram, or not one JSON value in UTF-8;
//   - a field is unknown (also if only its letters are not the same ones), missing, null or given twice;
//   - a list of a filter, a filter, a ladder, or what an id, a rate or a date may be left out for is there but empty: that of the rules of
//     a cap too, which would be all of them;
//   - a whole number has a point or an exponent;
//   - NewProgram would refuse what it says.
func ParseProgram(data []byte) (*Program, error) {
	text, err := jsonfields.Document(data, MaxProgram)
	if err != nil {
		return nil, invalidProgram("", err)
	}
	var s Spec
	if where, err := s.read(text); err != nil {
		return nil, invalidProgram(where, err)
	}
	return NewProgram(s)
}

// MarshalJSON returns the JSON of the program, as ParseProgram reads it. It is the same for the same program, byte for byte.
// It returns an error that wraps ErrInvalid if p is the zero Program.
func (p *Program) MarshalJSON() ([]byte, error) {
	if p == nil || p.json == nil {
		return nil, invalidProgram("", errors.New("none: make one with NewProgram"))
	}
	return slices.Clone(p.json), nil
}

// UnmarshalJSON is [ParseProgram] into a new Program. It returns an error too if p holds a program already: customers may be sharing it.
func (p *Program) UnmarshalJSON(data []byte) error {
	if p.json != nil {
		return invalidProgram("", errors.New("a program does not change: decode into a new one"))
	}
	parsed, err := ParseProgram(data)
	if err != nil {
		return err
	}
	*p = *parsed
	return nil
}

// read reads a program, and returns the path inside it of what is wrong.
func (s *Spec) read(text json.RawMessage) (where string, err error) {
	return jsonfields.Object(text,
		jsonfields.TextField("id", true, &s.ID),
		intField("version", true, &s.Version),
		jsonfields.ParsedField("currency", true, &s.Currency, money.ParseCurrency),
		jsonfields.TextField("zone", true, &s.Zone),
		jsonfields.ParsedField("rounding", true, &s.Rounding, money.ParseRounding),
		partsField("groups", true, MaxGroups, &s.Groups, (*Group).read),
		partsField("rules", true, MaxRules, &s.Rules, (*Rule).read),
		partsField("caps", false, MaxCaps, &s.Caps, (*Cap).read),
		partsField("budgets", false, MaxBudgets, &s.Budgets, func(b *Budget, text json.RawMessage) (string, error) {
			return jsonfields.Object(text, jsonfields.TextField("id", true, &b.ID), jsonfields.AmountField("total", true, &b.Total))
		}),
		jsonfields.Field{Name: "confirmation", Required: true, Read: func(text json.RawMessage) (string, error) {
			return jsonfields.Object(text, jsonfields.TextField("by", true, &s.Confirmation.By), intField("days", false, &s.Confirmation.Days))
		}},
		intField("expiry_months", false, &s.ExpiryMonths),
		jsonfields.AmountField("payout_threshold", true, &s.PayoutThreshold),
		jsonfields.Field{Name: "clawback", Required: true, Read: func(text json.RawMessage) (string, error) {
			return jsonfields.Object(text,
				jsonfields.TextField("method", true, &s.Clawback.Method), jsonfields.TextField("over_balance", true, &s.Clawback.Balance))
		}},
		intField("late_days", true, &s.LateDays),
		intField("refund_days", true, &s.RefundDays),
	)
}

func (g *Group) read(text json.RawMessage) (where string, err error) {
	return jsonfields.Object(text,
		jsonfields.TextField("id", true, &g.ID), jsonfields.TextField("mode", true, &g.Mode), optionalField("ties", &g.Ties))
}

func (r *Rule) read(text json.RawMessage) (where string, err error) {
	return jsonfields.Object(text,
		jsonfields.TextField("id", true, &r.ID),
		jsonfields.TextField("label", false, &r.Label),
		jsonfields.TextField("group", true, &r.Group),
		intField("priority", false, &r.Priority),
		jsonfields.ParsedField("from", false, &r.From, civil.ParseDate),
		jsonfields.ParsedField("through", false, &r.Through, civil.ParseDate),
		jsonfields.Field{Name: "include", Read: r.Include.read},
		jsonfields.Field{Name: "exclude", Read: r.Exclude.read},
		jsonfields.AmountField("min_purchase", false, &r.MinPurchase),
		rateField("rate", false, &r.Rate),
		jsonfields.AmountField("fixed", false, &r.Fixed),
		jsonfields.Field{Name: "ladder", Read: func(text json.RawMessage) (string, error) {
			where, err := partsField("ladder", false, MaxSteps, &r.Ladder, (*Step).read).Read(text)
			if err == nil && r.Ladder == nil {
				err = errEmpty
			}
			return where, err
		}},
		jsonfields.AmountField("max_reward", false, &r.MaxReward),
		jsonfields.Field{Name: "allow_above_whole", Read: func(text json.RawMessage) (string, error) {
			r.AllowAboveWhole = string(text) == "true"
			if !r.AllowAboveWhole && string(text) != "false" {
				return "", errors.New("want true or false")
			}
			return "", nil
		}},
		partsField("funding", true, MaxFunders, &r.Funding, func(f *Funder, text json.RawMessage) (string, error) {
			return jsonfields.Object(text, jsonfields.TextField("id", true, &f.ID), rateField("share", true, &f.Share))
		}),
		optionalField("budget", &r.Budget),
	)
}

func (s *Step) read(text json.RawMessage) (where string, err error) {
	return jsonfields.Object(text,
		jsonfields.AmountField("from", true, &s.From), jsonfields.AmountField("until", false, &s.Until),
		rateField("rate", false, &s.Rate), jsonfields.AmountField("fixed", false, &s.Fixed))
}

func (f *Filter) read(text json.RawMessage) (where string, err error) {
	where, err = jsonfields.Object(text,
		namesField("merchants", MaxEntries, &f.Merchants),
		namesField("merchant_groups", MaxEntries, &f.Groups),
		jsonfields.ListField("mcc", MaxEntries, &f.MCC, func(s string) (m cap.MCCRange, err error) {
			err = m.UnmarshalText([]byte(s))
			return m, err
		}),
		namesField("categories", MaxEntries, &f.Categories),
		namesField("countries", MaxEntries, &f.Countries),
		namesField("tiers", MaxEntries, &f.Tiers))
	if err == nil && f.Merchants == nil && f.Groups == nil && f.MCC == nil && f.Categories == nil && f.Countries == nil && f.Tiers == nil {
		err = errEmpty
	}
	return where, err
}

func (c *Cap) read(text json.RawMessage) (where string, err error) {
	return jsonfields.Object(text,
		jsonfields.TextField("id", true, &c.ID),
		namesField("rules", MaxRules, &c.Rules),
		jsonfields.Field{Name: "policy", Required: true, Read: func(text json.RawMessage) (_ string, err error) {
			c.Policy, err = cap.ParsePolicy(text)
			return "", err
		}})
}

// errEmpty is of what would say something else, empty, than it seems to.
var errEmpty = errors.New("empty: leave it out")

// partsField reads an array of parts, each with read.
func partsField[T any](name string, required bool, most int, to *[]T, read func(*T, json.RawMessage) (string, error)) jsonfields.Field {
	return jsonfields.Field{Name: name, Required: required, Read: func(text json.RawMessage) (string, error) {
		return jsonfields.Array(text, most, func(text json.RawMessage) (string, error) {
			var part T
			where, err := read(&part, text)
			*to = append(*to, part)
			return where, err
		})
	}}
}

// namesField reads an array of names.
func namesField[T ~string](name string, most int, to *[]T) jsonfields.Field {
	return jsonfields.ListField(name, most, to, func(s string) (T, error) { return T(s), nil })
}

// intField reads a whole number.
func intField(name string, required bool, to *int) jsonfields.Field {
	return jsonfields.Field{Name: name, Required: required, Read: func(text json.RawMessage) (string, error) {
		n, err := jsonfields.Int(text)
		if err == nil && (n < math.MinInt32 || n > math.MaxInt32) {
			err = fmt.Errorf("%d, which is out of all bounds", n)
		}
		*to = int(n)
		return "", err
	}}
}

// rateField reads a rate. The zero one, which stands for none, cannot be said.
func rateField(name string, required bool, to *money.Rate) jsonfields.Field {
	return jsonfields.ParsedField(name, required, to, func(s string) (money.Rate, error) {
		r, err := money.ParseRate(s)
		if err == nil && r.Sign() == 0 {
			err = errors.New("zero, which gives nothing")
		}
		return r, err
	})
}

// optionalField reads a text that may be left out, and is not empty where it is there.
func optionalField[T ~string](name string, to *T) jsonfields.Field {
	return jsonfields.ParsedField(name, false, to, func(s string) (T, error) {
		if s == "" {
			return "", errEmpty
		}
		return T(s), nil
	})
}
