package backtest_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/cap/backtest"
	"github.com/payrules/payrules/money"
)

// What would a lower limit have refused of what was asked last week?
func Example() {
	perWeek := func(units int64) *cap.Policy {
		return cap.MustPolicy(money.EUR, []cap.Limit{
			{Name: "week", Max: money.New(units*100, money.EUR), Window: cap.Rolling(7 * 24 * time.Hour)},
		}, nil)
	}
	start := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	asked := func(card, id string, days, units int64) backtest.Attempt {
		at := start.Add(time.Duration(days) * 24 * time.Hour)
		return backtest.Attempt{Account: card, Spend: cap.Spend{ID: id, At: at, Amount: money.New(units*100, money.EUR)}}
	}
	week := []backtest.Attempt{
		asked("card 1", "coat", 0, 180), asked("card 2", "books", 1, 40), asked("card 1", "shoes", 2, 90),
		asked("card 1", "dinner", 3, 60), asked("card 2", "train", 4, 120), asked("card 1", "tickets", 5, 20),
	}
	report, err := backtest.Run(context.Background(), backtest.Stream(slices.Values(week)), []backtest.Candidate{
		{Name: "300 a week", Policy: perWeek(300)},
		{Name: "200 a week", Policy: perWeek(200)},
	}, nil)
	if err != nil {
		fmt.Println("could not replay:", err)
		return
	}
	fmt.Println(report)
	// Output:
	// 6 attempts of 2 accounts, from 2026-11-16T09:00:00Z to 2026-11-21T09:00:00Z.
	//
	// 300 a week
	//   limit week: 300.00 EUR in rolling P7D; refused 1 for 60.00 EUR; at most 290.00 EUR used, by card 1 at attempt 6
	//   authorize: accepted 5 for 450.00 EUR; refused 1 for 60.00 EUR
	//     refused amount_limit_exceeded by week: 1 for 60.00 EUR
	//
	// 200 a week, compared with 300 a week
	//   limit week: 200.00 EUR in rolling P7D; refused 2 for 150.00 EUR; at most 200.00 EUR used, by card 1 at attempt 6
	//   authorize: accepted 4 for 360.00 EUR; refused 2 for 150.00 EUR
	//     refused amount_limit_exceeded by week: 2 for 150.00 EUR
	//     agrees on 5 for 420.00 EUR of 6 for 510.00 EUR
	//     would refuse what was accepted: 1 for 90.00 EUR
	//       attempt 3 of card 1: authorize shoes dated 2026-11-18T09:00:00Z, 90.00 EUR: refused amount_limit_exceeded by week, was approved
}

// A stricter policy is tried out on a card in use, without the customer noticing.
func ExampleShadow() {
	each := func(units int64) *cap.Policy {
		return cap.MustPolicy(money.EUR, []cap.Limit{{Name: "each", Max: money.New(units*100, money.EUR), Window: cap.PerTransaction()}}, nil)
	}
	live := cap.NewMeter(each(500))
	shadow, err := backtest.ShadowOf(live, each(100))
	if err != nil {
		fmt.Println("no shadow:", err)
		return
	}
	figures, err := backtest.NewFigures(shadow.Policy(), 10)
	if err != nil {
		fmt.Println("no figures:", err)
		return
	}
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	for i, units := range []int64{50, 250, 900} {
		spend := cap.Spend{ID: fmt.Sprint("pay-", i), At: at.Add(time.Duration(i) * time.Hour), Amount: money.New(units*100, money.EUR)}
		d, opinion, err := shadow.Authorize(live, spend)
		if err != nil {
			fmt.Println("could not decide:", err)
			return
		}
		figures.Add("card 1", &opinion)
		fmt.Println(units, d.Outcome(), "- the shadow:", opinion.Shadow)
	}
	fmt.Print(figures)
	// Output:
	// 50 approved - the shadow: approved
	// 250 approved - the shadow: refused amount_limit_exceeded by each
	// 900 refused - the shadow: refused amount_limit_exceeded by each
	// 3 opinions, compared with what was decided live
	//   authorize: accepted 1 for 50.00 EUR; refused 2 for 1,150.00 EUR
	//     refused amount_limit_exceeded by each: 2 for 1,150.00 EUR
	//     agrees on 2 for 950.00 EUR of 3 for 1,200.00 EUR
	//     would refuse what was accepted: 1 for 250.00 EUR
	//       attempt 2 of card 1: authorize pay-1 dated 2026-11-16T10:00:00Z, 250.00 EUR: refused amount_limit_exceeded by each, was approved
}

// A taxi ride of Tuesday arrives on Friday. Had it come in time, the dinner of Wednesday would have been refused.
func ExampleHindsight() {
	policy := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "week", Max: money.New(300_00, money.EUR), Window: cap.Rolling(7 * 24 * time.Hour)},
	}, &cap.PolicyOptions{Lateness: 7 * 24 * time.Hour})
	monday := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	asked := func(id string, days, units int64) backtest.Attempt {
		at := monday.Add(time.Duration(days) * 24 * time.Hour)
		return backtest.Attempt{Spend: cap.Spend{ID: id, At: at, Amount: money.New(units*100, money.EUR)}}
	}
	history := []backtest.Attempt{asked("shoes", 0, 200), asked("dinner", 2, 90), asked("coffee", 3, 5)}
	revision, err := backtest.Hindsight(policy, history, asked("taxi", 1, 40))
	if err != nil {
		fmt.Println("could not replay:", err)
		return
	}
	fmt.Println("taxi:", revision.Late.Before, "- in time:", revision.Late.After)
	for _, c := range revision.Changed {
		fmt.Println(c.Attempt.Spend.ID+":", c.Before, "- then:", c.After)
	}
	// Output:
	// taxi: refused amount_limit_exceeded by week - in time: approved
	// dinner: approved - then: refused amount_limit_exceeded by week
}

// How much of the week's limit was used, and when room came back.
func ExampleTrace() {
	policy := cap.MustPolicy(money.EUR, []cap.Limit{
		{Name: "week", Max: money.New(300_00, money.EUR), Window: cap.Rolling(7 * 24 * time.Hour)},
	}, nil)
	monday := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	asked := func(id string, days, units int64) backtest.Attempt {
		at := monday.Add(time.Duration(days) * 24 * time.Hour)
		return backtest.Attempt{Spend: cap.Spend{ID: id, At: at, Amount: money.New(units*100, money.EUR)}}
	}
	history := []backtest.Attempt{asked("coffee", 0, 110), asked("shoes", 1, 110), asked("dinner", 2, 110), asked("book", 4, 40)}
	course, err := backtest.Trace(policy, "week", history, nil)
	if err != nil {
		fmt.Println("could not replay:", err)
		return
	}
	fmt.Print(course.Text(60, 12, nil))
	// Output:
	// week: used of at most 300.00 EUR, rolling P7D
	//    300.00 ┤╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌
	//           │                 ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
	//           │    ▃▃▃▃▃▃▃▃▃▃▃▃▃███████████████
	//           │    ████████████████████████████
	//    150.00 ┤▁▁▁▁████████████████████████████████
	//           │████████████████████████████████████
	//           │████████████████████████████████████▆▆▆▆▆▆▆▆▆▆▆▆▆
	//      0.00 └─────────────────────────────┬───────────────────
	//                                      23 Nov
	// came back                                 ▾   ▾            ▾
	//   refused          ×
}
