package backtest_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/money"
	"pgregory.net/rapid"
)

// property checks a law: thirty times as often when the campaigns are to be long ones.
func property(t *testing.T, law func(*rapid.T)) {
	t.Helper()
	n := 1
	if os.Getenv("PAYRULES_LONG") == "1" {
		n = 30
	}
	for range n {
		rapid.Check(t, law)
	}
}

var monday = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

func eur(minor int64) money.Amount { return money.New(minor, money.EUR) }

func hours(n int) time.Time { return monday.Add(time.Duration(n) * time.Hour) }

func spend(id string, hour int, minor int64) cap.Spend {
	return cap.Spend{ID: id, At: hours(hour), Amount: eur(minor)}
}

func pay(account, id string, hour int, minor int64) backtest.Attempt {
	return backtest.Attempt{Account: account, Spend: spend(id, hour, minor)}
}

func policy(lateness time.Duration, limits ...cap.Limit) *cap.Policy {
	return cap.MustPolicy(money.EUR, limits, &cap.PolicyOptions{Lateness: lateness})
}

var berlin = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return loc
}()

// policies are of every sort: each kind of window, scopes, counting tables, overrides, and lateness of an hour to a week.
var policies = func() []*cap.Policy {
	amount := func(name string, minor int64, w cap.Window) cap.Limit {
		return cap.Limit{Name: name, Max: eur(minor), Window: w}
	}
	counted := cap.Limit{Name: "few", MaxCount: 3, Window: cap.RollingDays(2, berlin)}
	scoped := amount("far", 120, cap.Rolling(48*time.Hour))
	scoped.Scope = cap.Scope{Include: cap.Filter{Countries: []cap.Country{"FR"}}}
	cleared := amount("cleared", 300, cap.Rolling(30*time.Hour))
	cleared.Counting = cap.Counting{Authorize: cap.Ignored, Capture: cap.Now, Refund: cap.Now}
	raised := amount("raised", 150, cap.Calendar(cap.Day, berlin))
	raised.Overrides = []cap.Override{{From: hours(30), Until: hours(60), Max: eur(400)}}
	both := amount("both", 250, cap.Rolling(20*time.Hour))
	both.MaxCount = 4
	both.Counting.Refund = cap.Now
	tried := amount("tried", 900, cap.Rolling(30*time.Hour))
	tried.MaxCount = 5
	tried.Counting.Refusal = cap.Now
	foreign := cap.Limit{Name: "foreign", MaxCount: 2, Window: cap.Calendar(cap.Day, berlin), Scope: scoped.Scope, Counting: tried.Counting}
	return []*cap.Policy{
		policy(day, amount("day", 200, cap.Rolling(day))),
		policy(7*day, amount("day", 150, cap.Rolling(day)), amount("week", 500, cap.Rolling(7*day))),
		policy(time.Hour, both, counted),
		policy(day, amount("each", 90, cap.PerTransaction()), raised, scoped),
		policy(3*day, cleared, amount("first", 260, cap.OpenedByFirstUse(day))),
		policy(day, amount("ever", 900, cap.Lifetime()), amount("month", 700, cap.RollingMonths(1, berlin))),
		policy(day, tried, amount("day", 200, cap.Rolling(day)), foreign),
	}
}()

// anyPolicy draws one of policies.
func anyPolicy(t *rapid.T, label string) *cap.Policy {
	return rapid.SampledFrom(policies).Draw(t, label)
}

// anyHistory draws attempts of some accounts: of every command, mostly in the order of time, with late ones, repetitions,
// ids used twice, and what refers to spends that are not there. In order, time passes more quickly, nothing is dated
// before what came earlier, and nothing refers to spends of long ago.
func anyHistory(t *rapid.T, most, accounts int, inOrder bool) []backtest.Attempt {
	var out []backtest.Attempt
	type known struct {
		account string
		spend   cap.Spend
	}
	var spends []known
	clock := 0
	for i := range rapid.IntRange(1, most).Draw(t, "attempts") {
		account := fmt.Sprint("account ", rapid.IntRange(1, accounts).Draw(t, "account"))
		steps := []int{0, 0, 1, 1, 3, 9, 30}
		if inOrder {
			steps = []int{0, 1, 9, 30, 60}
		}
		clock += rapid.SampledFrom(steps).Draw(t, "passed")
		hour := clock
		if inOrder {
			spends = spends[max(0, len(spends)-2):]
		} else {
			hour += rapid.SampledFrom([]int{0, 0, 0, 0, -1, -2, -7, -26, -100, 5}).Draw(t, "late")
		}
		s := spend(fmt.Sprint("id ", i), hour, rapid.Int64Range(1, 120).Draw(t, "minor"))
		if rapid.IntRange(0, 3).Draw(t, "place") == 0 {
			s.Merchant = &cap.Merchant{Country: rapid.SampledFrom([]cap.Country{"FR", "DE"}).Draw(t, "country")}
		}
		if rapid.IntRange(0, 5).Draw(t, "hold") == 0 {
			s.Expires = s.At.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "holds")) * time.Hour)
		}
		a := backtest.Attempt{Account: account, Spend: s}
		of := known{account, s}
		if len(spends) > 0 {
			of = rapid.SampledFrom(spends).Draw(t, "of")
		}
		change := cap.Change{ID: of.spend.ID, At: of.spend.At, Amount: s.Amount}
		if of.spend.At.Before(s.At) && rapid.Bool().Draw(t, "on") {
			change.On = s.At
		}
		switch rapid.IntRange(0, 11).Draw(t, "command") {
		case 0:
			a.Spend.Expires = time.Time{}
			a.Command, a.Spend = cap.ForcePost(a.Spend), cap.Spend{}
		case 1:
			a = backtest.Attempt{Account: of.account, Command: cap.Adjust(change)}
		case 2:
			a = backtest.Attempt{Account: of.account, Command: cap.Capture(change)}
		case 3:
			a = backtest.Attempt{Account: of.account, Command: cap.Reverse{ID: change.ID, At: change.At}}
		case 4:
			r := cap.Refund{ID: s.ID, At: s.At, Amount: s.Amount}
			if !of.spend.At.After(s.At) {
				r.Of = &cap.Ref{ID: change.ID, At: change.At}
				account = of.account
			}
			a = backtest.Attempt{Account: account, Command: r}
		case 5:
			a = backtest.Attempt{Account: of.account, Spend: of.spend} // once more
		case 6:
			a = backtest.Attempt{Account: account, Command: cap.Authorize(s)}
		default:
			spends = append(spends, known{account, s})
		}
		out = append(out, a)
	}
	return out
}

// answer decides an attempt the long way: by the command, its events and its result. It is how the models of the tests decide.
func answer(t rapid.TB, m *cap.Meter, a backtest.Attempt) (cap.Decision, []event.Data) {
	t.Helper()
	var c backtest.Command = cap.Authorize(a.Spend)
	if a.Command != nil {
		c = a.Command
	}
	decided, err := c.Decide(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range decided {
		if err := m.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	return c.Result(decided), decided
}

// stream makes attempts the stream of a run.
func stream(attempts ...backtest.Attempt) func(func(backtest.Attempt, error) bool) {
	return backtest.Stream(slices.Values(attempts))
}
