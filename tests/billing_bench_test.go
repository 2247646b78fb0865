package tests

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/billing"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/contract"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/party"
	"github.com/payrules/payrules/storage/pebble"
)

// benchAccounts is how many accounts buy in turn, where they are many.
const benchAccounts = 1_000

// BenchmarkBillingDurable is one durable accept of a purchase of three items through the engine over pebble: of many accounts in turn,
// and of one, whose purchases come one after the other. No account accepts more than may wait to be billed: a run that is longer
// goes on with the next one.
//
// An account is snapshot now and then with all that it has; snapshots=none is the same without. Compare runs of one length, as
// -benchtime 20000x.
func BenchmarkBillingDurable(b *testing.B) {
	for _, accounts := range []int{benchAccounts, 1} {
		for _, n := range []int{1, 64} {
			b.Run(fmt.Sprintf("accounts=%d/callers=%d", accounts, n), func(b *testing.B) { benchBilling(b, accounts, n, nil) })
		}
	}
	b.Run("accounts=1/callers=64/snapshots=none", func(b *testing.B) {
		benchBilling(b, 1, 64, &engine.RepositoryOptions{SnapshotEvery: -1})
	})
}

func benchBilling(b *testing.B, accounts, n int, o *engine.RepositoryOptions) {
	j, err := pebble.Open(b.TempDir(), &pebble.Options{MemTableBytes: benchMemory})
	if err != nil {
		b.Fatal(err)
	}
	e, err := engine.New(j, nil)
	if err != nil {
		b.Fatal(err)
	}
	repo, err := engine.NewRepository(e, engine.Kind[*billing.Account]{
		Name: "billing", Codec: billing.Codec(), New: billing.NewAccount, Schema: billing.Schema,
	}, o)
	if err != nil {
		b.Fatal(err)
	}
	of := func(i int) string { return fmt.Sprintf("CTR-%d/%d", i%accounts, i/(accounts*billing.MaxUnbilled)) }
	openBilling(b, repo, accounts, of)
	items := make([]billing.Item, 3)
	for i, percent := range []string{"20", "10", "5.5"} {
		items[i] = billing.Item{
			Label: "thing", Supply: billing.Goods, Quantity: billing.Whole(2), UnitPrice: billing.MustParsePrice("12.34"),
			VAT: billing.MustVATAt(percent),
		}
	}
	callers(b, n, func(i int) error {
		c := billing.Accept{At: benchEpoch.Add(time.Duration(i) * time.Millisecond), Operation: billing.Operation{
			ID: payment(i), Currency: money.EUR, Orders: []billing.Order{{Reference: payment(i), Items: items}},
		}}
		d, err := engine.Do(context.Background(), repo, of(i), c.Operation.ID, c)
		if err == nil && !d.Accepted {
			err = fmt.Errorf("refused: %v", d.Reasons())
		}
		return err
	})
	if err := e.Close(context.Background()); err != nil {
		b.Error(err)
	}
	if n == 1 {
		b.ReportMetric(float64(billingBytes(b, j)), "record-bytes")
	}
	if err := j.Close(); err != nil {
		b.Error(err)
	}
}

// openBilling gives every account of a run its contract and its mandate.
func openBilling(b *testing.B, repo *engine.Repository[*billing.Account], accounts int, of func(i int) string) {
	b.Helper()
	var ids []string
	for round := 0; round <= b.N/(accounts*billing.MaxUnbilled); round++ {
		for i := range accounts {
			ids = append(ids, of(round*accounts*billing.MaxUnbilled+i))
		}
	}
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := w; i < len(ids); i += 64 {
				c, m := benchContract(ids[i])
				if got, err := engine.Do(context.Background(), repo, ids[i], c.Key(), c); err != nil || !got.Current {
					b.Error(got, err)
				}
				if got, err := engine.Do(context.Background(), repo, ids[i], m.Key(), m); err != nil || !got.Current {
					b.Error(got, err)
				}
			}
		})
	}
	wg.Wait()
}

// benchContract is a contract that lets everything through, and its mandate.
func benchContract(id string) (billing.TakeContract, billing.TakeMandate) {
	from, mandate := benchEpoch.AddDate(0, 0, -1), "M-"+id
	draft := contract.Phase{Status: contract.Draft, Limit: money.New(1<<50, money.EUR), Mandate: mandate, BillingDay: contract.LastDay}
	active := draft
	active.From, active.Status = from, contract.Active
	return billing.TakeContract{View: contract.View{
			Contract: id, Revision: 1, Customer: party.Party{Reference: id, Name: "Customer"},
			Currency: money.EUR, Zone: "Europe/Paris", Phases: []contract.Phase{draft, active},
		}}, billing.TakeMandate{View: contract.MandateView{
			Mandate: mandate, Revision: 1, Contract: id, Scheme: contract.Core, Kind: contract.Recurrent,
			Reference: "RUM-1", Creditor: "FR83ZZZ459654", CreditorName: "Agence", Debtor: "Customer",
			IBAN: "FR1420041010050500013M02606", SignedOn: civil.MustParseDate("2025-12-01"),
			Phases: []contract.MandatePhase{{Status: contract.MandateDraft}, {From: from, Status: contract.MandateActive}},
		}}
}

// billingBytes is what the record of an accepted purchase takes in the log, as recordBytes has it.
func billingBytes(b *testing.B, j *pebble.Journal) int {
	b.Helper()
	for r, err := range j.All(b.Context(), 0) {
		if err != nil {
			b.Fatal(err)
		}
		if r.Type == (billing.OperationAccepted{}).EventType() {
			return len(r.Data) + len(r.Type) + len(r.Stream) + len(r.Key) + len(r.Digest) + 35
		}
	}
	return 0
}
