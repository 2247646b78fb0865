package desk_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/cashback/desk"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"github.com/payrules/payrules/storage"
)

func eur(minor int64) money.Amount { return money.New(minor, money.EUR) }

// day is nine o'clock of a day of 2026, in UTC.
func day(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 9, 0, 0, 0, time.UTC)
}

var byBank = []cashback.Funder{{ID: cashback.Bank, Share: money.MustParseRate("1")}}

// partners is a program: half a percent of everything, and a tenth at the partners in their campaign, as long as its budget of 100.00 lasts.
func partners(change func(*cashback.Spec)) *cashback.Program {
	s := cashback.Spec{
		ID: "partners", Version: 1, Currency: money.EUR, Zone: "Europe/Paris", Rounding: money.HalfAwayFromZero,
		Groups: []cashback.Group{{ID: "base", Mode: cashback.Stack}, {ID: "campaigns", Mode: cashback.BestForCustomer}},
		Rules: []cashback.Rule{
			{ID: "everything", Group: "base", Terms: cashback.Terms{Rate: money.MustParseRate("0.005")}, Funding: byBank},
			{
				ID: "tenth", Group: "campaigns", Budget: "campaign", Include: cashback.Filter{Groups: []string{"partners"}},
				Terms: cashback.Terms{Rate: money.MustParseRate("0.1")}, Funding: byBank,
			},
		},
		Budgets:         []cashback.Budget{{ID: "campaign", Total: eur(100_00)}},
		Confirmation:    cashback.Confirmation{By: cashback.ByDelay, Days: 30},
		PayoutThreshold: eur(0),
		Clawback:        cashback.Clawback{Method: cashback.Recompute, Balance: cashback.Unlimited},
		LateDays:        30, RefundDays: 180,
	}
	if change != nil {
		change(&s)
	}
	p, err := cashback.NewProgram(s)
	if err != nil {
		panic(err)
	}
	return p
}

var errDown = errors.New("the shops' service is down")

// world is what a desk asks: which shops there are, and the program in force.
type world struct {
	mu        sync.Mutex
	down      bool
	shops     map[string]cashback.Merchant // by terminal
	program   *cashback.Program
	customers map[string]string // by purchase
	asked     int               // of shops
}

func newWorld() *world {
	return &world{
		program: partners(nil), customers: map[string]string{},
		shops: map[string]cashback.Merchant{
			"T1": {ID: "shoes", Groups: []string{"partners"}, MCC: 5661},
			"T2": {ID: "books", Groups: []string{"partners"}},
		},
	}
}

func (w *world) Merchant(_ context.Context, terminal string) (cashback.Merchant, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if w.down {
		return cashback.Merchant{}, false, errDown
	}
	m, partner := w.shops[terminal]
	return m, partner, nil
}

func (w *world) set(change func(*world)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

// house is a desk over a journal.
type house struct {
	*desk.Desk
	t       testing.TB
	w       *world
	journal storage.Journal
	rewards *engine.Repository[*cashback.Rewards]
	budgets *engine.Repository[*cashback.BudgetAccount]
}

func open(t testing.TB, j storage.Journal, w *world) *house {
	t.Helper()
	e, err := engine.New(j, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	h := &house{t: t, w: w, journal: j}
	if h.rewards, err = engine.NewRepository(e, desk.RewardsKind(), nil); err != nil {
		t.Fatal(err)
	}
	if h.budgets, err = engine.NewRepository(e, desk.BudgetKind(), nil); err != nil {
		t.Fatal(err)
	}
	h.Desk, err = desk.New(e, h.rewards, h.budgets, &desk.Options{
		Resolver: w, MaxAhead: -1,
		Program: func(context.Context, string, time.Time) (*cashback.Program, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.program, nil
		},
		Rate: func(_ context.Context, from, _ money.Currency, _ time.Time) (money.Rate, error) {
			switch from {
			case money.USD:
				return money.MustParseRate("0.9"), nil
			case money.JPY:
				return money.Rate{}, nil
			}
			return money.Rate{}, errDown
		},
		CustomerOf: func(_ context.Context, purchase string) (string, bool, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.down {
				return "", false, errDown
			}
			c, found := w.customers[purchase]
			return c, found, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// publish opens the budgets of the program in force.
func (h *house) publish() *house {
	h.t.Helper()
	if err := h.Publish(context.Background(), h.w.program, day(1, 1)); err != nil {
		h.t.Fatal(err)
	}
	return h
}

// at is a payment in shoes' shop.
func payment(id string, minor int64, at time.Time) desk.Payment {
	return desk.Payment{Terminal: "T1", Purchase: cashback.Purchase{
		ID: id, At: at, Amount: eur(minor), Merchant: cashback.Merchant{Country: "FR"},
	}}
}

// earn lets a customer buy, and knows whose the purchase is.
func (h *house) earn(customer string, p desk.Payment, want int64) cashback.Decision {
	h.t.Helper()
	h.w.set(func(w *world) { w.customers[p.Purchase.ID] = customer })
	d, err := h.Earn(context.Background(), customer, p, p.Purchase.At)
	if err != nil || !d.Done || d.Amount != eur(want) {
		h.t.Fatalf("%s: got %+v, %v, want %s", p.Purchase.ID, d, err, eur(want))
	}
	return d
}

// balance is what a customer has at an instant.
func (h *house) balance(customer string, at time.Time) (b cashback.Balance) {
	h.t.Helper()
	err := engine.ViewLatest(context.Background(), h.rewards, customer, func(r *cashback.Rewards) error {
		then, err := r.At(at)
		if err == nil {
			b = then.Balance()
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

// used is what the campaign has given.
func (h *house) used() (used money.Amount) {
	h.t.Helper()
	err := engine.ViewLatest(context.Background(), h.budgets, desk.BudgetID("partners", "campaign"), func(b *cashback.BudgetAccount) error {
		_, used = b.Total()
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return used
}

func (h *house) wantUsed(minor int64) {
	h.t.Helper()
	if got := h.used(); got != eur(minor) {
		h.t.Errorf("the campaign has given %s, want %s", got, eur(minor))
	}
}

func head(t testing.TB, j storage.Journal) event.Position {
	t.Helper()
	n, err := j.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// given is what purchases have drawn on the campaign by what is on record for customers, to hold against the budget's own account.
func given(t testing.TB, j storage.Journal) (sum int64) {
	t.Helper()
	codec := cashback.Codec()
	for r, err := range j.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if kind, _ := event.SplitStream(r.Stream); kind != "rewards" {
			continue
		}
		d, err := codec.Decode(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		drawn, err := cashback.Drawn([]event.Data{d})
		if err != nil {
			t.Fatal(err)
		}
		sum += drawn["campaign"].Minor()
	}
	return sum
}

func refund(id, purchase string, minor int64, at time.Time) cashback.Refund {
	r := cashback.Refund{At: at, ID: id, Purchase: purchase}
	if minor > 0 {
		r.Amount = eur(minor)
	}
	return r
}

// id is one of many names.
func id(name string, n int) string { return fmt.Sprintf("%s-%d", name, n) }
