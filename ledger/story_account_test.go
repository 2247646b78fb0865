package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// Law L7: a closed period takes no entry, and its balance never changes; a reversal goes to the first open day.
func TestClosedPeriod(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	sunday, tuesday := monday-1, monday+1
	dated := func(id string, value civil.Date) ledger.Post {
		p := move(id, 26, "cash", "anna", 5_00)
		p.Value = value
		return p
	}
	end := func(id string, hours float64, through civil.Date) of {
		return of{id, ledger.EndPeriod{At: at(hours), Through: through}}
	}
	given := reverse("wrong", 30)
	given.Value = sunday
	play(t, l, "anna", []row{
		{dated("wrong", sunday), "posted | anna 5.00"},
		{dated("later", tuesday), "posted | anna 10.00"},
		{end("anna", 20, tuesday+1), "refused period_not_over | anna 10.00"},
		{end("anna", 20, sunday), "done with 5.00 | anna 10.00"}, // by value date
		{end("anna", 20, sunday), "refused period_closed | anna 10.00"},
		{dated("late", sunday), "refused period_closed by anna | anna 10.00"},
		{dated("late", monday), "posted | anna 15.00"},
		{given, "refused period_closed by anna | anna 15.00"},
		{reverse("wrong", 30), "posted | anna 10.00"},
		{end("shop", 31, monday), "done with 0.00 | anna 10.00"},
		{end("anna", 31, monday), "done with 5.00 | anna 10.00"}, // 5.00 - 5.00 + 5.00
	})
	if got := l.Transfer("back-wrong").Value(); got != monday {
		t.Errorf("the reversal has the value date %s, want the first open day", got)
	}
	if _, ok := l.Account("anna").BalanceOn(sunday); ok {
		t.Error("the account still knows a day before its last closed one")
	}
	if got, ok := l.Account("anna").BalanceOn(tuesday); !ok || got != eur(10_00) {
		t.Errorf("got %v %v", got, ok)
	}
}

// A day is over once it is over somewhere on earth: 14 hours before UTC.
func TestPeriodIsOver(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil})
	first := time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC)
	play(t, l, "", []row{
		{of{"anna", ledger.EndPeriod{At: first.Add(-time.Microsecond), Through: monday}}, "refused period_not_over"},
		{of{"anna", ledger.EndPeriod{At: first, Through: monday}}, "done with 0.00"},
	})
}

// Law L8: an account that nothing constrains refuses nothing; what comes for a day that was closed counts from the first open
// one.
func TestSharedAccount(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": {Overdraft: ledger.FreeOverdraft}})
	late := move("late", 1, "cash", "anna", 7_00)
	late.Value = monday - 3
	play(t, l, "anna", []row{
		{of{"cash", ledger.EndPeriod{At: at(1), Through: monday - 1}}, "done | anna 0.00 (46116860184273879.03)"},
		{late, "posted | anna 7.00 (46116860184273886.03)"},
		{of{"cash", ledger.SetLimits{At: at(1), Limits: ledger.Limits{Overdraft: ledger.NoOverdraft}}}, "refused unconstrained | anna 7.00 (46116860184273886.03)"},
		{of{"cash", ledger.SetBlock{At: at(1), Block: ledger.Frozen}}, "refused unconstrained | anna 7.00 (46116860184273886.03)"},
		{of{"cash", ledger.Close{At: at(1)}}, "refused unconstrained | anna 7.00 (46116860184273886.03)"},
	})
	for day, want := range map[civil.Date]int64{monday - 1: 0, monday: 7_00} {
		if got, ok := l.Account("cash").BalanceOn(day); !ok || got != eur(want) {
			t.Errorf("cash on %s: got %v %v, want %d", day, got, ok, want)
		}
	}
	if got, _ := l.Account("anna").BalanceOn(monday - 3); got != eur(7_00) {
		t.Errorf("anna: got %v, want it from its own day on", got)
	}
}

// Law L2: a lowered limit leaves an account beyond it. It can only come closer.
func TestLoweredLimits(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": {Overdraft: ledger.LimitedOverdraft, OverdraftLimit: eur(100_00)}})
	set := func(hours float64, limits ledger.Limits) of {
		return of{"anna", ledger.SetLimits{At: at(hours), Limits: limits}}
	}
	play(t, l, "anna", []row{
		{move("out", 0, "anna", "cash", 80_00), "posted | anna -80.00 (20.00)"},
		{set(1, ledger.Limits{Overdraft: ledger.LimitedOverdraft, OverdraftLimit: eur(30_00)}), "done | anna -80.00 (0.00)"},
		{move("1", 2, "anna", "cash", 1), "refused overdraft_exceeded by anna (0.00 of 0.01) | anna -80.00 (0.00)"},
		{move("2", 2, "cash", "anna", 10_00), "posted | anna -70.00 (0.00)"},
		{move("3", 2, "cash", "anna", 50_00), "posted | anna -20.00 (10.00)"},
		{set(3, ledger.Limits{Overdraft: ledger.NoOverdraft, Minimum: eur(5_00), Maximum: eur(10_00)}), "done | anna -20.00 (0.00)"},
		{move("4", 4, "cash", "anna", 30_01), "refused above_maximum by anna (30.00 of 30.01) | anna -20.00 (0.00)"},
		{move("5", 4, "cash", "anna", 30_00), "posted | anna 10.00 (5.00)"}, // exactly to the maximum
		{move("6", 4, "anna", "cash", 5_01), "refused below_minimum by anna (5.00 of 5.01) | anna 10.00 (5.00)"},
		{move("7", 4, "anna", "cash", 5_00), "posted | anna 5.00 (0.00)"}, // exactly to the minimum
	})
}

// Law L2: holds take the room of both limits: what is to leave is gone, and what is to come has its place, and cannot be
// spent.
func TestHoldsCount(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "jar": {Overdraft: ledger.NoOverdraft, Maximum: eur(50_00)}})
	play(t, l, "anna jar", []row{
		{move("pay-in", 0, "cash", "anna", 100_00), "posted | anna 100.00 | jar 0.00"},
		{hold("1", 1, "anna", "jar", 30_00, at(50)), "held | anna 100.00 (70.00) | jar 0.00"},
		{move("2", 1, "jar", "cash", 1), "refused overdraft_exceeded by jar (0.00 of 0.01) | anna 100.00 (70.00) | jar 0.00"},
		{move("3", 1, "cash", "jar", 20_01), "refused above_maximum by jar (20.00 of 20.01) | anna 100.00 (70.00) | jar 0.00"},
		{move("4", 1, "cash", "jar", 20_00), "posted | anna 100.00 (70.00) | jar 20.00"},
		{hold("5", 1, "anna", "jar", 70_00, at(50)), "refused above_maximum by jar (0.00 of 70.00) | anna 100.00 (70.00) | jar 20.00"},
		{capture("6", "1", 2, 0, false), "captured | anna 70.00 | jar 50.00"}, // the room was kept
	})
}

// Law L2: a block refuses the side that it names, and gives back what is held.
func TestBlocks(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	block := func(hours float64, b ledger.Block) of {
		return of{"anna", ledger.SetBlock{At: at(hours), Block: b, Why: "a court's order"}}
	}
	forced := move("forced", 3, "anna", "shop", 1_00)
	forced.Force = true
	play(t, l, "anna", []row{
		{move("pay-in", 0, "cash", "anna", 100_00), "posted | anna 100.00"},
		{hold("order", 0, "anna", "shop", 40_00, time.Time{}), "held | anna 100.00 (60.00)"},
		{block(1, ledger.NoDebits), "done | anna 100.00 (60.00)"},
		{move("1", 2, "anna", "shop", 1_00), "refused debits_blocked by anna | anna 100.00 (60.00)"},
		{capture("2", "order", 2, 0, false), "refused debits_blocked by anna | anna 100.00 (60.00)"},
		{move("3", 2, "cash", "anna", 1_00), "posted | anna 101.00 (61.00)"},
		{block(3, ledger.NoCredits), "done | anna 101.00 (61.00)"},
		{move("4", 3, "cash", "anna", 1_00), "refused credits_blocked by anna | anna 101.00 (61.00)"},
		{move("5", 3, "anna", "shop", 1_00), "posted | anna 100.00 (60.00)"},
		{block(3, ledger.Frozen), "done | anna 100.00 (60.00)"},
		{move("6", 3, "cash", "anna", 1_00), "refused credits_blocked by anna | anna 100.00 (60.00)"},
		{forced, "refused debits_blocked by anna | anna 100.00 (60.00)"},
		{void("order", 3), "voided | anna 100.00"},
		{block(4, 0), "done | anna 100.00"},
		{move("7", 4, "anna", "shop", 100_00), "posted | anna 0.00"},
	})
}

// Law L2: an account closes when it is empty, and nothing is held on it.
func TestCloseAndReopen(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	shut, again := of{"anna", ledger.Close{At: at(3)}}, of{"anna", ledger.Reopen{At: at(5)}}
	forced := move("forced", 5, "cash", "anna", 1_00)
	forced.Force = true
	play(t, l, "anna", []row{
		{move("pay-in", 0, "cash", "anna", 10_00), "posted | anna 10.00"},
		{again, "refused not_closed | anna 10.00"},
		{shut, "refused balance_not_zero | anna 10.00"},
		{hold("in", 1, "shop", "anna", 1, at(2)), "refused overdraft_exceeded by shop (0.00 of 0.01) | anna 10.00"},
		{hold("in", 1, "cash", "anna", 1, at(4)), "held | anna 10.00"},
		{move("out", 2, "anna", "cash", 10_00), "posted | anna 0.00"},
		{shut, "refused holds_pending | anna 0.00"},
		{of{"anna", ledger.Close{At: at(4)}}, "done | anna 0.00"}, // the hold has just ended
		{of{"anna", ledger.Close{At: at(5)}}, "refused account_closed | anna 0.00"},
		{move("1", 5, "cash", "anna", 1_00), "refused account_closed by anna | anna 0.00"},
		{forced, "refused account_closed by anna | anna 0.00"},
		{reverse("out", 5), "refused account_closed by anna | anna 0.00"},
		{of{"anna", ledger.SetBlock{At: at(5), Block: ledger.Frozen}}, "refused account_closed | anna 0.00"},
		{of{"anna", ledger.EndPeriod{At: at(20), Through: monday - 1}}, "done with 0.00 | anna 0.00"}, // for the archive
		{again, "done | anna 0.00"},
		{reverse("out", 20), "posted | anna 10.00"},
		{of{"anna", ledger.Open{At: at(21), Terms: ledger.Terms{Type: ledger.Asset, Currency: money.USD, Unconstrained: true}}}, "refused already_open | anna 10.00"},
	})
}

// Law L2: what has happened is forced: it breaks the limits, and afterwards the account can only come closer.
func TestForcedPostings(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	force := func(id string, hours float64, minor int64) ledger.Post {
		p := move(id, hours, "anna", "shop", minor)
		p.Force = true
		return p
	}
	back := reverse("dear", 3)
	back.Force = true
	play(t, l, "anna shop", []row{
		{move("pay-in", 0, "cash", "anna", 10_00), "posted | anna 10.00 | shop 0.00"},
		{move("dear", 1, "anna", "shop", 25_00), "refused overdraft_exceeded by anna (10.00 of 25.00) | anna 10.00 | shop 0.00"},
		{force("dear", 1, 25_00), "posted | anna -15.00 (0.00) | shop 25.00"},
		{force("dear", 1, 25_00), "refused exists | anna -15.00 (0.00) | shop 25.00"},
		{move("dear", 1, "anna", "shop", 25_00), "refused exists_with_different_content | anna -15.00 (0.00) | shop 25.00"},
		{move("1", 2, "anna", "shop", 1), "refused overdraft_exceeded by anna (0.00 of 0.01) | anna -15.00 (0.00) | shop 25.00"},
		{move("2", 2, "shop", "cash", 20_00), "posted | anna -15.00 (0.00) | shop 5.00"},
		{reverse("dear", 3), "refused overdraft_exceeded by shop (5.00 of 25.00) | anna -15.00 (0.00) | shop 5.00"},
		{back, "posted | anna 10.00 | shop -20.00 (0.00)"},
		{ledger.Reverse{ID: "other", Transfer: "dear", At: at(4)}, "refused already_reversed | anna 10.00 | shop -20.00 (0.00)"},
		{back, "refused exists | anna 10.00 | shop -20.00 (0.00)"},
		{reverse("dear", 3), "refused exists_with_different_content | anna 10.00 | shop -20.00 (0.00)"},
		{ledger.Reverse{ID: "undo", Transfer: "back-dear", At: at(4), Force: true}, "posted | anna -15.00 (0.00) | shop 5.00"},
	})
}

// A fee is a leg of its own, in the same transfer; and of many legs every one is booked.
func TestManyLegs(t *testing.T) {
	customers := map[string]*ledger.Limits{"anna": nil, "shop": nil}
	for i := range ledger.MaxLegs {
		customers[fmt.Sprint("staff-", i)] = nil
	}
	l := bank(t, customers)
	withFee := ledger.Post{ID: "abroad", At: at(1), Value: monday, Legs: []ledger.Leg{
		ledger.DebitLeg("anna", eur(50_75)), ledger.CreditLeg("shop", eur(50_00)), ledger.CreditLeg("fees", eur(75)),
	}}
	salaries := ledger.Post{ID: "salaries", At: at(2), Value: monday, Legs: []ledger.Leg{ledger.DebitLeg("shop", eur(ledger.MaxLegs-1))}}
	for i := range ledger.MaxLegs - 1 {
		salaries.Legs = append(salaries.Legs, ledger.CreditLeg(fmt.Sprint("staff-", i), eur(1)))
	}
	netted := ledger.Post{ID: "netted", At: at(3), Value: monday, Legs: []ledger.Leg{ // more than there is goes out and comes back
		ledger.DebitLeg("anna", eur(1000_00)), ledger.CreditLeg("shop", eur(1000_00)),
		ledger.DebitLeg("shop", eur(1000_00)), ledger.CreditLeg("anna", eur(999_00)), ledger.CreditLeg("fees", eur(1_00)),
	}}
	held := ledger.Hold(netted)
	held.ID = "held"
	play(t, l, "anna shop fees", []row{
		{withFee, "refused overdraft_exceeded by anna (0.00 of 50.75) | anna 0.00 | shop 0.00 | fees 0.00"},
		{move("pay-in", 0, "cash", "anna", 60_00), "posted | anna 60.00 | shop 0.00 | fees 0.00"},
		{withFee, "posted | anna 9.25 | shop 50.00 | fees 0.75"},
		{salaries, "posted | anna 9.25 | shop 47.61 | fees 0.75"},
		{reverse("salaries", 3), "posted | anna 9.25 | shop 50.00 | fees 0.75"},
		{netted, "posted | anna 8.25 | shop 50.00 | fees 1.75"},
		{held, "refused overdraft_exceeded by anna (8.25 of 1000.00) | anna 8.25 | shop 50.00 | fees 1.75"}, // what is to come cannot be spent
	})
	if got := l.Account("staff-7").Balance(at(2)).Booked; got != eur(0) {
		t.Errorf("got %v, want nothing: the salaries were taken back", got)
	}
}

// A capture of some legs, and of parts of them, of a hold of many.
func TestCaptureOfLegs(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil, "taxi": nil})
	trip := ledger.Hold{ID: "trip", At: at(1), Value: monday, Legs: []ledger.Leg{
		ledger.DebitLeg("anna", eur(70_00)), ledger.CreditLeg("shop", eur(50_00)), ledger.CreditLeg("taxi", eur(20_00)),
	}}
	part := func(id string, keep bool, legs ...ledger.Leg) ledger.Capture {
		return ledger.Capture{ID: id, Transfer: "trip", At: at(2), Legs: legs, Keep: keep}
	}
	play(t, l, "anna shop taxi", []row{
		{move("pay-in", 0, "cash", "anna", 100_00), "posted | anna 100.00 | shop 0.00 | taxi 0.00"},
		{trip, "held | anna 100.00 (30.00) | shop 0.00 | taxi 0.00"},
		{capture("1", "trip", 2, 10_00, false), "refused exceeds_hold | anna 100.00 (30.00) | shop 0.00 | taxi 0.00"}, // of which leg?
		{part("1", true, ledger.Move("anna", "taxi", eur(20_01))...), "refused exceeds_hold | anna 100.00 (30.00) | shop 0.00 | taxi 0.00"},
		{part("1", true, ledger.Move("anna", "taxi", eur(15_00))...), "captured | anna 85.00 (30.00) | shop 0.00 | taxi 15.00"},
		{part("2", true, ledger.Move("anna", "cash", eur(1))...), "refused exceeds_hold | anna 85.00 (30.00) | shop 0.00 | taxi 15.00"},
		{part("2", false, ledger.Move("anna", "shop", eur(40_00))...), "captured | anna 45.00 | shop 40.00 | taxi 15.00"},
	})
}
