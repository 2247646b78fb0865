package billing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/reasons"
	"github.com/payrules/payrules/money"
)

// reasonRow is a refusal: what the account has seen before, what is asked on 10 November at noon, and the causes with their figures.
type reasonRow struct {
	what   string
	before func(t *testing.T, a *billing.Account)
	ask    command[billing.Decision]
	want   []billing.Cause
}

func taking(v contract.View, m contract.MandateView) func(*testing.T, *billing.Account) {
	return func(t *testing.T, a *billing.Account) {
		do(t, a, billing.TakeContract{View: v})
		do(t, a, billing.TakeMandate{View: m})
	}
}

// withStatus is a contract that has another status from the 5th on.
func withStatus(s contract.Status) func(*testing.T, *billing.Account) {
	return taking(active(1, 100_00, phase(at(5, 0), s, 100_00, mandateID)), mandateView(1, contract.MandateActive))
}

func withMandate(s contract.MandateStatus) func(*testing.T, *billing.Account) {
	return taking(active(1, 100_00), mandateView(1, s))
}

// having is an active account that has done something more, on the 2nd.
func having(more ...command[billing.Decision]) func(*testing.T, *billing.Account) {
	return func(t *testing.T, a *billing.Account) {
		withMandate(contract.MandateActive)(t, a)
		for _, c := range more {
			if d := do(t, a, c); !d.Accepted {
				t.Fatalf("%+v: got %v", c, d.Reasons())
			}
		}
	}
}

func buying(id, price string, when time.Time) billing.Accept {
	return billing.Accept{At: when, Operation: operation(id, item(price, "0"))}
}

var noon = at(10, 12)

func weekly(minor int64) *cap.Policy {
	return cap.MustPolicy(money.EUR, []cap.Limit{{Name: "week", Max: eur(minor), Window: cap.Rolling(7 * 24 * time.Hour)}}, nil)
}

func inDollars() billing.Operation {
	o := operation("usd", item("500", "0"))
	o.Currency = money.USD
	return o
}

func claiming(o billing.Operation, gross int64) billing.Operation {
	o.Totals = &billing.Totals{Gross: eur(gross)}
	return o
}

func back(id, of string, lines ...billing.RefundLine) billing.Refund {
	return billing.Refund{At: noon, ID: id, Of: of, Lines: lines}
}

var reasonRows = []reasonRow{
	{
		what: "nothing is known of the contract", ask: buying("a", "1", noon),
		want: []billing.Cause{{Reason: billing.ContractNotFound}},
	}, {
		what: "the contract is a draft", before: taking(view(1, phase(time.Time{}, contract.Draft, 100_00, mandateID)), mandateView(1, contract.MandateActive)),
		ask: buying("a", "1", noon), want: []billing.Cause{{Reason: billing.ContractNotStarted}},
	}, {
		what: "suspended", before: withStatus(contract.Suspended), ask: buying("a", "1", noon),
		want: []billing.Cause{{Reason: billing.ContractSuspended, Since: at(5, 0)}},
	}, {
		what: "cancelled", before: withStatus(contract.Cancelled), ask: buying("a", "1", noon),
		want: []billing.Cause{{Reason: billing.ContractCancelled, Since: at(5, 0)}},
	}, {
		what: "expired", before: withStatus(contract.Expired), ask: buying("a", "1", noon),
		want: []billing.Cause{{Reason: billing.ContractExpired, Since: at(5, 0)}},
	}, {
		what: "the contract names a mandate that has not arrived", ask: buying("a", "1", noon),
		before: func(t *testing.T, a *billing.Account) { do(t, a, billing.TakeContract{View: active(1, 100_00)}) },
		want:   []billing.Cause{{Reason: billing.MandateMissing, Mandate: mandateID}},
	}, {
		what: "it names none", before: taking(active(1, 100_00, phase(at(5, 0), contract.Active, 100_00, "")), mandateView(1, contract.MandateActive)),
		ask: buying("a", "1", noon), want: []billing.Cause{{Reason: billing.MandateMissing}},
	},
	mandateRow(contract.MandateDraft, billing.MandateNotSigned, time.Time{}),
	mandateRow(contract.MandateSigned, billing.MandateNotActive, at(-1, 0)),
	mandateRow(contract.MandatePendingBank, billing.MandatePendingBank, at(-1, 0)),
	mandateRow(contract.MandateSuspended, billing.MandateSuspended, at(-1, 0)),
	mandateRow(contract.MandateRevoked, billing.MandateRevoked, at(-1, 0)),
	mandateRow(contract.MandateExpired, billing.MandateDormant, at(-1, 0)),
	mandateRow(contract.MandateConsumed, billing.MandateConsumed, at(-1, 0)),
	mandateRow(contract.MandateFailed, billing.MandateFailed, at(-1, 0)),
	{
		what: "a cent above the limit", before: having(buying("a", "60", at(2, 0))), ask: buying("b", "40.01", noon),
		want: []billing.Cause{{
			Reason: billing.ExposureExceeded, Limit: eur(100_00), Exposure: eur(60_00), Requested: eur(40_01), Available: eur(40_00),
		}},
	}, {
		what: "within the limit of the contract, and not of the week", before: having(billing.SetSpendingCap{At: at(2, 0), Policy: weekly(50_00)}, buying("a", "30", at(4, 0))),
		ask: buying("b", "20.01", noon),
		want: []billing.Cause{{
			Reason: billing.SpendingCapExceeded, Cap: "week", CapReason: cap.AmountLimitExceeded, Limit: eur(50_00), Exposure: eur(30_00), Requested: eur(20_01),
			Available: eur(20_00), FreeAt: at(11, 0),
		}},
	}, {
		what: "dunning says that an invoice is overdue", before: having(billing.SetOverdue{At: at(2, 0), Since: civil.MustParseDate("2026-10-31"), Amount: eur(7)}),
		ask:  buying("a", "1", noon),
		want: []billing.Cause{{Reason: billing.AccountOverdue, OverdueSince: civil.MustParseDate("2026-10-31"), Exposure: eur(7)}},
	}, {
		what: "in another currency", before: having(), ask: billing.Accept{At: noon, Operation: inDollars()},
		want: []billing.Cause{{Reason: billing.CurrencyMismatch, Given: money.USD, Want: money.EUR}},
	}, {
		what: "with a total that is a cent off", before: having(), ask: billing.Accept{At: noon, Operation: claiming(operation("a", item("2.80", "20")), 3_39)},
		want: []billing.Cause{{Reason: billing.AmountsInconsistent, Mismatches: []billing.Mismatch{{Field: "totals.gross", Given: eur(3_39), Want: eur(3_36)}}}},
	}, {
		what: "bought in a month that is closed", before: having(billing.CloseDays{At: at(4, 0), Through: civil.MustParseDate("2026-11-03")}),
		ask: billing.Accept{At: noon, Operation: func() billing.Operation {
			o := operation("late", item("1", "0"))
			o.At = time.Date(2026, 11, 3, 22, 59, 59, 0, time.UTC) // a second before midnight in Paris
			return o
		}()},
		want: []billing.Cause{{Reason: billing.PeriodClosed, Through: civil.MustParseDate("2026-11-03")}},
	}, {
		what: "to close a month that is not over", before: having(), ask: billing.CloseDays{At: noon, Through: civil.MustParseDate("2026-11-10")},
		want: []billing.Cause{{Reason: billing.PeriodNotOver, Through: civil.MustParseDate("2026-11-10")}},
	}, {
		what: "to refund what was never bought", before: having(), ask: back("r", "a"), want: []billing.Cause{{Reason: billing.OriginalNotFound}},
	}, {
		what: "to refund a line that it does not have", before: having(buying("a", "60", at(2, 0))),
		ask:  back("r", "a", billing.RefundLine{Order: "O-a", Line: 2, Net: eur(1)}),
		want: []billing.Cause{{Reason: billing.OriginalNotFound, Excess: []billing.Excess{{Order: "O-a", Line: 2, Net: eur(1)}}}},
	}, {
		what:   "to refund a cent more than is left",
		before: having(buying("a", "60", at(2, 0)), billing.Refund{At: at(3, 0), ID: "r1", Of: "a", Lines: []billing.RefundLine{{Order: "O-a", Line: 1, Net: eur(59_99)}}}),
		ask:    back("r2", "a", billing.RefundLine{Order: "O-a", Line: 1, Net: eur(2)}),
		want: []billing.Cause{{Reason: billing.RefundExceedsOriginal, Excess: []billing.Excess{
			{Order: "O-a", Line: 1, Net: eur(2), LeftUnits: billing.Whole(1), LeftNet: eur(1)}}}},
	}, {
		what: "the refund after a thousand", before: having(buying("a", "60", at(2, 0)), refunds(billing.MaxRefunds)),
		ask:  back("more", "a", billing.RefundLine{Order: "O-a", Line: 1, Net: eur(1)}),
		want: []billing.Cause{{Reason: billing.TooManyRefunds, Most: billing.MaxRefunds}},
	}, {
		what: "the id of another purchase", before: having(buying("a", "60", at(2, 0))), ask: buying("a", "30", noon),
		want: []billing.Cause{{Reason: billing.ExistsWithDifferentContent}},
	}, {
		what:   "five at once, and one more",
		before: broken,
		ask: billing.Accept{At: noon, Operation: claiming(func() billing.Operation {
			o := operation("bad", item("200", "0"))
			o.At = at(2, 0)
			return o
		}(), 1)},
		want: []billing.Cause{
			{Reason: billing.ContractSuspended, Since: at(5, 0)},
			{Reason: billing.MandateRevoked, Mandate: mandateID, Since: at(-1, 0)},
			{Reason: billing.ExposureExceeded, Limit: eur(100_00), Exposure: eur(0), Requested: eur(200_00), Available: eur(100_00)},
			{Reason: billing.AccountOverdue, OverdueSince: civil.MustParseDate("2026-10-31"), Exposure: eur(7)},
			{Reason: billing.AmountsInconsistent, Mismatches: []billing.Mismatch{{Field: "totals.gross", Given: eur(1), Want: eur(200_00)}}},
			{Reason: billing.PeriodClosed, Through: civil.MustParseDate("2026-11-03")},
		},
	},
}

func mandateRow(s contract.MandateStatus, r billing.Reason, since time.Time) reasonRow {
	return reasonRow{
		what: "the mandate is " + s.String(), before: withMandate(s), ask: buying("a", "1", noon),
		want: []billing.Cause{{Reason: r, Mandate: mandateID, Since: since}},
	}
}

// refunds is a command that stands for many of a cent each.
type refunds int

func broken(t *testing.T, a *billing.Account) {
	taking(active(1, 100_00, phase(at(5, 0), contract.Suspended, 100_00, mandateID)), mandateView(1, contract.MandateRevoked))(t, a)
	do(t, a, billing.SetOverdue{At: at(2, 0), Since: civil.MustParseDate("2026-10-31"), Amount: eur(7)})
	do(t, a, billing.CloseDays{At: at(4, 0), Through: civil.MustParseDate("2026-11-03")})
}

// Every reason is produced, with its figures; what refuses changes nothing.
func TestReasons(t *testing.T) {
	seen := map[billing.Reason]bool{billing.TooManyOperations: true} // TestTooManyOperations
	for _, r := range seriesReasons(t) {
		seen[r] = true
	}
	for _, row := range slices.Concat(reasonRows, billRows, paymentRows, chargeRows) {
		t.Run(row.what, func(t *testing.T) {
			a := billing.NewAccount("CTR-1")
			if row.before != nil {
				row.before(t, a)
			}
			exposure := a.Exposure(time.Time{})
			d := do(t, a, row.ask)
			if diff := cmp.Diff(row.want, d.Causes, cmpopts.IgnoreUnexported(billing.Cause{}), cmp.Comparer(equalAmounts)); diff != "" {
				t.Errorf("causes (-want +got):\n%s", diff)
			}
			if d.Accepted || a.Exposure(time.Time{}) != exposure {
				t.Errorf("got %+v, exposure %v, before %v", d, a.Exposure(time.Time{}), exposure)
			}
			for _, c := range d.Causes {
				seen[c.Reason] = true
				if got, ok := d.Cause(c.Reason); !ok || got.Reason != c.Reason {
					t.Errorf("Cause(%q): got %v %v", c.Reason, got, ok)
				}
			}
			if !slices.IsSortedFunc(d.Causes, func(x, y billing.Cause) int {
				return slices.Index(billing.Reasons(), x.Reason) - slices.Index(billing.Reasons(), y.Reason)
			}) {
				t.Errorf("got %v, which is not the order of the registry", d.Reasons())
			}
		})
	}
	var produced []reasons.Row[billing.Reason]
	for _, r := range billing.Reasons() { // a row may have several, which are in order
		if seen[r] {
			produced = append(produced, reasons.Row[billing.Reason]{Reason: r})
		}
	}
	reasons.Check(t, billing.Reasons, produced)
	if billing.Reason("").Valid() {
		t.Error("an empty reason is valid")
	}
}

func equalAmounts(a, b money.Amount) bool { return a == b }

func (n refunds) Decide(a *billing.Account) (decided []event.Data, err error) {
	for i := range int(n) {
		c := billing.Refund{At: at(3, 0), ID: fmt.Sprint("small-", i), Of: "a", Lines: []billing.RefundLine{{Order: "O-a", Line: 1, Net: eur(1)}}}
		if i == int(n)-1 {
			return c.Decide(a)
		}
		if _, err := try(a, c); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (n refunds) Result(decided []event.Data) billing.Decision {
	return billing.Refund{}.Result(decided)
}

// An account takes so many purchases that wait to be billed, and no more until some are.
func TestTooManyOperations(t *testing.T) {
	a := account(t, 100_000_000_00)
	for i := range billing.MaxUnbilled {
		decided, err := buying(fmt.Sprint(i), "0.01", at(2, 0)).Decide(a)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Apply(decided[0]); err != nil {
			t.Fatal(err)
		}
	}
	d := do(t, a, buying("more", "0.01", noon))
	if c, ok := d.Cause(billing.TooManyOperations); !ok || c.Most != billing.MaxUnbilled || len(d.Causes) != 1 {
		t.Errorf("got %+v", d)
	}
}
