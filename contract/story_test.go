package contract_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/party"
)

// The tests of this file read as stories: what was asked, in the order of asking, and what became of it.

func TestLifecycle(t *testing.T) {
	c := contract.NewContract("k-1")
	story(t, c, []row{
		{contract.Activate{At: at("2025-12-19")}, "not_found"},
		{subscription(), ""},
		{subscription(), "already_exists"},
		{contract.Suspend{At: at("2026-01-02")}, "not_active, is draft"},
		{contract.Resume{At: at("2026-01-02")}, "not_suspended, is draft"},
		{contract.Activate{At: at("2026-01-02")}, ""},
		{contract.Activate{At: at("2026-01-03")}, "already_active, is active"},
		{contract.Resume{At: at("2026-01-03")}, "not_suspended, is active"},
		{contract.Suspend{At: at("2026-02-01"), Why: "two invoices unpaid"}, ""},
		{contract.Suspend{At: at("2026-02-02")}, "already_suspended, is suspended"},
		{contract.Activate{At: at("2026-02-02")}, "already_active, is suspended"},
		{contract.Resume{At: at("2026-02-10")}, ""},
		{contract.Cancel{At: at("2026-06-30")}, ""},
		{contract.Cancel{At: at("2026-07-01")}, "has_ended, is cancelled, change 5"},
		{contract.Activate{At: at("2026-07-01")}, "has_ended, is cancelled, change 5"},
		{contract.Amend{At: at("2026-07-01"), Set: contract.Patch{Limit: eur(1)}}, "has_ended, is cancelled, change 5"},
	})
	same(t, phases(c), `
		always draft 3000.00
		2026-01-02 active 3000.00
		2026-02-01 suspended 3000.00
		2026-02-10 active 3000.00
		2026-06-30 cancelled 3000.00`)
}

// What is agreed before the contract begins counts from its first day.
func TestActivatedBeforeItBegins(t *testing.T) {
	c := contract.NewContract("k-1")
	story(t, c, []row{
		{subscription(), ""},
		{contract.Activate{At: at("2025-12-21")}, ""},
		{contract.Suspend{At: at("2025-12-21"), EffectiveFrom: at("2025-12-31")}, "before_start, 2026-01-01"},
	})
	same(t, phases(c), `
		always draft 3000.00
		2026-01-01 active 3000.00`)
}

// active is a contract that has been active from its first day on.
func active(t testing.TB) *contract.Contract {
	t.Helper()
	c := contract.NewContract("k-1")
	for _, command := range []any{subscription(), contract.Activate{At: at("2025-12-21")}} {
		if d := decide(t, c, command); !d.Done() {
			t.Fatal(said(d))
		}
	}
	return c
}

func TestLimitRaisedNextMonthAndWithdrawn(t *testing.T) {
	c := active(t)
	story(t, c, []row{
		{contract.Amend{At: at("2026-03-10"), EffectiveFrom: at("2026-04-01"), Set: contract.Patch{Limit: eur(5_000_00)}}, ""},
		{contract.Amend{At: at("2026-03-11"), EffectiveFrom: at("2026-03-15"), Set: contract.Patch{Mandate: "FR83ZZZ459654/R1"}}, ""},
	})
	same(t, phases(c), `
		always draft 3000.00
		2026-01-01 active 3000.00
		2026-03-15 active 3000.00 FR83ZZZ459654/R1
		2026-04-01 active 5000.00 FR83ZZZ459654/R1`)
	story(t, c, []row{
		{contract.Withdraw{At: at("2026-03-20"), Change: 9}, "unknown_change, change 9"},
		{contract.Withdraw{At: at("2026-03-20"), Change: 1}, "unknown_change, change 1"},
		{contract.Withdraw{At: at("2026-03-20"), Change: 4}, "already_in_force, change 4"},
		{contract.Withdraw{At: at("2026-04-01"), Change: 3}, "already_in_force, change 3"},
		{contract.Withdraw{At: at("2026-03-31 23:59:59"), Change: 3}, ""},
		{contract.Withdraw{At: at("2026-04-02"), Change: 3}, "already_withdrawn, change 5"},
	})
	same(t, phases(c), `
		always draft 3000.00
		2026-01-01 active 3000.00
		2026-03-15 active 3000.00 FR83ZZZ459654/R1`)
	if c.Changes()[2].Withdrawn != 5 {
		t.Errorf("the withdrawn change is not on record: %+v", c.Changes())
	}
}

func TestBackDatedSuspension(t *testing.T) {
	c := active(t)
	story(t, c, []row{
		{contract.Suspend{At: at("2026-03-10"), EffectiveFrom: at("2026-03-01")}, ""},
		{contract.Suspend{At: at("2026-03-11"), EffectiveFrom: at("2026-02-15")}, "conflicts_with_later_change, is suspended, change 3"},
		{contract.Resume{At: at("2026-03-11"), EffectiveFrom: at("2026-02-15")}, "not_suspended, is active"},
		{contract.Resume{At: at("2026-03-12"), EffectiveFrom: at("2026-03-08")}, ""},
		{contract.Suspend{At: at("2026-03-13"), EffectiveFrom: at("2026-03-08")}, ""}, // of the same instant the later recorded
		{contract.Resume{At: at("2026-03-13"), EffectiveFrom: at("2026-03-08")}, ""},
		{contract.Suspend{At: at("2026-01-01"), EffectiveFrom: at("2026-03-20")}, ""}, // recorded when the clock stands
		{contract.Withdraw{At: at("2026-01-01"), Change: 7}, ""},
	})
	same(t, phases(c), `
		always draft 3000.00
		2026-01-01 active 3000.00
		2026-03-01 suspended 3000.00
		2026-03-08 active 3000.00`)
	if got, want := paris(c.Clock()), "2026-03-13"; got != want {
		t.Errorf("clock: got %s, want %s", got, want)
	}
}

// A cancellation supersedes what would come later. Withdrawn, it was never there; brought forward, the earlier one counts.
func TestCancellationSupersedes(t *testing.T) {
	c := active(t)
	story(t, c, []row{
		{contract.Amend{At: at("2026-03-01"), EffectiveFrom: at("2026-08-01"), Set: contract.Patch{Limit: eur(9_000_00)}}, ""},
		{contract.Cancel{At: at("2026-03-02"), EffectiveFrom: at("2026-07-01")}, ""},
		{contract.Suspend{At: at("2026-03-03"), EffectiveFrom: at("2026-07-15")}, "has_ended, is cancelled, change 4"},
		{contract.Suspend{At: at("2026-03-03"), EffectiveFrom: at("2026-06-01")}, ""},
		{contract.Withdraw{At: at("2026-03-04"), Change: 4}, ""},
	})
	same(t, phases(c), `
		always draft 3000.00
		2026-01-01 active 3000.00
		2026-06-01 suspended 3000.00
		2026-08-01 suspended 9000.00`)
	story(t, c, []row{
		{contract.Cancel{At: at("2026-03-05"), EffectiveFrom: at("2026-09-01")}, ""},
		{contract.Cancel{At: at("2026-03-05"), EffectiveFrom: at("2026-05-01")}, ""},
	})
	same(t, phases(c), `
		always draft 3000.00
		2026-01-01 active 3000.00
		2026-05-01 cancelled 3000.00`)
	var got strings.Builder
	for _, change := range c.Changes() {
		fmt.Fprintf(&got, "%d %t %d %d\n", change.Revision, change.Counts(), change.Withdrawn, change.Superseded)
	}
	same(t, lines(got.String()), `
		2 true 0 0
		8 true 0 0
		5 false 0 8
		4 false 6 0
		3 false 0 8
		7 false 0 8`)
}

// What superseded changes stood on may be gone when they count again.
func TestWithdrawnCancellationConflicts(t *testing.T) {
	c := active(t)
	story(t, c, []row{
		{contract.Suspend{At: at("2026-03-01"), EffectiveFrom: at("2026-08-01")}, ""},
		{contract.Cancel{At: at("2026-03-02"), EffectiveFrom: at("2026-07-01")}, ""},
		{contract.Suspend{At: at("2026-03-03"), EffectiveFrom: at("2026-06-01")}, ""},
		{contract.Withdraw{At: at("2026-03-04"), Change: 4}, "conflicts_with_later_change, is suspended, change 3"},
		{contract.Withdraw{At: at("2026-03-04"), Change: 3}, ""},
		{contract.Withdraw{At: at("2026-03-04"), Change: 4}, ""},
	})
	same(t, phases(c), `
		always draft 3000.00
		2026-01-01 active 3000.00
		2026-06-01 suspended 3000.00`)
}

func TestExpiry(t *testing.T) {
	for _, r := range []struct{ about, through, ends string }{
		{"a night of 23 hours", "2026-03-28", "2026-03-28T23:00:00Z"},
		{"the day with 23 hours", "2026-03-29", "2026-03-29T22:00:00Z"},
		{"the day with 25 hours", "2026-10-25", "2026-10-25T23:00:00Z"},
		{"the day before it", "2026-10-24", "2026-10-24T22:00:00Z"},
		{"the end of February", "2026-02-28", "2026-02-28T23:00:00Z"},
		{"the end of a longer one", "2028-02-29", "2028-02-29T23:00:00Z"},
	} {
		c := contract.NewContract("k-1")
		s := subscription()
		s.ValidThrough = day(r.through)
		decide(t, c, s)
		decide(t, c, contract.Activate{At: s.At})
		ends := c.At(at("2026-01-15")).Ends
		if got := ends.Format(time.RFC3339); got != r.ends {
			t.Errorf("%s: it ends %s, want %s", r.about, got, r.ends)
		}
		if got := c.At(ends.Add(-time.Microsecond)).Status; got != contract.Active {
			t.Errorf("%s: just before its end it is %s", r.about, got)
		}
		if got := c.At(ends).Status; got != contract.Expired {
			t.Errorf("%s: at its end it is %s", r.about, got)
		}
		story(t, c, []row{
			{contract.Suspend{At: s.At, EffectiveFrom: ends}, "has_expired, is expired, " + paris(ends)},
			{contract.Cancel{At: ends.Add(time.Hour)}, "has_expired, is expired, " + paris(ends)},
			{contract.Suspend{At: s.At, EffectiveFrom: ends.Add(-time.Microsecond)}, ""},
		})
	}
}

func TestValidityMoved(t *testing.T) {
	c := active(t)
	amend := func(at, from time.Time, p contract.Patch) contract.Amend {
		return contract.Amend{At: at, EffectiveFrom: from, Set: p}
	}
	story(t, c, []row{
		{amend(at("2026-02-01"), time.Time{}, contract.Patch{ValidThrough: day("2026-12-31")}), ""},
		{contract.Suspend{At: at("2026-02-02"), EffectiveFrom: at("2026-09-01")}, ""},
		{amend(at("2026-02-03"), time.Time{}, contract.Patch{ValidThrough: day("2026-08-31")}), "conflicts_with_later_change, is expired, change 4, 2026-09-01"},
		{amend(at("2026-02-03"), time.Time{}, contract.Patch{ValidThrough: day("2026-02-02")}), "ends_before_it_begins, 2026-02-03"},
		{amend(at("2026-02-03"), time.Time{}, contract.Patch{ValidThrough: day("2026-09-01")}), ""},
		{amend(at("2026-08-01"), time.Time{}, contract.Patch{ValidThrough: day("2027-06-30")}), ""},
		{amend(at("2026-08-02"), at("2026-10-01"), contract.Patch{OpenEnded: true}), ""},
		{contract.Withdraw{At: at("2026-08-03"), Change: 7}, ""},
	})
	same(t, phases(c), `
		always draft 3000.00
		2026-01-01 active 3000.00
		2026-09-01 suspended 3000.00
		2027-07-01 expired 3000.00`)
	if got := paris(c.At(at("2026-07-01")).Ends); got != "2026-09-02" {
		t.Errorf("in July it was to end %s", got)
	}
}

// A customer who moves on the first of next month is known where they are, and where they will be.
func TestCustomerMoves(t *testing.T) {
	c := active(t)
	moved := anna()
	moved.Address = party.Address{TownName: "Lyon", Country: "FR"}
	story(t, c, []row{
		{contract.Amend{At: at("2026-03-10"), EffectiveFrom: at("2026-04-01"), Set: contract.Patch{Customer: moved}}, ""},
	})
	v := c.View()
	if v.Customer != anna() || v.CustomerAt(at("2026-03-31")) != anna() || v.CustomerAt(at("2026-04-01")) != moved {
		t.Errorf("got %+v", v)
	}
	story(t, c, []row{{contract.Suspend{At: at("2026-04-02")}, ""}})
	if v = c.View(); v.Customer != moved || len(v.Moves) != 0 {
		t.Errorf("got %+v", v)
	}
}
