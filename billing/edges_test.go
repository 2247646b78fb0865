package billing_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// What rounding by the invoice adds to rounding by order takes no sum over the edge of what can be written.
func TestRoundingAtTheHighestLimit(t *testing.T) {
	a := billable(t, math.MaxInt64)
	do(t, a, buying("small", "0.02", at(2, 0)))
	do(t, a, bill(t, a, 11, 1)) // 0.02 are open
	cheap := operation("tax", item("0.02", "20"))
	cheap.Orders = append(cheap.Orders, billing.Order{Reference: "B", Items: []billing.Item{item("0.02", "20")}})
	do(t, a, billing.Accept{At: inDecember(2, 0), Operation: cheap}) // 0.04 and no tax, by order; 0.01 by the invoice
	rest := int64(math.MaxInt64 - 6)
	units := rest / 1_000_000_000
	big, odd := item("0", "0"), item("0", "0")
	big.Quantity, big.UnitPrice = billing.Whole(1_000_000_000), billing.Price(units*10_000)
	odd.UnitPrice = billing.Price((rest - units*1_000_000_000) * 10_000)
	d, err := try(a, billing.Accept{At: inDecember(3, 0), Operation: operation("rest", big, odd)})
	if err != nil || !d.Accepted || d.Exposure != eur(math.MaxInt64) {
		t.Skip("it was not bought", err, d.Reasons(), d.Exposure)
	}
	b, err := try(a, bill(t, a, 12, 2))
	if e := a.Exposure(time.Time{}); e.Total.Sign() < 0 {
		t.Errorf("the exposure is %v (%v, %v)", e.Total, b.Causes, err)
	}
}

// A number that is too long to be one is malformed: no refusal repeats it.
func TestLongNumbers(t *testing.T) {
	a := billed(t, 1000_00, "100")
	long := strings.Repeat("x", event.MaxData)
	for what, c := range map[string]interface {
		Decide(*billing.Account) ([]event.Data, error)
	}{
		"receive":   billing.Receive{At: inDecember(3, 0), ID: "w", Amount: eur(1), For: []string{long}},
		"collect":   billing.Collect{At: inDecember(3, 0), ID: "d", For: all(long, 1), FinalFrom: inDecember(60, 0)},
		"mark sent": billing.MarkSent{At: inDecember(3, 0), Number: long},
	} {
		decided, err := c.Decide(a)
		if err != nil {
			continue // as it should be: ErrInvalid
		}
		if _, err := codec.Encode(decided[0]); err != nil {
			t.Errorf("%s: decided, and cannot be stored: %.90s", what, err.Error())
		}
	}
}

// What Invoice returns can be changed, and the account stays as it is.
func TestInvoiceIsACopy(t *testing.T) {
	a := billed(t, 1000_00, "100")
	v, _, err := a.Invoice("F-0001")
	if err != nil {
		t.Fatal(err)
	}
	v.Taxes[0].Tax = eur(7)
	if again, _, err := a.Invoice("F-0001"); err != nil {
		t.Errorf("got %+v, %v", again.Taxes, err)
	}
}

// The same of what a Bill has answered.
func TestAnswerOfBillIsACopy(t *testing.T) {
	a := billable(t, 1000_00)
	do(t, a, buying("1", "100", at(2, 0)))
	c := bill(t, a, 11, 1)
	e := apply(t, a, c)
	b := c.Result([]event.Data{e})
	b.Issued[0].Taxes[0].Base = eur(7)
	if _, _, err := a.Invoice("F-0001"); err != nil {
		t.Errorf("after a change of the answer: %v", err)
	}
}

// No purchase is accepted that no invoice could ever have.
func TestWhatIsAcceptedCanBeBilled(t *testing.T) {
	a := billable(t, 1000_00)
	var items []billing.Item
	for i := range billing.MaxTaxes + 1 {
		it := item("1", "20")
		it.VAT.Rate = money.MustParseRate(fmt.Sprintf("0.1%03d1", i))
		items = append(items, it)
	}
	if d, err := try(a, billing.Accept{At: at(2, 0), Operation: operation("1", items...)}); err != nil || !d.Accepted {
		return // as it should be
	}
	do(t, a, buying("2", "10", at(3, 0)))
	do(t, a, billing.Refund{At: at(4, 0), ID: "r", Of: "1"}) // not even this helps
	if b := do(t, a, bill(t, a, 11, 1)); len(b.Issued) == 0 {
		t.Errorf("never billed: %v", b.Causes[0].Reason)
	}
}

// Days that are "never" are malformed, or never come.
func TestRemindersOfNever(t *testing.T) {
	a := billed(t, 1000_00, "100") // due on 31 December
	due, err := try(a, billing.Remind{At: inDecember(32, 0), After: []int{0, 200_000}})
	if err == nil && (len(due) != 1 || due[0].Level != 1) {
		t.Errorf("the day after it was due: got %+v", due)
	}
}

// Reminders count days of the calendar, also where clocks go back.
func TestRemindersCountDays(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	a := billable(t, 1000_00)
	do(t, a, buying("1", "100", time.Date(2027, 9, 2, 0, 0, 0, 0, time.UTC)))
	september := bill(t, a, 21, 1)
	september.Rules.DueDays = 18 // due on 19 October 2027; clocks go back on the 31st
	do(t, a, september)
	overdue := time.Date(2027, 10, 20, 0, 0, 0, 0, paris)
	early := overdue.AddDate(0, 0, 15).Add(-30 * time.Minute)
	if due := do(t, a, billing.Remind{At: early, After: []int{15}}); len(due) > 0 {
		t.Errorf("reminded at %s, which is not 15 days after %s", early, overdue)
	}
}

// Whether a debit is being collected does not depend on what else happens on the account.
func TestStandingIsOfItsInvoice(t *testing.T) {
	a := billed(t, 1000_00, "100")
	do(t, a, billing.Collect{At: inDecember(2, 0), ID: "d", For: all("F-0001", 100_00), FinalFrom: inDecember(10, 0)})
	before, _ := a.Standing("F-0001", inDecember(12, 0))
	do(t, a, billing.SetOverdue{At: inDecember(11, 0)})
	if after, _ := a.Standing("F-0001", inDecember(12, 0)); after != before {
		t.Errorf("on 12 December it is %s, and after a command of the 11th about something else %s", before.Status, after.Status)
	}
}

// The id of a return stands for one return.
func TestReturnIDsAreUnique(t *testing.T) {
	a := billed(t, 1000_00, "100")
	do(t, a, billing.Receive{At: inDecember(2, 0), ID: "w1", Amount: eur(10_00)})
	do(t, a, billing.Receive{At: inDecember(2, 0), ID: "w2", Amount: eur(10_00)})
	do(t, a, billing.Return{At: inDecember(3, 0), ID: "r", Of: "w1"})
	if d := do(t, a, billing.Return{At: inDecember(3, 0), ID: "r", Of: "w2"}); d.Accepted {
		t.Error("the same return gave back another payment as well")
	}
}

// No invoice is dated later than the day on which it is issued, wherever on earth.
func TestInvoicesOfTheFuture(t *testing.T) {
	a := billable(t, 1000_00)
	do(t, a, buying("1", "100", at(2, 0)))
	c := bill(t, a, 11, 1) // At is 1 December
	c.IssuedOn = c.IssuedOn.AddDays(30)
	if b, err := try(a, c); err == nil && len(b.Causes) == 0 {
		t.Errorf("on %s an invoice of %s was issued", c.At, b.Issued[0].IssuedOn)
	}
}

// A snapshot whose payment pays an invoice that it does not have contradicts itself.
func TestSnapshotWithAForeignPayment(t *testing.T) {
	a := billed(t, 1000_00, "100")
	do(t, a, billing.Receive{At: inDecember(2, 0), ID: "w", Amount: eur(10_00)})
	data, err := a.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(data)))
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(text, []byte(`"allocations":[{"number":"F-0001"`))
	copy(text[i+len(`"allocations":[{"number":"`):], "F-0009")
	var forged bytes.Buffer
	w, _ := flate.NewWriter(&forged, flate.BestSpeed)
	_, _ = w.Write(text)
	_ = w.Close()
	b := billing.NewAccount("CTR-1")
	if err := b.UnmarshalBinary(forged.Bytes()); err != nil {
		return // as it should be
	}
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("taken, and then: %v", r)
		}
	}()
	_, err = try(b, billing.Return{At: inDecember(3, 0), ID: "r", Of: "w"})
	t.Errorf("taken, and then: %v", err)
}
