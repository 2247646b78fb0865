package billing_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/party"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// oneOfEach are events of every type, as Decide writes them.
func oneOfEach(t *testing.T) map[string]event.Data {
	a, facts := billing.NewAccount("CTR-1"), map[string]event.Data{}
	note := func(name string, c interface {
		Decide(*billing.Account) ([]event.Data, error)
	}) {
		t.Helper()
		decided, err := c.Decide(a)
		if err != nil || len(decided) != 1 {
			t.Fatal(decided, err)
		}
		if err := a.Apply(decided[0]); err != nil {
			t.Fatal(err)
		}
		if of := decided[0].EventType(); len(name) < len(of) || name[:len(of)] != of {
			t.Fatalf("%s: got %s", name, of)
		}
		facts[name] = decided[0]
	}
	note("billing.refused.v1", buying("early", "1", at(1, 0)))
	note("billing.contract_taken.v1", billing.TakeContract{View: addressed(active(2, 100_00, phase(at(20, 0), contract.Suspended, 100_00, mandateID)))})
	note("billing.late_update_seen.v1", billing.TakeContract{View: active(1, 100_00)})
	note("billing.mandate_taken.v1", billing.TakeMandate{View: mandateView(1, contract.MandateActive)})
	note("billing.spending_cap_set.v1", billing.SetSpendingCap{At: at(2, 0), Policy: weekly(90_00)})
	note("billing.days_closed.v1", billing.CloseDays{At: at(2, 0), Through: civil.MustParseDate("2026-11-01")})

	o := operation("HA-8768376537", item("8.4", "5.5"), item("2.8", "20"))
	o.At = at(2, 8)
	o.Totals = &billing.Totals{Gross: eur(22_71)}
	o.Orders[0].Items[0].Quantity = 2_500_000
	o.Orders[0].Items[0].Product, o.Orders[0].Items[0].Unit = "1116420", "PCE"
	o.Orders[0].Items[0].Allowance, o.Orders[0].Items[0].EcoParticipation = eur(2_66), eur(17)
	o.Orders[0].Items[0].Delivery = &billing.Delivery{On: civil.MustParseDate("2026-11-04"), To: &party.Address{
		StreetName: "rue du Bac", BuildingNumber: "12", PostCode: "75007", TownName: "Paris", Country: "FR",
	}}
	o.Orders[0].Items[1].Supply = billing.Services
	note("billing.operation_accepted.v1", billing.Accept{At: at(2, 9), Operation: o})
	note("billing.repeated.v1", billing.Accept{At: at(2, 10), Operation: o})
	note("billing.refund_accepted.v1", billing.Refund{At: at(3, 9), ID: "r1", Of: o.ID, Why: "broken", Lines: []billing.RefundLine{
		{Order: "O-HA-8768376537", Line: 1, Quantity: 1_000_000}, {Order: "O-HA-8768376537", Line: 2, Net: eur(1_00)},
	}})
	fee := charging("fee", 4_90, at(3, 10))
	fee.On, fee.Charge.Why = at(1, 12), "Frais de dossier"
	late := billing.NewAccount("CTR-1") // none of whose days is closed
	taking(active(1, 100_00), mandateView(1, contract.MandateActive))(t, late)
	decided, err := fee.Decide(late)
	if err != nil {
		t.Fatal(err)
	}
	facts["billing.charge_added.v1"] = decided[0]
	note("billing.overdue_set.v1", billing.SetOverdue{At: at(21, 0), Since: civil.MustParseDate("2026-11-15"), Amount: eur(12_34)})
	bad := operation("bad", item("120", "0"))
	bad.At, bad.Totals = at(1, 8), &billing.Totals{Net: eur(1)}
	note("billing.refused.v1.many", billing.Accept{At: at(21, 9), Operation: bad})
	note("billing.invoiced.v1", bill(t, a, 11, 7))
	note("billing.invoice_sent.v1", billing.MarkSent{At: inDecember(2, 0), Number: "F-0007"})
	note("billing.payment_received.v1", billing.Receive{At: inDecember(3, 0), ID: "w", Amount: eur(14_00), For: []string{"F-0007"}})
	note("billing.payment_returned.v1", billing.Return{At: inDecember(4, 0), ID: "r", Of: "w", Code: "AC04"})
	note("billing.payment_received.v1.debit", billing.Collect{At: inDecember(5, 0), ID: "d", For: all("F-0007", 13_77), FinalFrom: inDecember(61, 0)})
	note("billing.payment_settled.v1", billing.Settle{At: inDecember(8, 0), Of: "d"})
	do(t, a, billing.Return{At: inDecember(9, 0), ID: "r2", Of: "d", Code: "MD01"})
	note("billing.reminder_due.v1", billing.Remind{At: inDecember(40, 0), After: []int{5}})
	s := billing.NewSeries("2026")
	for _, c := range []interface {
		Decide(*billing.Series) ([]event.Data, error)
	}{billing.OpenSeries{At: at(1, 0), Prefix: "F-", Year: 2026, Width: 4}, billing.GiveNumbers{At: at(30, 0), Count: 3, On: month(12)}} {
		decided, err := c.Decide(s)
		if err != nil || s.Apply(decided[0]) != nil {
			t.Fatal(decided, err)
		}
		facts[decided[0].EventType()] = decided[0]
	}
	return facts
}

// The JSON of every event type is pinned: stored events must be read for ever.
func TestEventGolden(t *testing.T) {
	golden.Events(t, oneOfEach(t), ".json", *update, codec, billing.SeriesCodec())
}

// A command's JSON tells a retry from another command, so it is the same whatever zone and precision its instants came in.
func TestCommandsAreCanonical(t *testing.T) {
	tokyo := time.FixedZone("", 9*3600)
	o, day1 := operation("a", item("1", "20")), billing.Period{From: 1, Through: 1}
	for _, commands := range [][2]any{
		{billing.Accept{At: noon, Operation: o}, billing.Accept{At: noon.In(tokyo).Add(999), Operation: o}},
		{billing.Accept{At: noon, Operation: dated(o, noon)}, billing.Accept{At: noon, Operation: dated(o, noon.In(tokyo).Add(999))}},
		{billing.Refund{At: noon, ID: "r"}, billing.Refund{At: noon.In(tokyo).Add(999), ID: "r"}},
		{charging("fee", 1, noon), charging("fee", 1, noon.In(tokyo).Add(999))},
		{due(charging("fee", 1, noon), noon), due(charging("fee", 1, noon), noon.In(tokyo).Add(999))},
		{billing.SetOverdue{At: noon}, billing.SetOverdue{At: noon.In(tokyo).Add(999)}},
		{billing.Receive{At: noon, Amount: eur(1)}, billing.Receive{At: noon.In(tokyo).Add(999), Amount: eur(1)}},
		{billing.Collect{At: noon, FinalFrom: noon}, billing.Collect{At: noon.In(tokyo).Add(999), FinalFrom: noon.In(tokyo).Add(999)}},
		{billing.Settle{At: noon}, billing.Settle{At: noon.In(tokyo).Add(999)}},
		{billing.Return{At: noon}, billing.Return{At: noon.In(tokyo).Add(999)}},
		{billing.MarkSent{At: noon}, billing.MarkSent{At: noon.In(tokyo).Add(999)}},
		{billing.Remind{At: noon}, billing.Remind{At: noon.In(tokyo).Add(999)}},
		{billing.OpenSeries{At: noon}, billing.OpenSeries{At: noon.In(tokyo).Add(999)}},
		{billing.GiveNumbers{At: noon, On: 1}, billing.GiveNumbers{At: noon.In(tokyo).Add(999), On: 1}},
		{billing.Bill{At: noon, IssuedOn: 1, Period: day1}, billing.Bill{At: noon.In(tokyo).Add(999), IssuedOn: 1, Period: day1}},
		{billing.Park{At: noon, IssuedOn: 1, Period: day1}, billing.Park{At: noon.In(tokyo).Add(999), IssuedOn: 1, Period: day1}},
		{billing.CloseDays{At: noon, Through: 1}, billing.CloseDays{At: noon.In(tokyo).Add(999), Through: 1}},
		{billing.SetSpendingCap{At: noon}, billing.SetSpendingCap{At: noon.In(tokyo).Add(999)}},
	} {
		x, err := json.Marshal(commands[0])
		y, err2 := json.Marshal(commands[1])
		if err != nil || err2 != nil || !bytes.Equal(x, y) {
			t.Errorf("%T: got %s %v and %s %v", commands[0], x, err, y, err2)
		}
	}
}

func dated(o billing.Operation, when time.Time) billing.Operation {
	o.At = when
	return o
}
