package cashback

import (
	"fmt"
	"strings"

	"github.com/payrules/payrules/money"
)

// The parts of a program in words, for Diff.

// words describes all that a rule is but for its id and label.
func (r *Rule) words() string {
	out := r.rewardWords()
	if r.MaxReward.Valid() {
		out += ", at most " + r.MaxReward.String()
	}
	if r.MinPurchase.Valid() {
		out += ", for purchases of " + r.MinPurchase.String() + " or more"
	}
	if r.From.Valid() {
		out += ", from " + r.From.String()
	}
	if r.Through.Valid() {
		out += ", through " + r.Through.String()
	}
	for _, part := range [...]struct {
		word, joint string
		filter      *Filter
	}{{"for", " and ", &r.Include}, {"but not for", " or ", &r.Exclude}} {
		var lists []string
		for _, list := range part.filter.lists() {
			if list.entries != nil {
				lists = append(lists, list.noun+" "+strings.Join(list.entries, ", "))
			}
		}
		if lists != nil {
			out += ", " + part.word + " " + strings.Join(lists, part.joint)
		}
	}
	out += fmt.Sprintf(", in group %q", r.Group)
	if r.Priority != 0 {
		out += fmt.Sprintf(" with priority %d", r.Priority)
	}
	out += ", paid by " + fundingWords(r.Funding)
	if r.Budget != "" {
		out += fmt.Sprintf(", of budget %q", r.Budget)
	}
	if r.AllowAboveWhole {
		out += ", which may be more than the whole purchase"
	}
	return out
}

// way names the field by which terms give.
func (t *Terms) way() string {
	switch {
	case t.Ladder != nil:
		return "ladder"
	case t.Fixed.Valid():
		return "fixed"
	}
	return "rate"
}

// rewardWords says how much terms give, bounds aside.
func (t *Terms) rewardWords() string {
	switch {
	case t.Ladder != nil:
		return ladderWords(t.Ladder)
	case t.Fixed.Valid():
		return t.Fixed.String()
	}
	return percent(t.Rate)
}

func ladderWords(steps []Step) string {
	var out []string
	for _, s := range steps {
		gives := s.Fixed.String()
		if s.Rate.Sign() != 0 {
			gives = percent(s.Rate)
		}
		out = append(out, fmt.Sprintf("%s from %s on", gives, s.From))
	}
	return strings.Join(out, ", ")
}

func fundingWords(funders []Funder) string {
	var out []string
	for _, f := range funders {
		out = append(out, fmt.Sprintf("%s %s", f.ID, percent(f.Share)))
	}
	return strings.Join(out, " and ")
}

func budgetWords(id string) string {
	if id == "" {
		return "none"
	}
	return fmt.Sprintf("%q", id)
}

func (g *Group) words() string {
	return string(g.Mode) + ", ties to the " + strings.ReplaceAll(string(g.Ties), "_", " ")
}

func (c *Cap) words() string {
	out := "on all rules"
	if c.Rules != nil {
		out = "on the rules " + strings.Join(quoted(c.Rules), ", ")
	}
	for _, x := range c.Policy.Limits() {
		out += fmt.Sprintf(", limit %q: %s", x.Name, x)
	}
	return fmt.Sprintf("%s, lateness %s", out, c.Policy.Lateness())
}

// percent writes a rate as "1.5 %", or as a fraction such as "1/3" where it has no end.
func percent(r money.Rate) string {
	d, err := r.Decimal()
	if err != nil {
		return r.String()
	}
	return d.Shift(2).String() + " %"
}

// filterList is one list of a Filter, in words.
type filterList struct {
	field   string // in JSON
	noun    string
	entries []string
}

// lists returns the lists of a filter, in their order in JSON. Names that may be anything are quoted.
func (f *Filter) lists() [6]filterList {
	out := [...]filterList{
		{"merchants", "merchants", quoted(f.Merchants)}, {"merchant_groups", "merchant groups", quoted(f.Groups)},
		{"mcc", "merchant categories", nil}, {"categories", "categories", quoted(f.Categories)},
		{"countries", "countries", nil}, {"tiers", "tiers", quoted(f.Tiers)},
	}
	for _, m := range f.MCC {
		out[2].entries = append(out[2].entries, m.String())
	}
	for _, c := range f.Countries {
		out[4].entries = append(out[4].entries, string(c))
	}
	return out
}

func quoted(names []string) (out []string) {
	for _, name := range names {
		out = append(out, fmt.Sprintf("%q", name))
	}
	return out
}

func listed(entries []string, empty string) string {
	if len(entries) == 0 {
		return empty
	}
	return strings.Join(entries, ", ")
}
