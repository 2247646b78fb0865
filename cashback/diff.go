package cashback

import (
	"cmp"
	"fmt"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/money"
)

// Difference is one way in which a program is not another one.
type Difference struct {
	_ struct{} // disallow positional literals

	// Part is what differs: "group", "rule", "cap" or "budget", and ID which one; both are "" when it is the program itself.
	Part, ID string

	// Field is the field that differs, as the JSON of the program names it: "zone", "clawback.method", "rate", "include.mcc",
	// "policy.max" of a cap. It is the part itself where only one program has it, and "groups", "rules", "caps" or "budgets" for their order.
	Field string

	// Text says it in words, for whoever has to approve the change:
	//
	//	rule "books": rate raised from 3 % to 5 %
	Text string
}

// String returns Text.
func (d Difference) String() string { return d.Text }

// Diff returns what changes when q takes the place of p, each change in a sentence; nothing exactly when they are Equal.
// First comes what is of the whole program, then groups, rules, budgets and caps: those of p, those that q adds, and their order.
// A part is known by its id: one with another id is another part. It costs O(n) for all that both have.
func (p *Program) Diff(q *Program) []Difference {
	if p.Equal(q) {
		return nil
	}
	var d differ
	a, b := &p.spec, &q.spec
	d.texts("id", "id", a.ID, b.ID)
	d.numbers("version", "version", a.Version, b.Version)
	d.texts("currency", "currency", a.Currency, b.Currency)
	d.texts("zone", "zone", a.Zone, b.Zone)
	d.texts("rounding", "rounding", a.Rounding, b.Rounding)
	d.texts("confirmation.by", "confirmation", a.Confirmation.By, b.Confirmation.By)
	d.numbers("confirmation.days", "days to confirmation", a.Confirmation.Days, b.Confirmation.Days)
	d.numbers("expiry_months", "months to expiry", a.ExpiryMonths, b.ExpiryMonths)
	d.amounts("payout_threshold", "payout threshold", a.PayoutThreshold, b.PayoutThreshold)
	d.texts("clawback.method", "method of clawback", a.Clawback.Method, b.Clawback.Method)
	d.texts("clawback.over_balance", "clawback over the balance", a.Clawback.Balance, b.Clawback.Balance)
	d.numbers("late_days", "late days", a.LateDays, b.LateDays)
	d.numbers("refund_days", "refund days", a.RefundDays, b.RefundDays)

	diffParts(&d, "group", a.Groups, b.Groups, func(g *Group) (string, string) { return g.ID, g.words() }, d.group)
	diffParts(&d, "rule", a.Rules, b.Rules, func(r *Rule) (string, string) { return r.ID, r.words() }, d.rule)
	diffParts(&d, "budget", a.Budgets, b.Budgets, func(b *Budget) (string, string) { return b.ID, b.Total.String() }, func(a, b *Budget) {
		d.amounts("total", "total", a.Total, b.Total)
	})
	diffParts(&d, "cap", a.Caps, b.Caps, func(c *Cap) (string, string) { return c.ID, c.words() }, d.cap)
	return d.found
}

// differ collects differences.
type differ struct {
	part, id string // what is looked at
	found    []Difference
}

func (d *differ) add(field, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	switch {
	case d.part != "" && field == d.part:
		text = fmt.Sprintf("%s %q %s", d.part, d.id, text)
	case d.part != "":
		text = fmt.Sprintf("%s %q: %s", d.part, d.id, text)
	}
	d.found = append(d.found, Difference{Part: d.part, ID: d.id, Field: field, Text: text})
}

// diffParts adds what differs between two lists of parts of one kind.
func diffParts[T any](d *differ, kind string, was, is []T, words func(*T) (id, words string), compare func(a, b *T)) {
	d.part = kind
	ids := func(list []T) (map[string]int, []string) {
		places, names := make(map[string]int, len(list)), make([]string, len(list))
		for i := range list {
			names[i], _ = words(&list[i])
			places[names[i]] = i
		}
		return places, names
	}
	before, namesBefore := ids(was)
	after, namesAfter := ids(is)
	var left, stay []string // what both have, in the order of each
	for i, id := range namesBefore {
		d.id = id
		if j, both := after[id]; both {
			left = append(left, id)
			compare(&was[i], &is[j])
		} else {
			d.add(kind, "removed")
		}
	}
	for j, id := range namesAfter {
		d.id = id
		if _, both := before[id]; both {
			stay = append(stay, id)
		} else {
			_, text := words(&is[j])
			d.add(kind, "added: %s", text)
		}
	}
	d.part, d.id = "", ""
	for i, id := range left {
		if stay[i] != id {
			d.add(kind+"s", "order of %ss changed: %q comes before %q now", kind, stay[i], id)
			break
		}
	}
}

func (d *differ) group(a, b *Group) {
	d.texts("mode", "mode", a.Mode, b.Mode)
	d.texts("ties", "ties", a.Ties, b.Ties)
}

func (d *differ) rule(a, b *Rule) {
	if a.Label != b.Label {
		d.add("label", "label changed from %q to %q", a.Label, b.Label)
	}
	d.texts("group", "group", a.Group, b.Group)
	d.numbers("priority", "priority", a.Priority, b.Priority)
	d.texts("from", "first day", orNone(a.From), orNone(b.From))
	d.texts("through", "last day", orNone(a.Through), orNone(b.Through))
	d.filters("include.", "looks at", "all", &a.Include, &b.Include)
	d.filters("exclude.", "leaves out", "none", &a.Exclude, &b.Exclude)
	d.amounts("min_purchase", "least purchase", a.MinPurchase, b.MinPurchase)
	switch {
	case a.Rate.Sign() != 0 && b.Rate.Sign() != 0:
		d.ordered("rate", "rate", percent(a.Rate), percent(b.Rate), a.Rate.Compare(b.Rate))
	case a.Fixed.Valid() && b.Fixed.Valid():
		d.amounts("fixed", "fixed reward", a.Fixed, b.Fixed)
	case a.Ladder != nil && b.Ladder != nil:
		d.texts("ladder", "ladder", ladderWords(a.Ladder), ladderWords(b.Ladder))
	default:
		d.texts(b.way(), "what it gives", a.rewardWords(), b.rewardWords())
	}
	d.amounts("max_reward", "highest reward", a.MaxReward, b.MaxReward)
	if a.AllowAboveWhole != b.AllowAboveWhole {
		may := "may give more than the whole purchase now"
		if !b.AllowAboveWhole {
			may = "may no longer give more than the whole purchase"
		}
		d.add("allow_above_whole", "%s", may)
	}
	d.texts("funding", "funding", fundingWords(a.Funding), fundingWords(b.Funding))
	d.texts("budget", "budget", budgetWords(a.Budget), budgetWords(b.Budget))
}

func (d *differ) cap(a, b *Cap) {
	d.lists("rules", "rules it bounds", "all", quoted(a.Rules), quoted(b.Rules))
	for _, x := range a.Policy.Diff(b.Policy) {
		d.add("policy."+x.Field, "%s", x.Text)
	}
}

// texts adds the difference of two texts, or of what writes itself as text.
func (d *differ) texts(field, what string, a, b any) {
	if a != b {
		d.add(field, "%s changed from %v to %v", what, a, b)
	}
}

func (d *differ) numbers(field, what string, a, b int) {
	d.ordered(field, what, a, b, cmp.Compare(a, b))
}

// ordered adds the difference of two figures, of which order says how the first compares with the second.
func (d *differ) ordered(field, what string, a, b any, order int) {
	switch {
	case order < 0:
		d.add(field, "%s raised from %v to %v", what, a, b)
	case order > 0:
		d.add(field, "%s lowered from %v to %v", what, a, b)
	}
}

// amounts adds the difference of two amounts, each of which may be missing.
func (d *differ) amounts(field, what string, a, b money.Amount) {
	order, err := a.Compare(b)
	switch {
	case a == b:
	case !a.Valid():
		d.add(field, "%s of %s added", what, b)
	case !b.Valid():
		d.add(field, "%s of %s removed", what, a)
	case err != nil: // of two currencies
		d.texts(field, what, a, b)
	default:
		d.ordered(field, what, a, b, order)
	}
}

// filters adds what differs between two filters. A filter does something, such as to leave out; without entries to all or none.
func (d *differ) filters(field, does, empty string, f, g *Filter) {
	news := g.lists()
	for i, was := range f.lists() {
		d.lists(field+was.field, was.noun+" it "+does, empty, was.entries, news[i].entries)
	}
}

// lists adds what differs between two lists in ascending order; an empty one stands for what empty says.
func (d *differ) lists(field, what, empty string, was, is []string) {
	gone, come := without(was, is), without(is, was)
	switch {
	case gone == nil && come == nil:
	case was == nil || is == nil:
		d.add(field, "%s changed from %s to %s", what, listed(was, empty), listed(is, empty))
	case come == nil:
		d.add(field, "%s: %s removed", what, listed(gone, ""))
	case gone == nil:
		d.add(field, "%s: %s added", what, listed(come, ""))
	default:
		d.add(field, "%s: %s removed, %s added", what, listed(gone, ""), listed(come, ""))
	}
}

// without returns the entries that others has not.
func without(entries, others []string) (out []string) {
	there := make(map[string]bool, len(others))
	for _, e := range others {
		there[e] = true
	}
	for _, e := range entries {
		if !there[e] {
			out = append(out, e)
		}
	}
	return out
}

func orNone(day civil.Date) string {
	if day.IsZero() {
		return "none"
	}
	return day.String()
}
