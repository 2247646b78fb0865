package desk_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/cashback/desk"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/books"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
	"github.com/payrules/payrules/storage/memory"
)

// payOut is a transaction of a host's own: a payout of rewards, and the transfer that pays it into the customer's account. What tells one
// from another is what it is asked: the payout's id and the customer.
type payOut struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`

	at      time.Time
	rewards engine.Ref[*cashback.Rewards]
	amount  money.Amount // of the transfer
	plan    *books.Plan
}

// Decide pays out, and stages the transfer.
func (p payOut) Decide(tx *engine.Tx) error {
	d, err := engine.Stage(tx, p.rewards, cashback.PayOut{At: p.at, ID: p.ID})
	if err != nil || !d.Done {
		return err // a refusal, such as of nothing to pay, is on record alone
	}
	if d.Amount != p.amount {
		return errMoved
	}
	paid, err := p.plan.Stage(tx)
	if err == nil && !paid.Done() {
		err = fmt.Errorf("the transfer is refused: %s", paid.Reason) // then nothing is paid out either
	}
	return err
}

// Result reads the decision back.
func (p payOut) Result(decided engine.Decided) cashback.Decision {
	return engine.ResultOf(decided, p.rewards, cashback.PayOut{})
}

// errMoved says that something was earned or taken back since the transfer was planned.
var errMoved = errors.New("what is payable has changed")

// bank is a host with rewards and a ledger on one engine.
type bank struct {
	desk    *desk.Desk
	rewards *engine.Repository[*cashback.Rewards]
	books   *books.Books
}

// payOut pays all that is payable to a customer into his account: both, once, or neither.
func (b *bank) payOut(ctx context.Context, customer, id string, at time.Time) (cashback.Decision, error) {
	for {
		amount := money.New(1, money.EUR) // if it was paid before, or there is nothing to pay, it is not asked for
		err := engine.ViewLatest(ctx, b.rewards, customer, func(r *cashback.Rewards) error {
			r, err := r.At(at)
			if err != nil {
				return err
			}
			if net, err := r.Balance().Payable.Sub(r.Balance().Debt); err == nil && net.Sign() > 0 {
				amount = net
			}
			return nil
		})
		if err != nil {
			return cashback.Decision{}, err
		}
		plan, err := b.books.Plan(ctx, ledger.Post{
			ID: "cashback-" + id, At: at, Value: civil.DateOf(at, time.UTC), Legs: ledger.Move("rewards-cost", customer, amount),
		})
		if err != nil {
			return cashback.Decision{}, err
		}
		p := payOut{ID: id, Customer: customer, at: at, rewards: b.rewards.Ref(customer), amount: amount, plan: plan}
		d, err := engine.Atomically(ctx, "payout/"+id, append([]engine.Member{p.rewards}, plan.Refs()...), p)
		if !errors.Is(err, errMoved) && !errors.Is(err, books.ErrStalePlan) {
			return d, err
		}
	}
}

func openBank(j storage.Journal, program *cashback.Program) (*bank, error) {
	e, err := engine.New(j, nil)
	if err != nil {
		return nil, err
	}
	b := &bank{}
	if b.rewards, err = engine.NewRepository(e, desk.RewardsKind(), nil); err != nil {
		return nil, err
	}
	budgets, err := engine.NewRepository(e, desk.BudgetKind(), nil)
	if err != nil {
		return nil, err
	}
	if b.books, err = books.New(e, &books.Options{MaxAhead: -1}); err != nil {
		return nil, err
	}
	b.desk, err = desk.New(e, b.rewards, budgets, &desk.Options{
		Program:  func(context.Context, string, time.Time) (*cashback.Program, error) { return program, nil },
		Resolver: terminals{"0042": {ID: "shoes", Groups: []string{"partners"}}},
		MaxAhead: -1, // the days of the example are no days of the clock
	})
	return b, err
}

// chart are the accounts of the example.
func chart() ledger.Chart {
	return ledger.Chart{Accounts: []ledger.ChartAccount{
		{ID: "rewards-cost", Terms: ledger.Terms{Type: ledger.Expense, Currency: money.EUR, Unconstrained: true}},
		{ID: "anna", Terms: ledger.Terms{Type: ledger.Liability, Currency: money.EUR, Limits: &ledger.Limits{Overdraft: ledger.NoOverdraft}}},
	}}
}

// A customer's rewards are paid into his account of the ledger, in one transaction over both.
func Example_payOut() {
	ctx := context.Background()
	program := partners(nil)
	b, err := openBank(memory.New(nil), program)
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	if err := errors.Join(b.desk.Publish(ctx, program, at), b.books.OpenChart(ctx, chart(), at)); err != nil {
		fmt.Println(err)
		return
	}
	p := desk.Payment{Terminal: "0042", Purchase: cashback.Purchase{ID: "card-981", At: at, Amount: money.New(59_90, money.EUR)}}
	if _, err := b.desk.Earn(ctx, "anna", p, at); err != nil {
		fmt.Println(err)
		return
	}
	early, _ := b.payOut(ctx, "anna", "2026-11", at.AddDate(0, 0, 9))
	fmt.Println("in November:", early.Done, early.Reasons())
	for range 2 { // the second time it is the answer of the first
		paid, err := b.payOut(ctx, "anna", "2026-12", at.AddDate(0, 0, 40))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("in December:", paid.Done, paid.Amount)
	}
	balance, err := b.books.Balance(ctx, "anna", at.AddDate(0, 0, 41))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the account has", balance.Booked)
	// Output:
	// in November: false [nothing_payable]
	// in December: true 6.29 EUR
	// in December: true 6.29 EUR
	// the account has 6.29 EUR
}
