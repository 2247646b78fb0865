package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// billed is an account whose purchases of November, one at each of the prices, are billed by F-0001.
func billed(t tester, limit int64, prices ...string) *billing.Account {
	t.Helper()
	a := billable(t, limit)
	for i, price := range prices {
		do(t, a, buying(fmt.Sprint("p", i), price, at(2, i)))
	}
	if b := do(t, a, bill(t, a, 11, 1)); len(b.Issued) == 0 {
		t.Fatal("nothing was billed")
	}
	return a
}

// inDecember is an instant of December 2026, or of the days after.
func inDecember(day, hour int) time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, time.UTC) }

func all(number string, minor int64) []billing.Allocation {
	return []billing.Allocation{{Number: number, Amount: eur(minor)}}
}

// An invoice is paid in parts, too much, by a direct debit that comes back after it was paid, and not at all; and the exposure follows.
func TestPaymentStory(t *testing.T) {
	a := billed(t, 1000_00, "100")
	november := buying("late", "50", inDecember(2, 0))
	november.Operation.At = at(30, 0)
	do(t, a, november)
	do(t, a, bill(t, a, 11, 2)) // F-0002, a supplementary invoice
	open := func(what string, exposure, open, collected, credit int64) {
		t.Helper()
		if e := a.Exposure(time.Time{}); e.Total != eur(exposure) || e.Open != eur(open) || e.Collected != eur(collected) || e.Credit != eur(credit) {
			t.Errorf("%s: got %+v", what, e)
		}
		a = restored(t, a)
	}
	open("billed", 150_00, 150_00, 0, 0)
	do(t, a, billing.Receive{At: inDecember(3, 0), ID: "wire-1", Amount: eur(30_00), For: []string{"F-0002"}})
	open("a part of the second", 120_00, 120_00, 0, 0)
	do(t, a, billing.Collect{At: inDecember(4, 0), ID: "debit-1", For: all("F-0001", 100_00), FinalFrom: inDecember(64, 0)})
	open("a direct debit on its way", 120_00, 20_00, 100_00, 0)
	do(t, a, billing.Settle{At: inDecember(7, 0), Of: "debit-1"})
	open("the bank has credited it", 120_00, 20_00, 100_00, 0)
	do(t, a, billing.Receive{At: inDecember(8, 0), ID: "wire-2", Amount: eur(25_00)})
	open("five too much", 95_00, 0, 100_00, 5_00)
	if e := a.Exposure(inDecember(64, 0)); e.Total != eur(-5_00) || e.Collected.Sign() != 0 {
		t.Errorf("final: got %+v", e)
	}
	do(t, a, billing.Return{At: inDecember(10, 0), ID: "r-1", Of: "debit-1", Code: "AM04"})
	open("the debtor had no money: it is open again, but for the credit", 95_00, 95_00, 0, 0)
	do(t, a, billing.Collect{At: inDecember(11, 0), ID: "debit-2", For: all("F-0001", 95_00), FinalFrom: inDecember(71, 0)})
	open("collected anew", 95_00, 0, 95_00, 0)
	do(t, a, billing.Settle{At: inDecember(14, 0), Of: "debit-2"})
	do(t, a, billing.Return{At: inDecember(100, 0), ID: "r-2", Of: "debit-2", Code: "MD01"})
	open("not authorised, and given back after it was final", 95_00, 95_00, 0, 0)
	do(t, a, billing.Return{At: inDecember(101, 0), ID: "r-3", Of: "wire-2", Code: "AC06"})
	open("what was too much as well: what it had set off is open", 120_00, 120_00, 0, 0)
}

// An invoice is overdue from the day after its due date on, in the contract's zone, and until it is paid; then purchases are refused.
func TestOverdue(t *testing.T) {
	a := billed(t, 1000_00, "100") // issued on 1 December, due on the 31st
	over := inDecember(31, 23)     // midnight in Paris
	for _, row := range []struct {
		at   time.Time
		pay  int64
		want []billing.Reason
	}{
		{over.Add(-time.Microsecond), 0, []billing.Reason{}},
		{over, 0, []billing.Reason{billing.AccountOverdue}},
		{over, 99_99, []billing.Reason{billing.AccountOverdue}},
		{over, 1, []billing.Reason{}},
	} {
		if row.pay > 0 {
			do(t, a, billing.Receive{At: row.at, ID: fmt.Sprint(row.pay), Amount: eur(row.pay)})
		}
		d, err := a.Eligibility(row.at)
		if err != nil || !slices.Equal(d.Reasons(), row.want) {
			t.Errorf("%s after %d: got %v, %v, want %v", row.at, row.pay, d.Reasons(), err, row.want)
		}
		if c, late := d.Cause(billing.AccountOverdue); late && (c.OverdueSince != civil.MustParseDate("2026-12-31") || c.Exposure.Sign() <= 0) {
			t.Errorf("got %+v", c)
		}
	}
}

// owing is an account that owes 100.00 for F-0001.
func owing(t *testing.T, a *billing.Account) { *a = *billed(t, 1000_00, "100") }

// paymentRows are the reasons for which a payment is refused.
var paymentRows = []reasonRow{
	{
		what: "for an invoice that there is not", before: owing,
		ask:  billing.Receive{At: inDecember(3, 0), ID: "w", Amount: eur(1), For: []string{"F-0009"}},
		want: []billing.Cause{{Reason: billing.InvoiceNotFound, Number: "F-0009"}},
	}, {
		what: "a cent more than is open", before: owing,
		ask:  billing.Collect{At: inDecember(3, 0), ID: "d", For: all("F-0001", 100_01), FinalFrom: inDecember(60, 0)},
		want: []billing.Cause{{Reason: billing.MoreThanOpen, Number: "F-0001", Requested: eur(100_01), Available: eur(100_00)}},
	}, {
		what: "to settle what was never collected", before: owing,
		ask: billing.Settle{At: inDecember(3, 0), Of: "d"}, want: []billing.Cause{{Reason: billing.PaymentNotFound}},
	}, {
		what: "returned twice",
		before: func(t *testing.T, a *billing.Account) {
			owing(t, a)
			do(t, a, billing.Receive{At: inDecember(3, 0), ID: "w", Amount: eur(1)})
			do(t, a, billing.Return{At: inDecember(4, 0), ID: "r", Of: "w"})
		},
		ask: billing.Return{At: inDecember(5, 0), ID: "r2", Of: "w"}, want: []billing.Cause{{Reason: billing.AlreadyReturned}},
	}, {
		what: "a payment in another currency", before: owing,
		ask:  billing.Receive{At: inDecember(3, 0), ID: "w", Amount: money.New(1, money.USD)},
		want: []billing.Cause{{Reason: billing.CurrencyMismatch, Given: money.USD, Want: money.EUR}},
	},
}

// paid is a payment that was received or collected.
type paid struct {
	id       string
	amount   int64
	final    time.Time
	returned bool
}

// sumsOf is what was paid and not returned, and what of it is not final.
func sumsOf(payments []*paid, at time.Time) (gone, pending int64) {
	for _, p := range payments {
		if !p.returned {
			gone += p.amount
			if at.Before(p.final) {
				pending += p.amount
			}
		}
	}
	return gone, pending
}

// Payments in any order, in parts, too much, collected and returned: what invoices have open is what they were, less what was paid of them
// and not returned; and the exposure is that, with what is not final, less what is credit.
func TestPaymentsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := billed(t, 1<<50, "100", "33.33", "7.01")
		v := buying("late", "50", inDecember(1, 7))
		v.Operation.At = at(30, 0)
		do(t, a, v)
		do(t, a, bill(t, a, 11, 2))
		var payments []*paid
		when, total := inDecember(2, 0), int64(190_34)
		for i := range rapid.IntRange(1, 25).Draw(t, "commands") {
			when = when.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
			id, amount := fmt.Sprint(i), rapid.Int64Range(1, 120_00).Draw(t, "amount")
			switch rapid.IntRange(0, 4).Draw(t, "command") {
			case 0, 1:
				do(t, a, billing.Receive{At: when, ID: id, Amount: eur(amount)})
				payments = append(payments, &paid{id: id, amount: amount})
			case 2, 3:
				final := when.Add(time.Duration(rapid.IntRange(0, 500).Draw(t, "final")) * time.Hour)
				number := rapid.SampledFrom([]string{"F-0001", "F-0002"}).Draw(t, "of")
				c := billing.Collect{At: when, ID: id, For: all(number, amount), FinalFrom: final}
				if d := do(t, a, c); d.Accepted {
					payments = append(payments, &paid{id: id, amount: amount, final: final})
				} else if !slices.Equal(d.Reasons(), []billing.Reason{billing.MoreThanOpen}) {
					t.Fatalf("%+v: got %v", c, d.Reasons())
				}
			default:
				if len(payments) > 0 {
					p := payments[rapid.IntRange(0, len(payments)-1).Draw(t, "which")]
					d := do(t, a, billing.Return{At: when, ID: "r" + id, Of: p.id})
					if d.Accepted == p.returned {
						t.Fatalf("%+v: got %v", p, d.Reasons())
					}
					p.returned = true
				}
			}
			gone, pending := sumsOf(payments, when)
			e := a.Exposure(when)
			if e.Total.Minor() != total-gone+pending || e.Collected.Minor() != pending ||
				e.Open.Sign() < 0 || e.Open.Minor()-e.Credit.Minor() != total-gone {
				t.Fatalf("got %+v, paid %d, pending %d", e, gone, pending)
			}
			if rapid.IntRange(0, 7).Draw(t, "restored") == 0 {
				a = restored(t, a)
			}
		}
	})
}

// What was accepted is answered as the first time, and malformed payments are errors.
func TestPaymentsAgain(t *testing.T) {
	a := billed(t, 1000_00, "100")
	for _, c := range []command[billing.Decision]{
		billing.Receive{At: inDecember(3, 0), ID: "w", Amount: eur(10_00)},
		billing.Collect{At: inDecember(3, 0), ID: "d", For: all("F-0001", 50_00), FinalFrom: inDecember(60, 0)},
		billing.Return{At: inDecember(4, 0), ID: "r", Of: "w", Code: "AC04"},
	} {
		first := do(t, a, c)
		before := a.Exposure(time.Time{})
		if again := do(t, a, c); !first.Accepted || !again.Repeated || again.Figures != first.Figures || a.Exposure(time.Time{}) != before {
			t.Errorf("%+v: got %+v, then %+v", c, first, again)
		}
	}
	do(t, a, billing.Settle{At: inDecember(5, 0), Of: "d"})
	if decided, err := (billing.Settle{At: inDecember(6, 0), Of: "d"}).Decide(a); err != nil || len(decided) != 0 {
		t.Errorf("settled again: got %v, %v", decided, err)
	}
	d := do(t, a, billing.Receive{At: inDecember(6, 0), ID: "w", Amount: eur(11_00)})
	if !slices.Equal(d.Reasons(), []billing.Reason{billing.ExistsWithDifferentContent}) {
		t.Errorf("the id of another payment: got %v", d.Reasons())
	}
	for what, c := range map[string]interface {
		Decide(*billing.Account) ([]event.Data, error)
	}{
		"no id":               billing.Receive{At: noon, Amount: eur(1)},
		"nothing":             billing.Receive{At: noon, ID: "x", Amount: eur(0)},
		"an invoice twice":    billing.Receive{At: noon, ID: "x", Amount: eur(1), For: []string{"F-0001", "F-0001"}},
		"too many invoices":   billing.Receive{At: noon, ID: "x", Amount: eur(1), For: make([]string, billing.MaxAllocations+1)},
		"never final":         billing.Collect{At: noon, ID: "x", For: all("F-0001", 1)},
		"nothing to collect":  billing.Collect{At: noon, ID: "x", FinalFrom: noon},
		"less than nothing":   billing.Collect{At: noon, ID: "x", For: all("F-0001", -1), FinalFrom: noon},
		"a code of no letter": billing.Return{At: noon, ID: "x", Of: "w", Code: "\x00"},
	} {
		if _, err := c.Decide(a); !errors.Is(err, billing.ErrInvalid) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}
