package cashback

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/money"
)

// Program says which purchases are rewarded, by how much, and what becomes of the rewards. It is immutable and safe for concurrent
// use. Make it with [NewProgram] or [ParseProgram].
type Program struct {
	spec Spec
	zone *time.Location
	hash [sha256.Size]byte
	json []byte

	index *index // by which Evaluate finds the rules
}

// NewProgram makes a program of a copy of s, in which what is empty is left out, and a group that says nothing of ties has EarlierRule.
//
// NewProgram returns an error that wraps ErrInvalid and names the field by its path in JSON, such as rules[3].ladder[1].from, if:
//   - there is no group or rule, or more of anything than the bounds of this package;
//   - an id is not 1 to MaxID letters, digits and _ - . of ASCII, or is given twice; or one that is referred to is not there;
//   - the currency, the rounding, a mode or another named choice is none, or the zone is not in the IANA database;
//   - an amount is in another currency, negative or above MaxAmount; one that may be left out is zero;
//   - a rule ends before it begins;
//   - a list is not in ascending order, has something twice or out of its bounds: there is one text for each program;
//   - a rule or a step has not exactly one way to give; or a rate is negative, or above 1 and AllowAboveWhole is not set, or above MaxRate;
//   - the steps of a ladder overlap or leave a gap, the last one has an end, or what they give falls somewhere;
//   - the shares of the funders do not add up to 1;
//   - a cap is in another currency, does not count refunds at the original instant, has an end to changes (cap's FinalAfter), or a
//     lateness below that of the program and 49 hours: a day of 25 hours, and one for the days of other zones;
//   - a number of days, months or the like is out of its bounds;
//   - its JSON would be longer than MaxProgram.
//
// It costs O(n) for n rules and entries, and keeps the JSON.
func NewProgram(s Spec) (*Program, error) {
	p := &Program{spec: s.clone()}
	where, err := p.check()
	if err != nil {
		return nil, invalidProgram(where, err)
	}
	if p.json, err = json.Marshal(&p.spec); err != nil {
		return nil, invalidProgram("", err)
	}
	if len(p.json) > MaxProgram {
		return nil, invalidProgram("", fmt.Errorf("%d bytes of JSON, want at most %d", len(p.json), MaxProgram))
	}
	p.hash = sha256.Sum256(p.json)
	p.index = newIndex(&p.spec)
	return p, nil
}

// MustProgram is [NewProgram] for programs written in Go: it panics on an error.
func MustProgram(s Spec) *Program {
	p, err := NewProgram(s)
	if err != nil {
		panic(err)
	}
	return p
}

// ID returns the id of the program, which its versions share.
func (p *Program) ID() string { return p.spec.ID }

// Version returns the version of the program, 1 or more.
func (p *Program) Version() int { return p.spec.Version }

// Currency returns the currency of all rewards.
func (p *Program) Currency() money.Currency { return p.spec.Currency }

// Zone returns the IANA name of the time zone in which days begin.
func (p *Program) Zone() string { return p.spec.Zone }

// Spec returns a copy of what the program is made of. NewProgram makes the same program of it again.
func (p *Program) Spec() Spec { return p.spec.clone() }

// Digest returns the SHA-256 of the program's JSON: two programs have the same one exactly when they are the same, word for word.
func (p *Program) Digest() [32]byte { return p.hash }

// Equal reports whether p and q are the same program, word for word.
func (p *Program) Equal(q *Program) bool {
	return p == q || p != nil && q != nil && p.hash == q.hash
}

// clone returns a spec that shares nothing with s that can change, and has one form for what may be said in two.
func (s *Spec) clone() Spec {
	c := *s
	c.Groups, c.Rules, c.Caps, c.Budgets = copied(s.Groups), copied(s.Rules), copied(s.Caps), copied(s.Budgets)
	for i := range c.Groups {
		if g := &c.Groups[i]; g.Ties == "" {
			g.Ties = EarlierRule
		}
	}
	for i := range c.Rules {
		r := &c.Rules[i]
		r.Include, r.Exclude = r.Include.clone(), r.Exclude.clone()
		r.Ladder, r.Funding = copied(r.Ladder), copied(r.Funding)
	}
	for i := range c.Caps {
		c.Caps[i].Rules = copied(c.Caps[i].Rules)
	}
	return c
}

func (f Filter) clone() Filter {
	f.Merchants, f.Groups, f.MCC = copied(f.Merchants), copied(f.Groups), copied(f.MCC)
	f.Categories, f.Countries, f.Tiers = copied(f.Categories), copied(f.Countries), copied(f.Tiers)
	return f
}

// copied returns a copy of a list, nil if it is empty.
func copied[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Clone(list)
}
