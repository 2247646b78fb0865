package ledger_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// Whatever is malformed is an error that names the field, and changes nothing.
func TestMalformedCommands(t *testing.T) {
	order := func(change func(*ledger.Order)) ledger.Order {
		o := ledger.Order(move("new", 1, "anna", "ben", 1_00))
		change(&o)
		return o
	}
	post := func(change func(*ledger.Order)) ledger.Command { return ledger.Post(order(change)) }
	held := func(change func(*ledger.Order)) ledger.Command { return ledger.Hold(order(change)) }
	captured := func(change func(*ledger.Capture)) ledger.Command {
		c := capture("c", "live", 1, 1_00, false)
		change(&c)
		return c
	}
	reversed := func(change func(*ledger.Reverse)) ledger.Command {
		c := reverse("pay-in", 1)
		change(&c)
		return c
	}
	many := make([]ledger.Leg, 0, ledger.MaxLegs+2)
	for range ledger.MaxLegs/2 + 1 {
		many = append(many, ledger.Move("anna", "ben", eur(1))...)
	}
	p, far := move("new", 1, "anna", "ben", 1), time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	steps := make([]ledger.Step, ledger.MaxLinked+1)
	for i := range steps {
		steps[i].Post = &p
	}
	long := strings.Repeat("x", ledger.MaxID+1)
	legs := func(l ...ledger.Leg) func(*ledger.Order) { return func(o *ledger.Order) { o.Legs = l } }
	rows := []struct {
		field string
		do    ledger.Command
	}{
		{"id", post(func(o *ledger.Order) { o.ID = "" })},
		{"id", post(func(o *ledger.Order) { o.ID = long })},
		{"id", post(func(o *ledger.Order) { o.ID = "line\nfeed" })},
		{"id", post(func(o *ledger.Order) { o.ID = "\xff" })},
		{"id", post(func(o *ledger.Order) { o.ID = "interest:2026-11-30:anna" })},
		{"id", held(func(o *ledger.Order) { o.ID = "accrual:" })},
		{"id", reversed(func(c *ledger.Reverse) { c.ID = "interest:" })},
		{"at", post(func(o *ledger.Order) { o.At = time.Time{} })},
		{"at", post(func(o *ledger.Order) { o.At = far })},
		{"at", post(func(o *ledger.Order) { o.At = time.Unix(-1, 0) })},
		{"value", post(func(o *ledger.Order) { o.Value = 0 })},
		{"value", post(func(o *ledger.Order) { o.Value = -1 })},
		{"value", post(func(o *ledger.Order) { o.Value = monday + 365*10 + 4 })},
		{"legs: 0", post(legs())},
		{"legs: 1", post(legs(ledger.DebitLeg("anna", eur(1))))},
		{"legs: 242", post(legs(many...))},
		{"legs: both", post(legs(ledger.Move("anna", "anna", eur(1))...))},
		{"legs[1].account", post(legs(ledger.Move("anna", "", eur(1))...))},
		{"legs[0].side", post(legs(ledger.Leg{Account: "anna", Amount: eur(1)}, ledger.CreditLeg("ben", eur(1))))},
		{"legs[1].side", post(legs(ledger.DebitLeg("anna", eur(1)), ledger.Leg{Account: "ben", Side: 3, Amount: eur(1)}))},
		{"legs[0].amount", post(legs(ledger.Move("anna", "ben", money.Amount{})...))},
		{"legs[0].amount", post(legs(ledger.Move("anna", "ben", eur(0))...))},
		{"legs[0].amount", post(legs(ledger.Move("anna", "ben", eur(-1))...))},
		{"legs[0].amount", post(legs(ledger.Move("anna", "ben", eur(math.MinInt64))...))},
		{"expires", post(func(o *ledger.Order) { o.Expires = at(2) })},
		{"expires", held(func(o *ledger.Order) { o.Expires = o.At })},
		{"expires", held(func(o *ledger.Order) { o.Expires = far })},
		{"expires", held(func(o *ledger.Order) { o.Expires = time.Unix(-1, 0) })},
		{"reference", post(func(o *ledger.Order) { o.Reference = strings.Repeat("é", 36) })},
		{"text", post(func(o *ledger.Order) { o.Text = strings.Repeat("é", 141) })},
		{"text", post(func(o *ledger.Order) { o.Text = "bell\a" })},
		{"text", post(func(o *ledger.Order) { o.Text = "\xff" })},
		{"code", post(func(o *ledger.Order) { o.Code = strings.Repeat("x", 36) })},
		{"if[0].account", post(func(o *ledger.Order) { o.If = []ledger.Condition{{AtLeast: eur(1)}} })},
		{"if[0]: it has no bound", post(func(o *ledger.Order) { o.If = []ledger.Condition{{Account: "anna"}} })},
		{"if: more", post(func(o *ledger.Order) { o.If = make([]ledger.Condition, ledger.MaxLegs+1) })},
		{"at_most", post(func(o *ledger.Order) { o.AtMost, o.Force = true, true })},
		{"at_most", post(func(o *ledger.Order) { o.AtMost, o.Legs = true, many[:4] })},
		{"id", captured(func(c *ledger.Capture) { c.ID = "" })},
		{"transfer", captured(func(c *ledger.Capture) { c.Transfer = "" })},
		{"at", captured(func(c *ledger.Capture) { c.At = time.Time{} })},
		{"value", captured(func(c *ledger.Capture) { c.Value = -1 })},
		{"value", captured(func(c *ledger.Capture) { c.Value = monday + 365*10 + 4 })},
		{"amount", captured(func(c *ledger.Capture) { c.Amount = eur(0) })},
		{"amount", captured(func(c *ledger.Capture) { c.Amount = eur(-1) })},
		{"amount", captured(func(c *ledger.Capture) { c.Legs = many[:2] })},
		{"keep", captured(func(c *ledger.Capture) { c.Amount, c.Keep = money.Amount{}, true })},
		{"legs: 1", captured(func(c *ledger.Capture) { c.Amount, c.Legs = money.Amount{}, many[:1] })},
		{"id", ledger.Void{Transfer: "live", At: at(1)}},
		{"transfer", ledger.Void{ID: "v", At: at(1)}},
		{"at", ledger.Void{ID: "v", Transfer: "live"}},
		{"transfer", ledger.Expire{ID: "v", At: at(1)}},
		{"id", reversed(func(c *ledger.Reverse) { c.ID = c.Transfer })},
		{"transfer", reversed(func(c *ledger.Reverse) { c.Transfer = "" })},
		{"value", reversed(func(c *ledger.Reverse) { c.Value = -1 })},
		{"text", reversed(func(c *ledger.Reverse) { c.Text = "\x00" })},
		{"id", ledger.Linked{Steps: steps[:1]}},
		{"steps: 0", ledger.Linked{ID: "g"}},
		{"steps: 101", ledger.Linked{ID: "g", Steps: steps}},
		{"steps[1]: want exactly one", ledger.Linked{ID: "g", Steps: []ledger.Step{steps[0], {}}}},
		{"steps[0]: want exactly one", ledger.Linked{ID: "g", Steps: []ledger.Step{{Post: &p, Void: &ledger.Void{}}}}},
		{"steps[0]: ledger: invalid transfer", ledger.Linked{ID: "g", Steps: []ledger.Step{{Void: &ledger.Void{ID: "v"}}}}},
	}
	l := bank(t, map[string]*ledger.Limits{"anna": {Overdraft: ledger.FreeOverdraft}, "ben": nil})
	play(t, l, "", []row{{move("pay-in", 0, "cash", "anna", 1_00), "posted"}, {hold("live", 0, "anna", "ben", 1_00, at(9)), "held"}})
	before := l.Freeze()
	for _, r := range rows {
		d, err := l.Do(r.do)
		if !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), "invalid "+r.field) && !strings.Contains(err.Error(), r.field) {
			t.Errorf("%s: got %+v, %v", r.field, d, err)
		}
		if again := r.do.Validate(); again == nil || err == nil || again.Error() != err.Error() {
			t.Errorf("%s: Validate says %v, and Do %v", r.field, again, err)
		}
		if !l.Freeze().Equal(before) {
			t.Fatalf("%s: the ledger has changed", r.field)
		}
	}
}

// The same for commands over one account.
func TestMalformedAccountCommands(t *testing.T) {
	limits := func(change func(*ledger.Limits)) ledger.AccountCommand {
		c := ledger.SetLimits{At: at(1), Limits: ledger.Limits{Overdraft: ledger.NoOverdraft}}
		change(&c.Limits)
		return c
	}
	open := func(change func(*ledger.Terms)) ledger.AccountCommand {
		c := ledger.Open{At: at(1), Terms: ledger.Terms{Type: ledger.Asset, Currency: money.EUR, Unconstrained: true}}
		change(&c.Terms)
		return c
	}
	usd := money.New(1, money.USD)
	rows := []struct {
		field, id string
		do        ledger.AccountCommand
	}{
		{"account", "", open(func(*ledger.Terms) {})},
		{"account", strings.Repeat("x", ledger.MaxAccount+1), open(func(*ledger.Terms) {})},
		{"type", "new", open(func(a *ledger.Terms) { a.Type = 0 })},
		{"type", "new", open(func(a *ledger.Terms) { a.Type = 6 })},
		{"currency", "new", open(func(a *ledger.Terms) { a.Currency = 0 })},
		{"limits", "new", open(func(a *ledger.Terms) { a.Unconstrained = false })},
		{"limits", "new", open(func(a *ledger.Terms) { a.Limits = &ledger.Limits{Overdraft: ledger.NoOverdraft} })},
		{"name", "new", open(func(a *ledger.Terms) { a.Name = strings.Repeat("é", 201) })},
		{"parent", "new", open(func(a *ledger.Terms) { a.Parent = "\n" })},
		{"at", "new", ledger.Open{}},
		{"overdraft", "anna", limits(func(l *ledger.Limits) { l.Overdraft = 0 })},
		{"overdraft", "anna", limits(func(l *ledger.Limits) { l.Overdraft = 4 })},
		{"overdraft_limit", "anna", limits(func(l *ledger.Limits) { l.Overdraft = ledger.LimitedOverdraft })},
		{"overdraft_limit", "anna", limits(func(l *ledger.Limits) { l.OverdraftLimit = eur(1) })},
		{"overdraft_limit", "anna", limits(func(l *ledger.Limits) { l.Overdraft, l.OverdraftLimit = ledger.LimitedOverdraft, eur(0) })},
		{"overdraft_limit", "anna", limits(func(l *ledger.Limits) { l.Overdraft, l.OverdraftLimit = ledger.LimitedOverdraft, usd })},
		{"overdraft_limit", "anna", limits(func(l *ledger.Limits) {
			l.Overdraft, l.OverdraftLimit = ledger.LimitedOverdraft, eur(ledger.MaxBalance+1)
		})},
		{"minimum", "anna", limits(func(l *ledger.Limits) { l.Minimum = eur(-1) })},
		{"minimum", "anna", limits(func(l *ledger.Limits) { l.Minimum = usd })},
		{"maximum", "anna", limits(func(l *ledger.Limits) { l.Maximum = eur(-1) })},
		{"maximum", "anna", limits(func(l *ledger.Limits) { l.Maximum = eur(math.MaxInt64) })},
		{"maximum", "anna", limits(func(l *ledger.Limits) { l.Minimum, l.Maximum = eur(2), eur(1) })},
		{"at", "anna", ledger.SetLimits{}},
		{"block", "anna", ledger.SetBlock{At: at(1), Block: 4}},
		{"why", "anna", ledger.SetBlock{At: at(1), Why: strings.Repeat("x", 141)}},
		{"at", "anna", ledger.SetBlock{}},
		{"at", "anna", ledger.Close{}},
		{"at", "anna", ledger.Reopen{At: time.Unix(-1, 0)}},
		{"at", "anna", ledger.EndPeriod{Through: monday}},
		{"through", "anna", ledger.EndPeriod{At: at(1)}},
		{"through", "anna", ledger.MarkArchived{Through: 0}},
		{"through", "anna", ledger.MarkArchived{Through: 99}},
	}
	l := bank(t, map[string]*ledger.Limits{"anna": nil})
	before := l.Freeze()
	for _, r := range rows {
		d, err := l.DoAccount(r.id, r.do)
		if !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), r.field) {
			t.Errorf("%s: got %+v, %v", r.field, d, err)
		}
		if !l.Freeze().Equal(before) {
			t.Fatalf("%s: the ledger has changed", r.field)
		}
	}
}

// Law L1: legs that do not sum to zero in every currency are an error with a name of its own, also where the sums are beyond
// an int64.
func TestUnbalanced(t *testing.T) {
	usd := func(minor int64) money.Amount { return money.New(minor, money.USD) }
	huge := eur(math.MaxInt64)
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "ben": nil})
	for name, legs := range map[string][]ledger.Leg{
		"a cent":             {ledger.DebitLeg("anna", eur(1_00)), ledger.CreditLeg("ben", eur(99))},
		"one side":           {ledger.DebitLeg("anna", eur(1)), ledger.DebitLeg("ben", eur(1))},
		"two currencies":     {ledger.DebitLeg("anna", eur(1)), ledger.CreditLeg("ben", usd(1))},
		"second currency":    {ledger.DebitLeg("anna", eur(1)), ledger.CreditLeg("ben", eur(1)), ledger.DebitLeg("anna", usd(1)), ledger.CreditLeg("ben", usd(2))},
		"crossed currencies": {ledger.DebitLeg("anna", eur(1)), ledger.CreditLeg("ben", usd(1)), ledger.DebitLeg("anna", eur(2)), ledger.CreditLeg("ben", usd(2))},
		"a sum that wraps": {
			ledger.DebitLeg("anna", huge), ledger.DebitLeg("anna", huge), ledger.DebitLeg("anna", eur(3)), ledger.CreditLeg("ben", eur(1)),
		},
		"a sum that wraps to nothing": {
			ledger.DebitLeg("anna", huge), ledger.DebitLeg("anna", huge), ledger.DebitLeg("anna", eur(2)), ledger.DebitLeg("anna", eur(1)), ledger.CreditLeg("ben", eur(1)),
		},
	} {
		before := l.Freeze()
		_, err := l.Do(ledger.Post{ID: "x", At: at(0), Value: monday, Legs: legs})
		if !errors.Is(err, ledger.ErrUnbalanced) || !errors.Is(err, ledger.ErrInvalid) || !l.Freeze().Equal(before) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Law L3: each of these has a reason of its own, and changes nothing.
func TestRefusedInput(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": {Overdraft: ledger.FreeOverdraft}, "ben": {Overdraft: ledger.FreeOverdraft}})
	dollars := move("dollars", 1, "anna", "ben", 1)
	dollars.Legs = ledger.Move("anna", "ben", money.New(1, money.USD))
	play(t, l, "", []row{
		{move("pay", 0, "cash", "anna", 1_00), "posted"}, {hold("held", 0, "anna", "ben", 1_00, time.Time{}), "held"},
		{capture("c", "held", 0, 0, false), "captured"}, {of{"anna", ledger.EndPeriod{At: at(0), Through: monday - 1}}, "done with 0.00"},
	})
	before := l.Freeze()
	play(t, l, "", []row{
		{dollars, "refused currency_mismatch by anna"},
		{move("x", 1, "anna", "nobody", 1), "refused unknown_account by nobody"},
		{move("pay", 0, "cash", "anna", 1_01), "refused exists_with_different_content"},
		{move("pay", 0, "cash", "ben", 1_00), "refused exists_with_different_content"},
		{of{"anna", ledger.EndPeriod{At: at(1), Through: monday - 1}}, "refused period_closed"},
		{of{"anna", ledger.EndPeriod{At: at(1), Through: monday - 5}}, "refused period_closed"},
		{capture("c-2", "held", 1, 0, false), "refused already_captured"},
		{move("x", 1, "anna", "ben", ledger.MaxBalance+1), "refused overflow by anna"},
		{move("x", 1, "anna", "ben", math.MaxInt64), "refused overflow by anna"},
		{move("x", 1, "cash", "fees", math.MaxInt64), "refused overflow by cash"},
	})
	if !l.Freeze().Equal(before) {
		t.Error("the ledger has changed")
	}
}

// An account has up to MaxBalance, and owes up to it; the way there does not matter, but no step may lead beyond.
func TestMaxBalance(t *testing.T) {
	free := &ledger.Limits{Overdraft: ledger.FreeOverdraft}
	l := bank(t, map[string]*ledger.Limits{"anna": free, "ben": free, "carl": free})
	const most = ledger.MaxBalance
	forced := move("4", 1, "anna", "ben", 1)
	forced.Force = true
	through := ledger.Post{ID: "5", At: at(1), Value: monday, Legs: append(ledger.Move("carl", "ben", eur(1)), ledger.Move("ben", "carl", eur(1))...)}
	reversedOrder := ledger.Post{ID: "6", At: at(1), Value: monday, Legs: append(ledger.Move("ben", "carl", eur(1)), ledger.Move("carl", "ben", eur(1))...)}
	kept := ledger.Hold(move("8", 2, "carl", "ben", 2))
	kept.Force = true
	play(t, l, "anna ben", []row{
		{move("1", 1, "anna", "ben", most), "posted | anna -46116860184273879.03 (0.00) | ben 46116860184273879.03 (92233720368547758.06)"},
		{move("2", 1, "anna", "carl", 1), "refused overflow by anna | anna -46116860184273879.03 (0.00) | ben 46116860184273879.03 (92233720368547758.06)"},
		{move("3", 1, "carl", "ben", 1), "refused overflow by ben | anna -46116860184273879.03 (0.00) | ben 46116860184273879.03 (92233720368547758.06)"},
		{forced, "refused overflow by anna | anna -46116860184273879.03 (0.00) | ben 46116860184273879.03 (92233720368547758.06)"},
		{through, "refused overflow by ben | anna -46116860184273879.03 (0.00) | ben 46116860184273879.03 (92233720368547758.06)"},
		{reversedOrder, "posted | anna -46116860184273879.03 (0.00) | ben 46116860184273879.03 (92233720368547758.06)"},
		{move("7", 2, "ben", "anna", 1), "posted | anna -46116860184273879.02 (0.01) | ben 46116860184273879.02 (92233720368547758.05)"},
		{kept, "held | anna -46116860184273879.02 (0.01) | ben 46116860184273879.02 (92233720368547758.05)"},
		{capture("c", "8", 2, 0, false), "refused overflow by ben | anna -46116860184273879.02 (0.01) | ben 46116860184273879.02 (92233720368547758.05)"},
		{capture("c", "8", 2, 1, false), "captured | anna -46116860184273879.02 (0.01) | ben 46116860184273879.03 (92233720368547758.06)"},
	})
}

// What an account that nothing constrains has is not refused beyond MaxBalance, and comes back from there exactly. (It would
// else be a record that can never be applied.)
func TestSharedAccountBeyondMaxBalance(t *testing.T) {
	free := &ledger.Limits{Overdraft: ledger.FreeOverdraft}
	l := bank(t, map[string]*ledger.Limits{"anna": free, "ben": free, "carl": free})
	play(t, l, "", []row{
		{move("in-anna", 0, "cash", "anna", ledger.MaxBalance), "posted"},
		{move("in-ben", 0, "cash", "ben", ledger.MaxBalance), "posted"},
		{hold("in-carl", 0, "cash", "carl", ledger.MaxBalance, at(9)), "held"},
		{capture("c", "in-carl", 0, 0, false), "captured"},
	})
	for i, id := range []string{"anna", "ben"} {
		play(t, l, "", []row{{move("out-"+id, float64(i), id, "cash", ledger.MaxBalance-7), "posted"}})
	}
	if got := l.Account("cash").Balance(at(9)).Booked; got != eur(ledger.MaxBalance+14) {
		t.Errorf("got %v", got)
	}
}

// By value date an account can be beyond MaxBalance where by booking it never was: BalanceOn and EndPeriod say so, and nothing
// wraps.
func TestValueDatesBeyondMaxBalance(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": {Overdraft: ledger.FreeOverdraft}})
	on := func(id string, hours float64, from, to string, day civil.Date) ledger.Post {
		p := move(id, hours, from, to, ledger.MaxBalance)
		p.Value = day
		return p
	}
	play(t, l, "", []row{
		{on("1", 0, "cash", "anna", monday-3), "posted"},
		{on("2", 0, "anna", "cash", monday), "posted"},
		{on("3", 0, "cash", "anna", monday-3), "refused overflow by anna"}, // more than one value date may come to
		{on("3", 0, "cash", "anna", monday-2), "posted"},
		{of{"anna", ledger.EndPeriod{At: at(0), Through: monday - 2}}, "refused overflow"},
		{of{"anna", ledger.EndPeriod{At: at(0), Through: monday - 3}}, "done with 46116860184273879.03"},
	})
	if got, ok := l.Account("anna").BalanceOn(monday - 2); ok {
		t.Errorf("got %v, want none", got)
	}
	if got, ok := l.Account("anna").BalanceOn(monday); !ok || got != eur(ledger.MaxBalance) {
		t.Errorf("got %v %v", got, ok)
	}
}

// Linked commands of many legs each are refused before they take long, and before a journal would.
func TestLinkedCommandsOfTooManyEvents(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": {Overdraft: ledger.FreeOverdraft}, "ben": nil})
	var legs []ledger.Leg
	for range ledger.MaxLegs / 2 {
		legs = append(legs, ledger.Move("anna", "ben", eur(1))...)
	}
	group := func(name string, steps int) ledger.Linked {
		g := ledger.Linked{ID: name}
		for i := range steps {
			p := with(move(fmt.Sprint(name, i), 1, "anna", "ben", 1), func(p *ledger.Post) { p.Legs = legs })
			g.Steps = append(g.Steps, ledger.Step{Post: &p})
		}
		return g
	}
	fits := ledger.MaxDecided / (ledger.MaxLegs + 1)
	before := l.Freeze()
	for _, steps := range []int{fits + 1, ledger.MaxLinked} {
		if d, err := l.Do(group("many", steps)); !errors.Is(err, ledger.ErrInvalid) || !l.Freeze().Equal(before) {
			t.Errorf("%d steps: got %+v, %v", steps, d, err)
		}
	}
	if d, err := l.Do(group("few", fits)); err != nil || !d.Done() {
		t.Errorf("%d steps: got %+v, %v", fits, d, err)
	}
}
