package run_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/billing/run"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/internal/faulty"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
	"github.com/payrules/payrules/storage"
)

// house is an engine over a journal, with accounts and series.
type house struct {
	engine   *engine.Engine
	accounts *engine.Repository[*billing.Account]
	series   *engine.Repository[*billing.Series]
}

func open(t testing.TB, j storage.Journal) *house {
	t.Helper()
	e, err := engine.New(j, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	accounts, err := engine.NewRepository(e, engine.Kind[*billing.Account]{
		Name: "billing", Codec: billing.Codec(), New: billing.NewAccount, Schema: billing.Schema,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	series, err := engine.NewRepository(e, engine.Kind[*billing.Series]{Name: "series", Codec: billing.SeriesCodec(), New: billing.NewSeries}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &house{e, accounts, series}
}

func (h *house) runner(t testing.TB, o *run.Options) *run.Runner {
	t.Helper()
	r, err := run.New(h.engine, "billing", h.accounts, h.series, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// at is an instant of 2026.
func at(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
}

func must[R any](t testing.TB, h *house, id, key string, c engine.Command[*billing.Account, R]) R {
	t.Helper()
	r, err := engine.Do(context.Background(), h.accounts, id, key, c)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return r
}

const limit = 1_000_000_00

// begin lets an account begin: contract and mandate are active from October on.
func begin(t testing.TB, h *house, id string, address party.Address) {
	t.Helper()
	amount := money.New(limit, money.EUR)
	mandate := contract.MandateID("FR83ZZZ459654", party.MandateReference("RUM-"+id))
	must(t, h, id, "contract", billing.TakeContract{View: contract.View{
		Contract: id, Revision: 1, Customer: party.Party{Reference: id, Name: "Customer " + id, Address: address}, Currency: money.EUR,
		Zone: "Europe/Paris", Phases: []contract.Phase{
			{Status: contract.Draft, Limit: amount, BillingDay: contract.LastDay},
			{From: at(10, 1, 0), Status: contract.Active, Limit: amount, Mandate: mandate, BillingDay: contract.LastDay},
		},
	}})
	must(t, h, id, "mandate", billing.TakeMandate{View: mandateOf(id, mandate)})
}

// mandateOf is a mandate that is active from October on.
func mandateOf(id, mandate string) contract.MandateView {
	return contract.MandateView{
		Mandate: mandate, Revision: 1, Scheme: contract.Core, Kind: contract.Recurrent, Reference: party.MandateReference("RUM-" + id),
		Creditor: "FR83ZZZ459654", CreditorName: "Agence", Debtor: "ACME", IBAN: "FR1420041010050500013M02606",
		SignedOn: civil.MustParseDate("2026-09-30"),
		Phases:   []contract.MandatePhase{{Status: contract.MandateDraft}, {From: at(10, 1, 0), Status: contract.MandateActive}},
	}
}

var paris = party.Address{StreetName: "rue du Bac", BuildingNumber: "12", PostCode: "75007", TownName: "Paris", Country: "FR"}

func seller() party.Party {
	return party.Party{Reference: "AGENCE", Name: "Agence de voyages", SIREN: "356000000", VATNumber: "FR39356000000", Address: paris}
}

func november() run.Order {
	return run.Order{
		Month: civil.MustParseDate("2026-11-15"), At: at(12, 1, 6), IssuedOn: civil.MustParseDate("2026-12-01"), Series: "2026",
		Rules: billing.Rules{Seller: seller(), DueDays: 30},
	}
}

func december() run.Order {
	o := november()
	o.Month, o.At, o.IssuedOn = civil.MustParseDate("2026-12-01"), at(12, 31, 23).Add(2*time.Hour), civil.MustParseDate("2026-12-31")
	return o
}

func openSeries(t testing.TB, h *house) {
	t.Helper()
	n, err := engine.Do(context.Background(), h.series, "2026", "open", billing.OpenSeries{At: at(1, 1, 0), Prefix: "F2026-", Year: 2026, Width: 6})
	if err != nil || len(n.Causes) > 0 {
		t.Fatal(n, err)
	}
}

// trip is a purchase of one line.
func trip(id, price string) billing.Operation {
	return billing.Operation{ID: id, Currency: money.EUR, Orders: []billing.Order{{Reference: "A", Items: []billing.Item{{
		Label: "trip", Supply: billing.Services, Quantity: billing.Whole(1), UnitPrice: billing.MustParsePrice(price), VAT: billing.MustVATAt("20"),
	}}}}}
}

// fill lets accounts buy and give back, and adds charges and allowances, in October, November and December. It draws the same of the same seed.
func fill(t testing.TB, h *house, accounts int, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	openSeries(t, h)
	for n := range accounts {
		id := fmt.Sprintf("CTR-%03d", n)
		begin(t, h, id, paris)
		if n%7 == 3 {
			continue // it buys nothing
		}
		when := at(10, 20, 0)
		for i := range 1 + rng.IntN(8) {
			when = when.Add(time.Duration(rng.IntN(10*24)) * time.Hour)
			o := billing.Operation{ID: fmt.Sprint("op-", i), Currency: money.EUR, Orders: []billing.Order{{Reference: "A"}}}
			for range 1 + rng.IntN(3) {
				o.Orders[0].Items = append(o.Orders[0].Items, billing.Item{
					Label: "thing", Supply: billing.Goods, Quantity: billing.Quantity(1 + rng.IntN(4_000_000)),
					UnitPrice: billing.Price(10_000 * (1 + rng.IntN(50_00))),
					VAT:       billing.MustVATAt([]string{"20", "5.5", "10", "0"}[rng.IntN(4)]),
				})
			}
			if d := must(t, h, id, o.ID, billing.Accept{At: when, Operation: o}); !d.Accepted {
				continue
			}
			if rng.IntN(4) > 0 {
				c := billing.AddCharge{At: when, ID: fmt.Sprint("fee-", i), Charge: billing.Charge{
					Why: "fee", Allowance: rng.IntN(3) > 0, Net: money.New(1+rng.Int64N(10_00), money.EUR), VAT: o.Orders[0].Items[0].VAT,
				}}
				if d := must(t, h, id, c.ID, c); !d.Accepted {
					t.Fatal(d.Reasons())
				}
			}
			if rng.IntN(3) == 0 {
				when = when.Add(time.Duration(rng.IntN(20*24)) * time.Hour)
				c := billing.Refund{At: when, ID: fmt.Sprint("back-", i), Of: o.ID}
				if rng.IntN(2) == 0 {
					most := int(o.Orders[0].Items[0].Quantity)
					c.Lines = []billing.RefundLine{{Order: "A", Line: 1, Quantity: 1 + billing.Quantity(rng.IntN(most))}}
				}
				must(t, h, id, c.ID, c)
			}
		}
		if back := at(12, 10, 0); when.Before(back) { // a part of what November's invoice has, with its allowances
			for i := range 8 {
				part := billing.RefundLine{Order: "A", Line: 1, Quantity: 1 + billing.Quantity(rng.IntN(900_000))}
				c := billing.Refund{At: back, ID: fmt.Sprint("late-", i), Of: fmt.Sprint("op-", i), Lines: []billing.RefundLine{part}}
				must(t, h, id, c.ID, c)
			}
		}
	}
}

// invoices are all that a journal has, by number, as they are written.
func invoices(t testing.TB, j storage.Journal) (found map[string]string, amounts int64) {
	t.Helper()
	found, codec := map[string]string{}, billing.Codec()
	for r, err := range j.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Type != (billing.Invoiced{}).EventType() {
			continue
		}
		d, err := codec.Decode(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		v := d.(billing.Invoiced)
		if found[v.Number] != "" {
			t.Errorf("%s was issued twice", v.Number)
		}
		found[v.Number] = r.Stream + " " + string(r.Data)
		sign := int64(1)
		if v.Kind == billing.CreditNote {
			sign = -1
		}
		amounts += sign * v.Totals.Payable.Minor()
	}
	for n := range len(found) {
		if number := fmt.Sprintf("F2026-%06d", n+1); found[number] == "" {
			t.Errorf("there is no %s of %d", number, len(found))
		}
	}
	return found, amounts
}

// bill runs two months to their ends, whatever it takes.
func bill(t testing.TB, j storage.Journal, o *run.Options) {
	t.Helper()
	for _, order := range []run.Order{november(), december()} {
		for {
			_, err := open(t, j).runner(t, o).Bill(t.Context(), order)
			if err == nil {
				break
			}
			if !errors.Is(err, faulty.ErrRefused) && !errors.Is(err, storage.ErrUnknownOutcome) {
				t.Fatal(err)
			}
		}
	}
}
