package billing_test

import (
	"fmt"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
)

const mandateID = "FR83ZZZ459654/RUM-1"

// at is an instant of November 2026: day and hour.
func at(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }

func eur(minor int64) money.Amount { return money.New(minor, money.EUR) }

// view is an update of contract CTR-1.
func view(revision uint64, phases ...contract.Phase) contract.View {
	for i := range phases {
		phases[i].BillingDay = contract.LastDay
	}
	return contract.View{
		Contract: "CTR-1", Revision: revision, Customer: party.Party{Reference: "CE-ACME", Name: "Comité d'entreprise ACME"},
		Currency: money.EUR, Zone: "Europe/Paris", Phases: phases,
	}
}

func phase(from time.Time, s contract.Status, limit int64, mandate string) contract.Phase {
	return contract.Phase{From: from, Status: s, Limit: eur(limit), Mandate: mandate}
}

// active is a contract from 1 November on, with a limit.
func active(revision uint64, limit int64, later ...contract.Phase) contract.View {
	return view(revision, append([]contract.Phase{
		phase(time.Time{}, contract.Draft, limit, mandateID), phase(at(1, 0), contract.Active, limit, mandateID),
	}, later...)...)
}

// mandateView is an update of the mandate, which has one status from 30 October on.
func mandateView(revision uint64, s contract.MandateStatus) contract.MandateView {
	v := contract.MandateView{
		Mandate: mandateID, Revision: revision, Contract: "CTR-1", Scheme: contract.Core, Kind: contract.Recurrent,
		Reference: "RUM-1", Creditor: "FR83ZZZ459654", CreditorName: "Agence", Debtor: "ACME",
		IBAN: "FR1420041010050500013M02606", Phases: []contract.MandatePhase{{Status: contract.MandateDraft}},
	}
	if s != contract.MandateDraft {
		v.SignedOn = civil.MustParseDate("2026-10-30")
		v.Phases = append(v.Phases, contract.MandatePhase{From: at(-1, 0), Status: s})
	}
	return v
}

// item is one piece of something at a price, taxed at a percentage.
func item(price, percent string) billing.Item {
	return billing.Item{
		Label: "thing", Supply: billing.Goods, Quantity: billing.Whole(1), UnitPrice: billing.MustParsePrice(price),
		VAT: billing.MustVATAt(percent),
	}
}

// operation is a purchase with one order.
func operation(id string, items ...billing.Item) billing.Operation {
	return billing.Operation{ID: id, Currency: money.EUR, Orders: []billing.Order{{Reference: "O-" + id, Items: items}}}
}

// command is one over an account.
type command[R any] interface {
	Decide(*billing.Account) ([]event.Data, error)
	Result([]event.Data) R
}

// tester is a *testing.T, *testing.B or *rapid.T.
type tester interface {
	Helper()
	Fatal(args ...any)
}

// do decides a command and records it, as a host does by hand; what was decided goes through its JSON first.
func do[R any](t tester, a *billing.Account, c command[R]) R {
	t.Helper()
	r, err := try(a, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var codec = billing.Codec()

func try[R any](a *billing.Account, c command[R]) (r R, err error) {
	decided, err := c.Decide(a)
	if err != nil {
		return r, err
	}
	for i, d := range decided {
		e, err := codec.Encode(d)
		if err != nil {
			return r, err
		}
		if decided[i], err = codec.Decode(e); err != nil {
			return r, fmt.Errorf("%s: %w", e.Data, err)
		}
		if err := a.Apply(decided[i]); err != nil {
			return r, err
		}
	}
	return c.Result(decided), nil
}

// account is one whose contract is active with a limit, and whose mandate is too.
func account(t tester, limit int64) *billing.Account {
	t.Helper()
	a := billing.NewAccount("CTR-1")
	do(t, a, billing.TakeContract{View: active(1, limit)})
	do(t, a, billing.TakeMandate{View: mandateView(1, contract.MandateActive)})
	return a
}
