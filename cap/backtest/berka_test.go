package backtest_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"github.com/payrules/payrules/money"
)

const day = 24 * time.Hour

func czk(units int64) money.Amount { return money.New(units*100, money.CZK) }

func rolling(name string, d time.Duration, max money.Amount) cap.Limit {
	return cap.Limit{Name: name, Max: max, Window: cap.Rolling(d)}
}

// berkaPolicies are three policies for the withdrawals of the Berka data set: the one of its README, a stricter one, and
// one with two limits, of which one counts.
func berkaPolicies() []backtest.Candidate {
	policy := func(limits ...cap.Limit) *cap.Policy { return cap.MustPolicy(money.CZK, limits, nil) }
	counted := rolling("30d", 30*day, czk(60_000))
	counted.MaxCount = 12
	return []backtest.Candidate{
		{Name: "as it was", Policy: policy(rolling("7d", 7*day, czk(20_000)))},
		{Name: "stricter", Policy: policy(rolling("7d", 7*day, czk(10_000)))},
		{Name: "by day and month", Policy: policy(rolling("1d", day, czk(15_000)), counted)},
	}
}

// berka returns the withdrawals of the Berka data set, in the order of the file.
func berka(tb testing.TB) []backtest.Attempt {
	dir := os.Getenv("PAYRULES_DATA")
	if dir == "" {
		if os.Getenv("CI") == "true" {
			tb.Fatal("PAYRULES_DATA does not say where the data is")
		}
		tb.Skip("PAYRULES_DATA does not say where the data is")
	}
	f, err := os.Open(filepath.Join(dir, "berka", "trans-1993.csv"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var out []backtest.Attempt
	for lines := bufio.NewScanner(f); lines.Scan(); {
		c := strings.Split(strings.ReplaceAll(lines.Text(), `"`, ""), ";")
		if c[4] != "VYBER" && c[4] != "VYBER KARTOU" {
			continue
		}
		at, err := time.Parse("060102", c[2])
		amount, err2 := money.ParseAmount(c[5], money.CZK)
		if err != nil || err2 != nil {
			tb.Fatal(lines.Text(), err, err2)
		}
		out = append(out, backtest.Attempt{Account: c[1], Spend: cap.Spend{ID: c[0], At: at, Amount: amount}})
	}
	if len(out) != 9762 {
		tb.Fatalf("%d withdrawals, want 9762", len(out))
	}
	return out
}

// Three policies at once over the Berka data set, and what the meters alone cost in the same run: one map of accounts, and
// Meter.Allow.
func BenchmarkRun(b *testing.B) {
	attempts := berka(b)
	for _, n := range []int{1, 3} {
		candidates := berkaPolicies()[:n]
		b.Run(fmt.Sprintf("data=berka/policies=%d/how=backtest", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := backtest.Run(context.Background(), backtest.Stream(slices.Values(attempts)), candidates, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(attempts))/b.Elapsed().Seconds(), "events/s")
		})
		b.Run(fmt.Sprintf("data=berka/policies=%d/how=meters", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				meters := map[string][]*cap.Meter{}
				for i := range attempts {
					a := &attempts[i]
					own, ok := meters[a.Account]
					if !ok {
						for _, c := range candidates {
							own = append(own, cap.NewMeter(c.Policy))
						}
						meters[a.Account] = own
					}
					for _, m := range own {
						if _, _, err := m.Allow(a.Spend); err != nil {
							b.Fatal(err)
						}
					}
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(attempts))/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// The Berka data set under three policies at once. The first accepts what its README says.
func TestBerka(t *testing.T) {
	attempts := berka(t)
	report, err := backtest.Run(context.Background(), backtest.Stream(slices.Values(attempts)), berkaPolicies(), nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := report.Candidates[0].Command("authorize")
	if got, want := asked.Accepted.String(), "8,436 for 36,402,106.60 CZK"; got != want {
		t.Errorf("accepted %s, want %s", got, want)
	}
	if got, want := asked.Refused.String(), "1,326 for 37,304,774.00 CZK"; got != want {
		t.Errorf("refused %s, want %s", got, want)
	}
	for i, c := range berkaPolicies() {
		accepted, refused, most := single(t, c.Policy, attempts)
		got := report.Candidates[i].Command("authorize")
		if got.Accepted.String() != accepted || got.Refused.String() != refused {
			t.Errorf("%s: accepted %s, refused %s; alone %s, %s", c.Name, got.Accepted, got.Refused, accepted, refused)
		}
		if got := report.Candidates[i].Limits[0].Most.Used; got != most {
			t.Errorf("%s: at most %s used, alone %s", c.Name, got, most)
		}
	}
	again, err := backtest.Run(context.Background(), backtest.Stream(slices.Values(attempts)), berkaPolicies(), &backtest.Options{MaxAccounts: 800})
	if err != nil {
		t.Fatal(err)
	}
	if again.LetGo == 0 {
		t.Error("no account was let go")
	}
	again.LetGo, again.Accounts = report.LetGo, report.Accounts
	if again.String() != report.String() {
		t.Errorf("with 800 accounts at a time:\n%s\nwant:\n%s", again, report)
	}
}

// single is what one policy decides, told by plain meters: accepted, refused, and the most that the first limit had in use.
func single(t *testing.T, p *cap.Policy, attempts []backtest.Attempt) (accepted, refused string, most money.Amount) {
	meters := map[string]*cap.Meter{}
	sums := map[bool][]money.Amount{}
	most = money.New(0, p.Currency())
	for _, a := range attempts {
		m, ok := meters[a.Account]
		if !ok {
			m = cap.NewMeter(p)
			meters[a.Account] = m
		}
		d, err := m.Authorize(a.Spend)
		if err != nil {
			t.Fatal(err)
		}
		sums[d.Approved()] = append(sums[d.Approved()], a.Spend.Amount)
		if used := d.Limit(0).Used; used.Minor() > most.Minor() {
			most = used
		}
	}
	tell := func(which bool) string {
		sum, err := money.Sum(p.Currency(), sums[which]...)
		if err != nil {
			t.Fatal(err)
		}
		comma := func(s string) string { // 36402106.60 is 36,402,106.60
			for i := strings.IndexAny(s+".", ".") - 3; i > 0; i -= 3 {
				s = s[:i] + "," + s[i:]
			}
			return s
		}
		return fmt.Sprintf("%s for %s %s", comma(fmt.Sprint(len(sums[which]))), comma(sum.Number()), sum.Currency())
	}
	return tell(true), tell(false), most
}
