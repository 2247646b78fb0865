package backtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"github.com/payrules/payrules/internal/golden"
)

// A report in words, of a stream in which everything happens.
func TestReportGolden(t *testing.T) {
	week := func(minor, count int64) *cap.Policy {
		return policy(2*day, cap.Limit{Name: "week", Max: eur(minor), MaxCount: count, Window: cap.Rolling(7 * day)})
	}
	approved := backtest.Verdict{Known: true, Outcome: cap.Approved}
	known := func(a backtest.Attempt, v backtest.Verdict) backtest.Attempt {
		a.Live = v
		return a
	}
	refused, err := backtest.FromEvent("b", cap.Refusal{Command: "authorize", ID: "hat", At: hours(31), Amount: eur(900_00), Reason: cap.AmountLimitExceeded, Limit: "old"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := backtest.FromEvent("a", cap.Repeated{Command: "authorize", ID: "coat", At: hours(0), Amount: eur(180_00), Reason: cap.Exists})
	if err != nil {
		t.Fatal(err)
	}
	attempts := []backtest.Attempt{
		known(pay("a", "coat", 0, 180_00), approved), pay("b", "books", 20, 90_00), known(pay("a", "shoes", 24, 90_00), approved),
		known(pay("a", "dinner", 30, 60_00), backtest.Verdict{Known: true, Reason: cap.AmountLimitExceeded, Limit: "old"}),
		refused,
		{Account: "a", Command: cap.SetPolicy{Policy: week(1, 1)}},
		again, // of which not everything is known
		{Account: "a", Command: cap.Capture{ID: "shoes", At: hours(24), Amount: eur(80_00), On: hours(40)}},
		{Account: "b", Command: cap.ForcePost(spend("toll", 41, 300_00))},
		pay("b", "late train", 10, 100_00), // before the books, and would have kept nothing out
		{Account: "b", Command: cap.Adjust{ID: "books", At: hours(20), Amount: eur(95_00), On: hours(42)}},
		{Account: "b", Command: cap.Reverse{ID: "toll", At: hours(41)}},
		{Account: "b", Command: cap.Refund{ID: "back", At: hours(43), Amount: eur(20_00), Of: &cap.Ref{ID: "books", At: hours(20)}}},
		pay("a", "late taxi", 23, 50_00), // before the shoes
		{Account: "b", Command: unknown{"odd"}},
		pay("c", "1", 200, 1), pay("d", "2", 300, 1), pay("e", "3", 500, 500_00), pay("e", "4", 501, 500_00), pay("e", "5", 502, 150_00),
	}
	report, err := backtest.Run(context.Background(), stream(attempts...), []backtest.Candidate{
		{Name: "as it is", Policy: week(400_00, 0)}, {Name: "strict", Policy: week(200_00, 3)}, {Name: "open", Policy: week(1000_00, 0)},
	}, &backtest.Options{MaxAccounts: 3, Hindsight: 4, Examples: 1, Late: 48 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/report.txt", []byte(report.String()), *update)
}
