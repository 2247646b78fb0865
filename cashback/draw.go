package cashback

import (
	"math/bits"
	"slices"

	"github.com/payrules/payrules/money"
)

// This file draws what rules give on the room of caps and budgets.

// lines returns what the chosen rules give and are granted. The short lists of all lines share one slice of each kind, and nothing with
// the program.
func (p *Program) lines(chosen []fit, room *Room) ([]Line, error) {
	if len(chosen) == 0 {
		return nil, nil
	}
	funders, caps := 0, 0
	for _, c := range chosen {
		funders += len(p.spec.Rules[c.rule].Funding)
		caps += bits.OnesCount16(p.index.rules[c.rule].caps)
	}
	lines, shares, ids := make([]Line, len(chosen)), make([]Share, 0, funders), make([]string, 0, caps)
	for i, c := range chosen {
		rule, line := &p.spec.Rules[c.rule], &lines[i]
		*line = Line{Rule: rule.ID, Reward: c.reward, Granted: c.reward, Budget: rule.Budget, Terms: rule.Terms}
		line.Terms.Ladder = slices.Clone(rule.Ladder)
		if ids = p.capsOf(p.index.rules[c.rule].caps, ids[len(ids):]); len(ids) > 0 {
			line.Caps = slices.Clip(ids)
		}
		if room != nil {
			if err := p.boundLine(lines, chosen, i, room); err != nil {
				return nil, err
			}
		}
		if shares = fund(line.Granted, rule.Funding, shares[len(shares):]); len(shares) > 0 {
			line.Funding = slices.Clip(shares)
		}
	}
	return lines, nil
}

// boundLine bounds what line i is granted by what the lines before it leave of its caps and its budget. Of several that leave the same, the
// first cap is told, and a cap before the budget. It costs O(lines × caps), of which there are few.
func (p *Program) boundLine(lines []Line, chosen []fit, i int, room *Room) error {
	line, r := &lines[i], &p.index.rules[chosen[i].rule]
	for c := range p.spec.Caps {
		if r.caps&(1<<c) == 0 {
			continue
		}
		id := p.spec.Caps[c].ID
		left, err := p.roomOf("room.caps", id, room.Caps[id])
		if err != nil {
			return err
		}
		for j := range i {
			if p.index.rules[chosen[j].rule].caps&(1<<c) != 0 {
				left -= lines[j].Granted.Minor()
			}
		}
		line.boundBy(left, CapReached, id)
	}
	if r.budget < 0 {
		return nil
	}
	left, err := p.roomOf("room.budgets", line.Budget, room.Budgets[line.Budget])
	if err != nil {
		return err
	}
	for j := range i {
		if p.index.rules[chosen[j].rule].budget == r.budget {
			left -= lines[j].Granted.Minor()
		}
	}
	line.boundBy(left, BudgetExhausted, line.Budget)
	return nil
}

// roomOf returns how much room there is of a cap or budget before any line: none if nothing is said of it, or it is overdrawn.
func (p *Program) roomOf(field, id string, room money.Amount) (int64, error) {
	if room == (money.Amount{}) {
		return 0, nil
	}
	if room.Currency() != p.spec.Currency {
		return 0, invalid(field, "%s: in %s, want %s", id, room.Currency(), p.spec.Currency)
	}
	return max(room.Minor(), 0), nil
}

// boundBy bounds what a line is granted by what is left of a cap or a budget.
func (l *Line) boundBy(left int64, short RuleReason, by string) {
	if left < l.Granted.Minor() {
		l.Granted, l.Short, l.By = money.New(left, l.Granted.Currency()), short, by
	}
}
