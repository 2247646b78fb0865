package billing_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// charging adds a charge at 20 %, of so many cents without tax; an allowance if they are below zero.
func charging(id string, net int64, when time.Time) billing.AddCharge {
	return billing.AddCharge{At: when, ID: id, Charge: billing.Charge{
		Why: id, Allowance: net < 0, Net: eur(max(net, -net)), VAT: billing.MustVATAt("20"),
	}}
}

// due is a charge that is due at another instant than it is added.
func due(c billing.AddCharge, on time.Time) billing.AddCharge {
	c.On = on
	return c
}

// trip buys something at 20 %.
func trip(id, price string, when time.Time) billing.Accept {
	return billing.Accept{At: when, Operation: operation(id, item(price, "20"))}
}

// halfBack gives half of a purchase of one piece back.
func halfBack(id, of string, when time.Time) billing.Refund {
	return billing.Refund{At: when, ID: id, Of: of, Lines: []billing.RefundLine{{Order: "O-" + of, Line: 1, Quantity: 500_000}}}
}

// day is an instant of 2026, or after.
func day(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 9, 0, 0, 0, time.UTC)
}

// A fee waits for an invoice with lines; an allowance for one that is large enough. What is given back of an invoice with allowances is what
// was paid for it, the exposure knows before the credit note, and the fees stay. What the contract has become does not matter.
func TestChargesStory(t *testing.T) {
	a := billable(t, 200_00, phase(day(12, 20), contract.Cancelled, 200_00, mandateID))
	next := uint64(1)
	for _, row := range []struct {
		what     string
		ask      command[billing.Decision]
		bill     int      // a month
		issued   []string // by it: what is to be paid = lines + charges - allowances + tax
		exposure int64
	}{
		{what: "a fee of November, beside the limit", ask: charging("fee", 10_00, day(11, 2)), exposure: 12_00},
		{what: "nothing was bought, so it waits", bill: 11, exposure: 12_00},
		{what: "a trip", ask: trip("trip", "100", day(12, 2)), exposure: 132_00},
		{what: "an allowance is no money yet", ask: charging("much", -130_00, day(12, 3)), exposure: 132_00},
		{what: "nor a smaller one", ask: charging("less", -30_00, day(12, 4)), exposure: 132_00},
		{what: "a fee of January, known before", ask: due(charging("yearly", 50_00, day(12, 5)), day(13, 1)), exposure: 192_00},
		{what: "a fee takes what limit it takes", ask: charging("more", 10_00, day(12, 6)), exposure: 204_00},
		{what: "cancelled, and a fee all the same", ask: charging("closing", 5_00, day(12, 22)), exposure: 210_00},
		{what: "the first allowance is 5.00 more than there is: it waits whole", bill: 12, exposure: 174_00,
			issued: []string{"F-0001 periodic 114.00 = 100.00 + 25.00 - 30.00 + 19.00 [fee less more closing]"}},
		{what: "half of the trip: 35.00 were paid for it", ask: halfBack("r1", "trip", day(13, 2)), exposure: 132_00},
		{what: "the credit note says so", bill: 13, exposure: 132_00,
			issued: []string{"F-0002 credit_note 42.00 = 50.00 + 0.00 - 15.00 + 7.00 [F-0001]"}},
		{what: "and the rest", ask: billing.Refund{At: day(14, 2), ID: "r2", Of: "trip"}, exposure: 90_00},
		{what: "takes the rest", bill: 14, exposure: 90_00,
			issued: []string{"F-0003 credit_note 42.00 = 50.00 + 0.00 - 15.00 + 7.00 [F-0001]"}},
	} {
		if row.ask != nil {
			if d := do(t, a, row.ask); !d.Accepted || d.Exposure != eur(row.exposure) {
				t.Errorf("%s: got %v, exposure %v", row.what, d.Reasons(), d.Exposure)
			}
		}
		if row.bill > 0 {
			b := do(t, a, bill(t, a, row.bill, next))
			next += uint64(len(b.Issued))
			if got := told(t, a, b.Issued); !slices.Equal(got, row.issued) || len(b.Causes) > 0 {
				t.Errorf("%s: got %q %v, want %q", row.what, got, b.Causes, row.issued)
			}
		}
		if e := a.Exposure(time.Time{}); e.Total != eur(row.exposure) {
			t.Errorf("%s: got %+v, want %d", row.what, e, row.exposure)
		}
		a = restored(t, a)
	}
	var waiting []string
	for c := range a.UnbilledCharges() {
		waiting = append(waiting, c.ID)
	}
	if !slices.Equal(waiting, []string{"much", "yearly"}) {
		t.Errorf("got %v, want the large allowance, and the fee of January", waiting)
	}
}

// told says of documents what they come to, and what they charge.
func told(t *testing.T, a *billing.Account, issued []billing.Invoiced) (all []string) {
	t.Helper()
	for _, e := range issued {
		v, _, err := a.Invoice(e.Number)
		if err != nil {
			t.Fatal(err)
		}
		var why []string
		for _, c := range v.Charges {
			why = append(why, c.Why)
		}
		number := func(m money.Amount) string {
			if m == (money.Amount{}) {
				m = eur(0)
			}
			return m.Number()
		}
		s := v.Totals
		all = append(all, fmt.Sprintf("%s %s %s = %s + %s - %s + %s %v", v.Number, v.Kind, s.Payable.Number(),
			s.Lines.Number(), number(s.Charges), number(s.Allowances), s.Tax.Number(), why))
	}
	return all
}

// Charges go with their month: what is due in it or was before, in the order in which it was added, on the first invoice of it that has
// lines (B12).
func TestChargesByMonth(t *testing.T) {
	a := billable(t, 1000_00)
	late := trip("late", "20", day(12, 2))
	late.Operation.At = day(11, 30)
	end := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC) // of November, in Paris
	for _, c := range []command[billing.Decision]{
		trip("a", "10", day(11, 2)), trip("b", "10", day(12, 1)), due(charging("second", 2_00, day(11, 5)), end),
		due(charging("first", 1_00, day(11, 6)), end.Add(-time.Microsecond)), charging("third", -3_00, day(12, 31)),
		due(charging("fourth", 4_00, day(11, 7)), day(13, 1)),
	} {
		if d := do(t, a, c); !d.Accepted {
			t.Fatal(d.Reasons())
		}
	}
	p, err := a.MonthOf(month(11))
	if err != nil {
		t.Fatal(err)
	}
	c := bill(t, a, 12, 1)
	got := told(t, a, do(t, a, c).Issued)
	if want := []string{
		"F-0001 periodic 13.20 = 10.00 + 1.00 - 0.00 + 2.20 [first]", "F-0002 periodic 10.80 = 10.00 + 2.00 - 3.00 + 1.80 [second third]",
	}; !slices.Equal(got, want) || p.End != end {
		t.Errorf("got %q, want %q", got, want)
	}
	late.At = day(13, 1)
	do(t, a, late)
	do(t, a, due(charging("fifth", 5_00, day(13, 1)), day(11, 3)))
	got = told(t, a, do(t, a, bill(t, a, 13, 3)).Issued)
	if want := []string{"F-0003 supplementary 30.00 = 20.00 + 5.00 - 0.00 + 5.00 [fifth]"}; !slices.Equal(got, want) {
		t.Errorf("a purchase and a fee that came late: got %q, want %q", got, want)
	}
}

// An allowance that is more than the lines it comes to takes off charges. Giving the lines back gives nothing back, and never takes.
func TestAllowanceOfAFee(t *testing.T) {
	a := billable(t, 1000_00)
	for _, c := range []command[billing.Decision]{
		trip("a", "10", day(11, 2)), charging("fee", 100_00, day(11, 3)), charging("off", -50_00, day(11, 4)),
	} {
		do(t, a, c)
	}
	do(t, a, bill(t, a, 11, 1))
	do(t, a, billing.Refund{At: day(12, 2), ID: "r", Of: "a"})
	if e := a.Exposure(time.Time{}); e.Total != eur(72_00) || e.Refunds.Sign() != 0 {
		t.Errorf("before the credit note: got %+v", e)
	}
	got := told(t, a, do(t, a, bill(t, a, 12, 2)).Issued)
	want := []string{"F-0002 credit_note 0.00 = 10.00 + 0.00 - 10.00 + 0.00 [F-0001]"}
	if e := a.Exposure(time.Time{}); !slices.Equal(got, want) || e.Total != eur(72_00) {
		t.Errorf("got %q, want %q; %+v", got, want, e)
	}
}

// What is given back after the month, and before it is billed, is lent for at what was paid as well.
func TestRefundBetweenMonthAndBill(t *testing.T) {
	a := billable(t, 1000_00)
	do(t, a, trip("a", "100", day(11, 2)))
	do(t, a, charging("off", -100_00, day(11, 3)))
	do(t, a, billing.Refund{At: time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC), ID: "r", Of: "a"})
	if e := a.Exposure(time.Time{}); e.Total.Sign() != 0 {
		t.Errorf("it came back: got %+v", e)
	}
	b := do(t, a, bill(t, a, 11, 1))
	want := []string{"F-0001 periodic 0.00 = 100.00 + 0.00 - 100.00 + 0.00 [off]"}
	got, e := told(t, a, b.Issued), a.Exposure(time.Time{})
	if !slices.Equal(got, want) || e.Total.Sign() != 0 || b.Issued[0].Exposure != e.Total {
		t.Errorf("nothing was to be paid, so nothing is given back: got %q, %+v", got, e)
	}
	restored(t, a)
}

// chargeRows are the reasons for which a charge is not added. Contract, mandate and limit are none.
var chargeRows = []reasonRow{
	{what: "a charge without a contract", ask: charging("fee", 1, noon), want: []billing.Cause{{Reason: billing.ContractNotFound}}},
	{
		what: "a charge in dollars, of a day that is closed, with the id of another", before: having(
			charging("fee", 1, at(2, 0)), billing.CloseDays{At: at(4, 0), Through: civil.MustParseDate("2026-11-03")}),
		ask: func() billing.AddCharge {
			c := due(charging("fee", 1, noon), time.Date(2026, 11, 3, 22, 59, 59, 0, time.UTC)) // a second before midnight in Paris
			c.Charge.Net = money.New(1, money.USD)
			return c
		}(),
		want: []billing.Cause{
			{Reason: billing.CurrencyMismatch, Given: money.USD, Want: money.EUR},
			{Reason: billing.PeriodClosed, Through: civil.MustParseDate("2026-11-03")},
			{Reason: billing.ExistsWithDifferentContent},
		},
	}, {
		what: "the charge after a thousand", before: having(charges{n: billing.MaxCharges}), ask: charging("more", -1, noon),
		want: []billing.Cause{{Reason: billing.TooManyCharges, Most: billing.MaxCharges}},
	}, {
		what:   "a charge taxed in more ways than an invoice can be",
		before: having(charges{n: billing.MaxTaxes, rates: true}), ask: charging("more", 1, noon),
		want: []billing.Cause{{Reason: billing.TooManyTaxes, Most: billing.MaxTaxes}},
	}, {
		what: "and a purchase", before: having(charges{n: billing.MaxTaxes, rates: true}), ask: trip("a", "1", noon),
		want: []billing.Cause{{Reason: billing.TooManyTaxes, Most: billing.MaxTaxes}},
	},
}

// charges is a command that stands for many, each with a rate of its own or not.
type charges struct {
	n     int
	rates bool
}

func (m charges) Decide(a *billing.Account) ([]event.Data, error) {
	for i := range m.n {
		c := charging(fmt.Sprint(i), 1, at(2, 0))
		if m.rates {
			c.Charge.VAT.Rate = money.MustParseRate(fmt.Sprintf("0.1%03d1", i))
		}
		if i == m.n-1 {
			return c.Decide(a)
		}
		if _, err := try(a, c); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (charges) Result(decided []event.Data) billing.Decision {
	return billing.AddCharge{}.Result(decided)
}

// An allowance adds no kind of tax: it comes to where something is taxed alike.
func TestAllowancesTaxNothing(t *testing.T) {
	a := account(t, 1000_00)
	do(t, a, charges{n: billing.MaxTaxes, rates: true})
	if d := do(t, a, charging("off", -1, noon)); !d.Accepted {
		t.Error(d.Reasons())
	}
}

// malformedCharges are charges of which a field is malformed.
func malformedCharges() (rows []malformed) {
	for _, row := range []struct {
		field  string
		change func(c *billing.AddCharge)
	}{
		{"at", func(c *billing.AddCharge) { c.At = time.Time{} }},
		{"charge.id", func(c *billing.AddCharge) { c.ID = "" }},
		{"charge.id", func(c *billing.AddCharge) { c.ID = "a\x00b" }},
		{"charge.on", func(c *billing.AddCharge) { c.On = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"charge.why: empty", func(c *billing.AddCharge) { c.Charge.Why = "" }},
		{"charge.why", func(c *billing.AddCharge) { c.Charge.Why = strings.Repeat("x", 501) }},
		{"charge.why", func(c *billing.AddCharge) { c.Charge.Why = "\x07" }},
		{"charge.net", func(c *billing.AddCharge) { c.Charge.Net = money.Amount{} }},
		{"charge.net", func(c *billing.AddCharge) { c.Charge.Net = eur(0) }},
		{"charge.net", func(c *billing.AddCharge) { c.Charge.Net = eur(-1) }},
		{"charge.net", func(c *billing.AddCharge) { c.Charge.Net = eur(billing.MaxAmount + 1) }},
		{"charge.vat.category", func(c *billing.AddCharge) { c.Charge.VAT = billing.VAT{} }},
		{"charge.vat.rate", func(c *billing.AddCharge) { c.Charge.VAT.Rate = money.MustParseRate("1.01") }},
		{"charge.vat.rate", func(c *billing.AddCharge) { c.Charge.VAT.Category = billing.Exempt }},
	} {
		c := charging("x", 1, noon)
		row.change(&c)
		rows = append(rows, malformed{row.field, c})
	}
	return rows
}

// Sums of charges that do not fit are errors of the command, and what is decided can be applied.
func TestChargesThatDoNotFit(t *testing.T) {
	a := account(t, math.MaxInt64)
	for i := range 100 {
		if _, err := try(a, charging(fmt.Sprint(i), billing.MaxAmount, at(2, 0))); err != nil {
			if !strings.Contains(err.Error(), "charge.net") || i < 10 {
				t.Errorf("the charge after %d: %v", i, err)
			}
			restored(t, a)
			return
		}
	}
	t.Error("no sum was too large")
}

// Three thirds of 100.00 less 10.00, without tax: credit notes take 90.00 in all, however many there are;
// and the exposure knows each cent before.
func TestAllowancesInThirds(t *testing.T) {
	for _, row := range []struct {
		what   string
		bills  [3]bool // after each third
		issued []string
	}{
		{"a credit note for each", [3]bool{true, true, true}, []string{
			"F-0002 credit_note 30.00 = 33.33 + 0.00 - 3.33 + 0.00 [F-0001]", "F-0003 credit_note 30.00 = 33.34 + 0.00 - 3.34 + 0.00 [F-0001]",
			"F-0004 credit_note 30.00 = 33.33 + 0.00 - 3.33 + 0.00 [F-0001]",
		}},
		{"one, and one for two", [3]bool{true, false, true}, []string{
			"F-0002 credit_note 30.00 = 33.33 + 0.00 - 3.33 + 0.00 [F-0001]", "F-0003 credit_note 60.00 = 66.67 + 0.00 - 6.67 + 0.00 [F-0001]",
		}},
		{"two, and one", [3]bool{false, true, true}, []string{
			"F-0002 credit_note 60.00 = 66.67 + 0.00 - 6.67 + 0.00 [F-0001]", "F-0003 credit_note 30.00 = 33.33 + 0.00 - 3.33 + 0.00 [F-0001]",
		}},
	} {
		a := billable(t, 1000_00)
		it := item("33.333333", "0")
		it.Quantity = billing.Whole(3)
		off := charging("off", -10_00, day(11, 3))
		off.Charge.VAT = it.VAT
		do(t, a, billing.Accept{At: day(11, 2), Operation: operation("a", it)})
		do(t, a, off)
		do(t, a, bill(t, a, 11, 1))
		next, issued := uint64(2), []string(nil)
		for i := range 3 {
			m := 12 + i
			third := []billing.RefundLine{{Order: "O-a", Line: 1, Quantity: billing.Whole(1)}}
			do(t, a, billing.Refund{At: day(time.Month(m), 2), ID: fmt.Sprint(i), Of: "a", Lines: third})
			a = restored(t, a)
			want := []int64{60_00, 30_00, 0}[i]
			if e := a.Exposure(time.Time{}); e.Total.Minor() != want {
				t.Errorf("%s: the exposure after %d thirds is %v, want %d", row.what, i+1, e.Total, want)
			}
			if !row.bills[i] {
				continue
			}
			b := do(t, a, bill(t, a, m, next))
			next += uint64(len(b.Issued))
			issued = append(issued, told(t, a, b.Issued)...)
			if e := a.Exposure(time.Time{}); e.Total.Minor() != want {
				t.Errorf("%s: the exposure after the credit note is %v, want %d", row.what, e.Total, want)
			}
		}
		if !slices.Equal(issued, row.issued) {
			t.Errorf("%s: got %q, want %q", row.what, issued, row.issued)
		}
	}
}

// What is billed makes room: for as many charges, and kinds of tax, again.
func TestBilledChargesMakeRoom(t *testing.T) {
	a := billable(t, 1000_00)
	do(t, a, billing.Accept{At: at(2, 0), Operation: operation("a", manyRates(0, 1)...)}) // of the same rates
	do(t, a, charges{n: billing.MaxTaxes, rates: true})
	if b := do(t, a, bill(t, a, 11, 1)); len(b.Issued) != 1 || len(b.Issued[0].Taxes) != billing.MaxTaxes {
		t.Fatalf("got %+v", b)
	}
	other := charging("other", 1, day(12, 2))
	if d := do(t, a, other); !d.Accepted {
		t.Errorf("got %v", d.Reasons())
	}
	for range a.UnbilledCharges() {
		return
	}
	t.Error("it does not wait")
}
