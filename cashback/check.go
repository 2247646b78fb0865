package cashback

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/internal/jsonfields"
	"github.com/payrules/payrules/internal/zones"
	"github.com/payrules/payrules/money"
)

// What checks a part of a program returns, besides the error, the path inside the part of what is wrong, as package jsonfields does.

// fault is what is wrong with a field, if anything is.
type fault struct {
	where string
	err   error
}

// first returns the first fault that is one.
func first(faults ...fault) (where string, err error) {
	for _, f := range faults {
		if f.err != nil {
			return f.where, f.err
		}
	}
	return "", nil
}

// check returns what is wrong with the program, and where. It finds the zone on the way.
func (p *Program) check() (where string, err error) {
	s := &p.spec
	var zone error
	p.zone, zone = zones.Load(s.Zone)
	if where, err = first(
		fault{".id", checkID(s.ID)},
		fault{".version", within(s.Version, 1, MaxVersion)},
		fault{".currency", s.checkCurrency()},
		fault{".zone", zone},
		fault{".rounding", s.checkRounding()},
	); err != nil {
		return where, err
	}
	if where, err = s.checkParts(); err != nil {
		return where, err
	}
	days := fault{".confirmation.days", within(s.Confirmation.Days, 0, MaxWaitDays)}
	if c := s.Confirmation; c.By != ByDelay && c.Days != 0 {
		days.err = fmt.Errorf("%d, want none where it is confirmed by %s", c.Days, c.By)
	}
	return first(
		fault{".confirmation.by", oneOf(s.Confirmation.By, ByDelay, ByAction, ByMerchant)},
		days,
		fault{".expiry_months", within(s.ExpiryMonths, 0, MaxExpiry)},
		fault{".payout_threshold", s.checkAmount(s.PayoutThreshold, 0)},
		fault{".clawback.method", oneOf(s.Clawback.Method, Recompute, Proportional)},
		fault{".clawback.over_balance", oneOf(s.Clawback.Balance, OnlyPending, WithinBalance, Unlimited)},
		fault{".late_days", within(s.LateDays, 1, MaxLateDays)},
		fault{".refund_days", within(s.RefundDays, s.LateDays, MaxRefunding)},
	)
}

// checkParts checks the groups, rules, caps and budgets.
func (s *Spec) checkParts() (where string, err error) {
	groups, where, err := places(".groups", 1, MaxGroups, s.Groups, func(g *Group) string { return g.ID })
	if err != nil {
		return where, err
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		if where, err = first(
			fault{".mode", oneOf(g.Mode, Stack, First, BestForCustomer, BestForBank)},
			fault{".ties", oneOf(g.Ties, EarlierRule, LaterRule)},
		); err != nil {
			return fmt.Sprintf(".groups[%d]%s", i, where), err
		}
	}
	budgets, where, err := places(".budgets", 0, MaxBudgets, s.Budgets, func(b *Budget) string { return b.ID })
	if err != nil {
		return where, err
	}
	for i := range s.Budgets {
		if err := s.checkAmount(s.Budgets[i].Total, 0); err != nil {
			return fmt.Sprintf(".budgets[%d].total", i), err
		}
	}
	rules, where, err := places(".rules", 1, MaxRules, s.Rules, func(r *Rule) string { return r.ID })
	if err != nil {
		return where, err
	}
	for i := range s.Rules {
		r := &s.Rules[i]
		where, err = s.checkRule(r)
		if err == nil {
			where, err = first(fault{".group", known(groups, r.Group)}, fault{".budget", ifGiven(r.Budget, budgets)})
		}
		if err != nil {
			return fmt.Sprintf(".rules[%d]%s", i, where), err
		}
	}
	if _, where, err = places(".caps", 0, MaxCaps, s.Caps, func(c *Cap) string { return c.ID }); err != nil {
		return where, err
	}
	for i := range s.Caps {
		if where, err = s.checkCap(&s.Caps[i], rules); err != nil {
			return fmt.Sprintf(".caps[%d]%s", i, where), err
		}
	}
	return "", nil
}

// checkCap checks all of a cap but its id.
func (s *Spec) checkCap(c *Cap, rules map[string]int) (where string, err error) {
	for j, id := range c.Rules {
		if err := known(rules, id); err != nil {
			return fmt.Sprintf(".rules[%d]", j), err
		}
	}
	if where, err = ascending(".rules", MaxRules, c.Rules, func(string) error { return nil }); err != nil {
		return where, err
	}
	p := c.Policy
	if p == nil || !p.Currency().Valid() {
		return ".policy", errNone
	}
	if p.Currency() != s.Currency {
		return ".policy.currency", inAnother(p.Currency(), s.Currency)
	}
	for j, l := range p.Limits() {
		if l.Counting.Refund != cap.Original {
			return fmt.Sprintf(".policy.limits[%d].counting.refund", j), errors.New("want original: what is taken back is room again")
		}
		if l.Counting.Authorize == cap.Ignored {
			return fmt.Sprintf(".policy.limits[%d].counting.authorize", j), errors.New("want now: it would bound nothing")
		}
	}
	// A purchase may be dated on any instant of the day that lies so many days back: two days that are not over, and an hour of the clocks.
	days, kind := s.LateDays, "late days"
	if slices.ContainsFunc(p.Limits(), func(l cap.Limit) bool { return l.Window.Equal(cap.Lifetime()) }) {
		days, kind = s.RefundDays, "days of refunds: what counts for ever has to be known as long as it may be taken back"
	}
	if least := time.Duration(days)*24*time.Hour + 49*time.Hour; p.Lateness() < least {
		return ".policy.lateness", fmt.Errorf("%s, want %s at least for %d %s", p.Lateness(), least, days, kind)
	}
	if p.FinalAfter() != 0 {
		return ".policy.final_after", errors.New("want none: what is taken back is room again, however late")
	}
	return "", nil
}

func (s *Spec) checkCurrency() error {
	if !s.Currency.Valid() {
		return errNone
	}
	return nil
}

func (s *Spec) checkRounding() error {
	if !s.Rounding.Valid() {
		return errNone
	}
	return nil
}

// checkAmount checks an amount that must be there, from so many minor units on.
func (s *Spec) checkAmount(a money.Amount, least int64) error {
	switch {
	case a == money.Amount{}:
		return errNone
	case a.Currency() != s.Currency:
		return inAnother(a.Currency(), s.Currency)
	case a.Minor() < least || a.Minor() > MaxAmount:
		return fmt.Errorf("%s, want %d to 2^54-1 minor units", a, least)
	}
	return nil
}

// checkOptional checks an amount that may be left out, and is not zero where it is there.
func (s *Spec) checkOptional(a money.Amount) error {
	if a == (money.Amount{}) {
		return nil
	}
	return s.checkAmount(a, 1)
}

// errNone is of what must be there.
var errNone = errors.New("none given")

func inAnother(got, want money.Currency) error {
	return fmt.Errorf("in %s, want the program's %s", got, want)
}

// checkID returns an error if s cannot be the id of a program, or of a part of one: it stands in events and messages, so it needs no escaping.
func checkID(s string) error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
	if s == "" || len(s) > MaxID || strings.Trim(s, allowed) != "" {
		return fmt.Errorf("%q, want 1 to %d letters, digits and _ - . of ASCII", jsonfields.Clip(s), MaxID)
	}
	return nil
}

// places checks how many parts there are, and their ids. It returns the place of each.
func places[T any](list string, least, most int, parts []T, id func(*T) string) (map[string]int, string, error) {
	if len(parts) < least || len(parts) > most {
		return nil, list, fmt.Errorf("%d of them, want %d to %d", len(parts), least, most)
	}
	found := make(map[string]int, len(parts))
	for i := range parts {
		name := id(&parts[i])
		err := checkID(name)
		if j, twice := found[name]; twice {
			err = fmt.Errorf("%q is the id of %s[%d] too", name, list[1:], j)
		}
		if err != nil {
			return nil, fmt.Sprintf("%s[%d].id", list, i), err
		}
		found[name] = i
	}
	return found, "", nil
}

// known returns an error if there is no part of that id.
func known(parts map[string]int, id string) error {
	if _, ok := parts[id]; !ok {
		return fmt.Errorf("%q, which is not in the program", jsonfields.Clip(id))
	}
	return nil
}

// ifGiven is known of an id that may be left out.
func ifGiven(id string, parts map[string]int) error {
	if id == "" {
		return nil
	}
	return known(parts, id)
}

// oneOf returns an error if a choice is none of these.
func oneOf[T ~string](got T, want ...T) error {
	if !slices.Contains(want, got) {
		return fmt.Errorf("%q, want one of %v", jsonfields.Clip(string(got)), want)
	}
	return nil
}

func within(n, least, most int) error {
	if n < least || n > most {
		return fmt.Errorf("%d, want %d to %d", n, least, most)
	}
	return nil
}
