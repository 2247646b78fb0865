package cashback_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/campaign"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// Evaluate, Explain and DrawsOn say what a model says that asks all rules one by one, in the words of the documentation.
func TestEvaluateIsTheModel(t *testing.T) {
	rounds := campaign.Size(3, 100)
	rapid.Check(t, func(t *rapid.T) {
		s := drawProgram(t)
		p, err := cashback.NewProgram(s)
		if err != nil {
			t.Fatal(err)
		}
		for range rounds {
			purchase, room := drawPurchase(t, &s), drawRoom(t, &s)
			want, told := evaluateSlowly(t, &s, purchase, room)
			got, err := p.Evaluate(purchase, room)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("Evaluate (-want +got):\n%s", diff)
			}
			outcomes, err := p.Explain(purchase, room)
			if err != nil {
				t.Fatal(err)
			}
			checkOutcomes(t, &s, outcomes, got.Lines, told)
			checkDraws(t, &s, p, purchase, got.Lines)
		}
	})
}

// checkOutcomes checks that every rule has its outcome, in order: those that apply their line, the others what the model says.
func checkOutcomes(t *rapid.T, s *cashback.Spec, outcomes []cashback.Outcome, lines []cashback.Line, told []cashback.RuleReason) {
	if len(outcomes) != len(s.Rules) {
		t.Fatalf("got %d outcomes of %d rules", len(outcomes), len(s.Rules))
	}
	applied := 0
	for i, out := range outcomes {
		if out.Rule != s.Rules[i].ID || out.Reason != told[i] || out.Applied != (out.Line != nil) {
			t.Fatalf("rule %d: got %+v, want it told %q", i, out, told[i])
		}
		if !out.Applied {
			continue
		}
		applied++
		at := slices.IndexFunc(lines, func(l cashback.Line) bool { return l.Rule == out.Rule })
		if at < 0 {
			t.Fatalf("%s applies, but not by Evaluate", out.Rule)
		}
		if diff := cmp.Diff(lines[at], *out.Line); diff != "" {
			t.Fatalf("line of %s: %s", out.Rule, diff)
		}
	}
	if applied != len(lines) {
		t.Fatalf("%d rules apply, want %d", applied, len(lines))
	}
}

// checkDraws checks that DrawsOn names what the lines draw on, in the order of the program.
func checkDraws(t *rapid.T, s *cashback.Spec, p *cashback.Program, purchase *cashback.Purchase, lines []cashback.Line) {
	var caps, budgets []string
	for _, c := range s.Caps {
		if slices.ContainsFunc(lines, func(l cashback.Line) bool { return slices.Contains(l.Caps, c.ID) }) {
			caps = append(caps, c.ID)
		}
	}
	for _, b := range s.Budgets {
		if slices.ContainsFunc(lines, func(l cashback.Line) bool { return l.Budget == b.ID }) {
			budgets = append(budgets, b.ID)
		}
	}
	gotCaps, gotBudgets, err := p.DrawsOn(purchase)
	if err != nil || !slices.Equal(gotCaps, caps) || !slices.Equal(gotBudgets, budgets) {
		t.Fatalf("DrawsOn: got %v %v %v, want %v %v", gotCaps, gotBudgets, err, caps, budgets)
	}
}

// evaluateSlowly is the model. It also says what is told of each rule.
func evaluateSlowly(t *rapid.T, s *cashback.Spec, p *cashback.Purchase, room *cashback.Room) (cashback.Evaluation, []cashback.RuleReason) {
	base := p.Amount
	if base.Currency() != s.Currency {
		base = must(base.Convert(p.Rate, s.Currency, s.Rounding))(t)
	}
	told, rewards := make([]cashback.RuleReason, len(s.Rules)), make([]money.Amount, len(s.Rules))
	for i := range s.Rules {
		told[i] = askSlowly(&s.Rules[i], p, slowDay(t, s.Zone, p.At))
		if told[i] == "" {
			told[i], rewards[i] = rewardSlowly(t, &s.Rules[i].Terms, base, s.Rounding)
		}
	}
	e := cashback.Evaluation{Base: base, Reward: money.New(0, s.Currency)}
	left := slowRoom{room, map[string]money.Amount{}}
	for _, group := range s.Groups {
		var fits []int
		for i := range s.Rules {
			if s.Rules[i].Group == group.ID && told[i] == "" {
				fits = append(fits, i)
			}
		}
		for _, i := range fits {
			if group.Mode != cashback.Stack && slices.ContainsFunc(fits, func(j int) bool { return j != i && stands(t, s, group, rewards, j, i) }) {
				told[i] = cashback.Outdone
				continue
			}
			line := left.line(t, s, &s.Rules[i], rewards[i])
			told[i] = line.Short
			e.Lines = append(e.Lines, line)
			e.Reward = must(e.Reward.Add(line.Granted))(t)
		}
	}
	return e, told
}

// stands reports whether rule a stands before rule b.
func stands(t *rapid.T, s *cashback.Spec, g cashback.Group, rewards []money.Amount, a, b int) bool {
	byBank := func(i int) int64 {
		for _, share := range sharesOf(t, rewards[i], s.Rules[i].Funding) {
			if share.Funder == "bank" {
				return share.Amount.Minor()
			}
		}
		return 0
	}
	ra, rb := rewards[a].Minor(), rewards[b].Minor()
	switch pa, pb := s.Rules[a].Priority, s.Rules[b].Priority; {
	case g.Mode == cashback.First && pa != pb:
		return pa > pb
	case g.Mode == cashback.BestForCustomer && ra != rb:
		return ra > rb
	case g.Mode == cashback.BestForBank && byBank(a) != byBank(b):
		return byBank(a) < byBank(b)
	case g.Mode == cashback.BestForBank && ra != rb:
		return ra < rb
	}
	return (a < b) == (g.Ties != cashback.LaterRule)
}

func askSlowly(r *cashback.Rule, p *cashback.Purchase, day civil.Date) cashback.RuleReason {
	m := &p.Merchant
	in := func(f *cashback.Filter) [6]bool {
		return [6]bool{
			m.ID != "" && slices.Contains(f.Merchants, m.ID),
			slices.ContainsFunc(m.Groups, func(g string) bool { return slices.Contains(f.Groups, g) }),
			m.MCC != 0 && slices.ContainsFunc(f.MCC, func(r cap.MCCRange) bool { return r.From <= m.MCC && m.MCC <= r.To }),
			m.Category != "" && slices.Contains(f.Categories, m.Category),
			m.Country != "" && slices.Contains(f.Countries, m.Country),
			p.Tier != "" && slices.Contains(f.Tiers, p.Tier),
		}
	}
	all := cashback.RuleReasons()
	if !r.From.IsZero() && day < r.From {
		return all[0]
	}
	if !r.Through.IsZero() && day > r.Through {
		return all[1]
	}
	f := &r.Include
	empty := [6]bool{len(f.Merchants) == 0, len(f.Groups) == 0, len(f.MCC) == 0, len(f.Categories) == 0, len(f.Countries) == 0, len(f.Tiers) == 0}
	for i, has := range in(f) {
		if !has && !empty[i] {
			return all[2+i]
		}
	}
	for i, has := range in(&r.Exclude) {
		if has {
			return all[8+i]
		}
	}
	return ""
}

func rewardSlowly(t *rapid.T, terms *cashback.Terms, base money.Amount, mode money.Rounding) (cashback.RuleReason, money.Amount) {
	if terms.MinPurchase.Valid() && base.Minor() < terms.MinPurchase.Minor() {
		return cashback.BelowMinimum, money.Amount{}
	}
	rate, fixed := terms.Rate, terms.Fixed
	for _, step := range terms.Ladder {
		if step.From.Minor() <= base.Minor() && (!step.Until.Valid() || base.Minor() < step.Until.Minor()) {
			rate, fixed = step.Rate, step.Fixed
		}
	}
	if !fixed.Valid() {
		fixed = must(base.MulRate(rate, mode))(t)
	}
	if terms.MaxReward.Valid() && fixed.Minor() > terms.MaxReward.Minor() {
		fixed = terms.MaxReward
	}
	if fixed.Minor() == 0 || base.Minor() == 0 {
		return cashback.NothingEarned, money.Amount{}
	}
	return "", fixed
}

// slowRoom is a room, and what was taken of it.
type slowRoom struct {
	room  *cashback.Room
	taken map[string]money.Amount
}

func (l *slowRoom) line(t *rapid.T, s *cashback.Spec, r *cashback.Rule, reward money.Amount) cashback.Line {
	line := cashback.Line{Rule: r.ID, Reward: reward, Granted: reward, Budget: r.Budget, Terms: r.Terms}
	bound := func(id string, room amounts, short cashback.RuleReason) {
		if left := max(room[id].Minor(), 0) - l.taken[id].Minor(); left < line.Granted.Minor() {
			line.Granted, line.Short, line.By = money.New(left, s.Currency), short, id
		}
	}
	for _, c := range s.Caps {
		if len(c.Rules) == 0 || slices.Contains(c.Rules, r.ID) {
			line.Caps = append(line.Caps, c.ID)
			if l.room != nil {
				bound(c.ID, l.room.Caps, cashback.CapReached)
			}
		}
	}
	if r.Budget != "" && l.room != nil {
		bound(r.Budget, l.room.Budgets, cashback.BudgetExhausted)
	}
	for _, id := range append(slices.Clone(line.Caps), r.Budget) {
		l.taken[id] = money.New(l.taken[id].Minor()+line.Granted.Minor(), s.Currency)
	}
	line.Funding = sharesOf(t, line.Granted, r.Funding)
	return line
}

// sharesOf divides by money.Amount.Allocate, with weights of one denominator.
func sharesOf(t *rapid.T, amount money.Amount, funders []cashback.Funder) []cashback.Share {
	common := int64(1)
	for _, f := range funders {
		common *= f.Share.Denominator()
	}
	var weights []int64
	for _, f := range funders {
		weights = append(weights, f.Share.Numerator()*(common/f.Share.Denominator()))
	}
	var shares []cashback.Share
	for i, part := range must(amount.Allocate(weights))(t) {
		shares = append(shares, cashback.Share{Funder: funders[i].ID, Amount: part})
	}
	return shares
}

// slowDay is the day that has begun at an instant, and of which the next one has not.
func slowDay(t *rapid.T, zone string, at time.Time) civil.Date {
	loc := must(time.LoadLocation(zone))(t)
	day := civil.DateOf(at, time.UTC).AddDays(-2)
	for !day.AddDays(1).Start(loc).After(at) {
		day = day.AddDays(1)
	}
	return day
}

func must[T any](v T, err error) func(t *rapid.T) T {
	return func(t *rapid.T) T {
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
