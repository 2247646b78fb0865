package cashback_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// What is wrong with a purchase is told by its field, by Validate and by all that take one.
func TestPurchaseErrors(t *testing.T) {
	long := strings.Repeat("x", event.MaxName+1)
	p := made(t, program(func(s *cashback.Spec) {
		s.Groups, s.Rules = []cashback.Group{{ID: "g", Mode: cashback.Stack}}, []cashback.Rule{giving("r", "0.02", nil)}
	}))
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	for _, row := range []struct {
		field string
		wrong func(*cashback.Purchase)
		also  error
	}{
		{"id", func(p *cashback.Purchase) { p.ID = "" }, event.ErrInvalid},
		{"id", func(p *cashback.Purchase) { p.ID = long }, event.ErrInvalid},
		{"id", func(p *cashback.Purchase) { p.ID = "a\x00b" }, event.ErrInvalid},
		{"at", func(p *cashback.Purchase) { p.At = time.Time{} }, money.ErrInvalidInstant},
		{"at", func(p *cashback.Purchase) { p.At = year(1970).Add(-1) }, money.ErrInvalidInstant},
		{"at", func(p *cashback.Purchase) { p.At = year(2200) }, money.ErrInvalidInstant},
		{"at", func(p *cashback.Purchase) { p.At = year(10_000) }, money.ErrInvalidInstant},
		{"amount", func(p *cashback.Purchase) { p.Amount = money.Amount{} }, money.ErrNoCurrency},
		{"amount", func(p *cashback.Purchase) { p.Amount = eur(0) }, nil},
		{"amount", func(p *cashback.Purchase) { p.Amount = eur(-1) }, nil},
		{"amount", func(p *cashback.Purchase) { p.Amount = eur(cashback.MaxAmount + 1) }, nil},
		{"rate", func(p *cashback.Purchase) { p.Rate = rateOf("-1") }, nil},
		{"merchant.id", func(p *cashback.Purchase) { p.Merchant.ID = long }, event.ErrInvalid},
		{"merchant.groups", func(p *cashback.Purchase) { p.Merchant.Groups = make([]string, cashback.MaxMerchantGroups+1) }, nil},
		{"merchant.groups[1]", func(p *cashback.Purchase) { p.Merchant.Groups = []string{"a", ""} }, event.ErrInvalid},
		{"merchant.groups[0]", func(p *cashback.Purchase) { p.Merchant.Groups = []string{"\xff"} }, event.ErrInvalid},
		{"merchant.mcc", func(p *cashback.Purchase) { p.Merchant.MCC = 10_000 }, nil},
		{"merchant.category", func(p *cashback.Purchase) { p.Merchant.Category = "a\nb" }, event.ErrInvalid},
		{"merchant.country", func(p *cashback.Purchase) { p.Merchant.Country = "fr" }, nil},
		{"tier", func(p *cashback.Purchase) { p.Tier = "\xff" }, event.ErrInvalid},
	} {
		purchase := buying(10_00)
		if err := purchase.Validate(); err != nil {
			t.Fatal(err)
		}
		row.wrong(purchase)
		err := purchase.Validate()
		named := errors.Is(err, cashback.ErrInvalid) && strings.Contains(err.Error(), "invalid "+row.field+": ")
		if !named || row.also != nil && !errors.Is(err, row.also) {
			t.Errorf("%s: got %v", row.field, err)
			continue
		}
		checkRefused(t, p, purchase, nil, err.Error())
	}
	for _, row := range []struct {
		rate, why string
		amount    money.Amount
	}{
		{"1.1", "want none", eur(10_00)},
		{"0", "want what one USD is in EUR", money.New(10_00, money.USD)},
		{"2", "does not fit", money.New(cashback.MaxAmount, money.USD)},
		{"100000000000000000", "does not fit", money.New(cashback.MaxAmount, money.JPY)},
	} {
		purchase := buying(10_00)
		purchase.Amount, purchase.Rate = row.amount, rateOf(row.rate)
		if err := purchase.Validate(); err != nil {
			t.Fatal(err)
		}
		checkRefused(t, p, purchase, nil, "cashback: invalid rate: ")
		_, err := p.Evaluate(purchase, nil)
		if overflow := errors.Is(err, money.ErrOverflow); overflow != (row.why == "does not fit") || !overflow && !strings.Contains(err.Error(), row.why) {
			t.Errorf("got %v, want %s", err, row.why)
		}
	}
}

// checkRefused checks that all that take a purchase return the same error.
func checkRefused(t *testing.T, p *cashback.Program, purchase *cashback.Purchase, room *cashback.Room, want string) {
	t.Helper()
	e, err1 := p.Evaluate(purchase, room)
	outcomes, err2 := p.Explain(purchase, room)
	caps, budgets, err3 := p.DrawsOn(purchase)
	errs := []error{err1, err2}
	if room == nil { // which DrawsOn does not see
		errs = append(errs, err3)
	}
	for _, err := range errs {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if !cmp.Equal(e, cashback.Evaluation{}) || outcomes != nil || room == nil && (caps != nil || budgets != nil) {
		t.Errorf("%s: got %+v %v %v %v besides", want, e, outcomes, caps, budgets)
	}
}

// What a program cannot decide is an error, before anything is drawn.
func TestEvaluateErrors(t *testing.T) {
	s := program(func(s *cashback.Spec) {
		s.Groups = []cashback.Group{{ID: "g", Mode: cashback.First}}
		for i := range cashback.MaxMatching {
			s.Rules = append(s.Rules, giving(fmt.Sprintf("r%02d", i), "0.01", nil))
		}
		s.Rules = append(s.Rules, giving("one-more", "0.01", func(r *cashback.Rule) { r.MinPurchase = eur(10_01) }))
	})
	if e, err := made(t, s).Evaluate(buying(10_00), nil); err != nil || len(e.Lines) != 1 {
		t.Errorf("as many rules as may fit: got %v %v", e, err)
	}
	checkRefused(t, made(t, s), buying(10_01), nil, "fits more than 64 rules of program spring, version 1")

	double := func(r *cashback.Rule) { r.AllowAboveWhole = true }
	s.Rules = []cashback.Rule{giving("double", "2", double)}
	checkRefused(t, made(t, s), buying(cashback.MaxAmount), nil, "rule double: cashback: reward: ")

	s.Groups[0].Mode = cashback.Stack
	s.Rules = []cashback.Rule{giving("whole", "1", nil), giving("cent", "0.01", nil)}
	if _, err := made(t, s).Evaluate(buying(cashback.MaxAmount), nil); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("all together: got %v", err)
	}

	s.Rules = []cashback.Rule{giving("r", "0.02", func(r *cashback.Rule) { r.Budget = "spring" })}
	s.Caps, s.Budgets = []cashback.Cap{bounding("month")}, []cashback.Budget{{ID: "spring", Total: eur(1)}}
	dollars := amounts{"month": money.New(1, money.USD), "spring": money.New(1, money.USD)}
	checkRefused(t, made(t, s), buying(10_00), &cashback.Room{Caps: dollars}, "cashback: invalid room.caps: month: in USD, want EUR")
	checkRefused(t, made(t, s), buying(10_00), &cashback.Room{Caps: amounts{"month": eur(5)}, Budgets: dollars},
		"cashback: invalid room.budgets: spring: in USD, want EUR")
}

// What is handed out is the caller's: writing over it changes neither the program nor another line.
func TestEvaluationIsTheCallers(t *testing.T) {
	s := program(func(s *cashback.Spec) {
		s.Groups = []cashback.Group{{ID: "g", Mode: cashback.Stack}}
		step := []cashback.Step{{From: eur(0), Rate: rateOf("0.02")}}
		shared := func(r *cashback.Rule) { r.Rate, r.Ladder, r.Funding = money.Rate{}, step, fundedBy("0.5", "0.5") }
		s.Rules = []cashback.Rule{giving("a", "0", shared), giving("b", "0", shared)}
		s.Caps = []cashback.Cap{bounding("month"), bounding("year")}
	})
	p := made(t, s)
	want, err := p.Evaluate(buying(10_00), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, write := range []func(*cashback.Line){
		func(l *cashback.Line) { l.Caps[0] = "changed" },
		func(l *cashback.Line) { l.Caps = append(l.Caps, "changed") },
		func(l *cashback.Line) { l.Funding[0].Funder = "changed" },
		func(l *cashback.Line) { l.Funding = append(l.Funding, cashback.Share{Funder: "changed"}) },
		func(l *cashback.Line) { l.Terms.Ladder[0].Rate = rateOf("1") },
	} {
		e, err := p.Evaluate(buying(10_00), nil)
		if err != nil {
			t.Fatal(err)
		}
		write(&e.Lines[0])
		if diff := cmp.Diff(want.Lines[1], e.Lines[1]); diff != "" {
			t.Error("another line:", diff)
		}
		if again, err := p.Evaluate(buying(10_00), nil); err != nil || !cmp.Equal(want, again) {
			t.Error("the program:", cmp.Diff(want, again), err)
		}
	}
}

// A purchase is in the program's currency by the rate that is pinned to it, rounded once as the program says.
func TestCurrencies(t *testing.T) {
	for _, row := range []struct {
		paid           money.Amount
		rate           string
		rounding       money.Rounding
		base, rewarded int64
	}{
		{eur(12_34), "0", money.HalfAwayFromZero, 12_34, 62},
		{money.New(10_00, money.USD), "0.8617", money.HalfAwayFromZero, 8_62, 43},
		{money.New(10_00, money.USD), "0.8617", money.Down, 8_61, 43},
		{money.New(1_000, money.JPY), "0.0061", money.HalfEven, 6_10, 30},
		{money.New(1_000, money.JPY), "0.0061", money.Up, 6_10, 31},
		{money.New(1_005, money.BHD), "2.5", money.HalfEven, 2_51, 13},
		{money.New(1, money.JPY), "0.0061", money.HalfEven, 1, 0}, // 0.05 rounds to nothing
		{money.New(1, money.JPY), "0.0001", money.Down, 0, 0},     // and this is nothing before
	} {
		s := program(func(s *cashback.Spec) {
			s.Rounding, s.Groups = row.rounding, []cashback.Group{{ID: "g", Mode: cashback.Stack}}
			s.Rules = []cashback.Rule{giving("r", "0.05", nil)}
		})
		p := buying(1)
		p.Amount, p.Rate = row.paid, rateOf(row.rate)
		if e, err := made(t, s).Evaluate(p, nil); err != nil || e.Base != eur(row.base) || e.Reward != eur(row.rewarded) {
			t.Errorf("%v at %s, %s: got %v of %v %v, want %v of %v", row.paid, row.rate, row.rounding, e.Reward, e.Base, err, eur(row.rewarded), eur(row.base))
		}
	}
}

// A rule holds from the first instant of its first day to the last of its last one, on the clocks of the program's zone.
func TestDaysOfAZone(t *testing.T) {
	for _, row := range []struct {
		zone, day, first, last string // in UTC
	}{
		{"Europe/Paris", "2026-11-21", "2026-11-20T23:00:00Z", "2026-11-21T22:59:59.999999Z"},
		{"Europe/Paris", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999Z"}, // 23 hours
		{"Europe/Paris", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59.999999Z"}, // 25
		{"Pacific/Auckland", "2026-09-27", "2026-09-26T12:00:00Z", "2026-09-27T10:59:59.999999Z"},
		{"Pacific/Auckland", "2026-04-05", "2026-04-04T11:00:00Z", "2026-04-05T11:59:59.999999Z"},
		{"America/St_Johns", "2010-11-06", "2010-11-06T02:30:00Z", "2010-11-07T02:29:59.999999Z"},
		{"America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z", "2010-11-08T03:29:59.999999Z"}, // though clocks showed the 6th again
	} {
		s := program(func(s *cashback.Spec) {
			s.Zone, s.Groups = row.zone, []cashback.Group{{ID: "g", Mode: cashback.Stack}}
			s.Rules = []cashback.Rule{giving("r", "0.05", func(r *cashback.Rule) {
				r.From, r.Through = dateOf(row.day), dateOf(row.day)
				r.Include.MCC = []cap.MCCRange{{From: 1, To: 9999}}
			})}
		})
		program := made(t, s)
		first, last := instant(t, row.first), instant(t, row.last)
		for at, want := range map[time.Time]cashback.RuleReason{
			first.Add(-1): cashback.NotStarted, first: "", first.Add(23 * time.Hour / 2): "", last.Add(999): "", last.Add(1_000): cashback.Ended,
		} {
			p := buying(10_00)
			p.At = at
			e, err := program.Evaluate(p, nil)
			if got, err2 := program.Explain(p, nil); err != nil || err2 != nil || got[0].Reason != want || (want == "") != (len(e.Lines) == 1) {
				t.Errorf("%s in %s: got %+v %v %v, want %q", at, row.zone, got, err, err2, want)
			}
		}
	}
}

// Evaluate allocates what it hands out, and no more: the lines, and their shares and caps in one slice each.
func TestEvaluateAllocates(t *testing.T) {
	for _, kind := range []string{"other-merchants", "other-dates", "other-mcc"} {
		p, purchase := bigProgram(t, 1_000, kind)
		if got := testing.AllocsPerRun(100, func() { _, _ = p.Evaluate(purchase, nil) }); got != 2 {
			t.Errorf("%s: got %v allocations, want 2: no rule has a cap", kind, got)
		}
		bounded, within := withCaps(t, p)
		if got := testing.AllocsPerRun(100, func() { _, _ = bounded.Evaluate(purchase, within) }); got != 3 {
			t.Errorf("%s: got %v allocations with caps, want 3", kind, got)
		}
		purchase.At = purchase.At.Add(-100 * 365 * 24 * time.Hour / 2)
		purchase.Amount = eur(1) // nothing earned
		if got := testing.AllocsPerRun(100, func() { _, _ = p.Evaluate(purchase, nil) }); got != 0 {
			t.Errorf("%s: got %v allocations for nothing, want 0", kind, got)
		}
	}
}
