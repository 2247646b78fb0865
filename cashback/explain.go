package cashback

import (
	"slices"
	"strings"
)

// Explain returns what becomes of every rule of the program for a purchase, in the order of the program: those that apply with their line
// of [Program.Evaluate], all others with the first reason that holds, in the order of [RuleReasons]. It asks every rule one by one, so
// that it costs O(rules): it is for people, and Evaluate for payments. It returns the errors of Evaluate.
func (p *Program) Explain(purchase *Purchase, room *Room) ([]Outcome, error) {
	f, err := p.facts(purchase, nil)
	if err != nil {
		return nil, err
	}
	e, err := p.evaluate(&f, room, nil)
	if err != nil {
		return nil, err
	}
	lines, winners := map[string]*Line{}, map[string]string{}
	for i := range e.Lines {
		lines[e.Lines[i].Rule] = &e.Lines[i]
	}
	for i := range p.spec.Rules {
		if r := &p.spec.Rules[i]; lines[r.ID] != nil {
			winners[r.Group] = r.ID
		}
	}
	outcomes := make([]Outcome, len(p.spec.Rules))
	for i := range p.spec.Rules {
		r, out := &p.spec.Rules[i], &outcomes[i]
		out.Rule = r.ID
		if line := lines[r.ID]; line != nil {
			out.Applied, out.Line, out.Reason, out.Given = true, line, line.Short, line.By
			continue
		}
		reason, _, err := p.ask(int32(i), &f)
		if err != nil {
			return nil, err
		}
		if out.Reason, out.Given = reason, given(reason, r, purchase, &f); reason == "" {
			out.Reason, out.Given = Outdone, winners[r.Group]
		}
		if reason == BelowMinimum {
			out.Least = r.MinPurchase
		}
	}
	return outcomes, nil
}

// given returns what a reason speaks of, of the purchase; "" if that is not known.
func given(reason RuleReason, r *Rule, p *Purchase, f *facts) string {
	m := &p.Merchant
	switch reason {
	case NotStarted, Ended:
		return f.day.String()
	case MerchantNotIncluded, MerchantExcluded:
		return m.ID
	case MerchantGroupNotIncluded:
		return strings.Join(m.Groups, ", ")
	case MerchantGroupExcluded:
		return m.Groups[slices.IndexFunc(m.Groups, func(g string) bool { return slices.Contains(r.Exclude.Groups, g) })]
	case MCCNotIncluded, MCCExcluded:
		if m.MCC == 0 {
			return ""
		}
		return m.MCC.String()
	case CategoryNotIncluded, CategoryExcluded:
		return m.Category
	case CountryNotIncluded, CountryExcluded:
		return string(m.Country)
	case TierNotIncluded, TierExcluded:
		return p.Tier
	case BelowMinimum, NothingEarned:
		return f.base.String()
	default: // of the rule, or of a line
		return ""
	}
}
