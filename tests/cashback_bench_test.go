package tests

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/cashback/desk"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage/pebble"
)

// partner is a resolver that has one partner.
type partner struct{}

func (partner) Merchant(context.Context, string) (cashback.Merchant, bool, error) {
	return cashback.Merchant{ID: "shoes"}, true, nil
}

// BenchmarkCashbackDurable is one durable reward of a purchase at a partner through the desk over pebble: of many customers in turn, and of
// one, whose purchases come one after the other. All draw on one campaign's budget; budget=none is the same without one. Compare runs
// of one length, as -benchtime 20000x.
func BenchmarkCashbackDurable(b *testing.B) {
	for _, customers := range []int{10_000, 1} {
		for _, n := range []int{1, 64} {
			b.Run(fmt.Sprintf("customers=%d/callers=%d", customers, n), func(b *testing.B) { benchCashback(b, customers, n, "campaign") })
		}
	}
	b.Run("customers=10000/callers=64/budget=none", func(b *testing.B) { benchCashback(b, 10_000, 64, "") })
}

func benchCashback(b *testing.B, customers, n int, budget string) {
	j, err := pebble.Open(b.TempDir(), &pebble.Options{MemTableBytes: benchMemory})
	if err != nil {
		b.Fatal(err)
	}
	e, err := engine.New(j, nil)
	if err != nil {
		b.Fatal(err)
	}
	d, err := openDesk(e, budget)
	if err != nil {
		b.Fatal(err)
	}
	callers(b, n, func(i int) error {
		// A run that is longer than what is remembered of its customers goes on with others.
		customer := fmt.Sprintf("customer-%d/%d", i%customers, i/(customers*cashback.MaxKept))
		at := benchEpoch.Add(time.Duration(i) * time.Millisecond)
		got, err := d.Earn(context.Background(), customer, desk.Payment{Terminal: "0042", Purchase: cashback.Purchase{
			ID: payment(i), At: at, Amount: money.New(59_90, money.EUR), Merchant: cashback.Merchant{MCC: 5661, Country: "FR"},
		}}, at)
		if err == nil && (!got.Done || got.Amount.Minor() != 6_29) {
			err = fmt.Errorf("got %+v", got)
		}
		return err
	})
	if err := e.Close(context.Background()); err != nil {
		b.Error(err)
	}
	if err := j.Close(); err != nil {
		b.Error(err)
	}
}

// openDesk opens a desk whose program gives half a percent of everything and a tenth at a partner, from a budget if it is named.
func openDesk(e *engine.Engine, budget string) (*desk.Desk, error) {
	bank := []cashback.Funder{{ID: cashback.Bank, Share: money.MustParseRate("1")}}
	s := cashback.Spec{
		ID: "bench", Version: 1, Currency: money.EUR, Zone: "Europe/Paris", Rounding: money.HalfAwayFromZero,
		Groups: []cashback.Group{{ID: "all", Mode: cashback.Stack}},
		Rules: []cashback.Rule{
			{ID: "everything", Group: "all", Terms: cashback.Terms{Rate: money.MustParseRate("0.005")}, Funding: bank},
			{
				ID: "tenth", Group: "all", Budget: budget, Include: cashback.Filter{Merchants: []string{"shoes"}},
				Terms: cashback.Terms{Rate: money.MustParseRate("0.1")}, Funding: bank,
			},
		},
		Confirmation: cashback.Confirmation{By: cashback.ByDelay, Days: 30}, PayoutThreshold: money.New(0, money.EUR),
		Clawback: cashback.Clawback{Method: cashback.Recompute, Balance: cashback.WithinBalance}, LateDays: 30, RefundDays: 180,
	}
	if budget != "" {
		s.Budgets = []cashback.Budget{{ID: budget, Total: money.New(1<<50, money.EUR)}}
	}
	program, err := cashback.NewProgram(s)
	if err != nil {
		return nil, err
	}
	rewards, err := engine.NewRepository(e, desk.RewardsKind(), nil)
	if err != nil {
		return nil, err
	}
	budgets, err := engine.NewRepository(e, desk.BudgetKind(), nil)
	if err != nil {
		return nil, err
	}
	d, err := desk.New(e, rewards, budgets, &desk.Options{
		Program:  func(context.Context, string, time.Time) (*cashback.Program, error) { return program, nil },
		Resolver: partner{}, MaxAhead: -1,
	})
	if err != nil {
		return nil, err
	}
	return d, d.Publish(context.Background(), program, benchEpoch)
}
