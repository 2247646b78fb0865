package backtest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"pgregory.net/rapid"
)

// Law B2: with few accounts at a time, a run finds what it finds with room for all of them, or says that it cannot.
func TestLettingGo(t *testing.T) {
	let, failed := 0, 0
	property(t, func(t *rapid.T) {
		history := anyHistory(t, 150, 30, rapid.IntRange(0, 3).Draw(t, "in order") > 0)
		candidates := []backtest.Candidate{{Policy: anyPolicy(t, "first")}, {Policy: anyPolicy(t, "second")}}
		options := &backtest.Options{
			MaxAccounts: rapid.IntRange(2, 12).Draw(t, "accounts"), Hindsight: rapid.IntRange(0, 3).Draw(t, "hindsight"),
			Late: time.Duration(rapid.SampledFrom([]int{0, 1, 30, 300}).Draw(t, "late")) * time.Hour,
		}
		roomy, err := backtest.Run(context.Background(), stream(history...), candidates, &backtest.Options{Hindsight: options.Hindsight})
		if err != nil {
			t.Fatal(err)
		}
		tight, err := backtest.Run(context.Background(), stream(history...), candidates, options)
		switch {
		case errors.Is(err, backtest.ErrLetGo) || errors.Is(err, backtest.ErrTooManyAccounts):
			failed++
			return
		case err != nil:
			t.Fatal(err)
		}
		if tight.LetGo > 0 {
			let++
		}
		roomy.LetGo, roomy.Accounts = tight.LetGo, tight.Accounts
		if got, want := tight.String(), roomy.String(); got != want {
			t.Fatalf("tight:\n%s\nroomy:\n%s", got, want)
		}
	})
	t.Logf("%d runs let accounts go, %d could not", let, failed)
	if let == 0 {
		t.Error("no run let an account go")
	}
}

// An account that holds something is never let go, and one that holds nothing is: here windows of a day, and one account
// a day, of which two may hold something at once.
func TestLettingGoInTime(t *testing.T) {
	p := policy(time.Hour, cap.Limit{Name: "day", Max: eur(100), Window: cap.Rolling(day)})
	visit := func(every time.Duration, n int) error {
		var all []backtest.Attempt
		for i := range n {
			a := pay(fmt.Sprint(i), "x", 0, 1)
			a.Spend.At = monday.Add(time.Duration(i) * every)
			all = append(all, a)
		}
		r, err := backtest.Run(context.Background(), stream(all...), []backtest.Candidate{{Policy: p}}, &backtest.Options{MaxAccounts: 2})
		if err == nil && (r.LetGo == 0 || r.Accounts != int64(n)) {
			t.Errorf("%d accounts, %d let go", r.Accounts, r.LetGo)
		}
		return err
	}
	if err := visit(13*time.Hour, 50); err != nil {
		t.Error(err)
	}
	if err := visit(8*time.Hour, 50); !errors.Is(err, backtest.ErrTooManyAccounts) {
		t.Errorf("got %v, want ErrTooManyAccounts", err)
	}
	late := []backtest.Attempt{pay("a", "1", 0, 1), pay("b", "2", 1, 1), pay("c", "3", 40, 1), pay("d", "4", 41, 1), pay("a", "5", 2, 1)}
	_, err := backtest.Run(context.Background(), stream(late...), []backtest.Candidate{{Policy: p}}, &backtest.Options{MaxAccounts: 2})
	if !errors.Is(err, backtest.ErrLetGo) || !strings.Contains(err.Error(), "attempt 5") {
		t.Errorf("got %v, want ErrLetGo at attempt 5", err)
	}
}

// both runs the attempts with room for so few accounts that some are let go, and with room for all of them. It returns the
// first report, if there is one, and fails when the two differ in what they found.
func both(t testing.TB, attempts []backtest.Attempt, options *backtest.Options, p ...*cap.Policy) (*backtest.Report, error) {
	t.Helper()
	var candidates []backtest.Candidate
	for _, p := range p {
		candidates = append(candidates, backtest.Candidate{Policy: p})
	}
	roomy, err := backtest.Run(context.Background(), stream(attempts...), candidates, &backtest.Options{Hindsight: options.Hindsight})
	if err != nil {
		t.Fatal(err)
	}
	tight, err := backtest.Run(context.Background(), stream(attempts...), candidates, options)
	if err != nil {
		return nil, err
	}
	let := *tight
	let.LetGo, let.Accounts = roomy.LetGo, roomy.Accounts
	if got, want := let.String(), roomy.String(); got != want {
		t.Errorf("tight:\n%s\nroomy:\n%s", got, want)
	}
	return tight, nil
}

// others are attempts of so many accounts that nobody has seen before, each an hour after the one before.
func others(name string, hour, n int) (out []backtest.Attempt) {
	for i := range n {
		out = append(out, pay(fmt.Sprint(name, i), "x", hour+i, 1))
	}
	return out
}

// An account is let go when the last of its spends has left the windows, and not a microsecond before.
func TestLettingGoAtTheEdge(t *testing.T) {
	p := policy(time.Hour, cap.Limit{Name: "day", Max: eur(100), Window: cap.Rolling(day)})
	for early, want := range map[time.Duration]int64{time.Microsecond: 0, 0: 1} {
		edge := monday.Add(day - early)
		mover := pay("mover", "m", 0, 1)
		mover.Spend.At = edge.Add(time.Hour) // so that what is dated up to edge may still come
		again := pay("a", "2", 0, 100)
		again.Spend.At = edge
		r, err := both(t, []backtest.Attempt{pay("a", "1", 0, 100), mover, pay("full", "f", 25, 1), again}, &backtest.Options{MaxAccounts: 2}, p)
		if err != nil {
			t.Fatal(err)
		}
		if refused := r.Candidates[0].Command("authorize").Refused.Count; r.LetGo != want || refused != 1-want {
			t.Errorf("%s before the edge: %d let go, %d refused", early, r.LetGo, refused)
		}
	}
}

// What is late by no more than Late never fails: by default that is the longest lateness of the policies.
func TestLettingGoOfLateStreams(t *testing.T) {
	var attempts []backtest.Attempt
	for i := range 300 {
		late := i * 7 % 4
		attempts = append(attempts, pay(fmt.Sprint("account ", i), "x", i-late, 1))
	}
	limit := cap.Limit{Name: "hours", Max: eur(100), Window: cap.Rolling(5 * time.Hour)}
	r, err := both(t, attempts, &backtest.Options{MaxAccounts: 12}, policy(3*time.Hour, limit), policy(time.Hour, limit))
	if err != nil || r.LetGo < 200 {
		t.Errorf("%v, %+v", err, r)
	}
	if _, err := both(t, attempts, &backtest.Options{MaxAccounts: 12}, policy(time.Hour, limit)); !errors.Is(err, backtest.ErrLetGo) {
		t.Errorf("got %v, want ErrLetGo", err)
	}
}

// A hold is kept until it expires, also when no window holds it any more; and so is what nobody knows the instant of.
func TestLettingGoOfWhatIsOpen(t *testing.T) {
	p := policy(time.Hour, cap.Limit{Name: "day", Max: eur(100), Window: cap.Rolling(day)})
	hold := pay("hotel", "room", 0, 90)
	hold.Spend.Expires = hours(200)
	attempts := append([]backtest.Attempt{hold}, others("other", 1, 150)...)
	attempts = append(attempts, backtest.Attempt{Account: "hotel", Command: cap.Capture{ID: "room", At: hours(0), Amount: eur(80)}})
	r, err := both(t, attempts, &backtest.Options{MaxAccounts: 40}, p)
	if err != nil || r.LetGo == 0 || r.Candidates[0].Command("capture").Accepted.Count != 1 {
		t.Errorf("%v, %+v", err, r)
	}
	attempts = append([]backtest.Attempt{{Account: "odd", Command: unknown{"1"}}}, others("other", 1, 150)...)
	attempts = append(attempts, backtest.Attempt{Account: "odd", Command: unknown{"2"}})
	r, err = both(t, attempts, &backtest.Options{MaxAccounts: 40}, p)
	if err != nil || r.LetGo == 0 || r.Candidates[0].Command("unknown").Accepted.Count != 2 {
		t.Errorf("%v, %+v", err, r)
	}
	refund := backtest.Attempt{Account: "other0", Command: cap.Refund{ID: "r", At: hours(151), Amount: eur(1), Of: &cap.Ref{ID: "x", At: hours(1)}}}
	if _, err := both(t, append(attempts, refund), &backtest.Options{MaxAccounts: 40}, p); !errors.Is(err, backtest.ErrLetGo) {
		t.Errorf("the refund of a spend that was let go: %v", err)
	}
}

// Meters know the sum of everything that was ever spent, and refuse what would make it overflow: what an account has spent is
// not forgotten in silence.
func TestLettingGoOfLargeSums(t *testing.T) {
	p := policy(time.Hour, cap.Limit{Name: "day", Max: eur(100), Window: cap.Rolling(day)})
	force := func(account string, n int) (out []backtest.Attempt) {
		for i := range n {
			out = append(out, backtest.Attempt{Account: account, Command: cap.ForcePost(spend(fmt.Sprint(i), 0, cap.MaxAmount))})
		}
		return out
	}
	half := int((1<<61 + cap.MaxAmount) / (2 * cap.MaxAmount)) // twice that is counted, and the half of all is what is let go
	kept := append(force("rich", 2*half), pay("b", "x", 50, 1), pay("c", "x", 100, 1), pay("d", "x", 150, 1))
	for i := range 7 * half {
		kept = append(kept, backtest.Attempt{Account: "rich", Command: cap.ForcePost(spend(fmt.Sprint("more ", i), 151, cap.MaxAmount))})
	}
	r, err := both(t, kept, &backtest.Options{MaxAccounts: 2}, p)
	if err != nil || r.LetGo == 0 || r.Candidates[0].Command("force_post").Refused.Count == 0 {
		t.Errorf("%v, %+v", err, r)
	}
	let := append(force("rich", half), others("other", 50, 4)...)
	if r, err := both(t, let[:half+3], &backtest.Options{MaxAccounts: 2}, p); err != nil || r.LetGo != 1 {
		t.Errorf("%v, %+v", err, r)
	}
	again := force("other2", 3*half+1)
	for i := range again {
		c := again[i].Command.(cap.ForcePost)
		c.At = hours(52)
		c.ID = fmt.Sprint("again ", i)
		again[i].Command = c
	}
	if _, err := both(t, append(let[:half+3:half+3], again...), &backtest.Options{MaxAccounts: 2}, p); !errors.Is(err, backtest.ErrLetGo) {
		t.Errorf("whether it overflows cannot be told: %v", err)
	}
}

// Of accounts in which everything is refused nothing is kept but when they were last seen, which tells the late spends.
func TestLettingGoOfRefusals(t *testing.T) {
	p := policy(2*day, cap.Limit{Name: "none", Max: eur(0), Window: cap.Rolling(time.Hour)})
	attempts := append(others("old", -100, 30), pay("a", "1", 40, 5))
	attempts = append(attempts, others("other", 41, 20)...)
	attempts = append(attempts, pay("a", "2", 39, 5))
	r, err := both(t, attempts, &backtest.Options{MaxAccounts: 40, Hindsight: 5}, p)
	if err != nil || r.LetGo != 30 || r.Candidates[0].Hindsight.Late != 1 {
		t.Errorf("%v, %+v", err, r)
	}
}
