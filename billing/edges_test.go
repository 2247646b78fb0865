package billing_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// What rounding by the invoice adds to rounding by order takes no sum above its bound: up to that it is billed, and then the Bill is an
// error that changes nothing.
func TestRoundingAtTheBound(t *testing.T) {
	const bound = 1 << 60 // of the sums of an account
	for left, fits := range map[string]bool{"0.59": true, "0.60": false} {
		a := billable(t, math.MaxInt64)
		large, odd := item("180143.985094", "0"), item("819.83", "0")
		large.Quantity = billing.Whole(1_000_000_000)
		for i := range 64 { // of MaxAmount: 64 cents are left of the bound
			do(t, a, billing.Accept{At: at(2, 0), Operation: operation(fmt.Sprint("large-", i), large, odd)})
		}
		cheap := operation("tax", item("0.02", "20"))
		cheap.Orders = append(cheap.Orders, billing.Order{Reference: "B", Items: []billing.Item{item("0.02", "20")}})
		do(t, a, billing.Accept{At: at(2, 0), Operation: cheap}) // 0.04 and no tax, by order; 0.01 by the invoice
		do(t, a, buying("rest", left, at(2, 0)))
		before := a.Exposure(time.Time{}).Total
		b, err := try(a, bill(t, a, 11, 1))
		after := a.Exposure(time.Time{}).Total
		switch {
		case fits && (err != nil || len(b.Issued) != 1 || before != eur(bound-1) || after != eur(bound)):
			t.Errorf("%s left: got %v, %v, then %v", left, before, err, after)
		case !fits && (!errors.Is(err, billing.ErrInvalid) || !errors.Is(err, money.ErrOverflow) || before != eur(bound) || after != before):
			t.Errorf("%s left: got %v, %v, then %v", left, before, err, after)
		}
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
		if decided, err := c.Decide(a); !errors.Is(err, billing.ErrInvalid) {
			t.Errorf("%s: got %.90v, %v", what, decided, err)
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
	d := do(t, a, billing.Accept{At: at(2, 0), Operation: operation("1", items...)})
	if !slices.Equal(d.Reasons(), []billing.Reason{billing.TooManyTaxes}) {
		t.Errorf("got %+v", d)
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
	if due := do(t, a, billing.Remind{At: overdue.AddDate(0, 0, 15), After: []int{15}}); len(due) != 1 {
		t.Errorf("15 days after %s: got %+v", overdue, due)
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
	if b, err := try(a, c); !errors.Is(err, billing.ErrInvalid) {
		t.Errorf("issued at %s, dated %s: got %+v, %v", c.At, c.IssuedOn, b, err)
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
	if err := billing.NewAccount("CTR-1").UnmarshalBinary(forged.Bytes()); !errors.Is(err, billing.ErrCorrupt) {
		t.Errorf("got %v", err)
	}
}
