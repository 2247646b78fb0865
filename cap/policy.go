package cap

import (
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/payrules/payrules/money"
)

// Bounds of a policy.
const (
	MaxLimits = 8        // limits in a policy
	MaxName   = 64       // bytes in the name of a limit
	MaxPolicy = 64 << 10 // bytes in the JSON of a policy
)

// DefaultLateness is the lateness of a policy that names none.
const DefaultLateness = 24 * time.Hour

// MaxAmount is the largest amount of one spend, in minor units: 2^62-1.
const MaxAmount = 1<<62 - 1

// Limit is one rule of a policy: at no instant may the spends in Window amount to more than Max, or be more than
// MaxCount. It has an amount, a count, or both.
type Limit struct {
	_ struct{} // disallow positional literals

	// Name tells the limit from the others of the policy: 1 to MaxName bytes of letters, digits and _ - . of ASCII.
	Name string

	// Max is the most that the spends in the window may amount to. Zero of a currency lets nothing through; the zero
	// Amount stands for no limit of amount.
	Max money.Amount

	// MaxCount is how many spends the window may hold; 0 stands for no limit of count. A PerTransaction window takes
	// none.
	MaxCount int64

	// Window says which spends count together.
	Window Window
}

// PolicyOptions are the settings of a policy that have a default. Nil stands for all the defaults.
type PolicyOptions struct {
	_ struct{} // disallow positional literals

	// Lateness is how far before the latest recorded spend a new one may be dated, at most: what is older is refused as
	// TooLate. From 1 microsecond to MaxRolling, in whole microseconds; 0 stands for DefaultLateness. A meter keeps
	// that much more history than its windows need.
	Lateness time.Duration
}

// Policy is a set of limits in one currency. It is immutable and safe for concurrent use: share one among all the
// meters that it rules. Make it with [NewPolicy] or [ParsePolicy].
type Policy struct {
	currency money.Currency
	lateness int64
	limits   []Limit
	rules    []rule
	slots    int   // how many slots of a meter's memory its cursors and memos take
	reach    int64 // of the longest rolling window, at least 1
	plain    bool  // every window is a rolling one
	json     []byte
	digest   [sha256.Size]byte
}

// rule is a limit made ready for the meter.
type rule struct {
	kind     kind
	slot     int   // of the cursor; what a stepped window keeps besides stands behind it
	span     int64 // of a rolling window, in microseconds
	max      int64 // never, when there is no limit of amount
	maxCount int64 // never, when there is no limit of count
	window   Window
}

// finite reports whether spends leave the window one day, so that it has a cursor.
func (r *rule) finite() bool { return r.slot >= 0 }

// NewPolicy returns the policy of the limits, which is what decides together: a spend must fit all of them. Nil options
// stand for the defaults.
//
// NewPolicy returns an error that wraps ErrInvalid and names the field if:
//   - the currency is not valid;
//   - there is no limit, or more than MaxLimits;
//   - a name is malformed, or given twice;
//   - a limit has neither amount nor count, a negative one, one of another currency, or one above MaxAmount;
//   - a window is the zero window, out of its bounds, or in a zone that its name would not find again;
//   - the lateness is negative, above MaxRolling, or not in whole microseconds.
func NewPolicy(currency money.Currency, limits []Limit, options *PolicyOptions) (*Policy, error) {
	p := &Policy{currency: currency, limits: slices.Clone(limits), lateness: DefaultLateness.Microseconds(), reach: 1}
	if !currency.Valid() {
		return nil, invalid("policy: currency", "none given")
	}
	if options != nil && options.Lateness != 0 {
		l := options.Lateness
		if l < 0 || l > MaxRolling || l%time.Microsecond != 0 {
			return nil, invalid("policy: lateness", "want a whole number of microseconds, from 1 to %d days", MaxRolling/(24*time.Hour))
		}
		p.lateness = l.Microseconds()
	}
	if len(limits) < 1 || len(limits) > MaxLimits {
		return nil, invalid("policy: limits", "%d of them, want 1 to %d", len(limits), MaxLimits)
	}
	for i := range p.limits {
		if err := p.add(i); err != nil {
			return nil, err
		}
	}
	p.plain = !slices.ContainsFunc(p.rules, func(r rule) bool { return r.kind != rolling })
	p.json = p.encode()
	p.digest = sha256.Sum256(p.json)
	return p, nil
}

// MustPolicy is [NewPolicy] for policies written in the program: it panics on an error.
func MustPolicy(currency money.Currency, limits []Limit, options *PolicyOptions) *Policy {
	p, err := NewPolicy(currency, limits, options)
	if err != nil {
		panic(err)
	}
	return p
}

// add checks limit i and makes its rule.
func (p *Policy) add(i int) error {
	l := &p.limits[i]
	field := func(name string) string { return fmt.Sprintf("policy: limits[%d]%s", i, name) }
	if !validName(l.Name) {
		return invalid(field(".name"), "%q, want 1 to %d letters, digits and _ - . of ASCII", clip(l.Name), MaxName)
	}
	for j := range i {
		if p.limits[j].Name == l.Name {
			return invalid(field(".name"), "%q is the name of limits[%d] too", l.Name, j)
		}
	}
	if where, err := l.Window.validate(); err != nil {
		return invalid(field(".window"+where), "%v", err)
	}
	hasMax := l.Max != money.Amount{}
	switch {
	case !hasMax && l.MaxCount == 0:
		return invalid(field(""), "neither max nor max_count, want one or both")
	case hasMax && l.Max.Currency() != p.currency:
		return invalid(field(".max"), "in %s, want the policy's %s", l.Max.Currency(), p.currency)
	case l.Max.Minor() < 0 || l.Max.Minor() > MaxAmount:
		return invalid(field(".max"), "%s, want 0 to 2^62-1 minor units", l.Max)
	case l.MaxCount < 0:
		return invalid(field(".max_count"), "%d, want 1 or more, or none", l.MaxCount)
	case l.MaxCount > 0 && l.Window.kind == perTransaction:
		return invalid(field(".max_count"), "a transaction is always one")
	}
	r := rule{kind: l.Window.kind, slot: -1, span: l.Window.n, max: math.MaxInt64, maxCount: math.MaxInt64, window: l.Window}
	if hasMax {
		r.max = l.Max.Minor()
	}
	if l.MaxCount > 0 {
		r.maxCount = l.MaxCount
	}
	switch {
	case r.kind == rolling:
		r.slot = p.slots
		p.slots++
		p.reach = max(p.reach, r.span)
	case r.kind == calendar: // and the memos of after and until
		r.slot = p.slots
		p.slots += 3
	case r.kind.grouped(): // and what leaves first
		r.slot = p.slots
		p.slots += 4
	}
	p.rules = append(p.rules, r)
	return nil
}

// validName reports whether s may name a limit: it stands in events and messages, so it needs no escaping.
func validName(s string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
	return s != "" && len(s) <= MaxName && strings.Trim(s, allowed) == ""
}

// Currency returns the currency of the policy.
func (p *Policy) Currency() money.Currency { return p.currency }

// Lateness returns how far before the latest recorded spend a new one may be dated.
func (p *Policy) Lateness() time.Duration { return time.Duration(p.lateness) * time.Microsecond }

// Limits returns a copy of the limits, in order.
func (p *Policy) Limits() []Limit { return slices.Clone(p.limits) }

// Digest returns the SHA-256 of the policy's JSON: two policies have the same one exactly when they rule alike in every
// word. Snapshots carry it.
func (p *Policy) Digest() [32]byte { return p.digest }

// Equal reports whether p and q are the same policy, word for word.
func (p *Policy) Equal(q *Policy) bool {
	return p == q || p != nil && q != nil && p.digest == q.digest
}

// index returns the place of the limit of that name.
func (p *Policy) index(name string) (int, bool) {
	i := slices.IndexFunc(p.limits, func(l Limit) bool { return l.Name == name })
	return i, i >= 0
}

// horizon returns the latest instant that no window reaches from oldest or after it. It is before oldest, so that every
// spend that may still be sent again is found.
func (p *Policy) horizon(oldest int64) int64 {
	h := oldest - p.reach
	for i := range p.rules {
		if r := &p.rules[i]; r.window.stepped() {
			h = min(h, r.window.after(oldest))
		}
	}
	return h
}
