package cashback_test

import (
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cashback"
	"github.com/payrules/payrules/civil"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
)

// What tests of several files are made of. Programs and purchases that are drawn are in spec_draw_test.go (anything that a program may
// have) and evaluate_draw_test.go (a small world, in which purchases often meet rules).

type amounts = map[string]money.Amount

func eur(minor int64) money.Amount { return money.New(minor, money.EUR) }

func rateOf(s string) money.Rate { return money.MustParseRate(s) }

func dateOf(s string) civil.Date { return civil.MustParseDate(s) }

// instant reads an instant of RFC 3339, for what hangs on zones.
func instant(tb testing.TB, s string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

var epoch = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func paris() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return zone
}

// at reads an instant of Paris, as "2026-03-02 13:00".
func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, paris())
	if err != nil {
		panic(err)
	}
	return t
}

// program is a program in euros and in Paris; change says the rest of it.
func program(change func(*cashback.Spec)) cashback.Spec {
	s := cashback.Spec{
		ID: "spring", Version: 1, Currency: money.EUR, Zone: "Europe/Paris", Rounding: money.HalfAwayFromZero,
		Confirmation: cashback.Confirmation{By: cashback.ByDelay, Days: 30}, PayoutThreshold: eur(0),
		Clawback: cashback.Clawback{Method: cashback.Recompute, Balance: cashback.WithinBalance}, LateDays: 30, RefundDays: 90,
	}
	if change != nil {
		change(&s)
	}
	return s
}

func made(tb testing.TB, s cashback.Spec) *cashback.Program {
	tb.Helper()
	p, err := cashback.NewProgram(s)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// giving is a rule of group g that gives a rate of any purchase, paid for by the bank.
func giving(id, rate string, change func(*cashback.Rule)) cashback.Rule {
	r := cashback.Rule{ID: id, Group: "g", Terms: cashback.Terms{Rate: rateOf(rate)}, Funding: fundedBy("0", "1")}
	if change != nil {
		change(&r)
	}
	return r
}

// fundedBy is what a merchant and the bank pay.
func fundedBy(merchant, bank string) []cashback.Funder {
	var funders []cashback.Funder
	for _, f := range []cashback.Funder{
		{ID: "merchant", Share: rateOf(merchant)}, {ID: cashback.Bank, Share: rateOf(bank)},
	} {
		if f.Share.Sign() > 0 {
			funders = append(funders, f)
		}
	}
	return funders
}

// bank pays all of a rule.
func bank() []cashback.Funder {
	return []cashback.Funder{{ID: cashback.Bank, Share: rateOf("1")}}
}

// bounding is a cap of some rules. What its policy says is not looked at here: the room is given.
func bounding(id string, rules ...string) cashback.Cap {
	return cashback.Cap{ID: id, Rules: rules, Policy: cap.MustPolicy(money.EUR,
		[]cap.Limit{{Name: "month", Max: eur(20_00), Window: cap.Rolling(30 * 24 * time.Hour), Counting: cap.Counting{Refund: cap.Original}}},
		&cap.PolicyOptions{Lateness: 33 * 24 * time.Hour})}
}

// buying is a purchase of shoes.
func buying(minor int64) *cashback.Purchase {
	return &cashback.Purchase{
		ID: "p-1", At: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), Amount: eur(minor), Tier: "gold",
		Merchant: cashback.Merchant{ID: "shoes", Groups: []string{"centre", "partners"}, MCC: 5661, Category: "fashion", Country: "FR"},
	}
}

// buyNow is a purchase of euros that is decided when it is made.
func buyNow(p *cashback.Program, at time.Time, id string, minor int64) cashback.Earn {
	return cashback.Earn{At: at, Program: p, Purchase: cashback.Purchase{ID: id, At: at, Amount: eur(minor)}}
}

// buy is a purchase of euros on one instant of Paris that is decided now, at another.
func buy(p *cashback.Program, id, on, now string, minor int64) cashback.Earn {
	return cashback.Earn{At: at(now), Program: p, Purchase: cashback.Purchase{ID: id, At: at(on), Amount: eur(minor)}}
}

// atOnce confirms and makes payable at once.
func atOnce(s *cashback.Spec) { s.Confirmation.Days = 0 }

// command is a command over rewards.
type command[R any] interface {
	Decide(*cashback.Rewards) ([]event.Data, error)
	Result([]event.Data) R
}

// failer is a test, or a rapid.T.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// do decides and applies, and returns what was decided too.
func do[R any](t failer, r *cashback.Rewards, c command[R]) (R, []event.Data) {
	t.Helper()
	decided, err := c.Decide(r)
	if err != nil {
		t.Fatalf("%T: %v", c, err)
	}
	for _, d := range decided {
		if err := r.Apply(d); err != nil {
			t.Fatal(err)
		}
	}
	return c.Result(decided), decided
}
