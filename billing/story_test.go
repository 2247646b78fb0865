package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/contract"
)

// Deferred payment of a works council: a limit of 3,000.00, reached exactly, lowered, raised, and the contract suspended, resumed and
// cancelled meanwhile.
func TestStory(t *testing.T) {
	a := account(t, 3000_00)
	buy := func(id, price string) billing.Accept {
		return billing.Accept{Operation: operation(id, item(price, "0"))}
	}
	lowered := phase(at(10, 0), contract.Active, 2000_00, mandateID)
	raised := phase(at(12, 0), contract.Active, 4000_00, mandateID)
	suspended := phase(at(14, 0), contract.Suspended, 4000_00, mandateID)
	resumed := phase(at(16, 0), contract.Active, 4000_00, mandateID)
	cancelled := phase(at(20, 0), contract.Cancelled, 4000_00, mandateID)
	for _, row := range []struct {
		what      string
		at        time.Time
		take      *contract.View
		buy       billing.Accept
		refund    billing.Refund
		reason    billing.Reason
		exposure  int64
		available int64
	}{
		{what: "before it begins", at: at(1, 0).Add(-time.Microsecond), buy: buy("early", "1"), reason: billing.ContractNotStarted, available: 3000_00},
		{what: "a trip", at: at(2, 9), buy: buy("trip", "1800"), exposure: 1800_00, available: 1200_00},
		{what: "a cent too much", at: at(3, 9), buy: buy("coach", "1200.01"), reason: billing.ExposureExceeded, exposure: 1800_00, available: 1200_00},
		{what: "to the limit exactly", at: at(3, 10), buy: buy("hotel", "1200"), exposure: 3000_00},
		{what: "one more cent", at: at(4, 9), buy: buy("cent", "0.01"), reason: billing.ExposureExceeded, exposure: 3000_00},
		{what: "the hotel is given back", at: at(5, 9), refund: billing.Refund{ID: "r1", Of: "hotel"}, exposure: 1800_00, available: 1200_00},
		{what: "and not twice", at: at(5, 10), refund: billing.Refund{ID: "r2", Of: "hotel"}, reason: billing.RefundExceedsOriginal, exposure: 1800_00, available: 1200_00},
		{what: "the limit goes down on the 10th", at: at(6, 0), take: new(active(2, 3000_00, lowered))},
		{what: "until then there is room", at: at(9, 23), buy: buy("museum", "600"), exposure: 2400_00, available: 600_00},
		{what: "then there is not", at: at(10, 0), buy: buy("bus", "0.01"), reason: billing.ExposureExceeded, exposure: 2400_00},
		{what: "it goes up on the 12th", at: at(11, 0), take: new(active(3, 3000_00, lowered, raised))},
		{what: "so there is", at: at(12, 0), buy: buy("bus", "0.01"), exposure: 2400_01, available: 1599_99},
		{what: "suspended from the 14th to the 16th", at: at(13, 0), take: new(active(4, 3000_00, lowered, raised, suspended, resumed))},
		{what: "nothing is bought meanwhile", at: at(15, 0), buy: buy("train", "10"), reason: billing.ContractSuspended, exposure: 2400_01, available: 1599_99},
		{what: "but given back", at: at(15, 1), refund: billing.Refund{ID: "r3", Of: "museum"}, exposure: 1800_01, available: 2199_99},
		{what: "and then again", at: at(16, 0), buy: buy("train", "10"), exposure: 1810_01, available: 2189_99},
		{what: "cancelled on the 20th", at: at(17, 0), take: new(active(5, 3000_00, lowered, raised, suspended, resumed, cancelled))},
		{what: "nothing is bought any more", at: at(20, 0), buy: buy("boat", "1"), reason: billing.ContractCancelled, exposure: 1810_01, available: 2189_99},
		{what: "what was bought is owed", at: at(25, 0), refund: billing.Refund{ID: "r4", Of: "trip", Lines: []billing.RefundLine{
			{Order: "O-trip", Line: 1, Net: eur(800_00)}}}, exposure: 1010_01, available: 2989_99},
	} {
		var d billing.Decision
		switch {
		case row.take != nil:
			if taken := do(t, a, billing.TakeContract{View: *row.take}); !taken.Current {
				t.Fatalf("%s: got %+v", row.what, taken)
			}
			continue
		case row.refund.ID != "":
			row.refund.At = row.at
			d = do(t, a, row.refund)
		default:
			row.buy.At = row.at
			explained, err := a.Explain(row.buy)
			if err != nil {
				t.Fatal(err)
			}
			if d = do(t, a, row.buy); !slices.Equal(d.Reasons(), explained.Reasons()) || d.Figures != explained.Figures {
				t.Errorf("%s: decided %+v, explained %+v", row.what, d, explained)
			}
		}
		want := []billing.Reason{row.reason}
		if row.reason == "" {
			want = want[:0]
		}
		if !slices.Equal(d.Reasons(), want) || d.Accepted != (row.reason == "") || d.Exposure != eur(row.exposure) || d.Available != eur(row.available) {
			t.Errorf("%s: got %v %v, exposure %v, available %v; want %v, %v, %v", row.what, d.Accepted, d.Reasons(), d.Exposure, d.Available, want, row.exposure, row.available)
		}
	}
	var left []string
	for p := range a.Unbilled() {
		left = append(left, p.Operation.ID+" "+p.Left.Number())
	}
	if want := []string{"trip 1000.00", "hotel 0.00", "museum 0.00", "bus 0.01", "train 10.00"}; !slices.Equal(left, want) {
		t.Errorf("unbilled: got %q, want %q", left, want)
	}
}
