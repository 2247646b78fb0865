package billing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

func seller() party.Party {
	return party.Party{Reference: "AGENCE", Name: "Agence de voyages", SIREN: "356000000", VATNumber: "FR39356000000", Address: address()}
}

func address() party.Address {
	return party.Address{StreetName: "rue du Bac", BuildingNumber: "12", PostCode: "75007", TownName: "Paris", Country: "FR"}
}

// addressed is a contract whose customer can be sent an invoice.
func addressed(v contract.View) contract.View {
	v.Customer.Address = address()
	return v
}

// billable is an account that can be billed: with a limit from 1 November on, and what comes later.
func billable(t tester, limit int64, later ...contract.Phase) *billing.Account {
	t.Helper()
	a := billing.NewAccount("CTR-1")
	do(t, a, billing.TakeContract{View: addressed(active(1, limit, later...))})
	do(t, a, billing.TakeMandate{View: mandateView(1, contract.MandateActive)})
	return a
}

// month is the first day of a month of 2026, or of the months after.
func month(m int) civil.Date { return civil.MustParseDate("2026-01-01").AddMonths(m - 1) }

// billing of a month, on the first day of the next.
func bill(t tester, a *billing.Account, m int, next uint64) billing.Bill {
	t.Helper()
	p, err := a.MonthOf(month(m))
	if err != nil {
		t.Fatal(err)
	}
	return billing.Bill{
		At: p.End.Add(6 * time.Hour), Period: p, Rules: billing.Rules{Seller: seller(), DueDays: 30}, IssuedOn: p.Through.AddDays(1),
		From: billing.Numbering{Series: "2026", Prefix: "F-", Width: 4, Next: next},
	}
}

// asBilling asks for something that has causes, as a row of reasonRows does.
type asBilling struct {
	of func(t tester, a *billing.Account) billing.Bill
}

func (b asBilling) Decide(a *billing.Account) ([]event.Data, error) {
	return b.of(&testing.T{}, a).Decide(a)
}

func (asBilling) Result(decided []event.Data) billing.Decision {
	return billing.Decision{Causes: billing.Bill{}.Result(decided).Causes}
}

// manyRates are n items, each with a rate of its own.
func manyRates(from, n int) (items []billing.Item) {
	for i := range n {
		it := item("1", "20")
		it.VAT.Rate = money.MustParseRate(fmt.Sprintf("0.1%03d1", from+i))
		items = append(items, it)
	}
	return items
}

// billRows are the reasons for which an account is not billed.
var billRows = []reasonRow{
	{
		what: "to bill a month that is not over", before: having(buying("a", "60", at(2, 0))),
		ask: asBilling{func(t tester, a *billing.Account) billing.Bill { c := bill(t, a, 11, 1); c.At = at(30, 22); return c }},
		want: []billing.Cause{
			{Reason: billing.PeriodNotOver, Through: civil.MustParseDate("2026-11-30")}, {Reason: billing.BuyerIncomplete, Field: "customer.address"},
		},
	}, {
		what: "to bill a French business without its SIREN",
		before: func(t *testing.T, a *billing.Account) {
			v := addressed(active(1, 100_00))
			v.Customer.Kind = party.Business
			taking(v, mandateView(1, contract.MandateActive))(t, a)
			do(t, a, buying("a", "60", at(2, 0)))
		},
		ask:  asBilling{func(t tester, a *billing.Account) billing.Bill { return bill(t, a, 11, 1) }},
		want: []billing.Cause{{Reason: billing.BuyerIncomplete, Field: "customer.siren"}},
	}, {
		what: "taxed in more ways than an invoice can be",
		before: func(t *testing.T, a *billing.Account) {
			taking(active(1, 10_000_00), mandateView(1, contract.MandateActive))(t, a)
			do(t, a, billing.Accept{At: at(2, 0), Operation: operation("a", manyRates(0, billing.MaxTaxes)...)})
		},
		ask:  billing.Accept{At: noon, Operation: operation("b", manyRates(billing.MaxTaxes-1, 2)...)},
		want: []billing.Cause{{Reason: billing.TooManyTaxes, Most: billing.MaxTaxes}},
	},
}

// A month is billed once; what comes late gets a supplementary invoice of its own month; what was given back in the month is a line below
// zero, and what is given back later a credit note. What the contract has become does not matter.
func TestBillingStory(t *testing.T) {
	a := billable(t, 3000_00, phase(at(20, 0), contract.Cancelled, 3000_00, mandateID))
	on := func(c billing.Accept, when time.Time) billing.Accept { c.Operation.At = when; return c }
	do(t, a, buying("trip", "1000", at(2, 9)))
	do(t, a, buying("hotel", "500", at(3, 9)))
	do(t, a, back("r1", "hotel", billing.RefundLine{Order: "O-hotel", Line: 1, Net: eur(200_00)}))
	do(t, a, on(buying("october", "70", at(12, 0)), time.Date(2026, 10, 31, 22, 59, 59, 0, time.UTC))) // a second before November in Paris

	issue := func(m int, next uint64, want ...string) {
		t.Helper()
		b := do(t, a, bill(t, a, m, next))
		var got []string
		for _, v := range b.Issued {
			got = append(got, fmt.Sprintf("%s %s %s %s", v.Number, v.Kind, v.Corrects, v.Totals.Payable.Number()))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || len(b.Causes) > 0 {
			t.Errorf("month %d: got %q %v, want %q", m, got, b.Causes, want)
		}
		a = restored(t, a)
	}
	issue(11, 1, "F-0001 periodic  70.00", "F-0002 periodic  1300.00") // what was left of October first
	issue(11, 3)
	issue(10, 3)
	if e := a.Exposure(time.Time{}); e.Open != eur(1370_00) || e.Total != eur(1370_00) || e.Purchases.Sign() != 0 {
		t.Errorf("got %+v", e)
	}
	december := func(c billing.Refund) billing.Refund { c.At = time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC); return c }
	do(t, a, december(back("r2", "hotel")))
	do(t, a, december(back("r3", "october", billing.RefundLine{Order: "O-october", Line: 1, Net: eur(1)})))
	if e := a.Exposure(time.Time{}); e.Refunds != eur(300_01) || e.Total != eur(1069_99) {
		t.Errorf("after refunds: got %+v", e)
	}
	issue(12, 3, "F-0003 credit_note F-0001 0.01", "F-0004 credit_note F-0002 300.00")
	if e := a.Exposure(time.Time{}); e.Open != eur(1069_99) || e.Refunds.Sign() != 0 || e.Total != eur(1069_99) {
		t.Errorf("after credit notes: got %+v", e)
	}
}

// isOverdue adds up, of each invoice that is over its date, what credit notes have left of it.
func isOverdue(issued map[string]billing.Invoiced, at time.Time) bool {
	left := map[string]int64{}
	for _, v := range issued {
		switch {
		case v.Kind == billing.CreditNote:
			left[v.Corrects] -= v.Totals.Payable.Minor()
		default:
			left[v.Number] += v.Totals.Payable.Minor()
		}
	}
	for number, open := range left {
		if open > 0 && !at.Before(issued[number].OverdueFrom) {
			return true
		}
	}
	return false
}

// seriesReasons are the reasons for which a series gives no numbers.
func seriesReasons(t *testing.T) (found []billing.Reason) {
	t.Helper()
	s := billing.NewSeries("2026")
	for _, row := range []struct {
		what string
		ask  interface {
			Decide(*billing.Series) ([]event.Data, error)
		}
		want  billing.Reason
		first uint64
	}{
		{"it is not open", billing.GiveNumbers{At: noon, Count: 1, On: month(11)}, billing.SeriesNotOpen, 0},
		{"opened", billing.OpenSeries{At: noon, Prefix: "F-", Year: 2026, Width: 4}, "", 0},
		{"again", billing.OpenSeries{At: noon, Prefix: "F-", Year: 2026, Width: 4}, billing.SeriesOpenAlready, 0},
		{"three of November", billing.GiveNumbers{At: noon, Count: 3, On: month(11)}, "", 1},
		{"another year", billing.GiveNumbers{At: noon, Count: 1, On: month(13)}, billing.SeriesOfAnotherYear, 0},
		{"an earlier date", billing.GiveNumbers{At: noon, Count: 1, On: month(11).AddDays(-1)}, billing.BeforeLastInvoice, 0},
		{"the next", billing.GiveNumbers{At: noon, Count: 1, On: month(11)}, "", 4},
	} {
		decided, err := row.ask.Decide(s)
		if err != nil || len(decided) != 1 {
			t.Fatalf("%s: %v, %v", row.what, decided, err)
		}
		if err := s.Apply(decided[0]); err != nil {
			t.Fatalf("%s: %v", row.what, err)
		}
		n := billing.GiveNumbers{}.Result(decided)
		if got := len(n.Causes) > 0; got != (row.want != "") || got && n.Causes[0].Reason != row.want || n.First != row.first {
			t.Errorf("%s: got %+v, want %q, %d", row.what, n, row.want, row.first)
		}
		if row.want != "" {
			found = append(found, row.want)
		}
		data, err := s.MarshalBinary()
		again := billing.NewSeries("2026")
		if err2 := again.UnmarshalBinary(data); err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		s = again
	}
	return found
}

// Periods are months of the contract's zone, whatever the clocks do; they touch, and every instant is in one.
func TestPeriods(t *testing.T) {
	for _, row := range []struct {
		zone, day, start, end string
	}{
		{"Europe/Paris", "2026-03-15", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},        // clocks go forward
		{"Europe/Paris", "2026-10-31", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},        // and back
		{"Europe/Paris", "2028-02-29", "2028-01-31T23:00:00Z", "2028-02-29T23:00:00Z"},        // a leap day
		{"Europe/Paris", "2027-01-31", "2026-12-31T23:00:00Z", "2027-01-31T23:00:00Z"},        // to a short month
		{"Pacific/Auckland", "2026-04-01", "2026-03-31T11:00:00Z", "2026-04-30T12:00:00Z"},    // clocks go back
		{"Pacific/Auckland", "2026-09-30", "2026-08-31T12:00:00Z", "2026-09-30T11:00:00Z"},    // and forward
		{"America/Los_Angeles", "2026-11-01", "2026-11-01T07:00:00Z", "2026-12-01T08:00:00Z"}, // the day itself
	} {
		a := billing.NewAccount("CTR-1")
		v := active(1, 100_00)
		v.Zone = row.zone
		do(t, a, billing.TakeContract{View: v})
		p, err := a.MonthOf(civil.MustParseDate(row.day))
		if err != nil || p.Start.Format(time.RFC3339) != row.start || p.End.Format(time.RFC3339) != row.end {
			t.Errorf("%s of %s: got %+v, %v", row.day, row.zone, p, err)
		}
		next, err := a.MonthOf(p.Through.AddDays(1))
		if err != nil || next.Start != p.End {
			t.Errorf("%s of %s: the next one starts at %s", row.day, row.zone, next.Start)
		}
	}
}

// A contract that moves to another zone, either way, has every purchase in exactly one period.
func TestMoveToAnotherZone(t *testing.T) {
	for _, zones := range [][2]string{{"Europe/Paris", "Pacific/Auckland"}, {"Pacific/Auckland", "Europe/Paris"}} {
		a := billing.NewAccount("CTR-1")
		v := addressed(active(1, 100_000_00))
		v.Zone = zones[0]
		taking(v, mandateView(1, contract.MandateActive))(t, a)
		start := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
		for hour := range 72 { // around the end of November, everywhere
			do(t, a, buying(fmt.Sprint(hour), "1", start.Add(time.Duration(hour)*time.Hour)))
		}
		do(t, a, bill(t, a, 11, 1))
		v.Zone, v.Revision = zones[1], 2
		do(t, a, billing.TakeContract{View: v})
		do(t, a, bill(t, a, 12, 2))
		for p := range a.Unbilled() {
			t.Errorf("%v: %s of %s is in no period", zones, p.Operation.ID, p.On)
		}
		if e := a.Exposure(time.Time{}); e.Open != eur(72_00) {
			t.Errorf("%v: got %+v", zones, e)
		}
	}
}
