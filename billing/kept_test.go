package billing_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// apply decides a command and applies what was decided as it is, without JSON between, as the engine does. What is decided is stored, so
// it must apply.
func apply(t *testing.T, a *billing.Account, c interface {
	Decide(*billing.Account) ([]event.Data, error)
},
) event.Data {
	t.Helper()
	decided, err := c.Decide(a)
	if err != nil {
		t.Fatalf("decide: %v", err)
	}
	for _, d := range decided {
		if err := a.Apply(d); err != nil {
			t.Fatalf("decided, and so stored, but cannot be applied: %v", err)
		}
	}
	return decided[0]
}

// An account shares no memory with whoever has given it something: callers may use theirs again.
func TestNothingIsShared(t *testing.T) {
	repo, ctx := accounts(t, memory.New(nil)), context.Background()
	v, m := active(1, 100_00), mandateView(1, contract.MandateActive)
	m.Amendment = &contract.Amendment{IBAN: "DE87200500001234567890"} // the account before
	for _, c := range []interface {
		command[billing.Taken]
		Key() string
	}{billing.TakeContract{View: v}, billing.TakeMandate{View: m}} {
		if _, err := engine.Do(ctx, repo, "CTR-1", c.Key(), command[billing.Taken](c)); err != nil {
			t.Fatal(err)
		}
	}
	to := party.Address{TownName: "Paris", Country: "FR"}
	it := item("50", "20")
	it.Delivery = &billing.Delivery{On: civil.MustParseDate("2026-11-05"), To: &to}
	o := operation("1", it)
	again := operation("1", it)
	again.Orders[0].Items = []billing.Item{it}
	again.Orders[0].Items[0].Delivery = &billing.Delivery{On: it.Delivery.On, To: &party.Address{TownName: "Paris", Country: "FR"}}
	lines := []billing.RefundLine{{Order: "O-1", Line: 1, Net: eur(10_00)}}
	insist(t, repo, "CTR-1", "1", billing.Accept{At: at(2, 0), Operation: o})
	insist(t, repo, "CTR-1", "2", billing.Refund{At: at(3, 0), ID: "r", Of: "1", Lines: lines})

	v.Phases[1].Limit, m.Phases[1].Status = eur(1_000_000_00), contract.MandateRevoked
	m.Amendment.IBAN = "changed"
	o.Orders[0].Reference, o.Orders[0].Items[0].Label = "changed", "changed"
	it.Delivery.On, to.TownName = civil.MustParseDate("2026-12-24"), "Lyon"
	lines[0].Net = eur(20_00)

	if d := insist(t, repo, "CTR-1", "3", buying("2", "5000", at(4, 0))); !slices.Equal(d.Reasons(), []billing.Reason{billing.ExposureExceeded}) {
		t.Errorf("5000.00 over a limit of 100.00: got %v, limit %v", d.Reasons(), d.Limit)
	}
	if d := insist(t, repo, "CTR-1", "4", billing.Accept{At: at(4, 0), Operation: again}); !d.Repeated {
		t.Errorf("the same purchase again: got %+v", d)
	}
	lines = []billing.RefundLine{{Order: "O-1", Line: 1, Net: eur(10_00)}}
	if d := insist(t, repo, "CTR-1", "5", billing.Refund{At: at(4, 0), ID: "r", Of: "1", Lines: lines}); !d.Repeated {
		t.Errorf("the same refund again: got %+v", d)
	}
	if err := engine.View(ctx, repo, "CTR-1", func(a *billing.Account) error {
		if m, _ := a.Mandate(mandateID); m.Amendment.IBAN == "changed" {
			t.Error("the amendment is shared")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// A wrong year in one command is an error, or is refused, and leaves no trace: the clock goes by what was done.
func TestWrongYear(t *testing.T) {
	a := billing.NewAccount("CTR-1")
	end := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	do(t, a, billing.TakeContract{View: active(1, 1000_00, phase(end, contract.Expired, 1000_00, mandateID))})
	do(t, a, billing.TakeMandate{View: mandateView(1, contract.MandateActive)})
	do(t, a, billing.SetSpendingCap{At: at(1, 0), Policy: weekly(500_00)})
	for _, year := range []int{1, 1969, 2200, 9999} {
		if _, err := try(a, buying("typo", "1", time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC))); !errors.Is(err, billing.ErrInvalid) {
			t.Errorf("%d: got %v", year, err)
		}
	}
	if d := do(t, a, buying("typo", "1", time.Date(2199, 12, 31, 0, 0, 0, 0, time.UTC))); d.Accepted {
		t.Error("accepted in 2199")
	}
	if d := do(t, a, buying("1", "50", at(2, 0))); !d.Accepted || d.At != at(2, 0) {
		t.Errorf("got %v at %v", d.Reasons(), d.At)
	}
}

// Sums that do not fit are errors of the command, and never of what was decided.
func TestSumsThatDoNotFit(t *testing.T) {
	a := account(t, math.MaxInt64)
	it := item("0", "0")
	it.Quantity, it.UnitPrice = billing.Whole(1_000_000), billing.Price(180_000_000_000_000) // nearly MaxAmount
	overflowed := false
	for i := range 100 {
		id := fmt.Sprint(i)
		o := operation(id, it)
		if _, err := (billing.Accept{At: at(2, i), Operation: o}).Decide(a); err != nil {
			overflowed = errors.Is(err, billing.ErrInvalid) && errors.Is(err, money.ErrOverflow)
			break
		}
		apply(t, a, billing.Accept{At: at(2, i), Operation: o})
		apply(t, a, billing.Refund{At: at(2, i), ID: id, Of: id})
	}
	if !overflowed {
		t.Error("no sum was too large")
	}
}

// Whatever is accepted fits into an event, and so does the refund of it, whole or line by line. What would not is an error.
func TestLargestOperation(t *testing.T) {
	for what, row := range map[string]struct {
		reference, label string
		rates            bool // one for each item
		fits             bool
	}{
		"short texts":               {strings.Repeat("x", 100), "thing", true, true},
		"labels of 370 bytes":       {"O-1", strings.Repeat("x", 370), true, true},
		"labels of two-byte runes":  {"O-1", strings.Repeat("é", 500), false, false},
		"references to be escaped":  {strings.Repeat("<", 100), "thing", false, false},
		"labels that are too large": {"O-1", strings.Repeat("x", 500), false, false},
	} {
		a := account(t, 100_000_00)
		var items []billing.Item
		var lines []billing.RefundLine
		for i := range billing.MaxItems {
			it := item("1", "20")
			it.Label = row.label
			if row.rates {
				it.VAT.Rate = money.MustParseRate(fmt.Sprintf("0.1%03d1", i%billing.MaxTaxes))
			}
			items = append(items, it)
			lines = append(lines, billing.RefundLine{Order: row.reference, Line: i + 1, Net: eur(50)})
		}
		o := operation("1", items...)
		o.Orders[0].Reference = row.reference
		if row.reference != "O-1" && row.fits {
			o.Orders[0].Items = items[:900] // a reference counts three times for each item
			lines = lines[:900]
		}
		_, err := try(a, billing.Accept{At: at(2, 0), Operation: o})
		if fits := err == nil; fits != row.fits || !fits && !errors.Is(err, billing.ErrInvalid) {
			t.Errorf("%s: got %v", what, err)
		}
		if err != nil {
			continue
		}
		if d := do(t, a, billing.Refund{At: at(3, 0), ID: "half", Of: "1", Lines: lines}); !d.Accepted {
			t.Errorf("%s, half of it: got %v", what, d.Reasons())
		}
		if d := do(t, a, billing.Refund{At: at(3, 0), ID: "rest", Of: "1"}); !d.Accepted || a.Exposure(time.Time{}).Total.Sign() != 0 {
			t.Errorf("%s, the rest: got %v, exposure %v", what, d.Reasons(), a.Exposure(time.Time{}).Total)
		}
	}
}

// An account with half of the purchases that it may have is small enough for a snapshot: a fiftieth of them have a fiftieth of its size.
func TestSnapshotOfMany(t *testing.T) {
	a := account(t, math.MaxInt64)
	e := apply(t, a, billing.Accept{At: at(2, 0), Operation: operation("0", item("1", "20"), item("2", "5.5"))}).(billing.OperationAccepted)
	for i := 1; i < billing.MaxUnbilled/100; i++ {
		e.Operation.ID = fmt.Sprint(i)
		if err := a.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	data, err := a.MarshalBinary()
	if most := storage.MaxBatchBytes / 50; err != nil || len(data) > most {
		t.Errorf("%d bytes, want at most %d, %v", len(data), most, err)
	}
	restored(t, a)
}

// Purchases that were given back whole are nothing to a spending cap, and merge into nothing: the snapshot can be read.
func TestSnapshotAfterFullRefunds(t *testing.T) {
	a := account(t, 10_000_00)
	counting := cap.Counting{Refund: cap.Original}
	do(t, a, billing.SetSpendingCap{At: at(2, 0), Policy: cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "day", Max: eur(900_00), Window: cap.Calendar(cap.Day, time.UTC), Counting: counting},
		{Name: "month", Max: eur(9000_00), Window: cap.Calendar(cap.Month, time.UTC), Counting: counting},
	}, &cap.PolicyOptions{FinalAfter: 24 * time.Hour})})
	for i, id := range []string{"1", "2"} {
		do(t, a, buying(id, "50", at(2, 1+i)))
		do(t, a, billing.Refund{At: at(2, 5+i), ID: id, Of: id})
	}
	do(t, a, buying("3", "50", at(5, 0)))
	restored(t, a)
}

// Eligibility asks all that a purchase would be asked but for its own amount.
func TestEligibility(t *testing.T) {
	a := account(t, 1000_00)
	eligible := func(what string, available int64, want ...billing.Reason) {
		t.Helper()
		if d, err := a.Eligibility(at(3, 0)); err != nil || !slices.Equal(d.Reasons(), want) || d.Available != eur(available) || d.Accepted != (len(want) == 0) {
			t.Errorf("%s: got %v, available %v, %v; want %v, %d", what, d.Reasons(), d.Available, err, want, available)
		}
	}
	eligible("nothing was bought", 1000_00)
	do(t, a, billing.SetSpendingCap{At: at(2, 0), Policy: weekly(60_00)})
	eligible("sixty a week", 60_00)
	do(t, a, buying("1", "60", at(2, 1)))
	eligible("they are spent", 940_00, billing.SpendingCapExceeded)
	do(t, a, billing.SetSpendingCap{At: at(2, 2)})
	do(t, a, buying("2", "940", at(2, 3)))
	eligible("all of it is spent", 0, billing.ExposureExceeded)
	do(t, a, billing.SetOverdue{At: at(2, 4), Since: civil.MustParseDate("2026-11-01"), Amount: eur(1)})
	eligible("and overdue", 0, billing.ExposureExceeded, billing.AccountOverdue)
}

// The instant of a purchase is a part of it: with one, and without, it is not the same.
func TestInstantLeftOut(t *testing.T) {
	a := account(t, 1000_00)
	with, without := operation("1", item("50", "20")), operation("2", item("50", "20"))
	with.At = at(2, 0)
	for _, row := range []struct {
		at   time.Time
		ask  billing.Operation
		want billing.Decision
	}{
		{at(3, 0), with, billing.Decision{Accepted: true}},
		{at(4, 0), with, billing.Decision{Accepted: true, Repeated: true}},
		{at(4, 0), dated(with, time.Time{}), billing.Decision{}},
		{at(3, 0), without, billing.Decision{Accepted: true}},
		{at(5, 0), without, billing.Decision{Accepted: true, Repeated: true}},
		{at(5, 0), dated(without, at(3, 0)), billing.Decision{}},
	} {
		d := do(t, a, billing.Accept{At: row.at, Operation: row.ask})
		if d.Accepted != row.want.Accepted || d.Repeated != row.want.Repeated {
			t.Errorf("%s of %s at %s: got %+v", row.ask.ID, row.ask.At, row.at, d)
		}
	}
	for p := range a.Unbilled() {
		if want := map[string]time.Time{"1": at(2, 0), "2": at(3, 0)}[p.Operation.ID]; p.On != want {
			t.Errorf("%s: bought on %s, want %s", p.Operation.ID, p.On, want)
		}
	}
}

// Of a refund, too, every reason is told that can be.
func TestRefundTellsAll(t *testing.T) {
	a := account(t, 1000_00)
	do(t, a, buying("1", "60", at(2, 0)))
	line := func(net int64) []billing.RefundLine {
		return []billing.RefundLine{{Order: "O-1", Line: 1, Net: eur(net)}}
	}
	do(t, a, back("r", "1", line(10_00)...))
	c := back("r", "1", line(5_00)...)
	c.Totals = &billing.Totals{Gross: eur(1)}
	if d := do(t, a, c); !slices.Equal(d.Reasons(), []billing.Reason{billing.AmountsInconsistent, billing.ExistsWithDifferentContent}) {
		t.Errorf("got %v", d.Reasons())
	}
}

// What is left of a purchase can always be given back, however many refunds there were; and when no money is left, there is nothing to.
func TestTheLastRefund(t *testing.T) {
	a := account(t, 1000_00)
	do(t, a, buying("1", "60", at(2, 0)))
	do(t, a, emptyRefunds(billing.MaxRefunds))
	if d := do(t, a, back("one-more", "1", billing.RefundLine{Order: "O-1", Line: 1, Quantity: 1})); !slices.Equal(d.Reasons(), []billing.Reason{billing.TooManyRefunds}) {
		t.Errorf("one more: got %v", d.Reasons())
	}
	if d := do(t, a, back("all", "1")); !d.Accepted || a.Exposure(time.Time{}).Total.Sign() != 0 {
		t.Errorf("all of it: got %v, exposure %v", d.Reasons(), a.Exposure(time.Time{}).Total)
	}
	do(t, a, buying("2", "60", noon))
	do(t, a, back("net", "2", billing.RefundLine{Order: "O-2", Line: 1, Net: eur(60_00)}))
	if d := do(t, a, back("again", "2")); !slices.Equal(d.Reasons(), []billing.Reason{billing.RefundExceedsOriginal}) {
		t.Errorf("nothing is left: got %v", d.Reasons())
	}
}

// emptyRefunds stands for many refunds of a millionth of what was bought, which comes to nothing.
type emptyRefunds int

func (n emptyRefunds) Decide(a *billing.Account) (decided []event.Data, err error) {
	for i := range int(n) - 1 {
		if _, err := try(a, back(fmt.Sprint("none-", i), "1", billing.RefundLine{Order: "O-1", Line: 1, Quantity: 1})); err != nil {
			return nil, err
		}
	}
	return back("last", "1", billing.RefundLine{Order: "O-1", Line: 1, Quantity: 1}).Decide(a)
}

func (emptyRefunds) Result(decided []event.Data) billing.Decision {
	return billing.Refund{}.Result(decided)
}

// An event that is none is an error.
func TestApplyNothing(t *testing.T) {
	if err := account(t, 1000_00).Apply(nil); !errors.Is(err, billing.ErrCorrupt) {
		t.Errorf("got %v", err)
	}
}
