package billing_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/contract"
)

// The defects of the system that the travel agency started from, as far as they concern contracts and the acceptance of purchases.

// It accepted every purchase: it asked for no contract, no mandate, and no limit.
func TestDefectNothingWasChecked(t *testing.T) {
	nothing := billing.NewAccount("CTR-1")
	if d := do(t, nothing, buying("a", "1", noon)); d.Accepted {
		t.Error("accepted without a contract")
	}
	for what, before := range map[string]func(*testing.T, *billing.Account){
		"suspended": withStatus(contract.Suspended), "expired": withStatus(contract.Expired), "revoked": withMandate(contract.MandateRevoked),
	} {
		a := billing.NewAccount("CTR-1")
		before(t, a)
		if d := do(t, a, buying("a", "1", noon)); d.Accepted {
			t.Errorf("accepted while %s", what)
		}
	}
	a := account(t, 10_00)
	if d := do(t, a, buying("a", "10.01", noon)); d.Accepted {
		t.Error("accepted above the limit")
	}
}

// It billed only contracts that were active: who was suspended in the middle of a month was never asked to pay. Whatever the contract
// becomes, what was bought stays to be billed, and stays a part of the exposure.
func TestDefectEndedContractsWereNeverBilled(t *testing.T) {
	for _, s := range []contract.Status{contract.Suspended, contract.Cancelled, contract.Expired} {
		a := account(t, 100_00)
		do(t, a, buying("a", "40", at(2, 0)))
		do(t, a, buying("b", "20", at(3, 0)))
		do(t, a, billing.TakeContract{View: active(2, 100_00, phase(at(5, 0), s, 100_00, mandateID))})
		do(t, a, billing.TakeMandate{View: mandateView(2, contract.MandateRevoked)})
		do(t, a, billing.Refund{At: noon, ID: "r", Of: "b"})
		var left []string
		for p := range a.Unbilled() {
			left = append(left, fmt.Sprint(p.Operation.ID, " ", p.Left))
		}
		if want := []string{"a 40.00 EUR", "b 0.00 EUR"}; !slices.Equal(left, want) || a.Exposure(time.Time{}).Total != eur(40_00) {
			t.Errorf("%v: unbilled %q, exposure %v", s, left, a.Exposure(time.Time{}).Total)
		}
	}
}

// It put the purchases of two contracts of one customer together. Here each has an account, a limit and a mandate of its own.
func TestDefectContractsOfOneCustomerWereMerged(t *testing.T) {
	first, second := account(t, 100_00), billing.NewAccount("CTR-2")
	v, m := active(1, 100_00), mandateView(1, contract.MandateActive)
	v.Contract, m.Contract = "CTR-2", "CTR-2"
	do(t, second, billing.TakeContract{View: v})
	do(t, second, billing.TakeMandate{View: m})
	do(t, first, buying("a", "100", noon))
	if d := do(t, second, buying("a", "100", noon)); !d.Accepted {
		t.Errorf("the other contract has used the limit up: %v", d.Reasons())
	}
}

// It summed amounts as floating-point numbers. Ten times 0.10 is 1.00, and three times 10.01 at 20 % is 36.04 with tax, since tax is
// rounded once on the sum (Dolibarr-modules PR #504: line by line it is 36.03).
func TestDefectSumsOfFloats(t *testing.T) {
	a := account(t, 1_00)
	for i := range 10 {
		if d := do(t, a, buying(fmt.Sprint(i), "0.1", noon)); !d.Accepted {
			t.Fatalf("number %d: %v of %v", i+1, d.Reasons(), d.Exposure)
		}
	}
	if a.Exposure(time.Time{}).Total != eur(1_00) {
		t.Errorf("got %v", a.Exposure(time.Time{}).Total)
	}
	b := account(t, 100_00)
	three := operation("a", item("10.01", "20"), item("10.01", "20"), item("10.01", "20"))
	if d := do(t, b, billing.Accept{At: noon, Operation: three}); d.Totals.Gross != eur(36_04) || d.Totals.Tax != eur(6_01) {
		t.Errorf("got %+v", d.Totals)
	}
}

// It asked the server's clock and the server's zone. Here the instant is told, and how it is written does not matter.
func TestDefectServerTimeZone(t *testing.T) {
	last := time.Date(2026, 11, 9, 23, 59, 59, 999_999_000, time.UTC)
	tokyo := time.FixedZone("", 9*3600)
	for _, when := range []time.Time{last, last.In(tokyo), last.Add(999 * time.Nanosecond)} {
		a := billing.NewAccount("CTR-1")
		taking(active(1, 10_00, phase(at(10, 0), contract.Suspended, 10_00, mandateID)), mandateView(1, contract.MandateActive))(t, a)
		if d := do(t, a, buying("a", "10", when)); !d.Accepted || !d.At.Equal(last) || d.At.Location() != time.UTC {
			t.Errorf("%v: got %v at %v", when, d.Reasons(), d.At)
		}
		if d := do(t, a, buying("b", "10", at(10, 0).In(tokyo))); d.Accepted {
			t.Errorf("accepted at the first instant of the suspension")
		}
	}
}

// It made a new reference for every request, so that a request sent twice was bought twice.
func TestDefectRequestSentTwice(t *testing.T) {
	a := account(t, 10_00)
	first := do(t, a, buying("a", "10", noon))
	again := do(t, a, buying("a", "10", noon.Add(time.Hour)))
	if !again.Accepted || !again.Repeated || again.At != first.At || !reflect.DeepEqual(again.Figures, first.Figures) || a.Exposure(time.Time{}).Total != eur(10_00) {
		t.Errorf("got %+v, at first %+v", again, first)
	}
}

// A message that it could not read stopped it. Here it is an error that names the field, the account is as it was, and the next message
// says all that is in force.
func TestDefectBadMessage(t *testing.T) {
	a := account(t, 10_00)
	bad := active(2, 50_00)
	bad.Customer.Reference = ""
	if _, err := try(a, billing.TakeContract{View: bad}); err == nil {
		t.Error("taken")
	}
	do(t, a, billing.TakeContract{View: active(3, 60_00)})
	if v, _ := a.Contract(); v.Revision != 3 || !slices.Equal(a.Missing(), []billing.Revisions{{First: 2, Last: 2}}) {
		t.Errorf("got revision %d, missing %v", v.Revision, a.Missing())
	}
}
