package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
	"pgregory.net/rapid"
)

// decide has a contract, or a mandate, decide a command, and records it.
func decide(t tester, decided []event.Data, err error, apply func(event.Data) error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range decided {
		if err := apply(d); err != nil {
			t.Fatal(err)
		}
	}
}

func customer() party.Party { return party.Party{Reference: "CE-ACME", Name: "CE ACME"} }

// subscribed is contract CTR-1 of November 2026, with a limit and the mandate.
func subscribed(t tester, limit int64, through string) *contract.Contract {
	c := contract.NewContract("CTR-1")
	s := contract.Subscribe{
		At: at(-1, 0), Currency: money.EUR, Zone: "Europe/Paris", ValidFrom: civil.MustParseDate("2026-11-01"),
		Terms: contract.Terms{Customer: customer(), Limit: eur(limit), BillingDay: contract.LastDay, Mandate: mandateID},
	}
	if through != "" {
		s.ValidThrough = civil.MustParseDate(through)
	}
	decided, err := s.Decide(c)
	decide(t, decided, err, c.Apply)
	return c
}

// Whatever becomes of a contract, and in whatever order its updates arrive, once the newest is there the account asks what the contract
// itself says, at every instant (B6).
func TestAccountFollowsTheContract(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := subscribed(t, 100_00, rapid.SampledFrom([]string{"", "2026-11-20", "2026-12-31"}).Draw(t, "through"))
		views := []contract.View{c.View()}
		when := at(-1, 0)
		for range rapid.IntRange(1, 15).Draw(t, "changes") {
			when = when.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "hours")) * time.Hour)
			from := time.Time{}
			if rapid.Bool().Draw(t, "dated") {
				from = when.Add(time.Duration(rapid.IntRange(-100, 200).Draw(t, "from")) * time.Hour)
			}
			order := contract.Order{At: when, EffectiveFrom: from}
			commands := []contract.Command{
				contract.Activate(order), contract.Suspend(order), contract.Resume(order), contract.Activate(order),
				contract.Amend{At: when, EffectiveFrom: from, Set: contract.Patch{Limit: eur(rapid.Int64Range(1, 500_00).Draw(t, "limit"))}},
				contract.Amend{At: when, EffectiveFrom: from, Set: contract.Patch{NoMandate: true}},
				contract.Withdraw{At: when, Change: rapid.Uint64Range(1, 10).Draw(t, "change")}, contract.Cancel(order),
			}
			before := c.Revision()
			decided, err := commands[max(0, rapid.IntRange(-1, len(commands)-1).Draw(t, "command"))].Decide(c)
			if decide(t, decided, err, c.Apply); c.Revision() > before {
				views = append(views, c.View())
			}
		}
		a := billing.NewAccount("CTR-1")
		do(t, a, billing.TakeMandate{View: mandateView(1, contract.MandateActive)})
		for _, v := range append(rapid.SliceOfN(rapid.SampledFrom(views), 0, 20).Draw(t, "arriving"), rapid.Permutation(views).Draw(t, "all")...) {
			do(t, a, billing.TakeContract{View: v})
		}
		if missing := a.Missing(); len(missing) > 0 {
			t.Fatalf("missing %v, though all have arrived", missing)
		}
		for hour := range 24 * 65 {
			probe := at(-3, hour)
			d, err := a.Eligibility(probe)
			if err != nil {
				t.Fatal(err)
			}
			s := c.At(probe)
			want := map[contract.Status]billing.Reason{
				contract.Draft: billing.ContractNotStarted, contract.Suspended: billing.ContractSuspended,
				contract.Cancelled: billing.ContractCancelled, contract.Expired: billing.ContractExpired,
			}[s.Status]
			if got := d.Reasons(); (want != "") != (len(got) > 0 && got[0] == want) ||
				slices.Contains(got, billing.MandateMissing) != (s.Terms.Mandate == "") || d.Available != s.Terms.Limit {
				t.Fatalf("at %s: got %v, available %v; the contract says %+v", probe, got, d.Available, s)
			}
		}
	})
}

// A mandate by which nothing is collected for 36 months lets no purchase through; one collection, and it does.
func TestDormantMandate(t *testing.T) {
	m := contract.NewMandate(mandateID)
	run := func(decided []event.Data, err error) { t.Helper(); decide(t, decided, err, m.Apply) }
	run(contract.CreateMandate{At: at(-3, 0), MandateTerms: contract.MandateTerms{
		Contract: "CTR-1", Scheme: contract.Core, Kind: contract.Recurrent, Zone: "Europe/Paris", Reference: "RUM-1",
		Creditor: "FR83ZZZ459654", CreditorName: "Agence", Debtor: "ACME", IBAN: "FR1420041010050500013M02606",
	}}.Decide(m))
	run(contract.SignMandate{At: at(-2, 0), SignedOn: civil.MustParseDate("2026-10-29")}.Decide(m))
	run(contract.ActivateMandate{At: at(-2, 0)}.Decide(m))
	a := billing.NewAccount("CTR-1")
	do(t, a, billing.TakeContract{View: active(1, 100_00)})
	do(t, a, billing.TakeMandate{View: m.View()})
	last := time.Date(2029, 10, 29, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		at   time.Time
		want []billing.Reason
	}{{last, []billing.Reason{}}, {last.Add(12 * time.Hour), []billing.Reason{billing.MandateDormant}}} {
		if d, err := a.Eligibility(row.at); err != nil || !slices.Equal(d.Reasons(), row.want) {
			t.Errorf("%s: got %v, %v, want %v", row.at, d.Reasons(), err, row.want)
		}
	}
	run(contract.RecordCollection{At: at(28, 0), On: civil.MustParseDate("2026-11-27")}.Decide(m))
	do(t, a, billing.TakeMandate{View: m.View()})
	if d, err := a.Eligibility(last.Add(12 * time.Hour)); err != nil || !d.Accepted {
		t.Errorf("after a collection: got %v, %v", d.Reasons(), err)
	}
}
