package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/ledger"
	"pgregory.net/rapid"
)

// TigerBeetle says of its timeouts that they are whole seconds, and that a pending transfer expires exactly then, but its amount
// need not be out of the pending balance at that instant (docs.tigerbeetle.com/reference/transfer, timeout). So a rate limit by
// pending transfers never lets too much through, but may let too little. Here what is held is free at its end, to the microsecond
// and without anybody who has to look. So the limit is a true window: a request at t is let through if, and only if, fewer than
// the limit were let through in (t - window, t].
func TestRecipeRateLimitIsATrueWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		window := time.Duration(rapid.IntRange(1, 20).Draw(t, "window")) * time.Microsecond
		l := ledger.NewLedger()
		shared(l, "operator", at(0), ledger.Equity, eur(0).Currency())
		open(l, "user", at(0), ledger.Limits{Overdraft: ledger.NoOverdraft})
		if d, err := l.Do(move("limit", 0, "operator", "user", int64(limit))); err != nil || !d.Done() {
			t.Fatal(line(d), err)
		}
		now := at(0)
		var through []time.Time
		for i := range rapid.IntRange(1, 60).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "later")) * time.Microsecond)
			recent := 0
			for _, then := range through {
				if then.After(now.Add(-window)) {
					recent++
				}
			}
			h := hold(fmt.Sprint(i), 0, "user", "operator", 1, now.Add(window))
			h.At = now
			d, err := l.Do(h)
			if err != nil || d.Done() != (recent < limit) {
				t.Fatalf("%s after %d of %d in %s: got %s %v", now, recent, limit, window, line(d), err)
			}
			if d.Done() {
				through = append(through, now)
			}
		}
	})
}

// A pending balance may be seen after its timeout there; here it is gone at its end exactly, for whoever reads as for whoever
// decides, though nothing was written since.
func TestRecipePendingIsGoneAtItsEndExactly(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	ends := at(1).Add(7 * time.Microsecond)
	play(t, l, "anna", []row{
		{move("pay-in", 0, "cash", "anna", 10_00), "posted | anna 10.00"},
		{hold("h", 0, "anna", "shop", 10_00, ends), "held | anna 10.00 (0.00)"},
	})
	records := l.Freeze()
	for after, want := range map[time.Duration]int64{-time.Hour: 10_00, -time.Microsecond: 10_00, 0: 0, time.Microsecond: 0, 1000 * time.Hour: 0} {
		if got := l.Account("anna").Balance(ends.Add(after)).Outgoing; got != eur(want) {
			t.Errorf("%s after its end: got %v held, want %d", after, got, want)
		}
	}
	if !l.Freeze().Equal(records) {
		t.Error("reading has changed something")
	}
	if d, err := l.Do(ledger.Post{ID: "p", At: ends, Value: monday, Legs: ledger.Move("anna", "shop", eur(10_00))}); err != nil || !d.Done() {
		t.Error(line(d), err)
	}
}

// There, an upper bound besides the lower one is the business of every single transfer, which checks it through a control account
// with four transfers more: one that does not exceeds it. Here the bound is the account's, and nothing that is not forced gets
// by, whatever it is: posts, captures, reversals, holds.
func TestRecipeBoundsNeedNoCheckInTheTransfer(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "jar": {Overdraft: ledger.NoOverdraft, Maximum: eur(50_00)}})
	play(t, l, "jar", []row{
		{move("pay-in", 0, "cash", "anna", 200_00), "posted | jar 0.00"},
		{move("1", 1, "anna", "jar", 50_00), "posted | jar 50.00"},
		{move("2", 1, "anna", "jar", 1), "refused above_maximum by jar (0.00 of 0.01) | jar 50.00"},
		{hold("3", 1, "anna", "jar", 1, at(9)), "refused above_maximum by jar (0.00 of 0.01) | jar 50.00"},
		{move("4", 1, "jar", "anna", 20_00), "posted | jar 30.00"},
		{hold("5", 1, "anna", "jar", 20_00, at(9)), "held | jar 30.00"},
		{reverse("4", 2), "refused above_maximum by jar (0.00 of 20.00) | jar 30.00"}, // its room is taken
		{capture("6", "5", 2, 0, false), "captured | jar 50.00"},
	})
}

// There, a condition on a balance is a pending transfer of the threshold, its void, and the transfer itself: three records on the
// account for one payment. Here the condition leaves nothing behind, and can look at accounts that the transfer does not touch.
func TestRecipeConditionLeavesNothingBehind(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "ben": nil, "shop": nil})
	play(t, l, "", []row{{move("pay-in", 0, "cash", "anna", 10_00), "posted"}, {move("in", 0, "cash", "ben", 10_00), "posted"}})
	p := move("if-ben-has", 1, "anna", "shop", 1_00)
	p.If = []ledger.Condition{{Account: "ben", AtLeast: eur(10_00), AtMost: eur(10_00)}}
	facts, d, err := p.Decide(l)
	if err != nil || !d.Done() || len(facts) != 3 {
		t.Fatalf("got %d facts, %s %v", len(facts), line(d), err)
	}
	for _, f := range facts {
		if f.ID == "ben" || len(f.Events) != 1 {
			t.Errorf("got %d events of %s", len(f.Events), f.ID)
		}
	}
}

// There, a closing transfer is a pending one, so that voiding it opens the account again; that takes a transfer, and the account
// that it was with. Here an account closes by a command of its own, empty and with nothing held, or not at all.
func TestRecipeAccountDoesNotCloseOnHolds(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	play(t, l, "anna", []row{
		{hold("refund", 0, "cash", "anna", 5_00, at(10)), "held | anna 0.00"},
		{of{"anna", ledger.Close{At: at(10).Add(-time.Microsecond)}}, "refused holds_pending | anna 0.00"},
		{of{"anna", ledger.Close{At: at(10)}}, "done | anna 0.00"},
		{move("late", 11, "cash", "anna", 1), "refused account_closed by anna | anna 0.00"},
		{of{"anna", ledger.Reopen{At: at(12)}}, "done | anna 0.00"},
	})
}
