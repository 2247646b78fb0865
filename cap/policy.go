package cap

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payrules/payrules/money"
)

// Bounds of a policy.
const (
	MaxLimits       = 31        // limits in a policy: with the book of every spend, a bit of groups for each
	MaxName         = 64        // bytes in the name of a limit
	MaxOverrides    = 16        // overrides of a limit
	MaxAlerts       = 8         // alerts of a limit
	MaxAlertPercent = 1000      // percent
	MaxPolicy       = 256 << 10 // bytes in the JSON of a policy
)

// DefaultLateness is the lateness of a policy that names none.
const DefaultLateness = 24 * time.Hour

// MaxAmount is the largest amount of one spend, in minor units: 2^54-1, about 180 million millions of a currency with
// two decimals.
const MaxAmount = int64(1)<<54 - 1

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

	// Scope says which spends the limit looks at: all of them, when it is zero.
	Scope Scope

	// Counting says what each kind of event does to what the limit counts.
	Counting Counting

	// Overrides are other maxima for a while, in the order of time: at most MaxOverrides.
	Overrides []Override

	// Alerts are thresholds in percent of Max or MaxCount, from 1 to MaxAlertPercent, upwards, at most MaxAlerts: a decision that
	// takes what is used up to one of them says so.
	Alerts []int
}

// Override is another maximum of a limit for spends dated from From until just before Until. What was spent under a
// raised limit stays spent: when the override ends, the limit may be left over its maximum, and then takes nothing until
// enough has left.
type Override struct {
	_ struct{} // disallow positional literals

	From, Until time.Time

	// Max and MaxCount replace those of the limit; the zero Amount and 0 leave them as they are. A limit that has no
	// amount, or no count, cannot get one.
	Max      money.Amount
	MaxCount int64
}

// PolicyOptions are the settings of a policy that have a default. Nil stands for all the defaults.
type PolicyOptions struct {
	_ struct{} // disallow positional literals

	// Lateness is how far before the latest recorded spend a new one may be dated, at most: what is older is refused as
	// TooLate. From 1 microsecond to MaxRolling, in whole microseconds; 0 stands for DefaultLateness. A meter keeps
	// that much more history than its windows need.
	Lateness time.Duration

	// FinalAfter is how long before the latest recorded instant a spend may lie, at most, to be changed: what is older is
	// final, and can no longer be reversed, adjusted, captured, refunded or told from a new one; a hold, once it has
	// ended. From the lateness to MaxRolling, in whole microseconds; 0: a spend may be changed as long as it is kept. It
	// saves memory: where all the windows of an account are of civil hours, days or months, what is final takes one entry
	// for each of those, and not one for each spend.
	FinalAfter time.Duration
}

// Policy is a set of limits in one currency. It is immutable and safe for concurrent use: share one among all the
// meters that it rules. Make it with [NewPolicy] or [ParsePolicy].
type Policy struct {
	currency money.Currency
	lateness int64
	limits   []Limit

	finalAfter int64    // 0: never
	groups     []*group // the first one is that of the book that knows every spend
	plain      bool     // one group of rolling windows, with nothing to look at but sums
	captures   bool     // some limit counts captures at their own instant
	attempts   bool     // some limit counts refused spends
	watches    bool     // some limit has more to say of a change than how it stands after it: alerts, or whether one spend is too much
	json       []byte
	digest     [sha256.Size]byte
}

// NewPolicy returns the policy of the limits, which is what decides together: a spend must fit all of them that look at
// it. Nil options stand for the defaults.
//
// NewPolicy returns an error that wraps ErrInvalid and names the field if:
//   - the currency is not valid;
//   - there is no limit, or more than MaxLimits;
//   - a name is malformed, or given twice;
//   - a limit has neither amount nor count, a negative one, one of another currency, or one above MaxAmount;
//   - a window is the zero window, out of its bounds, or in a zone that its name would not find again; or it is the fourth
//     OpenedByFirstUse among limits of the same scope and counting;
//   - a scope, a counting, an override or an alert is malformed, out of its bounds, or out of order;
//   - the lateness is negative, or FinalAfter is below it; or either is above MaxRolling, or not in whole microseconds;
//   - its JSON would be longer than MaxPolicy.
func NewPolicy(currency money.Currency, limits []Limit, options *PolicyOptions) (*Policy, error) {
	p := &Policy{currency: currency, lateness: DefaultLateness.Microseconds()}
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
	if options != nil && options.FinalAfter != 0 {
		f := options.FinalAfter
		if f.Microseconds() < p.lateness || f > MaxRolling || f%time.Microsecond != 0 {
			return nil, invalid("policy: final_after", "want a whole number of microseconds, from the lateness to %d days", MaxRolling/(24*time.Hour))
		}
		p.finalAfter = f.Microseconds()
	}
	if len(limits) < 1 || len(limits) > MaxLimits {
		return nil, invalid("policy: limits", "%d of them, want 1 to %d", len(limits), MaxLimits)
	}
	for i := range limits {
		l := limits[i].clone()
		l.Counting = l.Counting.short()
		p.limits = append(p.limits, l)
		if where, err := p.check(i); err != nil {
			return nil, invalid(fmt.Sprintf("policy: limits[%d]%s", i, where), "%v", err)
		}
	}
	if i := p.arrange(); i >= 0 {
		return nil, invalid(fmt.Sprintf("policy: limits[%d].window", i), "more than %d windows opened by first use among limits of the same scope and counting", maxOpens)
	}
	p.json = p.encode()
	if len(p.json) > MaxPolicy {
		return nil, invalid("policy", "%d bytes of JSON, want at most %d", len(p.json), MaxPolicy)
	}
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

// clone returns a limit that shares nothing with l.
func (l *Limit) clone() Limit {
	c := *l
	c.Overrides, c.Alerts = slices.Clone(l.Overrides), slices.Clone(l.Alerts)
	for _, f := range [...]*Filter{&c.Scope.Include, &c.Scope.Exclude} {
		f.Categories, f.Merchants = slices.Clone(f.Categories), slices.Clone(f.Merchants)
		f.Countries, f.Channels = slices.Clone(f.Countries), slices.Clone(f.Channels)
	}
	return c
}

// check returns what is wrong with limit i, and where inside it.
func (p *Policy) check(i int) (where string, err error) {
	l := &p.limits[i]
	if !validName(l.Name) {
		return ".name", fmt.Errorf("%q, want 1 to %d letters, digits and _ - . of ASCII", clip(l.Name), MaxName)
	}
	for j := range i {
		if p.limits[j].Name == l.Name {
			return ".name", fmt.Errorf("%q is the name of limits[%d] too", l.Name, j)
		}
	}
	if where, err := l.Window.validate(); err != nil {
		return ".window" + where, err
	}
	hasMax := l.Max != money.Amount{}
	switch {
	case !hasMax && l.MaxCount == 0:
		return "", fmt.Errorf("neither max nor max_count, want one or both")
	case hasMax && l.Max.Currency() != p.currency:
		return ".max", fmt.Errorf("in %s, want the policy's %s", l.Max.Currency(), p.currency)
	case l.Max.Minor() < 0 || l.Max.Minor() > MaxAmount:
		return ".max", fmt.Errorf("%s, want 0 to 2^54-1 minor units", l.Max)
	case l.MaxCount < 0:
		return ".max_count", fmt.Errorf("%d, want 1 or more, or none", l.MaxCount)
	case l.MaxCount > 0 && l.Window.kind == perTransaction:
		return ".max_count", fmt.Errorf("a transaction is always one")
	}
	if _, where, err = l.Scope.ready(); err != nil {
		return ".scope" + where, err
	}
	if _, where, err = l.Counting.ready(); err != nil {
		return ".counting" + where, err
	}
	if where, err = p.checkOverrides(l); err != nil {
		return where, err
	}
	if len(l.Alerts) > MaxAlerts {
		return ".alerts", fmt.Errorf("%d of them, want at most %d", len(l.Alerts), MaxAlerts)
	}
	for j, percent := range l.Alerts {
		if percent < 1 || percent > MaxAlertPercent || j > 0 && percent <= l.Alerts[j-1] {
			return fmt.Sprintf(".alerts[%d]", j), fmt.Errorf("%d percent, want 1 to %d, upwards", percent, MaxAlertPercent)
		}
	}
	return "", nil
}

// checkOverrides returns what is wrong with the overrides of a limit, and where.
func (p *Policy) checkOverrides(l *Limit) (where string, err error) {
	if len(l.Overrides) > MaxOverrides {
		return ".overrides", fmt.Errorf("%d of them, want at most %d", len(l.Overrides), MaxOverrides)
	}
	before := int64(-1)
	for j := range l.Overrides {
		o := &l.Overrides[j]
		field := fmt.Sprintf(".overrides[%d]", j)
		from, err := instantOf(o.From)
		if err != nil {
			return field + ".from", err
		}
		until, err := instantOf(o.Until)
		hasMax := o.Max != money.Amount{}
		switch {
		case err != nil:
			return field + ".until", err
		case from < before:
			return field + ".from", fmt.Errorf("before the end of the one before it")
		case until <= from:
			return field + ".until", fmt.Errorf("want it after from")
		case !hasMax && o.MaxCount == 0:
			return field, fmt.Errorf("neither max nor max_count, want one or both")
		case hasMax && (!l.Max.Valid() || o.Max.Currency() != p.currency || o.Max.Minor() < 0 || o.Max.Minor() > MaxAmount):
			return field + ".max", fmt.Errorf("%s, want 0 to 2^54-1 minor units of %s, for a limit that has an amount", o.Max, p.currency)
		case o.MaxCount != 0 && (l.MaxCount == 0 || o.MaxCount < 0):
			return field + ".max_count", fmt.Errorf("%d, want 1 or more, for a limit that has a count", o.MaxCount)
		}
		o.From, o.Until = timeOf(from), timeOf(until)
		before = until
	}
	return "", nil
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
func (p *Policy) Limits() []Limit {
	out := make([]Limit, len(p.limits))
	for i := range out {
		out[i] = p.limits[i].clone()
	}
	return out
}

// FinalAfter returns after how long a spend is final; 0: never.
func (p *Policy) FinalAfter() time.Duration { return time.Duration(p.finalAfter) * time.Microsecond }

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

// ruleOf returns the rule of limit i, and its group.
func (p *Policy) ruleOf(i int) (r *rule, group int) {
	for k, g := range p.groups {
		for j := range g.rules {
			if g.rules[j].row == i {
				return &g.rules[j], k
			}
		}
	}
	return nil, -1
}
