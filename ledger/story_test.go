package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// The stories of some accounts. Each row asks one command, and says in a line what became of it, and how the accounts that the
// story is about stand then: booked, and in brackets what is available where that differs.

type row struct {
	do   any // a ledger.Command, or of
	want string
}

// of is a command over one account.
type of struct {
	id      string
	command ledger.AccountCommand
}

// at is an instant, in hours after a Monday morning in November.
func at(hours float64) time.Time {
	return time.UnixMicro(start).UTC().Add(time.Duration(hours * float64(time.Hour)))
}

var monday = civil.MustParseDate("2026-11-16")

// bank has cash and fees, which nothing constrains, and customers with the limits that are given: none is no overdraft.
func bank(t testing.TB, customers map[string]*ledger.Limits) *ledger.Ledger {
	t.Helper()
	l := ledger.NewLedger()
	open := func(id string, terms ledger.Terms) {
		t.Helper()
		if d, err := l.DoAccount(id, ledger.Open{At: at(0), Terms: terms}); err != nil || !d.Done() {
			t.Fatalf("%s: %+v %v", id, d, err)
		}
	}
	open("cash", ledger.Terms{Type: ledger.Asset, Currency: money.EUR, Unconstrained: true})
	open("fees", ledger.Terms{Type: ledger.Income, Currency: money.EUR, Unconstrained: true})
	for id, limits := range customers {
		if limits == nil {
			limits = &ledger.Limits{Overdraft: ledger.NoOverdraft}
		}
		open(id, ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: limits})
	}
	return l
}

func play(t *testing.T, l *ledger.Ledger, watch string, rows []row) {
	t.Helper()
	for i, r := range rows {
		var got string
		switch c := r.do.(type) {
		case ledger.Command:
			d, err := l.Do(c)
			if err != nil {
				t.Fatalf("row %d: %v", i+1, err)
			}
			got = line(d) + stand(l, watch, d.At)
		case of:
			d, err := l.DoAccount(c.id, c.command)
			if err != nil {
				t.Fatalf("row %d: %v", i+1, err)
			}
			got = "done"
			if !d.Done() {
				got = "refused " + string(d.Reason)
			}
			if d.Balance.Valid() {
				got += " with " + d.Balance.Number()
			}
			got += stand(l, watch, d.At)
		case time.Time:
			got = strings.TrimPrefix(stand(l, watch, c), " | ")
		}
		if got != r.want {
			t.Errorf("row %d: got  %s\n          want %s", i+1, got, r.want)
		}
	}
}

// line is a decision in a few words.
func line(d ledger.Decision) string {
	if d.Done() {
		return d.Status.String()
	}
	s := "refused " + string(d.Reason)
	if d.Account != "" {
		s += " by " + d.Account
	}
	if d.Needed.Valid() {
		s += fmt.Sprintf(" (%s of %s)", d.Available.Number(), d.Needed.Number())
	}
	if d.Step > 0 {
		s += fmt.Sprintf(" in step %d", d.Step)
	}
	return s
}

func stand(l *ledger.Ledger, watch string, at time.Time) (s string) {
	for _, id := range strings.Fields(watch) {
		b := l.Account(id).Balance(at)
		s += fmt.Sprintf(" | %s %s", id, b.Booked.Number())
		if b.Booked != b.Available && !l.Account(id).Terms().Unconstrained {
			s += fmt.Sprintf(" (%s)", b.Available.Number())
		}
	}
	return s
}

func move(id string, hours float64, from, to string, minor int64) ledger.Post {
	return ledger.Post{ID: id, At: at(hours), Value: civil.DateOf(at(hours), nil), Legs: ledger.Move(from, to, eur(minor))}
}

func hold(id string, hours float64, from, to string, minor int64, ends time.Time) ledger.Hold {
	h := ledger.Hold(move(id, hours, from, to, minor))
	h.Expires = ends
	return h
}

func capture(id, transfer string, hours float64, minor int64, keep bool) ledger.Capture {
	c := ledger.Capture{ID: id, Transfer: transfer, At: at(hours), Keep: keep}
	if minor != 0 {
		c.Amount = eur(minor)
	}
	return c
}

func void(transfer string, hours float64) ledger.Void {
	return ledger.Void{ID: "void-" + transfer, Transfer: transfer, At: at(hours)}
}

func reverse(transfer string, hours float64) ledger.Reverse {
	return ledger.Reverse{ID: "back-" + transfer, Transfer: transfer, At: at(hours)}
}

// Law L5: a hold counts until its end, and not at its end, to the microsecond, and nobody has to say so.
func TestHoldEndsExactly(t *testing.T) {
	ends := at(24)
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	play(t, l, "anna shop", []row{
		{move("pay-in", 0, "cash", "anna", 100_00), "posted | anna 100.00 | shop 0.00"},
		{hold("hotel", 1, "anna", "shop", 60_00, ends), "held | anna 100.00 (40.00) | shop 0.00"},
		{ends.Add(-time.Microsecond), "anna 100.00 (40.00) | shop 0.00"},
		{ends.Add(-time.Nanosecond), "anna 100.00 (40.00) | shop 0.00"}, // which is cut off
		{ends, "anna 100.00 | shop 0.00"},
		{ledger.Post{ID: "early", At: ends.Add(-time.Microsecond), Value: monday, Legs: ledger.Move("anna", "shop", eur(40_01))},
			"refused overdraft_exceeded by anna (40.00 of 40.01) | anna 100.00 (40.00) | shop 0.00"},
		{ledger.Expire{ID: "x", Transfer: "hotel", At: ends.Add(-time.Microsecond)}, "refused not_expired | anna 100.00 (40.00) | shop 0.00"},
		{move("dear", 24, "anna", "shop", 100_00), "posted | anna 0.00 | shop 100.00"},
		{capture("late", "hotel", 23, 0, false), "refused already_expired | anna 0.00 | shop 100.00"}, // time does not go back
		{void("hotel", 25), "refused already_expired | anna 0.00 | shop 100.00"},
		{ledger.Expire{ID: "x", Transfer: "hotel", At: at(30)}, "expired | anna 0.00 | shop 100.00"},
		{ledger.Expire{ID: "y", Transfer: "hotel", At: at(30)}, "refused already_expired | anna 0.00 | shop 100.00"},
		{reverse("hotel", 30), "refused not_posted | anna 0.00 | shop 100.00"},
	})
	if got := l.Transfer("hotel").Status(at(1)); got != ledger.Expired {
		t.Errorf("got %s, want expired: that is on record", got)
	}
}

// Law L5: a last microsecond is enough to capture, and a hold without an end waits for ever.
func TestHoldIsCapturedInItsLastMicrosecond(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	last := ledger.Capture{ID: "clear", Transfer: "fuel", At: at(2).Add(-time.Microsecond)}
	play(t, l, "anna shop", []row{
		{move("pay-in", 0, "cash", "anna", 100_00), "posted | anna 100.00 | shop 0.00"},
		{hold("fuel", 1, "anna", "shop", 60_00, at(2)), "held | anna 100.00 (40.00) | shop 0.00"},
		{hold("deposit", 1, "anna", "shop", 40_00, time.Time{}), "held | anna 100.00 (0.00) | shop 0.00"},
		{last, "captured | anna 40.00 (0.00) | shop 60.00"},
		{last, "refused exists | anna 40.00 (0.00) | shop 60.00"},
		{capture("again", "fuel", 3, 0, false), "refused already_captured | anna 40.00 (0.00) | shop 60.00"},
		{void("fuel", 3), "refused already_captured | anna 40.00 (0.00) | shop 60.00"},
		{void("deposit", 24*365), "voided | anna 40.00 | shop 60.00"},
		{capture("clear", "deposit", 24*365, 0, false), "refused already_voided | anna 40.00 | shop 60.00"},
	})
}

// Law L4: parts of a hold are captured one after the other; without keep, the rest is given back.
func TestPartialCaptures(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	play(t, l, "anna shop", []row{
		{move("pay-in", 0, "cash", "anna", 100_00), "posted | anna 100.00 | shop 0.00"},
		{hold("order", 1, "anna", "shop", 80_00, at(100)), "held | anna 100.00 (20.00) | shop 0.00"},
		{capture("box-1", "order", 2, 30_00, true), "captured | anna 70.00 (20.00) | shop 30.00"},
		{capture("box-1", "order", 2, 30_00, true), "refused exists | anna 70.00 (20.00) | shop 30.00"},
		{capture("box-1", "order", 2, 31_00, true), "refused exists_with_different_content | anna 70.00 (20.00) | shop 30.00"},
		{capture("box-2", "order", 3, 50_01, true), "refused exceeds_hold | anna 70.00 (20.00) | shop 30.00"},
		{reverse("order", 3), "refused still_held | anna 70.00 (20.00) | shop 30.00"},
		{capture("box-2", "order", 3, 30_00, false), "captured | anna 40.00 | shop 60.00"}, // 20.00 are given back
		{capture("box-3", "order", 4, 0, false), "refused already_captured | anna 40.00 | shop 60.00"},
		{reverse("order", 5), "posted | anna 100.00 | shop 0.00"}, // of what was captured
		{capture("box-3", "order", 6, 0, false), "refused already_reversed | anna 100.00 | shop 0.00"},
	})
	l = bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	play(t, l, "anna shop", []row{
		{move("pay-in", 0, "cash", "anna", 100_00), "posted | anna 100.00 | shop 0.00"},
		{hold("order", 1, "anna", "shop", 80_00, at(10)), "held | anna 100.00 (20.00) | shop 0.00"},
		{capture("all", "order", 2, 80_00, true), "captured | anna 20.00 | shop 80.00"}, // nothing is left to keep
		{capture("more", "order", 2, 1, true), "refused already_captured | anna 20.00 | shop 80.00"},
		{hold("next", 3, "anna", "shop", 20_00, at(10)), "held | anna 20.00 (0.00) | shop 80.00"},
		{capture("part", "next", 4, 5_00, true), "captured | anna 15.00 (0.00) | shop 85.00"},
		{at(10), "anna 15.00 | shop 85.00"}, // the rest has ended
		{reverse("next", 11), "posted | anna 20.00 | shop 80.00"},
	})
}

// At most an amount moves what there is room for, on both sides.
func TestAtMost(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "jar": {Overdraft: ledger.NoOverdraft, Maximum: eur(50_00)}})
	most := func(id string, hours float64, minor int64) ledger.Post {
		p := move(id, hours, "anna", "jar", minor)
		p.AtMost = true
		return p
	}
	kept := ledger.Hold(most("kept", 3, 99_00))
	play(t, l, "anna jar", []row{
		{most("poor", 0, 30_00), "refused nothing_available by anna (0.00 of 30.00) | anna 0.00 | jar 0.00"},
		{move("pay-in", 0, "cash", "anna", 70_00), "posted | anna 70.00 | jar 0.00"},
		{most("1", 1, 30_00), "posted | anna 40.00 | jar 30.00"}, // all that is asked
		{most("2", 2, 30_00), "posted | anna 20.00 | jar 50.00"}, // as much as the jar takes
		{most("2", 2, 30_00), "refused exists | anna 20.00 | jar 50.00"},
		{most("2", 2, 19_99), "refused exists_with_different_content | anna 20.00 | jar 50.00"},
		{most("3", 2, 30_00), "refused nothing_available by jar (0.00 of 30.00) | anna 20.00 | jar 50.00"},
		{move("out", 3, "jar", "cash", 45_00), "posted | anna 20.00 | jar 5.00"},
		{kept, "held | anna 20.00 (0.00) | jar 5.00"},
	})
	if legs := l.Transfer("kept").Legs(); legs[0].Amount != eur(20_00) || legs[1].Amount != eur(20_00) {
		t.Errorf("got %v, want what was available", legs)
	}
}

// Conditions look at what is available before the transfer, on accounts of the transfer and on others.
func TestConditions(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "shop": nil})
	rich := func(id string, least, most int64) ledger.Post {
		p := move(id, 2, "anna", "shop", 10_00)
		c := ledger.Condition{Account: "anna"}
		if c.AtLeast = eur(least); most != 0 {
			c.AtMost = eur(most)
		}
		p.If = []ledger.Condition{c}
		return p
	}
	play(t, l, "anna shop", []row{
		{move("pay-in", 0, "cash", "anna", 100_00), "posted | anna 100.00 | shop 0.00"},
		{hold("order", 1, "anna", "shop", 20_00, at(50)), "held | anna 100.00 (80.00) | shop 0.00"},
		{rich("1", 80_01, 0), "refused condition_not_met by anna (80.00 of 80.01) | anna 100.00 (80.00) | shop 0.00"},
		{rich("1", 80_00, 0), "posted | anna 90.00 (70.00) | shop 10.00"},
		{rich("2", 0, 69_99), "refused condition_not_met by anna (70.00 of 69.99) | anna 90.00 (70.00) | shop 10.00"},
		{rich("2", 70_00, 70_00), "posted | anna 80.00 (60.00) | shop 20.00"},
		{ledger.Post{ID: "3", At: at(3), Value: monday, Legs: ledger.Move("anna", "shop", eur(1)), If: []ledger.Condition{{Account: "cash", AtLeast: eur(1)}}},
			"refused unconstrained by cash | anna 80.00 (60.00) | shop 20.00"},
	})
}

// Law L3: linked commands are all done, each on what those before it left, or none is.
func TestLinkedAllOrNothing(t *testing.T) {
	step := func(c any) ledger.Step {
		switch c := c.(type) {
		case ledger.Post:
			return ledger.Step{Post: &c}
		case ledger.Hold:
			return ledger.Step{Hold: &c}
		case ledger.Capture:
			return ledger.Step{Capture: &c}
		case ledger.Void:
			return ledger.Step{Void: &c}
		case ledger.Reverse:
			return ledger.Step{Reverse: &c}
		}
		panic("bug: not a step")
	}
	linked := func(id string, steps ...any) ledger.Linked {
		g := ledger.Linked{ID: id}
		for _, s := range steps {
			g.Steps = append(g.Steps, step(s))
		}
		return g
	}
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "ben": nil, "shop": nil})
	play(t, l, "anna ben shop", []row{
		{move("pay-in", 0, "cash", "anna", 100_00), "posted | anna 100.00 | ben 0.00 | shop 0.00"},
		{linked("g1", move("1", 1, "anna", "ben", 60_00), move("2", 1, "anna", "shop", 60_00)),
			"refused overdraft_exceeded by anna (40.00 of 60.00) in step 2 | anna 100.00 | ben 0.00 | shop 0.00"},
		{linked("g1", move("1", 1, "anna", "ben", 60_00), move("2", 1, "ben", "shop", 60_00)), // ben pays with what has just come
			"posted | anna 40.00 | ben 0.00 | shop 60.00"},
		{linked("g1", move("1", 1, "anna", "ben", 60_00), move("2", 1, "ben", "shop", 60_00)),
			"refused exists in step 1 | anna 40.00 | ben 0.00 | shop 60.00"},
		{linked("g2", hold("h", 2, "anna", "shop", 40_00, at(9)), capture("c", "h", 2, 30_00, true), void("h", 2), move("3", 2, "anna", "ben", 10_00)),
			"held | anna 0.00 | ben 10.00 | shop 90.00"},
		{linked("g3", move("4", 3, "ben", "shop", 1_00), reverse("4", 3), capture("never", "nothing", 3, 0, false)),
			"refused not_found in step 3 | anna 0.00 | ben 10.00 | shop 90.00"},
		{linked("g4", move("4", 3, "ben", "shop", 1_00), reverse("4", 3)), "posted | anna 0.00 | ben 10.00 | shop 90.00"},
		{linked("g5", move("5", 2, "ben", "shop", 1_00), hold("h5", 5, "ben", "shop", 1_00, at(9))), // one instant: the latest
			"posted | anna 0.00 | ben 9.00 (8.00) | shop 91.00"},
	})
	for id, want := range map[string]time.Time{"5": at(5), "h5": at(5)} {
		if got := l.Transfer(id).At(); !got.Equal(want) {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
	if got := l.Transfer("back-4"); got.Reverses() != "4" || l.Transfer("4").Status(at(3)) != ledger.Reversed {
		t.Errorf("got %+v", got)
	}
}

// A capture that moves nothing but from an account to itself is as malformed as such a transfer is: it could not be reversed.
func TestCaptureBetweenTheSameAccounts(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "ben": nil})
	h := hold("h", 1, "anna", "ben", 1, at(99))
	h.Legs = []ledger.Leg{ledger.DebitLeg("anna", eur(10_00)), ledger.CreditLeg("anna", eur(4_00)), ledger.CreditLeg("ben", eur(6_00))}
	play(t, l, "", []row{{move("in", 0, "cash", "anna", 10_00), "posted"}, {h, "held"}})
	c := capture("c", "h", 2, 0, false)
	c.Legs = []ledger.Leg{ledger.DebitLeg("anna", eur(2_00)), ledger.DebitLeg("anna", eur(2_00)), ledger.CreditLeg("anna", eur(4_00))}
	if d, err := l.Do(c); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("got %+v, %v", d, err)
	}
	c.Legs[2] = ledger.CreditLeg("ben", eur(4_00))
	play(t, l, "anna ben", []row{
		{c, "captured | anna 6.00 | ben 4.00"},
		{reverse("h", 3), "posted | anna 10.00 | ben 0.00"},
	})
}

// What is taken back of a hold has the value date with which it was captured, not that of the hold: between the two it was not
// missing, and must not earn interest.
func TestReverseOfACaptureHasItsValueDate(t *testing.T) {
	l := bank(t, map[string]*ledger.Limits{"anna": nil, "ben": nil})
	later := func(id string, days civil.Date, keep bool) ledger.Capture {
		c := capture(id, "h", 2, 2_00, keep)
		c.Value = monday + days
		return c
	}
	play(t, l, "", []row{
		{move("in", 0, "cash", "anna", 10_00), "posted"}, {hold("h", 1, "anna", "ben", 4_00, at(99)), "held"},
		{later("1", 10, true), "captured"}, {later("2", 5, false), "captured"}, {reverse("h", 3), "posted"},
	})
	if got := l.Transfer("back-h").Value(); got != monday+10 {
		t.Errorf("value date %s", got)
	}
	for _, d := range []civil.Date{0, 4, 5, 9, 10} {
		if balance, ok := l.Account("anna").BalanceOn(monday + d); !ok || balance.Minor() > 10_00 {
			t.Errorf("on day %d: %s", d, balance)
		}
	}
}
