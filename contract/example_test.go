package contract_test

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

// A contract by hand: decide, keep the event, apply it. What comes into force next month is known today.
func Example() {
	c := contract.NewContract("k-1")
	do := func(command contract.Command) contract.Decision {
		decided, err := command.Decide(c)
		if err != nil {
			panic(err) // malformed: nothing was decided
		}
		for _, e := range decided { // a bank writes them down first
			if err := c.Apply(e); err != nil {
				panic(err)
			}
		}
		return command.Result(decided)
	}
	noon := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 12, 0, 0, 0, time.UTC) }

	do(contract.Subscribe{
		At: noon(1, 5), Currency: money.EUR, Zone: "Europe/Paris", ValidFrom: civil.MustParseDate("2026-01-01"),
		Terms: contract.Terms{
			Customer: party.Party{Reference: "c-17", Name: "Agence Horizon"}, Limit: money.MustParseAmount("3000.00", money.EUR),
			ValidThrough: civil.MustParseDate("2026-12-31"), BillingDay: contract.LastDay,
		},
	})
	do(contract.Activate{At: noon(1, 6)})
	do(contract.Amend{
		At: noon(3, 10), EffectiveFrom: noon(4, 1), Set: contract.Patch{Limit: money.MustParseAmount("5000.00", money.EUR)},
	})
	do(contract.Suspend{At: noon(6, 5), EffectiveFrom: noon(6, 1), Why: "two invoices unpaid"})
	d := do(contract.Suspend{At: noon(6, 8)})
	fmt.Println("again:", d.Reason)

	v := c.View()
	for _, p := range v.Phases {
		fmt.Printf("%-20s  %-9s  %s\n", p.From.Format(time.RFC3339), p.Status, p.Limit)
	}
	fmt.Println("in May:", v.At(noon(5, 1)).Status)
	// Output:
	// again: already_suspended
	// 0001-01-01T00:00:00Z  draft      3000.00 EUR
	// 2026-01-06T12:00:00Z  active     3000.00 EUR
	// 2026-04-01T12:00:00Z  active     5000.00 EUR
	// 2026-06-01T12:00:00Z  suspended  5000.00 EUR
	// 2026-12-31T23:00:00Z  expired    5000.00 EUR
	// in May: active
}

// What is scheduled is taken back before it comes into force, and stays on record.
func ExampleWithdraw() {
	c := contract.NewContract("k-1")
	run(c, subscription())
	run(c, contract.Activate{At: at("2026-01-02")})
	noon := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 12, 0, 0, 0, time.UTC) }
	run(c, contract.Suspend{At: noon(3, 1), EffectiveFrom: noon(4, 1)})
	fmt.Println(run(c, contract.Resume{At: noon(3, 2)}).Reason)
	fmt.Println(run(c, contract.Withdraw{At: noon(3, 3), Change: 3}).Revision)
	for _, change := range c.Changes() {
		fmt.Println(change.Revision, change.Event.EventType(), change.Counts())
	}
	// Output:
	// not_suspended
	// 4
	// 2 contract.activated.v1 true
	// 3 contract.suspended.v1 false
}

// A B2B mandate waits for the debtor's bank, and expires 36 months after the last collection.
func ExampleMandate() {
	m := contract.NewMandate(contract.MandateID("FR83ZZZ459654", "RUM-17"))
	noon := func(day int) time.Time { return time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC) }
	for _, command := range []contract.MandateCommand{
		contract.CreateMandate{At: noon(5), MandateTerms: contract.MandateTerms{
			Scheme: contract.B2B, Kind: contract.Recurrent, Reference: "RUM-17", Creditor: "FR83ZZZ459654", CreditorName: "Horizon Voyages",
			Debtor: "Agence Horizon", IBAN: "FR1420041010050500013M02606", Contract: "k-1", Zone: "Europe/Paris",
		}},
		contract.SignMandate{At: noon(6), SignedOn: civil.MustParseDate("2026-01-06")},
		contract.ActivateMandate{At: noon(7)},
		contract.SubmitToBank{At: noon(7)},
		contract.ConfirmByBank{At: noon(9)},
		contract.RecordCollection{At: noon(15), On: civil.MustParseDate("2026-01-15")},
		contract.AmendMandate{At: noon(16), Set: contract.MandatePatch{IBAN: "BE68539007547034"}},
	} {
		if d := run(m, command); !d.Done() {
			fmt.Println(d.Reason)
		}
	}
	v := m.View()
	last := v.Phases[len(v.Phases)-1]
	fmt.Println(v.At(noon(8)).Status, v.At(noon(15)).Status, last.Status, last.From.Format(time.RFC3339))
	fmt.Println("the next collection names the account before:", v.Amendment.IBAN.Masked())
	// Output:
	// bank_must_confirm
	// pending_bank active expired 2029-01-15T23:00:00Z
	// the next collection names the account before: FR**2606
}

// run decides a command and applies it.
func run(a aggregate, command any) contract.Decision {
	d, err := try(a, command)
	if err != nil {
		panic(err)
	}
	return d
}
