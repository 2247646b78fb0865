package ledger_test

import (
	"errors"
	"testing"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// Why interest is not posted, and which reason comes first where two apply.
func TestCapitaliseRefusals(t *testing.T) {
	first, due := onDay("2027-01-01"), onDay("2027-02-01")
	for _, row := range []struct {
		name   string
		before func(b *savingsBank)
		change func(c *ledger.Capitalise)
		want   ledger.Reason
		err    bool
	}{
		{name: "it is done"},
		{name: "in the night of the line of dates", change: func(c *ledger.Capitalise) { c.At = noonOf(due - 1) }},
		{name: "too early", change: func(c *ledger.Capitalise) { c.At = noonOf(due - 2) }, want: ledger.PeriodNotOver},
		{name: "too early, and no interest", change: func(c *ledger.Capitalise) { c.At, c.Account = noonOf(due-2), "ben" }, want: ledger.PeriodNotOver},
		{name: "no such account", change: func(c *ledger.Capitalise) { c.Account = "nobody" }, want: ledger.UnknownAccount},
		{name: "no interest", change: func(c *ledger.Capitalise) { c.Account = "ben" }, want: ledger.NoInterest},
		{name: "a period ahead", change: func(c *ledger.Capitalise) { c.Through, c.At = onDay("2027-02-28"), noonOf(onDay("2027-03-01")) }, err: true},
		{name: "no end of a period", change: func(c *ledger.Capitalise) { c.Through = onDay("2027-01-30") }, err: true},
		{name: "early, and it is not", change: func(c *ledger.Capitalise) { c.Early = true }, err: true},
		{name: "early, before the first day", change: func(c *ledger.Capitalise) { c.Early, c.Through = true, onDay("2026-12-31") }, err: true},
		{name: "from elsewhere", change: func(c *ledger.Capitalise) { c.Source = "cash" }, err: true},
		{name: "from what is not accrued", change: func(c *ledger.Capitalise) { c.Accrued = "accrued" }, err: true},
		{name: "early, in the middle of what is closed", before: func(b *savingsBank) {
			b.mustChange("anna", ledger.EndPeriod{At: noonOf(due - 5), Through: onDay("2027-01-20")})
		}, change: func(c *ledger.Capitalise) { c.Early, c.Through = true, onDay("2027-01-10") }, want: ledger.PeriodClosed},
		{name: "the id is that of somebody else's transfer", before: func(b *savingsBank) { // of which no command makes any
			legs := ledger.Move("cash", "expense", money.New(1, money.EUR))
			id, at := "interest:2027-01-31:anna", noonOf(first)
			entry := ledger.EntryBooked{Transfer: id, At: at, Value: first, Amount: legs[0].Amount}
			from, to := entry, entry
			from.Side, from.Counter, to.Side, to.Counter = ledger.Debit, "expense", ledger.Credit, "cash"
			b.record(
				ledger.Facts{Kind: ledger.KindTransfer, ID: id, Events: []event.Data{ledger.TransferPosted{Transfer: id, At: at, Value: first, Legs: legs}}},
				ledger.Facts{Kind: ledger.KindAccount, ID: "cash", Events: []event.Data{from}},
				ledger.Facts{Kind: ledger.KindAccount, ID: "expense", Events: []event.Data{to}},
			)
		}, want: ledger.ExistsWithDifferentContent},
		{name: "done already", before: func(b *savingsBank) { b.do(b.capitalise("anna", due)) },
			change: func(c *ledger.Capitalise) { c.Through = onDay("2027-01-31") }, want: ledger.InterestPosted},
		{name: "frozen", before: func(b *savingsBank) { b.mustChange("anna", ledger.SetBlock{At: noonOf(first), Block: ledger.Frozen}) }},
		{name: "at its maximum", before: func(b *savingsBank) {
			b.mustChange("anna", ledger.SetLimits{At: noonOf(first), Limits: ledger.Limits{Overdraft: ledger.NoOverdraft, Maximum: money.New(36_500_00, money.EUR)}})
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := saver(t, "")
			b.open(first, "ben", ledger.Liability, &ledger.Limits{Overdraft: ledger.NoOverdraft})
			if row.before != nil {
				row.before(b)
			}
			c := b.capitalise("anna", due)
			if row.change != nil {
				row.change(&c)
			}
			had, records := b.booked("anna"), len(b.records)
			d, err := b.try(c)
			if row.err != errors.Is(err, ledger.ErrInvalid) || err == nil && d.Reason != row.want {
				t.Fatalf("got %+v, %v, want %q", d, err, row.want)
			}
			if got := b.booked("anna") - had; err == nil && d.Done() && got != 310_00 || !(err == nil && d.Done()) && got != 0 {
				t.Errorf("it got %d", got)
			}
			if !d.Done() && len(b.records) != records {
				t.Errorf("a refusal is on record, and the period cannot be posted any more")
			}
			b.mustCheck()
		})
	}
}

// Why it is not accrued.
func TestAccrueRefusals(t *testing.T) {
	b := saver(t, "accrued")
	b.open(onDay("2027-01-01"), "ben", ledger.Liability, &ledger.Limits{Overdraft: ledger.NoOverdraft})
	for _, row := range []struct {
		through, at string
		want        ledger.Reason
	}{
		{"2027-01-03", "2027-01-02", ledger.PeriodNotOver},
		{"2027-01-02", "2027-01-02", ""}, // over in the east
		{"2027-01-05", "2027-01-08", ""},
		{"2027-01-05", "2027-01-08", ledger.InterestPosted},
		{"2027-01-04", "2027-01-08", ledger.InterestPosted},
		{"2027-01-08", "2027-01-12", ledger.PeriodClosed},
		{"2027-01-09", "2027-01-12", ledger.PeriodClosed},
		{"2027-01-10", "2027-01-12", ""},
	} {
		if row.want == ledger.PeriodClosed {
			b.change("anna", ledger.EndPeriod{At: noonOf(onDay("2027-01-12")), Through: onDay("2027-01-10")})
		}
		d, err := b.try(b.accrue("anna", onDay(row.at), onDay(row.through)))
		if err != nil || d.Reason != row.want {
			t.Errorf("%+v: got %+v, %v", row, d, err)
		}
		if row.want == ledger.PeriodClosed && d.Through != onDay("2027-01-10") {
			t.Errorf("%+v: closed through %s", row, d.Through)
		}
	}
	if got := b.booked("accrued"); got != 100_00 {
		t.Errorf("accrued: %d", got)
	}
	c := b.accrue("anna", onDay("2027-01-20"), onDay("2027-01-19"))
	c.Account = "ben"
	if d, err := b.try(c); err != nil || d.Reason != ledger.NoInterest {
		t.Errorf("without interest: %+v, %v", d, err)
	}
	c = b.accrue("anna", onDay("2027-01-20"), onDay("2027-01-19"))
	c.Accrued = ""
	if _, err := b.try(c); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("without an account for it: %v", err)
	}
	b.mustCheck()
}
