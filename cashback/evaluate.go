package cashback

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/payrules/payrules/money"
)

// fit is a rule that fits a purchase.
type fit struct {
	rule   int32 // its place in the program
	reward money.Amount
}

// Evaluate returns what the program gives for a purchase, and by which rules. It decides nothing else: it draws on no cap and no budget,
// but says what each line would take of the room there is; a nil room lets all through.
//
// The rules that fit are those that [Program.Explain] gives no reason for: by their dates on the day of the purchase in the program's
// zone, by what they include and exclude, by their least purchase, and because they give more than nothing. Each group chooses among its
// own by its mode, before caps and budgets are looked at. Those that are chosen draw on caps and budgets, in the order of groups and then
// of rules: each is granted what it gives, or what the lines before it leave of each cap that bounds it and of its budget.
//
// Evaluate returns an error if:
//   - the purchase is not valid, or its rate is missing, needless, or makes it more than MaxAmount ([ErrInvalid]);
//   - it fits more than MaxMatching rules ([ErrInvalid]);
//   - a rule, or all of them together, give more than MaxAmount ([money.ErrOverflow]);
//   - what room says of a cap or budget that is drawn on is in another currency ([ErrInvalid]).
//
// It costs O((1 + k) log n) for the k of n rules that have to be asked: those that hold on the day and are filed under the purchase's
// merchant, or else a group of it, its category, its merchant category code, its country, its tier, or under none of these. A rule is
// filed under the first of these that it includes something of, so that those for other merchants, other codes or other days are not
// asked, however many there are. Nothing is allocated but what is returned.
func (p *Program) Evaluate(purchase *Purchase, room *Room) (Evaluation, error) {
	var groups [MaxMerchantGroups]int32
	f, err := p.facts(purchase, groups[:0])
	if err != nil {
		return Evaluation{}, err
	}
	var chosen [MaxMatching]fit
	return p.evaluate(&f, room, chosen[:0])
}

func (p *Program) evaluate(f *facts, room *Room, buffer []fit) (Evaluation, error) {
	chosen, err := p.choose(f, buffer)
	if err != nil {
		return Evaluation{}, err
	}
	lines, err := p.lines(chosen, room)
	if err != nil {
		return Evaluation{}, err
	}
	sum := int64(0) // of at most MaxMatching times MaxAmount
	for i := range lines {
		sum += lines[i].Granted.Minor()
	}
	if sum > MaxAmount {
		return Evaluation{}, fmt.Errorf("cashback: the rewards for a purchase: %w", money.ErrOverflow)
	}
	return Evaluation{Base: f.base, Reward: money.New(sum, p.spec.Currency), Lines: lines}, nil
}

// DrawsOn returns the caps and budgets that the rules which apply to a purchase draw on, whatever room they have: each once, in the order
// of the program. It is what a host reads, and locks in this order, before it evaluates the purchase. It returns the errors of
// [Program.Evaluate], but for those of the room.
func (p *Program) DrawsOn(purchase *Purchase) (caps, budgets []string, err error) {
	f, err := p.facts(purchase, nil)
	if err != nil {
		return nil, nil, err
	}
	chosen, err := p.choose(&f, nil)
	if err != nil {
		return nil, nil, err
	}
	bounding, places := uint16(0), make([]int32, 0, len(chosen))
	for _, c := range chosen {
		r := &p.index.rules[c.rule]
		bounding |= r.caps
		if r.budget >= 0 {
			places = append(places, r.budget)
		}
	}
	slices.Sort(places)
	for _, place := range slices.Compact(places) {
		budgets = append(budgets, p.spec.Budgets[place].ID)
	}
	return p.capsOf(bounding, nil), budgets, nil
}

// capsOf appends the ids of a set of caps, in the order of the program.
func (p *Program) capsOf(set uint16, ids []string) []string {
	for i := range p.spec.Caps {
		if set&(1<<i) != 0 {
			ids = append(ids, p.spec.Caps[i].ID)
		}
	}
	return ids
}

// facts returns what a purchase is asked for. The numbers of its groups are appended to groups.
func (p *Program) facts(purchase *Purchase, groups numbers) (facts, error) {
	if err := purchase.Validate(); err != nil {
		return facts{}, err
	}
	base, err := purchase.base(purchase.Amount, p.spec.Currency, p.spec.Rounding)
	if err != nil {
		return facts{}, err
	}
	m, names := &purchase.Merchant, p.index.names
	for _, group := range m.Groups {
		groups = append(groups, names[group])
	}
	return facts{
		base: base, day: dayOf(purchase.At, p.zone), merchant: names[m.ID], groups: groups, category: names[m.Category],
		country: names[string(m.Country)], tier: names[purchase.Tier], mcc: m.MCC,
	}, nil
}

// fitting appends the rules that fit, in the order of the program.
func (p *Program) fitting(f *facts, fits []fit) ([]fit, error) {
	var buffer [2 * MaxMatching]int32
	found := p.index.find(f, buffer[:0])
	slices.Sort(found)
	for _, rule := range slices.Compact(found) {
		reason, reward, err := p.ask(rule, f)
		if err != nil {
			return nil, err
		}
		if reason != "" {
			continue
		}
		if len(fits) == MaxMatching {
			return nil, invalid("purchase", "it fits more than %d rules of program %s, version %d", MaxMatching, p.spec.ID, p.spec.Version)
		}
		fits = append(fits, fit{rule, reward})
	}
	return fits, nil
}

// ask returns why a rule does not fit, or what it gives.
func (p *Program) ask(rule int32, f *facts) (RuleReason, money.Amount, error) {
	r := &p.spec.Rules[rule]
	if reason := p.index.rules[rule].reason(f); reason != "" {
		return reason, money.Amount{}, nil
	}
	if below, err := r.below(f.base); below || err != nil {
		return BelowMinimum, money.Amount{}, err
	}
	reward, err := r.reward(f.base, p.spec.Rounding)
	if err != nil {
		return "", money.Amount{}, fmt.Errorf("cashback: rule %s: %w", r.ID, err)
	}
	if reward.Sign() <= 0 {
		return NothingEarned, money.Amount{}, nil
	}
	return "", reward, nil
}

// choose appends the rules that apply: what the groups choose among those that fit, in the order of groups, then of the program.
func (p *Program) choose(f *facts, chosen []fit) ([]fit, error) {
	var buffer [MaxMatching]fit
	fits, err := p.fitting(f, buffer[:0])
	if err != nil {
		return nil, err
	}
	slices.SortFunc(fits, func(a, b fit) int {
		return cmp.Or(cmp.Compare(p.index.rules[a.rule].group, p.index.rules[b.rule].group), cmp.Compare(a.rule, b.rule))
	})
	for len(fits) > 0 {
		n := 1 // of the same group as the first
		for n < len(fits) && p.index.rules[fits[n].rule].group == p.index.rules[fits[0].rule].group {
			n++
		}
		group := &p.spec.Groups[p.index.rules[fits[0].rule].group]
		if group.Mode == Stack {
			chosen = append(chosen, fits[:n]...)
		} else {
			chosen = append(chosen, p.best(group, fits[:n]))
		}
		fits = fits[n:]
	}
	return chosen, nil
}

// best returns the rule that stands before all others of a group that fit. They come in the order of the program.
func (p *Program) best(group *Group, fits []fit) fit {
	best := fits[0]
	for _, other := range fits[1:] {
		order := p.compare(group.Mode, other, best)
		if order < 0 || order == 0 && group.Ties == LaterRule {
			best = other
		}
	}
	return best
}

// compare returns a negative number if a stands before b in a group of that mode, 0 if the mode cannot tell.
func (p *Program) compare(mode Stacking, a, b fit) int {
	first, second := &p.spec.Rules[a.rule], &p.spec.Rules[b.rule]
	less := cmp.Compare(a.reward.Minor(), b.reward.Minor()) // both are in the program's currency
	switch mode {
	case First:
		return cmp.Compare(second.Priority, first.Priority)
	case BestForCustomer:
		return -less
	case BestForBank:
		return cmp.Or(cmp.Compare(costTo(Bank, a.reward, first.Funding), costTo(Bank, b.reward, second.Funding)), less)
	default: // Stack has none to choose
		return 0
	}
}
