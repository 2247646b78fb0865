package ledger_test

import (
	"fmt"
	"testing"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/internal/reasons"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/interest"
	"github.com/payrules/payrules/money"
)

// asked is a command, and the reason that comes next in the order of precedence for which it would be refused as well.
type asked struct {
	reason ledger.Reason
	do     any           // ledger.Command, or of
	also   ledger.Reason // "": it has only one fault
}

// eventful is a ledger in which something has become of everything.
func eventful(t *testing.T) *ledger.Ledger {
	t.Helper()
	l := bank(t, map[string]*ledger.Limits{
		"anna": nil, "ben": {Overdraft: ledger.NoOverdraft, Minimum: eur(5_00), Maximum: eur(200_00)}, "gone": nil, "frozen": nil, "half": nil,
		"free": {Overdraft: ledger.FreeOverdraft}, "saver": nil, "crowded": nil, "done": nil,
	})
	terms := interest.MustTerms(interest.Spec{
		Currency: money.EUR, DayCount: interest.Act365F, Rounding: money.HalfEven, Capitalise: interest.Monthly,
		Rates: []interest.Rates{{From: monday - 40, Credit: interest.Flat(money.EUR, money.MustParseRate("0.02"))}},
	})
	for _, c := range []any{
		move("pay-in", 0, "cash", "anna", 100_00), move("ben-in", 0, "cash", "ben", 100_00), move("half-in", 0, "cash", "half", 9_00),
		move("reversed", 0, "cash", "anna", 1_00), reverse("reversed", 0),
		hold("captured", 0, "anna", "ben", 1_00, at(99)), capture("c-captured", "captured", 0, 0, false),
		hold("voided", 0, "anna", "ben", 1_00, at(99)), void("voided", 0),
		hold("expired", 0, "anna", "ben", 1_00, at(1)), ledger.Expire{ID: "x", Transfer: "expired", At: at(1)},
		hold("over", 1, "anna", "ben", 1_00, at(2)),
		hold("part", 1, "anna", "ben", 2_00, at(99)), capture("c-part", "part", 1, 1_00, true),
		hold("live", 2, "anna", "ben", 3_00, at(99)), hold("pieces", 2, "anna", "cash", 10_02, at(99)),
		hold("on-half", 2, "half", "anna", 1_00, at(99)), move("half-out", 2, "half", "cash", 7_00),
		hold("to-done", 2, "cash", "done", 1_00, at(99)),
		of{"gone", ledger.Close{At: at(2)}}, of{"frozen", ledger.SetBlock{At: at(2), Block: ledger.Frozen}},
		of{"anna", ledger.EndPeriod{At: at(2), Through: monday - 1}}, of{"gone", ledger.EndPeriod{At: at(2), Through: monday - 1}},
		of{"frozen", ledger.EndPeriod{At: at(2), Through: monday - 1}},
		of{"saver", ledger.SetInterest{At: at(2), From: monday - 40, Terms: terms, Source: "fees"}},
		ledger.Capitalise{Account: "saver", At: at(2), Through: civil.MustParseDate("2026-10-31"), Source: "fees"},
	} {
		switch c := c.(type) {
		case ledger.Command:
			if d, err := l.Do(c); err != nil || !d.Done() {
				t.Fatalf("%+v: %s %v", c, line(d), err)
			}
		case of:
			if d, err := l.DoAccount(c.id, c.command); err != nil || !d.Done() {
				t.Fatalf("%+v: %+v %v", c, d, err)
			}
		}
	}
	return l
}

// with changes an order.
func with(p ledger.Post, change func(*ledger.Post)) ledger.Post {
	change(&p)
	return p
}

// Every reason, in order of precedence, each in the rows that produce it. Where a row names another reason that applies as well,
// it is the later one, and the first is given.
func TestReasons(t *testing.T) {
	old, dollar := func(p *ledger.Post) { p.Value = monday - 1 }, money.New(1, money.USD)
	usd := func(id, from, to string) ledger.Post {
		return with(move(id, 3, from, to, 1), func(p *ledger.Post) { p.Legs = ledger.Move(from, to, dollar) })
	}
	most := func(p *ledger.Post) { p.AtMost = true }
	least := func(account string, minor int64) func(*ledger.Post) {
		return func(p *ledger.Post) { p.If = []ledger.Condition{{Account: account, AtLeast: eur(minor)}} }
	}
	bothWays := hold("new", 3, "ben", "cash", 150_00, at(99))
	bothWays.Legs = append(bothWays.Legs, ledger.Move("cash", "ben", eur(150_00))...)
	november, october := civil.MustParseDate("2026-11-30"), civil.MustParseDate("2026-10-31")
	rows := []asked{
		{ledger.Exists, move("pay-in", 0, "cash", "anna", 100_00), ""},
		{ledger.Exists, hold("over", 1, "anna", "ben", 1_00, at(2)), ledger.AlreadyExpired},
		{ledger.Exists, capture("c-captured", "captured", 3, 0, false), ledger.AlreadyCaptured},
		{ledger.ExistsWithDifferentContent, move("pay-in", 0, "cash", "anna", 100_01), ""},
		{ledger.ExistsWithDifferentContent, ledger.Reverse{ID: "pay-in", Transfer: "never", At: at(3)}, ledger.NotFound},
		{ledger.NotFound, capture("c", "never", 3, 1_00, false), ""},
		{ledger.NotFound, reverse("never", 3), ""},
		{ledger.NotHeld, capture("c", "pay-in", 3, 1_00, false), ""},
		{ledger.NotHeld, void("reversed", 3), ledger.AlreadyReversed},
		{ledger.AlreadyCaptured, capture("c", "captured", 100, 5_00, false), ledger.ExceedsHold},
		{ledger.AlreadyVoided, capture("c", "voided", 100, 5_00, false), ledger.AlreadyExpired},
		{ledger.AlreadyExpired, capture("c", "over", 3, 5_00, false), ledger.ExceedsHold},
		{ledger.AlreadyExpired, hold("new", 0, "nobody", "anna", 1, at(1.5)), ledger.UnknownAccount}, // of the accounts' clock
		{ledger.NotExpired, ledger.Expire{ID: "x", Transfer: "live", At: at(3)}, ""},
		{ledger.ExceedsHold, capture("c", "live", 3, 3_01, false), ""},
		{ledger.ExceedsHold, func() ledger.Capture { c := capture("c", "live", 3, 3_01, false); c.Value = monday - 1; return c }(), ledger.PeriodClosed},
		{ledger.TooManyCaptures, func() ledger.Capture { c := capture("c", "pieces", 3, 1, true); c.Value = monday - 1; return c }(), ledger.PeriodClosed},
		{ledger.NotPosted, reverse("live", 3), ""},
		{ledger.NotPosted, reverse("voided", 3), ""},
		{ledger.StillHeld, reverse("part", 3), ""},
		{ledger.AlreadyReversed, ledger.Reverse{ID: "r", Transfer: "reversed", At: at(3), Value: monday - 1}, ledger.PeriodClosed},
		{ledger.UnknownAccount, move("new", 3, "gone", "nobody", 1), ledger.Closed},
		{ledger.UnknownAccount, of{"nobody", ledger.Close{At: at(3)}}, ""},
		{ledger.AlreadyOpen, of{"gone", ledger.Open{At: at(3), Terms: ledger.Terms{Type: ledger.Asset, Currency: money.EUR, Unconstrained: true}}}, ledger.Closed},
		{ledger.Closed, usd("new", "gone", "anna"), ledger.CurrencyMismatch},
		{ledger.Closed, of{"gone", ledger.SetLimits{At: at(3), Limits: ledger.Limits{Overdraft: ledger.FreeOverdraft}}}, ""},
		{ledger.NotClosed, of{"cash", ledger.Reopen{At: at(3)}}, ledger.Unconstrained},
		{ledger.Unconstrained, of{"cash", ledger.Close{At: at(3)}}, ledger.BalanceNotZero},
		{ledger.Unconstrained, with(usd("new", "anna", "ben"), least("cash", 1)), ledger.CurrencyMismatch},
		{ledger.CurrencyMismatch, with(usd("new", "anna", "ben"), old), ledger.PeriodClosed},
		{ledger.PeriodClosed, with(move("new", 3, "anna", "frozen", 1_000_00), old), ledger.CreditsBlocked},
		{ledger.PeriodClosed, of{"anna", ledger.EndPeriod{At: at(3), Through: monday - 1}}, ""},
		{ledger.PeriodNotOver, of{"saver", ledger.EndPeriod{At: at(3), Through: november}}, ledger.InterestPending},
		{ledger.NoInterest, ledger.Capitalise{Account: "anna", At: at(3), Through: monday - 1, Source: "fees"}, ""},
		{ledger.InterestPosted, ledger.Capitalise{Account: "saver", At: at(3), Through: october - 1, Source: "fees"}, ""},
		{ledger.InterestPending, of{"saver", ledger.EndPeriod{At: at(24 * 15), Through: november}}, ""},
		{ledger.DebitsBlocked, with(move("new", 3, "frozen", "anna", 1_000_00), least("anna", 1_000_00)), ledger.ConditionNotMet},
		{ledger.CreditsBlocked, with(move("new", 3, "anna", "frozen", 1_000_00), least("anna", 1_000_00)), ledger.ConditionNotMet},
		{ledger.ConditionNotMet, with(with(move("new", 3, "done", "anna", 1), most), least("anna", 1_000_00)), ledger.NothingAvailable},
		{ledger.NothingAvailable, with(move("new", 3, "done", "anna", 1), most), ledger.OverdraftExceeded},
		{ledger.Overflow, move("new", 3, "anna", "free", ledger.MaxBalance+1), ledger.OverdraftExceeded},
		{ledger.TooManyHolds, hold("new", 3, "crowded", "anna", 1_000_00, at(99)), ledger.OverdraftExceeded},
		{ledger.OverdraftExceeded, move("new", 3, "anna", "ben", 1_000_00), ledger.AboveMaximum},
		{ledger.BelowMinimum, bothWays, ledger.AboveMaximum},
		{ledger.AboveMaximum, move("new", 3, "cash", "ben", 200_00), ""},
		{ledger.BalanceNotZero, of{"half", ledger.Close{At: at(3)}}, ledger.HoldsPending},
		{ledger.HoldsPending, of{"done", ledger.Close{At: at(3)}}, ""},
	}
	checkReasons(t, rows)
	l := eventful(t)
	for i := range ledger.MaxHolds { // as many as there may be
		h := hold(fmt.Sprint("crowd-", i), 2, "crowded", "cash", 1, at(99))
		h.Force = true
		if d, err := l.Do(h); err != nil || !d.Done() {
			t.Fatal(line(d), err)
		}
	}
	for i := range ledger.MaxCaptures {
		if d, err := l.Do(capture(fmt.Sprint("piece-", i), "pieces", 2, 1, true)); err != nil || !d.Done() {
			t.Fatal(line(d), err)
		}
	}
	for _, r := range rows {
		var got ledger.Reason
		switch c := r.do.(type) {
		case ledger.Command:
			d, err := l.Do(c)
			if got = d.Reason; err != nil {
				t.Errorf("%s: %v", r.reason, err)
			}
		case of:
			d, err := l.DoAccount(c.id, c.command)
			if got = d.Reason; err != nil {
				t.Errorf("%s: %v", r.reason, err)
			}
		}
		if got != r.reason {
			t.Errorf("%+v: got %q, want %q", r.do, got, r.reason)
		}
	}
	for _, c := range []ledger.Command{capture("last", "pieces", 3, 1, false), reverse("pieces", 3)} { // it can be brought to its end
		if d, err := l.Do(c); err != nil || !d.Done() {
			t.Errorf("%+v: %s %v", c, line(d), err)
		}
	}
}

// checkReasons wants rows for every reason, in order, and an order that the rows keep to.
func checkReasons(t *testing.T, rows []asked) {
	t.Helper()
	var produced []reasons.Row[ledger.Reason]
	for _, r := range rows {
		produced = append(produced, reasons.Row[ledger.Reason]{Reason: r.reason, Also: r.also})
	}
	reasons.Check(t, ledger.Reasons, produced)
	if !ledger.Reason("").Valid() {
		t.Error("no reason is not valid")
	}
}
